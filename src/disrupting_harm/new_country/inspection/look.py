"""Inspect a delivered file. Answers are counted column by column; the counts never leave this module.

What leaves this module has passed suppression: shares in whole per cent, and none for identifiers, texts, rare codes
and codes by which a rare one could be worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm.config import Project, Variable
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.codebook import TABLES, Table
from disrupting_harm.delivered import formats
from disrupting_harm.delivered.decode import is_code
from disrupting_harm.delivered.formats import (
    MARK,
    Column,
    ColumnsError,
    Description,
    MicrodataError,
    ReadOptions,
)
from disrupting_harm.delivered.formats.description import BadCells
from disrupting_harm.delivered.formats.keys import LOST_DIGITS_HINT
from disrupting_harm.new_country.matching import Answers, Matching, match
from disrupting_harm.new_country.matching.codes import in_order

MOST_CODES = 20
"""A column with more different answers than this is no question with listed answers."""
_LONGEST_UNLABELLED = 3
"""A longer code without a label may be an identifier: a place, an interviewer."""
_ALSO = 0.5
"""A file holds a second table, too, if so much of its questions is in columns that the first does not use."""
_CELLS_AT_ONCE = 40_000_000
_ROWS_FOR_ROUTING = 5_000
"""Who was asked what is seen in about so many respondents, spread over the file."""
_OWN_NAMES = "Each column needs a name of its own: correct the names in the file, or export it again."


@dataclass(frozen=True)
class _Counted:
    """How often each answer occurs in one column. Stays in this module."""

    rows: int
    counts: dict[str, int]
    fractional: bool
    bad: tuple[BadCells, ...] = ()
    first_row: int = 1
    by_row: np.ndarray | None = None

    @property
    def filled(self) -> int:
        """Rows with an answer."""
        return sum(self.counts.values())

    @property
    def are_codes(self) -> bool:
        """Whether there are few different answers, and all look like codes."""
        return 0 < len(self.counts) <= MOST_CODES and all(map(is_code, self.counts))

    def answers(self) -> Answers:
        """What the matching may know: which codes occur, and who was asked."""
        codes = frozenset(self.counts) if self.are_codes or not self.counts else None
        listed, by_row = tuple(self.counts), self.by_row
        if codes is None and by_row is not None:
            listed, by_row = (), np.minimum(by_row, 0)
        return Answers(self.filled, len(self.counts), codes, self.fractional, listed, by_row)

    def given_by(self, number: int) -> list[str]:
        """Codes that at least so many respondents gave; none if the answers are no codes."""
        return [code for code, times in self.counts.items() if self.are_codes and times >= number]


@dataclass(frozen=True)
class Shown:
    """What may be shown of one column's answers.

    `empty`: share of empty cells in words; `shares`: code -> share in words ("31 %", "few"); `occurring`: codes of
    the abuse module, and of columns whose meaning is not certain, that enough children gave; `distinct`: number of
    different answers, where that is all; `span`: of whole numbers, the lowest and highest that enough respondents gave.
    """

    empty: str
    shares: dict[str, str] = field(default_factory=dict)
    occurring: tuple[str, ...] = ()
    distinct: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Inspection:
    """One file, described and matched with one table of the codebook.

    `like`: the table that it fits best; `also_like`: one that it fits with other columns, too; `bad`: cells and names
    that nobody can use, and what to do, a line for each column; `layout`: what the file seems to have above the
    answers, and the settings with which it was read for it.
    """

    description: Description
    matching: Matching
    shown: dict[str, Shown]
    answers: dict[str, Answers]
    like: Table
    also_like: tuple[Table, ...] = ()
    bad: tuple[str, ...] = ()
    layout: str = ""

    @property
    def is_synthetic(self) -> bool:
        """Whether the file is marked as made up: by its name, or by the column that synthetic files have."""
        return Path(self.description.file).name.startswith(MARK) or MARK in self.description.columns


def inspect(
    project: Project, path: Path, options: ReadOptions, name: str | None = None, table: Table | None = None
) -> Inspection:
    """Describe the file at `path`, match it with the codebook, and count what may be shown.

    `table`: children or caregivers; chosen by the better match if not given. Raises MicrodataError.
    """
    options, layout = formats.recognise(path, name, options)
    description = formats.describe(path, name, options)
    counted = dict(count(path, description))
    answers = {column: counts.answers() for column, counts in counted.items()}
    matchings = {
        table: match(
            description.columns, project.codebook, project.questionnaires, table, answers, description.rows
        )
        for table in TABLES
    }
    share = {table: _share_matched(matching, project) for table, matching in matchings.items()}
    best = max(share, key=share.__getitem__)
    chosen = table or best
    taken = set(matchings[chosen].of_column)
    also = tuple(table for table in share if _share_matched(matchings[table], project, taken) >= _ALSO)
    matching = matchings[chosen]
    of_column, codebook = matching.of_column, project.codebook.variables(chosen)
    variables = {name: codebook[of_column[name][1]] if name in of_column else None for name in counted}
    certain = {name for name, (match, _, _) in of_column.items() if match.certainty == "certain"}
    about_abuse = {variable.module for variable in codebook.values() if variable.form}
    shown_of = {
        name: shown(
            description.columns[name],
            counts,
            variables[name],
            project.analysis.suppression,
            in_full=name in certain
            and (variable := variables[name]) is not None
            and variable.module not in about_abuse,
        )
        for name, counts in counted.items()
    }
    above = [f"The file {layout}. Write this beside `file:` in the configuration."] if layout else []
    bad = (*above, *description.repeated, *_bad_cells(counted, variables))
    return Inspection(description, matching, shown_of, answers, best, also, bad, layout)


def _bad_cells(counted: Mapping[str, _Counted], variables: Mapping[str, Variable | None]) -> Iterator[str]:
    """What nobody can use. Digits are lost in keys, and in what may be one; of an amount the first ones are enough."""
    for name, column in counted.items():
        is_key = (variable := variables[name]) is None or variable.kind == "identifier"
        for cells in column.bad:
            if is_key or cells.hint != LOST_DIGITS_HINT:
                yield f"{cells.finding(column.first_row)}. {cells.hint}"


def _share_matched(matching: Matching, project: Project, taken: Collection[str] = ()) -> float:
    """Share of the questions of the most similar questionnaire that were found in other columns than those `taken`."""
    matched = {match.entry for match in matching.matches.values() if not set(match.columns) & set(taken)}
    asked = [set(one.variables) for one in project.questionnaires.values() if one.table == matching.table]
    return max(len(matched & names) / len(names) for names in asked)


def count(path: Path, description: Description) -> Iterator[tuple[str, _Counted]]:
    """Count the answers of all columns, as many at once as fit in memory."""
    names = list(description.columns)
    at_once = max(1, _CELLS_AT_ONCE // max(description.rows, 1))
    for start in range(0, len(names), at_once):
        part = names[start : start + at_once]
        try:
            read = formats.read(
                path, part, name=description.file, options=description.options, refuse_bad_cells=False
            )
        except ColumnsError as error:
            raise MicrodataError(description.file, error.findings, _OWN_NAMES) from None
        for name in part:
            bad = tuple(cells for cells in read.bad_cells if cells.column == name)
            yield name, replace(counted(read.frame[name]), bad=bad, first_row=read.first_row)


def counted(column: pd.Series) -> _Counted:
    """How often each answer of a column occurs."""
    codes = formats.coded(column)
    times = np.bincount(codes.places[codes.places >= 0], minlength=len(codes.values))
    counts: dict[str, int] = {}
    for value, number in zip(codes.values[:-1], times, strict=False):
        if value is not None and number:
            counts[value] = counts.get(value, 0) + int(number)
    order = {value: index for index, value in enumerate(counts)}
    places = [-1 if value is None else order.get(value, -1) for value in codes.values]
    step = max(1, len(column) // _ROWS_FOR_ROUTING)
    by_row = np.array(places, dtype=np.int32)[codes.places[::step]]
    values = np.asarray(column.dropna().unique())
    fractional = np.issubdtype(values.dtype, np.number) and bool((values % 1 != 0).any())
    return _Counted(len(column), counts, fractional, by_row=by_row)


# What may be shown


def shown(
    column: Column, counted: _Counted, variable: Variable | None, rules: Suppression, in_full: bool
) -> Shown:
    """What may be shown of one column; `variable`: what it is matched with; `in_full`: that is certain, and not abuse.

    A column whose meaning is not certain may be a question about abuse, and is treated as one.
    """
    empty = _empty_share(counted, rules.min_count if in_full else rules.min_count_subgroup)
    if variable and variable.kind in ("identifier", "number"):
        span = _span_of(counted, rules.min_count) if variable.kind == "number" else None
        number = len(counted.counts)  # none where it is so small that it could identify respondents
        return Shown(empty, distinct=number if number >= rules.min_count else None, span=span)
    if not _may_be_counted(column, counted):
        return Shown(empty)
    if not in_full:
        return Shown(empty, occurring=in_order(counted.given_by(rules.min_count_subgroup)))
    if counted.filled < rules.not_shown_below:
        return Shown(empty)
    return Shown(empty, shares=shares(counted, rules))


def _may_be_counted(column: Column, counted: _Counted) -> bool:
    """Whether a column has codes that are answers, and not identifiers or a date."""
    unlabelled = (code for code in counted.counts if code not in column.labels)
    return (
        counted.are_codes
        and column.kind != "date"
        and all(len(code) <= _LONGEST_UNLABELLED for code in unlabelled)
    )


def shares(counted: _Counted, rules: Suppression) -> dict[str, str]:
    """Share of the filled cells by code, in whole per cent; in words where it is not shown."""
    rare, more = hidden_codes(counted.counts, rules.min_count)
    hidden = dict.fromkeys(rare, "few") | dict.fromkeys(more, "not shown")
    return {
        code: hidden.get(code) or _whole_per_cent(counted.counts[code] / counted.filled)
        for code in in_order(counted.counts)
    }


def _whole_per_cent(share: float) -> str:
    """A share in whole per cent."""
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def hidden_codes(counts: Mapping[str, int], min_count: int) -> tuple[set[str], set[str]]:
    """Codes that are not shown: the rare ones, and those by which they could be worked out.

    An answer is rare if fewer than `min_count` respondents gave it, or fewer than `min_count` did not. The next rarest
    are hidden too, until at least two are hidden and together they make up at least `min_count`.
    """
    total = sum(counts.values())
    rare = {code for code, number in counts.items() if number < min_count or 0 < total - number < min_count}
    more: set[str] = set()
    for code in sorted(counts, key=lambda code: counts[code]):
        hidden = rare | more
        if not hidden or (len(hidden) > 1 and sum(counts[code] for code in hidden) >= min_count):
            break
        more |= {code} - rare
    return rare, more


def _empty_share(counted: _Counted, min_count: int) -> str:
    """Share of empty cells in whole per cent; in words where fewer than `min_count` cells are (or are not) empty."""
    empty = counted.rows - counted.filled
    if empty == 0:
        return "none"
    if counted.filled == 0:
        return "all"
    if empty < min_count:
        return "hardly any"
    if counted.filled < min_count:
        return "nearly all"
    return _whole_per_cent(empty / counted.rows)


def _span_of(counted: _Counted, min_count: int) -> tuple[int, int] | None:
    """The lowest and highest number that at least `min_count` respondents gave; None if they are no whole numbers."""
    numbers = [int(code) for code in counted.given_by(min_count) if code.lstrip("-").isdigit()]
    return (min(numbers), max(numbers)) if numbers and not counted.fractional else None
