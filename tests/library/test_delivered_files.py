"""Files of a country's own: what its configuration says about them, and one report of what is wrong with each."""

from __future__ import annotations

import hashlib
import itertools

import pandas as pd
import pyreadstat
import pytest
import xlsxwriter

from disrupting_harm.config import ConfigurationError
from disrupting_harm.config.entries.patterns import extract
from disrupting_harm.delivered import harmonise
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.running import plan

pytestmark = pytest.mark.slow

SECRET = "my uncle told me to keep quiet"
FILE = "data/raw/dz/діти 1.csv"
COUNTRY = """
iso3: xdz
name: Nowhere
region: Elsewhere
phase: phase_two
questionnaire: short
"""
QUESTIONNAIRE = """
title: A short questionnaire
table: children
delivered_as: csv
special: {98: dont_know, 99: refused}
variables:
  child_id: ID
  household_id: HH
  weight: W
  stratum: S
  psu: P
  sex: {column: SEX, values: {1: boy, 2: girl}, special: false}
  age: {column: AGE, missing: [999]}
  form_a: {column: Q1, values: {1: never, 2: often}}
  told_a: {columns: "T_{code}", options: {1: no_one, 2: friend}}
"""
CAREGIVERS = """
title: A short questionnaire for caregivers
table: caregivers
delivered_as: csv
variables:
  caregiver_id: CID
  household_id: HH
  weight: W
  caregiver_age: CAGE
  caregiver_sex: {column: CSEX, values: {1: man, 2: woman}, special: false}
"""


def rows(count=6, **columns):
    """A delivered table; `columns` take the place of its own."""
    frame = pd.DataFrame(
        {
            "ID": [f"{number:03d}" for number in range(count)],
            "HH": [f"h{number}" for number in range(count)],
            "W": 1.0,
            "S": ["N1", "N2", "S"] * (count // 3),
            "P": [f"p{number % 2}" for number in range(count)],
            "SEX": [1, 2] * (count // 2),
            "AGE": 13,
            "Q1": 1,
            "T_1": 0,
            "T_2": 1,
            "T_98": 0,
            "T_99": 0,
        }
    )
    return frame.assign(**columns)


class Nowhere:
    """A country of a test: `say` adds to its file, `write` writes its microdata, `run` harmonises."""

    def __init__(self, copy):
        self.copy, self.root = copy, copy.root
        copy.add("questionnaires/short.yaml", QUESTIONNAIRE)
        copy.add("questionnaires/caregivers_short.yaml", CAREGIVERS)
        copy.add("countries/xdz.yaml", COUNTRY)

    def say(self, text):
        self.copy.add("countries/xdz.yaml", text + "\n")
        return self

    def path_of(self, file=FILE):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, frame, file=FILE, **options):
        frame.to_csv(self.path_of(file), index=False, **options)
        return self

    def run(self):
        return harmonise.harmonise(self.copy.load(), "xdz")

    def error(self):
        with pytest.raises(MicrodataError) as caught:
            self.run()
        message = str(caught.value)
        assert str(self.root) not in message
        assert SECRET not in message
        return message


@pytest.fixture
def nowhere(copy):
    return Nowhere(copy)


# Pinned files


def test_another_file_than_the_pinned_one_stops_the_run(nowhere):
    nowhere.write(rows())
    pinned = hashlib.sha256(nowhere.path_of().read_bytes()).hexdigest()
    nowhere.say(f"microdata: {{children: {{file: {FILE}, sha256: {pinned.upper()}}}}}")
    assert nowhere.run()[0].attrs["source_sha256"] == pinned
    actual = hashlib.sha256(nowhere.write(rows(3 * 4)).path_of().read_bytes()).hexdigest()
    message = nowhere.error()
    assert message.startswith(f"{FILE}\n  is not the file that is pinned")
    assert f"its checksum is {actual[:12]}..., and config/countries/xdz.yaml says {pinned[:12]}..." in message
    assert f"in config/countries/xdz.yaml, under microdata.children:\n        sha256: {actual}" in message
    assert "Otherwise put the earlier file back" in message


def test_a_pin_on_the_caregivers_stops_before_the_children_are_read(nowhere):
    nowhere.write(rows(Q1=77)).write(rows(), "data/raw/cg.csv")
    nowhere.say(
        f"microdata: {{children: {FILE}, caregivers: {{file: data/raw/cg.csv, sha256: {'0a' * 32}}}}}"
    )
    nowhere.say("caregiver_questionnaire: caregivers_short")
    assert nowhere.error().startswith("data/raw/cg.csv\n  is not the file that is pinned")


def test_a_pin_on_a_shared_file(copy, phase_one_rows):
    setting = f"    children: {{file: data/raw/dh.csv, sha256: {'ab' * 32}}}"
    project = copy.edit("config.yaml", "    # children: data/raw/DH_12Countries_110222.csv", setting).load()
    (copy.root / "data/raw").mkdir(parents=True)
    phase_one_rows(6).to_csv(copy.root / "data/raw/dh.csv", index=False)
    with pytest.raises(MicrodataError) as caught:
        harmonise.harmonise(project, "ken")
    assert "config/config.yaml says abababababab..." in str(caught.value)
    assert "in config/config.yaml, under shared_files.phase_one.children:" in str(caught.value)


# What is said about a file


def test_encoding_separator_and_decimal_sign_are_found_out_or_said(nowhere):
    frame = rows(W=[0.5, 1.25, 1, 2, 1, 1], S=["sjever", "jug", "šuma"] * 2)
    nowhere.write(frame, sep=";", decimal=",", encoding="windows-1250")
    nowhere.say(f"microdata: {{children: {FILE}}}")
    children = nowhere.run()[0]
    assert list(children["weight"]) == list(frame["W"])
    assert children["stratum"][2] == "xdz:šuma"
    setting = f'{{file: {FILE}, encoding: windows-1252, separator: ";", decimal: ","}}'
    nowhere.copy.edit("countries/xdz.yaml", f"{{children: {FILE}}}", f"{{children: {setting}}}")
    assert nowhere.run()[0]["stratum"][2] == "xdz:šuma"  # š is the same in both


def test_a_sheet_of_a_workbook(nowhere):
    file = "data/raw/dz.xlsx"
    with pd.ExcelWriter(nowhere.path_of(file), engine="xlsxwriter") as book:
        pd.DataFrame({"code": [1], "label": ["Never"]}).to_excel(book, sheet_name="Codes", index=False)
        rows(Q1=[1, 2, 98, 1, None, 2]).to_excel(book, sheet_name="Діти", index=False)
    nowhere.say(f"microdata: {{children: {file}}}")
    assert "has several sheets: Codes, Діти" in nowhere.error()
    nowhere.copy.edit("countries/xdz.yaml", f"children: {file}", f"children: {{file: {file}, sheet: Діти}}")
    children = nowhere.run()[0]
    assert list(children["child_id"]) == ["000", "001", "002", "003", "004", "005"]
    assert children["form_a"].astype(object).fillna("").tolist() == [
        "never", "often", "dont_know", "never", "", "often",
    ]  # fmt: skip


def test_columns_that_two_endings_fit_stand_in_the_same_report(nowhere):
    nowhere.copy.add("questionnaires/short.yaml", "find_columns: ending\n")
    frame = rows(Q1=5).rename(columns={"SEX": "A_SEX"}).assign(B_SEX=1)
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}")
    message = nowhere.error()
    assert "column SEX could be A_SEX or B_SEX: write the whole name in the configuration" in message
    assert "column Q1: 5 is not mapped" in message


