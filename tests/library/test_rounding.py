"""What is published is rounded: expected values are worked out here, by hand or from the rounded numbers alone."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.estimation.tidy_table import COLUMNS, FULL
from disrupting_harm.protection import suppression

RULES = Suppression(rounding=Rounding(points=0.1, base=5), coarse_rounding=Rounding(points=1, base=10))
ENDS = ["ci_low", "ci_high"]


def row(
    estimate, se=0.0123456, n=1014, df=97.0, measure="proportion", interval="logit", coarse=False, **more
):
    """One row in full precision, with limits by the textbook formula of its method."""
    t = stats.t.ppf(0.975, df)
    low, high = {
        "logit": lambda: special.expit(
            special.logit(estimate) + np.array([-t, t]) * se / estimate / (1 - estimate)
        ),
        "wald": lambda: estimate + np.array([-t, t]) * se,
        "log": lambda: estimate * np.exp(np.array([-t, t]) * se / estimate),
    }.get(interval, lambda: (estimate - 0.0212345, estimate + 0.0254321))()
    given_row = dict.fromkeys(FULL, "x") | {"measure": measure, "interval": interval, "status": "shown"}
    given_row |= {
        "estimate": estimate,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "deff": 1.31,
        "n": n,
    }
    given_row |= {
        "n_base_weighted": 1013.7,
        "confidence_level": 0.95,
        "share_first": np.nan,
        "share_second": np.nan,
    }
    given_row |= {"base": n, "base_first": np.nan, "base_second": np.nan}
    return given_row | {"coarse": coarse, "coarse_first": False, "coarse_second": False} | more


def published(*rows):
    return rounding.rounded(pd.DataFrame(rows), RULES)


@pytest.mark.parametrize(
    ("coarse", "share", "n", "step"), [(False, 0.234, 1015, 0.001), (True, 0.23, 1010, 0.01)]
)
def test_shares_and_bases_are_rounded_to_the_nearest_multiple(coarse, share, n, step):
    row_published = published(row(0.2341234, coarse=coarse)).iloc[0]
    assert (row_published["estimate"], row_published["n"], row_published["rounded_to"]) == (share, n, step)
    assert row_published["se"] == 0.012
    assert not {"df", "deff", "n_base_weighted", "share_first", "coarse"} & {*row_published.index}


def test_a_published_table_has_the_columns_of_one():
    table = rounding.published(pd.DataFrame([row(0.2)], columns=FULL), RULES)
    assert list(table.columns) == COLUMNS


@pytest.mark.parametrize(
    ("n", "fine", "coarse"), [(25, 25, 30), (27, 25, 30), (28, 30, 30), (34, 35, 30), (35, 35, 40)]
)
def test_bases(n, fine, coarse):
    assert rounding.base(np.array([n, n]), RULES, np.array([False, True])).tolist() == [fine, coarse]


def test_limits_are_worked_out_from_what_is_printed():
    """Whoever has t for the degrees of freedom gets the printed limits from the printed share and error."""
    row_published = published(row(0.2341234)).iloc[0]
    t = stats.t.ppf(0.975, 97)
    logit, half = math.log(0.234 / 0.766), t * 0.012 / (0.234 * 0.766)
    assert row_published["ci_low"] == round(1 / (1 + math.exp(-logit + half)), 3)
    assert row_published["ci_high"] == round(1 / (1 + math.exp(-logit - half)), 3)


@pytest.mark.parametrize("estimate", [0.0, 0.00049, 0.99951, 1.0])
def test_what_rounds_to_nobody_or_everybody_cannot_be_told_from_it(estimate):
    """The interval is the exact one (Clopper and Pearson) on the printed base: 1 - 0.025 ** (1 / n) from the end."""
    row_published = published(row(estimate, interval="wald")).iloc[0]
    away = round(1 - 0.025 ** (1 / 1015), 3)
    expected = (0.0, 0.0, away) if estimate < 0.5 else (1.0, round(1 - away, 3), 1.0)
    assert (row_published["estimate"], row_published["ci_low"], row_published["ci_high"]) == expected


def pair(first, second, measure, **coarse):
    made = first - second if measure == "risk_difference" else first / second
    interval = "wald" if measure == "risk_difference" else "log"
    return row(
        made,
        measure=measure,
        interval=interval,
        share_first=first,
        share_second=second,
        coarse=any(coarse.values()),
        **coarse,
    )


def test_effects_are_those_of_the_printed_shares():
    shares = (
        0.23449,
        0.10551,
    )  # printed as 23.4 and 10.6: 12.8 points, 2.21 times; exactly 12.9 points, 2.22 times
    row_published = published(pair(*shares, "risk_difference"), pair(*shares, "risk_ratio"))
    assert row_published["estimate"].tolist() == [0.128, round(0.234 / 0.106, 2)]
    assert row_published["rounded_to"].tolist() == [0.001, 0.01]


def test_an_effect_with_a_coarse_group_is_coarse():
    shares = 0.23449, 0.10551  # 23 and 10.6: 12.4 points, 2.17 times
    flags = {"coarse_first": True, "coarse_second": False}
    row_published = published(pair(*shares, "risk_difference", **flags), pair(*shares, "risk_ratio", **flags))
    assert row_published["estimate"].tolist() == [0.12, 2.2]
    assert row_published["rounded_to"].tolist() == [0.01, 0.1]


@pytest.mark.parametrize(("estimate", "expected", "step"), [
    (1.23456, 1.23, 0.01), (12.3456, 12.3, 0.1), (123.456, 123.0, 1.0), (9.996, 10.0, 0.1), (-1.236, -1.24, 0.01),
])  # fmt: skip
@pytest.mark.parametrize(("measure", "interval"), [("mean", "wald"), ("risk_ratio", "log")])
def test_means_and_ratios_have_two_decimals_and_larger_ones_fewer(
    estimate, expected, step, measure, interval
):
    if measure == "risk_ratio" and estimate < 0:
        return
    row_published = published(row(estimate, measure=measure, interval=interval)).iloc[0]
    assert (row_published["estimate"], row_published["rounded_to"]) == (expected, step)


def test_numbers_of_children_have_three_digits():
    row_published = published(row(215_962.3, se=19_876.0, measure="count", interval="monte_carlo",
                          ci_low=180_432.0, ci_high=255_123.0)).iloc[0]  # fmt: skip
    assert row_published[["estimate", "se", *ENDS, "rounded_to"]].tolist() == [
        216_000,
        20_000,
        180_000,
        255_000,
        1,
    ]


def test_hidden_rows_stay_empty():
    numbers = dict.fromkeys(["estimate", "se", "n", "base", *ENDS, "df"], np.nan)
    row_published = published({**row(0.2), "status": "suppressed", "interval": "", **numbers}, row(0.2)).iloc[
        0
    ]
    assert row_published[["estimate", "se", "n", *ENDS, "rounded_to"]].isna().all()


def test_p_values_have_two_digits():
    assert rounding.p_values(np.array([0.04963, 0.000123456, 1.0, np.nan]))[:3].tolist() == [
        0.05,
        0.00012,
        1.0,
    ]


SHARES = st.floats(0.0002, 0.9998)
ERRORS = st.floats(1e-4, 0.2)
BASES = st.integers(25, 20_000)
METHODS = st.sampled_from(["logit", "wald", "wilson_kish"])


@settings(deadline=None)
@given(SHARES, ERRORS, BASES, st.booleans(), METHODS)
def test_everything_is_a_multiple_and_limits_contain_the_estimate(share, se, n, coarse, interval):
    row_published = published(row(share, se, n, coarse=coarse, interval=interval)).iloc[0]
    step, base = (0.01, 10) if coarse else (0.001, 5)
    for name in ("estimate", *ENDS):
        assert row_published[name] / step == pytest.approx(round(row_published[name] / step), abs=1e-6)
    assert row_published["n"] % base == 0
    assert abs(row_published["estimate"] - share) <= step / 2 + 1e-8
    assert abs(row_published["n"] - n) <= base / 2
    assert 0 <= row_published["ci_low"] <= row_published["estimate"] <= row_published["ci_high"] <= 1


@settings(deadline=None)
@given(SHARES, ERRORS, BASES, st.booleans(), st.sampled_from(["logit", "wald"]), st.floats(-0.49, 0.49))
def test_it_tells_nothing_but_rounded_numbers(share, se, n, coarse, interval, off):
    """Another survey whose share, error and base are rounded to the same is published in the same words."""
    first = published(row(share, se, n, coarse=coarse, interval=interval)).iloc[0]
    other = min(max(first["estimate"] + off * first["rounded_to"], 1e-6), 1 - 1e-6)
    again = published(row(other, first["se"], int(first["n"]), coarse=coarse, interval=interval)).iloc[0]
    for name in ("estimate", "se", "n", *ENDS):
        assert again[name] == first[name]


@settings(deadline=None)
@given(SHARES, ERRORS, BASES, st.booleans(), METHODS)
def test_rounding_again_changes_nothing(share, se, n, coarse, interval):
    once = published(row(share, se, n, coarse=coarse, interval=interval))
    twice = rounding.rounded(once.assign(coarse=coarse, df=97.0), RULES)
    pd.testing.assert_frame_equal(once, twice)


@settings(deadline=None)
@given(st.floats(0.001, 500), ERRORS, st.booleans())
def test_rounding_ratios_again_changes_nothing(ratio, se, coarse):
    once = published(row(ratio, se, measure="risk_ratio", interval="log", coarse=coarse))
    twice = rounding.rounded(once.assign(coarse=coarse, df=97.0), RULES)
    numbers = ["estimate", "se", "n", *ENDS]
    pd.testing.assert_frame_equal(once[numbers], twice[numbers])


def contrast(measure, estimate, first, second, **more):
    """A contrast of two groups of 148 and 152, as `suppression.apply` leaves it."""
    values = {"share_first": first, "share_second": second, "base": np.nan, "n": 300}
    values |= {"base_first": 148, "base_second": 152, "level": "", "first": "a", "second": "b"}
    interval = "log" if measure == "risk_ratio" else "wald"
    return row(estimate, measure=measure, interval=interval, **(values | more))


def test_the_base_of_a_contrast_is_the_sum_of_those_of_its_groups():
    """148 and 152 are printed as 150 each, 144 as 145, coarsely as 140."""
    share = 0.1, 0.3, 0.2
    row_published = published(
        contrast("risk_difference", *share),
        contrast("risk_difference", *share, base_first=144),
        contrast("risk_difference", *share, base_first=144, coarse=True, coarse_first=True),
    )
    assert row_published["n"].tolist() == [300, 295, 290]


def test_a_ratio_to_a_share_that_is_printed_as_nought_is_not_estimable():
    """0.3 / 0.0004 is 750: so exact a ratio would tell the second share, which is printed as 0.0 %."""
    row_published = published(
        contrast("risk_ratio", 750.0, 0.3, 0.0004),
        contrast("risk_ratio", 1.5, 0.3, 0.2),
        contrast("risk_difference", 0.2996, 0.3, 0.0004),
    )
    assert row_published["status"].tolist() == ["not_estimable", "shown", "shown"]
    assert row_published.loc[0, ["estimate", "se", "ci_low", "ci_high", "n", "rounded_to"]].isna().all()
    assert row_published["estimate"].tolist()[1:] == [1.5, 0.3]


def test_fewer_than_k_without_an_answer_are_rounded_with_the_base():
    """1,012 of 1,014 and all of 1,014 print the same; of 1,009, five are missing, and that is told."""
    given_row = {"measure": "proportion", "status": "ok", "n_yes": 200, "n_no": 800}
    bases = [
        suppression.bases_of({**given_row, "n": 1014 - few, "n_unanswered": few}, RULES)[0]
        for few in (0, 2, 4, 5)
    ]
    assert rounding.base(np.array(bases), RULES).tolist() == [1015, 1015, 1015, 1010]
