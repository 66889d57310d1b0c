"""A harmonised table in little memory: it is kept in Arrow, and a column is converted to pandas on demand.

A cell of yes, no or nothing takes two bits in Arrow and two bytes in pandas, and of several hundred columns few are
needed at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

_TYPES = {pa.bool_(): pd.BooleanDtype()}
"""Types of pandas where Arrow's own choice is another one."""


class Harmonised:
    """One table of a country, one row per respondent, with `attrs` as `harmonise` gives them.

    It is read like a data frame: `table["sex"]` is a series, `table[["sex", "age"]]` a frame, "sex" in table whether
    the column is there.
    """

    def __init__(self, arrow: pa.Table, attrs: Mapping[str, Any]) -> None:
        self.arrow = arrow
        self.attrs = dict(attrs)
        self.columns = list(arrow.column_names)
        self._names = set(self.columns)

    @classmethod
    def read(cls, path: Path) -> Harmonised:
        """The table in a file of `harmonise`. Raises FileNotFoundError."""
        arrow = parquet.read_table(path)
        return cls(arrow, arrow.schema.pandas_metadata.get("attributes", {}))

    @classmethod
    def of(cls, table: Harmonised | pd.DataFrame) -> Harmonised:
        """A data frame as such a table; a table as it is."""
        if isinstance(table, Harmonised):
            return table
        about = {str(name): value for name, value in table.attrs.items()}
        return cls(pa.Table.from_pandas(table, preserve_index=False), about)

    def __len__(self) -> int:
        return self.arrow.num_rows

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @overload
    def __getitem__(self, name: str) -> pd.Series: ...

    @overload
    def __getitem__(self, name: list[str]) -> pd.DataFrame: ...

    def __getitem__(self, name: str | list[str]) -> pd.Series | pd.DataFrame:
        """A column, or some columns. Raises KeyError."""
        if isinstance(name, str):
            return self.arrow.column(name).to_pandas(types_mapper=_TYPES.get).rename(name)
        index = pd.RangeIndex(len(self))
        return pd.DataFrame({column: self[column] for column in name}, index=index, columns=name, copy=False)

    def yes_or_no(self, name: str) -> np.ndarray:
        """A column of yes and no without a detour through pandas: 1 yes, 0 no, -1 empty (int8). Raises KeyError."""
        column = self.arrow.column(name)
        known = column.cast(pa.int8()).fill_null(-1)
        return known.to_numpy().astype(np.int8, copy=False)

    def beside(self, other: Harmonised, rows: np.ndarray) -> Harmonised:
        """With the columns of another table that this one lacks, from some of its rows; -1: from none, so empty."""
        columns = other.arrow.select([name for name in other.columns if name not in self])
        taken = columns.take(pa.array(rows, mask=rows < 0))
        arrow = pa.table([*self.arrow.columns, *taken.columns], names=[*self.columns, *taken.column_names])
        return Harmonised(arrow, self.attrs).knowing_of(other)

    def knowing_of(self, other: Harmonised) -> Harmonised:
        """The same table that also knows which variables another one lacks, and why."""
        absent = [*self.attrs.get("absent", ()), *other.attrs.get("absent", ())]
        not_usable = {**other.attrs.get("not_usable", {}), **self.attrs.get("not_usable", {})}
        of_part = [*self.attrs.get("asked_of_part", ()), *other.attrs.get("asked_of_part", ())]
        known = {"absent": absent, "not_usable": not_usable, "asked_of_part": of_part}
        return Harmonised(self.arrow, {**self.attrs, **known})

    def filled(self, columns: Iterable[str]) -> np.ndarray:
        """Who has something in at least one of some columns, of those that the table has. Shape (rows,)."""
        valid = [self.arrow.column(name).is_valid().to_numpy() for name in columns if name in self]
        return np.logical_or.reduce(valid) if valid else np.zeros(len(self), bool)

    def only(self, names: Iterable[str]) -> Harmonised:
        """Those of some columns that it has."""
        return Harmonised(self.arrow.select([name for name in names if name in self]), self.attrs)
