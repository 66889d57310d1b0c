"""How far each hidden count can differ among the tables that fit what is shown."""

from __future__ import annotations

import itertools

import numpy as np

from disrupting_harm.audit.counts import Counts
from disrupting_harm.audit.moves import Moves, Wish

SEED = 1
TURNS = 100
PATIENCE = 2
SOME = 0.3
FEW = 10
"""Many counts at once: in so many directions, until so many of them have opened nothing."""


class Ranges:
    """Lowest and highest value of each count among the tables that have been found.

    Every table is of whole numbers and fits, so that a range is never thought wider than it is.
    """

    def __init__(self, counts: Counts) -> None:
        self.moves = Moves(counts)
        self.truth = self.moves.values
        self.low, self.high = self.truth.copy(), self.truth.copy()

    def width(self, target: int) -> float:
        """By how much a count can differ, as far as tables have been found."""
        return self.high[target] - self.low[target]

    def add(self, move: np.ndarray) -> None:
        """Take notice of a table."""
        self.low = np.minimum(self.low, self.truth + move)
        self.high = np.maximum(self.high, self.truth + move)

    def steps(self, target: int, enough: float) -> list[float]:
        """How far a count would have to go up, or down, for its range to be wide enough."""
        lacking = enough - self.width(target)
        up = self.high[target] - self.truth[target] + lacking
        down = self.truth[target] - self.low[target] + lacking
        return [up, -down]

    def widen(self, targets: np.ndarray, enough: np.ndarray, known: np.ndarray) -> None:
        """Look for tables that move many narrow targets at once, block by block, as long as this opens some."""
        price = np.where(known, np.inf, 0.0)
        draws = np.random.default_rng(SEED)
        own = self.moves.block[targets]
        for block, spreads in itertools.product(np.unique(own), (False, True)):
            idle = 0
            for turn in range(TURNS):
                lacking = enough - (self.high - self.low)[targets]
                narrow = np.flatnonzero((lacking > 0) & (own == block) & ~known[targets])
                if not len(narrow) or idle > PATIENCE:
                    break
                narrow = narrow[draws.random(len(narrow)) < SOME] if len(narrow) > FEW else narrow
                sign = draws.choice([-1.0, 1.0], len(narrow)) if turn > 1 else 1.0 - 2 * turn
                ends = (
                    np.where(sign > 0, self.high[targets[narrow]], self.low[targets[narrow]])
                    + sign * lacking[narrow]
                )
                wish = Wish(targets[narrow], ends - self.truth[targets[narrow]], exactly=False)
                move = self.moves.together(wish, price, block, spreads)
                if move is not None:
                    self.add(move)
                idle = 0 if (enough - (self.high - self.low)[targets] < lacking).any() else idle + 1

    def is_open(self, target: int, enough: float, known: np.ndarray) -> bool:
        """Whether tables that keep all `known` counts leave a count `enough`; looks for them."""
        price = np.where(known, np.inf, 0.0)
        if known[target]:
            return False
        for spreads in (False, True):
            for way in (0, 1):
                if self.width(target) >= enough:
                    return True
                by = self.steps(target, enough)[way]
                move = self.moves.to(target, by, price, exactly=False, spreads=spreads)
                if move is not None:
                    self.add(move)
        return self.width(target) >= enough
