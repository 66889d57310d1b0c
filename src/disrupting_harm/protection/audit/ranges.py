"""How far each hidden count can differ among the tables that agree with what is published."""

from __future__ import annotations

import numpy as np

from disrupting_harm.protection.audit.alternatives import Alternatives
from disrupting_harm.protection.audit.attacker import Attacker, Move

_TOGETHER = 64
"""Targets of one level that are examined together."""

NEARLY = 1e-6
"""By how much a number from a linear programme may be off."""


def width(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """By how much the whole numbers between two ends differ."""
    return np.floor(high + NEARLY) - np.ceil(low - NEARLY)


class Ranges:
    """Lowest and highest value of each count among the tables that have been found.

    Every table agrees with everything, so that no range is thought wider than it is. need: by how much each target has
    to be able to differ, as a whole number; ends: lowest and highest values that are known already.
    """

    def __init__(
        self,
        attacker: Attacker,
        truth: np.ndarray,
        targets: np.ndarray,
        need: np.ndarray,
        ends: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.attacker, self.truth = attacker, truth.astype(float)
        self.targets = targets
        self.need = np.zeros(len(truth))
        self.need[targets] = need
        self.low, self.high = (values.copy() for values in ends or (self.truth, self.truth))
        self.moves: list[Move] = []
        self.lowest, self.highest = (np.full(len(truth), -1) for _ in range(2))

    def lacking(self, targets: np.ndarray) -> np.ndarray:
        """How much each range is too narrow."""
        return np.maximum(self.need[targets] - width(self.low[targets], self.high[targets]), 0)

    def ends(self, targets: np.ndarray, sign: float) -> np.ndarray:
        """How far targets would have to move up, or down, for their ranges to be wide enough."""
        far = self.high - self.truth if sign > 0 else self.truth - self.low
        return sign * (np.floor(far[targets] + NEARLY) + self.lacking(targets))

    def note(self, move: Move) -> None:
        """Take notice of a table."""
        places, value = move.counts.indices, self.truth[move.counts.indices] + move.counts.data
        higher, lower = value > self.high[places], value < self.low[places]
        self.high[places[higher]], self.low[places[lower]] = value[higher], value[lower]
        self.highest[places[higher]] = self.lowest[places[lower]] = len(self.moves)
        self.moves.append(move)

    def narrow(self, targets: np.ndarray) -> np.ndarray:
        """Those of some targets whose ranges are too narrow."""
        return targets[self.lacking(targets) > 0]

    def widen(self, groups: list[np.ndarray]) -> None:
        """Look for tables that move many targets at once: up, then down. groups: targets that hang together."""
        for sign in (1.0, -1.0):
            for group in groups:
                for start in range(0, len(group), _TOGETHER):
                    part = self.narrow(group[start : start + _TOGETHER])
                    part = part if sign > 0 else part[self.truth[part] > 0]
                    if len(part):
                        self.note(self.attacker.moves(part, self.ends(part, sign)))

    def is_open(self, target: int) -> bool:
        """Whether the range of a target is wide enough; looks for tables."""
        one = np.array([target])
        for sign in (1.0, -1.0):
            if len(self.narrow(one)) and (sign > 0 or self.truth[target] > 0):
                self.note(self.attacker.moves(one, self.ends(one, sign)))
        return not len(self.narrow(one))

    def alternatives(self) -> Alternatives:
        """The tables that show how far the targets can differ."""
        used = np.union1d(self.lowest[self.targets], self.highest[self.targets])
        return Alternatives.of([self.moves[one] for one in used.tolist() if one >= 0], len(self.truth))
