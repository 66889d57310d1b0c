"""One function carries every standard error: the covariance of totals of scores.

    V(Z) = sum over strata h of (1 - f_h) n_h / (n_h - 1) * sum over PSUs j of (z_hj - mean_h)(z_hj - mean_h)'

with z_hj the sum of the scores in PSU j and n_h the PSUs of the whole design (Binder 1983; Wolter 2007). A later
stage adds its own term, times the share of units drawn at the stages before (Särndal, Swensson and Wretman 1992,
section 4.3). With replicate weights A holds what the replicates say (Wolter 2007, chapters 3 to 5).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .design import Design
from .stages import Stage


def deviations(design: Design, totals: np.ndarray, sizes: np.ndarray | None = None) -> np.ndarray:
    """Scaled deviations A of score totals from the means of their strata: the covariance of the totals is A'A.

    totals: (finest units x scores), sums of scores. Result: (units of all stages x scores). Columns of A can be
    combined before the product: differences, ratios and regressions need nothing else.
    sizes: as many, sums of what a mean or ratio divides by; None for totals. Only replicate weights need them: A is
    then the deviations (replicates x scores) of the estimates themselves, or without sizes of the totals of scores.

    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"w": [1.0, 1, 1]}), weight="w")
    >>> a = deviations(design, np.array([[1.0], [2.0], [3.0]]))
    >>> round(float((a.T @ a)[0, 0]), 12)  # 3 / (3 - 1) * ((1 - 2)^2 + 0 + (3 - 2)^2)
    3.0
    """
    if design.replicates is not None:
        return design.replicates.deviations(totals, sizes)
    parts = [_stage_deviations(stage, totals, design.lone_psu) for stage in design.stages]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def lone_factor(design: Design, strata: np.ndarray) -> np.ndarray:
    """The factor of a variance under the policy ``average``: strata of the base over those with two PSUs or more.

    strata: (strata x ...), whether the base has a respondent in the stratum. 1 under every other policy; NaN when
    all strata of the base are lone.
    """
    if design.lone_psu != "average":
        return np.ones(strata.shape[1:])
    several = strata[~design.stages[0].lone].sum(axis=0)
    return np.where(several > 0, strata.sum(axis=0) / np.maximum(several, 1), np.nan)


def sum_by(group: np.ndarray, count: int, values: np.ndarray) -> np.ndarray:
    """Sums of the rows of `values` in each of `count` groups, as one sparse product.

    >>> sum_by(np.array([0, 1, 0]), 2, np.array([[1.0], [2.0], [3.0]]))
    array([[4.],
           [2.]])
    """
    rows = np.arange(len(group) + 1)
    if count == len(group) and np.array_equal(group, rows[:-1]):
        return values
    return sparse.csc_array((np.ones(len(group)), group, rows), shape=(count, len(group))) @ values


def _stage_deviations(stage: Stage, totals: np.ndarray, lone_psu: str) -> np.ndarray:
    sums = sum_by(stage.unit, len(stage.stratum), totals)
    means = sum_by(stage.stratum, len(stage.drawn), sums) / stage.drawn[:, None]
    if lone_psu == "adjust" and stage.lone.any():
        means = np.where(stage.lone[:, None], sums.mean(axis=0), means)
    return (sums - means[stage.stratum]) * np.sqrt(stage.scale)[:, None]
