"""Delivered files that no one can use as they are, and what the project must say: for tests and docs/bad-inputs.md.

Continues tests/config/bad_inputs.py, which holds bad configurations. Here a copy of the project has a country with
two small delivered files; `act` spoils one of them, or what is said about it, and `ask` is the command that is called.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pyreadstat

from disrupting_harm import cli, config
from disrupting_harm.running import plan
from disrupting_harm.synthetic import deliver


def beside_us(path: str) -> Any:
    """A module of the tests, which are no package."""
    name = f"beside_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bad_inputs, tests = beside_us("config/bad_inputs.py"), beside_us("conftest.py")
Bad, edit, append = bad_inputs.Bad, bad_inputs.edit, bad_inputs.append

ROOT = Path(__file__).parents[2]
SECRET = "my uncle told me to keep quiet"
"""Stands where a code should: what a child said must not stand in any message."""

COUNTRY = "bra"
YAML = f"countries/{COUNTRY}.yaml"
FOLDER = f"data/raw/{COUNTRY}"
CHILDREN, CAREGIVERS = f"{FOLDER}/children.csv", f"{FOLDER}/caregivers.csv"
KEPT = (COUNTRY, "ken")
"""Countries of the copy; the others only take time."""

ROWS = 160

NOT_ASKED, LEFT_OUT = '["platform_{form}", "perpetrator_{form}", "barrier_{form}"]', ("Q14_", "Q15_", "Q17_")
"""Questions that the files do not have, as their many columns only take time."""

EARLIER = (f"results/{COUNTRY}/disclosure.csv", f"data/harmonised/{COUNTRY}/children.parquet")
"""Files of an earlier run, which stay as they are."""

Act = Callable[[Any], Any]


class RefusedError(Exception):
    """A command ended with exit code 1; what it said."""


@dataclass(frozen=True)
class Command:
    """A command as a user calls it, run in this process."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(("disrupting-harm", *(word for word in self.words if "=" not in word)))

    def __call__(self, root: Path) -> str:
        """What it prints. Raises RefusedError with what it said at exit code 1."""
        output = io.StringIO()
        argv = mock.patch.object(sys, "argv", ["disrupting-harm", *self.words])
        streams = contextlib.redirect_stdout(output), contextlib.redirect_stderr(output)
        with argv, streams[0], streams[1], contextlib.chdir(root):
            try:
                cli.main()
            except SystemExit as stop:
                if stop.code == 1:
                    raise RefusedError(output.getvalue().rstrip()) from None
                if stop.code:
                    raise
        return output.getvalue()


def harmonise(iso3: str = COUNTRY) -> Command:
    """What the workflow calls first for a country."""
    tables = (f"--{table}=data/harmonised/{iso3}/{table}.parquet" for table in ("children", "caregivers"))
    return Command(("harmonise", iso3, *tables))


HARMONISE, CHECK = harmonise(), Command(("check", COUNTRY))
NEW_COUNTRY = Command(("new-country", "srb", "--microdata", "children.csv"))


# The copy, before it is spoilt


@cache
def delivered() -> dict[str, deliver.Raw]:
    """The files of one country as its questionnaire describes them, 160 rows each, drawn as the synthetic survey."""
    project = config.load(ROOT)
    drawn = zip(("children", "caregivers"), deliver.drawing(project)(COUNTRY), strict=True)
    tables = {}
    for name, frame in drawn:
        few = frame.iloc[::6].head(ROWS).reset_index(drop=True)
        raw = tables[name] = deliver.raw(project, COUNTRY, name, few)
        for column in [
            column for column in raw.columns if column == deliver.MARK or column.startswith(LEFT_OUT)
        ]:
            del raw.columns[column], raw.labels[column]
        raw.columns["HH_ID"] = pd.Series([f"H{row:03d}" for row in range(ROWS)], dtype="str")
        raw.columns["strata"] = pd.Series([f"S{row // 40}" for row in range(ROWS)], dtype="str")
        raw.columns["ea_id"] = pd.Series([f"{row // 8:03d}" for row in range(ROWS)], dtype="str")
    return tables


def table(name: str = "children") -> pd.DataFrame:
    """A delivered table, to be spoilt."""
    return delivered()[name].frame().astype(object)


@cache
def written(name: str) -> str:
    """A delivered file as text."""
    return table(name).to_csv(index=False)


def prepare(copy: Any) -> None:
    """Give a copy of the project its delivered files."""
    for path in (copy.root / "config/countries").glob("*.yaml"):
        if path.stem not in KEPT:
            path.unlink()
    (copy.root / FOLDER).mkdir(parents=True)
    (copy.root / "data").chmod(0o700)  # else each answer ends with a warning of others who may read the files
    (copy.root / CHILDREN).write_text(written("children"), encoding="utf-8")
    (copy.root / CAREGIVERS).write_text(written("caregivers"), encoding="utf-8")
    survey = (
        f"microdata:\n  children: {CHILDREN}\n  caregivers: {CAREGIVERS}\n\nnot_asked: {NOT_ASKED}\n\nsurvey:"
    )
    copy.edit(YAML, "survey:", survey)


# What is done to it


def all_of(*acts: Act) -> Act:
    """One thing after the other."""

    def act(copy: Any) -> None:
        for step in acts:
            step(copy)

    return act


def cells(column: str, spoilt: Any, name: str = "children") -> Act:
    """Put something in a column: the same in all rows, or by row number as a spreadsheet counts (2 is the first)."""

    def act(frame: pd.DataFrame) -> pd.DataFrame:
        values = spoilt if isinstance(spoilt, dict) else dict.fromkeys(range(2, len(frame) + 2), spoilt)
        return spoilt_by(frame, **{column: values})

    return change(act, name)


