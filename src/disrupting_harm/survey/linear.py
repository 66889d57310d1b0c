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

from .domains import Chunks, Domains
from .variance import deviations, lone_factor

NEGLIGIBLE = 1e-13  # a sum of squared residuals below this share of the squares it comes from is rounding


@dataclass(frozen=True, eq=False)
class Base:
    """Who counts, for each domain and indicator: arrays (domains x indicators), if not said.

    by_unit: (finest units x domains x indicators), sums of weights. strata: (strata x domains x indicators), whether
    a respondent of the base is there. n, weight: respondents, unweighted and weighted. df: PSUs minus strata
    (of given replicate weights: their rank minus 1).
    """

    by_unit: np.ndarray
    strata: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    df: np.ndarray

    @classmethod
    def of(cls, among: Domains, known: np.ndarray) -> Base:
        """The base of those known (rows x indicators); summed once where nothing is missing."""
        distinct = (known[:, :1] if known.all() else known).astype(float)
        return cls.of_sums(among, among.weigh_by_unit(distinct), among.count(distinct), known.shape[1])

    @classmethod
    def of_sums(cls, among: Domains, by_unit: np.ndarray, n: np.ndarray, columns: int) -> Base:
        """The base from its sums; a single column of sums stands for all columns."""
        psu, strata = among.presence(by_unit)
        replicates, shape = among.design.replicates, (len(among.names), columns)
        df = psu - strata.sum(axis=0)
        if replicates is not None:
            df = replicates.df(df, by_unit > 0)
        return cls(
            by_unit=np.broadcast_to(by_unit, (len(by_unit), *shape)),
            strata=np.broadcast_to(strata, (len(strata), *shape)),
            n=np.broadcast_to(np.rint(n).astype(np.int64), shape),
            weight=np.broadcast_to(by_unit.sum(axis=0), shape),
            df=np.broadcast_to(df, shape),
        )


@dataclass(frozen=True, eq=False)
class Linear:
    """Estimates of many indicators (columns) in many domains (rows): arrays (domains x indicators), if not said.

    scores: (finest units x domains x indicators), sums of scores by unit. sizes: likewise, sums of what the estimate
    divides by; None for totals.
    srs: variance of the same estimate, had the n respondents been drawn by simple random sampling with replacement.
    """

    among: Domains
    base: Base
    estimate: np.ndarray
    scores: np.ndarray
    sizes: np.ndarray | None
    srs: np.ndarray

    @classmethod
    def of(
        cls,
        among: Domains,
        base: Base,
        estimate: np.ndarray,
        scores: np.ndarray,
        sizes: np.ndarray | None,
        spread: np.ndarray,
    ) -> Linear:
        """Blank what nobody's answers can tell. spread: weighted mean of squared residuals, in estimate's unit."""
        return cls(
            among=among,
            base=base,
            estimate=np.where(base.n > 0, estimate, np.nan),
            scores=np.where(base.n > 0, scores, 0.0),
            sizes=sizes,
            srs=np.where(base.n > 1, spread / np.maximum(base.n - 1, 1), np.nan),
        )

    def deviations(self) -> np.ndarray:
        """Scaled deviations (units of all stages x domains x indicators); their products are the covariance."""
        flat = self.scores.reshape(len(self.scores), self.estimate.size)
        scaled = deviations(self.among.design, flat, self.sizes)
        return scaled.reshape(len(scaled), *self.estimate.shape)

    def se(self) -> np.ndarray:
        """Design-based standard error of each estimate; exactly zero where it is rounding."""
        scaled = self.deviations()
        factor = lone_factor(self.among.design, self.base.strata)
        variance = np.einsum("udk,udk->dk", scaled, scaled) * factor
        return np.sqrt(np.where(variance <= 1e-24 * np.nan_to_num(self.srs), 0.0, variance))


def linear_proportions(among: Domains, value: np.ndarray) -> Linear:
    """Shares of 1 among 0 and 1 (rows x indicators), exactly 0 or 1 where all agree; NaN is outside the base."""
    return tallied_proportions(among, value.shape[1], iter([(slice(None), value.copy())]))


def tallied_proportions(among: Domains, columns: int, chunks: Chunks) -> Linear:
    """As `linear_proportions`, of values met in chunks (`Domains.tally`): rows are read once, whatever their number."""
    unit_y, by_unit, n = among.tally(columns, chunks)
    base = Base.of_sums(among, by_unit, n, columns)
    none, every = (unit_y == 0).all(axis=0), (unit_y == base.by_unit).all(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(none, 0.0, np.where(every, 1.0, unit_y.sum(axis=0) / base.weight))
        scores = np.where(none | every, 0.0, (unit_y - p * base.by_unit) / base.weight)
    return Linear.of(among, base, p, scores, base.by_unit, p * (1 - p))


def linear_means(among: Domains, value: np.ndarray, centre: bool = False) -> Linear:
    """Means of the columns (rows x indicators); NaN is outside the base.

    centre: take each column's mean off while summing, against loss of digits; for 0 and 1 there is no need.
    """
    known = ~np.isnan(value)
    base = Base.of(among, known)
    shift = np.zeros(value.shape[1])
    if centre:
        shift = np.where(known, value, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    y = np.where(known, value - shift, 0.0)
    unit_y = among.weigh_by_unit(y)
    total = unit_y.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / base.weight
        spread = _spread(among.weigh(y * y), mean * total) / base.weight
        scores = np.where(spread == 0, 0.0, (unit_y - mean * base.by_unit) / base.weight)
    return Linear.of(among, base, mean + shift, scores, base.by_unit, spread)


def linear_totals(among: Domains, value: np.ndarray) -> Linear:
    """Totals of the columns (rows x indicators); NaN is outside the base."""
    known = ~np.isnan(value)
    base = Base.of(among, known)
    y = np.where(known, value, 0.0)
    unit_y = among.weigh_by_unit(y)
    total = unit_y.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _spread(among.weigh(y * y), total**2 / base.weight) * base.weight
    return Linear.of(among, base, total, unit_y, None, spread)


def linear_ratios(among: Domains, above: np.ndarray, below: np.ndarray) -> Linear:
    """Ratios of totals; above and below (rows x indicators), the base is where neither is NaN."""
    known = ~(np.isnan(above) | np.isnan(below))
    base = Base.of(among, known)
    y, x = np.where(known, above, 0.0), np.where(known, below, 0.0)
    unit_y, unit_x = among.weigh_by_unit(y), among.weigh_by_unit(x)
    total_x = unit_x.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = unit_y.sum(axis=0) / total_x
        squares = among.weigh(y * y) + ratio**2 * among.weigh(x * x)
        spread = _spread(squares, 2 * ratio * among.weigh(x * y)) * base.weight / total_x**2
        scores = np.where(spread == 0, 0.0, (unit_y - ratio * unit_x) / total_x)
    return Linear.of(among, base, ratio, scores, unit_x, spread)


def _spread(squares: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Weighted sum of squared residuals; exactly zero where it is rounding."""
    spread = squares - removed
    return np.where(spread <= NEGLIGIBLE * squares, 0.0, spread)
