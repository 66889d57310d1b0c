"""Publish less finely, or hide, with as little loss as possible, until no hidden count can be narrowed.

A hidden count is open when tables agree with everything published in which it takes enough different values. Where it
is not, the table is looked for that makes it open and agrees with most of what is published: what does not agree with
it is rounded coarsely, or hidden if it would not agree even then. Tables that agreed before still do, so that what was
open stays open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from disrupting_harm.protection.audit.alternatives import Alternatives
from disrupting_harm.protection.audit.always import require_true
from disrupting_harm.protection.audit.attacker import Attacker, Move
from disrupting_harm.protection.audit.counts import AuditError, Counts
from disrupting_harm.protection.audit.ranges import Ranges, width
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN, Statements, each_once

_OF_ROUNDING = 0.1
"""What is lost when an estimate is rounded coarsely, as a part of what is lost when it is hidden."""

_PER_STEP = 0.05
"""Loss of a statement for each respondent by which it does not agree."""


@dataclass(frozen=True)
class Secrets:
    """Counts that may not be narrowed, by how much each has to be able to differ, and which of them hang together."""

    targets: np.ndarray
    need: np.ndarray
    group: np.ndarray

    def groups(self) -> list[np.ndarray]:
        """Targets by group."""
        return [self.targets[self.group == one] for one in dict.fromkeys(self.group.tolist())]


class _Ladder:
    """How finely each estimate is published. grades: at first; cost: what is lost when an estimate is hidden."""

    def __init__(self, counts: Counts, statements: Statements, grades: np.ndarray, cost: np.ndarray) -> None:
        self.statements, pairs = each_once(statements)
        self.made, self.by = pairs.T
        self.grades, self.cost = grades.copy(), cost
        self.attacker = Attacker(counts, self.statements)
        self.silence()

    def still(self) -> np.ndarray:
        """Of all pairs of a statement and an estimate that makes it: whether it is published finely enough to do so."""
        return self.grades[self.by] <= self.statements.grade[self.made]

    def silence(self) -> None:
        """Take statements back that no estimate makes any more."""
        makers = np.bincount(self.made, self.still(), minlength=len(self.statements))
        self.attacker.silence(np.arange(len(self.statements)), makers == 0)

    @property
    def loss(self) -> np.ndarray:
        """What is lost for each respondent by which a statement does not agree."""
        cost = np.where(self.still(), self.cost[self.by], 0)
        part = np.where(self.statements.grade == FINE, _OF_ROUNDING, 1.0)
        return _PER_STEP * part * np.bincount(self.made, cost, minlength=len(self.statements))

    def price_of(self, move: Move) -> float:
        """What is lost if a table is to agree."""
        after = self.after(move)
        loses = after > self.grades
        return float(self.cost[loses] @ np.where(after[loses] == HIDDEN, 1.0, _OF_ROUNDING))

    def after(self, move: Move) -> np.ndarray:
        """The grades that let a table agree."""
        grades = self.grades.copy()
        broken = np.isin(self.made, move.broken)
        less = np.where(self.statements.grade[self.made] == FINE, COARSE, HIDDEN)
        np.maximum.at(grades, self.by[broken], less[broken])
        return grades

    def give_way(self, ranges: Ranges, target: int) -> None:
        """Publish as little less as it takes for a target to be open. Raises AuditError."""
        one = np.array([target])
        while len(ranges.narrow(one)):
            lacking = ranges.lacking(one)[0]
            best = min(
                self.ways(ranges, one), key=lambda move: (-self.gain(ranges, one, move), self.price_of(move))
            )
            self.grades = self.after(best)
            self.silence()
            ranges.note(best)
            if ranges.lacking(one)[0] >= lacking:
                raise AuditError("A hidden count follows from definitions alone, whatever is shown.")

    def ways(self, ranges: Ranges, one: np.ndarray) -> list[Move]:
        """Tables in which a target goes up, or down, as far as it lacks, whatever this breaks."""
        return [self.attacker.moves(one, ranges.ends(one, sign), self.loss) for sign in (1.0, -1.0)]

    def gain(self, ranges: Ranges, one: np.ndarray, move: Move) -> float:
        """How much wider a table would make the range of a target, at most by what it lacks."""
        value = ranges.truth[one] + move.counts[0, one[0]]
        low, high = np.minimum(ranges.low[one], value), np.maximum(ranges.high[one], value)
        return float(width(low, high)[0] - width(ranges.low[one], ranges.high[one])[0])


def protect(
    counts: Counts, statements: Statements, secrets: Secrets, grades: np.ndarray, cost: np.ndarray
) -> tuple[np.ndarray, Alternatives]:
    """How finely each estimate is published for all secrets to be open (`FINE`, `COARSE`, `HIDDEN`).

    With tables that agree with what is published then, and show it. grades: the finest of each; cost: what is lost when
    it is hidden, infinite for what is published in any case. Raises AuditError.
    """
    ladder = _Ladder(counts, statements, grades, cost)
    ranges = Ranges(ladder.attacker, counts.values, secrets.targets, secrets.need)
    ranges.widen(secrets.groups())
    for target in ranges.narrow(secrets.targets).tolist():
        if not ranges.is_open(target):
            ladder.give_way(ranges, target)
    return ladder.grades, ranges.alternatives()


def exposed(
    counts: Counts, statements: Statements, secrets: Secrets, known: Alternatives | None = None
) -> np.ndarray:
    """Secrets that can be narrowed by whoever knows all statements.

    known: tables that may agree with them; others are looked for where these are not enough. Raises AuditError where
    the statements are not true.
    """
    statements, _ = each_once(statements)
    require_true(counts, statements)
    low = high = counts.values.astype(float)
    if known is not None:
        low, high = known.agreeing(counts, statements).ends(counts.values)
    narrow = width(low, high)[secrets.targets] < secrets.need
    if not narrow.any():
        return np.zeros(0, int)
    rest = Secrets(secrets.targets[narrow], secrets.need[narrow], secrets.group[narrow])
    ranges = Ranges(Attacker(counts, statements), counts.values, rest.targets, rest.need, (low, high))
    ranges.widen(rest.groups())
    return np.array([one for one in ranges.narrow(rest.targets).tolist() if not ranges.is_open(one)], int)
