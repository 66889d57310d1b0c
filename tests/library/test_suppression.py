"""What may be shown: one rule at a time, and nothing that was decided to be hidden."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation.tidy_table import FULL_NUMBERS, is_shown
from disrupting_harm.protection import suppression
from disrupting_harm.protection.suppression import Key

RULES = Suppression(
    not_shown_below=25, bracket_below=50, min_count=5, min_count_subgroup=10, all_or_none_base=50
)


def row(n_yes, n_no, by="all", level="all", indicator="x", status="ok", measure="proportion"):
    n = n_yes + n_no
    share = n_yes / n if n else np.nan
    return {"indicator": indicator, "by": by, "level": level, "measure": measure, "estimate": share, "se": 0.01,
            "ci_low": 0.0, "ci_high": 1.0, "df": 50.0, "deff": 1.2, "n": n, "n_base_weighted": float(n),
            "status": status, "interval": "logit", "n_yes": n_yes, "n_no": n_no}  # fmt: skip


def judge(*rows, decision=None):
    return suppression.apply(pd.DataFrame(rows), RULES, decision)


@pytest.mark.parametrize(("n_yes", "n_no", "by", "expected"), [
    (10, 14, "all", "suppressed"),  # base 24
    (10, 15, "all", "low_n"),  # base 25
    (10, 37, "all", "low_n"),
    (10, 38, "all", "shown"),  # 48 is published as 50, and brackets would tell that it is less
    (10, 40, "all", "shown"),
    (4, 500, "all", "suppressed"),  # fewer than k counted
    (5, 500, "all", "shown"),
    (500, 4, "all", "suppressed"),  # fewer than k not counted
    (9, 500, "sex", "suppressed"),  # k is 10 below the national level
    (10, 500, "sex", "shown"),
    (9, 500, "form", "shown"),  # a form is national
    (0, 49, "all", "suppressed"),  # nobody of a small group: tells about each one
    (0, 50, "all", "shown"),
    (49, 0, "all", "suppressed"),
    (50, 0, "all", "shown"),
])  # fmt: skip
def test_primary_rules(n_yes, n_no, by, expected):
    levels = [("a", n_yes, n_no), ("b", 200, 300), ("c", 200, 310)]
    rows = [row(p, o, by, level) for level, p, o in levels] if by == "sex" else [row(n_yes, n_no, by)]
    assert judge(*rows)["status"].iloc[0] == expected


def contrast(first, second, measure="risk_difference"):
    """A contrast of two groups, each (counted, not counted)."""
    counts = {"n_yes_first": first[0], "n_no_first": first[1], "n_yes_second": second[0],
              "n_no_second": second[1], "n_yes": np.nan, "n_no": np.nan}  # fmt: skip
    together = row(first[0] + second[0], first[1] + second[1], by="exposure", level="", measure=measure)
    return {**together, **counts, "first": "yes", "second": "no"}


@pytest.mark.parametrize(("first", "second", "expected"), [
    ((40, 60), (50, 400), "shown"),
    ((12, 12), (50, 400), "suppressed"),  # a group of 24: its share would follow from the other's
    ((15, 15), (50, 400), "low_n"),
    ((9, 91), (50, 400), "suppressed"),
    ((0, 100), (9, 91), "suppressed"),  # the difference from nought is the other group's share
    ((0, 49), (50, 400), "suppressed"),
    ((0, 100), (50, 400), "shown"),
])  # fmt: skip
def test_both_groups_of_a_contrast_are_judged(first, second, expected):
    for pair in ((first, second), (second, first)):
        judged = judge(contrast(*pair), contrast(*pair, measure="risk_ratio"))
        assert judged["status"].tolist() == [expected] * 2
        assert not [name for name in judged if name.startswith(("n_yes", "n_no"))]


def test_a_mean_is_held_by_its_base_alone():
    assert judge(row(2, 60, measure="mean"))["status"].tolist() == ["shown"]
    assert judge(row(2, 20, measure="mean"))["status"].tolist() == ["suppressed"]


@pytest.mark.parametrize(("status", "n", "expected"), [
    ("not_asked", 0, "not_asked"), ("empty", 0, "suppressed"), ("not_estimable", 100, "not_estimable"),
])  # fmt: skip
def test_what_could_not_be_estimated(status, n, expected):
    given_row = {**row(n // 2, n - n // 2), "status": status, "n": n}
    assert judge(given_row)["status"].tolist() == [expected]


def test_hidden_rows_carry_no_number_and_head_counts_never_leave():
    judged = judge(row(3, 500), row(100, 400, indicator="y"))
    assert judged.loc[0, [name for name in FULL_NUMBERS if name in judged]].isna().all()
    assert judged.loc[0, "interval"] == ""
    assert not {"n_yes", "n_no"} & set(judged.columns)
    assert judged.loc[1, "n"] == 500


@pytest.mark.parametrize(
    ("measure", "adjusted_for"), [("mean", ""), ("reliability", ""), ("risk_ratio", "age")]
)
def test_that_there_is_no_estimate_does_not_tell_that_all_gave_one_answer(measure, adjusted_for):
    """A mean of one value, a scale without variation, a model of which a group has nobody: the reason is a count."""
    without = {**row(50, 50), "measure": measure, "adjusted_for": adjusted_for, "status": "not_estimable"}
    assert judge(without)["status"].tolist() == ["suppressed"]


def decided(**shown):
    """A decision about levels of x by area."""
    return suppression.Decision({Key("x", "area", level): may for level, may in shown.items()})


def two_areas():
    """What a decision is read from, without `coarse`."""
    rows = [Key("x", "area", level)._asdict() for level in ("urban", "rural")]
    return pd.DataFrame(rows).assign(shown=True)


def test_a_decision_says_of_every_estimate_whether_it_is_coarse():
    rows = two_areas()
    decision = suppression.Decision.of(rows.assign(coarse=[True, False]))
    assert [decision.is_coarse(Key("x", "area", level)) for level in rows["level"]] == [True, False]
    judged = judge(row(60, 240, "area", "urban"), row(90, 410, "area", "rural"), decision=decision)
    assert judged["coarse"].tolist() == [True, False]
    with pytest.raises(KeyError, match="coarse"):
        suppression.Decision.of(rows)


@pytest.mark.parametrize("coarse", [(False, False), (True, False), (False, True), (True, True)])
def test_a_contrast_is_coarse_if_one_of_its_groups_is(coarse):
    pair = {**contrast((40, 60), (50, 400)), "by": "area", "first": "urban", "second": "rural"}
    judged = judge(pair, decision=suppression.Decision.of(two_areas().assign(coarse=coarse))).iloc[0]
    assert judged["coarse"] == any(coarse)
    assert (judged["coarse_first"], judged["coarse_second"]) == coarse


def test_a_hidden_contrast_keeps_nothing_of_its_groups():
    hidden = {**contrast((9, 91), (50, 400)), "share_first": 0.09, "share_second": 1 / 9}
    assert judge(hidden)[["share_first", "share_second", "estimate"]].isna().all(axis=None)


def test_what_was_decided_hides_more_and_never_less():
    levels = [("urban", 60, 240), ("peri_urban", 4, 36), ("rural", 90, 410)]
    rows = [row(p, o, "area", level) for level, p, o in levels]
    judged = judge(*rows, decision=decided(urban=False, peri_urban=True, rural=True))
    assert judged["status"].tolist() == ["suppressed", "suppressed", "shown"]
    assert judged.loc[0, [name for name in FULL_NUMBERS if name in judged]].isna().all()


def test_what_was_not_decided_is_refused():
    with pytest.raises(
        suppression.SuppressionError, match=r"x by area \(rural\).*under `of` of the breakdown area"
    ):
        judge(row(90, 410, "area", "rural"), decision=decided(urban=True))
    not_asked = {**row(0, 0, "area", "rural"), "status": "not_asked"}
    assert judge(not_asked, decision=decided(urban=True))["status"].tolist() == ["not_asked"]


@pytest.mark.parametrize(("may", "expected"), [((True, True), "shown"), ((True, False), "suppressed")])
def test_a_contrast_is_shown_only_with_both_its_groups(may, expected):
    pair = {**contrast((40, 60), (50, 400)), "by": "area", "first": "urban", "second": "rural"}
    judged = judge(pair, decision=decided(**dict(zip(("urban", "rural"), may, strict=True))))
    assert judged["status"].tolist() == [expected]


def test_without_a_decision_nothing_is_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing may be shown without it"):
        suppression.Decision.read(tmp_path / suppression.FILE)


@given(st.integers(0, 30), st.integers(0, 600))
def test_what_is_shown_never_rests_on_fewer_than_k(n_yes, n_no):
    judged = judge(row(n_yes, n_no))
    if is_shown(judged).all():
        assert n_yes == 0 or n_yes >= RULES.min_count
        assert n_no == 0 or n_no >= RULES.min_count
        assert n_yes + n_no >= RULES.not_shown_below
