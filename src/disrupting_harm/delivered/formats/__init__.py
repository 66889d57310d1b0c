"""Read a delivered file as raw codes and labels, only the columns that are needed; or describe it without any answer.

Formats by ending: text (.csv .tsv .txt), SPSS (.sav .zsav .por), Stata (.dta), SAS (.sas7bdat .xpt), Parquet, Excel
(.xlsx .xls .ods).
Errors name file and column, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from disrupting_harm.config.entries.formats import FORMATS
from disrupting_harm.delivered.formats.codes import (
    Codes,
    alike,
    coded,
    codes,
    is_declared,
    is_spreadsheet_error,
    is_undecided,
    meanings,
    numbers,
    plain,
    spelled,
)
from disrupting_harm.delivered.formats.columns import Find, find_columns, repeated_columns
from disrupting_harm.delivered.formats.description import (
    MARK,
    BadCells,
    Column,
    Description,
    Microdata,
    ReadOptions,
    row_numbers,
)
from disrupting_harm.delivered.formats.errors import MicrodataError
from disrupting_harm.delivered.formats.joined import Joined, Module
from disrupting_harm.delivered.formats.keys import keys, lost_digits
from disrupting_harm.delivered.formats.open_file import check_place, guarded, opened
from disrupting_harm.delivered.formats.placeholders import emptied, is_placeholder, line_to_write

FOUND_OUT = ReadOptions()
"""No options: everything is detected from the file."""
NOBODY = "names columns, but holds no respondents"
COPY_AGAIN = "Compare its size with the delivered file, or copy it again."


class ColumnsError(MicrodataError):
    """Wanted columns are missing or not clear; `.columns` are the wanted ones that can be read nevertheless."""

    def __init__(self, file: str, findings: Sequence[str], columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        hint = (
            "Correct it in config/questionnaires/ or config/countries/, or list its variable under not_asked."
        )
        super().__init__(file, findings, hint)


def read(
    path: Path,
    wanted: Sequence[str],
    *,
    name: str | None = None,
    text: Sequence[str] = (),
    may_be_absent: Iterable[str] = (),
    find: Find = "name",
    others: Iterable[str] = (),
    options: ReadOptions = FOUND_OUT,
    modules: Sequence[Module] = (),
    refuse_bad_cells: bool = True,
) -> Microdata:
    """The `wanted` columns of the file at `path`.

    `name`: what to call the file in messages; `text`: columns to be kept as text (identifiers: leading zeros);
    `may_be_absent`: columns without which the file can be used; `find`: by whole name, or by the ending of a name;
    `others`: columns that the file is known to have besides, so that they are not taken for a wanted one by ending;
    `options`: what the configuration says about the file; the rest is detected; `modules`: files of the same
    respondents, whose columns are read as if they were in this one; `refuse_bad_cells`: whether dates that no calendar
    has are an error; otherwise they are the numbers that the file stores, and `bad_cells` of the result
    names them, with numbers in any column that lack digits.
    Raises MicrodataError for a missing, unreadable or empty file, and for keys that lack digits; ColumnsError for
    missing or ambiguous columns.
    """
    name = name or path.name
    file = opened(path, name, options, modules)
    origin = file.origin if isinstance(file, Joined) else ()
    matched = find_columns(file.header, wanted, set(may_be_absent), find, others, origin)
    if matched.findings:
        raise ColumnsError(name, matched.findings, matched.columns)
    delivered = list(matched.columns.values())
    as_text = [matched.columns[column] for column in text if column in matched.columns]
    frame, about = guarded(path, name, options, lambda: file.read(delivered, as_text))
    raw = {column: emptied(frame.pop(column), options.missing_texts) for column in [*frame]}
    frame = pd.DataFrame(raw, copy=False)
    if frame.empty and delivered:
        raise MicrodataError(name, NOBODY, COPY_AGAIN)
    asked_for = {column: wanted_as for wanted_as, column in matched.columns.items()}
    named = {asked_for[column]: description for column, description in about.items()}
    bad = list(file.bad_cells)
    for column in as_text if refuse_bad_cells else delivered:
        bad += lost_digits(column, frame[column], file.exact(column))
    if bad and refuse_bad_cells:
        raise bad_cells_error(name, bad, asked_for, file.first_row)
    columns = {
        wanted_as: keys(frame[column]) if column in as_text else frame[column]
        for wanted_as, column in matched.columns.items()
    }
    return Microdata(
        name,
        pd.DataFrame(columns, copy=False),
        labels={
            column: dict(description.labels) for column, description in named.items() if description.labels
        },
        absent=matched.absent,
        first_row=file.first_row,
        missing={column: description.missing for column, description in named.items() if description.missing},
        bad_cells=tuple(replace(cells, column=asked_for[cells.column]) for cells in bad),
    )


def bad_cells_error(
    name: str, bad: Sequence[BadCells], asked_for: Mapping[str, str], first_row: int
) -> MicrodataError:
    """Findings about all unusable cells, column by column."""
    findings = [replace(cells, column=asked_for[cells.column]).finding(first_row) for cells in bad]
    return MicrodataError(name, findings, " ".join(dict.fromkeys(cells.hint for cells in bad)))


def recognise(
    path: Path, name: str | None = None, options: ReadOptions = FOUND_OUT
) -> tuple[ReadOptions, str]:
    """The options, with the rows of names that the file seems to have where they are not given; and what to write.

    Raises MicrodataError for a file that cannot be read with these options either.
    """
    try:
        opened(path, name or path.name, options)
    except MicrodataError as error:
        if error.layout is None:
            raise
        rows = {"names_in_row": error.layout.names_in_row, "skip_rows": error.layout.skip_rows}
        return replace(options, **rows), f"{error.findings[0]}: {error.layout.line}"
    return options, ""


def describe(path: Path, name: str | None = None, options: ReadOptions = FOUND_OUT) -> Description:
    """What is in the file at `path`: rows and columns, without any answer. Raises MicrodataError."""
    name = name or path.name
    file = opened(path, name, options)
    rows, columns = guarded(path, name, options, file.describe)
    repeated = repeated_columns(file.header)
    columns = {column: about for column, about in columns.items() if column not in repeated}
    return Description(
        name, FORMATS[path.suffix.lower()], rows, file.options, columns, tuple(repeated.values())
    )


__all__ = [
    "MARK",
    "Codes",
    "Column",
    "ColumnsError",
    "Description",
    "Find",
    "Microdata",
    "MicrodataError",
    "Module",
    "ReadOptions",
    "alike",
    "check_place",
    "coded",
    "codes",
    "describe",
    "is_declared",
    "is_placeholder",
    "is_spreadsheet_error",
    "is_undecided",
    "line_to_write",
    "meanings",
    "numbers",
    "plain",
    "read",
    "recognise",
    "row_numbers",
    "spelled",
]
