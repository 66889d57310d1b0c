"""A workbook that leaves: its parts as text, and its sheets as tables."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from disrupting_harm import tables
from disrupting_harm.border import tabular
from disrupting_harm.border.respondents import Respondents
from disrupting_harm.config.analysis import Suppression

PROSE = ("about", "definitions", "origin")
MARK = "SYNTHETIC DATA"
PROPERTIES = "docProps/core.xml"


def parts(path: Path) -> Iterator[tuple[str, str]]:
    """Names and texts of what a workbook is packed from."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            yield name, re.sub(r"<row\b.*</row>", "", text, flags=re.DOTALL) if "/sheet" in name else text


def findings(path: Path, rules: Suppression, people: Respondents, synthetic: bool) -> Iterator[str]:
    """What is wrong with the sheets and properties of a workbook."""
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        properties = archive.read(PROPERTIES).decode("utf-8")
    if any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets):
        yield "a formula"
    if synthetic and MARK not in properties:
        yield "the properties do not say SYNTHETIC"
    book = CalamineWorkbook.from_path(str(path))
    for number, name in enumerate(book.sheet_names, 1):
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for what in of_sheet(name, cells, sheet_text(path, number), rules, people):
            yield f"sheet {name}: {what}"
    if synthetic and not any(
        MARK in str(cell) for row in book.get_sheet_by_name("about").to_python() for cell in row
    ):
        yield "sheet about: does not say SYNTHETIC"


def sheet_text(path: Path, number: int) -> str:
    """What a sheet's file says behind its cells: the header of printed pages."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"xl/worksheets/sheet{number}.xml").decode("utf-8").rpartition("</sheetData>")[2]


def of_sheet(
    name: str, cells: list[list[object]], behind: str, rules: Suppression, people: Respondents
) -> Iterator[str]:
    """What is wrong with one sheet."""
    if name in PROSE:
        return
    marked = bool(cells) and MARK in str(cells[0][0])
    body = cells[1:] if marked else cells
    if not body:
        yield "is empty"
        return
    frame = pd.DataFrame(body[1:], columns=[str(title) for title in body[0]], dtype=object)
    kind = tabular.kind_of(frame)
    if kind is None:
        yield from tabular.unknown(frame, people)
        return
    if (frame.get("data") == "synthetic").any() and not marked:
        yield "the first line does not say SYNTHETIC"
    if (frame.get("data") == "synthetic").any() and MARK not in behind:
        yield "the printed page does not say SYNTHETIC"
    shown = tabular.numeric(
        frame.assign(estimate=frame["estimate"].where(tables.is_shown(frame) | is_number(frame)))
    )
    yield from tabular.beyond_limits(shown, kind, rules)


def is_number(frame: pd.DataFrame) -> pd.Series:
    """Where the estimate is a number and not the reason why there is none."""
    return frame["estimate"].map(lambda value: isinstance(value, int | float))
