"""Keys keep all their digits, or the file is refused: in each format, with an empty cell, as text and as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
import xlsxwriter
from pyarrow import parquet

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.new_country.inspection.look import counted

FIRST = 90071992547409921
"""17 digits: numbers of eight bytes tell only every sixteenth of its neighbours apart."""
NUMBERS = [FIRST + index for index in range(1000)]
EMPTY = 3


def key_column(file):
    """The keys of a file; None where the cell is empty."""
    column = formats.read(file, ["HH_ID"], text=["HH_ID"]).frame["HH_ID"]
    return [None if pd.isna(value) else value for value in column]


def refused(file):
    with pytest.raises(MicrodataError) as caught:
        formats.read(file, ["HH_ID"], text=["HH_ID"])
    message = str(caught.value)
    assert "column HH_ID holds" in message
    assert "Ask for the file again with this column as text" in message
    assert str(FIRST)[:8] not in message
    return message


EXPECTED = [None if index == EMPTY else str(number) for index, number in enumerate(NUMBERS)]


@pytest.fixture
def frame():
    keys = pd.array(NUMBERS, dtype="Int64")
    keys[EMPTY] = pd.NA
    return pd.DataFrame({"HH_ID": keys, "Q": 1})


# Kept


@pytest.mark.parametrize("stored", ["Int64", "UInt64", "string", "decimal"])
def test_parquet_keeps_all_digits_beside_an_empty_cell(tmp_path, frame, stored):
    column = pa.array(frame["HH_ID"], type=pa.int64())
    column = column.cast({"string": pa.string(), "decimal": pa.decimal128(20, 0)}.get(stored, stored.lower()))
    parquet.write_table(pa.table({"HH_ID": column}), tmp_path / "a.parquet")
    assert key_column(tmp_path / "a.parquet") == EXPECTED


def test_parquet_keeps_the_digits_of_columns_that_are_no_keys(tmp_path, frame):
    """A column by which rows are chosen is not read as text; `inspect` counts what it has not matched yet."""
    frame.to_parquet(tmp_path / "a.parquet")
    column = formats.read(tmp_path / "a.parquet", ["HH_ID"]).frame["HH_ID"]
    assert list(formats.codes(column)) == EXPECTED
    assert len(counted(column).counts) == len(NUMBERS) - 1
    few = frame.head(10)
    few.to_parquet(tmp_path / "few.parquet")
    assert (
        list(formats.codes(formats.read(tmp_path / "few.parquet", ["HH_ID"]).frame["HH_ID"])) == EXPECTED[:10]
    )


@pytest.mark.parametrize("point", ["", ".0", ".00"])
def test_text_keeps_all_digits_and_drops_a_point_that_an_export_has_added(tmp_path, point):
    keys = ["" if key is None else f"{key}{point}" for key in EXPECTED]
    pd.DataFrame({"HH_ID": keys, "Q": 1}).to_csv(tmp_path / "a.csv", index=False)
    assert key_column(tmp_path / "a.csv") == EXPECTED


@pytest.mark.parametrize(
    "keys", [["12.0", "12.1"], ["12.0", "A"], ["1.0.0", "2.0"], ["007", "07"], ["12E5", "13E5"]]
)
def test_text_that_is_no_whole_number_is_kept_as_it_is(tmp_path, keys):
    """Person 0 of household 12 is not household 12."""
    pd.DataFrame({"HH_ID": keys, "Q": 1}).to_csv(tmp_path / "a.csv", index=False)
    assert key_column(tmp_path / "a.csv") == keys


@pytest.mark.parametrize("ending", [".sav", ".dta", ".xlsx", ".parquet"])
def test_text_in_other_formats_keeps_all_digits(tmp_path, ending):
    file, frame = tmp_path / f"a{ending}", pd.DataFrame({"HH_ID": [str(number) for number in NUMBERS]})
    writers = {
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".dta": lambda: pyreadstat.write_dta(frame, file),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
    }
    writers[ending]()
    assert key_column(file) == list(frame["HH_ID"])


@pytest.mark.parametrize(
    ("ending", "largest"),
    [(".sav", 2**53 - 1), (".dta", 2**53 - 1), (".parquet", 2**53 - 1), (".xlsx", 10**15 - 1)],
)
def test_numbers_that_the_format_tells_apart_are_kept(tmp_path, ending, largest):
    file, frame = (
        tmp_path / f"a{ending}",
        pd.DataFrame({"HH_ID": [float(largest), float(largest - 1), np.nan]}),
    )
    writers = {
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".dta": lambda: frame.to_stata(file, write_index=False),
        ".parquet": lambda: frame.to_parquet(file),
        ".xlsx": lambda: workbook(file, ["HH_ID", largest, largest - 1]),
    }
    writers[ending]()
    assert [key for key in key_column(file) if key] == [str(largest), str(largest - 1)]


# Lost in the file already


def workbook(file, cells):
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Data").write_column(0, 0, cells)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (".sav", "whole numbers above 9,007,199,254,740,991, and a number in SPSS keeps"),
        (".dta", "whole numbers above 9,007,199,254,740,991, and a double in Stata keeps"),
        (".parquet", "whole numbers above 9,007,199,254,740,991, and a number stored as double keeps"),
    ],
)
def test_numbers_of_eight_bytes_beyond_their_digits_are_refused(tmp_path, frame, ending, words):
    file, frame = tmp_path / f"a{ending}", frame.astype({"HH_ID": float})
    frame.loc[0, "HH_ID"] = 2.0**53 - 1  # of this one, all digits are kept
    writers = {
        ".sav": lambda: pyreadstat.write_sav(frame, file),
        ".dta": lambda: frame.to_stata(file, write_index=False),
        ".parquet": lambda: frame.to_parquet(file),
    }
    writers[ending]()
    message = refused(file)
    assert words in message
    assert "rows 2, 3, 5 and others" in message  # row 4 is empty


@pytest.mark.parametrize("ending", [".dta", ".parquet"])
def test_numbers_of_four_bytes_beyond_their_digits_are_refused(tmp_path, ending):
    """The usual slip with Stata: a key that was generated without `double`."""
    file, frame = (
        tmp_path / f"a{ending}",
        pd.DataFrame({"HH_ID": np.array([16777215, 20191234, 5], dtype="float32")}),
    )
    frame.to_stata(file, write_index=False) if ending == ".dta" else frame.to_parquet(file)
    message = refused(file)
    assert "whole numbers above 16,777,215, and a" in message
    assert "row 2" in message
    assert "row 1" not in message


@pytest.mark.parametrize("number", [10**15, 1234567890123456, FIRST])
def test_numbers_of_a_spreadsheet_with_more_than_15_digits_are_refused(tmp_path, number):
    workbook(tmp_path / "a.xlsx", ["HH_ID", 5, number])
    message = refused(tmp_path / "a.xlsx")
    assert (
        "whole numbers above 999,999,999,999,999, and a number in a spreadsheet keeps no more digits"
        in message
    )
    assert "row 3" in message


@pytest.mark.parametrize("written", ["9.00719925474099E+16", "9,00720E+16", "9.007199254740992e+16"])
def test_numbers_that_a_spreadsheet_has_shortened_in_a_text_file_are_refused(tmp_path, written):
    pd.DataFrame({"HH_ID": ["12", written, "13"]}).to_csv(tmp_path / "a.csv", index=False)
    message = refused(tmp_path / "a.csv")
    assert "numbers such as 1.2E+15, of which only the first digits are left, row 3" in message


def test_every_bad_key_is_in_one_report(tmp_path):
    frame = pd.DataFrame({"HH_ID": [2.0**60], "CASE_ID": [2.0**61], "w": [2.0**62]})
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    with pytest.raises(MicrodataError) as caught:
        formats.read(tmp_path / "a.sav", ["HH_ID", "CASE_ID", "w"], text=["HH_ID", "CASE_ID"])
    assert [finding.split()[1] for finding in caught.value.findings] == ["HH_ID", "CASE_ID"]


def test_long_keys_with_a_point_that_eight_bytes_hold_have_lost_digits(tmp_path):
    """pandas writes so what it has kept as numbers of eight bytes; 2^53 + 1 is none, so a file that has it is exact."""
    written = pd.DataFrame({"HH_ID": np.arange(90071992547409921, 90071992547409931).astype(float), "q": 1})
    written.to_csv(tmp_path / "a.csv", index=False, float_format="%.1f")
    with pytest.raises(
        formats.MicrodataError, match=r"HH_ID holds whole numbers above .* with a decimal point.*rows 2"
    ):
        formats.read(tmp_path / "a.csv", ["HH_ID"], text=["HH_ID"])
    (tmp_path / "b.csv").write_text(f"HH_ID,q\n{2**53}.0,1\n{2**53 + 1}.0,1\n")
    keys = formats.read(tmp_path / "b.csv", ["HH_ID"], text=["HH_ID"]).frame["HH_ID"]
    assert list(keys) == [str(2**53), str(2**53 + 1)]
