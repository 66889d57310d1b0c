"""Several surveys (countries, say) in one number: means of their estimates, and random-effects pooling of logits.

The surveys are taken as independent: domains of one design qualify when its strata are nested in them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special

from . import intervals
from .errors import Problem, SurveyError, refuse_all
from .inputs import read_effects, read_pooled
from .options import check_choice, check_probability

HETEROGENEITY_METHODS = ("paule_mandel", "reml", "dersimonian_laird")
KNAPP_HARTUNG = ("modified", "plain", "none")

_NO_SPREAD = (
    1e-20  # weighted squares of effects, in units of their errors, below which they differ by rounding alone
)
_SMALLEST = 1e-100  # the least square, and one by the largest: their products and ratios are finite
_TOO_FAR = "too large or too small to be squared"
_SCALE = "Measure effects and errors in another unit."


@dataclass(frozen=True)
class RandomEffects:
    """A pooled effect. df: degrees of freedom of its interval (infinite: normal); n_pooled: number of effects.

    tau: standard deviation of the true effects; prediction_low, prediction_high: where the true effect of one more
    survey would be. q, q_df, q_p_value: Cochran's test of one common effect; i2: share of the variation between the
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
    confidence: float = 0.95,
    knapp_hartung: str = "modified",
) -> RandomEffects:
    """Random-effects mean of independent effects (any scale), given their standard errors.

    method: of tau, Paule and Mandel (1982), restricted maximum likelihood (Viechtbauer 2005) or DerSimonian and Laird
    (1986). knapp_hartung: ``plain`` is the standard error of Knapp and Hartung (2003), with t on K - 1: that by the
    weights times sqrt(q), q the mean weighted square of the effects' deviations. Effects that happen to lie close
    together make it too small, down to 0, so that ``modified`` (default) takes max(1, q) (Röver, Knapp and Friede
    2015). ``none``: 1 / sqrt(sum of weights) with the normal quantile. Prediction interval of Higgins, Thompson and
    Spiegelhalter (2009), t on K - 2; NaN for two effects. I2 of Higgins and Thompson (2002).

    Raises SurveyError for fewer than two effects, for an effect or a standard error that is not finite, for a standard
    error of 0 or below, and under ``plain`` for effects that are all equal.

    >>> found = random_effects([1.0, 2.0, 6.0], [1.0, 1.0, 1.0])  # equal errors: tau^2 is the variance, 7, minus 1
    >>> round(found.estimate, 9), round(found.tau**2, 9), round(found.i2, 9)
    (3.0, 6.0, 0.857142857)
    """
    _check_options("random_effects", method, confidence, knapp_hartung)
    effect, error = read_effects(effects, errors)
    _check_effects(effect, error)
    pooled = _combine(effect, error**2, method, confidence, knapp_hartung)
    if pooled.se == 0:
        raise SurveyError(
            "random_effects: the effects are equal, which makes Knapp and Hartung's standard error 0, however little "
            "is known; use knapp_hartung='modified'"
        )
    return pooled


