"""A claim about hidden estimates: the verdict is the same for every table of the proof, or there is none."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import tidy_table
from disrupting_harm.insights.claims import (
    CONFIRMED,
    NOT_COMPUTABLE,
    NOT_CONFIRMED,
    NOT_SHOWN,
    Evidence,
    judge,
)
from disrupting_harm.protection.audit import verdicts
from disrupting_harm.protection.audit.alternatives import Alternatives, Proof
from disrupting_harm.protection.audit.pools import Between, Member
from disrupting_harm.protection.suppression import Key

GROUP = "places"
FIRST, SECOND, THIRD = (
    "last_location_social_media",
    "last_location_online_game",
    "last_location_in_person",
)


def member(weights, changes=(), mean_weight=1.0, by="all", level="all"):
    """A country's table with sums of weights of its base (place 0) and of those counted (1, 2, ... by indicator)."""
    weights = np.array(weights, float)
    changed = sparse.csr_matrix(np.array(changes, float).reshape(-1, len(weights)))
    proof = Proof(weights, weights, weights[:0], weights[:0], Alternatives(changed, changed))
    decision = pd.DataFrame(
        [
            {"indicator": name, "by": by, "level": level, "within": "", "within_level": "", "base": 0,
             "counted": number, "shown": False, "coarse": False}
            for number, name in enumerate((FIRST, SECOND, THIRD)[: len(weights) - 1], 1)
        ]
    )  # fmt: skip
    return Member(decision, proof, mean_weight)


def row(country, indicator, estimate, by="all", level="all", **more):
    blank = {**dict.fromkeys(tidy_table.FULL, np.nan), **dict.fromkeys(tidy_table.FLAGS, False)}
    blank |= dict.fromkeys(tidy_table.CONTRAST, "")
    numbers = {
        "estimate": estimate,
        "se": 0.01,
        "ci_low": estimate - 0.02,
        "ci_high": estimate + 0.02,
        "n": 900.0,
    }
    about = {"country": country, "indicator": indicator, "by": by, "level": level, "measure": "proportion"}
    status = "suppressed" if np.isnan(estimate) else "shown"
    kind = {"df": np.inf, "interval": "wald", "confidence_level": 0.95, "data": "synthetic", "insight": "x"}
    return {**blank, **about, **numbers, **kind, "status": status, **more}


HIDDEN = float("nan")


def judged(project, rule, pooled=(), rows=(), members=None):
    countries = list(members or {"aaa": None, "bbb": None})
    present = [row(iso3, "present", 0.5) for iso3 in countries]
    pool = pd.DataFrame(pooled, columns=tidy_table.FULL) if pooled else pd.DataFrame()
    table = pd.DataFrame([*rows, *present], columns=tidy_table.FULL)
    member_of = (lambda iso3, table: members[iso3]) if members else None
    evidence = Evidence(project.registry, Suppression(), table, pool, countries, None, member_of)
    return judge({"claim_id": "C00", "claim": "", "statistic": "", "rule": rule}, evidence)


def test_a_share_over_all_tables_of_two_countries():
    """60 to 66 counted of 200 to 210, and 10 to 12 of 100, where weights have mean 2: 5 to 6 of 50."""
    one = member([200, 60], [[10, 6], [0, -3]])
    other = member([100, 10], [[0, 2]], mean_weight=2.0)
    assert verdicts.share([one], Key(FIRST)) == Between(57 / 210, 66 / 200)
    assert verdicts.share([one, other], Key(FIRST)) == Between((57 + 5) / (210 + 50), (66 + 6) / (200 + 50))
    assert verdicts.share([one], Key("another")) == verdicts.ANY_SHARE
    assert verdicts.share([], Key(FIRST)) == verdicts.ANY_SHARE


