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

_AT_SEPARATORS = re.compile(r"[_.\-: ]+|[^_.\-: ]+")
_AT_BORDERS = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]+")
_COMPLETE = 0.7
"""Share of the table of parts that a family of two places must fill."""
_FEWEST = {1: 3, 2: 6}
"""Columns that a family of one or two places has at least."""


@dataclass(frozen=True)
class Family:
    """Columns by the parts in which their names differ: {("1", "a"): "P13_1_a"}; `around`: the text between them.

    `name("1", "a")` gives P13_1_a back.
    """

    columns: dict[tuple[str, ...], str]
    around: tuple[str, ...]

    @property
    def places(self) -> int:
        """Number of places in which the names differ."""
        return len(self.around) - 1

    def name(self, *parts: str) -> str:
        """The name with these parts: of a column, or a pattern if the parts are words in braces."""
        pieces = [self.around[0]]
        for part, after in zip(parts, self.around[1:], strict=True):
            pieces += [part, after]
        return "".join(pieces)

    def parts(self, position: int) -> list[str]:
        """The parts that occur in one place, in the order of the file."""
        return list(dict.fromkeys(key[position] for key in self.columns))


def families(names: Iterable[str], places: int) -> list[Family]:
    """All families that differ in so many places; a column may be in several."""
    names = list(dict.fromkeys(names))
    candidates = [*possible(names, places, _AT_SEPARATORS), *possible(names, places, _AT_BORDERS)]
    return list({frozenset(family.columns.values()): family for family in reversed(candidates)}.values())


def possible(names: Sequence[str], places: int, split: re.Pattern[str]) -> list[Family]:
    """All families among some names whose parts make a nearly complete table."""
    groups: dict[tuple[str, ...], dict[tuple[str, ...], str]] = defaultdict(dict)
    for name in names:
        tokens = split.findall(name)
        parts = [index for index in range(1, len(tokens)) if tokens[index][0].isalnum()]
        for chosen in combinations(parts, places):
            around = tuple(
                "".join(tokens[start:stop])
                for start, stop in zip(
                    (0, *(index + 1 for index in chosen)), (*chosen, len(tokens)), strict=True
                )
            )
            groups[around][tuple(tokens[index] for index in chosen)] = name
    return [Family(columns, around) for around, columns in groups.items() if _is_whole(columns, places)]


def _is_whole(columns: dict[tuple[str, ...], str], places: int) -> bool:
    """Whether the parts make a nearly complete table of at least two by two."""
    sizes = [len(set(parts)) for parts in zip(*columns, strict=True)]
    return min(sizes) > 1 and len(columns) >= max(_FEWEST[places], _COMPLETE * prod(sizes))


def around(parts: Sequence[str]) -> tuple[str, str]:
    """What all of some parts begin and end with: ("m", "") of m1, m2, m10."""
    before = _shared_start(parts)
    return before, _shared_start([part[len(before) :][::-1] for part in parts])[::-1]


def _shared_start(words: Sequence[str]) -> str:
    """The letters that all words begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*words, strict=False))
    return "".join(letters[0] for letters in same)
