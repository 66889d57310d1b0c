"""Pooling several surveys: closed forms, properties, and what is said where there is no number."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
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
            "n": [200, 300, 100] * 2,
        }
    )


@pytest.mark.parametrize("method", HETEROGENEITY_METHODS)
def test_equal_errors_have_a_closed_form(method):
    """tau^2 = S^2 - v, Q = (K - 1) S^2 / v, Knapp-Hartung's variance S^2 / K."""
    values, v = np.array([1.0, 2.0, 6.0, 3.0]), 0.5
    spread = values.var(ddof=1)
    pooled = survey.random_effects(values, np.full(4, math.sqrt(v)), method)
    assert pooled.estimate == pytest.approx(3)
    assert pooled.tau**2 == pytest.approx(spread - v)
    assert pooled.q == pytest.approx(3 * spread / v)
    assert pooled.i2 == pytest.approx(1 - v / spread)
    assert pooled.se == pytest.approx(math.sqrt(spread / 4))
    assert pooled.ci_high == pytest.approx(3 + 3.182446305284264 * pooled.se)  # t, 3 df, 97.5 %
    assert pooled.prediction_high == pytest.approx(
        3 + 4.302652729911275 * math.sqrt(spread - v + spread / 4)  # t, 2 df
    )
    assert pooled.q_p_value == pytest.approx(stats.chi2.sf(pooled.q, 3))


@some
@given(effects)
def test_paule_mandel_brings_q_to_its_degrees_of_freedom(pairs):
    effect, error = np.array(pairs).T
    pooled = survey.random_effects(effect, error)
    weight = 1 / (error**2 + pooled.tau**2)
    q = (weight * (effect - pooled.estimate) ** 2).sum()
    if pooled.tau > 0:
        assert q == pytest.approx(len(effect) - 1, rel=1e-8)
    else:
        assert q <= len(effect) - 1 + 1e-9
        assert pooled.i2 == 0


@pytest.mark.parametrize(("method", "theirs"), [("paule_mandel", "pm"), ("dersimonian_laird", "dl")])
def test_as_by_statsmodels(method, theirs):
    """Its Paule and Mandel stops at 1e-5 and gives 0 where a step overshoots; its tau^2 of DerSimonian and Laird can be
    below 0. So it is a witness here and does not stand in for ours."""
    effect, error = np.array([-1.4, -0.8, 0.0, 0.5, -2.0]), np.array([0.1, 0.2, 0.15, 0.3, 0.12])
    pooled = survey.random_effects(effect, error, method, knapp_hartung="plain")
    expected = combine_effects(effect, error**2, method_re=theirs)
    assert pooled.tau**2 == pytest.approx(expected.tau2, rel=1e-5)
    assert pooled.estimate == pytest.approx(expected.mean_effect_re, rel=1e-5)
    assert pooled.se == pytest.approx(expected.sd_eff_w_re_hksj, rel=1e-5)
    assert (pooled.q, pooled.i2) == pytest.approx((expected.q, expected.i2), rel=1e-9)


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
    pooled = survey.random_effects([1.0, 1.1], [0.5, 1.0], knapp_hartung="none")
    assert (pooled.tau, pooled.i2) == (0, 0)
    assert pooled.estimate == pytest.approx((1 / 0.25 + 1.1) / (1 / 0.25 + 1))
    assert pooled.se == pytest.approx(math.sqrt(1 / 5))
    assert pooled.ci_high - pooled.estimate == pytest.approx(1.959963984540054 * pooled.se)
    assert math.isnan(pooled.prediction_low)


def test_equal_effects_do_not_make_the_mean_certain():
    """Weights 1 / 0.1^2 each: by them alone the variance of the mean is 0.01 / 3, and never less, with t on K - 1."""
    pooled = survey.random_effects([0.5, 0.5, 0.5], [0.1, 0.1, 0.1])
    assert (pooled.estimate, pooled.tau, pooled.q) == (pytest.approx(0.5), 0, pytest.approx(0))
    assert pooled.se == pytest.approx(math.sqrt(0.01 / 3))
    assert pooled.ci_high == pytest.approx(0.5 + 4.302652729911275 * pooled.se)  # t, 2 df, 97.5 %
    for equal in ([0.5, 0.5, 0.5], [0.1 + 0.2, 0.3, 0.3]):  # the second differ by rounding
        with pytest.raises(SurveyError, match=r"the effects are equal.* use knapp_hartung='modified'"):
            survey.random_effects(equal, [0.1, 0.1, 0.1], knapp_hartung="plain")


