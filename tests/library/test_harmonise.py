"""From delivered files to codebook tables: values by hand, bad input, and the synthetic survey there and back."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config import ConfigurationError
from disrupting_harm.config.entries.registry import Missing
from disrupting_harm.delivered import harmonise, plausibility
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.estimation.estimates import estimate
from disrupting_harm.quality.examine import examine

pytestmark = pytest.mark.slow

SECRET = "my uncle told me to keep quiet"


@pytest.fixture
def phase_one(copy):
    """The project with a delivered phase-one file; `run(raw)` writes the raw table there and harmonises Kenya."""

    class PhaseOne:
        project = copy.edit(
            "config.yaml",
            "    # children: data/raw/DH_12Countries_110222.csv",
            "    children: data/raw/dh.csv",
        ).load()
        file = copy.root / "data/raw/dh.csv"

        def run(self, raw: pd.DataFrame) -> pd.DataFrame:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            raw.to_csv(self.file, index=False)
            return harmonise.harmonise(self.project, "ken")[0]

        def error(self, raw: pd.DataFrame) -> str:
            with pytest.raises(MicrodataError) as caught:
                self.run(raw)
            message = str(caught.value)
            assert message.startswith("data/raw/dh.csv\n")
            assert str(self.file.parent) not in message
            return message

    return PhaseOne()


def test_codes_become_codebook_values(phase_one, phase_one_rows):
    """Every documented code of a few questions, by hand."""
    raw = phase_one_rows(
        8,
        ECS_SELECTED_CH_GENDER=[1, 2, 1, 2, 1, 2, 1, 2],
        G4a=[1, 2, 3, 4, 5, 888, 999, ""],
        G17=[1, 0, 888, 999, "", 1, 1, 1],
        I7a=[1, 0, 888, 999, "", 1, 1, 1],
    )
    table = phase_one.run(raw)
    assert list(table["sex"]) == ["boy", "girl"] * 4
    assert list(table["age"]) == [12, 13, 14, 15, 16, 17, 12, 13]
    assert list(table["area"])[:3] == ["urban", "peri_urban", "rural"]
    frequencies = ["never", "rarely", "sometimes", "often", "very_often", "refused", "dont_know"]
    assert list(table["form_f"])[:7] == frequencies
    assert pd.isna(table["form_f"][7])
    assert list(table["form_f"].cat.categories) == [*frequencies[:5], "dont_know", "refused"]
    assert list(table["knows_where_to_get_help"])[:4] == ["yes", "no", "refused", "dont_know"]
    assert list(table["attitude_premarital_sex"])[:4] == ["yes", "no", "refused", "dont_know"]
    assert table["form_a"].isna().all()
    assert str(table["age"].dtype) == "int64"
    assert str(table["weight"].dtype) == "float64"


def test_several_answers(phase_one, phase_one_rows):
    """1 chosen, 0 not chosen; a row without any value was not asked; an empty cell beside values was not chosen."""
    raw = phase_one_rows(
        4,
        G8_1_G4a=[1, 0, "", ""],
        G8_2_G4a=[0, 1, "", 1],
        G8_5_G4a=[0, 0, "", ""],
        G8_6_G4a=[0, 0, "", ""],
        G8_888_G4a=[0, 0, "", ""],
        G8_999_G4a=[0, 1, "", ""],
        G8_1_1_G4a=["", 1, "", 0],
        G8_1_16_G4a=["", 0, "", 1],
    )
    table = phase_one.run(raw)
    assert [None if pd.isna(value) else bool(value) for value in table["place_f__in_person"]] == [
        True,
        False,
        None,
        False,
    ]
    assert [None if pd.isna(value) else bool(value) for value in table["place_f__social_media"]] == [
        False,
        True,
        None,
        True,
    ]
    assert list(table["place_f__dont_know"].fillna(False)) == [False, True, False, False]
    assert list(table["platform_f__facebook_or_messenger"].fillna(False)) == [False, True, False, False]
    assert list(table["platform_f__dont_know"].fillna(False)) == [False, False, False, True]
    assert str(table["place_f__in_person"].dtype) == "boolean"
    assert table["platform_a__facebook_or_messenger"].isna().all()


def test_rows_are_left_out_and_counted(phase_one, phase_one_rows):
    raw = phase_one_rows(12)
    raw["COUNTRY"] = [1, 1, *[2] * 10]
    raw["wgt_scaled"] = ["" if row == 3 else float(row != 5) for row in range(12)]
    raw.loc[[6, 7, 8], "Respondent_ID"] = ["0009", "0009", "0002"]
    raw["ECS_SELECTED_CH_AGE"] = raw["ECS_SELECTED_CH_AGE"].astype(object).where(raw.index != 4, "")
    table = phase_one.run(raw)
    assert len(table) == 7
    assert table.attrs["rows_delivered"] == 10
    assert table.attrs["excluded"] == {"no weight": 2, "no age": 1}
    assert list(table["child_id"]) == ["0002", "0009", "0009-2", "0002-2", "0009-3", "0010", "0011"]
    assert table.attrs["renamed_identifiers"] == 3
    assert table.attrs["data"] == "delivered"
    assert table.attrs["country"] == "ken"
    assert table.attrs["source_sha256"] == hashlib.sha256(phase_one.file.read_bytes()).hexdigest()


def test_columns_whose_name_is_not_public_may_be_absent(phase_one, phase_one_rows):
    """The delivered file runs without strata, clusters, households and wellbeing: these are not in it."""
    table = phase_one.run(phase_one_rows(6))
    absent = [
        "household_id",
        "gross_weight",
        "stratum",
        "psu",
        "self_harm",
        "suicidal_thoughts",
        "suicide_attempt",
    ]
    absent += ["anxiety_a", "anxiety_b", "low_mood_f", "wellbeing_f", "life_ladder"]
    assert set(absent) <= set(table.attrs["absent"])
    assert "anxiety" not in table.attrs["absent"]  # a question of phase two
    assert not set(absent) & set(table.columns)


def test_phase_one_in_small_letters_shuffled_with_caregivers_in_the_rows(copy, phase_one_rows):
    """Self-harm beside columns that end alike; units from addresses; the caregiver's design is the child's."""
    copy.edit(
        "config.yaml", "    # children: data/raw/DH_12Countries_110222.csv", "    children: data/raw/dh.csv"
    )
    copy.edit("config.yaml", "    # caregivers: in_child_row", "    caregivers: in_child_row")
    (copy.root / "data/raw").mkdir(parents=True)
    raw = phase_one_rows(4, H6=[1, 0, 888, 1], CG_AGE=[30, 40, 50, 60], wgt_scaled=["", 1, 2, 3])
    raw = raw.assign(ECS_CH6=9, CH7a=9, H5_other=9, wgt_gross_b=[5, 10, 20, 30])
    raw = raw.assign(ECS_AddressID=["KEN1Z0", "KEN1Z1002", "ABZ0CDEZ1", "whole"])
    raw.columns = raw.columns.str.lower()
    raw.sample(frac=1, axis=1, random_state=1).to_csv(copy.root / "data/raw/dh.csv", index=False)
    children, caregivers = harmonise.harmonise(copy.load(), "ken")
    assert list(children["self_harm"]) == ["no", "refused", "yes"]
    assert list(children["gross_weight"]) == [10, 20, 30]
    for table in (children, caregivers):
        assert list(table["psu"]) == ["ken:KEN1", "ken:ABZ0CDE", "ken:whole"]
        assert list(table["weight"]) == [1, 2, 3]
    assert list(caregivers["caregiver_age"]) == [40, 50, 60]
    assert list(caregivers["household_id"]) == list(children["household_id"])


def statuses(project, table, indicators):
    """Why there are no estimates, by indicator."""
    people = Respondents.of(table, project.registry, project.codebook, project.countries["ken"])
    rows = estimate(people, [project.registry.indicators[name] for name in indicators], "sex")
    return dict(zip(rows["indicator"], rows["status"], strict=True))


def test_not_asked_only_where_the_configuration_says_so(copy, phase_one_rows):
    """A column that the file lacks, a question that was not asked, and one that must not be used are three things."""
    copy.edit(
        "config.yaml", "    # children: data/raw/DH_12Countries_110222.csv", "    children: data/raw/dh.csv"
    )
    copy.add(
        "countries/ken.yaml",
        "\nnot_asked: [anxiety]\nnot_usable: {knows_where_to_get_help: translation error, 'told_{form}': lost}\n",
    )
    project = copy.load()
    (copy.root / "data/raw").mkdir(parents=True)
    phase_one_rows(60).to_csv(copy.root / "data/raw/dh.csv", index=False)
    children, caregivers = harmonise.harmonise(project, "ken")
    assert "knows_where_to_get_help" not in children
    assert children.attrs["not_usable"] == {
        "knows_where_to_get_help": "translation error", **{f"told_{form}": "lost" for form in "abcdefghi"}
    }  # fmt: skip
    why = statuses(project, children, ["self_harm", "anxiety", "knows_where_to_get_help"])
    assert why == {
        "self_harm": "not_delivered",
        "anxiety": "not_asked",
        "knows_where_to_get_help": "not_usable",
    }
    remarks = examine(project, "ken", children, caregivers)
    notes = remarks[remarks["check"].isin(WITHOUT_DATA) & (remarks["table"] == "children")]
    said = dict(zip(notes["check"], notes["message"], strict=True))
    assert "Anxiety" in said["not_asked"]
    assert "Self-harm" in said["not_delivered"]
    assert "(translation error)" in said["not_usable"]
    names = project.codebook.variables("caregivers")
    assert caregivers.attrs["absent"] == list(names)  # no file of caregivers is named


def early(copy, phase_one_rows, answers, setting="asked_of_part: true"):
    """Kenya with answers to a question of which an early questionnaire had nothing: 200 children."""
    copy.edit(
        "config.yaml", "    # children: data/raw/DH_12Countries_110222.csv", "    children: data/raw/dh.csv"
    )
    copy.add("countries/ken.yaml", f"\nvariables: {{knows_where_to_get_help: {{{setting}}}}}\n")
    (copy.root / "data/raw").mkdir(parents=True)
    raw = phase_one_rows(200, G17=answers).assign(ECS_AddressID=[f"KE{row % 40}Z0" for row in range(200)])
    raw.to_csv(copy.root / "data/raw/dh.csv", index=False)
    project = copy.load()
    return project, *harmonise.harmonise(project, "ken")


@pytest.mark.parametrize(("asked", "level"), [(80, "warning"), (120, "note")])
@pytest.mark.parametrize("missing", ["leaves_base", "counts_as_no"])
def test_the_base_of_a_question_that_an_early_version_left_out_are_those_who_were_asked(
    copy, phase_one_rows, asked, level, missing
):
    """12 yes, 5 don't know, 3 refused, the rest of those asked no; whatever becomes of other missing answers."""
    answers = [1] * 12 + [999] * 5 + [888] * 3 + [0] * (asked - 20) + [""] * (200 - asked)
    project, children, caregivers = early(copy, phase_one_rows, answers)
    assert children.attrs["asked_of_part"] == ["knows_where_to_get_help"]
    entry = project.registry.indicators["knows_where_to_get_help"]
    treated = dict.fromkeys(("dont_know", "refused", "not_asked"), missing)
    indicator = entry.model_copy(update={"missing": Missing(**treated)})
    people = Respondents.of(children, project.registry, project.codebook, project.countries["ken"])
    row = estimate(people, [indicator]).iloc[0]
    base = asked - (8 if missing == "leaves_base" else 0)
    assert (row["n"], row["n_unanswered"]) == (base, asked - base)
    assert row["estimate"] == pytest.approx(12 / base)
    remarks = examine(project, "ken", children, caregivers).set_index(["check", "variable"])
    said = remarks.loc[("asked_of_part", "knows_where_to_get_help")]
    assert (said["level"], said["value"], said["base"]) == (level, asked, 200)
    assert f"asked of {asked / 2}% of 200 children" in said["message"]
    unanswered = remarks.loc[("item_nonresponse", "knows_where_to_get_help")]
    assert (unanswered["base"], unanswered["value"]) == (asked, 10)  # 8, rounded to a multiple of 5


