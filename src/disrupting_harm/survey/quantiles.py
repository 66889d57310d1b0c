"""Quantiles of a numeric variable, with Woodruff's interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from . import intervals
from .design import Design
from .domains import Conditions, Domains
from .errors import SurveyError
from .estimates import check_level, status_of
from .inputs import Values, read_values, to_numbers
from .linear import linear_proportions

COLUMNS = [
    "indicator", "domain", "probability", "estimate", "ci_low", "ci_high", "df", "n", "n_base_weighted", "status",
    "interval",
]  # fmt: skip


def quantiles(
    design: Design,
    values: Values,
    probabilities: Sequence[float] = (0.5,),
    domains: Conditions = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The smallest value up to which at least the given shares of respondents (weighted) lie.

    values, domains: as for `means`. The interval (Woodruff 1952) turns the Wald interval of the share of respondents
    up to the quantile back into values; a bound beyond the answers is NaN.

    Result: one row an (indicator, domain, probability), columns `COLUMNS`. status as for `proportions`.

    >>> people = pd.DataFrame({"w": [1.0, 1, 1, 2], "hours": [4.0, 1, 2, 3]})
    >>> quantiles(Design(people, weight="w"), people["hours"], [0.25, 0.5]).loc[:, "estimate"].tolist()
    [2.0, 3.0]
    """
    check_level(design, level)
    if not all(0 < probability < 1 for probability in probabilities):
        raise SurveyError(f"{design.name}: probabilities lie between 0 and 1")
    frame, among = read_values(design, values), Domains.read(design, domains)
    rows = []
    for indicator in frame.columns:
        numbers = to_numbers(design, frame[[indicator]])[:, 0]
        for position, domain in enumerate(among.names):
            only = Domains(design, [domain], among.member[[position]] & ~np.isnan(numbers))
            keys = {"indicator": indicator, "domain": domain}
            rows += [keys | row for row in _of_domain(only, numbers, list(probabilities), level)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_domain(only: Domains, numbers: np.ndarray, probabilities: list[float], level: float) -> list[dict]:
    """One row a probability, for the one domain of those who have a value."""
    member = only.member[0]
    order = np.argsort(numbers[member], kind="stable")
    answers, weights = numbers[member][order], only.design.weight[member][order]
    found = np.array([_invert(answers, weights, probability) for probability in probabilities])
    up_to = (numbers[:, None] <= found).astype(float)
    shares = linear_proportions(only, up_to)
    base, se = shares.base, shares.se()
    low, high = intervals.wald(shares.estimate, se, base.df, level)
    status = status_of(shares.estimate, se, base.df, base.n)[0].tolist()
    return [
        {
            "probability": probability,
            "estimate": found[k],
            "ci_low": _invert(answers, weights, low[0, k]) if status[k] == "ok" else np.nan,
            "ci_high": _invert(answers, weights, high[0, k]) if status[k] == "ok" else np.nan,
            "df": int(base.df[0, k]),
            "n": int(base.n[0, k]),
            "n_base_weighted": float(base.weight[0, k]),
            "status": status[k],
            "interval": "woodruff" if status[k] == "ok" else "",
        }
        for k, probability in enumerate(probabilities)
    ]


def _invert(answers: np.ndarray, weights: np.ndarray, probability: float) -> float:
    """The smallest of the sorted answers at which the weighted distribution reaches the probability.

    >>> _invert(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), 0.5)
    2.0
    """
    if not len(answers) or not 0 <= probability <= 1:
        return np.nan
    reached = np.cumsum(weights)
    goal = probability * reached[-1]
    place = np.searchsorted(reached, goal * (1 - 1e-12))  # a share met up to rounding is met
    return float(answers[min(place, len(answers) - 1)])
