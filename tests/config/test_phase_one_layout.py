"""The synthetic phase-one file against the documented layout of the delivered one.

The facts are typed here from the public description of the file (analysis code of Ghai et al. 2026,
github.com/sghai9/technology-mediation-csea, `qmd/1a_preprocess.qmd`), not read from config/questionnaires: writing a
file and reading it back use the same mapping, so that an error in it would cancel out.
"""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.synthetic import deliver

CODES = {
    "eth": 1,
    "ken": 2,
    "moz": 3,
    "nam": 4,
    "tza": 6,
    "uga": 7,
    "khm": 8,
    "idn": 9,
    "mys": 10,
    "phl": 11,
    "tha": 12,
    "vnm": 13,
}
ITEM_OF_FORM = dict(
    zip("abcdefghi", ["G1a", "G1c", "G3b", "G3c", "G3d", "G4a", "G4b", "G4c", "G4d"], strict=True)
)
FREQUENCY = {
    "never": 1,
    "rarely": 2,
    "sometimes": 3,
    "often": 4,
    "very_often": 5,
    "refused": 888,
    "dont_know": 999,
}
SPECIAL = {"refused": 888, "dont_know": 999}
PLACE = {"in_person": 1, "social_media": 2, "online_game": 5, "other_way": 6, **SPECIAL}
PLATFORM = {
    "facebook_or_messenger": 1,
    "twitter": 2,
    "snapchat": 3,
    "instagram": 4,
    "tiktok": 5,
    "whatsapp": 6,
    "line": 7,
    "youtube": 8,
    "tumblr": 9,
    "flickr": 10,
    "live_me": 11,
    "periscope": 12,
    "twitch": 13,
    "discord": 14,
    "other": 15,
    "dont_know": 16,
    "refused": 17,
}
PERPETRATOR = {
    "family_member": 1,
    "romantic_partner": 2,
    "acquaintance_adult": 3,
    "acquaintance_under_18": 4,
    "unknown_person": 5,
    "someone_else": 6,
    **SPECIAL,
}
TOLD = {
    "no_one": 1,
    "father": 2,
    "mother": 3,
    "sibling": 4,
    "friend": 5,
    "teacher": 6,
    "other_adult": 7,
    "social_worker": 8,
    "helpline": 9,
    "police": 10,
    "other": 11,
    **SPECIAL,
}
BARRIER = {
    "did_not_know_where": 1,
    "embarrassed": 2,
    "not_believed": 3,
    "trouble_self": 4,
    "felt_at_fault": 5,
    "not_serious": 6,
    "protect_perpetrator": 7,
    "trouble_family": 8,
    "nothing_done": 9,
    "did_not_know_reportable": 10,
    "friends_discouraged": 11,
    "parents_discouraged": 12,
    "not_confidential": 13,
    "other": 14,
    **SPECIAL,
}
SEVERAL = {
    "place": ("G8", PLACE),
    "platform": ("G8_1", PLATFORM),
    "perpetrator": ("G10", PERPETRATOR),
    "told": ("G13", TOLD),
    "barrier": ("G14", BARRIER),
}
SINGLE = {
    "sex": ("ECS_SELECTED_CH_GENDER", {"boy": 1, "girl": 2}),
    "age": ("ECS_SELECTED_CH_AGE", {12: 1, 13: 2, 14: 3, 15: 4, 16: 5, 17: 6}),
    "area": ("A1", {"urban": 1, "peri_urban": 2, "rural": 3}),
    "parent_encourages_learning_online": ("E1a", FREQUENCY),
    "parent_suggests_safe_use": ("E1b", FREQUENCY),
    "parent_shares_activities_online": ("E1c", FREQUENCY),
    "parent_helps_when_bothered": ("E1e", FREQUENCY),
    "knows_where_to_get_help": ("G17", {"yes": 1, "no": 0, **SPECIAL}),
    **{f"form_{form}": (item, FREQUENCY) for form, item in ITEM_OF_FORM.items()},
    **{
        name: (column, {"yes": 1, "no": 0, **SPECIAL})
        for name, column in {
            "self_harm": "H6",
            "life_not_worth_living": "H7a",
            "suicidal_thoughts": "H7c",
            "suicide_considered": "H7d",
            "suicide_attempt": "H7e",
            "attitude_premarital_sex": "I7a",
        }.items()
    },
}


