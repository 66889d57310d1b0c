"""Families of delivered columns whose names differ in one or two places only: P13_1_a, P13_2_a ... P13_11_i.

Names alone are looked at. A family is found by leaving out one or two parts of each name: what is the same then belongs
together, if the parts left out make a (nearly) complete table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, takewhile
from math import prod

_AT_SEPARATORS = re.compile(r"[_.\-:/ ]+|[^_.\-:/ ]+")
_AT_BORDERS = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]+")
_COMPLETE = 0.7
"""Share of the table of parts that a family of two places must fill."""
_FEWEST = {1: 3, 2: 6}
"""Columns that a family of one or two places has at least."""
_MOST_PARTS = 12
"""A name of more parts than this is a sentence."""


@dataclass(frozen=True)
class Family:
    """Columns by the parts in which they differ: {("1", "a"): "P13_1_a"}; `by_routing`: found by who was asked."""

    columns: dict[tuple[str, ...], str]
    by_routing: bool = False

    @property
    def places(self) -> int:
        """Number of places in which the names differ."""
        return len(next(iter(self.columns)))

    def parts(self, position: int) -> list[str]:
        """The parts that occur in one place, in the order of the file."""
        return list(dict.fromkeys(key[position] for key in self.columns))


def families(names: Iterable[str], places: int) -> list[Family]:
    """All families that differ in so many places; a column may be in several."""
    names = list(dict.fromkeys(names))
    candidates = [*_possible(names, places, _AT_SEPARATORS), *_possible(names, places, _AT_BORDERS)]
    return list({frozenset(family.columns.values()): family for family in reversed(candidates)}.values())


def _possible(names: Sequence[str], places: int, split: re.Pattern[str]) -> list[Family]:
    """All families among some names whose parts make a nearly complete table."""
    groups: dict[tuple[str, ...], dict[tuple[str, ...], str]] = defaultdict(dict)
    for name in names:
        tokens = split.findall(name)
        parts = [index for index in range(len(tokens)) if tokens[index][0].isalnum()]
        if len(parts) > _MOST_PARTS:
            continue
        for chosen in combinations(parts[1:] if parts[:1] == [0] and places > 1 else parts, places):
            rest = tuple("" if index in chosen else token for index, token in enumerate(tokens))
            groups[rest][tuple(tokens[index] for index in chosen)] = name
    return [Family(columns) for columns in groups.values() if _is_nearly_complete(columns, places)]


def _is_nearly_complete(columns: dict[tuple[str, ...], str], places: int) -> bool:
    """Whether the parts make a nearly complete table of at least two by two."""
    sizes = [len(set(parts)) for parts in zip(*columns, strict=True)]
    return min(sizes) > 1 and len(columns) >= max(_FEWEST[places], _COMPLETE * prod(sizes))


def around(parts: Sequence[str]) -> tuple[str, str]:
    """What all of some names begin and end with, numbers in full: ("m", "") of m10, m11, m12."""
    before = _shared_start(parts)
    after = _shared_start([part[len(before) :][::-1] for part in parts])[::-1]
    middle = [part[len(before) : len(part) - len(after)] for part in parts]
    if all(part.isdigit() or not part for part in middle):
        before = before.rstrip("0123456789")
        after = after.lstrip("0123456789")
    return before, after


def codes_in(names: Sequence[str]) -> dict[str, str]:
    """Name -> the part in which it differs from the others."""
    before, after = around(names)
    return {name: name[len(before) : len(name) - len(after)] for name in names}


def pattern_of(names: Sequence[str], word: str) -> str:
    """Names with a word in braces for what differs; all of them where they have nothing in common."""
    before, after = around(names)
    return f"{before}{{{word}}}{after}" if before or after else ", ".join(names)


def _shared_start(words: Sequence[str]) -> str:
    """The letters that all words begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*words, strict=False))
    return "".join(letters[0] for letters in same)
