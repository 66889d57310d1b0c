"""Made-up respondents who answer anything that the questionnaire allows: what holds for all of them is a definition.

Each variable is drawn on its own, for those who are asked it (`asked_when` in the codebook). Some respondents answer
more as the country's respondents did, so that frequent and rare answers keep apart, others anything, so that rare
answers meet too. Nothing of them is shown or kept.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from disrupting_harm.config.codebook import SPECIAL, Codebook, Variable, option_column
from disrupting_harm.config.registry import Registry
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.indicators import YES, Evaluator

ALONE = 0.3
"""How often one answer is given that cannot stand beside others, such as "no one" or "don't know"."""


def possible_respondents(
    table: Harmonised, registry: Registry, codebook: Codebook, number: int, seed: int
) -> pd.DataFrame:
    """`number` made-up respondents with the columns of `table` that hold answers and numbers."""
    draws = np.random.default_rng(seed)
    anything = draws.random(number)
    made = pd.DataFrame(index=pd.RangeIndex(number))
    for variable in (codebook.variables("children") | codebook.variables("caregivers")).values():
        columns = [name for name in variable.columns if name in table]
        if variable.kind == "identifier" or not columns:
            continue
        answers = table[columns][routed(table, variable, registry, codebook)].reset_index(drop=True)
        answers = answers.reindex(draws.integers(max(len(answers), 1), size=number)).reset_index(drop=True)
        free = draws.random(number) < anything
        if variable.kind == "answers":
            answers = several(answers, variable, free, draws)
        elif variable.kind == "answer":
            answers[variable.name] = one(answers[variable.name], free, draws)
        asked = routed(made, variable, registry, codebook)
        made = pd.concat([made, answers.where(pd.Series(asked))], axis=1)
    return made


def routed(
    table: Harmonised | pd.DataFrame, variable: Variable, registry: Registry, codebook: Codebook
) -> np.ndarray:
    """Who is asked a variable."""
    if variable.asked_when is None:
        return np.ones(len(table), bool)
    return Evaluator(table, registry, codebook).codes(variable.asked_when) == YES


def one(answers: pd.Series, free: np.ndarray, draws: np.random.Generator) -> pd.Categorical:
    """One answer: any of the variable's, each equally often, where `free`."""
    codes = answers.cat.codes.to_numpy()
    any_code = draws.integers(len(answers.cat.categories), size=len(codes))
    return pd.Categorical.from_codes(np.where(free, any_code, codes), dtype=answers.dtype)


def several(
    answers: pd.DataFrame, variable: Variable, free: np.ndarray, draws: np.random.Generator
) -> pd.DataFrame:
    """Several answers: any set that may be given together, where `free`."""
    single = [
        name in {option_column(variable.name, each) for each in (*variable.alone, *SPECIAL)}
        for name in answers
    ]
    sets = draws.random(answers.shape) < draws.random((len(answers), 1))
    sets[:, single] = False
    if any(single):
        lone = np.flatnonzero(draws.random(len(answers)) < ALONE)
        sets[lone] = False
        sets[lone, draws.choice(np.flatnonzero(single), len(lone))] = True
    chosen = pd.DataFrame(sets, columns=answers.columns, dtype="boolean")
    return answers.astype("boolean").where(pd.Series(~free), chosen)