@pytest.mark.parametrize(("hidden", "expected"), [
    ([[0, 0, 20]], CONFIRMED),  # at most 30 + 20 of 200 and 30 of 200 in the other: 20 %
    ([[0, 0, 150]], NOT_COMPUTABLE),  # 180 and 30 of 400: 52 %
    ([], CONFIRMED),
])  # fmt: skip
def test_a_hidden_member_that_cannot_be_first_leaves_the_verdict(project, hidden, expected):
    """Shown: 40 % on social media. Hidden: 15 % in games, which the tables of the proof let be larger."""
    members = {"aaa": member([200, 80, 30], hidden), "bbb": member([200, 80, 30])}
    pooled = [row("ALL", FIRST, 0.4), row("ALL", SECOND, HIDDEN), row("ALL", THIRD, 0.2)]
    for rule in ({"check": "top", "group": GROUP, "indicator": FIRST},
                 {"check": "order", "indicators": [FIRST], "group": GROUP},
                 {"check": "order", "indicators": [FIRST, SECOND]}):  # fmt: skip
        line = judged(project, rule, pooled, members=members)
        assert line["Verdict"] == expected
        assert "15" not in line["Computed"]
    bottom = {"check": "bottom", "group": GROUP, "indicator": SECOND}
    third = [row("ALL", FIRST, 0.4), row("ALL", SECOND, HIDDEN), row("ALL", THIRD, 0.3)]
    assert judged(project, bottom, third, members=members)["Verdict"] == expected


def test_without_a_proof_a_hidden_member_decides(project):
    pooled = [row("ALL", FIRST, 0.4), row("ALL", SECOND, HIDDEN), row("ALL", THIRD, 0.2)]
    top = {"check": "top", "group": GROUP, "indicator": FIRST}
    line = judged(project, top, pooled)
    assert (line["Verdict"], line["Computed"]) == (NOT_COMPUTABLE, NOT_SHOWN)
    beaten = [row("ALL", FIRST, 0.1), row("ALL", SECOND, HIDDEN), row("ALL", THIRD, 0.2)]
    assert judged(project, top, beaten)["Verdict"] == NOT_CONFIRMED  # whatever is hidden
    shown = [row("ALL", FIRST, 0.4), row("ALL", SECOND, 0.1), row("ALL", THIRD, 0.2)]
    assert judged(project, top, shown)["Verdict"] == CONFIRMED


@pytest.mark.parametrize(("weights", "changes", "expected", "text"), [
    ([400, 160, 20], [], CONFIRMED, "first in 2 of 2 forms"),
    ([400, 60, 20], [], NOT_CONFIRMED, "first in 1 of 2 forms (b: In person)"),  # 15 %, shown: 20 % in person
    ([400, 160, 20], [[0, -100, 0]], NOT_COMPUTABLE, NOT_SHOWN),
])  # fmt: skip
def test_the_first_place_itself_may_be_hidden_in_a_form(project, weights, changes, expected, text):
    """Claim C29: in form b the share of social media is hidden, not smaller than what is shown."""
    pooled = [
        *(
            row("ALL", name, share, "form", "a")
            for name, share in ((FIRST, 0.4), (SECOND, 0.1), (THIRD, 0.2))
        ),
        *(
            row("ALL", name, share, "form", "b")
            for name, share in ((FIRST, HIDDEN), (SECOND, 0.05), (THIRD, 0.2))
        ),
    ]
    rule = {"check": "each_top", "group": GROUP, "indicator": FIRST, "forms": ["a", "b"]}
    members = {"aaa": member(weights, changes, by="form", level="b")}
    line = judged(project, rule, pooled, members=members)
    assert (line["Verdict"], line["Computed"]) == (expected, text)
    assert judged(project, rule, pooled)["Verdict"] == NOT_COMPUTABLE


def tables(country):
    """All tables of a country that the proof holds, the true one among them."""
    changes = country.proof.alternatives.weights.toarray()
    return [country.proof.weights, *(country.proof.weights + change for change in changes)]


@pytest.mark.parametrize("seed", range(30))
def test_a_verdict_excludes_no_table_of_the_proof(project, seed):
    """Each combination of tables that an attacker cannot tell apart gives the verdict that is published."""
    rng = np.random.default_rng(seed)
    members = {}
    for iso3 in ("aaa", "bbb", "ccc"):
        counted = rng.integers(10, 90, 3)
        changes = np.column_stack([rng.integers(-3, 4, 4), rng.integers(-9, 10, (4, 3))])
        members[iso3] = member([rng.integers(90, 120), *counted], changes, mean_weight=rng.uniform(0.5, 2))
    hidden = [row("ALL", name, HIDDEN) for name in (SECOND, THIRD)]
    exact = [tables(country) for country in members.values()]
    weights = [country.mean_weight for country in members.values()]
    truth = sum(rows[0] / weight for rows, weight in zip(exact, weights, strict=True))
    shown = round(truth[1] / truth[0], 3)
    rule = {"check": "top", "group": GROUP, "indicator": FIRST}
    verdict = judged(project, rule, [row("ALL", FIRST, shown), *hidden], members=members)["Verdict"]
    outcomes = set()
    for combination in itertools.product(*exact):
        table = sum(one / weight for one, weight in zip(combination, weights, strict=True))
        outcomes.add(bool(shown > (table[2:] / table[0]).max()))
    if verdict != NOT_COMPUTABLE:
        assert outcomes == {verdict == CONFIRMED}


