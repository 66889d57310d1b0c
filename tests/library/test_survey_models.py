"""Regressions: what can be worked out by hand, properties, and errors that name what is wrong."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError, fitting


@pytest.fixture
def people() -> pd.DataFrame:
    """Six clusters of ten in two strata."""
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "weight": draw.uniform(1, 3, 60).round(2),
            "stratum": np.repeat(["a", "b"], 30),
            "psu": np.repeat(np.arange(6), 10),
            "sex": draw.choice(["boy", "girl"], 60),
            "age": draw.integers(12, 18, 60),
            "urban": draw.choice([True, False], 60),
            "wealth": draw.choice([1, 2, 3], 60),
            "a b": draw.normal(size=60),
        }
    )
    frame["told"] = (draw.uniform(size=60) < 0.3 + 0.3 * (frame["sex"] == "girl")).astype(int)
    frame["hours"] = draw.gamma(2, 2, 60) + frame["age"] / 10
    return frame


def design_of(people: pd.DataFrame, **options: object) -> survey.Design:
    named = {"weight": "weight", "stratum": "stratum", "psu": "psu", "name": "xaa"} | options
    return survey.Design(people, **named)


def test_a_model_of_one_group_says_what_the_contrast_of_means_says(people):
    """Same estimates and standard errors by another road; df is one less (two coefficients)."""
    design, girls = design_of(people), (people["sex"] == "girl").to_numpy()
    expected = survey.contrasts(design, people["told"], girls, ~girls).set_index("measure")
    effect = survey.regression(design, people, "told ~ sex").marginal_effects().loc[0]
    assert effect[["variable", "contrast"]].tolist() == ["sex", "girl - boy"]
    assert effect["df"] == expected.loc["risk_difference", "df"] - 1
    ratio = survey.regression(design, people, "told ~ sex", "log_poisson").ratios().loc[0]
    slope = survey.regression(design, people, "told ~ sex", "linear").coefficients().loc[1]
    for estimate, name in ((effect, "risk_difference"), (ratio, "risk_ratio"), (slope, "risk_difference")):
        assert estimate["estimate"] == pytest.approx(expected.loc[name, "estimate"])
        assert estimate["se"] == pytest.approx(expected.loc[name, "se"])


def test_the_margins_of_a_saturated_model_are_the_means(people):
    design = design_of(people)
    groups = {sex: people["sex"] == sex for sex in ("boy", "girl")}
    expected = survey.means(design, people["told"], groups)
    margins = survey.regression(design, people, "told ~ sex").predictive_margins("sex")
    assert margins["value"].tolist() == ["boy", "girl"]
    assert margins["estimate"].tolist() == pytest.approx(expected["estimate"].tolist())
    assert margins["se"].tolist() == pytest.approx(expected["se"].tolist())


def test_a_linear_model_by_hand():
    """Weights 1 1 2: the line through (0, 1), (1, 3) and twice (2, 5) is 1 + 2 x; nothing is left over."""
    people = pd.DataFrame({"w": [1.0, 1, 2], "x": [0, 1, 2], "y": [1.0, 3, 5]})
    model = survey.regression(survey.Design(people, weight="w"), people, "y ~ x", "linear")
    assert model.coefficients()["estimate"].tolist() == pytest.approx([1, 2])
    assert model.coefficients()["se"].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_categories_take_the_first_as_reference_and_only_those_of_the_base(people):
    people["sex"] = pd.Categorical(people["sex"], categories=["none", "girl", "boy"])
    model = survey.regression(design_of(people), people, "told ~ sex + C(wealth) + urban")
    assert model.coefficients()["term"].tolist() == [
        "Intercept",
        "sex[T.boy]",
        "wealth[T.2]",
        "wealth[T.3]",
        "urban",
    ]
    effects = model.marginal_effects()
    assert effects["contrast"].tolist() == ["boy - girl", "2 - 1", "3 - 1", "1 - 0"]
    assert model.ratios()["measure"].unique().tolist() == ["odds_ratio"]


def test_a_missing_answer_leaves_the_domain_not_the_design(people):
    """As a domain of those who have all answers; the cluster that drops out stays in the design."""
    people["age"] = people["age"].astype(float)
    people.loc[people["psu"] == 2, "age"] = np.nan
    known = people["age"].notna().to_numpy()
    some = survey.regression(design_of(people), people, "told ~ sex + age")
    domain = survey.regression(
        design_of(people), people.fillna({"age": 99}), "told ~ sex + age", domain=known
    )
    pd.testing.assert_frame_equal(some.coefficients(), domain.coefficients())
    assert (some.n, some.df) == (50, 5 - 2 + 1 - 3)


def test_slopes_agree_with_small_steps(people):
    """With an interaction; the derivative of everyone's prediction, taken by differences."""
    model = survey.regression(design_of(people), people, "told ~ sex * age + `a b`")
    step = 1e-5
    up, down = (model.predictions(people.assign(age=people["age"] + by)) for by in (step, -step))
    slopes = (up["estimate"] - down["estimate"]) / (2 * step)
    row = model.marginal_effects(["age"]).loc[0]
    assert row["estimate"] == pytest.approx(np.average(slopes, weights=people["weight"]), rel=1e-6)
    assert model.test("sex:age")["df"] == 1


