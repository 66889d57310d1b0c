"""What speaks for a match: the name, the wording of the label, the labels of values, and how the answers are built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

Confidence = Literal["sure", "likely", "unsure"]
Clues = Mapping[str, float]
"""How strongly (0 to 1) each kind of evidence supports a match."""

_SURE, _LIKELY, CONSIDERED = 0.85, 0.6, 0.45
CLEAR_LEAD = 0.1
"""A match is sure only if it is better than the next best by so much, and likely by half of it."""
_UNLIKE = 0.45
"""Wordings that are alike by chance."""


@dataclass(frozen=True)
class Answers:
    """What may be known about a column's answers without showing one.

    `filled`: rows with an answer; `distinct`: number of different answers; `codes`: those that occur, if they are few
    and all look like codes; `fractional`: whether numbers with decimals occur.
    """

    filled: int
    distinct: int
    codes: frozenset[str] | None = None
    fractional: bool = False


def together(clues: Clues) -> float:
    """How probable a match is when several kinds of evidence speak for it independently."""
    return 1 - prod(1 - strength for strength in clues.values())


def reason_of(clues: Clues) -> str:
    """The reason for a match, the strongest first: "by label, name and value labels"."""
    words = sorted(
        (what for what, strength in clues.items() if strength > 0.2), key=lambda what: -clues[what]
    )
    return f"by {' and '.join(filter(None, [', '.join(words[:-1]), words[-1]]))}" if words else ""


def beyond_chance(likeness: float) -> float:
    """Likeness of wordings as evidence: nothing up to what chance gives, then up to nearly certain."""
    return 0.97 * min(max((likeness - _UNLIKE) / (0.95 - _UNLIKE), 0.0), 1.0)


def confidence(score: float, lead: float) -> Confidence:
    """In a word, how sure a match is."""
    if score >= _SURE and lead >= CLEAR_LEAD:
        return "sure"
    return "likely" if score >= _LIKELY and lead >= CLEAR_LEAD / 2 else "unsure"
