"""The page of the suppression audit: what is hidden for which reason, and that an attack has found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.pages import PageContext, render_body
from disrupting_harm.site.quality import compared
from disrupting_harm.site.templates import template

PAGE = "suppression_audit.html"
TABLE = "suppression_audit.csv"
TITLE = "Can a hidden number be worked out?"
SUBTITLE = "What is hidden, for which reason, and what an attack on everything shown has found"


def tables(results: Path, countries: list[str]) -> dict[str, pd.DataFrame]:
    """The audits that a run has left in `results`, by country: one row each, numbers between country and data."""
    files = {iso3: results / iso3 / TABLE for iso3 in countries}
    return {iso3: pd.read_csv(file, keep_default_na=False) for iso3, file in files.items() if file.is_file()}


def write_page(
    project: Project, audits: Mapping[str, pd.DataFrame], page: Path, commit: str = "not known"
) -> None:
    """Write the page. `audits`: the table of each country, by ISO code, in the order of the page."""
    shown = compared(project, audits)
    synthetic = all(project.countries[iso3].data == "synthetic" for iso3 in shown)
    body = template("suppression.html.j2").render(
        rows=[
            {"name": project.countries[iso3].name, "cells": audits[iso3].iloc[0, 1:-1].tolist()}
            for iso3 in shown
        ],
        left_out=[project.countries[iso3].name for iso3 in audits if iso3 not in shown],
        rules=project.analysis.suppression,
    )
    foot = {
        "Commit": commit,
        "Countries": ", ".join(shown),
        "Tables": f"{TABLE} in the folder of each country",
    }
    data = "synthetic" if synthetic else "delivered"
    render_body(body, page, PageContext(TITLE, SUBTITLE, data=data, depth=0, foot=foot, wide=True))