def test_predictions_stay_within_bounds_and_follow_the_rows_given(people):
    model = survey.regression(design_of(people), people, "told ~ sex + age")
    rows = pd.DataFrame({"age": [12, 40], "sex": ["girl", "boy"]}, index=["young", "old"])
    predictions = model.predictions(rows)
    b = model.coefficients().set_index("term")["estimate"]
    eta = b["Intercept"] + b["sex[T.girl]"] + 12 * b["age"]
    assert predictions.loc["young", "estimate"] == pytest.approx(1 / (1 + np.exp(-eta)))
    assert predictions[["ci_low", "ci_high"]].to_numpy().min() >= 0
    assert predictions[["ci_low", "ci_high"]].to_numpy().max() <= 1
    assert (predictions["ci_low"] < predictions["estimate"]).all()


def test_weights_times_a_constant_change_nothing_and_neither_does_order(people):
    formula = "told ~ sex + age"
    expected = survey.regression(design_of(people), people, formula).coefficients()
    heavier = people.assign(weight=people["weight"] * 1e4)
    mixed = people.sample(frac=1, random_state=1)
    for other in (heavier, mixed):
        coefficients = survey.regression(design_of(other), other, formula).coefficients()
        pd.testing.assert_frame_equal(coefficients, expected, rtol=1e-8)


def test_too_few_clusters_give_estimates_without_standard_errors(people):
    model = survey.regression(design_of(people), people, "told ~ sex + age + urban + wealth")
    assert model.df == 6 - 2 + 1 - 5
    for table in (model.coefficients(), model.ratios(), model.marginal_effects()):
        assert set(table["status"]) == {"not_estimable"}
        assert table["estimate"].notna().all()
        assert table[["se", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)
    assert np.isnan(model.test("sex")["statistic"])


@pytest.mark.parametrize("family", ["logistic", "log_poisson"])
def test_separation_is_an_error_that_names_columns_and_rows(people, family):
    people["never"] = np.where(people.index.isin([4, 17]), "yes", "no")
    people.loc[[4, 17], "told"] = 0
    with pytest.raises(SurveyError) as caught:
        survey.regression(design_of(people), people, "told ~ sex + never", family)
    assert "xaa: separation: 'never[T.yes]'" in str(caught.value)
    assert "without error in rows 4, 17 (" in str(caught.value)


def test_separation_by_a_number(people):
    people["age"] = np.where(people["told"] == 1, 15, 12)
    with pytest.raises(
        SurveyError, match=r"separation: 'age' predict the outcome without error in rows 0, 1, 2"
    ):
        survey.regression(design_of(people), people, "told ~ age")


def test_a_rare_answer_is_no_separation(people):
    """One answer of a thousand: log odds far out, but finite."""
    many = pd.concat([people] * 400, ignore_index=True).assign(weight=1.0, psu=np.arange(24000))
    many["told"] = (many.index == 7).astype(int)
    model = survey.regression(design_of(many), many, "told ~ 1")
    assert model.estimate[0] == pytest.approx(np.log(1 / 23999))


def test_coefficients_that_cannot_be_told_apart_are_named(people):
    people["years"] = people["age"] - 12
    with pytest.raises(SurveyError) as caught:
        survey.regression(design_of(people), people, "told ~ sex + age + years", "linear")
    assert (
        "xaa: 60 rows of the base cannot distinguish the coefficients of the model: 'years' can be computed from "
        "the others" in str(caught.value)
    )


def test_a_fit_that_does_not_converge_is_an_error(people, monkeypatch):
    monkeypatch.setattr(fitting, "LIMIT", 1)
    with pytest.raises(SurveyError) as caught:
        survey.regression(design_of(people), people, "told ~ sex + age")
    assert (
        "xaa: the model did not converge in 1 steps on rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 50 more"
        in str(caught.value)
    )
    assert "coefficients: 'Intercept', 'sex[T.girl]', 'age'" in str(caught.value)


def test_intervals_of_margins_stay_within_bounds(people):
    """Only one girl told: a Wald interval would reach below zero."""
    people["told"] = np.where(
        people["sex"] == "girl", people.index == people.index[people["sex"] == "girl"][0], people["told"]
    )
    for family, top in (("logistic", 1), ("log_poisson", np.inf)):
        table = survey.regression(design_of(people), people, "told ~ sex", family).predictive_margins("sex")
        assert (table["ci_low"] > 0).all()
        assert (table["ci_high"] < top).all()
        assert (table["estimate"] - 2.8 * table["se"] < 0).any()  # t with 3 df reaches 3.2


def test_replicate_weights_give_about_the_same_standard_errors():
    """Of a model on 200 clusters: 500 bootstrap samples agree to a tenth."""
    draw = np.random.default_rng(8)
    people = pd.DataFrame(
        {"w": draw.uniform(1, 2, 800), "psu": np.arange(800) // 4, "x": draw.normal(size=800)}
    )
    people["told"] = (draw.uniform(size=800) < 1 / (1 + np.exp(-people["x"]))).astype(int)
    design = survey.Design(people, weight="w", psu="psu")
    for table in ("coefficients", "marginal_effects"):
        plain, again = (
            getattr(survey.regression(plan, people, "told ~ x"), table)()["se"].to_numpy()
            for plan in (design, design.bootstrap(500, seed=1))
        )
        assert again == pytest.approx(plain, rel=0.1)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("told ~ log(age)", "no column 'log'"),
        ("told ~ C(age, Sum)", "not ', Sum)'"),
        ("told ~ __import__('os').system('true')", "not \"'os').system('true')\""),
        ("told ~ {age + 1}", "not '{age + 1}'"),
        ("told ~ age ** 2", "not '** 2'"),
        ("told ~ 0", "formula 'told ~ 0' has no terms"),
        ("told ~ age * * age", "not '* * age'"),
        ("told ~ age - 1", "not '- 1'"),
        ("told ~ sex.upper", "not '.upper'"),
        ("told ~ I(age)", "no column 'I'"),
        ("told ~ 2 + age", "not '2 + age'"),
        ("told ~ ag", "no column 'ag'; did you mean 'age'?"),
        ("told ~ age age", "Missing operator"),
        ("told ~ (age", "matching context"),
        ("told ~ age +", "insuffient arguments"),
        ("told", "a formula reads 'outcome ~ column + column', not 'told'"),
        ("told + age ~ sex", "a formula reads"),
        ("told ~ told", "column 'told' is on both sides"),
        ("told ~ wealth + C(wealth)", "column 'wealth' is both a number and C()"),
        (
            "hours ~ sex",
            "outcome 'hours' is neither 0 nor 1 in rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 50 more",
        ),
        ("sex ~ told", "not numeric or boolean: sex"),
        ("told ~ one", "column 'one' has one category in the base"),
        ("told ~ label", "column 'label' has 60 categories: too many"),
        ("nothing ~ sex", "no row has all of 'nothing' and"),
        ("same ~ sex", "outcome 'same' does not vary in the 60 rows of the base"),
    ],
)
def test_errors_of_formulas_and_columns(people, formula, message):
    people = people.assign(one="x", label=[f"n{i}" for i in range(60)], nothing=np.nan, same=1)
    with pytest.raises(SurveyError) as caught:
        survey.regression(design_of(people), people, formula)
    assert message in str(caught.value)
    assert str(caught.value).startswith("xaa: ")


