"""What is told about a delivered file: how it is read, its columns, and the raw columns that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pandas as pd

Kind = Literal["number", "text", "date"]

MARK = "SYNTHETIC"
"""A column of every file of the synthetic survey, and of no other."""


@dataclass(frozen=True)
class How:
    """How a text or Excel file is to be read; None: found out from the file."""

    encoding: str | None = None
    """"utf-8", "utf-16", "windows-1252", ... (old SPSS and Stata files too)."""
    separator: str | None = None
    """Between the columns of a text file: "," ";" tab "|"."""
    decimal: str | None = None
    """ "." or ",": the sign in 0.5, in a text file."""
    sheet: str | None = None
    """Name of the sheet of an Excel file."""


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
class Description:
    """What is in a delivered file, without any answer."""

    file: str
    format: str
    rows: int
    how: How
    columns: dict[str, Column]


@dataclass(frozen=True)
class Microdata:
    """Raw columns of a delivered file.

    `frame`: one row a respondent in the file's order (index 0, 1, ...), columns under the names that were asked for,
    values as delivered (user-missing codes kept); `labels`: labels of codes by column; `missing`: codes and ranges
    that the file declares as missing, by column; `absent`: columns that may be absent and are; `first_row`: number
    of the first respondent's row, as a spreadsheet would show it.
    """

    file: str
    frame: pd.DataFrame
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    first_row: int = 1
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rows(self, places: Iterable[int], most: int = 3) -> str:
        """Some row numbers in words: "rows 2, 5, 9 and others"."""
        found = [int(place) + self.first_row for place in places]
        told = ", ".join(str(row) for row in found[:most])
        return f"row{'s' if len(found) > 1 else ''} {told}{' and others' if len(found) > most else ''}"


class Opened(Protocol):
    """A delivered file of some format, opened: its names are known, its answers are not read yet."""

    how: How
    header: list[str]
    first_row: int

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns as delivered, `text` in the spelling of the file; and what the file says about them."""

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, and all columns in the file's order."""
