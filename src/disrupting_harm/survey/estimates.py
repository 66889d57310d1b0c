"""Proportions, means, totals and ratios: many indicators in many domains by one call, one tidy row each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from . import intervals
from .design import Design
from .domains import Conditions, Domains
from .errors import SurveyError
from .inputs import Values, check_confidence, read_values
from .linear import Linear, linear_means, linear_proportions, linear_ratios, linear_totals
from .options import check_choice

COLUMNS = [
    "indicator", "domain", "estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted", "status",
    "interval",
]  # fmt: skip


def proportions(
    design: Design,
    values: Values,
    domains: Conditions = None,
    interval: str = "logit",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Weighted shares of respondents with value 1, among those of the domain who have a value.

    values: one column per indicator, one row per respondent in the design's order; 1, 0 or missing (outside the base).
    domains: boolean conditions by name; None is everyone, named "all". confidence: the confidence level.
    interval: logit, beta (Korn-Graubard), likelihood (of the deviance, scaled), asin (arcsine), wald, or wilson_kish
    (knows weights, not clusters). At 0 and 1 all but the last give way to Clopper-Pearson on n.

    Result: one row an (indicator, domain), indicators outside, with the columns `COLUMNS`. n: respondents in the
    base (a value, weight above zero), n_base_weighted: sum of their weights. df: PSUs minus strata of the base.
    deff: against simple random sampling with replacement. status: ok; empty (n = 0); not_estimable (df <= 0, so no
    standard error and no interval).

    Raises SurveyError for values that do not fit the design or are not 0, 1 or missing.

    >>> people = pd.DataFrame({"w": [1.0, 1, 1, 1, 2], "told": [1, 0, 0, None, 1]})
    >>> table = proportions(Design(people, weight="w"), people["told"])
    >>> table[["indicator", "domain", "estimate", "n", "n_base_weighted", "status"]].to_dict("records")
    [{'indicator': 'told', 'domain': 'all', 'estimate': 0.6, 'n': 4, 'n_base_weighted': 5.0, 'status': 'ok'}]
    """
    check_confidence(design, confidence)
    check_choice(design.name, "interval is", interval, intervals.PROPORTION_INTERVALS)
    frame, among = read_values(design, values), Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        part = frame.iloc[:, columns]
        shares = linear_proportions(among, part)
        p, se, base = shares.estimate, shares.se(), shares.base
        if interval == "wilson_kish":
            return _tidy(
                part.columns, shares, se, intervals.wilson(p, _kish(shares, part), confidence), interval
            )
        bounds = intervals.proportion(interval, p, se, base.df, base.n, confidence)
        return _tidy(
            part.columns, shares, se, bounds, np.where(shares.spread > 0, interval, "clopper_pearson")
        )

    return in_blocks(among, frame, block, COLUMNS)


def means(
    design: Design, values: Values, domains: Conditions = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Weighted means, with Wald intervals; arguments and result as for `proportions`, values any finite numbers.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "hours": [1.0, 3.0, 4.0]})
    >>> means(Design(people, weight="w"), people["hours"]).loc[0, "estimate"].item()
    3.0
    """
    return _wald(design, linear_means, domains, confidence, read_values(design, values))


def totals(
    design: Design, values: Values, domains: Conditions = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Weighted totals, with Wald intervals; arguments and result as for `means`.

    They are totals of the population only when the weights sum to it.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "hours": [1.0, 3.0, 4.0]})
    >>> totals(Design(people, weight="w"), people["hours"]).loc[0, "estimate"].item()
    12.0
    """
    return _wald(design, linear_totals, domains, confidence, read_values(design, values))


