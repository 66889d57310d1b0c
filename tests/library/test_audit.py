"""What an attacker can narrow down from published tables: by hand, and against an independent programme."""

import itertools

import numpy as np
import pytest
from scipy import optimize, sparse

from disrupting_harm.protection.audit.alternatives import Alternatives
from disrupting_harm.protection.audit.always import always
from disrupting_harm.protection.audit.attacker import Attacker
from disrupting_harm.protection.audit.counts import AuditError, Counts
from disrupting_harm.protection.audit.protect import Secrets, exposed, protect
from disrupting_harm.protection.audit.ranges import Ranges
from disrupting_harm.protection.audit.relations import matrix
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN, between, joined, ratios

K = 5


def counts(values, equal=(), at_most=(), weights=None, ends=(1.0, 1.0), fixed=()):
    """Counts with relations as lists of (place, weight); without weights every respondent weighs 1."""
    size = len(values)
    return Counts(
        np.array(values),
        np.array(values if weights is None else weights, float),
        matrix([*equal], size),
        matrix([*at_most], size),
        np.full(size, ends[0]),
        np.full(size, ends[1]),
        np.array(fixed, int),
    )


def exactly(system, places):
    """Some counts are published exactly, each by an estimate of its own."""
    places = np.array(places, int)
    values, number = system.values[places].astype(float), np.arange(len(places))
    return between(len(system.values), [places], values, values, number, np.full(len(places), COARSE))


def two_way(table):
    """Counts of a two-way table with margins, row by row, the last column and row being totals."""
    table = np.array(table)
    margins = np.block([[table, table.sum(1, keepdims=True)], [table.sum(0), table.sum()]])
    indices = np.arange(margins.size).reshape(margins.shape)
    lines = [
        [*((int(index), 1) for index in line[:-1]), (int(line[-1]), -1)] for line in (*indices, *indices.T)
    ]
    return counts(margins.ravel(), lines), indices


def ranges_of(system, statements, targets):
    """Lowest and highest value of each target, by as many programmes as it takes."""
    targets = np.array(targets, int)
    ranges = Ranges(Attacker(system, statements), system.values, targets, np.full(len(targets), 1000.0))
    for target in targets:
        ranges.is_open(int(target))
    return ranges.low[targets].round(6).tolist(), ranges.high[targets].round(6).tolist()


# --- ranges


def test_an_attack_finds_what_primary_suppression_alone_hides():
    """Three small cells of a 3 x 3 table, one in each row and column but for a corner, follow exactly."""
    system, indices = two_way([[9, 40, 31], [1, 50, 8], [60, 70, 80]])
    hidden = [indices[0, 0], indices[1, 0], indices[1, 2]]
    shown = exactly(system, np.setdiff1d(np.arange(16), hidden))
    assert ranges_of(system, shown, hidden) == ([9, 1, 8], [9, 1, 8])


def test_the_range_of_a_hidden_rectangle():
    """Four hidden cells of a rectangle move together: 3 down with one diagonal's smallest, 12 up with the other's."""
    system, indices = two_way([[3, 20, 50], [12, 4, 60], [70, 80, 90]])
    hidden = indices[:2, :2].ravel()
    low, high = ranges_of(system, exactly(system, np.setdiff1d(np.arange(16), hidden)), hidden)
    assert low == [3 - 3, 20 - 12, 12 - 12, 4 - 3]
    assert high == [3 + 12, 20 + 3, 12 + 3, 4 + 12]


def test_a_share_between_two_roundings_says_how_much_weight_is_counted():
    """1,000 of 1,000 respondents, 300 counted, all of weight 1: 30.0 % says 299.5 to 300.5, 30 % says 295 to 305."""
    system = counts([1000, 300], at_most=[[(1, 1), (0, -1)]], fixed=[0])
    for half, low, high in ((0.0005, 299.5, 300.5), (0.005, 295, 305)):
        share = ratios(2, *(np.array([value]) for value in (1, 0, 0.3 - half, 0.3 + half, 0, COARSE)))
        assert ranges_of(system, share, [1]) == ([low], [high])


def test_weights_between_bounds_leave_more_open():
    """As above, with weights from 0.5 to 2: then a sum of 300 may be that of 150 to 600 respondents."""
    system = counts([1000, 300], at_most=[[(1, 1), (0, -1)]], ends=(0.5, 2.0), fixed=[0])
    share = ratios(2, *(np.array([value]) for value in (1, 0, 0.3, 0.3, 0, COARSE)))
    low, high = ranges_of(system, share, [1])
    assert low == [150]
    assert high == [600]


