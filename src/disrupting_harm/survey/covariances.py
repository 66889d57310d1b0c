"""Several means with the covariances between them, and linear combinations of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .design import Design
from .domains import Conditions, Domains
from .inputs import Values, read_values
from .linear import degrees_of_freedom, linear_means


@dataclass(frozen=True, eq=False)
class JointMeans:
    """Means labelled (indicator, domain), their covariance matrix, and the degrees of freedom of all bases together.

    The means of an empty base are NaN, with covariances NaN.
    """

    estimate: pd.Series
    covariance: pd.DataFrame
    df: int

    @property
    def se(self) -> pd.Series:
        """Standard error of each mean."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=self.estimate.index)

    def combine(self, weights: Mapping) -> tuple[float, float]:
        """Estimate and standard error of a linear combination; weights by (indicator, domain), else zero."""
        chosen = list(weights)
        factor = np.array([weights[label] for label in chosen], dtype=float)
        covariance = self.covariance.loc[chosen, chosen].to_numpy()
        estimate = float(factor @ self.estimate.loc[chosen].to_numpy())
        return estimate, float(np.sqrt(max(factor @ covariance @ factor, 0.0)))


def joint_means(design: Design, values: Values, domains: Conditions = None) -> JointMeans:
    """Means of all indicators in all domains with their covariance, indicators outside, domains within.

    >>> people = pd.DataFrame({"w": [1.0] * 4, "girl": [True, True, False, False], "told": [1, 0, 1, 1]})
    >>> design = Design(people, weight="w")
    >>> joint = joint_means(design, people["told"], {"girls": people["girl"], "boys": ~people["girl"]})
    >>> joint.combine({("told", "girls"): 0.5, ("told", "boys"): 0.5})[0]
    0.75
    """
    frame, among = read_values(design, values), Domains.read(design, domains)
    found = linear_means(among, frame)
    together = found.base.by_unit.sum(axis=(1, 2), keepdims=True)
    covariance, empty = found.covariance(together), (found.base.n == 0).T.ravel()
    covariance[empty] = covariance[:, empty] = np.nan
    index = pd.MultiIndex.from_product([list(frame.columns), among.names], names=["indicator", "domain"])
    return JointMeans(
        estimate=pd.Series(found.estimate.T.ravel(), index=index),
        covariance=pd.DataFrame(covariance, index=index, columns=index),
        df=int(degrees_of_freedom(design, together)[0, 0]),
    )
