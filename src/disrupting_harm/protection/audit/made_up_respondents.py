"""Made-up respondents who answer anything that the questionnaire allows: what holds for all of them is a definition.

They are drawn from the codebook alone, each variable for those who are asked it (`asked_when`). Each respondent answers
each question, about all forms, in a way of its own: preferring the first answers or the last ones, choosing many
options or hardly any, leaving it empty, or anyhow. So what is rare, such as "never" for all forms, meets all other
answers. Nothing of them is shown or kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import SPECIAL, Codebook, Variable, option_column
from disrupting_harm.config.entries.conditions import YES
from disrupting_harm.config.entries.registry import Registry

_ALONE = 0.3
"""How often an answer is given that excludes others, such as "no one" or "don't know"."""

_TASTES = np.array([0.0, 0.0, 0.7, 3.0, 9.0, -0.7, -3.0])
"""How strongly a respondent prefers the first answers of a question (below zero: the last ones)."""

_CHOOSES = np.array([0.0, 0.03, 0.1, 0.2, 0.5, 0.9])
"""How often a respondent chooses an option, where several may be chosen."""

_LEAVES_EMPTY = np.array([0.0, 0.0, 0.0, 0.0, 0.1, 0.5])
"""How often a respondent leaves a question without an answer."""


def made_up_respondents(
    columns: Collection[str], registry: Registry, codebook: Codebook, number: int, seed: int
) -> Harmonised:
    """`number` made-up respondents with those of `columns` that hold answers and numbers."""
    people = _People(number, np.random.default_rng(seed))
    made: dict[str, pa.ChunkedArray] = {}
    for variable in (codebook.variables("children") | codebook.variables("caregivers")).values():
        held = [name for name in variable.columns if name in columns]
        if variable.kind == "identifier" or not held:
            continue
        asked = routed(made, variable, registry, codebook, number) & ~people.leave_empty(variable)
        answers = (
            people.several(variable, held) if variable.kind == "answers" else people.one(variable, registry)
        )
        given = pd.DataFrame(
            {name: column.where(pd.Series(asked)) for name, column in answers.items()}, copy=False
        )
        arrow = Harmonised.of(given).arrow
        made |= dict(zip(arrow.column_names, arrow.columns, strict=True))
    return Harmonised(pa.table(made), {})


def routed(
    made: dict[str, pa.ChunkedArray], variable: Variable, registry: Registry, codebook: Codebook, number: int
) -> np.ndarray:
    """Who is asked a variable; everyone, where the question that decides about it was not asked."""
    if variable.asked_when is None:
        return np.ones(number, bool)
    try:
        table = Harmonised(pa.table(made), {})
        return Evaluator(table, registry, codebook).codes(variable.asked_when) == YES
    except NotAskedError:
        return np.ones(number, bool)


class _People:
    """How each made-up respondent answers; the same way for all forms of a question."""

    def __init__(self, number: int, draws: np.random.Generator) -> None:
        self.number, self.draws = number, draws
        self.ways: dict[tuple[str, int], np.ndarray] = {}

    def way(self, variable: Variable, choices: np.ndarray) -> np.ndarray:
        """One of some ways to answer a question, as its place, for each respondent."""
        key = variable.entry, id(choices)
        if key not in self.ways:
            self.ways[key] = self.draws.integers(len(choices), size=self.number)
        return self.ways[key]

    def leave_empty(self, variable: Variable) -> np.ndarray:
        """Who leaves a question empty."""
        return self.draws.random(self.number) < _LEAVES_EMPTY[self.way(variable, _LEAVES_EMPTY)]

    def one(self, variable: Variable, registry: Registry) -> dict[str, pd.Series]:
        """One answer, or one number, of each respondent."""
        if variable.kind == "number":
            low, high = _number_range(variable, registry)
            return {variable.name: pd.Series(self.places(variable, high - low + 1) + float(low))}
        names = list(variable.categories)
        codes = self.places(variable, len(names))
        return {variable.name: pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names)))}

    def places(self, variable: Variable, size: int) -> np.ndarray:
        """A place from 0 to size - 1 for each respondent: exponential weights, by taste."""
        weights = np.exp(-np.outer(_TASTES, np.arange(size)) * (3 / max(size, 3)))
        ends = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        return (self.draws.random((self.number, 1)) > ends[self.way(variable, _TASTES), :-1]).sum(axis=1)

    def several(self, variable: Variable, held: list[str]) -> dict[str, pd.Series]:
        """Several answers: any set that may be given together, large or small."""
        single = {option_column(variable.name, name) for name in (*variable.alone, *SPECIAL)}
        is_single = np.array([name in single for name in held])
        sets = self.draws.random((self.number, len(held))) < _CHOOSES[self.way(variable, _CHOOSES)][:, None]
        sets[:, is_single] = False
        if is_single.any():
            lone = np.flatnonzero(self.draws.random(self.number) < _ALONE)
            sets[lone] = False
            sets[lone, self.draws.choice(np.flatnonzero(is_single), len(lone))] = True
        return {name: pd.Series(sets[:, column], dtype="boolean") for column, name in enumerate(held)}


def _number_range(variable: Variable, registry: Registry) -> tuple[int, int]:
    """Lowest and highest value of a number: what is plausible, or what breakdowns by it use."""
    bands: Iterable[tuple[float, float]] = (
        ends
        for by in registry.breakdowns.values()
        if by.number == variable.name
        for ends in by.bands.values()
    )
    ends = [*bands] or [variable.plausible or (0, 1)]
    return int(min(low for low, _ in ends)), int(max(high for _, high in ends))
