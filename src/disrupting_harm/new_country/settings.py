"""The settings of a country's file: how matched columns and codes differ from those of a questionnaire."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config import NOT_ASKED, SPECIAL, Codebook, Mapped, Questionnaire, Variable
from disrupting_harm.config.entries.questionnaire import MappingEntry
from disrupting_harm.delivered.formats import Column
from disrupting_harm.delivered.formats.columns import is_delivered_as
from disrupting_harm.new_country.matching import Known, Match, Matching
from disrupting_harm.new_country.matching.codes import in_order
from disrupting_harm.new_country.matching.families import codes_in, pattern_of

_NOT_RECOGNISED = "no column was recognised"


@dataclass(frozen=True)
class Setting:
    """One variable (or all its forms) in a country's file: settings, what to check and to decide, and why."""

    name: str
    mapping: dict[str, Any] = field(default_factory=dict)
    check: str = ""
    to_decide: tuple[str, ...] = ()
    reason: str = ""


@dataclass
class Differences:
    """How one file differs from one questionnaire.

    `settings`: of its variables; `not_asked`: variables without a match, with the reason; `decisions`: what a person
    must decide, in sentences.
    """

    questionnaire: str
    settings: list[Setting] = field(default_factory=list)
    not_asked: dict[str, str] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of settings needed: the questionnaire that needs fewest fits best."""
        values = [value for setting in self.settings for value in setting.mapping.values()]
        return len(self.not_asked) + sum(len(v) if isinstance(v, dict) else 1 for v in values)


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
        self.special = known.questionnaire.special
        self.result = Differences(known.name)
        self.unrecognised: list[str] = []

    def run(self) -> Differences:
        """All questions in the codebook's order."""
        decisions = self.result.decisions
        for entry in dict.fromkeys(variable.entry for variable in self.variables.values()):
            matches = [m for m in self.matching.matches.values() if m.entry == entry and self.is_readable(m)]
            for setting in [setting for match in matches for setting in self.of_match(match)]:
                if setting.mapping or setting.to_decide:
                    self.result.settings.append(setting)
                decisions += [f"{setting.name}: {text}" for text in setting.to_decide]
                if setting.check:
                    decisions.append(f"{setting.name}: check whether it is right; {setting.check}")
            self.unmatched(entry, {name for match in matches for name, _ in match.columns.values()})
        if self.unrecognised:
            names = ", ".join(self.unrecognised)
            decisions.append(f"{_NOT_RECOGNISED} for {names}; until then they count as not asked")
        return self.result

    def is_readable(self, match: Match) -> bool:
        """Whether a code of a question with one answer is known: a questionnaire's must not stand in for it."""
        known = set(match.codes.values.values()) - {*SPECIAL, NOT_ASKED}
        is_one_answer = self.variables[match.columns[match.first_column][0]].kind == "answer"
        return not is_one_answer or bool(known) or not match.codes.undecided

    # Without a match

    def unmatched(self, entry: str, matched: set[str]) -> None:
        """Variables of a question that the questionnaire has and the file does not."""
        names = [n for n, v in self.variables.items() if v.entry == entry and n in self.known.variables]
        missing = [name for name in names if name not in matched]
        if not missing:
            return
        unreadable = [m for m in self.matching.matches.values() if not self.is_readable(m)]
        unsure = [m for m in [*unreadable, *self.matching.unsure.values()] if m.entry == entry]
        candidates = dict.fromkeys(name for m in unsure for name in (m.pattern, *m.rivals))
        why = f"perhaps {' or '.join(list(candidates)[:4])}" if candidates else _NOT_RECOGNISED
        for match in (m for m in unreadable if m.entry == entry):
            why = f"{match.pattern}, {match.reason}; but {'; '.join(self.to_decide(match))}"
        variable = self.variables[missing[0]]
        if variable.kind in ("identifier", "number") and variable.required:
            self.result.decisions.append(f"{entry}: {why}; nothing can be estimated without it")
            self.result.settings.append(Setting(entry, to_decide=(f"which column? {why}",)))
            return
        names = [entry] if len(missing) == len(names) else missing
        if entry in self.codebook.children and entry in self.codebook.caregivers:
            self.result.settings.append(Setting(entry, {"may_be_absent": True}, to_decide=(why,)))
        else:
            self.result.not_asked |= dict.fromkeys(names, why)
        if candidates:
            self.result.decisions.append(f"{', '.join(names)}: {why}; until then it counts as not asked")
        else:
            self.unrecognised += names

    # With a match

    def of_match(self, match: Match) -> Iterator[Setting]:
        """The settings for one match; what to check and to decide is with the first."""
        variable = self.variables[match.columns[match.first_column][0]]
        if variable.kind == "answers":
            mapping = self.several(match, variable)
        else:
            mapping = self.one_answer(match, variable)
        reason = f"{match.certainty}, {match.reason}"
        is_clear = match.certainty == "certain"
        check = "; ".join([*([] if is_clear else [f"{match.pattern} is {reason}"]), *match.notes])
        to_decide = tuple(self.to_decide(match))
        for name, settings in mapping.items():
            yield Setting(name, settings, check, to_decide, reason if is_clear else "")
            check, to_decide, reason = "", (), ""

    def to_decide(self, match: Match) -> Iterator[str]:
        """Codes and options of a match that mean nothing known."""
        labels = {code: text for name in match.columns for code, text in self.columns[name].labels.items()}
        if unknown := [_with_label(code, labels.get(code)) for code in match.codes.undecided]:
            yield f"what {'do' if len(unknown) > 1 else 'does'} {', '.join(unknown)} mean?"
        if options := [
            _with_label(code, self.columns[name].label) for code, name in match.extra_codes.items()
        ]:
            yield f"no option of the codebook: {', '.join(options)} in {match.pattern}"

    def one_answer(self, match: Match, variable: Variable) -> dict[str, dict[str, Any]]:
        """A question with one answer, asked once or for each form."""
        columns = {name: column for column, (name, _) in match.columns.items()}
        same = all(self.is_same_column(name, column) for name, column in columns.items())
        codes = self.codes_setting(match, variable)
        if len(columns) == 1:
            name, column = next(iter(columns.items()))
            return {name: codes if same else {"column": column, **codes}}
        if same:
            return {variable.entry: codes}
        if pattern := self.pattern_of_forms(columns):
            return {variable.entry: {"column": pattern, **codes, **self.forms_setting(variable, columns)}}
        codes = codes or self.codes_setting(match, variable, always=True)
        return {name: {"column": column, **codes} for name, column in columns.items()}

    def pattern_of_forms(self, patterns: Mapping[str, str]) -> str | None:
        """One pattern for those of the variables of several forms."""
        by_form = {self.variables[name].form or "": pattern for name, pattern in patterns.items()}
        return for_all_forms(by_form, words_of_forms(self.codebook, self.known.questionnaire))

    def is_same_column(self, name: str, column: str) -> bool:
        """Whether the questionnaire finds this column by itself."""
        base = self.known.variables.get(name)
        if base is None or column == base.column:
            return base is not None
        fits = is_delivered_as(column, base.column, self.known.questionnaire.find_columns)
        return fits and self.known.column_of(name)[0] == column

    def codes_setting(self, match: Match, variable: Variable, always: bool = False) -> dict[str, Any]:
        """The settings for codes."""
        base, entry = self.base(variable)
        codes, is_number = match.codes, variable.kind == "number"
        mapping: dict[str, Any] = {}
        if is_number and not codes.values and base and base.values and not codes.undecided:
            mapping["values"] = dict[str, str]()
        elif codes.values and (always or not _same_values(codes.values, base)):
            added = self.special if entry is None or entry.special else {}
            values = _sorted_by_code({c: value for c, value in codes.values.items() if added.get(c) != value})
            mapping["values"] = {c: int(v) for c, v in values.items()} if is_number else values
        if set(codes.missing) - set(base.missing if base else ()):
            mapping["missing"] = [as_key(code) for code in codes.missing]
        if set(codes.never_seen) - set(base.optional_values if base else ()):
            mapping["optional_values"] = list(codes.never_seen)
        return mapping

    def base(self, variable: Variable) -> tuple[Mapped | None, MappingEntry | None]:
        """A variable in the questionnaire: resolved, and its entry."""
        entries = self.known.questionnaire.variables
        entry = entries.get(variable.name) or entries.get(variable.entry)
        return self.known.variables.get(variable.name), entry

    def several(self, match: Match, variable: Variable) -> dict[str, dict[str, Any]]:
        """A question with several answers: one entry, and one for each form whose columns are not like the others'."""
        by_variable: dict[str, dict[str, str]] = {}
        for column, (name, option) in match.columns.items():
            by_variable.setdefault(name, {})[column] = option
        if all(self.is_same_question(name, options, match) for name, options in by_variable.items()):
            return {variable.entry: self.other_codes_setting(match, variable)}
        word = "mention" if match.codes.listed else "code"
        patterns = {name: pattern_of(list(options), word) for name, options in by_variable.items()}
        coded = {name: self.coded(match, options) for name, options in by_variable.items()}
        usual = Counter(tuple(sorted(one.items())) for one in coded.values()).most_common(1)[0][0]
        like_most = {
            name: patterns[name] for name, one in coded.items() if tuple(sorted(one.items())) == usual
        }
        pattern = self.pattern_of_forms(patterns) if variable.form else patterns[variable.name]
        mapping = {}
        if pattern and like_most:
            settings = self.several_setting(match, variable, pattern, dict(usual))
            mapping[variable.entry] = settings | self.forms_setting(variable, by_variable)
        for name in by_variable:
            if not pattern or name not in like_most:
                of_form = self.several_setting(
                    match, self.variables[name], pattern or patterns[name], coded[name], True
                )
                mapping[name] = of_form
        return mapping

    def coded(self, match: Match, options: Mapping[str, str]) -> dict[str, str]:
        """Code in the names of columns -> option, or code in the columns where they list mentions."""
        return match.codes.listed or {code: options[name] for name, code in codes_in(list(options)).items()}

    def is_same_question(self, name: str, options: Mapping[str, str], match: Match) -> bool:
        """Whether the questionnaire reads the same columns as the same options; of special answers some may lack."""
        base = self.known.variables.get(name)
        lacking = dict(base.options).items() - options.items() if base else set()
        return (
            base is not None
            and options.items() <= dict(base.options).items()
            and all(option in SPECIAL for _, option in lacking)
            and (match.codes.chosen or base.chosen) == base.chosen
            and (match.codes.not_chosen or base.not_chosen) == base.not_chosen
        )

    def several_setting(
        self, match: Match, variable: Variable, pattern: str, coded: Mapping[str, str], always: bool = False
    ) -> dict[str, Any]:
        """Settings of a question with several answers."""
        base, entry = self.base(variable)
        codes = _sorted_by_code(coded)
        if match.codes.listed:
            listed = {code: o for code, o in codes.items() if self.special.get(code) != o}
            return {
                "columns": pattern,
                "mentions": max(map(len, match.by_variable.values())),
                "options": listed,
            }
        added = {code: option for code, option in codes.items() if option in SPECIAL} == dict(self.special)
        listed = {code: option for code, option in codes.items() if option not in SPECIAL or not added}
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

    def forms_setting(self, variable: Variable, names: Collection[str]) -> dict[str, Any]:
        """Which forms a question was asked about, where not about those of the questionnaire."""
        family = [member for member in self.variables.values() if member.entry == variable.entry]
        asked = [member.form for member in family if member.name in names]
        usual = [member.form for member in family if member.name in self.known.variables]
        return {"forms": asked} if variable.form and asked != (usual or list(self.codebook.forms)) else {}


def words_of_forms(codebook: Codebook, questionnaire: Questionnaire) -> dict[str, Mapping[str, str]]:
    """What stands for each form in names of columns, by the word in braces of a pattern: form, or a placeholder."""
    return {"form": {form: form for form in codebook.forms}, **questionnaire.placeholders}


def for_all_forms(by_form: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> str | None:
    """One pattern for the names of several forms, with a word in braces in the place of the form; None without one.

    by_form: letter of a form -> name of a column, or its pattern; words: as from `words_of_forms`.
    """
    first, example = next(iter(by_form.items()))
    for word, parts in words.items():
        for at in re.finditer(re.escape(parts.get(first, "")), example):
            pattern = f"{example[: at.start()]}{{{word}}}{example[at.end() :]}"
            if all(pattern.replace(f"{{{word}}}", parts.get(form, "")) == p for form, p in by_form.items()):
                return pattern
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


def _with_label(code: str, label: str | None) -> str:
    """A code with its label on one line, without what could end a comment."""
    return f"{code} ({' '.join(label.split())[:60]})" if label else code
