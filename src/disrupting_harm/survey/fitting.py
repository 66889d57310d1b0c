"""Weighted maximum likelihood of generalised linear models, and why it may have no answer.

Families by name, each with its canonical link: ``linear`` (identity), ``logistic`` (logit), ``log_poisson`` (log).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse, special

from .errors import SurveyError, name_rows
from .formulas import Sample

LIMIT = 100  # Newton steps
_CONVERGED = 1e-10  # largest change of a coefficient, in units of the outcome's scale
SUSPECT = 15  # log odds beyond which a probability may be on its way to 0 or 1
_DEPENDENT = 1e-9  # a column of which less than this share is not explained by those before is one too many


@dataclass(frozen=True)
class Family:
    """A family of models: the mean of the linear predictor with its first and second derivative, and how to start."""

    ratio: str  # what exp(coefficient) is; "": nothing
    mean: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    bend: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray], np.ndarray]


def _logistic_slope(eta: np.ndarray) -> np.ndarray:
    return special.expit(eta) * special.expit(-eta)


def _logistic_bend(eta: np.ndarray) -> np.ndarray:
    return -_logistic_slope(eta) * np.tanh(eta / 2)


FAMILIES = {
    "linear": Family("", lambda eta: eta, np.ones_like, np.zeros_like, lambda y: y),
    "logistic": Family(
        "odds_ratio", special.expit, _logistic_slope, _logistic_bend, lambda y: special.logit((y + 0.5) / 2)
    ),
    "log_poisson": Family("risk_ratio", np.exp, np.exp, np.exp, lambda y: np.log(y + 0.1)),
}


def fit(sample: Sample, family: str, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, and the inverse of the weighted information, by Newton steps (iteratively reweighted regression).

    The steps are taken on an orthogonal basis, on sums over those with the same covariates. start: coefficients near
    the answer.

    Raises SurveyError for columns that depend on each other, for separation, and when steps do not get small.
    """
    model, total = FAMILIES[family], sample.weight.sum()
    w, wy = sample.share, sample.sums(sample.weight / total * sample.y)
    counts = w > 0  # a replicate may give a row no weight
    X, w, wy = sample.X[counts], w[counts], wy[counts]
    basis, back = _orthogonal(sample, X)
    b = basis.T @ (model.start(wy / w) if start is None else X @ start)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(LIMIT):
            eta = basis @ b
            information = basis.T @ (basis * (w * model.slope(eta))[:, None])
            try:
                step = np.linalg.solve(information, basis.T @ (wy - w * model.mean(eta)))
            except np.linalg.LinAlgError:
                break
            b = b + step
            if np.abs(step).max() <= _CONVERGED * max(np.sqrt(len(eta)), np.abs(b).max()):
                if family == "logistic" and np.abs(eta).max() > SUSPECT:
                    _explain_separation(sample, family)
                return back @ b, back @ np.linalg.inv(information) @ back.T / total
    if family != "linear":
        _explain_separation(sample, family)
    raise SurveyError(
        f"{sample.name}: the model did not converge in {LIMIT} steps on {name_rows(sample.rows)}; coefficients: "
        f"{', '.join(map(repr, sample.names))}. Look for extreme values, or simplify the model"
    )


def _orthogonal(sample: Sample, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns that span those of X, and the matrix that carries their coefficients back."""
    with np.errstate(over="ignore"):
        size = np.sqrt((X**2).sum(axis=0))
    if np.isinf(size).any():
        large = ", ".join(map(repr, np.array(sample.names)[np.isinf(size)].tolist()))
        raise SurveyError(
            f"{sample.name}: values of {large} are too large to be squared; correct or rescale them"
        )
    basis, triangle = np.linalg.qr(X / np.where(size > 0, size, 1))
    known = np.flatnonzero(np.abs(np.diag(triangle)) > _DEPENDENT)
    if len(known) < len(size):
        extra = ", ".join(map(repr, np.delete(sample.names, known).tolist()))
        raise SurveyError(
            f"{sample.name}: {(sample.weight > 0).sum()} rows of the base cannot distinguish the coefficients of the "
            f"model: {extra} can be computed from the others; drop or merge"
        )
    return basis, np.linalg.inv(triangle) / size[:, None]


def _explain_separation(sample: Sample, family: str) -> None:
    """Raise SurveyError if a direction of the coefficients raises the likelihood without end.

    A linear programme finds it (Konis 2007 for logistic; Correia, Guimarães and Zylkin 2019 for Poisson models, in
    which it must leave alone those with an outcome above 0).
    """
    from scipy import optimize  # slow to load, and only wanted here

    above, counts = sample.y > 0, sample.weight > 0
    some, none = (sample.sums(which & counts) > 0 for which in (above, ~above))
    Z = sample.X / np.abs(sample.X).max(axis=0)
    tied = family == "log_poisson"
    sides = np.concatenate([-Z[none], Z[some], -Z[some]] if tied else [-Z[none], Z[some]])
    # unknown: the direction, and for each side how far it goes, 1 at most
    size, count = Z.shape[1], len(sides)
    # pyrefly: ignore[no-matching-overload]  # its types know dense matrices only; HiGHS takes sparse ones
    solution = optimize.linprog(
        np.repeat([0.0, -1.0], [size, count]),
        A_ub=sparse.hstack([sparse.csr_matrix(-sides), sparse.eye(count)]),
        b_ub=np.zeros(count),
        bounds=[(None, None)] * size + [(0, 1)] * count,
    )
    direction = solution.x[:size] if solution.success else np.zeros(size)
    perfect = np.where(above, 0 if tied else 1, -1) * (Z @ direction)[sample.group] * counts > 0.5
    if perfect.any():
        along = [name for name, b in zip(sample.names, direction, strict=True) if abs(b) > 1e-7]
        predictors = [name for name in along if name != "Intercept"] or along
        flagged = np.zeros(len(sample.rows), dtype=bool)
        flagged[sample.rows] = perfect
        raise SurveyError(
            f"{sample.name}: separation: {', '.join(map(repr, predictors))} predict the outcome without error in "
            f"{name_rows(flagged)}, so that no finite coefficient is the best. Merge categories or drop the variable"
        )
