"""From answers to yes, no and unknown: the paper's definitions on children made by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.config.entries.conditions import (
    DONT_KNOW,
    NO,
    NOT_ASKED,
    REFUSED,
    YES,
    all_of,
    any_of,
)

FORMS = "abcdefghi"
CODES = (YES, NO, DONT_KNOW, REFUSED, NOT_ASKED)


def children(codebook, *answers):
    """One row per child: all nine forms never, unless said otherwise; every several-answers question not asked."""
    variables = codebook.variables("children")
    columns = {}
    for variable in variables.values():
        if variable.kind == "answers":
            for name in variable.columns:
                columns[name] = pd.array([chosen.get(name) for chosen in answers], dtype="boolean")
        elif variable.kind == "answer":
            default = "never" if variable.name.startswith("form_") else None
            given = [answer.get(variable.name, default) for answer in answers]
            columns[variable.name] = pd.Categorical(given, categories=variable.categories)
    return pd.DataFrame(columns)


def values(project, frame, name):
    return Evaluator(frame, project.registry, project.codebook).values(project.registry.indicators[name])


def online(form, location="social_media", how_often="rarely"):
    places = {
        f"place_{form}__{option}": option == location
        for option in ("in_person", "social_media", "online_game", "other_way")
    }
    return {f"form_{form}": how_often, **places}


@pytest.mark.parametrize(("child", "any_online", "any_context", "implied"), [
    ({}, 0, 0, 0),
    (online("c"), 1, 1, 1),
    (online("c", "online_game"), 1, 1, 1),
    (online("c", "in_person"), 0, 1, 0),
    (online("b", "in_person"), 0, 1, 1),  # images imply technology
    (online("i", "in_person"), 0, 1, 0),
    ({"form_a": "dont_know"}, 0, np.nan, 0),  # unknown: counts as no online, leaves the base elsewhere
    ({"form_a": "refused", **online("d")}, 1, 1, 1),  # one certain yes is enough
    ({"form_a": "refused", **online("d", "in_person")}, 0, 1, 0),
    ({"form_e": "often"}, 0, 1, 1),  # happened, place not answered
])  # fmt: skip
def test_the_papers_definitions(project, child, any_online, any_context, implied):
    """raw_layout: tfcsea_any, csea_any_any_context and tfcsea_any_implied, last section."""
    frame = children(project.codebook, child)
    computed = [
        values(project, frame, name)[0]
        for name in ("tfcsea_any", "csea_any_any_context", "tfcsea_any_implied")
    ]
    np.testing.assert_array_equal(computed, [any_online, any_context, implied])


def test_form_and_place_must_be_of_the_same_form(project):
    child = {**online("a", "in_person"), "form_b": "never", "place_b__social_media": True}
    assert values(project, children(project.codebook, child), "tfcsea_any")[0] == 0


def test_item_indicators_differ_in_what_a_missing_answer_does(project):
    frame = children(project.codebook, {"form_f": "dont_know"}, online("f"), {})
    name = "offered_money_gifts_for_images"
    np.testing.assert_array_equal(values(project, frame, f"tfcsea_item_f_{name}"), [0, 1, 0])
    np.testing.assert_array_equal(values(project, frame, f"csea_item_f_{name}_any_context"), [np.nan, 1, 0])


def test_a_channel_counts_for_any_form_whether_or_not_that_form_was_online(project):
    told_offline = {
        **online("a"),
        **online("h", "in_person"),
        "told_a__friend": False,
        "told_h__friend": True,
    }
    not_online = {**online("h", "in_person"), "told_h__friend": True}
    no_answer = online("a")
    frame = children(project.codebook, told_offline, not_online, no_answer)
    np.testing.assert_array_equal(values(project, frame, "disclosure_told_friend"), [1, np.nan, 0])


def test_disclosure_classes_exclude_each_other_and_add_up(project):
    channels = ["no_one", "friend", "mother", "police", "teacher", "other"]
    rows = [
        {**online("b"), **{f"told_b__{channel}": channel in chosen for channel in channels}}
        for size in range(4)
        for chosen in itertools.combinations(channels, size)
    ]
    frame = children(project.codebook, *rows)
    classes = project.registry.members["disclosure_classes"]
    assert (np.sum([values(project, frame, name) for name in classes], axis=0) == 1).all()


def test_formal_and_informal_channels(project):
    def disclosed_to(*channels):
        return {**online("b"), **{f"told_b__{channel}": True for channel in channels}}

    frame = children(
        project.codebook,
        disclosed_to("police"),
        disclosed_to("helpline", "sibling"),
        disclosed_to("other_adult"),
        disclosed_to("no_one"),
    )
    expected = {"disclosure_formal_only": [1, 0, 0, 0], "disclosure_informal_and_formal": [0, 1, 0, 0],
                "disclosure_informal_only": [0, 0, 1, 0], "disclosure_none": [0, 0, 0, 1]}  # fmt: skip
    for name, counted in expected.items():
        np.testing.assert_array_equal(values(project, frame, name), counted, err_msg=name)


def test_barriers_are_about_pairs_of_child_and_form_wherever_it_happened(project):
    child = {**online("a", "in_person"), "told_a__no_one": True, "barrier_a__embarrassed": True,
             **online("b"), "told_b__no_one": False, "barrier_b__embarrassed": None}  # fmt: skip
    evaluator = Evaluator(children(project.codebook, child), project.registry, project.codebook)
    by_form = evaluator.values_by_form(
        project.registry.indicators["barrier_embarrassed_ashamed_or_too_difficult"]
    )
    assert by_form["a"][0] == 1
    assert all(np.isnan(by_form[form][0]) for form in FORMS if form != "a")


def test_overlap_classes_cover_every_child_once(project):
    both = {**online("a"), **online("b", "in_person")}
    others = [both, online("a", "other_way"), {"form_a": "often"}]
    rows = [{}, {"form_a": "dont_know"}, online("a"), online("a", "in_person"), *others]
    frame = children(project.codebook, *rows)
    classes = np.array([values(project, frame, name) for name in project.registry.members["overlap_all"]])
    assert (classes.sum(axis=0) == 1).all()


def test_scales_need_every_item(project):
    items = ["parent_encourages_learning_online", "parent_suggests_safe_use", "parent_shares_activities_online",
             "parent_helps_when_bothered"]  # fmt: skip
    full = dict(zip(items, ["never", "rarely", "sometimes", "very_often"], strict=True))
    frame = children(project.codebook, full, {**full, items[0]: "dont_know"}, {})
    np.testing.assert_array_equal(
        values(project, frame, "enabling_mediation_by_child"), [(1 + 2 + 3 + 5) / 4, np.nan, np.nan]
    )


def test_items_that_run_the_other_way_are_turned_round(project):
    """Always well (b) is the best answer of three; never well the worst. Who left one out has no mean."""
    mood = {
        "low_mood_b": ["always", "never", "sometimes", "always"],
        "low_mood_f": ["never", "always", "sometimes", "never"],
        "low_mood_g": ["never", "always", "rarely", "dont_know"],
    }
    variables = project.codebook.variables("children")
    frame = pd.DataFrame(
        {name: pd.Categorical(answers, variables[name].categories) for name, answers in mood.items()}
    )
    assert values(project, frame, "low_mood").tolist() == pytest.approx(
        [1, 5, (3 + 3 + 2) / 3, np.nan], nan_ok=True
    )


def test_a_number_is_averaged_as_it_is(project):
    frame = pd.DataFrame({"life_ladder": [0.0, 10.0, np.nan]})
    assert values(project, frame, "life_ladder").tolist() == pytest.approx([0, 10, np.nan], nan_ok=True)


def test_a_variable_that_was_not_asked_makes_the_indicator_unavailable(project):
    frame = children(project.codebook, {}).drop(columns="self_harm")
    with pytest.raises(NotAskedError, match="self_harm"):
        values(project, frame, "self_harm_or_suicidal_thoughts")


@pytest.mark.parametrize("pair", itertools.product(CODES, CODES))
def test_and_is_or_turned_round(pair):
    """De Morgan: not (a and b) is (not a) or (not b), unknown reasons included."""
    codes = np.array(pair, dtype=np.int8).reshape(2, 1)
    turned = np.where(codes >= 0, 1 - codes, codes)
    both, either = all_of(codes)[0], any_of(turned)[0]
    assert (1 - both if both >= 0 else both) == either


def three_answers(variable):
    """Columns of a variable for three respondents: an answer, don't know, and not asked."""
    if variable.kind == "answers":
        return {name: pd.array([True, False, pd.NA], dtype="boolean") for name in variable.columns}
    if variable.kind == "answer":
        answers = [variable.categories[0], "dont_know", None]
        return {variable.name: pd.Categorical(answers, categories=variable.categories)}
    return {variable.name: [12.0, 15.0, 17.0]}


def test_every_indicator_can_be_evaluated_on_a_full_table(project):
    """No entry of the registry holds a mistake that only shows when it is used."""
    evaluators = {}
    for table in ("children", "caregivers"):
        columns = [three_answers(variable) for variable in project.codebook.variables(table).values()]
        frame = pd.DataFrame({name: values for part in columns for name, values in part.items()})
        evaluators[table] = Evaluator(frame, project.registry, project.codebook)
    for indicator in project.registry.indicators.values():
        evaluator = evaluators[indicator.table]
        results = {}
        if indicator.levels:
            results |= evaluator.values_by_level(indicator)
        if indicator.by_form:
            results |= evaluator.values_by_form(indicator)
        if indicator.yes_if is not None or indicator.mean:
            results["all"] = evaluator.values(indicator)
        assert results or indicator.derived
        assert all(result.shape == (3,) for result in results.values()), indicator.name
