"""Digits of any script (Arabic, Persian, Devanagari, Thai, Khmer, Ethiopic, ...) as 0 to 9."""

from __future__ import annotations

import re
import unicodedata

_OTHER_DIGIT = re.compile(r"[^\D0-9]|[\u1369-\u1371]")
"""A decimal digit of another script; the Ethiopic numerals from 1 to 9, which have no zero, count as digits too."""


def with_ascii_digits(text: str) -> str:
    """A text in which each digit is one of 0 to 9."""
    return text if text.isascii() else _OTHER_DIGIT.sub(lambda sign: str(unicodedata.digit(sign[0])), text)
