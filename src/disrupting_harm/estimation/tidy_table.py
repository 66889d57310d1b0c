"""The tidy table: one row per estimate, the same columns everywhere; as it is published, and in full precision.

What is published is rounded (`rounding`). Full precision stays below data/estimates/, for the owner of the data only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO, cast

import pandas as pd

from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.private import owner_only

CONTRAST = ["first", "second", "within", "within_level", "adjusted_for"]
"""Of a contrast: its estimate is that of `first` minus, or divided by, that of `second`, two levels of `by`. It is
among respondents in the level `within_level` of the breakdown `within`, and adjusted for variables, where these are
named. The `level` of a contrast is empty; so are these columns of all other estimates."""

ABOUT = ["country", "insight", "indicator", "by", "level", *CONTRAST, "measure"]
HOW = ["status", "interval", "confidence_level", "data"]

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "n", "rounded_to"]
"""What a published row that is not shown does not carry. rounded_to: what estimate and limits are multiples of."""

COLUMNS = [*ABOUT, *NUMBERS, *HOW]
"""Columns of a published table."""

EXACT = ["estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted"]
BASES = ["base", "base_first", "base_second"]
"""What published bases are rounded from, and those of the two groups of a contrast."""

FLAGS = ["coarse", "coarse_first", "coarse_second"]
"""Whether an estimate, and the shares of the two groups of a contrast, are rounded coarsely."""

SHARES = ["share_first", "share_second"]
"""The shares of the two groups of a contrast."""

MEANS = ["mean", "mean_difference"]
"""Measures of indicators that are means."""

USERS = "users"
"""The sum of the gross weights: how many internet-using children the country's sample stands for, where it is known."""

FULL = [*ABOUT, *EXACT, *HOW, *SHARES, *BASES, *FLAGS, USERS]
"""Columns in full precision."""

FULL_NUMBERS = [*EXACT, *SHARES, *BASES]
"""What a row in full precision that is not shown does not carry either."""

ESTIMATES = Path("data", "estimates")
"""Where tables in full precision are in the project's folder: {country}/{insight}.csv."""

Row = Mapping[Any, Any] | pd.Series
"""One row of a table, by the names of its columns."""

KEY = ["country", "indicator", "by", "level", *CONTRAST, "measure"]
"""The columns that identify an estimate."""


SHOWN = ["shown", "low_n"]
"""Statuses of estimates that may be read."""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, each by the names of its columns."""
    return cast("list[dict[str, Any]]", table.to_dict("records"))  # the names of our columns are texts


def is_shown(rows: pd.DataFrame) -> pd.Series:
    """True where the estimate may be read."""
    return rows["status"].isin(SHOWN)


def may_be_read(status: str) -> bool:
    """Whether an estimate of this status may be read."""
    return status in SHOWN


def is_contrast(rows: pd.DataFrame) -> pd.Series:
    """True where the estimate is a difference or a ratio of two groups."""
    return rows["first"] != ""


def is_plain_contrast(rows: pd.DataFrame) -> pd.Series:
    """True for contrasts among all respondents that are not adjusted for anything."""
    return is_contrast(rows) & (rows["within"] == "") & (rows["adjusted_for"] == "")


def sort_by(rows: pd.DataFrame, column: str, order: Iterable[str]) -> pd.DataFrame:
    """Rows in the order of the values of a column; rows of the same value stay in theirs, of values not named last."""
    values = pd.Categorical(rows[column], list(dict.fromkeys(order)), ordered=True)
    return rows.iloc[pd.Series(values).argsort(kind="stable")]


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a published table atomically. Raises ValueError for other columns, or an estimate given twice."""
    check(rows, COLUMNS, path)
    with atomic_write(path) as unfinished:
        rows.to_csv(unfinished, index=False, lineterminator="\n")


def write_full(rows: pd.DataFrame, path: Path) -> None:
    """Write a table in full precision, for its owner alone. Raises ValueError as `write` does."""
    check(rows, FULL, path)
    with owner_only(path), atomic_write(path) as unfinished:
        rows.to_csv(unfinished, index=False, lineterminator="\n")


def check(rows: pd.DataFrame, columns: list[str], path: Path) -> None:
    """Raise ValueError for other columns, or an estimate given twice."""
    if list(rows.columns) != columns:
        raise ValueError(f"{path}: a tidy table has the columns {', '.join(columns)}")
    twice = rows[rows.duplicated(KEY)]
    if not twice.empty:
        raise ValueError(f"{path}: {', '.join(filter(None, map(str, twice.iloc[0][KEY])))} is there twice")


def read(path: Path | TextIO) -> pd.DataFrame:
    """Read a published table written by `write`."""
    return read_columns(path, COLUMNS, NUMBERS)


def read_full(path: Path) -> pd.DataFrame:
    """Read a table written by `write_full`."""
    return read_columns(path, FULL, [*FULL_NUMBERS, USERS]).astype(dict.fromkeys(FLAGS, bool))


def read_columns(path: Path | TextIO, columns: list[str], numbers: list[str]) -> pd.DataFrame:
    """Read a table with these columns, digit for digit."""
    text = {name: "string" for name in columns if name not in [*numbers, *FLAGS, "confidence_level"]}
    blank = {name: [""] for name in numbers}
    rows = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=blank, float_precision="round_trip")
    return rows.astype(dict.fromkeys(text, object))
