"""Dates that no calendar has: before the year 1 or after the year 9999, as typing errors in a date make them."""

from __future__ import annotations

from datetime import date

import numpy as np

from disrupting_harm.delivered.formats.description import BadCells

_HINT = "Correct them in the file, or ask for it again."


def outside_calendar(numbers: np.ndarray, a_day: float, first_day: date) -> np.ndarray:
    """Where numbers, of which `a_day` make a day after `first_day`, are no date that Python knows. Shape (rows,)."""
    with np.errstate(invalid="ignore"):
        days = np.floor(np.asarray(numbers, dtype=float) / a_day) + first_day.toordinal()
        return (days < date.min.toordinal()) | (days > date.max.toordinal())


def bad_dates(column: str, rows: np.ndarray) -> BadCells:
    """The finding about dates that no calendar has."""
    return BadCells(column, "dates before the year 1 or after the year 9999", rows, _HINT)