def ratios(
    design: Design,
    numerators: Values,
    denominators: Values,
    domains: Conditions = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Ratios of two weighted totals (share of mentions, say), with Wald intervals; result as for `proportions`.

    numerators, denominators: finite numbers, paired by position; a single denominator serves all. The base is those
    who have both. Indicators are named as the numerators. A denominator whose total is zero is not estimable.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "one_platform": [1, 0, 1], "all_platforms": [1, 2, 2]})
    >>> table = ratios(Design(people, weight="w"), people["one_platform"], people["all_platforms"])
    >>> table.loc[0, "estimate"].round(6).item()  # (1 + 2) / (1 + 2 + 4)
    0.428571
    """
    above = read_values(design, numerators, "numerators")
    below = read_values(design, denominators, "denominators")
    if below.shape[1] not in (1, above.shape[1]):
        raise SurveyError(
            f"{design.name}: {above.shape[1]} numerators, but {below.shape[1]} denominators; "
            "pass one denominator, or as many as numerators"
        )
    return _wald(design, linear_ratios, domains, confidence, above, below)


def in_blocks(
    among: Domains, frame: pd.DataFrame, block: Callable[[slice], pd.DataFrame], columns: list[str]
) -> pd.DataFrame:
    """One table of what `block` makes of blocks of columns of the frame."""
    tables = [block(part) for part in among.blocks(frame.shape[1])]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def judged(
    estimate: np.ndarray,
    se: np.ndarray,
    bounds: intervals.Bounds,
    df: np.ndarray,
    n: np.ndarray,
    interval: np.ndarray | str,
) -> dict[str, np.ndarray]:
    """Columns of a table: each estimate with its status (ok, empty, not_estimable), error and bounds only if ok."""
    known = (df > 0) & np.isfinite(estimate) & np.isfinite(se) & (n > 0)
    return {
        "estimate": np.where(np.isfinite(estimate), estimate, np.nan),
        "se": np.where(known, se, np.nan),
        "ci_low": np.where(known, bounds[0], np.nan),
        "ci_high": np.where(known, bounds[1], np.nan),
        "df": df,
        "status": np.where(n == 0, "empty", np.where(known, "ok", "not_estimable")),
        "interval": np.where(known, interval, ""),
    }


def _wald(
    design: Design,
    linear: Callable[..., Linear],
    domains: Conditions,
    confidence: float,
    *frames: pd.DataFrame,
) -> pd.DataFrame:
    """Estimates of the columns of the first frame, and those beside them in the others (or their only one)."""
    check_confidence(design, confidence)
    among = Domains.read(design, domains)

    def block(columns: slice) -> pd.DataFrame:
        parts = [frame if frame.shape[1] == 1 else frame.iloc[:, columns] for frame in frames]
        linearised = linear(among, *parts)
        se = linearised.se()
        bounds = intervals.wald(linearised.estimate, se, linearised.base.df, confidence)
        return _tidy(parts[0].columns, linearised, se, bounds, "wald")

    return in_blocks(among, frames[0], block, COLUMNS)


def _kish(shares: Linear, frame: pd.DataFrame) -> np.ndarray:
    """Kish's effective base (sum w)^2 / sum(w^2)."""
    weight = frame.notna().mul(shares.among.design.weight, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return shares.base.weight**2 / linear_totals(shares.among, weight).estimate


def _tidy(
    indicators: pd.Index,
    linearised: Linear,
    se: np.ndarray,
    bounds: intervals.Bounds,
    interval: np.ndarray | str,
) -> pd.DataFrame:
    """Arrays (domains x indicators) as rows: indicators outside, domains within."""
    base, domains = linearised.base, pd.Index(linearised.among.names, tupleize_cols=False)
    arrays = judged(linearised.estimate, se, bounds, base.df, base.n, interval)
    deff = np.full(se.shape, np.nan)
    np.divide(se**2, linearised.srs, out=deff, where=(arrays["status"] == "ok") & (linearised.srs > 0))
    arrays |= {"deff": deff, "n": base.n, "n_base_weighted": base.weight}
    keys = {
        "indicator": indicators.repeat(len(domains)),
        "domain": domains.take(np.tile(np.arange(len(domains)), len(indicators))),
    }
    return pd.DataFrame(keys | {name: array.T.ravel() for name, array in arrays.items()}, copy=False)
