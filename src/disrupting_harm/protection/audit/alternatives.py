"""Other tables that an attacker cannot distinguish from the true one: kept, so that the proof is quickly repeated.

Whoever has such a table nearly knows the true one, so it stays below data/, for its owner only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.private import owner_only
from disrupting_harm.protection.audit.always import always
from disrupting_harm.protection.audit.counts import Counts
from disrupting_harm.protection.audit.statements import Statements

if TYPE_CHECKING:
    from disrupting_harm.protection.audit.attacker import Move

FILE = "alternatives.npz"
"""The proofs of a country, beside its decision."""

_TOLERANCE = 1e-5
"""By how much a statement may be off, from rounding in floating point."""

KINDS = ("counts", "weights")
PARTS = ("values", "weights", "targets", "need")
_OF_MATRIX = ("data", "indices", "indptr", "shape")


@dataclass(frozen=True)
class Alternatives:
    """Tables as changes of each count and of each sum of weights (tables x counts)."""

    counts: sparse.csr_matrix
    weights: sparse.csr_matrix

    @classmethod
    def of(cls, moves: Sequence[Move], size: int) -> Alternatives:
        """From moves of so many counts."""
        nothing = sparse.csr_matrix((0, size))
        return cls(
            *(
                sparse.vstack([nothing, *(getattr(one, kind) for one in moves)], format="csr")
                for kind in KINDS
            )
        )

    def agreeing(self, counts: Counts, statements: Statements) -> Alternatives:
        """Those that agree with all definitions and statements; none if they are about other counts."""
        if self.counts.shape[1] != len(counts.values):
            return Alternatives.of([], len(counts.values))
        certain, room = always(counts)
        changes = sparse.hstack([self.counts, self.weights], format="csr").T.tocsc()
        fits = np.ones(changes.shape[1], bool)
        for rows, least in ((certain, -room), (statements.rows, -statements.room(counts))):
            fits &= _least_of(rows @ changes, least) >= -_TOLERANCE
        for part in (self.counts, self.weights):
            off = abs(counts.equal @ part.T).max(axis=0).toarray().ravel() if part.shape[0] else fits
            fits &= off < _TOLERANCE
            fits &= abs(part[:, counts.fixed]).sum(axis=1).A1 < _TOLERANCE
        return Alternatives(self.counts[fits], self.weights[fits])

    def ends(self, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest value of each count."""
        return _ends(self.counts, truth)

    def ends_of_weights(self, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest sum of weights behind each count."""
        return _ends(self.weights, truth)


def _ends(changes: sparse.csr_matrix, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest of each number under any of the changes, or none."""
    if not changes.shape[0]:
        return truth.astype(float), truth.astype(float)
    low, high = (getattr(changes, end)(axis=0).toarray().ravel() for end in ("min", "max"))
    return truth + np.minimum(low, 0), truth + np.maximum(high, 0)


def _least_of(sums: sparse.csc_matrix, least: np.ndarray) -> np.ndarray:
    """By how much each column (a table) is above what it has to be at least, where it is least so."""
    sums = sums.tocsc()
    table = np.repeat(np.arange(sums.shape[1]), np.diff(sums.indptr))
    margin = np.zeros(sums.shape[1])
    np.minimum.at(margin, table, sums.data - least[sums.indices])
    return margin


@dataclass(frozen=True)
class Proof:
    """Why a decision about a table is safe: true counts and sums of weights, secrets, and the alternatives."""

    values: np.ndarray
    weights: np.ndarray
    targets: np.ndarray
    need: np.ndarray
    alternatives: Alternatives


def write(proofs: dict[str, Proof], path: Path) -> None:
    """Write the proofs of some tables atomically, for their owner only."""
    arrays = {f"{name}/{part}": getattr(proof, part) for name, proof in proofs.items() for part in PARTS}
    for name, proof in proofs.items():
        for kind in KINDS:
            changes = getattr(proof.alternatives, kind)
            arrays |= {
                f"{name}/changes/{kind}/{part}": np.asarray(getattr(changes, part)) for part in _OF_MATRIX
            }
    with owner_only(path), atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, names=np.array(list(proofs)), **arrays)


def read(path: Path) -> dict[str, Proof]:
    """Read what `write` has written. Raises FileNotFoundError."""
    with np.load(path, allow_pickle=False) as file:

        def matrix(name: str, kind: str) -> sparse.csr_matrix:
            data, places, ends, shape = (file[f"{name}/changes/{kind}/{part}"] for part in _OF_MATRIX)
            return sparse.csr_matrix((data, places, ends), shape=tuple(shape))

        return {
            name: Proof(
                *(file[f"{name}/{part}"] for part in PARTS),
                alternatives=Alternatives(*(matrix(name, k) for k in KINDS)),
            )
            for name in file["names"].tolist()
        }