def test_children_and_caregivers_in_one_file(nowhere):
    """`where` parts them; a code may be spelled otherwise, and several may be meant."""
    children = rows(6, KIND="01", CID=None, CSEX=None, CAGE=None)
    adults = rows(
        6, KIND=[2, 3] * 3, CID=[f"c{n}" for n in range(6)], CSEX=[1, 2] * 3, CAGE=40, SEX=None, AGE=None
    )
    nowhere.write(pd.concat([children, adults])).say("caregiver_questionnaire: caregivers_short")
    nowhere.say(
        f"microdata:\n  children: {{file: {FILE}, where: {{KIND: 1}}}}\n"
        f"  caregivers: {{file: {FILE}, where: {{KIND: [2, 3]}}}}"
    )
    harmonised, linked = nowhere.run()
    assert list(harmonised["child_id"]) == list(children["ID"])
    assert list(linked["caregiver_id"]) == list(adults["CID"])
    assert list(linked["household_id"]) == list(harmonised["household_id"])
    assert (harmonised.attrs["rows_delivered"], linked.attrs["rows_delivered"]) == (6, 6)


def test_a_child_and_the_caregiver_in_one_row(nowhere):
    """Without a key, the row links them."""
    frame = rows(6, CID=[f"c{n}" for n in range(6)], CSEX=[1, 2] * 3, CAGE=40, S="N").drop(columns="HH")
    nowhere.write(frame.assign(W=[1, 0, 1, 1, 1, 1])).say("caregiver_questionnaire: caregivers_short")
    nowhere.say(f"microdata: {{children: {FILE}, caregivers: {FILE}}}\nnot_asked: [household_id]")
    children, caregivers = nowhere.run()
    assert list(children["household_id"]) == ["0", "2", "3", "4", "5"]
    linked = children.merge(caregivers, on="household_id", validate="1:1")
    assert list(linked["child_id"]) == ["000", "002", "003", "004", "005"]
    assert list(linked["caregiver_id"]) == ["c0", "c2", "c3", "c4", "c5"]


# A value within a text

ADDRESSES = ["KEN123Z0012", "KEN123Z1003", "ABZ0CDEZ1", "ABZ0CDEZ0Z1", "AZ0", "plain address"]


def test_the_sampling_unit_is_the_beginning_of_an_address(nowhere):
    """The shortest piece of three characters or more before Z0 or Z1; the whole text where there is none."""
    nowhere.write(rows(P=[f"{address}   " for address in ADDRESSES], S="N"))
    nowhere.say(f"microdata: {{children: {FILE}}}\nvariables: {{psu: {{extract: '^(.{{3,}}?)Z[01]'}}}}")
    units = ["KEN123", "KEN123", "ABZ0CDE", "ABZ0CDE", "AZ0", "plain address"]
    assert list(nowhere.run()[0]["psu"]) == [f"xdz:{unit}" for unit in units]


