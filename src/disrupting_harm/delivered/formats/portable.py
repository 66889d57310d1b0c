"""SPSS portable files (.por). Their reader empties cells with codes that the file declares as missing; so they stop.

The dictionary of the file is text: a letter for the kind of each record, numbers to the base of 30 that end with a
slash, and texts after their length. Only it says which columns declare such codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.delivered.formats.description import Column
from disrupting_harm.delivered.formats.errors import UnreadableError
from disrupting_harm.delivered.formats.spss import Spss

_AS_SAV = "Open it in SPSS (or PSPP) and save it as .sav, or ask for it so."
_LINE = 80
_BASE = 30
_SIGNATURE = "SPSSPORT"
_FORMATS = 6
"""Numbers in the record of a column after its name: the formats to print and to write it."""


@dataclass
class Portable(Spss):
    """An SPSS portable file, opened. Its texts are UTF-8, or it cannot be read."""

    @property
    def reader(self) -> Callable[..., Any]:
        """The function of pyreadstat that reads files of this format."""
        import pyreadstat

        return pyreadstat.read_por

    @property
    def settings(self) -> dict[str, Any]:
        """How pyreadstat is to read: it has no choice."""
        return {}

    def read(self, names: list[str], text: list[str]) -> tuple[pd.DataFrame, dict[str, Column]]:
        """Some columns. Raises UnreadableError for codes that the file declares as missing: their reader drops them."""
        try:
            declaring = _Dictionary(self.path).declaring_columns()
        except (ValueError, LookupError):
            what = "has a dictionary that cannot be read: whether codes are declared as missing is not known"
            raise UnreadableError(what, _AS_SAV) from None
        if lost := [name for name in names if name in declaring]:
            what = f"declares codes of column {lost[0]} as missing, and such codes are lost when a .por file is read"
            raise UnreadableError(what, _AS_SAV)
        return super().read(names, text)

    def wrong_encoding(self, names: list[str] | None) -> UnreadableError:  # noqa: ARG002
        """The finding about a file whose texts are not UTF-8."""
        return UnreadableError("holds texts that are not in UTF-8, in which .por files are read", _AS_SAV)


class _Dictionary:
    """The dictionary of a file, read record by record."""

    def __init__(self, path: Path) -> None:
        lines = re.split(r"\r?\n", path.read_bytes().decode("latin-1"))
        self.text = "".join(line.ljust(_LINE) for line in lines)
        self.place = self.text.index(_SIGNATURE) + len(_SIGNATURE) + 1
        self.widths: dict[str, int] = {}

    def declaring_columns(self) -> set[str]:
        """Columns with codes or ranges that are declared as missing."""
        declaring: set[str] = set()
        self.texts(2)  # date and time
        name = ""
        while (kind := self.letter()) not in ("F", "Z"):
            if kind == "7":
                name = self.column()
            elif kind in ("8", "9", "A", "B"):
                self.values(2 if kind == "B" else 1, name)
                declaring.add(name)
            elif kind == "D":
                self.labels()
            elif kind in ("4", "5"):
                self.number()
            else:
                self.texts(int(self.number(), _BASE) if kind == "E" else 1)
        return declaring

    def letter(self) -> str:
        """The next letter."""
        self.place += 1
        return self.text[self.place - 1]

    def number(self) -> str:
        """The next number, as it is written."""
        end = self.text.index("/", self.place)
        number = self.text[self.place : end]
        self.place = end + 1
        return number

    def texts(self, count: int) -> list[str]:
        """The next texts."""
        texts = []
        for _ in range(count):
            length = int(self.number(), _BASE)
            texts.append(self.text[self.place : self.place + length])
            self.place += length
        return texts

    def values(self, count: int, name: str) -> None:
        """Pass over values of a column: texts, or numbers where its width is 0."""
        for _ in range(count):
            if self.widths[name]:
                self.texts(1)
            else:
                self.number()

    def column(self) -> str:
        """The name of the next column, whose width is noted."""
        width = int(self.number(), _BASE)
        name = self.texts(1)[0]
        self.widths[name] = width
        for _ in range(_FORMATS):
            self.number()
        return name

    def labels(self) -> None:
        """Pass over labels of values, which several columns may share."""
        names = self.texts(int(self.number(), _BASE))
        for _ in range(int(self.number(), _BASE)):
            self.values(1, names[0])
            self.texts(1)
