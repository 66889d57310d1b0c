"""The rows of tables as a workbook's file has them (Office Open XML), put into a workbook that lacks them.

xlsxwriter makes XML cell by cell, and the tables have a million cells: here it is made column by column.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from disrupting_harm.estimation.rounding import SHARES
from disrupting_harm.estimation.tidy_table import NUMBERS, SHOWN
from disrupting_harm.presentation.figures.frames import hidden_words

HIDDEN = "hidden"
"""The style of cells that say why there is no estimate. The other styles are named by how numbers are shown."""

ESTIMATES = ("estimate", "se", "ci_low", "ci_high")
COUNTS = ("count", "total")
_SHAPE = {
    "estimate": "0.00",
    "se": "0.0000",
    "n": "#,##0",
    "confidence_level": "0%",
}
_GENERAL = "General"
_IN_PER_CENT = "0.0%"
_OF_SHARES = {0.01: "0%", 0.001: _IN_PER_CENT}
_OF_NUMBERS = {1.0: "0", 0.1: "0.0", 0.01: "0.00"}
"""How numbers are shown that are rounded to a multiple of this: with the decimals that they have."""

SHAPES = (*dict.fromkeys([*_OF_SHARES.values(), *_OF_NUMBERS.values(), *_SHAPE.values(), _GENERAL]),)

_SHARED = "xl/sharedStrings.xml"
_NO_XML = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Signs that XML cannot hold, written as _x000B_; and an underscore that would be taken for the begin of such a one."""


def fill(empty: io.BytesIO, tables: Sequence[pd.DataFrame], path: Path) -> None:
    """Write a workbook with the rows of its tables: of the second sheet and those after it, in their order.

    The last row of its first sheet is blank but for styles, first `HIDDEN` and then `SHAPES`.
    """
    with zipfile.ZipFile(empty) as without, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as full:
        parts = {part.filename: without.read(part).decode() for part in without.infolist()}
        rows = Rows(styles(parts[_sheet_file(1)]), _Texts(parts[_SHARED]))
        for number, table in enumerate(tables, 2):
            parts[_sheet_file(number)] = _with_rows(parts[_sheet_file(number)], rows, table)
        cells = sum(part.count(' t="s"') for part in parts.values())
        parts[_SHARED] = rows.texts.xml(cells)
        for part in without.infolist():
            full.writestr(part, parts[part.filename])


def _sheet_file(number: int) -> str:
    """The file of a sheet in a workbook."""
    return f"xl/worksheets/sheet{number}.xml"


def styles(opening: str) -> dict[str, str]:
    """How cells refer to the styles that the last row of the opening sheet has."""
    numbers = re.findall(r'<c r="\w+" s="(\d+)"/>', opening.rpartition("<row ")[2])
    return {name: f' s="{number}"' for name, number in zip((HIDDEN, *SHAPES), numbers, strict=True)}


def _with_rows(xml: str, rows: Rows, table: pd.DataFrame) -> str:
    """A sheet with the rows of a table below those that it has."""
    first = xml.count("<row ") + 1
    before, end, after = xml.partition("</sheetData>")
    last = f"{xl_col_to_name(max(len(table.columns) - 1, 0))}{first + len(table) - 1}"
    before = re.sub(r'(<dimension ref="A1)[^"]*', rf"\g<1>:{last}", before, count=1)
    return "".join([before, *rows.of(table, first), end, after])


class _Texts(dict[str, str]):
    """How a cell refers to each text; a text that is new gets the next number."""

    def __init__(self, xml: str) -> None:
        """Begin with the texts that a workbook has."""
        super().__init__()
        self.head, _, items = xml.partition("<si>")
        self.entries = [f"<si>{item}" for item in items.removesuffix("</sst>").split("<si>")]

    def __missing__(self, text: str) -> str:
        """Add a text."""
        self[text] = f' t="s"><v>{len(self.entries)}</v></c>'
        coded = _NO_XML.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text)
        self.entries.append(f'<si><t xml:space="preserve">{escape(coded)}</t></si>')
        return self[text]

    def xml(self, cells: int) -> str:
        """All texts, as a workbook has them. cells: how many refer to them."""
        head = re.sub(
            r'count="\d+" uniqueCount="\d+"', f'count="{cells}" uniqueCount="{len(self.entries)}"', self.head
        )
        return "".join([head, *self.entries, "</sst>"])


@dataclass(frozen=True)
class Rows:
    """Makes the rows of tables. styles: how cells refer to each style; texts: how they refer to each text."""

    styles: Mapping[str, str]
    texts: _Texts

    def of(self, table: pd.DataFrame, first: int) -> Iterator[str]:
        """The rows of a table, of which the first one has this number."""
        numbers = [str(number) for number in range(first, first + len(table))]
        columns = []
        for position, title in enumerate(table.columns):
            letters = xl_col_to_name(position)
            cells = zip(numbers, self.column(table, title), strict=True)
            columns.append([f'<c r="{letters}{number}{cell}' if cell else "" for number, cell in cells])
        for number, *cells in zip(numbers, *columns, strict=True):
            yield f'<row r="{number}">{"".join(cells)}</row>'

    def column(self, table: pd.DataFrame, title: str) -> list[str]:
        """The cells of a column without their names; an empty text for a cell that is blank, as hidden numbers are."""
        shapes = (self.styles[shape] for shape in _shapes_of(table, title))
        cells = [self.cell(value, style) for value, style in zip(table[title].tolist(), shapes, strict=True)]
        if title not in NUMBERS or "status" not in table:
            return cells
        statuses = [str(status) for status in table["status"]]
        instead = dict.fromkeys({*statuses} - {*SHOWN}, "")
        if title == "estimate":
            instead = {status: self.hidden(status) for status in sorted(instead)}
        return [instead.get(status, cell) for cell, status in zip(cells, statuses, strict=True)]

    def hidden(self, status: str) -> str:
        """A cell that says why there is no estimate."""
        return f'"{self.styles[HIDDEN]}{self.texts[hidden_words(status)]}'

    def cell(self, value: Any, style: str) -> str:
        """A cell behind its name; an empty text for one that is blank."""
        if value is None or value is pd.NA or value == "":
            return ""
        if isinstance(value, str):
            return f'"{self.texts[value]}'
        if isinstance(value, bool):
            return f'" t="b"><v>{value:d}</v></c>'
        if isinstance(value, int | float) and math.isfinite(value):
            return f'"{style}><v>{value}</v></c>'
        return "" if value != value else f'"{self.texts[str(value)]}'


def _shapes_of(table: pd.DataFrame, title: str) -> Iterable[str]:
    """How the numbers of a column are shown, row by row."""
    if title in ESTIMATES and "measure" in table:
        steps = table["rounded_to"] if "rounded_to" in table else pd.Series(math.nan, table.index)
        kinds = list(zip(table["measure"], steps.astype(float).fillna(0.0), strict=True))
        shapes = {(measure, step): shape(title, measure, step) for measure, step in set(kinds)}
        return map(shapes.__getitem__, kinds)
    return repeat(shape(title), len(table))


def shape(title: str, measure: str = "", step: float = 0.0) -> str:
    """How a number is shown. step: what it is rounded to a multiple of, where that is known."""
    if title in ESTIMATES and measure in COUNTS:
        return "#,##0"
    if title in ESTIMATES and measure in SHARES:
        return _OF_SHARES.get(step, _IN_PER_CENT) if title != "se" else _IN_PER_CENT
    if title in ESTIMATES and title != "se":
        return _OF_NUMBERS.get(step, _SHAPE["estimate"])
    return _SHAPE.get(title, _GENERAL)
