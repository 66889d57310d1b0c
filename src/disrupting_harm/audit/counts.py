"""True counts of one table, and what always holds between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse


class AuditError(Exception):
    """A hidden count follows, or nothing can be decided; the message says where, and no number."""


@dataclass(frozen=True)
class Counts:
    """`equal` @ x = 0 and `at_most` @ x <= 0 for whole numbers x that are not negative; `values` are the true x.

    block: 0 for a count of the whole country, else the number of its breakdown (breakdowns that a relation links
    directly are one). A relation lies in one block, or in one and the whole country.
    """

    values: np.ndarray
    equal: sparse.csr_matrix
    at_most: sparse.csr_matrix
    block: np.ndarray

    @property
    def nobody(self) -> np.ndarray:
        """Counts that are nought by definition, whoever the respondents are: no secret."""
        alone = np.flatnonzero(np.diff(self.equal.indptr) == 1)
        return self.equal.indices[self.equal.indptr[alone]]
