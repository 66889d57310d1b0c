"""Dates that no calendar has, texts in another encoding, errors of spreadsheets, and faults that are not the file's."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zipfile
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
import xlsxwriter
from pyarrow import parquet

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import MicrodataError, ReadOptions, excel, spss
from disrupting_harm.delivered.formats.declared import declared_by_spss, declared_by_stata

SECRET = "my uncle told me"
CODES_XLS = Path(__file__).parent / "files/codes.xls"


def message(file, names=("x",), options=ReadOptions(), **others):  # noqa: B008
    with pytest.raises(MicrodataError) as caught:
        formats.read(file, list(names), options=options, **others)
    assert SECRET not in str(caught.value)
    return str(caught.value)


# Dates

AFTER = {"s": 60 * 60 * 24 * 4_000_000, "D": 4_000_000}
"""The year 12921, in seconds and days since 1970."""


def spss_dates(file, shown):
    """Two days that SPSS shows in a format, the second after the year 9999, and a column of numbers."""
    since = (date(1970, 1, 1) - date(1582, 10, 14)).days * 86_400
    frame = pd.DataFrame({"d": [since + 0.0, since + AFTER["s"], np.nan], "x": [1.0, 2.0, 3.0]})
    pyreadstat.write_sav(frame, file, variable_format={"d": shown})


def stata_dates(file, shown):
    since = (date(1970, 1, 1) - date(1960, 1, 1)).days
    a_day = 86_400_000 if shown.startswith("%tc") else 1
    days = [since * a_day, (since + AFTER["D"]) * a_day, np.nan]
    pyreadstat.write_dta(pd.DataFrame({"d": days, "x": [1.0, 2.0, 3.0]}), file, variable_format={"d": shown})


def parquet_dates(file, shown):
    units = {"date32": (pa.int32(), pa.date32(), 1), "date64": (pa.int64(), pa.date64(), 86_400_000)}
    units["timestamp"] = (pa.int64(), pa.timestamp("s"), 86_400)
    units["zone"] = (pa.int64(), pa.timestamp("s", "UTC"), 86_400)
    stored, kind, a_day = units[shown]
    days = pa.array([0, AFTER["D"] * a_day, None], stored).cast(kind)
    parquet.write_table(pa.table({"d": days, "x": [1, 2, 3]}), file)


def excel_dates(file, shown):
    with xlsxwriter.Workbook(file) as book:
        sheet, written = book.add_worksheet(), book.add_format({"num_format": shown})
        sheet.write_row(0, 0, ["d", "x"])
        for row, day in enumerate(
            [25_569, 20_240_101], start=1
        ):  # 1970-01-01, and a day that was typed as a number
            sheet.write_number(row, 0, day, written)
            sheet.write_number(row, 1, row)
        sheet.write_number(3, 1, 3)


DATES = [
    *((".sav", spss_dates, shown) for shown in ("DATE11", "ADATE10", "SDATE10", "DATETIME20", "YMDHMS20")),
    *((".dta", stata_dates, shown) for shown in ("%td", "%tc")),
    *((".parquet", parquet_dates, shown) for shown in ("date32", "date64", "timestamp", "zone")),
    (".xlsx", excel_dates, "yyyy-mm-dd"),
]


@pytest.mark.parametrize(("ending", "write", "shown"), DATES)
def test_a_date_after_the_year_9999_stops_who_reads_it_and_nobody_else(tmp_path, ending, write, shown):
    file = tmp_path / f"a{ending}"
    write(file, shown)
    first = 2 if ending == ".xlsx" else 1
    assert list(formats.codes(formats.read(file, ["x"]).frame["x"])) == ["1", "2", "3"]
    assert message(file, ["x", "d"]).splitlines()[1:] == [
        f"  column d holds dates before the year 1 or after the year 9999, row {first + 1}",
        "      Correct them in the file, or ask for it again.",
    ]
    assert formats.describe(file).columns["d"].kind == "date"
    anyway = formats.read(file, ["x", "d"], refuse_bad_cells=False).frame
    assert anyway["d"].isna().tolist() == [False, False, True]
    assert list(formats.codes(anyway["x"])) == ["1", "2", "3"]


def test_good_dates_beside_a_bad_one_and_in_other_blocks_stay_dates(tmp_path, monkeypatch):
    monkeypatch.setattr(spss, "BLOCK", 2)
    since = (date(1970, 1, 1) - date(1582, 10, 14)).days * 86_400.0
    frame = pd.DataFrame(
        {"d": [since, since, since + AFTER["s"], since], "e": [since] * 4, "q": [1.0, 2, 3, 4]}
    )
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_format={"d": "DATE11", "e": "DATE11"})
    assert "column d holds dates before the year 1 or after the year 9999, row 3" in message(
        tmp_path / "a.sav", "dq"
    )
    anyway = formats.read(tmp_path / "a.sav", ["d", "e", "q"], refuse_bad_cells=False).frame
    assert list(formats.codes(anyway["e"])) == ["1970-01-01"] * 4
    assert list(formats.codes(anyway["d"]))[:2] == ["1970-01-01"] * 2


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_last_days_of_the_calendar_are_dates(tmp_path, day):
    since = (day - date(1582, 10, 14)).days * 86_400.0
    pyreadstat.write_sav(pd.DataFrame({"d": [since]}), tmp_path / "a.sav", variable_format={"d": "DATE11"})
    assert list(formats.codes(formats.read(tmp_path / "a.sav", ["d"]).frame["d"])) == [str(day)]


# Encodings


def patched(file, letters, encoding):
    """Put `letters` in an encoding where a file has as many bytes of ~."""
    written = letters.encode(encoding)
    content = file.read_bytes()
    assert b"~" * len(written) in content
    file.write_bytes(content.replace(b"~" * len(written), written))
    return file


def labelled(file, letters, encoding, where):
    """An SPSS or Stata file that declares UTF-8 and has a text that is in another encoding."""
    filler = "~" * len(letters.encode(encoding))
    frame = pd.DataFrame({"x": [1.0, 2.0], "s": ["a", filler if where == "cell" else "b"]})
    labels = {"column_labels": {"x": filler if where == "label" else "X"}}
    labels["variable_value_labels"] = {"x": {1: filler if where == "value" else "Sim"}}
    {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}[file.suffix](frame, file, **labels)
    return patched(file, letters, encoding)


PLACES = {"label": "the label of column x", "value": "the labels of values of column x", "cell": "column s"}
TEXTS = {"windows-1252": "Não, às vezes é difícil", "windows-1251": "Ніколи, іноді важко"}


@pytest.mark.parametrize("ending", [".sav", ".dta"])
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("encoding", TEXTS)
def test_a_file_that_is_not_in_the_encoding_that_it_declares(tmp_path, ending, where, encoding):
    file = labelled(tmp_path / f"a{ending}", TEXTS[encoding], encoding, where)
    words = message(file, ["x", "s"])
    assert f"is not in the encoding UTF-8, which the file declares: see {PLACES[where]}\n" in words
    assert f"`encoding: {encoding}` beside `file:` in the configuration reads it" in words
    assert f"--encoding {encoding})" in words
    assert "damaged" not in words
    raw = formats.read(file, ["x", "s"], options=ReadOptions(encoding))
    description = formats.describe(file, options=ReadOptions(encoding))
    texts = {
        "label": description.columns["x"].label,
        "value": raw.labels["x"]["1"],
        "cell": list(formats.codes(raw.frame["s"]))[1],
    }
    assert texts[where] == TEXTS[encoding]


def test_a_cell_in_another_encoding_stops_nobody_who_does_not_read_its_column(tmp_path):
    file = labelled(tmp_path / "a.sav", "Não", "windows-1252", "cell")
    assert list(formats.read(file, ["x"]).frame["x"]) == [1, 2]


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_an_encoding_that_the_configuration_gives_and_the_file_is_not_in(tmp_path, ending):
    file = labelled(tmp_path / f"a{ending}", "Não", "windows-1252", "value")
    assert "is not in the encoding utf-8, which `encoding` gives" in message(
        file, options=ReadOptions("utf-8")
    )
    frame = pd.DataFrame({"x": [1.0], "s": ["Ніколи"]})
    {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}[ending](frame, file)
    words = message(file, ["x", "s"], options=ReadOptions("ascii"))
    assert "is not in the encoding ascii, which `encoding` gives: see column s" in words
    assert "Correct `encoding`, or leave it out: the file declares UTF-8, and is in it." in words


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "windows-1252", "iso-8859-15"])
def test_encodings_by_the_names_that_python_knows(tmp_path, encoding):
    """ReadStat calls latin-1 otherwise."""
    file = labelled(tmp_path / "a.sav", "Não", "windows-1252", "value")
    assert formats.read(file, ["x"], options=ReadOptions(encoding)).labels["x"]["1"] == "Não"


def test_an_encoding_that_is_not_for_such_files(tmp_path):
    file = labelled(tmp_path / "a.sav", "Não", "windows-1252", "value")
    assert "cannot be read with `encoding: rot13`, which is not known for such files" in message(
        file, options=ReadOptions("rot13")
    )


def test_what_files_declare(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"x": [1.0]}), tmp_path / "a.sav")
    pyreadstat.write_dta(pd.DataFrame({"x": [1.0]}), tmp_path / "a.dta")
    pd.DataFrame({"x": [1.0]}).to_stata(tmp_path / "old.dta", version=114)
    assert declared_by_spss(tmp_path / "a.sav") == "UTF-8"
    assert declared_by_stata(tmp_path / "a.dta") == "UTF-8"
    assert declared_by_stata(tmp_path / "old.dta") == ""
    longer = (tmp_path / "a.sav").read_bytes()
    (tmp_path / "a.sav").write_bytes(longer.replace(b"\x05\0\0\0UTF-8", b"\x0c\0\0\0windows-1250"))
    assert declared_by_spss(tmp_path / "a.sav") == "windows-1250"


@pytest.mark.parametrize("row", [0, 200_000])
def test_a_text_file_that_is_not_in_the_encoding_that_the_configuration_gives(tmp_path, row):
    """Also where it shows late in the file."""
    cells = ["a"] * 200_001
    cells[row] = "às vezes é difícil, não sei"
    file = tmp_path / "a.csv"
    pd.DataFrame({"x": cells}).to_csv(file, index=False, encoding="windows-1252")
    words = message(file, options=ReadOptions("utf-8"))
    assert "is not in the encoding utf-8, which `encoding` gives\n" in words
    assert (
        "Correct `encoding`, or leave it out: it is detected from the file, which seems to be in windows-1252."
        in words
    )
    assert list(formats.read(file, ["x"]).frame["x"])[row] == cells[row]


def test_a_text_file_with_bytes_that_its_likeliest_encoding_lacks(tmp_path):
    """Nobody gave an encoding, so nobody is asked to correct one."""
    endings = product("aeiou", "bcdfglmnprst", "aeiou", "bcdflmnprs")
    words = [f"não_{''.join(letters)}ção às vezes" for letters in endings]
    (tmp_path / "a.csv").write_bytes("\n".join(["x", *words, ""]).encode("windows-1252") + b"\x81\x8d\x8f\n")
    text = message(tmp_path / "a.csv")
    assert "is not in the encoding windows-1252, in which most of it seems to be\n" in text
    assert "Correct `encoding`" not in text
    assert "`encoding: " in text


# Errors of a spreadsheet

ERRORS = ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"]


def test_errors_of_xlsx_are_no_empty_cells(tmp_path):
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Codes").write_formula(0, 0, "=NA()", None, "#N/A")
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["q", "x", "only"])
        for row, error in enumerate(ERRORS, start=1):
            sheet.write_number(row, 0, 1)
            sheet.write_formula(row, 1, "=A1", None, error)
        sheet.write_formula(3, 27, "=A1", None, "#REF!")
        sheet.write_string(0, 27, "far")
    frame = formats.read(file, ["q", "x", "only", "far"], options=ReadOptions(sheet="Data")).frame
    assert list(frame["x"]) == ERRORS
    assert frame["only"].isna().all()
    assert frame["far"].dropna().to_dict() == {2: "#REF!"}


def test_errors_of_ods_are_no_empty_cells(tmp_path):
    """As LibreOffice writes them: a text that is empty, and beside it that it is an error."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'

    def cell(value, more=""):
        kind = (
            f'office:value-type="float" office:value="{value}"'
            if value != "x"
            else 'office:value-type="string"'
        )
        return f"<table:table-cell {kind}{more}><text:p>{value}</text:p></table:table-cell>"

    def error(value, more=""):
        kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f"<table:table-cell {kind}{more}><text:p>{value}</text:p></table:table-cell>"

    def row(*cells, more=""):
        return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"

    rows = [
        row(
            *(
                f'<table:table-cell office:value-type="string"><text:p>{n}</text:p></table:table-cell>'
                for n in "xyz"
            )
        ),
        row(cell(1), cell(2, ' table:number-columns-repeated="2"')),
        row(
            cell(1),
            error("#N/A", ' table:number-columns-repeated="2"'),
            more=' table:number-rows-repeated="2"',
        ),
        row(error("#DIV/0!"), cell(4), cell(5)),
    ]
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Data">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest></manifest>")
        archive.writestr("content.xml", content)
    frame = formats.read(tmp_path / "a.ods", ["x", "y", "z"]).frame
    assert list(frame["x"]) == [1, 1, 1, "#DIV/0!"]
    assert list(frame["y"]) == [2, "#N/A", "#N/A", 4]
    assert list(frame["z"]) == [2, "#N/A", "#N/A", 5]


