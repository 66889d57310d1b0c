"""The tidy table: one row an estimate, the same columns everywhere, full precision."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from disrupting_harm.whole import whole

COLUMNS = [
    "country",
    "insight",
    "indicator",
    "by",
    "level",
    "measure",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "df",
    "deff",
    "n",
    "n_base_weighted",
    "status",
    "interval",
    "confidence_level",
    "data",
]
NUMBERS = ["estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted"]
"""What a row that is not shown does not carry."""

KEY = ["country", "indicator", "by", "level", "measure"]
"""What tells one estimate from another."""


SHOWN = ["shown", "low_n"]
"""Statuses of estimates that may be read."""


def is_shown(rows: pd.DataFrame) -> pd.Series:
    """True where the estimate may be read."""
    return rows["status"].isin(SHOWN)


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a tidy table whole or not at all. Raises ValueError for other columns, or an estimate given twice."""
    if list(rows.columns) != COLUMNS:
        raise ValueError(f"{path}: a tidy table has the columns {', '.join(COLUMNS)}")
    twice = rows[rows.duplicated(KEY)]
    if not twice.empty:
        raise ValueError(f"{path}: {', '.join(map(str, twice.iloc[0][KEY]))} is there twice")
    with whole(path) as unfinished:
        rows.to_csv(unfinished, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read a tidy table written by `write`."""
    text = {name: "string" for name in COLUMNS if name not in [*NUMBERS, "confidence_level"]}
    rows = pd.read_csv(path, dtype=text, keep_default_na=False, na_values={name: [""] for name in NUMBERS})
    return rows.astype(dict.fromkeys(text, object))
