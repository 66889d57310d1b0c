"""Attacks by linear programming: how small, and how large, can a hidden count be if everything printed is true?

Variables are counts and sums of weights of a family of indicators, in every level of every breakdown; rows are what
holds by definition, what is printed, and between which weights children lie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
from scipy import optimize, sparse

from .cells import AMONG, EVERYONE, QUESTION, Claim, Count
from .knowledge import Knowledge

AROUND = 1e-6


class LinearProgram:
    """Everything known of the counts of some indicators. families: names of indicators."""

    def __init__(self, known: Knowledge, family: Collection[str]) -> None:
        inside = {EVERYONE, AMONG, QUESTION, *family}
        self.known = known
        self.counts = [count for count in known.places if count.quantity.indicator in inside]
        self.columns = np.array([known.places[count] for count in self.counts])
        self.number = {count: number for number, count in enumerate(self.counts)}
        size = len(self.counts)
        equal, at_most = (rows_within(matrix, self.columns) for matrix in (known.equal, known.at_most))
        self.equal = sparse.block_diag([equal, equal], format="csr")
        one = sparse.identity(size, format="csr")
        lightest = sparse.hstack([known.weights.least * one, -one])
        heaviest = sparse.hstack([-known.weights.most * one, one])
        both = sparse.block_diag([at_most, at_most])
        shares = sparse.hstack([sparse.csr_matrix((0, size)), sparse.csr_matrix((0, size))])
        if rows := list(self.shares()):
            shares = sparse.hstack([sparse.csr_matrix((len(rows), size)), sparse.vstack(rows)])
        self.at_most = sparse.vstack([both, lightest, heaviest, shares], format="csr")
        low, high = (
            np.concatenate([known.n[end][self.columns], known.w[end][self.columns]]) for end in (0, 1)
        )
        self.bounds = np.column_stack([low - AROUND, high + AROUND])

    def shares(self) -> Iterator[sparse.csr_matrix]:
        """What printed shares say of sums of weights."""
        numbers = {int(column): number for number, column in enumerate(self.columns)}
        for counted, base, share in self.known.shares:
            if counted in numbers and base in numbers:
                for end, sign in ((share.low, 1.0), (share.high, -1.0)):
                    columns = [numbers[base], numbers[counted]]
                    yield sparse.csr_matrix(([sign * end, -sign], ([0, 0], columns)), (1, len(self.columns)))

    def claims(self, targets: Iterable[Count]) -> Iterator[Claim]:
        """The smallest and the largest value of each target; nothing, where nothing fits."""
        for target in targets:
            if target in self.number:
                ends = [self.end(self.number[target], sign) for sign in (1.0, -1.0)]
                if not np.isnan(ends).any():
                    yield Claim(target, np.ceil(ends[0] - 1e-4), np.floor(ends[1] + 1e-4))

    def end(self, number: int, sign: float) -> float:
        """The smallest (or with -1 the largest) value of a count."""
        cost = np.zeros(2 * len(self.columns))
        cost[number] = sign
        solution = optimize.linprog(
            cost, self.at_most, np.zeros(self.at_most.shape[0]), self.equal, np.zeros(self.equal.shape[0]),
            self.bounds, method="highs",
        )  # fmt: skip
        return sign * solution.fun if solution.status == 0 else np.nan


def rows_within(matrix: sparse.csr_matrix, columns: np.ndarray) -> sparse.csr_matrix:
    """Rows about nothing but some counts."""
    part = matrix.tocsc()[:, columns].tocsr()
    is_inside = np.diff(matrix.indptr) == np.diff(part.indptr)
    return part[is_inside & (np.diff(part.indptr) > 0)]