def test_a_hidden_country_may_be_the_largest(project):
    """Shown: 30 and 20 %. Hidden: 10 %, or 15 % at most; then 40 % at most."""
    rows = [row("aaa", FIRST, 0.3), row("bbb", FIRST, 0.2), row("ccc", FIRST, HIDDEN)]
    blank = {"aaa": None, "bbb": None}
    largest = {"check": "largest", "indicator": FIRST, "equals": 0.3, "country": "aaa"}
    smallest = {"check": "smallest", "indicator": FIRST, "equals": 0.2, "country": "bbb"}
    ranges = {"check": "range", "indicator": FIRST, "low": 0.2, "high": 0.3}
    for most, verdict in ((30, CONFIRMED), (80, NOT_COMPUTABLE)):
        members = {**blank, "ccc": member([200, 20], [[0, most - 20]])}
        assert judged(project, largest, rows=rows, members=members)["Verdict"] == verdict
        for rule in (smallest, ranges):  # 10 % is below 20 %
            assert judged(project, rule, rows=rows, members=members)["Verdict"] == NOT_COMPUTABLE
        another = {**largest, "country": "bbb"}  # 20 % is below 30 %, whatever is hidden
        assert judged(project, another, rows=rows, members=members)["Verdict"] == NOT_CONFIRMED
        hidden_one = {**largest, "country": "ccc"}
        expected = NOT_CONFIRMED if verdict == CONFIRMED else NOT_COMPUTABLE
        assert judged(project, hidden_one, rows=rows, members=members)["Verdict"] == expected
        for above, expected in ((0.25, CONFIRMED), (0.35, NOT_CONFIRMED if most == 30 else NOT_COMPUTABLE)):
            rule = {"check": "largest", "indicator": FIRST, "above": above}
            assert judged(project, rule, rows=rows, members=members)["Verdict"] == expected


@pytest.mark.parametrize(("equals", "expected"), [
    (0.2, CONFIRMED),  # (0.3 + 0.2 + 0.1) / 3, or at most (0.5 + 0.13) / 3 = 0.21
    (0.18, NOT_COMPUTABLE),  # 0.19 to 0.22: 0.02 away, or more
    (0.17, NOT_CONFIRMED),
    (0.25, NOT_CONFIRMED),  # the mean of what is shown
])  # fmt: skip
def test_a_hidden_country_counts_in_a_mean(project, equals, expected):
    rows = [row("aaa", FIRST, 0.3), row("bbb", FIRST, 0.2), row("ccc", FIRST, HIDDEN)]
    members = {"aaa": None, "bbb": None, "ccc": member([200, 20], [[0, 6]])}
    rule = {"check": "near", "indicator": FIRST, "equals": equals, "within": 0.02}
    assert judged(project, rule, rows=rows, members=members)["Verdict"] == expected
    above = {"check": "above", "indicator": FIRST, "share": 0.19}
    assert judged(project, above, rows=rows, members=members)["Verdict"] == CONFIRMED
    assert judged(project, {**above, "share": 0.22}, rows=rows, members=members)["Verdict"] == NOT_CONFIRMED
    assert judged(project, {**above, "share": 0.205}, rows=rows, members=members)["Verdict"] == NOT_COMPUTABLE


def test_a_hidden_ratio_lies_between_those_of_its_groups():
    assert verdicts.ratio(Between(0.2, 0.3), Between(0.1, 0.2)) == pytest.approx((1.0, 3.0))
    assert verdicts.ratio(Between(0.2, 0.3), Between(0.0, 0.2)) == (pytest.approx(1.0), float("inf"))
