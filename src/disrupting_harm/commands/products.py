"""The commands that the workflow's rules call: each makes one product and writes it to the files it is given.

Standard error is the rule's log; standard output gets one line when a product is done (on a terminal the workflow's own
bars say it). What a command needs is imported in it, so that each starts fast.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from disrupting_harm.config import Project
    from disrupting_harm.publishing.pages import PageContext
    from disrupting_harm.running.memo import Memo

Countries = Annotated[list[str], typer.Argument(help="ISO codes, lower case.")]
Country = Annotated[str, typer.Argument(help="ISO code, lower case.")]
Insight = Annotated[str, typer.Argument(help="Name in config/insights.yaml.")]
Source = Annotated[Path, typer.Option(exists=True)]
Target = Annotated[Path, typer.Option(writable=True)]

COMPARISON = "comparison"
"""The folder of comparisons, like that of a country."""

ALL = "all"
"""Whose the workbook is."""

_AS_BEFORE = " (as before)"
"""What a line of progress says of products that were made from the same before, and are not made again."""

_DEPTH = 1  # pages of countries and comparisons are one folder below results/


def synthesise(countries: Countries) -> None:
    """Write the synthetic survey of these countries, which share their files, where the configuration says."""
    from disrupting_harm.synthetic import deliver

    project = load()
    first = project.countries[countries[0]]
    with _recorded(countries, "synthetic", {"children": first.children_file}):
        files = first.files
        caregivers = project.path(files["caregivers"]) if "caregivers" in files else None
        deliver.write(project, countries, project.path(files["children"]), caregivers)
    say(f"{', '.join(countries)}: synthetic survey")


def harmonise(country: Country, children: Target, caregivers: Target) -> None:
    """Write one country's tables in the words of the codebook."""
    from disrupting_harm.delivered.harmonise import write

    with _recorded([country], "harmonise", {"country": country}, children, caregivers):
        write(load(), country, None, None, children, caregivers)
    say(f"{country}: harmonised")


def quality(country: Country, children: Source, caregivers: Source, table: Target, exact: Target) -> None:
    """Write the remarks on one country's data: as they are published, and below data/ with exact numbers."""
    from disrupting_harm.answers.table import Harmonised
    from disrupting_harm.files.private import owner_only
    from disrupting_harm.quality.examine import both
    from disrupting_harm.quality.remarks import write

    with _recorded([country], "quality", {"country": country}, children, caregivers, table, exact):
        shown, everything = both(load(), country, Harmonised.read(children), Harmonised.read(caregivers))
        with owner_only(exact):
            write(everything, exact)
        write(shown, table)
    say(f"{country}: data quality")


def suppress(
    country: Country,
    children: Source,
    caregivers: Source,
    quality: Source,
    decision: Target,
    alternatives: Target,
) -> None:
    """Decide which estimates of one country may be shown, and how finely, for all insights together."""
    from disrupting_harm.answers.table import Harmonised
    from disrupting_harm.protection.audit import alternatives as others
    from disrupting_harm.protection.audit import country as audited
    from disrupting_harm.quality import remarks

    files = children, caregivers, quality, decision, alternatives
    with _recorded([country], "suppression", {"country": country}, *files):
        tables = Harmonised.read(children), Harmonised.read(caregivers)
        rows, proofs = audited.decision(load(), country, *tables, remarks.read(quality))
        others.write(proofs, alternatives)
        audited.write(rows, decision)
    say(f"{country}: what may be shown")


def audit(
    country: Country,
    children: Source,
    caregivers: Source,
    alternatives: Source,
    results: Source,
    table: Target,
) -> None:
    """Attack what the tables of one country show; fails where a hidden count can be narrowed down."""
    from disrupting_harm.answers.table import Harmonised
    from disrupting_harm.protection.audit import alternatives as others
    from disrupting_harm.protection.audit import report
    from disrupting_harm.quality import remarks
    from disrupting_harm.running import made_from

    project = load()
    table.unlink(missing_ok=True)

    def attack() -> bool:
        rows = report.read_tables(project, results / country)
        tables = Harmonised.read(children), Harmonised.read(caregivers)
        remarks_read = remarks.read(results / country / remarks.FILE)
        report.write(
            report.look(project, country, *tables, rows, remarks_read, others.read(alternatives)), table
        )
        return True

    about = country, results, children, caregivers, alternatives
    with _recorded([country], "audit", {"country": country}, children, caregivers, alternatives, table):
        kept = memo(project, ("audit", country, "audit"), lambda: made_from.audit(load(), *about))
        is_new = kept.once(attack, table)
    say(f"{country}: suppression audit{'' if is_new else _AS_BEFORE}")


