"""From raw columns to codebook columns: codes to values, several-answers columns to yes/no, and what has no mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import NOT_ASKED, SPECIAL, Codebook, Delivery, Mapped, Variable
from disrupting_harm.config.entries.patterns import extract
from disrupting_harm.delivered import formats, several_answers
from disrupting_harm.delivered.ages import completed_years, dates
from disrupting_harm.delivered.formats import Codes, Microdata

WEIGHTS = ("weight", "gross_weight")
_FEWEST_ANSWERS = 100
"""With fewer answers than this, a value that does not occur is no evidence against the mapping."""

_CODE = re.compile(r"-?\d+\.?\d*|\.[a-z]")
"""A number, or a missing value of Stata."""

_NUMBER_AND_WORDS = re.compile(r"\d[\s_-]*[^\W\d_]{2}|[^\W\d_]{2}[\s_-]*\d")
_TAKE_OUT = "; a number with words around it is taken out by `extract`, as in '^(\\d+) years$'"

_EXPORT_CODES = "export codes without labels, or map the words under `values`"

SPREADSHEET_ERROR = "an error of a spreadsheet (such as #N/A: correct the formula and export again)"

_UNDECIDED = (
    "has exactly three digits after each point or comma, as thousands are written and as decimals may be: say which at"
    ' the file in the configuration, with decimal: "." or decimal: ","'
)

_OR_A_KEY = "; if it is a value of this column, with missing_texts: []"

_LONGEST_CODE = 6
"""A value longer than this may be words of a respondent: it is never shown."""


@dataclass
class Decoder:
    """The columns of one file on their way to a table.

    `places`: the country's rows in the file. What is wrong with the columns is gathered in `findings`: columns and
    codes without rows and counts, or rows without their content; never an answer of a respondent.
    """

    raw: Microdata
    delivery: Delivery
    codebook: Codebook
    places: np.ndarray
    findings: list[str] = field(default_factory=list)
    placeholders: list[tuple[str, set[str], np.ndarray, str]] = field(default_factory=list)
    """Columns with texts such as NA, which texts, in which rows, and what else they may be."""

    def table(self) -> pd.DataFrame:
        """The codebook columns in the codebook's order, one row per respondent of the country."""
        everybody = self.raw.frame
        self.frame = everybody if len(self.places) == len(everybody) else everybody.iloc[self.places]
        columns: dict[str, pd.Series] = {}
        for name, variable in self.codebook.variables(self.delivery.table).items():
            mapped = self.delivery.variables.get(name)
            if mapped and _is_there(mapped, self.raw):
                columns |= self.columns(mapped, variable)
        self.findings += self.findings_on_placeholders()
        self.findings += _values_never_seen(self.raw, self.delivery)
        return pd.DataFrame(columns, copy=False)

    def columns(self, mapped: Mapped, variable: Variable) -> dict[str, pd.Series]:
        """The codebook columns of one variable."""
        if mapped.kind == "answers":
            known = partial(self.known, mapped)
            return several_answers.read(self.frame, mapped, known).columns(mapped, variable)
        if mapped.kind == "answer":
            return {mapped.name: self.one_answer(mapped, variable)}
        if mapped.kind == "number":
            return {mapped.name: self.age(mapped) if mapped.interviewed else self.number(mapped)}
        return {mapped.name: self.identifier(mapped)}

    def identifier(self, mapped: Mapped) -> pd.Series:
        """Text as delivered, or the value that a pattern takes out of it; missing where the file declares it so."""
        column = formats.spelled(self.frame[mapped.column]).reset_index(drop=True)
        codes = formats.coded(column)
        values = codes.occurring()
        if self.delivery.source.missing_texts is None:
            values -= self.note_placeholders(mapped.column, codes, values, _OR_A_KEY)
        errors = codes.holding(set(filter(formats.is_spreadsheet_error, values)))
        self.note_rows(f"column {mapped.column} ({mapped.name}) holds {SPREADSHEET_ERROR}", errors)
        column = column.mask(codes.holding(self.declared(mapped.column, codes)))
        return extract(column, mapped.extract) if mapped.extract else column

    def one_answer(self, mapped: Mapped, variable: Variable) -> pd.Series:
        """Codes as a categorical of the codebook's values and special answers; empty and not asked are missing."""
        codes = formats.coded(self.frame[mapped.column])
        known = self.known(mapped, mapped.column, codes, {**mapped.values, None: NOT_ASKED})
        place_of = {value: index for index, value in enumerate(variable.categories)}
        places = codes.mapped({code: place_of.get(value, -1) for code, value in known.items()}, -1, np.int64)
        return pd.Series(pd.Categorical.from_codes(places, categories=pd.Index(list(variable.categories))))

    def number(self, mapped: Mapped) -> pd.Series:
        """Numbers as float; coded numbers are decoded, and numbers with words around them taken out."""
        column = self.frame[mapped.column]
        if mapped.extract:
            column = extract(formats.spelled(column), mapped.extract)
        codes = formats.coded(column)
        declared: dict[str | None, Any] = dict.fromkeys(
            (*mapped.missing, *self.declared(mapped.column, codes))
        )
        missing = formats.meanings(codes.occurring(), declared)
        if mapped.values:
            known = self.known(mapped, mapped.column, codes, {**mapped.values, **missing, None: None})
            column = pd.Series(codes.mapped(known, None), dtype=object)
        decimal = self.delivery.source.decimal
        if formats.is_undecided(column, decimal):
            self.findings.append(f"column {mapped.column} ({mapped.name}) {_UNDECIDED}")
        values, wrong = formats.numbers(column, missing, decimal)
        if not mapped.values:
            texts = self.note_placeholders(mapped.column, codes, codes.occurring() - set(missing))
            wrong &= ~codes.holding(texts)
        within = any(map(_NUMBER_AND_WORDS.search, codes.occurring())) and not mapped.extract
        what = f"column {mapped.column} ({mapped.name}) holds something that is no number"
        self.note_rows(what, wrong, _TAKE_OUT if within else "")
        if mapped.name in WEIGHTS:
            self.note_rows(f"column {mapped.column} ({mapped.name}) holds negative weights", values < 0)
        return pd.Series(values, dtype="float64")

    def age(self, mapped: Mapped) -> pd.Series:
        """Completed years from the date of birth to the interview; nothing else of the dates is kept."""
        born, interviewed = (self.dates(mapped, column) for column in mapped.columns)
        what = f"column {mapped.interviewed} holds a date before that of birth in column {mapped.column}"
        self.note_rows(what, interviewed < born)
        return pd.Series(completed_years(born, interviewed), dtype="float64")

    def dates(self, mapped: Mapped, column: str) -> np.ndarray:
        """The dates of a column as numbers, as `ages.dates` gives them."""
        codes = formats.coded(self.frame[column])
        missing = {*mapped.missing, *self.declared(column, codes)}
        read, empty, wrong = dates(codes, missing, mapped.date_order)
        what = f"column {column} (for {mapped.name})"
        self.note_rows(f"{what} is empty", empty, "; complete it, or write a code there that `missing` lists")
        hint = "" if mapped.date_order else "; where they are written 4.5.2009, set date_order: day_first"
        self.note_rows(f"{what} holds something that is no date such as 2009-05-04", wrong, hint)
        return read

    # What codes mean

    def known(
        self,
        mapped: Mapped,
        column: str,
        codes: Codes,
        known_codes: dict[str | None, Any],
        otherwise: str | None = None,
    ) -> dict[str | None, Any]:
        """What the codes of a column mean.

        From `known_codes`; from `user_missing`, where the file declares a code as missing; else `otherwise`, if
        given. The others are noted.
        """
        known = formats.meanings(codes.occurring(), known_codes)
        declared = self.declared(column, codes) - set(known)
        if mapped.user_missing:
            known |= dict.fromkeys(declared, mapped.user_missing)
        if otherwise:
            nothing = {
                value
                for value in codes.occurring()
                if formats.is_spreadsheet_error(value) or formats.is_placeholder(value)
            }
            known |= dict.fromkeys(codes.occurring() - set(known) - declared - nothing, otherwise)
        self.note_unmapped(column, codes, known)
        return known

    def declared(self, column: str, codes: Codes) -> set[str]:
        """Codes that occur in a column and that the file itself declares as missing."""
        declared = self.raw.missing.get(column, ())
        return {code for code in codes.occurring() if declared and formats.is_declared(code, declared)}

    def note_unmapped(self, column: str, codes: Codes, known: Mapping[str | None, object]) -> None:
        """Note values that are not mapped: codes by themselves, anything longer by row only."""
        unknown = codes.occurring() - set(known)
        short = sorted(filter(is_code, unknown), key=lambda value: (len(value), value))
        if short:
            verb = "is" if len(short) == 1 else "are"
            declared = [code for code in short if code in self.declared(column, codes)]
            hint = (
                f" (declared missing in the file: {', '.join(declared)}; see `user_missing`)"
                if declared
                else ""
            )
            self.findings.append(f"column {column}: {', '.join(short[:10])} {verb} not mapped{hint}")
        words = unknown - set(short)
        words -= self.note_placeholders(column, codes, words)
        what = f"column {column} holds something that is no code"
        if len(words) > 1 and words == codes.occurring():
            what = f"column {column} holds words instead of codes ({_EXPORT_CODES})"
        self.note_rows(what, codes.holding(words))

    def note_placeholders(self, column: str, codes: Codes, values: set[str], instead: str = "") -> set[str]:
        """Note which of some values of a column seem to stand for an empty cell; and return these."""
        texts = set(filter(formats.is_placeholder, values))
        if texts:
            self.placeholders.append((column, texts, codes.holding(texts), instead))
        return texts

    def findings_on_placeholders(self) -> Iterator[str]:
        """What to write where texts such as NA occur: one line for all columns."""
        everywhere = set[str]().union(*(texts for _, texts, _, _ in self.placeholders))
        line = formats.line_to_write(self.delivery.source.missing_texts, everywhere)
        for column, texts, rows, instead in self.placeholders:
            yield (
                f"column {column} holds {' and '.join(sorted(texts))}, {self.raw.rows(self.places[rows])}: if this"
                f" means an empty cell, say so at the file in the configuration, with {line}{instead}"
            )

    def note_rows(self, what: str, rows: np.ndarray, hint: str = "") -> None:
        """Note something about some of the country's rows, if there are any."""
        if rows.any():
            self.findings.append(f"{what}, {self.raw.rows(self.places[rows])}{hint}")


