"""What may be shown. Two rules, kept apart: reliability (is the base large enough?) and confidentiality (could anyone
learn something about fewer than k children?).

Every estimate passes `apply` before it is shown or written; afterwards no row carries a number of children. What may be
published about an estimate by itself is decided here; whether others reveal it, and which numbers are rounded
coarsely, is decided once per country by `audit` and read here. One word, `suppressed`, covers all of it and
a small base: whoever knew which would know something about a count. What is shown is rounded afterwards (`rounding`).
Source of the thresholds: DHS and MICS practice (25, 50) and config/config.yaml.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.estimation.tidy_table import BASES, FLAGS, FULL_NUMBERS, MEANS, SHOWN, Row

NATIONAL = ("all", "form", "response", "combination")
"""Breakdowns whose levels are about the whole country, not about a part of its children."""

COUNTS = [
    "n_yes",
    "n_no",
    "n_unanswered",
    "n_yes_first",
    "n_no_first",
    "n_unanswered_first",
    "n_yes_second",
    "n_no_second",
    "n_unanswered_second",
]
FILE = "suppression.parquet"
"""The decision about a country, beside its harmonised tables."""


class Key(NamedTuple):
    """What a decision is about: an indicator in a level of a breakdown, or in one of another breakdown within it."""

    indicator: str
    by: str = "all"
    level: str = "all"
    within: str = ""
    within_level: str = ""

    def __str__(self) -> str:
        inside = f", {self.within}: {self.within_level}" if self.within else ""
        return f"{self.indicator} by {self.by} ({self.level}{inside})"


KEY = list(Key._fields)


class SuppressionError(Exception):
    """An estimate about which nothing has been decided; the message says what to do."""


@dataclass(frozen=True)
class Decision:
    """Which estimates of a country may be shown: every one that may be asked for, and whether it may.

    coarse: those that are rounded coarsely.
    """

    shown: dict[Key, bool]
    coarse: frozenset[Key] = frozenset()

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Decision:
        """A decision from a table with the columns `KEY`, shown and coarse. Raises KeyError."""
        names = list(map(Key._make, rows[KEY].itertuples(index=False, name=None)))
        shown, coarse = rows["shown"].astype(bool), rows["coarse"].astype(bool)
        return cls(
            dict(zip(names, shown, strict=True)),
            frozenset(name for name, is_coarse in zip(names, coarse, strict=True) if is_coarse),
        )

    @classmethod
    def read(cls, path: Path) -> Decision:
        """The decision that `disrupting-harm suppress` has written. Raises FileNotFoundError."""
        if not path.is_file():
            raise FileNotFoundError(
                f"{path.parent.name}/{path.name} is not there yet, and nothing may be shown without it. Make it with: "
                f"snakemake --config country={path.parent.name}"
            )
        return cls.of(pd.read_parquet(path))

    def allows(self, row: Row) -> bool:
        """Whether an estimate, or both groups of a contrast, may be shown. Raises SuppressionError."""
        return all(self.allowed(key) for key in keys(row))

    def allowed(self, key: Key) -> bool:
        """Whether one estimate may be shown. Raises SuppressionError where it has not been decided."""
        if key not in self.shown:
            by_another = f", and {key.within} under its `within`," if key.within else ""
            raise SuppressionError(
                f"Whether {key} may be shown has not been decided, so it is not. If notebooks are to ask for it, add "
                f"{key.indicator} under `of` of the breakdown {key.by}{by_another} in config/indicators.yaml."
            )
        return self.shown[key]

    def is_coarse(self, key: Key) -> bool:
        """Whether one estimate is rounded coarsely."""
        return key in self.coarse


def keys(row: Row) -> Iterator[Key]:
    """What a row shows: an estimate itself, a contrast that of both its groups."""
    levels = [row["first"], row["second"]] if row.get("first") else [row["level"]]
    inside = row.get("within", ""), row.get("within_level", "")
    return (Key(row["indicator"], row["by"], level, *inside) for level in levels)


def apply(rows: pd.DataFrame, rules: Suppression, decision: Decision | None) -> pd.DataFrame:
    """`rows` of `estimates` with their final status, hidden numbers removed and head counts dropped.

    Added for `rounding`: coarse, coarse_first, coarse_second; base, base_first, base_second. Nothing is rounded yet.

    decision: which estimates may be shown with all others; None only for what is made from shown estimates alone (then
    `coarse` may be given), and for pools of countries. Raises SuppressionError for an estimate that it does not know.
    """
    records = rows.to_dict("records")
    flags = pd.DataFrame([coarse_flags(row, decision) for row in records], rows.index, FLAGS)
    statuses = [
        final(row, rules, decision, is_coarse)
        for row, is_coarse in zip(records, flags["coarse"], strict=True)
    ]
    hidden = ~np.isin(statuses, SHOWN)
    bases = pd.DataFrame([bases_of(row, rules) for row in records], rows.index, BASES, dtype=float)
    published = rows.assign(
        status=statuses,
        **{name: flags[name] & ~hidden for name in FLAGS},
        **{name: bases[name] for name in BASES},
    )
    published = published.drop(columns=[name for name in COUNTS if name in rows])
    numbers = {name: np.where(hidden, np.nan, published[name]) for name in FULL_NUMBERS if name in published}
    return published.assign(**numbers, interval=published["interval"].where(~hidden, ""))


def coarse_flags(row: Row, decision: Decision | None) -> tuple[bool, bool, bool]:
    """Whether an estimate, and the first and the second group of a contrast, are rounded coarsely.

    A contrast is, if one of its groups is.
    """
    if decision is None:
        return bool(row.get("coarse", False)), False, False
    flags = [decision.is_coarse(key) for key in keys(row)]
    first, second = flags if len(flags) > 1 else (False, False)
    return any(flags), first, second


def bases_of(row: Row, rules: Suppression) -> tuple[float, float, float]:
    """What the published base is rounded from, and those of the first and the second group of a contrast.

    Fewer than k without an answer are counted as if they had given one: otherwise a base beside that of everybody asked
    would tell how many they are.
    """
    if pd.notna(row.get("n_yes_second")):
        first, second = (
            with_few(
                row[f"n_yes_{name}"] + row[f"n_no_{name}"], row.get(f"n_unanswered_{name}", np.nan), rules
            )
            for name in ("first", "second")
        )
        return np.nan, first, second
    return with_few(row.get("n", np.nan), row.get("n_unanswered", np.nan), rules), np.nan, np.nan


def with_few(base: float, n_unanswered: float, rules: Suppression) -> float:
    """A base with those without an answer, where these are fewer than k."""
    return base + n_unanswered if n_unanswered < rules.min_count else base


def final(row: Row, rules: Suppression, decision: Decision | None, is_coarse: bool = False) -> str:
    """Status of one row after suppression. Raises SuppressionError."""
    alone = status(row, rules, is_coarse)
    if decision and row["status"] not in WITHOUT_DATA and not decision.allows(row):
        return "suppressed"
    return alone


def groups(row: Row) -> list[tuple[float, float, float]]:
    """(counted, not counted, base) of each group behind an estimate: one, or both groups of a contrast.

    A contrast gives one group's share away to whoever knows the other's, so each group is judged on its own.
    """
    if pd.notna(row.get("n_yes_second")):
        pairs = [(row[f"n_yes_{name}"], row[f"n_no_{name}"]) for name in ("first", "second")]
        return [(counted, others, counted + others) for counted, others in pairs]
    return [(row["n_yes"], row["n_no"], row["n"])]


def status(row: Row, rules: Suppression, is_coarse: bool = False) -> str:
    """shown, low_n, suppressed, not_estimable or why there are no data, for one row before suppression.

    Whether a base is small is judged from the base as it is published, so that brackets reveal no more about it.
    """
    if row["status"] in WITHOUT_DATA:
        return row["status"]
    base, known = (
        min(size for *_, size in groups(row)),
        min(size for size in bases_of(row, rules) if not math.isnan(size)),
    )
    if (row["status"] != "empty" and reveals(row, rules)) or base < rules.not_shown_below:
        return "suppressed"
    if row["status"] != "ok":
        return "suppressed" if is_unexplained(row) else "not_estimable"
    return "low_n" if rounding.base(known, rules, is_coarse) < rules.bracket_below else "shown"


def is_unexplained(row: Row) -> bool:
    """Whether the reason for no estimate would reveal that all gave one answer, or that nobody in some group did.

    Of a contrast without one the shares of both groups are shown, and explain it; so do the country's own figures.
    """
    return row["measure"] in (*MEANS, "reliability") or bool(row.get("adjusted_for"))


def reveals(row: Row, rules: Suppression) -> bool:
    """Whether a share would let someone learn about fewer than k children, or about each one of a small base.

    Means are of scales and counts; they, and differences of them, are held by the size of their base alone.
    """
    if row["measure"] in MEANS:
        return False
    k = rules.min_count if row["by"] in NATIONAL else rules.min_count_subgroup
    return any(
        0 < counted < k or 0 < others < k or (min(counted, others) == 0 and size < rules.all_or_none_base)
        for counted, others, size in groups(row)
    )
