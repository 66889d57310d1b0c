"""results/estimates.xlsx: all tables as a workbook, a sheet an insight, with definitions and a note on the data."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from disrupting_harm.figures.frames import hidden_words
from disrupting_harm.tables import NUMBERS
from disrupting_harm.whole import whole

CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""Fixed, so that the same tables give the same bytes."""

SHARES = ("proportion", "risk_difference")
ESTIMATES = ("estimate", "se", "ci_low", "ci_high")
FORMATS = {
    "estimate": "0.00",
    "se": "0.0000",
    "deff": "0.00",
    "df": "0",
    "n": "#,##0",
    "n_base_weighted": "#,##0.0",
}
SYNTHETIC = "SYNTHETIC DATA: made by a program to show the method. No child gave these answers. Do not cite."
MOST_WIDE = 60


def write_workbook(
    tables: Mapping[str, pd.DataFrame], beside: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write an opening sheet, the tables (sheet name to tidy table), and sheets about them, such as definitions.

    Proportions are numbers shown as per cent, at full precision. Where an estimate is hidden, its cell says why.
    Text never becomes a formula or a link. A sheet with synthetic rows says so in its first line.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with whole(Path(path)) as unfinished, xlsxwriter.Workbook(str(unfinished), options) as book:
        synthetic = any((table["data"] == "synthetic").any() for table in tables.values() if "data" in table)
        book.set_properties(
            {
                "title": "Estimates",
                "comments": SYNTHETIC if synthetic else "",
                "created": CREATED,
                "author": "",
            }
        )
        styles = Styles(book)
        _about(book, styles, tables, synthetic)
        for name, table in {**tables, **beside}.items():
            _sheet(book, styles, name, table)


class Styles:
    """Formats of cells, each made once for a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.made: dict[str, Any] = {}
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.warning = book.add_format({"bold": True, "font_color": "#B3261E"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.hidden = book.add_format({"italic": True, "font_color": "#5B6470"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def number(self, shape: str) -> Any:
        """Give the format for a shape such as 0.0%."""
        if shape not in self.made:
            self.made[shape] = self.book.add_format({"num_format": shape})
        return self.made[shape]


def _about(
    book: xlsxwriter.Workbook,
    styles: Styles,
    tables: Mapping[str, pd.DataFrame],
    synthetic: bool,
) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90, styles.wrapped)
    sheet.write_string(0, 0, "Disrupting Harm: estimates", styles.title)
    row = 1
    if synthetic:
        sheet.write_string(row, 0, SYNTHETIC, styles.warning)
        row += 1
    lines = [
        (
            "How to read it",
            "One row is one estimate. Proportions are shown as per cent and kept at full precision.",
        ),
        (
            "Hidden estimates",
            "Where an estimate is not shown, its cell says why, and the row carries no other number.",
        ),
        ("Small base", "Status low_n: the estimate rests on a small base and is to be read with care."),
        *[("Sheet " + name, f"{len(table):,} rows") for name, table in tables.items()],
        (
            "Sheet definitions",
            "What each indicator counts, among whom, where that is written, and the code's place.",
        ),
        (
            "Sheet origin",
            "What the numbers of each country were made from: settings, checksums of files, commit.",
        ),
    ]
    for name, text in lines:
        row += 1
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)


def _sheet(book: xlsxwriter.Workbook, styles: Styles, name: str, table: pd.DataFrame) -> None:
    sheet = book.add_worksheet(_sheet_name(name))
    top = 0
    if "data" in table and (table["data"] == "synthetic").any():
        sheet.write_string(0, 0, SYNTHETIC, styles.warning)
        sheet.set_header("&C&KB3261ESYNTHETIC DATA")
        top = 1
    for column, title in enumerate(table.columns):
        sheet.write_string(top, column, str(title), styles.head)
        sheet.set_column(column, column, _width(table[title], str(title)))
    for i, record in enumerate(table.to_dict("records")):
        for column, title in enumerate(table.columns):
            _cell(sheet, styles, top + 1 + i, column, str(title), record)
    sheet.freeze_panes(top + 1, 0)
    if len(table):
        sheet.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def _cell(sheet: Any, styles: Styles, row: int, column: int, title: str, record: dict[str, Any]) -> None:
    value = record[title]
    is_hidden = record.get("status", "shown") not in ("shown", "low_n")
    if is_hidden and title in NUMBERS and title != "estimate":
        value = None
    if is_hidden and title == "estimate":
        sheet.write_string(row, column, hidden_words(str(record["status"])), styles.hidden)
    elif value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, styles.number(_shape(title, record)))
    else:
        sheet.write_string(row, column, str(value))


def _shape(title: str, record: dict[str, Any]) -> str:
    measure = record.get("measure")
    if title in ESTIMATES and measure in SHARES:
        return "0.0%" if title != "se" else "0.00%"
    if title in ESTIMATES and measure in ("count", "total"):
        return "#,##0"
    if title == "confidence_level":
        return "0%"
    return FORMATS.get(title, "General")


def _sheet_name(name: str) -> str:
    """Give a name that spreadsheet programs accept."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in name)[:31]


def _width(column: pd.Series, title: str) -> float:
    if pd.api.types.is_numeric_dtype(column):
        return max(11, len(title) + 3)
    longest = max((len(str(value)) for value in column), default=0)
    return min(max(longest, len(title) + 3) + 1, MOST_WIDE)
