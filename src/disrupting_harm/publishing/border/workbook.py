"""A workbook that leaves: its parts as text, and its sheets as tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.publishing.border import tabular
from disrupting_harm.publishing.border.marks import MARK
from disrupting_harm.publishing.border.respondents import Respondents
from disrupting_harm.publishing.border.tabular import Known, Table

_PROSE = ("about", "definitions", "origin")
_PROPERTIES = "docProps/core.xml"
_SHEETS = "xl/worksheets/"
_NOT_IN_SHEETS = {
    "a formula": ("<f>", "<f "),
    "a text that is not among the shared texts": ('t="inlineStr"', 't="str"'),
}
"""What no sheet holds, and how it looks in the sheet's text. Rows are not searched for words: shared texts are."""


@dataclass(frozen=True)
class Packed:
    """A workbook, and the texts that it is packed from."""

    content: bytes

    @cached_property
    def parts(self) -> dict[str, str]:
        """All texts, by name. Raises zipfile.BadZipFile for what is no workbook."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}

    @property
    def words(self) -> Iterator[tuple[str, str]]:
        """The texts without the rows of sheets, whose words are among the shared texts."""
        for name, text in self.parts.items():
            begin, end = text.find("<row "), text.rfind("</row>")
            yield name, text[:begin] + text[end:] if "/sheet" in name and 0 <= begin < end else text

    @property
    def sheets(self) -> dict[str, str]:
        """The texts of sheets."""
        return {name: text for name, text in self.parts.items() if name.startswith(_SHEETS)}


def findings(
    book: Packed, kinds: Known, rules: Suppression, people: Respondents, synthetic: bool
) -> Iterator[str]:
    """What is wrong with the sheets and properties of a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    for what, marks in _NOT_IN_SHEETS.items():
        if any(mark in text for text in book.sheets.values() for mark in marks):
            yield what
    if synthetic and MARK not in book.parts.get(_PROPERTIES, ""):
        yield "the properties do not say SYNTHETIC"
    try:
        opened = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
        read = ((name, opened.get_sheet_by_name(name)) for name in opened.sheet_names)
        sheets = {name: sheet.to_python(skip_empty_area=False) for name, sheet in read}
    except CalamineError:
        yield "cannot be read"
        return
    for number, (name, cells) in enumerate(sheets.items(), 1):
        behind = book.parts.get(f"{_SHEETS}sheet{number}.xml", "").rpartition("</sheetData>")[2]
        for what in _of_sheet(name, cells, behind, kinds, rules, people):
            yield f"sheet {name}: {what}"
    if synthetic and not any(MARK in str(cell) for row in sheets.get("about", []) for cell in row):
        yield "sheet about: does not say SYNTHETIC"


def _of_sheet(
    name: str,
    cells: Sequence[Sequence[object]],
    behind: str,
    kinds: Known,
    rules: Suppression,
    people: Respondents,
) -> Iterator[str]:
    """What is wrong with one sheet."""
    if name in _PROSE:
        return
    marked = bool(cells) and MARK in str(cells[0][0])
    body = cells[1:] if marked else cells
    if not body:
        yield "is empty"
        return
    table = Table([str(title) for title in body[0]], list(map(list, body[1:])))
    kind = tabular.kind_of(table, kinds)
    if kind is None:
        yield from tabular.unknown(table, kinds, people)
        return
    if "data" in table.head and "synthetic" in table.column("data"):
        if not marked:
            yield "the first line does not say SYNTHETIC"
        if MARK not in behind:
            yield "the printed page does not say SYNTHETIC"
    yield from tabular.beyond_limits(table, kind, rules)
