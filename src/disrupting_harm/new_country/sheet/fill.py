"""Fill in a mapping sheet: from the settings of a country's file, and from what may be shown of its delivered files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from disrupting_harm.config import SPECIAL, Mapped, Project, Variable
from disrupting_harm.config.checks.mapping import entries_by_variable, override, resolve
from disrupting_harm.config.checks.needs import needed
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.questionnaire import MappingEntry, Questionnaire
from disrupting_harm.delivered.formats.columns import find_columns
from disrupting_harm.new_country.inspection import Inspection
from disrupting_harm.new_country.inspection.look import MOST_CODES
from disrupting_harm.new_country.matching.codes import in_order
from disrupting_harm.new_country.sheet.rows import (
    BORN,
    CERTAIN,
    CHOSEN,
    DECIDED,
    INTERVIEWED,
    LIST,
    MENTION,
    NO_NUMBER,
    NOT_ASKED,
    NOT_CHOSEN,
    NOT_IN_FILE,
    NOT_USABLE,
    TO_DECIDE,
    AbsentRow,
    CodeRow,
    ColumnRow,
    MappingSheet,
    SettingRow,
)
from disrupting_harm.new_country.text import flow

QUESTIONNAIRE: dict[Table, str] = {"children": "questionnaire", "caregivers": "caregiver_questionnaire"}
VARIABLES: dict[Table, str] = {"children": "variables", "caregivers": "caregiver_variables"}
"""Keys of a country's file by table."""

FURTHER = (
    "extract",
    "date_order",
    "separator",
    "user_missing",
    "optional_values",
    "may_be_absent",
    "asked_of_part",
)
"""Settings of a variable that neither a column nor a code shows."""

ELSEWHERE = ("variables", "caregiver_variables", "not_asked", "not_usable")
"""Settings of a country's file that stand in other sheets than the one of settings."""


@dataclass(frozen=True)
class Reading:
    """How one table of a country is read: the questionnaire, its variables, and these with what the country changes."""

    questionnaire: Questionnaire
    usual: Mapping[str, Mapped]
    mapped: Mapping[str, Mapped]

    @classmethod
    def of(cls, project: Project, content: Mapping[str, Any], table: Table) -> Reading:
        """From the content of a country's file, which need not be complete."""
        questionnaire = project.questionnaires[content[QUESTIONNAIRE[table]]]
        given = content.get(VARIABLES[table]) or {}
        entries = {name: MappingEntry.model_validate(entry) for name, entry in given.items()}
        known = project.codebook.variables(table)
        usual, _ = entries_by_variable(questionnaire.variables, known)
        placed, _ = entries_by_variable(entries, known)
        return cls(
            questionnaire,
            resolve(usual, questionnaire)[0],
            resolve(override(usual, placed), questionnaire)[0],
        )


def fill(
    project: Project,
    content: Mapping[str, Any],
    looks: Mapping[Table, Inspection],
    decisions: Mapping[str, list[str]] | None = None,
) -> MappingSheet:
    """The sheet of a country.

    content: of its YAML file, written or proposed; looks: its delivered files by table; decisions: what a person must
    decide, by the key of the country's file or by variable. None: nothing is proposed, all is decided. Raises KeyError
    for a questionnaire that does not exist.
    """
    sheet = MappingSheet()
    for table, look in looks.items():
        _Filler(project, content, table, look, decisions).add_to(sheet)
    sheet.settings = list(_settings(content, decisions or {}))
    return sheet


def _settings(content: Mapping[str, Any], decisions: Mapping[str, list[str]]) -> Iterator[SettingRow]:
    """A row for each setting, and for what must be decided and is not there."""
    keys = [key for key in content if key not in ELSEWHERE]
    for key in dict.fromkeys([*keys, *(key for key in decisions if key in ("region", "phase", "design"))]):
        value = flow(content[key]) if key in content else ""
        yield SettingRow(key, value, "; ".join(decisions.get(key, ())))