@pytest.fixture(scope="module")
def delivered(project, drawn, tmp_path_factory):
    """The synthetic file of Ethiopia and Kenya as text, and the codebook frame of Kenya that it was made from."""
    folder = tmp_path_factory.mktemp("delivered")
    deliver.write(
        project, ["eth", "ken"], folder / "children.csv", folder / "caregivers.csv", population=drawn
    )
    raw = pd.read_csv(folder / "children.csv", dtype=str, keep_default_na=False)
    return raw, drawn("ken")[0]


def test_country_codes(project):
    given = {iso3: country.code for iso3, country in project.countries.items() if country.shared_file}
    assert given == {iso3: str(code) for iso3, code in CODES.items()}
    assert project.questionnaires["phase_one"].selector == "COUNTRY"


PREFIXED = {"G17": "Main_G17", "AII_A16": "Main_AII_A16", "D1f": "Main_D1f"}
"""Names that carry a prefix in the synthetic file, as some do in the delivered one."""


def test_header(delivered, phase_one_columns):
    raw, _ = delivered
    assert not {PREFIXED.get(name, name) for name in phase_one_columns} - set(raw.columns)
    assert not set(PREFIXED) & set(raw.columns)
    also = {
        "E1d",
        *(f"I1{letter}" for letter in "abcdef"),
        "G8_1_888_G4a",
        "G8_1_999_G3b",
        "G8_1_other_G4d",
        "G10_other_G1a",
    }
    assert not also - set(raw.columns)
    assert {"G13_other_G1c", "ECS_AddressID", "H6", "H1", "L39f", "Language", "SYNTHETIC"} <= set(raw.columns)
    assert {"CH6", "CH7a", "H5_other"} <= set(raw.columns)  # look like questions, and are others
    assert sum(name.startswith("wgt_gross") for name in raw.columns) == 1
    assert not {"STRATUM", "HOUSEHOLD_ID", "CG_ID"} & set(raw.columns)  # no user of the file names any
    assert not raw.columns.duplicated().any()


def test_in_person_and_facebook_are_not_confused(delivered):
    raw, kenya = delivered
    kenyan = raw[raw["COUNTRY"] == "2"].reset_index(drop=True)
    in_person, facebook = kenya["place_f__in_person"], kenya["platform_f__facebook_or_messenger"]
    assert list(kenyan["G8_1_G4a"] == "1") == list(in_person.fillna(False))
    assert list(kenyan["G8_1_1_G4a"] == "1") == list(facebook.fillna(False))


def test_country_column_and_synthetic_mark(delivered):
    raw, kenya = delivered
    assert list(raw["COUNTRY"].unique()) == ["1", "2"]
    assert (raw["COUNTRY"] == "2").sum() == len(kenya)
    assert set(raw["SYNTHETIC"]) == {"1"}


@pytest.mark.parametrize("variable", SINGLE)
def test_codes_of_one_answer(delivered, variable):
    raw, kenya = delivered
    column, codes = SINGLE[variable]
    expected = ["" if pd.isna(value) else str(codes[value]) for value in kenya[variable]]
    assert list(raw.loc[raw["COUNTRY"] == "2", PREFIXED.get(column, column)]) == expected


