"""Every estimate that may be asked of one country's table, and the counts that each one shows.

Decisions are made for all of them at once: every indicator of the registry, overall, by each form, and by each
breakdown that config/indicators.yaml allows for it. So the decision about one estimate does not depend on the notebook
that asks for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from disrupting_harm.audit.counts import Counts
from disrupting_harm.audit.possible import possible_respondents
from disrupting_harm.audit.relations import Relations, gram, matrix, null_space, relations_of_all
from disrupting_harm.config.registry import Breakdown, Indicator
from disrupting_harm.indicators import Evaluator, NotAskedError
from disrupting_harm.respondents import Respondents

MADE_UP = 10_000
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
        key = digest_of(column)
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(column)
        return self.places[key]


def digest_of(column: np.ndarray) -> bytes:
    """Digest of a column, 128 bits: that of two columns is the same only if they are."""
    return hashlib.blake2b(np.ascontiguousarray(column), digest_size=16).digest()


class Universe:
    """All estimates that may be asked of one table, the counts behind them and the relations between these.

    linked: the same respondents with what is known of them from the other table, for breakdowns that need it.
    """

    def __init__(self, people: Respondents, table: str, linked: Respondents | None = None) -> None:
        self.people, self.table, self.linked = people, table, linked or people
        self.registry = people.registry
        self.real = len(people)
        table = self.linked.frame
        made = possible_respondents(table, self.registry, people.codebook, MADE_UP, SEED)
        self.evaluator = Evaluator(table.above(made), self.registry, people.codebook)
        self.columns = Columns()
        self.families: list[list[int]] = []
        self.complements: dict[int, int] = {}
        self.estimates = list(self.all_estimates())
        self.whole = {each.indicator: each for each in self.estimates if each.by == ALL}
        self.add_groups()
        self.levels = self.all_levels()

    # --- estimates

    def all_estimates(self) -> Iterator[Estimate]:
        """The estimates of every indicator, overall and by form."""
        for indicator in self.registry.indicators.values():
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
        for members in self.registry.members.values():
            self.families.append([counted[name] for name in members if counted.get(name, -1) >= 0])
        self.families = [sorted({*family}) for family in self.families if len({*family}) > 1]

    # --- breakdowns

    def all_levels(self) -> dict[Level, np.ndarray]:
        """Who of all (real and made-up) is in each level, and who is in none, of each breakdown that may be asked."""
        found = {EVERYONE: np.ones(self.real + MADE_UP, bool)}
        for by, breakdown in self.registry.breakdowns.items():
            if not self.asked(by):
                continue
            levels = self.members(breakdown)
            found |= {(by, level): member for level, member in levels.items()}
            rest = ~np.any(list(levels.values()), axis=0)
            if rest[: self.real].any():
                found[by, ""] = rest
            found |= {
                (by, f"{level}, {within}={value}"): member & inside
                for within in breakdown.within
                if self.linked.has(within)
                for value, inside in self.members(self.registry.breakdowns[within]).items()
                for level, member in levels.items()
            }
        return found

    @cache  # noqa: B019
    def asked(self, by: str) -> list[Estimate]:
        """The estimates that may be asked for by a breakdown; none where the table cannot be split so."""
        only = self.registry.breakdowns[by].of
        if not (self.people if only is None else self.linked).has(by):
            return []
        names = set(self.registry.named(only)) if only is not None else set(self.whole)
        return [each for name, each in self.whole.items() if name in names]

    def members(self, breakdown: Breakdown) -> dict[str, np.ndarray]:
        """Who is in each level; a scale is split where the country's respondents split it."""
        if not breakdown.scale:
            return self.evaluator.levels(breakdown)
        values = self.evaluator.values(self.registry.indicators[breakdown.scale])
        middle = np.nanmedian(values[: self.real])
        return {"lower": values <= middle, "higher": values > middle}

    def rows(self) -> Iterator[tuple[Estimate, Level]]:
        """Every estimate in every level that it may be asked in."""
        for estimate in self.estimates:
            yield estimate, EVERYONE
        for level in self.levels:
            if level != EVERYONE and level[1]:
                yield from ((estimate, level) for estimate in self.asked(level[0]))

    def is_national(self, level: Level, estimate: Estimate) -> bool:
        """Whether a level holds the whole base by definition: those affected among those affected, for instance."""
        return not self.columns.values[estimate.base][~self.levels[level]].any()

    # --- counts

    @cache  # noqa: B019
    def columns_of(self, by: str) -> tuple[int, ...]:
        """Places of the columns that are counted in the levels of a breakdown."""
        if by == ALL:
            return tuple(range(len(self.columns.values)))
        used = {each for own in self.asked(by) for each in (own.base, own.counted, *own.people)}
        used |= {other for place, other in self.complements.items() if place in used}
        return tuple(sorted(used - {-1}))

    @cached_property
    def places(self) -> dict[tuple[Level, int], int]:
        """Place of the count of a column in a level."""
        pairs = [(level, column) for level in self.levels for column in self.columns_of(level[0])]
        return {pair: place for place, pair in enumerate(pairs)}

    def counts(self) -> Counts:
        """All counts and their relations."""
        known: dict[tuple[int, ...], Relations] = {}
        inside, values, same = [], [], []
        seen: dict[bytes, int] = {}
        for level, member in self.levels.items():
            places = self.columns_of(level[0])
            columns = [self.columns.values[place] for place in places]
            if self.narrows(level[0]):
                inside.append(relations_of_all([each * member for each in columns], self.families_of(places)))
            else:
                if places not in known:
                    known[places] = relations_of_all(columns, self.families_of(places))
                inside.append(known[places])
            for place, column in zip(places, columns, strict=True):
                counted = column * member
                values.append(counted[: self.real].sum(dtype=np.int64))
                other = seen.setdefault(digest_of(counted), own := self.places[level, place])
                if other != own and counted.any():
                    same.append([(own, 1), (other, -1)])
        size = len(self.places)
        equal = sparse.block_diag([each.equal for each in inside])
        equal = sparse.vstack([equal, self.splits(), matrix(same, size)], format="csr")
        at_most = sparse.block_diag([each.at_most for each in inside], format="csr")
        return Counts(np.array(values), equal, at_most, self.blocks(equal))

    def narrows(self, by: str) -> bool:
        """Whether more relations hold in the levels of a breakdown, as it is itself made from an indicator."""
        return by != ALL and bool(self.registry.breakdowns[by].indicator)

    def splits(self) -> sparse.csr_matrix:
        """Levels that make up others, for each column: everyone, and bands of years from years.

        Of the country's own respondents alone: shown bases tell whether any of them has no level.
        """
        masks = np.stack(list(self.levels.values()), axis=1)[: self.real]
        names = list(self.levels)
        terms = []
        for relation in null_space(masks, gram(masks))[0]:
            shared = set.intersection(*(set(self.columns_of(names[level][0])) for level, _ in relation))
            terms += [
                [(self.places[names[level], column], number) for level, number in relation]
                for column in sorted(shared)
            ]
        return matrix(terms, len(self.places))

    def blocks(self, equal: sparse.csr_matrix) -> np.ndarray:
        """Number of the breakdown of each count, 0 for the whole country; breakdowns that a relation links are one."""
        names = {by: number for number, by in enumerate(dict.fromkeys(by for by, _ in self.levels))}
        block = np.array([names[level[0]] for level, _ in self.places])
        terms = equal.tocoo()
        below = block[terms.col] > 0
        touched = sparse.csr_matrix(
            (np.ones(below.sum()), (terms.row[below], block[terms.col[below]])), (equal.shape[0], len(names))
        )
        _, joined = connected_components(touched.T @ touched, directed=False)
        return joined[block]

    def families_of(self, columns: tuple[int, ...]) -> list[list[int]]:
        """Families that lie among some columns, in their numbering."""
        order = {column: place for place, column in enumerate(columns)}
        return [[order[each] for each in family] for family in self.families if set(family) <= set(order)]
