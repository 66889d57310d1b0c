"""Cells of a spreadsheet whose formula has no result: #N/A, #REF!. calamine reads them as empty, which they are not."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from disrupting_harm.delivered.formats import compound

Cells = dict[tuple[int, int], str]
"""(row, column), counted from 0 -> the error in it."""

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
NUMBERS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""Errors by their numbers in files of before 2007."""
BOOK, BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
UNKNOWN = "#ERROR!"
BOUNDSHEET, BOF, EOF, FORMULA, ERROR_CELL = 0x0085, 0x0809, 0x000A, 0x0006, 0x0205


def error_cells(path: Path, sheets: Sequence[str], sheet: str) -> Cells:
    """The errors on one of the sheets of a file."""
    if path.suffix.lower() == ".xls":
        return dict(of_xls(path, sheets.index(sheet)))
    return dict(of_ods(path, sheet) if path.suffix.lower() == ".ods" else of_xlsx(path, sheet))


# Excel since 2007: a zip archive, in which `<c r="B3" t="e"><v>#N/A</v></c>` is an error


def of_xlsx(path: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors on one sheet of an .xlsx file."""
    with zipfile.ZipFile(path) as archive:
        content = sheet_of_xlsx(archive, sheet)
    if b't="e"' not in content and b"t='e'" not in content:
        return
    row = -1
    for _, element in ET.iterparse(io.BytesIO(content)):
        if local_name(element) == "row":
            row = int(element.get("r", row + 2)) - 1
            yield from (((row, column), error) for column, error in errors_of_xlsx(element))
            element.clear()  # a large sheet is not to be in memory as elements


def errors_of_xlsx(row: ET.Element) -> Iterator[tuple[int, str]]:
    """The errors of one row, with the numbers of their columns."""
    for number, cell in enumerate(elements(row, "c")):
        if cell.get("t") == "e":
            name = cell.get("r")
            error = next((value.text for value in elements(cell, "v")), None)
            yield (column_number(name) if name else number), error or UNKNOWN


def sheet_of_xlsx(archive: zipfile.ZipFile, sheet: str) -> bytes:
    """The part of the archive that is a sheet. Programs write the names of parts in upper or lower case."""
    parts = {name.lower(): name for name in archive.namelist()}
    book = ET.fromstring(archive.read(parts[BOOK]))
    ids = {
        element.get("name"): element.get(RELATION) or element.get(STRICT_RELATION)
        for element in elements(book, "sheet")
    }
    relations = ET.fromstring(archive.read(parts[BOOK_RELATIONS]))
    target = {element.get("Id"): element.get("Target", "") for element in relations}[ids[sheet]]
    part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    return archive.read(parts[part.lower()])


def column_number(name: str) -> int:
    """The number of a cell's column, from 0: 27 for AB7."""
    number = 0
    for letter in name.rstrip("0123456789").upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def elements(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """All elements of a name below another, whatever their namespace."""
    return (element for element in parent.iter() if local_name(element) == name)


def local_name(element: ET.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


# OpenDocument: a zip archive, in which cells that are alike are written once and counted


def of_ods(path: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors on one sheet of an .ods file."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    if b'value-type="error"' not in content:
        return
    tables = {attribute(table, "name"): table for table in elements(ET.fromstring(content), "table")}
    row_index = 0
    for row in elements(tables[sheet], "table-row"):
        times = repeated(row, "rows")
        for column, error in errors_of_ods(row):
            yield from (((row_index + time, column), error) for time in range(times))
        row_index += times


def errors_of_ods(row: ET.Element) -> Iterator[tuple[int, str]]:
    """The errors of one row, with the numbers of their columns."""
    column = 0
    for cell in row:
        times = repeated(cell, "columns")
        if cell.get(CALC_TYPE) == "error":
            error = "".join(cell.itertext()).strip()
            yield from ((column + time, error or UNKNOWN) for time in range(times))
        column += times


CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def repeated(element: ET.Element, what: str) -> int:
    """How often a row or cell is repeated."""
    return int(attribute(element, f"number-{what}-repeated") or 1)


def attribute(element: ET.Element, name: str) -> str | None:
    """An attribute of an element, whatever its namespace."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), None)


# Excel before 2007: records in a stream of a compound file


def of_xls(path: Path, sheet: int) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors on one sheet of an .xls file, by its place among the sheets."""
    book = compound.stream(path.read_bytes(), ("Workbook", "Book"))
    starts = [
        struct.unpack_from("<I", content)[0] for kind, content in globals_of(book) if kind == BOUNDSHEET
    ]
    depth = 0
    for kind, content in records(book, starts[sheet]):
        depth += (kind == BOF) - (kind == EOF)  # a chart within the sheet has a beginning and an end, too
        if depth == 0:
            return
        number = error_number(kind, content)
        if number is not None:
            row, column = struct.unpack_from("<HH", content)
            yield (row, column), NUMBERS.get(number, UNKNOWN)


def error_number(kind: int, content: bytes) -> int | None:
    """The number of the error that a record holds; None where it holds none."""
    if kind == ERROR_CELL and content[7]:
        return content[6]
    is_no_number = kind == FORMULA and content[12:14] == b"\xff\xff"
    return content[8] if is_no_number and content[6] == 2 else None


def globals_of(book: bytes) -> Iterator[tuple[int, bytes]]:
    """The records about the whole workbook, which are before those of its sheets."""
    return takewhile(lambda record: record[0] != EOF, records(book, 0))


def records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records from a place on: kind and content."""
    while start + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, start)
        yield kind, book[start + 4 : start + 4 + length]
        start += 4 + length
