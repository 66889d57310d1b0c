"""Files of the same respondents as one: parts of the questionnaire in files of their own, joined one to one by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.delivered.formats.columns import find_columns
from disrupting_harm.delivered.formats.description import (
    MARK,
    BadCells,
    Column,
    Exact,
    Opened,
    ReadOptions,
    row_numbers,
)
from disrupting_harm.delivered.formats.errors import MicrodataError
from disrupting_harm.delivered.formats.keys import keys, lost_digits

_BETWEEN = "\x1f"
"""Between the parts of a key of several columns."""
_ONE_ROW = (
    "One row per respondent is needed in both files: correct the key, or name further columns under `by`."
)
_PARTNERS = (
    "Correct the keys. If they are right, write accept_unjoined: true beside `by:`: who has no row in {} then counts as"
    " not asked what is in it, and its rows without a respondent are left out."
)


@dataclass(frozen=True)
class Module:
    """A file that is joined to another one by the key columns `by`, which both have."""

    path: Path
    name: str
    by: tuple[str, ...]
    accept_unjoined: bool
    options: ReadOptions


@dataclass
class Joined:
    """A file with its modules, opened; rows, their number and their order are those of the file.

    `guarded`: lets no error of a library pass that may quote answers; called with path, name, options and a function.
    """

    main: Opened
    path: Path
    name: str
    modules: list[tuple[Module, Opened]]
    guarded: Callable[[Path, str, ReadOptions, Callable[[], Any]], Any]
    bad_cells: list[BadCells] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.options, self.first_row = self.main.options, self.main.first_row
        self.header = list(self.main.header)
        self.origin = [self.name] * len(self.header)
        for module, file in self.modules:
            by_key = {name.casefold() for name in module.by} | {MARK.casefold()}
            further = [name for name in file.header if name.casefold() not in by_key]
            self.header += further
            self.origin += [module.name] * len(further)

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns of all files, as each file reads them, in the rows of the first one."""
        of_main = [name for name in names if name in self.main.header]
        columns, about = self.main.read(of_main, text) if of_main else (pd.DataFrame(), {})
        self.bad_cells = list(self.main.bad_cells)
        for module, file in self.modules:
            places = self.places(module, file)
            wanted = [name for name in names if name in file.header and name not in self.main.header]
            if wanted:
                reading = partial(file.read, wanted, [name for name in text if name in wanted])
                frame, described = self.guarded(module.path, module.name, module.options, reading)
                columns = pd.concat([columns, frame.reindex(places).reset_index(drop=True)], axis=1)
                about |= described
                self.bad_cells += _in_rows_of_main(file.bad_cells, places)
        return columns[names], about

    def exact(self, name: str) -> Exact | None:
        """How exactly a column stores numbers, in the file that has it."""
        files = [self.main, *(file for _, file in self.modules)]
        return next(file for file in files if name in file.header).exact(name)

    def describe(self) -> tuple[int, dict[str, Column]]:
        """The number of rows of the first file, and the columns of all."""
        rows, columns = self.main.describe()
        for _, file in self.modules:
            columns = {**file.describe()[1], **columns}
        return rows, columns

    # Keys

    def places(self, module: Module, file: Opened) -> np.ndarray:
        """For each row of the first file the module's row with the same key, -1 where there is none. Shape (rows,)."""
        main_keys = self.keys(module, self.main, self.path, self.name)
        others = self.keys(module, file, module.path, module.name)
        position_of = {key: position for position, key in others.dropna().items()}
        places = main_keys.map(position_of).fillna(-1).to_numpy(np.int64)
        if not module.accept_unjoined:
            alone = np.setdiff1d(np.arange(len(others)), places)
            self.check_partners(module, np.flatnonzero(places < 0), alone, file.first_row)
        return places

    def keys(self, module: Module, file: Opened, path: Path, name: str) -> pd.Series:
        """The key of each row as text, missing where a part of it is empty. Raises MicrodataError if one recurs."""
        matched = find_columns(file.header, module.by, set())
        if matched.findings:
            raise MicrodataError(name, matched.findings, f"`by` joins {self.name} and {module.name}.")
        columns = [matched.columns[column] for column in module.by]
        frame, _ = self.guarded(path, name, file.options, lambda: file.read(columns, columns))
        bad = [
            cells for column in columns for cells in lost_digits(column, frame[column], file.exact(column))
        ]
        if bad:
            raise MicrodataError(name, [cells.finding(file.first_row) for cells in bad], bad[0].hint)
        parts = [keys(frame[column]).astype(object) for column in columns]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.str.cat(part, sep=_BETWEEN)
        twice = np.flatnonzero(joined.notna() & joined.duplicated(keep=False))
        if len(twice):
            what = f"has the same key ({', '.join(columns)}) more than once, {row_numbers(twice, file.first_row)}"
            raise MicrodataError(name, what, _ONE_ROW)
        return joined

    def check_partners(self, module: Module, lonely: np.ndarray, alone: np.ndarray, first_row: int) -> None:
        """Raise MicrodataError for rows of one file whose key the other does not have."""
        findings = [
            f"{_rows(rows)} of {name} without a row of {other} by {', '.join(module.by)}: {row_numbers(rows, first)}"
            for rows, name, other, first in (
                (lonely, self.name, module.name, self.first_row),
                (alone, module.name, self.name, first_row),
            )
            if len(rows)
        ]
        if findings:
            raise MicrodataError(self.name, findings, _PARTNERS.format(module.name))


def _rows(rows: np.ndarray) -> str:
    """A number of rows in words."""
    return f"{len(rows):,} row{'s' if len(rows) > 1 else ''}"


def _in_rows_of_main(bad: list[BadCells], places: np.ndarray) -> list[BadCells]:
    """Bad cells of a module by the rows that they are joined to."""
    rows = ((cells, np.flatnonzero(np.isin(places, cells.rows))) for cells in bad)
    return [BadCells(cells.column, cells.what, joined, cells.hint) for cells, joined in rows if len(joined)]
