"""Several surveys (countries, say) in one number: means of their estimates, and random-effects pooling of logits.

The surveys are taken as independent: domains of one design qualify when its strata are nested in them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from . import intervals
from .errors import SurveyError
from .inputs import read_effects, read_pooled

HETEROGENEITY_METHODS = ("paule_mandel", "reml", "dersimonian_laird")


@dataclass(frozen=True)
class RandomEffects:
    """A pooled effect. df: degrees of freedom of its interval (infinite: normal); n_pooled: number of effects.

    tau: standard deviation of the true effects; prediction_low, prediction_high: where the true effect of one more
    survey would lie. q, q_df, q_p_value: Cochran's test of one common effect; i2: share of the variation between the
    estimates that chance does not explain, 0 to 1.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    df: float
    n_pooled: int
    tau: float
    prediction_low: float
    prediction_high: float
    q: float
    q_df: int
    q_p_value: float
    i2: float


def random_effects(
    effects: np.ndarray,
    errors: np.ndarray,
    method: str = "paule_mandel",
    level: float = 0.95,
    knapp_hartung: bool = True,
) -> RandomEffects:
    """Random-effects mean of independent effects (any scale), given their standard errors.

    method: of tau, Paule and Mandel (1982), restricted maximum likelihood (Viechtbauer 2005) or DerSimonian and Laird
    (1986). knapp_hartung: standard error of Knapp and Hartung (2003) with t on K - 1, else 1 / sqrt(sum of weights)
    with the normal quantile. Prediction interval of Higgins, Thompson and Spiegelhalter (2009), t on K - 2; NaN for
    two effects. I2 of Higgins and Thompson (2002).

    Raises SurveyError for fewer than two effects, and for an effect or an error that is not finite or an error of 0.

    >>> found = random_effects([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])  # equal errors: tau^2 is the variance, 7, minus 1
    >>> round(found.estimate, 9), round(found.tau**2, 9), round(found.i2, 9)
    (3.0, 6.0, 0.857142857)
    """
    effects, errors = read_effects(effects, errors, level)
    effect, variance = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float) ** 2
    _check(effect, variance, method, level)
    k = len(effect)
    common = effect @ (1 / variance) / (1 / variance).sum()
    q = float(((effect - common) ** 2 / variance).sum())
    tau2 = _tau_squared(effect, variance, method)
    weight = 1 / (variance + tau2)
    mean = weight @ effect / weight.sum()
    spread = weight @ (effect - mean) ** 2 / (k - 1) if knapp_hartung else 1.0
    se, df = np.sqrt(spread / weight.sum()), k - 1.0 if knapp_hartung else np.inf
    bounds = intervals.wald(mean, se, df, level)
    prediction = intervals.wald(mean, np.sqrt(tau2 + se**2), k - 2, level)
    ends = zip(
        ("ci_low", "ci_high", "prediction_low", "prediction_high"), (*bounds, *prediction), strict=True
    )
    return RandomEffects(
        estimate=float(mean),
        se=float(se),
        df=df,
        n_pooled=k,
        tau=float(np.sqrt(tau2)),
        q=q,
        q_df=k - 1,
        q_p_value=float(special.chdtrc(k - 1, q)),
        i2=max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0,
        **{name: float(value) for name, value in ends},
    )


