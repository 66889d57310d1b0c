"""Reading delivered files: raw codes, and errors that name file and column but never an answer."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError

SECRET = "she told her teacher"


def write_csv(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_codes_have_one_spelling():
    column = pd.Series([1, 1.0, "1", " 1 ", "01", 2.5, "", "  ", None, np.nan, "888"], dtype=object)
    assert list(formats.codes(column)) == ["1", "1", "1", "1", "01", "2.5", None, None, None, None, "888"]
    assert list(formats.codes(pd.Series([True, False, None], dtype=object))) == ["1", "0", None]


@pytest.mark.parametrize(
    ("delivered", "written"),
    [
        ("01", "1"),
        ("1.0", "1"),
        ("1", "01"),
        ("-09", "-9"),
        ("2.50", "2.5"),
        (".a", "a"),
        ("a", ".a"),
        ("0", "00"),
    ],
)
def test_codes_mean_the_same_in_another_spelling(delivered, written):
    assert formats.meanings([delivered], {written: "yes"})[delivered] == "yes"


def test_the_same_spelling_goes_first_and_others_mean_nothing():
    mapped = {"1": "one", "01": "zero one", None: "empty"}
    assert formats.meanings(["01", "10", "1a", "x"], mapped) == mapped


def test_codes_and_ranges_that_a_file_declares_missing():
    declared = ("99", "-99 to -90", "lowest to -1000", "900 to highest", ".a")
    inside = ["99", "-99", "-95.5", "-90", "-1000", "-5000", "900", "12345", ".a"]
    outside = ["98", "-89", "-999", "899", "a", ".b", "x", "9"]
    assert [code for code in inside + outside if formats.is_declared(code, declared)] == inside


def test_csv_gives_only_what_is_asked_for_and_keeps_leading_zeros(tmp_path):
    file = write_csv(tmp_path / "a.csv", 'id,x,free,w\n007,1,"a, ""b""\nc",0.5\n008,,,\n009,999,NA,2\n')
    raw = formats.read(file, ["id", "w", "x"], text=["id"])
    assert list(raw.frame.columns) == ["id", "w", "x"]
    assert list(raw.frame["id"]) == ["007", "008", "009"]
    assert list(formats.codes(raw.frame["x"])) == ["1", None, "999"]
    assert list(raw.frame["w"].astype(float).fillna(-1)) == [0.5, -1, 2]
    assert raw.rows([0, 2]) == "rows 2, 4"  # as a spreadsheet counts, with the header as row 1
    assert raw.rows([1]) == "row 3"


def test_words_that_look_like_missing_values_or_truth_are_kept(tmp_path):
    file = write_csv(tmp_path / "a.csv", "x,y\nNA,true\nNULL,false\nnan,\n")
    raw = formats.read(file, ["x", "y"])
    assert list(formats.codes(raw.frame["x"])) == ["NA", "NULL", "nan"]
    assert list(formats.codes(raw.frame["y"])) == ["true", "false", None]


def test_byte_order_mark(tmp_path):
    file = write_csv(tmp_path / "a.csv", "id,x\n1,2\n", encoding="utf-8-sig")
    assert list(formats.read(file, ["id"]).frame.columns) == ["id"]


def test_spss_keeps_user_missing_codes_and_labels(tmp_path):
    frame = pd.DataFrame({"Q1": [1.0, 98.0, np.nan, 2.0], "name": ["a", "", "b", "c"]})
    labels = {"Q1": {1: "Yes", 2: "No", 98: "Don't know"}}
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, file, variable_value_labels=labels, missing_ranges={"Q1": [98]})
    raw = formats.read(file, ["Q1", "name"])
    assert list(formats.codes(raw.frame["Q1"])) == ["1", "98", None, "2"]
    assert list(formats.codes(raw.frame["name"])) == ["a", None, "b", "c"]
    assert raw.labels == {"Q1": {"1": "Yes", "2": "No", "98": "Don't know"}}


@pytest.mark.parametrize("ending", [".csv", ".sav", ".zsav", ".dta", ".parquet"])
def test_the_same_codes_from_every_format(tmp_path, ending):
    frame = pd.DataFrame({"id": ["a", "b", "c"], "x": [1.0, np.nan, 888.0], "w": [0.25, 1.5, 1.25]})
    file = tmp_path / f"data{ending}"
    writers = {
        ".csv": lambda: frame.to_csv(file, index=False),
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".zsav": lambda: pyreadstat.write_sav(frame, file, compress=True),
        ".dta": lambda: pyreadstat.write_dta(frame, file),
        ".parquet": lambda: frame.to_parquet(file),
    }
    writers[ending]()
    raw = formats.read(file, ["x", "id", "w"], text=["id"])
    assert list(formats.codes(raw.frame["x"])) == ["1", None, "888"]
    assert list(raw.frame["id"]) == ["a", "b", "c"]
    values, wrong = formats.numbers(raw.frame["w"])
    assert list(values) == [0.25, 1.5, 1.25]
    assert not wrong.any()


def test_columns_by_ending(tmp_path):
    """A prefix is passed over; a longer name that ends the same way does not count."""
    file = write_csv(tmp_path / "a.csv", "S1_Q5_G17,S3_G4a,S3_G8_2_G4a,x.COUNTRY,G1a\n1,2,3,4,5\n")
    raw = formats.read(file, ["G17", "G4a", "G8_2_G4a", "COUNTRY", "G1a"], find="ending")
    assert raw.frame.iloc[0].tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(MicrodataError, match="column G17 is not in the file"):
        formats.read(file, ["G17"])


@pytest.mark.parametrize("find", ["name", "ending"])
def test_groups_before_a_slash_are_passed_over(tmp_path, find):
    """Kobo writes the groups of a question, and the options of one with several answers."""
    file = write_csv(tmp_path / "a.csv", "age,sec3/Q5,sec3/sub/Q6,sec3/Q7/1,sec3/Q7/2,x/CQ8\n1,2,3,4,5,6\n")
    names = ["age", "Q5", "q6", "Q7/1", "Q7/2"]
    raw = formats.read(file, names, find=find)
    assert list(raw.frame.iloc[0]) == [1, 2, 3, 4, 5]
    with pytest.raises(MicrodataError, match="column Q8 is not in the file"):
        formats.read(file, ["Q8"], find=find)


@pytest.mark.parametrize("find", ["name", "ending"])
def test_two_groups_with_the_same_question_are_an_error(tmp_path, find):
    file = write_csv(tmp_path / "a.csv", "sec3/Q5,sec4/Q5\n1,2\n")
    with pytest.raises(MicrodataError, match="column Q5 could be sec3/Q5 or sec4/Q5: write the whole name"):
        formats.read(file, ["Q5"], find=find)


def test_group_names_before_a_point(tmp_path):
    file = write_csv(tmp_path / "a.csv", "sec3.Q5\n1\n")
    assert list(formats.read(file, ["Q5"], find="ending").frame["Q5"]) == [1]


def test_repeated_names_matter_only_to_those_who_want_them(tmp_path):
    file = write_csv(tmp_path / "a.csv", "x,n,y,n,,\n1,2,3,4,5,6\n")
    assert list(formats.read(file, ["x", "y"]).frame.iloc[0]) == [1, 3]
    finding = "column n appears twice in the file, as its columns 2 and 4: rename or remove one"
    with pytest.raises(MicrodataError, match=finding):
        formats.read(file, ["x", "n"])
    description = formats.describe(file)
    assert list(description.columns) == ["x", "y"]
    assert description.repeated == (finding,)


def test_ambiguous_endings_are_told(tmp_path):
    file = write_csv(tmp_path / "a.csv", "S1_G17,S2_G17\n1,2\n")
    with pytest.raises(MicrodataError, match="column G17 could be S1_G17 or S2_G17: write the whole name"):
        formats.read(file, ["G17"], find="ending")


# Names in a phase-one file that end alike, or are written in small letters: layout of the file as its users describe it


@pytest.mark.parametrize(
    ("header", "wanted", "find", "delivered"),
    [
        ("h6,ECS_CH6", "H6", "ending", "h6"),  # all names in small letters
        ("h6,ecs_ch6", "H6", "name", "h6"),
        ("CH7a,B1_H7a", "H7a", "ending", "B1_H7a"),
        ("main_g17,CG17", "G17", "ending", "main_g17"),
        ("Q5.G17,XG17", "G17", "ending", "Q5.G17"),
        ("Main_H6,H6", "H6", "ending", "H6"),  # the whole name goes first
        ("Main_H6,h6", "H6", "ending", "h6"),
        ("ECS_COUNTRY_2,Main COUNTRY", "COUNTRY", "ending", "Main COUNTRY"),
        ("ECS_CH6,CH6", "H6", "ending", None),
        ("CH7a,H7", "H7a", "ending", None),
        ("B2x,B2x_other,H5_other", "B2", "ending", None),
        ("H5_other", "other", "name", None),
        ("Main_H6", "H6", "name", None),
    ],
)
def test_traps_of_short_names(tmp_path, header, wanted, find, delivered):
    names = header.split(",")
    file = write_csv(tmp_path / "a.csv", f"{header}\n{','.join(map(str, range(len(names))))}\n")
    raw = formats.read(file, [wanted], find=find, may_be_absent=[wanted])
    if delivered is None:
        assert raw.absent == (wanted,)
        with pytest.raises(MicrodataError, match=f"column {wanted} is not in the file"):
            formats.read(file, [wanted], find=find)
    else:
        assert raw.frame[wanted].tolist() == [names.index(delivered)]


@pytest.mark.parametrize("order", [1, -1])
def test_a_column_belongs_to_the_longest_name_also_where_the_short_one_is_missing(tmp_path, order):
    """In whatever order the columns are delivered."""
    header = ["S3_G8_2_G4a", "G8_1_1_G4a", "g8_1_g4a", "S3_G8_4_G4a"][::order]
    file = write_csv(tmp_path / "a.csv", ",".join(header) + "\n1,2,3,4\n")
    wanted = ["G4a", "G8_2_G4a", "G8_1_G4a", "G8_1_1_G4a"]
    raw = formats.read(file, wanted, find="ending", may_be_absent=["G4a"])
    assert raw.absent == ("G4a",)
    for name, delivered in zip(wanted[1:], ["S3_G8_2_G4a", "g8_1_g4a", "G8_1_1_G4a"], strict=True):
        assert raw.frame[name].tolist() == [header.index(delivered) + 1], name


def test_a_column_of_a_question_that_is_not_read_is_taken_for_no_other(tmp_path):
    file = write_csv(tmp_path / "a.csv", "G8_2_G4a\n1\n")
    raw = formats.read(file, ["G4a"], find="ending", may_be_absent=["G4a"], others=["G8_2_G4a"])
    assert raw.absent == ("G4a",)


def test_a_name_of_which_only_the_beginning_is_known(tmp_path):
    file = write_csv(tmp_path / "a.csv", "x,WGT_gross_2021,y_wgt_gross\n1,2,3\n")
    assert formats.read(file, ["wgt_gross*"]).frame["wgt_gross*"].tolist() == [2]
    file = write_csv(tmp_path / "a.csv", "wgt_gross,wgt_gross_b\n1,2\n")
    with pytest.raises(MicrodataError, match=r"column wgt_gross\* could be wgt_gross or wgt_gross_b"):
        formats.read(file, ["wgt_gross*"])
    file = write_csv(tmp_path / "a.csv", "x\n1\n")
    assert formats.read(file, ["x", "wgt_gross*"], may_be_absent=["wgt_gross*"]).absent == ("wgt_gross*",)


@pytest.mark.parametrize("find", ["name", "ending"])
@pytest.mark.parametrize("header", ["H6,h6,x", "x,h6,H6"])
def test_names_that_differ_by_letter_case_only(tmp_path, find, header):
    file = write_csv(tmp_path / "a.csv", f"{header}\n1,2,3\n")
    with pytest.raises(MicrodataError, match=r"columns (H6 and h6|h6 and H6) differ by letter case only"):
        formats.read(file, ["H6"], find=find)
    both = formats.read(file, ["H6", "h6"], find=find)  # two questions of one questionnaire
    assert [both.frame[name].item() for name in ("H6", "h6")] == [
        header.split(",").index(name) + 1 for name in ("H6", "h6")
    ]


def test_a_column_that_stands_twice(tmp_path):
    file = write_csv(tmp_path / "a.csv", "x,x,y\n1,2,3\n")
    with pytest.raises(MicrodataError, match="column x appears twice in the file"):
        formats.read(file, ["x"])
    assert list(formats.read(file, ["y"]).frame["y"]) == [3]


def test_all_missing_columns_are_named_at_once_with_the_nearest(tmp_path):
    file = write_csv(tmp_path / "a.csv", "wgt_scale,G17\n1,1\n")
    with pytest.raises(MicrodataError) as caught:
        formats.read(file, ["wgt_scaled", "G17", "ZZZ"], name="data/raw/a.csv")
    message = str(caught.value)
    assert message.startswith(
        "data/raw/a.csv\n  column wgt_scaled is not in the file; did you mean wgt_scale?\n"
    )
    assert "column ZZZ is not in the file\n" in message
    assert "not_asked" in message


def test_columns_that_may_be_absent(tmp_path):
    file = write_csv(tmp_path / "a.csv", "x,y\n1,1\n")
    raw = formats.read(file, ["x", "PSU"], may_be_absent=["PSU"])
    assert (list(raw.frame.columns), raw.absent) == (["x"], ("PSU",))


def test_missing_file_tells_how_to_place_it(tmp_path):
    with pytest.raises(MicrodataError) as caught:
        formats.read(tmp_path / "none.csv", ["x"], name="data/raw/none.csv")
    assert "data/raw/none.csv\n  does not exist" in str(caught.value)
    assert "data/README.md" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.xyz", b"", "of a kind that cannot be read (.xyz)"),
        ("a", b"", "of a kind that cannot be read (no ending)"),
        ("a.sav", b"no SPSS file at all", "cannot be read as .sav"),
        ("a.sav", b"", "cannot be read as .sav"),
        ("a.dta", SECRET.encode() * 10, "cannot be read as .dta"),
        ("a.parquet", SECRET.encode() * 10, "cannot be read as .parquet"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n", "is empty"),
        ("a.csv", b"id,x\n", "names columns, but holds no respondents"),
        ("a.csv", f"id,x\n1,2,{SECRET}\n".encode(), "has 3 cells in row 2, but 2 names of columns"),
        ("a.csv", b"id,\xff\xfe\n1,2\n", "column x is not in the file"),
        ("a.csv", b"PK\x03\x04\x00\x00,\x8f,id,x", "is no text file"),
    ],
)
def test_unreadable_files(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MicrodataError) as caught:
        formats.read(tmp_path / name, ["id", "x"])
    assert expected in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission(tmp_path):
    file = write_csv(tmp_path / "a.csv", "id,x\n1,2\n")
    file.chmod(0)
    with pytest.raises(MicrodataError, match="permission denied"):
        formats.read(file, ["x"])


def test_cut_off_spss_file(tmp_path):
    frame = pd.DataFrame({"x": np.arange(2000.0), "id": [f"{SECRET}{number}" for number in range(2000)]})
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    content = (tmp_path / "a.sav").read_bytes()
    (tmp_path / "a.sav").write_bytes(content[: len(content) // 2])
    with pytest.raises(MicrodataError, match="damaged, cut off") as caught:
        formats.read(tmp_path / "a.sav", ["x"])
    assert SECRET not in str(caught.value)


def test_at_most_a_dozen_findings_are_told():
    message = str(MicrodataError("file", [f"column {number}" for number in range(30)]))
    assert "column 11" in message
    assert "column 12" not in message
    assert "... and 18 more" in message
