"""How much wider intervals are that know of clusters: the article's beside ours, by country, on the methods page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.presentation import figures
from disrupting_harm.publishing.pages.outputs import figure

TABLE = "comparison/published_against_computed.csv"
PLACE = "<!-- how much wider with clusters -->"
"""Where the text of the page has it."""

ARTICLE = "Ghai et al. 2026"
LEAST = 4
"""Figures of a country, for a median and the middle half of them."""

_TITLE = "How much wider our intervals are than the article's"
_SUBTITLE = "Width here divided by the width printed; dot: median of a country's figures, line: the middle half of them"


def section(project: Project, results: Path) -> str:
    """Give sentences and the figure as HTML; why there is none, where nothing can be compared."""
    rows = by_country(results / TABLE)
    if rows.empty:
        return "No country of this run has figures whose interval the article prints."
    synthetic = bool((rows["data"] == "synthetic").any())
    labels = [project.countries[iso3].name for iso3 in rows["country"]]
    drawing = figures.intervals(
        rows.assign(label=labels), _TITLE, _SUBTITLE, unit="ratio", synthetic=synthetic
    )
    widest, narrowest = rows.iloc[0], rows.iloc[-1]
    words = (
        f"Over {rows['figures'].sum():,} shares of {len(rows)} countries whose interval the article prints, the median "
        f"of a country goes from {narrowest['estimate']:.2f} times ({labels[-1]}) to {widest['estimate']:.2f} times "
        f"({labels[0]}) the printed width. Above 1, the printed interval promises too much."
    )
    if synthetic:
        words += f" {SYNTHETIC_DATA}: clusters are made up, too, so this says nothing about the survey's own."
    svg = re.sub(
        r"(<desc\b[^>]*>).*?(</desc>)",
        rf"\g<1>{escape(in_words(rows, labels))}\g<2>",
        drawing.svg,
        flags=re.S,
    )
    return f"{words}\n\n{without_blank_lines(figure(svg))}"


def in_words(rows: pd.DataFrame, labels: list[str]) -> str:
    """The figure in words: each country with its median and the middle half of its figures."""
    numbers: Iterable[Any] = rows.itertuples()
    each_country = (
        f"{label} {row.estimate:.2f} ({row.ci_low:.2f} to {row.ci_high:.2f})"
        for label, row in zip(labels, numbers, strict=True)
    )
    return (
        "How many times as wide our intervals are as those that the article prints: median by country, and the middle "
        f"half of its figures in brackets. {'; '.join(each_country)}."
    )


def by_country(table: Path) -> pd.DataFrame:
    """Median (`estimate`) and quartiles (`ci_low`, `ci_high`) of the ratio of widths by country, from the widest.

    From printed limits alone. Shares of the article that are no Monte Carlo result and have an interval in both.
    """
    if not table.is_file():
        return pd.DataFrame()
    pairs = pd.read_csv(table, keep_default_na=False, na_values=[""])
    pairs = pairs[(pairs["country"] != "ALL") & pairs["source"].str.startswith(ARTICLE, na=False)]
    pairs = pairs[(pairs["published"] <= 1) & pairs["published_way_low"].notna()]
    printed, here = (pairs[f"{name}high"] - pairs[f"{name}low"] for name in ("published_", "ci_"))
    # Of a table of headings alone the columns hold objects, which have no quantiles.
    ratio = (here / printed).where(printed > 0).astype(float)
    known = pairs.assign(ratio=ratio).dropna(subset="ratio")
    by = known.groupby("country")
    quartiles = {"ci_low": 0.25, "estimate": 0.5, "ci_high": 0.75}
    rows = pd.DataFrame({name: by["ratio"].quantile(at).round(2) for name, at in quartiles.items()})
    rows = rows.assign(figures=by.size(), data=by["data"].first(), rounded_to=0.01)
    rows = rows[rows["figures"] >= LEAST].reset_index()
    return rows.sort_values(["estimate", "country"], ascending=[False, True], ignore_index=True)


def without_blank_lines(html: str) -> str:
    """HTML that Markdown takes as one block."""
    return re.sub(r"\n\s*\n", "\n", html)
