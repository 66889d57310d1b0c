"""Pooling several surveys: closed forms, properties, and what is said where there is no number."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.meta_analysis import combine_effects

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError
from disrupting_harm.survey.pooling import HETEROGENEITY_METHODS

some = settings(max_examples=25, deadline=None, derandomize=True)
effects = st.lists(st.tuples(st.floats(-4, 4), st.floats(0.05, 2)), min_size=2, max_size=12)


@pytest.fixture
def table() -> pd.DataFrame:
    """Three surveys with two indicators."""
    return pd.DataFrame(
        {
            "indicator": ["told"] * 3 + ["asked"] * 3,
            "domain": ["xaa", "xab", "xac"] * 2,
            "estimate": [0.2, 0.4, 0.3, 0.05, 0.0, 0.1],
            "se": [0.03, 0.04, 0.12, 0.01, 0.0, 0.02],
            "df": [20, 30, 10] * 2,
        }
    )


@pytest.mark.parametrize("method", HETEROGENEITY_METHODS)
def test_equal_errors_have_a_closed_form(method):
    """tau^2 = S^2 - v, Q = (K - 1) S^2 / v, Knapp-Hartung's variance S^2 / K."""
    values, v = np.array([1.0, 2.0, 6.0, 3.0]), 0.5
    spread = values.var(ddof=1)
    found = survey.random_effects(values, np.full(4, math.sqrt(v)), method)
    assert found.estimate == pytest.approx(3)
    assert found.tau**2 == pytest.approx(spread - v)
    assert found.q == pytest.approx(3 * spread / v)
    assert found.i2 == pytest.approx(1 - v / spread)
    assert found.se == pytest.approx(math.sqrt(spread / 4))
    assert found.ci_high == pytest.approx(3 + 3.182446305284264 * found.se)  # t, 3 df, 97.5 %
    assert found.prediction_high == pytest.approx(
        3 + 4.302652729911275 * math.sqrt(spread - v + spread / 4)  # t, 2 df
    )
    assert found.q_p_value == pytest.approx(stats.chi2.sf(found.q, 3))


@some
@given(effects)
def test_paule_mandel_brings_q_to_its_degrees_of_freedom(pairs):
    effect, error = np.array(pairs).T
    found = survey.random_effects(effect, error)
    weight = 1 / (error**2 + found.tau**2)
    q = (weight * (effect - found.estimate) ** 2).sum()
    if found.tau > 0:
        assert q == pytest.approx(len(effect) - 1, rel=1e-8)
    else:
        assert q <= len(effect) - 1 + 1e-9
        assert found.i2 == 0


@pytest.mark.parametrize(("method", "theirs"), [("paule_mandel", "pm"), ("dersimonian_laird", "dl")])
def test_as_by_statsmodels(method, theirs):
    """Its Paule and Mandel stops at 1e-5 and gives 0 where a step overshoots; its tau^2 of DerSimonian and Laird can be
    below 0. So it is a witness here and does not stand in for ours."""
    effect, error = np.array([-1.4, -0.8, 0.0, 0.5, -2.0]), np.array([0.1, 0.2, 0.15, 0.3, 0.12])
    found = survey.random_effects(effect, error, method)
    expected = combine_effects(effect, error**2, method_re=theirs)
    assert found.tau**2 == pytest.approx(expected.tau2, rel=1e-5)
    assert found.estimate == pytest.approx(expected.mean_effect_re, rel=1e-5)
    assert found.se == pytest.approx(expected.sd_eff_w_re_hksj, rel=1e-5)
    assert (found.q, found.i2) == pytest.approx((expected.q, expected.i2), rel=1e-9)


@some
@given(effects, st.floats(-3, 3), st.floats(0.5, 3))
def test_another_zero_and_another_unit_change_nothing_else(pairs, shift, unit):
    effect, error = np.array(pairs).T
    for method in HETEROGENEITY_METHODS:
        before = survey.random_effects(effect, error, method)
        after = survey.random_effects(effect * unit + shift, error * unit, method)
        assert after.estimate == pytest.approx(before.estimate * unit + shift, rel=1e-6, abs=1e-6)
        assert after.tau == pytest.approx(before.tau * unit, rel=1e-5, abs=1e-5)
        assert after.i2 == pytest.approx(before.i2, abs=1e-6)


