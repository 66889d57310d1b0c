"""Answers to questions of the codebook that the generator knows nothing about: rarely yes, related to nothing.

So that a new question runs through the whole project before anybody has asked it. What a new question asks about may be
rare and grave, so nothing happens to more than a few, as long as nothing is known; what has no answer that stands for
nothing is drawn evenly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import SPECIAL, Variable, option_column
from disrupting_harm.synthetic.draws import one_answer, stream

RARE = 0.03
"""Share of everything but no, never, not at all or none."""

NOTHING = ("no", "never", "none", "no_one", "nothing", "not_at_all")
"""Answers that stand for nothing."""

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
        values = list(variable.values)
        codes = drawn(values, rng, rows) if asked else np.full(rows, -1)
        return {variable.name: one_answer(codes, values)}
    if variable.kind == "number":
        first, last = variable.plausible or NUMBERS
        return {
            variable.name: rng.integers(int(first), int(last), size=rows, endpoint=True) if asked else np.nan
        }
    if variable.kind == "identifier":
        return {variable.name: [str(row + 1) for row in range(rows)]}
    chosen = drawn(list(variable.options), rng, rows)
    missing = np.full(rows, not asked)
    return {
        option_column(variable.name, option): pd.arrays.BooleanArray(chosen == index, missing.copy())
        for index, option in enumerate((*variable.options, *SPECIAL))
    }


def drawn(answers: list[str], rng: np.random.Generator, rows: int) -> np.ndarray:
    """One of several answers for each row: what stands for nothing, but for `RARE`; evenly where there is no such."""
    nothing = [index for index, answer in enumerate(answers) if answer in NOTHING]
    something = [index for index in range(len(answers)) if index not in nothing]
    if not (nothing and something):
        return rng.integers(len(answers), size=rows)
    rare = rng.random(rows) < RARE
    return np.where(rare, rng.choice(something, rows), rng.choice(nothing, rows))
