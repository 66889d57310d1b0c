"""A delivered file in the configuration: its path and its settings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from disrupting_harm.config.entries.codes import Code
from disrupting_harm.config.entries.formats import FORMATS
from disrupting_harm.config.files.problems import did_you_mean
from disrupting_harm.config.files.strict import Strict, TypeDescription

DATA_FOLDER = "data"
IN_CHILD_ROW = "in_child_row"
"""In place of a caregivers' file: each caregiver is in the row of the child."""
SYNTHETIC = "SYNTHETIC"
"""How the names of files of the synthetic survey begin."""
SYNTHETIC_DATA = f"{SYNTHETIC} DATA"
"""What pages, figures and tables made from synthetic files say."""
_FITS = {
    "encoding": ("text", "SPSS", "Stata", "SAS"),
    "separator": ("text",),
    "sheet": ("Excel",),
    "names_in_row": ("text", "Excel"),
    "skip_rows": ("text", "Excel"),
}
"""The formats that a setting is for."""
_NUMBER = re.compile(r"[+-]?\d+([.,]\d*)?")
ENCODINGS = ("utf-8", "utf-16", *(f"windows-{page}" for page in range(1250, 1259)), "latin-1")


def _as_list(value: Any) -> Any:
    """One code stands for a list of one."""
    return value if isinstance(value, (list, tuple)) else [value]


_CODE_OR_CODES = {
    "anyOf": [{"type": ["string", "number"]}, {"type": "array", "items": {"type": ["string", "number"]}}]
}
Codes = Annotated[
    tuple[Code, ...], BeforeValidator(_as_list), TypeDescription("code or list of codes", _CODE_OR_CODES)
]
"""One code or several."""

Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list),
    Field(min_length=1),
    TypeDescription(
        "name or list of names",
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
]
"""Columns of a file."""

Rows = Annotated[
    tuple[Annotated[int, Field(ge=1)], ...],
    BeforeValidator(_as_list),
    TypeDescription(
        "row number or list of them",
        {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]},
    ),
]
"""Rows of a file, counted from 1."""

Separator = Annotated[
    Literal[",", ";", "tab", "|"], BeforeValidator(lambda value: "tab" if value == "\t" else value)
]


class FileSettings(Strict):
    """Where a delivered file is, and what its format leaves open."""

    called = "settings of a file"

    file: str = Field(
        description=f"The delivered file, below data/: {', '.join(FORMATS)}.",
        examples=["data/raw/xyz/children.csv"],
    )
    sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-fA-F]{64}$",
        description="Checksum (SHA-256) of the file that the results are about: another file under this name stops the "
        "run, and the message says how to accept it.",
        examples=["6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"],
    )
    encoding: str | None = Field(
        default=None,
        description="Encoding of a text file, or of an SPSS, Stata or SAS file that is in another one than it "
        "declares. Left out: detected from the file.",
        examples=["windows-1250"],
    )
    separator: Separator | None = Field(
        default=None,
        description="Separator between the columns of a text file. Left out: detected from the file.",
        examples=[";"],
    )
    names_in_row: Rows | None = Field(
        default=None,
        description="Text and Excel: the row that holds the names of the columns, where it is not the first; rows "
        "count from 1, as a spreadsheet program shows them. Two rows make the names together, as question and option "
        "(Who did it? - Mother). A file that seems to need this stops the run, with the line to write; 1 says that it "
        "does not.",
        examples=[2, [1, 2]],
    )
    skip_rows: Rows | None = Field(
        default=None,
        description="Text and Excel: rows between the names and the first respondent that hold no answers, such as the "
        "texts of the questions; rows count from 1, as a spreadsheet program shows them.",
        examples=[[2], [2, 3]],
    )
    sheet: str | None = Field(
        default=None,
        description="Excel: name of the sheet. Needed where several sheets hold something.",
        examples=["Sheet1"],
    )

    @field_validator("encoding")
    @classmethod
    def known(cls, value: str | None) -> str | None:
        """An encoding that exists."""
        try:
            codecs.lookup(value or "utf-8")
        except LookupError:
            guess = did_you_mean(str(value), ENCODINGS)
            raise ValueError(f"is {value!r}, which is no encoding{guess}") from None
        return value

    @property
    def in_child_row(self) -> bool:
        """Whether this is no file: the caregivers are in the children's rows."""
        return self.file == IN_CHILD_ROW

    @property
    def format(self) -> str | None:
        """The file's format by the ending of its name; None for one that cannot be read."""
        return FORMATS.get(PurePosixPath(self.file).suffix.lower())

    @property
    def data(self) -> Literal["synthetic", "delivered"]:
        """Synthetic if the file's name begins so."""
        return "synthetic" if PurePosixPath(self.file).name.startswith(SYNTHETIC) else "delivered"

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """Problems of the settings in combination: key, what is wrong, hint."""
        if not is_below_data(self.file):
            hint = "Put the file below data/, which git ignores, and name it from there: data/raw/..."
            yield "file", "is not below data/", hint
        if {"{", "}"} & set(self.file):
            yield (
                "file",
                "holds a brace, which the workflow takes for a placeholder",
                "Rename the file without { and }.",
            )
        if self.format is None:
            ending = PurePosixPath(self.file).suffix or "no ending"
            hint = f"Export it from your statistics program as one of: {', '.join(FORMATS)}."
            yield "file", f"is of a kind that cannot be read ({ending})", hint
            return
        for key, formats in _FITS.items():
            if getattr(self, key) is not None and self.format not in formats:
                yield key, f"does not belong here: the file is {self.format}", "Remove it."
        if self.names_in_row is not None and tuple(sorted(self.names_in_row)[:2]) != self.names_in_row:
            yield (
                "names_in_row",
                "is not one row, or two from top to bottom",
                "Write one, or two as in [1, 2].",
            )


