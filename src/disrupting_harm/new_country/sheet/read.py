"""Read a mapping sheet that Excel or LibreOffice has saved; what is wrong is named by its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from disrupting_harm.config import SPECIAL, Codebook, Project, did_you_mean
from disrupting_harm.config.entries.codebook import TABLES, Variable
from disrupting_harm.config.entries.questionnaire import MappingEntry
from disrupting_harm.new_country.sheet.fill import FURTHER, QUESTIONNAIRE, words
from disrupting_harm.new_country.sheet.rows import (
    ABSENT,
    BORN,
    CODES,
    COLUMNS,
    HEADINGS,
    INTERVIEWED,
    LIST,
    MENTION,
    NO_NUMBER,
    NOT_USABLE,
    SETTINGS,
    STATUSES,
    AbsentRow,
    CodeRow,
    ColumnRow,
    MappingSheet,
    SettingRow,
    cell,
    required,
)

_ROWS: dict[str, Callable[..., Any]] = {
    COLUMNS: ColumnRow,
    CODES: CodeRow,
    SETTINGS: SettingRow,
    ABSENT: AbsentRow,
}


class SheetError(Exception):
    """A sheet cannot be used. `findings` name cells."""

    def __init__(self, file: str, findings: list[str]) -> None:
        self.findings = findings
        super().__init__("\n".join([file, *(f"  {finding}" for finding in findings), "Nothing was written."]))


def read(path: Path, project: Project) -> MappingSheet:
    """Read a workbook and check it against the codebook. Raises SheetError with all that is wrong."""
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        hint = "Save it as an Excel workbook (.xlsx) or as .ods."
        raise SheetError(
            path.name, [f"cannot be read as a workbook: {type(error).__name__}. {hint}"]
        ) from None
    missing = [part for part in HEADINGS if part not in book.sheet_names]
    if missing:
        raise SheetError(
            path.name, [f"has no sheet {part!r}: keep the names of the sheets" for part in missing]
        )
    parts: dict[str, list[Any]] = {}
    findings: list[str] = []
    for part in HEADINGS:
        rows, wrong = _rows(part, book.get_sheet_by_name(part).to_python(skip_empty_area=False))
        parts[part] = rows
        findings += wrong
    if findings:
        raise SheetError(path.name, findings)
    sheet = MappingSheet(*parts.values())
    if findings := list(_Check(sheet, project).findings()):
        raise SheetError(path.name, findings)
    return _without_mapped(sheet, project.codebook)


def _rows(part: str, cells: list[list[Any]]) -> tuple[list[Any], list[str]]:
    """The rows of one sheet, and the headings that it lacks."""
    header = [_text(value).casefold() for value in cells[0]] if cells else []
    places = {
        name: header.index(heading.casefold())
        for name, heading in HEADINGS[part].items()
        if heading.casefold() in header
    }
    lacking = [heading for heading in required(part) if heading.casefold() not in header]
    if lacking:
        return [], [f"{part}!A1: has no column headed {heading!r}; keep the first row" for heading in lacking]
    rows = []
    for number, values in enumerate(cells[1:], start=2):
        texts = {name: _text(values[at]) for name, at in places.items() if at < len(values)}
        if any(texts.values()):
            rows.append(_ROWS[part](**(texts | {"row": number})))
    return rows, []


def _text(value: Any) -> str:
    """A cell as text: 1 for the number 1, and a date as one writes it in a file."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case _:
            return str(value).strip()


def _without_mapped(sheet: MappingSheet, codebook: Codebook) -> MappingSheet:
    """A sheet without the rows of absent variables that a column holds by now; what is not usable stays."""
    held = {(table, name) for table in sheet.tables() for name in sheet.mapped(table)}
    held |= {
        (table, codebook.variables(table)[name].entry)
        for table in sheet.tables()
        for name in sheet.mapped(table)
    }
    absent = [
        row for row in sheet.absent if row.status == NOT_USABLE or (row.table, row.variable) not in held
    ]
    return replace(sheet, absent=absent)


