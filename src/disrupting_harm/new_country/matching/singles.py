"""Questions that are delivered in one column: how well each variable and each column go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from disrupting_harm.config import Codebook, Variable
from disrupting_harm.config.entries.country import Eligibility
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.clues import Answers, Clues, beyond_chance, reason_of, together
from disrupting_harm.new_country.matching.codes import share_matched
from disrupting_harm.new_country.matching.names import Known, alike
from disrupting_harm.new_country.matching.wording import (
    clean,
    likeness,
    meanings,
    numbers_in_labels,
    value_words,
)

_FEWEST_VALUES = 0.5
"""A column whose labels match fewer of a variable's values is another question."""
_DISTINCT = 0.6
"""Labels of values that speak so much for a variable outweigh a label in other words."""


class Singles:
    """Scores of variables (rows) and columns, with the clues behind them."""

    def __init__(
        self,
        codebook: Codebook,
        knowns: Sequence[Known],
        variables: Mapping[str, Variable],
        columns: Mapping[str, Column],
        answers: Mapping[str, Answers],
        rows: int,
    ) -> None:
        self.codebook, self.knowns, self.answers, self.rows = codebook, knowns, answers, rows
        self.variables, self.columns = list(variables.values()), list(columns.values())
        self.alike = Counter(tuple(variable.values.values()) for variable in self.variables)
        labels = [clean(column.label) for column in self.columns]
        references = [[clean(text) for text in self.references(variable)] for variable in self.variables]
        self.wordings = np.array([likeness(labels, texts, False).max(axis=1) for texts in references])
        self.labels_usable = self.are_labels_usable()

    def references(self, variable: Variable) -> list[str]:
        """Wordings of a variable."""
        form = self.codebook.forms[variable.form] if variable.form else None
        texts = [variable.label, variable.question, *((form.label, form.question) if form else ())]
        return [text for text in texts if text]

    def are_labels_usable(self) -> bool:
        """Whether labels agree with names at all: in another language they are no evidence."""
        seen = [
            self.wordings[row, index]
            for row, variable in enumerate(self.variables)
            for index, column in enumerate(self.columns)
            if column.label and any(known.column_of(variable.name)[0] == column.name for known in self.knowns)
        ]
        return len(seen) < 3 or float(np.median(seen)) >= 0.5

    def scores(self) -> np.ndarray:
        """Score of each variable and column. Shape (variables, columns)."""
        return np.array(
            [[self.score(*self.clues(row, index)) for index in range(len(self.columns))]
             for row in range(len(self.variables))]
        )  # fmt: skip

    @staticmethod
    def score(clues: Clues, factor: float) -> float:
        """How probable a match is."""
        return factor * together(clues)

    def reason(self, row: int, index: int) -> str:
        """In words, what speaks for one match."""
        return reason_of(self.clues(row, index)[0])

    def clues(self, row: int, index: int) -> tuple[dict[str, float], float]:
        """What speaks for a match, and by how much what speaks against it lowers the score."""
        variable, column = self.variables[row], self.columns[index]
        strength, which = self.by_name(variable, column)
        label = beyond_chance(self.wordings[row, index]) if self.labels_usable else 0.0
        clues = {f"name ({which})" if which else "name": strength, "label": label}
        answers = self.answers.get(column.name)
        if variable.kind == "answer":
            clues["value labels"], factor = self.by_values(variable, column, answers)
            unlike = column.label and self.labels_usable and not label
            return clues, 0.5 * factor if unlike and clues["value labels"] < _DISTINCT else factor
        by_answers = self.by_numbers if variable.kind == "number" else self.by_identifiers
        clues["the build of its answers"], factor = by_answers(variable, column, answers)
        return clues, factor

    def by_name(self, variable: Variable, column: Column) -> tuple[float, str]:
        """The column bears the name that a questionnaire gives the variable (and which does), or one like it."""
        named = [(known, *known.column_of(variable.name)) for known in self.knowns]
        bearing = [
            (0.9 * quality * (0.4 + 0.6 * known.fit), known.name)
            for known, name, quality in named
            if name == column.name
        ]
        best, which = max(bearing, key=lambda one: one[0], default=(0.0, ""))
        if variable.kind in ("identifier", "number") or not best:
            mapped = [
                known.variables[variable.name] for known in self.knowns if variable.name in known.variables
            ]
            words = [variable.name, *(one.column for one in mapped)]
            best = max(best, 0.7 * alike(column.name, words))
        return best, which

    # How strongly answers and their labels speak for a match, and a factor below 1 where they contradict it

    def by_values(self, variable: Variable, column: Column, answers: Answers | None) -> tuple[float, float]:
        """Value labels are strong evidence if no other variable has the same."""
        if not column.labels:
            codes = answers.codes if answers else frozenset()
            return 0.0, 0.1 if codes is None or len(codes) > len(variable.values) + 4 else 1.0
        values = meanings(column.labels, value_words(variable, self.codebook.special))
        share, understood = share_matched(variable, values), len(values) / len(column.labels)
        if not values and not self.labels_usable:
            return 0.0, 1.0
        if share < _FEWEST_VALUES or understood < _FEWEST_VALUES:
            return 0.0, 0.4
        alone = self.alike[tuple(variable.values.values())] == 1
        return (0.75 if alone else 0.3) * share * understood, 1.0

    @staticmethod
    def by_numbers(variable: Variable, column: Column, answers: Answers | None) -> tuple[float, float]:
        """Weights have decimals; the eligible ages are among a child's ages."""
        if column.kind != "number":
            return 0.0, 0.1
        fractional = answers is not None and answers.fractional
        if variable.name == "weight":
            return 0.3 * fractional, 1.0 if fractional or answers is None else 0.3
        first, last = Eligibility().ages
        numbers = set(numbers_in_labels(column.labels).values()) | set((answers and answers.codes) or ())
        if variable.name == "age" and {str(age) for age in range(first, last + 1)} <= numbers:
            return 0.6, 1.0
        return 0.0, 0.5 if fractional else 1.0

    def by_identifiers(self, variable: Variable, _: Column, answers: Answers | None) -> tuple[float, float]:
        """A respondent's identifier differs from row to row; strata and clusters do not."""
        if answers is None or not self.rows:
            return 0.0, 1.0
        differs = variable.required or variable.name == "household_id"
        return 0.0, 1.0 if differs == (answers.distinct >= 0.9 * self.rows) else 0.3