def test_the_pattern_of_phase_one(project):
    """Beginnings by a loop over the text, for every text of up to seven signs."""

    def beginning(text):
        return next((text[:n] for n in range(3, len(text) - 1) if text[n : n + 2] in ("Z0", "Z1")), text)

    texts = pd.Series(["".join(signs) for n in range(1, 8) for signs in itertools.product("AZ01", repeat=n)])
    psu = project.questionnaires["phase_one"].variables["psu"]
    assert psu.column == "ECS_AddressID"
    assert list(extract(texts, psu.extract)) == [beginning(text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[A-Z]+", "KEN"),
        ("N(?P<unit>[0-9]*)", "123"),
        (r"\((KEN)|N(?:1|2)", "KEN123Z0012"),
        ("[(](x)", "KEN123Z0012"),
    ],
)
def test_groups_of_a_pattern(pattern, expected):
    assert extract(pd.Series(["KEN123Z0012"]), pattern).item() == expected


def test_a_pattern_that_hangs_others_takes_no_time(nowhere):
    """Python's re would need 2 ** 5000 steps for it."""
    texts = pd.Series(["a" * 5000 + "b"])
    assert extract(texts, "^((?:a+)+)$").equals(texts)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=Z0)", "(?="),
        (r"(\w)\1", "escape"),
        ("(a", "missing )"),
        ("(a)(b)", "several groups"),
        ("a{5000}", "repetition"),
    ],
)
def test_a_pattern_that_cannot_be_used(nowhere, pattern, why):
    nowhere.say(f"variables: {{psu: {{extract: '{pattern}'}}}}")
    with pytest.raises(ConfigurationError) as caught:
        nowhere.copy.load()
    message = str(caught.value)
    assert "config/countries/xdz.yaml" in message
    assert "variables.psu.extract is a pattern that cannot be used" in message
    assert why in message
    assert "RE2" in message


def test_blanks_at_the_end_of_a_text_do_not_matter(nowhere):
    padded = [text.ljust(10) for text in ["Rural", "Urban"] * 3]
    nowhere.write(rows(SEX=padded, HH=[f"h{n}  " for n in range(6)]))
    nowhere.say(
        f"microdata: {{children: {FILE}}}\nvariables: {{sex: {{values: {{'Rural  ': boy, Urban: girl}}}}}}"
    )
    children = nowhere.run()[0]
    assert list(children["sex"]) == ["boy", "girl"] * 3
    assert list(children["household_id"]) == [f"h{n}" for n in range(6)]


def test_caregivers_in_the_rows_of_children(nowhere):
    """The row links them; identifier, weight and design are the child's, and caregivers need no key."""
    frame = rows(
        CSEX=[1, 2] * 3, CAGE=[40, 41, 42, 43, 44, 45], W=[1, 0, 2, 3, 4, 5], AGE=[13, 13, 9, 13, 13, 13]
    )
    nowhere.write(frame.drop(columns="HH")).say("caregiver_questionnaire: caregivers_short")
    nowhere.say(f"microdata: {{children: {FILE}, caregivers: in_child_row}}")
    nowhere.say("design: {singleton_psu: certainty}")
    children, caregivers = nowhere.run()
    assert list(children["child_id"]) == [
        "000",
        "003",
        "004",
        "005",
    ]  # one without a weight, one of nine years
    shared = ["household_id", "weight", "stratum", "psu"]
    assert children[shared].equals(caregivers[shared])
    assert list(caregivers["caregiver_id"]) == list(children["child_id"])
    assert list(caregivers["caregiver_age"]) == [40, 43, 44, 45]
    assert list(caregivers["caregiver_sex"]) == ["man", "woman", "man", "woman"]
    assert caregivers.attrs["excluded"] == {"no weight": 1, "child outside the ages 12 to 17": 1}


def test_a_caregivers_column_is_not_taken_for_a_childs_by_its_ending(nowhere):
    nowhere.copy.add("questionnaires/short.yaml", "find_columns: ending\n")
    nowhere.write(rows(C_CAGE=40, CSEX=1).drop(columns=["AGE", "HH"]).rename(columns={"C_CAGE": "AGE_CAGE"}))
    nowhere.say("caregiver_questionnaire: caregivers_short")
    nowhere.say(f"microdata: {{children: {FILE}, caregivers: in_child_row}}")
    assert "column AGE is not in the file" in nowhere.error()


def test_settings_of_a_file_beside_the_childs_row(nowhere):
    nowhere.say(f"microdata: {{children: {FILE}, caregivers: {{file: in_child_row, sheet: A}}}}")
    with pytest.raises(ConfigurationError, match=r"microdata.caregivers has settings of a file"):
        nowhere.copy.load()


def test_rows_that_nobody_is(nowhere):
    nowhere.write(rows()).say(f"microdata: {{children: {{file: {FILE}, where: {{SEX: 3, AGE: [13, 14]}}}}}}")
    message = nowhere.error()
    assert "has no row with SEX = 3 and AGE = 13 or 14 (Nowhere)" in message
    assert "Correct `where` in config/countries/xdz.yaml, microdata.children." in message


