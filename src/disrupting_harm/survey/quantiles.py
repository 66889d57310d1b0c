"""Quantiles of a numeric variable, with Woodruff's interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from . import intervals
from .design import Design
from .domains import Conditions, Domains
from .estimates import judged
from .inputs import Values, check_confidence, read_probabilities, read_values, to_numbers
from .linear import linear_proportions

COLUMNS = [
    "indicator", "domain", "probability", "estimate", "ci_low", "ci_high", "df", "n", "n_base_weighted", "status",
    "interval",
]  # fmt: skip


def quantiles(
    design: Design,
    values: Values,
    probabilities: float | Sequence[float] = (0.5,),
    domains: Conditions = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The smallest value that at least the given shares of respondents (weighted) do not exceed.

    values, domains: as for `means`. probabilities: the shares, or a single one. The interval (Woodruff 1952) turns the
    Wald interval of the share of respondents up to the quantile back into values; a bound beyond the answers is NaN.

    Result: one row per (indicator, domain, probability), columns `COLUMNS`. status as for `proportions`.

    >>> people = pd.DataFrame({"w": [1.0, 1, 1, 2], "hours": [4.0, 1, 2, 3]})
    >>> quantiles(Design(people, weight="w"), people["hours"], [0.25, 0.5]).loc[:, "estimate"].tolist()
    [2.0, 3.0]
    """
    check_confidence(design, confidence)
    shares = read_probabilities(design, probabilities)
    frame, among = read_values(design, values), Domains.read(design, domains)
    rows = {name: [] for name in COLUMNS}
    for indicator, numbers in zip(frame.columns, to_numbers(design, frame).T, strict=True):
        for domain, member in zip(among.names, among.member & ~np.isnan(numbers), strict=True):
            only = Domains(design, [domain], member[None])
            estimates = _of_domain(only, numbers, shares, confidence)
            keys = {"indicator": [indicator] * len(shares), "domain": [domain] * len(shares)}
            for name in COLUMNS:
                rows[name].extend((estimates | keys)[name])
    return pd.DataFrame(rows)


def _of_domain(
    only: Domains, numbers: np.ndarray, probabilities: np.ndarray, confidence: float
) -> dict[str, np.ndarray]:
    """Columns of the table, one value per probability, for the one domain of those who have a value."""
    member = only.member[0]
    order = np.argsort(numbers[member], kind="stable")
    answers, weights = numbers[member][order], only.design.weight[member][order]
    values = _invert(answers, weights, probabilities)
    shares = linear_proportions(only, pd.DataFrame(numbers[:, None] <= values))
    base, se = shares.base, shares.se()
    bounds = intervals.wald(shares.estimate, se, base.df, confidence)
    low, high = (_invert(answers, weights, bound[0]) for bound in bounds)
    rows = judged(values, se[0], (low, high), base.df[0], base.n[0], "woodruff")
    return rows | {"probability": probabilities, "n": base.n[0], "n_base_weighted": base.weight[0]}


def _invert(answers: np.ndarray, weights: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The smallest of the sorted answers at which the weighted distribution reaches each probability.

    >>> _invert(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), np.array([0.5, 2.0]))
    array([ 2., nan])
    """
    if not len(answers):
        return np.full(len(probabilities), np.nan)
    reached = np.cumsum(weights)
    goal = probabilities * reached[-1] * (1 - 1e-12)  # a share met up to rounding is met
    index = np.minimum(np.searchsorted(reached, goal), len(answers) - 1)
    return np.where((probabilities >= 0) & (probabilities <= 1), answers[index], np.nan)
