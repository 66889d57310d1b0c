"""SPSS files (.sav, .zsav): codes with their labels; user-missing codes and ranges stay codes and are reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.codes import code
from disrupting_harm.delivered.formats.codes import plain
from disrupting_harm.delivered.formats.compact import compact, joined
from disrupting_harm.delivered.formats.dates import bad_dates, outside_calendar
from disrupting_harm.delivered.formats.declared import (
    bytes_of,
    declared_by_spss,
    name_for_readstat,
    wrong_texts,
)
from disrupting_harm.delivered.formats.description import DOUBLE, BadCells, Column, Exact, Kind, ReadOptions
from disrupting_harm.delivered.formats.errors import UnreadableError

_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS")
_FIRST_DAY = date(1582, 10, 14)
_A_DAY = dict.fromkeys(
    ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS", "TIME", "DTIME"), 86_400.0
)
"""Numbers that make a day, by the format of a column, where pyreadstat makes a date or a time of them."""
BLOCK = 200_000
"""Rows that are read at a time. Each block is looked for from the file's beginning, so there should be few."""
LIMIT = 1e300
"""SPSS writes LOWEST and HIGHEST as the smallest and largest number."""
_NOT_IN_ENCODING = "Unable to convert string"
_NO_ENCODING = "unsupported character set"
"""ReadStat's messages for texts that are not in the encoding, and for an unknown encoding."""


