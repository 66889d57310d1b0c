"""The judge: the only one who holds the answers. Is a claim true, and does it narrow what may not be narrowed?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from disrupting_harm.answers.indicators import NotAskedError
from disrupting_harm.answers.respondents import Respondents, link
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.quality.answering import Interview

from .cells import NATIONAL, QUESTION, Claim, Count, Domain, Quantity

PARTS = ("base", "yes", "no", "unanswered")


class Secret(NamedTuple):
    """A count that may not be narrowed, and by how much it has to be able to differ."""

    value: int
    need: int


@dataclass
class Verdict:
    """What came of the claims of an attack. narrowed: secrets told too closely; untrue: claims that are wrong."""

    narrowed: dict[Count, Claim] = field(default_factory=dict)
    untrue: list[Claim] = field(default_factory=list)


class Truth:
    """The true counts of one harmonised table of a country, and which of them are secret."""

    def __init__(self, project: Project, iso3: str, children: Harmonised, caregivers: Harmonised,
                 table: str = "children") -> None:  # fmt: skip
        self.project, self.table, self.registry = project, table, project.registry
        settings = project.registry, project.codebook, project.countries[iso3]
        respondents = {"children": children, "caregivers": caregivers}[table]
        linked = link(children, caregivers) if table == "children" else respondents
        self.respondents, self.linked = (
            Respondents.of(respondents, *settings),
            Respondents.of(linked, *settings),
        )
        self.weight = respondents["weight"].to_numpy(float)
        self.sums: dict[Count, float] = {}
        self.counts: dict[Count, int] = dict(self.all_counts())
        self.sizes = {domain: int(inside.sum()) for domain, inside in self.domains().items()}

    @classmethod
    def read(cls, project: Project, iso3: str, folder: Path, table: str = "children") -> Truth:
        """Of the tables in a folder like data/harmonised."""
        files = (folder / iso3 / f"{name}.parquet" for name in ("children", "caregivers"))
        return cls(project, iso3, *map(Harmonised.read, files), table)

    def domains(self) -> dict[Domain, np.ndarray]:
        """Who is in each level of each breakdown, and in none."""
        members = {NATIONAL: np.ones(len(self.weight), bool)}
        for by, breakdown in self.registry.breakdowns.items():
            people = self.respondents if self.respondents.has(by) else self.linked
            if breakdown.of == [] or not people.has(by):
                continue
            levels = people.levels(by)
            members |= {Domain(by, level): inside for level, inside in levels.items()}
            members[Domain(by, "")] = ~np.any(list(levels.values()), axis=0)
        return members

    def all_counts(self):
        """Every count with its value."""
        domains = self.domains()
        for quantity, columns in self.columns():
            only = list(domains)
            if quantity.item or quantity.indicator == QUESTION:
                only = [NATIONAL]
            for domain in only:
                of = self.registry.breakdowns[domain.by].of if domain != NATIONAL else None
                if of is not None and quantity.indicator not in self.registry.named(of):
                    continue
                inside = domains[domain]
                for part, column in columns.items():
                    yield Count(quantity, domain, part), int(column[inside].sum())
                    if part in ("base", "yes"):
                        self.sums[Count(quantity, domain, part)] = float((column * self.weight)[inside].sum())

    def columns(self):
        """Every quantity with a column of each of its parts."""
        for entry in self.registry.indicators.values():
            if entry.table == self.table and not entry.derived:
                try:
                    yield from self.of_indicator(entry)
                except NotAskedError:
                    continue
        interview = Interview(self.table, self.respondents.frame, self.registry, self.project.codebook)
        for name, answers in interview.questions.items():
            without = answers.asked & ~answers.given
            yield Quantity(QUESTION, name), {"base": answers.asked, "yes": without}

    def of_indicator(self, entry: Indicator):
        """The quantities of one indicator."""
        evaluator = self.respondents.evaluator
        if entry.levels:
            for level, values in evaluator.values_by_level(entry).items():
                yield Quantity(entry.name, level), parts([values], None)
            return
        if entry.by_form:
            values, asked = evaluator.values_by_form(entry), evaluator.asked_by_form(entry)
            for form in values:
                yield Quantity(entry.name, form), parts([values[form]], [asked[form]])
            if entry.unit == "instance":
                yield Quantity(entry.name), parts(list(values.values()), list(asked.values()))
                return
        counts = parts([evaluator.values(entry)], [evaluator.asked(entry)])
        if entry.mean:
            counts = {name: counts[name] for name in ("base", "unanswered")}
        yield Quantity(entry.name), counts

    def base_or_share(self, quantity: Quantity, domain: Domain, what: str) -> float | None:
        """The true base (base: with those without an answer, where they are few; n: without them) or weighted share."""
        base, yes = (Count(quantity, domain, part) for part in ("base", "yes"))
        if what == "n":
            return self.counts.get(base)
        if what == "base":
            unanswered = self.counts.get(Count(quantity, domain, "unanswered"), 0)
            return self.counts.get(base, 0) + (
                unanswered if unanswered < self.project.analysis.suppression.min_count else 0
            )
        return self.sums[yes] / self.sums[base] if self.sums.get(base) and yes in self.sums else None

    # --- secrets

    def secrets(self, rules: Suppression) -> dict[Count, Secret]:
        """Counts that may not be narrowed: of few, counted or not, without an answer, or in a base.

        And of nobody, of a small base: where somebody is counted in the whole country.
        """
        return {
            count: secret
            for count, value in self.counts.items()
            if (secret := self.secret(count, value, rules))
        }

    def secret(self, count: Count, value: int, rules: Suppression) -> Secret | None:
        """What a count has to be able to differ by, if it is secret."""
        quantity, domain, part = count
        if quantity.indicator == QUESTION:
            return (
                Secret(value, rules.min_count - 1) if part == "yes" and 0 < value < rules.min_count else None
            )
        if part == "unanswered":
            return Secret(value, rules.min_count - 1) if 0 < value < rules.min_count else None
        least = rules.min_count if part == "base" or domain == NATIONAL else rules.min_count_subgroup
        is_few_published = (
            not domain.level and self.sizes[domain] < rules.min_count
        )  # "no answer from fewer than `min_count`" to what makes levels
        need = rules.min_count - 1 if is_few_published else rules.min_count
        if 0 < value < least:
            return Secret(value, need)
        base = self.counts[count._replace(part="base")]
        somebody = self.counts.get(Count(Quantity(quantity.indicator), NATIONAL, part), 0) > 0
        if part != "base" and value == 0 and 0 < base < rules.all_or_none_base and somebody:
            return Secret(value, need)
        return None

    def judge(self, claims: Iterable[Claim], secrets: Mapping[Count, Secret]) -> Verdict:
        """Which claims are wrong, and which secrets are narrowed by all claims about them together."""
        verdict, best = Verdict(), {}
        for claim in claims:
            value = self.counts.get(claim.count)
            if value is None:
                continue
            if not claim.low - 1e-6 <= value <= claim.high + 1e-6:
                verdict.untrue.append(claim)
                continue
            before = best.get(claim.count, claim)
            best[claim.count] = Claim(
                claim.count, max(before.low, claim.low, 0), min(before.high, claim.high)
            )
        for count, claim in best.items():
            if count in secrets and width(claim) < secrets[count].need:
                verdict.narrowed[count] = claim
        return verdict


def parts(values: list[np.ndarray], asked: list[np.ndarray] | None) -> dict[str, np.ndarray]:
    """Columns of a quantity: in the base, counted, not counted, without an answer."""
    stacked = np.stack(values)
    inside, counted = ~np.isnan(stacked), stacked == 1
    counts = {"base": inside.sum(axis=0), "yes": counted.sum(axis=0), "no": (inside & ~counted).sum(axis=0)}
    if asked is not None:
        counts["unanswered"] = (np.stack(asked) & ~inside).sum(axis=0)
    return counts


def width(claim: Claim) -> float:
    """By how much the whole numbers of a claim differ."""
    return np.floor(claim.high + 1e-6) - np.ceil(claim.low - 1e-6)
