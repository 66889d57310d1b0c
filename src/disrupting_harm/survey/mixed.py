"""Logistic regression with a random intercept for each group: how much do groups differ beyond the covariates?

    logit P(y = 1) = x'b + s u,  u ~ N(0, 1) for each group

The likelihood integrates u out by adaptive Gauss-Hermite quadrature (Liu and Pierce 1994; Pinheiro and Chao 2006),
with one node by Laplace's approximation. As lme4 does, the covariance is the inverse of the Hessian in (s, b), so it
knows that s is estimated. The model is one of respondents as they are: neither weights nor clusters count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .design import Design
from .errors import SurveyError, name_rows
from .fitting import SUSPECT, fit
from .formulas import Sample
from .inputs import check_confidence, read_labels
from .models import exponentiated, tidy
from .options import check_whole
from .variance import sum_by

_NODES = 15
_SINGULAR = 1e-4  # a standard deviation of the groups below this is 0 but for rounding (as lme4's isSingular)
_TINY = 1e-30  # imaginary step: derivatives without cancellation (Squire and Trapp 1998)
_STEP = 1e-5  # of the differences of gradients that make a Hessian


@dataclass(frozen=True, eq=False)
class RandomIntercept:
    """A fitted model. estimate: coefficients; covariance: theirs; sd: of the groups' intercepts, on the logit scale.

    effects: for each group its intercept's departure from the common one (mode given the data). n: respondents.
    status: ok, or singular: the likelihood is greatest at an sd of 0, so that groups are not seen to differ, and
    coefficients and errors are those of the regression without them.
    """

    name: str
    estimate: pd.Series
    covariance: pd.DataFrame
    sd: float
    effects: pd.Series
    log_likelihood: float
    n: int
    confidence: float
    status: str

    def coefficients(self) -> pd.DataFrame:
        """One row per coefficient: term, estimate, se, ci_low, ci_high, p_value; normal quantiles, as lme4."""
        se = np.sqrt(np.diag(self.covariance))
        table = tidy({"term": self.estimate.index}, self.estimate.to_numpy(), se, np.inf, self.confidence)
        return table.drop(columns=["df", "status"])

    def ratios(self) -> pd.DataFrame:
        """Odds ratios within a group: one row per coefficient but the intercept; as `coefficients`, and measure."""
        return exponentiated(self.coefficients(), "odds_ratio")


def random_intercept(
    design: Design,
    frame: pd.DataFrame,
    formula: str,
    group: pd.Series | Sequence[Any],
    domain: np.ndarray | None = None,
    nodes: int = _NODES,
    confidence: float = 0.95,
) -> RandomIntercept:
    """Fit a logistic regression with a random intercept for each group; unweighted.

    frame, formula, domain: as for `regression`. group: one label per respondent; missing = outside the base.
    nodes: of the quadrature; 1 is Laplace's approximation.

    The modes are found to rounding. lme4's inner iteration stops earlier (tolPwrss = 1e-7), which moves its standard
    errors by Laplace by up to 0.4 %; run to the end it agrees with these (tests/oracle/extra/reference_glmer.R).

    Raises SurveyError as `regression` does, for fewer than two groups, for an outcome that does not vary within any
    group (the spread then has no finite estimate), and when the fit does not converge.

    >>> people = pd.DataFrame({"w": [1.0] * 12, "country": list("aaaabbbbcccc"), "told": [0, 0, 0, 1] * 2 + [1] * 4})
    >>> model = random_intercept(Design(people, weight="w"), people, "told ~ 1", people["country"])
    >>> model.effects.round(1).tolist()
    [-0.8, -0.8, 1.6]
    """
    check_confidence(design, confidence)
    check_whole(design.name, "nodes is", nodes, 1)
    labels = read_labels(design, group, "group")
    sample = Sample(design, frame, formula, "logistic", domain, labels.notna().to_numpy())
    sample.weight = np.ones(len(sample.y))
    places, held = pd.factorize(labels[sample.rows], sort=True)
    _check_groups(sample, places, len(held))
    start, bread = fit(sample, "logistic")
    likelihood = Likelihood(sample, places, nodes)
    scale = np.append(np.sqrt(np.diag(bread)), 1.0)  # steps in units of standard errors
    optimum = _maximise(lambda at: likelihood(at * scale), np.append(start, 0.5) / scale)
    if optimum is None or abs(optimum[0][-1] * scale[-1]) > SUSPECT:
        raise SurveyError(
            f"{design.name}: the model with a random intercept did not converge on {len(places)} rows "
            f"in {len(held)} groups; coefficients: {', '.join(map(repr, sample.names))}. Look for groups in which the "
            "covariates predict the outcome, merge small groups, or drop covariates"
        )
    at, hessian = optimum[0] * scale, optimum[1]
    sd = abs(float(at[-1]))
    covariance = (np.linalg.inv(-hessian) * np.outer(scale, scale))[:-1, :-1]
    return RandomIntercept(
        name=design.name,
        estimate=pd.Series(at[:-1], index=sample.names),
        covariance=pd.DataFrame(covariance, index=sample.names, columns=sample.names),
        sd=sd,
        effects=pd.Series(likelihood.modes(at)[0] * at[-1], index=pd.Index(held)),
        log_likelihood=float(likelihood(at)),
        n=len(places),
        confidence=confidence,
        status="singular" if sd < _SINGULAR else "ok",
    )


def _check_groups(sample: Sample, places: np.ndarray, count: int) -> None:
    """Raise SurveyError for a single group, and for groups that determine the outcome. places: each row's group."""
    if count < 2:
        raise SurveyError(
            f"{sample.name}: a random intercept needs two groups or more, not {count}; use regression()"
        )
    size, yes = np.bincount(places), np.bincount(places, sample.y)
    if ((yes == 0) | (yes == size)).all():
        raise SurveyError(
            f"{sample.name}: the outcome does not vary within any of the {count} groups, on {name_rows(sample.rows)}, "
            "so that their spread has no finite estimate; merge groups, or leave them out: regression()"
        )