def test_a_column_of_where_that_is_not_there(nowhere):
    nowhere.write(rows()).say(f"microdata: {{children: {{file: {FILE}, where: {{SX: 1}}}}}}")
    assert "column SX is not in the file" in nowhere.error()


# Errors of a spreadsheet

LISTED = "variables: {told_a: {column: T, separator: ';', options: {1: no_one, 2: friend}}}"


@pytest.mark.parametrize("file", ["data/raw/dz.csv", "data/raw/dz.xlsx"])
@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("W", "column W (weight) holds something that is no number"),
        ("AGE", "column AGE (age) holds something that is no number"),
        ("Q1", "column Q1 holds something that is no code"),
        ("T_1", "column T_1 holds something that is no code"),
        ("S", "column S (stratum) holds an error of a spreadsheet"),
        ("P", "column P (psu) holds an error of a spreadsheet"),
        ("HH", "column HH (household_id) holds an error of a spreadsheet"),
        ("ID", "column ID (child_id) holds an error of a spreadsheet"),
    ],
)
def test_a_formula_without_a_result_is_no_empty_cell(nowhere, file, column, words):
    frame = rows().astype(object)
    frame.loc[2, column] = "#N/A"
    write_with_errors(nowhere.path_of(file), frame)
    nowhere.say(f"microdata: {{children: {file}}}")
    assert any(
        line.strip().startswith(words) and line.endswith(", row 4") for line in nowhere.error().splitlines()
    )


