"""Remarks about countries as a report in plain text: one block per country, the worst first, and a table at the end."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.estimation.number_format import number
from disrupting_harm.quality.checks import CHECKS
from disrupting_harm.quality.remarks import LEVELS, Level, worst

WIDTH = 100
_LONGEST_NAME = 21
"""A longer name of a country is cut in the table at the end, so that the table fits the width."""
_MOST = 3
"""How many remarks of one kind are listed; further ones are only counted."""

_SERIOUS_FIRST = tuple(reversed(LEVELS))
_SIGN = {"error": "ERROR", "warning": "warning", "note": "note", "ok": "ok"}


@dataclass(frozen=True)
class Examined:
    """One country: its remarks, or why its data cannot be read (`problems`)."""

    iso3: str
    remarks: pd.DataFrame | None = None
    problems: tuple[str, ...] = field(default=())

    @property
    def level(self) -> Level:
        """The most serious level of all that was found."""
        if self.problems or self.remarks is None:
            return "error"
        return worst(self.remarks["level"])

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts the worst first."""
        counts = self.remarks["level"].value_counts() if self.remarks is not None else pd.Series(dtype=int)
        return -LEVELS.index(self.level), -int(counts.get("error", 0)), -int(counts.get("warning", 0))


def report(project: Project, countries: list[Examined]) -> str:
    """The whole report."""
    ordered = sorted(countries, key=lambda country: country.order)
    blocks = [block(project, country) for country in ordered]
    return "\n\n".join([*blocks, summary(project, ordered)]) + "\n"


def block(project: Project, examined: Examined) -> str:
    """Everything about one country that is not fine."""
    country = project.countries[examined.iso3]
    mark = f", {SYNTHETIC_DATA}" if country.data == "synthetic" else ""
    lines = [f"{country.name} ({examined.iso3}){mark}: {_SIGN[examined.level]}", "-" * WIDTH]
    if examined.problems:
        lines += [line for problem in examined.problems for line in problem.splitlines()]
    if examined.remarks is not None:
        lines += _opening(examined.remarks)
        for group in to_look_at(examined.remarks):
            lines += _lines_of(group)
        lines.append(fine(examined.remarks))
    return "\n".join(lines)


def _opening(remarks: pd.DataFrame) -> list[str]:
    """Who is in the sample and how it was drawn, in a few lines."""
    lines: list[str] = []
    for table, part in remarks.groupby("table", sort=False):
        kept = ["rows_delivered", "eligible", "analysed", "nonresponse", "weight_effect", "strata", "psus"]
        facts = part[part["check"].isin(kept) & (part["variable"] == "")].drop_duplicates("check")
        lines += wrapped(f"{str(table).capitalize()}: " + " ".join(facts["message"]), "  ", "    ")
    return lines


@dataclass(frozen=True)
class _RemarkGroup:
    """Remarks of one check and level: the largest in full, how many more, and what to do."""

    level: str
    check: str
    table: str
    messages: list[str]
    more: int
    hints: list[str]

    @property
    def title(self) -> str:
        """Title of the check, and of which table."""
        return f"{CHECKS[self.check].title} ({self.table})"


def to_look_at(remarks: pd.DataFrame) -> list[_RemarkGroup]:
    """Everything that is not fine, the most serious first; remarks of one check together, the largest shares first."""
    groups = []
    for level in _SERIOUS_FIRST[:-1]:
        for (table, check), part in remarks[remarks["level"] == level].groupby(
            ["table", "check"], sort=False
        ):
            part = part.sort_values(["share", "value"], ascending=False, kind="stable", na_position="last")
            hints = list(dict.fromkeys(filter(None, part["hint"])))
            groups.append(
                _RemarkGroup(
                    level,
                    str(check),
                    str(table),
                    list(part["message"].head(_MOST)),
                    max(len(part) - _MOST, 0),
                    hints,
                )
            )
    return groups


def _lines_of(group: _RemarkGroup) -> list[str]:
    """A group of remarks as lines of the report."""
    lines = [f"  {_SIGN[group.level]:<8} {group.title}"]
    for message in group.messages:
        lines += wrapped(message, " " * 11, " " * 13)
    if group.more:
        lines.append(f"{' ' * 11}... and {group.more} more")
    for hint in group.hints:
        lines += wrapped(f"-> {hint}", " " * 11, " " * 14)
    return lines


def fine(remarks: pd.DataFrame) -> str:
    """How many checks found nothing."""
    levels = remarks.groupby(["table", "check"])["level"].agg(worst)
    return f"  ok       {(levels == 'ok').sum()} of {len(levels)} checks found nothing."


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """A text in lines of the report's width."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest)


# The table at the end

COLUMNS = {
    "rows_delivered": "Delivered",
    "eligible": "Eligible",
    "analysed": "Analysed",
    "nonresponse": "No answer",
    "weight_effect": "Weights",
    "strata": "Strata",
    "psus": "PSUs",
}


_NOT_SAID = ("rows_delivered", "eligible", "nonresponse")
"""Checks of which a number is there, though it may not be said."""


def overview(remarks: pd.DataFrame, table: str = "children") -> dict[str, str]:
    """The numbers in a country's line of the summary, by check; "" where there is none."""
    part = remarks[(remarks["table"] == table) & (remarks["variable"] == "")].set_index("check")
    numbers = {}
    for check in COLUMNS:
        numbers[check] = cell(check, part.loc[[check]].iloc[0]) if check in part.index else ""
    return numbers


def cell(check: str, row: pd.Series) -> str:
    """The number of a remark; a dash where it may not be said."""
    if pd.notna(row["share"]):
        return number(row["share"])
    if pd.notna(row["value"]):
        return f"{row['value']:,.0f}" if float(row["value"]).is_integer() else f"{row['value']:.2f}"
    return "–" if check in _NOT_SAID else "none"


def summary(project: Project, countries: list[Examined]) -> str:
    """One line per country (children)."""
    records = []
    for country in countries:
        numbers = overview(country.remarks) if country.remarks is not None else dict.fromkeys(COLUMNS, "-")
        name = textwrap.shorten(project.countries[country.iso3].name, _LONGEST_NAME, placeholder="...")
        records.append([name, *numbers.values(), _SIGN[country.level]])
    heads = ["Children", *COLUMNS.values(), "Status"]
    widths = [max(len(str(line[column])) for line in [heads, *records]) for column in range(len(heads))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
             for line in [heads, ["-" * width for width in widths], *records]]  # fmt: skip
    count = f"{len(countries)} countr{'y' if len(countries) == 1 else 'ies'} checked"
    levels = [country.level for country in countries]
    counts = ", ".join(f"{levels.count(level)} {_SIGN[level]}" for level in _SERIOUS_FIRST if level in levels)
    return "\n".join([*lines, "", f"{count}: {counts}."])
