"""Every estimate that may be asked of one country's table, and the counts that each one shows.

Decisions are made for all of them at once: every indicator of the registry, overall, by each form, and by each of some
breakdowns. So the decision about one estimate does not depend on the notebook that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from disrupting_harm.audit.possible import possible_respondents
from disrupting_harm.audit.ranges import Counts
from disrupting_harm.audit.relations import Relations, gram, matrix, null_space, relations
from disrupting_harm.config.registry import Breakdown, Indicator
from disrupting_harm.indicators import Evaluator, NotAskedError
from disrupting_harm.respondents import Respondents

MADE_UP = 20_000
SEED = 1

ALL = "all"
Level = tuple[str, str]
"""Breakdown and level."""

EVERYONE: Level = (ALL, ALL)


@dataclass(frozen=True)
class Estimate:
    """What an estimate is made of: places of its columns. `people`: of children counted and not counted."""

    indicator: str
    by: str
    level: str
    measure: str
    base: int
    counted: int
    people: tuple[int, int]


class Columns:
    """Columns of counts over real and made-up respondents, each different one once."""

    def __init__(self) -> None:
        self.values: list[np.ndarray] = []
        self.places: dict[bytes, int] = {}

    def add(self, column: np.ndarray) -> int:
        """Place of a column, which is a new one unless the same was there."""
        column = column.astype(np.uint8)
        key = column.tobytes()
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(column)
        return self.places[key]


class Universe:
    """All estimates of one table, the counts behind them and the relations between these."""

    def __init__(self, people: Respondents, table: str, breakdowns: Iterable[str]) -> None:
        self.people, self.table, self.breakdowns = people, table, list(breakdowns)
        self.real = len(people)
        made = possible_respondents(people.frame, people.registry, people.codebook, MADE_UP, SEED)
        everyone = pd.concat([people.frame[made.columns], made], ignore_index=True)
        self.evaluator = Evaluator(everyone, people.registry, people.codebook)
        self.columns = Columns()
        self.families: list[list[int]] = []
        self.complements: dict[int, int] = {}
        self.estimates = list(self.all_estimates())
        self.add_groups()
        self.levels = self.all_levels()

    # --- estimates

    def all_estimates(self) -> Iterator[Estimate]:
        """The estimates of every indicator, overall and by form."""
        for indicator in self.people.registry.indicators.values():
            if indicator.table == self.table and not indicator.derived:
                try:
                    yield from self.of_indicator(indicator)
                except NotAskedError:
                    continue

    def of_indicator(self, indicator: Indicator) -> Iterator[Estimate]:
        """The estimates of one indicator. Raises NotAskedError."""
        if indicator.levels:
            for level, values in self.evaluator.values_by_level(indicator).items():
                yield self.estimate(indicator, indicator.levels.by, level, [values])
            return
        if indicator.by_form:
            forms = self.evaluator.values_by_form(indicator)
            found = [self.estimate(indicator, "form", form, [values]) for form, values in forms.items()]
            self.families.append([each.counted for each in found])
            yield from found
            if indicator.unit == "instance":
                yield self.estimate(indicator, "all", "all", list(forms.values()))
                return
        yield self.estimate(indicator, "all", "all", [self.evaluator.values(indicator)])

    def estimate(self, indicator: Indicator, by: str, level: str, parts: list[np.ndarray]) -> Estimate:
        """One estimate over one column of values, or over several (instances of several forms)."""
        values = np.stack(parts)
        inside = ~np.isnan(values)
        someone, counts = inside.any(axis=0), np.where(inside, values, 0)
        is_share = indicator.measure == "proportion"
        is_total = is_share or bool(indicator.mean and indicator.mean.count_forms is not None)
        yes = (counts == 1).any(axis=0) if is_share else someone
        base = self.columns.add(inside.sum(axis=0))
        counted = self.columns.add(counts.sum(axis=0)) if is_total else -1
        if is_share:
            self.complements[counted] = self.columns.add(inside.sum(axis=0) - counts.sum(axis=0))
        people = self.columns.add(yes), self.columns.add(someone & ~yes)
        return Estimate(indicator.name, by, level, indicator.measure, base, counted, people)

    def add_groups(self) -> None:
        """Indicators shown together may make up another one: whoever told someone told one of the channels."""
        counted = {each.indicator: each.counted for each in self.estimates if each.by == "all"}
        for members in self.people.registry.members.values():
            self.families.append([counted[name] for name in members if counted.get(name, -1) >= 0])
        self.families = [sorted({*family}) for family in self.families if len({*family}) > 1]

    # --- breakdowns

    def all_levels(self) -> dict[Level, np.ndarray]:
        """Who of all (real and made-up) is in each level, and who is in none, of each breakdown."""
        found = {EVERYONE: np.ones(self.real + MADE_UP, bool)}
        for by in self.breakdowns:
            breakdown = self.people.registry.breakdowns[by]
            if not self.people.has(by):
                continue
            levels = self.members(breakdown)
            found |= {(by, level): member for level, member in levels.items()}
            rest = ~np.any(list(levels.values()), axis=0)
            if rest[: self.real].any():
                found[by, ""] = rest
        return found

    def members(self, breakdown: Breakdown) -> dict[str, np.ndarray]:
        """Who is in each level; a scale is split where the country's respondents split it."""
        if not breakdown.scale:
            return self.evaluator.levels(breakdown)
        values = self.evaluator.values(self.people.registry.indicators[breakdown.scale])
        middle = np.nanmedian(values[: self.real])
        return {"lower": values <= middle, "higher": values > middle}

    def rows(self) -> Iterator[tuple[Estimate, Level]]:
        """Every estimate in every level that it may be asked in."""
        for estimate in self.estimates:
            yield estimate, EVERYONE
            if estimate.by == ALL:
                yield from ((estimate, level) for level in self.levels if level != EVERYONE and level[1])

    def is_national(self, level: Level, estimate: Estimate) -> bool:
        """Whether a level holds the whole base by definition: those affected among those affected, for instance."""
        return not self.columns.values[estimate.base][~self.levels[level]].any()

    # --- counts

    @cached_property
    def broken_down(self) -> np.ndarray:
        """Places of the columns that are asked for below the national level too."""
        used = {
            each for own in self.estimates if own.by == ALL for each in (own.base, own.counted, *own.people)
        }
        others = {other for place, other in self.complements.items() if place in used}
        return np.array(sorted((used | others) - {-1}))

    @cached_property
    def places(self) -> dict[tuple[Level, int], int]:
        """Place of the count of a column in a level."""
        pairs = [(EVERYONE, column) for column in range(len(self.columns.values))]
        pairs += [
            (level, column)
            for level in self.levels
            if level != EVERYONE
            for column in self.broken_down.tolist()
        ]
        return {pair: place for place, pair in enumerate(pairs)}

    def counts(self) -> Counts:
        """All counts and their relations."""
        columns = np.stack(self.columns.values, axis=1)
        values = np.array([columns[: self.real][self.levels[level][: self.real], column].sum(dtype=np.int64)
                           for level, column in self.places])  # fmt: skip
        part = columns[:, self.broken_down]
        everywhere = relations(part, self.families_of(self.broken_down))
        inside = [relations(columns, self.families)]
        inside += [self.within(part, level, everywhere) for level in self.levels if level != EVERYONE]
        equal = sparse.block_diag([each.equal for each in inside])
        at_most = sparse.block_diag([each.at_most for each in inside], format="csr")
        return Counts(values, sparse.vstack([equal, self.splits()], format="csr"), at_most)

    def splits(self) -> sparse.csr_matrix:
        """Levels that make up others, for each column: everyone, and bands of years from years.

        Of the country's own respondents alone: shown bases tell whether any of them has no level.
        """
        masks = np.stack(list(self.levels.values()), axis=1)[: self.real]
        names = list(self.levels)
        terms = [
            [(self.places[names[level], column], number) for level, number in relation]
            for relation in null_space(masks, gram(masks))
            for column in self.broken_down.tolist()
        ]
        return matrix(terms, len(self.places))

    def families_of(self, columns: np.ndarray) -> list[list[int]]:
        """Families that lie among some columns, in their numbering."""
        order = {column: place for place, column in enumerate(columns.tolist())}
        return [[order[each] for each in family] for family in self.families if set(family) <= set(order)]

    def within(self, part: np.ndarray, level: Level, everywhere: Relations) -> Relations:
        """Relations within a level: more hold where the level is itself made from an indicator."""
        breakdown = self.people.registry.breakdowns[level[0]]
        if not breakdown.indicator:
            return everywhere
        return relations(part * self.levels[level][:, None], self.families_of(self.broken_down))
