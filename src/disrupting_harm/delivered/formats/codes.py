"""A raw column as codes in their one spelling, or as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from disrupting_harm.config.entries.codes import code
from disrupting_harm.delivered.formats import cells

_NUMBER = re.compile(r"(?P<sign>-?)0*(?P<whole>\d+)(?:\.(?P<decimals>\d*))?")
_TAG = re.compile(r"\.(?P<letter>[a-z])")
_SPREADSHEET_ERROR = re.compile(r"#(N/[A-Z]+|NV|¡?DIV/0!|[¡¿]?[^\W\d]+[!?])")
"""#N/A, #REF!, #DIV/0!, #VALUE!, #NAME?, #NULL!, #NUM!, and as they are called in other languages."""
_RANGE = re.compile(r"(lowest|\S+) to (highest|\S+)")


@dataclass(frozen=True)
class Codes:
    """A raw column as codes: `values[places[row]]` is a row's code; None, the last of `values`, is an empty cell."""

    places: np.ndarray
    values: list[str | None]

    def mapped(self, mapping: Mapping[str | None, Any], otherwise: Any, dtype: Any = object) -> np.ndarray:
        """The value of `mapping` for each row's code, `otherwise` where it has none. Shape (rows,)."""
        return np.array([mapping.get(value, otherwise) for value in self.values], dtype=dtype)[self.places]

    def occurring(self) -> set[str]:
        """Codes that occur."""
        return {value for value in self.values if value is not None}

    def holding(self, codes: Set[str | None]) -> np.ndarray:
        """Whether each row holds one of some codes. Shape (rows,)."""
        return self.mapped(dict.fromkeys(codes, True), False, bool)


def coded(column: pd.Series) -> Codes:
    """A raw column as codes."""
    places, values = pd.factorize(column, use_na_sentinel=True)
    return Codes(places, [*(code(plain(value)) or None for value in values), None])


def codes(column: pd.Series) -> np.ndarray:
    """Raw values in their one spelling ("1" for 1, 1.0 and " 1 "); None where the cell is empty. Shape (rows,)."""
    coding = coded(column)
    return np.array(coding.values, dtype=object)[coding.places]


def plain(value: Any) -> Any:
    """A numpy scalar, date or other value as something that has a spelling; true and false are 1 and 0."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float, str)) else str(value)


def spelled(column: pd.Series) -> pd.Series:
    """A raw column as text in the spelling of the file (identifiers keep leading zeros); empty cells are missing."""
    places, values = pd.factorize(column, use_na_sentinel=True)
    words = [code(plain(value)) or None for value in values]
    return pd.Series(np.array([*words, None], dtype=object)[places], index=column.index, dtype="str")


def one_spelling(value: Any) -> str:
    """A text without spaces around it, a whole number without a decimal point."""
    return value.strip() if isinstance(value, str) else code(value)


def numbers(
    column: pd.Series, missing: Iterable[str | None] = (), decimal: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Raw values as numbers (NaN where empty or one of the `missing` codes), and where they are no numbers at all.

    `decimal`: the sign in 0.5 of numbers that are texts; None: as they show it.
    """
    coding, none = coded(column), set(missing)
    empty = coding.holding({None, *none})
    words = cells.with_points(coding.values, decimal) if holds_texts(column) else coding.values
    values = pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy(float)
    read = np.where(empty, np.nan, values[coding.places])
    return read, ~empty & ~np.isfinite(read)


def is_undecided(column: pd.Series, decimal: str | None) -> bool:
    """Whether texts of a column are numbers whose point, or comma, may stand before decimals or between thousands."""
    return holds_texts(column) and cells.is_undecided(coded(column).values, decimal)


def holds_texts(column: pd.Series) -> bool:
    """Whether a raw column is not stored as numbers."""
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    return not is_numeric_dtype(column.cat.categories if is_category else column)


def alike(value: str) -> str:
    """What different spellings of one code have in common: 1 for 01 and 1.0, a for Stata's .a."""
    tag, number = _TAG.fullmatch(value), _NUMBER.fullmatch(value)
    if tag:
        return tag["letter"]
    if not number:
        return value
    decimals = (number["decimals"] or "").rstrip("0")
    return number["sign"] + number["whole"] + (f".{decimals}" if decimals else "")


def meanings(occurring: Iterable[str], mapped: Mapping[str | None, Any]) -> dict[str | None, Any]:
    """`mapped` codes, and codes that are `occurring` in another spelling."""
    loosely = {alike(code): meaning for code, meaning in mapped.items() if code is not None}
    others = {
        code: loosely[alike(code)] for code in occurring if code not in mapped and alike(code) in loosely
    }
    return {**mapped, **others}


def is_spreadsheet_error(value: str) -> bool:
    """Whether a cell holds what a spreadsheet program writes where a formula has no result: #N/A, #REF!."""
    return bool(_SPREADSHEET_ERROR.fullmatch(value))


def is_declared(value: str, missing: Sequence[str]) -> bool:
    """Whether a code is among the codes and ranges that a file declares as missing."""
    return any(value == declared or _is_within(value, declared) for declared in missing)


def _is_within(value: str, declared: str) -> bool:
    """Whether a code is a number within a declared range: "-99 to -90", "lowest to -1", "900 to highest"."""
    limits = _RANGE.fullmatch(declared)
    if limits is None:
        return False
    first, last = ({"lowest": "-inf", "highest": "inf"}.get(limit, limit) for limit in limits.groups())
    try:
        low, high = float(first), float(last)
    except ValueError:
        return first <= value <= last
    return bool(_NUMBER.fullmatch(value)) and low <= float(value) <= high
