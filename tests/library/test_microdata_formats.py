"""SPSS, Stata, spreadsheets and Parquet: codes, labels, declared missing values, and what is wrong with some files."""

from __future__ import annotations

import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
import xlsxwriter
from pyarrow import parquet

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError, ReadOptions

FILES = Path(__file__).parent / "files"


def codes(raw):
    return {name: list(formats.codes(raw.frame[name])) for name in raw.frame}


# SPSS and Stata


@pytest.mark.parametrize("ending", [".sav", ".zsav"])
def test_spss_tells_labels_kinds_and_what_is_missing(tmp_path, ending):
    file = tmp_path / f"a{ending}"
    frame = pd.DataFrame(
        {
            "q": [1.0, 98.0, -95.0, np.nan],
            "t": ["a", "99", "", "b"],
            "d": [date(2021, 3, 1)] * 4,
            "i": [1.0] * 4,
        }
    )
    pyreadstat.write_sav(
        frame,
        file,
        column_labels={"q": "How often", "t": "Вік"},
        variable_value_labels={"q": {1: "Never", 98: "Don't know"}},
        missing_ranges={"q": [98, {"lo": -99, "hi": -90}], "t": ["99"]},
        compress=ending == ".zsav",
    )
    description = formats.describe(file)
    assert (description.format, description.rows) == ("SPSS", 4)
    assert {name: column.kind for name, column in description.columns.items()} == {
        "q": "number",
        "t": "text",
        "d": "date",
        "i": "number",
    }
    assert description.columns["t"].label == "Вік"
    assert description.columns["q"].labels == {"1": "Never", "98": "Don't know"}
    assert set(description.columns["q"].missing) == {"98", "-99 to -90"}
    raw = formats.read(file, ["t", "q", "d"])
    assert codes(raw) == {"t": ["a", "99", None, "b"], "q": ["1", "98", "-95", None], "d": ["2021-03-01"] * 4}
    assert raw.missing["t"] == ("99",)
    assert raw.labels == {"q": {"1": "Never", "98": "Don't know"}}


def test_spss_ranges_without_an_end(tmp_path):
    file = tmp_path / "a.sav"
    frame = pd.DataFrame({"low": [1.0, -5.0], "high": [1.0, 950.0]})
    ends = {"low": [{"lo": -sys.float_info.max, "hi": -1}], "high": [{"lo": 900, "hi": sys.float_info.max}]}
    pyreadstat.write_sav(frame, file, missing_ranges=ends)
    assert formats.read(file, ["low", "high"]).missing == {
        "low": ("lowest to -1",),
        "high": ("900 to highest",),
    }


def test_stata_tags_are_codes_as_stata_writes_them(tmp_path):
    file = tmp_path / "a.dta"
    frame = pd.DataFrame(
        {"q": pd.Series([1.0, 2.0, "a", "b", None], dtype=object), "s": ["a", "", "b", "c", "d"]}
    )
    labels = {"q": {1: "Yes", "a": "Refused"}}
    pyreadstat.write_dta(frame, file, missing_user_values={"q": ["a", "b"]}, variable_value_labels=labels)
    raw = formats.read(file, ["q", "s"])
    assert codes(raw) == {"q": ["1", "2", ".a", ".b", None], "s": ["a", None, "b", "c", "d"]}
    assert raw.labels == {"q": {"1": "Yes", ".a": "Refused"}}
    assert raw.missing == {"q": (".a", ".b")}
    description = formats.describe(file)
    assert (description.format, description.rows) == ("Stata", 5)
    assert description.columns["q"].labels[".a"] == "Refused"
    assert description.columns["s"].missing == ()


@pytest.mark.parametrize("ending", [".sav", ".zsav", ".dta", ".parquet", ".xlsx"])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_files_that_are_cut_off(tmp_path, ending, share):
    file, secret = tmp_path / f"a{ending}", "my uncle"
    frame = pd.DataFrame({"x": np.arange(2000.0), "t": [f"{secret} {number}" for number in range(2000)]})
    writers = {
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".zsav": lambda: pyreadstat.write_sav(frame, file, compress=True),
        ".dta": lambda: pyreadstat.write_dta(frame, file),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
    }
    writers[ending]()
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MicrodataError) as caught:
        formats.read(file, ["x"])
    assert f"cannot be read as {ending}" in str(caught.value)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("ending", [".csv", ".sav", ".dta", ".parquet", ".xlsx"])