@some
@given(effects)
def test_the_modified_error_is_the_larger_of_two(pairs):
    """Röver, Knapp and Friede (2015): that of the weights alone, or Knapp and Hartung's."""
    effect, error = np.array(pairs).T
    assume(np.ptp(effect) > 1e-3)
    for method in HETEROGENEITY_METHODS:
        modified, plain, none = (
            survey.random_effects(effect, error, method, knapp_hartung=choice)
            for choice in survey.KNAPP_HARTUNG
        )
        assert modified.se == pytest.approx(max(plain.se, none.se))
        assert modified.df == plain.df == len(effect) - 1
        assert modified.estimate == plain.estimate == none.estimate


def test_means_of_surveys_by_arithmetic(table):
    surveys = (
        survey.pool(table, {"xaa": 3e6, "xab": 6e6, "xac": 1e6})
        .set_index(["indicator", "measure"])
        .loc["told"]
    )
    equal, weighted = surveys.loc["equal_mean"], surveys.loc["weighted_mean"]
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
    surveys = table.head(3)
    slope = surveys["estimate"] * (1 - surveys["estimate"])
    pooled = survey.random_effects(special.logit(surveys["estimate"]), surveys["se"] / slope)
    assert row["estimate"] == pytest.approx(special.expit(pooled.estimate))
    assert row["prediction_low"] == pytest.approx(special.expit(pooled.prediction_low))
    assert row["se"] == pytest.approx(pooled.se * row["estimate"] * (1 - row["estimate"]))
    assert (row["tau"], row["i2"], row["n_pooled"]) == (pooled.tau, pooled.i2, 3)


def test_a_survey_without_a_logit_is_named_never_left_out(table):
    asked = survey.pool(table).set_index(["indicator", "measure"]).loc["asked"]
    row = asked.loc["random_effects"]
    assert (row["status"], row["reason"]) == ("not_estimable", "a share of 0 or 100 % has no logit: xab")
    assert math.isnan(row["estimate"])


def test_a_survey_at_zero_is_not_certain(table):
    """Its limits are those of Clopper and Pearson on n, 0 and 1 - 0.025^(1/n); each limit of the mean adds up the
    squared distances of the surveys' limits on its side."""
    row = survey.pool(table).set_index(["indicator", "measure"]).loc[("asked", "equal_mean")]
    p, se, df = np.array([0.05, 0.1]), np.array([0.01, 0.02]), np.array([20, 10])
    away = stats.t.ppf(0.975, df) * se / (p * (1 - p))
    low, high = (special.expit(special.logit(p) + sign * away) for sign in (-1, 1))
    upper = 1 - 0.025 ** (1 / 300)
    assert (row["status"], row["interval"]) == ("ok", "mover")
    assert row["estimate"] == pytest.approx(0.05)
    assert row["ci_low"] == pytest.approx(0.05 - math.sqrt(((p - low) ** 2).sum()) / 3)
    assert row["ci_high"] == pytest.approx(0.05 + math.sqrt(((high - p) ** 2).sum() + upper**2) / 3)
    recovered = upper / 2 / stats.t.ppf(0.975, 30)
    assert row["se"] == pytest.approx(math.sqrt(0.01**2 + 0.02**2 + recovered**2) / 3)


def test_surveys_of_unlimited_degrees_of_freedom(table):
    """The normal quantile, also for a survey at 0."""
    surveys, asked = (survey.pool(part.assign(df=np.inf)).iloc[0] for part in (table.head(3), table.tail(3)))
    away = 1.959963984540054 * surveys["se"] / (surveys["estimate"] * (1 - surveys["estimate"]))
    assert surveys["df"] == math.inf
    assert surveys["ci_high"] == pytest.approx(special.expit(special.logit(surveys["estimate"]) + away))
    recovered = (1 - 0.025 ** (1 / 300)) / 2 / 1.959963984540054
    assert asked["se"] == pytest.approx(math.sqrt(0.01**2 + 0.02**2 + recovered**2) / 3)