def test_where_nobody_was_asked_the_country_did_not_ask(copy, phase_one_rows):
    project, children, _ = early(copy, phase_one_rows, [""] * 200)
    assert statuses(project, children, ["knows_where_to_get_help"]) == {
        "knows_where_to_get_help": "not_asked"
    }


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("not_usable: {self_hram: lost}", "not_usable.self_hram names self_hram"),
        ("not_usable: {weight: lost}", "names weight, without which nothing can be estimated"),
        (
            "not_usable: {anxiety: lost}\nnot_asked: [anxiety]",
            "names anxiety, which is also listed under not_usable",
        ),
    ],
)
def test_what_may_not_be_listed_as_not_usable(copy, setting, words):
    copy.add("countries/ken.yaml", f"\n{setting}\n")
    with pytest.raises(ConfigurationError) as caught:
        copy.load()
    assert words in str(caught.value)


def test_without_a_caregivers_file_the_table_is_empty(phase_one, phase_one_rows):
    phase_one.run(phase_one_rows(6))
    caregivers = harmonise.harmonise(phase_one.project, "ken")[1]
    assert caregivers.empty
    assert caregivers.attrs["data"] == "delivered"


def test_strata_are_marked_and_clusters_nested_only_where_needed(phase_one, phase_one_rows):
    raw = phase_one_rows(4, STRATUM=["u", "u", "r", "r"], ECS_AddressID=[1, 2, 3, 4])
    table = phase_one.run(raw)
    assert list(table["stratum"]) == ["ken:u", "ken:u", "ken:r", "ken:r"]
    assert list(table["psu"]) == ["ken:1", "ken:2", "ken:3", "ken:4"]
    table = phase_one.run(raw.assign(ECS_AddressID=[1, 2, 1, 2]))
    assert list(table["psu"]) == ["ken:u/1", "ken:u/2", "ken:r/1", "ken:r/2"]


