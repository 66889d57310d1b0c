"""How each question was answered by those whom the routing leads to it, and by those whom it does not.

A question with several answers counts as answered where an option is chosen; "don't know" and "prefer not to say" count
as such only where they are the only answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import Codebook, Table, Variable
from disrupting_harm.config.entries.conditions import YES, read, variables_in
from disrupting_harm.config.entries.names import SPECIAL, option_column
from disrupting_harm.config.entries.registry import Registry
from disrupting_harm.quality.found import Average, CheckResult, Counted, Part
from disrupting_harm.quality.remarks import AtLeast, Remark, Steps

REASONS = (*SPECIAL, "empty", "nothing_chosen")
"""Why there is no answer; the four exclude each other."""

_NONRESPONSE = Steps(note=0.05, warning=0.2)
_NOT_TO_BE_ASKED = Steps(warning=0.0, error=0.05)
_ASKED_AND_EMPTY = Steps(warning=0.05, error=0.5)
_PART = Steps(note=2.0)
_ASKED = AtLeast(warning=0.5)
_BY_MAPPING = "Compare the codes of this question and of the one before it with config/questionnaires/."


@dataclass(frozen=True)
class Answers:
    """Answers to one question, one place a respondent. `asked`: by the routing; `reason`: 0 for an answer of substance,
    else the place in `REASONS`, from 1, of why there is none.

    `routed`: whether the routing is known; without it everyone with anything in the cells counts as asked.
    `total`: those whom the question before it was asked of; None for a question that everyone is asked.
    """

    variable: Variable
    asked: np.ndarray
    reason: np.ndarray
    total: int | None
    routed: bool = True

    @property
    def base(self) -> int:
        """Number of respondents asked."""
        return int(self.asked.sum())

    @property
    def given(self) -> np.ndarray:
        """Who gave an answer of substance."""
        return self.reason == 0

    def without(self, reason: str) -> np.ndarray:
        """Who gave none for a reason."""
        return self.reason == REASONS.index(reason) + 1

    def part(self, mask: np.ndarray) -> Part:
        """Those of the asked for whom `mask` is true."""
        return Part(int((self.asked & mask).sum()), self.base, self.total)

    def elsewhere(self, mask: np.ndarray) -> Part:
        """Those not to be asked for whom `mask` is true."""
        others = ~self.asked
        return Part(int((others & mask).sum()), int(others.sum()))

    def unanswered(self) -> Part:
        """Those asked who gave no answer, for any reason."""
        return self.part(~self.given)

    def reasons(self) -> dict[str, Part]:
        """Those asked who gave no answer, by reason. "Nothing chosen" is for questions with several answers."""
        names = REASONS if self.variable.kind == "answers" else REASONS[:-1]
        return {name: self.part(self.without(name)) for name in names}


class Interview:
    """All questions of one harmonised table that the country asked."""

    def __init__(self, table: Table, frame: Harmonised, registry: Registry, codebook: Codebook) -> None:
        self.table = table
        self.frame = frame
        self.codebook = codebook
        self.evaluator = Evaluator(frame, registry, codebook)
        self.variables = {
            name: variable for name, variable in codebook.variables(table).items() if variable.module
        }
        self.of_part = set(frame.attrs.get("asked_of_part", ()))
        self.questions = {
            name: self.answers(variable)
            for name, variable in self.variables.items()
            if any(column in frame for column in variable.columns)
        }

    @property
    def without_data(self) -> list[Variable]:
        """Questions of the codebook that the country's table lacks."""
        return [variable for name, variable in self.variables.items() if name not in self.questions]

    def answers(self, variable: Variable) -> Answers:
        """Answers to one question with who was to be asked."""
        reason = self.reason(variable)
        try:
            asked, before = self.asked(variable), self.before(variable)
            if variable.name in self.of_part:
                was_asked = reason != REASONS.index("empty") + 1
                return Answers(
                    variable, asked & was_asked, reason, len(self.frame) if before is None else before
                )
            return Answers(variable, asked, reason, before)
        except NotAskedError:
            empty = reason == REASONS.index("empty") + 1
            return Answers(variable, ~empty, reason, len(self.frame), routed=False)

    def reason(self, variable: Variable) -> np.ndarray:
        """0 for who gave an answer of substance, else why there is none, as `Answers.reason` (int8)."""
        if variable.kind == "answers":
            given = self.chosen(variable, variable.options)
            special = [self.chosen(variable, [name]) for name in SPECIAL]
            columns = (self.frame.yes_or_no(name) for name in variable.columns if name in self.frame)
            empty = reduce(np.logical_and, (column < 0 for column in columns))
        else:
            column = self.frame[variable.name]
            empty = column.isna().to_numpy()
            special = [(column == name).fillna(False).to_numpy(bool) for name in SPECIAL]
            given = ~(empty | special[0] | special[1])
        places = np.arange(len(REASONS) + 1, dtype=np.int8)
        return np.select([given, *special, empty], places[:-1], places[-1])

    def chosen(self, variable: Variable, options: Iterable[str]) -> np.ndarray:
        """Whether at least one of the options was chosen; one that the country does not have is chosen by nobody."""
        columns = [option_column(variable.name, option) for option in options]
        marked = (self.frame.yes_or_no(name) == 1 for name in columns if name in self.frame)
        return reduce(np.logical_or, marked, np.zeros(len(self.frame), bool))

    def asked(self, variable: Variable) -> np.ndarray:
        """Whom the routing leads to the question: those for whom its condition certainly holds."""
        if variable.asked_when is None:
            return np.ones(len(self.frame), bool)
        return self.evaluator.codes(variable.asked_when) == YES

    def before(self, variable: Variable) -> int | None:
        """Number of those whom the question that the routing looks at was asked of; None without routing."""
        if variable.asked_when is None:
            return None
        first = next(variables_in(read(variable.asked_when)))
        return int(self.asked(self.variables[first]).sum())

    def subject(self, variable: Variable) -> str:
        """A question in a message."""
        return subject(self.codebook, variable)


