"""Write a mapping sheet as a workbook, with drop-down lists for what a person chooses, and colours for certainty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from disrupting_harm.config import Codebook, Variable
from disrupting_harm.config.entries.codebook import TABLES
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.new_country.sheet.fill import words
from disrupting_harm.new_country.sheet.rows import (
    ABSENT,
    BORN,
    CERTAIN,
    CODES,
    COLUMNS,
    DECIDED,
    HEADINGS,
    INTERVIEWED,
    LIKELY,
    LIST,
    MENTION,
    SETTINGS,
    STATUSES,
    TO_DECIDE,
    MappingSheet,
)

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""Fixed, so that the same sheet gives the same bytes."""
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_COLOURS = {CERTAIN: "#DDEEDD", DECIDED: "#DDEEDD", LIKELY: "#FFF2CC", TO_DECIDE: "#F8D7C8"}
_FINDING = "#F4B6B6"
_WIDTHS = {"table": 11, "column": 18, "label": 44, "codes": 40, "variable": 34, "option": 22, "settings": 24, "why": 44,
           "meaning": 26, "setting": 22, "value": 60, "to_decide": 60, "question": 60, "insights": 34,
           "reason": 34, "finding": 60}  # fmt: skip
_WRAPPED = {"label", "codes", "why", "value", "to_decide", "question", "finding"}
_LISTS, _WORDS, _GUIDE = "Lists", "Words", "Read me"
_FURTHER_ROWS = 500
"""Rows below the last that have drop-down lists, too."""

_HOW = """\
The survey is about violence against children. This workbook holds names of columns, labels and codes, and no answer \
of anybody; shares that could tell something about a few respondents are left out.
1. Columns: one row for each column of the delivered files. Choose the variable that it holds, and for a question with \
several answers the option. Leave the variable empty if the column is not used. Green: certain. Yellow: likely, please \
check. Red: to decide.
2. Codes: what each code means. Of the columns of a question with several answers, the first stands for all. An empty \
meaning is not decided yet.
3. Country: name, region, phase and the other settings, written as in the country's file.
4. Not asked: variables that are not read, why, and the insights that will lack them. If a question was asked, give \
its column the variable in the sheet Columns; the row here then has no effect and may be deleted.
5. Words: what each variable and each option is about.
Write who decided, and when: it becomes a comment in the country's file. Keep the headings; sort and filter as you \
like.""".splitlines()


def write(sheet: MappingSheet, codebook: Codebook, path: Path, command: str) -> None:
    """Write the workbook; `command` is the one that reads it. Of synthetic files it says so."""
    with atomic_write(path) as unfinished, xlsxwriter.Workbook(unfinished, _OPTIONS) as book:
        about = {
            "title": "Mapping sheet",
            "author": "",
            "comments": SYNTHETIC_DATA if sheet.is_synthetic else "",
        }
        book.set_properties({**about, "created": _CREATED})
        _Writer(book, sheet, codebook).run(command)