def write_with_errors(path, frame):
    """A table as text, or as a workbook with formulas where it says #N/A."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
        return
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, frame.columns)
        for row, cells in enumerate(frame.itertuples(index=False), start=1):
            for column, cell in enumerate(cells):
                if cell == "#N/A":
                    sheet.write_formula(row, column, "=NA()", None, cell)
                else:
                    sheet.write(row, column, cell)


@pytest.mark.parametrize("file", ["data/raw/dz.csv", "data/raw/dz.xlsx"])
def test_a_formula_without_a_result_does_not_count_as_chosen(nowhere, file):
    """Where the cells of chosen options are filled with anything."""
    frame = rows().astype(object).assign(T_1=None, T_2="A friend", T_98=None, T_99=None)
    frame.loc[2, "T_1"] = "#N/A"
    write_with_errors(nowhere.path_of(file), frame.fillna(""))
    nowhere.say(f"microdata: {{children: {file}}}\nvariables: {{told_a: {{chosen: filled}}}}")
    assert "column T_1 holds something that is no code, row 4" in nowhere.error()


@pytest.mark.parametrize("file", ["data/raw/dz.csv", "data/raw/dz.xlsx"])
def test_a_row_of_which_it_is_not_known_whose_it_is_stops_the_run(nowhere, file):
    frame = rows().assign(KIND=1).astype(object)
    frame.loc[2, "KIND"] = "#N/A"
    write_with_errors(nowhere.path_of(file), frame)
    nowhere.say(f"microdata: {{children: {{file: {file}, where: {{KIND: 1}}}}}}")
    assert "column KIND holds an error of a spreadsheet" in nowhere.error()


# Two codes of one special answer

BOTH = "special: {98: dont_know, 998: dont_know, 99: refused, 999: refused}"


@pytest.fixture
def two_codes(nowhere):
    nowhere.copy.edit("questionnaires/short.yaml", "special: {98: dont_know, 99: refused}", BOTH)
    return nowhere.say(f"microdata: {{children: {FILE}}}")


def test_both_codes_of_a_special_answer_count(two_codes):
    two_codes.write(rows(Q1=[1, 98, 998, 99, 999, 2]))
    assert list(two_codes.run()[0]["form_a"]) == [
        "never",
        "dont_know",
        "dont_know",
        "refused",
        "refused",
        "often",
    ]


def test_a_code_that_a_question_gives_itself_takes_the_place_of_both(two_codes):
    """98 may be an answer there."""
    two_codes.say("variables: {form_a: {values: {1: never, 2: often, 8: dont_know}}}")
    two_codes.write(rows(Q1=[1, 8, 2, 99, 999, 2]))
    assert list(two_codes.run()[0]["form_a"]) == [
        "never",
        "dont_know",
        "often",
        "refused",
        "refused",
        "often",
    ]
    two_codes.write(rows(Q1=[1, 8, 98, 99, 998, 2]))
    assert "column Q1: 98, 998 are not mapped" in two_codes.error()


@pytest.mark.parametrize(
    ("columns", "dont_know"),
    [
        ({}, [0, 0, 1, 0, 0, 0]),
        ({"T_98": None, "T_998": [0, 0, 0, 1, 0, 0]}, [0, 0, 0, 1, 0, 0]),
        ({"T_998": [0, 0, 0, 1, 0, 0]}, [0, 0, 1, 1, 0, 0]),
    ],
)
def test_an_option_of_a_column_of_its_own_has_that_of_one_code_or_of_both(two_codes, columns, dont_know):
    frame = rows(T_2=[1, 1, 0, 0, 1, 1], T_98=[0, 0, 1, 0, 0, 0], S="N").assign(**columns)
    two_codes.write(frame.drop(columns=[name for name, cells in columns.items() if cells is None]))
    children = two_codes.run()[0]
    assert children["told_a__dont_know"].astype(int).tolist() == dont_know
    assert children["told_a__friend"].astype(int).tolist() == [1, 1, 0, 0, 1, 1]
    assert children.attrs["absent"] == []


def test_an_option_with_neither_column_is_missed(two_codes):
    two_codes.write(rows().drop(columns=["T_98"]))
    assert "column T_98 or T_998 is not in the file" in two_codes.error()
    two_codes.write(rows().drop(columns=["T_98", "T_2"]))
    message = two_codes.error()
    assert "column T_98 or T_998 is not in the file" in message
    assert "column T_2 is not in the file" in message
    two_codes.say("variables: {told_a: {may_be_absent: true}}")
    two_codes.write(rows().drop(columns=["T_98"]))
    assert two_codes.run()[0].attrs["absent"] == ["told_a"]


def test_both_codes_of_a_special_answer_count_in_lists(two_codes):
    two_codes.say(LISTED)
    two_codes.write(rows(T=["1", "2", "98", "998", "1;2", "999"]))
    children = two_codes.run()[0]
    assert children["told_a__dont_know"].astype(int).tolist() == [0, 0, 1, 1, 0, 0]
    assert children["told_a__refused"].astype(int).tolist() == [0, 0, 0, 0, 0, 1]


# What codes mean that the file declares as missing


def spss(nowhere, frame, missing):
    file = "data/raw/dz.sav"
    labels = {"Q1": {1: "Never", 2: "Often"}}
    frame = frame.astype(dict.fromkeys(("SEX", "AGE", "Q1", "T_1", "T_2", "T_98", "T_99"), float))
    pyreadstat.write_sav(frame, nowhere.path_of(file), missing_ranges=missing, variable_value_labels=labels)
    return nowhere.say(f"microdata: {{children: {file}}}")


def test_user_missing_codes_and_ranges_of_spss(nowhere):
    frame = rows(
        6, Q1=[1, 2, 98, -5, 77, 2], AGE=[13, 14, 15, 16, 200, 12], HH=["a", "b", "?", "d", "e", "f"], S="N"
    )
    declared = {"Q1": [77, {"lo": -9, "hi": -1}], "AGE": [200], "HH": ["?"]}
    spss(nowhere, frame, declared)
    message = nowhere.error()
    assert (
        "column Q1: -5, 77 are not mapped (declared missing in the file: -5, 77; see `user_missing`)"
        in message
    )
    assert "AGE" not in message
    nowhere.say("variables: {form_a: {user_missing: refused}}")
    children = nowhere.run()[0]
    assert list(children["form_a"]) == ["never", "often", "dont_know", "refused", "often"]
    assert children.attrs["excluded"] == {"no age": 1}
    assert children["household_id"].isna().tolist() == [False, False, True, False, False]


def test_user_missing_of_the_whole_questionnaire(nowhere):
    frame = rows(6, Q1=[1, 2, 77, 1, 1, 1], T_1=[0, 1, 77, 0, 0, 0], T_2=77)
    spss(nowhere, frame, {"Q1": [77], "T_1": [77], "T_2": [77]})
    nowhere.copy.add("questionnaires/short.yaml", "user_missing: not_asked\n")
    children = nowhere.run()[0]
    assert children["form_a"].isna().tolist() == [False, False, True, False, False, False]
    assert children["told_a__no_one"].fillna(False).tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("written", [".a", "a"])
def test_tagged_missing_values_of_stata(nowhere, written):
    tagged = {"Q1": [1.0, 2.0, "a", "b", 1.0, 2.0], "AGE": [13.0, "a", 14.0, 15.0, 16.0, 12.0]}
    frame = rows(6, S="N").assign(
        **{name: pd.Series(values, dtype=object) for name, values in tagged.items()}
    )
    tags = {"Q1": ["a", "b"], "AGE": ["a"]}
    pyreadstat.write_dta(frame, nowhere.path_of("data/raw/dz.dta"), missing_user_values=tags)
    nowhere.say("microdata: {children: data/raw/dz.dta}")
    assert "column Q1: .a, .b are not mapped (declared missing in the file: .a, .b;" in nowhere.error()
    nowhere.say(
        f"variables: {{form_a: {{values: {{1: never, 2: often, {written}: refused, .b: not_asked}}}}}}"
    )
    children = nowhere.run()[0]
    assert children["form_a"].astype(object).fillna("").tolist() == ["never", "refused", "", "never", "often"]
    assert children.attrs["excluded"] == {"no age": 1}


# The design


def test_a_stratum_with_a_single_cluster_stops_unless_the_country_says_what_becomes_of_it(nowhere):
    """Clusters are counted among those who count: with a weight, of the eligible ages, strata merged."""
    frame = rows(6, S=["N1", "N1", "N2", "N2", SECRET, "N2"], P=["a", "b", "a", "b", "a", "b"])
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}")
    assert "has a single sampling unit (column P) in row 6, so no variance" in nowhere.error()
    nowhere.write(frame.assign(S=["N1", "N1", "N2", "N2", "N1", "N2"], AGE=[13, 18, 13, 13, 13, 13.9]))
    assert "in rows 2, 6, so no variance" in nowhere.error()
    children = nowhere.say("design: {singleton_psu: average}").run()[0]
    assert len(children) == 5
    nowhere.copy.edit("countries/xdz.yaml", "singleton_psu: average", "merge_strata: {north: [N1, N2]}")
    assert set(nowhere.run()[0]["stratum"]) == {"xdz:north"}


def test_ages_with_decimals_are_completed_years(nowhere):
    frame = rows(6, AGE=[11.99, 12.0, 12.99, 17.5, 17.99, 18.0], S="N")
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}")
    children = nowhere.run()[0]
    assert list(children["age"]) == [12, 12, 17, 17]
    assert children.attrs["excluded"] == {"outside the ages 12 to 17": 2}


def test_no_age_within_those_of_the_insights(nowhere):
    nowhere.write(rows(AGE=[144, 150, 160, 170, 180, 190])).say(f"microdata: {{children: {FILE}}}")
    assert (
        "column AGE (age) holds no 12 to 17 for Nowhere\n      It is the age in completed years"
        in nowhere.error()
    )


def test_synthetic_files_say_so_by_their_name(nowhere):
    """A file of the synthetic survey under another name would make pages that call it delivered."""
    nowhere.write(rows(SYNTHETIC=1)).say(f"microdata: {{children: {FILE}}}")
    message = nowhere.error()
    assert (
        "comes from the synthetic survey (it has the column SYNTHETIC), but its name does not say so"
        in message
    )
    marked = "data/raw/dz/SYNTHETIC_1.csv"
    nowhere.write(rows(SYNTHETIC=1), marked).copy.edit("countries/xdz.yaml", FILE, marked)
    assert nowhere.run()[0].attrs["data"] == "synthetic"
    country = nowhere.copy.load().countries["xdz"]
    assert (country.data, country.children.made) == ("synthetic", False)


def test_strata_are_merged(nowhere):
    nowhere.write(rows(S=["01", "02", "03"] * 2)).say(f"microdata: {{children: {FILE}}}")
    assert set(nowhere.run()[0]["stratum"]) == {"xdz:01", "xdz:02", "xdz:03"}
    nowhere.say("design: {merge_strata: {north: [1, '02']}}")
    children = nowhere.run()[0]
    assert list(children["stratum"]) == ["xdz:north", "xdz:north", "xdz:03"] * 2
    assert children.groupby("psu")["stratum"].nunique().eq(1).all()


def test_a_merged_stratum_that_is_not_there(nowhere):
    nowhere.write(rows()).say(
        f"microdata: {{children: {FILE}}}\ndesign: {{merge_strata: {{north: [N1, N22]}}}}"
    )
    message = nowhere.error()
    assert "column S (stratum) has no N22, which design.merge_strata names; did you mean N2?" in message


# One report


def test_a_file_without_any_of_the_columns(nowhere):
    """As with a title above the names, or another separator: no list of all that is missing."""
    nowhere.path_of().write_text(
        "Final data; version 3\n" + rows().to_csv(index=False, sep=";"), encoding="utf-8"
    )
    nowhere.say(f'microdata: {{children: {{file: {FILE}, separator: "|"}}}}')
    assert "has none of the " in nowhere.error()
    assert "`disrupting-harm inspect`" in nowhere.error()


def test_labels_in_the_place_of_codes(nowhere):
    nowhere.write(rows(Q1=["Never", "Often"] * 3)).say(f"microdata: {{children: {FILE}}}")
    message = nowhere.error()
    assert "column Q1 holds words instead of codes (export codes without labels, or map the words" in message
    assert "rows 2, 3, 4 and others" in message
    assert "Never" not in message


def test_everything_that_is_wrong_with_a_file_is_told_at_once(nowhere):
    frame = rows(6, W=[1, -1, SECRET, 1, 1, 1], P=["p", "", "p", "p", "p", "p"], Q1=[1, 5, SECRET, 1, 1, 1])
    frame = frame.rename(columns={"SEX": "SEXX", "T_2": "T_3"}).assign(AGE=["x", *[13] * 5])
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}\ndesign: {{merge_strata: {{n: [Z]}}}}")
    message = nowhere.error().splitlines()
    assert message[0] == FILE
    assert [line.strip() for line in message[1:-1]] == [
        "column SEX is not in the file; did you mean SEXX?",
        "column T_2 is not in the file",
        "column W (weight) holds something that is no number, row 4",
        "column W (weight) holds negative weights, row 3",
        "column AGE (age) holds something that is no number, row 2",
        "column Q1: 5 is not mapped",
        "column Q1 holds something that is no code, row 4",
        "column S (stratum) has no Z, which design.merge_strata names",
        (
            "column S (stratum): the stratum has a single sampling unit (column P) in rows 5, 6, 7, so no"
            " variance can be estimated: merge the stratum with another under design.merge_strata, or choose"
            " design.singleton_psu, in config/countries/xdz.yaml"
        ),
    ]
    assert message[-1].endswith("(a question that was not asked: `not_asked` there).")


def test_empty_design_cells_and_unmapped_codes_together(nowhere):
    nowhere.write(rows(6, P=["p", "", "p", "p", "p", "p"], Q1=7)).say(f"microdata: {{children: {FILE}}}")
    message = nowhere.error()
    assert "column Q1: 7 is not mapped" in message
    assert "column P (psu) is empty in row 3: complete it, or set design.weights_only: true" in message


def test_caregivers_that_no_child_can_be_linked_to(nowhere):
    adults = rows(6, CID=[f"c{n}" for n in range(6)], CSEX=[1, 2] * 3, CAGE=40, HH=[f"{n}" for n in range(6)])
    nowhere.write(rows()).write(adults, "data/raw/cg.csv").say("caregiver_questionnaire: caregivers_short")
    nowhere.say(f"microdata: {{children: {FILE}, caregivers: data/raw/cg.csv}}")
    message = nowhere.error()
    assert message.startswith(
        "data/raw/cg.csv\n  column HH (household_id) shares no value with column HH of " + FILE
    )
    nowhere.say("not_asked: [household_id]")
    children, caregivers = nowhere.run()
    assert (len(children), len(caregivers)) == (6, 6)
    assert "household_id" not in caregivers


# Texts that mean an empty cell


def test_texts_for_an_empty_cell_are_named_with_the_line_to_write(nowhere):
    """Of other texts only the row is named; what was an error of a spreadsheet stays one."""
    frame = rows().astype(object)
    frame.loc[1, ["W", "Q1", "HH"]] = ["NA", "-", "NULL"]
    frame.loc[2, ["W", "Q1"]] = [SECRET, "#NULL!"]
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}")
    line = 'say so at the file in the configuration, with missing_texts: ["#NULL!", "-", "NA", "NULL"]'
    message = nowhere.error()
    assert f"column W holds NA, row 3: if this means an empty cell, {line}\n" in message
    assert f"column Q1 holds #NULL! and -, rows 3, 4: if this means an empty cell, {line}\n" in message
    assert f"column HH holds NULL, row 3: if this means an empty cell, {line}; if it is a value" in message
    assert "column W (weight) holds something that is no number, row 4" in message


def test_what_the_file_says_about_texts_is_done(nowhere):
    frame = rows(S="N1").astype(object)
    frame.loc[1, ["W", "Q1", "HH", "AGE"]] = ["NA", "-", "NA", "."]
    nowhere.write(frame).say(f"microdata: {{children: {{file: {FILE}, missing_texts: [NA, '-', '.']}}}}")
    children, _ = nowhere.run()
    assert children.attrs["excluded"] == {"no age": 1}
    assert children["form_a"].notna().all()
    assert len(children) == 5


def test_a_text_that_is_a_stratum_stays_one(nowhere):
    nowhere.write(rows(S="NA")).say(f"microdata: {{children: {{file: {FILE}, missing_texts: []}}}}")
    assert set(nowhere.run()[0]["stratum"]) == {"xdz:NA"}


@pytest.mark.parametrize("missing", ["", ", missing_texts: [NA]"])
def test_texts_for_an_empty_cell_do_not_count_as_chosen(nowhere, missing):
    """Where the cells of chosen options are filled with anything."""
    frame = rows().astype(object).assign(T_1=None, T_2="A friend", T_98=None, T_99=None)
    frame.loc[2, "T_1"] = "NA"
    nowhere.write(frame)
    nowhere.say(
        f"microdata: {{children: {{file: {FILE}{missing}}}}}\nvariables: {{told_a: {{chosen: filled}}}}"
    )
    if missing:
        assert not nowhere.run()[0]["told_a__no_one"].any()
    else:
        assert "column T_1 holds NA, row 4" in nowhere.error()


# Ages with words, and ages from two dates


def test_a_number_is_taken_out_of_the_words_around_it(nowhere):
    ages = ["15 years", "13 years", "12 years", "17 years", "14 years", "16"]
    nowhere.write(rows(AGE=ages)).say(f"microdata: {{children: {FILE}}}")
    assert (
        "column AGE (age) holds something that is no number, rows 2, 3, 4 and others; a number"
        in nowhere.error()
    )
    nowhere.say("variables: {age: {extract: '^(\\d+) years$'}}")
    assert nowhere.run()[0]["age"].tolist() == [15, 13, 12, 17, 14, 16]


def test_what_the_pattern_does_not_take_out_is_named_by_row(nowhere):
    nowhere.write(rows(AGE=["15 лет", "13 лет", "about 12", "17 лет", "", "999"]))
    nowhere.say(f"microdata: {{children: {FILE}}}\nvariables: {{age: {{extract: '^(\\d+) лет$'}}}}")
    message = nowhere.error()
    assert "column AGE (age) holds something that is no number, row 4\n" in message


BORN = ["2007-06-15", "2007-06-16", "2008-02-29", "2004-03-01", "2009-01-01", "2006-12-31"]
INTERVIEWED = "2021-06-15T10:12:33.000+03:00"
AGES = [14, 13, 13, 17, 12, 14]
"""On the birthday, the day before it, and others."""
OF_DATES = "variables: {age: {born: DOB, interviewed: start}}"


@pytest.mark.parametrize(
    ("born", "order"),
    [
        (BORN, ""),
        (["15.6.2007", "16.06.2007", "29.02.2008", "1.3.2004", "01.01.2009", "2006-12-31"], "day_first"),
        (["6/15/2007", "06/16/2007", "2/29/2008", "3/1/2004", "1/1/2009", "12/31/2006"], "month_first"),
    ],
)
def test_ages_from_dates_of_birth_and_interview(nowhere, born, order):
    nowhere.write(rows(DOB=born, start=INTERVIEWED).drop(columns="AGE"))
    setting = OF_DATES.replace("start", f"start, date_order: {order}") if order else OF_DATES
    children, _ = nowhere.say(f"microdata: {{children: {FILE}}}\n{setting}").run()
    assert children["age"].tolist() == AGES
    assert not {"DOB", "start"} & set(children.columns)
    assert not any(children[name].astype(str).str.contains("2007|2021").any() for name in children)


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "sav", "dta"])
def test_ages_from_stored_dates(nowhere, ending):
    file = f"data/raw/dz/dates.{ending}"
    frame = rows().drop(columns="AGE").assign(DOB=BORN, start=INTERVIEWED[:10])
    frame = frame.assign(**{name: pd.to_datetime(frame[name]).dt.date for name in ("DOB", "start")})
    write = {
        "xlsx": lambda path: frame.to_excel(path, index=False, engine="xlsxwriter"),
        "parquet": frame.to_parquet,
        "sav": lambda path: pyreadstat.write_sav(frame, path),
        "dta": lambda path: pyreadstat.write_dta(frame, path),
    }
    write[ending](nowhere.path_of(file))
    children, _ = nowhere.say(f"microdata: {{children: {file}}}\n{OF_DATES}").run()
    assert children["age"].tolist() == AGES


def test_dates_that_cannot_be_used_are_named_by_row(nowhere):
    born = ["2007-06-15", "", "04.05.2008", "2008-02-30", "2022-01-01", "98"]
    nowhere.write(rows(DOB=born, start=INTERVIEWED).drop(columns="AGE"))
    nowhere.say(f"microdata: {{children: {FILE}}}\n{OF_DATES.replace('start}', 'start, missing: [98]}')}")
    message = nowhere.error()
    assert "column DOB (for age) is empty, row 3; complete it, or write a code there" in message
    assert (
        "column DOB (for age) holds something that is no date such as 2009-05-04, rows 4, 5; where" in message
    )
    assert "column start holds a date before that of birth in column DOB, row 6" in message
    assert "date_order: day_first" in message
    assert not any(date in message for date in born if len(date) > 2)


def test_an_age_needs_both_dates_and_no_column_besides(nowhere):
    nowhere.write(rows(DOB=BORN, start=INTERVIEWED))
    nowhere.say(f"microdata: {{children: {FILE}}}\nvariables: {{age: {{born: DOB, column: AGE}}}}")
    with pytest.raises(ConfigurationError) as caught:
        nowhere.run()
    assert "needs `interviewed`" in str(caught.value)
    assert "column does not belong here" in str(caught.value)


# Parts of the questionnaire in files of their own

PART = "data/raw/dz/part.xlsx"


def in_two_files(nowhere, frame, settings=""):
    """A table of which the questions about abuse are in a workbook of their own."""
    questions = ["Q1", "T_1", "T_2", "T_98", "T_99"]
    frame[["ID", *questions]].iloc[::-1].to_excel(nowhere.path_of(PART), index=False, engine="xlsxwriter")
    nowhere.write(frame.drop(columns=questions))
    nowhere.say(f"microdata: {{children: {{file: {FILE}, join: [{{file: {PART}, by: ID{settings}}}]}}}}")


def test_two_joined_files_give_the_table_of_one(nowhere):
    frame = rows(Q1=[1, 2, 1, 2, 2, 98], T_1=[0, 1, 0, 1, 0, 0])
    nowhere.write(frame).say(f"microdata: {{children: {FILE}}}")
    one, _ = nowhere.run()
    (nowhere.root / "config/countries/xdz.yaml").write_text(COUNTRY)
    in_two_files(nowhere, frame)
    pd.testing.assert_frame_equal(nowhere.run()[0], one)


def test_a_joined_file_counts_as_an_input_and_may_be_pinned(nowhere):
    in_two_files(nowhere, rows(), f", sha256: {64 * 'a'}")
    assert f"{PART}\n  is not the file that is pinned" in nowhere.error()
    project = nowhere.copy.load()
    assert plan.Plan(project, ["xdz"]).delivered("xdz") == {"children": FILE, "children_2": PART}


def test_a_joined_file_is_below_data(nowhere):
    nowhere.say(
        f"microdata: {{children: {{file: {FILE}, join: [{{file: raw/part.sav, by: ID, separator: ';'}}]}}}}"
    )
    with pytest.raises(ConfigurationError) as caught:
        nowhere.run()
    assert "microdata.children.join.0 is not below data/" in str(caught.value)
    assert "does not belong here: the file is SPSS" in str(caught.value)
