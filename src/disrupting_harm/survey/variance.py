"""One function carries every standard error: the covariance of totals of scores.

    V(Z) = sum over strata h of (1 - f_h) n_h / (n_h - 1) * sum over PSUs j of (z_hj - mean_h)(z_hj - mean_h)'

with z_hj the sum of the scores in PSU j and n_h the PSUs of the whole design (Binder 1983; Wolter 2007). A later
stage adds its own term, times the share of units drawn at the stages before (Särndal, Swensson and Wretman 1992,
section 4.3). With replicate weights A holds the deviations of the replicates (Wolter 2007, chapters 3 to 5).

A stratum with a single PSU has no information about the variance within it. What it adds is the design's choice
(`Design`, singleton_psu), applied as R's survey 4.5 does: to the strata that have respondents in the base of an
estimate.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .design import Design


def deviations(
    design: Design, totals: np.ndarray, base: np.ndarray, sizes: np.ndarray | None = None
) -> np.ndarray:
    """Scaled deviations A of score totals from the means of their strata: the covariance of the totals is A'A.

    totals: (finest units x ...), sums of scores. Result: (units of all stages x ...). Columns of A can be combined
    before the product: differences, ratios and regressions need nothing else. NaN where the policy for singleton PSUs
    has no answer.
    base: sums of weights of the base of each estimate, in a shape that fits totals. Only PSUs in the base count when
    singletons are looked for.
    sizes: as totals, sums of what a mean or ratio divides by; None for totals. Only replicate weights need them: A is
    then the deviations (replicates x ...) of the estimates themselves, or without sizes of the totals of scores.

    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"w": [1.0, 1, 1]}), weight="w")
    >>> a = deviations(design, np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1)))
    >>> round(float((a.T @ a)[0, 0]), 12)  # 3 / (3 - 1) * ((1 - 2)^2 + 0 + (3 - 2)^2)
    3.0
    """
    flat = totals.reshape(len(totals), -1)
    if design.replicates is not None:
        scaled = design.replicates.deviations(flat, sizes).reshape(-1, *totals.shape[1:])
        return scaled * replicate_factor(design, base)
    met = None  # with no singleton PSU to treat, the base makes no difference
    if design.treats_singletons:
        met = np.broadcast_to(base > 0, totals.shape).reshape(flat.shape)
    parts = [_stage_deviations(design, depth, flat, met) for depth in range(len(design.stages))]
    scaled = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return scaled.reshape(len(scaled), *totals.shape[1:])


def replicate_factor(design: Design, base: np.ndarray) -> np.ndarray | float:
    """The factor (...) of deviations by replicate weights, which ignore singleton PSUs: see singleton_psu ``average``.

    base: (finest units x ...), sums of weights of the base.
    """
    if not design.treats_singletons:
        return 1.0
    met = (base > 0).reshape(len(base), -1)
    return _average_factor(*_singleton_strata(design, 0, met)).reshape(base.shape[1:])


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


def _stage_deviations(design: Design, depth: int, totals: np.ndarray, met: np.ndarray | None) -> np.ndarray:
    """Scaled deviations at one stage. met: (finest units x scores), whether the base has a respondent in the unit."""
    stage = design.stages[depth]
    sums = sum_by(stage.unit, len(stage.stratum), totals)
    means = sum_by(stage.stratum, len(stage.drawn), sums) / stage.drawn[:, None]
    size = np.sqrt(stage.scale)[:, None]
    if met is not None:
        reached, singleton = _singleton_strata(design, depth, met)
        if design.singleton_psu == "average":
            size = size * ~singleton[stage.stratum] * _average_factor(reached, singleton, depth)
        elif depth == 0:
            # R centres a singleton unit of a later stage among the units of its own unit of the stage before: at itself
            centre = sums.sum(axis=0) / np.maximum(stage.drawn @ reached, 1)
            means = np.where(singleton, centre, means)
    return (sums - means[stage.stratum]) * size


def _singleton_strata(design: Design, depth: int, met: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each stratum of a stage has a unit in the base, and whether it is singleton there (strata x scores)."""
    stage = design.stages[depth]
    units = sum_by(stage.unit, len(stage.stratum), met.astype(float)) > 0
    count = sum_by(stage.stratum, len(stage.drawn), units.astype(float))
    singleton = stage.singleton[:, None] & (count > 0)
    if design.adjust_singletons_in_domains:
        singleton |= stage.counts[:, None] & (count == 1)
    return count > 0, singleton


def _average_factor(reached: np.ndarray, singleton: np.ndarray, depth: int = 0) -> np.ndarray:
    """Factor of deviations under the policy ``average``, by which singleton strata add what the others do on average.

    NaN where there are no others: all strata of the base are singleton, or at a later stage any is, as each unit of the
    stage before holds one stratum.
    """
    if depth > 0:
        return np.where(singleton.any(axis=0), np.nan, 1.0)
    strata = reached.sum(axis=0)
    several = strata - singleton.sum(axis=0)
    return np.where(several > 0, np.sqrt(strata / np.maximum(several, 1)), np.nan)
