"""Questions that are delivered in one column: how well each variable and each column go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from disrupting_harm.config import Codebook, Variable
from disrupting_harm.config.entries.country import Eligibility
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.clues import Answers, Clue, beyond_chance, reason_of, together
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
        self.codebook, self.knowns = codebook, knowns
        self.variables, self.columns, self.answers = variables, columns, answers
        self.rows = rows
        self.fit = max((known.fit for known in knowns), default=0.0)
        sets = [tuple(variable.values.values()) for variable in variables.values()]
        self.alike = Counter(sets)
        self.wordings = self.compare_wordings()
        self.labels_usable = self.are_labels_usable()

    def compare_wordings(self) -> np.ndarray:
        """How alike labels of columns and wordings of variables are. Shape (variables, columns)."""
        labels = [clean(column.label) for column in self.columns.values()]
        rows = [
            likeness(labels, [clean(text) for text in self.references(variable)], False).max(axis=1)
            for variable in self.variables.values()
        ]
        return np.array(rows).reshape(len(self.variables), len(labels))

    def references(self, variable: Variable) -> list[str]:
        """Wordings of a variable."""
        form = self.codebook.forms[variable.form] if variable.form else None
        texts = [variable.label, variable.question, *((form.label, form.question) if form else ())]
        return [text for text in texts if text]

    def are_labels_usable(self) -> bool:
        """Whether labels agree with names at all: in another language they are no evidence."""
        names, columns = list(self.variables), list(self.columns)
        seen = [
            self.wordings[names.index(name), columns.index(delivered[0])]
            for known in self.knowns
            for name, mapped in known.variables.items()
            if name in self.variables
            and (delivered := known.delivered.get(mapped.column)) is not None
            and delivered[0] in self.columns
            and self.columns[delivered[0]].label
        ]
        return len(seen) < 3 or float(np.median(seen)) >= 0.5

    def scores(self) -> np.ndarray:
        """Score of each variable and column. Shape (variables, columns)."""
        table = [
            [self.score(row, column) for column in range(len(self.columns))]
            for row in range(len(self.variables))
        ]
        return np.array(table).reshape(len(self.variables), len(self.columns))

    def score(self, row: int, column: int) -> float:
        """How probable one match is."""
        clues, factor = self.clues(row, column)
        return factor * together(clues)

    def reason(self, row: int, column: int) -> str:
        """In words, what speaks for one match."""
        return reason_of(self.clues(row, column)[0])

    def clues(self, row: int, index: int) -> tuple[list[Clue], float]:
        """What speaks for a match, and by how much what speaks against it lowers the score."""
        variable = list(self.variables.values())[row]
        column = list(self.columns.values())[index]
        name = self.name_clue(variable, column)
        label = Clue("label", beyond_chance(self.wordings[row, index]) if self.labels_usable else 0.0)
        values, factor = self.answers_clue(variable, column)
        unlike = column.label and self.labels_usable and not label.strength and variable.kind == "answer"
        if unlike and values.strength < _DISTINCT:
            factor *= 0.5
        return [name, label, values], factor

    def name_clue(self, variable: Variable, column: Column) -> Clue:
        """The column bears the name that a questionnaire gives the variable, or one like it."""
        best, which = 0.0, ""
        for known in self.knowns:
            mapped = known.variables.get(variable.name)
            if mapped is None:
                continue
            delivered, quality = known.delivered.get(mapped.column, ("", 0.0))
            if delivered == column.name and (strength := 0.9 * quality * (0.4 + 0.6 * known.fit)) > best:
                best, which = strength, known.name
        if variable.kind in ("identifier", "number") or not best:
            words = [variable.name, *(known.variables[variable.name].column for known in self.knowns
                                      if variable.name in known.variables)]  # fmt: skip
            best = max(best, 0.7 * alike(column.name, words))
        return Clue(f"name ({which})" if which else "name", best)

    def answers_clue(self, variable: Variable, column: Column) -> tuple[Clue, float]:
        """The evidence of value labels and answers, and a factor below 1 where they contradict the match."""
        answers = self.answers.get(column.name)
        if variable.kind == "answer":
            return self.values_clue(variable, column, answers)
        if variable.kind == "number":
            return self.number_clue(variable, column, answers)
        return self.identifier_clue(variable, answers)

    def values_clue(self, variable: Variable, column: Column, answers: Answers | None) -> tuple[Clue, float]:
        """Value labels are strong evidence if no other variable has the same."""
        if not column.labels:
            too_many = answers is not None and (
                answers.codes is None or len(answers.codes) > len(variable.values) + 4
            )
            return Clue("value labels", 0.0), 0.1 if too_many else 1.0
        understood_codes = meanings(column.labels, value_words(variable, self.codebook.special))
        share = len(set(understood_codes.values()) & set(variable.values)) / len(variable.values)
        understood = len(understood_codes) / len(column.labels)
        if not understood_codes and not self.labels_usable:
            return Clue("value labels", 0.0), 1.0
        if share < _FEWEST_VALUES or understood < _FEWEST_VALUES:
            return Clue("value labels", 0.0), 0.4
        alone = self.alike[tuple(variable.values.values())] == 1
        return Clue("value labels", (0.75 if alone else 0.3) * share * understood), 1.0

    def number_clue(self, variable: Variable, column: Column, answers: Answers | None) -> tuple[Clue, float]:
        """Weights have decimals; the eligible ages are among a child's ages."""
        if column.kind != "number":
            return Clue("the build of its answers", 0.0), 0.1
        if variable.name == "weight":
            if answers is None:
                return Clue("the build of its answers", 0.0), 1.0
            return Clue(
                "the build of its answers", 0.3 * answers.fractional
            ), 1.0 if answers.fractional else 0.3
        first, last = Eligibility().ages
        ages = {str(age) for age in range(first, last + 1)}
        numbers = set(numbers_in_labels(column.labels).values()) | set((answers and answers.codes) or ())
        if variable.name == "age" and ages <= numbers:
            return Clue("the build of its answers", 0.6), 1.0
        return Clue("the build of its answers", 0.0), 0.5 if answers and answers.fractional else 1.0

    def identifier_clue(self, variable: Variable, answers: Answers | None) -> tuple[Clue, float]:
        """A respondent's identifier differs from row to row; strata and clusters do not."""
        if answers is None or not self.rows:
            return Clue("the build of its answers", 0.0), 1.0
        nearly_all = answers.distinct >= 0.9 * self.rows
        if variable.required or variable.name == "household_id":
            return Clue("the build of its answers", 0.0), 1.0 if nearly_all else 0.3
        return Clue("the build of its answers", 0.0), 0.3 if nearly_all else 1.0
