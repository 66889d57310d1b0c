"""The command that validates configuration and data together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Countries = Annotated[
    list[str] | None,
    typer.Argument(
        help="Codes, names, phases or regions, as in `--config country=`: ken, Kenya, phase_two. Default: all.",
        show_default=False,
    ),
]
Page = Annotated[
    Path | None,
    typer.Option(
        writable=True,
        dir_okay=False,
        help="Write the findings as a page too, for instance results/check.html.",
    ),
]


def check(countries: Countries = None, page: Page = None) -> None:
    """Check the configuration and the data of countries together, before anything is run.

    Reads each delivered file, brings it into the words of the codebook, and reports what a person should check: who was
    left out, questions without answers, answers that the routing does not lead to, contradictions, rows that appear
    twice, weights, strata and clusters; and which texts no figure could draw. Numbers of respondents are rounded, and
    small ones are never printed; a run writes exact ones to data/quality/.

    Nothing is written, unless --page asks for a page. Exit code 1 when something must be corrected first.

    disrupting-harm check ken          one country

    disrupting-harm check phase_two --page results/check.html
    """
    from disrupting_harm.config import load, printable, select
    from disrupting_harm.files.private import said_if_open
    from disrupting_harm.quality.gather import gather
    from disrupting_harm.quality.report import report

    project = load()
    chosen = select(project, countries or "all")
    examined = list(gather(project, chosen))
    typer.echo(printable(report(project, examined)), nl=False)
    if is_open := said_if_open(project, chosen):
        typer.echo(f"\n{is_open}")
    if page:
        from disrupting_harm.publishing.provenance import commit
        from disrupting_harm.publishing.site.quality import write_page

        write_page(
            project,
            {country.iso3: country.remarks for country in examined if country.remarks is not None},
            page,
            commit(project.root),
        )
        typer.echo(f"\nAs a page: {page}")
    if any(country.level == "error" for country in examined):
        raise typer.Exit(1)
