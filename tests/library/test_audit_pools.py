"""A pool less the countries that show their own estimate: what is left of it must not be too little."""

import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.insights import published
from disrupting_harm.protection.audit.pools import Part, grade_of
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN
from disrupting_harm.protection.suppression import Key

RULES = Suppression()


def part(grade, n=1000, counted=100):
    """A country's part; its respondents weigh 1 on average."""
    return Part(grade, n, counted, float(n))


@pytest.mark.parametrize(("hidden", "grade"), [
    ([], FINE),  # nothing is to be kept
    ([part(HIDDEN, counted=3)], FINE),  # 12,000 x 0.1 % + 11,000 x 0.1 % is uncertain by 23 children
    ([part(HIDDEN, counted=3)] * 12, FINE),  # nothing can be subtracted: the rules for single estimates are enough
    ([part(HIDDEN, 20, 3)] * 2, FINE),  # 6 of 40 in two countries
])  # fmt: skip
def test_large_pools_say_little_about_one_country(hidden, grade):
    parts = [*hidden, *[part(FINE)] * (12 - len(hidden))]
    assert grade_of(parts, RULES) == grade


@pytest.mark.parametrize(("base", "grade"), [
    (250, FINE),    # 12 x 250 x 0.1 % + 11 x 250 x 0.1 % = 5.75
    (200, COARSE),  # 4.6, and with 1 % of the pool 24 + 2.2
    (40, COARSE),   # 4.8 + 0.44
    (37, HIDDEN),   # 4.44 + 0.407
])  # fmt: skip
def test_small_pools_are_rounded_coarsely_or_hidden(base, grade):
    """k is 5: by so much at least what is left for one country has to be uncertain."""
    assert grade_of([part(HIDDEN, base, 3), *[part(FINE, base)] * 11], RULES) == grade


@pytest.mark.parametrize(("hidden", "grade"), [
    ([part(HIDDEN, 30, 3)] * 2, FINE),  # 6 counted, 54 not
    ([part(HIDDEN, 30, 2)] * 2, HIDDEN),  # 4 counted
    ([part(HIDDEN, 30, 28)] * 2, HIDDEN),  # 4 not counted
    ([part(HIDDEN, 12, 6)] * 2, HIDDEN),  # 24 respondents
    ([part(HIDDEN, 60, 6)], HIDDEN),  # one country
    ([part(HIDDEN, 30, 2), None, None], HIDDEN),  # nobody was asked elsewhere
])  # fmt: skip
def test_several_countries_hide_enough_or_not(hidden, grade):
    assert grade_of([*hidden, *[part(FINE, 30, 6)] * 3], RULES) == grade


def test_coarse_estimates_of_countries_leave_more_open():
    """3 x 100 x 0.1 % is not enough with a fine pool of 400 x 0.1 %; 3 x 100 x 1 % is nearly: 3 + 0.4, or 3 + 4."""
    assert grade_of([part(HIDDEN, 100, 3), *[part(FINE, 100)] * 3], RULES) == HIDDEN
    assert grade_of([part(HIDDEN, 100, 3), *[part(COARSE, 100)] * 3], RULES) == COARSE


def test_a_year_of_age_is_held_against_its_age_group(project):
    of_year = published.decided_as(Key("tfcsea_any", "age", "13"), project.registry)
    assert of_year == Key("tfcsea_any", "age_group", "12-13")
    of_girls = Key("tfcsea_any", "sex", "girl")
    assert published.decided_as(of_girls, project.registry) == of_girls


def test_a_member_says_what_was_decided():
    from disrupting_harm.protection.audit.alternatives import Alternatives, Proof
    from disrupting_harm.protection.audit.pools import Member

    values = pd.Series([200, 20, 0]).to_numpy()
    proof = Proof(values, values * 0.5, values[:0], values[:0], Alternatives.of([], 3))
    decision = pd.DataFrame({
        "indicator": ["a", "b", "c", "d"], "by": "all", "level": "all", "within": "", "within_level": "",
        "base": [0, 0, 2, -1], "counted": [1, 1, 2, -1], "shown": [True, False, True, False],
        "coarse": [True, False, False, False],
    })  # fmt: skip
    member = Member(decision, proof, 0.5)
    assert member.part(Key("a", "all", "all")) == Part(COARSE, 200, 20, 200.0)
    assert member.part(Key("b", "all", "all")) == Part(HIDDEN, 200, 20, 200.0)
    assert [member.part(Key(name, "all", "all")) for name in "cde"] == [None, None, None]
