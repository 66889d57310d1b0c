"""Tidy rows from registry entries: the survey room asked as a statistician would ask it, and by hand."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.answers.respondents import Respondents, link
from disrupting_harm.estimation import estimates
from disrupting_harm.estimation.adjusted import adjusted
from disrupting_harm.estimation.contrasts import contrast, direction
from disrupting_harm.estimation.tidy_table import CONTRAST
from disrupting_harm.synthetic import load_parameters, population


@pytest.fixture(scope="module")
def children(root, project):
    """The synthetic children of one country, cleaned as harmonise does."""
    frame, _ = population("ken", load_parameters(root), project.analysis.seed)
    return frame[frame["weight"].notna()].reset_index(drop=True)


@pytest.fixture(scope="module")
def people(project, children):
    return Respondents(children, project.registry, project.codebook, label="test")


def entries(project, *names):
    return [project.registry.indicators[name] for name in names]


def test_a_weighted_share_by_hand(project, people, children):
    """The paper's main indicator, computed from the columns without the registry."""
    forms = project.codebook.forms
    happened = [children[f"form_{f}"].isin(["rarely", "sometimes", "often", "very_often"]) for f in forms]
    online = [
        (
            children[f"place_{f}__social_media"].fillna(False)
            | children[f"place_{f}__online_game"].fillna(False)
        )
        for f in forms
    ]
    counted = np.any([a & b for a, b in zip(happened, online, strict=True)], axis=0)
    row = estimates.estimate(people, entries(project, "tfcsea_any")).iloc[0]
    assert row["estimate"] == pytest.approx(np.average(counted, weights=children["weight"]), rel=1e-12)
    assert (row["n"], row["n_yes"], row["n_no"]) == (len(children), counted.sum(), (~counted).sum())


def test_a_breakdown_is_a_domain_of_the_whole_design(project, people, children):
    rows = estimates.estimate(people, entries(project, "csea_any_any_context"), "sex").set_index("level")
    values = people.evaluator.values(project.registry.indicators["csea_any_any_context"])
    design = survey.Design(children, "weight", "stratum", "psu")
    expected = survey.proportions(
        design, pd.DataFrame({"x": values}), {"girl": children["sex"] == "girl"}
    ).iloc[0]
    assert rows.loc["girl", "se"] == pytest.approx(expected["se"], rel=1e-12)
    assert list(rows.index) == ["girl", "boy"]


def test_instances_are_pairs_within_their_childs_cluster(project, people, children):
    """A share of pairs is the ratio of two sums over children, so its standard error is the ratio's."""
    name = "barrier_did_not_know_where_to_go_or_whom_to_tell"
    row = estimates.estimate(people, entries(project, name)).iloc[0]
    forms = project.codebook.forms
    told_no_one = np.array([children[f"told_{f}__no_one"].fillna(False).to_numpy(bool) for f in forms])
    asked = (
        np.array([children[f"barrier_{f}__did_not_know_where"].fillna(False).to_numpy(bool) for f in forms])
        & told_no_one
    )
    design = survey.Design(children, "weight", "stratum", "psu")
    ratio = survey.ratios(
        design, pd.Series(asked.sum(axis=0), name="x"), pd.Series(told_no_one.sum(axis=0), name="y")
    ).iloc[0]
    assert row["estimate"] == pytest.approx(ratio["estimate"], rel=1e-12)
    assert row["se"] == pytest.approx(ratio["se"], rel=1e-9)
    assert row["n"] == told_no_one.sum()
    assert row["n_yes"] == asked.any(axis=0).sum()  # children, not pairs


def test_levels_of_an_indicator_add_up(project, people):
    name = "frequency_item_a_unwanted_sexual_comments"
    rows = estimates.estimate(people, entries(project, name))
    assert list(rows["level"]) == [
        "never",
        "rarely",
        "sometimes",
        "often",
        "very_often",
        "dont_know",
        "refused",
    ]
    assert rows["estimate"].sum() == pytest.approx(1, abs=1e-12)


def test_combinations_exclude_each_other(project, people):
    rows = estimates.estimate(people, entries(project, "place_combination"))
    pairs = ["online+in_person", "online+other", "in_person+other"]
    assert rows["level"].tolist() == ["online", "in_person", "other", *pairs, "online+in_person+other"]
    assert rows["estimate"].sum() == pytest.approx(1, abs=1e-12)


def test_what_was_not_asked_keeps_its_rows(project, children):
    people = Respondents(children.drop(columns=["anxiety"]), project.registry, project.codebook)
    rows = estimates.estimate(people, entries(project, "anxiety", "self_harm"), "sex")
    assert rows.loc[rows["indicator"] == "anxiety", ["level", "status"]].to_numpy().tolist() == [
        ["girl", "not_asked"], ["boy", "not_asked"]]  # fmt: skip
    assert (rows.loc[rows["indicator"] == "self_harm", "status"] == "ok").all()


def test_a_breakdown_that_was_not_asked_keeps_one_row(project, children):
    people = Respondents(children.drop(columns=["area"]), project.registry, project.codebook)
    rows = estimates.estimate(people, entries(project, "tfcsea_any"), "area")
    assert rows[["level", "status"]].to_numpy().tolist() == [["all", "not_asked"]]


def test_without_clusters_each_respondent_is_one(project, children):
    people = Respondents(children.drop(columns=["stratum", "psu"]), project.registry, project.codebook)
    row = estimates.estimate(people, entries(project, "tfcsea_any")).iloc[0]
    assert not people.clustered
    assert row["df"] == len(children) - 1