def insight(
    country: Country,
    insight: Insight,
    notebook: Source,
    children: Source,
    caregivers: Source,
    executed: Target,
    page: Target,
    table: Target,
) -> None:
    """Execute one insight's notebook for one country and render its page."""
    from disrupting_harm.estimation import tidy_table as tables
    from disrupting_harm.files.private import FAILED
    from disrupting_harm.presentation.paragraphs import filler
    from disrupting_harm.running import made_from, notebooks

    project = load()
    fill = filler(project.analysis)
    _make_folders(executed, page, table)
    parameters = {
        "country": country,
        "children": str(children),
        "caregivers": str(caregivers),
        "table": str(table),
    }
    context = country_context(project, country, insight, notebook, [children, caregivers])
    running = project.root / FAILED / country / notebook.name
    exact = project.root / tables.ESTIMATES / country / f"{insight}.csv"
    about = country, insight, notebook, children, caregivers
    of = {"country": country, "insight": insight}
    files = notebook, children, caregivers, executed, page, table
    with _recorded([country], "insight", of, *files), _all_or_none(executed, page, table, exact):
        kept = memo(project, ("insight", country, insight), lambda: made_from.insight(load(), *about))
        run = partial(
            notebooks.run, notebook, running, parameters, executed, project.root, context.metadata, fill
        )
        seconds = kept.once(run, executed, table, exact)
        render(project, country, executed, page, context)
    say(f"{country}: {insight}{_took(seconds)}")


def comparison(
    name: Insight,
    countries: Countries,
    notebook: Source,
    tables: Source,
    figures: Target,
    executed: Target,
    page: Target,
    table: Target,
) -> None:
    """Execute one comparison notebook across countries and render its page. tables: in full precision."""
    from disrupting_harm.files.private import FAILED
    from disrupting_harm.presentation.paragraphs import filler
    from disrupting_harm.running import made_from, notebooks

    project = load()
    fill = filler(project.analysis)
    _make_folders(executed, page, table, figures / "figure")
    parameters = {
        "countries": countries,
        "tables": str(tables),
        "table": str(table),
        "figures": str(figures),
    }
    context = comparison_context(project, countries, name, notebook, page.parent.parent)
    running = project.root / FAILED / COMPARISON / notebook.name
    about = countries, name, notebook, tables
    read = tables / countries[0] / f"{name if name in project.insights else next(iter(project.insights))}.csv"
    files = notebook, read, executed, page, table
    with (
        _recorded(countries, "comparison", {"insight": name}, *files),
        _all_or_none(executed, page, table, figures),
    ):
        kept = memo(project, ("comparison", COMPARISON, name), lambda: made_from.comparison(load(), *about))
        run = partial(
            notebooks.run, notebook, running, parameters, executed, project.root, context.metadata, fill
        )
        seconds = kept.once(run, executed, table, figures)
        render(project, COMPARISON, executed, page, context)
    say(f"comparison: {name}{_took(seconds)}")


def workbook(countries: Countries, results: Source, workbook: Target) -> None:
    """Write all estimates as a workbook, with definitions and what they were made from."""
    from disrupting_harm.publishing.provenance import commit
    from disrupting_harm.publishing.workbook import build
    from disrupting_harm.running import made_from

    project = load()
    about = results, countries, commit(project.root)

    def write() -> bool:
        build(project, results, countries, workbook, about[-1])
        return True

    with _recorded(countries, "workbook", {}, workbook):
        kept = memo(project, ("workbook", ALL, workbook.stem), lambda: made_from.workbook(load(), *about))
        is_new = kept.once(write, workbook)
    say(f"workbook: {workbook}{'' if is_new else _AS_BEFORE}")


def site(countries: Countries, results: Target) -> None:
    """Write the record of what everything was made from, and the front page if all files may leave."""
    from disrupting_harm.files.cache import FOLDER
    from disrupting_harm.publishing import border, foreign
    from disrupting_harm.publishing.provenance import commit
    from disrupting_harm.publishing.site import build
    from disrupting_harm.running.memo import forget

    project = load()
    (results / "index.html").unlink(missing_ok=True)
    may_leave = partial(border.check, project, results, countries)
    with _recorded(countries, "site", {}, results / "index.html"):
        build(project, results, countries, commit(project.root), may_leave, project.root / FOLDER)
    notebooks = [path.stem for path in (project.root / "notebooks").rglob("*.ipynb")]
    forget(project.root, [*project.countries, COMPARISON, ALL], [*notebooks, "audit", "estimates"])
    if others := [f"{file} ({program})" for file, program in foreign.files(results)]:
        say(f"site: of other programs, left alone, and no part of the crate: {', '.join(others)}")
    say(f"site: {results / 'index.html'}")


def load() -> Project:
    """The configuration of the project that the command is called in."""
    from disrupting_harm import config

    return config.load()


def _recorded(
    countries: list[str], kind: str, wildcards: dict[str, str], *given: Path
) -> contextlib.AbstractContextManager[None]:
    """Compare what a job (as in `jobs`) reads with what it should be, and record what its products were made from."""
    from disrupting_harm.files import records
    from disrupting_harm.running.jobs import Jobs

    return records.recorded(lambda: Jobs.of(load(), countries).job(kind, **wildcards), *given)


