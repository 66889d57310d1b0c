"""Regression on a survey: linear, logistic and log-Poisson models with design-based standard errors.

Coefficients solve the weighted score equations; their covariance is the sandwich with the design's own variance in
the middle (Binder 1983): the score of a respondent is w x (y - mu) A^-1, A the weighted information. Degrees of
freedom: PSUs minus strata of the base, plus one, minus the number of coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from . import intervals
from .design import Design
from .domains import Domains
from .errors import SurveyError
from .estimates import check_level
from .fitting import FAMILIES, Family, Sample, fit
from .formulas import Matrix, Variables
from .linear import Base
from .variance import deviations, lone_factor


def regression(
    design: Design,
    frame: pd.DataFrame,
    formula: str,
    family: str = "logistic",
    domain: np.ndarray | None = None,
    level: float = 0.95,
) -> Regression:
    """Fit a survey-weighted regression.

    frame: the variables, one row a respondent in the design's order. formula: ``outcome ~ column + column``, with
    ``+ : *``, ``C(column)`` to take codes as categories, 0 and 1; nothing else, and no code is run. Text, categories
    and C() are coded against their first category (in the order of a Categorical, else sorted). family: ``logistic``
    (outcome 0 or 1), ``log_poisson`` (outcome not negative; of 0 and 1: risk ratios, Zou 2004), ``linear``.
    domain: a boolean condition; None is everyone. A respondent with any of the columns missing leaves the domain,
    never the design.

    Raises SurveyError for a formula or outcome that does not fit, an outcome that does not vary, coefficients that
    cannot be told apart, separation, and when the fit does not converge.

    >>> people = pd.DataFrame({"w": [1.0] * 8, "sex": ["boy", "girl"] * 4, "told": [0, 1, 1, 1, 0, 1, 0, 0]})
    >>> model = regression(Design(people, weight="w"), people, "told ~ sex", family="log_poisson")
    >>> model.ratios()[["term", "measure", "estimate"]].round(6).values.tolist()  # 3 of 4 girls, 1 of 4 boys
    [['sex[T.girl]', 'risk_ratio', 3.0]]
    """
    if family not in FAMILIES:
        raise SurveyError(f"{design.name}: family is one of {', '.join(FAMILIES)}, not {family!r}")
    check_level(design, level)
    member = Domains.read(design, None if domain is None else {"domain": domain}).member[0]
    variables = Variables.read(design, frame, formula, member)
    variables.check_outcome(design, family)
    matrix = Matrix(design, variables)
    base = variables.base
    sample = Sample(
        design.name, matrix.names, matrix.X, matrix.group, variables.y[base], design.weight[base], base
    )
    estimate, bread = fit(sample, family)
    return Regression(design, variables, matrix, family, estimate, bread, level)


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model. Its tables have columns estimate, se, ci_low, ci_high, df, p_value, status, one row an estimate.

    Intervals and p-values (two-sided, of no effect, not adjusted for the number of tests) use t with `df`. status:
    ok, or not_estimable (df <= 0: neither standard error nor interval).

    estimate: coefficients. bread: inverse of the weighted information. family, level: as asked for.
    """

    design: Design
    variables: Variables
    matrix: Matrix
    family: str
    estimate: np.ndarray
    bread: np.ndarray
    level: float

    @cached_property
    def among(self) -> Domains:
        """The one domain of those who count."""
        return Domains(self.design, ["base"], self.variables.base[None])

    @cached_property
    def base(self) -> Base:
        """Sizes of the base."""
        return Base.of(self.among, np.ones((self.design.n_rows, 1), dtype=bool))

    @property
    def n(self) -> int:
        """Respondents in the base."""
        return int(self.base.n[0, 0])

    @property
    def df(self) -> int:
        """Degrees of freedom: PSUs minus strata of the base, plus one, minus the number of coefficients."""
        return int(self.base.df[0, 0]) + 1 - len(self.estimate)

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Design-based covariance of the coefficients (coefficients x coefficients)."""
        names = self.matrix.names
        return pd.DataFrame(self._covariance(self._influence), index=names, columns=names)

    def coefficients(self) -> pd.DataFrame:
        """One row a coefficient, on the scale of the linear predictor: column term, then as for the class."""
        se = np.sqrt(np.diag(self.covariance))
        return self._tidy({"term": self.matrix.names}, self.estimate, se)

    def ratios(self) -> pd.DataFrame:
        """Odds ratios (logistic) or risk ratios (log-Poisson): one row a coefficient but the intercept.

        Columns term, measure (``odds_ratio``, ``risk_ratio``), then as for the class. The interval is that of the
        coefficient, carried over; se is that of the ratio (delta method). For a 0/1 outcome a log-Poisson model
        gives ratios of risks, for counts ratios of means.
        """
        if not self._family.ratio:
            raise SurveyError(f"{self.design.name}: a linear model has no ratios; use coefficients()")
        return exponentiated(self.coefficients(), self._family.ratio)

    def test(self, term: str) -> pd.Series:
        """Wald test that all coefficients of a term are zero: statistic (F), df, df_denominator, p_value.

        term: a column, or several joined by a colon in the formula's order: ``"sex:age"``.
        """
        if term not in self.matrix.terms:
            known = ", ".join(map(repr, self.matrix.terms))
            raise SurveyError(f"{self.design.name}: the model has terms {known}, not {term!r}")
        places = self.matrix.terms[term]
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
        X = self.matrix.rows_of(rows)
        eta = X @ self.estimate
        se = np.sqrt((X @ self.covariance.to_numpy() * X).sum(axis=1))
        table = self._tidy({}, eta, se)
        columns = ["estimate", "ci_low", "ci_high"]
        table[columns] = table[columns].apply(self._family.mean)
        return table.assign(se=table["se"] * self._family.slope(eta), p_value=np.nan).set_axis(rows.index)

    def predictive_margins(self, variable: str) -> pd.DataFrame:
        """The predicted mean, had everyone in the base each level of a variable and otherwise their own values.

        variable: categories, or 0 and 1. Columns variable, value, then as for the class (Graubard and Korn 1999:
        the spread of the covariates counts too). Intervals are made on the scale of the link; p_value does not apply
        (NaN).
        """
        effects = [self._margin(variable, level) for level in self._levels(variable)]
        keys = {"variable": variable, "value": [str(_plain(level)) for level in self._levels(variable)]}
        table = self._averages(keys, effects).assign(p_value=np.nan)
        estimate, se, df = (table[column].to_numpy() for column in ("estimate", "se", "df"))
        if self.family == "logistic":
            table["ci_low"], table["ci_high"] = intervals.logit(estimate, se, df, self.level)
        elif self.family == "log_poisson":
            table["ci_low"], table["ci_high"] = intervals.log_scale(estimate, se / estimate, df, self.level)
        return table

    def marginal_effects(self, variables: list[str] | None = None) -> pd.DataFrame:
        """Average marginal effects of variables, on the scale of the outcome; None: of all.

        For categories, and for columns of 0 and 1, the difference of predictive margins against the first level; for
        other numbers the average slope. Columns variable, contrast (``girl - boy``, or ``slope``), then as for the
        class. The variance has the coefficients' part and the covariates' (Graubard and Korn 1999).
        """
        keys, effects = {"variable": [], "contrast": []}, []
        if not self.variables.kinds:
            raise SurveyError(f"{self.design.name}: the model has no variables, so no marginal effects")
        for name in variables or self.variables.formula.columns:
            levels = self._levels(name, required=False)
            margins = [self._margin(name, level) for level in levels]
            found = [(value - margins[0][0], grad - margins[0][1]) for value, grad in margins[1:]]
            effects += found or [self._slope(name)]
            keys["variable"] += [name] * max(len(found), 1)
            reference = f" - {_plain(levels[0])}" if levels else ""
            keys["contrast"] += [f"{_plain(level)}{reference}" for level in levels[1:]] or ["slope"]
        return self._averages(keys, effects)

    @property
    def _family(self) -> Family:
        return FAMILIES[self.family]

    @cached_property
    def _share(self) -> np.ndarray:
        """Weights of the distinct rows of covariates, adding up to one."""
        weight = np.bincount(self.matrix.group, self.design.weight[self.variables.base])
        return weight / weight.sum()

    @cached_property
    def _eta(self) -> np.ndarray:
        return self.matrix.X @ self.estimate

    @cached_property
    def _influence(self) -> np.ndarray:
        """Scores of the coefficients, without the weight (base x coefficients)."""
        group = self.matrix.group
        residual = self.variables.y[self.variables.base] - self._family.mean(self._eta)[group]
        return (self.matrix.X @ self.bread)[group] * residual[:, None]

    def _covariance(self, scores: np.ndarray) -> np.ndarray:
        """Covariance of sums of weighted scores (base x scores)."""
        everyone = np.zeros((self.design.n_rows, scores.shape[1]))
        everyone[self.variables.base] = scores
        scaled = deviations(self.design, self.among.weigh_by_unit(everyone)[:, 0])
        return scaled.T @ scaled * lone_factor(self.design, self.base.strata)[0, 0]

    def _levels(self, name: str, required: bool = True) -> list:
        if name not in self.variables.kinds:
            known = ", ".join(map(repr, self.variables.kinds))
            raise SurveyError(f"{self.design.name}: the model has variables {known}, not {name!r}")
        if required and not self.variables.kinds[name]:
            raise SurveyError(f"{self.design.name}: variable {name!r} has no levels: it is a number")
        return self.variables.kinds[name]

    def _margin(self, name: str, level: object) -> tuple[np.ndarray, np.ndarray]:
        """Predicted mean of each distinct row at a level of a variable; mean gradient in the coefficients."""
        X = self.matrix.at(name, level)
        eta = X @ self.estimate
        return self._family.mean(eta), (self._share * self._family.slope(eta)) @ X

    def _slope(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Slope of each distinct row's predicted mean in a number (the matrix is linear in each); its mean gradient."""
        X = self.matrix.at(name, 1.0) - self.matrix.at(name, 0.0)
        change, slope = X @ self.estimate, self._family.slope(self._eta)
        bend = self._family.bend(self._eta)
        return slope * change, (self._share * bend * change) @ self.matrix.X + (self._share * slope) @ X

    def _averages(self, keys: dict, effects: list[tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
        """Weighted means of effects (of each distinct row, with their mean gradients) as table rows."""
        values, gradients = (np.column_stack(parts) for parts in zip(*effects, strict=True))
        mean = self._share @ values
        scores = (values - mean)[self.matrix.group] / self.base.weight[0, 0] + self._influence @ gradients
        return self._tidy(keys, mean, np.sqrt(np.diag(self._covariance(scores))))

    def _tidy(self, keys: dict, estimate: np.ndarray, se: np.ndarray) -> pd.DataFrame:
        se = se if self.df > 0 else np.full(len(estimate), np.nan)
        low, high = intervals.wald(estimate, se, np.array(self.df), self.level)
        df = self.df if self.df > 0 else np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = 2 * special.stdtr(df, -np.abs(estimate / se))
        rows = {
            "estimate": estimate,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "df": self.df,
            "p_value": p_value,
        }
        return pd.DataFrame(keys | rows).assign(status=np.where(np.isfinite(se), "ok", "not_estimable"))


def exponentiated(coefficients: pd.DataFrame, measure: str) -> pd.DataFrame:
    """A table of coefficients as ratios called `measure`, without the intercept."""
    table = coefficients[coefficients["term"] != "Intercept"].reset_index(drop=True)
    columns = ["estimate", "ci_low", "ci_high"]
    table[columns] = np.exp(table[columns])
    table["se"] *= table["estimate"]
    table.insert(1, "measure", measure)
    return table


def _plain(level: object) -> object:
    """A level as it is written: 1, not 1.0."""
    return int(level) if isinstance(level, float) and level.is_integer() else level
