"""Two-way tables: is one answer associated with another? Rao and Scott's corrections of Pearson's statistic.

Under clustering Pearson's statistic is a weighted sum of chi-squares. The first-order correction divides it by the
mean of the weights, the second-order one also adjusts the degrees of freedom (Rao and Scott 1984; Thomas and Rao
1987); the Wald statistic uses the whole covariance (Koch, Freeman and Freeman 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from .design import Design
from .domains import Domains
from .errors import SurveyError
from .inputs import check_rows
from .linear import Linear, linear_means, linear_totals
from .variance import lone_factor


def association(
    design: Design, row: pd.Series, column: pd.Series, domain: np.ndarray | None = None
) -> pd.DataFrame:
    """Tests of no association between two categorical variables, one row a statistic.

    row, column: one category a respondent, missing = outside the base. domain: a condition; None is everyone.
    Categories nobody in the base has do not count.

    Result: columns statistic, df, df_denominator (NaN for a chi-square), p_value, n, status, indexed by test:
    ``rao_scott_second_order`` (F; the one to report), ``rao_scott_first_order`` (chi-square), ``wald`` and
    ``adjusted_wald`` (F). status: ok, empty, or not_estimable (df <= 0, a single row or column, no variance).

    >>> people = pd.DataFrame({"w": [1.0] * 40, "sex": ["girl", "boy"] * 20, "told": ["yes"] * 13 + ["no"] * 27})
    >>> table = association(Design(people, weight="w"), people["sex"], people["told"])
    >>> table.index.tolist()
    ['rao_scott_second_order', 'rao_scott_first_order', 'wald', 'adjusted_wald']
    """
    cells = _read_cells(design, row, column, domain)
    tests = ["rao_scott_second_order", "rao_scott_first_order", "wald", "adjusted_wald"]
    table = pd.DataFrame(np.nan, index=tests, columns=["statistic", "df", "df_denominator", "p_value"])
    status = "empty" if cells is None else "not_estimable"
    if cells is not None and min(cells.shape) > 1 and cells.df > 0:
        found = _statistics(cells)
        if found is not None:
            table.loc[:, :] = found
            status = "ok"
    return table.assign(n=0 if cells is None else cells.n, status=status)


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
    codes = []
    for variable, what in ((row, "row variable"), (column, "column variable")):
        series = variable if isinstance(variable, pd.Series) else pd.Series(variable)
        check_rows(design, series.index if series is variable else pd.RangeIndex(len(series)), what)
        codes.append(series)
    conditions = None if domain is None else {"domain": domain}
    among = Domains.read(design, conditions)
    base = among.member[0] & codes[0].notna().to_numpy() & codes[1].notna().to_numpy()
    if not base.any():
        return None
    rows, columns = (np.unique(pd.factorize(series[base])[0], return_inverse=True)[1] for series in codes)
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    if shape[0] * shape[1] > design.n_rows:
        raise SurveyError(
            f"{design.name}: a table of {shape[0]} by {shape[1]} cells for {design.n_rows} rows"
        )
    values = np.full((design.n_rows, shape[0] * shape[1]), np.nan)
    values[base] = np.eye(values.shape[1])[rows * shape[1] + columns]
    share, total = linear_means(among, values), linear_totals(among, values)
    return Cells(
        share=share.estimate[0],
        share_covariance=_covariance(share),
        total=total.estimate[0],
        total_covariance=_covariance(total),
        shape=shape,
        n=int(share.base.n[0, 0]),
        df=int(share.base.df[0, 0]),
    )


def _covariance(found: Linear) -> np.ndarray:
    scaled = found.deviations()[:, 0]
    return scaled.T @ scaled * lone_factor(found.among.design, found.base.strata)[0, 0]


def _statistics(cells: Cells) -> np.ndarray | None:
    """All statistics (statistic, df, df of the denominator, p), or None where the covariance is degenerate."""
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.array(_rao_scott(cells) + _wald(cells), dtype=float)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found[:, 0]).all() else None


def _rao_scott(cells: Cells) -> list[tuple[float, float, float, float]]:
    """Second order as F, first order as chi-square: statistic, df, df of the denominator, p."""
    share = cells.share
    expected = np.outer(
        share.reshape(cells.shape).sum(axis=1), share.reshape(cells.shape).sum(axis=0)
    ).ravel()
    pearson = cells.n * ((share - expected) ** 2 / expected).sum()
    inverse = np.divide(1, share, out=np.zeros_like(share), where=share > 0)
    contrast = _interaction(cells.shape) * inverse[:, None]
    denominator = contrast.T @ (np.diag(share) / cells.n) @ contrast
    delta = np.linalg.solve(denominator, contrast.T @ cells.share_covariance @ contrast)
    size, trace = delta.shape[0], np.trace(delta)
    df = trace**2 / np.trace(delta @ delta)
    second = (pearson / trace, df, df * cells.df, special.fdtrc(df, df * cells.df, pearson / trace))
    first = (pearson, size, np.nan, special.chdtrc(size, pearson / (trace / size)))
    return [second, first]


def _wald(cells: Cells) -> list[tuple[float, float, float, float]]:
    """Wald and adjusted Wald as F: statistic, df, df of the denominator, p."""
    table = cells.total.reshape(cells.shape)
    across, down, everyone = table.sum(axis=1), table.sum(axis=0), table.sum()
    residual = (table - np.outer(across, down) / everyone)[:-1, :-1].ravel()
    gradients = []
    for i, j in np.ndindex(cells.shape[0] - 1, cells.shape[1] - 1):
        gradient = np.full(cells.shape, across[i] * down[j] / everyone**2)
        gradient[i, :] -= down[j] / everyone
        gradient[:, j] -= across[i] / everyone
        gradient[i, j] += 1
        gradients.append(gradient.ravel())
    jacobian = np.array(gradients)
    covariance = jacobian @ cells.total_covariance @ jacobian.T
    statistic = residual @ np.linalg.solve(covariance, residual)
    size = len(residual)
    plain = statistic / size
    left = cells.df - size + 1
    adjusted = plain * left / cells.df
    return [
        (plain, size, cells.df, special.fdtrc(size, cells.df, plain)),
        (adjusted, size, left, special.fdtrc(size, left, adjusted) if left > 0 else np.nan),
    ]


def _interaction(shape: tuple[int, int]) -> np.ndarray:
    """Columns that span what rows and columns do not explain (cells x (r - 1)(c - 1))."""
    rows, columns = shape
    effects = [np.eye(size) - 1 / size for size in shape]
    return np.einsum("ab,cd->acbd", effects[0][:, 1:], effects[1][:, 1:]).reshape(rows * columns, -1)
