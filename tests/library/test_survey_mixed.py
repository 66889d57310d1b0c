"""Random intercepts: against brute force, at the edges, and errors that name what is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError
from disrupting_harm.survey.formulas import Sample
from disrupting_harm.survey.mixed import Likelihood


@pytest.fixture
def people() -> pd.DataFrame:
    """Eight countries of 40."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "weight": draw.uniform(1, 3, 320),
            "country": np.repeat(list("abcdefgh"), 40),
            "sex": draw.choice(["boy", "girl"], 320),
        }
    )
    logit = np.repeat(draw.normal(-0.5, 1, 8), 40) + 0.7 * (frame["sex"] == "girl")
    return frame.assign(told=(draw.uniform(size=320) < 1 / (1 + np.exp(-logit))).astype(int))


def design_of(people: pd.DataFrame) -> survey.Design:
    return survey.Design(people, weight="weight", name="xaa")


def test_the_likelihood_is_the_integral(people):
    """Over the normal density, by adaptive integration of each country's product of probabilities."""
    girl, country_of_row = (people["sex"] == "girl").to_numpy(int), np.repeat(np.arange(8), 40)
    likelihood = Likelihood(Sample(design_of(people), people, "told ~ sex", "logistic"), country_of_row, 25)
    at = np.array([-0.4, 0.6, 0.9])

    def of_country(country: int) -> float:
        disclosed, eta = (
            people["told"][country_of_row == country],
            at[0] + at[1] * girl[country_of_row == country],
        )

        def integrand(u: float) -> float:
            p = 1 / (1 + np.exp(-(eta + at[2] * u)))
            return np.prod(np.where(disclosed == 1, p, 1 - p)) * stats.norm.pdf(u)

        return np.log(integrate.quad(integrand, -9, 9, epsabs=0, epsrel=1e-11, limit=200)[0])

    expected = sum(of_country(country) for country in range(8))
    assert likelihood(at) == pytest.approx(expected, rel=1e-10)


def test_the_estimates_are_where_the_likelihood_is_flat_and_the_errors_its_curvature(people):
    """Of a model with an intercept only, from values of the likelihood alone."""
    model = survey.random_intercept(design_of(people), people, "told ~ 1", people["country"])
    sample = Sample(design_of(people), people, "told ~ 1", "logistic")
    value = Likelihood(sample, np.repeat(np.arange(8), 40), 15)
    at, step = np.array([model.estimate.iloc[0], model.sd]), 1e-3 * np.eye(2)
    slope = [(value(at + h) - value(at - h)) / 2e-3 for h in step]
    assert slope == pytest.approx([0, 0], abs=1e-4)
    hessian = [
        [(value(at + g + h) - value(at + g - h) - value(at - g + h) + value(at - g - h)) / 4e-6 for h in step]
        for g in step
    ]
    assert model.covariance.iloc[0, 0] == pytest.approx(np.linalg.inv(-np.array(hessian))[0, 0], rel=1e-4)


def test_effects_shrink_towards_the_common_intercept_and_follow_the_countries(people):
    model = survey.random_intercept(design_of(people), people, "told ~ sex", people["country"])
    share = people.groupby("country")["told"].mean()
    assert model.effects.index.tolist() == list("abcdefgh")
    assert model.effects.rank().corr(share.rank()) > 0.9
    assert model.effects.std() < 1.1 * model.sd
    ratio, coefficient = model.ratios().loc[0], model.coefficients().loc[1]
    assert ratio["term"] == coefficient["term"] == "sex[T.girl]"
    assert ratio["ci_low"] == pytest.approx(
        np.exp(coefficient["estimate"] - 1.959963984540054 * coefficient["se"])
    )


def test_weights_do_not_count_and_order_does_not_either(people):
    first = survey.random_intercept(design_of(people), people, "told ~ sex", people["country"])
    mixed = people.sample(frac=1, random_state=1).assign(weight=1.0)
    second = survey.random_intercept(design_of(mixed), mixed, "told ~ sex", mixed["country"])
    pd.testing.assert_frame_equal(first.coefficients(), second.coefficients(), rtol=1e-7)


def test_groups_that_do_not_differ_have_no_spread(people):
    """Every country alike: the logistic regression without countries."""
    alike = people.iloc[:40]
    alike = pd.concat([alike.assign(country=name) for name in "abcdefgh"], ignore_index=True)
    model = survey.random_intercept(design_of(alike), alike, "told ~ sex", alike["country"])
    plain = survey.regression(survey.Design(alike.assign(weight=1.0), weight="weight"), alike, "told ~ sex")
    assert model.sd == pytest.approx(0, abs=1e-3)
    assert model.status == "singular"
    assert model.estimate.tolist() == pytest.approx(plain.estimate.tolist(), abs=1e-5)


def test_groups_that_differ_are_no_singular_fit(people):
    assert survey.random_intercept(design_of(people), people, "told ~ sex", people["country"]).status == "ok"


@pytest.mark.parametrize("formula", ["told ~ 1", "told ~ sex", "told ~ age"])
@pytest.mark.parametrize("groups", ["the outcome", "eight countries", "one a respondent"])
def test_groups_that_tell_the_outcome_are_refused(people, formula, groups):
    """Their likelihood grows with the spread without end: the larger it is, the surer is each group's answer."""
    people = people.assign(age=np.random.default_rng(4).normal(size=320))
    if groups == "eight countries":
        people["told"] = (people["country"] > "c").astype(int)
    group = {"the outcome": people["told"], "eight countries": people["country"]}.get(groups, np.arange(320))
    with pytest.raises(
        SurveyError, match=r"xaa: the outcome does not vary within any of the .* groups"
    ) as caught:
        survey.random_intercept(design_of(people), people, formula, group)
    assert "merge groups, or leave them out: regression()" in str(caught.value)


def test_errors(people):
    design, country = design_of(people), people["country"]
    for call, message in (
        (
            lambda: survey.random_intercept(design, people, "told ~ sex", country.where(country == "a")),
            "not 1",
        ),
        (
            lambda: survey.random_intercept(design, people, "told ~ sex", country.head(9)),
            "9 rows in group, 320",
        ),
        (
            lambda: survey.random_intercept(design, people, "weight ~ sex", country),
            "'weight' is neither 0 nor 1",
        ),
        (lambda: survey.random_intercept(design, people, "told ~ age", country), "no column 'age'"),
        (
            lambda: survey.random_intercept(
                design, people.assign(same=people["told"]), "told ~ same", country
            ),
            "separation: 'same'",
        ),
        (
            lambda: survey.random_intercept(design, people, "told ~ sex", country, nodes=0),
            "nodes is 1 or more",
        ),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)
        assert str(caught.value).startswith("xaa: ")
