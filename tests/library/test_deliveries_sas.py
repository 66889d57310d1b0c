"""SAS (.xpt, .sas7bdat) and SPSS portable files. Nothing here writes .sas7bdat: another reader takes its place."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyreadstat
import pytest

from disrupting_harm.config.entries.delivered import DataFile
from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError, ReadOptions

DAYS = [dt.date(2009, 1, 2), dt.date(2010, 12, 31), None]
TABLE = pd.DataFrame({"Q1": [1.0, 98.0, None], "W": [0.5, 1.25, 2.0], "NAME": ["a", "", "c"], "DOB": DAYS})
LABELS = {"Q1": "A question"}
CODES = {"Q1": ["1", "98", None], "W": ["0.5", "1.25", "2"], "NAME": ["a", None, "c"]}
DATES = ["2009-01-02", "2010-12-31", None]


def xpt(path, table=TABLE, version=8):
    pyreadstat.write_xport(table, path, column_labels=LABELS, file_format_version=version)
    return path


def por(path, table=TABLE):
    pyreadstat.write_por(table, path, column_labels=LABELS)
    return path


@pytest.mark.parametrize("write", [xpt, por])
def test_codes_texts_dates_and_labels(tmp_path, write):
    path = write(tmp_path / f"data.{write.__name__}")
    raw = formats.read(path, ["q1", "W", "NAME", "DOB"])
    assert list(formats.codes(raw.frame["q1"])) == CODES["Q1"]
    for column in ("W", "NAME"):
        assert list(formats.codes(raw.frame[column])) == CODES[column]
    assert list(formats.codes(raw.frame["DOB"])) == DATES
    description = formats.describe(path)
    assert description.rows == 3
    assert [column.kind for column in description.columns.values()] == ["number", "number", "text", "date"]
    assert description.columns["Q1"].label == "A question"


@pytest.mark.parametrize("version", [5, 8])
def test_missing_values_with_a_letter_are_not_lost_without_a_word(tmp_path, version):
    """The number of 98 in row 2 becomes .A: a byte with the letter, and zeros."""
    path = xpt(tmp_path / "data.xpt", version=version)
    content = path.read_bytes()
    number = bytes.fromhex("4262000000000000")
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, b"A" + bytes(7)))
    assert list(formats.codes(formats.read(path, ["W"]).frame["W"])) == CODES["W"]
    with pytest.raises(MicrodataError, match=r"holds missing values with a letter .* in column Q1"):
        formats.read(path, ["Q1", "W"])


def test_codes_that_a_portable_file_declares_as_missing_are_not_lost_without_a_word(tmp_path):
    """The record of Q1 is followed by one of its missing code: 8, and 98 in base 30 (3 * 30 + 8)."""
    path = por(tmp_path / "data.por", TABLE[["Q1", "W"]])
    content = "".join(path.read_text().splitlines())
    variable = "70/2/Q15/8/2/5/8/2/"
    assert content.count(variable) == 1
    content = content.replace(variable, f"{variable}838/")
    path.write_text("".join(f"{content[start : start + 80]}\r\n" for start in range(0, len(content), 80)))
    assert list(formats.codes(formats.read(path, ["W"]).frame["W"])) == CODES["W"]
    with pytest.raises(MicrodataError, match="declares codes of column Q1 as missing"):
        formats.read(path, ["Q1", "W"])


@pytest.mark.parametrize("write", [xpt, por])
def test_a_file_that_is_cut_off_or_of_another_kind(tmp_path, write):
    path = tmp_path / f"data.{write.__name__}"
    path.write_bytes(write(path).read_bytes()[:300])
    with pytest.raises(MicrodataError, match=f"cannot be read as {path.suffix}"):
        formats.read(path, ["Q1"])


def test_sas_data_sets_are_read_with_their_letters(tmp_path, monkeypatch):
    """By the reader of SAS data sets, which gives letters as that of Stata does."""

    def read(path, **options):
        assert options.pop("user_missing") is True
        assert options.pop("encoding") == "cp1252"
        frame, meta = pyreadstat.read_xport(path, **options)
        if "Q1" in frame:
            frame["Q1"] = frame["Q1"].astype(object).replace({98.0: "A"})
        meta.missing_user_values = {"Q1": ["A"]}
        return frame, meta

    monkeypatch.setattr(pyreadstat, "read_sas7bdat", read)
    path = xpt(tmp_path / "data.xpt").rename(tmp_path / "data.sas7bdat")
    raw = formats.read(path, ["Q1", "DOB"], options=ReadOptions(encoding="cp1252"))
    assert list(formats.codes(raw.frame["Q1"])) == ["1", ".a", None]
    assert raw.missing["Q1"] == (".a",)
    assert list(formats.codes(raw.frame["DOB"])) == DATES


def test_a_portable_file_has_no_encoding():
    file = DataFile(file="data/raw/x.por", encoding="windows-1252")
    assert [what for _, what, _ in file.findings()] == ["does not belong here: the file is SPSS portable"]
