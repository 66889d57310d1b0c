"""Replicate weights: the jackknife by hand and against linearisation, and the bootstrap made here."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError

ORACLE = Path(__file__).parents[1] / "oracle"
REGRESSIONS = json.loads((ORACLE / "extra" / "reference_replicates.json").read_text())["cases"]
TOLERANCE = 1e-9  # R prints 14 digits, and iterates to 1e-14
some = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.fixture
def people() -> pd.DataFrame:
    """Two strata of two clusters of two people; three replicates with factors of the weight."""
    return pd.DataFrame(
        {
            "weight": [1.0, 2, 1, 2, 3, 1, 1, 1],
            "stratum": list("aaaabbbb"),
            "psu": ["a1", "a1", "a2", "a2", "b1", "b1", "b2", "b2"],
            "told": [1, 0, 1, 1, 0, 1, 0, 0],
            "girl": [True, False] * 4,
            "r1": [0.0, 0, 2, 2, 1, 1, 1, 1],
            "r2": [2.0, 2, 0, 0, 0.5, 0.5, 1.5, 1.5],
            "r3": [1.0, 1, 1, 1, 0, 0, 2, 2],
        }
    )


REPLICATES = ["r1", "r2", "r3"]


def given_design(people: pd.DataFrame, **options: object) -> survey.Design:
    named = {"scale": 0.5, "rscales": [1.0, 2.0, 0.5], "combined": False, "name": "xaa"} | options
    return survey.Design.from_replicates(people, "weight", REPLICATES, **named)


@pytest.mark.parametrize("mse", [True, False])
def test_estimates_are_made_anew_with_each_replicate(people, mse):
    """Means, totals and ratios of each replicate as numpy has them, and R's formula for their variance."""
    design, disclosed, girl = given_design(people, mse=mse), people["told"], people["girl"].to_numpy()
    weights = [people["weight"].to_numpy() * people[name].to_numpy() for name in REPLICATES]
    full_weight = people["weight"].to_numpy()
    for row, one in (
        (
            survey.means(design, disclosed, {"girls": girl}).loc[0],
            lambda w: w[girl] @ disclosed[girl] / w[girl].sum(),
        ),
        (survey.proportions(design, disclosed, interval="wald").loc[0], lambda w: w @ disclosed / w.sum()),
        (survey.totals(design, disclosed).loc[0], lambda w: w @ disclosed),
        (survey.ratios(design, disclosed, people["girl"]).loc[0], lambda w: w @ disclosed / w[girl].sum()),
    ):
        moved = np.array([one(w) for w in weights])
        centre = one(full_weight) if mse else moved.mean()
        assert row["estimate"] == pytest.approx(one(full_weight))
        assert row["se"] == pytest.approx(math.sqrt(0.5 * np.array([1, 2, 0.5]) @ (moved - centre) ** 2))


def test_weights_or_factors(people):
    """Combined weights hold the weight itself."""
    combined = people.assign(**{name: people["weight"] * people[name] for name in REPLICATES})
    rows = [
        survey.means(given_design(frame, combined=is_combined), people["told"])
        for frame, is_combined in ((people, False), (combined, True))
    ]
    pd.testing.assert_frame_equal(*rows)


def test_degrees_of_freedom_are_the_rank_less_one(people):
    """Three different replicates, then two alike."""
    assert given_design(people).df == 2
    assert given_design(people.assign(r3=people["r1"])).df == 1
    rows = survey.means(
        given_design(people), people["told"], {"a1": people["psu"] == "a1", "nobody": people["girl"] & False}
    )
    assert rows["df"].tolist() == [0, 0]
    assert rows["status"].tolist() == ["not_estimable", "empty"]


def test_a_base_that_a_replicate_loses_is_not_estimable(people):
    """Replicate r2 gives cluster a2 no weight, but a1: the stratum has a base in all three."""
    rows = survey.means(
        given_design(people), people["told"], {"a": people["stratum"] == "a", "a2": people["psu"] == "a2"}
    )
    assert rows["status"].tolist() == ["ok", "not_estimable"]