def test_delivered_prefixes(phase_one, phase_one_rows):
    """Columns are found by their ending, also beside unused columns that end in the same way."""
    raw = phase_one_rows(6, G17=[1, 0, 1, 0, 1, 0])
    raw = raw.rename(columns={"G17": "Q9_G17", "COUNTRY": "S_COUNTRY", "G4a": "S3_G4a"})
    raw = raw.assign(S3_G8_1_888_G4a=1, S3_G10_other_G4a=SECRET)
    table = phase_one.run(raw)
    assert list(table["knows_where_to_get_help"]) == ["yes", "no"] * 3


# Bad input


def test_missing_file(phase_one):
    with pytest.raises(MicrodataError, match=r"data/raw/dh\.csv\n  does not exist"):
        harmonise.harmonise(phase_one.project, "ken")


def test_a_file_without_an_identifier_passes_where_it_may_be_absent(phase_one, phase_one_rows, copy):
    setting = "variables: {child_id: {column: Respondent_ID, may_be_absent: true}}\n"
    phase_one.project = copy.add("countries/ken.yaml", setting).load()
    table = phase_one.run(phase_one_rows(6).drop(columns="Respondent_ID"))
    assert table["child_id"].tolist() == [f"row-{row}" for row in range(1, 7)]
    assert table.attrs["renamed_identifiers"] == 0