def pool(
    table: pd.DataFrame,
    populations: Mapping[Hashable, float] | None = None,
    method: str = "paule_mandel",
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool the rows of each indicator of a table of `proportions`, where each domain is a survey of its own.

    populations: by domain, taken as known; None leaves ``weighted_mean`` out. method: see `random_effects`.

    Result: one row an (indicator, measure), columns indicator, measure, those of `RandomEffects`, status, reason.
    measure: ``equal_mean``, each survey counts the same: se = sqrt(sum se^2) / K; ``weighted_mean``, by population:
    se = sqrt(sum (share se)^2); both with a logit interval, t on Satterthwaite's df (1946). ``random_effects``, on
    logits, carried back to proportions; tau stays on the logit scale. status: ok, or not_estimable with the reason: a
    survey is never left out quietly.

    >>> table = pd.DataFrame({"indicator": "told", "domain": ["xaa", "xab"], "estimate": [0.2, 0.4],
    ...                       "se": [0.03, 0.04], "df": [20, 30]})
    >>> pool(table, {"xaa": 3e6, "xab": 1e6})[["measure", "estimate"]].head(2).round(9).values.tolist()
    [['equal_mean', 0.3], ['weighted_mean', 0.25]]
    """
    table = read_pooled(table, populations, level)
    rows = []
    for indicator, part in table.groupby("indicator", sort=False):
        if part["domain"].duplicated().any():
            raise SurveyError(f"indicator {indicator!r} has a domain more than once")
        shares = {"equal_mean": np.full(len(part), 1 / len(part))}
        if populations is not None:
            shares["weighted_mean"] = _shares(part["domain"], populations)
        for measure, share in shares.items():
            rows.append({"indicator": indicator, "measure": measure, **_weighted(part, share, level)})
        rows.append({"indicator": indicator, "measure": "random_effects", **_logits(part, method, level)})
    columns = ["indicator", "measure", *RandomEffects.__dataclass_fields__, "status", "reason"]
    return pd.DataFrame(rows, columns=columns)


def leave_one_out(table: pd.DataFrame, **options: object) -> pd.DataFrame:
    """`pool` without each survey in turn (and the same options): its rows after a column ``left_out``."""
    table = read_pooled(table)
    tables = []
    for name in table["domain"].drop_duplicates():
        pooled = pool(table[table["domain"] != name], **options)
        pooled.insert(0, "left_out", name)
        tables.append(pooled)
    return pd.concat(tables, ignore_index=True)


def _check(effect: np.ndarray, variance: np.ndarray, method: str, level: float) -> None:
    if method not in HETEROGENEITY_METHODS:
        raise SurveyError(f"method is one of {', '.join(HETEROGENEITY_METHODS)}, not {method!r}")
    if not 0 < level < 1:
        raise SurveyError(f"level is a probability between 0 and 1, not {level!r}")
    if len(effect) < 2 or effect.shape != variance.shape:
        raise SurveyError("pooling needs two effects or more, each with its standard error")
    if not (np.isfinite(effect) & np.isfinite(variance) & (variance > 0)).all():
        raise SurveyError("pooling needs finite effects with finite standard errors above 0")


def _tau_squared(effect: np.ndarray, variance: np.ndarray, method: str) -> float:
    """The variance of the true effects; 0 where the estimates differ no more than chance lets them."""

    def excess(tau2: float) -> float:
        """Falls through zero at the tau^2 sought: Q minus K - 1, or the restricted score."""
        weight = 1 / (variance + tau2)
        residual = effect - weight @ effect / weight.sum()
        if method == "reml":
            return weight**2 @ residual**2 - (weight.sum() - weight @ weight / weight.sum())
        return weight @ residual**2 - (len(effect) - 1)

    if method == "dersimonian_laird":
        weight = 1 / variance
        return max(0.0, excess(0.0) / (weight.sum() - weight @ weight / weight.sum()))
    return _root(excess, float(effect.var(ddof=1)))


def _root(falling: Callable[[float], float], upper: float) -> float:
    if falling(0.0) <= 0:
        return 0.0
    while falling(upper) > 0:
        upper *= 2
    return optimize.brentq(falling, 0.0, upper, xtol=1e-15, rtol=1e-14)


def _shares(names: pd.Series, populations: Mapping[Hashable, float]) -> np.ndarray:
    unknown = [str(name) for name in names if not populations.get(name, np.nan) > 0]
    if unknown:
        raise SurveyError(f"no population above 0 for {', '.join(unknown)}")
    size = np.array([populations[name] for name in names], dtype=float)
    return size / size.sum()


def _lacking(part: pd.DataFrame, has: pd.Series, what: str) -> dict[str, object] | None:
    """The fields of a row that cannot be estimated, and why; None if it can."""
    if len(part) < 2:
        return {"n_pooled": len(part), "status": "not_estimable", "reason": "a single survey"}
    if has.all():
        return None
    named = ", ".join(str(name) for name in part.loc[~has, "domain"])
    return {"n_pooled": len(part), "status": "not_estimable", "reason": f"{what}: {named}"}


def _weighted(part: pd.DataFrame, share: np.ndarray, level: float) -> dict[str, object]:
    lacking = _lacking(part, np.isfinite(part["se"]), "no standard error")
    if lacking:
        return lacking
    variance = (share * part["se"].to_numpy()) ** 2
    mean, se = float(share @ part["estimate"]), float(np.sqrt(variance.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        df = float(variance.sum() ** 2 / (variance**2 / part["df"].to_numpy()).sum())
    low, high = (float(bound) for bound in intervals.logit(np.float64(mean), se, df, level))
    fields = {"estimate": mean, "se": se, "ci_low": low, "ci_high": high, "df": df, "n_pooled": len(part)}
    if not np.isfinite(low):
        return {"estimate": mean, "n_pooled": len(part), "status": "not_estimable", "reason": "no variation"}
    return {**fields, "status": "ok", "reason": ""}


def _logits(part: pd.DataFrame, method: str, level: float) -> dict[str, object]:
    p, se = part["estimate"], part["se"]
    lacking = _lacking(part, (p > 0) & (p < 1) & (se > 0) & np.isfinite(se), "no logit with a standard error")
    if lacking:
        return lacking
    slope = p * (1 - p)
    fields = asdict(random_effects(special.logit(p), se / slope, method, level))
    for name in ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high"):
        fields[name] = float(special.expit(fields[name]))
    fields["se"] *= fields["estimate"] * (1 - fields["estimate"])
    return {**fields, "status": "ok", "reason": ""}
