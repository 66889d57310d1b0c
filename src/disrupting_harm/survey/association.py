"""Two-way tables: is one answer associated with another? Rao and Scott's corrections of Pearson's statistic.

Under clustering Pearson's statistic is a weighted sum of chi-squares. The first-order correction divides it by the
mean of the weights, the second-order one also adjusts the degrees of freedom (Rao and Scott 1984; Thomas and Rao
1987), the saddlepoint approximation takes the weights as they are (Kuonen 1999; Lumley 2010); the Wald statistic uses
the whole covariance (Koch, Freeman and Freeman 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special

from .design import Design
from .domains import Domains
from .errors import SurveyError
from .inputs import read_categories
from .linear import linear_means, linear_totals

TESTS = ("rao_scott_second_order", "rao_scott_first_order", "rao_scott_saddlepoint", "wald", "adjusted_wald")
Test = tuple[float, float, float, float]  # statistic, df, df of the denominator, p


def association(
    design: Design, row: pd.Series, column: pd.Series, domain: np.ndarray | None = None
) -> pd.DataFrame:
    """Tests of no association between two categorical variables, one row a statistic.

    row, column: one category a respondent, missing = outside the base. domain: a condition; None is everyone.
    Categories nobody in the base has do not count.

    Result: columns statistic, df, df_denominator (NaN for a chi-square), p_value, n, status, indexed by test:
    ``rao_scott_second_order`` (F; the one to report), ``rao_scott_first_order`` (chi-square),
    ``rao_scott_saddlepoint`` (of Pearson's statistic; it has no df), ``wald`` and ``adjusted_wald`` (F). status: ok,
    empty, or not_estimable (df <= 0, a single row or column, no variance).

    >>> people = pd.DataFrame({"w": [1.0] * 40, "sex": ["girl", "boy"] * 20, "told": ["yes"] * 13 + ["no"] * 27})
    >>> table = association(Design(people, weight="w"), people["sex"], people["told"])
    >>> table.index.tolist()
    ['rao_scott_second_order', 'rao_scott_first_order', 'rao_scott_saddlepoint', 'wald', 'adjusted_wald']
    """
    cells = _read_cells(design, row, column, domain)
    found = _statistics(cells) if cells else None
    table = pd.DataFrame(
        np.nan if found is None else found,
        index=list(TESTS),
        columns=["statistic", "df", "df_denominator", "p_value"],
    )
    status = "empty" if cells is None else "not_estimable" if found is None else "ok"
    return table.assign(n=cells.n if cells else 0, status=status)


@dataclass(frozen=True, eq=False)
class Cells:
    """Shares and weighted totals of the cells of a table (flat, by row) with their covariances, and the base."""

    share: np.ndarray
    share_covariance: np.ndarray
    total: np.ndarray
    total_covariance: np.ndarray
    shape: tuple[int, int]
    n: int
    df: int


def _read_cells(design: Design, row: pd.Series, column: pd.Series, domain: np.ndarray | None) -> Cells | None:
    rows = read_categories(design, row, "row variable")
    columns = read_categories(design, column, "column variable")
    among = Domains.only(design, domain)
    base = among.member[0] & (rows.codes >= 0) & (columns.codes >= 0)
    if not base.any():
        return None
    places = [np.unique(variable.codes[base], return_inverse=True) for variable in (rows, columns)]
    shape = (len(places[0][0]), len(places[1][0]))
    if shape[0] * shape[1] > design.n_rows:
        raise SurveyError(
            f"{design.name}: a table of {shape[0]} by {shape[1]} cells for {design.n_rows} rows"
        )
    values = np.full((design.n_rows, shape[0] * shape[1]), np.nan)
    values[base] = np.eye(values.shape[1])[places[0][1] * shape[1] + places[1][1]]
    frame = pd.DataFrame(values)
    share, total = linear_means(among, frame), linear_totals(among, frame)
    return Cells(
        share=share.estimate[0],
        share_covariance=share.covariance(),
        total=total.estimate[0],
        total_covariance=total.covariance(),
        shape=shape,
        n=int(share.base.n[0, 0]),
        df=int(share.base.df[0, 0]),
    )


def _statistics(cells: Cells) -> list[Test] | None:
    """All tests, or None where there is no table, no degree of freedom, or the covariance is degenerate."""
    if min(cells.shape) < 2 or cells.df <= 0 or np.isnan(cells.share_covariance).any():
        return None
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = _rao_scott(cells) + _wald(cells)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite([test[0] for test in found]).all() else None


def _rao_scott(cells: Cells) -> list[Test]:
    """Second order as F, first order as chi-square, saddlepoint."""
    share, table = cells.share, cells.share.reshape(cells.shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)).ravel()
    pearson = cells.n * ((share - expected) ** 2 / expected).sum()
    inverse = np.divide(1, share, out=np.zeros_like(share), where=share > 0)
    # what rows and columns do not explain (cells x (r - 1)(c - 1))
    interaction = np.kron(*[(np.eye(size) - 1 / size)[:, 1:] for size in cells.shape])
    contrast = interaction * inverse[:, None]
    weights = linalg.eigh(
        contrast.T @ cells.share_covariance @ contrast,
        contrast.T @ (np.diag(share) / cells.n) @ contrast,
        eigvals_only=True,
    )
    size, trace = len(weights), weights.sum()
    df = trace**2 / (weights**2).sum()
    second = special.fdtrc(df, df * cells.df, pearson / trace)
    saddlepoint = _saddlepoint(pearson, weights, df * cells.df)
    return [
        (pearson / trace, df, df * cells.df, second),
        (pearson, size, np.nan, special.chdtrc(size, pearson / (trace / size))),
        (pearson, np.nan, np.nan, second if np.isnan(saddlepoint) else saddlepoint),
    ]


def _saddlepoint(statistic: float, weights: np.ndarray, df: float) -> float:
    """P(sum of weighted chi-squares > statistic * chi-square(df) / df), as R's pFsum; NaN near the mean.

    One side less the other is a quadratic form, whose tail at 0 Lugannani and Rice's formula gives. As in R, df is
    cut to a whole number.
    """
    if weights.max() <= 0 or statistic <= 0:
        return np.nan
    form = np.append(weights, -statistic / df) / weights.max()
    times = np.append(np.ones_like(weights), int(df))

    def slope(at: float) -> float:
        return times @ (form / (1 - 2 * at * form))

    poles = 0.5 / np.array([form.min(), form.max()])
    root = optimize.brentq(slope, *(poles * (1 - 1e-9)), xtol=1e-15)
    if abs(root) < 1e-4:
        return np.nan
    w = np.sign(root) * np.sqrt(times @ np.log(1 - 2 * root * form))
    v = root * np.sqrt(2 * times @ (form / (1 - 2 * root * form)) ** 2)
    return float(special.ndtr(-(w + np.log(v / w) / w)))


def _wald(cells: Cells) -> list[Test]:
    """Wald and adjusted Wald as F, of the cells less what rows and columns explain (but the last of each)."""
    table = cells.total.reshape(cells.shape)
    shares = [table.sum(axis=1 - side) / table.sum() for side in (0, 1)]
    gradient = np.kron(*[np.eye(len(share))[:-1] - share[:-1, None] for share in shares])
    residual, size = gradient @ cells.total, len(gradient)
    plain = residual @ np.linalg.solve(gradient @ cells.total_covariance @ gradient.T, residual) / size
    left = cells.df - size + 1
    adjusted = plain * left / cells.df
    return [
        (plain, size, cells.df, special.fdtrc(size, cells.df, plain)),
        (adjusted, size, left, special.fdtrc(size, left, adjusted) if left > 0 else np.nan),
    ]
