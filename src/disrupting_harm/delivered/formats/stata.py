"""Stata files (.dta): codes with their labels; the tagged missing values .a to .z stay codes and are reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from disrupting_harm.delivered.formats.declared import declared_by_stata
from disrupting_harm.delivered.formats.description import DOUBLE, SINGLE, Column, Exact
from disrupting_harm.delivered.formats.spss import Spss, column_of

_FIRST_DAY = date(1960, 1, 1)
_A_DAY = {"%td": 1.0, "%d": 1.0, "%tc": 86_400e3, "%tC": 86_400e3}
"""Numbers that make a day, by how the format of a column begins."""
_WHOLE = ("int8", "int16", "int32")
"""The types in which Stata stores whole numbers exactly."""


@dataclass
class Stata(Spss):
    """A Stata file, opened; read as an SPSS file but for its tags."""

    first_day = _FIRST_DAY

    @property
    def reader(self) -> Callable[..., Any]:
        """The function of pyreadstat that reads files of this format."""
        import pyreadstat

        return pyreadstat.read_dta

    def pyreadstat(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        """What pyreadstat reads; tagged missing values, which it gives as letters, as Stata writes them: .a, not a."""
        frame, meta = super().pyreadstat(**options)
        for name, letters in meta.missing_user_values.items():
            if name in frame:
                frame[name] = frame[name].replace({letter: f".{letter}" for letter in letters})
        return frame, meta

    def column(self, name: str, meta: Any) -> Column:
        """The file's description of a column."""
        return _with_tags(column_of(name, meta), meta)

    def a_day(self, written: str) -> float | None:
        """How many of a column's numbers make a day, by its format (%td); None where it holds no dates."""
        return next((day for beginning, day in _A_DAY.items() if written.startswith(beginning)), None)

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers; None where each digit is kept."""
        stored = self.about.readstat_variable_types.get(name)
        if stored == "string" or stored in _WHOLE:
            return None
        return Exact(SINGLE, "a float in Stata") if stored == "float" else Exact(DOUBLE, "a double in Stata")

    def declared_encoding(self) -> str:
        """The encoding that the file itself declares; empty where it declares none."""
        return declared_by_stata(self.path)


def _with_tags(column: Column, meta: Any) -> Column:
    """A column with its tagged missing values as Stata writes them: .a, not a."""
    if column.kind == "text":
        return column
    labels = {(f".{value}" if value.isalpha() else value): label for value, label in column.labels.items()}
    tags = {f".{letter}" for letter in meta.missing_user_values.get(column.name, [])}
    tags |= {value for value in labels if value.startswith(".") and value[1:].isalpha()}
    return replace(column, labels=labels, missing=tuple(sorted(tags)))
