"""The synthetic files: the same bytes every time, and impossible to mistake."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from disrupting_harm.delivered.harmonise import harmonise
from disrupting_harm.synthetic import deliver


@pytest.fixture(scope="module")
def brazil(synthetic_files):
    """Synthetic SPSS files of one country."""
    return synthetic_files("bra")


def test_every_synthetic_file_says_so(project):
    for country in project.countries.values():
        for file in (country.children_file, country.caregivers_file):
            assert file.startswith("data/synthetic/")
            assert file.split("/")[-1].startswith("SYNTHETIC")


def test_spss_labels_and_notes_say_synthetic(brazil):
    for file in brazil:
        _, meta = pyreadstat.read_sav(file, metadataonly=True)
        assert meta.file_label.startswith("SYNTHETIC DATA")
        assert "SYNTHETIC DATA" in meta.notes[0]
        assert "SYNTHETIC" in meta.column_names


def test_spss_value_labels_and_user_missing_codes(brazil):
    """As config/questionnaires/phase_two.yaml says: the scale runs from very often (1) to never (5)."""
    _, meta = pyreadstat.read_sav(brazil[0], metadataonly=True, user_missing=True)
    frequency = {1: "Very often", 2: "Often", 3: "Sometimes", 4: "Rarely", 5: "Never", 98: "Don't know"}
    labels = meta.variable_value_labels["Q12_6"]
    assert {code: labels[code] for code in frequency} == frequency
    assert labels[99] == "Prefer not to say"
    assert {limits["lo"] for limits in meta.missing_ranges["Q12_6"]} == {98, 99}
    assert (
        meta.column_names_to_labels["Q16_6_8"]
        == "Whom the child told: Police (Offered money or gifts for sexual images)"
    )
    assert meta.column_names_to_labels["Q12_6"].startswith("In the past year, how often")


def test_a_skipped_question_has_its_own_code(brazil, drawn):
    raw, _ = pyreadstat.read_sav(brazil[0], usecols=["Q4"], user_missing=True)
    skipped = drawn("bra")[0]["sex_education_assertive"].isna()
    assert list(raw["Q4"] == 97) == list(skipped)
    assert skipped.any()


def test_the_same_bytes_every_time(project, drawn, brazil, tmp_path):
    again = tmp_path / "again.sav", tmp_path / "again_caregivers.sav"
    deliver.write(project, ["bra"], *again, population=drawn)
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in brazil]
    assert brazil[0].read_bytes()[92:109] == b"01 Jan 2600:00:00"
    _, meta = pyreadstat.read_sav(brazil[0], metadataonly=True)
    assert meta.creation_time.year == 2026


def test_a_value_without_a_code_is_an_error(project, drawn, tmp_path):
    children, caregivers = drawn("bra")
    wrong = children.assign(sex=children["sex"].astype(str).where(children.index > 0, "dont_know"))
    with pytest.raises(ValueError, match="sex: the questionnaire has no code for dont_know"):
        deliver.write(
            project, ["bra"], tmp_path / "a.sav", tmp_path / "b.sav", population=lambda _: (wrong, caregivers)
        )
    assert not list(tmp_path.glob("*.sav"))


NEW = """children:
  device: {label: Device, question: Which device?, module: background, values: {phone: Phone, computer: Computer}}
  hours: {kind: number, label: Hours, question: How many hours?, module: background, plausible: [1, 24],
          required: false}
  night: {label: Night, question: When?, module: background, options: {before: Before sleep, after: After waking up}}
  paid: {label: Paid, question: Were you paid?, module: background, values: {"yes": "Yes", "no": "No"}}
  often: {label: Often, question: How often?, module: background, values: {never: Never, some: Some, often: Often}}
  why_{form}:
    label: Why
    question: Why?
    module: forms
    values: {"yes": "Yes", "no": "No"}
    asked_if: it happened
    asked_when: {answer: "form_{form}", in: [often]}
"""
ASKED = """variables:
  device: {column: N1, values: {1: phone, 2: computer}}
  hours: N2
  paid: {column: N5, values: {1: "yes", 2: "no"}}
  often: {column: N6, values: {1: never, 2: some, 3: often}}
  night: {columns: "N3_{code}", options: {1: before, 2: after}}
  why_{form}: {column: "N4_{form}", values: {1: "yes", 2: "no"}}
"""


def test_questions_that_the_generator_does_not_know(project, copy, drawn, tmp_path):
    """A new question runs before anybody has asked it; one that a part is asked has no answers.

    Three per cent say yes, or anything but never: what it asks about may be grave. Other answers are drawn evenly.
    """
    copy.edit("codebook.yaml", "children:\n", NEW).edit(
        "questionnaires/phase_two.yaml", "variables:\n", ASKED
    )
    children = there_and_back(copy.load(), drawn, tmp_path)
    assert children["device"].value_counts(normalize=True)["phone"] == pytest.approx(0.5, abs=0.06)
    assert (children["paid"] == "yes").mean() == pytest.approx(0.03, abs=0.015)
    assert (children["often"] != "never").mean() == pytest.approx(0.03, abs=0.015)
    assert set(children["often"]) == {"never", "some", "often"}
    assert sorted(children["hours"].unique()) == list(range(1, 25))
    assert (children["night__before"] ^ children["night__after"]).all()
    assert children[[f"why_{form}" for form in "abcdefghi"]].isna().all(axis=None)
    pd.testing.assert_series_equal(children["anxiety"], there_and_back(project, drawn, tmp_path)["anxiety"])


def there_and_back(project, drawn, folder):
    """Harmonised children of a synthetic file."""
    files = folder / "a.sav", folder / "b.sav"
    deliver.write(project, ["bra"], *files, population=drawn)
    return harmonise(project, "bra", *files)[0]
