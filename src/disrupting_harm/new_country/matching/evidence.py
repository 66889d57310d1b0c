"""What speaks for a match, how certain it is, and what comes out: matches with their columns, codes and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Literal

import numpy as np

from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.new_country.matching.families import around, pattern_of
from disrupting_harm.new_country.matching.names import Known
from disrupting_harm.new_country.matching.words import one_to_one

Certainty = Literal["certain", "likely", "asked"]
Clues = Mapping[str, float]
"""How strongly (0 to 1) each kind of evidence, in words, supports a match."""

_CERTAIN, _LIKELY, CONSIDERED = 0.85, 0.6, 0.45
CLEAR_LEAD = 0.1
"""A match is certain only if it is better than the next best by so much, and likely by half of it."""
_UNLIKE = 0.45
"""Wordings that are alike by chance."""
_WORTH_SAYING = 0.2


@dataclass(frozen=True)
class Answers:
    """What may be known about a column's answers without showing one.

    `filled`: rows with an answer; `distinct`: number of different answers; `codes`: those that occur, if they are few
    and all look like codes; `fractional`: whether numbers with decimals occur. `by_row`: for each respondent the
    place of the code in `listed`, -1 where the cell is empty (of some respondents in large files): for the routing
    alone, which never shows it.
    """

    filled: int
    distinct: int
    codes: frozenset[str] | None = None
    fractional: bool = False
    listed: tuple[str, ...] = field(default=(), repr=False)
    by_row: np.ndarray | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Codes:
    """Codes and what they mean.

    `values`: code -> value (one answer), or number as text (coded numbers); `missing`: codes that stand for no number;
    `chosen`, `not_chosen`: codes of questions with several answers; `listed`: code -> option, in a list of mentions;
    `undecided`: codes that occur and mean nothing known; `never_seen`: values with a code that never occurs; `notes`:
    what to check.
    """

    values: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    chosen: str | None = None
    not_chosen: str | None = None
    listed: dict[str, str] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()
    never_seen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """One question of the codebook and the columns that hold it.

    `columns`: delivered column -> (variable, option); the option is "" where there is one answer, and a number where a
    column lists a mention. `reason`: a sentence; `extra`: columns of the same question whose option is not in the
    codebook; `rivals`: others that fit nearly as well; `notes`: what to check.
    """

    entry: str
    columns: dict[str, tuple[str, str]]
    certainty: Certainty
    reason: str
    codes: Codes = field(default_factory=Codes)
    extra: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def first_column(self) -> str:
        """The first of its columns."""
        return next(iter(self.columns))

    @property
    def by_variable(self) -> dict[str, list[str]]:
        """Variable -> its delivered columns."""
        result: dict[str, list[str]] = {}
        for column, (variable, _) in self.columns.items():
            result.setdefault(variable, []).append(column)
        return result

    @property
    def pattern(self) -> str:
        """How the names are built, for people: P13_{code}_{form}."""
        word = "mention" if self.codes.listed else "code"
        of_each = [
            pattern_of(names, word) if len(names) > 1 else names[0] for names in self.by_variable.values()
        ]
        return pattern_of(of_each, "form") if len(of_each) > 1 else of_each[0]

    @property
    def extra_codes(self) -> dict[str, str]:
        """What the names of columns without an option have in the place of its code -> the first such column."""
        result: dict[str, str] = {}
        for name in self.extra:
            for before, after in map(around, self.by_variable.values()):
                if before + after and name.startswith(before) and name.endswith(after):
                    result.setdefault(name[len(before) : len(name) - len(after)], name)
                    break
            else:
                result.setdefault(name, name)
        return result


@dataclass(frozen=True)
class Matching:
    """All matches of a file. `unsure`: what must be asked; nothing may be built on it."""

    table: Table
    matches: dict[str, Match]
    unsure: dict[str, Match]
    knowns: list[Known]

    @property
    def of_column(self) -> dict[str, tuple[Match, str, str]]:
        """Delivered column -> its match, variable and option."""
        return {
            column: (match, variable, option)
            for match in [*self.unsure.values(), *self.matches.values()]
            for column, (variable, option) in match.columns.items()
        }


def together(clues: Clues) -> float:
    """How probable a match is when several kinds of evidence speak for it independently."""
    return 1 - prod(1 - strength for strength in clues.values())


def sentence(clues: Clues) -> str:
    """The reason for a match, the strongest first: "by the wording and by its name in phase_two"."""
    reasons = [what for what, strength in clues.items() if strength > _WORTH_SAYING]
    reasons.sort(key=lambda what: -clues[what])
    return " and ".join(part for part in [", ".join(reasons[:-1]), *reasons[-1:]] if part)


def beyond_chance(likeness: float) -> float:
    """Likeness of wordings as evidence: nothing up to what chance gives, then up to nearly certain."""
    return 0.97 * min(max((likeness - _UNLIKE) / (0.95 - _UNLIKE), 0.0), 1.0)


def certainty(score: float, lead: float, at_most: Certainty = "certain") -> Certainty:
    """In a word, how certain a match is."""
    if score >= _CERTAIN and lead >= CLEAR_LEAD and at_most == "certain":
        return "certain"
    return "likely" if score >= _LIKELY and lead >= CLEAR_LEAD / 2 else "asked"


def assigned(scores: np.ndarray) -> list[tuple[int, int, float]]:
    """Rows and columns that belong together, and by how much each pair is ahead of others that could take its place."""
    considered = np.where(scores >= CONSIDERED, scores, 0.0)
    pairs = [(row, column) for row, column in one_to_one(considered) if considered[row, column]]
    of_row, of_column = np.zeros(scores.shape[0]), np.zeros(scores.shape[1])
    for row, column in pairs:
        of_row[row] = of_column[column] = scores[row, column]
    # What contests a pair: another column for its row, or another row for its column, that has no better place
    rows = np.where(of_column <= scores, scores, 0.0)
    columns = np.where(of_row[:, None] <= scores, scores, 0.0)

    def contested(row: int, column: int) -> float:
        others = np.delete(rows[row], column), np.delete(columns[:, column], row)
        return max(other.max(initial=0) for other in others)

    return [(row, column, scores[row, column] - contested(row, column)) for row, column in pairs]


def rivals(scores: np.ndarray, row: int, column: int) -> list[int]:
    """Other columns of a row that fit nearly as well."""
    fewest = max(CONSIDERED, scores[row, column] - CLEAR_LEAD)
    near = [rival for rival in np.flatnonzero(scores[row] >= fewest).tolist() if rival != column]
    return sorted(near, key=lambda rival: -scores[row, rival])[:4]
