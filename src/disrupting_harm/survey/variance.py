"""One function carries every standard error: the covariance of totals of scores.

    V(Z) = sum over strata h of (1 - f_h) n_h / (n_h - 1) * sum over PSUs j of (z_hj - mean_h)(z_hj - mean_h)'

with z_hj the sum of the scores in PSU j and n_h the PSUs of the whole design (Binder 1983; Wolter 2007). A later stage adds
its own term, times the share of units drawn at the stages before (Särndal, Swensson and Wretman 1992, section 4.3).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .design import Design, Stage


def deviations(design: Design, totals: np.ndarray) -> np.ndarray:
    """Scaled deviations A of score totals from their strata's means, so that the covariance is A'A.

    totals: (finest units x scores), sums of scores. Result: (units of all stages x scores).
    Columns of A can be combined before the product: differences, ratios and regressions need nothing else.

    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"w": [1.0, 1, 1]}), weight="w")
    >>> a = deviations(design, np.array([[1.0], [2.0], [3.0]]))
    >>> round(float((a.T @ a)[0, 0]), 12)  # 3/2 * (1 + 0 + 1)
    3.0
    """
    return np.concatenate([_stage_deviations(stage, totals, design.lone_psu) for stage in design.stages])


def variance(design: Design, totals: np.ndarray) -> np.ndarray:
    """The diagonal of the covariance: one variance a column of score totals."""
    scaled = deviations(design, totals)
    return np.einsum("us,us->s", scaled, scaled)


def covariance(design: Design, totals: np.ndarray) -> np.ndarray:
    """The covariance matrix (scores x scores) of totals of scores."""
    scaled = deviations(design, totals)
    return scaled.T @ scaled


def lone_factor(design: Design, present: np.ndarray) -> np.ndarray | float:
    """The factor of a variance under the policy ``average``: strata of the domain over those with two PSUs or more.

    present: (strata x scores), whether the domain has a row in the stratum. As R: NaN when all are lone.
    """
    if design.lone_psu != "average":
        return 1.0
    lone = design.stages[0].lone
    with np.errstate(divide="ignore", invalid="ignore"):
        return present.sum(axis=0) / present[~lone].sum(axis=0)


def sum_by(group: np.ndarray, count: int, values: np.ndarray) -> np.ndarray:
    """Sums of the rows of `values` in each of `count` groups, as one sparse product."""
    rows = len(group)
    if rows == count and np.array_equal(group, np.arange(count)):
        return values
    return sparse.csr_matrix((np.ones(rows), (group, np.arange(rows))), shape=(count, rows)) @ values


def _stage_deviations(stage: Stage, totals: np.ndarray, lone_psu: str) -> np.ndarray:
    sums = sum_by(stage.unit, len(stage.stratum), totals)
    means = sum_by(stage.stratum, len(stage.drawn), sums) / stage.drawn[:, None]
    if lone_psu == "adjust" and stage.lone.any():
        means = np.where(stage.lone[:, None], sums.mean(axis=0), means)
    return (sums - means[stage.stratum]) * np.sqrt(stage.scale)[:, None]
