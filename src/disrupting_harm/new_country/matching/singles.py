"""Questions that are delivered in one column: how well each variable and each column go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from disrupting_harm.config import Variable
from disrupting_harm.config.entries.country import Eligibility
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.codes import share_matched
from disrupting_harm.new_country.matching.evidence import Answers, Clues, beyond_chance, together
from disrupting_harm.new_country.matching.names import Known, alike, is_usual
from disrupting_harm.new_country.matching.words import Words, meanings, numbers_in_labels

_FEWEST_VALUES = 0.5
"""A column whose labels match fewer of a variable's values is another question."""
_DISTINCT = 0.6
"""Labels of values that speak so much for a variable outweigh a label in other words."""
_NAMED = 0.35
"""A name that speaks so much for a variable is not outweighed by a label in other words."""
_WORD_FOR_WORD = 0.999
_USUAL, _LIKE_A_NAME = 0.75, 0.7
_DIFFERS = 0.9
"""An identifier of respondents differs in at least this share of rows."""


class Singles:
    """Scores of variables (rows) and columns, with the clues behind them."""

    def __init__(
        self,
        words: Words,
        knowns: Sequence[Known],
        variables: Sequence[Variable],
        columns: Sequence[Column],
        texts: Mapping[str, str],
        answers: Mapping[str, Answers],
        rows: int,
    ) -> None:
        self.words, self.knowns, self.answers, self.rows = words, knowns, answers, rows
        self.variables, self.columns, self.texts = variables, columns, texts
        self.alike = Counter(tuple(variable.values.values()) for variable in variables)
        about = {variable.name: self.references(variable) for variable in variables}
        wordings = words.alike([texts[column.name] for column in columns], about, short=False)
        is_word_for_word = wordings >= _WORD_FOR_WORD
        self.wordings = (
            np.where(is_word_for_word.any(axis=1, keepdims=True) & ~is_word_for_word, 0.85, 1.0) * wordings
        )

    def references(self, variable: Variable) -> list[str]:
        """Wordings of a variable."""
        form = self.words.codebook.forms[variable.form] if variable.form else None
        texts = [variable.label, variable.question, *((form.label, form.question) if form else ())]
        return [text for text in texts if text]

    def scores(self) -> np.ndarray:
        """Score of each variable and column. Shape (variables, columns)."""
        pairs = [
            [self.clues(row, index) for index in range(len(self.columns))]
            for row in range(len(self.variables))
        ]
        return np.array([[factor * together(clues) for clues, factor in row] for row in pairs])

    def clues(self, row: int, index: int) -> tuple[Clues, float]:
        """What speaks for a match, and by how much what speaks against it lowers the score."""
        variable, column = self.variables[row], self.columns[index]
        name, how = self.by_name(variable, column)
        label = beyond_chance(float(self.wordings[index, row]))
        clues = {how: name, "by the wording": label}
        answers = self.answers.get(column.name)
        if variable.kind == "answer":
            clues["by the labels of its codes"], factor = self.by_values(variable, column, answers)
            against = self.texts[column.name] and not self.words.is_foreign and not label and name < _NAMED
            return clues, 0.5 * factor if against and clues[
                "by the labels of its codes"
            ] < _DISTINCT else factor
        of_kind = self.by_numbers if variable.kind == "number" else self.by_identifiers
        clues["by how its answers are built"], factor = of_kind(variable, column, answers)
        return clues, factor

    def by_name(self, variable: Variable, column: Column) -> tuple[float, str]:
        """The column has the name that a questionnaire or that files usually give the variable, or one alike."""
        named = [(known, *known.column_of(variable.name)) for known in self.knowns]
        strengths = {
            f"by its name in {known.name}": 0.9 * quality * (0.4 + 0.6 * known.fit)
            for known, name, quality in named
            if name == column.name
        }
        if is_usual(column.name, variable.name):
            strengths["by its usual name"] = _USUAL
        if variable.kind in ("identifier", "number"):
            documented = [
                known.variables[variable.name].column
                for known in self.knowns
                if variable.name in known.variables
            ]
            strengths["by its name"] = _LIKE_A_NAME * alike(column.name, [variable.name, *documented])
        how = max(strengths, key=lambda how: strengths[how], default="by its name")
        return strengths.get(how, 0.0), how

    # How strongly answers and their labels speak for a match, and a factor below 1 where they contradict it

    def by_values(self, variable: Variable, column: Column, answers: Answers | None) -> tuple[float, float]:
        """Value labels are strong evidence if no other variable has the same."""
        if not column.labels:
            codes = answers.codes if answers else frozenset()
            return 0.0, 0.1 if codes is None or len(codes) > len(variable.values) + 4 else 1.0
        values = meanings(column.labels, self.words.of_answers(variable))
        share, understood = share_matched(variable, values), len(values) / len(column.labels)
        if share < _FEWEST_VALUES or understood < _FEWEST_VALUES:
            return 0.0, 0.4 if values or not self.words.is_foreign else 0.8
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
        return 0.0, 1.0 if differs == (answers.distinct >= _DIFFERS * self.rows) else 0.3
