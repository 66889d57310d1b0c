"""True counts and sums of weights of one table of a country, and what always holds between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.codebook import Table as TableName
from disrupting_harm.protection.audit import definitions
from disrupting_harm.protection.audit.counted import (
    ASKED,
    EVERYONE,
    NOTHING,
    QUESTION,
    Catalogue,
    Estimate,
    Label,
    Level,
    Split,
    labelled_columns,
)
from disrupting_harm.protection.audit.definitions import Definitions, Questions
from disrupting_harm.protection.audit.relations import gram, matrix, null_space
from disrupting_harm.quality.answering import Interview

ROWS = 2_000
"""Respondents that are added up together, for the sake of memory."""


class AuditError(Exception):
    """A hidden count follows, or nothing can be decided; the message says where, and no number."""


@dataclass(frozen=True)
class Counts:
    """`equal` @ x = 0 and `at_most` @ x <= 0 hold for counts and for sums of weights, whoever the respondents are.

    values, weights: the true counts (whole numbers) and sums of weights. lightest, heaviest: the smallest and the
    largest weight of a respondent in the level of each count. fixed: counts that everybody knows exactly.
    """

    values: np.ndarray
    weights: np.ndarray
    equal: sparse.csr_matrix
    at_most: sparse.csr_matrix
    lightest: np.ndarray
    heaviest: np.ndarray
    fixed: np.ndarray = field(default_factory=lambda: np.zeros(0, int))

    @property
    def are_of_equal_weights(self) -> bool:
        """Whether all respondents weigh the same, so that every share is one whole number divided by another."""
        some = self.values > 0
        return bool(np.allclose(self.lightest[some], self.heaviest[some].max(initial=0), rtol=1e-9))

    @property
    def impossible(self) -> np.ndarray:
        """Counts that are zero by definition, whoever the respondents are: no secret."""
        alone = np.flatnonzero(np.diff(self.equal.indptr) == 1)
        return self.equal.indices[self.equal.indptr[alone]]


class Table:
    """One table of a country: everything that is counted in it, and what holds between the counts by definition.

    linked: the same respondents with what is known of them from the other table. known: the definitions of the
    questionnaire; they are learnt where they are missing or about other questions.
    """

    def __init__(
        self, name: TableName, people: Respondents, linked: Respondents, known: Definitions | None = None
    ) -> None:
        self.name, self.people, self.linked = name, people, linked
        self.registry = people.registry
        self.split = Split(people.evaluator, linked.evaluator)
        interview = Interview(name, people.frame, people.registry, people.codebook)
        labelled = list(labelled_columns(name, linked.evaluator, interview))
        self.labels, columns = [label for label, _ in labelled], [column for _, column in labelled]
        if known is None or known.labels != self.labels:
            known = definitions.of_questionnaire(self.questions, people.registry, people.codebook)
        self.definitions, self.values = definitions.kept_by(known, self.registry, columns, self.split.levels)
        self.catalogue = Catalogue(self.registry, self.definitions.labels, self.definitions.places)

    @property
    def questions(self) -> Questions:
        """The questions behind the table."""
        return Questions.of(self.name, self.people.frame.columns, self.linked.frame.columns)

    # --- counts

    @cached_property
    def levels(self) -> dict[Level, np.ndarray]:
        """Who is in each level, and in none of a breakdown."""
        return self.split.levels | self.split.in_no_level()

    @cached_property
    def places(self) -> dict[tuple[Level, int], int]:
        """Place of the count of a column in a level."""
        pairs = [
            (level, column)
            for level in self.levels
            for column in definitions.columns_in(self.catalogue, level)
        ]
        return {pair: number for number, pair in enumerate(pairs)}

    def count_of(self, level: Level, column: int) -> int:
        """Place of a count; NOTHING where there is none."""
        return self.places.get((level, column), NOTHING)

    def rows(self) -> Iterator[tuple[Estimate, Level]]:
        """Every estimate in every level that it may be asked in, and among those in no level of a breakdown."""
        for estimate in self.catalogue.estimates:
            yield estimate, EVERYONE
        for level in self.levels:
            if level != EVERYONE:
                yield from ((estimate, level) for estimate in self.catalogue.asked_by(level.by))

    def is_national(self, level: Level, estimate: Estimate) -> bool:
        """Whether a level holds the whole base by definition: those affected among those affected, for instance."""
        covers = (level, estimate.base) in self.definitions.covers
        return covers and not self.values[estimate.base][~self.levels[level]].any()

    @cached_property
    def counts(self) -> Counts:
        """All counts and sums of weights, and their relations."""
        weight = self.people.frame["weight"].to_numpy(float)
        members = np.stack(list(self.levels.values()))
        column = np.array([column for _, column in self.places])
        level = self.level_numbers
        values = np.rint(sums(self.values, members)[column, level]).astype(np.int64)
        weights = sums(self.values, members * weight)[column, level]
        lightest = np.where(members, weight, np.inf).min(axis=1)[level]
        heaviest = np.where(members, weight, 0).max(axis=1)[level]
        inside = [self.relations_in(level) for level in self.levels]
        same = [[(self.places[one], 1), (self.places[other], -1)] for one, other in self.definitions.same]
        equal = sparse.block_diag([part.equal for part in inside])
        equal = sparse.vstack([equal, self.totals(), matrix(same, len(self.places))], format="csr")
        at_most = sparse.csr_matrix(sparse.block_diag([part.at_most for part in inside]))
        fixed = np.array(sorted(self.of_everyone), int)
        return Counts(values, weights, equal, at_most, lightest, heaviest, fixed)

    @property
    def of_everyone(self) -> set[int]:
        """Places of counts that are the number of respondents by definition, which is published."""
        variables = self.people.codebook.variables(self.name)
        asked = (
            self.question(name, ASKED) for name, variable in variables.items() if variable.asked_when is None
        )
        return {count for count in asked if count != NOTHING}

    @cached_property
    def sizes(self) -> dict[Level, int]:
        """Respondents in each level."""
        return {level: int(members.sum()) for level, members in self.levels.items()}

    @cached_property
    def level_numbers(self) -> np.ndarray:
        """The place of its level, for each count; everyone is 0."""
        number = {level: number for number, level in enumerate(self.levels)}
        return np.array([number[level] for level, _ in self.places])

    def relations_in(self, level: Level) -> definitions.Relations:
        """What holds between the columns that are counted in a level."""
        if level in self.definitions.inside:
            return self.definitions.inside[level]
        return next(relations for other, relations in self.definitions.inside.items() if other.by == level.by)

    def totals(self) -> sparse.csr_matrix:
        """Levels that make up others, for each column: everyone, and bands of years from years.

        Of the country's own respondents alone: published bases show whether any of them has no level.
        """
        names = list(self.levels)
        masks = np.stack(list(self.levels.values()), axis=1).astype(np.uint8)
        terms: list[list[tuple[int, int]]] = []
        for relation in null_space(masks, gram(masks))[0]:
            columns = [{*definitions.columns_in(self.catalogue, names[level])} for level, _ in relation]
            terms += [
                [(self.places[names[level], column], number) for level, number in relation]
                for column in sorted(set.intersection(*columns))
            ]
        return matrix(terms, len(self.places))

    def question(self, variable: str, part: str) -> int:
        """Place of the count of those asked a question, or left without an answer; NOTHING where it is not counted."""
        column = self.catalogue.column_of.get(Label(QUESTION, variable, "", part), NOTHING)
        return self.count_of(EVERYONE, column)


def sums(columns: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Sums over respondents of columns (columns x respondents) times members or weights (levels x respondents)."""
    totals = np.zeros((len(columns), len(members)))
    for start in range(0, columns.shape[1], ROWS):
        part = slice(start, start + ROWS)
        totals += columns[:, part].astype(float) @ members[:, part].T.astype(float)
    return totals
