"""Hide more, with as little loss as possible, until no hidden count can be told.

A count that may not be told is open when tables of whole numbers fit everything shown in which it differs by `enough`
or more: then neither its value nor "from 1 to k - 1" follows. Where it is not, the table is looked for that differs
enough and touches the least of what is shown (see `Cells.cost`): what it touches is hidden, and the count is open, as
this table now fits. What was hidden stays hidden, so it stays open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from disrupting_harm.audit.counts import AuditError, Counts
from disrupting_harm.audit.moves import COUNTRY
from disrupting_harm.audit.ranges import Ranges


@dataclass(frozen=True)
class Cells:
    """Estimates and the counts that each one shows.

    shows: estimates x 2, places of base and counted among the counts (-1: none).
    cost: what is lost when an estimate is hidden.
    targets, enough: counts that may not be told, and by how much each has to be able to differ.
    """

    counts: Counts
    shows: np.ndarray
    cost: np.ndarray
    targets: np.ndarray
    enough: np.ndarray

    def known(self, shown: np.ndarray) -> np.ndarray:
        """Counts that the shown estimates show."""
        return self.price(shown) > 0

    def price(self, shown: np.ndarray) -> np.ndarray:
        """What is lost when all shown estimates that show a count are hidden, for each count."""
        found = np.zeros(len(self.counts.values))
        for place in (0, 1):
            used = self.shows[:, place]
            chosen = shown & (used >= 0) & ((place == 0) | (self.shows[:, 0] != used))
            np.add.at(found, used[chosen], self.cost[chosen])
        return found

    def order(self) -> np.ndarray:
        """Places among the targets: those of the whole country first, larger counts first."""
        values, block = self.counts.values[self.targets], self.counts.block[self.targets]
        return np.lexsort((self.targets, -values, block != COUNTRY))


def exposed(cells: Cells, shown: np.ndarray) -> np.ndarray:
    """Places among `cells.targets` of counts that what is shown leaves too narrow."""
    ranges, known = Ranges(cells.counts), cells.known(shown)
    ranges.widen(cells.targets, cells.enough, known)
    narrow = [
        place
        for place in cells.order()
        if not ranges.is_open(cells.targets[place], cells.enough[place], known)
    ]
    return np.array(sorted(narrow), int)


def protect(cells: Cells, shown: np.ndarray) -> np.ndarray:
    """`shown` with as many estimates hidden as it takes for no target to be exposed. Raises AuditError."""
    ranges, shown = Ranges(cells.counts), shown.copy()
    price = cells.price(shown)
    ranges.widen(cells.targets, cells.enough, price > 0)
    for place in cells.order():
        target, enough = cells.targets[place], cells.enough[place]
        if ranges.width(target) >= enough:
            continue
        move = least_loss(ranges, target, enough, price)
        touched = np.flatnonzero((move != 0) & (price > 0))
        shown &= ~np.isin(cells.shows, touched).any(axis=1)
        price = cells.price(shown)
        ranges.add(move)
    return shown


def least_loss(ranges: Ranges, target: int, enough: float, price: np.ndarray) -> np.ndarray:
    """The move that makes a target open and touches the least of what is shown. Raises AuditError."""
    for spreads in (False, True):
        moves = [
            ranges.moves.to(target, by, price, exactly=True, spreads=spreads)
            for by in ranges.steps(target, enough)
        ]
        if found := [move for move in moves if move is not None]:
            return min(found, key=lambda move: price[move != 0].sum())
    raise AuditError("A hidden count follows from definitions alone, whatever is shown.")
