"""The command that compares two releases of results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_Old = Annotated[Path, typer.Argument(help="Results folder of the earlier release.", metavar="OLD")]
_New = Annotated[Path, typer.Argument(help="Results folder of the later release.", metavar="NEW")]
Page = Annotated[
    Path | None,
    typer.Option(
        writable=True, dir_okay=False, help="Write a page of all changes, for instance results/changes.html."
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(writable=True, dir_okay=False, help="Write a table (CSV) of all estimates that changed."),
]
_Points = Annotated[
    float, typer.Option(min=0, help="Count only changes of at least this many percentage points.")
]
_Errors = Annotated[
    float, typer.Option(min=0, help="Count only changes of at least this many standard errors.")
]


REVEALING = 3
"""Exit code where two releases together reveal what one of them hides."""


def diff(
    old: _Old, new: _New, page: Page = None, table: Table = None, points: _Points = 0.0, errors: _Errors = 0.0
) -> None:
    """Compare two results folders: estimates that moved, appeared, vanished or are hidden.

    It warns where one release shows what the other hides: whoever has both
    may work out what is hidden. Numbers of such estimates are not printed. Where
    both are made from the same microdata, they are attacked together.
    Ends with exit code 3 if something hidden can be worked out.

    disrupting-harm diff results_2025 results --points 1

    disrupting-harm diff results_2025 results --page results/changes.html
    """
    from disrupting_harm.config import load
    from disrupting_harm.publishing import releases
    from disrupting_harm.publishing.site.releases import attacked, summary, write_page
    from disrupting_harm.publishing.two_releases import attack_two_releases

    project = load()
    changes = releases.compare(releases.read(old), releases.read(new), points, errors)
    typer.echo(summary(project, changes), nl=False)
    if table:
        changes.write(table)
        typer.echo(f"\nAs a table: {table}")
    if page:
        from disrupting_harm.publishing.provenance import commit

        write_page(project, changes, page, commit(project.root))
        typer.echo(f"\nAs a page: {page}")
    together, unknown = attack_two_releases(project, changes)
    typer.echo(attacked(project, changes, together, unknown), nl=False)
    if len(changes.revealing) or together:
        raise typer.Exit(REVEALING)
