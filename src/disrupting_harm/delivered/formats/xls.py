"""Excel files of before 2007 (.xls), as cells of the kinds that calamine gives for the other spreadsheets.

xlrd reads them: calamine takes cells with an error (#N/A) for empty ones, and a damaged file may have it fill the
memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from disrupting_harm.delivered.formats.errors import UnreadableError

if TYPE_CHECKING:
    from xlrd.sheet import Cell

_ENCRYPTED = "Workbook is encrypted"
"""xlrd's words for it; it has no error of its own."""


def sheets_of_xls(path: Path) -> dict[str, Callable[[], list[list[Any]]]]:
    """The sheets of a file by name, with what gives their rows."""
    import xlrd

    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (what xlrd prints may quote the file)
            book = xlrd.open_workbook(path, logfile=nowhere, ignore_workbook_corruption=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:
        if str(error) == _ENCRYPTED:
            raise UnreadableError("is locked by a password", "Save a copy without a password.") from None
        raise xlrd.XLRDError from error
    value = partial(_value_of, datemode=book.datemode)
    return {sheet.name: cache(lambda sheet=sheet: _rows_of(sheet, value)) for sheet in book.sheets()}


def _rows_of(sheet: Any, value: Callable[[Cell], Any]) -> list[list[Any]]:
    """The values of a sheet, all rows of the same length."""
    return [[value(cell) for cell in row] for row in sheet.get_rows()]


def _value_of(cell: Cell, datemode: int) -> Any:
    """A cell's value: "" where it is empty, the word of an error; a date that no calendar has is a number."""
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(cell.value, datemode)
        except (OverflowError, ValueError):
            return cell.value
        return moment.time() if abs(cell.value) < 1 else moment
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR!")
    return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value
