"""Excel and OpenDocument files (.xlsx, .xls, .ods): one sheet, its first row the names of the columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config.problems import nearest
from disrupting_harm.microdata.codes import one_spelling, plain
from disrupting_harm.microdata.error import UnreadableError
from disrupting_harm.microdata.table import Column, How, Kind


@dataclass
class Excel:
    """An Excel file, opened."""

    path: Path
    how: How
    first_row: int = 2

    def __post_init__(self) -> None:
        from python_calamine import CalamineWorkbook, PasswordError

        try:
            workbook = CalamineWorkbook.from_path(str(self.path))
        except PasswordError:
            raise UnreadableError("is locked by a password", "Save a copy without a password.") from None
        self.how = replace(self.how, sheet=chosen_sheet(workbook, self.how.sheet))
        rows = workbook.get_sheet_by_name(self.how.sheet).to_python(skip_empty_area=False)
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        if not rows:
            raise UnreadableError("is empty", "Copy it again, or ask for it again.")
        self.header = [" ".join(one_spelling(plain(cell)).split()) for cell in rows[0]]
        self.rows = rows[1:]

    @cached_property
    def columns(self) -> list[tuple[Any, ...]]:
        """The cells column by column."""
        return list(zip(*self.rows, strict=True)) or [() for _ in self.header]

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns; an empty cell is missing."""
        cells = {name: self.columns[self.header.index(name)] for name in names}
        frame = {
            name: pd.Series([cell_value(cell) for cell in column], dtype=object)
            for name, column in cells.items()
        }
        return pd.DataFrame(frame), {}

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, and the kinds of all columns with a name."""
        named = zip(self.header, self.columns, strict=True)
        return len(self.rows), {name: Column(name, kind=kind_of(cells)) for name, cells in named if name}


def cell_value(cell: Any) -> Any:
    """A cell as delivered: None where it is empty, a day without a time as the day."""
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell


def kind_of(cells: tuple[Any, ...]) -> Kind:
    """Number, text or date, by the cells that are not empty."""
    full = [cell for cell in map(cell_value, cells) if cell is not None]
    if full and all(isinstance(cell, date) for cell in full):
        return "date"
    return "number" if all(isinstance(cell, (int, float)) for cell in full) else "text"


def chosen_sheet(workbook: Any, said: str | None) -> str:
    """The sheet to read: the one that is named, or the only one that holds something."""
    names = list(workbook.sheet_names)
    if said is not None and said not in names:
        close = nearest(said, names)
        what = f"has no sheet {said}" + (f"; did you mean {close}?" if close else "")
        raise UnreadableError(what, f"It has: {', '.join(names)}.")
    if said is not None:
        return said
    full = [name for name in names if workbook.get_sheet_by_name(name).height > 0]
    if len(full) > 1:
        what = f"has several sheets: {', '.join(full)}"
        raise UnreadableError(
            what, "Write `sheet: ...` beside `file:` in the configuration, to say which to read."
        )
    return (full or names)[0]
