"""Two-way tables: is one answer associated with another? Rao and Scott's corrections of Pearson's statistic.

Under clustering Pearson's statistic is a weighted sum of chi-squares. The first-order correction divides it by the
mean of the weights, the second-order one also adjusts the degrees of freedom (Rao and Scott 1984; Thomas and Rao
1987), the saddlepoint approximation takes the weights as they are (Kuonen 1999; Lumley 2010); the Wald statistic uses
the whole covariance (Koch, Freeman and Freeman 1975).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special

from .design import Design
from .domains import Domains
from .errors import SurveyError
from .inputs import read_categories
from .linear import Linear, linear_means, linear_totals

_TESTS = ("rao_scott_second_order", "rao_scott_first_order", "rao_scott_saddlepoint", "wald", "adjusted_wald")
COLUMNS = ["statistic", "df", "df_denominator", "p_value"]
_Test = tuple[float, float, float, float]  # one value per column

_NOBODY = "nobody has both answers"
_ONE_LEVEL = "a single row or column"
_NO_DF = "no degrees of freedom"
_NO_COVARIANCE = "the covariance of the shares cannot be estimated"
_NO_VARIANCE = "the shares do not vary between sampling units"
_EMPTY_CELLS = "too many empty cells"
_SINGULAR = "the covariance of the interaction is singular: too few sampling units for so many cells"
_TOO_FEW_DF = "fewer degrees of freedom than the interaction has cells"

_RANK_TOLERANCE = 1e-12  # an eigenvalue below this share of the largest is rounding


def association(
    design: Design, row: pd.Series, column: pd.Series, domain: np.ndarray | None = None
) -> pd.DataFrame:
    """Tests of no association between two categorical variables, one row per statistic.

    row, column: one category per respondent, missing = outside the base. domain: a condition; None is everyone.
    Categories nobody in the base has do not count.

    Result: columns statistic, df, df_denominator (NaN for a chi-square), p_value, n, status, reason, indexed by test:
    ``rao_scott_second_order`` (F; the one to report), ``rao_scott_first_order`` (chi-square),
    ``rao_scott_saddlepoint`` (of Pearson's statistic; it has no df), ``wald`` and ``adjusted_wald`` (F). status of
    each: ok, empty, or not_estimable with the reason: df <= 0, a single row or column, no variance, for Rao and Scott's
    tests too many empty cells, for Wald's a covariance without full rank (more interaction cells than degrees of
    freedom), for the adjusted one a denominator without degrees of freedom.

    >>> people = pd.DataFrame({"w": [1.0] * 40, "sex": ["girl", "boy"] * 20, "told": ["yes"] * 13 + ["no"] * 27})
    >>> table = association(Design(people, weight="w"), people["sex"], people["told"])
    >>> table.index.tolist()
    ['rao_scott_second_order', 'rao_scott_first_order', 'rao_scott_saddlepoint', 'wald', 'adjusted_wald']
    """
    cells = _read_cells(design, row, column, domain)
    tests = dict.fromkeys(_TESTS, _NOBODY) if cells is None else _tests(*cells)
    answers = [np.full(4, np.nan) if isinstance(tests[name], str) else tests[name] for name in _TESTS]
    reasons = [reason if isinstance(reason := tests[name], str) else "" for name in _TESTS]
    table = pd.DataFrame(answers, index=list(_TESTS), columns=COLUMNS)
    missing = "empty" if cells is None else "not_estimable"
    status = [missing if reason else "ok" for reason in reasons]
    return table.assign(n=cells[0].base.n[0, 0] if cells else 0, status=status, reason=reasons)


def _read_cells(
    design: Design, row: pd.Series, column: pd.Series, domain: np.ndarray | None
) -> tuple[Linear, Linear, tuple[int, int]] | None:
    """Shares and totals of the cells (one after the other, by row), rows and columns; None where the base is empty."""
    rows = read_categories(design, row, "row variable")
    columns = read_categories(design, column, "column variable")
    among = Domains.only(design, domain)
    base = among.member[0] & (rows.codes >= 0) & (columns.codes >= 0)
    if not base.any():
        return None
    (levels, row_level), (others, beside) = (
        np.unique(variable.codes[base], return_inverse=True) for variable in (rows, columns)
    )
    shape, size = (len(levels), len(others)), len(levels) * len(others)
    if size > design.n_rows:
        raise SurveyError(
            f"{design.name}: a table of {shape[0]} by {shape[1]} cells for {design.n_rows} rows; "
            "merge categories"
        )
    values = np.full((design.n_rows, size), np.nan)
    values[base] = np.eye(size)[row_level * shape[1] + beside]
    frame = pd.DataFrame(values)
    return linear_means(among, frame), linear_totals(among, frame), shape


def _tests(share: Linear, total: Linear, shape: tuple[int, int]) -> dict[str, _Test | str]:
    """Each test, or why there is none."""
    n, df, covariance = int(share.base.n[0, 0]), int(share.base.df[0, 0]), share.covariance()
    if min(shape) < 2:
        return dict.fromkeys(_TESTS, _ONE_LEVEL)
    if df <= 0:
        return dict.fromkeys(_TESTS, _NO_DF)
    if not np.isfinite(covariance).all():
        return dict.fromkeys(_TESTS, _NO_COVARIANCE)
    if not share.se().any():
        return dict.fromkeys(_TESTS, _NO_VARIANCE)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _rao_scott(share.estimate.reshape(shape), covariance, n, df) | _wald(
            total.estimate.reshape(shape), total.covariance(), df
        )


def _rao_scott(share: np.ndarray, covariance: np.ndarray, n: int, df: int) -> dict[str, _Test | str]:
    """Second order as F, first order as chi-square, saddlepoint; or why not."""
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    pearson = n * ((share - expected) ** 2 / expected).sum()
    flat = share.ravel()
    inverse = np.divide(1, flat, out=np.zeros_like(flat), where=flat > 0)
    # what rows and columns do not explain (cells x (r - 1)(c - 1))
    interaction = np.kron(*[(np.eye(size) - 1 / size)[:, 1:] for size in share.shape])
    contrast = interaction * inverse[:, None]
    random = contrast.T @ np.diag(flat / n) @ contrast
    if np.linalg.matrix_rank(random, rtol=_RANK_TOLERANCE, hermitian=True) < len(random):
        return dict.fromkeys(_TESTS[:3], _EMPTY_CELLS)
    weights = linalg.eigh(contrast.T @ covariance @ contrast, random, eigvals_only=True)
    size, trace = len(weights), weights.sum()
    if trace <= _RANK_TOLERANCE:
        return dict.fromkeys(_TESTS[:3], _NO_VARIANCE)
    above = trace**2 / (weights**2).sum()
    below = above * df
    second = special.fdtrc(above, below, pearson / trace)
    saddlepoint = _saddlepoint(pearson, weights, below)
    tests = [
        (pearson / trace, above, below, second),
        (pearson, size, np.nan, special.chdtrc(size, pearson / (trace / size))),
        (pearson, np.nan, np.nan, second if np.isnan(saddlepoint) else saddlepoint),
    ]
    return dict(zip(_TESTS[:3], tests, strict=True))


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


def _wald(total: np.ndarray, covariance: np.ndarray, df: int) -> dict[str, _Test | str]:
    """Wald and adjusted Wald as F, of the cells less what rows and columns explain (but the last of each); or why not.

    More cells than the covariance has rank make it singular: what can be solved then is rounding (Thomas and Rao 1987).
    """
    shares = [total.sum(axis=1 - side) / total.sum() for side in (0, 1)]
    gradient = np.kron(*[np.eye(len(share))[:-1] - share[:-1, None] for share in shares])
    residual, size = gradient @ total.ravel(), len(gradient)
    interaction = gradient @ covariance @ gradient.T
    rounding = _RANK_TOLERANCE * np.linalg.norm(covariance, 2)
    if np.linalg.matrix_rank(interaction, tol=rounding, hermitian=True) < size:
        return dict.fromkeys(_TESTS[3:], _SINGULAR)
    plain = residual @ np.linalg.solve(interaction, residual) / size
    left = df - size + 1
    adjusted = plain * left / df
    return {
        "wald": (plain, size, df, special.fdtrc(size, df, plain)),
        "adjusted_wald": (adjusted, size, left, special.fdtrc(size, left, adjusted))
        if left > 0
        else _TOO_FEW_DF,
    }
