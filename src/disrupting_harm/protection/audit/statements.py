"""What is published of a table, as inequalities between its counts and sums of weights.

A share says that its weighted numerator lies between two multiples of its weighted base, which itself is not
published; a base says between which whole numbers a count lies. An estimate that is rounded finely says what a coarse
one says, and more.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from disrupting_harm.protection.audit.counts import Counts

FINE, COARSE, HIDDEN = 0, 1, 2
"""How an estimate is published: the larger, the less it says."""


@dataclass(frozen=True)
class Statements:
    """`on_counts` @ counts + `on_weights` @ weights >= `least`, one row per statement.

    estimate: place of the estimate that says it; grade: it says so if it is published at least so finely.
    """

    on_counts: sparse.csr_matrix
    on_weights: sparse.csr_matrix
    least: np.ndarray
    estimate: np.ndarray
    grade: np.ndarray

    def __len__(self) -> int:
        return len(self.least)

    def only(self, which: np.ndarray) -> Statements:
        """Some of them: by place, or by whether."""
        return Statements(
            self.on_counts[which],
            self.on_weights[which],
            self.least[which],
            self.estimate[which],
            self.grade[which],
        )

    def made_by(self, grades: np.ndarray) -> Statements:
        """Those that estimates make which are published so finely (a grade by estimate)."""
        return self.only(grades[self.estimate] <= self.grade)

    @property
    def rows(self) -> sparse.csr_matrix:
        """The left sides as rows over counts and sums of weights (statements x 2 counts)."""
        return sparse.hstack([self.on_counts, self.on_weights], format="csr")

    def room(self, counts: Counts) -> np.ndarray:
        """By how much each holds for the true counts and sums of weights."""
        return self.rows @ np.concatenate([counts.values, counts.weights]) - self.least


def between(
    size: int,
    terms: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    estimate: np.ndarray,
    grade: np.ndarray,
    signs: Sequence[np.ndarray] | None = None,
) -> Statements:
    """Counts, or sums of counts, that lie between two numbers (infinite: not said).

    size: the number of all counts; terms: places of the counts that are added up (-1: none), each by statement, or
    subtracted where `signs` says so.
    """
    number = np.arange(len(low))
    signs = signs or [np.ones(len(low)) for _ in terms]
    rows, columns, values = (
        np.concatenate([part[term >= 0] for part, term in zip(parts, terms, strict=True)])
        for parts in ([number] * len(terms), terms, signs)
    )
    sums = sparse.csr_matrix((values, (rows, columns)), shape=(len(low), size))
    return joined(
        [
            Statements(sign * sums, sparse.csr_matrix(sums.shape), sign * end, estimate, grade)
            for sign, end in ((1.0, low), (-1.0, high))
        ]
    )


def ratios(
    size: int,
    counted: np.ndarray,
    base: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    estimate: np.ndarray,
    grade: np.ndarray,
) -> Statements:
    """Weighted shares of `counted` among `base` (places among all counts) that lie between two numbers."""
    number, ones = np.arange(len(low)), np.ones(len(low))

    def matrix(values: np.ndarray, places: np.ndarray) -> sparse.csr_matrix:
        return sparse.csr_matrix((values, (number, places)), shape=(len(low), size))

    above = matrix(ones, counted) - matrix(low, base)
    below = matrix(high, base) - matrix(ones, counted)
    nothing, nought = sparse.csr_matrix(above.shape), np.zeros(len(low))
    return joined([Statements(nothing, part, nought, estimate, grade) for part in (above, below)])


def joined(parts: Sequence[Statements]) -> Statements:
    """Several sets of statements as one, without those that say nothing."""
    combined = Statements(
        sparse.vstack([part.on_counts for part in parts], format="csr"),
        sparse.vstack([part.on_weights for part in parts], format="csr"),
        np.concatenate([part.least for part in parts]),
        np.concatenate([part.estimate for part in parts]),
        np.concatenate([part.grade for part in parts]),
    )
    return combined.only(np.isfinite(combined.least))


def each_once(statements: Statements) -> tuple[Statements, np.ndarray]:
    """Statements without repetition; and all pairs of one of them (its place) and an estimate that makes it (x 2)."""
    keys = [
        (*of_counts, *of_weights, least, grade)
        for of_counts, of_weights, least, grade in zip(
            _row_keys(statements.on_counts),
            _row_keys(statements.on_weights),
            statements.least.tolist(),
            statements.grade.tolist(),
            strict=True,
        )
    ]
    numbers: dict[tuple[Any, ...], int] = {}
    group = np.array([numbers.setdefault(key, len(numbers)) for key in keys], int)
    _, first = np.unique(group, return_index=True)
    return statements.only(first), np.unique(np.column_stack([group, statements.estimate]), axis=0)


def _row_keys(matrix: sparse.csr_matrix) -> list[tuple[bytes, bytes]]:
    """Something that is the same for rows that are the same."""
    matrix.sort_indices()
    ends = matrix.indptr
    return [
        (matrix.indices[start:end].tobytes(), matrix.data[start:end].tobytes())
        for start, end in itertools.pairwise(ends)
    ]
