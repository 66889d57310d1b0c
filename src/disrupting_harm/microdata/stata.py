"""Stata files (.dta): codes with their labels; the tagged missing values .a to .z stay codes and are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from disrupting_harm.microdata.spss import Spss, column_of
from disrupting_harm.microdata.table import Column


@dataclass
class Stata(Spss):
    """A Stata file, opened; read as an SPSS file but for its tags."""

    def pyreadstat(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        """What pyreadstat reads; tagged missing values, which it gives as letters, as Stata writes them: .a, not a."""
        import pyreadstat

        frame, meta = pyreadstat.read_dta(self.path, user_missing=True, encoding=self.how.encoding, **options)
        for name, letters in meta.missing_user_values.items():
            if name in frame:
                frame[name] = frame[name].replace({letter: f".{letter}" for letter in letters})
        return frame, meta

    def column(self, name: str, meta: Any) -> Column:
        """What the file says about a column."""
        return with_tags(column_of(name, meta), meta)


def with_tags(column: Column, meta: Any) -> Column:
    """A column with its tagged missing values as Stata writes them: .a, not a."""
    if column.kind == "text":
        return column
    labels = {(f".{value}" if value.isalpha() else value): label for value, label in column.labels.items()}
    tags = {f".{letter}" for letter in meta.missing_user_values.get(column.name, [])}
    tags |= {value for value in labels if value.startswith(".") and value[1:].isalpha()}
    return replace(column, labels=labels, missing=tuple(sorted(tags)))
