"""Several means with the covariances between them, and linear combinations of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from .design import Design
from .domains import Conditions, Domains
from .errors import SurveyError
from .inputs import Values, read_values
from .linear import degrees_of_freedom, linear_means
from .options import is_real

_SHOWN_LABELS = 5


@dataclass(frozen=True, eq=False)
class JointMeans:
    """Means labelled (indicator, domain), their covariance matrix, and the degrees of freedom of all bases together.

    The means of an empty base are NaN, with covariances NaN. name: of the design, for errors.
    """

    estimate: pd.Series
    covariance: pd.DataFrame
    df: int
    name: str = "survey"

    @property
    def se(self) -> pd.Series:
        """Standard error of each mean."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=self.estimate.index)

    def combine(self, weights: Mapping[str, Any]) -> tuple[float, float]:
        """Estimate and standard error of a linear combination; weights by (indicator, domain), else zero.

        Raises SurveyError for a label that no mean has, and for a weight that is no finite number.
        """
        chosen, factor = self._read_weights(weights)
        covariance = self.covariance.loc[chosen, chosen].to_numpy()
        estimate = float(factor @ self.estimate.loc[chosen].to_numpy())
        return estimate, float(np.sqrt(max(factor @ covariance @ factor, 0.0)))

    def _read_weights(self, weights: Mapping[str, Any] | pd.Series) -> tuple[list[Any], np.ndarray]:
        """The labels of means, and the weight of each."""
        hint = (
            f"give a weight by label, as in {{{self.estimate.index[0]!r}: 1}}" if len(self.estimate) else ""
        )
        if not isinstance(weights, (Mapping, pd.Series)):
            raise SurveyError(f"{self.name}: weights are not a {type(weights).__name__}; {hint}")
        chosen, known = [label for label, _ in weights.items()], set(self.estimate.index)
        unknown = [label for label in chosen if label not in known]
        if unknown:
            more = f" and {len(unknown) - _SHOWN_LABELS} more" if len(unknown) > _SHOWN_LABELS else ""
            labels = ", ".join(map(repr, unknown[:_SHOWN_LABELS]))
            raise SurveyError(f"{self.name}: no mean is labelled {labels}{more}; {hint}")
        factors = [weight for _, weight in weights.items()]
        if not all(is_real(factor) and isfinite(factor) for factor in factors):
            raise SurveyError(f"{self.name}: weights of means are finite numbers; {hint}")
        return chosen, np.array(factors, dtype=float)


def joint_means(design: Design, values: Values, domains: Conditions = None) -> JointMeans:
    """Means of all indicators in all domains with their covariance, indicators outside, domains within.

    >>> people = pd.DataFrame({"w": [1.0] * 4, "girl": [True, True, False, False], "told": [1, 0, 1, 1]})
    >>> design = Design(people, weight="w")
    >>> joint = joint_means(design, people["told"], {"girls": people["girl"], "boys": ~people["girl"]})
    >>> joint.combine({("told", "girls"): 0.5, ("told", "boys"): 0.5})[0]
    0.75
    """
    frame, among = read_values(design, values), Domains.read(design, domains)
    if frame.columns.empty or not among.names:
        raise SurveyError(
            f"{design.name}: joint means are of one indicator or more, in one domain or more; give both"
        )
    means = linear_means(among, frame)
    together = means.base.by_unit.sum(axis=(1, 2), keepdims=True)
    covariance, empty = means.covariance(together), (means.base.n == 0).T.ravel()
    covariance[empty] = covariance[:, empty] = np.nan
    index = pd.MultiIndex.from_product([list(frame.columns), among.names], names=["indicator", "domain"])
    return JointMeans(
        estimate=pd.Series(means.estimate.T.ravel(), index=index),
        covariance=pd.DataFrame(covariance, index=index, columns=index),
        df=int(degrees_of_freedom(design, together)[0, 0]),
        name=design.name,
    )