class _Check:
    """Everything that can be wrong with what a person wrote."""

    def __init__(self, sheet: MappingSheet, project: Project) -> None:
        self.sheet, self.project = sheet, project
        self.tables: dict[str, dict[str, Variable]] = {
            table: project.codebook.variables(table) for table in TABLES
        }
        self.held = sheet.variable_of()

    def findings(self) -> Iterator[str]:
        """What is wrong, by cell."""
        yield from self.settings()
        for row in self.sheet.columns:
            yield from self.column(row)
        yield from self.twice()
        for row in self.sheet.codes:
            yield from self.code(row)
        for row in self.sheet.absent:
            yield from self.absent(row)

    # Country

    def settings(self) -> Iterator[str]:
        """Values are YAML, no setting is there twice, and questionnaires exist."""
        seen: set[str] = set()
        for row in self.sheet.settings:
            where = cell(SETTINGS, row.row, "value")
            if row.setting in seen:
                yield f"{cell(SETTINGS, row.row, 'setting')}: {row.setting} occurs twice; delete one of the two rows"
            seen.add(row.setting)
            try:
                value = yaml.safe_load(row.value)
            except yaml.YAMLError:
                yield f"{where}: cannot be read; write it as in a country's file, texts with a colon in quotes"
                continue
            if row.setting in QUESTIONNAIRE.values() and value not in self.project.questionnaires:
                guess = did_you_mean(str(value), self.project.questionnaires)
                yield f"{where}: {value} is no questionnaire{guess}"

    # Columns

    def column(self, row: ColumnRow) -> Iterator[str]:
        """The table, the variable and the option exist; further settings are settings."""
        if row.table not in self.tables:
            yield f"{cell(COLUMNS, row.row, 'table')}: is {row.table!r}; write {' or '.join(TABLES)}"
            return
        if not row.variable:
            return
        known = self.tables[row.table]
        if row.variable not in known:
            guess = did_you_mean(row.variable, known, "; the sheet Words lists them")
            where = cell(COLUMNS, row.row, "variable")
            yield f"{where}: {row.variable!r} is not a variable of {row.table}{guess}"
            return
        yield from self.option(row, known[row.variable])
        yield from self.further(row)

    def option(self, row: ColumnRow, variable: Variable) -> Iterator[str]:
        """A column of a question with several answers has an option, and no other column has one."""
        where = cell(COLUMNS, row.row, "option")
        if variable.kind != "answers":
            if row.option and not (variable.kind == "number" and row.option in (BORN, INTERVIEWED)):
                yield f"{where}: {row.variable} has one answer and no options; leave the cell empty"
            return
        known = [*variable.options, *SPECIAL, LIST]
        is_mention = row.option.removeprefix(MENTION).strip().isdigit() and row.option.startswith(MENTION)
        if not row.option:
            yield f"{where}: {row.variable} has several answers; write which option the column {row.column} holds"
        elif row.option not in known and not is_mention:
            guess = did_you_mean(row.option, known, f"; it has {', '.join(known)}")
            yield f"{where}: {row.option!r} is no option of {row.variable}{guess}"

    @staticmethod
    def further(row: ColumnRow) -> Iterator[str]:
        """Further settings are YAML, and only such as neither columns nor codes show."""
        where = cell(COLUMNS, row.row, "settings")
        if not row.settings:
            return
        try:
            settings = yaml.safe_load(row.settings)
            if not isinstance(settings, dict) or set(settings) - set(FURTHER):
                yield f"{where}: may hold {', '.join(FURTHER)}, each with its value: {{separator: ';'}}"
                return
            MappingEntry.model_validate(settings)
        except (yaml.YAMLError, ValidationError):
            yield f"{where}: cannot be read; write it as in a country's file: {{separator: ';'}}"

    def twice(self) -> Iterator[str]:
        """A variable with one answer has one column, and an option has one."""
        seen: dict[tuple[str, str, str], ColumnRow] = {}
        for row in self.sheet.columns:
            if not row.variable:
                continue
            key = (row.table, row.variable, row.option)
            other = seen.setdefault(key, row)
            if other is not row and row.option not in SPECIAL:
                what = f"{row.variable}, {row.option}," if row.option else row.variable
                where = cell(COLUMNS, row.row, "variable")
                yield f"{where}: {what} is held by the column {other.column} already; empty one of the two cells"

    # Codes and absent variables

    def code(self, row: CodeRow) -> Iterator[str]:
        """The meaning is one of the variable's."""
        variable = self.variable_of(row)
        where = cell(CODES, row.row, "meaning")
        if variable is None or not row.meaning:
            return
        known = words(variable)
        if variable.kind == "number" and row.meaning != NO_NUMBER:
            if not row.meaning.lstrip("-").replace(".", "", 1).isdigit():
                yield f"{where}: {row.meaning!r} is no number; write a number or {NO_NUMBER}"
        elif not known:
            yield f"{where}: {variable.name} is an {variable.kind}; its codes have no meaning"
        elif row.meaning not in known:
            guess = did_you_mean(row.meaning, known, f"; it has {', '.join(known)}")
            yield f"{where}: {row.meaning!r} is no answer of {variable.name}{guess}"

    def variable_of(self, row: CodeRow) -> Variable | None:
        """The variable that the column of a code holds."""
        known = self.tables.get(row.table)
        return known.get(self.held.get((row.table, row.column), "")) if known else None

    def absent(self, row: AbsentRow) -> Iterator[str]:
        """The variable exists, its status too, and what is not usable has a reason."""
        if row.table not in self.tables:
            yield f"{cell(ABSENT, row.row, 'table')}: is {row.table!r}; write {' or '.join(TABLES)}"
            return
        known = set(self.tables[row.table])
        known |= {variable.entry for variable in self.tables[row.table].values()}
        if row.variable not in known:
            guess = did_you_mean(row.variable, sorted(known))
            yield f"{cell(ABSENT, row.row, 'variable')}: {row.variable!r} is not a variable{guess}"
        if row.status not in STATUSES:
            statuses = f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}"
            yield f"{cell(ABSENT, row.row, 'status')}: is {row.status!r}; write {statuses}"
        if row.status == NOT_USABLE and not row.reason:
            yield f"{cell(ABSENT, row.row, 'reason')}: is empty; write why {row.variable} is not usable"
