"""Keys: columns that are read as text, digit by digit. A key that went through a number loses digits from 16 on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.codes import plain, spelled
from disrupting_harm.delivered.formats.description import DOUBLE, BadCells, Exact

_WITH_POINT = re.compile(r"[+-]?\d+\.0+")
_LARGEST = 10**300
"""About the largest number that eight bytes can hold."""
_WHOLE = re.compile(r"[+-]?\d+(\.0+)?")
_SCIENTIFIC = re.compile(r"[+-]?\d([.,]\d+)?[eE]\+\d+")
"""1.23457E+15, as spreadsheets write a long number in a text file. 12E5 may be the name of a place."""
LOST_DIGITS_HINT = "Ask for the file again with this column as text: the lost digits are not in this one."


def keys(column: pd.Series) -> pd.Series:
    """A raw column as keys: in the spelling of the file, but 12 for 12.0 where all of them are whole numbers."""
    text = spelled(column)
    distinct = text.dropna().unique()
    if not all(_WHOLE.fullmatch(value) for value in distinct) or not any(
        map(_WITH_POINT.fullmatch, distinct)
    ):
        return text
    return text.str.replace(r"\.0+$", "", regex=True)


def lost_digits(name: str, column: pd.Series, exact: Exact | None) -> Iterator[BadCells]:
    """Findings about keys that the file stores as numbers with too few digits, or writes with too few."""
    places, values = pd.factorize(column, use_na_sentinel=True)
    distinct = [plain(value) for value in values]
    if exact is not None:
        what = (
            f"whole numbers above {exact.below - 1:,}, and {exact.stored_as} keeps no more digits:"
            " the last ones are lost"
        )
        lost = [not isinstance(value, str) and abs(value) >= exact.below for value in distinct]
        yield from cells(name, what, lost, places)
    what = "numbers such as 1.2E+15, of which only the first digits are left"
    rounded = [isinstance(value, str) and bool(_SCIENTIFIC.fullmatch(value.strip())) for value in distinct]
    yield from cells(name, what, rounded, places)
    what = (
        f"whole numbers above {DOUBLE - 1:,} with a decimal point, from a program that keeps no more digits:"
        " the last ones are lost"
    )
    yield from cells(name, what, _through_a_double(distinct), places)


def _through_a_double(values: list[Any]) -> list[bool]:
    """Which texts are long whole numbers with a decimal point, if all of these are numbers that eight bytes can hold.

    One that is not was never in eight bytes, and then the others were not either.
    """
    pointed = [_WITH_POINT.fullmatch(value.strip()) if isinstance(value, str) else None for value in values]
    integers = [int(match[0].partition(".")[0]) if match else 0 for match in pointed]
    is_long = [DOUBLE <= abs(number) < _LARGEST for number in integers]
    exact = all(int(float(number)) == number for number, long in zip(integers, is_long, strict=True) if long)
    return is_long if exact else [False] * len(values)


def cells(name: str, what: str, is_bad: list[bool], places: np.ndarray) -> Iterator[BadCells]:
    """The cells with a bad value, if there are any. `places`: each cell's place among the values, -1 where empty."""
    rows = np.flatnonzero(np.array([*is_bad, False], dtype=bool)[places])
    if len(rows):
        yield BadCells(name, what, rows, LOST_DIGITS_HINT)
