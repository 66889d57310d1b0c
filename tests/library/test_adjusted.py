"""Adjusted contrasts: the models of the survey room, asked with the registry's words."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.estimation.adjusted import adjusted, covariate
from disrupting_harm.estimation.contrasts import contrast


@pytest.fixture(scope="module")
def children(drawn):
    frame, _ = drawn("phl")
    return frame[frame["weight"].notna()].reset_index(drop=True)


@pytest.fixture(scope="module")
def people(project, children):
    return Respondents(children, project.registry, project.codebook, label="test")


def entries(project, *names):
    return [project.registry.indicators[name] for name in names]


def test_without_anything_held_equal_it_is_the_plain_contrast(project, people):
    """A model with the exposure alone is saturated: its ratio and difference are those of the two shares."""
    plain = contrast(people, entries(project, "anxiety"), "exposure").set_index("measure")
    model = adjusted(people, entries(project, "anxiety"), "exposure", [], 0.95).set_index("measure")
    for measure in ("risk_ratio", "risk_difference"):
        assert model.loc[measure, "estimate"] == pytest.approx(plain.loc[measure, "estimate"], rel=1e-6)
        assert model.loc[measure, "se"] == pytest.approx(plain.loc[measure, "se"], rel=1e-4)
        assert model.loc[measure, "n"] == plain.loc[measure, "n"]


def test_it_is_the_model_of_the_survey_room(project, people, children):
    rows = adjusted(people, entries(project, "anxiety"), "exposure", ["age", "sex"], 0.95).set_index(
        "measure"
    )
    values = people.evaluator.values(project.registry.indicators["anxiety"])
    exposed = people.levels("exposure")["yes"].astype(float)
    frame = pd.DataFrame(
        {"y": values, "x": exposed, "age": children["age"].astype(float), "sex": children["sex"].astype(str)}
    )
    fit = survey.regression(people.design, frame, "y ~ x + age + sex", "log_poisson")
    expected = fit.ratios().set_index("term").loc["x"]
    assert rows.loc["risk_ratio", "estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    assert rows.loc["risk_ratio", "ci_high"] == pytest.approx(expected["ci_high"], rel=1e-9)
    assert set(rows["adjusted_for"]) == {"age+sex"}
    assert set(rows["level"]) == {""}


def test_what_was_not_asked_is_not_named(project, children):
    people = Respondents(children.drop(columns="area"), project.registry, project.codebook)
    rows = adjusted(people, entries(project, "anxiety"), "exposure", ["sex", "area"], 0.95)
    assert set(rows["adjusted_for"]) == {"sex"}
    assert covariate(people, "area") is None


def test_an_outcome_that_was_not_asked_keeps_its_rows(project, children):
    people = Respondents(children.drop(columns="anxiety"), project.registry, project.codebook)
    rows = adjusted(people, entries(project, "anxiety"), "exposure", ["sex"], 0.95)
    assert rows["status"].tolist() == ["not_asked", "not_asked"]


def test_separation_is_not_estimable(project, children):
    """Nobody who was not exposed has the outcome: no finite ratio, and no number made up."""
    people = Respondents(children, project.registry, project.codebook)
    exposed = people.levels("exposure")["yes"]
    answers = np.where(exposed & (np.arange(len(children)) % 2 == 0), "yes", "no")
    frame = children.assign(anxiety=pd.Categorical(answers, categories=children["anxiety"].cat.categories))
    people = Respondents(frame, project.registry, project.codebook)
    rows = adjusted(people, entries(project, "anxiety"), "exposure", ["sex"], 0.95)
    assert rows["status"].tolist() == ["not_estimable", "not_estimable"]
