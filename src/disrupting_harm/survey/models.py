"""Regression on a survey: linear, logistic and log-Poisson models with design-based standard errors.

Coefficients solve the weighted score equations; their covariance is the sandwich with the design's own variance in
the middle (Binder 1983): the score of a respondent is w x (y - mu) A^-1, A the weighted information. On replicate
weights the model is fitted anew with each, as R's svyglm does. Degrees of freedom: those of the base, plus one,
minus the number of coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .design import Design
from .domains import Domains
from .errors import SurveyError
from .fitting import FAMILIES, Family, fit
from .formulas import Sample
from .inputs import check_confidence
from .linear import Base
from .options import check_choice, check_member
from .variance import deviations, replicate_factor

#: What a mean over respondents is taken of, given coefficients and shares of the distinct rows of covariates: its
#: value in each distinct row, and the gradient of the mean in the coefficients.
_Effect = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def regression(
    design: Design,
    frame: pd.DataFrame,
    formula: str,
    family: str = "logistic",
    domain: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Regression:
    """Fit a survey-weighted regression.

    frame: the variables, one row per respondent in the design's order. formula: ``outcome ~ column + column``, with
    ``+ : *``, ``C(column)`` to take codes as categories, 0 and 1; nothing else, and no code is run. Text, categories
    and C() are coded against their first category (in the order of a Categorical, else sorted). family: ``logistic``
    (outcome 0 or 1), ``log_poisson`` (outcome not negative; of 0 and 1: risk ratios, Zou 2004), ``linear``.
    domain: a boolean condition; None is everyone. A respondent with any of the columns missing leaves the domain,
    never the design.

    Raises SurveyError for a formula or outcome that does not fit, an outcome that does not vary, coefficients that
    cannot be distinguished, separation, and when the fit does not converge; so, too, for a replicate of the weights.

    >>> people = pd.DataFrame({"w": [1.0] * 8, "sex": ["boy", "girl"] * 4, "told": [0, 1, 1, 1, 0, 1, 0, 0]})
    >>> model = regression(Design(people, weight="w"), people, "told ~ sex", family="log_poisson")
    >>> model.ratios()[["term", "measure", "estimate"]].round(6).values.tolist()  # 3 of 4 girls, 1 of 4 boys
    [['sex[T.girl]', 'risk_ratio', 3.0]]
    """
    check_confidence(design, confidence)
    check_choice(design.name, "family is", family, FAMILIES)
    sample = Sample(design, frame, formula, family, domain)
    estimate, bread = fit(sample, family)
    again = None
    if design.replicates is not None:
        again = np.array([fit(replicate, family, estimate)[0] for replicate in sample.replicates()])
    return Regression(sample, family, estimate, bread, again, confidence)


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model. Its tables have columns estimate, se, ci_low, ci_high, df, p_value, status, one row per estimate.

    Intervals and p-values (two-sided, of no effect, not adjusted for the number of tests) use t with `df`. status:
    ok, or not_estimable (df <= 0: neither standard error nor interval).

    estimate: coefficients. bread: inverse of the weighted information. again: where variances come from replicate
    weights, the coefficients of each (replicates x coefficients). family, confidence: as asked for.
    """

    sample: Sample
    family: str
    estimate: np.ndarray
    bread: np.ndarray
    again: np.ndarray | None
    confidence: float

    @cached_property
    def base(self) -> Base:
        """Sizes of the base."""
        return Base.of(self._among, np.ones((self.sample.design.n_rows, 1), dtype=bool))

    @property
    def n(self) -> int:
        """Respondents in the base."""
        return int(self.base.n[0, 0])

    @property
    def df(self) -> int:
        """Degrees of freedom: PSUs minus strata of the base (or as its replicates have), plus 1, minus coefficients."""
        return int(self.base.df[0, 0]) + 1 - len(self.estimate)

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Design-based covariance of the coefficients (coefficients x coefficients)."""
        names = self.sample.names
        matrix = self._covariance(self.estimate, self._influence, self.again)
        return pd.DataFrame(matrix, index=names, columns=names)

    def coefficients(self) -> pd.DataFrame:
        """One row per coefficient, on the scale of the linear predictor: column term, then as for the class."""
        se = np.sqrt(np.diag(self.covariance))
        return tidy({"term": self.sample.names}, self.estimate, se, self.df, self.confidence)

    def ratios(self) -> pd.DataFrame:
        """Odds ratios (logistic) or risk ratios (log-Poisson): one row per coefficient but the intercept.

        Columns term, measure (``odds_ratio``, ``risk_ratio``), then as for the class. The interval is that of the
        coefficient, carried over; se is that of the ratio (delta method). For a 0/1 outcome a log-Poisson model
        gives ratios of risks, for counts ratios of means.
        """
        if not self._family.ratio:
            raise SurveyError(f"{self.sample.name}: a linear model has no ratios; use coefficients()")
        return exponentiated(self.coefficients(), self._family.ratio)

    def test(self, term: str) -> pd.Series:
        """Wald test that all coefficients of a term are zero: statistic (F), df, df_denominator, p_value.

        term: a column, or several joined by a colon in the formula's order: ``"sex:age"``.
        """
        check_member(self.sample.name, "the model has terms", term, list(self.sample.terms))
        places = self.sample.terms[term]
        b, size = self.estimate[places], len(places)
        covariance = self.covariance.to_numpy()[np.ix_(places, places)]
        known = self.df > 0 and np.linalg.matrix_rank(covariance, hermitian=True) == size
        statistic = b @ np.linalg.solve(covariance, b) / size if known else np.nan
        p_value = special.fdtrc(size, self.df, statistic) if known else np.nan
        return pd.Series(
            {"statistic": statistic, "df": size, "df_denominator": self.df, "p_value": p_value}, name=term
        )

    def predictions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The predicted mean (logistic: probability) for each of the given rows of covariates.

        Intervals are made for the linear predictor and carried over; p_value does not apply (NaN).
        """
        X = self.sample.rows_of(rows)
        with np.errstate(over="ignore", invalid="ignore"):  # of covariates far outside of those of the base
            eta = X @ self.estimate
            se = np.sqrt((X @ self.covariance.to_numpy() * X).sum(axis=1))
        table = tidy({}, eta, se, self.df, self.confidence)
        columns = ["estimate", "ci_low", "ci_high"]
        table[columns] = table[columns].apply(self._family.mean)
        return table.assign(se=table["se"] * self._family.slope(eta), p_value=np.nan).set_axis(rows.index)

    def predictive_margins(self, variable: str) -> pd.DataFrame:
        """The predicted mean, had everyone in the base each level of a variable and otherwise their own values.

        variable: categories, or 0 and 1. Columns variable, value, then as for the class (Graubard and Korn 1999:
        the spread of the covariates counts too). Intervals are made on the scale of the link; p_value does not apply
        (NaN).
        """
        levels = self.sample.levels(variable)
        if not levels:
            raise SurveyError(
                f"{self.sample.name}: variable {variable!r} has no levels: it is a number; write C({variable}) in the "
                "formula to take its values as categories, or ask for marginal_effects()"
            )
        keys = {"variable": variable, "value": [str(_plain(level)) for level in levels]}
        effects = [self._margin(variable, level) for level in levels]
        table = self._averages(keys, effects).assign(p_value=np.nan)
        estimate, se, df = (table[column].to_numpy() for column in ("estimate", "se", "df"))
        if self.family == "logistic":
            table["ci_low"], table["ci_high"] = intervals.logit(estimate, se, df, self.confidence)
        elif self.family == "log_poisson":
            table["ci_low"], table["ci_high"] = intervals.log_scale(
                estimate, se / estimate, df, self.confidence
            )
        return table

    def marginal_effects(self, variables: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Average marginal effects of a variable or of several, on the scale of the outcome; None: of all.

        For categories, and for columns of 0 and 1, the difference of predictive margins against the first level; for
        other numbers the average slope. Columns variable, contrast (``girl - boy``, or ``slope``), then as for the
        class. The variance has the coefficients' part and the covariates' (Graubard and Korn 1999).
        """
        effects: dict[tuple[str, str], _Effect] = {}
        for name in self._variables(variables):
            effects |= {(name, contrast): effect for contrast, effect in self._contrasts(name).items()}
        if not effects:
            raise SurveyError(
                f"{self.sample.name}: the model has no variables, so no marginal effects; add a column to the formula"
            )
        variable, contrast = zip(*effects, strict=True)
        return self._averages({"variable": variable, "contrast": contrast}, effects.values())

    def _variables(self, variables: str | Sequence[str] | None) -> list[Any]:
        """The variables as the caller names them: one, several, or all."""
        if variables is None:
            return list(self.sample.data)
        if not isinstance(variables, (list, tuple, pd.Index)):
            return [variables]
        return list(variables) or list(self.sample.data)

    @property
    def _family(self) -> Family:
        return FAMILIES[self.family]

    @cached_property
    def _among(self) -> Domains:
        return Domains(self.sample.design, ["base"], self.sample.rows[None])

    @cached_property
    def _influence(self) -> np.ndarray:
        """Scores of the coefficients, without the weight (base x coefficients)."""
        X, group = self.sample.X, self.sample.group
        residual = self.sample.y - self._family.mean(X @ self.estimate)[group]
        return (X @ self.bread)[group] * residual[:, None]

    def _covariance(self, estimate: np.ndarray, scores: np.ndarray, again: np.ndarray | None) -> np.ndarray:
        """Covariance of estimates, by their scores without the weight (base x estimates), or from each replicate."""
        replicates = self.sample.design.replicates
        if again is not None and replicates is not None:
            scaled = replicates.scaled(again - estimate)
            scaled = scaled * replicate_factor(self.sample.design, self.base.by_unit[:, 0])
        else:
            everyone = np.zeros((self.sample.design.n_rows, scores.shape[1]))
            everyone[self.sample.rows] = scores
            totals = self._among.weigh_by_unit(everyone)[:, 0]
            scaled = deviations(self.sample.design, totals, self.base.by_unit[:, 0])
        return scaled.T @ scaled

    def _margin(self, name: str, level: object) -> _Effect:
        """The predicted mean, had everyone this level of a variable."""
        X, family = self.sample.at(name, level), self._family
        return lambda b, share: (family.mean(X @ b), (share * family.slope(X @ b)) @ X)

    def _slope(self, name: str) -> _Effect:
        """The slope of the predicted mean in a number (the matrix is linear in each)."""
        X, family = self.sample.X, self._family
        along = self.sample.at(name, 1.0) - self.sample.at(name, 0.0)

        def effect(b: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            eta, change = X @ b, along @ b
            slope = family.slope(eta)
            return slope * change, (share * family.bend(eta) * change) @ X + (share * slope) @ along

        return effect

    def _contrasts(self, name: str) -> dict[str, _Effect]:
        """Effects of a variable: differences of margins from that of the first level, or the slope in a number."""
        levels = self.sample.levels(name)
        if not levels:
            return {"slope": self._slope(name)}
        first = self._margin(name, levels[0])
        return {
            f"{_plain(level)} - {_plain(levels[0])}": _difference(self._margin(name, level), first)
            for level in levels[1:]
        }

    def _averages(self, keys: dict[str, Any], effects: Collection[_Effect]) -> pd.DataFrame:
        """Weighted means of effects as table rows."""
        sample, again = self.sample, None
        averages = [effect(self.estimate, sample.share) for effect in effects]
        values, gradients = (np.column_stack(parts) for parts in zip(*averages, strict=True))
        mean = sample.share @ values
        scores = (values - mean)[sample.group] / sample.weight.sum() + self._influence @ gradients
        if self.again is not None:
            pairs = zip(self.again, (replicate.share for replicate in sample.replicates()), strict=True)
            again = np.array([[share @ effect(b, share)[0] for effect in effects] for b, share in pairs])
        se = np.sqrt(np.diag(self._covariance(mean, scores, again)))
        return tidy(keys, mean, se, self.df, self.confidence)


def tidy(
    keys: dict[str, Any], estimate: np.ndarray, se: np.ndarray, df: float, confidence: float
) -> pd.DataFrame:
    """Table rows with intervals and p-values from t; neither these nor standard errors where df <= 0."""
    se = np.where(df > 0, se, np.nan)
    low, high = intervals.wald(estimate, se, np.array(df), confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.stdtr(df, -np.abs(estimate / se))
    table = {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high, "df": df, "p_value": p_value}
    return pd.DataFrame(keys | table).assign(status=np.where(np.isfinite(se), "ok", "not_estimable"))


def exponentiated(coefficients: pd.DataFrame, measure: str) -> pd.DataFrame:
    """A table of coefficients as ratios called `measure`, without the intercept."""
    table = coefficients[coefficients["term"] != "Intercept"].reset_index(drop=True)
    columns = ["estimate", "ci_low", "ci_high"]
    table[columns] = np.exp(table[columns])
    table["se"] *= table["estimate"]
    table.insert(1, "measure", measure)
    return table


def _difference(one: _Effect, other: _Effect) -> _Effect:
    """The one less the other."""

    def difference(b: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (value, gradient), (other_value, other_gradient) = one(b, share), other(b, share)
        return value - other_value, gradient - other_gradient

    return difference


def _plain(level: object) -> object:
    """A level as it is written: 1, not 1.0."""
    return int(level) if isinstance(level, float) and level.is_integer() else level
