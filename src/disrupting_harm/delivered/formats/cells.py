"""Cells of a text file: distinct values are numbers if all of them are, also with decimal commas; otherwise words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from disrupting_harm.delivered.formats.description import Kind

_COMMA = r"^([+-]?\d*),(\d+)$"
_POINT = r"^[+-]?\d*\.\d+$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_LONG = r"\d{16}"
"""More digits than a number keeps: an identifier."""
_DATE = r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})([ T].*)?$"


@dataclass
class Kinds:
    """What a column's cells have been so far."""

    number: bool = True
    date: bool = True
    comma: bool = False

    def look(self, cells: Any, decimal: str | None) -> None:
        """Take in some more cells."""
        if not (self.number or self.date):
            return
        values = trimmed(cells.unique())
        self.date = self.date and _all_match(values, _DATE)
        self.comma = self.comma or _has_commas(values, decimal)
        self.number = self.number and _all_match(_with_points(values, decimal), _NUMBER)

    @property
    def kind(self) -> Kind:
        """The kind in a word; a column without any value counts as numbers."""
        if self.number:
            return "number"
        return "date" if self.date else "text"


def trimmed(values: Any) -> Any:
    """Texts without blanks around them; those that are nothing else are missing."""
    from pyarrow import compute, scalar, string

    texts = compute.utf8_trim_whitespace(values)
    return compute.if_else(compute.equal(texts, ""), scalar(None, string()), texts)


def as_numbers(values: Any, decimal: str | None) -> Any:
    """Texts as numbers if all of them are, otherwise as they are, decimal commas as points.

    `decimal`: the sign in 0.5; None: a comma where some value has one and none has a point.
    """
    import pyarrow as pa

    texts = _with_points(values, decimal)
    if not _all_match(texts, _NUMBER) or _any_match(texts, _LONG):
        return texts
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts.cast(pa.float64())


def _with_points(values: Any, decimal: str | None) -> Any:
    """Texts with decimal points in place of decimal commas."""
    from pyarrow import compute

    if not _has_commas(values, decimal):
        return values
    return compute.replace_substring_regex(values, _COMMA, r"\1.\2")


def _has_commas(values: Any, decimal: str | None) -> bool:
    """Whether some values are numbers with a decimal comma: either given, or none has a decimal point."""
    if decimal == "." or not _any_match(values, _COMMA):
        return False
    return decimal == "," or not _any_match(values, _POINT)


def _any_match(values: Any, pattern: str) -> bool:
    """Whether some value matches a pattern."""
    from pyarrow import compute

    return bool(compute.any(compute.match_substring_regex(values, pattern)).as_py())


def _all_match(values: Any, pattern: str) -> bool:
    """Whether all values that are not missing match a pattern."""
    from pyarrow import compute

    return compute.all(compute.match_substring_regex(values, pattern)).as_py() is not False
