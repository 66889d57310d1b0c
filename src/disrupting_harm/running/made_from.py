"""What the products of a job are made from, besides the library's code: digests of settings, files and decisions.

The same digest means the same products (`memo`). An insight depends on the part of the decision about what may be shown
that is about its own indicators, so that a decision made again need not mean insights made again.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.project import digest
from disrupting_harm.files.fingerprints import sha256
from disrupting_harm.protection.audit import alternatives
from disrupting_harm.protection.suppression import FILE, KEY
from disrupting_harm.publishing import tracing
from disrupting_harm.publishing.tracing import Trace, shown_in
from disrupting_harm.quality import remarks
from disrupting_harm.running import asked

if TYPE_CHECKING:
    from disrupting_harm.publishing.pages import PageContext

_Content = TypeVar("_Content")

_HARMONISED = Path("data", "harmonised")


def insight(project: Project, iso3: str, name: str, notebook: Path, children: Path, caregivers: Path) -> str:
    """What an executed insight and its tables are made from."""
    used = asked.entries(project, asked.of_insight(project, name))
    remarked = project.root / "results" / iso3 / remarks.FILE
    return digest(
        [
            [iso3, name, project.country_digest(iso3), digest(used)],
            {str(file): checksum(file) for file in (notebook, children, caregivers)},
            checksum(remarked),
            decided(children.with_name(FILE), used["indicators"]),
        ]
    )


def decided(file: Path, indicators: Container[str]) -> list[list[object]]:
    """What has been decided about indicators: each of their estimates, whether it is shown, and whether coarse."""
    if not file.is_file():
        return []
    rows = pd.read_parquet(file, columns=[*KEY, "shown", "coarse"])
    return rows[[name in indicators for name in rows["indicator"]]].to_numpy().tolist()


def comparison(project: Project, countries: list[str], name: str, notebook: Path, tables: Path) -> str:
    """What an executed comparison, its table and its figures are made from."""
    insights = [name] if name in project.insights else list(project.insights)
    read = [tables / iso3 / f"{insight}.csv" for iso3 in countries for insight in insights]
    if name not in project.insights:
        kept = ("children.parquet", FILE, alternatives.FILE)
        read += [project.root / _HARMONISED / iso3 / file for iso3 in countries for file in kept]
        read += sorted(file for file in (project.root / "resources").rglob("*") if file.is_file())
    return digest(
        [
            [countries, name, [project.country_digest(iso3) for iso3 in countries]],
            asked.digest_of(project, asked.of_comparison(project, name)),
            [checksum(file) for file in (notebook, *read)],
        ]
    )


def audit(project: Project, iso3: str, results: Path, *answers: Path) -> str:
    """What the audit of a country is made from. answers: harmonised tables, and alternatives."""
    country = project.countries[iso3]
    tables = [
        results / iso3 / name for name in (*(f"{insight}.csv" for insight in project.insights), remarks.FILE)
    ]
    return digest(
        [
            [project.suppression_digest(iso3), country.design, country.data],
            [checksum(file) for file in (*answers, *tables)],
        ]
    )


def workbook(project: Project, results: Path, countries: list[str], commit: str) -> str:
    """What the workbook is made from: all tables, the notebooks whose cells it names, and all settings files."""
    kinds = ("csv", "ipynb")
    read = [
        results / iso3 / f"{name}.{kind}" for iso3 in countries for name in project.insights for kind in kinds
    ]
    read += sorted(file for kind in kinds for file in (results / "comparison").glob(f"*.{kind}"))
    return digest(
        [
            [commit, countries, tracing.configuration(project.root)],
            [tracing.of_country(project, iso3) for iso3 in countries],
            {str(file): checksum(file) for file in read},
        ]
    )


def page(executed: Path, context: PageContext) -> str:
    """What the page of an executed notebook is made from: of all definitions, those of numbers that it shows."""
    trace = context.trace and only(context.trace, shown_in(executed))
    return digest([checksum(executed), replace(context, trace=trace)])


def only(trace: Trace, shown: dict[str, set[str]]) -> Trace:
    """What is known behind the numbers that are shown. shown: names by column."""
    return replace(trace, titles=_shown(trace.titles, shown), definitions=_shown(trace.definitions, shown))


def _shown(
    content: Mapping[str, Mapping[str, _Content]], shown: dict[str, set[str]]
) -> dict[str, dict[str, _Content]]:
    """Of each column, the content of the names that are shown."""
    return {
        column: {name: value for name, value in names.items() if name in shown[column]}
        for column, names in content.items()
    }


def checksum(file: Path) -> str:
    """SHA-256 of a file; empty where there is none, which the job itself will report."""
    return sha256(file) if file.is_file() else ""
