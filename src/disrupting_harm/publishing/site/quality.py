"""The page of data quality across countries: a table, a heat map, what each check means, and each country in detail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.answers.indicators import NOT_DELIVERED
from disrupting_harm.config import Project
from disrupting_harm.config.entries.codebook import TABLES
from disrupting_harm.files.cache import Cache
from disrupting_harm.files.fingerprints import LIBRARY, behind
from disrupting_harm.presentation import figures
from disrupting_harm.publishing import tracing
from disrupting_harm.publishing.pages import PageContext, render_body
from disrupting_harm.publishing.pages.outputs import figure
from disrupting_harm.publishing.site.templates import template
from disrupting_harm.quality.checks import CHECKS
from disrupting_harm.quality.published import least
from disrupting_harm.quality.radar import in_words
from disrupting_harm.quality.readable import facts, unanswered
from disrupting_harm.quality.remarks import COLUMNS, FILE, NUMBERS, read, worst
from disrupting_harm.quality.report import overview, to_look_at

PAGE = "data_quality.html"
_CONTENT = "data_quality.json"
RADAR = "comparison/translation_radar.csv"
"""The table of items that stand out."""
TITLE = "How good are the data?"
SUBTITLE = (
    "What was delivered, who is analysed, which questions were left unanswered, and how the sample was drawn"
)

GROUPS = {
    "Routing": ("answered_though_not_asked", "zeros_though_not_asked", "not_answered_though_asked", "routing_unknown"),
    "Coherence": (
        "option_not_alone", "special_and_option", "nothing_chosen_though_asked", "implausible_number", "identical_rows",
    ),
}  # fmt: skip
"""Checks that share a column of the table of countries."""


def tables(results: Path, countries: list[str]) -> dict[str, pd.DataFrame]:
    """Remarks on each country that a run has left in `results`. Texts are Python objects: Arrow is slow one by one."""
    files = {iso3: results / iso3 / FILE for iso3 in countries}
    texts = dict.fromkeys((name for name in COLUMNS if name not in NUMBERS), object)
    return {iso3: read(file).astype(texts) for iso3, file in files.items() if file.is_file()}


def compared(project: Project, remarks: Mapping[str, pd.DataFrame]) -> list[str]:
    """The countries of the page: as soon as one has delivered data, those with synthetic data leave it."""
    delivered = [iso3 for iso3 in remarks if project.countries[iso3].data == "delivered"]
    return delivered or list(remarks)


def levels(project: Project, remarks: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The most serious level of the remarks on each country of the page."""
    return {iso3: worst(remarks[iso3]["level"]) for iso3 in compared(project, remarks)}


def write_page(
    project: Project,
    remarks: Mapping[str, pd.DataFrame],
    page: Path,
    commit: str = "not known",
    kept: Path | None = None,
) -> None:
    """Write the page. `remarks`: the table of each country, by ISO code, in the order of the page.

    kept: a folder below data/ where the content is kept, to be worked out again when something behind it changes.
    """
    shown = compared(project, remarks)
    origin = [[tracing.settings(project, iso3), tracing.microdata(project, iso3)] for iso3 in remarks]
    rows = [remarks[iso3].to_csv(index=False) for iso3 in remarks]
    radar = page.parent / RADAR
    radar_text = radar.read_text(encoding="utf-8") if radar.is_file() else ""
    about = json.dumps([commit, list(remarks), origin, rows, radar_text])
    cache = Cache(kept and kept / _CONTENT, behind(LIBRARY, ["publishing.site.quality"]), about)
    content = cache.get(PAGE) or body(project, remarks, commit, radar)
    cache.set(PAGE, content)
    cache.write()
    synthetic = all(project.countries[iso3].data == "synthetic" for iso3 in shown)
    foot = {
        "Commit": commit,
        "Countries": ", ".join(shown),
        "Tables": f"{FILE} in the folder of each country",
    }
    data = "synthetic" if synthetic else "delivered"
    render_body(content, page, PageContext(TITLE, SUBTITLE, data=data, depth=0, foot=foot, wide=True))


