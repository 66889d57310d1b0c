"""Cells as people deliver them: texts that mean nothing, digits of other scripts, blanks between thousands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from disrupting_harm.config.entries.codes import code
from disrupting_harm.config.entries.delivered import DataFile
from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import ReadOptions

SECRET = "she told her teacher"
MISSING = ReadOptions(missing_texts=("NA", "#NULL!", ".", "-"))
TABLE = pd.DataFrame(
    {"q": ["1", "NA", "2", " - "], "w": ["0.5", ".", "1.5", "#NULL!"], "said": ["a", "b", "c", "d"]}
)


def written(folder, ending, table=TABLE):
    """A table in a file of this ending, its columns as texts."""
    path = folder / f"data{ending}"
    write = {
        ".csv": lambda: table.to_csv(path, index=False),
        ".xlsx": lambda: table.to_excel(path, index=False, engine="xlsxwriter"),
        ".parquet": lambda: table.to_parquet(path),
        ".sav": lambda: pyreadstat.write_sav(table, path),
        ".dta": lambda: pyreadstat.write_dta(table, path),
    }
    write[ending]()
    return path


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".sav", ".dta"])
def test_texts_that_mean_an_empty_cell_are_empty_in_every_format(tmp_path, ending):
    path = written(tmp_path, ending)
    frame = formats.read(path, ["q", "w", "said"], options=MISSING).frame
    assert list(formats.codes(frame["q"])) == ["1", None, "2", None]
    values, wrong = formats.numbers(frame["w"])
    assert not wrong.any()
    np.testing.assert_array_equal(values, [0.5, np.nan, 1.5, np.nan])
    assert list(formats.codes(frame["said"])) == ["a", "b", "c", "d"]
    assert list(formats.codes(formats.read(path, ["q"]).frame["q"])) == ["1", "NA", "2", "-"]


def test_a_column_of_numbers_with_such_texts_is_described_as_numbers(tmp_path):
    for ending in (".csv", ".xlsx"):
        table = TABLE.assign(w=[0.5, ".", 1.5, "NA"])
        path = written(tmp_path, ending, table)
        assert formats.describe(path, options=MISSING).columns["w"].kind == "number"
        assert formats.describe(path).columns["w"].kind == "text"


def test_keys_are_empty_too(tmp_path):
    path = written(tmp_path, ".csv", pd.DataFrame({"id": ["007", "-", "NA"]}))
    assert list(formats.read(path, ["id"], text=["id"], options=MISSING).frame["id"].fillna("")) == [
        "007",
        "",
        "",
    ]


@pytest.mark.parametrize("text", ["99", "-9", "1,5"])
def test_numbers_are_no_texts(text):
    file = DataFile(file="data/raw/x.csv", missing_texts=["NA", text])
    assert [(key, what) for key, what, _ in file.findings()] == [("missing_texts", f"holds a number, {text}")]


# Digits

ZEROS = {
    "Arabic-Indic": "٠",
    "Extended Arabic-Indic": "۰",
    "Devanagari": "०",
    "Khmer": "០",
    "Thai": "๐",
    "Lao": "໐",
    "Myanmar": "၀",
}


def in_script(text, script):
    """A text with its digits in another script."""
    return text.translate({ord(str(n)): chr(ord(ZEROS[script]) + n) for n in range(10)})


@pytest.mark.parametrize("script", ZEROS)
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".sav", ".dta"])
def test_digits_of_other_scripts_are_digits(tmp_path, script, ending):
    table = pd.DataFrame({"q": ["1", "98", "2"], "w": ["0.5", "12", "1.25"], "id": ["007", "010", "011"]})
    path = written(tmp_path, ending, table.map(lambda text: in_script(text, script)))
    frame = formats.read(path, ["q", "w", "id"], text=["id"]).frame
    assert list(formats.codes(frame["q"])) == ["1", "98", "2"]
    assert formats.numbers(frame["w"])[0].tolist() == [0.5, 12, 1.25]
    assert list(frame["id"]) == ["007", "010", "011"]
    assert code(in_script("98", script)) == "98"


def test_ethiopic_numerals_up_to_nine_are_digits(tmp_path):
    """There is no zero: 10 has a sign of its own, and is no code of one digit."""
    path = written(tmp_path, ".csv", pd.DataFrame({"q": ["፩", "፪", "፱"]}))
    assert list(formats.codes(formats.read(path, ["q"]).frame["q"])) == ["1", "2", "9"]
    assert code("፲") == "፲"


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2009", "\u2007", " ", "'", "’"])
@pytest.mark.parametrize("decimal", [None, ",", "."])
def test_blanks_between_thousands(tmp_path, blank, decimal):
    sign = decimal or "."
    texts = [f"1{blank}310{sign}5", "987", f"12{blank}345{blank}678"]
    path = written(tmp_path, ".csv", pd.DataFrame({"w": texts}))
    frame = formats.read(path, ["w"], options=ReadOptions(decimal=decimal)).frame
    assert formats.numbers(frame["w"], decimal=decimal)[0].tolist() == [1310.5, 987, 12345678]


@pytest.mark.parametrize("ending", [".csv", ".sav"])
@pytest.mark.parametrize("decimal", [None, ",", "."])
def test_the_arabic_signs_before_decimals_and_between_thousands(tmp_path, decimal, ending):
    """1٫310 is a little more than one, whatever `decimal` says about points and commas."""
    path = written(tmp_path, ending, pd.DataFrame({"w": ["١٫٣١٠", "١٬٣١٠٫٥", "٩٨٧"]}))
    column = formats.read(path, ["w"], options=ReadOptions(decimal=decimal)).frame["w"]
    assert not formats.is_undecided(column, decimal)
    assert formats.numbers(column, decimal=decimal)[0].tolist() == [1.31, 1310.5, 987]
