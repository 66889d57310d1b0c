"""The command that writes what is generated from the models of the configuration."""

from __future__ import annotations

from typing import Annotated

import typer

_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; say what differs, and stop if anything does.")
]


def reference(check: _Check = False) -> None:
    """Write the schemas for editors, the template of a country's file and the page of all settings.

    They are made from the models in src/disrupting_harm/config/, so run this after changing one:
    config/schemas/*.json, config/templates/country.yaml, docs/configuration.md.
    """
    from disrupting_harm.config import find_root
    from disrupting_harm.config.reference import generate as generated

    root = find_root()
    if check:
        difference = generated.difference(root)
        if difference:
            typer.echo(difference)
            typer.echo(f"\nThe models say something else. Run: {generated.COMMAND}", err=True)
            raise typer.Exit(1)
        typer.echo("All generated files agree with the models.")
        return
    changed = generated.write(root)
    typer.echo("\n".join(f"written: {path}" for path in changed) or "Nothing to write: all files agree.")
