"""Everything that is counted of one table: the estimates that may be asked for, and the questions left unanswered.

Decisions are made for all of them at once: every indicator of the registry, overall, by each form, and by each
breakdown that config/indicators.yaml allows for it. So the decision about one estimate does not depend on the notebook
that asks for it. A count is the sum of a column over respondents: 1 counted, 0 not; or a number of instances.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.registry import Breakdown, Indicator, Registry
from disrupting_harm.quality.answering import REASONS, Interview

ALL = "all"
NOTHING = -1
"""Place of a column that an estimate does not have."""


REST = ""
"""In the place of a level's name: those who are in no level."""


class Level(NamedTuple):
    """A level of a breakdown, or of it within a level of another; or everyone.

    `REST` is the name of those who are in no level, of either breakdown.
    """

    by: str
    name: str
    within: str = ""
    within_level: str = ""


EVERYONE = Level(ALL, ALL)


class Label(NamedTuple):
    """What a column is: a part of an estimate, or (by `QUESTION`) the respondents asked and left without an answer."""

    indicator: str
    by: str
    level: str
    part: str


QUESTION = "question"
ASKED, UNANSWERED = "asked", "item_nonresponse"


@dataclass(frozen=True)
class Estimate:
    """One estimate of everyone, and the places of its columns.

    base, counted: what its share is made of (of instances, instances). yes, no: respondents counted and not counted.
    unanswered: respondents (instances) who would be in the base if they had answered.
    """

    indicator: str
    by: str
    level: str
    measure: str
    base: int
    counted: int
    yes: int
    no: int
    unanswered: int


class Columns:
    """Columns of counts over respondents, each different one once."""

    def __init__(self) -> None:
        self.values: list[np.ndarray] = []
        self.places: dict[bytes, int] = {}

    def add(self, column: np.ndarray) -> int:
        """Place of a column, which is a new one unless the same was there."""
        column = column.astype(np.uint8)
        key = digest_of(column)
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(column)
        return self.places[key]


def digest_of(column: np.ndarray) -> bytes:
    """Digest of a column, 128 bits: that of two columns is the same only if they are."""
    return hashlib.blake2b(np.ascontiguousarray(column).data, digest_size=16).digest()


def labelled_columns(
    table: Table, evaluator: Evaluator, interview: Interview
) -> Iterator[tuple[Label, np.ndarray]]:
    """Every column that is counted of a table, with what it is; always in the same order."""
    for indicator in evaluator.registry.indicators.values():
        if indicator.table == table and not indicator.derived:
            try:
                yield from of_indicator(evaluator, indicator)
            except NotAskedError:
                continue
    yield from of_questions(interview)


def of_indicator(evaluator: Evaluator, indicator: Indicator) -> Iterator[tuple[Label, np.ndarray]]:
    """The columns of one indicator, by its own levels or forms and overall. Raises NotAskedError."""
    if indicator.levels:
        for level, values in evaluator.values_by_level(indicator).items():
            yield from of_estimate(indicator, indicator.levels.by, level, [values], None)
        return
    if indicator.by_form:
        values, asked = evaluator.values_by_form(indicator), evaluator.asked_by_form(indicator)
        for form in values:
            yield from of_estimate(indicator, "form", form, [values[form]], [asked[form]])
        if indicator.unit == "instance":
            yield from of_estimate(indicator, ALL, ALL, list(values.values()), list(asked.values()))
            return
    yield from of_estimate(indicator, ALL, ALL, [evaluator.values(indicator)], [evaluator.asked(indicator)])


def of_estimate(
    indicator: Indicator, by: str, level: str, parts: list[np.ndarray], asked: list[np.ndarray] | None
) -> Iterator[tuple[Label, np.ndarray]]:
    """The columns of one estimate over one column of values, or over several (instances of several forms)."""
    is_share = indicator.measure == "proportion"
    given = [~np.isnan(values) for values in parts]
    counts = [np.where(inside, values, 0) for inside, values in zip(given, parts, strict=True)]
    someone = np.logical_or.reduce(given)
    yes = np.logical_or.reduce([count == 1 for count in counts]) if is_share else someone
    columns = {"base": sum(given[1:], given[0].astype(int)), "yes": yes, "no": someone & ~yes}
    if is_share or (indicator.mean and indicator.mean.count_forms is not None):
        columns["counted"] = sum(counts)
    if is_share:
        columns["not_counted"] = columns["base"] - columns["counted"]
    if asked is not None:
        columns["unanswered"] = sum(
            np.asarray(was) & ~inside for was, inside in zip(asked, given, strict=True)
        )
    yield from ((Label(indicator.name, by, level, part), column) for part, column in columns.items())


def of_questions(interview: Interview) -> Iterator[tuple[Label, np.ndarray]]:
    """For each question: who was asked, who gave no answer, and who gave none for each reason."""
    for name, answers in interview.questions.items():
        yield Label(QUESTION, name, "", ASKED), answers.asked
        yield Label(QUESTION, name, "", UNANSWERED), answers.asked & ~answers.given
        for reason in REASONS:
            yield Label(QUESTION, name, "", reason), answers.asked & answers.without(reason)


