"""SAS files (.sas7bdat, .xpt): values as stored. Labels of values are not in them, but in a catalog of formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.description import DOUBLE, Column, Exact
from disrupting_harm.delivered.formats.errors import UnreadableError
from disrupting_harm.delivered.formats.spss import Spss, column_of

_FIRST_DAY = date(1960, 1, 1)
_DAYS = ("DATE", "DDMMYY", "MMDDYY", "YYMMDD", "EURDFDE", "MINGUO")
_MOMENTS = ("DATETIME", "DATEAMPM", "E8601DT")
_OBSERVATIONS = b"HEADER RECORD*******OBS"
_HEADER = 80
"""Bytes of a line of the header of an .xpt file."""
_TAGS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_", np.uint8)
"""The first byte of a missing value with a letter in an .xpt file; all others are zero."""


@dataclass
class Sas(Spss):
    """A SAS file, opened; read as an SPSS file is, but for its missing values with a letter, .A to .Z."""

    first_day = _FIRST_DAY

    @property
    def is_transport(self) -> bool:
        """Whether it is an .xpt file."""
        return self.path.suffix.lower() == ".xpt"

    @property
    def reader(self) -> Callable[..., Any]:
        """The function of pyreadstat that reads files of this format."""
        import pyreadstat

        return pyreadstat.read_xport if self.is_transport else pyreadstat.read_sas7bdat

    @property
    def settings(self) -> dict[str, Any]:
        """How pyreadstat is to read; of an .xpt file it does not tell missing values with a letter apart."""
        return {"encoding": self.encoding} | ({} if self.is_transport else {"user_missing": True})

    def pyreadstat(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        """What pyreadstat reads; missing values with a letter as in Stata: .a."""
        frame, meta = super().pyreadstat(**options)
        for name, letters in meta.missing_user_values.items():
            if name in frame:
                frame[name] = frame[name].replace({letter: f".{letter.lower()}" for letter in letters})
        return frame, meta

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns. Raises UnreadableError for missing values of an .xpt file that its reader cannot tell apart."""
        if self.is_transport and (lost := [name for name in self.with_letters() if name in names]):
            what = f"holds missing values with a letter (.A to .Z), which are lost in an .xpt file, in column {lost[0]}"
            raise UnreadableError(what, "Ask for the file as .sas7bdat, .sav or .dta.")
        return super().read(names, text)

    def with_letters(self) -> list[str]:
        """Columns of an .xpt file in which some missing value has a letter, or an underscore."""
        types, widths = self.about.readstat_variable_types, self.about.variable_storage_width
        fields = np.dtype([(name, np.uint8, (widths[name],)) for name in self.header])
        content = self.path.read_bytes()
        start = content.index(_OBSERVATIONS) + _HEADER
        rows = np.frombuffer(content, fields, count=(len(content) - start) // fields.itemsize, offset=start)
        numbers = [name for name in self.header if types[name] != "string"]
        return [
            name
            for name in numbers
            if (np.isin(rows[name][:, 0], _TAGS) & ~rows[name][:, 1:].any(axis=1)).any()
        ]

    def column(self, name: str, meta: Any) -> Column:
        """The file's description of a column."""
        tags = sorted(f".{letter.lower()}" for letter in meta.missing_user_values.get(name, []))
        column = replace(column_of(name, meta), missing=tuple(tags))
        is_date = column.kind == "number" and self.a_day(meta.original_variable_types.get(name) or "")
        return replace(column, kind="date") if is_date else column

    def a_day(self, written: str) -> float | None:
        """How many of a column's numbers make a day, by its format; None where it holds no dates."""
        if written.startswith(_MOMENTS):
            return 86_400.0
        return 1.0 if written.startswith(_DAYS) else None

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers; None where each digit is kept."""
        is_text = self.about.readstat_variable_types.get(name) == "string"
        return None if is_text else Exact(DOUBLE, "a number in SAS")

    def declared_encoding(self) -> str:
        """The encoding that the file itself declares; empty where it declares none."""
        return ""