def subject(codebook: Codebook, variable: Variable) -> str:
    """A question in words: its label, and the form that it is about."""
    form = codebook.forms[variable.form].label if variable.form else variable.label
    return variable.label if form == variable.label else f"{variable.label} ({form[:1].lower()}{form[1:]})"


# What is found


def remarks(interview: Interview) -> Iterator[CheckResult]:
    """Item non-response and routing of every question."""
    for answers in interview.questions.values():
        if answers.variable.name in interview.of_part:
            yield asked_of_part(interview, answers)
        yield from nonresponse(interview, answers)
        if answers.variable.asked_when is not None:
            yield from _routing(interview, answers)
    yield from _averages(interview)


def asked_of_part(interview: Interview, answers: Answers) -> Counted:
    """How many were asked a question that an early version of the questionnaire left out."""
    name, everyone = interview.subject(answers.variable), len(interview.frame)
    part = Part(answers.base, everyone if answers.total is None else answers.total)
    message = (
        f"{name}: asked of {{count}} {interview.table}; an early version of the questionnaire left it out."
    )
    hint = (
        "Do not compare figures from it with figures about all: early interviews may differ from later ones."
    )
    return Counted(interview.table, "asked_of_part", name, message, part, _ASKED, hint, answers.variable.name)


def nonresponse(interview: Interview, answers: Answers) -> Iterator[Counted]:
    """Those asked who gave no answer, and the same by reason."""
    table, name, variable = interview.table, interview.subject(answers.variable), answers.variable.name
    hint = "Interpret estimates from this question with care."
    message = f"{name}: no answer from {{count}}."
    yield Counted(
        table, "item_nonresponse", name, message, answers.unanswered(), _NONRESPONSE, hint, variable
    )
    for reason, part in answers.reasons().items():
        message = f"{name}: {{count}}."
        yield Counted(
            table, reason, name, message, part, _PART, variable=variable, group="reason", reason=reason
        )


def _routing(interview: Interview, answers: Answers) -> Iterator[CheckResult]:
    """Answers of those whom the routing leads elsewhere, and empty cells of those whom it leads to the question."""
    table, name, variable = interview.table, interview.subject(answers.variable), answers.variable.name
    if not answers.routed:
        message = f"{name}: it is unknown who should be asked, because the previous question was not asked."
        yield Remark(table, "routing_unknown", "note", message, variable=variable)
        return
    condition = f"it is asked if {answers.variable.asked_if}"
    nothing = answers.without("nothing_chosen")
    anything = answers.elsewhere(~answers.without("empty") & ~nothing)
    others: dict[str, Any] = {"variable": variable, "group": "not asked", "everyone": len(answers.asked)}
    message = f"{name}: answered by {{count}} who should not have been asked; {condition}."
    yield Counted(
        table, "answered_though_not_asked", f"{name}: answered by those who should not have been asked", message,
        anything, _NOT_TO_BE_ASKED, _BY_MAPPING, **others,
    )  # fmt: skip
    if answers.variable.kind == "answers":
        message = f'{name}: cells say "not chosen" for {{count}} who should not have been asked; {condition}.'
        yield Counted(
            table, "zeros_though_not_asked",
            f'{name}: cells that say "not chosen", among those who should not have been asked',
            message, answers.elsewhere(nothing), Steps(), _BY_MAPPING, **others,
        )  # fmt: skip
    message = f"{name}: left empty by {{count}} who should have been asked; {condition}."
    yield Counted(
        table, "not_answered_though_asked", f"{name}: left empty by those who should have been asked", message,
        answers.reasons()["empty"], _ASKED_AND_EMPTY, _BY_MAPPING, variable, group="reason", reason="empty",
    )  # fmt: skip


def _averages(interview: Interview) -> Iterator[Average]:
    """Mean item non-response of the questions of each module, and of all questions."""
    for module, label in interview.codebook.modules.items():
        names = [name for name in interview.questions if interview.variables[name].module == module]
        if names:
            yield Average(interview.table, "module_nonresponse", label, names, module)
    yield Average(interview.table, "nonresponse", "All questions", list(interview.questions))
