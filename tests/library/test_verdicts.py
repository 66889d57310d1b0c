"""Every threshold of a verdict on both sides and at the boundary: published against computed, claims, quality, tests.

Printed numbers decide: shares are multiples of 0.1 percentage point, so the nearest number beyond a boundary is 0.001.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import tidy_table
from disrupting_harm.insights.claims import CONFIRMED, NOT_COMPUTABLE, NOT_CONFIRMED, Evidence, judge
from disrupting_harm.insights.published import COLUMNS, JOIN, Published, join
from disrupting_harm.protection import suppression
from disrupting_harm.quality import published as published_quality
from disrupting_harm.quality.found import Part
from disrupting_harm.quality.remarks import LEVELS, Steps, worst

KEY = {"country": "aaa", "indicator": "x", "by": "all", "level": "all"}
BLANK = {
    **dict.fromkeys(tidy_table.FULL, np.nan),
    **dict.fromkeys(tidy_table.FLAGS, False),
    **dict.fromkeys(tidy_table.CONTRAST, ""),
}
WIDTH = 0.0196
"""Half an interval of a share whose standard error is 1 point: 1.96 points, printed as 2.0."""


def exact(estimate, **more):
    """A share in full precision with a standard error of 1 point; its limits are printed 2 points from it."""
    numbers = {
        "estimate": estimate,
        "se": 0.01,
        "ci_low": estimate - WIDTH,
        "ci_high": estimate + WIDTH,
        "n": 1000.0,
    }
    about = {"measure": "proportion", "df": np.inf, "status": "shown", "interval": "wald", "confidence_level": 0.95,
             "data": "delivered", "insight": "x"}  # fmt: skip
    return {**BLANK, **KEY, **numbers, **about, **more}


# Published against computed


def joined(published, estimate=0.25, grade="report", **more):
    left = pd.DataFrame([{**KEY, "published": published, "published_low": np.nan, "published_high": np.nan,
                          "published_n": 1000, "grade": grade, "source": "", "note": ""}])  # fmt: skip
    way = pd.DataFrame(columns=[*JOIN, "published_way_low", "published_way_high"])
    return join(left, pd.DataFrame([exact(estimate, **more)]), way, Suppression()).iloc[0]


@pytest.mark.parametrize(("published", "within"), [
    (0.229, False), (0.2299, False), (0.23, True), (0.25, True), (0.27, True), (0.2701, False), (0.271, False),
])  # fmt: skip
def test_a_published_value_is_within_from_limit_to_limit(published, within):
    pair = joined(published)
    assert (pair["ci_low"], pair["ci_high"]) == (0.23, 0.27)
    assert pair["within"] == within
    assert pair["difference"] == pytest.approx(round(0.25 - published, 3), abs=0.0011)


@pytest.mark.parametrize(("published", "within"), [
    (0.2249, False), (0.225, True), (0.275, True), (0.2751, False),
])  # fmt: skip
def test_what_was_read_off_a_figure_may_be_off_by_half_a_point(published, within):
    assert joined(published, grade="figure_read_off")["within"] == within


def test_a_difference_is_computed_less_published():
    assert joined(0.2)["difference"] == pytest.approx(0.05)
    assert joined(0.3)["difference"] == pytest.approx(-0.05)


@pytest.mark.parametrize("status", ["suppressed", "not_asked", "not_estimable"])
def test_what_is_not_shown_is_neither_within_nor_outside(status):
    numbers = dict.fromkeys(["estimate", "se", "ci_low", "ci_high", "n"], np.nan)
    assert pd.isna(joined(0.25, **numbers, status=status)["within"])


@pytest.mark.parametrize(
    ("status", "counted"), [("shown", 1), ("low_n", 1), ("suppressed", 0), ("not_asked", 0)]
)
def test_only_shown_pairs_are_counted(project, tmp_path, status, counted):
    row = {
        **dict.fromkeys(COLUMNS),
        **KEY,
        "status": status,
        "published": 0.2,
        "estimate": 0.2,
        "within": True,
    }
    table = pd.DataFrame([row])
    evidence = Evidence(project.registry, Suppression(), table, table.iloc[:0], [])
    assert len(Published(project, table, evidence, [], tmp_path).shown()) == counted


@pytest.mark.parametrize(
    ("published", "is_share"), [(0.0, True), (1.0, True), (1.001, False), (215_962, False)]
)
def test_a_share_is_at_most_one(project, tmp_path, published, is_share):
    row = {**dict.fromkeys(COLUMNS), **KEY, "status": "shown", "published": published}
    table = pd.DataFrame([row])
    evidence = Evidence(project.registry, Suppression(), table, table.iloc[:0], [])
    assert Published(project, table, evidence, [], tmp_path).shown()["is_share"].tolist() == [is_share]


# Claims


def verdict(project, rule, *rows, pooled=()):
    """Verdict on a claim about countries aaa and bbb, which are all countries of the article, or about their pool."""
    present = [exact(0.5, country=country, indicator="present") for country in ("aaa", "bbb")]
    pool = pd.DataFrame(pooled, columns=tidy_table.FULL) if pooled else pd.DataFrame()
    table = pd.DataFrame([*rows, *present], columns=tidy_table.FULL)
    evidence = Evidence(project.registry, Suppression(), table, pool, ["aaa", "bbb"])
    claim = {"claim_id": "C00", "claim": "", "statistic": "", "rule": {"indicator": "x", **rule}}
    return judge(claim, evidence)["Verdict"]


def verdicts(judged):
    return [CONFIRMED if holds else NOT_CONFIRMED for holds in judged]


def two(first=0.25, second=0.15, **more):
    return exact(first, country="aaa", **more), exact(second, country="bbb", **more)


LIMITS = (0.229, 0.23, 0.27, 0.271)
INSIDE = verdicts([False, True, True, False])


def test_a_published_value_is_confirmed_from_limit_to_limit(project):
    pool, rows = [exact(0.25)], two()
    for rule, given in (
        ({"check": "pooled"}, {"pooled": pool}),
        ({"check": "country", "country": "aaa"}, {}),
        ({"check": "largest"}, {}),
        ({"check": "smallest", "country": "aaa"}, {}),
    ):
        pair = two(0.25, 0.35) if rule["check"] == "smallest" else rows
        assert [verdict(project, {**rule, "equals": value}, *pair, **given) for value in LIMITS] == INSIDE, (
            rule
        )


def test_both_ends_of_a_range_count(project):
    """The lowest is 15 (13 to 17), the highest 25 (23 to 27)."""
    ends = [(0.13, 0.23), (0.17, 0.27), (0.129, 0.25), (0.171, 0.25), (0.15, 0.229), (0.15, 0.271)]
    judged = [verdict(project, {"check": "range", "low": low, "high": high}, *two()) for low, high in ends]
    assert judged == verdicts([True, True, False, False, False, False])
    named = {"check": "range", "low": 0.15, "high": 0.25}
    assert verdict(project, {**named, "lowest": "bbb", "highest": "aaa"}, *two()) == CONFIRMED
    assert verdict(project, {**named, "lowest": "aaa"}, *two()) == NOT_CONFIRMED
    assert verdict(project, {**named, "highest": "bbb"}, *two()) == NOT_CONFIRMED


@pytest.mark.parametrize(("above", "holds"), [(0.249, True), (0.25, False), (0.251, False)])
def test_above_is_more_than(project, above, holds):
    assert [verdict(project, {"check": "largest", "above": above}, *two())] == verdicts([holds])


@pytest.mark.parametrize(("share", "holds"), [(0.199, True), (0.2, False), (0.201, False)])
def test_the_mean_of_countries_is_more_than(project, share, holds):
    """25 and 15: 20."""
    assert [verdict(project, {"check": "above", "share": share}, *two())] == verdicts([holds])


@pytest.mark.parametrize(
    ("equals", "holds"), [(0.169, False), (0.17, True), (0.2, True), (0.23, True), (0.231, False)]
)
def test_near_is_no_further_than(project, equals, holds):
    """The mean is 20; 3 points are allowed on either side."""
    assert [verdict(project, {"check": "near", "equals": equals, "within": 0.03}, *two())] == verdicts(
        [holds]
    )


def test_near_asks_every_indicator_and_every_level(project):
    rows = [*two(indicator="x"), *two(0.45, 0.35, indicator="y")]
    rule = {"check": "near", "indicators": ["x", "y"], "within": 0.1}
    assert [verdict(project, {**rule, "equals": value}, *rows) for value in (0.3, 0.29, 0.31)] == verdicts(
        [True, False, False]
    )
    girls, boys = two(by="sex", level="girl"), two(0.45, 0.35, by="sex", level="boy")
    rule = {"check": "near", "by": "sex", "within": 0.02}
    for levels, holds in (({"girl": 0.2, "boy": 0.4}, True), ({"girl": 0.2, "boy": 0.2}, False)):
        assert [verdict(project, {**rule, "levels": levels}, *girls, *boys)] == verdicts([holds])


@pytest.mark.parametrize(("most", "holds"), [(0.029, False), (0.03, True), (0.031, True)])
@pytest.mark.parametrize("order", [("girl", "boy"), ("boy", "girl")])
def test_two_levels_differ_by_at_most(project, most, holds, order):
    pool = [exact(0.25, by="sex", level="girl"), exact(0.22, by="sex", level="boy")]
    rule = {"check": "difference", "by": "sex", "levels": list(order), "most": most}
    assert [verdict(project, rule, pooled=pool)] == verdicts([holds])


@pytest.mark.parametrize(("second", "holds"), [(0.249, True), (0.25, False), (0.251, False)])
def test_an_order_is_strict(project, second, holds):
    pool = [exact(0.25), exact(second, indicator="y")]
    assert [verdict(project, {"check": "order", "indicators": ["x", "y"]}, pooled=pool)] == verdicts([holds])


def test_levels_of_one_step_may_have_any_order(project):
    pool = [exact(share, by="sex", level=level) for level, share in (("a", 0.3), ("b", 0.4), ("c", 0.2))]
    rule = {"check": "order", "by": "sex"}
    assert verdict(project, {**rule, "levels": [["a", "b"], ["c"]]}, pooled=pool) == CONFIRMED
    assert verdict(project, {**rule, "levels": [["b"], ["a"], ["c"]]}, pooled=pool) == CONFIRMED
    assert verdict(project, {**rule, "levels": [["a"], ["b"], ["c"]]}, pooled=pool) == NOT_CONFIRMED
    assert verdict(project, {**rule, "levels": [["b", "c"], ["a"]]}, pooled=pool) == NOT_CONFIRMED


@pytest.mark.parametrize(("shares", "holds"), [
    ([0.12, 0.10, 0.14, 0.17, 0.20, 0.22], True),
    ([0.12, 0.10, 0.14, 0.14, 0.20, 0.22], False),  # two are equal
    ([0.22, 0.10, 0.14, 0.17, 0.20, 0.22], False),  # the last is as the first
    ([0.219, 0.10, 0.14, 0.17, 0.20, 0.22], True),
])  # fmt: skip
def test_rising_is_strict(project, shares, holds):
    pool = [exact(share, by="age", level=str(age)) for age, share in enumerate(shares, 12)]
    assert [verdict(project, {"check": "rising", "by": "age", "from": "13"}, pooled=pool)] == verdicts(
        [holds]
    )


@pytest.mark.parametrize(("low", "high", "holds"), [
    (4.0, 5.0, True), (3.0, 4.0, True), (4.01, 5.0, False), (3.0, 3.99, False), (4.0, None, True), (4.01, None, False),
])  # fmt: skip
def test_a_mean_of_ratios_is_from_low_to_high(project, low, high, holds):
    """2 and 8: the geometric mean is 4."""
    about = {
        "measure": "risk_ratio",
        "by": "exposure",
        "level": "",
        "first": "yes",
        "second": "no",
        "interval": "log",
        "se": 0.2,
    }
    rows = [exact(ratio, country=country, **about, ci_low=ratio - 0.4, ci_high=ratio + 0.4)
            for country, ratio in (("aaa", 2.0), ("bbb", 8.0))]  # fmt: skip
    adjusted = [{**row, "estimate": 1.0, "adjusted_for": "sex"} for row in rows]
    rule = {"check": "ratio", "low": low} | ({"high": high} if high else {})
    assert [verdict(project, rule, *rows, *adjusted)] == verdicts([holds])


def test_first_and_last_of_a_group_leave_out_what_is_no_answer(project):
    members = list(project.registry.members["channels"])
    silent = [name for name in members if name.endswith(("dont_know", "prefer_not_to_say"))]
    first, *_, last = [
        name for name in members if name not in silent and not name.endswith("does_not_know_who")
    ]
    pool = [exact(0.3 - i / 100, indicator=name) for i, name in enumerate(members) if name not in silent]
    pool += [exact(0.9, indicator=name) for name in silent]
    rule = {"group": "channels"}
    assert verdict(project, {**rule, "check": "top", "indicator": first}, pooled=pool) == CONFIRMED
    assert verdict(project, {**rule, "check": "top", "indicator": last}, pooled=pool) == NOT_CONFIRMED
    assert verdict(project, {**rule, "check": "bottom", "indicator": last}, pooled=pool) == CONFIRMED
    assert verdict(project, {**rule, "check": "bottom", "indicator": first}, pooled=pool) == NOT_CONFIRMED
    top = {**rule, "check": "top", "indicator": first}
    assert [
        verdict(project, {**top, "equals": value}, pooled=pool) for value in (0.279, 0.28, 0.32, 0.321)
    ] == INSIDE


def test_first_in_every_form(project):
    """Of two channels one is first in form a; in form b only as long as its share is larger."""
    one, other = [name for name in project.registry.members["channels"] if not name.endswith("know")][:2]
    rule = {"check": "each_top", "group": "channels", "indicator": one, "forms": ["a", "b"]}

    def judged(share):
        shares = {("a", one): 0.3, ("a", other): 0.2, ("b", one): share, ("b", other): 0.2}
        pool = [exact(value, by="form", level=form, indicator=name) for (form, name), value in shares.items()]
        evidence = Evidence(
            project.registry, Suppression(), pd.DataFrame(), pd.DataFrame(pool), ["aaa", "bbb"]
        )
        line = judge({"claim_id": "C00", "claim": "", "statistic": "", "rule": rule}, evidence)
        return line["Verdict"], line["Computed"]

    assert judged(0.201) == (CONFIRMED, "first in 2 of 2 forms")
    title = project.registry.indicators[other].title
    assert judged(0.199) == (NOT_CONFIRMED, f"first in 1 of 2 forms (b: {title})")


def test_one_country_is_no_evidence_and_two_are(project):
    one = exact(0.25, country="aaa")
    hidden = exact(np.nan, country="bbb", status="suppressed", se=np.nan, n=np.nan)
    rule = {"check": "largest", "equals": 0.25}
    assert verdict(project, rule, one, hidden) == NOT_COMPUTABLE
    assert verdict(project, rule, one, exact(0.1, country="bbb")) == CONFIRMED
    assert verdict(project, rule, one, exact(0.1, country="bbb", status="low_n")) == CONFIRMED


# Suppression: the limits of the configuration, whatever they are


def estimate(n, n_yes, level="all", by="all"):
    return pd.DataFrame([{
        "country": "aaa", "indicator": "x", "by": by, "level": level, "measure": "proportion",
        "estimate": n_yes / n, "se": 0.01, "ci_low": 0.0, "ci_high": 1.0, "df": 90.0, "deff": 1.0, "n": n,
        "n_base_weighted": float(n),
        "status": "ok", "interval": "logit", "n_yes": n_yes, "n_no": n - n_yes, "n_unanswered": 0,
    }])  # fmt: skip


@pytest.mark.parametrize(("below", "brackets"), [(25, 50), (30, 80)])
def test_a_base_is_hidden_in_brackets_or_shown_by_the_limits_of_the_configuration(below, brackets):
    rules = Suppression(not_shown_below=below, bracket_below=brackets)
    # whether a base is small is judged as it is printed, a multiple of 5
    expected = {below - 1: "suppressed", below: "low_n", brackets - 3: "low_n", brackets - 2: "shown"}
    statuses = {n: suppression.apply(estimate(n, n // 2), rules, None)["status"].iloc[0] for n in expected}
    assert statuses == expected


@pytest.mark.parametrize(("by", "least"), [("all", 7), ("sex", 13)])
def test_a_share_is_about_at_least_so_many_children(by, least):
    rules = Suppression(min_count=7, min_count_subgroup=13, all_or_none_base=60)
    for n_yes, status in [(least - 1, "suppressed"), (least, "shown"), (1000 - least, "shown"),
                              (1001 - least, "suppressed"), (0, "shown"), (1000, "shown")]:  # fmt: skip
        level = "girl" if by == "sex" else "all"
        assert suppression.apply(estimate(1000, n_yes, level, by), rules, None)["status"].tolist() == [status]


def test_numbers_of_children_do_not_leave_suppression():
    one = estimate(1000, 500)
    pair = {
        f"{name}_{group}": 500 for name in ("n_yes", "n_no", "n_unanswered") for group in ("first", "second")
    }
    levels = {"first": "boy", "second": "girl"}
    for rows in (one, one.assign(measure="risk_ratio", **pair, **levels)):
        left = suppression.apply(rows, Suppression(), None)
        assert left["status"].tolist() == ["shown"]
        assert not {"n_yes", "n_no", "n_unanswered", *pair} & set(left.columns)


@pytest.mark.parametrize("n_yes", [0, 1])
def test_nobody_and_everybody_are_told_from_a_base_of_the_configuration_on(n_yes):
    rules = Suppression(all_or_none_base=60)
    statuses = [suppression.apply(estimate(n, n * n_yes), rules, None)["status"].iloc[0] for n in (59, 60)]
    assert statuses == ["suppressed", "shown"]


# Quality


@pytest.mark.parametrize(("share", "level"), [
    (0.0, "ok"), (0.049, "ok"), (0.05, "note"), (0.199, "note"), (0.2, "warning"), (0.499, "warning"), (0.5, "error"),
    (1.0, "error"),
])  # fmt: skip
def test_a_level_begins_at_its_share(share, level):
    assert Steps(note=0.05, warning=0.2, error=0.5).level(share) == level


def test_nothing_is_always_fine_and_by_default_anything_is_a_note():
    assert Steps().level(0.0) == "ok"
    assert Steps().level(0.001) == "note"
    assert Steps().level(1.0) == "note"


def test_the_most_serious_level():
    assert [worst(LEVELS[: i + 1]) for i in range(4)] == ["ok", "note", "warning", "error"]
    assert worst(reversed(LEVELS)) == "error"
    assert worst([]) == "ok"


@pytest.mark.parametrize(
    ("count", "kind"), [(0, "few"), (4, "few"), (5, "count"), (95, "count"), (96, "nearly all")]
)
def test_a_number_of_respondents_is_told_from_five_to_all_but_five(count, kind):
    assert published_quality.alone(Part(count, 100), Suppression()).kind == kind


@pytest.mark.parametrize(("part", "kind"), [
    (Part(20, 49), "hidden"), (Part(20, 50), "count"),
    (Part(20, 96, 100), "hidden"), (Part(20, 95, 100), "count"),
])  # fmt: skip
def test_nothing_is_told_of_a_small_base_or_of_nearly_all(part, kind):
    assert published_quality.alone(part, Suppression()).kind == kind


def test_numbers_of_respondents_in_words():
    rules = Suppression()
    parts = {
        "5.9% of 1,015": Part(58, 1014),
        "fewer than 5 of 100": Part(3, 100),
        "all, or all but fewer than 5, of 100": Part(98, 100),
    }
    for words, part in parts.items():
        assert published_quality.alone(part, rules).words(rules) == words
