"""Tables that leave: known columns only, no formula, and no number that the limits hide."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm import published, releases, tables
from disrupting_harm.audit import report
from disrupting_harm.border.respondents import Respondents
from disrupting_harm.config.analysis import Suppression
from disrupting_harm.quality import remarks

CLAIMS = ["Claim", "Published", "Verdict", "Computed", "Data"]
KNOWN = {
    "estimates": tables.COLUMNS,
    "remarks": remarks.COLUMNS,
    "published": published.COLUMNS,
    "claims": CLAIMS,
    "changes": releases.COLUMNS,
    "audit": report.COLUMNS,
}
"""Every table that leaves, and its columns."""

HIDDEN = {
    "estimates": tables.NUMBERS,
    "published": [
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "n",
        "published_way_low",
        "published_way_high",
        "difference",
    ],
}
"""What a row that is not shown does not carry."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program may take for a formula at the start of a cell."""


def findings(text: str, rules: Suppression, people: Respondents, synthetic: bool) -> Iterator[str]:
    """What is wrong with a table in CSV."""
    try:
        frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        yield "is no table"
        return
    kind = kind_of(frame)
    if kind is None:
        yield from unknown(frame, people)
        return
    yield from formulas(frame)
    if synthetic:
        yield from unmarked(frame)
    yield from beyond_limits(numeric(frame), kind, rules)


def kind_of(frame: pd.DataFrame) -> str | None:
    """Which known table a table is."""
    return next((kind for kind, columns in KNOWN.items() if list(frame.columns) == columns), None)


def unknown(frame: pd.DataFrame, people: Respondents) -> Iterator[str]:
    """What to say about a table that is not known."""
    known = {name for columns in KNOWN.values() for name in columns}
    other = [str(name) for name in frame.columns if name not in known]
    yield f"unknown columns: {', '.join(other[:10]) or 'known ones in another order'}"
    if len(frame) in people.rows:
        yield f"{len(frame):,} rows, as many as respondents"


def formulas(frame: pd.DataFrame) -> Iterator[str]:
    """Cells that a spreadsheet program may take for formulas."""
    for name in frame.columns:
        cells = frame[name].astype(str)
        begins = cells.str.startswith(FORMULA) & pd.to_numeric(cells, errors="coerce").isna()
        if begins.any():
            row = int(np.flatnonzero(begins)[0]) + 2
            yield f"column {name}, line {row}: a cell that begins like a formula"


def unmarked(frame: pd.DataFrame) -> Iterator[str]:
    """Whether a row does not say that it is made up."""
    name = "Data" if "Data" in frame else "data"
    if not frame[name].str.lower().str.startswith("synthetic").all():
        yield f"column {name} does not say SYNTHETIC in every row"


def numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its numbers as numbers."""
    numbers = {*tables.NUMBERS, *remarks.NUMBERS, *HIDDEN["published"], *releases.NUMBERS} & set(
        frame.columns
    )
    return frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce") for name in numbers})


def beyond_limits(frame: pd.DataFrame, kind: str, rules: Suppression) -> Iterator[str]:
    """Rows whose numbers the limits hide."""
    if kind in HIDDEN:
        hidden = ~tables.is_shown(frame)
        carries = hidden & frame[[name for name in HIDDEN[kind] if name in frame]].notna().any(axis=1)
        yield from rows("a number of a row that is not shown", carries)
        yield from rows(
            f"a base below {rules.not_shown_below}", ~hidden & (frame["n"] < rules.not_shown_below)
        )
    if kind == "estimates":
        yield from of_shares(frame, rules)
    if kind == "changes":
        few = frame[["old_n", "new_n"]].lt(rules.not_shown_below).any(axis=1)
        yield from rows(f"a base below {rules.not_shown_below}", few)
    if kind == "remarks":
        yield from of_remarks(frame, rules)


def of_shares(frame: pd.DataFrame, rules: Suppression) -> Iterator[str]:
    """Shares of nobody or everybody on a small base."""
    share = frame["measure"] == "proportion"
    all_or_none = share & tables.is_shown(frame) & frame["estimate"].isin([0.0, 1.0])
    yield from rows(
        "nobody, or everybody, of a few", all_or_none & (frame["n"] < rules.group_disclosure_base)
    )


def of_remarks(frame: pd.DataFrame, rules: Suppression) -> Iterator[str]:
    """Remarks on fewer respondents than may be told."""
    few = frame["base"] < rules.not_shown_below
    yield from rows(f"a base below {rules.not_shown_below}", few)
    counted = (frame["share"] * frame["base"]).round()
    both = ((counted > 0) & (counted < rules.k)) | (
        (counted < frame["base"]) & (frame["base"] - counted < rules.k)
    )
    yield from rows(f"a share of fewer than {rules.k}", both)


def rows(what: str, where: pd.Series) -> Iterator[str]:
    """A finding with the first line it is in."""
    if where.any():
        yield f"line {int(np.flatnonzero(where)[0]) + 2}: {what}"
