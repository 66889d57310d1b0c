"""The mapping sheet: it says the same as the country's file, takes what people write, and names the cells of slips."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from disrupting_harm.cli import app
from disrupting_harm.config import load
from disrupting_harm.delivered.formats import ReadOptions
from disrupting_harm.new_country import Wishes, new_country, sheet, with_sheet
from disrupting_harm.new_country.inspection import inspect
from disrupting_harm.new_country.sheet.rows import CODES, COLUMNS, HEADINGS
from disrupting_harm.new_country.sheet.settings import pattern_with_rests
from disrupting_harm.new_country.with_sheet import Finding

pytestmark = pytest.mark.slow

REGION = Wishes(region="South America", phase="phase_two")


@pytest.fixture
def workspace(copy, monkeypatch, other_survey):
    """A copy of the project with the delivered files of a new country that has a questionnaire of its own."""
    (copy.root / "data/raw/guy").mkdir(parents=True)
    for table in ("children", "caregivers"):
        shutil.copy(getattr(other_survey, table), copy.root / f"data/raw/guy/{table}.sav")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture(scope="module")
def once(copies, other_survey, tmp_path_factory):
    """The sheet that is proposed for these files, made once."""
    copy = copies()
    folder = copy.root / "data/raw/guy"
    folder.mkdir(parents=True)
    for table in ("children", "caregivers"):
        shutil.copy(getattr(other_survey, table), folder / f"{table}.sav")
    path = tmp_path_factory.mktemp("sheet") / "guy.xlsx"
    with_sheet.propose(copy.load(), "guy", path, folder / "children.sav", folder / "caregivers.sav", REGION)
    return path


@pytest.fixture
def proposed(workspace, once):
    """A copy of that sheet that a test may change, and the project."""
    return workspace.load(), Path(shutil.copy(once, workspace.root / "guy.xlsx"))


def edit(path, **cells):
    """Change cells as a person does, and save: edit(path, Columns={("Q3", "Variable"): "sex"}), rows by the column."""
    book = openpyxl.load_workbook(path)
    for part, changes in cells.items():
        page = book[part]
        header = [cell.value for cell in page[1]]
        named = header.index("Column") if "Column" in header else 0
        for (*row, heading), value in changes.items():
            rows = [cells for cells in page.iter_rows(min_row=2) if cells[named].value == row[0]]
            if len(row) > 1:
                rows = [cells for cells in rows if cells[header.index("Code")].value == row[1]]
            rows[0][header.index(heading)].value = value
    book.save(path)


def where(path, part, heading, *row):
    """A cell as a spreadsheet names it."""
    page = openpyxl.load_workbook(path)[part]
    header = [cell.value for cell in page[1]]
    named = header.index("Column") if "Column" in header else 0
    for cells in page.iter_rows(min_row=2):
        if cells[named].value == row[0] and (len(row) == 1 or cells[header.index("Code")].value == row[1]):
            return f"{part}!{cells[header.index(heading)].coordinate}"
    raise AssertionError(row)


def resolved(project, iso3):
    """What is read from the files of a country, variable by variable."""
    country = project.countries[iso3]
    return {table: getattr(country, table).variables for table in ("children", "caregivers")}


# The same as the file


@pytest.mark.parametrize("iso3", ["bra", "moz"])
def test_sheet_and_file_are_equivalent(project, synthetic_files, iso3, tmp_path):
    """Brazil has files of its own; Mozambique a shared one in which names are found by ending, and a void item."""
    content = yaml.safe_load((project.root / f"config/countries/{iso3}.yaml").read_text(encoding="utf-8"))
    looks = {
        table: inspect(project, file, ReadOptions(), file.name, table)
        for table, file in zip(("children", "caregivers"), synthetic_files(iso3), strict=True)
    }
    path = tmp_path / "country.xlsx"
    sheet.write(sheet.fill(project, content, looks), project.codebook, path, "command")
    assert sheet.content(project, sheet.read(path, project)) == content
    first = path.read_bytes()
    sheet.write(sheet.fill(project, content, looks), project.codebook, path, "command")
    assert path.read_bytes() == first
    assert openpyxl.load_workbook(path)["Read me"]["A1"].value == "Mapping sheet (SYNTHETIC DATA)"


def test_the_proposed_sheet_stands_for_the_proposed_file(workspace, proposed):
    project, path = proposed
    folder = workspace.root / "data/raw/guy"
    new_country(project, "guy", folder / "children.sav", folder / "caregivers.sav", REGION)
    file = workspace.root / "config/countries/guy.yaml"
    of_file = yaml.safe_load(file.read_text(encoding="utf-8"))
    entries = resolved(load(workspace.root), "guy")
    with_sheet.read(project, "guy", path, force=True)
    of_sheet = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert {key: of_sheet.get(key) for key in of_file if "variables" not in key and key != "not_asked"} == {
        key: value for key, value in of_file.items() if "variables" not in key and key != "not_asked"
    }
    assert set(of_sheet["not_asked"]) == set(of_file["not_asked"])
    assert resolved(load(workspace.root), "guy") == entries


def test_a_country_with_a_file_gives_a_sheet_that_changes_nothing(workspace, proposed):
    project, path = proposed
    with_sheet.read(project, "guy", path)
    file = workspace.root / "config/countries/guy.yaml"
    before = yaml.safe_load(file.read_text(encoding="utf-8"))
    again = workspace.root / "again.xlsx"
    with_sheet.of_country(load(workspace.root), "guy", again)
    with_sheet.read(load(workspace.root), "guy", again, force=True)
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == before


# What people write


def test_what_a_person_decides_comes_into_the_file(workspace, proposed):
    project, path = proposed
    rows = sheet.read(path, project)
    unused = next(row for row in rows.columns if row.table == "children" and not row.variable and row.codes)
    taken = next(row for row in rows.columns if row.variable == "knows_where_to_get_help")
    first, second = [code.code for code in rows.codes if code.column == unused.column][:2]
    edit(
        path,
        Columns={
            (taken.column, "Variable"): None,
            (unused.column, "Variable"): "knows_where_to_get_help",
            (unused.column, "Decided by"): "Ana",
            (unused.column, "On"): "2026-11-30",
        },
        Codes={
            (unused.column, first, "Meaning"): "no",
            (unused.column, second, "Meaning"): "yes",
        },
        Country={("name", "Value"): "Guyana (pilot)", ("name", "Decided by"): "Luis"},
    )
    with_sheet.read(project, "guy", path)
    text = (workspace.root / "config/countries/guy.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    entry = content["variables"]["knows_where_to_get_help"]
    assert entry["column"] == unused.column
    assert {str(code): meaning for code, meaning in entry["values"].items()} == {first: "no", second: "yes"}
    assert content["name"] == "Guyana (pilot)"
    assert "# check: decided by Ana on 2026-11-30" in text
    assert "# decided by Luis" in text


def test_a_number_that_a_spreadsheet_makes_of_a_code_is_the_code(proposed):
    """Excel stores 1 as 1.0; the sheet reads 1."""
    project, path = proposed
    row = next(row for row in sheet.read(path, project).codes if row.code == "1" and row.meaning)
    edit(path, Codes={(row.column, "1", "Code"): 1.0})
    assert row.code in [code.code for code in sheet.read(path, project).codes if code.column == row.column]


def test_a_code_without_a_meaning_is_still_to_decide(workspace, proposed):
    project, path = proposed
    row = next(row for row in sheet.read(path, project).codes if row.meaning == "girl")
    edit(path, Codes={(row.column, row.code, "Meaning"): None})
    written = with_sheet.read(project, "guy", path)
    cell = where(path, CODES, "Meaning", row.column, row.code)
    assert f"sex: what does {row.code} mean? ({cell})" in written.decisions
    assert f"sex: what does {row.code} mean?" in (workspace.root / "config/countries/guy.yaml").read_text(
        "utf-8"
    )


# Slips


def slips(proposed, **cells):
    project, path = proposed
    edit(path, **cells)
    with pytest.raises(sheet.SheetError) as caught:
        sheet.read(path, project)
    assert str(caught.value).splitlines()[0] == path.name
    assert str(caught.value).splitlines()[-1] == "Nothing was written."
    return caught.value.findings


def test_a_variable_that_does_not_exist(proposed):
    project, path = proposed
    row = next(row for row in sheet.read(path, project).columns if row.variable == "sex")
    cell = where(path, COLUMNS, "Variable", row.column)
    findings = slips(proposed, Columns={(row.column, "Variable"): "sexo"})
    assert f"{cell}: 'sexo' is not a variable of children; did you mean sex?" in findings


def test_a_meaning_that_does_not_exist(proposed):
    project, path = proposed
    row = next(row for row in sheet.read(path, project).codes if row.meaning == "girl")
    cell = where(path, CODES, "Meaning", row.column, row.code)
    assert slips(proposed, Codes={(row.column, row.code, "Meaning"): "gril"}) == [
        f"{cell}: 'gril' is no answer of sex; did you mean girl?"
    ]


def test_a_variable_twice(proposed):
    project, path = proposed
    rows = sheet.read(path, project).columns
    held = next(row for row in rows if row.variable == "sex")
    other = next(row for row in rows[rows.index(held) + 1 :] if row.table == "children" and not row.option)
    cell = where(path, COLUMNS, "Variable", other.column)
    findings = slips(proposed, Columns={(other.column, "Variable"): "sex"})
    assert (
        findings[0] == f"{cell}: sex is held by the column {held.column} already; empty one of the two cells"
    )


def test_an_option_that_is_missing_or_does_not_exist(proposed):
    project, path = proposed
    row = next(row for row in sheet.read(path, project).columns if row.option == "friend")
    cell = where(path, COLUMNS, "Option", row.column)
    assert slips(proposed, Columns={(row.column, "Option"): None}) == [
        f"{cell}: {row.variable} has several answers; write which option the column {row.column} holds"
    ]
    findings = slips(proposed, Columns={(row.column, "Option"): "freind"})
    assert findings == [f"{cell}: 'freind' is no option of {row.variable}; did you mean friend?"]


def test_headings_and_sheets_are_needed(proposed, tmp_path):
    project, path = proposed
    book = openpyxl.load_workbook(path)
    book[COLUMNS]["F1"].value = "Variables"
    book.save(path)
    with pytest.raises(
        sheet.SheetError, match="Columns!A1: has no column headed 'Variable'; keep the first row"
    ):
        sheet.read(path, project)
    del book[CODES]
    book.save(path)
    with pytest.raises(sheet.SheetError, match="has no sheet 'Codes': keep the names of the sheets"):
        sheet.read(path, project)
    (tmp_path / "text.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(sheet.SheetError, match="cannot be read as a workbook"):
        sheet.read(tmp_path / "text.xlsx", project)


# Commands, and what is to correct


def test_commands(workspace):
    children, caregivers = (f"data/raw/guy/{table}.sav" for table in ("children", "caregivers"))
    run = CliRunner()
    started = [
        "new-country",
        "guy",
        "--microdata",
        children,
        "--caregivers",
        caregivers,
        "--region",
        "South America",
    ]
    made = run.invoke(app, [*started, "--phase", "phase_two", "--sheet", "guy.xlsx"])
    assert made.exit_code == 0, made.output
    assert "disrupting-harm new-country guy --from-sheet guy.xlsx" in made.output
    assert not (workspace.root / "config/countries/guy.yaml").exists()
    read = run.invoke(app, ["new-country", "guy", "--from-sheet", "guy.xlsx"])
    assert read.exit_code == 0, read.output
    assert (workspace.root / "config/countries/guy.yaml").exists()
    again = run.invoke(app, ["new-country", "guy", "--from-sheet", "guy.xlsx"])
    assert "already exists" in str(again.exception)
    neither = run.invoke(app, ["new-country", "guy"])
    assert neither.exit_code == 2
    wrong = run.invoke(app, [*started, "--sheet", "Data"])
    assert "--worksheet" in str(wrong.exception)


def test_findings_stand_beside_the_column(proposed):
    project, path = proposed
    rows = sheet.read(path, project).columns
    sex, age = (next(row for row in rows if row.variable == name) for name in ("sex", "age"))
    findings = [
        Finding("no girls", "children", "sex"),
        Finding(f"column {age.column} holds a text, row 7"),
        Finding("the file is empty"),
    ]
    checked = with_sheet.with_findings(project, "guy", path, findings)
    assert checked.name == "guy_checked.xlsx"
    again = sheet.read(checked, project)
    by_column = {row.column: row.finding for row in again.columns if row.finding}
    assert by_column[sex.column] == "no girls"
    assert by_column[age.column] == f"column {age.column} holds a text, row 7"
    assert next(row.finding for row in again.settings if row.setting == "iso3") == "the file is empty"
    assert sheet.content(project, again) == sheet.content(project, sheet.read(path, project))


# What may be in it


def test_no_answer_of_anybody_is_in_the_workbook(proposed, other_questionnaire):
    _, path = proposed
    book = openpyxl.load_workbook(path)
    texts = {
        str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.value is not None
    }
    assert not [text for text in texts if other_questionnaire.SECRET in text]
    assert set(HEADINGS) | {"Read me", "Words", "Lists"} == set(book.sheetnames)
    assert book["Lists"].sheet_state == "hidden"


@pytest.mark.parametrize(
    ("names", "pattern", "rest"),
    [
        (["Q13_1_1", "Q13_1_2"], "Q13_1_{code}", ["1", "2"]),
        (["Q13_1", "Q13_10", "Q13_11"], "Q13_{code}", ["1", "10", "11"]),
        (["Q13_10", "Q13_11"], "Q13_{code}", ["10", "11"]),
        (["G8_1_G1a", "G8_2_G1a"], "G8_{code}_G1a", ["1", "2"]),
        (["a1x2", "a2x2"], "a{code}x2", ["1", "2"]),
        (["mother", "police"], "{code}", ["mother", "police"]),
        (["Q13", "Q13_2"], "Q{code}", ["13", "13_2"]),
        (["only"], "onl{code}", ["y"]),
    ],
)
def test_names_of_columns_have_a_pattern(names, pattern, rest):
    """Whatever the names: a pattern, and a rest for each that gives the name back."""
    assert pattern_with_rests(names, "code") == (pattern, rest)
    assert [pattern.replace("{code}", part) for part in rest] == names


def test_a_variable_that_no_column_holds_any_more_was_not_asked(workspace, proposed):
    """Whoever empties a cell need not say so twice; and without weights the file says what is still to decide."""
    project, path = proposed
    rows = {row.variable: row.column for row in sheet.read(path, project).columns if row.table == "children"}
    edit(path, Columns={(rows[name], "Variable"): None for name in ("self_harm", "weight")})
    written = with_sheet.read(project, "guy", path)
    content = yaml.safe_load((workspace.root / "config/countries/guy.yaml").read_text(encoding="utf-8"))
    assert "self_harm" in content["not_asked"]
    assert "weight" not in content["not_asked"]
    assert (
        "weight: which column of children holds it?" in written.decisions
    )  # whatever the caregivers' file has


def test_what_a_file_may_lack_is_said_in_the_file(proposed):
    """Caregivers without an area: the questionnaire does not let a file lack it, so the country's file does."""
    project, path = proposed
    row = next(
        row
        for row in sheet.read(path, project).columns
        if (row.table, row.variable) == ("caregivers", "area")
    )
    edit(path, Columns={(row.column, "Variable"): None})
    book = openpyxl.load_workbook(path)
    page = book["Not asked"]
    header = [cell.value for cell in page[1]]
    values = {"File": "caregivers", "Variable": "area", "Status": "not in the file"}
    page.append([values.get(heading, "") for heading in header])
    book.save(path)
    content = sheet.content(project, sheet.read(path, project))
    assert content["caregiver_variables"]["area"] == {"may_be_absent": True}
    assert "area" not in content["not_asked"]
