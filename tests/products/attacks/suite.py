"""All attacks on one release, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain

import numpy as np

from disrupting_harm.config import Project

from . import statuses, undo
from .cells import Claim, Count, cell
from .judge import Secret, Truth, Verdict
from .knowledge import Knowledge, Weights
from .linear_program import LinearProgram
from .relations import Relations
from .release import Bounds, Release

TARGETS = 40
"""Secrets that are looked at by linear programming, of those that the other attacks narrow most."""


def differencing(release: Release, relations: Relations, weights: Weights) -> list[Claim]:
    """Totals less their parts: bases alone."""
    return Knowledge.of(release, relations, weights, False, False).spread(weights=False).claims()


def weighted_sums(release: Release, relations: Relations, weights: Weights) -> list[Claim]:
    """The same with sums of weights: printed, or worked out from shares of one another."""
    return Knowledge.of(release, relations, weights, least_counts=False).spread().claims()


def least_counts(release: Release, relations: Relations, weights: Weights) -> list[Claim]:
    """The same, and what is shown is about so many children at least."""
    return Knowledge.of(release, relations, weights).spread().claims()


def rounding_undone(
    project: Project, release: Release, relations: Relations, weights: Weights
) -> list[Claim]:
    """The same with every base and share of which more is told than is printed."""
    known = Knowledge.of(release, relations, weights, least_counts=False)
    for undone in undone_of(project, release, weights):
        learn(known, undone)
    return known.spread().claims()


def undone_of(project: Project, release: Release, weights: Weights) -> Iterator[undo.Undone]:
    """Everything that attacks on rounding find."""
    population = project.countries[release.country].population
    numbers = population.children_12_17, population.internet_users_percent
    yield from chain.from_iterable(attack(release) for attack in undo.ATTACKS.values())
    yield from undo.from_few_digits(release, weights.least == weights.most)
    yield from undo.from_numbers_of_children(release, *numbers)


def learn(known: Knowledge, undone: undo.Undone) -> None:
    """Take notice of a base or a share."""
    base, yes = (Count(undone.quantity, undone.domain, part) for part in ("base", "yes"))
    if base not in known.places:
        return
    if undone.what == "n":
        known.know(base, undone.bounds)
    elif undone.what == "base":
        few = 0 if known.relations.kinds[undone.quantity].is_for_all else known.release.rules.min_count - 1
        known.know(base, Bounds(undone.bounds.low - few, undone.bounds.high))
    elif yes in known.places:
        known.shares.append((known.places[yes], known.places[base], undone.bounds))


def by_programme(
    known: Knowledge, family: Collection[str], secrets: Iterable[Count], most: int = TARGETS
) -> Iterator[Claim]:
    """Linear programming over some indicators: the secrets that are narrow already, or nearly."""
    program = LinearProgram(known, family)
    inside = [count for count in secrets if count in program.number]
    width = {count: np.subtract(*known.n[::-1, known.places[count]]) for count in inside}
    return program.claims(sorted(inside, key=lambda count: (width[count], count))[:most])


def from_statuses(release: Release, relations: Relations, weights: Weights) -> Iterator[Claim]:
    """Statuses, and what the audit says."""
    yield from statuses.from_empty_bases(Knowledge.of(release, relations, weights, least_counts=False))
    yield from statuses.from_audit(Knowledge.of(release, relations, weights, least_counts=False).spread())


def attack(
    project: Project,
    release: Release,
    truth: Truth,
    secrets: dict[Count, Secret],
    families: Iterable[Collection[str]] = (),
    relations: Relations | None = None,
    most: int = TARGETS,
) -> dict[str, Verdict]:
    """What came of every attack on one release, for one harmonised table. relations: of the same rows, where known."""
    weights = Weights(truth.weight.min(), truth.weight.max())
    relations = relations or Relations(project, release, truth.table)
    about = release, relations, weights
    claims = {
        "differencing": differencing(*about),
        "weighted sums": weighted_sums(*about),
        "rounding undone": rounding_undone(project, *about),
        "statuses": list(from_statuses(*about)),
        "least counts": least_counts(*about),
    }
    if families:
        known = Knowledge.of(*about, least_counts=False).spread()
        claims["programme"] = list(
            chain.from_iterable(by_programme(known, family, secrets, most) for family in families)
        )
    return {name: truth.judge(claims_made, secrets) for name, claims_made in claims.items()}


def hidden(release: Release, truth: Truth, need: int) -> dict[Count, Secret]:
    """Every count behind a hidden estimate, however large."""
    rows = release.rows[(release.rows["status"] == "suppressed") & (release.rows["measure"] == "proportion")]
    keys = rows[["indicator", "by", "level"]].drop_duplicates().itertuples(index=False, name=None)
    secrets_by_count = {}
    for indicator, by, level in keys:
        quantity, domain = cell(indicator, by, level)
        for part in ("base", "yes", "no"):
            count = Count(quantity, domain, part)
            if truth.counts.get(count, 0) > 0:
                secrets_by_count[count] = Secret(truth.counts[count], need)
    return secrets_by_count
