"""Weighted maximum likelihood of generalised linear models, and why it may have no answer.

Families by name, each with its canonical link: ``linear`` (identity), ``logistic`` (logit), ``log_poisson`` (log).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse, special

from .errors import SurveyError, name_rows

LIMIT = 100  # Newton steps
CONVERGED = 1e-10  # largest change of a coefficient, in units of the outcome's scale
SUSPECT = 15  # log odds beyond which a probability may be on its way to 0 or 1
DEPENDENT = 1e-9  # a column of which less than this share is not explained by others is one too many


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


FAMILIES = {
    "linear": Family("", lambda eta: eta, np.ones_like, np.zeros_like, lambda y: y),
    "logistic": Family(
        "odds_ratio",
        special.expit,
        _logistic_slope,
        lambda eta: _logistic_slope(eta) * (special.expit(-eta) - special.expit(eta)),
        lambda y: special.logit((y + 0.5) / 2),
    ),
    "log_poisson": Family("risk_ratio", np.exp, np.exp, np.exp, lambda y: np.log(y + 0.1)),
}


@dataclass(frozen=True, eq=False)
class Sample:
    """What a model is fitted to: outcome and weight of each in the base, and the distinct rows of the matrix.

    X: (distinct rows x coefficients), names of these. group: for each in the base, the row of X. rows: for each row
    of the design, whether it is in the base. name: how errors call the design.
    """

    name: str
    columns: list[str]
    X: np.ndarray
    group: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    rows: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums of values of the base for each distinct row."""
        return np.bincount(self.group, values, len(self.X))


def fit(sample: Sample, family: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, and the inverse of the weighted information, by Newton steps (iteratively reweighted regression).

    The steps are taken on an orthogonal basis, on sums over those with the same covariates.

    Raises SurveyError for columns that depend on each other, for separation, and when steps do not get small.
    """
    basis, back = _orthogonal(sample)
    model, total = FAMILIES[family], sample.weight.sum()
    w, wy = sample.sums(sample.weight / total), sample.sums(sample.weight / total * sample.y)
    b = basis.T @ model.start(wy / w)
    eta = basis @ b
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for _ in range(LIMIT):
            information = basis.T @ (basis * (w * model.slope(eta))[:, None])
            step = _solve(information, basis.T @ (wy - w * model.mean(eta)))
            if step is None:
                break
            b = b + step
            eta = basis @ b
            if np.abs(step).max() <= CONVERGED * max(np.sqrt(len(eta)), np.abs(b).max()):
                if family == "logistic" and np.abs(eta).max() > SUSPECT:
                    _explain_separation(sample, family)
                information = basis.T @ (basis * (w * model.slope(eta))[:, None])
                return back @ b, back @ np.linalg.inv(information) @ back.T / total
    if family != "linear":
        _explain_separation(sample, family)
    raise SurveyError(
        f"{sample.name}: the model did not converge in {LIMIT} steps on {name_rows(sample.rows)}; coefficients: "
        f"{', '.join(map(repr, sample.columns))}. Look for extreme values, or simplify the model"
    )


def _orthogonal(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns that span those of X, and the matrix that carries their coefficients back."""
    X, columns = sample.X, sample.columns
    size = np.sqrt((X**2).sum(axis=0))
    basis, triangle, order = linalg.qr(X / np.where(size > 0, size, 1), mode="economic", pivoting=True)
    kept = np.zeros(len(columns), dtype=bool)
    kept[order[: len(triangle)]] = np.abs(np.diag(triangle)) > DEPENDENT
    if not kept.all():
        extra = ", ".join(repr(column) for column, known in zip(columns, kept, strict=True) if not known)
        raise SurveyError(
            f"{sample.name}: {len(sample.y)} rows of the base do not tell apart the coefficients of the model: "
            f"{extra} can be computed from the others; drop or merge"
        )
    back = np.empty_like(triangle)
    back[order] = linalg.solve_triangular(triangle, np.eye(len(columns)))
    return basis, back / size[:, None]


def _solve(information: np.ndarray, score: np.ndarray) -> np.ndarray | None:
    """A Newton step; None where there is none."""
    if not np.isfinite(information).all() or not np.isfinite(score).all():
        return None
    try:
        return np.linalg.solve(information, score)
    except np.linalg.LinAlgError:
        return None


def _explain_separation(sample: Sample, family: str) -> None:
    """Raise SurveyError if a direction of the coefficients raises the likelihood without end.

    A linear programme finds it (Konis 2007 for logistic; Correia, Guimarães and Zylkin 2019 for Poisson models).
    """
    from scipy import optimize  # slow to load, and only wanted here

    above = sample.y > 0
    some, none = (sample.sums(which) > 0 for which in (above, ~above))
    Z = sample.X / np.abs(sample.X).max(axis=0)
    tied = family == "log_poisson"
    free, fixed = (-Z[none], Z[some]) if tied else (np.concatenate([-Z[none], Z[some]]), Z[:0])
    size, count = Z.shape[1], len(free)  # unknown: the direction, and for each row how far it goes, 1 at most
    found = optimize.linprog(
        np.repeat([0.0, -1.0], [size, count]),
        A_ub=sparse.hstack([sparse.csr_matrix(-free), sparse.eye(count)]),
        b_ub=np.zeros(count),
        A_eq=sparse.hstack([sparse.csr_matrix(fixed), sparse.csr_matrix((len(fixed), count))]),
        b_eq=np.zeros(len(fixed)),
        bounds=[(None, None)] * size + [(0, 1)] * count,
    )
    if not found.success:
        return
    direction = found.x[:size]
    margin = np.where(above, 0 if tied else 1, -1) * (Z @ direction)[sample.group]
    perfect = margin > 0.5
    if perfect.any():
        along = [column for column, b in zip(sample.columns, direction, strict=True) if abs(b) > 1e-7]
        told = [column for column in along if column != "Intercept"] or along
        flagged = np.zeros(len(sample.rows), dtype=bool)
        flagged[np.flatnonzero(sample.rows)[perfect]] = True
        raise SurveyError(
            f"{sample.name}: separation: {', '.join(map(repr, told))} predict the outcome without error in "
            f"{name_rows(flagged)}, so that no finite coefficient is the best. Merge categories or drop the variable"
        )