def test_a_header_without_respondents(tmp_path, ending):
    file, frame = tmp_path / f"a{ending}", pd.DataFrame({"x": pd.Series([], dtype=float)})
    writers = {
        ".csv": lambda: frame.to_csv(file, index=False),
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".dta": lambda: pyreadstat.write_dta(frame, file),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
    }
    writers[ending]()
    with pytest.raises(MicrodataError, match="names columns, but holds no respondents"):
        formats.read(file, ["x"])
    assert formats.describe(file).rows == 0


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".xlsx"])
def test_names_in_any_script_with_blanks(tmp_path, ending):
    folder = tmp_path / "Дані та ім'я"
    folder.mkdir()
    file, frame = folder / f"بيانات 2021{ending}", pd.DataFrame({"Вік дитини": [12, 13], "x y": ["a", "b c"]})
    writers = {
        ".csv": lambda: frame.to_csv(file, index=False),
        ".tsv": lambda: frame.to_csv(file, index=False, sep="\t"),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
    }
    writers[ending]()
    assert codes(formats.read(file, ["x y", "Вік дитини"])) == {
        "x y": ["a", "b c"],
        "Вік дитини": ["12", "13"],
    }


# Spreadsheets


def workbook(path, sheets):
    """An Excel file with these sheets: rows of cells."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write(row, column, cell)
    return path


def test_excel_cells_and_kinds(tmp_path):
    rows = [
        ["id", "q 1", "when", "chosen", "w", 2021, None],
        ["007", 1, datetime.fromisoformat("2021-03-01"), True, 0.5, "x", None],
        [8, "dk", datetime.fromisoformat("2021-03-01 12:30"), False, 2, None, None],
        [None, None, None, None, None, None, None],
    ]
    file = workbook(tmp_path / "a.xlsx", {"Дані 1": rows, "nothing": []})
    raw = formats.read(file, ["id", "q 1", "when", "chosen", "w", "2021"], text=["id"])
    assert codes(raw) == {
        "id": ["007", "8"],
        "q 1": ["1", "dk"],
        "when": ["2021-03-01", "2021-03-01 12:30:00"],
        "chosen": ["1", "0"],
        "w": ["0.5", "2"],
        "2021": ["x", None],
    }
    assert raw.rows([1]) == "row 3"
    description = formats.describe(file)
    assert (description.format, description.rows, description.options) == (
        "Excel",
        2,
        ReadOptions(sheet="Дані 1"),
    )
    assert [column.kind for column in description.columns.values()] == [
        "text",
        "text",
        "date",
        "number",
        "number",
        "text",
    ]


def test_excel_with_several_sheets(tmp_path):
    file = workbook(tmp_path / "a.xlsx", {"Children": [["x"], [1]], "Codes": [["x"], [2]]})
    with pytest.raises(MicrodataError, match="has several sheets: Children, Codes") as caught:
        formats.read(file, ["x"])
    assert "Write `sheet: ...`" in str(caught.value)
    assert list(formats.read(file, ["x"], options=ReadOptions(sheet="Codes")).frame["x"]) == [2]
    with pytest.raises(MicrodataError, match="has no sheet Childen; did you mean Children"):
        formats.read(file, ["x"], options=ReadOptions(sheet="Childen"))
    with pytest.raises(MicrodataError, match="is empty"):
        formats.read(workbook(tmp_path / "b.xlsx", {"One": []}), ["x"])


def test_excel_of_before_2007():
    """codes.xls: id 007 to 009, q1 1, 2 and 999, a name and two answers in Ukrainian, weights."""
    raw = formats.read(FILES / "codes.xls", ["id", "q1", "імя", "w"], text=["id"])
    assert codes(raw) == {
        "id": ["007", "008", "009"],
        "q1": ["1", "2", "999"],
        "імя": ["так", None, None],
        "w": ["0.5", "1.25", "2"],
    }


def test_open_document(tmp_path):
    cell = '<table:table-cell office:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>{}{}</table:table-row>"
    rows = row.format(cell.format("string", "", "id"), cell.format("string", "", "w"))
    number = cell.format("float", ' office:value="0.5"', "0,5")
    rows += row.format(cell.format("string", "", "007"), number)
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Data">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest></manifest>")
        archive.writestr("content.xml", content)
    assert codes(formats.read(tmp_path / "a.ods", ["w", "id"])) == {"w": ["0.5"], "id": ["007"]}


# Parquet


def test_parquet_of_any_type(tmp_path):
    columns = {
        "d": pa.array([date(2021, 3, 1), None]),
        "b": pa.array([True, None]),
        "n": pa.array([Decimal("1.50"), None]),
        "c": pa.array(["a", None]).dictionary_encode(),
        "i": pa.array([1, None], pa.int32()),
        "l": pa.array([[1, 2], None]),
    }
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table(columns), file)
    assert codes(formats.read(file, ["d", "b", "n", "c", "i"])) == {
        "d": ["2021-03-01", None],
        "b": ["1", None],
        "n": ["1.50", None],
        "c": ["a", None],
        "i": ["1", None],
    }
    assert [column.kind for column in formats.describe(file).columns.values()] == [
        "date", "number", "number", "text", "number", "text",
    ]  # fmt: skip
    with pytest.raises(MicrodataError, match="has several values in a cell of column l"):
        formats.read(file, ["l"])


def test_parquet_with_a_name_twice(tmp_path):
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table([[1], [2], [3]], names=["x", "x", "y"]), file)
    with pytest.raises(MicrodataError, match="column x appears twice in the file"):
        formats.read(file, ["x"])