class _Filler:
    """Fills in the rows of one table."""

    def __init__(
        self,
        project: Project,
        content: Mapping[str, Any],
        table: Table,
        look: Inspection,
        decisions: Mapping[str, list[str]] | None,
    ) -> None:
        self.project, self.content, self.table, self.look = project, content, table, look
        self.decisions = decisions
        self.variables = project.codebook.variables(table)
        self.needed = needed(project.registry, project.codebook)
        self.reading = Reading.of(project, content, table)
        self.not_asked = set(content.get("not_asked") or ())
        self.of_column = self.columns_of(self.reading.mapped)

    def columns_of(self, mapped: Mapping[str, Mapped]) -> dict[str, tuple[Mapped, str]]:
        """Delivered column -> the variable that it holds, and which of its columns it is."""
        used = {name: one for name, one in mapped.items() if not {name, one.entry} & self.not_asked}
        wanted = {column: name for name, one in used.items() for column in one.columns if column}
        header = list(self.look.description.columns)
        matches = find_columns(header, list(wanted), set(wanted), self.reading.questionnaire.find_columns)
        return {delivered: (used[wanted[column]], column) for column, delivered in matches.columns.items()}

    def add_to(self, sheet: MappingSheet) -> None:
        """Add the columns in the file's order, their codes, and the variables that no column holds."""
        seen: set[str] = set()
        for name in self.look.description.columns:
            mapped, wanted = self.of_column.get(name, (None, ""))
            is_first = mapped is not None and mapped.name not in seen
            sheet.columns.append(self.column(name, mapped, wanted, is_first))
            if mapped is None or is_first:
                sheet.codes += self.codes(name, mapped)
            seen |= {mapped.name} if mapped else set()
        sheet.absent += self.not_there(seen)

    # Columns

    def column(self, name: str, mapped: Mapped | None, wanted: str, is_first: bool) -> ColumnRow:
        """The row of one delivered column."""
        described, shown = self.look.description.columns[name], self.look.shown[name]
        row = ColumnRow(self.table, name, described.label, shown.empty, self.codes_in_words(name))
        if mapped is None:
            return self.only_asked(row)
        certainty, why = self.certainty(name, mapped)
        return replace(
            row,
            variable=mapped.name,
            option=option_of(mapped, wanted),
            settings=self.further(mapped) if is_first else "",
            certainty=certainty,
            why=why if is_first else "",
        )

    def only_asked(self, row: ColumnRow) -> ColumnRow:
        """The row of a column that nothing is read from: what it may hold is asked."""
        match, variable, option = self.look.matching.of_column.get(row.column, (None, "", ""))
        if (
            match is None
            or self.decisions is None
            or (variable in self.reading.mapped and match.certainty != "asked")
        ):
            return row
        what = " ".join(filter(None, (variable, option)))
        return replace(row, certainty=TO_DECIDE, why=f"perhaps {what}: {match.reason}")

    def codes_in_words(self, name: str) -> str:
        """The codes of a column, each with its label, in one cell."""
        labels = self.look.description.columns[name].labels
        return "; ".join(
            f"{code} {labels.get(code, '')}".strip() for code in self.codes_to_show(name)[:MOST_CODES]
        )

    def codes_to_show(self, name: str, meanings: Iterable[str] = ()) -> list[str]:
        """The codes that are labelled, mapped, given by enough respondents, or asked about: no rare answer."""
        shown = self.look.shown[name]
        match, _, _ = self.look.matching.of_column.get(name, (None, "", ""))
        asked_about = match.codes.undecided if match else ()
        labels = self.look.description.columns[name].labels
        return list(
            in_order(dict.fromkeys([*meanings, *labels, *shown.shares, *shown.occurring, *asked_about]))
        )

    def certainty(self, name: str, mapped: Mapped) -> tuple[str, str]:
        """How certain a proposal is, and why; what is in a country's file already is decided."""
        if self.decisions is None:
            return DECIDED, ""
        match, _, _ = self.look.matching.of_column.get(name, (None, "", ""))
        keys = (mapped.entry, mapped.name)
        asked = dict.fromkeys(decision for key in keys for decision in self.decisions.get(key, ()))
        if match is None:
            return TO_DECIDE if asked else CERTAIN, "; ".join(["as in the questionnaire", *asked])
        certainty = TO_DECIDE if asked or match.certainty == "asked" else match.certainty
        return certainty, "; ".join([match.reason, *asked])

    def further(self, mapped: Mapped) -> str:
        """What neither columns nor codes show, where it is not as in the questionnaire."""
        usual = self.reading.usual.get(mapped.name) or Mapped(mapped.name, mapped.entry, mapped.kind)
        values = {key: getattr(mapped, key) for key in FURTHER if getattr(mapped, key) != getattr(usual, key)}
        return flow(values) if values else ""

    # Codes

    def codes(self, name: str, mapped: Mapped | None) -> Iterator[CodeRow]:
        """A row for each code of a column: those in the file, and those that are mapped."""
        described, shown = self.look.description.columns[name], self.look.shown[name]
        meanings = meanings_of(mapped) if mapped else {}
        if not meanings and mapped is not None and mapped.kind in ("identifier", "number"):
            return  # each number would be a row
        for code in self.codes_to_show(name, meanings):
            share = shown.shares.get(code, "occurs" if code in shown.occurring else "")
            yield CodeRow(
                self.table, name, code, described.labels.get(code, ""), share, meanings.get(code, "")
            )

    # What is not there

    def not_there(self, seen: set[str]) -> Iterator[AbsentRow]:
        """What is not read of the questionnaire; a family that lacks all its forms is one row."""
        by_entry: dict[str, list[str]] = {}
        for name in self.reading.usual:
            by_entry.setdefault(self.variables[name].entry, []).append(name)
        reasons = self.content.get("not_usable") or {}
        for entry, names in by_entry.items():
            about = self.variables[names[0]]
            rest = (about.question or about.label, self.lacking(about))
            for name in [entry] * (entry not in names) + names:
                if name in reasons:
                    yield AbsentRow(self.table, name, *rest, NOT_USABLE, reasons[name])
            missing = [name for name in names if name not in seen]
            for name in [entry] if missing and len(missing) == len(names) else missing:
                if name not in reasons:
                    yield AbsentRow(self.table, name, *rest, self.why_absent(name))

    def why_absent(self, name: str) -> str:
        """Why no column holds a variable: as the country's file says, or because the file may lack it."""
        entry = self.variables[name].entry if name in self.variables else name
        return NOT_ASKED if {name, entry} & self.not_asked else NOT_IN_FILE

    def lacking(self, variable: Variable) -> str:
        """The insights whose indicators need a variable."""
        registry = self.project.registry
        paths = self.needed.get((self.table, variable.entry), [])
        entries = {name for part, name in paths if part == "indicators"}
        names = []
        for insight in self.project.insights.values():
            shown = {
                *insight.headline,
                *(m for g in insight.compositions for m in registry.members.get(g, ())),
            }
            if entries & {registry.indicators[name].entry for name in shown if name in registry.indicators}:
                names.append(insight.short)
        return ", ".join(names)


def option_of(mapped: Mapped, column: str) -> str:
    """What one column of a question with several answers holds; nothing for another question."""
    if mapped.interviewed:
        return BORN if column == mapped.column else INTERVIEWED
    if mapped.kind != "answers":
        return ""
    if mapped.mentions:
        return f"{MENTION} {mapped.mentions.index(column) + 1}"
    return mapped.options.get(column, LIST)


def meanings_of(mapped: Mapped) -> dict[str, str]:
    """What each code of a variable's columns means."""
    if mapped.kind == "number":
        return {**mapped.values, **dict.fromkeys(mapped.missing, NO_NUMBER)}
    if mapped.kind == "answers" and not mapped.listed:
        chosen = {mapped.not_chosen: NOT_CHOSEN, mapped.chosen: CHOSEN}
        return {**chosen, **mapped.values}
    return dict(mapped.listed or mapped.values)


def words(variable: Variable) -> list[str]:
    """The meanings that a code of a variable may have."""
    if variable.kind == "number":
        return [NO_NUMBER]
    if variable.kind == "answers":
        return [CHOSEN, NOT_CHOSEN, *variable.options, *SPECIAL, "not_asked"]
    return [*variable.values, *SPECIAL, "not_asked"] if variable.kind == "answer" else []
