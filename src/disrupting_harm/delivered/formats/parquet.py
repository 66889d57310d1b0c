"""Parquet files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.compact import compact
from disrupting_harm.delivered.formats.dates import bad_dates, outside_calendar
from disrupting_harm.delivered.formats.description import (
    DOUBLE,
    SINGLE,
    BadCells,
    Column,
    Exact,
    Kind,
    ReadOptions,
)
from disrupting_harm.delivered.formats.errors import UnreadableError

_UNIX = date(1970, 1, 1)
_A_DAY = {"s": 86_400, "ms": 86_400e3, "us": 86_400e6, "ns": 86_400e9}
_HALF = 2**11
"""Below it a number of two bytes represents every whole number exactly."""


@dataclass
class Parquet:
    """A Parquet file, opened."""

    path: Path
    options: ReadOptions
    first_row: int = 1
    bad_cells: list[BadCells] = field(default_factory=list)

    def __post_init__(self) -> None:
        from pyarrow import parquet

        self.about = parquet.ParquetFile(self.path)
        self.header = list(self.about.schema_arrow.names)

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns, one by one, so that none is in memory twice. Raises UnreadableError for cells with lists."""
        from pyarrow import types

        nested = [name for name in names if types.is_nested(self.about.schema_arrow.field(name).type)]
        if nested:
            hint = "Export it as text with a separator, or as one column per option."
            raise UnreadableError(f"has several values in a cell of column {nested[0]}", hint)
        self.bad_cells = []
        return pd.DataFrame({name: compact(self.cells(name)) for name in names}, copy=False), {}

    def cells(self, name: str) -> pd.Series:
        """One column; whole numbers stay whole beside empty cells, and dates that no calendar has stay numbers."""
        column = self.about.read(columns=[name]).column(0)
        a_day = _length_of_day(column.type)
        if a_day is not None:
            numbers = _as_integers(column)
            bad = outside_calendar(numbers.to_numpy(float, na_value=np.nan), a_day, _UNIX)
            if bad.any():
                self.bad_cells.append(bad_dates(name, np.flatnonzero(bad)))
                return numbers
        return column.to_pandas(types_mapper=_whole_numbers)

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers; None where each digit is kept."""
        from pyarrow import types

        stored = self.about.schema_arrow.field(name).type
        if types.is_dictionary(stored):
            stored = stored.value_type
        if not types.is_floating(stored):
            return None
        return Exact({16: _HALF, 32: SINGLE, 64: DOUBLE}[stored.bit_width], f"a number stored as {stored}")

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows and all columns, from the file's schema."""
        columns = {
            field.name: Column(field.name, kind=_kind_of(field.type)) for field in self.about.schema_arrow
        }
        return self.about.metadata.num_rows, columns


def _whole_numbers(stored: Any) -> Any:
    """The kind of column, in pandas, that keeps whole numbers beside empty cells; others as pandas likes it."""
    from pyarrow import types

    if not types.is_integer(stored):
        return None
    sign = "UInt" if types.is_unsigned_integer(stored) else "Int"
    return pd.api.types.pandas_dtype(f"{sign}{stored.bit_width}")


def _length_of_day(stored: Any) -> float | None:
    """How many of a column's numbers make a day; None where it holds no dates."""
    from pyarrow import types

    if types.is_date(stored):
        return 1 if types.is_date32(stored) else _A_DAY["ms"]
    return _A_DAY[stored.unit] if types.is_timestamp(stored) else None


def _as_integers(column: Any) -> pd.Series:
    """Dates as the whole numbers that the file stores."""
    import pyarrow as pa

    stored = pa.int32() if pa.types.is_date32(column.type) else pa.int64()
    return column.cast(stored).to_pandas(types_mapper=_whole_numbers)


def _kind_of(stored: Any) -> Kind:
    """Number, text or date, by how a column is stored."""
    from pyarrow import types

    if types.is_temporal(stored):
        return "date"
    is_number = types.is_integer(stored) or types.is_floating(stored) or types.is_decimal(stored)
    return "number" if is_number or types.is_boolean(stored) or types.is_null(stored) else "text"
