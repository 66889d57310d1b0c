"""Other tables that agree with everything published: moves of all counts and sums of weights away from the true ones.

What an attacker holds are linear inequalities, so that the tables indistinguishable from the true one are the
solutions of a linear programme. A move is written in a basis of those that keep all equations. Few inequalities are in
the way of a small move: each programme begins with none, and those that its solution breaks join, until it breaks none.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs as Model  # highspy.Highs prints its name before that can be switched off
from scipy import sparse

from disrupting_harm.protection.audit.always import always
from disrupting_harm.protection.audit.counts import AuditError, Counts
from disrupting_harm.protection.audit.null_basis import null_basis
from disrupting_harm.protection.audit.statements import Statements

_TOLERANCE = 1e-7
"""By how much an inequality may be off."""

_TOUCHED = 1e-3
"""Price of a move for each count that it touches: moves are kept small."""

WORTH, WORTH_OF_ALL = 1.0, 1e5
"""What a target's move is worth for each respondent: more than all losses, where statements may be broken."""

_OPTIMAL = highspy.HighsModelStatus.kOptimal

_NOUGHT = 1e-10
"""Values below this count as 0 in a solution."""


@dataclass(frozen=True)
class Move:
    """Away from the true table: the change of each count and each sum of weights (1 x counts).

    reached: how far each target has moved; broken: places of the statements that do not agree with it (only where this
    was allowed).
    """

    counts: sparse.csr_matrix
    weights: sparse.csr_matrix
    reached: np.ndarray
    broken: np.ndarray


