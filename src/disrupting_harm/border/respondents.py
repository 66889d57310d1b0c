"""What tells respondents in a file: how many they are, and the names of them, their clusters and strata."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.config.codebook import TABLES

FEWEST = 100
"""A table of fewer rows than this may have as many as there are respondents by chance."""

IDENTIFIERS = ("child_id", "caregiver_id", "household_id", "psu", "stratum")
LONG_ENOUGH = re.compile(r"(?=.*[A-Za-z_-])[\w-]{7,}|\d{9,}")
"""What is shorter may be a number or a word that means something else."""

TOKEN = re.compile(r"[\w-]{7,}")


@dataclass(frozen=True)
class Respondents:
    """Numbers of rows of the tables below data/harmonised, and names of respondents, clusters and strata in them."""

    rows: frozenset[int] = frozenset()
    names: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, project: Project) -> Respondents:
        """Those of all harmonised tables that there are."""
        rows: set[int] = set()
        names: set[str] = set()
        for file in sorted((project.root / "data/harmonised").glob("*/*.parquet")):
            rows |= numbers_of_rows(file)
            names |= identifiers(file)
        known = (each for table in TABLES for each in project.codebook.variables(table).values())
        names -= {value for each in known for value in each.values}
        return cls(frozenset(each for each in rows if each >= FEWEST), frozenset(names))

    def named_in(self, text: str) -> bool:
        """Whether a text holds a name of a respondent, a household, a cluster or a stratum."""
        return not self.names.isdisjoint(TOKEN.findall(text))


def numbers_of_rows(file: Path) -> set[int]:
    """Rows of a harmonised table, and of the file that it was made from."""
    from pyarrow import parquet

    metadata = parquet.read_metadata(file)
    about = json.loads((metadata.metadata or {}).get(b"pandas", b"{}")).get("attributes", {})
    return {metadata.num_rows, int(about.get("rows_delivered", 0))}


def identifiers(file: Path) -> set[str]:
    """Names in a harmonised table that are long enough to be nothing else."""
    from pyarrow import parquet

    there = [name for name in parquet.read_schema(file).names if name in IDENTIFIERS]
    table = parquet.read_table(file, columns=there)
    values = {
        str(value) for column in table.columns for value in column.unique().to_pylist() if value is not None
    }
    values |= {value.partition(":")[2] for value in values}
    return {value for value in values if LONG_ENOUGH.fullmatch(value)}
