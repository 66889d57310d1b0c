"""Settings of a country's file out of a mapping sheet: only what differs from the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from disrupting_harm.config import Mapped, Project
from disrupting_harm.config.checks.mapping import Placed, entries_by_variable, override, resolve
from disrupting_harm.config.entries.codebook import FORM, Table
from disrupting_harm.config.entries.questionnaire import MappingEntry, Questionnaire
from disrupting_harm.delivered.formats.columns import find_columns
from disrupting_harm.new_country.matching.families import around
from disrupting_harm.new_country.settings import for_all_forms, words_of_forms
from disrupting_harm.new_country.sheet.fill import ELSEWHERE, QUESTIONNAIRE, VARIABLES
from disrupting_harm.new_country.sheet.rows import (
    BORN,
    CHOSEN,
    INTERVIEWED,
    LIST,
    MENTION,
    NO_NUMBER,
    NOT_ASKED,
    NOT_CHOSEN,
    NOT_IN_FILE,
    NOT_USABLE,
    CodeRow,
    ColumnRow,
    MappingSheet,
)

_Settings = dict[str, Any]
_READ_BY = (
    *("values", "listed", "separator", "extract", "date_order", "chosen", "not_chosen"),
    *("user_missing", "may_be_absent", "asked_of_part"),
)
"""What must be the same for a variable to be read in the same way."""
_NEEDED = ("child_id", "weight")
"""Variables of children without which nothing can be estimated."""


def content(project: Project, sheet: MappingSheet) -> _Settings:
    """The content of the country's YAML file that a sheet stands for."""
    settings: _Settings = {row.setting: yaml.safe_load(row.value) for row in sheet.settings if row.value}
    not_usable = {row.variable: row.reason for row in sheet.absent if row.status == NOT_USABLE}
    not_asked: list[str] = []
    for table in sheet.tables():
        if QUESTIONNAIRE[table] in settings:
            questionnaire = project.questionnaires[settings[QUESTIONNAIRE[table]]]
            differences = _Differences(project, questionnaire, table, sheet)
            if variables := differences.settings():
                settings[VARIABLES[table]] = variables
            not_asked += differences.not_asked()
    for key, value in (("not_asked", list(dict.fromkeys(not_asked))), ("not_usable", not_usable)):
        if value:
            settings[key] = value
    first = [key for key in settings if key not in ELSEWHERE]
    return {key: settings[key] for key in [*first, *(key for key in ELSEWHERE if key in settings)]}


def without_column(sheet: MappingSheet) -> list[str]:
    """Variables of children that a country cannot do without, and that no column of the sheet holds."""
    held = sheet.mapped("children")
    return [name for name in _NEEDED if name not in held]


