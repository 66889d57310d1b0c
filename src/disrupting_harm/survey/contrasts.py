"""Two domains against each other: risk difference and risk ratio, with the covariance between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .design import Design
from .estimates import status_of
from .inputs import Domains, Values, read_values, to_numbers
from .linear import Linear, linearise
from .variance import deviations, lone_factor

COLUMNS = [
    "indicator",
    "measure",
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
    "p_value",
    "first",
    "second",
    "n_first",
    "n_second",
]


def contrasts(
    design: Design, values: Values, first: np.ndarray, second: np.ndarray, level: float = 0.95
) -> pd.DataFrame:
    """Difference first - second and ratio first / second of the means of each indicator in two domains.

    values: as for `proportions` (0, 1, missing), or any finite number (then they are a difference and a ratio of means).
    first, second: conditions; they may share clusters, strata, even respondents: the covariance is accounted for.

    Result: two rows an indicator, measure `risk_difference` (Wald interval) and `risk_ratio` (interval on the log scale). se is that
    of the estimate itself; of the log ratio it is se / estimate. df is PSUs minus strata of both domains together. p_value:
    two-sided t test of no difference (of a ratio of 1). `first` and `second` are the two means, n_first and n_second their
    unweighted bases. deff is not defined (NaN). status: ok, empty (one base is empty) or not_estimable (df <= 0, no
    variation in either, or a ratio with a mean that is not positive).

    >>> people = pd.DataFrame({"w": [1.0] * 8, "girl": [1, 1, 1, 1, 0, 0, 0, 0], "told": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> table = contrasts(Design(people, weight="w"), people["told"], people["girl"] == 1, people["girl"] == 0)
    >>> table[["measure", "estimate", "first", "second"]].round(6).to_dict("records")[0]
    {'measure': 'risk_difference', 'estimate': 0.5, 'first': 0.75, 'second': 0.25}
    """
    frame = read_values(design, values)
    among = Domains.read(design, {"first": first, "second": second})
    either = Domains(design, ["either"], among.member.any(axis=0, keepdims=True))
    tables = [
        _block(frame.iloc[:, columns], among, either, level) for columns in among.blocks(frame.shape[1])
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _block(part: pd.DataFrame, among: Domains, either: Domains, level: float) -> pd.DataFrame:
    numbers = to_numbers(among.design, part)
    found, both = linearise(among, numbers), linearise(either, numbers)
    of_first, of_second, shared = _covariance(among, found)
    mean_first, mean_second = found.estimate
    df, n = both.df[0], np.where((found.n == 0).any(axis=0), 0, both.n[0])

    difference = mean_first - mean_second
    se = _root(of_first + of_second - 2 * shared, of_first + of_second)
    low, high = intervals.wald(difference, se, df, level)
    rows = [_rows(part, "risk_difference", difference, se, low, high, se, difference, "wald", df, n)]

    positive = (mean_first > 0) & (mean_second > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(mean_second > 0, mean_first / mean_second, np.nan)
        parts = of_first / mean_first**2 + of_second / mean_second**2
        se_log = np.where(positive, _root(parts - 2 * shared / (mean_first * mean_second), parts), np.nan)
        logarithm = np.where(positive, np.log(ratio), np.nan)
    low, high = intervals.log_scale(ratio, se_log, df, level)
    rows.append(_rows(part, "risk_ratio", ratio, ratio * se_log, low, high, se_log, logarithm, "log", df, n))

    table = pd.concat(rows)
    extra = {
        "deff": np.nan,
        "n_base_weighted": np.tile(both.base[0], 2),
        "first": np.tile(mean_first, 2),
        "second": np.tile(mean_second, 2),
        "n_first": np.tile(found.n[0], 2),
        "n_second": np.tile(found.n[1], 2),
    }
    table = table.assign(**extra, n=np.tile(both.n[0], 2))
    return table.sort_index(kind="stable")[COLUMNS]


def _covariance(among: Domains, found: Linear) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Variance of the first mean, of the second, and their covariance, for each indicator."""
    units, _, columns = found.scores.shape
    factor = np.sqrt(np.broadcast_to(lone_factor(among.design, found.strata), (2, columns)))
    scaled = deviations(among.design, found.scores.reshape(units, -1)).reshape(-1, 2, columns) * factor
    first, second = scaled[:, 0], scaled[:, 1]
    return tuple(np.einsum("uk,uk->k", a, b) for a, b in ((first, first), (second, second), (first, second)))


def _root(variance: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Standard error; a variance that is rounding, or of two means without variation, is unknown."""
    with np.errstate(invalid="ignore"):
        return np.where(variance > 1e-14 * size, np.sqrt(np.maximum(variance, 0)), np.nan)


def _rows(
    part: pd.DataFrame,
    measure: str,
    estimate: np.ndarray,
    se: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    test_se: np.ndarray,
    tested: np.ndarray,
    interval: str,
    df: np.ndarray,
    n: np.ndarray,
) -> pd.DataFrame:
    status = status_of(estimate, se, df, n)
    known = status == "ok"
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.stdtr(np.where(df > 0, df, np.nan), -np.abs(tested / test_se))
    return pd.DataFrame(
        {
            "indicator": list(part.columns),
            "measure": measure,
            "estimate": estimate,
            "se": np.where(known, se, np.nan),
            "ci_low": np.where(known, low, np.nan),
            "ci_high": np.where(known, high, np.nan),
            "df": df,
            "status": status,
            "interval": np.where(known, interval, ""),
            "p_value": np.where(known, p_value, np.nan),
        }
    )