def change(spoil: Callable[[pd.DataFrame], pd.DataFrame], name: str = "children", **options: Any) -> Act:
    """Change a delivered table; `options` of pandas' to_csv."""

    def act(copy: Any) -> None:
        file = CHILDREN if name == "children" else CAREGIVERS
        spoil(table(name)).to_csv(copy.root / file, index=False, **options)

    return act


def spoilt_by(frame: pd.DataFrame, **columns: dict[int, Any]) -> pd.DataFrame:
    """A table with something in some cells of some columns, by row number as a spreadsheet counts."""
    for column, spoilt in columns.items():
        for row, value in spoilt.items():
            frame.loc[row - 2, column] = value
    return frame


def with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates of birth in place of ages, three of them bad, and the date of the interview."""
    born = [f"{2021 - age}-03-01" for age in frame["QS2"]]
    born[3:6] = ["4.5.2009", "", "2022-01-01"]
    return frame.assign(QS2=born).copy().assign(start="2021-06-15")


def with_questions(frame: pd.DataFrame) -> pd.DataFrame:
    """The texts of the questions in the row below the names."""
    texts = {name: f"Text of the question {name}, as it was asked" for name in frame}
    return pd.concat([pd.DataFrame([texts]), frame])


def from_qualtrics(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts and import codes below the names."""
    codes = {name: f'{{"ImportId":"{name}"}}' for name in frame}
    return pd.concat([with_questions(frame).head(1), pd.DataFrame([codes]), frame])


