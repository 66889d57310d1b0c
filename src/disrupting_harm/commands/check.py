"""The command that validates configuration and data together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from disrupting_harm.config import Project
    from disrupting_harm.quality.report import Examined

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


Sheet = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="A country's mapping sheet: a copy of it (srb_checked.xlsx) gets the findings beside the columns.",
    ),
]


def check(countries: Countries = None, page: Page = None, sheet: Sheet = None) -> None:
    """Check the configuration and the data of countries together, before anything is run.

    Reads each delivered file, brings it into the words of the codebook, and reports what a person should check: who was
    left out, questions without answers, answers that the routing does not lead to, contradictions, rows that appear
    twice, weights, strata and clusters; and which texts no figure could draw. Numbers of respondents are rounded, and
    small ones are never printed; a run writes exact ones to data/quality/.

    Nothing is written, unless --page or --sheet ask for it. Exit code 1 when something must be corrected first.

    disrupting-harm check ken          one country

    disrupting-harm check phase_two --page results/check.html

    disrupting-harm check srb --sheet srb.xlsx
    """
    from disrupting_harm.config import load, printable, select
    from disrupting_harm.files.private import warning_if_open
    from disrupting_harm.presentation.drawable import undrawable
    from disrupting_harm.quality.gather import gather
    from disrupting_harm.quality.report import report

    project = load()
    chosen = select(project, countries or "all")
    if sheet and len(chosen) != 1:
        raise typer.BadParameter("--sheet goes with one country: disrupting-harm check srb --sheet srb.xlsx")
    examined = list(gather(project, chosen))
    typer.echo(printable(report(project, examined)), nl=False)
    if is_open := warning_if_open(project, chosen):
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
    if sheet:
        typer.echo(f"\nIn the sheet: {_into_sheet(project, examined[0], sheet)}")
    for line in (without_glyphs := undrawable(project, chosen)):
        typer.echo(printable(f"\nERROR {line}"))
    if without_glyphs or any(country.level == "error" for country in examined):
        raise typer.Exit(1)


def _into_sheet(project: Project, examined: Examined, sheet: Path) -> Path:
    """Write what is to correct into a copy of a mapping sheet."""
    from disrupting_harm.new_country.with_sheet import Finding, with_findings

    problems = [line.strip() for problem in examined.problems for line in problem.splitlines()[1:]]
    findings = [Finding(text) for text in problems]
    if (remarks := examined.remarks) is not None:
        for _, remark in remarks[remarks["level"].isin(["warning", "error"])].iterrows():
            text = " ".join(filter(None, (remark["message"], remark["hint"])))
            findings.append(Finding(text, remark["table"], remark["variable"]))
    return with_findings(project, examined.iso3, sheet, findings)