class _Differences:
    """How the rows of one table differ from a questionnaire."""

    def __init__(
        self, project: Project, questionnaire: Questionnaire, table: Table, sheet: MappingSheet
    ) -> None:
        self.sheet, self.table, self.questionnaire = sheet, table, questionnaire
        self.codes_of = sheet.codes_by_column()
        self.variables = project.codebook.variables(table)
        self.words = words_of_forms(project.codebook, questionnaire)
        self.usual, _ = entries_by_variable(questionnaire.variables, self.variables)
        self.resolved, _ = resolve(self.usual, questionnaire)

    def settings(self) -> _Settings:
        """The settings of each variable that is not as in the questionnaire; families in one entry where possible."""
        differing: dict[str, dict[str, _Settings]] = {}
        for name, rows in self.sheet.mapped(self.table).items():
            full = self.full(name, rows)
            if not self.is_usual(name, full):
                differing.setdefault(self.variables[name].entry, {})[name] = self.simplified(name, full)
        entries: _Settings = {}
        for entry, by_name in differing.items():
            entries |= self.family(entry, by_name)
        entries |= {name: {"may_be_absent": True} for name in self.lacking() if name not in entries}
        order = list(self.variables)
        return dict(sorted(entries.items(), key=lambda item: self.position(item[0], order)))

    def not_asked(self) -> list[str]:
        """What was not asked: as the sheet says, and what of the questionnaire neither a column nor a row is about."""
        listed = {row.variable: row.status for row in self.sheet.absent if row.table == self.table}
        names = [name for name, status in listed.items() if status == NOT_ASKED]
        held = self.sheet.mapped(self.table)
        by_entry: dict[str, list[str]] = {}
        for name, mapped in self.resolved.items():
            is_needed = (
                self.variables[name].kind in ("identifier", "number") and self.variables[name].required
            )
            if not (
                {name, mapped.entry} & (listed.keys() | held.keys()) or mapped.may_be_absent or is_needed
            ):
                by_entry.setdefault(mapped.entry, []).append(name)
        for entry, missing in by_entry.items():
            family = [name for name, mapped in self.resolved.items() if mapped.entry == entry]
            names += [entry] if missing == family else missing
        return names

    def lacking(self) -> list[str]:
        """Answers that the file lacks and may not lack by the questionnaire; keys and weights may be the child's."""
        listed = {
            row.variable for row in self.sheet.absent if (row.table, row.status) == (self.table, NOT_IN_FILE)
        }
        usual = {mapped.entry: mapped for mapped in self.resolved.values()} | dict(self.resolved)
        answers = ("answer", "answers")
        return [
            name
            for name in listed
            if name in usual and usual[name].kind in answers and not usual[name].may_be_absent
        ]

    def position(self, name: str, order: Sequence[str]) -> int:
        """Where a variable, or the first of a family, stands in the codebook."""
        if name in self.variables:
            return order.index(name)
        return min(order.index(other) for other, about in self.variables.items() if about.entry == name)

    # One variable

    def full(self, name: str, rows: Sequence[ColumnRow]) -> _Settings:
        """All settings of a variable, whatever the questionnaire says of it."""
        codes = self.codes(rows)
        meanings = {code.code: code.meaning for code in codes if code.meaning}
        further = yaml.safe_load(next((row.settings for row in rows if row.settings), "{}"))
        kind = self.variables[name].kind
        if kind == "answers":
            return self.several(rows, meanings) | further
        if any(row.option in (BORN, INTERVIEWED) for row in rows):
            return {row.option: row.column for row in rows} | further
        setting: _Settings = {"column": rows[0].column}
        if kind == "number":
            numbers = {code: _number(text) for code, text in meanings.items() if text != NO_NUMBER}
            setting |= {
                "values": numbers,
                "missing": [c for c, text in meanings.items() if text == NO_NUMBER],
            }
        elif kind == "answer":
            setting |= {"values": meanings, "special": False}
        return setting | further

    def codes(self, rows: Sequence[ColumnRow]) -> list[CodeRow]:
        """The codes of a variable: those of its first column that has some."""
        for row in rows:
            if codes := self.codes_of.get((self.table, row.column)):
                return codes
        return []

    @staticmethod
    def several(rows: Sequence[ColumnRow], meanings: Mapping[str, str]) -> _Settings:
        """A question with several answers, in any of the three layouts."""
        columns = [row.column for row in rows]
        if rows[0].option == LIST:
            return {"column": columns[0], "options": dict(meanings), "special": False}
        if rows[0].option.startswith(MENTION):
            pattern, _ = pattern_with_rests(columns, "mention")
            return {"columns": pattern, "mentions": len(rows), "options": dict(meanings), "special": False}
        pattern, codes = pattern_with_rests(columns, "code")
        setting: _Settings = {
            "columns": pattern,
            "options": {code: row.option for code, row in zip(codes, rows, strict=True)},
            "special": False,
        }
        code_of = {word: code for code, word in meanings.items()}
        setting |= {key: code_of[key] for key in (CHOSEN, NOT_CHOSEN) if key in code_of}
        others = {code: word for code, word in meanings.items() if word not in (CHOSEN, NOT_CHOSEN)}
        return setting | {"values": others}

    # Compared with the questionnaire

    def as_read(self, name: str, setting: _Settings) -> Mapped | None:
        """A variable as a country's file with this setting has it; None where that has faults."""
        variable = self.variables[name]
        placed = {name: Placed(variable, MappingEntry.model_validate(setting), (VARIABLES[self.table], name))}
        usual = {name: self.usual[name]} if name in self.usual else {}
        mapped, findings = resolve(override(usual, placed), self.questionnaire)
        return None if findings else mapped.get(name)

    def is_usual(self, name: str, full: _Settings) -> bool:
        """Whether the questionnaire reads the same from the same columns; columns that the file lacks do not count."""
        usual, mapped = self.resolved.get(name), self.as_read(name, full)
        if usual is None or mapped is None:
            return False
        wanted = [column for column in usual.columns if column]
        find = self.questionnaire.find_columns
        names = find_columns(list(mapped.columns), wanted, set(wanted), find).columns
        if set(names.values()) != set(mapped.columns):
            return False
        there = {names[column]: option for column, option in usual.options.items() if column in names}
        same = all(getattr(usual, key) == getattr(mapped, key) for key in _READ_BY)
        return same and set(usual.missing) == set(mapped.missing) and there == mapped.options

    def simplified(self, name: str, full: _Settings) -> _Settings:
        """The same without what the questionnaire or a default says anyway."""
        wanted = self.as_read(name, full)
        if wanted is None:  # it lacks something that a person has yet to decide: nothing is taken away
            return {key: value for key, value in full.items() if value or key == "special"}
        setting: _Settings = full
        special = self.questionnaire.special
        for key in ("values", "options"):
            codes: _Settings = setting.get(key) or {}
            listed = {code: word for code, word in codes.items() if special.get(code) != word}
            shorter: _Settings = {**setting, key: listed, "special": True}
            if listed and "special" in setting and self.as_read(name, shorter) == wanted:
                setting = shorter
        for key in [key for key in setting if key not in ("column", "columns")] + ["columns", "column"]:
            shorter = {other: value for other, value in setting.items() if other != key}
            if shorter and self.as_read(name, shorter) == wanted:
                setting = shorter
        return setting

    # Families

    def family(self, entry: str, by_name: Mapping[str, _Settings]) -> _Settings:
        """The settings of a question about each form: once for the forms that share them, else form by form."""
        if len(by_name) == 1 or FORM not in entry:
            return dict(by_name)
        groups: dict[str, list[str]] = {}
        for name, setting in by_name.items():
            groups.setdefault(repr(_but_columns(setting)), []).append(name)
        names = max(groups.values(), key=len)
        shared = by_name[names[0]]
        key = next((key for key in ("columns", "column") if key in shared), None)
        if key and len(names) > 1:
            by_form = {str(self.variables[name].form): by_name[name].get(key, "") for name in names}
            pattern = for_all_forms(by_form, self.words)
            shared = {key: pattern, **_but_columns(shared)} if pattern else {}
        if len(names) == 1 or not shared:
            return dict(by_name)
        others = {name: setting for name, setting in by_name.items() if name not in names}
        return {entry: shared | self.forms_setting(entry, names), **others}

    def forms_setting(self, entry: str, names: Sequence[str]) -> _Settings:
        """Which forms an entry is about, where it is not about those of the questionnaire."""
        family = [name for name, variable in self.variables.items() if variable.entry == entry]
        usual = [name for name in family if name in self.usual]
        asked = [name for name in family if name in names]
        is_all = asked == (usual or family)
        return {} if is_all else {"forms": [self.variables[name].form for name in asked]}


def pattern_with_rests(names: Sequence[str], word: str) -> tuple[str, list[str]]:
    """What names have in common, with a word in braces for the rest, and the rests: none is empty or half a number."""
    before, after = around(names)
    while before and any(len(name) <= len(before) + len(after) for name in names):
        before = before[:-1].rstrip("0123456789")
    return f"{before}{{{word}}}{after}", [name[len(before) : len(name) - len(after)] for name in names]


def _but_columns(setting: _Settings) -> _Settings:
    """A setting without the columns that it is about."""
    return {key: value for key, value in setting.items() if key not in ("column", "columns")}


def _number(text: str) -> int | float | str:
    """A number as YAML writes it."""
    value = yaml.safe_load(text)
    return value if isinstance(value, (int, float)) else text