class Attacker:
    """An attacker who knows all definitions, everything published, and the range of weights in each level."""

    def __init__(self, counts: Counts, statements: Statements) -> None:
        size = len(counts.values)
        known = sparse.csr_matrix(
            (np.ones(len(counts.fixed)), (range(len(counts.fixed)), counts.fixed)), (len(counts.fixed), size)
        )
        self.basis = null_basis(sparse.vstack([counts.equal, known], format="csr"))
        self.free = self.basis.shape[1]
        certain, room = always(counts)
        self.certain = certain.shape[0]
        both = sparse.block_diag([self.basis, self.basis], format="csr")
        self.rows = (sparse.vstack([certain, statements.rows], format="csr") @ both).tocsr()
        self.columns = self.rows.tocsc()
        self.least = -np.maximum(np.concatenate([room, statements.room(counts)]), 0)
        self.live = np.ones(len(self.least), bool)
        self.price = np.tile(np.diff(self.basis.tocsc().indptr) * _TOUCHED, 2)

    def silence(self, statements: np.ndarray, silent: np.ndarray) -> None:
        """Statements (places) that are published no more, or again."""
        self.live[self.certain + statements] = ~silent

    def moves(self, targets: np.ndarray, by: np.ndarray, loss: np.ndarray | None = None) -> Move:
        """Each target count as far as `by` (up or down) if it can be, all in one table.

        loss: what is lost for each statement that the table may break; without it, none may be broken.
        """
        program = LinearProgram(self, targets, by, loss)
        while len(rows := program.lacking()):
            program.add(rows)
        places, change = program.move
        moved = sparse.csr_matrix((change, (np.zeros(len(places), int), places)), (1, 2 * self.free))
        counts, weights = (
            (part @ self.basis.T).tocsr() for part in (moved[:, : self.free], moved[:, self.free :])
        )
        return Move(counts, weights, program.reached, program.given_up - self.certain)

    def broken(self, move: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Places of the inequalities that a move breaks."""
        places, change = move
        entries, sizes = _entries_of(self.columns.indptr, places)
        sums = np.bincount(
            self.columns.indices[entries],
            weights=self.columns.data[entries] * np.repeat(change, sizes),
            minlength=len(self.least),
        )
        return np.flatnonzero((sums < self.least - _TOLERANCE) & self.live)


def _entries_of(starts: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the entries of some rows of a sparse matrix, one row after the other, and how many each row has."""
    sizes = (starts[rows + 1] - starts[rows]).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.repeat(starts[rows] - before, sizes) + np.arange(sizes.sum()), sizes


class LinearProgram:
    """One linear programme, with as many of its rows and columns as are needed.

    Columns: how far each target has moved (to be large); up and down of each free move (to be small); and for each
    statement that may be broken, by how much (to be small).
    """

    def __init__(
        self, attacker: Attacker, targets: np.ndarray, by: np.ndarray, loss: np.ndarray | None
    ) -> None:
        self.attacker, self.loss, self.number = attacker, loss, len(targets)
        self.model = Model()
        for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self.model.setOptionValue(name, value)
        self.model.setOptionValue("simplex_dual_edge_weight_strategy", 1)
        self.width = 0
        self.column = np.full(2 * attacker.free, -1)
        self.free = np.zeros(0, int)
        self.has = np.zeros(len(attacker.least), bool)
        self.slacks: dict[int, int] = {}
        worth = WORTH if loss is None else WORTH_OF_ALL
        columns = self.new_columns(np.full(len(targets), -worth), np.abs(by))
        self.append(
            attacker.basis, targets, np.zeros(len(targets)), (columns, -np.ones(len(targets))), np.sign(by)
        )
        self.run()

    def new_columns(self, price: np.ndarray, most: np.ndarray) -> np.ndarray:
        """Places of new columns from 0 to `most`."""
        places = np.arange(self.width, self.width + len(price), dtype=np.int32)
        self.model.addVars(len(price), np.zeros(len(price)), most)
        self.model.changeColsCost(len(price), places, price)
        self.width += len(price)
        return places

    def columns_of(self, free: np.ndarray) -> np.ndarray:
        """Columns of free moves; the one for down follows that for up."""
        new = np.unique(free[self.column[free] < 0])
        if len(new):
            places = self.new_columns(
                np.repeat(self.attacker.price[new], 2), np.full(2 * len(new), highspy.kHighsInf)
            )
            self.column[new] = places[::2]
            self.free = np.concatenate([self.free, new])
        return self.column[free]

    def append(
        self,
        matrix: sparse.csr_matrix,
        rows: np.ndarray,
        least: np.ndarray,
        more: tuple[np.ndarray, np.ndarray],
        sign: np.ndarray | None = None,
    ) -> None:
        """Rows of a matrix, times `sign`, each at least so much.

        more: one further column of each row (-1: none), and its value.
        """
        entries, sizes = _entries_of(matrix.indptr, rows)
        columns = self.columns_of(matrix.indices[entries])
        coefficients = matrix.data[entries] if sign is None else matrix.data[entries] * np.repeat(sign, sizes)
        number = np.repeat(np.arange(len(rows)), sizes)
        has = np.flatnonzero(more[0] >= 0)
        indices = np.concatenate([columns, columns + 1, more[0][has]])
        values = np.concatenate([coefficients, -coefficients, more[1][has]])
        number = np.concatenate([number, number, has])
        order = np.argsort(number, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(rows)))[:-1]])
        self.model.addRows(
            len(rows),
            least,
            np.full(len(rows), highspy.kHighsInf),
            len(indices),
            starts.astype(np.int32),
            indices[order].astype(np.int32),
            values[order],
        )

    def add(self, rows: np.ndarray) -> None:
        """Inequalities that have been broken."""
        self.has[rows] = True
        more = np.full(len(rows), -1)
        if self.loss is not None:
            statement = rows - self.attacker.certain
            lost = np.where(statement >= 0, self.loss[statement.clip(min=0)], np.inf)
            may = np.flatnonzero(np.isfinite(lost))
            places = self.new_columns(lost[may], np.full(len(may), highspy.kHighsInf))
            more[may] = places
            self.slacks |= dict(zip(rows[may].tolist(), places.tolist(), strict=True))
        self.append(self.attacker.rows, rows, self.attacker.least[rows], (more, np.ones(len(rows))))
        self.run()

    def lacking(self) -> np.ndarray:
        """Places of the inequalities that the solution breaks, and that are not in the programme yet."""
        rows = self.attacker.broken(self.move)
        return rows[~self.has[rows]]

    def run(self) -> None:
        """Solve the programme as it is."""
        self.model.run()
        if self.model.getModelStatus() != _OPTIMAL:
            self.model.clearSolver()  # without what it remembers of smaller programmes
            self.model.run()
        if self.model.getModelStatus() != _OPTIMAL:
            raise AuditError("A linear programme could not be solved, so nothing can be decided.")
        self.solution = np.array(self.model.getSolution().col_value)

    @property
    def move(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the free moves that are not 0, and how far they go."""
        places = self.column[self.free]
        change = self.solution[places] - self.solution[places + 1]
        moving = np.abs(change) > _NOUGHT
        return self.free[moving], change[moving]

    @property
    def reached(self) -> np.ndarray:
        """How far each target has moved."""
        return self.solution[: self.number]

    @property
    def given_up(self) -> np.ndarray:
        """Places of the inequalities that are broken."""
        return np.array(
            [row for row, column in self.slacks.items() if self.solution[column] > _TOLERANCE], int
        )
