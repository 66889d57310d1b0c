"""Read a delivered file as raw codes and labels: .csv, .sav, .zsav, .dta, .parquet; only the columns that are needed.

Errors name file and column, never an answer.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from disrupting_harm.config.codes import code
from disrupting_harm.config.problems import nearest

Find = Literal["name", "ending"]
MOST_TOLD = 12
SEPARATORS = re.compile(r"[_.\-: ]")


class MicrodataError(Exception):
    """A delivered file cannot be used. `.findings` holds one line for each thing that is wrong; no answers."""

    def __init__(self, file: str, findings: str | Sequence[str], way_out: str = "") -> None:
        self.file = file
        self.way_out = way_out
        self.findings = (findings,) if isinstance(findings, str) else tuple(findings)
        more = len(self.findings) - MOST_TOLD
        told = [*self.findings[:MOST_TOLD], *([f"... and {more} more"] if more > 0 else [])]
        lines = [file, *(f"  {line}" for line in told), *([f"      {way_out}"] if way_out else [])]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Microdata:
    """Raw columns of a delivered file.

    `frame`: one row a respondent in the file's order (index 0, 1, ...), columns under the names that were asked for,
    values as delivered (user-missing codes kept); `labels`: labels of codes by column; `absent`: columns that may be
    absent and are; `first_row`: number of the first respondent's row, as a spreadsheet would show it.
    """

    file: str
    frame: pd.DataFrame
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    first_row: int = 1

    def rows(self, places: Iterable[int], most: int = 3) -> str:
        """Some row numbers in words: "rows 2, 5, 9 and others"."""
        found = [int(place) + self.first_row for place in places]
        told = ", ".join(str(row) for row in found[:most])
        return f"row{'s' if len(found) > 1 else ''} {told}{' and others' if len(found) > most else ''}"


def read(
    path: Path,
    wanted: Sequence[str],
    *,
    name: str | None = None,
    text: Sequence[str] = (),
    may_be_absent: Iterable[str] = (),
    find: Find = "name",
    others: Iterable[str] = (),
) -> Microdata:
    """The `wanted` columns of the file at `path`.

    `name`: what to call the file in messages; `text`: columns to be kept as text (identifiers: leading zeros);
    `may_be_absent`: columns without which the file can be used; `find`: by whole name, or by the ending of a name;
    `others`: columns that the file is known to have besides, so that they are not taken for a wanted one by ending.
    Raises MicrodataError for a missing or unreadable file and for missing or ambiguous columns.
    """
    name = name or path.name
    reader = reader_of(path, name)
    header = guarded(path, name, lambda: reader.header(path))
    columns, absent = find_columns(name, header, wanted, set(may_be_absent), find, others)
    as_text = [columns[column] for column in text if column in columns]
    frame, labels = guarded(path, name, lambda: reader.columns(path, list(columns.values()), as_text))
    asked_for = {delivered: column for column, delivered in columns.items()}
    frame = frame[list(columns.values())].rename(columns=asked_for)
    known = {asked_for[column]: of_codes for column, of_codes in labels.items() if column in asked_for}
    return Microdata(name, frame, known, absent, reader.first_row)


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Codes:
    """A raw column as codes: `values[places[row]]` is a row's code; None, the last of `values`, is an empty cell."""

    places: np.ndarray
    values: list[str | None]

    def mapped(self, mapping: Mapping[str | None, Any], otherwise: Any, dtype: Any = object) -> np.ndarray:
        """What `mapping` says about each row's code, `otherwise` where it says nothing. Shape (rows,)."""
        return np.array([mapping.get(value, otherwise) for value in self.values], dtype=dtype)[self.places]

    def occurring(self) -> set[str]:
        """Codes that occur."""
        return {value for value in self.values if value is not None}


def coded(column: pd.Series) -> Codes:
    """A raw column as codes."""
    places, values = pd.factorize(column, use_na_sentinel=True)
    return Codes(places, [*(code(plain(value)) or None for value in values), None])


