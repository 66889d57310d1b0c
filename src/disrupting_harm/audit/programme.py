"""A linear programme whose first variables are to be whole numbers, put together piece by piece (HiGHS, by scipy)."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

WHOLE = 1e-6
"""How far a solution may lie from whole numbers and still count as whole."""

NODES = 50
"""Where the linear solution is not whole: branches that are looked at. No limit of time: it would differ by machine."""


class Programme:
    """Smallest cost @ x among limits, lower <= matrix @ x <= upper. Free variables cost nothing; others are added."""

    def __init__(self, free: int) -> None:
        self.free = self.size = free
        self.cost, self.low, self.high = [np.zeros(free)], [], []
        self.rows, self.columns, self.values, self.lower, self.upper = [], [], [], [], []
        self.height = 0

    def add(self, cost: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Places of new variables."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.size += len(cost)
        return np.arange(self.size - len(cost), self.size)

    def limit(self, matrix: sparse.csr_matrix, lower: np.ndarray, upper: np.ndarray) -> None:
        """Limits on the free variables."""
        terms = matrix.tocoo()
        self.append(terms.row, terms.col, terms.data, lower, upper)

    def at_most(self, free: np.ndarray, sign: float | np.ndarray, added: np.ndarray) -> None:
        """Limits: sign x free <= added."""
        self.between(free, sign, added, -np.inf, 0.0)

    def at_least(self, free: np.ndarray, sign: float | np.ndarray, added: np.ndarray) -> None:
        """Limits: sign x free >= added."""
        self.between(free, sign, added, 0.0, np.inf)

    def between(
        self, free: np.ndarray, sign: float | np.ndarray, added: np.ndarray, low: float, high: float
    ) -> None:
        """Limits: low <= sign x free - added <= high."""
        size = len(free)
        values = np.concatenate([np.broadcast_to(sign, size), np.full(size, -1.0)])
        rows = np.tile(np.arange(size), 2)
        self.append(rows, np.concatenate([free, added]), values, np.full(size, low), np.full(size, high))

    def append(
        self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        """New limits, their rows numbered from nought."""
        self.rows.append(rows + self.height)
        self.columns.append(columns)
        self.values.append(values)
        self.lower.append(lower)
        self.upper.append(upper)
        self.height += len(lower)

    def solve(self, low: np.ndarray, high: np.ndarray, branches: bool) -> np.ndarray | None:
        """Whole free variables between `low` and `high`; None where none are found. branches: search for them."""
        row, column, value = (np.concatenate(each) for each in (self.rows, self.columns, self.values))
        matrix = sparse.csc_matrix((value, (row, column)), shape=(self.height, self.size))
        limits = LinearConstraint(matrix, np.concatenate(self.lower), np.concatenate(self.upper))
        said = {
            "c": np.concatenate(self.cost),
            "constraints": limits if self.height else None,
            "bounds": Bounds(np.concatenate([low, *self.low]), np.concatenate([high, *self.high])),
        }
        found = milp(**said).x
        if branches and found is not None and not is_whole(found[: self.free]):
            whole = np.arange(self.size) < self.free
            found = milp(**said, integrality=whole.astype(int), options={"node_limit": NODES}).x
        return None if found is None or not is_whole(found[: self.free]) else np.rint(found[: self.free])


def is_whole(numbers: np.ndarray) -> bool:
    """Whether all numbers are whole, as far as floating point tells."""
    return bool(np.abs(numbers - np.rint(numbers)).max(initial=0) < WHOLE)
