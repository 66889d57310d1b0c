"""Description of a delivered file: how it is read, its columns, and the raw columns that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.errors import Layout

Kind = Literal["number", "text", "date"]

MARK = "SYNTHETIC"
"""A column of every file of the synthetic survey, and of no other."""


@dataclass(frozen=True)
class ReadOptions:
    """How a text or Excel file is to be read; None: found out from the file."""

    encoding: str | None = None
    """"utf-8", "utf-16", "windows-1252", ... (old SPSS and Stata files too)."""
    separator: str | None = None
    """Between the columns of a text file: "," ";" tab "|"."""
    decimal: str | None = None
    """ "." or ",": the sign in 0.5, in a text file."""
    sheet: str | None = None
    """Name of the sheet of an Excel file."""
    names_in_row: tuple[int, ...] | None = None
    """The row of names in a text or Excel file, counted from 1; two rows make one name together."""
    skip_rows: tuple[int, ...] | None = None
    """Rows below the names that are no respondent's."""
    missing_texts: tuple[str, ...] | None = None
    """Texts that mean an empty cell; None: the configuration does not say which."""

    @property
    def layout(self) -> Layout:
        """The rows above the answers."""
        return Layout(self.names_in_row, self.skip_rows)


@dataclass(frozen=True)
class Column:
    """One delivered column, without its answers."""

    name: str
    label: str = ""
    kind: Kind = "number"
    labels: Mapping[str, str] = field(default_factory=dict)
    """Label of each code."""
    missing: tuple[str, ...] = ()
    """Codes ("99") and ranges ("-99 to -90") that the file itself declares as missing."""


@dataclass(frozen=True)
class BadCells:
    """Cells of one column that nobody can use, whatever the column means.

    `what`: completes "column X holds"; `rows`: where they are (0 is the first respondent); `hint`: what to do.
    """

    column: str
    what: str
    rows: np.ndarray
    hint: str

    def finding(self, first_row: int) -> str:
        """What is wrong and where, without the answer."""
        return f"column {self.column} holds {self.what}, {row_numbers(self.rows, first_row)}"


@dataclass(frozen=True)
class Exact:
    """How a column stores numbers: whole numbers from `below` on may have lost their last digits."""

    below: int
    stored_as: str
    """In words: "a number in SPSS"."""


DOUBLE = 2**53
"""Below it a number of eight bytes, with 53 bits for digits, represents every whole number exactly."""
SINGLE = 2**24
"""The same of four bytes."""


@dataclass(frozen=True)
class Description:
    """What is in a delivered file, without any answer."""

    file: str
    format: str
    rows: int
    options: ReadOptions
    columns: dict[str, Column]
    repeated: tuple[str, ...] = ()
    """Findings about names that several columns have; none of these is among `columns`."""


@dataclass(frozen=True)
class Microdata:
    """Raw columns of a delivered file.

    `frame`: one row per respondent in the file's order (index 0, 1, ...), columns under the names that were asked for,
    values as delivered (user-missing codes kept); `labels`: labels of codes by column; `missing`: codes and ranges
    that the file declares as missing, by column; `absent`: columns that may be absent and are; `first_row`: number
    of the first respondent's row, as a spreadsheet would show it; `bad_cells`: what nobody can use, if it was let in.
    """

    file: str
    frame: pd.DataFrame
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    first_row: int = 1
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bad_cells: tuple[BadCells, ...] = ()

    def rows(self, places: Iterable[int], most: int = 3) -> str:
        """Some row numbers in words: "rows 2, 5, 9 and others"."""
        return row_numbers(places, self.first_row, most)


def row_numbers(places: Iterable[int], first_row: int, most: int = 3) -> str:
    """Some row numbers in words. `places`: 0 is the first respondent, whose row is `first_row`."""
    rows = [int(index) + first_row for index in places]
    first = ", ".join(str(row) for row in rows[:most])
    return f"row{'s' if len(rows) > 1 else ''} {first}{' and others' if len(rows) > most else ''}"


class Opened(Protocol):
    """A delivered file of some format, opened: its names are known, its answers are not read yet."""

    options: ReadOptions
    header: list[str]
    first_row: int
    bad_cells: list[BadCells]
    """What was bad in the columns that were read last."""

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns as delivered, `text` in the spelling of the file; and what the file declares about them."""

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers; None where each digit is kept."""

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, and all columns in the file's order."""