def codes(column: pd.Series) -> np.ndarray:
    """Raw values in their one spelling ("1" for 1, 1.0 and " 1 "); None where the cell is empty. Shape (rows,)."""
    found = coded(column)
    return np.array(found.values, dtype=object)[found.places]


def plain(value: Any) -> Any:
    """A numpy scalar, date or other value as something that has a spelling."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (int, float, str)) and not isinstance(value, bool) else str(value)


def numbers(column: pd.Series, missing: Sequence[str] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Raw values as numbers (NaN where empty or one of the `missing` codes), and where they are no numbers at all."""
    spelled = codes(column)
    empty = np.array([value is None or value in missing for value in spelled], dtype=bool)
    found = pd.to_numeric(pd.Series(np.where(empty, None, spelled), dtype=object), errors="coerce").to_numpy(
        float
    )
    return found, ~empty & ~np.isfinite(found)


# Finding columns


def find_columns(
    file: str,
    header: Sequence[str],
    wanted: Sequence[str],
    may_be_absent: set[str],
    find: Find,
    others: Iterable[str] = (),
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Wanted column -> delivered column, and wanted columns that may be absent and are."""
    known = set(header)
    candidates = {column: [column] for column in wanted if column in known}
    if find == "ending":
        missing = [column for column in wanted if column not in known]
        candidates |= by_ending(header, missing, {*wanted, *others})
    findings, columns, absent = [], {}, []
    for column in dict.fromkeys(wanted):
        found = candidates.get(column, [])
        if len(found) == 1 and header.count(found[0]) == 1:
            columns[column] = found[0]
        elif len(found) > 1:
            findings.append(
                f"column {column} could be {' or '.join(found[:4])}: write the whole name in the configuration"
            )
        elif found:
            findings.append(f"column {column} stands twice in the file")
        elif column in may_be_absent:
            absent.append(column)
        else:
            findings.append(missing_column(column, header))
    if findings:
        way_out = (
            "Correct it in config/questionnaires/ or config/countries/, or list its variable under not_asked."
        )
        raise MicrodataError(file, findings, way_out)
    return columns, tuple(absent)


def missing_column(column: str, header: Sequence[str]) -> str:
    """What to say about a column that is not there."""
    close = nearest(column, header, cutoff=0.7)
    return f"column {column} is not in the file" + (f"; did you mean {close}?" if close else "")


def by_ending(header: Sequence[str], missing: Sequence[str], wanted: set[str]) -> dict[str, list[str]]:
    """Delivered columns whose names end with a wanted name: `Q5_G17` for G17.

    A delivered column goes to the longest wanted name that it ends with (S3_G8_2_G4a to G8_2_G4a, not to G4a); a name
    after a separator goes before one in the middle of a word.
    """
    ends = tuple(missing)
    found: dict[str, list[str]] = {}
    for delivered in header:
        if delivered in wanted or not ends or not delivered.endswith(ends):
            continue
        owner = max((column for column in wanted if delivered.endswith(column)), key=len)
        if owner in ends:
            found.setdefault(owner, []).append(delivered)
    for column, candidates in found.items():
        separated = [each for each in candidates if SEPARATORS.match(each[-len(column) - 1])]
        found[column] = separated or candidates
    return found


# Formats


@dataclass(frozen=True)
class Reader:
    """How one format is read: its header; some of its columns with the labels of codes; where respondents begin."""

    header: Callable[[Path], list[str]]
    columns: Callable[[Path, list[str], list[str]], tuple[pd.DataFrame, dict[str, dict[str, str]]]]
    first_row: int = 1


def reader_of(path: Path, name: str) -> Reader:
    """The reader for a file, by the ending of its name."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        way_out = f"Export it from your statistics program as one of: {', '.join(READERS)}."
        raise MicrodataError(
            name, f"is of a kind that cannot be read ({path.suffix or 'no ending'})", way_out
        )
    if not path.is_file():
        way_out = (
            "Place the file there (data/ is never committed), or correct its path in config/config.yaml or"
            " config/countries/; data/README.md tells how. Without a path the synthetic survey is used."
        )
        raise MicrodataError(name, "does not exist", way_out)
    return reader


def guarded(path: Path, name: str, reading: Callable[[], Any]) -> Any:
    """The result of `reading`, or MicrodataError without the details, which may quote answers."""
    try:
        result = reading()
    except MicrodataError as error:
        raise MicrodataError(name, error.findings, error.way_out) from None
    except PermissionError:
        raise MicrodataError(name, "may not be read: permission denied", "Ask for read permission.") from None
    except Exception as error:  # noqa: BLE001
        # Each library raises its own kinds, and their words may quote answers: neither may pass.
        what = (
            f"cannot be read as {path.suffix} ({type(error).__name__}): damaged, cut off, or of another kind"
        )
        way_out = (
            "Compare its size with the delivered file, copy it again, or open it in the program that made it."
        )
        raise MicrodataError(name, what, way_out) from None
    return result


def csv_header(path: Path) -> list[str]:
    """Column names of a CSV file with commas in UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
    if len(header) < 2:
        what = "holds no table with commas: its first line has fewer than two column names"
        raise MicrodataError(path.name, what, "Save it as CSV with commas between the columns, in UTF-8.")
    return header


def csv_columns(
    path: Path, columns: list[str], text: list[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """Some columns of a CSV file; an empty cell is missing, nothing else."""
    from pyarrow import csv as arrow_csv
    from pyarrow import string

    convert = arrow_csv.ConvertOptions(
        include_columns=columns,
        column_types={column: string() for column in text},
        null_values=[""],
        strings_can_be_null=True,
        true_values=[],
        false_values=[],
        timestamp_parsers=["%"],  # never: a code is no date
    )
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    return arrow_csv.read_csv(path, parse_options=parse, convert_options=convert).to_pandas(), {}


def spss_header(path: Path) -> list[str]:
    """Column names of an SPSS file."""
    import pyreadstat

    return list(pyreadstat.read_sav(path, metadataonly=True)[1].column_names)


def spss_columns(
    path: Path, columns: list[str], text: list[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """Some columns of an SPSS file as codes; user-missing codes stay codes."""
    import pyreadstat

    frame, meta = pyreadstat.read_sav(path, usecols=columns, user_missing=True)
    return as_text(frame, text), value_labels(meta)


def stata_header(path: Path) -> list[str]:
    """Column names of a Stata file."""
    import pyreadstat

    return list(pyreadstat.read_dta(path, metadataonly=True)[1].column_names)


def stata_columns(
    path: Path, columns: list[str], text: list[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """Some columns of a Stata file as codes; tagged missings (.a, .b) become the codes a, b."""
    import pyreadstat

    frame, meta = pyreadstat.read_dta(path, usecols=columns, user_missing=True)
    return as_text(frame, text), value_labels(meta)


def parquet_header(path: Path) -> list[str]:
    """Column names of a Parquet file."""
    from pyarrow import parquet

    return list(parquet.read_schema(path).names)


def parquet_columns(
    path: Path, columns: list[str], text: list[str]
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """Some columns of a Parquet file."""
    from pyarrow import parquet

    return as_text(parquet.read_table(path, columns=columns).to_pandas(), text), {}


def as_text(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The frame with some columns in the one spelling of codes."""
    return frame.assign(**{column: codes(frame[column]) for column in columns})


def value_labels(meta: Any) -> dict[str, dict[str, str]]:
    """Labels of codes by column, from what pyreadstat tells about a file."""
    return {
        column: {code(plain(value)): str(label) for value, label in labels.items()}
        for column, labels in meta.variable_value_labels.items()
    }


READERS = {
    ".csv": Reader(csv_header, csv_columns, first_row=2),
    ".sav": Reader(spss_header, spss_columns),
    ".zsav": Reader(spss_header, spss_columns),
    ".dta": Reader(stata_header, stata_columns),
    ".parquet": Reader(parquet_header, parquet_columns),
}