def test_contrast_is_first_against_second(project, people, children):
    rows = contrast(people, entries(project, "anxiety"), "exposure").set_index("measure")
    shares = estimates.estimate(people, entries(project, "anxiety"), "exposure").set_index("level")[
        "estimate"
    ]
    assert rows.loc["risk_ratio", "estimate"] == pytest.approx(shares["yes"] / shares["no"], rel=1e-12)
    assert rows.loc["risk_difference", "estimate"] == pytest.approx(shares["yes"] - shares["no"], rel=1e-12)
    assert about(rows) == {("exposure", "", "yes", "no", "", "", "")}


def about(rows):
    """What contrasts are about."""
    return set(rows[["by", "level", *CONTRAST]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("by", "expected"), [
    ("exposure", ("yes", "no")), ("in_person", ("yes", "no")), ("restrictive_level", ("lower", "higher")),
    ("sex", ("boy", "girl")), ("age_group", ("16-17", "12-13")), ("area", ("rural", "urban")),
    ("caregiver_sex", None),
])  # fmt: skip
def test_every_contrast_has_the_direction_of_its_breakdown(project, people, by, expected):
    """Also where the country did not ask: children without their caregivers, here."""
    first, second = direction(people, by)
    levels = list(project.codebook.variables("caregivers")["caregiver_sex"].values)
    assert (first, second) == (expected or (levels[-1], levels[0]))
    for rows in (
        contrast(people, entries(project, "anxiety"), by),
        adjusted(people, entries(project, "anxiety"), by, ["age"], 0.95),
    ):
        assert set(zip(rows["first"], rows["second"], strict=True)) == {(first, second)}


def test_contrast_within_a_level_names_it(project, people):
    rows = contrast(people, entries(project, "anxiety"), "exposure", within=("in_person", "no"))
    assert about(rows) == {("exposure", "", "yes", "no", "in_person", "no", "")}


def test_link_keeps_every_child_and_refuses_two_caregivers():
    children = pd.DataFrame({"household_id": ["a", "b", "c"], "area": ["urban"] * 3})
    caregivers = pd.DataFrame({"household_id": ["c", "a"], "area": ["rural"] * 2, "caregiver_age": [40, 30]})
    linked = link(children, caregivers)
    assert linked["caregiver_age"].tolist()[::2] == [30, 40]
    assert linked["area"].tolist() == ["urban"] * 3
    assert np.isnan(linked["caregiver_age"][1])
    with pytest.raises(ValueError, match=r"household_id names the same household twice \(rows 3\)"):
        link(children, pd.concat([caregivers, caregivers.iloc[:1]], ignore_index=True))


def test_without_a_household_nobody_is_linked():
    """Two caregivers without a key are no two of one household, and none of them is a child's without a key."""
    children = pd.DataFrame({"household_id": ["a", None, "z"]})
    caregivers = pd.DataFrame({"household_id": [None, "a", None], "caregiver_age": [50, 40, 30]})
    linked = link(children, caregivers)["caregiver_age"]
    assert linked[0] == 40
    assert linked[1:].isna().all()


def test_who_was_asked_is_in_the_base_or_left_it(project, people, children):
    """By hand: all are asked whether they know where to get help, and about a form those to whom it happened."""
    rows = estimates.estimate(people, entries(project, "knows_where_to_get_help"), "sex").set_index("level")
    for level in ("girl", "boy"):
        assert rows.loc[level, "n"] + rows.loc[level, "n_unanswered"] == (children["sex"] == level).sum()
    assert rows["n_unanswered"].sum() > 0
    by_form = estimates.estimate(people, entries(project, "disclosure_told_police"), "form").set_index(
        "level"
    )
    happened = children["form_a"].isin(["rarely", "sometimes", "often", "very_often"])
    assert by_form.loc["a", "n"] + by_form.loc["a", "n_unanswered"] == happened.sum()


def test_platforms_are_about_the_forms_that_were_asked_about(project, children):
    """A country that asked it of forms c to i, as phase two does, has no figures for a and b; without any, none."""
    asked = children.drop(
        columns=[name for name in children if name.startswith(("platform_a__", "platform_b__"))]
    )
    people = Respondents(asked, project.registry, project.codebook, label="test")
    (meta,) = entries(project, "platform_meta_owned")
    by_form = estimates.estimate(people, [meta], "form").set_index("level")
    assert (by_form["status"] == "not_asked").tolist() == [form in "ab" for form in by_form.index]
    on_social_media = {
        form: children[f"place_{form}__social_media"].fillna(False).to_numpy(bool) for form in "abcdefghi"
    }
    overall = estimates.estimate(people, [meta]).iloc[0]
    assert overall["n"] == sum(on_social_media[form].sum() for form in "cdefghi")
    all_forms = Respondents(children, project.registry, project.codebook, label="test")
    assert estimates.estimate(all_forms, [meta]).iloc[0]["n"] == sum(map(np.sum, on_social_media.values()))
    none = children.drop(columns=[name for name in children if name.startswith("platform_")])
    without = Respondents(none, project.registry, project.codebook, label="test")
    for by in ("all", "form"):
        assert set(estimates.estimate(without, [meta], by)["status"]) == {"not_asked"}


@pytest.mark.parametrize("by", ["all", "sex", "form"])
def test_how_many_indicators_are_estimated_at_once_makes_no_difference(project, people, by, monkeypatch):
    """Of children and of instances, with levels of their own, and not asked."""
    names = [
        "tfcsea_any",
        "number_of_forms",
        "instances_told_no_one",
        "platform_meta_owned",
        "csea_any_any_context",
    ]
    chosen = [entry for entry in entries(project, *names) if by != "form" or entry.by_form]
    together = estimates.estimate(people, chosen, by)
    monkeypatch.setattr(estimates, "CELLS", 1)
    pd.testing.assert_frame_equal(estimates.estimate(people, chosen, by), together, rtol=1e-12)
