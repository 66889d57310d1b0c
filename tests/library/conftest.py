"""What several tests of the library share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey


@pytest.fixture(scope="session")
def jackknife() -> Callable[[survey.Design], survey.Design]:
    """The jackknife of a design (R's JK1 where it has one stratum, and JKn)."""
    return leave_each_out


def leave_each_out(plain: survey.Design) -> survey.Design:
    """Replicate weights that leave out each PSU in turn and weight up the others of its stratum."""
    stage = plain.stages[0]
    n = stage.drawn[stage.stratum]
    factors = np.where(stage.stratum[:, None] == stage.stratum, n / (n - 1), 1.0)
    np.fill_diagonal(factors, 0.0)
    weights = pd.DataFrame(plain.weight[:, None] * factors[plain.unit], index=plain.index)
    frame = weights.assign(weight=plain.weight)
    return survey.Design.from_replicates(frame, "weight", weights.columns, scale=1, rscales=(n - 1) / n)