def memo(project: Project, name: tuple[str, str, str], made_from: Callable[[], str]) -> Memo:
    """What earlier runs have kept of a job: what it makes (as in `plan.ENTRIES`), for whom, and of what."""
    from disrupting_harm.running.memo import Memo
    from disrupting_harm.running.plan import ENTRIES

    return Memo(project.root, name, ENTRIES[name[0]], made_from)


def render(project: Project, whose: str, executed: Path, page: Path, context: PageContext) -> None:
    """Write the page of an executed notebook."""
    from disrupting_harm.publishing import pages
    from disrupting_harm.running import made_from

    kept = memo(project, ("page", whose, executed.stem), lambda: made_from.page(executed, context))
    kept.once(partial(pages.render, executed, page, context), page)


def _took(seconds: float | None) -> str:
    """How long a notebook ran, in words; None if it was not executed."""
    return _AS_BEFORE if seconds is None else f" ({seconds:.1f} s)"


def _make_folders(*files: Path) -> None:
    """Make the folders for files that will be written."""
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _all_or_none(*products: Path) -> Generator[None]:
    """Where a step fails, take away its products, as Snakemake does: those of an earlier run too, and half of these.

    products: files, and folders of figures. A notebook writes tables and figures before its outputs are checked.
    """
    try:
        yield
    except BaseException:
        for product in products:
            files = [*product.glob("*.svg"), *product.glob("*.png")] if product.is_dir() else [product]
            for file in files:
                file.unlink(missing_ok=True)
        raise


def country_context(
    project: Project, iso3: str, name: str, notebook: Path, harmonised: list[Path]
) -> PageContext:
    """What a page of one country says around its notebook."""
    from disrupting_harm.files.fingerprints import sha256
    from disrupting_harm.publishing import tracing
    from disrupting_harm.publishing.pages import PageContext
    from disrupting_harm.publishing.provenance import commit

    country = project.countries[iso3]
    foot = {
        "Commit": commit(project.root),
        "Notebook (SHA-256)": {str(notebook): sha256(notebook)},
        "Configuration": tracing.settings(project, iso3),
        "Microdata (SHA-256)": tracing.microdata(project, iso3),
        "Harmonised tables (SHA-256)": {str(file): sha256(file) for file in harmonised},
        "Made by": ["the workflow's rule insight", f"log: logs/insights/{iso3}/{name}.log"],
    }
    return PageContext(
        title=project.insights[name].title,
        subtitle=country.name,
        country_name=country.name,
        iso3=iso3,
        insight=name,
        data=country.data,
        depth=_DEPTH,
        foot=foot,
        trace=tracing.of_page(project, str(notebook), f"{name}.csv"),
    )


def comparison_context(
    project: Project, countries: list[str], name: str, notebook: Path, results: Path
) -> PageContext:
    """What a page across countries says around its notebook. results: where the countries' published tables are."""
    from disrupting_harm.files.fingerprints import sha256
    from disrupting_harm.publishing import tracing
    from disrupting_harm.publishing.pages import PageContext
    from disrupting_harm.publishing.provenance import commit

    about = project.insights.get(name)
    kinds = {project.countries[iso3].data for iso3 in countries}
    read = [name] if about else list(project.insights)
    foot = {
        "Commit": commit(project.root),
        "Notebook (SHA-256)": {str(notebook): sha256(notebook)},
        "Configuration": [*(f"config/countries/{iso3}.yaml" for iso3 in countries), tracing.REGISTRY],
        "Tables of the countries (SHA-256)": {
            f"{iso3}/{insight}.csv": sha256(results / iso3 / f"{insight}.csv")
            for iso3 in countries
            for insight in read
        },
        "Microdata (SHA-256)": "provenance.json, and the page of each country",
        "Made by": ["the workflow's rule comparison", f"log: logs/comparison/{name}.log"],
    }
    pages = {project.countries[iso3].name: f"../{iso3}/{name}.html" for iso3 in countries} if about else {}
    return PageContext(
        title=about.title if about else name.replace("_", " ").capitalize(),
        subtitle="Comparison of countries" if len(countries) > 1 else project.countries[countries[0]].name,
        country_name=None,
        iso3=None,
        insight=name,
        data="delivered" if "delivered" in kinds else "synthetic",
        depth=_DEPTH,
        foot=foot,
        trace=tracing.of_page(project, str(notebook), f"{name}.csv", pages, "../data_quality.html"),
    )


def say(line: str) -> None:
    """One line of progress: into the log, and to standard output unless that is a terminal with bars on it."""
    text = f"{line}\n"  # in one piece: jobs that run at the same time write to the same place
    print(text, end="", file=sys.stderr)  # noqa: T201
    if not sys.stdout.isatty():
        print(text, end="", flush=True)  # noqa: T201
