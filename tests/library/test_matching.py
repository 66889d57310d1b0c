"""Which delivered column is which variable: held against files whose truth is known."""

from __future__ import annotations

import csv
import importlib.util
import random
import sys
from dataclasses import replace
from importlib.resources import files

import pytest

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.inspection import inspect
from disrupting_harm.new_country.inspection.look import counted
from disrupting_harm.new_country.matching import match
from disrupting_harm.new_country.matching.codes import several_answers
from disrupting_harm.new_country.matching.families import families, pattern_of
from disrupting_harm.new_country.matching.names import named
from disrupting_harm.new_country.matching.words import Words, clean, meanings
from disrupting_harm.new_country.matching.words import table as dictionary

TABLES = ("children", "caregivers")


@pytest.fixture(scope="module")
def phase_two(project, synthetic_files):
    """Files as config/questionnaires/phase_two.yaml has them, and the truth about their columns."""
    files = dict(zip(TABLES, synthetic_files("bra"), strict=True))
    described = {table: formats.describe(file) for table, file in files.items()}
    truth = {}
    for table in TABLES:
        mapped = getattr(project.countries["bra"], table).variables.values()
        truth[table] = {
            column: (variable.name, option)
            for variable in mapped
            for column, option in (variable.options or {variable.column: ""}).items()
        }
    return described, truth


def slots_by_column(matching, certain_only=False):
    kept = matching.matches.values()
    if certain_only:
        kept = [match for match in kept if match.certainty == "certain"]
    return {column: slot for match in kept for column, slot in match.columns.items()}


def wrong(matching, truth):
    """Columns with a match that is not true, those that are asked left out."""
    return {column: slot for column, slot in slots_by_column(matching).items() if truth.get(column) != slot}


def matched(project, described, table, change=lambda column: column):
    columns = {(new := change(column)).name: new for column in described[table].columns.values()}
    return match(columns, project.codebook, project.questionnaires, table, rows=described[table].rows)


# Files whose truth is known


@pytest.mark.parametrize("table", TABLES)
def test_another_questionnaire_is_matched_by_labels(project, other_survey, table):
    look = inspect(project, getattr(other_survey, table), formats.ReadOptions(), table=table)
    truth = other_survey.truth[table]
    right = sum(slots_by_column(look.matching).get(column) == slot for column, slot in truth.items())
    assert right >= 0.97 * len(truth)
    assert not wrong(look.matching, truth)
    options = sum(bool(option) for _, option in truth.values())
    assert options > len(truth) / 2  # most columns are options, so that the share says something about them


@pytest.mark.parametrize("table", TABLES)
def test_codes_mean_what_their_labels_say(project, other_survey, table):
    look = inspect(project, getattr(other_survey, table), formats.ReadOptions(), table=table)
    of_column = look.matching.of_column
    known = {column: codes for column, codes in other_survey.values[table].items() if column in of_column}
    assert len(known) >= 10
    for column, codes in known.items():
        meanings = of_column[column][0].codes.values
        assert {code: meanings.get(code) for code in codes} == codes, column


def test_a_code_without_a_meaning_is_left_undecided(project, other_survey, other_questionnaire):
    look = inspect(project, other_survey.children, formats.ReadOptions(), table="children")
    assert look.matching.matches["sex_education"].codes.undecided == (other_questionnaire.RARE_CODE,)
    for entry, (code, _) in other_questionnaire.ADDED.items():
        assert list(look.matching.matches[entry].extra_codes) == [code]


@pytest.mark.parametrize("table", TABLES)
def test_names_of_a_questionnaire_are_enough(project, phase_two, table):
    described, truth = phase_two
    bare = matched(project, described, table, lambda column: replace(column, label="", labels={}))
    assert slots_by_column(bare, certain_only=True) == truth[table]


@pytest.mark.parametrize("table", TABLES)
def test_labels_in_another_language_do_no_harm_to_names(project, phase_two, table):
    described, truth = phase_two

    def turned(column):
        labels = {code: text[::-1] for code, text in column.labels.items()}
        return replace(column, label=column.label[::-1], labels=labels)

    assert slots_by_column(matched(project, described, table, turned)) == truth[table]


def test_prefixes_of_names_do_no_harm(project, phase_two):
    described, truth = phase_two
    prefixed = matched(
        project, described, "children", lambda c: replace(c, name=f"S4_{c.name}", label="", labels={})
    )
    assert slots_by_column(prefixed) == {f"S4_{column}": slot for column, slot in truth["children"].items()}


