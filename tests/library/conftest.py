"""What several tests of the library share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

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


def beside(name: str):
    """A module beside the tests that is no test."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def other_questionnaire():
    """What makes a survey with a questionnaire of its own."""
    return beside("other_questionnaire")


@pytest.fixture(scope="session")
def other_survey(other_questionnaire, project, drawn, tmp_path_factory):
    """Delivered files with a questionnaire of their own, and the truth about their columns and codes."""
    return other_questionnaire.write(project, drawn, tmp_path_factory.mktemp("other"))
