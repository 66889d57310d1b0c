"""Cells of a spreadsheet whose formula has no result: #N/A, #REF!. calamine reads them as empty, which they are not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree as ET
from xml.parsers import expat

_Cells = dict[tuple[int, int], str]
"""(row, column), counted from 0 -> the error in it."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_CONTENT = "content.xml"
_BOOK, _BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_UNKNOWN = "#ERROR!"


def error_cells(path: Path, sheet: str) -> _Cells:
    """The errors on one sheet of an .xlsx or .ods file."""
    try:
        return dict(_of_ods(path, sheet) if path.suffix.lower() == ".ods" else _of_xlsx(path, sheet))
    except LookupError:  # the damaged file names a part, a sheet or an encoding that there is not
        raise zipfile.BadZipFile from None


def check_ods(path: Path) -> None:
    """Raise an error for an .ods file whose content is no XML, over which calamine would never end."""
    with zipfile.ZipFile(path) as archive:
        try:
            if b"encryption-data" not in archive.read("META-INF/manifest.xml"):
                expat.ParserCreate().Parse(archive.read(_CONTENT), True)
        except LookupError:  # it lacks a part, or is in an encoding that there is not
            raise zipfile.BadZipFile from None


# Excel since 2007: a zip archive, in which `<c r="B3" t="e"><v>#N/A</v></c>` is an error


def _of_xlsx(path: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors on one sheet of an .xlsx file."""
    with zipfile.ZipFile(path) as archive:
        content = _sheet_of_xlsx(archive, sheet)
    if b't="e"' not in content and b"t='e'" not in content:
        return
    row = -1
    for _, element in ET.iterparse(io.BytesIO(content)):
        if _local_name(element) == "row":
            row = int(element.get("r", row + 2)) - 1
            yield from (((row, column), error) for column, error in _errors_of_xlsx(element))
            element.clear()  # a large sheet is not to be in memory as elements


def _errors_of_xlsx(row: ET.Element) -> Iterator[tuple[int, str]]:
    """The errors of one row, with the numbers of their columns."""
    for number, cell in enumerate(_elements(row, "c")):
        if cell.get("t") == "e":
            name = cell.get("r")
            error = next((value.text for value in _elements(cell, "v")), None)
            yield (_column_number(name) if name else number), error or _UNKNOWN


def _sheet_of_xlsx(archive: zipfile.ZipFile, sheet: str) -> bytes:
    """The part of the archive that is a sheet. Programs write the names of parts in upper or lower case."""
    parts = {name.lower(): name for name in archive.namelist()}
    book = ET.fromstring(archive.read(parts[_BOOK]))
    ids = {
        element.get("name"): element.get(_RELATION) or element.get(_STRICT_RELATION)
        for element in _elements(book, "sheet")
    }
    relations = ET.fromstring(archive.read(parts[_BOOK_RELATIONS]))
    target = {element.get("Id"): element.get("Target", "") for element in relations}[ids[sheet]]
    part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    return archive.read(parts[part.lower()])


def _column_number(name: str) -> int:
    """The number of a cell's column, from 0: 27 for AB7."""
    number = 0
    for letter in name.rstrip("0123456789").upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _elements(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """All elements of a name below another, whatever their namespace."""
    return (element for element in parent.iter() if _local_name(element) == name)


def _local_name(element: ET.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


# OpenDocument: a zip archive, in which cells that are alike are written once and counted


def _of_ods(path: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors on one sheet of an .ods file."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read(_CONTENT)
    if b'value-type="error"' not in content:
        return
    tables = {attribute(table, "name"): table for table in _elements(ET.fromstring(content), "table")}
    row_index = 0
    for row in _elements(tables[sheet], "table-row"):
        times = _repeated(row, "rows")
        for column, error in _errors_of_ods(row):
            yield from (((row_index + time, column), error) for time in range(times))
        row_index += times


def _errors_of_ods(row: ET.Element) -> Iterator[tuple[int, str]]:
    """The errors of one row, with the numbers of their columns."""
    column = 0
    for cell in row:
        times = _repeated(cell, "columns")
        if cell.get(_CALC_TYPE) == "error":
            error = "".join(cell.itertext()).strip()
            yield from ((column + time, error or _UNKNOWN) for time in range(times))
        column += times


_CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def _repeated(element: ET.Element, what: str) -> int:
    """How often a row or cell is repeated."""
    return int(attribute(element, f"number-{what}-repeated") or 1)


def attribute(element: ET.Element, name: str) -> str | None:
    """An attribute of an element, whatever its namespace."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), None)
