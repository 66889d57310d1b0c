"""Tables that leave: known columns only, no formula, no number that the limits hide, and no digit too many."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.publishing import releases
from disrupting_harm.publishing.border.respondents import Respondents
from disrupting_harm.quality import checks, remarks
from disrupting_harm.quality.published import least

_CLAIMS = ["Claim", "Published", "Source", "Verdict", "Computed", "Data"]
HIDDEN = {
    "estimates": tidy_table.NUMBERS,
    "published": [
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "n",
        "rounded_to",
        "published_way_low",
        "published_way_high",
        "difference",
    ],
}
"""What a row that is not shown does not carry."""

_ROUNDED = {
    "estimates": ["estimate", "ci_low", "ci_high"],
    "published": ["estimate", "ci_low", "ci_high", "published_way_low", "published_way_high", "difference"],
}
"""What is a multiple of `rounded_to`."""

_STEPS = (0.01, 0.1, 1.0)
"""What means, ratios and counts may be rounded to."""

_SE_DIGITS = 2
COUNT_DIGITS = 3

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program may take for a formula at the start of a cell."""

_IS_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf)")


_SHARES = ("proportion", "risk_difference")
NEARLY = 1e-9
"""How far a multiple in binary may be from one."""

Known = Mapping[str, list[str]]


def known() -> Known:
    """Every table that leaves, and its columns. What these come from takes long to import."""
    from disrupting_harm.insights import published, radar
    from disrupting_harm.protection.audit import report

    return {
        "estimates": tidy_table.COLUMNS,
        "remarks": remarks.COLUMNS,
        "published": published.COLUMNS,
        "claims": _CLAIMS,
        "radar": radar.COLUMNS,
        "changes": releases.COLUMNS,
        "audit": report.COLUMNS,
    }


@dataclass(frozen=True)
class Table:
    """The headings and rows of a table, as a file has them."""

    head: list[str]
    rows: list[list[Any]]

    @classmethod
    def read(cls, text: str) -> Table | None:
        """A table in CSV; None for what is none, or has rows of different lengths."""
        try:
            head, *rows = (row for row in csv.reader(io.StringIO(text), strict=True) if row)
        except (csv.Error, ValueError):
            return None
        return None if {*map(len, rows)} - {len(head)} else cls(head, rows)

    def column(self, name: str) -> list[Any]:
        """The cells below a heading."""
        position = self.head.index(name)
        return [row[position] for row in self.rows]

    def numbers(self, name: str) -> np.ndarray:
        """The cells below a heading as numbers; NaN for what is none."""
        return np.array([number(cell) for cell in self.column(name)], dtype=float)

    def holds(self, name: str, values: Collection[str]) -> np.ndarray:
        """Where the cells below a heading are one of these."""
        return np.array([cell in values for cell in self.column(name)], dtype=bool)


def number(cell: Any) -> float:
    """What a cell holds as a number; NaN for what is none."""
    try:
        return float(cell) if cell != "" else math.nan
    except (TypeError, ValueError):
        return math.nan


def findings(
    text: str, kinds: Known, rules: Suppression, people: Respondents, synthetic: bool
) -> Iterator[str]:
    """What is wrong with a table in CSV."""
    table = Table.read(text)
    if table is None:
        yield "is no table"
        return
    kind = kind_of(table, kinds)
    if kind is None:
        yield from unknown(table, kinds, people)
        return
    yield from _formulas(table)
    if synthetic:
        yield from _unmarked(table)
    yield from beyond_limits(table, kind, rules)


def kind_of(table: Table, kinds: Known) -> str | None:
    """Which known table a table is."""
    return next((kind for kind, columns in kinds.items() if columns == table.head), None)


def unknown(table: Table, kinds: Known, people: Respondents) -> Iterator[str]:
    """What to say about a table that is not known."""
    names = {name for columns in kinds.values() for name in columns}
    other = [name for name in table.head if name not in names]
    yield f"unknown columns: {', '.join(other[:10]) or 'known ones in another order'}"
    if len(table.rows) in people.rows:
        yield f"{len(table.rows):,} rows, as many as respondents"


def _formulas(table: Table) -> Iterator[str]:
    """Cells that a spreadsheet program may take for formulas."""
    for name, column in zip(table.head, zip(*table.rows, strict=True), strict=bool(table.rows)):
        begins = {cell for cell in {*column} if cell.startswith(_FORMULA) and not _IS_NUMBER.fullmatch(cell)}
        if begins:
            line = next(line for line, cell in enumerate(column, 2) if cell in begins)
            yield f"column {name}, line {line}: a cell that begins like a formula"


def _unmarked(table: Table) -> Iterator[str]:
    """Whether a row does not say that it is made up."""
    name = "Data" if "Data" in table.head else "data"
    if not all(cell.lower().startswith("synthetic") for cell in {*table.column(name)}):
        yield f"column {name} does not say SYNTHETIC in every row"