@dataclass
class Spss:
    """An SPSS file, opened."""

    path: Path
    options: ReadOptions
    first_row: int = 1
    bad_cells: list[BadCells] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.about = self.pyreadstat(metadataonly=True)[1]
        self.header = list(self.about.column_names)

    def pyreadstat(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        """What pyreadstat reads; user-missing codes stay codes. Raises UnreadableError for another encoding."""
        from pyreadstat import ReadstatError

        try:
            return self.reader(self.path, **self.settings, **options)
        except UnicodeError:
            raise self.wrong_encoding(options.get("usecols")) from None
        except ReadstatError as error:
            if _NOT_IN_ENCODING in str(error):
                raise self.wrong_encoding(options.get("usecols")) from None
            if _NO_ENCODING in str(error) and self.options.encoding:
                what = f"cannot be read with `encoding: {self.options.encoding}`, which is not known for such files"
                raise UnreadableError(what, "Leave `encoding` out, or name another: windows-1252.") from None
            raise

    @property
    def encoding(self) -> str | None:
        """The encoding that the configuration gives, as ReadStat calls it."""
        return name_for_readstat(self.options.encoding) if self.options.encoding else None

    @property
    def settings(self) -> dict[str, Any]:
        """How pyreadstat is to read."""
        return {"user_missing": True, "encoding": self.encoding}

    @property
    def reader(self) -> Callable[..., Any]:
        """The function of pyreadstat that reads files of this format."""
        import pyreadstat

        return pyreadstat.read_sav

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns as codes, block by block: no more than one block is in memory as numbers of eight bytes."""
        blocks: dict[str, list[pd.Series]] = {name: [] for name in names}
        about: dict[str, Column] = {}
        bad: dict[str, list[np.ndarray]] = {}
        first = 0
        for frame, meta in self.blocks(names, bad):
            for name in names:
                blocks[name].append(compact(frame[name]))
                described = self.column(name, meta)
                before = about.get(name, described).missing
                about[name] = replace(described, missing=tuple(dict.fromkeys([*before, *described.missing])))
            first += len(frame)
        self.bad_cells = [bad_dates(name, np.concatenate(rows)) for name, rows in bad.items()]
        return pd.DataFrame({name: joined(blocks.pop(name)) for name in names}, copy=False), about

    def blocks(
        self, names: list[str], bad: dict[str, list[np.ndarray]]
    ) -> Iterator[tuple[pd.DataFrame, Any]]:
        """Some columns, `BLOCK` rows at a time; the last block, which may be the only one, has fewer.

        `bad` is given the rows with dates that no calendar has, by column.
        """
        for first in count(0, BLOCK):
            frame, meta, rows = self.block(names, row_offset=first, row_limit=BLOCK)
            for name, places in rows.items():
                bad.setdefault(name, []).append(places + first)
            yield frame, meta
            if len(frame) < BLOCK:
                return

    def block(self, names: list[str], **options: int) -> tuple[pd.DataFrame, Any, dict[str, np.ndarray]]:
        """Some columns and rows, and the rows with dates that no calendar has; a column with one stays numbers."""
        try:
            return *self.pyreadstat(usecols=names, **options), {}
        except (OverflowError, ValueError) as error:
            frame, meta = self.pyreadstat(usecols=names, disable_datetime_conversion=True, **options)
            dates = {name: self.a_day(meta.original_variable_types[name] or "") for name in names}
            bad = {
                name: np.flatnonzero(self.outside_calendar(frame[name], day))
                for name, day in dates.items()
                if day
            }
            bad = {name: rows for name, rows in bad.items() if len(rows)}
            if not bad:
                raise error from None
        if good := [name for name, day in dates.items() if day and name not in bad]:
            frame[good] = self.pyreadstat(usecols=good, **options)[0][good]
        return frame, meta, bad

    first_day = _FIRST_DAY

    def a_day(self, written: str) -> float | None:
        """How many of a column's numbers make a day, by its format (DATE11); None where it holds no dates."""
        return _A_DAY.get(written.rstrip("0123456789."))

    def outside_calendar(self, column: pd.Series, a_day: float) -> np.ndarray:
        """Where a column holds dates that no calendar has. Shape (rows,)."""
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)  # Stata's .a is no number
        return outside_calendar(numbers, a_day, self.first_day)

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers; None where each digit is kept."""
        is_text = self.about.readstat_variable_types.get(name) == "string"
        return None if is_text else Exact(DOUBLE, "a number in SPSS")

    # The encoding

    def declared_encoding(self) -> str:
        """The encoding that the file itself declares; empty where it declares none."""
        return declared_by_spss(self.path)

    def wrong_encoding(self, names: list[str] | None) -> UnreadableError:
        """The finding about a file that is not in its declared encoding. `names`: columns that are read."""
        texts = bytes_of(self.reader, self.path, names)
        return wrong_texts(texts, self.options.encoding, self.declared_encoding())

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows, counted where the file's dictionary does not give it, and all columns."""
        rows = self.about.number_rows
        if rows is None or rows < 0:
            rows = len(self.pyreadstat(usecols=self.header[:1], disable_datetime_conversion=True)[0])
        return rows, {name: self.column(name, self.about) for name in self.header}

    def column(self, name: str, meta: Any) -> Column:
        """The file's description of a column."""
        return column_of(name, meta)


def column_of(name: str, meta: Any) -> Column:
    """The description of a column by pyreadstat."""
    labels = meta.variable_value_labels.get(name, {})
    return Column(
        name,
        label=meta.column_names_to_labels.get(name) or "",
        kind=_kind_of(
            meta.readstat_variable_types.get(name, ""), meta.original_variable_types.get(name) or ""
        ),
        labels={code(plain(value)): str(label) for value, label in labels.items()},
        missing=tuple(declared(limits["lo"], limits["hi"]) for limits in meta.missing_ranges.get(name, [])),
    )


def _kind_of(storage: str, written: str) -> Kind:
    """Number, text or date, by how a column is stored and shown (DATE11, %td)."""
    if storage == "string":
        return "text"
    return "date" if written.rstrip("0123456789.") in _DATES or written.startswith(("%t", "%d")) else "number"


def declared(low: Any, high: Any) -> str:
    """A missing code ("99"), or a range of them ("-99 to -90", "lowest to -1")."""
    if low == high:
        return code(plain(low))
    first = "lowest" if isinstance(low, float) and low < -LIMIT else code(plain(low))
    last = "highest" if isinstance(high, float) and high > LIMIT else code(plain(high))
    return f"{first} to {last}"
