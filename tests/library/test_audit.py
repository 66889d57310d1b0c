"""The suppression audit: what follows from shown counts, by programmes, and checked by looking at every population."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from disrupting_harm.audit import AuditError, Cells, Counts, Ranges, exposed, protect, relations
from disrupting_harm.audit.relations import FIRST, matrix, relations_of_all


def counts(values, equal=(), at_most=()):
    """Counts with relations given as lists of (place, weight)."""
    size = len(values)
    return Counts(np.array(values), matrix([*equal], size), matrix([*at_most], size), np.zeros(size, int))


def ranges_of(system, known):
    """The whole range of every hidden count."""
    ranges = Ranges(system)
    for each in np.flatnonzero(~known):
        ranges.is_open(int(each), np.inf, known)
    return ranges


def two_way(table):
    """Counts of a two-way table with margins, row by row, the last column and row being totals."""
    table = np.array(table)
    whole = np.block([[table, table.sum(1, keepdims=True)], [table.sum(0), table.sum()]])
    place = np.arange(whole.size).reshape(whole.shape)
    lines = [[*((int(each), 1) for each in line[:-1]), (int(line[-1]), -1)] for line in (*place, *place.T)]
    return counts(whole.ravel(), lines), place


# --- relations


def test_relations_are_what_holds_for_everyone():
    """Base, two exclusive classes and their union, and an item within the first class."""
    people = np.array([(1, 0, 0, 0, 0), (1, 1, 0, 1, 0), (1, 1, 0, 1, 1), (1, 0, 1, 1, 0)], dtype=np.uint8)
    found = relations(people)
    anyone = np.array([7, 3, 2, 5, 1])
    assert found.equal.shape[0] == 1
    assert (found.equal @ anyone == 0).all()
    pairs = {(int(line.argmax()), int(line.argmin())) for line in found.at_most.toarray()}
    assert pairs == {
        (3, 0),
        (1, 3),
        (2, 3),
        (4, 1),
    }  # item in class in union in base, and nothing that follows


def test_a_union_is_at_most_the_sum_of_its_parts():
    people = np.array([(a | b, a, b) for a in (0, 1) for b in (0, 1)], dtype=np.uint8)
    found = relations(people, [[1, 2]])
    assert not found.equal.shape[0]
    assert [1.0, -1.0, -1.0] in found.at_most.toarray().tolist()


def test_instances_are_the_sum_of_forms():
    people = np.array([(a, b, a + b) for a in (0, 1) for b in (0, 1)], dtype=np.uint8)
    found = relations(people)
    assert sorted(np.abs(found.equal.toarray()[0]).tolist()) == [1, 1, 1]
    assert (found.equal @ np.array([4, 5, 9]) == 0).all()


@pytest.mark.parametrize("off", ["", "sum", "within", "nobody"])
def test_one_of_very_many_respondents_breaks_a_relation(off):
    """But for the first respondent a + b is c, b lies within a, nobody is in d; relations are found in others first."""
    draws = np.random.default_rng(4)
    columns = draws.integers(0, 2, (5, FIRST + 12_000), dtype=np.uint8)
    _, a, b, c, d = columns
    b &= a
    c[:], d[:] = a + b, 0
    columns[:, 0] = {"sum": (1, 1, 0, 0, 0), "within": (0, 0, 1, 1, 0), "nobody": (0, 1, 0, 1, 1)}.get(off, 0)
    found, truth = relations_of_all(columns, [[1, 2]]), relations(columns.T, [[1, 2]])
    for ours, expected in ((found.equal, truth.equal), (found.at_most, truth.at_most)):
        assert ours.toarray().tolist() == expected.toarray().tolist()
    assert not found.broken_by(columns).any()
    assert found.equal.shape[0] == (1 if off in ("sum", "nobody") else 2)


def test_what_holds_by_chance_is_not_taken_for_nothing():
    """A column is 100 / 101 of another, a weight that no definition has, for all but the first, who is heard too."""
    people = np.zeros((3, FIRST + 1), dtype=np.uint8)
    people[0], people[1], people[2] = 101, 100, 1
    people[:, 0] = 0, 1, 0
    found = relations(people.T[1:])
    assert found.chance.shape[0] > 0
    assert relations_of_all(people).chance.shape[0] == relations(people.T).chance.shape[0]


# --- ranges


def test_an_attack_finds_what_primary_suppression_alone_hides():
    """Three small cells of a 3 x 3 table, one in each row and column but for a corner, follow exactly."""
    system, place = two_way([[9, 40, 31], [1, 50, 8], [60, 70, 80]])
    known = np.ones(16, bool)
    known[[place[0, 0], place[1, 0], place[1, 2]]] = False
    ranges, hidden = ranges_of(system, known), np.flatnonzero(~known)
    assert ranges.low[hidden].tolist() == ranges.high[hidden].tolist() == [9, 1, 8]


def test_the_range_of_a_hidden_rectangle():
    """Four hidden cells of a rectangle move together: 3 down with one diagonal's smallest, 12 up with the other's."""
    system, place = two_way([[3, 20, 50], [12, 4, 60], [70, 80, 90]])
    known = np.ones(16, bool)
    known[place[:2, :2].ravel()] = False
    ranges = ranges_of(system, known)
    assert ranges.low[place[:2, :2]].tolist() == [[3 - 3, 20 - 12], [12 - 12, 4 - 3]]
    assert ranges.high[place[:2, :2]].tolist() == [[3 + 12, 20 + 3], [12 + 3, 4 + 12]]


def test_ranges_are_of_whole_numbers():
    """2 x + 2 y = 6 + z, with z known to be 0, x at most y: x is 0 or 1, though 1.5 solves it."""
    system = counts([1, 2, 6, 0], [[(0, 2), (1, 2), (2, -1), (3, -1)]], [[(0, 1), (1, -1)]])
    ranges = ranges_of(system, np.array([False, False, True, True]))
    assert (ranges.low[0], ranges.high[0]) == (0, 1)


def test_counts_that_do_not_fit_are_an_error():
    with pytest.raises(AuditError):
        Ranges(counts([3, 2, 4], [[(0, 1), (1, 1), (2, -1)]]))


# --- protection


def test_the_cheapest_sibling_goes_and_the_total_stays():
    system = counts([30, 3, 12, 15], [[(1, 1), (2, 1), (3, 1), (0, -1)]])
    shows = np.array([[-1, place] for place in range(4)])
    cells = Cells(system, shows, np.array([1e6, 5.0, 40.0, 30.0]), np.array([1]), np.array([5.0]))
    shown = protect(cells, np.array([True, False, True, True]))
    assert shown.tolist() == [True, False, True, False]


def test_a_count_shown_by_another_name_is_hidden_everywhere():
    """The base of one estimate is the number counted by another: hiding one of the two does not help."""
    system = counts([100, 40, 30, 10], [[(1, 1), (2, -1), (3, -1)]])
    shows = np.array([[0, 1], [2, -1], [2, -1], [-1, 3]])
    cells = Cells(system, shows, np.array([1e6, 5.0, 5.0, 1.0]), np.array([3]), np.array([5.0]))
    shown = protect(cells, np.array([True, True, True, False]))
    assert shown.tolist() == [True, False, False, False]


TYPES = list(itertools.product(("none", "first", "second"), (False, True), ("girl", "boy")))
"""Possible respondents: an exclusive class, an item that only those in a class can have, and sex."""
POSSIBLE = [(kind, item, sex) for kind, item, sex in TYPES if not (kind == "none" and item)]
K = 3


def columns_of(people):
    """Base, first, second, either, and the item."""
    return np.array([(1, kind == "first", kind == "second", kind != "none", item) for kind, item, _ in people],
                    dtype=np.uint8)  # fmt: skip


def survey(numbers):
    """Estimates of the four indicators, overall and by sex, over a population with so many of each possible type."""
    columns, sexes = columns_of(POSSIBLE), np.array([sex for *_, sex in POSSIBLE])
    masks = [np.ones(len(POSSIBLE), bool), sexes == "girl", sexes == "boy"]
    found, width = relations(columns, [[1, 2]]), columns.shape[1]
    split = sparse.kron(sparse.csr_matrix([[1.0, -1.0, -1.0]]), sparse.identity(width))
    to_counts = np.concatenate([(columns * mask[:, None]).T for mask in masks]).astype(int)
    equal = sparse.vstack([sparse.block_diag([found.equal] * 3), split], format="csr")
    system = Counts(to_counts @ numbers, equal, sparse.block_diag([found.at_most] * 3, format="csr"),
                    np.repeat([0, 1, 1], width))  # fmt: skip
    shows = np.array(
        [[level * width, level * width + column] for level in range(3) for column in range(1, width)]
    )
    return system, shows, to_counts


def populations(total):
    """Every population of so many respondents."""
    for bars in itertools.combinations(range(total + len(POSSIBLE) - 1), len(POSSIBLE) - 1):
        edges = (-1, *bars, total + len(POSSIBLE) - 1)
        yield [right - left - 1 for left, right in itertools.pairwise(edges)]


TOTAL = 6
EVERY_POPULATION = np.array(list(populations(TOTAL)))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(EVERY_POPULATION.tolist()))
def test_no_population_that_fits_pins_a_hidden_count(numbers):
    """Property, against every population that agrees with what is shown: small hidden counts differ by K or more."""
    system, shows, to_counts = survey(np.array(numbers))
    small = (system.values[shows[:, 1]] > 0) & (system.values[shows[:, 1]] < K)
    targets = np.unique(shows[small, 1])
    cost = system.values[shows[:, 0]] + np.where(shows[:, 0] == 0, 100.0, 1.0)
    cells = Cells(system, shows, cost, targets, np.full(len(targets), float(K)))
    shown = protect(cells, ~np.isin(shows, targets).any(axis=1))
    known = cells.known(shown)
    all_counts = EVERY_POPULATION @ to_counts.T
    fitting = all_counts[(all_counts[:, known] == system.values[known]).all(axis=1)]
    assert (np.ptp(fitting[:, targets], axis=0) >= K).all()
    assert not len(exposed(cells, shown))
