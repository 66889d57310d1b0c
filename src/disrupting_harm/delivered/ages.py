"""Completed years between two dates: of birth and of the interview. Nothing of the dates is kept but the years.

Dates are days as stored by Excel, SPSS, Stata or Parquet, or texts in the unambiguous form of ISO 8601 (2009-03-14,
with or without a time); with `date_order` also 14.3.2009 (day first) or 3/14/2009 (month first).
"""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date

import numpy as np

from disrupting_harm.delivered.formats import Codes

_ISO = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_FORMS = {
    "": _ISO,
    "day_first": rf"{_ISO}|(?P<d>\d{{1,2}})(?P<s>[./-])(?P<m>\d{{1,2}})(?P=s)(?P<y>\d{{4}})",
    "month_first": rf"{_ISO}|(?P<m>\d{{1,2}})(?P<s>[./-])(?P<d>\d{{1,2}})(?P=s)(?P<y>\d{{4}})",
}
_TIME = r"(?:[T ].*)?"
_YEAR = 10_000
"""A date as the number year, month, day: 20090314. Between two of them are so many full years."""


def dates(codes: Codes, missing: Set[str], order: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dates as numbers (20090314; NaN where there is none), where cells are empty, and where they hold no date.

    missing: codes that stand for no date; order: "", "day_first" or "month_first". Shapes (rows,).
    """
    pattern = re.compile(f"(?:{_FORMS[order]}){_TIME}")
    numbers: dict[str | None, float] = {
        value: _number(pattern, value) for value in codes.occurring() - missing
    }
    read = codes.mapped(numbers, np.nan, float)
    empty = codes.holding({None})
    return read, empty, ~empty & np.isnan(read) & ~codes.holding(missing)


def completed_years(born: np.ndarray, interviewed: np.ndarray) -> np.ndarray:
    """Age at the interview in completed years. Who was born on a 29 February is a year older from 1 March on."""
    return np.floor((interviewed - born) / _YEAR)


def _number(pattern: re.Pattern[str], text: str) -> float:
    """A date as a number, NaN for what is none, such as the 31st of February."""
    match = pattern.fullmatch(text)
    if not match:
        return np.nan
    parts = match.groupdict()
    year, month, day = (int(parts[name] or parts.get(name[0]) or 0) for name in ("year", "month", "day"))
    try:
        date(year, month, day)
    except ValueError:
        return np.nan
    return float(_YEAR * year + 100 * month + day)
