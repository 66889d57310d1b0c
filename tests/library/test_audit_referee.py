"""Tau-Argus, the program of statistical offices, and our audit agree on what is open in tables of two countries."""

import numpy as np
import pytest

from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.protection.audit.attacker import Attacker
from disrupting_harm.protection.audit.counted import EVERYONE
from disrupting_harm.protection.audit.counts import Counts, Table
from disrupting_harm.protection.audit.definitions import Questions, of_questionnaire
from disrupting_harm.protection.audit.ranges import Ranges, width
from disrupting_harm.protection.audit.statements import COARSE, between

from .tau_argus import intervals

pytest.importorskip("pytauargus")
K = 5
BY = ("all", "area", "caregiver_sex")
INDICATORS = 6


@pytest.fixture(scope="module", params=["ken", "bra"])
def table(request, project, drawn):
    """What is counted of the caregivers of a country."""
    _, caregivers = drawn(request.param)
    caregivers = caregivers[caregivers["weight"].notna()].reset_index(drop=True)
    settings = project.registry, project.codebook, project.countries[request.param]
    people = Respondents.of(caregivers, *settings)
    questions = Questions.of("caregivers", caregivers.columns, caregivers.columns)
    return Table(
        "caregivers", people, people, of_questionnaire(questions, project.registry, project.codebook)
    )


def linked_tables(table):
    """The counts of some indicators, overall and by two breakdowns, with what holds between them."""
    estimates = list(table.catalogue.overall.values())[:INDICATORS]
    columns = {
        getattr(estimate, part)
        for estimate in estimates
        for part in ("base", "counted", "yes", "no", "unanswered")
    } - {-1}
    levels = [EVERYONE, *(level for level in table.levels if level.by in BY[1:])]
    places = np.array(sorted(table.count_of(level, column) for level in levels for column in columns))
    places = places[places >= 0]
    inside = np.zeros(len(table.counts.values), bool)
    inside[places] = True
    parts = []
    for matrix in (table.counts.equal, table.counts.at_most):
        is_inside = np.asarray(abs(matrix) @ (~inside).astype(float)).ravel() == 0
        parts.append(matrix[is_inside][:, places])
    values = table.counts.values[places]
    ends = (
        np.zeros(len(places)),
        np.ones(len(places)),
    )  # nothing is published that is weighted: as if there were none
    return Counts(values, values.astype(float), *parts, *ends)


@pytest.mark.parametrize("seed", range(6))
def test_the_referee_finds_the_same_intervals(table, seed):
    """Some counts are hidden, the others rounded to multiples of 5; both say between which values each one lies."""
    counts, draws = linked_tables(table), np.random.default_rng(seed)
    values, size = counts.values, len(counts.values)
    hidden = (values < 50) | (draws.random(size) < 0.4)
    near = np.floor(values / 5 + 0.5) * 5
    low, high = np.where(hidden, 0, np.maximum(near - 2, 0)), np.where(hidden, np.inf, near + 2)
    shown = np.flatnonzero(~hidden)
    published = between(
        size, [shown], low[shown], high[shown], np.arange(len(shown)), np.full(len(shown), COARSE)
    )
    targets = np.flatnonzero(hidden & (np.diff(counts.equal.tocsc().indptr) > 0))
    ranges = Ranges(Attacker(counts, published), values, targets, np.full(len(targets), 2.0 * values.max()))
    for target in targets:
        ranges.is_open(int(target))
    theirs = intervals(values, counts.equal, counts.at_most, low, high)[targets]
    bounded = np.isfinite(theirs[:, 1])
    assert len(targets) > 20
    assert bounded.sum() > 10
    assert ranges.low[targets][bounded] == pytest.approx(theirs[bounded, 0], abs=1e-5)
    assert ranges.high[targets][bounded] == pytest.approx(theirs[bounded, 1], abs=1e-5)
    open_here = width(ranges.low[targets], ranges.high[targets]) >= K
    assert (open_here == (width(theirs[:, 0], theirs[:, 1]) >= K)).all()
    assert open_here.any()