def beyond_limits(table: Table, kind: str, rules: Suppression) -> Iterator[str]:
    """Rows whose numbers the limits hide."""
    if kind in HIDDEN:
        shown = table.holds("status", tidy_table.SHOWN)
        known = [~np.isnan(table.numbers(name)) for name in HIDDEN[kind] if name in table.head]
        yield from lines("a number of a row that is not shown", ~shown & np.any(known, axis=0))
        few = shown & (table.numbers("n") < rounding.least_printed(rules.not_shown_below, rules))
        yield from lines(f"a base below {rules.not_shown_below}", few)
    if kind in _ROUNDED:
        yield from _of_digits(table, kind, rules)
    if kind == "estimates":
        yield from _of_shares(table, rules)
    if kind == "changes":
        lowest = rounding.least_printed(rules.not_shown_below, rules)
        few = np.any([table.numbers(name) < lowest for name in ("old_n", "new_n")], axis=0)
        yield from lines(f"a base below {rules.not_shown_below}", few)
    if kind == "remarks":
        yield from _of_remarks(table, rules)


def _of_shares(table: Table, rules: Suppression) -> Iterator[str]:
    """Shares of nobody or everybody on a small base."""
    shown = table.holds("measure", ["proportion"]) & table.holds("status", tidy_table.SHOWN)
    all_or_none = shown & np.isin(table.numbers("estimate"), [0.0, 1.0])
    few = table.numbers("n") < rounding.least_printed(rules.all_or_none_base, rules)
    yield from lines("nobody, or everybody, of a few", all_or_none & few)


def _of_digits(table: Table, kind: str, rules: Suppression) -> Iterator[str]:
    """Numbers with more digits than are published."""
    fine, coarse = rules.rounding, rules.coarse_rounding
    step, n = table.numbers("rounded_to"), table.numbers("n")
    of_shares = [step.points / 100 for step in (fine, coarse)]
    is_share = table.holds("measure", _SHARES) if "measure" in table.head else np.isin(step, of_shares)
    may_be = np.where(is_share, np.isin(step, of_shares), np.isin(step, _STEPS))
    shown = table.holds("status", tidy_table.SHOWN)
    yield from lines("rounded in a way that is not known", shown & ~may_be)
    for name in _ROUNDED[kind]:
        message = f"{name} is no multiple of what it is rounded to"
        yield from lines(message, shown & ~_is_multiple(table.numbers(name), step))
    bases = np.where(is_share & np.isclose(step, of_shares[1]), coarse.base, fine.base)
    yield from lines("a base that is not rounded", shown & ~_is_multiple(n, bases))
    yield from lines("a standard error of too many digits", ~has_digits(table.numbers("se"), _SE_DIGITS))
    if "measure" in table.head:
        counts = table.holds("measure", ["count"])
        for name in _ROUNDED[kind]:
            long = counts & ~has_digits(table.numbers(name), COUNT_DIGITS)
            yield from lines(f"{name}: a number of children of too many digits", long)


def _is_multiple(numbers: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Where numbers are multiples of a step; what is none, or endless, passes."""
    with np.errstate(invalid="ignore"):
        ratio = numbers / step
        return ~np.isfinite(numbers) | (
            np.abs(ratio - np.round(ratio)) < NEARLY * np.maximum(1, np.abs(ratio))
        )


def has_digits(numbers: np.ndarray, most: int) -> np.ndarray:
    """Where numbers have no more significant digits than these; what is none passes."""
    return np.array(
        [
            not math.isfinite(number) or math.isclose(number, float(f"{number:.{most}g}"))
            for number in numbers
        ],
        dtype=bool,
    )


def _of_remarks(table: Table, rules: Suppression) -> Iterator[str]:
    """Remarks that are not rounded, or about fewer respondents than may be published."""
    base, share, value = (table.numbers(name) for name in ("base", "share", "value"))
    counts = table.holds("check", checks.COUNTS)
    people = counts | table.holds("check", checks.ROWS)
    step, fewest = rules.rounding.base, float(rounding.base(least(rules), rules))
    lowest = float(rounding.base(rules.bracket_below, rules))
    yield from lines(f"a base below {rules.bracket_below}", base < lowest)
    yield from lines(
        f"a number that is no multiple of {step}", people & _is_finer(value, step) | _is_finer(base, step)
    )
    beside = counts & ((base - value) < fewest)
    yield from lines(f"a number of fewer than {least(rules)}", people & (value < fewest) | beside)
    yield from lines(
        f"a share that is no multiple of {rules.rounding.points:g}%",
        _is_finer(share * 100, rules.rounding.points),
    )
    wanted = np.where(
        counts & ~np.isnan(base), rounding.to_multiple(value / base, rules.rounding.points / 100), np.nan
    )
    yield from lines(
        "a share that is not that of the rounded numbers",
        counts & (np.nan_to_num(share, nan=-1) != np.nan_to_num(wanted, nan=-1)),
    )
    among_others = table.holds("check", checks.NOT_ASKED) & ~(np.isnan(base) & np.isnan(share))
    yield from lines("a base or a share of those who should not have been asked", among_others)
    yield from lines("a number with more than two decimals", _is_finer(value, 0.01))
    unknown = ~table.holds("check", checks.CHECKS)
    yield from lines("a check that is not published", unknown)


def _is_finer(numbers: np.ndarray, step: float) -> np.ndarray:
    """Where numbers are no multiples of a step."""
    with np.errstate(invalid="ignore"):
        return np.abs(numbers / step - np.round(numbers / step)) > 1e-6


def lines(what: str, where: np.ndarray) -> Iterator[str]:
    """A finding with the first line it is in."""
    if where.any():
        yield f"line {int(np.flatnonzero(where)[0]) + 2}: {what}"