def test_those_in_no_level_are_narrowed_from_a_total_and_its_parts():
    """Total 1,000, girls 500 and boys 497 leave 3 exactly; rounded to multiples of 5 they leave 1 to 9."""
    system = counts([1000, 500, 497, 3], [[(0, 1), (1, -1), (2, -1), (3, -1)]], fixed=[0])
    assert ranges_of(system, exactly(system, [1, 2]), [3]) == ([3], [3])
    rounded = between(4, [np.array([1, 2])], np.array([498.0, 493]), np.array([502.0, 497]),
                      np.array([0, 1]), np.array([FINE, FINE]))  # fmt: skip
    assert ranges_of(system, rounded, [3]) == ([1], [9])


def independent(system, statements, target, sign):
    """The furthest value of a count, by one programme over all counts and weights with all inequalities."""
    size = len(system.values)
    certain, room = always(system)
    published = sparse.hstack([statements.on_counts, statements.on_weights], format="csr")
    least = np.concatenate([np.zeros(len(room)), statements.least])
    equal = sparse.block_diag([system.equal, system.equal])
    bounds = [(0, None)] * (2 * size)
    for index in system.fixed:
        bounds[index] = (system.values[index],) * 2
        bounds[size + index] = (system.weights[index],) * 2
    price = np.zeros(2 * size)
    price[target] = -sign
    solution = optimize.linprog(
        price,
        -sparse.vstack([certain, published]),
        -least,
        equal,
        np.zeros(equal.shape[0]),
        bounds,
        method="highs-ipm",
    )
    assert solution.status == 0
    return -sign * solution.fun


@pytest.mark.parametrize("seed", range(6))
def test_ranges_are_those_of_one_programme_with_everything_in_it(seed):
    """Respondents drawn at random, of two groups and none; an item, another within it; shares and bases rounded."""
    draws = np.random.default_rng(seed)
    number = 120
    weight = draws.uniform(0.5, 2.0, number)
    group = draws.choice(3, number, p=[0.5, 0.47, 0.03])
    item = draws.random(number) < 0.15
    inner = item & (draws.random(number) < 0.5)
    masks = [np.ones(number, bool), group == 0, group == 1, group == 2]
    columns = [np.ones(number, bool), item, inner]
    values = np.array([(mask & column).sum() for mask in masks for column in columns])
    weights = np.array([weight[mask & column].sum() for mask in masks for column in columns])
    equal = [[(column, 1), *((3 * part + column, -1) for part in (1, 2, 3))] for column in range(3)]
    at_most = [
        [(3 * part + inside, 1), (3 * part + outside, -1)]
        for part in range(4)
        for inside, outside in ((1, 0), (2, 1))
    ]
    system = counts(values, equal, at_most, weights, (weight.min(), weight.max()), fixed=[0])
    bases, shares = np.array([3, 6]), np.array([1, 4, 7])
    number_of = np.arange(3)
    near = np.floor(values[bases] / 5 + 0.5) * 5
    ratio = weights[shares] / weights[[0, 3, 6]]
    printed = np.floor(ratio / 0.01 + 0.5) * 0.01
    statements = joined([
        between(12, [bases], near - 2, near + 2, number_of[:2], np.full(2, COARSE)),
        ratios(12, shares, np.array([0, 3, 6]), printed - 0.00501, printed + 0.00501, number_of, np.full(3, COARSE)),
    ])  # fmt: skip
    targets = [2, 5, 8, 9, 10, 11]
    low, high = ranges_of(system, statements, targets)
    assert low == pytest.approx([independent(system, statements, one, -1) for one in targets], abs=1e-4)
    assert high == pytest.approx([independent(system, statements, one, 1) for one in targets], abs=1e-4)


def test_what_is_published_and_not_true_is_an_error():
    system = counts([10, 4, 6], [[(0, 1), (1, -1), (2, -1)]])
    untrue = between(3, [np.array([1])], np.array([5.0]), np.array([7.0]), np.array([0]), np.array([FINE]))
    with pytest.raises(AuditError, match="does not agree with the data"):
        exposed(system, untrue, Secrets(np.array([2]), np.array([5.0]), np.array([0])))


# --- protection


def ladder_of(system, places, steps=(1, 10)):
    """Statements of estimates about one count each: rounded to a multiple, finely or coarsely."""
    places = np.array(places)
    values, number = system.values[places].astype(float), np.arange(len(places))
    parts = []
    for grade, step in zip((FINE, COARSE), steps, strict=True):
        near = np.floor(values / step + 0.5) * step
        low, high = near - step // 2, near + (step - 1) // 2
        parts.append(between(len(system.values), [places], low, high, number, np.full(len(places), grade)))
    return joined(parts)


def protected(system, places, targets, grades, cost, steps=(1, 10)):
    """Grades after protection; and whether the tables that prove it are enough for the audit."""
    secrets = Secrets(np.array(targets), np.full(len(targets), float(K)), np.zeros(len(targets), int))
    statements = ladder_of(system, places, steps)
    grades_after, others = protect(system, statements, secrets, np.array(grades), np.array(cost))
    left = statements.made_by(grades_after)
    assert not len(exposed(system, left, secrets))
    assert not len(exposed(system, left, secrets, others))
    assert others.agreeing(system, left).counts.shape == others.counts.shape
    return grades_after.tolist()


