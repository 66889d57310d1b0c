"""Read every file of a results folder and say what may not leave. Findings quote nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from disrupting_harm.border import crate, marks, pages, places, tabular, texts, workbook
from disrupting_harm.border.places import Place
from disrupting_harm.border.respondents import Respondents
from disrupting_harm.config import Project
from disrupting_harm.config.analysis import Suppression

MOST_TOLD = 20


class BorderError(Exception):
    """Files in results/ may not leave; the message says which and why."""


@dataclass(frozen=True)
class Border:
    """What the files of a run are held against."""

    rules: Suppression
    people: Respondents
    words: texts.Words
    headings: frozenset[str]

    @classmethod
    def of(cls, project: Project) -> Border:
        """The border of a project, with the respondents that are below data/ now."""
        people, words = Respondents.of(project), texts.Words.of(project)
        return cls(project.analysis.suppression, people, words, pages.known_headings(project))


def check(
    project: Project, results: Path, countries: Sequence[str], unwritten: Mapping[str, str] | None = None
) -> None:
    """Raise BorderError with everything in `results` that may not leave.

    countries: those of the run. unwritten: pages that are about to be written, name to text.
    """
    found = list(findings(project, results, countries, unwritten))
    if found:
        more = [f"... and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
        lines = [f"  {file}: {what}" for file, what in found[:MOST_TOLD]]
        way_out = [
            "  The site is not written. Mend what made these files; a file that the workflow does not make is to be",
            "  moved away, and one of an earlier run goes with `make clean`.",
        ]
        raise BorderError("\n".join(["results/ holds what may not leave:", *lines, *more, *way_out]))


def findings(
    project: Project, results: Path, countries: Sequence[str], unwritten: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Every file that may not leave, and why."""
    border = Border.of(project)
    for path in sorted(results.rglob("*")):
        file = str(path.relative_to(results))
        if path.is_symlink():
            yield file, "is a link, and what it leads to is not known"
        elif path.is_file():
            for what in of_file(border, path, places.place(project, file, countries)):
                yield file, what
    for file, text in (unwritten or {}).items():
        for what in of_text(border, text, places.place(project, file, countries)):
            yield file, what


def of_file(border: Border, path: Path, place: Place | None) -> Iterator[str]:
    """What is wrong with one file."""
    if place is None:
        yield "is no file that the workflow makes"
        return
    if place.kind == "empty":
        if path.stat().st_size:
            yield "is to be empty"
        return
    reader = BINARY.get(place.kind)
    if reader:
        yield from reader(border, path, place)
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield "is no text in UTF-8"
        return
    yield from of_text(border, text, place)


def of_text(border: Border, text: str, place: Place) -> Iterator[str]:
    """What is wrong with a file of text."""
    yield from texts.findings(text, border.words, border.rules, border.people)
    if place.synthetic:
        yield from marks.missing(place.kind, text)
    if read := TEXT.get(place.kind):
        yield from read(border, text, place)


def of_png(border: Border, path: Path, place: Place) -> Iterator[str]:
    """What is wrong with a picture."""
    picture = marks.Picture.read(path)
    yield from texts.findings("\n".join(picture.notes.values()), border.words, border.rules, border.people)
    if place.synthetic:
        yield from picture.missing()


def of_workbook(border: Border, path: Path, place: Place) -> Iterator[str]:
    """What is wrong with a workbook."""
    for part, text in workbook.parts(path):
        for what in texts.findings(text, border.words, border.rules, border.people):
            yield f"{part}: {what}"
    yield from workbook.findings(path, border.rules, border.people, place.synthetic)


def of_table(border: Border, text: str, place: Place) -> Iterator[str]:
    """What is wrong with a table."""
    return tabular.findings(text, border.rules, border.people, place.synthetic)


def of_page(border: Border, text: str, place: Place) -> Iterator[str]:
    """What is wrong with a page."""
    return iter(()) if place.is_prose else pages.tables(text, border.headings, border.rules, border.people)


def of_notebook(border: Border, text: str, _: Place) -> Iterator[str]:
    """What is wrong with an executed notebook."""
    return pages.notebook(text, border.headings, border.rules, border.people)


def of_record(border: Border, text: str, _: Place) -> Iterator[str]:
    """What is wrong with a record."""
    return pages.lists(json.loads(text), border.people)


def of_crate(border: Border, text: str, _: Place) -> Iterator[str]:
    """What is wrong with the crate."""
    return crate.findings(text, border.people)


BINARY: dict[str, Callable[[Border, Path, Place], Iterator[str]]] = {"png": of_png, "xlsx": of_workbook}
TEXT: dict[str, Callable[[Border, str, Place], Iterator[str]]] = {
    "csv": of_table,
    "html": of_page,
    "ipynb": of_notebook,
    "json": of_record,
    "crate": of_crate,
}
