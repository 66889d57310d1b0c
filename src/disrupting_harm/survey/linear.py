"""Estimates as sums, and the scores that carry their standard errors (linearisation; Binder 1983).

| estimate                  | score of a respondent in the base |
|---------------------------|-----------------------------------|
| total                     | w y                               |
| ratio r = Y / X           | w (y - r x) / X                   |
| mean, proportion (x = 1)  | w (y - p) / W                     |

Rows are read once, in chunks; sums are kept by finest unit, so that everything after them is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .design import Design
from .domains import Domains, Sums
from .inputs import in_chunks
from .variance import deviations, sum_by

_NEGLIGIBLE = 1e-13  # a sum of squared residuals below this share of the squares it comes from is rounding
_CANCELLED = 1e-6  # below this share digits are lost: residuals are summed anew, one by one
_ROUNDING = 2e-31  # likewise of residuals taken one by one: the square of two roundings


@dataclass(frozen=True, eq=False)
class Base:
    """Who counts, for each domain and indicator: arrays (domains x indicators) unless noted.

    by_unit: (finest units x domains x indicators), sums of weights. n, weight: respondents, unweighted and weighted.
    df: PSUs minus strata (of given replicate weights: their rank minus 1).
    """

    by_unit: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    df: np.ndarray

    @classmethod
    def of(cls, among: Domains, known: np.ndarray) -> Base:
        """The base of those known (rows x indicators)."""
        all_rows = iter([(slice(None), [np.where(known, 0.0, np.nan)])])
        return cls.of_sums(among, among.tally(all_rows, 1, known.shape[1], products=False))

    @classmethod
    def of_sums(cls, among: Domains, sums: Sums) -> Base:
        """The base from its sums; a single column of sums stands for all columns."""
        shape = sums.values.shape[2:]
        return cls(
            by_unit=np.broadcast_to(sums.base, (len(sums.base), *shape)),
            n=np.broadcast_to(np.rint(sums.n).astype(np.int64), shape),
            weight=np.broadcast_to(sums.base.sum(axis=0), shape),
            df=np.broadcast_to(degrees_of_freedom(among.design, sums.base), shape),
        )


def degrees_of_freedom(design: Design, by_unit: np.ndarray) -> np.ndarray:
    """Degrees of freedom of bases (...). by_unit: (finest units x ...), their sums of weights."""
    stage, met, shape = design.stages[0], by_unit > 0, by_unit.shape[1:]
    psu = sum_by(stage.unit, len(stage.stratum), met.reshape(len(met), -1).astype(float)) > 0
    strata = sum_by(stage.stratum, len(stage.drawn), psu.astype(float)) > 0
    df = (psu.sum(axis=0) - strata.sum(axis=0)).reshape(shape)
    if design.replicates is not None:
        df = design.replicates.df(df, met)
    return df


@dataclass(frozen=True, eq=False)
class Linear:
    """Estimates of many indicators (columns) in many domains (rows): arrays (domains x indicators) unless noted.

    scores: (finest units x domains x indicators), sums of scores by unit. sizes: likewise, sums of what the estimate
    divides by; None for totals. spread: weighted mean of squared residuals, in the estimate's unit.
    """

    among: Domains
    base: Base
    estimate: np.ndarray
    scores: np.ndarray
    sizes: np.ndarray | None
    spread: np.ndarray

    @property
    def srs(self) -> np.ndarray:
        """Variance of the same estimate, had n respondents been drawn by simple random sampling with replacement."""
        return np.where(self.base.n > 1, self.spread / np.maximum(self.base.n - 1, 1), np.nan)

    def deviations(self, together: np.ndarray | None = None) -> np.ndarray:
        """Scaled deviations (units of all stages x domains x indicators); their products are the covariance.

        together: sums of weights by unit, in a shape that fits the scores, of the base that is searched for singleton
        PSUs where estimates are compared; None: each estimate has its own base.
        """
        base = self.base.by_unit if together is None else together
        return deviations(self.among.design, self.scores, base, self.sizes)

    def covariance(self, together: np.ndarray | None = None) -> np.ndarray:
        """Covariance of all estimates, indicators outside, domains within; together as for `deviations`."""
        scaled = self.deviations(together).transpose(0, 2, 1).reshape(-1, self.estimate.size)
        return scaled.T @ scaled

    def se(self) -> np.ndarray:
        """Design-based standard error of each estimate; exactly zero where it is rounding."""
        scaled = self.deviations()
        variance = np.einsum("udk,udk->dk", scaled, scaled)
        return np.sqrt(np.where(variance <= 1e-24 * np.nan_to_num(self.srs, posinf=0.0), 0.0, variance))


def linear_proportions(among: Domains, frame: pd.DataFrame) -> Linear:
    """Shares of 1 among 0 and 1, exactly 0 or 1 where all agree; missing is outside the base."""
    base, (y,), _ = _sums(among, frame, binary=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = y.sum(axis=0) / base.weight
        p = np.where(p * (1 - p) < _NEGLIGIBLE, np.rint(p), p)
        spread = p * (1 - p)
        scores = np.where(spread > 0, (y - p * base.by_unit) / base.weight, 0.0)
    return Linear(among, base, p, scores, base.by_unit, spread)


def linear_means(among: Domains, frame: pd.DataFrame) -> Linear:
    """Means; missing is outside the base."""
    base, (y,), (yy,) = _sums(among, frame)
    return _mean(among, base, y, yy, frame)


def linear_totals(among: Domains, frame: pd.DataFrame) -> Linear:
    """Totals; missing is outside the base."""
    base, (y,), (yy,) = _sums(among, frame)
    spread = _mean(among, base, y, yy, frame).spread * base.weight**2
    return Linear(among, base, np.where(base.n > 0, y.sum(axis=0), np.nan), y, None, spread)


def linear_ratios(among: Domains, above: pd.DataFrame, below: pd.DataFrame) -> Linear:
    """Ratios of totals, of columns by pairs or over a single one; the base is where neither is missing."""
    base, (y, x), sums = _sums(among, above, below)
    products = tuple(sums)
    return _with_all_digits(_ratio(among, base, y, x, products), products, above, below)


def _sums(among: Domains, *frames: pd.DataFrame, binary: bool = False) -> tuple[Base, np.ndarray, np.ndarray]:
    """The base, the sums of each frame's values by unit, and (but of 0 and 1) those of their squares and products."""
    chunks = in_chunks(among.design, frames, binary)
    sums = among.tally(chunks, len(frames), frames[0].shape[1], products=not binary)
    return Base.of_sums(among, sums), sums.values, sums.products


