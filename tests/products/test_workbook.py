"""The rows of the workbook: read by another program, they are the tables."""

import math
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from disrupting_harm.estimation import tidy_table
from disrupting_harm.publishing.workbook import gather, write_workbook

STATUSES = ["shown", "low_n", "suppressed", "not_asked", "shown"]
MEASURES = ["proportion", "mean", "proportion", "count", "risk_difference"]
NUMBERS = [0.1 + 0.2, 1e-17, 0.5, 1234567.0, -1 / 3]


def tidy():
    """Five rows: shown, on a small base, twice hidden though the numbers are still there, and a difference."""
    rows = pd.DataFrame("a", index=range(5), columns=tidy_table.COLUMNS)
    rows = rows.assign(level=list("abcde"), status=STATUSES, measure=MEASURES, data="delivered")
    for name in tidy_table.NUMBERS:
        rows[name] = NUMBERS
    return rows.assign(confidence_level=0.95)


def written(folder, *sheets):
    """A workbook with these tables, opened."""
    path = folder / "w.xlsx"
    write_workbook({f"sheet {n}": table for n, table in enumerate(sheets)}, {}, path)
    return openpyxl.load_workbook(path)


def column(sheet, title, top=1):
    """The cells of a column below its heading."""
    position = [cell.value for cell in sheet[top]].index(title)
    return [row[position] for row in sheet.iter_rows(min_row=top + 1)]


def test_numbers_are_there_in_full_and_those_of_hidden_rows_are_not(tmp_path):
    sheet = written(tmp_path, tidy())["sheet 0"]
    shown = [status in ("shown", "low_n") for status in STATUSES]
    for name in tidy_table.NUMBERS:
        values = [cell.value for cell in column(sheet, name)]
        assert [value for value, is_shown in zip(values, shown, strict=True) if is_shown] == [
            value for value, is_shown in zip(NUMBERS, shown, strict=True) if is_shown
        ]
        hidden = [value for value, is_shown in zip(values, shown, strict=True) if not is_shown]
        assert hidden == (["not shown", "not asked"] if name == "estimate" else [None, None])
    assert [cell.value for cell in column(sheet, "level")] == list("abcde")


def test_shares_are_shown_as_per_cent_and_other_numbers_as_they_are(tmp_path):
    sheet = written(tmp_path, tidy())["sheet 0"]
    shapes = {
        "estimate": ["0.0%", "0.00", "General", "General", "0.0%"],
        "se": ["0.0%", "0.0000", "General", "General", "0.0%"],
        "n": ["#,##0", "#,##0", "General", "General", "#,##0"],
    }
    for name, expected in shapes.items():
        if name in tidy_table.COLUMNS:
            assert [cell.number_format for cell in column(sheet, name)] == expected
    assert {cell.number_format for cell in column(sheet, "confidence_level")} == {"0%"}
    assert [cell.font.i for cell in column(sheet, "estimate")] == [False, False, True, True, False]


@pytest.mark.parametrize(("measure", "step", "shape"), [
    ("proportion", 0.001, "0.0%"), ("proportion", 0.01, "0%"), ("risk_difference", 0.01, "0%"),
    ("mean", 0.01, "0.00"), ("mean", 0.1, "0.0"), ("risk_ratio", 1.0, "0"), ("count", 1.0, "#,##0"),
])  # fmt: skip
def test_a_number_is_shown_with_the_decimals_that_it_is_rounded_to(tmp_path, measure, step, shape):
    table = tidy().head(1).assign(measure=measure, rounded_to=step, estimate=1.0)
    sheet = written(tmp_path, table)["sheet 0"]
    for name in ("estimate", "ci_low", "ci_high"):
        assert [cell.number_format for cell in column(sheet, name)] == [shape]


def test_values_of_every_kind(tmp_path):
    values = [True, False, 7, 0, -0.5, math.inf, None, math.nan, pd.NA, "", "text", np.float64(0.1)]
    sheet = written(tmp_path, pd.DataFrame({"x": pd.Series(values, dtype=object)}))["sheet 0"]
    cells = column(sheet, "x")
    assert [cell.value for cell in cells] == [
        *[True, False, 7, 0, -0.5, "inf", None, None, None, None, "text", 0.1]
    ]
    assert [cell.data_type for cell in cells[:5]] == ["b", "b", "n", "n", "n"]


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1), min_size=1)
)
def test_every_text_is_read_as_it_was_written(tmp_path_factory, texts):
    """Blanks at its ends, signs of XML, signs that XML cannot hold, and what looks like one of these in code."""
    path = tmp_path_factory.mktemp("texts") / "w.xlsx"
    texts = [*texts, "_x000B_", "_x005F_", " a ", "<b>&amp;"]
    write_workbook({"sheet": pd.DataFrame({"x": texts})}, {}, path)
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("sheet").to_python()
    assert [str(value) for _, value in zip(texts, (row[0] for row in rows[1:]), strict=True)] == texts


def test_the_file_says_how_large_a_sheet_is_and_how_many_texts_there_are(tmp_path):
    written(tmp_path, tidy(), tidy().head(2))
    with zipfile.ZipFile(tmp_path / "w.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    last = len(tidy_table.COLUMNS)
    for number, rows in ((2, 6), (3, 3)):
        (size,) = re.findall(r'<dimension ref="A1:([A-Z]+)(\d+)"', parts[f"xl/worksheets/sheet{number}.xml"])
        assert size == (openpyxl.utils.get_column_letter(last), str(rows))
    texts = parts["xl/sharedStrings.xml"]
    cells = sum(len(re.findall(r't="s"', part)) for part in parts.values())
    assert re.search(r'count="(\d+)" uniqueCount="(\d+)"', texts).groups() == (
        str(cells),
        str(texts.count("<si>")),
    )


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, tidy())
    assert (tmp_path / "a/w.xlsx").read_bytes() == (tmp_path / "b/w.xlsx").read_bytes()


def test_a_table_without_rows_has_its_headings(tmp_path):
    sheet = written(tmp_path, tidy().head(0))["sheet 0"]
    assert [cell.value for cell in sheet[1]] == tidy_table.COLUMNS
    assert sheet.max_row == 1


def test_tables_with_different_columns_are_not_read_as_one(tmp_path):
    rows = tidy().astype(dict.fromkeys(tidy_table.NUMBERS, float))
    tidy_table.write(rows, tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("country,other\nbra,1\n")
    assert len(gather.read([tmp_path / "a.csv"] * 2)) == 10
    with pytest.raises(ValueError, match="other columns"):
        gather.read([tmp_path / "a.csv", tmp_path / "b.csv"])
