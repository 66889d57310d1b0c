"""What is published is rounded on purpose, so that numbers do not give away more than they say.

A share in full precision times its weighted base is a sum of weights, and sums can be subtracted from each other until
the weights of one child are left. So every published share and every base is a multiple of what config/config.yaml says
under `suppression.rounding`, or of `coarse_rounding` where a hidden count could be worked out otherwise, and a standard
error has two digits. Weighted bases, design effects and degrees of freedom are not published at all: the true base
would follow from them, n = 1 + deff p (1 - p) / se^2.

Whatever follows from shares and means is computed from the rounded ones: the difference and the ratio of two, and the
limits of intervals, from the rounded standard error. So none of them reveals another digit of a share, and a reader who
recomputes them gets what is printed. Full precision stays below data/estimates/ for the owner of the data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation.tidy_table import COLUMNS, FULL, FULL_NUMBERS, MEANS, SHOWN
from disrupting_harm.survey import intervals

SHARES = ("proportion", "risk_difference")
DIGITS = 2
"""Digits of a standard error."""

DECIMALS = 2
"""Decimals of means, ratios and reliabilities below ten; larger ones have fewer, coarse ones one less."""

COUNT_DIGITS = 3
"""Digits of a number of children scaled up from a share."""

NEVER = [name for name in FULL if name not in COLUMNS]
"""Columns in full precision that are not published: df, deff, n_base_weighted, users, and what rounding needs."""


def to_multiple(numbers: np.ndarray | pd.Series | float, step: np.ndarray | float) -> np.ndarray:
    """Numbers rounded to the nearest multiple of a step, halves up.

    >>> to_multiple(np.array([0.1234, 0.125]), 0.01).tolist()
    [0.12, 0.13]
    """
    multiples = np.floor(np.asarray(numbers, float) / step + 0.5 + 1e-9)
    return np.round(multiples * step, 10)


def to_digits(numbers: np.ndarray | pd.Series, digits: int) -> np.ndarray:
    """Numbers rounded to so many significant digits.

    >>> to_digits(np.array([0.01234, 98765.0, 0.0]), 2).tolist()
    [0.012, 99000.0, 0.0]
    """
    numbers = np.asarray(numbers, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(numbers == 0, 0, np.floor(np.log10(np.abs(numbers))))
    step = 10.0 ** (np.nan_to_num(size) - digits + 1)
    return np.where(np.isfinite(numbers), to_multiple(numbers, step), numbers)


def base(
    numbers: np.ndarray | pd.Series | float, rules: Suppression, coarse: np.ndarray | bool = False
) -> np.ndarray:
    """Numbers of respondents as they are published."""
    return to_multiple(numbers, np.where(coarse, rules.coarse_rounding.base, rules.rounding.base))


def least_printed(limit: int, rules: Suppression) -> int:
    """The smallest number that a base of at least `limit` respondents may be published as.

    >>> least_printed(27, Suppression())
    25
    """
    return int(min(base(limit, rules), base(limit, rules, True)))


def of_pool(numbers: np.ndarray | pd.Series, rules: Suppression) -> np.ndarray:
    """Numbers of respondents of several countries together as they are published: `COUNT_DIGITS` digits at most.

    >>> of_pool(np.array([11847.0, 1234.0, 96.0]), Suppression()).tolist()
    [11800.0, 1230.0, 100.0]
    """
    return base(to_digits(numbers, COUNT_DIGITS), rules, True)


def share_step(rules: Suppression, coarse: np.ndarray | bool = False) -> np.ndarray:
    """What published shares are multiples of, as a proportion."""
    return np.where(coarse, rules.coarse_rounding.points, rules.rounding.points) / 100


def p_values(numbers: np.ndarray | pd.Series) -> np.ndarray:
    """p-values as they are published: two digits."""
    return to_digits(numbers, DIGITS)


def rounded(rows: pd.DataFrame, rules: Suppression) -> pd.DataFrame:
    """Rows of estimates after suppression as they are published.

    rows: with `coarse` (whether they are rounded coarsely) and `base` (what bases are rounded from; without it, n); of
    a contrast also `share_first`, `share_second` and their bases, with `coarse_first` and `coarse_second`.
    Result: without these and without the columns `NEVER`, and with `rounded_to`: what the estimate and
    its limits are multiples of.
    """
    rows = without_ratios_to_nought(rows, rules)
    coarse = rows["coarse"].to_numpy(bool)
    exact = of_both_groups(rows, rules)
    steps = step_of(rows["measure"], exact, rules, coarse)
    is_count = (rows["measure"] == "count").to_numpy()

    def printed(numbers: np.ndarray) -> np.ndarray:
        numbers = to_multiple(numbers, steps)
        return np.where(is_count, to_digits(numbers, COUNT_DIGITS), numbers)

    estimate, se, n = printed(exact), to_digits(rows["se"], DIGITS), bases(rows, rules, coarse)
    low, high = map(printed, limits(rows, estimate, se, n, steps))
    left = rows.drop(columns=[name for name in NEVER if name in rows])
    known = np.where(np.isnan(estimate), np.nan, steps)
    return left.assign(estimate=estimate, se=se, n=n, ci_low=low, ci_high=high, rounded_to=known)


def bases(rows: pd.DataFrame, rules: Suppression, coarse: np.ndarray) -> np.ndarray:
    """Bases as they are published; of a contrast the sum of those of its groups, which are published too."""
    published = base(rows["base"].fillna(rows["n"]) if "base" in rows else rows["n"], rules, coarse)
    if "base_first" not in rows:
        return published
    both = [
        base(rows[f"base_{name}"], rules, rows[f"coarse_{name}"].fillna(False).to_numpy(bool))
        for name in ("first", "second")
    ]
    return np.where(np.isnan(both[0]), published, base(both[0] + both[1], rules, coarse))


def published(rows: pd.DataFrame, rules: Suppression) -> pd.DataFrame:
    """A table in full precision, as `tables.read_full` reads it, as it is published."""
    return rounded(rows, rules)[COLUMNS]


def step_of(measure: pd.Series, estimate: np.ndarray, rules: Suppression, coarse: np.ndarray) -> np.ndarray:
    """What each estimate is rounded to a multiple of; 1 for counts, whose digits are limited besides."""
    steps = np.full(len(estimate), 10.0**-DECIMALS)
    for _ in range(2):  # 9.996 becomes 10.0, which has one decimal
        with np.errstate(divide="ignore"):
            size = np.floor(np.log10(np.abs(to_multiple(estimate, steps))))
        places = np.clip(DECIMALS - np.nan_to_num(size, neginf=0).clip(min=0) - coarse, 0, None)
        steps = 10.0**-places
    steps = np.where(measure.isin(SHARES), share_step(rules, coarse), steps)
    return np.where(measure == "count", 1.0, steps)


def without_ratios_to_nought(rows: pd.DataFrame, rules: Suppression) -> pd.DataFrame:
    """Rows in which a ratio to a share printed as 0 is not estimable: it would reveal digits of that share."""
    if "share_second" not in rows:
        return rows
    coarse = rows["coarse_second"].fillna(False).to_numpy(bool)
    printed = to_multiple(rows["share_second"], share_step(rules, coarse))
    nought = (
        (rows["measure"] == "risk_ratio").to_numpy() & (printed == 0) & rows["status"].isin(SHOWN).to_numpy()
    )
    if not nought.any():
        return rows
    empty = {name: rows[name].mask(nought) for name in FULL_NUMBERS if name in rows}
    return rows.assign(
        **empty,
        status=rows["status"].mask(nought, "not_estimable"),
        interval=rows["interval"].mask(nought, ""),
    )


def of_both_groups(rows: pd.DataFrame, rules: Suppression) -> np.ndarray:
    """The estimates; differences and ratios of two shares, and differences of two means, from those as published."""
    estimate = rows["estimate"].to_numpy(float)
    if "share_first" not in rows:
        return estimate
    measure = rows["measure"].where(rows["measure"].isin(MEANS), "proportion")
    groups: list[np.ndarray] = []
    for name in ("first", "second"):
        coarse = rows[f"coarse_{name}"].fillna(False).to_numpy(bool)
        exact = rows[f"share_{name}"].to_numpy(float)
        groups.append(to_multiple(exact, step_of(measure, exact, rules, coarse)))
    first, second = groups
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(second > 0, first / second, np.nan)
    made = np.where(rows["measure"] == "risk_ratio", ratio, first - second)
    return np.where(np.isnan(estimate) | np.isnan(made), estimate, made)


def limits(
    rows: pd.DataFrame, estimate: np.ndarray, se: np.ndarray, n: np.ndarray, steps: np.ndarray
) -> intervals.Bounds:
    """Limits of intervals around rounded estimates, from rounded standard errors, by the method of each row.

    Of other methods (`wilson_kish`, `monte_carlo`, `mover`) they are as far from the rounded estimate as from the exact
    one, but rounded.
    """
    exact, low, high = (rows[name].to_numpy(float) for name in ("estimate", "ci_low", "ci_high"))
    known, is_share = ~np.isnan(low), (rows["measure"] == "proportion").to_numpy()
    below, above = to_multiple(exact - low, steps), to_multiple(high - exact, steps)
    low, high = estimate - below, estimate + above
    method = rows["interval"].to_numpy()
    method = np.where(is_share & np.isin(estimate, (0.0, 1.0)) & (method != "mover"), "edge", method)
    df = rows["df"].to_numpy(float) if "df" in rows else np.full(len(rows), np.inf)
    makers = {
        "logit": lambda at, level: intervals.logit(estimate[at], se[at], df[at], level),
        "wald": lambda at, level: intervals.wald(estimate[at], se[at], df[at], level),
        "log": lambda at, level: intervals.log_scale(estimate[at], se[at] / estimate[at], df[at], level),
        "edge": lambda at, level: intervals.clopper_pearson(estimate[at], n[at], level),
    }
    can = known & ~((method == "log") & (estimate <= 0))
    for level in pd.unique(rows["confidence_level"]):
        for name, make in makers.items():
            at = np.flatnonzero(can & (method == name) & (rows["confidence_level"] == level).to_numpy())
            if len(at):
                low[at], high[at] = make(at, level)
    low, high = (np.where(is_share, np.clip(end, 0, 1), end) for end in (low, high))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
