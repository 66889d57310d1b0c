"""Which rows of a text or Excel file hold the names of the columns, and which below them are nobody's answers.

Rows count from 1, as a spreadsheet program shows them. What the configuration does not say is the usual: names in the
first row, respondents from the next on. A file that looks like one of the survey tools that write more than one row
above the answers is recognised, but nothing is guessed: the run stops with the line to write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from disrupting_harm.delivered.formats.description import ReadOptions
from disrupting_harm.delivered.formats.errors import Layout, UnreadableError

Rows = Sequence[Sequence[str]]

MOST = 60
"""Rows of a file that are looked at."""
_MOST_TITLES = 15
_FEWEST_COLUMNS = 3
_FEWEST_ROWS = 3
_LONG = 10
"""Letters from which a text with a blank in it may be a question."""
_IMPORT_ID = '{"ImportId"'
_NUMBER = re.compile(r"[+-]?[\d.,\s]+")
_NAME = re.compile(r"[^\W\d]\S*")


class LayoutError(UnreadableError):
    """A file seems to have rows above the answers that the configuration does not name; `.layout` names them."""

    def __init__(self, what: str, layout: Layout) -> None:
        self.layout = layout
        super().__init__(
            what,
            f"Write beside `file:` in the configuration: {layout.line}\n"
            "      If the first row holds the names and the next one is a respondent's, write names_in_row: 1.",
        )


@dataclass(frozen=True)
class Header:
    """The names of the columns, and the first respondent's row."""

    names: list[str]
    first_row: int


def read_header(rows: Rows, options: ReadOptions, first: int = 1) -> Header:
    """Names and first row by the options, from a file's first rows. `first`: the first row that may hold names.

    Raises LayoutError where the options do not say and the file looks like several rows of names or titles;
    UnreadableError where they name rows that there are not.
    """
    in_rows, skipped = options.names_in_row or (first,), options.skip_rows or ()
    last = in_rows[-1]
    if last > len(rows):
        raise UnreadableError(f"has no row {last}, which should hold the names", "Correct `names_in_row`.")
    if options.names_in_row is None and options.skip_rows is None and (layout := _recognised(rows, first)):
        raise LayoutError(*layout)
    if skipped != tuple(range(last + 1, last + 1 + len(skipped))):
        what = f"has its names in row {last}, and skip_rows names others than the rows that follow it"
        hint = (
            f"Write the rows between the names and the first respondent, as in skip_rows: [{last + 1}]; rows further"
            " down are left out by `where`."
        )
        raise UnreadableError(what, hint)
    return Header(_joined([rows[row - 1] for row in in_rows]), last + 1 + len(skipped))


def _joined(rows: Rows) -> list[str]:
    """One name per column; of two rows, the upper one counts for the empty cells to its right, too: Who? - Mother."""
    if len(rows) == 1:
        return [" ".join(name.split()) for name in rows[0]]
    width = max(map(len, rows))
    names: list[str] = []
    above = ""
    for column in range(width):
        upper, lower = (" ".join(row[column].split()) if column < len(row) else "" for row in rows)
        above = upper or above
        names.append(f"{above} - {lower}" if above and lower else upper or lower)
    return names


# Recognising


def _recognised(rows: Rows, first: int) -> tuple[str, Layout] | None:
    """What a file seems to be, and its settings; None for a usual one."""
    top = _below_titles(rows, first)
    names, below = rows[top - 1], rows[top:]
    in_row = (top,) if top > first else None
    if not below or max(len(_full(names)), len(_full(below[0]))) < _FEWEST_COLUMNS:
        return None
    if len(below) > 1 and sum(cell.startswith(_IMPORT_ID) for cell in below[1]) > len(names) // 2:
        layout = Layout(in_row, (top + 1, top + 2))
        return "seems to come from Qualtrics, with question texts and import codes below the names", layout
    if _is_options(names, below[0]):
        return (
            f"seems to have questions in row {top} and their options in row {top + 1}, as SurveyMonkey writes them",
            Layout((top, top + 1)),
        )
    if _is_names(below[0], below[1:]) and _are_questions(names, below):
        return f"seems to have question texts in row {top}, and the names below them", Layout((top + 1,))
    if _are_questions(below[0], below[1:]):
        return f"seems to have question texts in row {top + 1}, below the names", Layout(in_row, (top + 1,))
    if in_row:
        return f"seems to have titles above the names of the columns, which are in row {top}", Layout(in_row)
    return None


def _below_titles(rows: Rows, first: int) -> int:
    """The row of the names: below rows that are empty or have a title in their first cells."""
    width = max((len(_full(row)) for row in rows), default=0)
    for number, row in enumerate(rows[first - 1 : first - 1 + _MOST_TITLES], start=first):
        full = _full(row)
        if len(full) > 2 or width < _FEWEST_COLUMNS or any(row[2:]):
            fits = row[0] != "" and len(full) >= 0.8 * width and _are_names(full)
            return number if fits else first
    return first


def _full(row: Sequence[str]) -> list[str]:
    """The cells of a row that are not empty."""
    return [cell for cell in row if cell]


def _are_names(cells: Sequence[str]) -> bool:
    """Whether cells may be names of columns: no numbers, none twice."""
    return len({*cells}) == len(cells) and not any(map(_NUMBER.fullmatch, cells))


def _is_names(row: Sequence[str], below: Rows) -> bool:
    """Whether a row of words without blanks, none twice, is no respondent's: no word is in its column again."""
    cells = _full(row)
    if not _are_names(cells) or not all(map(_NAME.fullmatch, cells)):
        return False
    return not any(cell and cell in _column(below, position) for position, cell in enumerate(row))


def _are_questions(row: Sequence[str], below: Rows) -> bool:
    """Whether most cells of a row are sentences, and longer than anything below them."""
    full = [(position, cell) for position, cell in enumerate(row) if cell]
    sentences = [
        position
        for position, cell in full
        if len(cell) >= _LONG
        and " " in cell
        and len(cell) > max(map(len, _column(below, position)), default=0)
    ]
    return len(below) >= _FEWEST_ROWS and len(full) >= _FEWEST_COLUMNS and len(sentences) > len(full) / 2


def _is_options(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether some names are empty, and a text stands below every one of these and no number in the whole row."""
    unnamed = [position for position, name in enumerate(names) if not name]
    options = [below[position] if position < len(below) else "" for position in unnamed]
    return len(options) > 1 and all(options) and not any(map(_NUMBER.fullmatch, _full(below)))


def _column(rows: Rows, position: int) -> list[str]:
    """The cells of a column."""
    return [row[position] for row in rows if position < len(row)]
