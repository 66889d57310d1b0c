"""A linear programme that looks for the cheapest move of some counts, whole numbers wanted (HiGHS through scipy)."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

WHOLE = 1e-6
"""How far a solution may lie from whole numbers and still count as whole."""

NODES = 50
"""Where the linear solution is not whole: branches that are looked at. No limit of time: it would differ by machine."""


class Programme:
    """The cheapest move with least <= matrix @ move <= most (one column a count) that stays within bounds."""

    def __init__(self, matrix: sparse.csr_matrix, least: np.ndarray, most: np.ndarray) -> None:
        self.matrix, self.least, self.most = matrix, least, most
        self.counts = matrix.shape[1]

    def bound(self, low: np.ndarray, high: np.ndarray, price: np.ndarray) -> None:
        """Bounds of each count's move, and the price of moving it by one, up or down.

        A count with a price is two variables, by how much it goes up and by how much down, so that either costs.
        """
        self.priced = np.flatnonzero(price)
        down = -low[self.priced]
        low = np.where(price > 0, 0.0, low)
        self.cost = np.concatenate([price, price[self.priced]])
        self.low = np.concatenate([low, np.zeros(len(down))])
        self.high = np.concatenate([high, down])
        self.matrix = sparse.hstack([self.matrix, -self.matrix[:, self.priced]], format="csr")

    def reach(self, wished: np.ndarray, by: np.ndarray, reward: float) -> None:
        """Reward each step of some counts without a price on the way to where they are wished, and no further."""
        size, width = len(wished), self.matrix.shape[1]
        chosen = sparse.csr_matrix((np.sign(by), (np.arange(size), wished)), shape=(size, width))
        self.matrix = sparse.bmat([[self.matrix, None], [chosen, -sparse.identity(size)]], format="csr")
        self.least = np.concatenate([self.least, np.zeros(size)])
        self.most = np.concatenate([self.most, np.full(size, np.inf)])
        self.cost = np.concatenate([self.cost, np.full(size, -reward)])
        self.low = np.concatenate([self.low, np.zeros(size)])
        self.high = np.concatenate([self.high, np.abs(by)])

    def solve(self, branches: bool, presolve: bool = True) -> np.ndarray | None:
        """The move in whole numbers; None where none is found. branches: search for them.

        presolve: look for a smaller programme first, which costs more than it saves where one count moves.
        """
        said = {
            "c": self.cost,
            "constraints": LinearConstraint(self.matrix, self.least, self.most) if len(self.least) else None,
            "bounds": Bounds(self.low, self.high),
        }
        found = milp(**said, options={"presolve": presolve}).x
        if branches and found is not None and not is_whole(self.move(found)):
            whole = np.arange(len(self.cost)) < self.counts + len(self.priced)
            found = milp(**said, integrality=whole.astype(int), options={"node_limit": NODES}).x
        return None if found is None or not is_whole(self.move(found)) else np.rint(self.move(found))

    def move(self, found: np.ndarray) -> np.ndarray:
        """By how much each count moves."""
        move = found[: self.counts].copy()
        move[self.priced] -= found[self.counts : self.counts + len(self.priced)]
        return move


def is_whole(numbers: np.ndarray) -> bool:
    """Whether all numbers are whole, as far as floating point tells."""
    return bool(np.abs(numbers - np.rint(numbers)).max(initial=0) < WHOLE)
