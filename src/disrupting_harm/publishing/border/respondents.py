"""What reveals respondents in a file: how many they are, and their names and those of their clusters and strata."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from disrupting_harm.config import Project
from disrupting_harm.config.entries.codebook import TABLES

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

FEWEST = 100
"""A table of fewer rows than this may have as many as there are respondents by chance."""

_IDENTIFIERS = ("child_id", "caregiver_id", "household_id", "psu", "stratum")
_LONG_ENOUGH = re.compile(r"(?=.*[A-Za-z_-])[\w-]{7,}|\d{9,}")
"""What is shorter may be a number or a word that means something else."""

FIRST = 4
"""How many characters at the start of names are used to find words that may be one. No name is shorter than seven."""


@dataclass(frozen=True)
class Respondents:
    """Numbers of rows of the tables below data/harmonised, and names of respondents, clusters and strata in them.

    by_country: the same numbers of each country; altogether: of the tables of all countries taken together.
    """

    names: frozenset[str] = field(default=frozenset(), repr=False)
    by_country: Mapping[str, frozenset[int]] = field(default_factory=dict)
    altogether: frozenset[int] = frozenset()

    @classmethod
    def of(cls, project: Project) -> Respondents:
        """Those of all harmonised tables that there are."""
        from pyarrow.parquet import ParquetFile

        rows: dict[str, set[int]] = defaultdict(set)
        totals: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(2, dtype=int))
        values: set[str] = set()
        for file in sorted((project.root / "data/harmonised").glob("*/*.parquet")):
            with ParquetFile(file) as table:
                numbers = _numbers_of_rows(table)
                values |= _identifiers(table)
            rows[file.parent.name].update(numbers)
            totals[file.name] += numbers
        values |= {value.partition(":")[2] for value in values}
        names = {value for value in values if _LONG_ENOUGH.fullmatch(value)}
        known = (variable for table in TABLES for variable in project.codebook.variables(table).values())
        names -= {value for variable in known for value in variable.values}
        by_country = {iso3: _at_least_a_few(numbers) for iso3, numbers in rows.items()}
        return cls(frozenset(names), by_country, _at_least_a_few(itertools.chain(*totals.values())))

    @cached_property
    def rows(self) -> frozenset[int]:
        """The numbers of rows of all countries, and of all together."""
        return self.altogether.union(*self.by_country.values())

    def drawn_for(self, country: str | None) -> frozenset[int]:
        """Numbers of marks that a figure about a country, or across all of them (None), would have of respondents.

        Across countries those of one country alone do not count: where two dozen countries have about a thousand
        respondents each, a figure of a thousand published numbers meets one of theirs by chance.
        """
        return self.altogether if country is None else self.by_country.get(country, frozenset())

    def named_in(self, text: str) -> bool:
        """Whether a text holds a name of a respondent, a household, a cluster or a stratum."""
        return bool(self.names) and not self.names.isdisjoint(self.alike.findall(text))

    @cached_property
    def alike(self) -> re.Pattern[str]:
        """Words that begin like some name: each sign is one of those that names have there."""
        signs = (
            re.escape("".join(sorted({name[position] for name in self.names}))) for position in range(FIRST)
        )
        first, *others = (f"[{signs_here}]" for signs_here in signs)
        return re.compile(rf"{first}(?<![\w-]{first}){''.join(others)}[\w-]*")


def _at_least_a_few(numbers: Iterable[int]) -> frozenset[int]:
    """Those of some numbers of rows that a table has hardly by chance."""
    return frozenset(int(number) for number in numbers if number >= FEWEST)


def _numbers_of_rows(table: ParquetFile) -> tuple[int, int]:
    """Rows of a harmonised table, and of the file that it was made from."""
    about = json.loads((table.metadata.metadata or {}).get(b"pandas", b"{}")).get("attributes", {})
    return table.metadata.num_rows, int(about.get("rows_delivered", 0))


def _identifiers(table: ParquetFile) -> set[str]:
    """The values of a harmonised table's columns of identifiers."""
    there = [name for name in table.schema_arrow.names if name in _IDENTIFIERS]
    columns = table.read(columns=there, use_threads=False).columns
    return {str(value) for column in columns for value in column.unique().to_pylist() if value is not None}