@dataclass
class Catalogue:
    """What the columns of a table are: the place of each label, and how labels make estimates."""

    registry: Registry
    labels: list[Label]
    places: list[int]
    estimates: list[Estimate] = field(init=False)

    def __post_init__(self) -> None:
        self.column_of = dict(zip(self.labels, self.places, strict=True))
        keys = dict.fromkeys(label[:3] for label in self.labels if label.indicator != QUESTION)
        self.estimates = [self.estimate(*key) for key in keys]

    def estimate(self, indicator: str, by: str, level: str) -> Estimate:
        """One estimate with the places of its columns."""
        measure = self.registry.indicators[indicator].measure
        parts = ("base", "counted", "yes", "no", "unanswered")
        columns = [self.column_of.get(Label(indicator, by, level, part), NOTHING) for part in parts]
        return Estimate(indicator, by, level, measure, *columns)

    @cached_property
    def overall(self) -> dict[str, Estimate]:
        """The estimate of everyone, of each indicator."""
        return {estimate.indicator: estimate for estimate in self.estimates if estimate.by == ALL}

    @cached_property
    def families(self) -> list[list[int]]:
        """Columns that may make up another one: the forms of an indicator; indicators that are shown together."""
        forms: dict[str, list[int]] = {}
        for estimate in self.estimates:
            if estimate.by == "form":
                forms.setdefault(estimate.indicator, []).append(estimate.counted)
        counted = {name: estimate.counted for name, estimate in self.overall.items()}
        together = (
            [counted[name] for name in members if counted.get(name, NOTHING) >= 0]
            for members in self.registry.members.values()
        )
        return [sorted({*family}) for family in [*forms.values(), *together] if len({*family}) > 1]

    def asked_by(self, by: str) -> list[Estimate]:
        """The estimates that may be asked for by a breakdown."""
        only = self.registry.breakdowns[by].of
        names = set(self.registry.named(only)) if only is not None else set(self.overall)
        return [estimate for name, estimate in self.overall.items() if name in names]

    def columns_of(self, estimates: list[Estimate]) -> tuple[int, ...]:
        """Places of the columns that some estimates are made of, with those not counted."""
        used = {
            column
            for estimate in estimates
            for column in (estimate.base, estimate.counted, estimate.yes, estimate.no, estimate.unanswered)
        }
        used |= {
            self.column_of.get(Label(estimate.indicator, estimate.by, estimate.level, "not_counted"), NOTHING)
            for estimate in estimates
        }
        return tuple(sorted(used - {NOTHING}))


@dataclass
class Split:
    """How a table can be split.

    unlinked: its own respondents; linked: the same with what is known of them from the other table, for breakdowns
    that name the estimates they are asked for. medians: of the scales that breakdowns split at, among the country's
    respondents.
    """

    unlinked: Evaluator
    linked: Evaluator
    medians: dict[str, float] = field(default_factory=dict)

    @cached_property
    def breakdowns(self) -> dict[str, Breakdown]:
        """The breakdowns that may be asked for and that can be made."""
        known = self.linked.registry.breakdowns
        return {
            by: breakdown
            for by, breakdown in known.items()
            if breakdown.of != []
            and self.can(breakdown, self.unlinked if breakdown.of is None else self.linked)
        }

    def can(self, breakdown: Breakdown, evaluator: Evaluator) -> bool:
        """Whether a breakdown can be made."""
        try:
            return bool(self.members(breakdown, evaluator))
        except NotAskedError:
            return False

    def members(self, breakdown: Breakdown, evaluator: Evaluator | None = None) -> dict[str, np.ndarray]:
        """Who is in each level; a scale is split where the country's respondents split it."""
        evaluator = evaluator or self.linked
        if not breakdown.scale:
            return evaluator.levels(breakdown)
        values = evaluator.values(evaluator.registry.indicators[breakdown.scale])
        middle = self.medians.setdefault(breakdown.scale, float(np.nanmedian(values)))
        return {"lower": values <= middle, "higher": values > middle}

    @cached_property
    def levels(self) -> dict[Level, np.ndarray]:
        """Who is in each level of each breakdown, and in those of others within it; everyone first."""
        levels = {EVERYONE: np.ones(len(self.linked.frame), bool)}
        for by, breakdown in self.breakdowns.items():
            members = self.members(breakdown)
            levels |= {Level(by, name): inside for name, inside in members.items()}
            for within in breakdown.within:
                if self.can(other := self.linked.registry.breakdowns[within], self.linked):
                    levels |= {
                        Level(by, name, within, value): inside & outer
                        for value, outer in self.members(other).items()
                        for name, inside in members.items()
                    }
        return levels

    def in_no_level(self) -> dict[Level, np.ndarray]:
        """Who is in no level of a breakdown, or in one and in none of another within it, where anybody is.

        They are counted in totals, and in none of their parts.
        """
        rests_by_level: dict[Level, np.ndarray] = {}
        for by, breakdown in self.breakdowns.items():
            members = self.members(breakdown)
            rests = {Level(by, REST): ~np.any(list(members.values()), axis=0)}
            for within in breakdown.within:
                if self.can(other := self.linked.registry.breakdowns[within], self.linked):
                    outside = ~np.any(list(self.members(other).values()), axis=0)
                    rests |= {
                        Level(by, name, within, REST): inside & outside for name, inside in members.items()
                    }
            rests_by_level |= {level: rest for level, rest in rests.items() if rest.any()}
        return rests_by_level


def is_rest(level: Level) -> bool:
    """Whether a level is that of those in no level."""
    return level.name == REST or bool(level.within and level.within_level == REST)
