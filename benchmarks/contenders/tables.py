"""The benchmark's tables as flat binary files, which R, numpy and others read alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

GROUPS = {"sex": 2, "age": 3, "area": 2, "region": 5}
"""Groups and their levels; with everybody, 13 domain levels."""

COLUMNS = ["weight", "stratum", "psu", "country", *GROUPS]


@dataclass(frozen=True, eq=False)
class Table:
    """columns: one array each of `COLUMNS`. answers: (rows x indicators), 0 or 1, a column next to a column."""

    columns: dict[str, np.ndarray]
    answers: np.ndarray

    @property
    def indicators(self) -> list[str]:
        """Names of the columns of answers."""
        return [f"y{number}" for number in range(self.answers.shape[1])]

    @property
    def by_group(self) -> bool:
        """Whether estimates are asked by group: in the case of several countries."""
        return int(self.columns["country"].max()) > 0

    def countries(self) -> Iterator[slice]:
        """The rows of each country."""
        ends = np.flatnonzero(np.diff(self.columns["country"], append=-1)) + 1
        starts = np.concatenate([[0], ends[:-1]])
        return (slice(start, end) for start, end in zip(starts, ends, strict=True))


def make(folder: Path, countries: int, rows: int, psus: int, strata: int, indicators: int) -> None:
    """Write a made-up table: rows and psus a country, shares from 1 to 60 % that differ between PSUs."""
    chance = np.random.default_rng(7)
    everyone = countries * rows
    country = np.repeat(np.arange(countries), rows)
    psu = np.arange(everyone) // (rows // psus)
    columns = {
        "weight": chance.gamma(4, 0.25, everyone),
        "stratum": (psu % strata + country * strata).astype(np.int32),
        "psu": psu.astype(np.int32),
        "country": country.astype(np.int32),
    } | {name: chance.integers(0, levels, everyone, dtype=np.int32) for name, levels in GROUPS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, column in columns.items():
        column.tofile(folder / name)
    with (folder / "answers").open("wb") as file:
        for share in np.linspace(0.01, 0.6, indicators):
            of_psu = np.clip(share * chance.gamma(16, 1 / 16, psu[-1] + 1), 0, 1) * 256
            (chance.integers(0, 256, everyone, dtype=np.uint8) < of_psu[psu]).astype(np.int8).tofile(file)


def read(folder: Path) -> Table:
    """The table of a folder."""
    columns = {
        name: np.fromfile(folder / name, dtype=float if name == "weight" else np.int32) for name in COLUMNS
    }
    answers = np.fromfile(folder / "answers", dtype=np.int8)
    return Table(columns, answers.reshape(-1, len(columns["weight"])).T)


def peak_memory() -> float:
    """The most memory this process has held so far, in GB, its data included."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024**2