@pytest.mark.parametrize("form", ITEM_OF_FORM)
@pytest.mark.parametrize("question", SEVERAL)
def test_codes_of_several_answers(delivered, question, form):
    """1 chosen, 0 not chosen, empty not asked; platforms exist for all forms."""
    raw, kenya = delivered
    name, codes = SEVERAL[question]
    kenyan = raw[raw["COUNTRY"] == "2"]
    for option, code in codes.items():
        column = f"{name}_{code}_{ITEM_OF_FORM[form]}"
        answers = kenya[f"{question}_{form}__{option}"].to_numpy(dtype=float, na_value=np.nan)
        expected = ["" if np.isnan(answer) else str(int(answer)) for answer in answers]
        assert list(kenyan[column]) == expected


def test_dirt_of_the_delivered_file(delivered):
    """Identifiers that occur twice, rows without weight, refused and don't know, empty cells; mean weight 1."""
    raw, _ = delivered
    assert raw["Respondent_ID"].duplicated().any()
    weights = pd.to_numeric(raw.loc[raw["COUNTRY"] == "2", "wgt_scaled"])
    assert weights.isna().any()
    assert weights.mean() == pytest.approx(1, abs=1e-6)
    assert {"888", "999"} <= set(np.unique(raw[list(ITEM_OF_FORM.values())]))
    assert (raw["G8_1_G4a"] == "").any()


def test_first_line_is_plain_csv(project, drawn, tmp_path):
    deliver.write(project, ["ken"], tmp_path / "a.csv", tmp_path / "b.csv", population=drawn)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    assert header[0] == "COUNTRY"
    assert (tmp_path / "a.csv").read_bytes().startswith(b"COUNTRY,Respondent_ID,")


@pytest.fixture(scope="module")
def twelve(project, drawn, tmp_path_factory):
    """Some countries of the synthetic file with all oddities, as text."""
    folder = tmp_path_factory.mktemp("twelve")
    deliver.write(project, ["ken", "moz", "khm", "idn"], folder / "both.csv", None, population=drawn)
    return pd.read_csv(folder / "both.csv", dtype=str, keep_default_na=False)


def test_the_unit_is_the_beginning_of_the_address(twelve, drawn):
    kenyan = twelve.loc[twelve["COUNTRY"] == "2", "ECS_AddressID"]
    unit = kenyan.str.replace(r"^(.{3,}?)Z[01].*$", r"\1", regex=True)
    assert list(unit) == list(drawn("ken")[0]["psu"])
    assert kenyan.str.contains("Z0").any()
    assert kenyan.str.contains("Z1").any()


def test_caregivers_are_in_the_childrens_rows(twelve, drawn):
    kenyan = twelve[twelve["COUNTRY"] == "2"]
    caregivers = drawn("ken")[1]
    assert list(kenyan["CG_AGE"].astype(float)) == list(caregivers["caregiver_age"])


@pytest.mark.parametrize(("code", "share"), [("8", 0.93), ("9", 0.30), ("2", 0), ("3", 0)])
@pytest.mark.parametrize("column", ["H7b", "H4_NEW_b", "H4_NEW_d", "H4_NEW_e", "H5a", "E1d", "L51b", "L42b"])
def test_an_early_version_left_items_out(twelve, column, code, share):
    """All of them for the same children; what all were asked is filled for everybody."""
    rows = twelve[twelve["COUNTRY"] == code]
    filled = rows[column] != ""
    assert filled.mean() == pytest.approx(share, abs=0.015)
    assert list(filled) == list(rows["H7b"] != "")
    assert (rows[["H7a", "H4_NEW_a", "H5b"]] != "").all(axis=None)


def test_the_void_item_is_noise_in_mozambique(twelve):
    """It goes with no other item of its scale there, and does elsewhere."""
    for code, low, high in (("3", -0.1, 0.1), ("2", 0.3, 0.7)):
        items = twelve.loc[twelve["COUNTRY"] == code, [f"H4{letter}" for letter in "abcdef"]].astype(float)
        items = items.mask(items > 887)
        assert low < items["H4f"].corr(items[[f"H4{letter}" for letter in "abcde"]].mean(axis=1)) < high
