"""What holds of counts and sums of weights whatever is published."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from disrupting_harm.protection.audit.counts import AuditError, Counts
from disrupting_harm.protection.audit.statements import Statements

_UNTRUE = 1e-6
"""By how much the true table may be off, from rounding in floating point."""


def require_true(counts: Counts, statements: Statements) -> None:
    """Raise AuditError unless definitions and statements hold for the true table."""
    off = min(part.min(initial=0) for part in (statements.room(counts), always(counts)[1]))
    if off < -_UNTRUE or (abs(counts.equal @ counts.values) > _UNTRUE).any():
        raise AuditError("What is published does not agree with the data, so nothing can be decided.")


def always(counts: Counts) -> tuple[sparse.csr_matrix, np.ndarray]:
    """What holds of counts and sums of weights whatever is published, as rows over both, and how much room each has.

    No count is negative, none lies beyond what it lies within; and so many respondents weigh at least as much as the
    lightest of their level, at most as much as the heaviest.
    """
    size = len(counts.values)
    one = sparse.identity(size, format="csr")
    within = -counts.at_most
    first = within.indices[within.indptr[:-1]]
    blocks: list[list[sparse.spmatrix]] = []
    for what, lightest, heaviest in (
        (one, counts.lightest, counts.heaviest),
        (within, counts.lightest[first], counts.heaviest[first]),
    ):
        nothing = sparse.csr_matrix(what.shape)
        blocks += [
            [what, nothing],
            [nothing, what],
            [-sparse.diags(lightest) @ what, what],
            [sparse.diags(heaviest) @ what, -what],
        ]
    rows = sparse.vstack([sparse.hstack(block) for block in blocks], format="csr")
    return rows, rows @ np.concatenate([counts.values, counts.weights])
