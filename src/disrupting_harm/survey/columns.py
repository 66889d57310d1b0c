"""What a column may hold: numbers, or labels of one type.

A number is a boolean (0 and 1), a whole or a real number: of numpy, of pandas (nullable, categories of numbers), or
of Python in a column of objects (Decimal and Fraction, too). Text is none even if it holds digits, nor is a date, a
duration or a complex number: what pandas makes of these without a word (nanoseconds, real parts) nobody meant.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from numbers import Number, Real

import numpy as np
import pandas as pd
from pandas.api import types

from .errors import Problem

_PLAIN_KINDS = "biuf"  # of numpy types: boolean, whole and real numbers
# of objects, as pandas infers their types: all are numbers; of more than one type
NUMBERS = ("integer", "floating", "mixed-integer-float", "boolean", "decimal", "empty")
_MIXED = ("mixed", "mixed-integer", "unknown-array")
_UNHASHABLE = "lists"
CONFUSABLE = {"text", "numbers", "true or false"}  # labels of these kinds may look the same
TEXT, _DATE, _DURATION, _COMPLEX, _OTHER = "text", "dates", "durations", "complex numbers", "other things"


def is_plain(dtype: object) -> bool:
    """Whether a type is one of numpy's for booleans and numbers, which needs no look at the values."""
    return isinstance(dtype, np.dtype) and dtype.kind in _PLAIN_KINDS


def holds_numbers(column: pd.Series) -> bool:
    """Whether there is nothing but numbers and missing values in a column.

    >>> holds_numbers(pd.Series([1, True, None], dtype=object)), holds_numbers(pd.Series(["1"]))
    (True, False)
    """
    return is_plain(column.dtype) or not _not_numbers(column).any()


def holds_text(column: pd.Series) -> bool:
    """Whether there is any text in a column, which can then only be one of labels."""
    if types.is_object_dtype(column.dtype):
        return any(isinstance(value, str) for value in column)
    return types.is_string_dtype(column.dtype)


def number_problem(column: pd.Series, name: Hashable, what: str) -> Problem | None:
    """The rows of a column that hold no numbers, and a hint; None where all do."""
    if is_plain(column.dtype):
        return None
    rows = _not_numbers(column)
    if not rows.any():
        return None
    kind = _kind_of_values(column[rows])
    if kind == TEXT:
        # among digits, the rows that no conversion reads are the ones to look at
        unread = pd.to_numeric(column[rows].astype(object), errors="coerce").isna().to_numpy()
        if not unread.any():
            return Problem(what, rows, f"It holds digits as text: convert it by {_code('to_numeric', name)}.")
        rows = np.isin(np.arange(len(rows)), np.flatnonzero(rows)[unread])
    return Problem(what, rows, _number_hint(kind, name))


def label_problem(column: pd.Series, name: Hashable, what: str) -> Problem | None:
    """The rows of a column of labels that are not of the type that most have; None where all are of one.

    5 and "5" would be two units. Whole and real numbers are one type.
    """
    kinds = kinds_of_labels(column)
    if kinds is None:
        return None
    if (kinds == _UNHASHABLE).any():
        return Problem(
            f"{what} holds lists for labels", kinds == _UNHASHABLE, "Give each row a single label."
        )
    names, counts = np.unique(kinds[kinds != ""], return_counts=True)
    if len(names) < 2:
        return None
    most = names[counts.argmax()]
    others = [kind for kind in names if kind != most]
    return Problem(
        f"{what} holds labels of mixed types, {most} and {' and '.join(others)}: {' or '.join(others)}",
        np.isin(kinds, others),
        f"5 and '5' would be two units: read the column as text (dtype=str), or take frame[{name!r}].astype(str), "
        "in which 5.0 becomes '5.0'.",
    )