class _Writer:
    """Writes one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: MappingSheet, codebook: Codebook) -> None:
        self.book, self.sheet, self.codebook = book, sheet, codebook
        self.bold = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self.held = sheet.variable_of()
        self.formats: dict[tuple[str, bool], Format] = {}
        self.variables: dict[str, Variable] = {
            name: variable for table in TABLES for name, variable in codebook.variables(table).items()
        }

    def run(self, command: str) -> None:
        """The guide, the four sheets that are read again, and what their lists hold."""
        guide = self.book.add_worksheet(_GUIDE)
        sheets = {part: self.book.add_worksheet(part) for part in HEADINGS}
        self.guide(guide, command)
        for part, rows in self.sheet.parts().items():
            self.part(sheets[part], part, rows)
        self.words()
        self.lists()
        self.choices(sheets)

    def format(self, colour: str = "", wrapped: bool = False) -> Format:
        """The format of a cell: text, so that 01 stays 01."""
        key = (colour, wrapped)
        if key not in self.formats:
            settings: dict[str, Any] = {"num_format": "@", "valign": "top", "text_wrap": wrapped}
            self.formats[key] = self.book.add_format(settings | ({"bg_color": colour} if colour else {}))
        return self.formats[key]

    def guide(self, page: Worksheet, command: str) -> None:
        """How the workbook is filled in."""
        page.set_column(0, 0, 110, self.format(wrapped=True))
        last = f"When you are done, save the workbook and run: {command}"
        title = f"Mapping sheet{f' ({SYNTHETIC_DATA})' if self.sheet.is_synthetic else ''}"
        for row, text in enumerate([title, *_HOW, last]):
            page.write_string(row, 0, text, self.bold if row == 0 else self.format(wrapped=True))

    def part(self, page: Worksheet, part: str, rows: Sequence[Any]) -> None:
        """One sheet with its headings and rows."""
        fields = list(HEADINGS[part])
        for column, name in enumerate(fields):
            page.set_column(column, column, _WIDTHS.get(name, 14), self.format(wrapped=name in _WRAPPED))
            page.write_string(0, column, HEADINGS[part][name], self.bold)
        for number, row in enumerate(rows, start=1):
            colour = self.colour(part, row)
            for column, name in enumerate(fields):
                page.write_string(number, column, getattr(row, name), self.format(colour, name in _WRAPPED))
        page.freeze_panes(1, 2)
        page.autofilter(0, 0, max(len(rows), 1), len(fields) - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:M{len(rows) + _FURTHER_ROWS}"})

    def colour(self, part: str, row: Any) -> str:
        """The colour of a row: of a finding, else of its certainty."""
        if row.finding:
            return _FINDING
        if part == CODES and not row.meaning and (row.table, row.column) in self.held:
            return _COLOURS[TO_DECIDE]
        if part == SETTINGS:
            return _COLOURS[TO_DECIDE] if row.to_decide else ""
        return _COLOURS.get(getattr(row, "certainty", ""), "")

    def words(self) -> None:
        """What variables, options and values are about, for people."""
        page = self.book.add_worksheet(_WORDS)
        for column, (heading, width) in enumerate(
            {"File": 11, "Variable": 38, "Question": 70, "Option or value": 28, "Label": 40}.items()
        ):
            page.set_column(column, column, width, self.format(wrapped=True))
            page.write_string(0, column, heading, self.bold)
        row = 1
        for table in TABLES:
            for name, variable in self.codebook.variables(table).items():
                texts = [(table, name, variable.question or variable.label, "", variable.label)]
                texts += [
                    (table, name, "", value, label)
                    for value, label in {**variable.values, **variable.options}.items()
                ]
                for cells in texts:
                    for column, text in enumerate(cells):
                        page.write_string(row, column, text)
                    row += 1
        page.freeze_panes(1, 2)

    def lists(self) -> None:
        """What may be chosen for each variable, in a hidden sheet; a name for each: option_of_sex, code_of_sex."""
        page = self.book.add_worksheet(_LISTS)
        page.hide()
        for row, name in enumerate(self.variables):
            page.write_string(row, 0, name)
        self.book.define_name("variables", f"={_LISTS}!$A$1:$A${len(self.variables)}")
        for row, (name, variable) in enumerate(self.variables.items()):
            several = variable.kind == "answers"
            options = [*variable.options, *self.codebook.special, LIST, f"{MENTION} 1"] if several else []
            options += [BORN, INTERVIEWED] if name == "age" else []
            for prefix, choices, start in (("option_of", options, 2), ("code_of", words(variable), 40)):
                for column, choice in enumerate(choices, start=start):
                    page.write_string(row, column, choice)
                if choices:
                    first, last = (
                        xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
                        for column in (start, start + len(choices) - 1)
                    )
                    self.book.define_name(f"{prefix}_{name}", f"={_LISTS}!{first}:{last}")

    def choices(self, sheets: dict[str, Worksheet]) -> None:
        """Drop-down lists; what is not in them is only warned of."""
        columns, codes, absent = (sheets[part] for part in (COLUMNS, CODES, ABSENT))
        last = {part: len(rows) + _FURTHER_ROWS for part, rows in self.sheet.parts().items()}
        where = {name: list(HEADINGS[COLUMNS]).index(name) for name in HEADINGS[COLUMNS]}
        self.choose(columns, where["variable"], last[COLUMNS], "=variables")
        variable = xl_col_to_name(where["variable"])
        self.choose(columns, where["option"], last[COLUMNS], f'=INDIRECT("option_of_"&${variable}2)')
        column, name = (xl_col_to_name(where[key]) for key in ("column", "variable"))
        looked_up = f"INDEX({COLUMNS}!${name}:${name},MATCH($B2,{COLUMNS}!${column}:${column},0))"
        meaning = list(HEADINGS[CODES]).index("meaning")
        self.choose(codes, meaning, last[CODES], f'=INDIRECT("code_of_"&{looked_up})')
        status = list(HEADINGS[ABSENT]).index("status")
        self.choose(absent, status, last[ABSENT], list(STATUSES))

    @staticmethod
    def choose(page: Worksheet, column: int, last: int, source: Any) -> None:
        """A drop-down list for one column of a sheet."""
        page.data_validation(
            1,
            column,
            last,
            column,
            {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True},
        )
