"""Two domains against each other: risk difference and risk ratio, with the covariance between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .design import Design
from .domains import Domains
from .estimates import check_level, status_of
from .inputs import Values, read_values, to_numbers
from .linear import Base, linear_means
from .variance import lone_factor

COLUMNS = [
    "indicator", "measure", "estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted", "status",
    "interval", "p_value", "first", "second", "n_first", "n_second",
]  # fmt: skip


def contrasts(
    design: Design, values: Values, first: np.ndarray, second: np.ndarray, level: float = 0.95
) -> pd.DataFrame:
    """Difference first - second and ratio first / second of the means of each indicator in two domains.

    values: as for `proportions`; other finite numbers give a difference and a ratio of means.
    first, second: boolean conditions. They may share strata, clusters, even respondents: the covariance counts.

    Result: two rows an indicator, measure ``risk_difference`` (Wald interval) and ``risk_ratio`` (interval ``log``:
    Wald for the logarithm, carried back), columns `COLUMNS`. se is that of the estimate itself; that of the log ratio
    is se / estimate. df is PSUs minus strata of both bases together. p_value: two-sided t test of no difference (of a
    ratio of 1), not adjusted for the number of tests. ``first``, ``second``: the two means; n_first, n_second: their
    unweighted bases; n, n_base_weighted: of both together. deff is not defined (NaN). status: ok; empty (one base is
    empty); not_estimable (df <= 0, no variation in either domain, or a ratio with a mean that is not positive).

    >>> people = pd.DataFrame({"w": [1.0] * 8, "sex": ["girl", "boy"] * 4, "told": [1, 0, 1, 0, 1, 0, 0, 1]})
    >>> girls, boys = people["sex"] == "girl", people["sex"] == "boy"
    >>> table = contrasts(Design(people, weight="w"), people["told"], girls, boys)
    >>> table[["measure", "estimate", "first", "second"]].round(6).values.tolist()
    [['risk_difference', 0.5, 0.75, 0.25], ['risk_ratio', 3.0, 0.75, 0.25]]
    """
    check_level(design, level)
    frame = read_values(design, values)
    among = Domains.read(design, {"first": first, "second": second})
    tables = []
    for columns in among.blocks(frame.shape[1]):
        part = frame.iloc[:, columns]
        tables.append(_tidy(part.columns, _compare(among, to_numbers(design, part)), level))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two means of each indicator (2 x indicators), their variances, covariance and bases; the base of both."""

    mean: np.ndarray
    variance: np.ndarray
    shared: np.ndarray
    n: np.ndarray
    together: Base

    @property
    def df(self) -> np.ndarray:
        """Degrees of freedom of both bases together."""
        return self.together.df[0]


def _compare(among: Domains, numbers: np.ndarray) -> Pair:
    found, together = linear_means(among, numbers), Base.of(among.union(), ~np.isnan(numbers))
    scaled = found.deviations()
    factor = lone_factor(among.design, together.strata)[0]
    return Pair(
        mean=found.estimate,
        variance=np.einsum("udk,udk->dk", scaled, scaled) * factor,
        shared=np.einsum("uk,uk->k", scaled[:, 0], scaled[:, 1]) * factor,
        n=found.base.n,
        together=together,
    )


def _tidy(indicators: pd.Index, pair: Pair, level: float) -> pd.DataFrame:
    """Two rows an indicator, difference before ratio."""
    tables = [_rows(indicators, pair, measure) for measure in (_difference(pair, level), _ratio(pair, level))]
    return pd.concat(tables).sort_index(kind="stable")


@dataclass(frozen=True, eq=False)
class Measure:
    """One way to compare two means, for each indicator. tested: what is zero when they do not differ."""

    name: str
    interval: str
    estimate: np.ndarray
    se: np.ndarray
    bounds: intervals.Bounds
    tested: np.ndarray
    se_tested: np.ndarray


def _difference(pair: Pair, level: float) -> Measure:
    estimate = pair.mean[0] - pair.mean[1]
    se = _root(pair.variance.sum(axis=0), 2 * pair.shared)
    bounds = intervals.wald(estimate, se, pair.df, level)
    return Measure("risk_difference", "wald", estimate, se, bounds, estimate, se)


def _ratio(pair: Pair, level: float) -> Measure:
    first, second = pair.mean
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(second > 0, first / second, np.nan)
        logarithm = np.where((first > 0) & (second > 0), np.log(estimate), np.nan)
        se_log = _root((pair.variance / pair.mean**2).sum(axis=0), 2 * pair.shared / (first * second))
    se_log = np.where(np.isnan(logarithm), np.nan, se_log)
    bounds = intervals.log_scale(estimate, se_log, pair.df, level)
    return Measure("risk_ratio", "log", estimate, estimate * se_log, bounds, logarithm, se_log)


def _rows(indicators: pd.Index, pair: Pair, measure: Measure) -> pd.DataFrame:
    status = status_of(measure.estimate, measure.se, pair.df, pair.n.min(axis=0))
    known = status == "ok"
    df = np.where(pair.df > 0, pair.df, np.nan)
    p_value = 2 * special.stdtr(df, -np.abs(measure.tested / measure.se_tested))
    return pd.DataFrame(
        {
            "indicator": list(indicators),
            "measure": measure.name,
            "estimate": measure.estimate,
            "se": np.where(known, measure.se, np.nan),
            "ci_low": np.where(known, measure.bounds[0], np.nan),
            "ci_high": np.where(known, measure.bounds[1], np.nan),
            "df": pair.df,
            "deff": np.nan,
            "n": pair.together.n[0],
            "n_base_weighted": pair.together.weight[0],
            "status": status,
            "interval": np.where(known, measure.interval, ""),
            "p_value": np.where(known, p_value, np.nan),
            "first": pair.mean[0],
            "second": pair.mean[1],
            "n_first": pair.n[0],
            "n_second": pair.n[1],
        }
    )


def _root(variance: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Root of variance - shared; unknown where nothing varies, or where the rest is rounding."""
    rest = variance - shared
    known = rest > 1e-14 * variance
    return np.where(known, np.sqrt(np.where(known, rest, 0)), np.nan)