def test_missing_columns(phase_one, phase_one_rows):
    message = phase_one.error(
        phase_one_rows(6).rename(columns={"wgt_scaled": "wgt_scale", "G13_4_G4a": "G13_4_G4x"})
    )
    assert "column wgt_scaled is not in the file; did you mean wgt_scale?" in message
    assert "column G13_4_G4a is not in the file; did you mean" in message


def test_codes_without_a_mapping_are_told_all_at_once_without_rows_or_counts(phase_one, phase_one_rows):
    raw = phase_one_rows(
        6, G4a=[1, 6, 77, 77, 1, 1], ECS_SELECTED_CH_GENDER=[1, 2, 3, 1, 2, 1], G8_1_G4a=[2, 1, 0, 0, 0, 0]
    )
    message = phase_one.error(raw)
    assert "column G4a: 6, 77 are not mapped" in message
    assert "column ECS_SELECTED_CH_GENDER: 3 is not mapped" in message
    assert "column G8_1_G4a: 2 is not mapped" in message
    assert "row" not in message
    assert "config/questionnaires/phase_one.yaml" in message
    assert "config/countries/ken.yaml" in message


def test_words_in_a_column_of_codes_are_never_shown(phase_one, phase_one_rows):
    message = phase_one.error(
        phase_one_rows(6, G4a=[1, SECRET, 1, 1, 1, 1], G8_1_G4a=[SECRET, 1, 1, 1, 1, SECRET])
    )
    assert "column G4a holds something that is no code, row 3" in message
    assert "column G8_1_G4a holds something that is no code, rows 2, 7" in message
    assert SECRET not in message


