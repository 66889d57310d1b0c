"""Cells of a text file: distinct values are numbers if all of them are, however they are written; otherwise words.

A number may have a decimal comma, and its thousands may stand apart: 1.310,5 or 1,310.5 or 1 310. Where a file does not
show whether 1.310 is a little more than one or than a thousand, nothing is guessed: the cells stay as they are, and
`is_undecided` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from disrupting_harm.config.entries.digits import with_ascii_digits
from disrupting_harm.delivered.formats.description import Kind

_COMMA = r"^([+-]?\d*),(\d+)$"
_DECIMAL = {",": _COMMA, ".": r"^[+-]?\d*\.\d+$"}
_BLANK = r" \x{A0}\x{2007}\x{2009}\x{202F}'\x{2019}\x{66C}"
"""Blanks (no-break, as wide as a digit, thin, narrow), apostrophes, the Arabic sign between thousands."""
_APART = {".": f"[,{_BLANK}]", ",": f"[.{_BLANK}]"}
"""Decimal sign -> what may stand between the thousands of a number."""
_OTHER_SIGN = {".": ",", ",": "."}
_THOUSANDS = {sign: rf"^[+-]?\d{{1,3}}(?:{apart}\d{{3}})+(?:[{sign}]\d*)?$" for sign, apart in _APART.items()}
_BOTH = {sign: rf"^[+-]?\d{{1,3}}(?:{apart}\d{{3}})+[{sign}]\d+$" for sign, apart in _APART.items()}
_EITHER = {sign: rf"^[+-]?[1-9]\d{{0,2}}(?:[{sign}]\d{{3}})+$" for sign in _APART}
"""Thousands with this sign between them, or a number with three decimals."""
_BELOW_THOUSAND = r"^[+-]?\d{1,3}$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_LONG = r"\d{16}"
"""More digits than a number keeps: an identifier."""
_ARABIC_DECIMAL = "٫"
_OTHER_DIGIT = r"[^\P{Nd}0-9]|[\x{1369}-\x{1371}]"
_DATE = r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})([ T].*)?$"


@dataclass
class Kinds:
    """What a column's cells have been so far."""

    number: bool = True
    date: bool = True
    comma: bool = False

    def look(self, cells: Any, decimal: str | None, missing: Sequence[str] | None = None) -> None:
        """Take in some more cells. `missing`: texts that mean an empty cell."""
        if not (self.number or self.date):
            return
        values = trimmed(cells.unique(), missing)
        self.date = self.date and _all_match(values, _DATE)
        self.comma = self.comma or (decimal or _decimal_sign(values)) == ","
        self.number = self.number and _all_match(_with_points(values, decimal), _NUMBER)

    @property
    def kind(self) -> Kind:
        """The kind in a word; a column without any value counts as numbers."""
        if self.number:
            return "number"
        return "date" if self.date else "text"


def trimmed(values: Any, missing: Sequence[str] | None = None) -> Any:
    """Texts without blanks around them, digits as 0 to 9; those that are nothing else, or `missing`, are missing."""
    import pyarrow as pa
    from pyarrow import compute

    texts = compute.utf8_trim_whitespace(values)
    empty = compute.is_in(texts, pa.array(["", *(missing or ())], pa.string()))
    texts = compute.if_else(empty, pa.scalar(None, pa.string()), texts)
    if not _any_match(texts, _OTHER_DIGIT):
        return texts
    return pa.array([text and with_ascii_digits(text) for text in texts.to_pylist()], pa.string())


def as_numbers(values: Any, decimal: str | None) -> Any:
    """Texts as numbers if all of them are, otherwise as they are, decimal commas as points.

    `decimal`: the sign in 0.5; None: as the values show it. Where they do not, they stay as they are.
    """
    import pyarrow as pa

    if decimal is None and _is_undecided(values):
        return values
    texts = _with_points(values, decimal)
    if not _all_match(texts, _NUMBER) or _any_match(texts, _LONG):
        return texts
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts.cast(pa.float64())


def is_undecided(texts: Sequence[str | None], decimal: str | None) -> bool:
    """Whether nothing shows if a point (or a comma) stands before decimals or between thousands: 1.310 beside 987."""
    import pyarrow as pa

    return decimal is None and _is_undecided(pa.array(texts, pa.string()))


def _is_undecided(values: Any) -> bool:
    """The same of an array. A number with the Arabic decimal sign is none of these."""
    either = "|".join(_EITHER.values())
    return _any_match(values, either) and _all_match(values, f"{either}|{_BELOW_THOUSAND}")


def with_points(texts: Sequence[str | None], decimal: str | None) -> list[str | None]:
    """Texts with a decimal point and nothing between thousands, where they are numbers written otherwise."""
    import pyarrow as pa

    return _with_points(pa.array(texts, pa.string()), decimal).to_pylist()


def _with_points(values: Any, decimal: str | None) -> Any:
    """Texts with decimal points in place of decimal commas, and without signs between thousands."""
    from pyarrow import compute

    if _any_match(values, _ARABIC_DECIMAL):
        sign = decimal or "."
        values = compute.replace_substring(values, _ARABIC_DECIMAL, sign)
    else:
        sign = decimal or _decimal_sign(values)
    is_apart = compute.match_substring_regex(values, _THOUSANDS[sign])
    if compute.any(is_apart).as_py():
        others = compute.filter(values, compute.invert(is_apart))
        if _any_match(others, f"[{_OTHER_SIGN[sign]}]"):  # 1.310 and 1.5: no rule fits both
            return values
        values = compute.if_else(is_apart, compute.replace_substring_regex(values, _APART[sign], ""), values)
    return compute.replace_substring_regex(values, _COMMA, r"\1.\2") if sign == "," else values


def _decimal_sign(values: Any) -> str:
    """The sign before decimals, by what cannot be thousands; else a comma where some value has one and none a point."""
    for sign in _BOTH:
        if _any_match(values, _BOTH[sign]):
            return sign
    comma, point = (_any_match(values, _DECIMAL[sign]) for sign in ",.")
    if comma and point:
        comma, point = (_any_match(values, _DECIMAL[sign], unless=_EITHER[sign]) for sign in ",.")
    return "," if comma and not point else "."


def _any_match(values: Any, pattern: str, unless: str | None = None) -> bool:
    """Whether some value matches a pattern, and not another one."""
    from pyarrow import compute

    matches = compute.match_substring_regex(values, pattern)
    if unless:
        matches = compute.and_(matches, compute.invert(compute.match_substring_regex(values, unless)))
    return bool(compute.any(matches).as_py())


def _all_match(values: Any, pattern: str) -> bool:
    """Whether all values that are not missing match a pattern."""
    from pyarrow import compute

    return compute.all(compute.match_substring_regex(values, pattern)).as_py() is not False
