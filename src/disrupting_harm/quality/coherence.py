"""Answers that cannot all be true, rows that stand twice, and children and caregivers who do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from disrupting_harm.config.analysis import Suppression
from disrupting_harm.config.codebook import SPECIAL
from disrupting_harm.config.country import Country
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.identical_rows import repeats
from disrupting_harm.quality.answering import Answers, Interview
from disrupting_harm.quality.gate import Part
from disrupting_harm.quality.remarks import Remark, Steps, counted

CONTRADICTION = Steps(note=0.0, warning=0.02, error=0.5)
NOTHING = Steps(note=0.0, warning=0.05, error=0.5)
TWICE = Steps(note=0.0, warning=0.01)
IMPOSSIBLE = Steps(warning=0.0, error=0.05)
NOT_LINKED = Steps(note=0.0, warning=0.2, error=1.0)
FEWEST_ANSWERS = 10
"""Rows with fewer answers than this may well agree by chance."""

ASK_SUPPLIER = "Ask the supplier of the file whether interviews were entered twice."
BY_CODES = "Compare the codes of its options with config/questionnaires/."


def remarks(interview: Interview, country: Country, rules: Suppression) -> Iterator[Remark]:
    """Contradictions and double rows within one table."""
    for answers in interview.questions.values():
        if answers.variable.kind == "answers":
            yield from contradictions(interview, answers, rules)
        if answers.variable.kind == "number":
            yield from implausible(interview, answers, country, rules)
    yield double_rows(interview, country, rules)


def contradictions(interview: Interview, answers: Answers, rules: Suppression) -> Iterator[Remark]:
    """Options that exclude each other, chosen together; and questions in which nothing was chosen at all."""
    variable, name = answers.variable, interview.subject(answers.variable)
    about = {"table": interview.table, "variable": variable.name, "rules": rules, "way_out": BY_CODES}
    for option in variable.alone:
        alone = answers.asked & interview.chosen(variable, [option])
        others = interview.chosen(variable, [each for each in variable.options if each != option])
        part = Part(int((alone & others).sum()), int(alone.sum()), answers.base)
        says = f'{name}: "{variable.options[option]}" together with another option: {{count}}.'
        yield counted("option_not_alone", part, says=says, steps=CONTRADICTION, **about)
    special = answers.asked & interview.chosen(variable, SPECIAL)
    part = answers.part(special & answers.given)
    says = f'{name}: "don\'t know" or "prefer not to say" together with an option: {{count}}.'
    yield counted("special_and_option", part, says=says, steps=CONTRADICTION, **about)
    nothing = answers.reasons(rules)["nothing_chosen"]
    says = f"{name}: asked, and nothing chosen: {{count}}."
    yield counted("nothing_chosen_though_asked", nothing, says=says, steps=NOTHING, **about)


def implausible(
    interview: Interview, answers: Answers, country: Country, rules: Suppression
) -> Iterator[Remark]:
    """Numbers outside what can be true; the age of children outside the eligible ages."""
    variable = answers.variable
    limits = country.eligibility.ages if variable.name == "age" else variable.plausible
    if limits is None:
        return
    number = interview.frame[variable.name].to_numpy(float)
    outside = ~np.isnan(number) & ((number < limits[0]) | (number > limits[1]))
    part = Part(int(outside.sum()), len(number))
    says = f"{interview.subject(variable)} outside {limits[0]:g} to {limits[1]:g}: {{count}}."
    yield counted(
        "implausible_number", part, table=interview.table, rules=rules, says=says, steps=IMPOSSIBLE,
        way_out="Check the column and its codes.", variable=variable.name,
    )  # fmt: skip


def double_rows(interview: Interview, country: Country, rules: Suppression) -> Remark:
    """Rows that repeat an earlier row in all answers, among those with enough answers to tell.

    Always a warning where more rows are identical than chance explains and the country's file accepts it; harmonising
    stops otherwise.
    """
    frame = interview.frame
    columns = [column for each in interview.variables.values() for column in each.columns if column in frame]
    given = sum((answers.given for answers in interview.questions.values()), np.zeros(len(frame), np.int16))
    enough = given >= FEWEST_ANSWERS
    repeating = repeats(frame[column][enough] for column in columns)
    part = Part(repeating, int(enough.sum()))
    remark = counted(
        "identical_rows", part, table=interview.table, rules=rules, steps=TWICE,
        says="Rows that repeat another row in all answers: {count}.", way_out=ASK_SUPPLIER,
    )  # fmt: skip
    if not frame.attrs.get("identical_rows_accepted"):
        return remark
    file = f"config/countries/{country.iso3}.yaml"
    message = f"{remark.message} More rows are identical than chance explains; {file} accepts it."
    return replace(remark, level="warning", message=message, way_out=ASK_SUPPLIER)


# Children and caregivers


def links(children: Harmonised, caregivers: Harmonised, rules: Suppression) -> Iterator[Remark]:
    """Whether each child has one caregiver, and each caregiver a child."""
    if "household_id" not in children or "household_id" not in caregivers:
        says = "Households are not delivered in both files: children and caregivers cannot be linked."
        yield Remark("children", "household_links", "note", says)
        return
    child, caregiver = children["household_id"], caregivers["household_id"]
    way_out = "Do both files name households by the same key?"
    part = Part(int((~child.isin(caregiver)).sum()), len(child))
    yield counted(
        "child_without_caregiver", part, table="children", rules=rules, steps=NOT_LINKED, way_out=way_out,
        says="Children without a caregiver in the file: {count}.",
    )  # fmt: skip
    part = Part(int((~caregiver.isin(child)).sum()), len(caregiver))
    yield counted(
        "caregiver_without_child", part, table="caregivers", rules=rules, steps=NOT_LINKED, way_out=way_out,
        says="Caregivers linked to no child that is analysed: {count}.",
    )  # fmt: skip
    part = Part(int(caregiver.duplicated().sum()), len(caregiver))
    yield counted(
        "two_caregivers", part, table="caregivers", rules=rules, steps=Steps(error=0.0),
        says="Caregivers in a household that has one already: {count}.",
        way_out="Keep one caregiver a household: children cannot be linked to two, and the notebooks stop.",
    )  # fmt: skip