def test_weights_that_are_none(phase_one, phase_one_rows):
    message = phase_one.error(phase_one_rows(6, wgt_scaled=[1, SECRET, 1, 1, -0.5, 1]))
    assert "column wgt_scaled (weight) holds something that is no number, row 3" in message
    assert "column wgt_scaled (weight) holds negative weights, row 6" in message
    assert SECRET not in message
    assert "column wgt_scaled holds no weight for Kenya" in phase_one.error(phase_one_rows(6, wgt_scaled=""))
    assert "no number" in phase_one.error(phase_one_rows(6, wgt_scaled=[1, "inf", 1, 1, 1, 1]))


def test_empty_selection(phase_one, phase_one_rows):
    message = phase_one.error(phase_one_rows(6, COUNTRY=3))
    assert "has no row with COUNTRY = 2 (Kenya)" in message
    assert "Correct `code` in config/countries/ken.yaml." in message
    assert "names columns, but holds no respondents" in phase_one.error(phase_one_rows(0))


def test_gaps_in_the_design(phase_one, phase_one_rows, copy):
    raw = phase_one_rows(6, STRATUM=["u"] * 6, ECS_AddressID=[1, 1, "", 2, 2, 2])
    message = phase_one.error(raw)
    assert "column ECS_AddressID (psu) is empty in row 4" in message
    assert "design.weights_only: true in config/countries/ken.yaml" in message
    phase_one.project = copy.add("countries/ken.yaml", "design: {weights_only: true}\n").load()
    assert not {"stratum", "psu"} & set(phase_one.run(raw).columns)


def test_a_design_that_is_complete_is_used(phase_one, phase_one_rows, copy):
    phase_one.project = copy.add("countries/ken.yaml", "design: {weights_only: true}\n").load()
    message = phase_one.error(phase_one_rows(6, ECS_AddressID=[1, 1, 2, 2, 3, 3]))
    assert "column ECS_AddressID (psu) is complete, but design.weights_only" in message


def test_an_identifier_in_place_of_sampling_units_is_left_out_by_a_decision(phase_one, phase_one_rows, copy):
    raw = phase_one_rows(40, ECS_AddressID=range(40))
    message = phase_one.error(raw)
    assert "column ECS_AddressID (psu) is different for every respondent" in message
    phase_one.project = copy.add("countries/ken.yaml", "design: {weights_only: true}\n").load()
    assert "psu" not in phase_one.run(raw)