def as_floats(column: pd.Series) -> np.ndarray:
    """A column of numbers as floats, missing as NaN."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, categories = column.cat.codes.to_numpy(), as_floats(pd.Series(column.cat.categories))
        return np.append(categories, np.nan)[codes]  # the code of a missing value is -1
    with np.errstate(over="ignore"):  # one of numpy's longest reals may be infinite as a float
        return column.to_numpy(dtype=float, na_value=np.nan)


def as_labels(column: pd.Series) -> pd.Series:
    """A column of labels of a type that pandas can group: it cannot by numpy's shortest and longest reals."""
    strange = (
        isinstance(column.dtype, np.dtype)
        and column.dtype.kind == "f"
        and column.dtype.itemsize not in (4, 8)
    )
    return column.astype(float) if strange else column


def kinds_of_labels(column: pd.Series) -> np.ndarray | None:
    """The kind of each row's label, "" where it is missing; None where the type of the column leaves only one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        kinds = kinds_of_labels(pd.Series(column.cat.categories))
        return None if kinds is None else np.append(kinds, "")[column.cat.codes.to_numpy()]
    if not types.is_object_dtype(column.dtype) or types.infer_dtype(column, skipna=True) not in _MIXED:
        return None
    kinds = (
        "" if missing else _kind_of_label(label) for label, missing in zip(column, column.isna(), strict=True)
    )
    return np.array(list(kinds), dtype=object)


def _not_numbers(column: pd.Series) -> np.ndarray:
    """Rows that hold something, and no number that a float can hold."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        wrong = _not_numbers(pd.Series(column.cat.categories))
        return np.append(wrong, False)[column.cat.codes.to_numpy()]
    if types.is_object_dtype(dtype):
        if types.infer_dtype(column, skipna=True) in NUMBERS and _is_convertible(column):
            return np.zeros(len(column), dtype=bool)
        wrong = np.fromiter((not _is_number(value) for value in column), dtype=bool, count=len(column))
        return wrong & column.notna().to_numpy()
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return np.zeros(len(column), dtype=bool)
    return column.notna().to_numpy()


def _is_convertible(column: pd.Series) -> bool:
    try:
        column.to_numpy(dtype=float, na_value=np.nan)
    except (OverflowError, ValueError):  # a whole number of more than 308 digits, a signalling NaN
        return False
    return True


def _is_number(value: object) -> bool:
    if not isinstance(value, (Real, np.bool_, Decimal)) or isinstance(value, np.timedelta64):
        return False
    return _is_convertible(pd.Series([value], dtype=object))


def _kind_of_values(column: pd.Series) -> str:
    """What a column of anything but numbers holds, by its first value."""
    value = column.iloc[0]
    if isinstance(value, (str, bytes)):
        return TEXT
    if isinstance(value, (pd.Timedelta, np.timedelta64)) or hasattr(value, "total_seconds"):
        return _DURATION
    if isinstance(value, (pd.Period, np.datetime64)) or hasattr(value, "strftime"):
        return _DATE
    return _COMPLEX if isinstance(value, (complex, np.complexfloating)) else _OTHER


def _number_hint(kind: str, name: Hashable) -> str:
    return {
        TEXT: f"It holds text: compare it with an answer, as in frame[{name!r}] == 'yes', or correct those rows; "
        f"{_code('to_numeric', name, 'errors=' + repr('coerce'))} makes them missing.",
        _DATE: f"It holds dates: take a part, as in frame[{name!r}].dt.year, or the days since another date.",
        _DURATION: f"It holds durations: take their length in a unit, as in frame[{name!r}] / pd.Timedelta(days=1).",
        _COMPLEX: f"It holds complex numbers: take the part that is meant, as in np.real(frame[{name!r}]).",
        _OTHER: f"Convert it to numbers, as in frame[{name!r}].astype(float), or leave it out.",
    }[kind]


def _code(function: str, name: Hashable, option: str = "") -> str:
    return f"pd.{function}(frame[{name!r}]{', ' if option else ''}{option})"


def _kind_of_label(label: object) -> str:
    try:
        hash(label)
    except TypeError:
        return _UNHASHABLE
    if isinstance(label, str):
        return "text"
    if isinstance(label, (bool, np.bool_)):
        return "true or false"
    return "numbers" if isinstance(label, Number) else type(label).__name__