def _mean(among: Domains, base: Base, y: np.ndarray, yy: np.ndarray, frame: pd.DataFrame) -> Linear:
    """Means of the columns of a frame, from sums by unit and the sum of w y y."""
    products = (yy, y.sum(axis=0), base.weight)
    return _with_all_digits(_ratio(among, base, y, base.by_unit, products), products, frame)


def _with_all_digits(rough: Linear, products: Sequence[np.ndarray], *frames: pd.DataFrame) -> Linear:
    """The same; residuals that are small beside the values are summed one by one, of those in the base alone.

    Sums of values far from zero leave few digits to the residuals, or none, and then a standard error of 0. frames:
    the values, and below a ratio those beside them (or their only column).
    """
    ratio, sizes = rough.estimate, rough.sizes
    if sizes is None:
        return rough
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        residuals = rough.spread * sizes.sum(axis=0) ** 2 / rough.base.weight
        squares = _squares(ratio, products)
        lost = residuals < _CANCELLED * squares
    if not lost.any():
        return rough
    estimate, scores, spread = ratio.copy(), rough.scores.copy(), rough.spread.copy()
    for domain in np.flatnonzero(lost.any(axis=1)):
        columns = np.flatnonzero(lost[domain])
        at = domain, columns
        parts = [frame if frame.shape[1] == 1 else frame.iloc[:, columns] for frame in frames]
        rest = _residuals(rough.among.one(int(domain)), ratio[at], squares[at], *parts)
        estimate[at] += rest.estimate[0]
        scores[:, domain, columns], spread[at] = rest.scores[:, 0], rest.spread[0]
    return replace(rough, estimate=estimate, scores=scores, spread=spread)


def _residuals(only: Domains, ratio: np.ndarray, squares: np.ndarray, *frames: pd.DataFrame) -> Linear:
    """What is left of the values of one domain without ratio times those below them (of a mean: without the ratio)."""
    chunks = in_chunks(only.design, frames, chosen=np.flatnonzero(only.member[0]))
    if len(frames) == 1:
        left = ((rows, [values - ratio]) for rows, (values,) in chunks)
        sums = only.tally(left, 1, len(ratio), products=True)
        base = Base.of_sums(only, sums)
        products = (sums.products[0], sums.values[0].sum(axis=0), base.weight)
        return _ratio(only, base, sums.values[0], base.by_unit, products)
    left = ((rows, [above - ratio * below, below]) for rows, (above, below) in chunks)
    sums = only.tally(left, 2, len(ratio), products=True)
    y, x = sums.values
    rest = _ratio(only, Base.of_sums(only, sums), y, x, tuple(sums.products))
    rounded = sums.products[0] <= _ROUNDING * squares  # numbers in one proportion, but for their last digits
    return replace(
        rest, scores=np.where(rounded, 0.0, rest.scores), spread=np.where(rounded, 0.0, rest.spread)
    )


def _ratio(
    among: Domains, base: Base, y: np.ndarray, x: np.ndarray, products: Sequence[np.ndarray]
) -> Linear:
    """Y / X from sums by unit, and the sums of w y y, w x y and w x x."""
    total_x = x.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = y.sum(axis=0) / total_x
        spread = _spread(_squares(ratio, products), 2 * ratio * products[1]) * base.weight / total_x**2
        # where squares are too large for a float the spread is unknown, not 0
        scores = np.where(spread == 0, 0.0, (y - ratio * x) / total_x)
    return Linear(among, base, ratio, scores, x, spread)


def _squares(ratio: np.ndarray, products: Sequence[np.ndarray]) -> np.ndarray:
    """The squares that residuals are left of, from the sums of w y y, w x y and w x x."""
    yy, _, xx = products
    return yy + ratio**2 * xx


def _spread(squares: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Weighted sum of squared residuals; exactly zero where it is rounding."""
    spread = squares - removed
    return np.where(spread <= _NEGLIGIBLE * squares, 0.0, spread)