@pytest.mark.parametrize("code", [999, 9999, 8888, 1000])
def test_a_single_code_among_the_weights_stops_the_run_unless_it_is_accepted(
    phase_one, phase_one_rows, copy, code
):
    raw = phase_one_rows(6, wgt_scaled=[0.5, 1.25, code, 2, 9, 0.75])
    assert "holds round numbers far above all other weights, row 4" in phase_one.error(raw)
    phase_one.project = copy.add("countries/ken.yaml", "design: {accept_round_weights: true}\n").load()
    assert phase_one.run(raw)["weight"].max() == code


def test_large_weights_are_no_codes_beside_larger_ones():
    """Gross weights in thousands: 1000 is one of them; a weight of 9 is less than ten times the median."""
    assert not plausibility.like_codes(np.array([1000, 812.5, 2031, 1544, 990])).any()
    assert not plausibility.like_codes(np.array([1.0, 1.0, 1.0, 9.0])).any()
    assert plausibility.like_codes(np.array([1.5, np.nan, 99.0, 0.5, 99.0])).tolist() == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_a_sampling_unit_has_one_spelling_in_its_stratum():
    """The rarer spelling is named; the same label in another stratum is another unit."""
    design = pd.DataFrame({"stratum": list("aaabb"), "psu": ["1", "1", "01", "01", "2"]})
    ((name, rows),) = plausibility.spelled_twice(design)
    assert (name, rows.tolist()) == ("psu", [2])
    ((name, rows),) = plausibility.spelled_twice(design[["psu"]])
    assert (name, rows.tolist()) == ("psu", [2, 3])
    assert not list(plausibility.spelled_twice(design[["stratum"]]))


def test_one_respondent_to_a_unit_is_an_identifier_in_all_but_small_files():
    assert plausibility.is_one_per_unit(pd.Series(range(30)))
    assert not plausibility.is_one_per_unit(pd.Series(range(29)))
    assert not plausibility.is_one_per_unit(pd.Series([0, *range(40)]))


def test_mapped_values_must_occur_unless_optional(phase_one, phase_one_rows, copy):
    """Looked at over the whole file and over the forms of one question; don't know and refused need not occur."""
    raw = phase_one_rows(120, A1=[1, 2] * 60, G17=1, G1a=[1, 2, 3] * 40, G4d=[4] * 120)
    message = phase_one.error(raw)
    assert (
        "column A1: 3 (rural) is mapped, but never occurs; correct it, or list rural under optional_values of area"
        in message
    )
    assert "column G17: 0 (no) is mapped, but never occurs" in message
    assert "column G1a to G4d: 5 (very_often) is mapped, but never occurs" in message
    assert "(often)" not in message
    assert "888" not in message
    raw.loc[0, ["G17", "G1a"]] = [0, 5]
    raw.loc[0, "COUNTRY"] = 1  # another country's row counts too
    phase_one.project = copy.add(
        "countries/ken.yaml", "variables: {area: {optional_values: [rural]}}\n"
    ).load()
    assert len(phase_one.run(raw)) == 119


def test_few_answers_say_nothing_about_what_may_occur(phase_one, phase_one_rows):
    assert len(phase_one.run(phase_one_rows(99, G17=1))) == 99


def test_nothing_is_left_half_written(phase_one, phase_one_rows, tmp_path):
    phase_one.run(phase_one_rows(6))
    out = tmp_path / "harmonised"
    harmonise.write(
        phase_one.project, "ken", None, None, out / "children.parquet", out / "caregivers.parquet"
    )
    assert sorted(path.name for path in out.iterdir()) == ["caregivers.parquet", "children.parquet"]
    with pytest.raises(MicrodataError):
        harmonise.write(phase_one.project, "eth", None, None, out / "c.parquet", out / "g.parquet")
    assert len(list(out.iterdir())) == 2
    back = pd.read_parquet(out / "children.parquet")
    assert back.attrs["excluded"] == {}
    assert back.attrs["country"] == "ken"


# There and back


@pytest.fixture(scope="module")
def delivered(project, synthetic_files):
    """The synthetic files of a country, harmonised once."""
    return cache(lambda iso3: harmonise.harmonise(project, iso3, *synthetic_files(iso3)))