class Likelihood:
    """The log-likelihood of coefficients and standard deviation (b, s), which may be complex.

    Respondents with the same covariates in the same group count together, in cells: X, group, how many they are and
    how many said yes.
    """

    def __init__(self, sample: Sample, places: np.ndarray, nodes: int) -> None:
        """places: for each in the base its group, from 0. nodes: of the quadrature."""
        self.count = places.max() + 1
        cell, inverse = np.unique(sample.group * self.count + places, return_inverse=True)
        self.X, self.group = sample.X[cell // self.count], cell % self.count
        self.n, self.yes = np.bincount(inverse), np.bincount(inverse, sample.y)
        self.node, weight = np.polynomial.hermite.hermgauss(nodes)
        self.log_weight = np.log(weight / np.sqrt(np.pi)) + self.node**2

    def __call__(self, at: np.ndarray) -> np.ndarray:
        """The log-likelihood at (b, s)."""
        mode, spread = self.modes(at)
        u = mode[:, None] + np.sqrt(2) * spread[:, None] * self.node  # groups x nodes
        eta = (self.X @ at[:-1])[:, None] + at[-1] * u[self.group]
        log_likelihood = self._sum(self.yes[:, None] * eta - self.n[:, None] * _softplus(eta))
        inside = log_likelihood - u**2 / 2 + self.log_weight
        top = inside.real.max(axis=1)
        return (np.log(np.exp(inside - top[:, None]).sum(axis=1)) + top + np.log(spread)).sum()

    def modes(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each group the most likely u, and its standard deviation from the curvature there."""
        fixed, u, settled = self.X @ at[:-1], np.zeros(self.count), 0
        for _ in range(100):
            eta = fixed + at[-1] * u[self.group]
            mean = np.exp(eta - _softplus(eta))
            curvature = 1 + at[-1] ** 2 * self._sum(self.n * mean * (1 - mean))
            step = (at[-1] * self._sum(self.yes - self.n * mean) - u) / curvature
            settled += np.abs(step.real).max() < 1e-10  # three steps more: values and derivatives are exact
            if settled > 3:
                break
            u = u + step / np.maximum(1, np.abs(step.real) / 2)
        return u, 1 / np.sqrt(curvature)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        return sum_by(self.group, self.count, values)


def _softplus(z: np.ndarray) -> np.ndarray:
    """log(1 + exp(z)) without overflow, for complex numbers too."""
    return np.where(z.real > 0, z, 0) + np.log1p(np.exp(np.where(z.real > 0, -z, z)))


def _maximise(
    function: Callable[[np.ndarray], np.ndarray], start: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Where an analytic function is greatest, and its Hessian there; None when steps do not get small."""
    from scipy import optimize  # slow to load, and only wanted here

    identity = np.eye(len(start))

    def gradient(at: np.ndarray) -> np.ndarray:
        return np.array([function(at + 1j * _TINY * unit).imag / _TINY for unit in identity])

    at = optimize.minimize(
        lambda at: float(-function(at).real), start, jac=lambda at: -gradient(at), method="BFGS"
    ).x
    for _ in range(10):
        hessian = np.array([gradient(at + _STEP * unit) - gradient(at - _STEP * unit) for unit in identity])
        hessian = (hessian + hessian.T) / (4 * _STEP)
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian)[-1] >= 0:
            return None
        step = np.linalg.solve(hessian, gradient(at))
        at = at - step
        if np.abs(step).max() < 1e-8:
            return at, hessian
    return None
