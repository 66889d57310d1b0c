"""A questionnaire and a country's differences from it, resolved to one entry per variable, in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config.entries.codebook import FORM, SPECIAL, Codebook, Kind, Variable
from disrupting_harm.config.entries.patterns import PatternError, check_pattern
from disrupting_harm.config.entries.questionnaire import NOT_ASKED, MappingEntry, Questionnaire
from disrupting_harm.config.files.problems import nearest

_BRACES = re.compile(r"\{(\w+)\}")

_SETTINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "identifier": (("column",), ("extract",)),
    "number": (("column",), ("values", "extract")),
    "age": (("born", "interviewed"), ("date_order",)),
    "answer": (("column", "values"), ()),
    "options": (("columns", "options"), ("values", "chosen", "not_chosen")),
    "text": (("column", "options", "separator"), ()),
    "mentions": (("columns", "options", "mentions"), ()),
}
"""What an entry needs, and what it may have besides, by kind of variable and, of several answers, by layout."""
_LAYOUTS = (
    "Write `columns` with {code}; or `column` and `separator`; or `columns` with {mention} and `mentions`."
)


@dataclass(frozen=True)
class Mapped:
    """One codebook variable as one file delivers it.

    `values`: delivered code -> codebook value, special answer or `not_asked` (one answer), or number as text (number);
    of several answers: what a code beside `chosen` and `not_chosen` means.
    Several answers come in one of three layouts. One column per option: `options` (delivered column -> option or
    special answer; where the questionnaire has two codes for a special answer, the file has the column of one or of
    both). One text column that lists them: `column`, `separator` and `listed` (delivered code or text -> option,
    special answer or `not_asked`). A column for each mention: `mentions` (the columns) and `listed`.
    `extract`: the pattern of the value within a text; "" where the whole text is the value.
    `interviewed`: of an age from two dates, the column of the second; `column` is that of the date of birth.
    `asked_of_part`: an empty cell means that the respondent was not asked.
    `user_missing`: what a code means that the file declares as missing and that is not mapped; "" if not given.
    """

    name: str
    entry: str
    kind: Kind
    column: str = ""
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    separator: str = ""
    extract: str = ""
    interviewed: str = ""
    date_order: str = ""
    mentions: tuple[str, ...] = ()
    chosen: str = "1"
    not_chosen: str = "0"
    missing: tuple[str, ...] = ()
    user_missing: str = ""
    optional_values: tuple[str, ...] = ()
    may_be_absent: bool = False
    asked_of_part: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All delivered columns of the variable."""
        one = (self.column, self.interviewed) if self.interviewed else (self.column,)
        return self.mentions or tuple(self.options) or one

    @property
    def needed(self) -> list[tuple[str, ...]]:
        """The columns that the file has to have: one of each of these, where several codes mean one special answer."""
        same: dict[str, tuple[str, ...]] = {}
        for column in self.columns:
            meaning = self.options.get(column, column)
            same[meaning] = (*same.get(meaning, ()), column)
        return list(same.values())

    @property
    def is_text(self) -> bool:
        """Whether its column is to be read as text: identifiers (leading zeros), lists of answers."""
        return self.kind == "identifier" or bool(self.separator)


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path of keys below the entry's file."""

    path: tuple[str, ...]
    what: str
    nearest: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Placed:
    """An entry for one variable, and its path of keys."""

    variable: Variable
    entry: MappingEntry
    path: tuple[str, ...]