def with_error(content, number):
    """codes.xls with an error in D3: its record, and one of nothing, in the place of an empty cell and a number."""
    start = content.index(struct.pack("<HHHH", 0x0201, 6, 2, 2))
    assert content[start + 10 : start + 18] == struct.pack("<HHHH", 0x027E, 10, 2, 3)
    error = struct.pack("<HHHHH", 0x0205, 8, 2, 3, 0) + bytes([number, 1])
    nothing = struct.pack("<HH", 0x0FFF, 8) + bytes(8)  # a kind of record that there is not
    return content[:start] + error + nothing + content[start + 24 :]


@pytest.mark.parametrize(("number", "word"), [(0x2A, "#N/A"), (0x07, "#DIV/0!"), (0x17, "#REF!")])
def test_errors_of_xls_are_no_empty_cells(tmp_path, number, word):
    (tmp_path / "a.xls").write_bytes(with_error(CODES_XLS.read_bytes(), number))
    assert list(formats.read(tmp_path / "a.xls", ["w"]).frame["w"]) == [0.5, word, 2]
    assert list(formats.read(CODES_XLS, ["w"]).frame["w"]) == [0.5, 1.25, 2]


def test_a_damaged_xls_is_said_to_be_damaged(tmp_path):
    content, generator = CODES_XLS.read_bytes(), np.random.default_rng(1)
    for _ in range(40):  # among them chains of sectors that run in a circle
        damaged = bytearray(content)
        start = int(generator.integers(len(content)))
        damaged[start : start + 200] = bytes(min(200, len(content) - start))
        (tmp_path / "a.xls").write_bytes(damaged)
        with contextlib.suppress(formats.MicrodataError):
            formats.describe(tmp_path / "a.xls")
    (tmp_path / "a.xls").write_bytes(content[:3000])
    with pytest.raises(formats.MicrodataError, match=r"cannot be read as \.xls \(XLRDError\): damaged"):
        formats.describe(tmp_path / "a.xls")


