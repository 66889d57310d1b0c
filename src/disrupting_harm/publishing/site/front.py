"""The front page: search, comparisons with a picture each, and countries by insights with their headline figures."""

from __future__ import annotations

import csv
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from disrupting_harm.config import Project
from disrupting_harm.estimation import tidy_table
from disrupting_harm.estimation.number_format import number
from disrupting_harm.presentation.figures.frames import hidden_words
from disrupting_harm.publishing.pages.trace import anchor
from disrupting_harm.publishing.site import suppression
from disrupting_harm.publishing.site.present import CountryPages, Present, Subject
from disrupting_harm.publishing.site.templates import template
from disrupting_harm.publishing.site.text import first_drawing

HERE = Path(__file__).parent
_SHORT = {"suppressed": "hidden", "not_estimable": "none"}
"""Words for the narrow cells of the table of countries, where they are shorter than elsewhere."""

_PHASES = {"phase_one": "Phase one", "phase_two": "Phase two"}


def body(project: Project, results: Path, present: Present) -> str:
    """Give the content of the front page as HTML."""
    groups = [
        {
            "title": f"{_PHASES.get(phase, phase)} · {region}",
            "rows": [_row(project, results, present, country) for country in group],
        }
        for (phase, region), group in groupby(
            present.countries, key=lambda country: (country.phase, country.region)
        )
    ]
    html = template("front.html.j2").render(
        present=present,
        audited=(results / suppression.PAGE).is_file(),
        cards=[_card(results, subject) for subject in present.insights if subject.comparison],
        others=present.others,
        groups=groups,
        heads=[
            (subject, project.registry.find(project.insights[subject.slug].headline[0]).title)
            for subject in present.insights
        ],
        script=(HERE / "search.js").read_text(encoding="utf-8").strip(),
    )
    return re.sub(r"\n\s*\n+", "\n", html)


def _card(results: Path, subject: Subject) -> dict[str, str]:
    drawing = first_drawing((results / subject.comparison).read_text(encoding="utf-8"))
    # The card's link says where it leads; the drawing has its words on its own page.
    drawing = re.sub(r' (?:role|aria-labelledby)="[^"]*"', "", drawing, count=2).replace(
        "<svg", '<svg aria-hidden="true"', 1
    )
    drawing = re.sub(r"<title\b.*?</desc>", "", drawing, count=1, flags=re.S)
    return {"href": subject.comparison, "title": subject.title, "short": subject.short, "drawing": drawing}


def _row(project: Project, results: Path, present: Present, country: CountryPages) -> dict[str, Any]:
    cells = [_cell(project, results, country, subject) for subject in present.insights]
    return {"country": country, "cells": cells}


def _cell(project: Project, results: Path, country: CountryPages, subject: Subject) -> dict[str, str]:
    if subject.slug not in country.insights:
        return {"href": "", "text": ""}
    name = project.insights[subject.slug].headline[0]
    text = headline(results / country.iso3 / f"{subject.slug}.csv", name)
    return {"href": f"{country.iso3}/{subject.slug}.html#{anchor(name)}", "text": text}


def headline(table: Path, indicator: str) -> str:
    """Give the figure that stands for an insight in one country, or why there is none; "open" without a table."""
    if not table.is_file():
        return "open"
    with table.open(encoding="utf-8", newline="") as stream:
        row = next((row for row in csv.DictReader(stream) if _stands_for(row, indicator)), None)
    if row is None:
        return "open"
    if row["status"] not in tidy_table.SHOWN:
        return _SHORT.get(row["status"], hidden_words(row["status"]))
    unit = "percent" if row["measure"] == "proportion" else "mean"
    text = number(float(row["estimate"]), unit, step=float(row["rounded_to"]))
    return f"({text})" if row["status"] == "low_n" else text


def _stands_for(row: dict[str, str], indicator: str) -> bool:
    """Whether a row of a table is the estimate of this indicator for all respondents."""
    return row["indicator"] == indicator and row["by"] == "all" and row["measure"] in ("proportion", "mean")
