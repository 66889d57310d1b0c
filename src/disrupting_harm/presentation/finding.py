"""A finding as a notebook shows it: one sentence, one figure, one table."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from disrupting_harm.estimation.number_format import interval, number
from disrupting_harm.estimation.tidy_table import COLUMNS, is_contrast, is_shown, records
from disrupting_harm.presentation import displayed
from disrupting_harm.presentation.figures import Drawing
from disrupting_harm.presentation.sentences import hidden_row, operation, unit

STATUS_NOTES = {"shown": "", "low_n": "small base, interpret with care"}
KEYS = ("indicator", "by", "measure", "table", "check")
"""Columns of tidy tables and of remarks that say what a row is about."""


@dataclass(frozen=True)
class Finding:
    """What one question of a notebook has found; showing it shows sentence, figure and table.

    rows: the estimates behind it as they are published, suppressed and rounded, in the columns of the insight's table
    (`tidy_table.COLUMNS`); none where it is not about estimates. To go on computing, take these: `table` is text.
    keys: which rows of the tables it is made from, of `rows` where not given; the notebook's page leads from there to
    definitions.
    is_ours: made in this library, which lets no row pass without suppression. One that a cell makes itself is displayed
    as well, and refused afterwards.
    """

    sentence: str
    drawing: Drawing | None
    table: pd.DataFrame
    open_table: bool = False
    keys: dict[str, list[str]] = field(default_factory=dict)
    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS), repr=False)

    is_ours: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = sys._getframe(2).f_globals["__name__"]  # noqa: SLF001  # behind the dataclass's own frame
        object.__setattr__(self, "is_ours", made.partition(".")[0] == __name__.partition(".")[0])
        object.__setattr__(self, "rows", self.rows[COLUMNS].reset_index(drop=True))
        if not self.keys and len(self.rows):
            object.__setattr__(self, "keys", keys(self.rows))

    def _ipython_display_(self) -> None:
        self._show_html(f'<p class="finding">{escape(self.sentence)}</p>', {"keys": self.keys})
        if self.drawing:
            displayed.show(*self.drawing._repr_mimebundle_(), may_stay=self.is_ours)
        if self.table.empty:
            return
        state = " open" if self.open_table else ""
        self._show_html(f"<details{state}><summary>Table of values</summary>{html(self.table)}</details>", {})

    def _show_html(self, text: str, metadata: dict[str, Any]) -> None:
        from IPython.display import HTML

        data = {"text/html": text, "text/plain": repr(HTML(text))}
        displayed.show(data, metadata, may_stay=self.is_ours)


def keys(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Which rows of a table these are: the distinct values of the columns that say what a row is about."""
    return {name: list(dict.fromkeys(rows[name])) for name in KEYS if name in rows}


def html(table: pd.DataFrame) -> str:
    """A table for reading as HTML. All its headings are those of columns."""
    html = table.to_html(index=False, border=0, na_rep="", classes="values", justify="left")
    return html.replace("<th>", '<th scope="col">')


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Rounded rows with labels as a table for reading, with words in the place of what is not shown.

    Compared: of contrasts, which group's estimate is subtracted from, or divided by, which.
    """
    shown = is_shown(rows)
    lines = []
    for is_visible, row in zip(shown, records(rows), strict=True):
        kind, step = unit(row["measure"]), row["rounded_to"]
        blank = not is_visible
        has_interval = not blank and pd.notna(row["ci_low"])
        lines.append(
            {
                "Indicator": row["indicator_label"],
                "Breakdown": row["by_label"],
                "Level": row["level_label"],
                "Compared": operation(row),
                "Measure": row["measure"].replace("_", " "),
                "Estimate": "" if blank else number(row["estimate"], kind, step=step),
                "Interval": interval(row["ci_low"], row["ci_high"], kind, step) if has_interval else "",
                "Standard error": "" if blank or pd.isna(row["se"]) else number(row["se"], kind),
                "Base (n)": "" if blank or pd.isna(row["n"]) else f"{row['n']:,.0f}",
                "Note": hidden_row(row) if blank else STATUS_NOTES[row["status"]],
            }
        )
    table = pd.DataFrame(lines)
    return table if is_contrast(rows).any() else table.drop(columns="Compared", errors="ignore")
