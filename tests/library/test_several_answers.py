"""Questions with several answers: every delivered layout by hand, and the synthetic survey there and back in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config import Mapped
from disrupting_harm.delivered import decode, harmonise, several_answers
from disrupting_harm.delivered.formats import Microdata
from disrupting_harm.synthetic import deliver

SECRET = "nobody but my aunt"
OPTIONS = {"1": "no_one", "2": "friend", "3": "police"}
LISTED = {**OPTIONS, "98": "dont_know", "Police station": "police", "97": "not_asked"}


@pytest.fixture
def decode_answers(project):
    """`told(frame, missing, **settings)`: the yes/no columns of told_a as lists, and what was found wrong."""
    variable = project.codebook.variables("children")["told_a"]

    def run(frame, missing=None, **settings):
        mapped = Mapped("told_a", "told_{form}", "answers", **settings)
        raw = Microdata("file", frame, missing=missing or {}, first_row=2)
        decoder = decode.Decoder(raw, None, project.codebook, np.arange(len(frame)))
        known = lambda *arguments: decoder.known(mapped, *arguments)  # noqa: E731
        columns = several_answers.read(frame, mapped, known).columns(mapped, variable)
        return {
            name.split("__")[1]: [*map(plain, column)] for name, column in columns.items()
        }, decoder.findings

    return run


def plain(value):
    return None if pd.isna(value) else bool(value)


def columns(**cells):
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()})


def test_text_that_lists_codes_and_labels(decode_answers):
    cells = ["2", "3; 1", " Police station ;2", None, "98", "97", ";2;", 3]
    answers, findings = decode_answers(columns(x=cells), column="x", separator=";", listed=LISTED)
    assert answers["no_one"] == [False, True, False, None, False, None, False, False]
    assert answers["friend"] == [True, False, True, None, False, None, True, False]
    assert answers["police"] == [False, True, True, None, False, None, False, True]
    assert answers["dont_know"] == [False, False, False, None, True, None, False, False]
    assert findings == []


def test_text_with_a_code_or_words_that_nobody_mapped(decode_answers):
    _, findings = decode_answers(
        columns(x=["1;14", "2", SECRET, "14"]), column="x", separator=";", listed=LISTED
    )
    assert findings == [
        "column x: 14 is not mapped",
        "column x holds something that is no code, row 4",
    ]


def test_mentions(decode_answers):
    frame = columns(m1=[2, 3.0, None, 97, 98], m2=["03", 97, None, 97, None], m3=[None, None, 1, None, None])
    answers, findings = decode_answers(frame, mentions=("m1", "m2", "m3"), listed=LISTED)
    assert answers["friend"] == [True, False, False, None, False]
    assert answers["police"] == [True, True, False, None, False]
    assert answers["no_one"] == [False, False, True, None, False]
    assert answers["dont_know"] == [False, False, False, None, True]
    assert findings == []
    _, findings = decode_answers(columns(m1=[4, 2], m2=[None, SECRET]), mentions=("m1", "m2"), listed=LISTED)
    assert findings == ["column m1: 4 is not mapped", "column m2 holds something that is no code, row 3"]


def test_labels_in_the_cells_of_each_option(decode_answers):
    frame = columns(a=["No one", "", None, 0], b=[" ", "A friend", None, 0])
    answers, findings = decode_answers(frame, options={"a": "no_one", "b": "friend"}, chosen="filled")
    assert answers == {"no_one": [True, False, None, False], "friend": [False, True, None, False]}
    assert findings == []


def test_special_answers_in_the_cells_of_each_option(decode_answers):
    frame = columns(a=[1, 0, 99, 97, None], b=[0, 98, 99, 97, None])
    values = {"98": "dont_know", "99": "refused", "97": "not_asked"}
    answers, findings = decode_answers(frame, options={"a": "no_one", "b": "friend"}, values=values)
    assert answers == {
        "no_one": [True, False, False, None, None],
        "friend": [False, False, False, None, None],
        "dont_know": [False, True, False, None, None],
        "refused": [False, False, True, None, None],
    }
    assert findings == []
    assert decode_answers(frame, options={"a": "no_one", "b": "friend"})[1] == [
        "column a: 97, 99 are not mapped",
        "column b: 97, 98, 99 are not mapped",
    ]


@pytest.mark.parametrize("chosen", ["1", "filled"])
def test_codes_that_the_file_declares_missing_are_no_choice(decode_answers, chosen):
    frame = columns(a=[1, 99, 0], b=[0, -5, 0])
    missing = {"a": ("99",), "b": ("-9 to -1",)}
    options = {"a": "no_one", "b": "friend"}
    answers, findings = decode_answers(frame, missing, options=options, chosen=chosen, user_missing="refused")
    assert answers["no_one"] == [True, False, False]
    assert answers["friend"] == [False, False, False]
    assert answers["refused"] == [False, True, False]
    assert findings == []
    answers, _ = decode_answers(frame, missing, options=options, chosen=chosen, user_missing="not_asked")
    assert answers == {"no_one": [True, None, False], "friend": [False, None, False]}
    _, findings = decode_answers(frame, missing, options=options, chosen=chosen)
    assert findings == [
        "column a: 99 is not mapped (declared missing in the file: 99; see `user_missing`)",
        "column b: -5 is not mapped (declared missing in the file: -5; see `user_missing`)",
    ]


# There and back

CODES = "1: mother, 2: father, 3: sibling, 4: friend, 5: other_adult, 6: teacher, 7: social_worker, 8: police"
CODES += ", 9: helpline, 10: other, 11: no_one"
LAYOUTS = {
    "text of codes": f'{{column: "T_{{form}}", separator: ";", options: {{{CODES}}}}}',
    "text of labels": '{column: "T_{form}", separator: " / ", options: {'
    + ", ".join(f"Person {code}" for code in CODES.split(", "))
    + "}}",
    "mentions": f'{{columns: "T{{mention}}_{{form}}", mentions: 14, options: {{{CODES}}}}}',
    "labels in cells": f'{{columns: "T_{{form}}_{{code}}", chosen: filled, options: {{{CODES}}}}}',
    "special answers in cells": f'{{columns: "T_{{form}}_{{code}}", special: false, options: {{{CODES}}},'
    " values: {-8: dont_know, -9: refused}}",
}


@pytest.fixture(scope="module")
def as_usual(project, drawn, tmp_path_factory):
    """The harmonised children of two countries in the layout of their questionnaires."""
    folder = tmp_path_factory.mktemp("usual")
    return {iso3: there_and_back(project, drawn, iso3, folder / iso3) for iso3 in ("bra", "zaf")}


def there_and_back(project, drawn, iso3, folder):
    country = project.countries[iso3]
    files = [folder / file.split("/")[-1] for file in (country.children_file, country.caregivers_file)]
    deliver.write(project, [iso3], *files, population=drawn)
    return harmonise.harmonise(project, iso3, *files)[0]


@pytest.mark.parametrize("iso3", ["bra", "zaf"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_table_from_every_layout(copy, drawn, as_usual, tmp_path, layout, iso3):
    setting = f'  "told_{{form}}": {LAYOUTS[layout]}\n'
    file = copy.root / f"config/countries/{iso3}.yaml"
    text = file.read_text(encoding="utf-8")
    start = "variables:\n" if "\nvariables:\n" in text else ""
    file.write_text(
        text.replace(start, start + setting) if start else f"{text}\nvariables:\n{setting}", encoding="utf-8"
    )
    harmonised = there_and_back(copy.load(), drawn, iso3, tmp_path / "files")
    usual = as_usual[iso3]
    pd.testing.assert_frame_equal(harmonised[usual.columns], usual)
    assert set(harmonised) == set(usual)
