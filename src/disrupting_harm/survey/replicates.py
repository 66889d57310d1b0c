"""Replicate weights: the variance of an estimate from how it moves when the sample is weighted anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .stages import Stage

_RANK_TOLERANCE = (
    1e-5  # of the largest singular value: weights delivered with few digits are not all different
)


@dataclass(frozen=True, eq=False)
class Replicates:
    """Replicate weights as factors of the weight.

    factors: (finest units x replicates). scale: for each replicate, the factor of its squared deviation.
    mse: deviations are from the estimate of the whole sample, else from the mean over replicates.
    ranked: strata and PSUs are not known, so that degrees of freedom come from the rank of the weights.
    """

    factors: np.ndarray
    scale: np.ndarray
    mse: bool = False
    ranked: bool = True

    def deviations(self, totals: np.ndarray, sizes: np.ndarray | None) -> np.ndarray:
        """Scaled deviations (replicates x scores), as `variance.deviations`; NaN where a replicate has no base.

        With scores (y - r x) / X and sizes x a replicate's total of scores over its relative size is exactly r* - r.
        """
        moved = (self.factors - 1).T @ totals
        if sizes is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                sizes = sizes.reshape(totals.shape)
                moved = moved / (self.factors.T @ sizes / sizes.sum(axis=0))
        return self.scaled(moved)

    def scaled(self, moved: np.ndarray) -> np.ndarray:
        """How estimates moved (replicates x estimates), centred and scaled so that squares sum to the variance."""
        centre = 0.0 if self.mse else moved[self.scale > 0].mean(axis=0)
        return (moved - centre) * np.sqrt(self.scale)[:, None]

    def df(self, by_count: np.ndarray, present: np.ndarray) -> np.ndarray:
        """Degrees of freedom of bases, below the number of replicates.

        by_count: (...), PSUs minus strata, which holds where the design is known. Else the rank of the replicate
        weights minus 1 (as R). present: (finest units x ...), whether the base has a respondent in the unit.
        """
        if not self.ranked:
            return np.minimum(by_count, len(self.scale) - 1)
        flat = present.reshape(len(present), -1)
        patterns, inverse = np.unique(flat, axis=1, return_inverse=True)
        ranks = [self._rank(pattern) for pattern in patterns.T]
        return np.array([max(rank - 1, 0) for rank in ranks])[inverse.ravel()].reshape(present.shape[1:])

    def _rank(self, units: np.ndarray) -> int:
        if not units.any():
            return 0
        return int(np.linalg.matrix_rank(self.factors[units], rtol=_RANK_TOLERANCE))


def rao_wu(stage: Stage, count: int, random: np.random.Generator) -> Replicates:
    """The rescaled bootstrap (Rao and Wu 1988; Rao, Wu and Yue 1992), n - 1 of a stratum's n units drawn with return.

    A unit drawn t times has factor 1 + sqrt(1 - f) (t n / (n - 1) - 1), never negative; a singleton unit always has 1.
    """
    factors = np.ones((len(stage.stratum), count))
    for stratum in np.flatnonzero(stage.drawn > 1):
        units = np.flatnonzero(stage.stratum == stratum)
        n = len(units)
        times = random.multinomial(n - 1, np.full(n, 1 / n), size=count).T
        not_drawn = stage.scale[units, None] * (n - 1) / n  # 1 - f
        factors[units] = 1 + np.sqrt(not_drawn) * (times * n / (n - 1) - 1)
    return Replicates(factors, np.full(count, 1 / (count - 1)), ranked=False)