class JoinedFile(FileSettings):
    """A file of the same respondents as another one, with further questions."""

    by: Names = Field(
        description="The column that identifies a respondent in both files, or several that do so together.",
        examples=["CASE_ID", ["CLUSTER", "HOUSEHOLD"]],
    )
    accept_unjoined: bool = Field(
        default=False,
        description="Whether rows without a row in the other file are right: a respondent without one was not asked "
        "what is in this file, and rows of this file without a respondent are left out. Otherwise they stop the run.",
        examples=[True],
    )


class DataFile(FileSettings):
    """A delivered file. In short form just its path, below data/."""

    text_means = ("file",)

    decimal: Literal[".", ","] | None = Field(
        default=None,
        description="The sign in 0.5, of numbers that are stored as text; the other one, a blank or an apostrophe may "
        "then stand between thousands. Left out: as each column shows it; where it may be either, the run stops.",
        examples=[","],
    )
    missing_texts: tuple[Code, ...] | None = Field(
        default=None,
        description="Texts that mean an empty cell, in all columns. Left out: a text such as NA in a column of "
        "numbers, codes or identifiers stops the run, and the message gives the line to write.",
        examples=[["NA", "#NULL!", ".", "-"]],
    )
    where: dict[str, Codes] = Field(
        default={},
        description="Only the rows of the file with these codes, column by column: for a file that holds children and "
        "caregivers, for instance.",
        examples=[{"RESP_TYPE": 1}],
    )
    join: tuple[JoinedFile, ...] = Field(
        default=(),
        description="Files with further questions to the same respondents, one row each: their columns are read as if "
        "they were in this file. `decimal` and `missing_texts` hold for them, too.",
        examples=[[{"file": "data/raw/xyz/module.csv", "by": "CASE_ID"}]],
    )

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """Problems of the settings in combination: key, what is wrong, hint."""
        yield from super().findings()
        if numbers := [text for text in self.missing_texts or () if _NUMBER.fullmatch(text)]:
            hint = "List it under `missing` of a variable of numbers, or in its `values` or in `special`."
            yield "missing_texts", f"holds a number, {numbers[0]}", hint


def nearest_file(path: Path) -> str:
    """The file beside `path` whose name resembles its name most, as a question; empty if there is none."""
    names = {sibling.name for sibling in path.parent.iterdir()} if path.parent.is_dir() else set()
    return did_you_mean(path.name, sorted(names - {path.name}), cutoff=0.7)


def is_below_data(file: str) -> bool:
    """Whether a path leads below data/, and not out of it again."""
    parts = PurePosixPath(file).parts
    return len(parts) > 1 and parts[0] == DATA_FOLDER and ".." not in parts and "\\" not in file