def test_surveys_that_are_all_at_an_edge(table):
    """Nobody in three surveys, or everybody: limits of the mean from those of each."""
    nobody, everybody = (
        survey.pool(table.head(3).assign(estimate=share, se=0.0)).iloc[0] for share in (0.0, 1.0)
    )
    uppers = 1 - 0.025 ** (1 / np.array([200, 300, 100]))
    assert (nobody["estimate"], nobody["ci_low"], nobody["status"]) == (0, 0, "ok")
    assert nobody["ci_high"] == pytest.approx(math.sqrt((uppers**2).sum()) / 3)
    assert 1 - everybody["ci_low"] == pytest.approx(nobody["ci_high"])
    assert everybody["ci_high"] == 1


@some
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(40, 400)), min_size=2, max_size=8),
    st.floats(0.5, 0.99),
)
def test_an_interval_of_a_mean_lies_within_0_and_1_and_holds_it(counts, level):
    yes, n = np.array(counts).T
    p = yes / n
    rows = pd.DataFrame(
        {
            "indicator": "told",
            "domain": range(len(n)),
            "estimate": p,
            "se": np.sqrt(p * (1 - p) / n),
            "df": n - 1,
            "n": n,
        }
    )
    row = survey.pool(rows, confidence=level).iloc[0]
    assert row["status"] == "ok"
    assert 0 <= row["ci_low"] <= row["estimate"] <= row["ci_high"] <= 1
    assert row["se"] > 0


