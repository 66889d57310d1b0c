"""Estimates as sums, and the scores that carry their standard errors (linearisation; Binder 1983).

| estimate                  | score of a respondent in the base |
|---------------------------|-----------------------------------|
| total                     | w y                               |
| ratio r = Y / X           | w (y - r x) / X                   |
| mean, proportion (x = 1)  | w (y - p) / W                     |

Sums are kept by finest unit, so that everything after one sparse product is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .domains import Domains
from .variance import deviations, lone_factor

NEGLIGIBLE = 1e-13  # a sum of squared residuals below this share of the squares it comes from is rounding


@dataclass(frozen=True, eq=False)
class Linear:
    """Estimates of many indicators (columns) in many domains (rows): arrays (domains x indicators), if not said.

    scores: (finest units x domains x indicators), sums of scores by unit.
    strata: (strata x domains x indicators), whether the base has a respondent there.
    n, base: respondents of the base, unweighted and weighted. df: PSUs minus strata of the base.
    positive: unweighted sum of the values.
    srs: variance of the same estimate, had n respondents been drawn by simple random sampling with replacement.
    """

    among: Domains
    estimate: np.ndarray
    scores: np.ndarray
    strata: np.ndarray
    n: np.ndarray
    base: np.ndarray
    df: np.ndarray
    positive: np.ndarray
    srs: np.ndarray

    def deviations(self) -> np.ndarray:
        """Scaled deviations (units of all stages x domains x indicators); their products are the covariance."""
        flat = self.scores.reshape(len(self.scores), -1)
        return deviations(self.among.design, flat).reshape(-1, *self.estimate.shape)

    def se(self) -> np.ndarray:
        """Design-based standard error of each estimate; exactly zero where it is rounding."""
        scaled = self.deviations()
        factor = lone_factor(self.among.design, self.strata)
        variance = np.einsum("udk,udk->dk", scaled, scaled) * factor
        return np.sqrt(np.where(variance <= 1e-24 * np.nan_to_num(self.srs), 0.0, variance))


def linear_ratios(among: Domains, above: np.ndarray, below: np.ndarray) -> Linear:
    """Ratios of totals; above and below (rows x indicators), the base is where neither is NaN."""
    known = ~(np.isnan(above) | np.isnan(below))
    y, x = np.where(known, above, 0.0), np.where(known, below, 0.0)
    unit_y, unit_x = among.weigh_by_unit(y), among.weigh_by_unit(x)
    total_x = unit_x.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = unit_y.sum(axis=0) / total_x
        scores = (unit_y - ratio * unit_x) / total_x
        squares, by_squares = among.weigh(y * y), ratio**2 * among.weigh(x * x)
        spread = _spread(squares + by_squares, 2 * ratio * among.weigh(x * y))
        return _assemble(among, known, y, ratio, scores, spread / total_x**2)


def linear_means(among: Domains, value: np.ndarray, centre: bool = False) -> Linear:
    """Means of the columns (rows x indicators); NaN is outside the base.

    centre: take each column's mean off while summing, against loss of digits; for 0 and 1 there is no need.
    """
    known = ~np.isnan(value)
    plain = np.where(known, value, 0.0)
    shift = plain.sum(axis=0) / np.maximum(known.sum(axis=0), 1) if centre else np.zeros(value.shape[1])
    y = np.where(known, value - shift, 0.0)
    unit_y, unit_base = among.weigh_by_unit(y), among.weigh_by_unit(known.astype(float))
    total_y, weight = unit_y.sum(axis=0), unit_base.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total_y / weight
        scores = (unit_y - mean * unit_base) / weight
        spread = _spread(among.weigh(y * y), mean * total_y)
        return _assemble(among, known, plain, mean + shift, scores, spread / weight**2, unit_base)


def linear_totals(among: Domains, value: np.ndarray) -> Linear:
    """Totals of the columns (rows x indicators); NaN is outside the base."""
    known = ~np.isnan(value)
    y = np.where(known, value, 0.0)
    unit_y, unit_base = among.weigh_by_unit(y), among.weigh_by_unit(known.astype(float))
    total, weight = unit_y.sum(axis=0), unit_base.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _spread(among.weigh(y * y), total**2 / weight)
        return _assemble(among, known, y, total, unit_y, spread, unit_base)


def _spread(squares: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Weighted sum of squared residuals; exactly zero where it is rounding."""
    spread = squares - removed
    return np.where(spread <= NEGLIGIBLE * squares, 0.0, spread)


def _assemble(
    among: Domains,
    known: np.ndarray,
    plain: np.ndarray,
    estimate: np.ndarray,
    scores: np.ndarray,
    scaled_spread: np.ndarray,
    unit_base: np.ndarray | None = None,
) -> Linear:
    """Add what depends on the base alone. scaled_spread: in units of the estimate's square, per weight."""
    unit_base = among.weigh_by_unit(known.astype(float)) if unit_base is None else unit_base
    n = np.rint(among.count(known.astype(float))).astype(np.int64)
    psu, strata = among.presence(unit_base)
    weight = unit_base.sum(axis=0)
    return Linear(
        among=among,
        estimate=np.where(n > 0, estimate, np.nan),
        scores=np.where(n > 0, scores, 0.0),
        strata=strata,
        n=n,
        base=weight,
        df=psu - strata.sum(axis=0),
        positive=among.count(plain),
        srs=np.where(n > 1, scaled_spread * weight / (n - 1), np.nan),
    )