def test_the_cheapest_sibling_is_rounded_coarsely_and_the_total_stays():
    system = counts([29, 3, 12, 14], [[(1, 1), (2, 1), (3, 1), (0, -1)]])
    grades = protected(system, [0, 1, 2, 3], [1], [FINE, HIDDEN, FINE, FINE], [1e6, 5.0, 40.0, 30.0])
    assert grades == [FINE, HIDDEN, FINE, COARSE]


def test_a_sibling_is_hidden_where_rounding_it_is_not_enough():
    """Even coarsely every count is exact here: then one of the siblings has to go."""
    system = counts([29, 3, 12, 14], [[(1, 1), (2, 1), (3, 1), (0, -1)]])
    grades = protected(system, [0, 1, 2, 3], [1], [FINE, HIDDEN, FINE, FINE], [1e6, 5.0, 40.0, 30.0], (1, 1))
    assert grades == [FINE, HIDDEN, FINE, HIDDEN]


def test_a_count_shown_by_another_name_is_protected_everywhere():
    """The base of one estimate is the number counted by another: one count, whichever estimate says it."""
    system = counts([100, 40, 30, 10], [[(1, 1), (2, -1), (3, -1)]])
    grades = protected(
        system, [0, 1, 2, 2, 3], [3], [FINE, FINE, FINE, FINE, HIDDEN], [1e6, 1e5, 5.0, 5.0, 1.0]
    )
    assert grades == [FINE, FINE, COARSE, COARSE, HIDDEN]


def test_a_count_may_be_opened_half_upwards_and_half_downwards():
    """It is at most 2 more by definition, and needs 4: so it has to be able to be 2 less too."""
    system = counts([4, 10, 6], [[(0, 1), (2, 1), (1, -1)]], [[(0, 1), (2, -1)]])
    secrets = Secrets(np.array([0]), np.array([4.0]), np.array([0]))
    fixed = exactly(system, [1])
    grades, _ = protect(system, fixed, secrets, np.array([FINE]), np.array([1.0]))
    assert not len(exposed(system, fixed.made_by(grades), secrets))


def test_what_follows_from_definitions_alone_is_an_error():
    system = counts([3, 3], [[(0, 1), (1, -1)]], fixed=[1])
    secrets = Secrets(np.array([0]), np.array([5.0]), np.array([0]))
    nothing = exactly(system, [])
    with pytest.raises(AuditError, match="follows from definitions alone"):
        protect(system, nothing, secrets, np.zeros(1, int), np.ones(1))


def test_a_table_that_does_not_agree_proves_nothing():
    """The alternatives of a release where less was published are tried, and left aside."""
    system = counts([30, 3, 12, 15], [[(1, 1), (2, 1), (3, 1), (0, -1)]])
    changes = sparse.csr_matrix(np.array([[0.0, 5, 0, -5], [0, 5, -5, 0], [1, 1, 0, 0], [0, 5, 0, -4]]))
    others = Alternatives(changes, changes)
    all_but_two = exactly(system, [0, 2])
    fitting = others.agreeing(system, all_but_two).counts.toarray().tolist()
    assert fitting == [[0, 5, 0, -5]]
    low, high = others.agreeing(system, all_but_two).ends(system.values)
    assert (low.tolist(), high.tolist()) == ([30, 3, 12, 10], [30, 8, 12, 15])


@pytest.mark.parametrize("seed", range(8))
def test_no_count_is_left_narrow_in_random_tables(seed):
    """Property: after protection an independent programme finds no small cell of a 4 x 4 table narrower than K."""
    draws = np.random.default_rng(seed)
    system, indices = two_way(draws.choice([0, 1, 2, 3, 8, 15, 30, 60], (4, 4)))
    cells = indices.ravel()
    small = [int(one) for one in indices[:4, :4].ravel() if 0 < system.values[one] < K]
    grades = np.where(np.isin(cells, small), HIDDEN, FINE)
    cost = system.values + np.where(
        np.isin(cells, [indices[-1, -1], *indices[:, -1], *indices[-1]]), 500.0, 1.0
    )
    secrets = Secrets(np.array(small), np.full(len(small), float(K)), np.zeros(len(small), int))
    statements = ladder_of(system, cells)
    protected_grades, _ = protect(system, statements, secrets, grades, cost)
    left = statements.made_by(protected_grades)
    for one, sign in itertools.product(small, (1,)):
        high, low = (independent(system, left, one, way) for way in (sign, -sign))
        assert np.floor(high + 1e-6) - np.ceil(low - 1e-6) >= K