def _combine(
    effect: np.ndarray, variance: np.ndarray, method: str, confidence: float, knapp_hartung: str
) -> RandomEffects:
    """The random-effects mean; under ``plain`` with a standard error of 0 where the effects are equal."""
    k = len(effect)
    common = effect @ (1 / variance) / (1 / variance).sum()
    q = float(((effect - common) ** 2 / variance).sum())
    tau2 = _tau_squared(effect, variance, method)
    weight = 1 / (variance + tau2)
    mean = weight @ effect / weight.sum()
    spread = weight @ (effect - mean) ** 2 / (k - 1)
    factor = {
        "modified": max(1.0, spread),
        "plain": spread if spread > _NO_SPREAD else 0.0,
        "none": 1.0,
    }[knapp_hartung]
    se, df = np.sqrt(factor / weight.sum()), np.inf if knapp_hartung == "none" else k - 1.0
    bounds = intervals.wald(mean, se, df, confidence)
    prediction = intervals.wald(mean, np.sqrt(tau2 + se**2), k - 2, confidence)
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
    populations: Mapping[Any, float] | None = None,
    method: str = "paule_mandel",
    confidence: float = 0.95,
    knapp_hartung: str = "modified",
) -> pd.DataFrame:
    """Pool the rows of each indicator of a table of `proportions`, where each domain is a survey of its own.

    populations: by domain, taken as known; None leaves ``weighted_mean`` out. method, knapp_hartung: see
    `random_effects`.

    Result: one row per (indicator, measure), columns indicator, measure, those of `RandomEffects`, interval, status,
    reason. measure: ``equal_mean``, each survey counts the same: se = sqrt(sum se^2) / K; ``weighted_mean``, by
    population: se = sqrt(sum (share se)^2); both with interval ``logit``, t on Satterthwaite's df (1946).
    ``random_effects``, on logits, carried back to proportions; tau stays on the logit scale. status: ok, or
    not_estimable with the reason: a survey is never left out quietly.

    A share of 0 or 100 % has a standard error of 0, and is not certain. In a mean it counts with its Clopper-Pearson
    interval on n, and the interval of the mean is then made from those of the surveys (``mover``; Zou and Donner
    2008); half of that interval over the t quantile stands for its standard error. It has no logit, so no random
    effects.

    Raises SurveyError for a standard error below 0, an estimate that is no share, a domain given twice, and a domain
    without a population.

    >>> table = pd.DataFrame({"indicator": "told", "domain": ["xaa", "xab"], "estimate": [0.2, 0.4],
    ...                       "se": [0.03, 0.04], "df": [20, 30]})
    >>> pool(table, {"xaa": 3e6, "xab": 1e6})[["measure", "estimate"]].head(2).round(9).values.tolist()
    [['equal_mean', 0.3], ['weighted_mean', 0.25]]
    """
    _check_options("pool", method, confidence, knapp_hartung)
    table = read_pooled(table, populations)
    rows = []
    for indicator, part in table.groupby("indicator", sort=False):
        if part["domain"].duplicated().any():
            twice = part["domain"].duplicated()
            raise SurveyError(
                f"pool: indicator {indicator!r} has a domain more than once: "
                f"{', '.join(map(str, part['domain'][twice].unique()))}; keep one row of each"
            )
        surveys = _Surveys.read(indicator, part)
        shares = {"equal_mean": np.full(len(part), 1 / len(part))}
        if populations is not None:
            shares["weighted_mean"] = _shares(part["domain"], populations)
        for measure, share in shares.items():
            rows.append({"indicator": indicator, "measure": measure, **_weighted(surveys, share, confidence)})
        effects = _logits(surveys, method, confidence, knapp_hartung)
        rows.append({"indicator": indicator, "measure": "random_effects", **effects})
    columns = ["indicator", "measure", *RandomEffects.__dataclass_fields__, "interval", "status", "reason"]
    return pd.DataFrame(rows, columns=columns)


