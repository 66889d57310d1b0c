"""A sparse basis of all moves that keep some equations, by elimination."""

from __future__ import annotations

import heapq

import numpy as np
from scipy import sparse

_NOUGHT = 1e-9
"""Values below this count as 0 in floating point."""

Row = dict[int, float]


def null_basis(equal: sparse.csr_matrix) -> sparse.csr_matrix:
    """N (columns of `equal` x free moves) with `equal` @ N = 0, whose columns span all x with `equal` @ x = 0.

    Each equation is solved for the unknown that occurs in the fewest others, short equations first, so that few numbers
    of N are not 0.
    """
    solved = _eliminated(equal.tocsr())
    free = np.setdiff1d(np.arange(equal.shape[1]), list(solved))
    position = dict(zip(free.tolist(), range(len(free)), strict=True))
    expressed: dict[int, Row] = {}
    for unknown in reversed(solved):
        expressed[unknown] = resolved(solved[unknown], position, expressed)
    terms = [(unknown, *term) for unknown, row in expressed.items() for term in row.items()]
    terms += [(unknown, unknown, 1.0) for unknown in position]
    rows, unknowns, values = zip(*terms, strict=True) if terms else ((), (), ())
    columns = [position[unknown] for unknown in unknowns]
    return sparse.csr_matrix((values, (rows, columns)), shape=(equal.shape[1], len(free)))


def _eliminated(equal: sparse.csr_matrix) -> dict[int, Row]:
    """Unknowns as sums of others that are not solved for before: what each equation is solved for, in that order."""
    rows = [_row_of(equal, number) for number in range(equal.shape[0])]
    holders: list[set[int]] = [set() for _ in range(equal.shape[1])]
    for number, row in enumerate(rows):
        for unknown in row:
            holders[unknown].add(number)
    waiting = [(len(row), number) for number, row in enumerate(rows)]
    heapq.heapify(waiting)
    solved: dict[int, Row] = {}
    done: set[int] = set()
    while waiting:
        size, number = heapq.heappop(waiting)
        row = rows[number]
        if number in done or size != len(row):
            continue
        done.add(number)
        if not row:
            continue
        unknown = min(row, key=lambda one: (abs(row[one]) != 1, len(holders[one]), one))
        solved[unknown] = {one: -value / row[unknown] for one, value in row.items() if one != unknown}
        for one in row:
            holders[one].discard(number)
        for other in sorted(holders[unknown]):
            _substitute(rows[other], unknown, solved[unknown], holders, other)
            heapq.heappush(waiting, (len(rows[other]), other))
        holders[unknown] = set()
    return solved


def _row_of(matrix: sparse.csr_matrix, number: int) -> Row:
    """A row of a matrix by column."""
    part = slice(matrix.indptr[number], matrix.indptr[number + 1])
    return dict(zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True))


def _substitute(row: Row, unknown: int, by: Row, holders: list[set[int]], number: int) -> None:
    """Put a sum in the place of an unknown, in place; `holders`: the rows that hold each unknown."""
    factor = row.pop(unknown)
    for one, value in by.items():
        new = row.get(one, 0.0) + factor * value
        if abs(new) < _NOUGHT:
            if one in row:
                del row[one]
                holders[one].discard(number)
        else:
            row[one] = new
            holders[one].add(number)


def resolved(row: Row, free: dict[int, int], expressed: dict[int, Row]) -> Row:
    """A sum of unknowns as a sum of free ones."""
    total: Row = {}
    for one, value in row.items():
        for other, factor in ({one: 1.0} if one in free else expressed[one]).items():
            total[other] = total.get(other, 0.0) + value * factor
    return {one: value for one, value in total.items() if abs(value) > _NOUGHT}
