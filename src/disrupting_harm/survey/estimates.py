"""Proportions, means, totals and ratios: many indicators in many domains by one call, one tidy row each."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import pandas as pd

from . import intervals
from .design import Design
from .errors import SurveyError
from .inputs import Conditions, Domains, Values, read_values, to_numbers
from .linear import Linear, linearise

COLUMNS = [
    "indicator",
    "domain",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "df",
    "deff",
    "n",
    "n_base_weighted",
    "status",
    "interval",
]


def proportions(
    design: Design, values: Values, domains: Conditions = None, interval: str = "logit", level: float = 0.95
) -> pd.DataFrame:
    """Weighted shares of respondents with value 1, among those of the domain with a value.

    values: one column an indicator, one row a respondent in the design's order: 0, 1 or missing (outside the base).
    domains: conditions by name; None is everyone. interval: logit (default), beta, wald or wilson_kish. At 0 and 1 logit,
    beta and wald give way to Clopper-Pearson with n.

    Result: columns `COLUMNS`, indicators in order, within each the domains. n counts the respondents of the base,
    n_base_weighted sums their weights. df is PSUs minus strata of the base. deff is against simple random sampling with
    replacement. status: ok, empty (nobody in the base: n = 0) or not_estimable (df <= 0: no standard error, no interval).

    >>> people = pd.DataFrame({"w": [1.0, 1, 1, 1, 2], "told": [1, 0, 0, None, 1]})
    >>> design = Design(people, weight="w")
    >>> table = proportions(design, people[["told"]])
    >>> table[["indicator", "domain", "estimate", "n", "n_base_weighted", "status"]].to_dict("records")
    [{'indicator': 'told', 'domain': 'all', 'estimate': 0.6, 'n': 4, 'n_base_weighted': 5.0, 'status': 'ok'}]
    """
    if interval not in intervals.PROPORTION_INTERVALS:
        raise SurveyError(
            f"{design.name}: interval is one of {', '.join(intervals.PROPORTION_INTERVALS)}, not {interval!r}"
        )
    _check_level(design, level)
    frame, among = read_values(design, values), Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        part = frame.iloc[:, columns]
        numbers = to_numbers(design, part, binary=True)
        found = linearise(among, numbers)
        none, every = found.positive == 0, found.positive == found.n
        estimate = np.where(found.n > 0, np.where(none, 0.0, np.where(every, 1.0, found.estimate)), np.nan)
        se = np.where(none | every, 0.0, np.sqrt(found.variance(among)))
        kish = _kish(among, numbers, found) if interval == "wilson_kish" else None
        low, high, label = _proportion_interval(interval, estimate, se, found, kish, level)
        return _tidy(list(part.columns), among, found, estimate, se, low, high, label)

    return _in_blocks(among, frame.shape[1], block)


def means(design: Design, values: Values, domains: Conditions = None, level: float = 0.95) -> pd.DataFrame:
    """Weighted means with Wald intervals; columns and conventions as `proportions`, values any finite number.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "hours": [1.0, 3.0, 4.0]})
    >>> means(Design(people, weight="w"), people["hours"]).loc[0, "estimate"].item()
    3.0
    """
    _check_level(design, level)
    frame, among = read_values(design, values), Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        part = frame.iloc[:, columns]
        return _wald_rows(part, among, linearise(among, to_numbers(design, part), centre=True), level)

    return _in_blocks(among, frame.shape[1], block)


def totals(design: Design, values: Values, domains: Conditions = None, level: float = 0.95) -> pd.DataFrame:
    """Weighted totals (sum of weight times value) with Wald intervals; columns and conventions as `proportions`.

    A total means a population total only when weights sum to the population.
    """
    _check_level(design, level)
    frame, among = read_values(design, values), Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        part = frame.iloc[:, columns]
        return _wald_rows(part, among, linearise(among, to_numbers(design, part), total=True), level)

    return _in_blocks(among, frame.shape[1], block)


def ratios(
    design: Design, numerators: Values, denominators: Values, domains: Conditions = None, level: float = 0.95
) -> pd.DataFrame:
    """Ratios of two weighted totals (share of mentions, say) with Wald intervals; columns as `proportions`.

    The base is those with both values. denominators: one column for each of the numerators', or a single one for all.
    Indicators are named as the numerators. A denominator that sums to zero is not estimable.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "meta": [1, 0, 1], "all": [1, 2, 2]})
    >>> ratios(Design(people, weight="w"), people["meta"], people["all"]).loc[0, "estimate"].round(6).item()
    0.428571
    """
    _check_level(design, level)
    above, below = (
        read_values(design, numerators, "numerators"),
        read_values(design, denominators, "denominators"),
    )
    if below.shape[1] not in (1, above.shape[1]):
        raise SurveyError(f"{design.name}: {above.shape[1]} numerators, but {below.shape[1]} denominators")
    among = Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        part = above.iloc[:, columns]
        by = to_numbers(design, below if below.shape[1] == 1 else below.iloc[:, columns])
        value = to_numbers(design, part)
        return _wald_rows(part, among, linearise(among, value, np.broadcast_to(by, value.shape)), level)

    return _in_blocks(among, above.shape[1], block)


def status_of(estimate: np.ndarray, se: np.ndarray, df: np.ndarray, n: np.ndarray) -> np.ndarray:
    """ok, empty or not_estimable for each estimate."""
    estimable = (df > 0) & np.isfinite(estimate) & np.isfinite(se)
    return np.where(n == 0, "empty", np.where(estimable, "ok", "not_estimable"))


def _check_level(design: Design, level: float) -> None:
    if not 0 < level < 1:
        raise SurveyError(f"{design.name}: level is a probability between 0 and 1, not {level!r}")


def _in_blocks(among: Domains, columns: int, block: Callable[[slice], pd.DataFrame]) -> pd.DataFrame:
    tables = [block(part) for part in among.blocks(columns)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _kish(among: Domains, numbers: np.ndarray, found: Linear) -> np.ndarray:
    """Kish's effective base (sum w)^2 / sum(w^2)."""
    squares = among.summing(among.design.weight**2) @ (~np.isnan(numbers)).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return found.base**2 / squares


