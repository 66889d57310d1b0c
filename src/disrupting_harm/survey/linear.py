"""Estimates as sums, and the scores that carry their standard errors (linearisation; Binder 1983).

| estimate                    | score of a respondent of the domain |
|-----------------------------|-------------------------------------|
| total                       | w y                                 |
| ratio r = Y / X             | w (y - r x) / X                     |
| mean, proportion (x is 1)   | w (y - p) / W                       |

Sums are kept by finest unit, so that everything after one sparse product is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inputs import Domains
from .variance import deviations, lone_factor

NEGLIGIBLE = 1e-13  # a spread this small, relative to the squares it comes from, is rounding


@dataclass(frozen=True, eq=False)
class Linear:
    """Estimates of many indicators (columns) in many domains (rows), all arrays domains x indicators but `scores`.

    scores: (finest units x domains x indicators), sums of scores by unit.
    strata: (strata x domains x indicators), whether the base has a row there.
    srs: variance of the same estimate under simple random sampling with replacement of n respondents.
    positive: unweighted sum of the values in the base.
    """

    estimate: np.ndarray
    scores: np.ndarray
    strata: np.ndarray
    n: np.ndarray
    base: np.ndarray
    positive: np.ndarray
    df: np.ndarray
    srs: np.ndarray

    def variance(self, domains: Domains) -> np.ndarray:
        """Design-based variance of each estimate."""
        shape = self.scores.shape
        scaled = deviations(domains.design, self.scores.reshape(shape[0], -1))
        found = np.einsum("us,us->s", scaled, scaled).reshape(shape[1:]) * lone_factor(
            domains.design, self.strata
        )
        return np.where(found <= 1e-24 * np.nan_to_num(self.srs), 0.0, found)


def linearise(
    domains: Domains,
    value: np.ndarray,
    by: np.ndarray | None = None,
    total: bool = False,
    centre: bool = False,
) -> Linear:
    """Ratios value / by, means (by is None) or totals of the columns, per domain; NaN is outside the base.

    value, by: (rows x indicators). centre: subtract each column's mean while summing, against loss of digits.
    """
    base = ~np.isnan(value) if by is None else ~(np.isnan(value) | np.isnan(by))
    shift = _column_means(value, base) if centre else np.zeros(value.shape[1])
    y = np.where(base, value - shift, 0.0)
    x = base.astype(float) if by is None else np.where(base, by, 0.0)

    summing = domains.unit_summing()
    unit_y, unit_x = (_by_unit(domains, summing, array) for array in (y, x))
    unit_base = unit_x if by is None else _by_unit(domains, summing, base.astype(float))
    psu, strata = domains.presence(unit_base)
    total_y, total_x, weight = unit_y.sum(axis=0), unit_x.sum(axis=0), unit_base.sum(axis=0)
    counting = domains.summing()
    n = np.rint(counting @ base.astype(float)).astype(np.int64)

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = total_y / total_x
        spread = _spread(domains, y, x if by is not None else None, ratio, total_y, weight)
        if total:
            estimate, scores = np.where(n > 0, total_y, np.nan), unit_y
            srs = spread * weight / (n - 1)
        else:
            estimate, scores = ratio + shift, (unit_y - ratio * unit_x) / total_x
            srs = spread * weight / (total_x**2 * (n - 1))
    return Linear(
        estimate=estimate,
        scores=np.where(n > 0, scores, 0.0),
        strata=strata,
        n=n,
        base=weight,
        positive=counting @ np.where(base, value, 0.0),
        df=psu - strata.sum(axis=0),
        srs=np.where(n > 1, srs, np.nan),
    )


def _by_unit(domains: Domains, summing, array: np.ndarray) -> np.ndarray:
    return (summing @ array).reshape(domains.design.n_units, len(domains.names), -1)


def _column_means(value: np.ndarray, base: np.ndarray) -> np.ndarray:
    return np.where(base, value, 0.0).sum(axis=0) / np.maximum(base.sum(axis=0), 1)


def _spread(
    domains: Domains,
    y: np.ndarray,
    x: np.ndarray | None,
    ratio: np.ndarray,
    total_y: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """Weighted sum of squared residuals y - r x (x is 1 in the base if None), exactly zero where it is rounding."""
    weighted = domains.summing(domains.design.weight)
    squares = weighted @ (y * y)
    if x is None:
        removed = ratio * total_y
        size = squares
    else:
        cross, by_squares = weighted @ (x * y), weighted @ (x * x)
        removed = 2 * ratio * cross - ratio**2 * by_squares
        size = squares + ratio**2 * by_squares
    spread = squares - removed
    return np.where(spread <= NEGLIGIBLE * size, 0.0, spread)