OF_THE_LAYOUT = ["language"]
"""What the file of phase one has and nobody draws."""


def expected(project, iso3, table, frame):
    """What harmonising must give back: rows with a weight, columns that the country asked, design marked."""
    asked = project.countries[iso3].children if table == "children" else project.countries[iso3].caregivers
    kept = frame[frame["weight"] > 0].reset_index(drop=True)
    columns = {}
    for name, variable in project.codebook.variables(table).items():
        if name not in asked.variables or asked.variables[name].asked_of_part or name in OF_THE_LAYOUT:
            continue  # of these countries nobody had the later version
        for column in variable.columns:
            values = kept[column]
            columns[column] = values.astype(float) if variable.kind == "number" and name != "age" else values
    made = pd.DataFrame(columns)
    for name in ("stratum", "psu"):
        made[name] = f"{iso3}:" + made[name].astype(str)
    return made


def as_in_one_row(project, iso3, frames):
    """Drawn tables as their file holds them: caregivers in the children's rows have the children's identifiers."""
    children, caregivers = frames
    if not project.countries[iso3].caregivers.in_child_row:
        return frames
    return children, caregivers.assign(caregiver_id=children["child_id"])


@pytest.mark.parametrize("iso3", ["ken", "col", "mne"])
def test_synthetic_survey_there_and_back(project, drawn, delivered, iso3):
    """CSV and SPSS, shared selector, other names and codes, questions left out: the same codebook frame comes back."""
    tables = delivered(iso3)
    frames = as_in_one_row(project, iso3, drawn(iso3))
    for table, harmonised, made in zip(("children", "caregivers"), tables, frames, strict=True):
        wanted = expected(project, iso3, table, made).drop(columns=harmonised.attrs["absent"])
        if project.countries[iso3].caregivers.in_child_row:
            harmonised = harmonised.drop(columns="household_id")  # the row itself
        harmonised = harmonised.drop(columns=OF_THE_LAYOUT, errors="ignore")
        identifier = "child_id" if table == "children" else "caregiver_id"
        assert harmonised[identifier].is_unique
        assert harmonised.attrs["renamed_identifiers"] == wanted[identifier].duplicated().sum()
        assert harmonised.attrs["excluded"].get("no weight", 0) == made["weight"].isna().sum()
        assert harmonised.attrs["data"] == "synthetic"
        pd.testing.assert_frame_equal(
            harmonised.drop(columns=identifier),
            wanted.drop(columns=identifier),
            check_like=True,
            check_dtype=False,
            check_categorical=True,
        )
        assert list(harmonised.columns) == list(wanted.columns)
        assert "self_harm" not in harmonised or iso3 != "mne"  # the country that did not ask


def test_other_ages_are_delivered_and_left_out(drawn, delivered, synthetic_files):
    """South Africa's file holds ages 9 to 17; the insights are about 12 to 17."""
    children, caregivers = delivered("zaf")
    raw = pd.read_csv(synthetic_files("zaf")[0], usecols=["ECS_SELECTED_CH_AGE", "G1a"])
    assert sorted(raw["ECS_SELECTED_CH_AGE"].unique()) == list(range(1, 10))
    assert raw.loc[raw["ECS_SELECTED_CH_AGE"] < 4, "G1a"].isna().all()
    drawn_children, drawn_caregivers = drawn("zaf")
    assert len(children) == (drawn_children["weight"] > 0).sum()
    assert len(caregivers) == (drawn_caregivers["weight"] > 0).sum()
    assert children["age"].between(12, 17).all()
    assert children.attrs["excluded"]["outside the ages 12 to 17"] > 300
    assert caregivers.attrs["excluded"]["child outside the ages 12 to 17"] > 300
    assert not caregivers["household_id"].str.contains("young").any()


def test_caregivers_and_children_are_linked(delivered):
    children, caregivers = delivered("ken")
    linked = np.isin(children["household_id"], caregivers["household_id"])
    assert linked.mean() > 0.95