def is_absent(mapped: Mapped, raw: Microdata) -> bool:
    """Whether the file lacks a column that may be absent, and has none in its place."""
    return any(set(columns) <= set(raw.absent) for columns in mapped.needed)


def _is_there(mapped: Mapped, raw: Microdata) -> bool:
    """Whether all columns of a variable were read; of those that mean the same, one is enough."""
    return all(any(column in raw.frame for column in columns) for columns in mapped.needed)


def is_code(value: str) -> bool:
    """Whether a raw value looks like a code, which may be shown, and not like somebody's words."""
    return len(value) <= _LONGEST_CODE and bool(_CODE.fullmatch(value))


def _values_never_seen(raw: Microdata, delivery: Delivery) -> Iterator[str]:
    """Mapped values of one-answer variables (and coded numbers) that occur nowhere in the file and are not optional.

    The forms of one question are looked at together, and so are the countries of a shared file.
    """
    families: dict[str, list[Mapped]] = {}
    for mapped in delivery.variables.values():
        if mapped.values and mapped.kind != "answers" and _is_there(mapped, raw):
            families.setdefault(mapped.entry, []).append(mapped)
    for entry, members in families.items():
        delivered = [raw.frame[member.column] for member in members]
        if sum(column.notna().sum() for column in delivered) >= _FEWEST_ANSWERS:
            yield from _never_seen(entry, members, delivered)


def _never_seen(entry: str, members: list[Mapped], delivered: list[pd.Series]) -> Iterator[str]:
    """Findings about mapped codes that never occur in the columns of one question."""
    occurring = {formats.alike(code) for column in delivered for code in formats.coded(column).occurring()}
    column = members[0].column if len(members) == 1 else f"{members[0].column} to {members[-1].column}"
    optional = {*SPECIAL, NOT_ASKED, *(value for member in members for value in member.optional_values)}
    mapped = {code: value for member in members for code, value in member.values.items()}
    for code, value in mapped.items():
        if formats.alike(code) not in occurring and value not in optional:
            hint = f"correct it, or list {value} under optional_values of {entry}"
            yield f"column {column}: {code} ({value}) is mapped, but never occurs; {hint}"
