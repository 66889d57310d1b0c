"""From raw columns to codebook columns: codes to values, several-answers columns to yes/no, and what has no mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from disrupting_harm import microdata
from disrupting_harm.config import NOT_ASKED, SPECIAL, Codebook, Delivery, Mapped, Variable, option_column
from disrupting_harm.microdata import Codes, Microdata

FEWEST_ANSWERS = 100
"""A value that does not occur among fewer answers than this says nothing about the mapping."""

LONGEST_CODE = 6
"""A value longer than this may be words of a respondent: it is never shown."""


@dataclass
class Decoding:
    """The columns of one file on their way to a table.

    `places`: the country's rows in the file. What is wrong with the columns is gathered in `findings`: columns and
    codes without rows and counts, or rows without what stands there; never an answer of a respondent.
    """

    raw: Microdata
    delivery: Delivery
    codebook: Codebook
    places: np.ndarray
    findings: list[str] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """The codebook columns in the codebook's order, one row a respondent of the country."""
        self.own = self.raw.frame.iloc[self.places]
        columns: dict[str, pd.Series] = {}
        for name, variable in self.codebook.variables(self.delivery.table).items():
            mapped = self.delivery.variables.get(name)
            if mapped and not is_absent(mapped, self.raw):
                columns |= self.columns(mapped, variable)
        self.findings += values_never_seen(self.raw, self.delivery)
        return pd.DataFrame(columns)

    def columns(self, mapped: Mapped, variable: Variable) -> dict[str, pd.Series]:
        """The codebook columns of one variable."""
        if mapped.kind == "answers":
            return self.several_answers(mapped, variable)
        if mapped.kind == "answer":
            return {mapped.name: self.one_answer(mapped, variable)}
        if mapped.kind == "number":
            return {mapped.name: self.number(mapped)}
        return {mapped.name: pd.Series(microdata.codes(self.own[mapped.column]), dtype="str")}

    def one_answer(self, mapped: Mapped, variable: Variable) -> pd.Series:
        """Codes as a categorical of the codebook's values and special answers; empty and not asked are missing."""
        codes = microdata.coded(self.own[mapped.column])
        known: dict[str | None, str] = {**mapped.values, None: NOT_ASKED}
        self.note_unmapped(mapped.column, codes, known)
        place_of = {value: place for place, value in enumerate(variable.categories)}
        places = codes.mapped({code: place_of.get(value, -1) for code, value in known.items()}, -1, np.int64)
        return pd.Series(pd.Categorical.from_codes(places, categories=list(variable.categories)))

    def number(self, mapped: Mapped) -> pd.Series:
        """Numbers as float; coded numbers are decoded."""
        column = self.own[mapped.column]
        if mapped.values:
            codes = microdata.coded(column)
            known = {**mapped.values, **dict.fromkeys(mapped.missing), None: None}
            self.note_unmapped(mapped.column, codes, known)
            column = pd.Series(codes.mapped(known, None), dtype=object)
        found, wrong = microdata.numbers(column, mapped.missing)
        self.note_rows(f"column {mapped.column} ({mapped.name}) holds something that is no number", wrong)
        if mapped.name == "weight":
            self.note_rows(f"column {mapped.column} (weight) holds negative weights", found < 0)
        return pd.Series(found, dtype="float64")

    def several_answers(self, mapped: Mapped, variable: Variable) -> dict[str, pd.Series]:
        """One yes/no column an option; missing where none of the columns has a value (not asked)."""
        known = {mapped.chosen: 1, mapped.not_chosen: 0, None: -1}
        answers = np.empty((len(self.places), len(mapped.options)), dtype=np.int8)
        for place, column in enumerate(mapped.options):
            codes = microdata.coded(self.own[column])
            self.note_unmapped(column, codes, known)
            answers[:, place] = codes.mapped(known, -1, np.int8)
        not_asked = (answers == -1).all(axis=1)
        place_of = {option: place for place, option in enumerate(mapped.options.values())}
        return {
            option_column(mapped.name, option): pd.Series(
                pd.arrays.BooleanArray(answers[:, place_of[option]] == 1, not_asked.copy())
            )
            for option in (*variable.options, *SPECIAL)
            if option in place_of
        }

    def note_unmapped(self, column: str, codes: Codes, known: Mapping[str | None, object]) -> None:
        """Note values that are not mapped: codes by themselves, anything longer by row only."""
        unknown = codes.occurring() - set(known)
        short = sorted(filter(is_code, unknown), key=lambda value: (len(value), value))
        if short:
            verb = "is" if len(short) == 1 else "are"
            self.findings.append(f"column {column}: {', '.join(short[:10])} {verb} not mapped")
        wordy = codes.mapped(dict.fromkeys(unknown - set(short), True), False, bool)
        self.note_rows(f"column {column} holds something that is no code", wordy)

    def note_rows(self, what: str, rows: np.ndarray) -> None:
        """Note something about some of the country's rows, if there are any."""
        if rows.any():
            self.findings.append(f"{what}, {self.raw.rows(self.places[rows])}")


def is_absent(mapped: Mapped, raw: Microdata) -> bool:
    """Whether the file lacks a column that may be absent."""
    return any(column in raw.absent for column in mapped.columns)


def is_code(value: str) -> bool:
    """Whether a raw value looks like a code, which may be shown, and not like somebody's words."""
    return len(value) <= LONGEST_CODE and value.lstrip("-").replace(".", "", 1).isdigit()


def values_never_seen(raw: Microdata, delivery: Delivery) -> Iterator[str]:
    """Mapped values of one-answer variables (and coded numbers) that occur nowhere in the file and are not optional.

    The forms of one question are looked at together, and so are the countries of a shared file.
    """
    families: dict[str, list[Mapped]] = {}
    for mapped in delivery.variables.values():
        if mapped.values and not is_absent(mapped, raw):
            families.setdefault(mapped.entry, []).append(mapped)
    for entry, members in families.items():
        delivered = [raw.frame[each.column] for each in members]
        if sum(column.notna().sum() for column in delivered) >= FEWEST_ANSWERS:
            yield from never_seen(entry, members, delivered)


def never_seen(entry: str, members: list[Mapped], delivered: list[pd.Series]) -> Iterator[str]:
    """What to say about mapped codes that never occur in the columns of one question."""
    occurring = set().union(*(microdata.coded(column).occurring() for column in delivered))
    column = members[0].column if len(members) == 1 else f"{members[0].column} to {members[-1].column}"
    optional = {*SPECIAL, NOT_ASKED, *(value for each in members for value in each.optional_values)}
    mapped = {code: value for each in members for code, value in each.values.items()}
    for code, value in mapped.items():
        if code not in occurring and value not in optional:
            way_out = f"correct it, or list {value} under optional_values of {entry}"
            yield f"column {column}: {code} ({value}) is mapped, but never occurs; {way_out}"