def _proportion_interval(
    method: str, p: np.ndarray, se: np.ndarray, found: Linear, kish: np.ndarray | None, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if kish is not None:
        low, high = intervals.wilson(p, kish, level)
        return low, high, np.full(p.shape, method)
    if method == "beta":
        low, high = intervals.beta(p, se, found.df, found.n, level)
    else:
        low, high = (intervals.logit if method == "logit" else intervals.wald)(p, se, found.df, level)
    edge = (p == 0) | (p == 1)
    exact_low, exact_high = intervals.clopper_pearson(p, found.n.astype(float), level)
    return (
        np.where(edge, exact_low, low),
        np.where(edge, exact_high, high),
        np.where(edge, "clopper_pearson", method),
    )


def _wald_rows(part: pd.DataFrame, among: Domains, found: Linear, level: float) -> pd.DataFrame:
    se = np.sqrt(found.variance(among))
    low, high = intervals.wald(found.estimate, se, found.df, level)
    return _tidy(list(part.columns), among, found, found.estimate, se, low, high, np.full(se.shape, "wald"))


def _tidy(
    indicators: list[Hashable],
    among: Domains,
    found: Linear,
    estimate: np.ndarray,
    se: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    label: np.ndarray,
) -> pd.DataFrame:
    """Arrays (domains x indicators) as rows, indicators outside, domains within."""
    status = status_of(estimate, se, found.df, found.n)
    known = status == "ok"
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(known & (found.srs > 0), se**2 / found.srs, np.nan)
    arrays = {
        "estimate": np.where(np.isfinite(estimate), estimate, np.nan),
        "se": np.where(known, se, np.nan),
        "ci_low": np.where(known, low, np.nan),
        "ci_high": np.where(known, high, np.nan),
        "df": found.df,
        "deff": deff,
        "n": found.n,
        "n_base_weighted": found.base,
        "status": status,
        "interval": np.where(known, label, ""),
    }
    keys = {
        "indicator": [indicator for indicator in indicators for _ in among.names],
        "domain": [name for _ in indicators for name in among.names],
    }
    return pd.DataFrame(keys | {name: array.T.ravel() for name, array in arrays.items()})[COLUMNS]
