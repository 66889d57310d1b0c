"""What holds between counts whoever the respondents are: found by looking at many possible respondents.

A count is the sum of a column (1 counted, 0 not; or a number of instances) over respondents. Where a relation between
columns holds for every possible respondent, the same relation holds between their counts, and an attacker who reads the
definitions knows it: classes add up to their base, "any" is at least each of its items, one base lies within another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

LARGEST = 64
"""Weights of relations between counts are whole numbers, or fractions with small denominators."""

_EXACT = 2**24
"""Whole numbers up to here are exact in single precision."""

ROWS = 5_000
"""Rows that are processed together, to save memory."""

FIRST = 20_000
"""Rows that relations are found in first."""

_TOLERANCE = 1e-4
"""Values below this count as 0 in floating point; every relation is then proved in whole numbers."""


@dataclass(frozen=True)
class Relations:
    """Over the counts x of some columns: `equal` @ x = 0 and `at_most` @ x <= 0. One row per relation.

    chance: the same as `equal` for what holds, but cannot be written in small whole numbers: no definition.
    """

    equal: sparse.csr_matrix
    at_most: sparse.csr_matrix
    chance: sparse.csr_matrix | None = None

    def broken_by(self, columns: np.ndarray) -> np.ndarray:
        """Which of some respondents (columns x respondents) break a relation."""
        values = columns.astype(np.float64)
        is_off = np.asarray((self.equal @ values).any(axis=0) | (self.at_most @ values > 0).any(axis=0))
        if self.chance is not None:
            is_off |= (np.abs(self.chance @ values) > _TOLERANCE).any(axis=0)
        return is_off

    def kept_by(self, columns: np.ndarray) -> Relations:
        """The relations that some respondents (columns x respondents) keep too.

        Of equations that they break, those sums are kept in which what is off cancels out; of columns that do not lie
        within each other any more, the first still lies within what the second lies within, if it does.
        """
        values = columns.astype(np.float32)
        off = self.equal @ values
        broken = np.flatnonzero(off.any(axis=1))
        sums = [self.equal]
        if len(broken):
            among = off[broken][:, off[broken].any(axis=0)].T.astype(np.int64)
            cancel, _ = null_space(among, among.T @ among)
            kept = np.setdiff1d(np.arange(len(off)), broken)
            sums = [self.equal[kept], matrix(cancel, len(broken)) @ self.equal[broken]]
        over = (self.at_most @ values > 0).any(axis=1)
        at_most = self.at_most[np.flatnonzero(~over)]
        more = _beyond(self.at_most, np.flatnonzero(over), columns)
        return Relations(
            sparse.vstack(sums, format="csr"),
            sparse.vstack([at_most, matrix(more, columns.shape[0])], format="csr"),
        )


def relations_of_all(columns: Sequence[np.ndarray], families: Sequence[Sequence[int]] = ()) -> Relations:
    """`relations` between columns (one value per respondent) of very many respondents.

    Found among the last ones, made-up respondents with them; those who break what was found join, until nobody does.
    """
    if not len(columns):
        return Relations(matrix([], 0), matrix([], 0))
    number = len(columns[0])
    rows = np.arange(max(number - FIRST, 0), number)
    while True:
        candidates = relations(np.stack([column[rows] for column in columns], axis=1), families)
        joining = _breakers(candidates, columns) if len(rows) < number else rows[:0]
        if not len(joining):
            return candidates
        rows = np.union1d(rows, joining[:: len(joining) // ROWS + 1])


def _breakers(candidates: Relations, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Places of the respondents who break a relation."""
    starts = range(0, len(columns[0]), ROWS)
    parts = (np.stack([column[start : start + ROWS] for column in columns]) for start in starts)
    return np.concatenate(
        [
            start + np.flatnonzero(candidates.broken_by(part))
            for start, part in zip(starts, parts, strict=True)
        ]
    )


