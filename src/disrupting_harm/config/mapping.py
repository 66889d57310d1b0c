"""A questionnaire and what differs in one country, worked out to one entry a variable: columns and codes in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config.codebook import FORM, SPECIAL, Codebook, Kind, Variable
from disrupting_harm.config.problems import nearest
from disrupting_harm.config.questionnaire import NOT_ASKED, MappingEntry, Questionnaire

BRACES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Mapped:
    """One codebook variable as one file delivers it.

    `values`: delivered code -> codebook value, special answer or `not_asked` (one answer), or number as text (number).
    `options`: delivered column -> option or special answer (several answers).
    """

    name: str
    entry: str
    kind: Kind
    column: str = ""
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    chosen: str = "1"
    not_chosen: str = "0"
    missing: tuple[str, ...] = ()
    optional_values: tuple[str, ...] = ()
    may_be_absent: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All delivered columns of the variable."""
        return tuple(self.options) if self.kind == "answers" else (self.column,)


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path of keys below the entry's file."""

    path: tuple[str, ...]
    what: str
    nearest: str = ""
    way_out: str = ""


@dataclass(frozen=True)
class Placed:
    """An entry for one variable, and the path of keys where it stands."""

    variable: Variable
    entry: MappingEntry
    path: tuple[str, ...]


def place(
    entries: dict[str, MappingEntry], codebook: dict[str, Variable], key: str = "variables"
) -> tuple[dict[str, Placed], list[Finding]]:
    """Entries of a file by variable name, `{form}` filled in; and names that the codebook does not know."""
    families: dict[str, list[Variable]] = {}
    for variable in codebook.values():
        families.setdefault(variable.entry, []).append(variable)
        if variable.name != variable.entry:
            families[variable.name] = [variable]
    placed: dict[str, Placed] = {}
    findings: list[Finding] = []
    for name, entry in entries.items():
        if name not in families:
            way_out = "Variables are named as in config/codebook.yaml."
            findings.append(
                Finding((key, name), "is not a variable of the codebook", nearest(name, families), way_out)
            )
        for variable in families.get(name, []):
            if entry.forms is None or variable.form in entry.forms:
                placed[variable.name] = Placed(variable, entry, (key, name))
        findings += unknown_forms(entry, codebook, (key, name))
    return placed, findings


def unknown_forms(
    entry: MappingEntry, codebook: dict[str, Variable], path: tuple[str, ...]
) -> Iterator[Finding]:
    """Letters in `forms` that the codebook does not know."""
    known = {variable.form for variable in codebook.values()}
    for letter in entry.forms or ():
        if letter not in known:
            yield Finding((*path, "forms"), f"names the form {letter!r}, which the codebook does not have")


def override(base: dict[str, Placed], own: dict[str, Placed]) -> dict[str, Placed]:
    """The questionnaire's entries with a country's settings in place of the questionnaire's, variable by variable."""
    result = dict(base)
    for name, placed in own.items():
        if name in base:
            said = {key: getattr(placed.entry, key) for key in placed.entry.model_fields_set}
            entry = base[name].entry.model_copy(update=said)
            placed = Placed(placed.variable, entry, placed.path)
        result[name] = placed
    return result


def resolve(
    placed: dict[str, Placed], questionnaire: Questionnaire
) -> tuple[dict[str, Mapped], list[Finding]]:
    """Columns and codes of every variable in full; and what is wrong with them."""
    findings: list[Finding] = []
    mapped: dict[str, Mapped] = {}
    for name, item in placed.items():
        mapped[name] = Resolver(item, questionnaire, findings).mapped()
    findings += columns_mapped_twice(mapped, placed)
    return mapped, findings


def columns_mapped_twice(mapped: dict[str, Mapped], placed: dict[str, Placed]) -> Iterator[Finding]:
    """Delivered columns that two variables claim."""
    owner: dict[str, str] = {}
    for name, variable in mapped.items():
        for column in filter(None, variable.columns):
            if column in owner:
                what = f"reads the column {column}, which {owner[column]} reads already"
                yield Finding(placed[name].path, what, way_out="Correct one of the two columns.")
            owner.setdefault(column, name)


