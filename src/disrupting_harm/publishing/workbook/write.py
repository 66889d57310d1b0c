"""The workbook as a file: one sheet per insight, an opening sheet, and sheets with definitions and a note on the data.

xlsxwriter writes the workbook with everything but the rows of the tables, which `rows` puts in.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.publishing.workbook import rows
from disrupting_harm.publishing.workbook.rows import HIDDEN, SHAPES

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""Fixed, so that the same tables give the same bytes."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
SYNTHETIC = (
    f"{SYNTHETIC_DATA}: made by a program to show the method. No child gave these answers. Do not cite."
)
_ROUNDING = (
    "All numbers are rounded on purpose: estimates and their limits to multiples of rounded_to (0.001: 0.1 per cent), "
    "bases (n) too, standard errors to two digits. Differences, ratios and limits are worked out from rounded numbers. "
    "The page on data protection explains why."
)
_CONTRASTS = (
    "The estimate of a risk_difference or mean_difference is that of the group first minus that of the group second;"
    " of a risk_ratio, the one divided by the other. Both are levels of by. within and within_level name a part of the "
    "respondents, adjusted_for the variables of a model."
)
_ABOUT = "about"
_MOST_WIDE = 60


def write_workbook(
    tables: Mapping[str, pd.DataFrame], beside: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write an opening sheet, the tables (sheet name to tidy table), and sheets about them, such as definitions.

    Proportions are numbers shown as per cent, rounded as everything that is published. Where an estimate is hidden,
    its cell says so. Text never becomes a formula or a link. A sheet with synthetic rows says so in its first line.
    """
    empty = io.BytesIO()
    sheets = {**tables, **beside}
    with xlsxwriter.Workbook(empty, _OPTIONS) as book:
        synthetic = any(is_synthetic(table) for table in tables.values())
        properties = {"title": "Estimates", "comments": SYNTHETIC if synthetic else "", "author": ""}
        book.set_properties({**properties, "created": _CREATED})
        styles = _Styles(book)
        _open_with(book, styles, tables, synthetic)
        for name, table in sheets.items():
            _add_sheet(book, styles, name, table)
    with atomic_write(Path(path)) as unfinished:
        rows.fill(empty, list(sheets.values()), unfinished)


def is_synthetic(table: pd.DataFrame) -> bool:
    """Whether a table has synthetic rows."""
    return "data" in table and bool((table["data"] == "synthetic").any())


class _Styles:
    """Formats of cells, each made once for a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.warning = book.add_format({"bold": True, "font_color": "#B3261E"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.of_rows: dict[str, Format] = {
            HIDDEN: book.add_format({"italic": True, "font_color": "#5B6470"}),
            **{shape: book.add_format({"num_format": shape}) for shape in SHAPES},
        }


def _open_with(
    book: xlsxwriter.Workbook, styles: _Styles, tables: Mapping[str, pd.DataFrame], synthetic: bool
) -> None:
    """Add the sheet that says how to read the others. Its last row is blank, and has the styles of their cells."""
    sheet = book.add_worksheet(_ABOUT)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90, styles.wrapped)
    sheet.write_string(0, 0, "Disrupting Harm: estimates", styles.title)
    row = 1
    if synthetic:
        sheet.write_string(row, 0, SYNTHETIC, styles.warning)
        row += 1
    for row, (name, text) in enumerate(lines(tables), row + 1):  # noqa: B020
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
    for column, style in enumerate(styles.of_rows.values()):
        sheet.write_blank(row + 2, column, None, style)


def lines(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """What the opening sheet says."""
    return [
        (
            "How to read it",
            "One row is one estimate. Proportions are shown as per cent.",
        ),
        (
            "Comparing groups",
            _CONTRASTS,
        ),
        (
            "Rounding",
            _ROUNDING,
        ),
        (
            "Hidden estimates",
            "Where an estimate is not shown, its cell says so, and the row has no other numbers.",
        ),
        ("Small base", "Status low_n: the estimate has a small base; interpret it with care."),
        *[("Sheet " + name, f"{len(table):,} rows") for name, table in tables.items()],
        (
            "Sheet definitions",
            "What each indicator counts, among whom, where that is defined, and where the code is.",
        ),
        (
            "Sheet origin",
            "What the numbers of each country were made from: settings, checksums of files, and the commit.",
        ),
    ]


def _add_sheet(book: xlsxwriter.Workbook, styles: _Styles, name: str, table: pd.DataFrame) -> None:
    """Add a sheet with the headings of a table, and no rows."""
    sheet = book.add_worksheet(_sheet_name(name))
    top = 0
    if is_synthetic(table):
        sheet.write_string(0, 0, SYNTHETIC, styles.warning)
        sheet.set_header(f"&C&KB3261E{SYNTHETIC_DATA}")
        top = 1
    for column, title in enumerate(table.columns):
        sheet.write_string(top, column, str(title), styles.head)
        sheet.set_column(column, column, width(table[title], str(title)))
    sheet.freeze_panes(top + 1, 0)
    if len(table):
        sheet.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def _sheet_name(name: str) -> str:
    """A name that spreadsheet programs accept."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in name)[:31]


def width(column: pd.Series, title: str) -> float:
    """Room for what a column holds, in signs."""
    if pd.api.types.is_numeric_dtype(column):
        return max(11, len(title) + 3)
    longest = max((len(str(value)) for value in column.unique()), default=0)
    return min(max(longest, len(title) + 3) + 1, _MOST_WIDE)