def test_where_there_is_no_number_there_is_the_true_reason(table):
    surveys = table.head(3)
    for change, means, effects in (
        ({"se": [0.03, np.nan, 0.12]}, "no standard error: xab", "no standard error: xab"),
        ({"estimate": [0.2, np.nan, 0.3]}, "no estimate: xab", "no estimate: xab"),
        ({"se": [0.0, 0.04, 0.0]}, "a standard error of 0: xaa, xac", "a standard error of 0: xaa, xac"),
        ({"df": [20, 0, np.nan]}, "no degrees of freedom: xab, xac", ""),
        (
            {"estimate": [0.2, 1, 0.3], "se": [0.03, 0, 0.12], "n": [200, np.nan, 100]},
            "a share of 0 or 100 % without its base n: xab",
            "a share of 0 or 100 % has no logit: xab",
        ),
    ):
        pooled = survey.pool(surveys.assign(**change), {"xaa": 1, "xab": 1, "xac": 1}).set_index("measure")
        assert pooled["reason"].tolist() == [means, means, effects]
        assert pooled["status"].tolist() == [
            "not_estimable" if why else "ok" for why in (means, means, effects)
        ]
        assert pooled.loc[pooled["reason"] != "", ["se", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(survey.pool(table.head(1))["reason"]) == {"a single survey"}


def test_equal_surveys_are_pooled_and_not_certain(table):
    equal = table.head(3).assign(estimate=0.3, se=0.03)
    modified, plain = (
        survey.pool(equal, knapp_hartung=choice).set_index("measure").loc["random_effects"]
        for choice in ("modified", "plain")
    )
    assert modified["se"] == pytest.approx(0.03 / math.sqrt(3))
    assert modified["status"] == "ok"
    assert (plain["status"], plain["estimate"]) == ("not_estimable", pytest.approx(0.3))
    assert plain["reason"].startswith("equal estimates, which make the plain standard error 0")
    left_out = survey.leave_one_out(equal, knapp_hartung="plain").set_index("measure").loc["random_effects"]
    assert set(left_out["status"]) == {"not_estimable"}


def test_leave_one_out_is_the_pool_of_the_others(table):
    pooled = survey.leave_one_out(table, populations={"xaa": 3, "xab": 6, "xac": 1}, method="reml")
    assert pooled["left_out"].drop_duplicates().tolist() == ["xaa", "xab", "xac"]
    others = survey.pool(table[table["domain"] != "xab"], {"xaa": 3, "xac": 1}, "reml")
    ours = pooled[pooled["left_out"] == "xab"].drop(columns="left_out").reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, others)


def test_what_cannot_be_pooled_is_refused(table):
    for call, message in (
        (lambda: survey.pool(table, {"xaa": 1, "xab": 0}), "no population above 0 for xab, xac"),
        (
            lambda: survey.pool(pd.concat([table, table])),
            "'told' has a domain more than once: xaa, xab, xac; keep one",
        ),
        (lambda: survey.random_effects([1.0], [1.0]), "two effects or more"),
        (
            lambda: survey.random_effects([1.0, 2.0], [1.0, 0.0]),
            "random_effects: standard errors of 0 in row 1",
        ),
        (
            lambda: survey.random_effects([1.0, 2.0], [-1.0, 1.0]),
            "random_effects: standard errors below 0 in row 0",
        ),
        (
            lambda: survey.random_effects([1.0, np.inf], [1.0, 1.0]),
            "random_effects: effects that are missing or infinite in row 1",
        ),
        (
            lambda: survey.random_effects([1.0, 2.0], [1.0, 1.0], knapp_hartung=True),
            "knapp_hartung is one of modified, plain, none, not True",
        ),
        (lambda: survey.pool(table, knapp_hartung="adhoc"), "knapp_hartung is one of modified, plain, none"),
        (lambda: survey.pool(table.head(0), method="hedges"), "method is one of paule_mandel"),
        (
            lambda: survey.pool(table.assign(se=[0.1, -0.1, 0.1, 0.1, 0.1, 0.1])),
            "indicator 'told' has a standard error below 0: xab",
        ),
        (
            lambda: survey.pool(table.assign(estimate=[0.1, 0.1, 0.1, 0.1, 20, 1.1])),
            "indicator 'asked' has an estimate that is no share, from 0 to 1: xab, xac",
        ),
        (
            lambda: survey.pool(table.assign(domain=["xaa", None] * 3)),
            "pool: column 'domain' is missing in rows 1, 3, 5",
        ),
        (
            lambda: survey.pool(table.assign(indicator=None)),
            "pool: column 'indicator' is missing in rows 0, 1, 2",
        ),
        (
            lambda: survey.pool(table, pd.Series([1, 2, 3, 4], [*table["domain"][:3], "xaa"])),
            "repeat xaa",
        ),
        (lambda: survey.leave_one_out(table.head(0)), "pool: the table of estimates is empty"),
        (
            lambda: survey.random_effects([1e200, 2.0], [1.0, 1.0]),
            "too large or too small to be squared in row 0",
        ),
        (
            lambda: survey.random_effects([1.0, 2.0], [1.0, 1e-200]),
            "too large or too small to be squared in row 1",
        ),
        (lambda: survey.random_effects([1.0, 2.0], [1.0, 1.0], "hedges"), "method is one of paule_mandel"),
        (lambda: survey.random_effects([1.0, 2.0], [1.0, 1.0], confidence=95), "confidence is a probability"),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)


@pytest.mark.parametrize("kind", [np.longdouble, np.float16])
def test_surveys_may_be_named_by_any_real_numbers(table, kind):
    """pandas can group by neither of these."""
    numbers = table["domain"].map({"xaa": 1.0, "xab": 2.0, "xac": 3.0})
    expected = survey.pool(table.assign(domain=numbers), {1: 3, 2: 6, 3: 1})
    pooled = survey.pool(table.assign(domain=numbers.astype(kind)), {1: 3, 2: 6, 3: 1})
    pd.testing.assert_frame_equal(pooled, expected)
    of_one = table[table["indicator"] == "told"].assign(indicator=np.array([1, 1, 1], kind))
    assert survey.pool(of_one)["estimate"].tolist() == expected["estimate"].tolist()[:3:2]


def test_errors_that_have_no_square_are_not_estimable(table):
    for tiny_or_huge in (1e-200, 1e200):
        pooled = survey.pool(table.assign(se=tiny_or_huge))
        assert set(pooled["status"]) == {"not_estimable"}
        reasons = pooled.loc[pooled["indicator"] == "told", "reason"]
        assert reasons.str.startswith("too large or too small to be squared").all()
