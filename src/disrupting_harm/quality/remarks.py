"""One remark: what a check found, how serious it is, and what to do; and the tidy table of all remarks of a country."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.files.atomic import atomic_write

Level = Literal["ok", "note", "warning", "error"]
LEVELS: tuple[Level, ...] = ("ok", "note", "warning", "error")
"""From nothing to report to something that must be corrected before results are used."""

FILE = "data_quality.csv"
"""The name of a country's table of remarks, beside its results."""

COLUMNS = [
    *("country", "table", "check", "variable", "base", "share", "value", "level"),
    *("message", "hint", "data"),
]
NUMBERS = ["base", "share", "value"]
WHOLE_TABLE = ""
"""The variable of a remark that is about no single question."""


@dataclass(frozen=True)
class Remark:
    """What one check found, as a row of a table.

    `variable`: the question, or the reason of an exclusion; `value`: the number found, of respondents or of something
    else; `share`: what part of `base` respondents they are. `message` is a sentence, `hint` what to do.
    """

    table: Table
    check: str
    level: Level
    message: str
    hint: str = ""
    variable: str = WHOLE_TABLE
    base: int | None = None
    share: float | None = None
    value: float | None = None


@dataclass(frozen=True)
class Steps:
    """Shares from which a finding is a note, a warning, an error."""

    note: float = 0.0
    warning: float = 2.0
    error: float = 2.0

    def level(self, about: float) -> Level:
        """The level of a share; a share of 0 is always fine."""
        if about <= 0:
            return "ok"
        reached = [level for level in LEVELS[1:] if about >= getattr(self, level)]
        return reached[-1] if reached else "ok"


@dataclass(frozen=True)
class AtLeast(Steps):
    """A share below which a finding is a warning; it is a note otherwise."""

    def level(self, about: float) -> Level:
        """The level of a share."""
        return "warning" if about < self.warning else "note"


def tidy(remarks: Iterable[Remark], country: str, data: str) -> pd.DataFrame:
    """All remarks of a country as a table with the columns COLUMNS."""
    rows = pd.DataFrame([asdict(remark) for remark in remarks])
    rows = rows.assign(country=country, data=data).reindex(columns=COLUMNS)
    return rows.astype(dict.fromkeys(NUMBERS, float))


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a table of remarks atomically."""
    with atomic_write(path) as unfinished:
        rows.to_csv(unfinished, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read a table written by `write`."""
    text = [name for name in COLUMNS if name not in NUMBERS]
    return pd.read_csv(
        path,
        dtype=dict.fromkeys(text, str),
        keep_default_na=False,
        na_values={name: [""] for name in NUMBERS},
    )


def worst(levels: Iterable[str]) -> Level:
    """The most serious of several levels."""
    present = set(levels)
    return max((level for level in LEVELS if level in present), key=LEVELS.index, default="ok")