def test_a_panic_of_the_library_is_a_damaged_file(tmp_path, monkeypatch, capfd):
    """It is no Exception, and what it prints below Python may quote an answer."""
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

    def give_up(_):
        os.write(2, b"panicked: byte index 1 is not a char boundary of an answer")
        raise panic("an answer")

    (tmp_path / "a.xlsx").write_bytes(b"")
    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_path=give_up))
    with pytest.raises(formats.MicrodataError, match=r"cannot be read as \.xlsx .*damaged") as refused:
        formats.describe(tmp_path / "a.xlsx")
    assert "answer" not in str(refused.value) + "".join(capfd.readouterr())


def test_an_ods_file_whose_content_is_no_xml_ends(tmp_path):
    """calamine would look for the end of the table for ever."""
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest></manifest>")
        archive.writestr("content.xml", "<a><table:table table:name='S'><table:table-row></table:tabel></a>")
    with pytest.raises(formats.MicrodataError, match=r"cannot be read as \.ods .*damaged"):
        formats.describe(tmp_path / "a.ods")


@pytest.mark.parametrize(
    "word", [*ERRORS, "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#N/D", "#¡REF!", "#¿NOMBRE?", "#NÚM!"]
)
def test_words_of_spreadsheets_for_errors(word):
    assert formats.is_spreadsheet_error(word)