def from_survey_monkey(path: Path) -> None:
    """A question with three options: its name above the first of them, and the options in row 2."""
    rows = ["Respondent ID,Who did it?,,", ",My mother,A friend,Someone else"]
    rows += [f"{number},My mother,," for number in range(ROWS)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def doubled(share: float, name: str = "children") -> Act:
    """Deliver a part of the interviews a second time: below the others, in reverse order, with other weights."""

    def act(frame: pd.DataFrame) -> pd.DataFrame:
        again = frame.head(round(share * len(frame))).iloc[::-1]
        return pd.concat([frame, again.assign(weight_final=again["weight_final"].astype(float) / 2)])

    return change(act, name)


def text(spoil: Callable[[str], str | bytes]) -> Act:
    """Change the children's file as text."""

    def act(copy: Any) -> None:
        path = copy.root / CHILDREN
        changed = spoil(path.read_text(encoding="utf-8"))
        path.write_bytes(changed if isinstance(changed, bytes) else changed.encode())

    return act


def instead(file: str, content: Callable[[Path], Any] | bytes, settings: str = "") -> Act:
    """Deliver another file of children; `said` stands beside its name in the configuration."""

    def act(copy: Any) -> None:
        path = copy.root / FOLDER / file
        content(path) if callable(content) else path.write_bytes(content)
        entry = f"{{file: '{FOLDER}/{file}'{settings}}}"
        copy.edit(YAML, f"children: {CHILDREN}", f"children: {entry}")

    return act


def in_two_files(spoil: Callable[[pd.DataFrame], pd.DataFrame]) -> Act:
    """Deliver the questions about help in a file of their own, which is joined."""

    def act(copy: Any) -> None:
        frame = table()
        questions = [name for name in frame if name.startswith("Q16_")]
        frame.drop(columns=questions).to_csv(copy.root / CHILDREN, index=False)
        spoil(frame[["CASE_ID", *questions]]).to_csv(copy.root / FOLDER / "part.csv", index=False)
        beside(f"join: [{{file: {FOLDER}/part.csv, by: CASE_ID}}]")(copy)

    return act


def say(setting: str) -> Act:
    """Say something in the country's file."""
    return append(YAML, setting + "\n")


def beside(settings: str) -> Act:
    """Say something about the children's file, beside its name."""
    return edit(YAML, f"children: {CHILDREN}", f"children: {{file: {CHILDREN}, {settings}}}")


def sav(path: Path) -> None:
    """The children's file as SPSS writes it."""
    raw = delivered()["children"]
    deliver.write_sav(raw, path)


def stata(path: Path) -> None:
    """The children's file as Stata writes it."""
    pyreadstat.write_dta(table().astype("str"), path)


def with_letters(path: Path) -> None:
    """A SAS transport file in which one answer is missing with a letter: a byte with it, and zeros."""
    texts = table().drop(columns="Q7").astype("str").replace({"<NA>": "", "nan": ""})
    answers = table()[["Q7"]].astype(float)
    answers.loc[3, "Q7"] = 98.0
    pyreadstat.write_xport(answers.assign(**texts), path)
    path.write_bytes(path.read_bytes().replace(bytes.fromhex("4262000000000000"), b"A" + bytes(7)))


def cut(writer: Callable[[Path], Any], share: float = 0.6) -> Callable[[Path], Any]:
    """A file of which the end is missing."""

    def write(path: Path) -> None:
        writer(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write


def excel(sheets: dict[str, int]) -> Callable[[Path], Any]:
    """A workbook with the children's table on these sheets, so many rows below the top."""

    def write(path: Path) -> None:
        with pd.ExcelWriter(path, engine="xlsxwriter") as book:
            for sheet, below in sheets.items():
                table().to_excel(book, sheet_name=sheet, index=False, startrow=below)
                if below:
                    book.sheets[sheet].write(0, 0, "Children, final data, version 3")

    return write


def declared(path: Path) -> None:
    """An SPSS file that declares a code as missing which the questionnaire does not know."""
    frame = (
        table()[["Q7"]].astype(float).assign(**table().drop(columns="Q7").astype("str").replace("<NA>", ""))
    )
    frame.loc[3, "Q7"] = -7
    pyreadstat.write_sav(frame, path, missing_ranges={"Q7": [{"lo": -9, "hi": -1}]})


def in_latin(path: Path) -> None:
    """An SPSS file that declares UTF-8, with a label in the encoding of older programs."""
    frame = (
        table()[["Q7"]].astype(float).assign(**table().drop(columns="Q7").astype("str").replace("<NA>", ""))
    )
    pyreadstat.write_sav(frame, path, variable_value_labels={"Q7": {1: "Sim", 2: "N~o"}})
    path.write_bytes(path.read_bytes().replace(b"N~o", "Não".encode("windows-1252")))


def long_keys(path: Path) -> None:
    """An SPSS file with keys of 17 digits, as numbers."""
    frame = (
        table().astype("str").replace("<NA>", "").assign(HH_ID=90071992547409921.0 + 16.0 * np.arange(ROWS))
    )
    pyreadstat.write_sav(frame, path)


def late_day(path: Path) -> None:
    """An SPSS file with a day after the year 9999 in a column that is read."""
    seconds = [13.9e9] * ROWS
    seconds[2] = 6.36e12
    frame = table().astype("str").replace("<NA>", "").assign(HH_ID=seconds)
    pyreadstat.write_sav(frame, path, variable_format={"HH_ID": "DATE11"})


def formulas(path: Path) -> None:
    """A workbook in which a weight and a stratum are formulas without a result."""
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        frame = table()
        frame.to_excel(book, sheet_name="Data", index=False)
        for column in ("weight_final", "strata"):
            sheet = book.sheets["Data"]
            sheet.write_formula(3, frame.columns.get_loc(column), "=NA()", None, "#N/A")


def phase_one(spoil: Callable[[pd.DataFrame], pd.DataFrame]) -> Act:
    """Deliver the shared file of phase one, in the documented layout, with two countries that are not Kenya."""

    def act(copy: Any) -> None:
        columns = dict.fromkeys(tests.documented_columns(), 1)
        frame = pd.DataFrame(columns, index=range(20)).assign(COUNTRY=[1, 3] * 10)
        spoil(frame).to_csv(copy.root / "data/raw/DH_12Countries_110222.csv", index=False)
        line = "    children: data/raw/DH_12Countries_110222.csv"
        copy.edit("config.yaml", line.replace("children", "# children"), line)

    return act


# The lists

FILES = [
    Bad(
        "empty file of microdata",
        "0 bytes",
        text(lambda _: ""),
        ("is empty", "ask for it again"),
        HARMONISE,
    ),
    Bad(
        "names of columns and nothing else",
        "the first line alone",
        text(lambda everything: everything.split("\n")[0] + "\n"),
        ("names columns, but holds no respondents",),
        HARMONISE,
    ),
    Bad(
        "text file that is cut off",
        "the last line ends in its middle",
        text(lambda everything: everything[:-100]),
        ("in row 161, but 205 names of columns", "The file may be cut off there"),
        HARMONISE,
    ),
    Bad(
        "SPSS file that is cut off",
        "the first 60 % of it",
        instead("children.sav", cut(sav)),
        ("cannot be read as .sav", "cut off"),
        HARMONISE,
    ),
    Bad(
        "Stata file that is cut off",
        "the first 60 % of it",
        instead("children.dta", cut(stata)),
        ("cannot be read as .dta", "cut off"),
        HARMONISE,
    ),
    Bad(
        "Parquet file that is cut off",
        "the first 60 % of it",
        instead("children.parquet", cut(lambda path: table().astype("str").to_parquet(path))),
        ("cannot be read as .parquet", "cut off"),
        HARMONISE,
    ),
    Bad(
        "Excel file that is cut off",
        "the first 60 % of it",
        instead("children.xlsx", cut(excel({"Data": 0}))),
        ("cannot be read as .xlsx", "cut off"),
        HARMONISE,
    ),
    Bad(
        "Excel file with a password",
        "not a workbook any more, but an encrypted container",
        instead("children.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)),
        ("cannot be read as .xlsx", "protected by a password"),
        HARMONISE,
    ),
    Bad(
        "text with the ending of SPSS",
        "`children.csv` renamed to `children.sav`",
        instead("children.sav", b"CASE_ID,HH_ID\n1,1\n"),
        ("cannot be read as .sav", "of another kind"),
        HARMONISE,
    ),
    Bad(
        "web page with the ending of Excel",
        "as some survey tools export it",
        instead("children.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("cannot be read as .xls", "of another kind"),
        HARMONISE,
    ),
    Bad(
        "Excel file with the ending of text",
        "`children.xlsx` renamed to `renamed.csv`",
        instead("renamed.csv", excel({"Data": 0})),
        ("is no text file", "Give it the ending of its kind"),
        HARMONISE,
    ),
    Bad(
        "SAS transport file with missing values that have a letter",
        "`.A` in a column that is read",
        instead("children.xpt", with_letters),
        ("holds missing values with a letter (.A to .Z)", "in column Q7", "as .sas7bdat"),
        HARMONISE,
    ),
    Bad(
        "folder in place of a file of microdata",
        "a folder called `children.csv`",
        all_of(lambda copy: (copy.root / CHILDREN).unlink(), lambda copy: (copy.root / CHILDREN).mkdir()),
        ("is a folder",),
        HARMONISE,
    ),
    Bad(
        "file of microdata that is not there",
        "`childern.csv` in the configuration",
        edit(YAML, CHILDREN, CHILDREN.replace("children", "childern")),
        (
            "childern.csv\n  does not exist; did you mean children.csv?",
            "data/README.md explains how",
            "1 ERROR",
        ),
        CHECK,
    ),
    Bad(
        "brace in the name of a file",
        "`{children}.csv`",
        edit(YAML, f"children: {CHILDREN}", f"children: '{FOLDER}/{{children}}.csv'"),
        ("microdata.children holds a brace", "Rename the file without { and }."),
    ),
    Bad(
        "another file than the pinned one",
        "delivered anew, and `sha256` of the earlier one in the configuration",
        beside(f"sha256: {'0a' * 32}"),
        ("is not the file that is pinned", "write in config/countries/bra.yaml, under microdata.children:"),
        HARMONISE,
    ),
    Bad(
        "workbook with two sheets",
        "`Data` and `Codes`, none of them named in the configuration",
        instead("children.xlsx", excel({"Data": 0, "Codes": 0})),
        ("has several sheets: Data, Codes", "Write `sheet: ...`"),
        HARMONISE,
    ),
    Bad(
        "sheet that is not there",
        "`sheet: Dta`",
        instead("children.xlsx", excel({"Data": 0, "Codes": 0}), ", sheet: Dta"),
        ("has no sheet Dta; did you mean Data?",),
        HARMONISE,
    ),
    Bad(
        "formulas without a result, in a workbook",
        "`#N/A` for a weight and for a stratum",
        instead("children.xlsx", formulas),
        (
            "column weight_final (weight) holds something that is no number, row 4",
            "column strata (stratum) holds an error of a spreadsheet (such as #N/A: correct the formula",
        ),
        HARMONISE,
    ),
    Bad(
        "title above the names, in a workbook",
        "the names of the columns stand in row 3",
        instead("children.xlsx", excel({"Data": 2})),
        ("seems to have titles above the names of the columns, which are in row 3", "names_in_row: 3"),
        CHECK,
    ),
    Bad(
        "title above the names, in a text file",
        "`Children` in the first line",
        text(lambda everything: "Children\n" + everything),
        ("seems to have titles above the names of the columns, which are in row 2", "names_in_row: 2"),
        HARMONISE,
    ),
    Bad(
        "title above rows without names",
        "`Children` in the first line, and no line of names",
        text(lambda everything: "Children\n" + everything.split("\n", 1)[1]),
        ("the first line must name the columns", "`names_in_row`"),
        HARMONISE,
    ),
    Bad(
        "texts of the questions below the names",
        "a second line, as SurveyCTO and others write it",
        change(with_questions),
        ("seems to have question texts in row 2, below the names", "configuration: skip_rows: [2]"),
        CHECK,
    ),
    Bad(
        "export of Qualtrics",
        "the texts of the questions in row 2 and import codes in row 3",
        change(from_qualtrics),
        ("seems to come from Qualtrics", "configuration: skip_rows: [2, 3]"),
        HARMONISE,
    ),
    Bad(
        "export of SurveyMonkey",
        "questions in row 1, and their options in row 2",
        instead("children.csv", from_survey_monkey),
        ("as SurveyMonkey writes them", "configuration: names_in_row: [1, 2]"),
        HARMONISE,
    ),
    Bad(
        "names in a row that there is not",
        "`names_in_row: 400`",
        beside("names_in_row: 400"),
        ("has no row 400, which should hold the names",),
        HARMONISE,
    ),
    Bad(
        "rows in the middle of the answers that are to be left out",
        "`skip_rows: [7]`",
        beside("skip_rows: [7]"),
        ("skip_rows names others than the rows that follow it", "skip_rows: [2]"),
        HARMONISE,
    ),
    Bad(
        "synthetic file under another name",
        "`SYNTHETIC_bra_children.csv` renamed to `children.csv`",
        change(lambda frame: pd.concat([frame, pd.Series(1, frame.index, name=deliver.MARK)], axis=1)),
        ("comes from the synthetic survey", "Let its name begin with SYNTHETIC"),
        HARMONISE,
    ),
    Bad(
        "caregivers' file in the place of the children's",
        "the same name twice",
        edit(YAML, CHILDREN, CAREGIVERS),
        ("column QS1 is not in the file", "and 187 more"),
        HARMONISE,
    ),
    Bad(
        "microdata outside data/",
        "`new-country` with a file elsewhere",
        lambda copy: (copy.root / "children.csv").write_bytes((copy.root / CHILDREN).read_bytes()),
        ("children.csv is not below data/", "nothing was written"),
        NEW_COUNTRY,
    ),
]

TEXTS = [
    Bad(
        "quote that is not closed in a text file",
        "one quote in one cell",
        text(lambda everything: everything.replace(",S1,", ',"S1,', 1)),
        ("has a quote in row 42 that is not closed", "close the quote"),
        HARMONISE,
    ),
    Bad(
        "separator within a cell",
        "a comma, without quotes around the cell",
        text(lambda everything: everything.replace(",S1,", ",S1,a,", 1)),
        ("has 206 cells in row 42, but 205 names of columns",),
        HARMONISE,
    ),
    Bad(
        "bytes that are no text",
        "300 zeros in the middle",
        text(lambda everything: everything.encode()[:3000] + bytes(300) + everything.encode()[3000:]),
        ("is no text file",),
        HARMONISE,
    ),
    Bad(
        "another encoding than the configuration says",
        "written as windows-1250, and `encoding: utf-8`",
        all_of(
            text(lambda everything: everything.replace(",S1,", ",Š1,").encode("cp1250")),
            beside("encoding: utf-8"),
        ),
        ("is not in the encoding utf-8", "or leave it out: it is detected"),
        HARMONISE,
    ),
    Bad(
        "Unicode of another kind than the configuration says",
        "written as utf-8, and `encoding: utf-16`",
        beside("encoding: utf-16"),
        ("is not in the encoding",),
        HARMONISE,
    ),
    Bad(
        "another separator than the configuration says",
        'commas, and `separator: ";"`',
        beside('separator: ";"'),
        ("has none of the 204 columns that are mapped", "`separator`"),
        HARMONISE,
    ),
    Bad(
        "decimal commas against the configuration",
        '`0,5` in the file, and `decimal: "."`',
        all_of(change(lambda frame: frame.assign(weight_final="0,5"), sep=";"), beside('decimal: "."')),
        ("column weight_final (weight) holds something that is no number, rows 2, 3, 4 and others",),
        HARMONISE,
    ),
    Bad(
        "SPSS file that is not in the encoding that it declares",
        "a label in windows-1252, and UTF-8 declared in the file",
        instead("children.sav", in_latin),
        (
            "is not in the encoding UTF-8, which the file declares: see the labels of values of column Q7",
            "`encoding: windows-1252` beside `file:` in the configuration reads it",
        ),
        HARMONISE,
    ),
]

COLUMNS = [
    Bad(
        "key with more digits than a number keeps",
        "`HH_ID` with 17 digits, stored as a number in an SPSS file",
        instead("children.sav", long_keys),
        ("column HH_ID holds whole numbers above 9,007,199,254,740,991", "with this column as text"),
        HARMONISE,
    ),
    Bad(
        "date that no calendar has",
        "a day after the year 9999 in a column that is read",
        instead("children.sav", late_day),
        ("column HH_ID holds dates before the year 1 or after the year 9999, row 3",),
        HARMONISE,
    ),
    Bad(
        "column under another name",
        "`Q9_01` for `Q9_1`",
        change(lambda frame: frame.rename(columns={"Q9_1": "Q9_01"})),
        ("column Q9_1 is not in the file; did you mean Q9_01?", "`not_asked`"),
        HARMONISE,
    ),
    Bad(
        "columns that differ by letter case only",
        "`Q9_1` and `q9_1`",
        text(lambda everything: everything.replace("Q9_2", "q9_1", 1)),
        ("columns Q9_1 and q9_1 differ by letter case only", "rename or remove one in the file"),
        HARMONISE,
    ),
    Bad(
        "two columns of one name",
        "`Q9_1` twice",
        text(lambda everything: everything.replace("Q9_2", "Q9_1", 1)),
        ("column Q9_1 appears twice in the file, as its columns ",),
        HARMONISE,
    ),
    Bad(
        "a column of a question with several answers is missing",
        "no `Q16_1_3`",
        change(lambda frame: frame.drop(columns=["Q16_1_3"])),
        ("column Q16_1_3 is not in the file",),
        HARMONISE,
    ),
    Bad(
        "no weights",
        "no `weight_final`",
        change(lambda frame: frame.drop(columns=["weight_final"])),
        ("column weight_final is not in the file",),
        HARMONISE,
    ),
    Bad(
        "no clusters",
        "no `ea_id`",
        change(lambda frame: frame.drop(columns=["ea_id"])),
        ("column ea_id is not in the file",),
        HARMONISE,
    ),
    Bad(
        "column that tells the rows is not there",
        "`where: {RESP_TYPE: 1}`",
        beside("where: {RESP_TYPE: 1}"),
        ("column RESP_TYPE is not in the file",),
        HARMONISE,
    ),
    Bad(
        "nobody fits",
        "`where: {QS1: 3}`",
        beside("where: {QS1: 3}"),
        ("has no row with QS1 = 3 (Brazil)", "Correct `where`"),
        HARMONISE,
    ),
    Bad(
        "country that is not in the shared file",
        "the file holds countries 1 and 3, and Kenya is 2",
        phase_one(lambda frame: frame),
        ("has no row with COUNTRY = 2 (Kenya)", "Correct `code` in config/countries/ken.yaml."),
        harmonise("ken"),
    ),
    Bad(
        "one question in two groups",
        "`sec3/Q7` and `sec4/Q7`, as Kobo writes groups",
        change(lambda frame: frame.rename(columns={"Q7": "sec3/Q7"}).copy().assign(**{"sec4/Q7": 1})),
        ("column Q7 could be sec3/Q7 or sec4/Q7: write the whole name in the configuration",),
        HARMONISE,
    ),
    Bad(
        "two columns that end with a wanted name",
        "`S4_G17` and `S5_G17`",
        phase_one(lambda frame: frame.rename(columns={"G17": "S4_G17"}).assign(S5_G17=1, COUNTRY=2)),
        ("column G17 could be S4_G17 or S5_G17: write the whole name in the configuration",),
        harmonise("ken"),
    ),
    Bad(
        "part of the questionnaire in a file of its own, in which a respondent occurs twice",
        "`join: [{file: part.csv, by: CASE_ID}]`, and one key in rows 2 and 162",
        in_two_files(lambda part: pd.concat([part, part.head(1)])),
        (
            "data/raw/bra/part.csv\n  has the same key (CASE_ID) more than once, rows 2, 162",
            "One row per respondent is needed",
        ),
        CHECK,
    ),
    Bad(
        "part of the questionnaire without some respondents",
        "two rows are missing in the joined file, and one has another key",
        in_two_files(lambda part: part.iloc[2:].replace({part["CASE_ID"].iloc[5]: "X-1"})),
        (
            "3 rows of data/raw/bra/children.csv without a row of data/raw/bra/part.csv by CASE_ID: rows 2, 3, 7",
            "1 row of data/raw/bra/part.csv without a row of data/raw/bra/children.csv by CASE_ID: row 5",
            "accept_unjoined: true",
        ),
        HARMONISE,
    ),
    Bad(
        "mapped column that both joined files have",
        "`Q7`",
        in_two_files(lambda part: part.copy().assign(Q7=1)),
        ("column Q7 is in data/raw/bra/children.csv and in data/raw/bra/part.csv: rename or remove one",),
        HARMONISE,
    ),
    Bad(
        "joined file that is not there",
        "`part.csv` in the configuration",
        beside(f"join: [{{file: {FOLDER}/part.csv, by: CASE_ID}}]"),
        ("data/raw/bra/part.csv\n  does not exist",),
        CHECK,
    ),
    Bad(
        "every interview twice",
        "an export that was made twice, the second time in another order and with other weights",
        doubled(1),
        ("about 50% of the rows of children for Brazil repeat", "accept_identical_rows: [children]"),
        HARMONISE,
    ),
    Bad(
        "a part of the caregivers twice",
        "a third of their rows occurs a second time",
        doubled(1 / 3, "caregivers"),
        ("about 25% of the rows of caregivers for Brazil repeat", "accept_identical_rows: [caregivers]"),
        CHECK,
    ),
]

CODES = [
    Bad(
        "codes without a meaning",
        "3 and 4 in a question with 1 and 2",
        cells("Q7", {5: 3, 8: 4}),
        ("column Q7: 3, 4 are not mapped", "config/questionnaires/phase_two.yaml"),
        HARMONISE,
    ),
    Bad(
        "what a child said, in a column of codes",
        "words in two rows",
        cells("Q7", {5: SECRET, 9: SECRET}),
        ("column Q7 holds something that is no code, rows 5, 9",),
        HARMONISE,
    ),
    Bad(
        "numbers and words in one column",
        "`1a` and `what?` among 1 and 2",
        cells("Q8_1", {5: "1a", 9: "what?"}),
        ("column Q8_1 holds something that is no code, rows 5, 9",),
        HARMONISE,
    ),
    Bad(
        "texts for an empty cell, in columns of codes and of numbers",
        "`NA` and `.`",
        change(lambda frame: spoilt_by(frame, Q8_1={5: ".", 9: "NA"}, weight_final={4: "NA"})),
        (
            "column Q8_1 holds . and NA, rows 5, 9: if this means an empty cell",
            "column weight_final holds NA, row 4",
            'missing_texts: [".", "NA"]',
        ),
        CHECK,
    ),
    Bad(
        "text for an empty cell, in a column of strata",
        "`-`",
        cells("strata", {5: "-"}),
        ("column strata holds -, row 5: if this means an empty cell", "with missing_texts: []"),
        HARMONISE,
    ),
    Bad(
        "number among the texts for an empty cell",
        '`missing_texts: ["99"]`',
        beside('missing_texts: ["99"]'),
        ("missing_texts holds a number, 99", "List it under `missing`"),
    ),
    Bad(
        "rows of names for a file that has none",
        "`names_in_row` for an SPSS file",
        instead("children.sav", sav, ", names_in_row: 2"),
        ("names_in_row does not belong here: the file is SPSS",),
    ),
    Bad(
        "labels in the place of codes",
        "exported as `Yes` and `No`",
        change(lambda frame: frame.assign(Q7=frame["Q7"].map({1: "Yes", 2: "No"}))),
        (
            "column Q7 holds words instead of codes (export codes without labels",
            "1 (yes) is mapped, but never",
        ),
        HARMONISE,
    ),
    Bad(
        "codes that a spreadsheet took for dates",
        "`2021-01-02` for 1-2",
        cells("Q7", {3: "2021-01-02"}),
        ("column Q7 holds something that is no code, row 3",),
        HARMONISE,
    ),
    Bad(
        "code that never occurs",
        "everyone answers 1",
        cells("Q7", 1),
        ("column Q7: 2 (no) is mapped, but never occurs", "optional_values of knows_where_to_get_help"),
        HARMONISE,
    ),
    Bad(
        "another code for a chosen option",
        "2 in a column of 0 and 1",
        cells("Q16_1_3", {5: 2}),
        ("column Q16_1_3: 2 is not mapped",),
        HARMONISE,
    ),
    Bad(
        "what a child said, in the column of an option",
        "words in one row",
        cells("Q16_1_3", {5: SECRET}),
        ("column Q16_1_3 holds something that is no code, row 5",),
        HARMONISE,
    ),
    Bad(
        "code that SPSS declares as missing, without a meaning",
        "-7, in the missing range of the file",
        instead("children.sav", declared),
        ("column Q7: -7 is not mapped (declared missing in the file: -7; see `user_missing`)",),
        HARMONISE,
    ),
    Bad(
        "age in words",
        "`twelve`",
        cells("QS2", {5: "twelve"}),
        ("column QS2 (age) holds something that is no number, row 5",),
        HARMONISE,
    ),
    Bad(
        "age with words around it",
        "`13 years`",
        change(lambda frame: frame.assign(QS2=frame["QS2"].astype(str) + " years")),
        (
            "column QS2 (age) holds something that is no number, rows 2, 3, 4 and others; a number",
            "`extract`",
        ),
        CHECK,
    ),
    Bad(
        "dates of birth in another form, and one after the interview",
        "`age: {born: QS2, interviewed: start}`, and `4.5.2009`, an empty cell and `2022-01-01` among the dates",
        all_of(change(with_dates), say("variables:\n  age: {born: QS2, interviewed: start}")),
        (
            "column QS2 (for age) is empty, row 6; complete it",
            "column QS2 (for age) holds something that is no date such as 2009-05-04, row 5; where they are written",
            "column start holds a date before that of birth in column QS2, row 7",
        ),
        CHECK,
    ),
    Bad(
        "age in months",
        "144 for 12",
        change(lambda frame: frame.assign(QS2=frame["QS2"] * 12)),
        ("column QS2 (age) holds no 12 to 17 for Brazil", "completed years"),
        HARMONISE,
    ),
    Bad(
        "no age",
        "an empty column",
        cells("QS2", ""),
        ("column QS2 (age) holds no 12 to 17 for Brazil",),
        HARMONISE,
    ),
    Bad(
        "follow-ups answered by everyone, the question before by nobody",
        "the columns of the nine forms are empty",
        change(lambda frame: frame.assign(**{name: "" for name in frame if name.startswith("Q12_")})),
        (
            "ERROR    Answered, but should not have been asked (children)",
            "Compare the codes of this question",
        ),
        CHECK,
    ),
]

WEIGHTS = [
    Bad(
        "weights that are all empty",
        "an empty column",
        cells("weight_final", ""),
        ("column weight_final holds no weight for Brazil",),
        HARMONISE,
    ),
    Bad(
        "weights that are all 0",
        "a column of 0",
        cells("weight_final", 0),
        ("column weight_final holds no weight for Brazil",),
        HARMONISE,
    ),
    Bad(
        "negative weight",
        "-1 in one row",
        cells("weight_final", {4: -1}),
        ("column weight_final (weight) holds negative weights, row 4",),
        HARMONISE,
    ),
    Bad(
        "weight that is no number",
        "words in one row",
        cells("weight_final", {4: SECRET}),
        ("column weight_final (weight) holds something that is no number, row 4",),
        HARMONISE,
    ),
    Bad(
        "weight without end",
        "`inf` in one row",
        cells("weight_final", {4: "inf"}),
        ("column weight_final (weight) holds something that is no number, row 4",),
        HARMONISE,
    ),
    Bad(
        "error of a spreadsheet for a weight",
        "`#DIV/0!` in one row",
        cells("weight_final", {4: "#DIV/0!"}),
        ("column weight_final (weight) holds something that is no number, row 4",),
        HARMONISE,
    ),
    Bad(
        "weights whose point may stand between thousands",
        "`1.310` beside `987`",
        change(lambda frame: frame.assign(weight_final=["1.310", "987"] * (ROWS // 2))),
        (
            "column weight_final (weight) has exactly three digits after each point or comma",
            'decimal: "." or decimal: ","',
        ),
        HARMONISE,
    ),
    Bad(
        "code for a respondent without weight",
        "`9999` in one row",
        cells("weight_final", {4: 9999}),
        (
            "column weight_final (weight) holds round numbers far above all other weights, row 4",
            "list them under `missing` of weight",
            "design.accept_round_weights: true",
        ),
        HARMONISE,
    ),
]

DESIGN = [
    Bad(
        "stratum missing in a row",
        "one empty cell",
        cells("strata", {4: ""}),
        ("column strata (stratum) is empty in row 4", "design.weights_only: true"),
        HARMONISE,
    ),
    Bad(
        "clusters that are all empty",
        "an empty column",
        cells("ea_id", ""),
        ("column ea_id (psu) is empty in rows 2, 3, 4 and others",),
        HARMONISE,
    ),
    Bad(
        "stratum of a single sampling unit",
        "two rows in a stratum of their own",
        cells("strata", {4: "S9", 5: "S9"}),
        (
            "the stratum has a single sampling unit (column ea_id) in rows 4, 5",
            "design.merge_strata",
        ),
        HARMONISE,
    ),
    Bad(
        "what a child said, in the column of the stratum",
        "words in one row",
        cells("strata", {4: SECRET}),
        ("column strata (stratum): the stratum has a single sampling unit", "in row 4"),
        HARMONISE,
    ),
    Bad(
        "merged stratum that does not occur",
        "`merge_strata: {north: [S1, S5]}`",
        say("design: {merge_strata: {north: [S1, S5]}}"),
        ("column strata (stratum) has no S5, which design.merge_strata names",),
        HARMONISE,
    ),
    Bad(
        "caregivers that belong to no child",
        "another key in the caregivers' file",
        change(lambda frame: frame.assign(HH_ID=range(ROWS)), "caregivers"),
        ("no caregiver can be linked to a child", "list it under not_asked"),
        HARMONISE,
    ),
    Bad(
        "identifier for a sampling unit",
        "another unit for each respondent",
        change(lambda frame: frame.assign(ea_id=range(1000, 1000 + ROWS))),
        (
            "column ea_id (psu) is different for every respondent, as an identifier is",
            "design.weights_only: true",
        ),
        HARMONISE,
    ),
    Bad(
        "one sampling unit in two spellings",
        "`1` for `001` in two rows",
        cells("ea_id", {10: "1", 11: "1"}),
        ("column ea_id (psu) writes one number in two ways, as in 1 and 01, rows 10, 11",),
        HARMONISE,
    ),
    Bad(
        "design that is delivered and not used",
        "`weights_only: true`, and complete columns of strata and sampling units",
        say("design: {weights_only: true}"),
        (
            "column ea_id (psu) is complete, but design.weights_only in config/countries/bra.yaml leaves it out",
            "list psu under not_asked",
        ),
        HARMONISE,
    ),
    Bad(
        "caregivers of children who are left out, without a link",
        "two children of 11, and no key of households",
        all_of(cells("QS2", {4: 11, 5: 11}), edit(YAML, "not_asked: [", "not_asked: [household_id, ")),
        (
            "holds children outside the ages 12 to 17, who are left out, and no household_id links",
            "eligibility.accept_unlinked_caregivers: true",
        ),
        HARMONISE,
    ),
    Bad(
        "two caregivers of one household",
        "the key of row 2 in two more rows",
        cells("HH_ID", {4: "H000", 5: "H000"}, "caregivers"),
        ("column HH_ID (household_id) names the same household for two caregivers, rows 2, 4, 5",),
        HARMONISE,
    ),
    Bad(
        "everything at once",
        "a column, a code, a weight and a stratum in two rows",
        change(
            lambda frame: frame.rename(columns={"Q9_1": "Q9_01"}).assign(
                Q7=[3, *frame["Q7"][1:]],
                weight_final=[-1, *frame["weight_final"][1:]],
                strata=["S0", "", *frame["strata"][2:]],
            )
        ),
        (
            "column Q9_1 is not in the file",
            "column Q7: 3 is not mapped",
            "negative weights, row 2",
            "is empty in row 3",
        ),
        HARMONISE,
    ),
]

WORDS = [
    Bad(
        "country that does not exist",
        "`check Brasilia`",
        lambda copy: None,
        ("'Brasilia' is no country, phase or region; did you mean brazil?",),
        Command(("check", "Brasilia")),
    ),
    Bad(
        "code of a country in capitals",
        "`new-country SRB`",
        lambda copy: None,
        ("SRB",),
        Command(("new-country", "SRB", "--microdata", CHILDREN)),
    ),
    Bad(
        "country that has its file",
        "`new-country bra`",
        lambda copy: None,
        ("config/countries/bra.yaml", "--force"),
        Command(("new-country", COUNTRY, "--microdata", CHILDREN)),
    ),
    Bad(
        "folder that holds no results",
        "`diff results elsewhere`",
        lambda copy: None,
        ("contains no tables of estimates",),
        Command(("diff", "results", "elsewhere")),
    ),
]

DATA = [*FILES, *TEXTS, *COLUMNS, *CODES, *WEIGHTS, *DESIGN, *WORDS]
GROUPS = {
    "Files": FILES,
    "Encodings and texts": TEXTS,
    "Columns and rows": COLUMNS,
    "Codes and ages": CODES,
    "Weights": WEIGHTS,
    "Design and links": DESIGN,
    "Commands": WORDS,
    "Settings": bad_inputs.SETTINGS,
    "Paths": bad_inputs.PATHS,
    "YAML": bad_inputs.YAML,
    "Configuration files": bad_inputs.TEXT,
}
"""Every bad input, under the headings of the page."""


# What is said

PAGE = "docs/bad-inputs.md"
WRITE = "python tests/workflow/bad_data.py"
INTRODUCTION = f"""\
# Bad inputs

What was tried to make the project stumble, and what it answers: exit code 1, this message, and `results/` as it was
before. No message holds what a child said. The files of these examples are made up: 160 rows in 205 columns.

Made by `{WRITE}` from the lists that the tests go through (there, and in
`tests/config/bad_inputs.py`); do not edit.
"""


def copied(folder: Path) -> Any:
    """A copy of the project with two countries, small delivered files, and results of an earlier run."""
    copy = tests.Copy(folder)
    (folder / "notebooks").symlink_to(ROOT / "notebooks")
    for file in EARLIER:
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_text("as it was")
    return copy


def message(bad: Any, folder: Path) -> str:
    """What is said to a bad input, tried in an empty folder."""
    copy = copied(folder)
    if bad in DATA:
        prepare(copy)
    bad.act(copy)
    try:
        bad.ask(copy.root)
    except (RefusedError, config.ConfigurationError, plan.StopError) as error:
        return str(error)
    raise AssertionError(f"{bad.name}: nothing is wrong with it")


def page(messages: Callable[[Any], str]) -> str:
    """The page for the docs: every bad input under its heading, with what it is answered with."""
    lines = [INTRODUCTION]
    for group, group_members in GROUPS.items():
        lines += [f"* [{group}](#{group.lower().replace(' ', '-')}): {len(group_members)}"]
    for group, group_members in GROUPS.items():
        lines += ["", f"## {group}"]
        for bad in group_members:
            command = bad.ask if isinstance(bad.ask, Command) else "snakemake"
            lines += [
                "",
                f"**{bad.name[0].upper()}{bad.name[1:]}**: {bad.done}",
                "",
                "```text",
                f"$ {command}",
            ]
            lines += [*messages(bad).splitlines(), "```"]
    return "\n".join(lines) + "\n"


def write() -> None:
    """Write the page anew."""

    def answer(bad: Any) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return message(bad, Path(folder))

    (ROOT / PAGE).write_text(page(answer), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