def relations(columns: np.ndarray, families: Sequence[Sequence[int]] = ()) -> Relations:
    """All linear relations between `columns` (respondents x columns), which column lies within which, and unions.

    families: lists of columns; a column of yes and no that needs one of them to be yes is at most their sum.
    """
    products = gram(columns)
    inside = within(columns, products)
    unions = [
        [(outer, 1), *((part, -1) for part in family)]
        for family, wholes in zip(families, covered(columns, families, inside), strict=True)
        for outer in wholes
    ]
    pairs = [[(part, 1), (outer, -1)] for part, outer in zip(*np.nonzero(_direct(inside)), strict=True)]
    size = columns.shape[1]
    equal, chance = null_space(columns, products)
    return Relations(matrix(equal, size), matrix([*pairs, *unions], size), matrix(chance, size))


def gram(columns: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """Sums over rows of products of columns with each other, or with `others` (rows x columns); columns x others.

    Some rows at a time, so few that single precision is exact.
    """
    others = columns if others is None else others
    products = np.zeros((columns.shape[1], others.shape[1]), np.int64)
    largest = int(columns.max(initial=1)) * int(others.max(initial=1))
    step = min(_EXACT // largest, ROWS)
    for start in range(0, len(columns), step):
        part, other = (matrix[start : start + step].astype(np.float32) for matrix in (columns, others))
        products += (part.T @ other).astype(np.int64)
    return products


def null_space(
    columns: np.ndarray, products: np.ndarray
) -> tuple[list[list[tuple[int, int]]], list[list[tuple[int, float]]]]:
    """A basis of the linear relations between `columns`: each column that follows from earlier ones, as weighted sum.

    Found in floating point, written in small whole numbers, and proved on the columns. What cannot be written so is no
    definition but chance, and comes second.
    """
    basis = _independent(products)
    rest = np.setdiff1d(np.arange(len(products)), basis)
    weights = np.linalg.solve(products[np.ix_(basis, basis)], products[np.ix_(basis, rest)])
    exact: list[list[tuple[int, int]]] = []
    chance: list[list[tuple[int, float]]] = []
    for column, factors in zip(rest.tolist(), weights.T, strict=True):
        relation = _whole_numbers(factors, basis, column)
        if holds(relation, columns):
            exact.append(relation)
        else:
            used = np.flatnonzero(np.abs(factors) > _TOLERANCE)
            chance.append([(column, -1.0), *zip(basis[used].tolist(), factors[used].tolist(), strict=True)])
    return exact, chance


def _independent(products: np.ndarray) -> np.ndarray:
    """Places of columns that do not follow from earlier ones (Cholesky's decomposition, without the others)."""
    rest = products.astype(float)
    left = np.diag(rest).copy()
    factor = np.zeros((len(rest), len(rest)))
    basis: list[int] = []
    for column in range(len(rest)):
        if left[column] > _TOLERANCE:
            done = len(basis)
            line = rest[column, column:] - factor[:done, column] @ factor[:done, column:]
            factor[done, column:] = line / np.sqrt(left[column])
            left[column:] -= factor[done, column:] ** 2
            basis.append(column)
    return np.array(basis, int)


def holds(relation: list[tuple[int, int]], columns: np.ndarray) -> bool:
    """Whether a relation holds for every respondent."""
    places, numbers = (list(values) for values in zip(*relation, strict=True))
    return not (columns[:, places].astype(np.int64) @ np.array(numbers)).any()


def _whole_numbers(weights: np.ndarray, basis: np.ndarray, column: int) -> list[tuple[int, int]]:
    """The relation "column = sum of weights x basis", multiplied so that all its numbers are whole."""
    factor = next((multiple for multiple in range(1, LARGEST) if _near_whole(weights * multiple)), 1)
    numbers = np.rint(weights * factor).astype(int)
    used = np.flatnonzero(numbers)
    return [(column, -factor), *zip(basis[used].tolist(), numbers[used].tolist(), strict=True)]


def _near_whole(numbers: np.ndarray) -> bool:
    """Whether all numbers are whole, as far as floating point tells."""
    return bool(np.abs(numbers - np.rint(numbers)).max(initial=0) < _TOLERANCE)


def within(columns: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Whether column i is at most column j for everyone (i x j)."""
    counts = columns.max(axis=0, initial=0) > 1
    inside = products >= np.diag(products)[:, None]  # needed, and enough between columns of yes and no
    for column in np.flatnonzero(counts):
        above, below = np.flatnonzero(inside[column]), np.flatnonzero(inside[:, column])
        inside[column, above] = (columns[:, [column]] <= columns[:, above]).all(axis=0)
        inside[below, column] = (columns[:, below] <= columns[:, [column]]).all(axis=0)
    np.fill_diagonal(inside, False)
    return inside


def _beyond(
    at_most: sparse.csr_matrix, broken: np.ndarray, columns: np.ndarray
) -> list[list[tuple[int, int]]]:
    """For each broken "a lies within b": "a lies within c" for all c that b lies within, as far as that holds."""
    ends = at_most.indptr
    pairs = [
        tuple(
            at_most.indices[ends[row] : ends[row + 1]][np.argsort(-at_most.data[ends[row] : ends[row + 1]])]
        )
        for row in range(at_most.shape[0])
        if ends[row + 1] - ends[row] == 2
    ]
    above: dict[int, list[int]] = {}
    for part, outer in pairs:
        above.setdefault(int(part), []).append(int(outer))
    lying_within: list[list[tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    waiting = [
        (int(part), outer)
        for part, inner in (
            at_most.indices[ends[row] : ends[row + 1]][np.argsort(-at_most.data[ends[row] : ends[row + 1]])]
            for row in broken
            if ends[row + 1] - ends[row] == 2
        )
        for outer in above.get(int(inner), [])
    ]
    while waiting:
        part, outer = waiting.pop()
        if part == outer or (part, outer) in seen:
            continue
        seen.add((part, outer))
        if (columns[part] <= columns[outer]).all():
            lying_within.append([(part, 1), (outer, -1)])
        else:
            waiting += [(part, further) for further in above.get(outer, [])]
    return lying_within


def _direct(inside: np.ndarray) -> np.ndarray:
    """`inside` without what follows from two others; columns that lie within each other are equal, and need no line."""
    strict = inside & ~inside.T
    steps = strict.astype(np.float32)
    return strict & ~((steps @ steps) > 0)


def covered(
    columns: np.ndarray, families: Sequence[Sequence[int]], inside: np.ndarray
) -> Iterator[list[int]]:
    """For each family: the largest columns of which everyone is in some column of it, not always in the same one.

    columns: respondents x columns; inside: columns x columns, as from `within`.
    """
    yes_or_no = columns.max(axis=0, initial=0) <= 1
    unions = np.zeros((len(columns), len(families)), bool)
    for number, family in enumerate(families):
        unions[:, number] = columns[:, list(family)].any(axis=1)
    all_in = gram(columns, unions) == columns.sum(axis=0, dtype=np.int64)[:, None]
    for family, needs in zip(families, all_in.T, strict=True):
        lies_in_one = inside[:, list(family)].any(axis=1)
        candidates = np.setdiff1d(np.flatnonzero(yes_or_no & needs & ~lies_in_one), family)
        larger = inside[np.ix_(candidates, candidates)] & ~inside[np.ix_(candidates, candidates)].T
        yield candidates[~larger.any(axis=1)].tolist()


def matrix(relations: Sequence[Sequence[tuple[int, float]]], size: int) -> sparse.csr_matrix:
    """Relations as rows."""
    rows = [number for number, relation in enumerate(relations) for _ in relation]
    terms = [term for relation in relations for term in relation]
    columns, values = ([term[0] for term in terms], [float(term[1]) for term in terms])
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(relations), size))
