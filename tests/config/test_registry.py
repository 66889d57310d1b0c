"""The registry of indicators: valid, complete, and clear about what is wrong when it is not."""

import re

import pytest


def test_entries_become_one_indicator_a_form_or_an_option(project):
    names = project.registry.indicators
    items = [name for name in names if re.fullmatch(r"tfcsea_item_[a-i]_\w+", name)]
    assert len(items) == 9
    assert {name for name in names if name.startswith("disclosure_told_")} >= {
        "disclosure_told_police", "disclosure_told_mother_or_female_caregiver"}  # fmt: skip
    assert names["disclosure_told_police"].title == "Police"
    assert names["tfcsea_item_b_sent_unwanted_sexual_images"].form == "b"


def test_every_indicator_says_what_missing_answers_do_and_where_it_comes_from(project):
    for indicator in project.registry.indicators.values():
        assert indicator.definition.endswith((".", ".'")), indicator.name
        assert indicator.source in project.registry.sources
        assert "{" not in indicator.title + indicator.definition, indicator.name


def test_groups_hold_indicators_once(project):
    for name, members in project.registry.members.items():
        assert len(members) == len(set(members)) > 1 or name == "barriers_cited", name


@pytest.mark.parametrize(("old", "new", "message"), [
    ("{chosen: \"place_{form}__social_media\"}, {chosen", "{chosen: \"place_{form}__socialmedia\"}, {chosen",
     r"place_a__socialmedia, which the codebook lacks; did you mean place_a__social_media\?"),
    ("{answer: \"form_{form}\", in: [rarely", "{answer: \"form_{form}\", in: [rarley",
     r"form_a has no answer rarley; did you mean rarely\?"),
    ("yes_if: {any_form: \"online_experience_{form}\"}", "yes_if: {any_form: \"online_experiences_{form}\"}",
     r"refers to online_experiences_a, which is not an entry; did you mean online_experience_a\?"),
    ("yes_if: {any_form: \"online_experience_{form}\"}", "yes_if: {eval: \"1\"}", r"is not a condition"),
    ("    base: children\n    yes_if: {any_form: \"online", "    base: childen\n    yes_if: {any_form: \"online",
     r"indicators\.tfcsea_any\.base is not one of"),
    ("missing: counts_as_no\n    source: paper\n  tfcsea", "mising: counts_as_no\n    source: paper\n  tfcsea",
     r"mising is not a setting; did you mean indicators\.tfcsea_any\.missing\?"),
    ("[tfcsea_any, tfcsea_any_implied, csea", "[tfcsea_any, tfcsea_implied, csea",
     r"names tfcsea_implied, which is not an indicator; did you mean tfcsea_any_implied\?"),
])  # fmt: skip
def test_mistakes_are_named_with_the_nearest_match(copy, old, new, message):
    report = copy.edit("indicators.yaml", old, new).problems()
    assert re.search(message, report), report
    assert "config/indicators.yaml" in report
    assert re.search(r"line \d+", report)


def test_insights_must_name_what_the_registry_has(copy):
    report = copy.edit("insights.yaml", "headline: [tfcsea_any,", "headline: [tfcsea_anny,").problems()
    assert "did you mean tfcsea_any?" in report