def test_estimates_that_agree_have_no_heterogeneity_and_the_inverse_variance_mean():
    found = survey.random_effects([1.0, 1.1], [0.5, 1.0], knapp_hartung=False)
    assert (found.tau, found.i2) == (0, 0)
    assert found.estimate == pytest.approx((1 / 0.25 + 1.1) / (1 / 0.25 + 1))
    assert found.se == pytest.approx(math.sqrt(1 / 5))
    assert found.ci_high - found.estimate == pytest.approx(1.959963984540054 * found.se)
    assert math.isnan(found.prediction_low)


def test_means_of_surveys_by_arithmetic(table):
    told = (
        survey.pool(table, {"xaa": 3e6, "xab": 6e6, "xac": 1e6})
        .set_index(["indicator", "measure"])
        .loc["told"]
    )
    equal, weighted = told.loc["equal_mean"], told.loc["weighted_mean"]
    assert equal["estimate"] == pytest.approx(0.3)
    assert equal["se"] == pytest.approx(math.sqrt(0.03**2 + 0.04**2 + 0.12**2) / 3)
    assert weighted["estimate"] == pytest.approx(0.3 * 0.2 + 0.6 * 0.4 + 0.1 * 0.3)
    parts = np.array([0.3 * 0.03, 0.6 * 0.04, 0.1 * 0.12]) ** 2
    assert weighted["se"] == pytest.approx(math.sqrt(parts.sum()))
    df = parts.sum() ** 2 / (parts**2 / [20, 30, 10]).sum()
    assert weighted["df"] == pytest.approx(df)
    p = weighted["estimate"]
    high = special.expit(special.logit(p) + stats.t.ppf(0.975, df) * weighted["se"] / (p * (1 - p)))
    assert weighted["ci_high"] == pytest.approx(high)


def test_random_effects_are_on_logits(table):
    row = survey.pool(table).set_index(["indicator", "measure"]).loc[("told", "random_effects")]
    told = table.head(3)
    slope = told["estimate"] * (1 - told["estimate"])
    found = survey.random_effects(special.logit(told["estimate"]), told["se"] / slope)
    assert row["estimate"] == pytest.approx(special.expit(found.estimate))
    assert row["prediction_low"] == pytest.approx(special.expit(found.prediction_low))
    assert row["se"] == pytest.approx(found.se * row["estimate"] * (1 - row["estimate"]))
    assert (row["tau"], row["i2"], row["n_pooled"]) == (found.tau, found.i2, 3)


def test_a_survey_without_a_logit_is_named_never_left_out(table):
    asked = survey.pool(table).set_index(["indicator", "measure"]).loc["asked"]
    assert asked.loc["equal_mean", ["status", "estimate"]].tolist() == ["ok", pytest.approx(0.05)]
    row = asked.loc["random_effects"]
    assert (row["status"], row["reason"]) == ("not_estimable", "no logit with a standard error: xab")
    assert math.isnan(row["estimate"])


def test_where_there_is_no_number_there_is_a_reason(table):
    told = table.head(3).assign(se=[0.03, np.nan, 0.12])
    assert set(survey.pool(told)["reason"]) == {
        "no standard error: xab",
        "no logit with a standard error: xab",
    }
    assert set(survey.pool(table.head(1))["reason"]) == {"a single survey"}
    nobody = survey.pool(table.head(3).assign(estimate=0.0, se=0.0)).iloc[0]
    assert (nobody["status"], nobody["reason"], nobody["estimate"]) == ("not_estimable", "no variation", 0)


def test_leave_one_out_is_the_pool_of_the_others(table):
    found = survey.leave_one_out(table, populations={"xaa": 3, "xab": 6, "xac": 1}, method="reml")
    assert found["left_out"].drop_duplicates().tolist() == ["xaa", "xab", "xac"]
    others = survey.pool(table[table["domain"] != "xab"], {"xaa": 3, "xac": 1}, "reml")
    ours = found[found["left_out"] == "xab"].drop(columns="left_out").reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, others)


def test_what_cannot_be_pooled_is_refused(table):
    for call, message in (
        (lambda: survey.pool(table, {"xaa": 1, "xab": 0}), "no population above 0 for xab, xac"),
        (lambda: survey.pool(pd.concat([table, table])), "'told' has a domain more than once"),
        (lambda: survey.random_effects([1.0], [1.0]), "two effects or more"),
        (lambda: survey.random_effects([1.0, 2.0], [1.0, 0.0]), "standard errors above 0"),
        (lambda: survey.random_effects([1.0, 2.0], [1.0, 1.0], "hedges"), "method is one of paule_mandel"),
        (lambda: survey.random_effects([1.0, 2.0], [1.0, 1.0], level=95), "level is a probability"),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)