def test_a_column_with_the_name_of_a_function_is_never_called(people):
    with pytest.raises(SurveyError, match="Missing operator"):
        survey.regression(design_of(people), people.assign(log=1.0), "told ~ log(age)")


def test_errors_of_calls(people):
    design = design_of(people)
    model = survey.regression(design, people, "told ~ sex + age")
    linear = survey.regression(design, people, "hours ~ sex", "linear")
    for call, message in (
        (
            lambda: survey.regression(design, people, "told ~ sex", "probit"),
            "family is one of linear, logistic, log",
        ),
        (
            lambda: survey.regression(design, people.head(3), "told ~ sex"),
            "3 rows in the table of the model, 60",
        ),
        (
            lambda: survey.regression(
                design,
                people.assign(told=-people["told"]),
                "told ~ sex",
                "log_poisson",
            ),
            "outcome 'told' is negative in row",
        ),
        (
            lambda: survey.regression(design, people, "told ~ sex", confidence=95),
            "confidence is a probability",
        ),
        (lambda: survey.regression(design, people, "told ~ sex", domain=people["told"]), "is no condition"),
        (
            survey.regression(design, people, "told ~ 1").marginal_effects,
            "the model has no variables, so no marginal effects",
        ),
        (linear.ratios, "a linear model has no ratios"),
        (lambda: model.test("urban"), "the model has terms '1', 'sex', 'age', not 'urban'"),
        (lambda: model.marginal_effects(["urban"]), "the model has variables 'sex', 'age', not 'urban'"),
        (lambda: model.predictive_margins("age"), "variable 'age' has no levels: it is a number"),
        (lambda: model.predictions(people[["sex"]]), "the table of new rows has no column 'age'"),
        (
            lambda: model.predictions(pd.DataFrame({"sex": ["girl", "x"], "age": [13, 14]})),
            "column 'sex' is missing, or a category the model does not know, in row 1 (",
        ),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)


@pytest.mark.slow
def test_the_library_of_formulas_is_loaded_with_the_first_model():
    code = "import sys, disrupting_harm.survey; print('formulaic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
