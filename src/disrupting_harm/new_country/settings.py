"""The settings of a country's file: how matched columns and codes differ from those of a questionnaire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config import NOT_ASKED, SPECIAL, Codebook, Mapped, Variable
from disrupting_harm.config.entries.codebook import FORM
from disrupting_harm.config.entries.questionnaire import MappingEntry
from disrupting_harm.delivered.formats import Column
from disrupting_harm.delivered.formats.columns import is_delivered_as
from disrupting_harm.new_country.matching import Known, Match, Matching
from disrupting_harm.new_country.matching.codes import in_order
from disrupting_harm.new_country.matching.families import around

_NOT_RECOGNISED = "no column was recognised"


@dataclass(frozen=True)
class Setting:
    """One variable (or all its forms) in a country's file: settings, what to check, and what is left to decide."""

    name: str
    mapping: dict[str, Any] = field(default_factory=dict)
    check: str = ""
    to_decide: tuple[str, ...] = ()


@dataclass
class Differences:
    """How one file differs from one questionnaire.

    `settings`: of its variables; `not_asked`: variables without a match, with the reason; `unrecognised`: those of them
    that nothing resembles; `decisions`: what a person must decide, in sentences.
    """

    questionnaire: str
    settings: list[Setting] = field(default_factory=list)
    not_asked: dict[str, str] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of settings needed: the questionnaire that needs fewest fits best."""
        mapped = sum(
            len(value) if isinstance(value, dict) else 1
            for s in self.settings
            for value in s.mapping.values()
        )
        return mapped + len(self.not_asked)


def differences(
    matching: Matching, known: Known, codebook: Codebook, columns: Mapping[str, Column]
) -> Differences:
    """How a matched file differs from a questionnaire."""
    return _DifferenceFinder(matching, known, codebook, columns).run()


class _DifferenceFinder:
    """Goes through the questions of one table of the codebook."""

    def __init__(
        self, matching: Matching, known: Known, codebook: Codebook, columns: Mapping[str, Column]
    ) -> None:
        self.matching, self.known, self.codebook, self.columns = matching, known, codebook, columns
        self.variables = codebook.variables(matching.table)
        self.result = Differences(known.name)

    def run(self) -> Differences:
        """All questions in the codebook's order."""
        entries = dict.fromkeys(variable.entry for variable in self.variables.values())
        for entry in entries:
            matches = [m for m in self.matching.matches.values() if m.entry == entry]
            settings = [setting for match in matches for setting in self.of_match(match)]
            self.result.settings += [s for s in settings if s.mapping or s.to_decide]
            for setting in settings:
                self.result.decisions += [f"{setting.name}: {text}" for text in setting.to_decide]
                if setting.check:
                    self.result.decisions.append(
                        f"{setting.name}: check whether it is right; {setting.check}"
                    )
            self.unmatched(entry, {name for match in matches for name, _ in match.columns})
        if self.result.unrecognised:
            names = ", ".join(self.result.unrecognised)
            self.result.decisions.append(f"{_NOT_RECOGNISED} for {names}; until then they count as not asked")
        return self.result

    # Without a match

    def unmatched(self, entry: str, matched: set[str]) -> None:
        """Variables of a question that the questionnaire has and the file does not."""
        names = [
            v.name for v in self.variables.values() if v.entry == entry and v.name in self.known.variables
        ]
        missing = [name for name in names if name not in matched]
        if not missing:
            return
        told_as = [entry] if len(missing) == len(names) else missing
        variable, why = self.variables[missing[0]], self.why_unmatched(entry)
        if variable.kind in ("identifier", "number") and variable.required:
            self.result.decisions.append(f"{entry}: {why}; nothing can be estimated without it")
            self.result.settings.append(Setting(entry, to_decide=(f"which column? {why}",)))
            return
        if self.is_in_both_tables(entry):
            self.result.settings.append(Setting(entry, {"may_be_absent": True}, to_decide=(why,)))
        else:
            self.result.not_asked |= dict.fromkeys(told_as, why)
        if why == _NOT_RECOGNISED:
            self.result.unrecognised += told_as
        else:
            self.result.decisions.append(f"{', '.join(told_as)}: {why}; until then it counts as not asked")

    def why_unmatched(self, entry: str) -> str:
        """Why a question has no match: nothing like it, or several that are."""
        unsure = [m for m in self.matching.unsure.values() if m.entry == entry]
        candidates = list(dict.fromkeys(name for m in unsure for name in (m.pattern, *m.rivals)))
        if candidates:
            return f"perhaps {' or '.join(candidates[:4])}"
        return _NOT_RECOGNISED

    def is_in_both_tables(self, entry: str) -> bool:
        """Whether children and caregivers have a variable of this name."""
        return entry in self.codebook.children and entry in self.codebook.caregivers

    # With a match

    def of_match(self, match: Match) -> Iterator[Setting]:
        """The settings for one match."""
        variable = self.variables[next(iter(match.columns))[0]]
        if variable.kind == "answers":
            mapping = self.several(match, variable)
        elif variable.form:
            mapping = self.by_form(match, variable)
        else:
            mapping = {variable.name: self.column_and_codes(match, variable.name, variable.name)}
        check = "" if match.confidence == "sure" else f"{match.pattern} was matched {match.reason}"
        notes = [*([check] if check else []), *match.notes]
        for index, (name, settings) in enumerate(mapping.items()):
            yield Setting(
                name,
                settings,
                check="; ".join(notes) if index == 0 else "",
                to_decide=tuple(self.to_decide(match)) if index == 0 else (),
            )

    def to_decide(self, match: Match) -> Iterator[str]:
        """Codes of a match that mean nothing known."""
        labels = {c: t for name in match.columns.values() for c, t in self.columns[name].labels.items()}
        if match.codes.undecided:
            unknown = [f"{c} ({_one_line(labels[c])})" if c in labels else c for c in match.codes.undecided]
            yield f"what {'do' if len(unknown) > 1 else 'does'} {', '.join(unknown)} mean?"
        if match.undecided_options:
            unknown = [self.option_words(match, part) for part in match.undecided_options]
            yield f"no option of the codebook: {', '.join(unknown)} in {match.pattern}"

    def option_words(self, match: Match, part: str) -> str:
        """An option that the codebook lacks, with the label of a column that has it."""
        column = match.pattern.replace("{code}", part)
        for form in match.parts or {"": ""}:
            label = self.columns.get(column.replace(FORM, form))
            if label and label.label:
                return f"{part} ({_one_line(label.label)})"
        return part

    def by_form(self, match: Match, variable: Variable) -> dict[str, dict[str, Any]]:
        """A question asked for each form, with one answer."""
        columns = {self.variables[name].form or "": column for (name, _), column in match.columns.items()}
        if len(columns) == 1:
            name = next(iter(match.columns))[0]
            return {name: self.column_and_codes(match, name, variable.entry)}
        same = all(self.is_same_column(name, column) for (name, _), column in match.columns.items())
        codes_setting = self.codes_setting(match, variable.name, variable.entry)
        if same:
            return {variable.entry: codes_setting}
        pattern = self.pattern(match)
        if pattern:
            return {
                variable.entry: {"column": pattern, **self.forms_setting(variable, columns), **codes_setting}
            }
        codes = codes_setting or self.codes_setting(match, variable.name, variable.entry, always=True)
        return {name: {"column": column, **codes} for (name, _), column in match.columns.items()}

    def column_and_codes(self, match: Match, name: str, entry: str) -> dict[str, Any]:
        """A question with one column."""
        column = next(iter(match.columns.values()))
        mapping = {} if self.is_same_column(name, column) else {"column": column}
        return mapping | self.codes_setting(match, name, entry)

    def is_same_column(self, name: str, column: str) -> bool:
        """Whether the questionnaire finds this column by itself."""
        base = self.known.variables.get(name)
        if base is None:
            return False
        fits = is_delivered_as(column, base.column, self.known.questionnaire.find_columns)
        is_delivered = self.known.delivered.get(base.column, ("", 0.0))[0] == column
        return column == base.column or (fits and is_delivered)

    def codes_setting(self, match: Match, name: str, entry: str, always: bool = False) -> dict[str, Any]:
        """The settings for codes."""
        base, base_entry = self.known.variables.get(name), self.base_entry(name, entry)
        codes, kind = match.codes, self.variables[name].kind
        mapping: dict[str, Any] = {}
        if kind == "number" and not codes.values and base and base.values and not codes.undecided:
            mapping["values"] = dict[str, str]()
        elif codes.values and (always or not _same_values(codes.values, base)):
            values = _sorted_by_code(self.without_special(codes.values, base_entry))
            mapping["values"] = {c: int(v) for c, v in values.items()} if kind == "number" else values
        if set(codes.missing) - set(base.missing if base else ()):
            mapping["missing"] = [as_key(code) for code in codes.missing]
        if set(codes.never_seen) - set(base.optional_values if base else ()):
            mapping["optional_values"] = list(codes.never_seen)
        return mapping

    def without_special(self, values: Mapping[str, str], entry: MappingEntry | None) -> dict[str, str]:
        """Codes without those that the questionnaire adds itself."""
        added = self.known.questionnaire.special if entry is None or entry.special else {}
        return {code: value for code, value in values.items() if added.get(code) != value}

    def base_entry(self, name: str, entry: str) -> MappingEntry | None:
        """The questionnaire's entry for a variable."""
        variables = self.known.questionnaire.variables
        return variables.get(name) or variables.get(entry)

    # Several answers

    def several(self, match: Match, variable: Variable) -> dict[str, dict[str, Any]]:
        """A question with several answers: one entry, and one for each form that lacks some of the columns."""
        if match.mentions:
            return self.mentions(match, variable)
        by_variable: dict[str, dict[str, str]] = {}
        for (name, option), column in match.columns.items():
            by_variable.setdefault(name, {})[column] = option
        if all(self.is_same_question(name, options, match) for name, options in by_variable.items()):
            return {variable.entry: self.other_codes_setting(match, variable)}
        codes = {option: code for code, option in match.options.items()}
        usual = Counter(tuple(options.values()) for options in by_variable.values()).most_common(1)[0][0]
        pattern = self.pattern(match) if variable.form else match.pattern
        mapping = {}
        if pattern:
            forms = {self.variables[name].form or "": "" for name in by_variable}
            limited = self.forms_setting(variable, forms) if variable.form else {}
            options = _sorted_by_code({codes[option]: option for option in usual})
            mapping[variable.entry] = {**self.several_setting(match, variable, pattern, options), **limited}
        for name, by_option in by_variable.items():
            if pattern and tuple(by_option.values()) == usual:
                continue
            part = next((p for p, form in match.parts.items() if form == self.variables[name].form), "")
            options = _sorted_by_code({codes[option]: option for option in by_option.values()})
            own_pattern = pattern or match.pattern.replace(FORM, part)
            mapping[name] = self.several_setting(
                match, self.variables[name], own_pattern, options, always=True
            )
        return mapping

    def mentions(self, match: Match, variable: Variable) -> dict[str, dict[str, Any]]:
        """A question whose columns list the first mention, the second and so on."""
        names = {name: self.variables[name].form or "" for name, _ in match.columns}
        added = self.known.questionnaire.special
        options = {code: o for code, o in match.options.items() if added.get(code) != o}
        mapping = {"mentions": match.mentions, "options": _sorted_by_code(options)}
        pattern = self.pattern(match) if variable.form else match.pattern
        if pattern:
            forms = dict.fromkeys(names.values(), "")
            return {
                variable.entry: {
                    "columns": pattern,
                    **mapping,
                    **(self.forms_setting(variable, forms) if variable.form else {}),
                }
            }
        part_of = {form: part for part, form in match.parts.items()}
        return {
            name: {"columns": match.pattern.replace(FORM, part_of[form]), **mapping}
            for name, form in names.items()
        }

    def is_same_question(self, name: str, options: Mapping[str, str], match: Match) -> bool:
        """Whether the questionnaire reads the same columns as the same options."""
        base = self.known.variables.get(name)
        return (
            base is not None
            and {base_column: base.options[base_column] for base_column in base.options} == dict(options)
            and (match.codes.chosen or base.chosen) == base.chosen
            and (match.codes.not_chosen or base.not_chosen) == base.not_chosen
        )

    def several_setting(
        self, match: Match, variable: Variable, pattern: str, options: Mapping[str, str], always: bool = False
    ) -> dict[str, Any]:
        """Settings of a question with several answers."""
        base, entry = self.known.variables.get(variable.name), self.base_entry(variable.name, variable.entry)
        special = {code: option for code, option in options.items() if option in SPECIAL}
        added = special == dict(self.known.questionnaire.special)
        listed = {code: option for code, option in options.items() if option not in SPECIAL or not added}
        mapping: dict[str, Any] = {}
        if always or entry is None or entry.columns != pattern:
            mapping["columns"] = pattern
        if always or entry is None or dict(entry.options) != listed:
            mapping["options"] = listed
        if not added and (entry is None or entry.special):
            mapping["special"] = False
        for key in ("chosen", "not_chosen"):
            code = getattr(match.codes, key)
            if code is not None and (base is None or getattr(base, key) != code):
                mapping[key] = as_key(code)
        return mapping | self.other_codes_setting(match, variable)

    def other_codes_setting(self, match: Match, variable: Variable) -> dict[str, Any]:
        """Codes beside chosen and not chosen."""
        base = self.known.variables.get(variable.name)
        usual = dict(base.values) if base else {}
        return {"values": match.codes.values} if match.codes.values != usual and match.codes.values else {}

    def forms_setting(self, variable: Variable, forms: Mapping[str, str]) -> dict[str, Any]:
        """Which forms a question was asked about, where not about those of the questionnaire."""
        asked = [form for form in self.codebook.forms if form in forms]
        family = [member for member in self.variables.values() if member.entry == variable.entry]
        usual = [member.form for member in family if member.name in self.known.variables]
        return {"forms": asked} if asked != (usual or list(self.codebook.forms)) else {}

    def pattern(self, match: Match) -> str | None:
        """The pattern of names with a word in braces that gives each form its part; None if there is none."""
        if not match.parts:
            return None
        words = {
            "form": {form: form for form in self.codebook.forms},
            **self.known.questionnaire.placeholders,
        }
        before, after = around(list(match.parts))
        full = {form: part for part, form in match.parts.items()}
        inner = {form: part[len(before) : len(part) - len(after)] for form, part in full.items()}
        for word, by_form in words.items():
            for parts, name in ((full, f"{{{word}}}"), (inner, f"{before}{{{word}}}{after}")):
                if all(by_form.get(form) == part for form, part in parts.items()):
                    return match.pattern.replace(FORM, name)
        return None


def _same_values(values: Mapping[str, str], base: Mapped | None) -> bool:
    """Whether a questionnaire reads codes as they are meant: none differs, and none is mapped that is not there."""
    if base is None:
        return False
    optional = (*SPECIAL, NOT_ASKED)
    needed = {code for code, value in base.values.items() if value not in optional}
    return all(base.values.get(code) == value for code, value in values.items()) and needed <= set(values)


def _sorted_by_code(meant: Mapping[str, str]) -> dict[str, str]:
    """Codes and what they mean, as one would count them."""
    return {code: meant[code] for code in in_order(meant)}


def as_key(code: str) -> int | str:
    """A code as one writes it: 2, not "2"."""
    return int(code) if code.lstrip("-").isdigit() and str(int(code)) == code else code


def _one_line(text: str) -> str:
    """A label on one line, without what could end a comment."""
    words: Sequence[str] = text.split()
    return " ".join(words)[:60]