def leave_one_out(table: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """`pool` without each survey in turn (and the same options): its rows after a column ``left_out``."""
    table = read_pooled(table)
    if table.empty:
        raise SurveyError("pool: the table of estimates is empty; pass surveys to leave out in turn")
    tables = []
    for name in table["domain"].drop_duplicates():
        pooled = pool(table[table["domain"] != name], **options)
        pooled.insert(0, "left_out", name)
        tables.append(pooled)
    return pd.concat(tables, ignore_index=True)


def _check_options(name: str, method: str, confidence: float, knapp_hartung: str) -> None:
    check_choice(name, "method is", method, HETEROGENEITY_METHODS)
    check_choice(name, "knapp_hartung is", knapp_hartung, KNAPP_HARTUNG)
    check_probability(name, confidence)


def _check_effects(effect: np.ndarray, error: np.ndarray) -> None:
    if len(effect) < 2 or effect.shape != error.shape:
        raise SurveyError(
            "random_effects: pooling needs two effects or more, each with its standard error; "
            f"there are {len(effect)} effects and {len(error)} errors"
        )
    hint = "Leave such effects out with their errors, or correct them."
    refuse_all(
        "random_effects",
        [
            Problem("effects that are missing or infinite", ~np.isfinite(effect), hint),
            Problem("standard errors that are missing or infinite", ~np.isfinite(error), hint),
            Problem("standard errors below 0", error < 0, hint),
            Problem("standard errors of 0", error == 0, hint),
            Problem(f"effects or errors {_TOO_FAR}", ~_has_square(effect, 0) | ~_has_square(error), _SCALE),
        ],
    )


def _has_square(numbers: np.ndarray, smallest: float = _SMALLEST) -> np.ndarray:
    """Whether a square is a number with which one can go on counting; of what is missing or infinite, too."""
    with np.errstate(over="ignore", under="ignore"):
        square = numbers**2
    return ~np.isfinite(numbers) | (numbers == 0) | (square >= smallest) & (square <= 1 / _SMALLEST)


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


def _shares(names: pd.Series, populations: Mapping[Any, float]) -> np.ndarray:
    unknown = [str(name) for name in names if not populations.get(name, np.nan) > 0]
    if unknown:
        raise SurveyError(f"pool: no population above 0 for {', '.join(unknown)}; give one for each survey")
    size = np.array([populations[name] for name in names], dtype=float)
    return size / size.sum()


@dataclass(frozen=True, eq=False)
class _Surveys:
    """Results of surveys for one indicator: arrays, one value per survey. n: NaN where it is not given."""

    names: list[Hashable]
    p: np.ndarray
    se: np.ndarray
    df: np.ndarray
    n: np.ndarray

    @classmethod
    def read(cls, indicator: Hashable, part: pd.DataFrame) -> _Surveys:
        """Check and read rows of `proportions`."""
        names, nowhere = part["domain"].tolist(), pd.Series(np.nan, index=part.index)
        p, se, df, n = (
            part.get(column, nowhere).to_numpy(dtype=float, na_value=np.nan)
            for column in ("estimate", "se", "df", "n")
        )
        for wrong, what in (
            (se < 0, "a standard error below 0"),
            ((p < 0) | (p > 1), "an estimate that is no share, from 0 to 1"),
        ):
            if wrong.any():
                raise SurveyError(
                    f"pool: indicator {indicator!r} has {what}: {_named(names, wrong)}; correct it"
                )
        return cls(names, p, se, df, n)

    @property
    def at_edge(self) -> np.ndarray:
        """Whether the share is 0 or 100 %."""
        return (self.p == 0) | (self.p == 1)

    def not_estimable(self, causes: Mapping[str, np.ndarray]) -> dict[str, object] | None:
        """The fields of a row without an answer, by the first cause that holds for a survey; None if none does."""
        reason = "a single survey" if len(self.names) < 2 else ""
        for cause, holds in causes.items():
            if not reason and holds.any():
                reason = f"{cause}: {_named(self.names, holds)}"
        if not reason:
            return None
        return {"n_pooled": len(self.names), "interval": "", "status": "not_estimable", "reason": reason}


def _named(names: list[Hashable], which: np.ndarray) -> str:
    return ", ".join(str(name) for name, named in zip(names, which, strict=True) if named)


def _weighted(surveys: _Surveys, share: np.ndarray, confidence: float) -> dict[str, object]:
    """A weighted mean of shares, as the fields of a row."""
    p, se, edge = surveys.p, surveys.se, surveys.at_edge
    lacking = surveys.not_estimable(
        {
            "no estimate": np.isnan(p),
            "no standard error": ~np.isfinite(se),
            "a standard error of 0": (se == 0) & ~edge,
            _TOO_FAR: ~_has_square(se) & ~edge,
            "no degrees of freedom": ~(surveys.df > 0),
            "a share of 0 or 100 % without its base n": edge & ~(surveys.n > 0),
        }
    )
    if lacking:
        return lacking if len(p) < 2 else {"estimate": float(share @ p), **lacking}
    numbers, interval = _mean_with_interval(surveys, share, confidence)
    return {**numbers, "n_pooled": len(p), "interval": interval, "status": "ok", "reason": ""}


def _mean_with_interval(
    surveys: _Surveys, share: np.ndarray, confidence: float
) -> tuple[dict[str, float], str]:
    """Numbers of a weighted mean of shares, and the method of its interval."""
    p, df, edge = surveys.p, surveys.df, surveys.at_edge
    mean = share @ p
    low, high = intervals.logit(p, surveys.se, df, confidence)
    low[edge], high[edge] = intervals.clopper_pearson(p[edge], surveys.n[edge], confidence)
    parts = (share * np.where(edge, (high - low) / 2 / intervals.t_quantile(df, confidence), surveys.se)) ** 2
    se = np.sqrt(parts.sum())
    with np.errstate(divide="ignore"):  # of infinite degrees of freedom alone they are infinite
        pooled_df = parts.sum() ** 2 / (parts**2 / df).sum()
    method = "mover" if edge.any() else "logit"
    if method == "mover":
        low, high = intervals.mover(share, p, low, high)
    else:
        low, high = intervals.logit(mean, se, pooled_df, confidence)
    numbers = {"estimate": mean, "se": se, "ci_low": low, "ci_high": high, "df": pooled_df}
    return {name: float(number) for name, number in numbers.items()}, method


def _logits(surveys: _Surveys, method: str, confidence: float, knapp_hartung: str) -> dict[str, object]:
    """The random-effects mean on logits, carried back, as the fields of a row."""
    p, se = surveys.p, surveys.se
    lacking = surveys.not_estimable(
        {
            "no estimate": np.isnan(p),
            "no standard error": ~np.isfinite(se),
            "a share of 0 or 100 % has no logit": surveys.at_edge,
            "a standard error of 0": se == 0,
            _TOO_FAR: ~_has_square(p) | ~_has_square(se),
        }
    )
    if lacking:
        return lacking
    pooled = _combine(special.logit(p), (se / (p * (1 - p))) ** 2, method, confidence, knapp_hartung)
    fields = asdict(pooled)
    for name in ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high"):
        fields[name] = float(special.expit(fields[name]))
    if pooled.se == 0:
        equal = surveys.not_estimable({"equal estimates, which make the plain standard error 0": p == p})
        return {"estimate": fields["estimate"], **(equal or {})}
    fields["se"] *= fields["estimate"] * (1 - fields["estimate"])
    return {**fields, "interval": "logit", "status": "ok", "reason": ""}
