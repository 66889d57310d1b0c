"""SPSS files (.sav, .zsav): codes with their labels; user-missing codes and ranges stay codes and are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config.codes import code
from disrupting_harm.microdata.codes import plain
from disrupting_harm.microdata.compact import compact, joined
from disrupting_harm.microdata.table import Column, How, Kind

DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS")
BLOCK = 200_000
"""Rows that are read at a time. Each block is looked for from the file's beginning, so there should be few."""
LIMIT = 1e300
"""SPSS writes LOWEST and HIGHEST as the smallest and largest number."""


@dataclass
class Spss:
    """An SPSS file, opened."""

    path: Path
    how: How
    first_row: int = 1

    def __post_init__(self) -> None:
        self.header = list(self.pyreadstat(metadataonly=True)[1].column_names)

    def pyreadstat(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        """What pyreadstat reads; user-missing codes stay codes."""
        import pyreadstat

        return pyreadstat.read_sav(self.path, user_missing=True, encoding=self.how.encoding, **options)

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns as codes, block by block: no more than one block is in memory as numbers of eight bytes."""
        blocks: dict[str, list[pd.Series]] = {name: [] for name in names}
        about: dict[str, Column] = {}
        for frame, meta in self.blocks(names):
            for name in names:
                blocks[name].append(compact(frame[name]))
                said = self.column(name, meta)
                before = about.get(name, said).missing
                about[name] = replace(said, missing=tuple(dict.fromkeys([*before, *said.missing])))
        return pd.DataFrame({name: joined(blocks.pop(name)) for name in names}, copy=False), about

    def blocks(self, names: list[str]) -> Iterator[tuple[pd.DataFrame, Any]]:
        """Some columns, `BLOCK` rows at a time; the last block, which may be the only one, has fewer."""
        for first in count(0, BLOCK):
            frame, meta = self.pyreadstat(usecols=names, row_offset=first, row_limit=BLOCK)
            yield frame, meta
            if len(frame) < BLOCK:
                return

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows and all columns, from the file's dictionary; rows are counted where it does not say."""
        _, meta = self.pyreadstat(metadataonly=True)
        rows = meta.number_rows
        if rows is None or rows < 0:
            rows = len(self.pyreadstat(usecols=self.header[:1])[0])
        return rows, {name: self.column(name, meta) for name in self.header}

    def column(self, name: str, meta: Any) -> Column:
        """What the file says about a column."""
        return column_of(name, meta)


def column_of(name: str, meta: Any) -> Column:
    """What pyreadstat tells about a column."""
    labels = meta.variable_value_labels.get(name, {})
    return Column(
        name,
        label=meta.column_names_to_labels.get(name) or "",
        kind=kind_of(meta.readstat_variable_types.get(name, ""), meta.original_variable_types.get(name, "")),
        labels={code(plain(value)): str(label) for value, label in labels.items()},
        missing=tuple(declared(each["lo"], each["hi"]) for each in meta.missing_ranges.get(name, [])),
    )


def kind_of(storage: str, written: str) -> Kind:
    """Number, text or date, by how a column is stored and shown (DATE11, %td)."""
    if storage == "string":
        return "text"
    return "date" if written.rstrip("0123456789.") in DATES or written.startswith(("%t", "%d")) else "number"


def declared(low: Any, high: Any) -> str:
    """A missing code ("99"), or a range of them ("-99 to -90", "lowest to -1")."""
    if low == high:
        return code(plain(low))
    first = "lowest" if isinstance(low, float) and low < -LIMIT else code(plain(low))
    last = "highest" if isinstance(high, float) and high > LIMIT else code(plain(high))
    return f"{first} to {last}"
