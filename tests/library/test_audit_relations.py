"""What holds between counts whoever the respondents are, and what is left of it where respondents break it."""

import numpy as np
import pytest

from disrupting_harm.protection.audit.null_basis import null_basis
from disrupting_harm.protection.audit.relations import FIRST, Relations, matrix, relations, relations_of_all


def test_relations_are_what_holds_for_everyone():
    """Base, two exclusive classes and their union, and an item within the first class."""
    people = np.array([(1, 0, 0, 0, 0), (1, 1, 0, 1, 0), (1, 1, 0, 1, 1), (1, 0, 1, 1, 0)], dtype=np.uint8)
    learnt = relations(people)
    anyone = np.array([7, 3, 2, 5, 1])
    assert learnt.equal.shape[0] == 1
    assert (learnt.equal @ anyone == 0).all()
    pairs = {(int(line.argmax()), int(line.argmin())) for line in learnt.at_most.toarray()}
    assert pairs == {
        (3, 0),
        (1, 3),
        (2, 3),
        (4, 1),
    }  # item in class in union in base, and nothing that follows


def test_a_union_is_at_most_the_sum_of_its_parts():
    people = np.array([(a | b, a, b) for a in (0, 1) for b in (0, 1)], dtype=np.uint8)
    learnt = relations(people, [[1, 2]])
    assert not learnt.equal.shape[0]
    assert [1.0, -1.0, -1.0] in learnt.at_most.toarray().tolist()


def test_instances_are_the_sum_of_forms():
    people = np.array([(a, b, a + b) for a in (0, 1) for b in (0, 1)], dtype=np.uint8)
    learnt = relations(people)
    assert sorted(np.abs(learnt.equal.toarray()[0]).tolist()) == [1, 1, 1]
    assert (learnt.equal @ np.array([4, 5, 9]) == 0).all()


@pytest.mark.parametrize("off", ["", "sum", "within", "nobody"])
def test_one_of_very_many_respondents_breaks_a_relation(off):
    """But for the first respondent a + b is c, b lies within a, nobody is in d; relations are found in others first."""
    draws = np.random.default_rng(4)
    columns = draws.integers(0, 2, (5, FIRST + 12_000), dtype=np.uint8)
    _, a, b, c, d = columns
    b &= a
    c[:], d[:] = a + b, 0
    columns[:, 0] = {"sum": (1, 1, 0, 0, 0), "within": (0, 0, 1, 1, 0), "nobody": (0, 1, 0, 1, 1)}.get(off, 0)
    learnt, truth = relations_of_all(columns, [[1, 2]]), relations(columns.T, [[1, 2]])
    for ours, expected in ((learnt.equal, truth.equal), (learnt.at_most, truth.at_most)):
        assert ours.toarray().tolist() == expected.toarray().tolist()
    assert not learnt.broken_by(columns).any()
    assert learnt.equal.shape[0] == (1 if off in ("sum", "nobody") else 2)


def test_what_holds_by_chance_is_not_taken_for_nothing():
    """A column is 100 / 101 of another, a weight that no definition has, for all but the first, who is heard too."""
    people = np.zeros((3, FIRST + 1), dtype=np.uint8)
    people[0], people[1], people[2] = 101, 100, 1
    people[:, 0] = 0, 1, 0
    learnt = relations(people.T[1:])
    assert learnt.chance.shape[0] > 0
    assert relations_of_all(people).chance.shape[0] == relations(people.T).chance.shape[0]


# --- what respondents keep


def test_an_equation_that_is_broken_gives_way_to_the_sums_that_are_not():
    """a + b = c and c + d = e by definition; one respondent is in c without being in a or b, and in e for it."""
    known = Relations(matrix([[(0, 1), (1, 1), (2, -1)], [(2, 1), (3, 1), (4, -1)]], 5), matrix([], 5))
    people = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 1], [0, 0, 0], [1, 1, 0]])  # columns x respondents
    kept = known.kept_by(people)
    assert not (kept.equal @ people).any()
    assert kept.equal.toarray().tolist() in ([[1, 1, 0, 1, -1]], [[-1, -1, 0, -1, 1]])


def test_what_lies_within_another_still_lies_within_what_that_lies_within():
    """a within b within c, as two lines; one respondent is in a and c and not in b."""
    known = Relations(matrix([], 3), matrix([[(0, 1), (1, -1)], [(1, 1), (2, -1)]], 3))
    people = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]])
    kept = known.kept_by(people).at_most.toarray().tolist()
    assert sorted(kept) == [[0, 1, -1], [1, 0, -1]]


# --- moves that keep equations


def test_a_basis_of_all_moves_that_keep_equations():
    """Random equations of small whole numbers: nothing is lost (rank), and every column keeps them."""
    draws = np.random.default_rng(7)
    for _ in range(20):
        dense = draws.integers(-2, 3, (6, 12)) * (draws.random((6, 12)) < 0.4)
        equal = matrix(
            [[(column, value) for column, value in enumerate(row) if value] for row in dense.tolist()], 12
        )
        basis = null_basis(equal)
        assert np.abs(equal @ basis.toarray()).max(initial=0) < 1e-9
        rank = np.linalg.matrix_rank(dense)
        assert basis.shape == (12, 12 - rank)
        assert np.linalg.matrix_rank(basis.toarray()) == 12 - rank
