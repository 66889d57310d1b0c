"""Other tables of whole numbers that fit all definitions, found as moves away from the true one (HiGHS through scipy).

A move says by how much each count differs. Breakdowns hang together through the whole country only: a move is looked
for in one breakdown first, while all else stays. If there is none, the whole country moves with it, as little as may
be, and then each other breakdown is completed on its own. So every programme is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disrupting_harm.audit.counts import AuditError, Counts
from disrupting_harm.audit.programme import Programme

COUNTRY = 0
"""The block of the whole country."""

NUDGE = 0.01
"""Price of moving a count of the whole country that breakdowns have to follow."""


@dataclass(frozen=True)
class Part:
    """Counts of some blocks, and the relations that a move of them has to keep."""

    places: np.ndarray
    rows: np.ndarray
    matrix: sparse.csr_matrix


@dataclass(frozen=True)
class Wish:
    """Counts that are to move, and by how much: exactly so, or as far as that."""

    targets: np.ndarray
    by: np.ndarray
    exactly: bool


NOTHING = Wish(np.zeros(0, int), np.zeros(0), exactly=True)


class Moves:
    """Moves of the counts of one table."""

    def __init__(self, counts: Counts) -> None:
        self.values = counts.values.astype(float)
        self.block = counts.block
        self.relations = sparse.vstack([counts.equal, counts.at_most], format="csr")
        if (counts.equal @ counts.values).any() or (counts.at_most @ counts.values > 0).any():
            raise AuditError("Counts do not fit their definitions, so nothing can be decided.")
        is_equal = np.arange(self.relations.shape[0]) < counts.equal.shape[0]
        self.most = np.where(is_equal, 0.0, -(self.relations @ self.values))
        self.least = np.where(is_equal, 0.0, -np.inf)
        terms = self.relations.tocoo()
        self.touches = np.zeros((self.relations.shape[0], self.block.max() + 1), bool)
        self.touches[terms.row, self.block[terms.col]] = True
        between = self.touches[:, COUNTRY] & (self.touches.sum(axis=1) > 1)
        self.leads = (abs(self.relations[between]).sum(axis=0).A1 > 0) & (self.block == COUNTRY)
        self._parts: dict[tuple[int, ...], Part] = {}

    def part(self, blocks: tuple[int, ...], spreads: bool) -> Part:
        """The programme of some blocks. spreads: relations with other blocks are left for later."""
        key = (*blocks, -int(spreads))
        if key not in self._parts:
            places = np.flatnonzero(np.isin(self.block, blocks))
            matrix = self.relations[:, places]
            rows = np.diff(matrix.indptr) > 0
            if spreads:
                rows &= ~np.delete(self.touches, blocks, axis=1).any(axis=1)
            self._parts[key] = Part(places, np.flatnonzero(rows), matrix[rows])
        return self._parts[key]

    def to(
        self, target: int, by: float, price: np.ndarray, exactly: bool, spreads: bool
    ) -> np.ndarray | None:
        """The cheapest move of one count `by` so much, or (not `exactly`) as far as that; None if there is none.

        price: of moving each count by one, infinite where it has to stay. spreads: the whole country and all breakdowns
        may move with it, not just its own.
        """
        own = int(self.block[target])
        part = self.part(tuple(sorted({COUNTRY, own})) if spreads else (own,), spreads)
        wish = Wish(np.array([target]), np.array([by]), exactly)
        move = self.cheapest(part, price + spreads * NUDGE * self.leads, wish)
        return None if move is None else self.completed(move, price)

    def together(self, wish: Wish, price: np.ndarray, block: int, spreads: bool) -> np.ndarray | None:
        """A move of many counts of one block at once, each as far as is wished; else as `to`."""
        part = self.part(tuple(sorted({COUNTRY, block})) if spreads else (block,), spreads)
        move = self.cheapest(part, price + spreads * NUDGE * self.leads, wish, branches=False)
        return None if move is None else self.completed(move, price)

    def completed(self, move: np.ndarray, price: np.ndarray) -> np.ndarray | None:
        """A move with what other blocks need for it to fit; None if it cannot."""
        for block in range(1, self.touches.shape[1]):
            if (self.broken(move) & self.touches[:, block]).any():
                more = self.cheapest(self.part((block,), spreads=False), price, given=move)
                if more is None:
                    return None
                move = move + more
        return None if self.broken(move).any() or (self.values + move < 0).any() else move

    def broken(self, move: np.ndarray) -> np.ndarray:
        """Relations that a move does not keep (whole numbers: no rounding)."""
        sums = self.relations @ move
        return (sums < self.least) | (sums > self.most)

    def cheapest(
        self,
        part: Part,
        price: np.ndarray,
        wish: Wish = NOTHING,
        given: np.ndarray | None = None,
        branches: bool = True,
    ) -> np.ndarray | None:
        """The cheapest move of a part's counts; None if there is none. given: a move of others, to be completed."""
        can = np.isfinite(price[part.places])
        places, matrix = part.places[can], part.matrix[:, can]
        done = np.zeros(len(part.rows)) if given is None else self.relations[part.rows] @ given
        rows = (np.diff(matrix.indptr) > 0) | (done != 0)
        least, most = (each[part.rows[rows]] - done[rows] for each in (self.least, self.most))
        low, high = -self.values[places], self.values.max() - self.values[places]
        wished = np.searchsorted(places, wish.targets)
        if wish.exactly:
            if ((wish.by < low[wished]) | (wish.by > high[wished])).any():
                return None
            low[wished] = high[wished] = wish.by
        programme = Programme(matrix[rows], least, most)
        own = price[places]
        own[wished] = 0.0  # they move in any case
        programme.bound(low, high, own)
        if not wish.exactly:
            programme.reach(wished, wish.by, 1 / NUDGE)
        solution = programme.solve(branches, presolve=wish is NOTHING or not wish.exactly)
        if solution is None:
            return None
        move = np.zeros(len(self.values))
        move[places] = solution
        return move
