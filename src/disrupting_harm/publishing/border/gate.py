"""Read every file of a results folder and say what may not leave. Findings quote nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.files import records
from disrupting_harm.files.cache import FOLDER, Cache, digest
from disrupting_harm.files.fingerprints import LIBRARY, behind
from disrupting_harm.publishing import foreign, provenance
from disrupting_harm.publishing.border import crate, marks, pages, places, tabular, texts, workbook
from disrupting_harm.publishing.border.places import Location
from disrupting_harm.publishing.border.respondents import Respondents

_MOST_LISTED = 20
PASSED = FOLDER / "passed.json"
"""Checksums of files that have passed, and the columns of known tables, as they are with the same code."""

TABLES = "tables"

_READERS = ("numpy", "pillow", "pyarrow", "python-calamine")
"""Packages that read files for the border."""


class BorderError(Exception):
    """Files in results/ may not leave; the message says which and why."""


@dataclass(frozen=True)
class _Border:
    """What the files of a run are held against."""

    rules: Suppression
    people: Respondents
    words: texts.Words
    headings: frozenset[str]
    tables: tabular.Known = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project) -> _Border:
        """The border of a project, with the respondents that are below data/ now."""
        people, words = Respondents.of(project), texts.Words.of(project)
        return cls(project.analysis.suppression, people, words, pages.known_headings(project))

    @property
    def fingerprint(self) -> str:
        """Equal for equal rules: files that have passed them need not be read again."""
        words = [*self.words.folders, *(name.pattern for name in self.words.names)]
        numbers = {iso3: sorted(rows) for iso3, rows in self.people.by_country.items()}
        people = [numbers, sorted(self.people.altogether), sorted(self.people.names)]
        return digest(json.dumps([self.rules.model_dump(), people, words, sorted(self.headings)]))


def check(
    project: Project, results: Path, countries: Sequence[str], unwritten: Mapping[str, str] | None = None
) -> None:
    """Raise BorderError with everything in `results` that may not leave.

    countries: those of the run. unwritten: pages that are about to be written, name to text.
    """
    problems = list(findings(project, results, countries, unwritten))
    if problems:
        more = [f"... and {len(problems) - _MOST_LISTED} more"] if len(problems) > _MOST_LISTED else []
        lines = [f"  {file}: {what}" for file, what in problems[:_MOST_LISTED]]
        hint = [
            "  The site is not written. Correct what made these files. Move away files that the workflow does not",
            "  make; `make clean` removes those of an earlier run.",
        ]
        raise BorderError("\n".join(["results/ contains what may not be published:", *lines, *more, *hint]))


def findings(
    project: Project, results: Path, countries: Sequence[str], unwritten: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Every file that may not leave, and why."""
    border = _Border.of(project)
    about = border.fingerprint, json.dumps(provenance.versions(_READERS))
    cache = Cache(project.root / PASSED, behind(LIBRARY, ["publishing.border"]), *about)
    cache.set(TABLES, cache.get(TABLES) or tabular.known())
    border = replace(border, tables=cache.get(TABLES))
    for file, content in contents(results, unwritten or {}):
        if foreign.program(results / file):
            yield from ((file, what) for what in _of_other_program(border, content or b""))
            continue
        if content is None:
            yield file, "is a link, and what it leads to is not known"
            continue
        for what in _unless_passed(border, content, places.location(project, file, countries), cache):
            yield file, what
    cache.write()


def contents(results: Path, unwritten: Mapping[str, str]) -> Iterator[tuple[str, bytes | None]]:
    """Names and contents of all files, those not written yet among them; a link has none."""
    for path in sorted(results.rglob("*")):
        file = str(path.relative_to(results))
        if path.is_symlink():
            yield file, None
        elif path.is_file():
            yield file, path.read_bytes()
    for file, text in unwritten.items():
        yield file, text.encode()


def _of_other_program(border: _Border, content: bytes) -> Iterator[str]:
    """What is wrong with a file that another program has left: it cannot be read, but searched."""
    if border.people.named_in(content.replace(b"\0", b"").decode("latin-1")):
        yield "the name of a respondent, a household or a cluster"


