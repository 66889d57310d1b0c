"""What a mapping sheet holds: columns, their codes, the country's settings, and what is not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config.entries.codebook import TABLES, Table
from disrupting_harm.delivered.formats import MARK

COLUMNS, CODES, SETTINGS, ABSENT = "Columns", "Codes", "Country", "Not asked"
"""Names of the sheets that are read again."""

CHOSEN, NOT_CHOSEN, NO_NUMBER = "chosen", "not_chosen", "no_number"
"""Meanings of codes beside those of the codebook: of an option's column, and of a number's."""

LIST = "list"
"""As an option: the column lists several answers, with a separator between them."""
MENTION = "mention"
"""As an option, with a number behind: the column holds the first mention, the second and so on."""

BORN, INTERVIEWED = "born", "interviewed"
"""As options of an age: the columns hold the dates of birth and of the interview."""

CERTAIN, LIKELY, TO_DECIDE, DECIDED = "certain", "likely", "to decide", "decided"
"""How certain it is what a column holds: as matched, or as a person said."""

NOT_ASKED, NOT_USABLE, NOT_IN_FILE = STATUSES = ("not asked", "not usable", "not in the file")
"""Why nothing is read: the country was not asked, a column must not be used, or the file lacks what it may lack."""


@dataclass(frozen=True)
class ColumnRow:
    """One delivered column, and what it means: nothing in `variable` if it is not used.

    `option`: of several answers; `settings`: what else differs from the questionnaire, as YAML; `certainty` and `why`:
    of a proposal; `finding`: what is wrong with it; `row`: where it stands in the sheet.
    """

    table: str
    column: str
    label: str = ""
    empty: str = ""
    codes: str = ""
    variable: str = ""
    option: str = ""
    settings: str = ""
    certainty: str = ""
    why: str = ""
    decided_by: str = ""
    decided_on: str = ""
    finding: str = ""
    row: int = 0


@dataclass(frozen=True)
class CodeRow:
    """One code in a delivered column, and what it means: nothing in `meaning` if that is not decided.

    `share`: of respondents who gave it, where it may be shown.
    """

    table: str
    column: str
    code: str
    label: str = ""
    share: str = ""
    meaning: str = ""
    finding: str = ""
    row: int = 0


@dataclass(frozen=True)
class SettingRow:
    """One setting of the country's file, its value as YAML, and what a person must decide about it."""

    setting: str
    value: str = ""
    to_decide: str = ""
    decided_by: str = ""
    decided_on: str = ""
    finding: str = ""
    row: int = 0


@dataclass(frozen=True)
class AbsentRow:
    """One variable that is not read. `insights`: those that will lack it; `status`: why; `reason`: if not usable."""

    table: str
    variable: str
    question: str = ""
    insights: str = ""
    status: str = NOT_ASKED
    reason: str = ""
    finding: str = ""
    row: int = 0


HEADINGS: dict[str, dict[str, str]] = {
    COLUMNS: {
        "table": "File", "column": "Column", "label": "Label in the file", "empty": "Empty cells", "codes": "Codes",
        "variable": "Variable", "option": "Option", "settings": "Further settings", "certainty": "How certain",
        "why": "Why", "decided_by": "Decided by", "decided_on": "On", "finding": "To correct",
    },
    CODES: {
        "table": "File", "column": "Column", "code": "Code", "label": "Label in the file", "share": "Share of answers",
        "meaning": "Meaning", "finding": "To correct",
    },
    SETTINGS: {
        "setting": "Setting", "value": "Value", "to_decide": "To decide", "decided_by": "Decided by",
        "decided_on": "On", "finding": "To correct",
    },
    ABSENT: {
        "table": "File", "variable": "Variable", "question": "Question", "insights": "Insights that lack it",
        "status": "Status", "reason": "Reason", "finding": "To correct",
    },
}  # fmt: skip
"""The headings of each sheet by the field of its rows."""

_REQUIRED = {
    COLUMNS: ("table", "column", "variable", "option", "settings"),
    CODES: ("table", "column", "code", "meaning"),
    SETTINGS: ("setting", "value"),
    ABSENT: ("table", "variable", "status", "reason"),
}
"""Fields without whose heading a sheet cannot be read."""


@dataclass
class MappingSheet:
    """The whole workbook."""

    columns: list[ColumnRow] = field(default_factory=list)
    codes: list[CodeRow] = field(default_factory=list)
    settings: list[SettingRow] = field(default_factory=list)
    absent: list[AbsentRow] = field(default_factory=list)

    def parts(self) -> dict[str, list[Any]]:
        """The rows by the name of their sheet."""
        return {COLUMNS: self.columns, CODES: self.codes, SETTINGS: self.settings, ABSENT: self.absent}

    def codes_by_column(self) -> dict[tuple[str, str], list[CodeRow]]:
        """The codes of each column of each table."""
        by_column: dict[tuple[str, str], list[CodeRow]] = {}
        for code in self.codes:
            by_column.setdefault((code.table, code.column), []).append(code)
        return by_column

    def variable_of(self) -> dict[tuple[str, str], str]:
        """The variable of each column of each table that holds one."""
        return {(row.table, row.column): row.variable for row in self.columns if row.variable}

    @property
    def is_synthetic(self) -> bool:
        """Whether a file is marked as made up, by the column that synthetic files have."""
        return any(row.column == MARK for row in self.columns)

    def tables(self) -> list[Table]:
        """The tables that have columns."""
        there = {row.table for row in self.columns}
        return [table for table in TABLES if table in there]

    def mapped(self, table: str) -> dict[str, list[ColumnRow]]:
        """The columns of each variable of a table."""
        of_variable: dict[str, list[ColumnRow]] = {}
        for row in self.columns:
            if row.table == table and row.variable:
                of_variable.setdefault(row.variable, []).append(row)
        return of_variable


def required(part: str) -> Iterator[str]:
    """The headings without which a sheet cannot be read."""
    yield from (HEADINGS[part][name] for name in _REQUIRED[part])


def cell(part: str, row: int, name: str) -> str:
    """Where a field stands, as a spreadsheet writes it: Columns!F12."""
    return f"{part}!{chr(ord('A') + list(HEADINGS[part]).index(name))}{row}"