def body(
    project: Project, remarks: Mapping[str, pd.DataFrame], commit: str, radar: Path | None = None
) -> str:
    """The content of the page as HTML. radar: the table of the translation radar, if the run made one."""
    shown = compared(project, remarks)
    synthetic = all(project.countries[iso3].data == "synthetic" for iso3 in shown)
    return template("quality.html.j2").render(
        countries=[country(project, iso3, remarks[iso3]) for iso3 in shown],
        checks=CHECKS,
        groups=GROUPS,
        drawing=_heat_map(project, {iso3: remarks[iso3] for iso3 in shown}, synthetic),
        radar=standing_out(project, radar) if radar and radar.is_file() else None,
        left_out=[project.countries[iso3].name for iso3 in remarks if iso3 not in shown],
        commit=commit,
        rules=project.analysis.suppression,
        least=least(project.analysis.suppression),
    )


def standing_out(project: Project, table: Path) -> list[dict[str, str]]:
    """The items that the translation radar lists, by country and language, in words."""
    rows = pd.read_csv(table, keep_default_na=False, na_values={"correlation": [""]}, dtype={"language": str})
    variables = project.codebook.variables("children")
    return [
        {
            "country": project.countries[row["country"]].name,
            "language": row["language"],
            "scale": project.registry.indicators[row["indicator"]].title,
            "item": variables[row["item"]].label,
            "found": in_words(row["stands_out"]),
        }
        for row in rows[rows["stands_out"] != ""].to_dict("records")
    ]


def country(project: Project, iso3: str, remarks: pd.DataFrame) -> dict[str, Any]:
    """What the page says about one country."""
    caregivers = overview(remarks, "caregivers")
    return {
        "iso3": iso3,
        "name": project.countries[iso3].name,
        "level": worst(remarks["level"]),
        "numbers": overview(remarks),
        "caregivers": caregivers["analysed"] or "none",
        "groups": {
            name: worst(remarks.loc[remarks["check"].isin(checks), "level"])
            for name, checks in GROUPS.items()
        },
        "to_look_at": to_look_at(remarks),
        "facts": {table: facts(remarks, table) for table in TABLES},
        "questions": {
            table: unanswered(project.codebook, remarks, table, project.analysis.suppression)
            for table in TABLES
        },
        "settings": tracing.settings(project, iso3),
        "microdata": tracing.microdata(project, iso3),
    }


def _why_none(project: Project, remarks: pd.DataFrame, module: str) -> str:
    """Why a country has no question of a module: not delivered where that is said of one of them, else not asked."""
    messages = " ".join(remarks.loc[remarks["check"] == NOT_DELIVERED, "message"])
    known = {**project.codebook.variables("caregivers"), **project.codebook.variables("children")}
    labels = (variable.label for variable in known.values() if variable.module == module)
    return NOT_DELIVERED if any(label in messages for label in labels) else "not_asked"


def _heat_map(project: Project, remarks: Mapping[str, pd.DataFrame], synthetic: bool) -> str:
    """Item non-response by module and country, framed, with its words."""
    modules = project.codebook.modules
    rows = []
    for iso3, table in remarks.items():
        part = table[table["check"] == "module_nonresponse"].set_index("variable")["share"]
        for module, label in modules.items():
            known = part.get(module, default=None)
            status = "suppressed" if pd.isna(known) else "shown"
            if known is None:
                status = _why_none(project, table, module)
            rows.append(
                {"label": project.countries[iso3].name, "series": label, "estimate": known, "status": status}
            )
    drawing = figures.heatmap(
        pd.DataFrame(rows).assign(estimate=lambda frame: pd.to_numeric(frame["estimate"])),
        "Questions without an answer, by part of the interview",
        "Share of those asked who gave no answer, mean over the questions of each part; unweighted",
        synthetic=synthetic,
    )
    return figure(drawing.svg)