@pytest.mark.parametrize("word", ["#1", "N/A", "#", "# no!", "#12!", "#tag", "# N/A", "5"])
def test_other_words_are_no_errors_of_a_spreadsheet(word):
    assert not formats.is_spreadsheet_error(word)


# Faults of a program


@pytest.fixture
def project_folder(tmp_path, monkeypatch):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "error", [TypeError, KeyError, AttributeError, IndexError, ValueError, AssertionError]
)
def test_a_fault_in_a_program_is_not_called_a_damaged_file(project_folder, monkeypatch, error):
    folder = project_folder / "data/raw/xyz"
    folder.mkdir(parents=True)
    pd.DataFrame({"x": [1]}).to_excel(folder / "a.xlsx", index=False, engine="xlsxwriter")

    def fail(cell):
        raise error(SECRET)

    monkeypatch.setattr(excel, "cell_value", fail)
    words = message(folder / "a.xlsx", name="data/raw/xyz/a.xlsx")
    assert "damaged" not in words
    assert (
        f"could not be read because of a fault in this program ({error.__name__}), not in the file" in words
    )
    assert "is only in data/failed/reading-xyz-a.xlsx.txt" in words
    assert "in fail" in words
    assert str(project_folder) not in words
    kept = project_folder / "data/failed/reading-xyz-a.xlsx.txt"
    assert SECRET in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_a_project_the_words_are_kept_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"x": [1]}).to_excel(tmp_path / "a.xlsx", index=False, engine="xlsxwriter")
    monkeypatch.setattr(excel, "cell_value", lambda cell: cell.nothing)
    assert "a fault in this program (AttributeError)" in message(tmp_path / "a.xlsx")
    assert not (tmp_path / "data").exists()


def test_a_machine_without_memory_is_not_the_files_fault(tmp_path, monkeypatch):
    def fail(cell):
        raise MemoryError

    pd.DataFrame({"x": [1]}).to_excel(tmp_path / "a.xlsx", index=False, engine="xlsxwriter")
    monkeypatch.setattr(excel, "cell_value", fail)
    with pytest.raises(MemoryError):
        formats.read(tmp_path / "a.xlsx", ["x"])


def test_a_time_of_a_good_file_is_left_alone(tmp_path):
    """A file with dates of its time reads as before."""
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"d": pa.array([datetime(2021, 3, 1, 12, 30, tzinfo=UTC), None])}), file)
    assert list(formats.codes(formats.read(file, ["d"]).frame["d"])) == [
        "2021-03-01 12:30:00+00:00",
        None,
    ]
