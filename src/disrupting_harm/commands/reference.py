"""The command that writes what is generated from the models of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; say what differs, and stop if anything does.")
]


def reference(check: _Check = False) -> None:
    """Write the schemas for editors, the template of a country's file, and two pages of docs/.

    They are made from the models in src/disrupting_harm/config/, so run this after changing one:
    config/schemas/*.json, config/templates/country.yaml, docs/configuration.md; docs/data-protection.md is made from
    resources/pages/data-protection.md and the limits of config/config.yaml.
    """
    from disrupting_harm.config import find_root
    from disrupting_harm.config.reference import generate as generated

    root = find_root()
    if check:
        difference = "\n".join(
            filter(None, [generated.difference(root), generated.difference(root, _pages(root))])
        )
        if difference:
            typer.echo(difference)
            typer.echo(f"\nThe files are not what is generated. Run: {generated.COMMAND}", err=True)
            raise typer.Exit(1)
        typer.echo("All generated files are up to date.")
        return
    changed = [*generated.write(root), *generated.write(root, _pages(root))]
    typer.echo(
        "\n".join(f"written: {path}" for path in changed) or "Nothing to write: all files are up to date."
    )


def _pages(root: Path) -> dict[str, str]:
    """Pages of docs/ that name limits, as they are filled in from the configuration."""
    from disrupting_harm.config import load
    from disrupting_harm.publishing.site import protection

    return {protection.DOCUMENT: protection.document(load(root))}