def test_labels_that_are_cut_off_are_read_together(project, phase_two):
    """Stata keeps 80 letters: of a long label the end is lost, which tells the form. Other columns still tell it."""
    described, truth = phase_two
    names = {column: f"v{number}" for number, column in enumerate(described["children"].columns)}

    def cut(column):
        parts = column.name.split("_")
        new = "_".join([f"v{parts[0][1:]}", *parts[1:]]) if parts[0][:2] == "Q1" else names[column.name]
        return replace(column, name=new, label=column.label[:80])

    new_name = {column: cut(described["children"].columns[column]).name for column in truth["children"]}
    expected = {new_name[column]: slot for column, slot in truth["children"].items()}
    matching = matched(project, described, "children", cut)
    assert not wrong(matching, expected)
    assert len(slots_by_column(matching)) >= 0.95 * len(expected)


def test_the_order_of_columns_does_not_matter(project, phase_two):
    described, truth = phase_two
    columns = list(described["children"].columns.values())
    random.Random(1).shuffle(columns)
    shuffled = match(
        {column.name: column for column in columns}, project.codebook, project.questionnaires, rows=1000
    )
    assert slots_by_column(shuffled) == truth["children"]


# What must not be guessed


def test_where_names_and_labels_disagree_the_name_does_not_win(project, phase_two):
    """Q8_1 and Q8_3 with each other's labels: the file's own words count."""
    described, _ = phase_two
    columns = dict(described["children"].columns)
    first, third = columns["Q8_1"], columns["Q8_3"]
    columns |= {"Q8_1": replace(first, label=third.label), "Q8_3": replace(third, label=first.label)}
    matching = match(columns, project.codebook, project.questionnaires, rows=1000)
    certain = slots_by_column(matching, certain_only=True)
    assert certain.get("Q8_1") in (None, ("attitude_force_for_reputation", ""))
    assert certain.get("Q8_3") in (None, ("attitude_premarital_sex", ""))


def test_two_columns_that_say_the_same_are_not_chosen_from(project):
    labels = {"1": "Girl", "2": "Boy"}
    columns = {name: Column(name, "Sex of the child", labels=labels) for name in ("v7", "v9")}
    matching = match(columns, project.codebook, project.questionnaires)
    assert not matching.matches
    unsure = matching.unsure["sex"]
    assert {*unsure.columns, *unsure.rivals} == {"v7", "v9"}


def test_columns_about_something_else_are_not_matched(project):
    texts = ["Number of rooms", "Religion of the household", "Interviewer's remarks", "Main source of water"]
    columns = {f"h{n}": Column(f"h{n}", text) for n, text in enumerate(texts)}
    assert not match(columns, project.codebook, project.questionnaires).matches


def test_the_order_of_options_is_not_guessed_from_codes_alone(project, phase_two):
    """Without labels and under other names nothing tells which code is which: told, but nothing is built on it."""
    described, _ = phase_two

    def bare(column):
        return replace(column, name=column.name.replace("Q", "zz"), label="", labels={})

    matches = matched(project, described, "children", bare).matches
    assert set(matches) <= {"child_id", "household_id", "weight", "stratum", "psu"}


# Made deliveries in other languages, of which the bench has more (benchmarks/matching.py)


@pytest.fixture(scope="module")
def bench(root):
    """The bench's module."""
    spec = importlib.util.spec_from_file_location("bench_matching", root / "benchmarks/matching.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_matching"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "fewest"),
    [
        ("documented names Spanish labels", 1.0),
        ("own names Serbian Cyrillic", 0.98),
        ("SurveyMonkey Spanish", 0.98),
        ("bare own names by form", 0.9),
    ],
)
def test_a_made_delivery_is_matched_without_a_wrong_match(project, drawn, bench, name, fewest):
    recipe = next(recipe for recipe in bench.recipes() if recipe.name == name)
    frames = dict(zip(TABLES, drawn(recipe.country), strict=True))
    for result, errors in bench.look(project, recipe, frames):
        assert result.wrong == result.codes_wrong == 0, errors
        if result.table == "children" or recipe.labels != "none":
            assert result.right >= fewest * result.columns, errors


def test_what_only_the_order_tells_is_likely_and_options_in_another_order_are_asked(project, drawn, bench):
    """Nothing but codes and who was asked: the order of a questionnaire is taken where the routing confirms it."""
    by_name = {recipe.name: recipe for recipe in bench.recipes()}
    for name, found in (("bare serial names", True), ("bare serial names mixed options", False)):
        made = bench.Maker(project, by_name[name], "children", drawn("bra")[0]).delivery()
        answers = {column: counted(made.frame[column]).answers() for column in made.frame}
        matches = match(
            made.columns, project.codebook, project.questionnaires, "children", answers, 1000
        ).matches
        assert matches["form_{form}"].certainty == "likely"
        assert ("told_{form}" in matches) == found
        for one in matches.values():
            assert one.certainty == "likely"
            assert one.reason
        if found:
            assert any("order in phase_two" in note for note in matches["told_{form}"].notes)


