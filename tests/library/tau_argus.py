"""Intervals as Tau-Argus finds them: a referee beside the audit.

`pytauargus` carries the native audit of Tau-Argus, which reads a table in the JJ format: cells, then linear equations
between them. For each cell that is not known exactly it solves two linear programmes. It silently cuts coefficients and
bounds to whole numbers, takes an infinite bound for another one, and drops an equation between published cells alone;
so coefficients have to be whole here, an open bound is a number far beyond the table, and the true values have to
satisfy everything. Its solver is HiGHS, as ours; neither the model nor the reading of the answer is shared.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy import sparse

FAR = 10_000_000
"""An open bound; an answer beyond a tenth of it counts as open."""


def intervals(values, equal, at_most, low, high):
    """The lowest and the highest value of each cell (cells x 2), infinite where nothing bounds it.

    `equal` @ x = 0 and `at_most` @ x <= 0 hold; a cell is known to lie between `low` and `high`.
    """
    from pytauargus._tauargus import audit_jj

    slack = sparse.identity(at_most.shape[0])
    nothing = sparse.csr_matrix((equal.shape[0], at_most.shape[0]))
    both = sparse.vstack([sparse.hstack([equal, nothing]), sparse.hstack([at_most, slack])], format="csr")
    counts = np.concatenate([values, -(at_most @ values)])
    low, high = (
        np.concatenate([end, np.full(at_most.shape[0], far)]) for end, far in ((low, 0), (high, FAR))
    )
    assert not (both.data % 1).any()
    assert not (both @ counts).any()
    high = np.minimum(high, FAR)
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.jj")
        path.write_text(written(counts, both, low, high), encoding="ascii")
        intervals_found = audit_jj(str(path))
    ends = np.stack([counts, counts], axis=1).astype(float)
    for cell in intervals_found:
        ends[int(cell["cell"])] = cell["min"], cell["max"]
    ends[ends > FAR / 10] = np.inf
    return ends[: len(values)]


def written(values, equal, low, high):
    """A table in the JJ format: a nought, the cells, the equations, each with its number of terms."""
    cells = [
        f"{number} {float(value)!r} 1 {'m' if a < b else 's'} {round(a)} {round(b)} 0 0 0"
        for number, (value, a, b) in enumerate(zip(values, low, high, strict=True))
    ]
    lines = []
    for row in range(equal.shape[0]):
        part = slice(equal.indptr[row], equal.indptr[row + 1])
        terms = [
            f"{cell} ({round(by)})" for cell, by in zip(equal.indices[part], equal.data[part], strict=True)
        ]
        lines.append(f"0 {len(terms)} : {' '.join(terms)}")
    assert max(map(len, lines), default=0) < 4_000  # longer ones are cut without a word
    return "\n".join(["0", str(len(cells)), *cells, str(len(lines)), *lines, ""])
