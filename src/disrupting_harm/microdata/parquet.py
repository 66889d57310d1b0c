"""Parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.microdata.compact import compact
from disrupting_harm.microdata.error import UnreadableError
from disrupting_harm.microdata.table import Column, How, Kind


@dataclass
class Parquet:
    """A Parquet file, opened."""

    path: Path
    how: How
    first_row: int = 1

    def __post_init__(self) -> None:
        from pyarrow import parquet

        self.about = parquet.ParquetFile(self.path)
        self.header = list(self.about.schema_arrow.names)

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:  # noqa: ARG002
        """Some columns, one by one, so that none is in memory twice. Raises UnreadableError for cells with lists."""
        from pyarrow import types

        nested = [name for name in names if types.is_nested(self.about.schema_arrow.field(name).type)]
        if nested:
            way_out = "Export it as text with a separator, or as one column an option."
            raise UnreadableError(f"has several values in a cell of column {nested[0]}", way_out)
        columns = {name: compact(self.about.read(columns=[name]).column(0).to_pandas()) for name in names}
        return pd.DataFrame(columns, copy=False), {}

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows and all columns, from the file's schema."""
        columns = {each.name: Column(each.name, kind=kind_of(each.type)) for each in self.about.schema_arrow}
        return self.about.metadata.num_rows, columns


def kind_of(stored: Any) -> Kind:
    """Number, text or date, by how a column is stored."""
    from pyarrow import types

    if types.is_temporal(stored):
        return "date"
    is_number = types.is_integer(stored) or types.is_floating(stored) or types.is_decimal(stored)
    return "number" if is_number or types.is_boolean(stored) or types.is_null(stored) else "text"
