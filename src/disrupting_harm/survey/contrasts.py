"""Two domains against each other: risk difference and risk ratio, with the covariance between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .design import Design
from .domains import Domains
from .estimates import in_blocks, judged
from .inputs import Values, check_confidence, read_values
from .linear import linear_means

COLUMNS = [
    "indicator", "measure", "estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted", "status",
    "interval", "p_value", "first", "second", "n_first", "n_second",
]  # fmt: skip


def contrasts(
    design: Design, values: Values, first: np.ndarray, second: np.ndarray, confidence: float = 0.95
) -> pd.DataFrame:
    """Difference first - second and ratio first / second of the means of each indicator in two domains.

    values: as for `proportions`; other finite numbers give a difference and a ratio of means.
    first, second: boolean conditions. They may share strata, clusters, even respondents: the covariance counts.

    Result: two rows per indicator, measure ``risk_difference`` (Wald interval) and ``risk_ratio`` (interval ``log``:
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
    check_confidence(design, confidence)
    frame = read_values(design, values)
    among = Domains.read(design, {"first": first, "second": second}).and_any()
    return in_blocks(
        among, frame, lambda columns: _compare(among, frame.iloc[:, columns], confidence), COLUMNS
    )


def _compare(among: Domains, frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Two rows a column, difference before ratio."""
    means = linear_means(among, frame)
    base, (first, second, _) = means.base, means.estimate
    df = base.df[2]
    moved, against, _ = means.deviations(base.by_unit[:, [2]]).transpose(1, 0, 2)
    both = {
        "indicator": frame.columns,
        "deff": np.nan,
        "n": base.n[2],
        "n_base_weighted": base.weight[2],
        "first": first,
        "second": second,
        "n_first": base.n[0],
        "n_second": base.n[1],
    }

    with np.errstate(divide="ignore", invalid="ignore"):
        difference, se = first - second, _apart(moved, against)
        ratio = np.where(second > 0, first / second, np.nan)
        logarithm = np.where(ratio > 0, np.log(ratio), np.nan)
        se_log = np.where(ratio > 0, _apart(moved / first, against / second), np.nan)
    wald = intervals.wald(difference, se, df, confidence)
    log = intervals.log_scale(ratio, se_log, df, confidence)
    tables = []
    for measure, interval, estimate, error, bounds, t in (
        ("risk_difference", "wald", difference, se, wald, difference / se),
        ("risk_ratio", "log", ratio, ratio * se_log, log, logarithm / se_log),
    ):
        rows = judged(estimate, error, bounds, df, base.n[:2].min(axis=0), interval)
        p_value = 2 * special.stdtr(np.where(rows["status"] == "ok", df, np.nan), -np.abs(t))
        tables.append(pd.DataFrame(both | rows | {"measure": measure, "p_value": p_value}))
    return pd.concat(tables).sort_index(kind="stable")


def _apart(moved: np.ndarray, against: np.ndarray) -> np.ndarray:
    """Standard error of a difference; unknown where nothing varies, or where what is left is rounding."""
    rest = ((moved - against) ** 2).sum(axis=0)
    known = rest > 1e-14 * (moved**2 + against**2).sum(axis=0)
    return np.where(known, np.sqrt(rest), np.nan)
