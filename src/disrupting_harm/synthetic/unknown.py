"""Answers to questions of the codebook that the generator knows nothing about: drawn evenly, related to nothing.

So that a new question runs through the whole project before anybody has asked it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import SPECIAL, Variable, option_column
from disrupting_harm.synthetic.draws import one_answer, stream

NUMBERS = (0, 10)
"""Lowest and highest number, where the codebook gives none."""


def with_unknown(frame: pd.DataFrame, variables: Iterable[Variable], iso3: str, seed: int) -> pd.DataFrame:
    """The frame with columns for those `variables` that it lacks; what only a part is asked is empty."""
    drawn: dict[str, Any] = {}
    for variable in variables:
        if not set(variable.columns) & set(frame.columns):
            rng = stream(seed, iso3, f"unknown/{variable.name}")
            drawn |= answers(variable, rng, len(frame))
    return frame.assign(**drawn)


def answers(variable: Variable, rng: np.random.Generator, rows: int) -> dict[str, object]:
    """The columns of one question."""
    asked = variable.asked_when is None
    if variable.kind == "answer":
        codes = rng.integers(len(variable.values), size=rows) if asked else np.full(rows, -1)
        return {variable.name: one_answer(codes, list(variable.values))}
    if variable.kind == "number":
        first, last = variable.plausible or NUMBERS
        return {
            variable.name: rng.integers(int(first), int(last), size=rows, endpoint=True) if asked else np.nan
        }
    if variable.kind == "identifier":
        return {variable.name: [str(row + 1) for row in range(rows)]}
    chosen = rng.integers(len(variable.options), size=rows)
    missing = np.full(rows, not asked)
    return {
        option_column(variable.name, option): pd.arrays.BooleanArray(chosen == index, missing.copy())
        for index, option in enumerate((*variable.options, *SPECIAL))
    }
