"""SPSS files (.sav, .zsav): codes with their labels; user-missing codes and ranges stay codes and are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config.codes import code
from disrupting_harm.microdata.codes import plain
from disrupting_harm.microdata.table import Column, How, Kind

DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS")
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
        """Some columns as codes."""
        frame, meta = self.pyreadstat(usecols=names)
        return frame, {name: self.column(name, meta) for name in names}

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
