"""Excel and OpenDocument files (.xlsx, .xls, .ods): one sheet, its first row the names of the columns."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config.files.problems import did_you_mean
from disrupting_harm.delivered.formats.codes import one_spelling, plain
from disrupting_harm.delivered.formats.dates import bad_dates
from disrupting_harm.delivered.formats.description import BadCells, Column, Exact, Kind, ReadOptions
from disrupting_harm.delivered.formats.error_cells import check_ods, error_cells
from disrupting_harm.delivered.formats.errors import UnreadableError
from disrupting_harm.delivered.formats.header import MOST, read_header
from disrupting_harm.delivered.formats.placeholders import is_in
from disrupting_harm.delivered.formats.xls import sheets_of_xls

_DIGITS = 10**15
"""Spreadsheet programs keep 15 digits of a number, and write zeros for the others."""
_LAST_DAY = 2_958_465
"""The 31st of December 9999, counted in days as spreadsheets do."""
_EMPTY_HINT = "Copy it again, or ask for it again."
_STDERR = 2
_PANIC = "pyo3_runtime"
"""Where the error comes from that a panic in Rust becomes; it is no Exception."""

_Rows = list[list[Any]]
_Sheets = Mapping[str, Callable[[], _Rows]]


@dataclass
class Excel:
    """An Excel file, opened."""

    path: Path
    options: ReadOptions
    first_row: int = 2
    bad_cells: list[BadCells] = field(default_factory=list)

    def __post_init__(self) -> None:
        is_old = self.path.suffix.lower() == ".xls"
        sheets = sheets_of_xls(self.path) if is_old else _sheets_by_calamine(self.path)
        sheet = _chosen_sheet(sheets, self.options.sheet)
        self.options = replace(self.options, sheet=sheet)
        rows = sheets[sheet]()
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        if not rows:
            raise UnreadableError("is empty", _EMPTY_HINT)
        above = [[one_spelling(plain(cell)) for cell in row] for row in rows[:MOST]]
        header = read_header(above, self.options)
        self.header, self.first_row = header.names, header.first_row
        self.rows = rows[self.first_row - 1 :]

    @cached_property
    def columns(self) -> list[tuple[Any, ...]]:
        """The cells column by column."""
        missing = self.options.missing_texts or ()
        rows = (["" if is_in(cell, missing) else cell for cell in row] for row in self.rows)
        return list(zip(*rows, strict=True)) or [() for _ in self.header]

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns; an empty cell is missing."""
        cells = {name: self.columns[self.header.index(name)] for name in names}
        bad = {name: np.flatnonzero(_after_the_last_day(column)) for name, column in cells.items()}
        self.bad_cells = [bad_dates(name, rows) for name, rows in bad.items() if len(rows)]
        frame = {
            name: pd.Series([cell_value(cell) for cell in column], dtype=object)
            for name, column in cells.items()
        }
        return pd.DataFrame(frame), {}

    def exact(self, name: str) -> Exact | None:  # noqa: ARG002
        """ReadOptions exactly a column stores numbers."""
        return Exact(_DIGITS, "a number in a spreadsheet")

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, and the kinds of all columns with a name."""
        named = zip(self.header, self.columns, strict=True)
        return len(self.rows), {name: Column(name, kind=_kind_of(cells)) for name, cells in named if name}


def _sheets_by_calamine(path: Path) -> _Sheets:
    """The sheets of an .xlsx or .ods file by name, with what gives their rows."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        if path.suffix.lower() == ".ods" and zipfile.is_zipfile(path):
            check_ods(path)
        with _without_panic():
            workbook = CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise UnreadableError("is locked by a password", "Save a copy without a password.") from None

    def rows_of(name: str) -> _Rows:
        with _without_panic():
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for (row, column), error in error_cells(path, name).items():  # calamine reads them as empty cells
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = error
        return rows

    return {name: cache(partial(rows_of, name)) for name in workbook.sheet_names}


@contextlib.contextmanager
def _without_panic() -> Generator[None]:
    """Let a library in Rust that gives up on a damaged file raise an error, and print nothing: it may quote answers."""
    from python_calamine import CalamineError

    errors = os.dup(_STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    try:
        yield
    except BaseException as error:
        if type(error).__module__ != _PANIC:
            raise
        raise CalamineError from None
    finally:
        os.dup2(errors, _STDERR)
        os.close(errors)
        os.close(nowhere)


def _after_the_last_day(cells: tuple[Any, ...]) -> list[bool]:
    """Where a column of dates holds one after the year 9999, which is read as a number."""
    if not any(isinstance(cell, date) for cell in cells):
        return [False] * len(cells)
    return [isinstance(cell, float) and abs(cell) > _LAST_DAY for cell in cells]


def cell_value(cell: Any) -> Any:
    """A cell as delivered: None where it is empty, a day without a time as the day."""
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell


def _kind_of(cells: tuple[Any, ...]) -> Kind:
    """Number, text or date, by the cells that are not empty."""
    bad = _after_the_last_day(cells)
    good = (cell for cell, is_bad in zip(cells, bad, strict=True) if not is_bad)
    full = [cell for cell in map(cell_value, good) if cell is not None]
    if full and all(isinstance(cell, date) for cell in full):
        return "date"
    return "number" if all(isinstance(cell, (int, float)) for cell in full) else "text"


def _chosen_sheet(sheets: _Sheets, wanted: str | None) -> str:
    """The sheet to read: the one that is named, or the only one that holds something."""
    names = list(sheets)
    if not names:
        raise UnreadableError("has no sheet", _EMPTY_HINT)
    if wanted is not None and wanted not in names:
        what = f"has no sheet {wanted}{did_you_mean(wanted, names)}"
        raise UnreadableError(what, f"It has: {', '.join(names)}.")
    if wanted is not None:
        return wanted
    full = [name for name, rows in sheets.items() if rows()]
    if len(full) > 1:
        what = f"has several sheets: {', '.join(full)}"
        raise UnreadableError(what, "Write `sheet: ...` beside `file:` in the configuration, to choose one.")
    return (full or names)[0]