def _unless_passed(border: _Border, content: bytes, location: Location | None, cache: Cache) -> list[str]:
    """What is wrong with one file; nothing if the same bytes have passed the same border as the same kind of file."""
    name = f"{hashlib.sha256(content).hexdigest()} {location}"
    if cache.get(name):
        return []
    wrong = list(of_file(border, content, location))
    if not wrong:
        cache.set(name, True)
    return wrong


def of_file(border: _Border, content: bytes, location: Location | None) -> Iterator[str]:
    """What is wrong with one file."""
    if location is None:
        yield "is no file that the workflow makes"
    elif location.kind == "empty":
        if content:
            yield "is to be empty"
    elif location.kind in _BINARY:
        yield from _BINARY[location.kind](border, content, location)
    else:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield "is no text in UTF-8"
        else:
            yield from _of_text(border, text, location)


def _of_text(border: _Border, text: str, location: Location) -> Iterator[str]:
    """What is wrong with a file of text."""
    yield from texts.findings(text, border.words, border.rules, border.people)
    held = objects(text) if location.kind in JSON else text
    if held is None:
        yield "is no JSON, or no object"
        return
    if location.synthetic:
        yield from marks.missing(location.kind, held)
    if location.kind in JSON:
        yield from JSON[location.kind](border, held, location)
    elif location.kind in TEXT:
        yield from TEXT[location.kind](border, text, location)


def objects(text: str) -> dict[str, Any] | None:
    """What a text in JSON holds; None where it is none, or no object."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def _of_png(border: _Border, content: bytes, location: Location) -> Iterator[str]:
    """What is wrong with a picture."""
    try:
        picture = marks.Picture.read(content)
    except OSError:
        yield "is no picture"
        return
    yield from texts.findings("\n".join(picture.notes.values()), border.words, border.rules, border.people)
    if location.synthetic:
        yield from picture.missing()


def _of_workbook(border: _Border, content: bytes, location: Location) -> Iterator[str]:
    """What is wrong with a workbook."""
    book = workbook.Packed(content)
    try:
        for part, text in book.words:
            for what in texts.findings(text, border.words, border.rules, border.people):
                yield f"{part}: {what}"
    except (zipfile.BadZipFile, zlib.error):
        yield "is no workbook"
        return
    yield from workbook.findings(book, border.tables, border.rules, border.people, location.synthetic)


def of_table(border: _Border, text: str, location: Location) -> Iterator[str]:
    """What is wrong with a table."""
    return tabular.findings(text, border.tables, border.rules, border.people, location.synthetic)


def of_page(border: _Border, text: str, location: Location) -> Iterator[str]:
    """What is wrong with a page."""
    if not location.is_prose:
        yield from pages.others(text)
        yield from pages.tables(text, border.headings, border.rules, border.people, location.country)


def _of_notebook(border: _Border, content: Any, location: Location) -> Iterator[str]:
    """What is wrong with an executed notebook."""
    return pages.notebook(content, border.headings, border.rules, border.people, location.country)


def _of_record(border: _Border, content: Any, _: Location) -> Iterator[str]:
    """What is wrong with a record."""
    return pages.lists(content, border.people)


def _of_product_record(_: _Border, content: Any, location: Location) -> Iterator[str]:
    """What is wrong with the record of what products were made from: it holds digests, and names of files beside it."""
    if not records.is_record(content) or "microdata" in content:
        yield "is no record of what products were made from"
    elif not all(places.is_product(location, name) for name in content["products"]):
        yield "names a file that the workflow does not make"


def _of_crate(border: _Border, content: Any, _: Location) -> Iterator[str]:
    """What is wrong with the crate."""
    return crate.findings(content, border.people)


_BINARY: dict[str, Callable[[_Border, bytes, Location], Iterator[str]]] = {
    "png": _of_png,
    "xlsx": _of_workbook,
}
TEXT: dict[str, Callable[[_Border, str, Location], Iterator[str]]] = {"csv": of_table, "html": of_page}
JSON: dict[str, Callable[[_Border, Any, Location], Iterator[str]]] = {
    "ipynb": _of_notebook,
    "json": _of_record,
    "crate": _of_crate,
    "record": _of_product_record,
}
"""How files of each kind are read: as bytes, as text, as what their JSON holds."""
