"""Answers that cannot all be true, rows that appear twice, and children and caregivers who do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import SPECIAL
from disrupting_harm.config.entries.country import Country
from disrupting_harm.delivered.identical_rows import repeats
from disrupting_harm.quality.answering import Answers, Interview
from disrupting_harm.quality.found import CheckResult, Counted, Part
from disrupting_harm.quality.remarks import Remark, Steps

_CONTRADICTION = Steps(note=0.0, warning=0.02, error=0.5)
NOTHING = Steps(note=0.0, warning=0.05, error=0.5)
_TWICE = Steps(note=0.0, warning=0.01)
_IMPOSSIBLE = Steps(warning=0.0, error=0.05)
_NOT_LINKED = Steps(note=0.0, warning=0.2, error=1.0)
_FEWEST_ANSWERS = 10
"""Rows with fewer answers than this may well agree by chance."""

_ASK_SUPPLIER = "Ask the supplier of the file whether interviews were entered twice."
_BY_CODES = "Compare the codes of its options with config/questionnaires/."


def remarks(interview: Interview, country: Country) -> Iterator[Counted]:
    """Contradictions and double rows within one table."""
    for answers in interview.questions.values():
        if answers.variable.kind == "answers":
            yield from _contradictions(interview, answers)
        if answers.variable.kind == "number":
            yield from _implausible(interview, answers, country)
    yield _double_rows(interview, country)


def _contradictions(interview: Interview, answers: Answers) -> Iterator[Counted]:
    """Options that exclude each other, chosen together; and questions in which nothing was chosen at all."""
    table, variable, name = interview.table, answers.variable, interview.subject(answers.variable)
    for option in variable.alone:
        alone = answers.asked & interview.chosen(variable, [option])
        others = interview.chosen(variable, [other for other in variable.options if other != option])
        part = Part(int((alone & others).sum()), int(alone.sum()), answers.base)
        subject = f'{name}: "{variable.options[option]}" together with another option'
        message = f"{subject}: {{count}}."
        yield Counted(
            table, "option_not_alone", subject, message, part, _CONTRADICTION, _BY_CODES, variable.name
        )
    special = answers.asked & interview.chosen(variable, SPECIAL)
    part = answers.part(special & answers.given)
    subject = f'{name}: "don\'t know" or "prefer not to say" together with an option'
    message = f"{subject}: {{count}}."
    yield Counted(
        table, "special_and_option", subject, message, part, _CONTRADICTION, _BY_CODES, variable.name
    )
    subject = f"{name}: asked, and nothing chosen"
    nothing, message = answers.reasons()["nothing_chosen"], f"{subject}: {{count}}."
    yield Counted(
        table, "nothing_chosen_though_asked", subject, message, nothing, NOTHING, _BY_CODES, variable.name,
        group="reason", reason="nothing_chosen",
    )  # fmt: skip


def _implausible(interview: Interview, answers: Answers, country: Country) -> Iterator[Counted]:
    """Numbers outside what can be true; the age of children outside the eligible ages."""
    variable = answers.variable
    limits = country.eligibility.ages if variable.name == "age" else variable.plausible
    if limits is None:
        return
    number = interview.frame[variable.name].to_numpy(float)
    outside = ~np.isnan(number) & ((number < limits[0]) | (number > limits[1]))
    part = Part(int(outside.sum()), len(number))
    subject = f"{interview.subject(variable)} outside {limits[0]:g} to {limits[1]:g}"
    yield Counted(
        interview.table, "implausible_number", subject, f"{subject}: {{count}}.", part, _IMPOSSIBLE,
        "Check the column and its codes.", variable.name,
    )  # fmt: skip


def _double_rows(interview: Interview, country: Country) -> Counted:
    """Rows that repeat an earlier row in all answers, among those with enough answers to tell.

    Always a warning where more rows are identical than chance explains and the country's file accepts it; harmonising
    stops otherwise. The share is of all rows: the number of those with enough answers is not published.
    """
    frame = interview.frame
    columns = [
        column for variable in interview.variables.values() for column in variable.columns if column in frame
    ]
    given = sum((answers.given for answers in interview.questions.values()), np.zeros(len(frame), np.int16))
    enough = given >= _FEWEST_ANSWERS
    part = Part(repeats(frame[column][enough] for column in columns), len(frame))
    subject = "Rows that repeat another row in all answers"
    message, level = f"{subject}: {{count}}.", None
    if frame.attrs.get("identical_rows_accepted"):
        file = f"config/countries/{country.iso3}.yaml"
        message, level = (
            f"{message} More rows are identical than chance explains; {file} accepts it.",
            "warning",
        )
    return Counted(
        interview.table, "identical_rows", subject, message, part, _TWICE, _ASK_SUPPLIER, level=level
    )


# Children and caregivers


def links(children: Harmonised, caregivers: Harmonised) -> Iterator[CheckResult]:
    """Whether each child has one caregiver, and each caregiver a child."""
    if "household_id" not in children or "household_id" not in caregivers:
        says = "Households are not delivered in both files: children and caregivers cannot be linked."
        yield Remark("children", "household_links", "note", says)
        return
    child, caregiver = children["household_id"], caregivers["household_id"]
    more = 0 if child.duplicated().any() or caregiver.duplicated().any() else len(child) - len(caregiver)
    for table, check, subject, alone, known in (
        ("children", "child_without_caregiver", "Children without a caregiver in the file",
         ~child.isin(caregiver.dropna()), more),
        ("caregivers", "caregiver_without_child", "Caregivers linked to no child that is analysed",
         ~caregiver.isin(child.dropna()), -more),
    ):  # fmt: skip
        yield Counted(
            table, check, subject, f"{subject}: {{count}}.", Part(int(alone.sum()), len(alone)), _NOT_LINKED,
            "Do both files identify households by the same key?", group="link", known=max(0, known),
        )  # fmt: skip
    subject, twice = (
        "Caregivers in a household that has one already",
        int(caregiver.dropna().duplicated().sum()),
    )
    yield Counted(
        "caregivers", "two_caregivers", subject, f"{subject}: {{count}}.", Part(twice, len(caregiver)), Steps(),
        "Keep one caregiver per household: children cannot be linked to two, and the notebooks stop.",
        level="error" if twice else "ok",
    )  # fmt: skip