def entries_by_variable(
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
            hint = "Variables are named as in config/codebook.yaml."
            findings.append(
                Finding((key, name), "is not a variable of the codebook", nearest(name, families), hint)
            )
        for variable in families.get(name, []):
            if entry.forms is None or variable.form in entry.forms:
                placed[variable.name] = Placed(variable, entry, (key, name))
        findings += _unknown_forms(entry, codebook, (key, name))
    return placed, findings


def _unknown_forms(
    entry: MappingEntry, codebook: dict[str, Variable], path: tuple[str, ...]
) -> Iterator[Finding]:
    """Letters in `forms` that the codebook does not know."""
    known = {variable.form for variable in codebook.values()}
    for letter in entry.forms or ():
        if letter not in known:
            yield Finding((*path, "forms"), f"names the form {letter!r}, which the codebook does not have")


def override(base: dict[str, Placed], overriding: dict[str, Placed]) -> dict[str, Placed]:
    """The questionnaire's entries, overridden variable by variable by a country's settings."""
    result = dict(base)
    families = {placed.path[-1]: placed.entry for placed in base.values()}
    for name, placed in overriding.items():
        usual = base[name].entry if name in base else families.get(placed.path[-1])
        if usual is not None:
            if name not in base and placed.entry.forms is None:
                continue  # the questionnaire's `forms` leave it out, and the country does not name others
            given = {key: getattr(placed.entry, key) for key in placed.entry.model_fields_set}
            entry = usual.model_copy(update=_other_layout(usual, given) | given)
            placed = Placed(placed.variable, entry, placed.path)
        result[name] = placed
    return result


def _other_layout(base: MappingEntry, given: dict[str, Any]) -> dict[str, Any]:
    """The questionnaire's settings that are dropped where a country gives another layout."""
    if "born" in given and "column" not in given:
        return {"column": None, "extract": None, "values": {}}
    if base.born and "column" in given:
        return {"born": None, "interviewed": None, "date_order": None}
    if not base.columns and not base.separator:
        return {}
    away: dict[str, Any] = {}
    if "columns" in given:
        away = {"column": None, "separator": None, "mentions": None}
    elif "column" in given:
        away = {"columns": None, "mentions": None}
    if "column" in given or "mentions" in given:
        away |= {"chosen": None, "not_chosen": None, "values": {}}
    return away


def resolve(
    placed: dict[str, Placed], questionnaire: Questionnaire
) -> tuple[dict[str, Mapped], list[Finding]]:
    """All columns and codes of every variable, and what is wrong with them."""
    findings: list[Finding] = []
    mapped: dict[str, Mapped] = {}
    for name, item in placed.items():
        mapped[name] = _Resolver(item, questionnaire, findings).mapped()
    findings += _columns_mapped_twice(mapped, placed)
    return mapped, findings


def _columns_mapped_twice(mapped: dict[str, Mapped], placed: dict[str, Placed]) -> Iterator[Finding]:
    """Delivered columns that two variables claim."""
    owner: dict[str, str] = {}
    for name, variable in mapped.items():
        for column in filter(None, variable.columns):
            if column == variable.interviewed:  # the day of the interview serves all ages
                continue
            if column in owner:
                what = f"reads the column {column}, which {owner[column]} reads already"
                yield Finding(placed[name].path, what, hint="Correct one of the two columns.")
            owner.setdefault(column, name)


class _Resolver:
    """Resolves one variable."""

    def __init__(self, item: Placed, questionnaire: Questionnaire, findings: list[Finding]) -> None:
        self.variable = item.variable
        self.entry = item.entry
        self.path = item.path
        self.questionnaire = questionnaire
        self.findings = findings

    def wrong(self, key: str | tuple[str, ...], what: str, close: str = "", hint: str = "") -> None:
        """Note a finding at `key` of the entry (at the entry itself if it is empty)."""
        keys = (key,) if isinstance(key, str) else key
        self.findings.append(Finding((*self.path, *filter(None, keys)), what, close, hint))

    def mapped(self) -> Mapped:
        """The variable in full."""
        self.check_settings()
        entry, several = self.entry, self.questionnaire.several_answers
        return Mapped(
            name=self.variable.name,
            entry=self.variable.entry,
            kind=self.variable.kind,
            column=self.fill(entry.born or "", "born") or self.fill(entry.column or "", "column"),
            values=self.values(),
            options=self.options(),
            listed=self.listed(),
            separator=entry.separator or "",
            extract=self.extract(),
            interviewed=self.fill(entry.interviewed or "", "interviewed"),
            date_order=entry.date_order or "",
            mentions=self.mentions(),
            chosen=several.chosen if entry.chosen is None else entry.chosen,
            not_chosen=several.not_chosen if entry.not_chosen is None else entry.not_chosen,
            missing=entry.missing,
            user_missing=entry.user_missing or self.questionnaire.user_missing or "",
            optional_values=self.optional_values(),
            may_be_absent=entry.may_be_absent,
            asked_of_part=entry.asked_of_part,
        )

    @property
    def layout(self) -> str:
        """The layout of the delivered columns, by the settings that the entry has."""
        if self.variable.kind == "number" and (self.entry.born or self.entry.interviewed):
            return "age"
        if self.variable.kind != "answers":
            return self.variable.kind
        if self.entry.mentions:
            return "mentions"
        return "text" if self.entry.column else "options"

    def check_settings(self) -> None:
        """The entry has what its kind of variable and layout need, and nothing that belongs to another."""
        needs, may = _SETTINGS[self.layout]
        kind = {"answer": "one answer", "answers": "several answers"}.get(
            self.variable.kind, f"a {self.variable.kind}"
        )
        hint = f"{self.variable.entry} has {kind} in the codebook."
        if self.variable.kind == "answers":
            hint += " " + _LAYOUTS
        for key in needs:
            if not getattr(self.entry, key):
                self.wrong("", f"needs `{key}`", hint=hint)
        for key in dict.fromkeys(key for both in _SETTINGS.values() for keys in both for key in keys):
            if key not in (*needs, *may) and getattr(self.entry, key) not in (None, {}):
                self.wrong(key, "does not belong here", hint=hint)

    def extract(self) -> str:
        """The pattern of the value within a text."""
        pattern = self.entry.extract or ""
        try:
            if pattern:
                check_pattern(pattern)
        except PatternError as error:
            hint = (
                "Write it as RE2 reads it (without \\1, (?=...) and the like), with one group: the value, as in"
                " '^(.{3,}?)Z[01]'; (?:...) holds together without taking out."
            )
            self.wrong("extract", f"is a pattern that cannot be used: {error}", hint=hint)
        return pattern

    def values(self) -> dict[str, str]:
        """Delivered code -> codebook value."""
        if self.variable.kind == "number":
            return self.numbers()
        known = (*self.variable.values, *SPECIAL, NOT_ASKED)
        if self.variable.kind == "answers":
            return self.checked(self.entry.values, known, "values")
        return self.with_special(self.entry.values, known, "values")

    def numbers(self) -> dict[str, str]:
        """Delivered code -> number as text."""
        for code, value in self.entry.values.items():
            if isinstance(value, str):
                self.wrong(("values", code), f"is {value!r}, but {self.variable.entry} is a number")
        return {code: str(value) for code, value in self.entry.values.items()}

    def options(self) -> dict[str, str]:
        """Delivered column -> option, where each option has a column."""
        if self.layout != "options":
            return {}
        codes = self.with_special(self.entry.options, (*self.variable.options, *SPECIAL), "options")
        values = [codes[code] for code in self.entry.options]
        twice = [value for value in values if values.count(value) > 1 and value not in SPECIAL]
        if twice:
            self.wrong("options", f"names {twice[0]} twice")
        pattern = self.entry.columns or ""
        if pattern and "{code}" not in pattern:
            self.wrong("columns", "has no {code}", hint="Write the columns as a pattern: G8_{code}_G1a.")
        return {self.fill(pattern, "columns", code=code): option for code, option in codes.items()}

    def listed(self) -> dict[str, str]:
        """Delivered code or text -> option, where answers are listed."""
        if self.layout not in ("text", "mentions"):
            return {}
        known = (*self.variable.options, *SPECIAL, NOT_ASKED)
        for code in self.entry.options:
            if self.entry.separator and self.entry.separator in code:
                what = f"holds the separator {self.entry.separator!r}: it would be read as two answers"
                self.wrong(("options", code), what)
        return self.with_special(self.entry.options, known, "options")

    def mentions(self) -> tuple[str, ...]:
        """The delivered columns of the first mention, the second and so on."""
        if self.layout != "mentions":
            return ()
        pattern, count = self.entry.columns or "", self.entry.mentions or 0
        if pattern and "{mention}" not in pattern:
            self.wrong("columns", "has no {mention}", hint="Write the columns as a pattern: P13_m{mention}.")
            return ()
        return tuple(self.fill(pattern, "columns", mention=str(number + 1)) for number in range(count))

    def with_special(self, meanings: dict[str, Any], known: tuple[str, ...], key: str) -> dict[str, str]:
        """The entry's codes, checked, and the questionnaire's special codes that the entry does not give itself."""
        result = self.checked(meanings, known, key)
        if not (self.entry.special and meanings):
            return result
        given = set(result.values())
        others = {code: value for code, value in self.questionnaire.special.items() if value not in given}
        return result | {code: value for code, value in others.items() if code not in result}

    def checked(self, meanings: dict[str, Any], known: tuple[str, ...], key: str) -> dict[str, str]:
        """The entry's codes as text; whatever the codebook does not have is noted."""
        for code, value in meanings.items():
            if value not in known:
                what = f"is {value!r}, which {self.variable.entry} does not have in the codebook"
                self.wrong((key, code), what, nearest(str(value), known), f"It has: {', '.join(known)}.")
        return {code: str(value) for code, value in meanings.items()}

    def optional_values(self) -> tuple[str, ...]:
        """Values that need not occur."""
        known = (*self.variable.values, *SPECIAL, NOT_ASKED)
        for value in self.entry.optional_values:
            if self.variable.kind == "answer" and value not in known:
                self.wrong("optional_values", f"names {value!r}, which is not a value", nearest(value, known))
        return self.entry.optional_values

    def fill(self, pattern: str, key: str, **words: str) -> str:
        """A column's name with its words in braces filled in."""

        def word(match: re.Match[str]) -> str:
            name = match.group(1)
            if name in words:
                return words[name]
            if self.variable.form is None:
                return self.unknown_word(key, name, words)
            if name == "form":
                return self.variable.form
            by_form = self.questionnaire.placeholders.get(name)
            if by_form is None:
                return self.unknown_word(key, name, words)
            if self.variable.form not in by_form:
                self.wrong(key, f"uses {{{name}}}, which has no word for the form {self.variable.form!r}")
            return by_form.get(self.variable.form, "")

        return _BRACES.sub(word, pattern)

    def unknown_word(self, key: str, name: str, words: Iterable[str]) -> str:
        """Note a word in braces that stands for nothing here."""
        known = [*words, "form", *self.questionnaire.placeholders]
        self.wrong(
            key, f"uses {{{name}}}, which is not a placeholder", nearest(name, known), "See `placeholders`."
        )
        return name


def also_delivered(questionnaire: Questionnaire, codebook: Codebook) -> list[str]:
    """Names of the delivered columns that are not used, words in braces filled in for each form."""
    names: list[str] = []
    for pattern in questionnaire.also_delivered:
        if not _BRACES.search(pattern):
            names.append(pattern)
            continue
        for letter in codebook.forms:
            words = {name: by_form.get(letter, "") for name, by_form in questionnaire.placeholders.items()}
            words["form"] = letter
            names.append(_BRACES.sub(lambda match, words=words: words.get(match.group(1), ""), pattern))
    return names


__all__ = [
    "FORM",
    "Finding",
    "Mapped",
    "Placed",
    "also_delivered",
    "entries_by_variable",
    "override",
    "resolve",
]