def test_every_word_of_the_dictionary_has_a_mark():
    with (files("disrupting_harm.new_country") / "words" / "words.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["words"] and row["review"] for row in rows)
    assert len({(row["language"], row["concept"]) for row in rows}) == len(rows)
    assert {"es", "fr", "pt", "ar", "sr", "mk", "id", "km", "th", "vi", "sw", "am", "ur", "hy", "sq"} <= set(
        dictionary()
    )


# Names


def test_families_are_found_by_the_parts_in_which_names_differ():
    names = [f"P13_{code}_{form}" for code in range(1, 12) for form in "abcdefghi"]
    (family,) = families([*names, "P13", "age", "P14_x"], 2)
    assert pattern_of([f"P13_{code}_a" for code in range(1, 12)], "code") == "P13_{code}_a"
    assert set(family.columns.values()) == set(names)
    assert family.columns[("11", "i")] == "P13_11_i"
    assert families(["age", "sex", "area"], 2) == []


def test_lines_without_separators_are_found_too():
    found_lines = {
        pattern_of(list(line.columns.values()), ""): set(line.columns.values())
        for line in families(["E1a", "E1b", "E1c", "G17"], 1)
    }
    assert found_lines["E1{}"] == {"E1a", "E1b", "E1c"}


def test_a_delivered_name_goes_to_the_longest_wanted_name_in_it():
    delivered = ["S3_G8_2_G4a", "S3_G4a", "g17", "A1", "other"]
    found_names = named(delivered, ["G8_2_G4a", "G4a", "G17", "A1", "B2"])
    assert {wanted: name for wanted, (name, _) in found_names.items()} == {
        "G8_2_G4a": "S3_G8_2_G4a", "G4a": "S3_G4a", "G17": "g17", "A1": "A1",
    }  # fmt: skip


def test_a_name_in_two_decorations_is_that_of_the_usual_one():
    delivered = ["S3_Q1", "S3_Q2", "S3_Q3", "X_Q3"]
    assert named(delivered, ["Q1", "Q2", "Q3"])["Q3"][0] == "S3_Q3"
    assert "Q3" not in named(["S3_Q3", "X_Q3"], ["Q3"])


# Wordings


def test_numbers_of_questions_do_not_count():
    assert clean("Q13_1. Have you ever?") == clean("have you EVER") == "have you ever"
    assert clean("12-17 years old") == "12 17 years old"


@pytest.mark.parametrize(
    ("variable", "labels", "expected"),
    [
        ("sex", {"1": "Male", "2": "Female"}, {"1": "boy", "2": "girl"}),
        ("sex", {"0": "Girl", "1": "Boy", "9": "Religion"}, {"0": "girl", "1": "boy"}),
        (
            "can_report_harmful_content",
            {"1": "Very true", "2": "Fairly true", "3": "Not very true", "4": "Not at all true", "8": "Refused"},
            {"1": "very_true", "2": "fairly_true", "3": "not_very_true", "4": "not_at_all_true", "8": "refused"},
        ),
        ("self_harm", {"1": "Yes", "0": "No", "97": "Not applicable", "98": "DK"},
         {"1": "yes", "0": "no", "97": "not_asked", "98": "dont_know"}),
    ],
)  # fmt: skip
def test_labels_of_values(project, variable, labels, expected):
    phrases = Words(project.codebook).of_answers(project.codebook.variables()[variable])
    assert meanings(labels, phrases) == expected


@pytest.mark.parametrize(
    ("occurring", "labels", "chosen", "not_chosen", "undecided"),
    [
        ({"0", "1"}, {}, "1", "0", ()),
        ({"1", "2"}, {}, "1", "2", ()),
        ({"1", "2"}, {"1": "Yes", "2": "No"}, "1", "2", ()),
        ({"1", "2"}, {"1": "No", "2": "Yes"}, "2", "1", ()),
        ({"0", "1", "8"}, {"0": "Not mentioned", "1": "Mentioned"}, "1", "0", ("8",)),
        ({"3", "4"}, {}, None, None, ("3", "4")),
    ],
)
def test_codes_of_questions_with_several_answers(project, occurring, labels, chosen, not_chosen, undecided):
    codes = several_answers(occurring, labels, False, Words(project.codebook))
    assert (codes.chosen, codes.not_chosen, codes.undecided) == (chosen, not_chosen, undecided)