@st.composite
def samples(draw) -> pd.DataFrame:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [
        (f"s{stratum}", f"s{stratum}c{psu}")
        for stratum in range(draw(st.integers(1, 3)))
        for psu in range(draw(st.integers(2, 4)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    people = pd.DataFrame(rows, columns=["stratum", "psu"])
    people["weight"] = random.choice([0.0, 0.5, 1.7, 3.2], len(people))
    people["y"] = random.normal(size=len(people))
    return people


@some
@given(samples())
def test_for_totals_the_jackknife_is_the_linearised_variance(jackknife, people):
    plain = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    by_jackknife = survey.totals(jackknife(plain), people["y"]).loc[0]
    by_scores = survey.totals(plain, people["y"]).loc[0]
    assert by_jackknife["estimate"] == pytest.approx(by_scores["estimate"], abs=1e-12)
    if by_scores["status"] == by_jackknife["status"] == "ok":
        assert by_jackknife["se"] == pytest.approx(by_scores["se"], rel=1e-7, abs=1e-9)


@some
@given(samples(), st.integers(0, 2**32 - 1))
def test_bootstrap_weights_keep_the_sum_of_each_stratum_and_the_seed_decides(people, seed):
    plain = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    design = plain.bootstrap(10, seed)
    factors = design.replicates.factors
    assert (factors >= 0).all()
    stage = design.stages[0]
    for stratum, drawn in enumerate(stage.drawn):
        assert factors[stage.stratum == stratum].sum(axis=0) == pytest.approx(np.full(10, drawn))
    assert (plain.bootstrap(10, seed).replicates.factors == factors).all()
    assert plain.replicates is None


def test_two_psus_a_stratum_draw_one_of_each(people):
    """Each replicate counts one PSU of each stratum twice; 4 equally likely totals have the linearised variance."""
    plain = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    design = plain.bootstrap(4000, seed=11)
    assert set(design.replicates.factors.ravel()) == {0.0, 2.0}
    assert design.df == plain.df == 2
    assert plain.bootstrap(2, seed=11).df == 1
    by_bootstrap, by_scores = (survey.totals(plan, people["told"]).loc[0, "se"] for plan in (design, plain))
    assert by_bootstrap == pytest.approx(by_scores, rel=0.05)  # 4,000 draws: standard error about 1 %


def test_bootstrap_knows_the_share_drawn_and_singleton_psus(people):
    """Half of the PSUs drawn: the variance halves. A singleton PSU under certainty always has its own weight."""
    design, half = (
        survey.Design(
            people.assign(size=4), weight="weight", stratum="stratum", psu="psu", fpc=fpc
        ).bootstrap(500, 3)
        for fpc in (None, "size")
    )
    moved, less = design.replicates.factors - 1, half.replicates.factors - 1
    assert less == pytest.approx(moved * math.sqrt(0.5))
    singleton = people.assign(psu=list("aaccbbbb"))
    certain, average = (
        survey.Design(
            singleton, weight="weight", stratum="stratum", psu="psu", singleton_psu=policy
        ).bootstrap(20, 3)
        for policy in ("certainty", "average")
    )
    stage = certain.stages[0]
    assert (certain.replicates.factors[stage.singleton[stage.stratum]] == 1).all()
    one, two = (survey.totals(plan, people["told"]).loc[0, "se"] for plan in (certain, average))
    assert two == pytest.approx(one * math.sqrt(2))  # two strata, of which one is estimated


def test_every_other_function_takes_replicates(people):
    """The difference of two means moves with the replicates; tables, quantiles and joint means agree with the rest."""
    design, disclosed, girl = given_design(people), people["told"], people["girl"].to_numpy()
    weights = [people["weight"].to_numpy() * people[name].to_numpy() for name in REPLICATES]
    moved = np.array(
        [
            w[girl] @ disclosed[girl] / w[girl].sum() - w[~girl] @ disclosed[~girl] / w[~girl].sum()
            for w in weights
        ]
    )
    se = math.sqrt(0.5 * np.array([1, 2, 0.5]) @ (moved - moved.mean()) ** 2)
    assert survey.contrasts(design, disclosed, girl, ~girl).loc[0, "se"] == pytest.approx(se)
    joint = survey.joint_means(design, disclosed, {"girls": girl, "boys": ~girl})
    assert joint.combine({("told", "girls"): 1, ("told", "boys"): -1})[1] == pytest.approx(se)
    assert survey.association(design, disclosed, people["girl"])["status"].eq("ok").all()
    assert survey.quantiles(design, disclosed).loc[0, "status"] == "ok"


def test_replicates_that_cannot_be_trusted_are_refused(people):
    plain = survey.Design(people, weight="weight", stratum="stratum", psu="psu", name="xaa")
    staged = survey.Design(
        people.assign(n=4, m=2, unit=range(8)),
        weight="weight",
        stratum="stratum",
        psu=["psu", "unit"],
        fpc=["n", "m"],
    )
    singleton = survey.Design(
        people.assign(psu=list("aaccbbbb")),
        weight="weight",
        stratum="stratum",
        psu="psu",
        singleton_psu="adjust",
    )
    for call, message in (
        (
            lambda: given_design(people, rscales=[1, 2]),
            "xaa: 3 replicates need one scale not below 0 for each",
        ),
        (lambda: given_design(people, scale=-1), "one scale not below 0"),
        (
            lambda: given_design(people.assign(r2=np.inf)),
            "xaa: replicate weight 'r2' is infinite in rows 0, 1",
        ),
        (lambda: given_design(people.drop(columns="r2")), "xaa: the table has no column 'r2'"),
        (lambda: given_design(people.assign(r2=[None, *range(7)])), "column 'r2' is missing in row 0 "),
        (lambda: given_design(people.assign(weight=-1.0)), "weight column 'weight' is negative"),
        (lambda: survey.Design.from_replicates(people, "weight", [], 1), "0 replicates"),
        (lambda: plain.bootstrap(1, 1), "xaa: a bootstrap needs two replicates or more, not 1"),
        (lambda: staged.bootstrap(5, 1), "a bootstrap needs units drawn in one stage"),
        (lambda: plain.bootstrap(5, 1).bootstrap(5, 1), "no other replicates"),
        (lambda: singleton.bootstrap(5, 1), "a bootstrap cannot adjust a singleton PSU"),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)


def jackknifed(name: str, jackknife) -> tuple[pd.DataFrame, survey.Design]:
    """A table of R's and its replicates: apiclus1 by JK1, apistrat by JKn, as such or about the whole sample's."""
    file, named = ("apiclus1", {"psu": "dnum"}) if name == "clus1" else ("apistrat", {"stratum": "stype"})
    schools = pd.read_csv(ORACLE / f"{file}.csv")
    design = jackknife(survey.Design(schools, weight="pw", **named))
    design.replicates = dataclasses.replace(design.replicates, mse=name.endswith("_mse"))
    return schools, design


@pytest.mark.parametrize(
    "case", REGRESSIONS, ids=lambda case: f"{case['design']}-{case['family']}-{case['formula']}"
)
def test_a_regression_is_fitted_anew_with_each_replicate(case, jackknife):
    """As R's svyglm on a svrepdesign; margins and effects, too, are those of each replicate."""
    schools, design = jackknifed(case["design"], jackknife)
    only = None if case["only"] is None else (schools["stype"] == case["only"]).to_numpy()
    model = survey.regression(design, schools, case["formula"], case["family"], only)
    errors = np.sqrt(np.diag(np.array(case["vcov"])))
    apart = np.abs(model.covariance.to_numpy() - np.array(case["vcov"]))
    assert model.estimate == pytest.approx(np.array(case["estimate"]), rel=TOLERANCE)
    assert (apart <= TOLERANCE * np.outer(errors, errors)).all()
    assert model.df == case["df"]
    assert model.test(case["term"]).tolist() == pytest.approx(case["test"], rel=TOLERANCE)
    predicted = model.predictions(schools[slice(None) if only is None else only].head(3))
    for column, expected in case["predicted"].items():
        assert predicted[column].tolist() == pytest.approx(expected, rel=TOLERANCE), column
    tables = {}
    if "categories" in case:
        tables["margins"] = model.predictive_margins(case["categories"])
        tables["differences"] = model.marginal_effects([case["categories"]])
    if "number" in case:
        tables["slope"] = model.marginal_effects([case["number"]])
    for name, table in tables.items():
        for column, expected in case[name].items():
            assert table[column].to_numpy() == pytest.approx(np.atleast_1d(expected), rel=TOLERANCE), (
                name,
                column,
            )


def test_a_regression_on_a_bootstrap_is_fitted_anew(people):
    """The slope of a line through two means is their difference, in each replicate."""
    people = pd.concat([people, people.assign(psu=people["psu"] + "x", told=1 - people["told"])])
    people["told"] += np.arange(16) / 8
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu").bootstrap(40, 2)
    girl = people["girl"].to_numpy()
    expected = survey.contrasts(design, people["told"], girl, ~girl).loc[0]
    row = survey.regression(design, people, "told ~ girl", "linear").coefficients().loc[1]
    assert row[["estimate", "se"]].tolist() == pytest.approx(expected[["estimate", "se"]].tolist())
    assert row["df"] == expected["df"] - 1


@pytest.mark.parametrize(
    ("outcome", "formula", "family", "message"),
    [
        ([0, 0, 1, 1, 1, 0, 1, 0], "told ~ girl", "logistic", "separation: 'girl' predict the outcome"),
        ([1, 0, 0, 1, 1, 0, 0, 1], "told ~ psu", "linear", "6 rows of the base cannot distinguish"),
    ],
)
def test_a_replicate_in_which_a_regression_cannot_be_fitted_is_named(
    people, outcome, formula, family, message
):
    with pytest.raises(SurveyError) as caught:
        survey.regression(given_design(people), people.assign(told=outcome), formula, family)
    assert str(caught.value).startswith(f"xaa, replicate 1 of 3: {message}")


def test_a_regression_on_weights_that_are_all_zero_or_negative_in_a_replicate_is_refused(people):
    message = r"xaa, replicate {} of 3: the weights of the base are all 0, or one is negative"
    with pytest.raises(SurveyError, match=message.format(1)):
        survey.regression(given_design(people), people, "told ~ 1", domain=people["psu"] == "a1")
    with pytest.raises(SurveyError, match=message.format(3)):
        survey.regression(given_design(people.assign(r3=[-1, *[1] * 7])), people, "told ~ 1")
