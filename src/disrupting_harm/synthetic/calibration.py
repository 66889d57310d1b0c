"""Fitting: weights of a pool of answer profiles, and an exchange of profiles between rows until shares fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from disrupting_harm.synthetic.draws import Booleans, Floats, Integers


def rake(features: Booleans, shares: Floats, rounds: int = 60, tolerance: float = 1e-5) -> Floats:
    """Probabilities of the rows of a pool such that each feature (column) has the wanted share.

    Iterative proportional fitting over yes/no features, which is the maximum-entropy solution. Features without
    support in the pool, and shares that are NaN, are left alone.
    """
    probability = np.full(len(features), 1 / len(features))
    rows_with = [np.flatnonzero(features[:, column]) for column in range(features.shape[1])]
    for _ in range(rounds):
        worst = 0.0
        for rows, wanted in zip(rows_with, shares, strict=True):
            present = probability[rows].sum()
            if np.isnan(wanted) or present <= 0 or present >= 1:
                continue
            worst = max(worst, abs(present - wanted))
            inside = probability[rows] * (wanted / present)
            probability *= (1 - wanted) / (1 - present)
            probability[rows] = inside
        probability /= probability.sum()
        if worst < tolerance:
            break
    return probability


def exchange(
    features: Floats,
    candidates: Integers,
    row_features: Floats,
    online_any: Floats,
    weight: Floats,
    totals: Floats,
    scale: Floats,
    rng: np.random.Generator,
    steps: int = 1500,
    batch: int = 512,
) -> Integers:
    """Choose one candidate profile a row so that weighted totals come near to `totals`; as few changes as needed.

    `features` is profiles x features, `candidates` rows x alternatives (profile numbers; column 0 is where a row
    starts). `row_features` (rows x groups) times `online_any` (one value per profile) gives further features, appended
    to the others. Each step tries a batch of single changes drawn at random and takes the best one that lowers
    the sum of squared (total - wanted) / scale.
    """
    chosen = candidates[:, 0].copy()
    wanted = np.asarray(totals, float)

    def describe(rows: Integers, profiles: Integers) -> Floats:
        return np.concatenate([features[profiles], row_features[rows] * online_any[profiles, None]], axis=1)

    everyone = np.arange(len(chosen))
    gap = (weight[:, None] * describe(everyone, chosen)).sum(axis=0) - wanted
    idle = 0
    for _ in range(steps):
        rows = rng.integers(0, len(chosen), batch)
        profiles = candidates[rows, rng.integers(0, candidates.shape[1], batch)]
        change = weight[rows, None] * (describe(rows, profiles) - describe(rows, chosen[rows]))
        losses = np.round((((gap + change) / scale) ** 2).sum(axis=1), 7)
        best = int(np.argmin(losses))
        if losses[best] < np.round(((gap / scale) ** 2).sum(), 7):
            chosen[rows[best]] = profiles[best]
            gap = gap + change[best]
            idle = 0
        else:
            idle += 1
            if idle > 25:
                break
    return chosen


def threshold_for_share(score: Floats, weight: Floats, total: float) -> float:
    """The threshold above which the scores carry a weight as near as can be to `total`.

    Scores of minus infinity never count. Returns infinity when no one should count.
    """
    usable = np.flatnonzero(np.isfinite(score))
    order = usable[np.argsort(-score[usable], kind="stable")]
    reached = np.concatenate([[0.0], np.cumsum(weight[order])])
    best = int(np.argmin(np.round(np.abs(reached - total), 9)))
    if best == 0:
        return np.inf
    if best == len(order):
        return -np.inf
    return float((score[order[best - 1]] + score[order[best]]) / 2)


def levels_by_share(score: Floats, weight: Floats, shares: Sequence[float]) -> Integers:
    """Category of each score: the lowest get category 0; categories carry `shares` of the weight as near as can be.

    score, weight: one value a row, shape (rows,); shares: one a category, adding to 1. Returns numbers, shape (rows,).
    """
    totals = np.cumsum(shares)[:-1] * weight.sum()
    edges = [-threshold_for_share(-score, weight, total) for total in totals]
    return np.searchsorted(edges, score).astype(np.int64)