class Resolver:
    """Works out one variable."""

    def __init__(self, item: Placed, questionnaire: Questionnaire, findings: list[Finding]) -> None:
        self.variable = item.variable
        self.entry = item.entry
        self.path = item.path
        self.questionnaire = questionnaire
        self.findings = findings

    def wrong(self, key: str | tuple[str, ...], what: str, close: str = "", way_out: str = "") -> None:
        """Note a finding at `key` of the entry (at the entry itself if it is empty)."""
        keys = (key,) if isinstance(key, str) else key
        self.findings.append(Finding((*self.path, *filter(None, keys)), what, close, way_out))

    def mapped(self) -> Mapped:
        """The variable in full."""
        self.check_settings()
        several = self.questionnaire.several_answers
        return Mapped(
            name=self.variable.name,
            entry=self.variable.entry,
            kind=self.variable.kind,
            column="" if self.variable.kind == "answers" else self.fill(self.entry.column or "", "column"),
            values=self.values(),
            options=self.options(),
            chosen=several.chosen if self.entry.chosen is None else self.entry.chosen,
            not_chosen=several.not_chosen if self.entry.not_chosen is None else self.entry.not_chosen,
            missing=self.entry.missing,
            optional_values=self.optional_values(),
            may_be_absent=self.entry.may_be_absent,
        )

    def check_settings(self) -> None:
        """The entry has what its kind of variable needs, and nothing that belongs to another kind."""
        needs = {"answer": {"column", "values"}, "answers": {"columns", "options"}}.get(
            self.variable.kind, {"column"}
        )
        kind = {"answer": "one answer", "answers": "several answers"}.get(
            self.variable.kind, f"a {self.variable.kind}"
        )
        for key in sorted(needs):
            if not getattr(self.entry, key):
                self.wrong("", f"needs `{key}`", way_out=f"{self.variable.entry} has {kind} in the codebook.")
        allowed = needs | ({"values"} if self.variable.kind == "number" else set())
        for key in ("column", "columns", "values", "options"):
            if key not in allowed and getattr(self.entry, key):
                self.wrong(
                    key, "does not belong here", way_out=f"{self.variable.entry} has {kind} in the codebook."
                )

    def values(self) -> dict[str, str]:
        """Delivered code -> codebook value."""
        if self.variable.kind == "number":
            return self.numbers()
        if self.variable.kind != "answer":
            return {}
        known = (*self.variable.values, *SPECIAL, NOT_ASKED)
        return self.with_special(self.entry.values, known, "values")

    def numbers(self) -> dict[str, str]:
        """Delivered code -> number as text."""
        for code, value in self.entry.values.items():
            if isinstance(value, str):
                self.wrong(("values", code), f"is {value!r}, but {self.variable.entry} is a number")
        return {code: str(value) for code, value in self.entry.values.items()}

    def options(self) -> dict[str, str]:
        """Delivered column -> option."""
        if self.variable.kind != "answers":
            return {}
        codes = self.with_special(self.entry.options, (*self.variable.options, *SPECIAL), "options")
        pattern = self.entry.columns or ""
        if pattern and "{code}" not in pattern:
            self.wrong("columns", "has no {code}", way_out="Write the columns as a pattern: G8_{code}_G1a.")
        return {self.fill(pattern, "columns", code): option for code, option in codes.items()}

    def with_special(self, said: dict[str, Any], known: tuple[str, ...], key: str) -> dict[str, str]:
        """What the entry says, checked, and the questionnaire's special codes that it does not say itself."""
        for code, value in said.items():
            if value not in known:
                what = f"is {value!r}, which {self.variable.entry} does not have in the codebook"
                self.wrong((key, code), what, nearest(str(value), known), f"It has: {', '.join(known)}.")
        twice = [value for value in said.values() if list(said.values()).count(value) > 1]
        if key == "options" and twice:
            self.wrong(key, f"names {twice[0]} twice")
        result = {code: str(value) for code, value in said.items()}
        if self.entry.special and said:
            for code, value in self.questionnaire.special.items():
                if value not in result.values():
                    result.setdefault(code, value)
        return result

    def optional_values(self) -> tuple[str, ...]:
        """Values that need not occur."""
        known = (*self.variable.values, *SPECIAL, NOT_ASKED)
        for value in self.entry.optional_values:
            if self.variable.kind == "answer" and value not in known:
                self.wrong("optional_values", f"names {value!r}, which is not a value", nearest(value, known))
        return self.entry.optional_values

    def fill(self, pattern: str, key: str, code: str = "") -> str:
        """A column's name with its words in braces filled in."""

        def word(match: re.Match[str]) -> str:
            name = match.group(1)
            if name == "code" and key == "columns":
                return code
            if self.variable.form is None:
                return self.unknown_word(key, name)
            if name == "form":
                return self.variable.form
            by_form = self.questionnaire.placeholders.get(name)
            if by_form is None:
                return self.unknown_word(key, name)
            if self.variable.form not in by_form:
                self.wrong(key, f"uses {{{name}}}, which has no word for the form {self.variable.form!r}")
            return by_form.get(self.variable.form, "")

        return BRACES.sub(word, pattern)

    def unknown_word(self, key: str, name: str) -> str:
        """Note a word in braces that stands for nothing here."""
        known = ["code", "form", *self.questionnaire.placeholders]
        self.wrong(
            key, f"uses {{{name}}}, which is not a placeholder", nearest(name, known), "See `placeholders`."
        )
        return name


def also_delivered(questionnaire: Questionnaire, codebook: Codebook) -> list[str]:
    """Names of the delivered columns that are not used, words in braces filled in for each form."""
    names: list[str] = []
    for pattern in questionnaire.also_delivered:
        if not BRACES.search(pattern):
            names.append(pattern)
            continue
        for letter in codebook.forms:
            words = {name: by_form.get(letter, "") for name, by_form in questionnaire.placeholders.items()}
            words["form"] = letter
            names.append(BRACES.sub(lambda match, words=words: words.get(match.group(1), ""), pattern))
    return names


__all__ = ["FORM", "Finding", "Mapped", "Placed", "also_delivered", "override", "place", "resolve"]
