"""From the registry to columns: who counts as yes, who as no, and who is outside an indicator's base.

A condition evaluates to one code per respondent (`config.entries.conditions`): yes, no, or unknown for a reason
(don't know, refused, not asked). The indicator's `missing` finally decides what becomes of
the unknown, so that its treatment is written in one place, config/indicators.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.checks import needs
from disrupting_harm.config.entries.codebook import Codebook, Variable
from disrupting_harm.config.entries.conditions import DONT_KNOW, NOT_ASKED, REFUSED, YES, Operation, read
from disrupting_harm.config.entries.grammar import Condition
from disrupting_harm.config.entries.registry import (
    Breakdown,
    Indicator,
    Missing,
    Registry,
    Scale,
    set_condition,
    trees,
)

REMEMBERED = 200_000_000
"""Codes that an evaluator remembers: all that are asked of a survey of usual size; 200 MB."""

FEWEST_KEPT = 50


NOT_DELIVERED, NOT_USABLE = "not_delivered", "not_usable"
WITHOUT_DATA = {
    "not_asked": "not asked in this country",
    NOT_DELIVERED: "not in the delivered file",
    NOT_USABLE: "not usable",
}
"""Statuses of an estimate for which a country has no data: as its configuration says, as its file lacks the column."""


class NotAskedError(Exception):
    """The country has no data on a question that an indicator needs: `.variable`; why is `.status`."""

    def __init__(self, variable: str, status: str = "not_asked") -> None:
        self.variable = variable
        self.status = status
        super().__init__(f"{variable}: {WITHOUT_DATA[status]}")


class Evaluator:
    """Evaluates conditions and indicators on one harmonised table (one row per respondent)."""

    def __init__(self, frame: Harmonised | pd.DataFrame, registry: Registry, codebook: Codebook) -> None:
        self.frame = Harmonised.of(frame)
        self.registry = registry
        self.codebook = codebook
        self._codes: dict[Operation, np.ndarray] = {}
        self._kept = max(REMEMBERED // max(len(frame), 1), FEWEST_KEPT)

    # --- indicators

    def values(self, indicator: Indicator) -> np.ndarray:
        """Values of a child or caregiver indicator: 1 yes, 0 no (or the number to average), NaN outside the base.

        Raises NotAskedError if the country lacks a question it needs.
        """
        if indicator.mean:
            result = self.average(indicator)
        else:
            result = _settle(self.codes(indicator.counted), indicator.missing)
        return self.of_asked(indicator, self.within(indicator.among, result))

    def values_by_form(self, indicator: Indicator) -> dict[str, np.ndarray]:
        """Values of an indicator for each form, as `values`; NaN for forms it is not about. Raises NotAskedError."""
        rule, without = indicator.form_by_form, self.forms_without_data(indicator)
        values: dict[str, np.ndarray] = {}
        for form in self.codebook.forms:
            if form in without:
                values[form] = np.full(len(self.frame), np.nan)
                continue
            counted = _settle(self.codes(read(rule.yes_if).about(form)), indicator.missing)
            values[form] = self.of_asked(indicator, self.within(_about(rule.among, form), counted), form)
        return values

    def asked(self, indicator: Indicator) -> np.ndarray:
        """Who would be in the base if everybody had answered."""
        among = np.ones(len(self.frame), bool)
        if indicator.among is not None:
            among = self.codes(indicator.among) == YES
        return among & self.were_asked(indicator)

    def asked_by_form(self, indicator: Indicator) -> dict[str, np.ndarray]:
        """The same for each form; nobody for forms that the indicator is not about."""
        rule, without = indicator.form_by_form, self.forms_without_data(indicator)
        by_form: dict[str, np.ndarray] = {}
        for form in self.codebook.forms:
            among = _about(rule.among, form)
            asked = np.ones(len(self.frame), bool) if among is None else self.codes(among) == YES
            by_form[form] = asked & (form not in without) & self.were_asked(indicator, form)
        return by_form

    def forms_without_data(self, indicator: Indicator) -> dict[str, str]:
        """The forms that an indicator is not about, or that this country has no data on, and why as a status.

        Raises NotAskedError where the country has data on none of them, or on one of them is not enough.
        """
        rule = indicator.form_by_form
        others = {form: "not_asked" for form in self.codebook.forms if rule.forms and form not in rule.forms}
        about = [form for form in self.codebook.forms if form not in others]
        lacking: dict[str, NotAskedError] = {}
        for form in about if rule.where_asked else ():
            try:
                self.codes(read(rule.yes_if).about(form))
            except NotAskedError as error:
                lacking[form] = error
        if lacking and len(lacking) == len(about):
            raise next(iter(lacking.values()))
        return others | {form: error.status for form, error in lacking.items()}

    def values_by_level(self, indicator: Indicator) -> dict[str, np.ndarray]:
        """Values of each level of an indicator with `levels`: exclusive yes/no columns over one base."""
        levels = indicator.own_levels
        if levels.answers_of:
            return {
                level: self.of_asked(indicator, self.within(indicator.among, column))
                for level, column in self.answers(levels.answers_of)
            }
        sets = {
            name: self.codes(set_condition(labelled)) == YES
            for name, labelled in levels.labelled_sets.items()
        }
        return {
            level: self.of_asked(indicator, self.within(indicator.among, is_level.astype(float)))
            for level, is_level in combinations(sets).items()
        }

    def were_asked(self, indicator: Indicator, form: str | None = None) -> np.ndarray:
        """Who was asked all questions behind an indicator that an early version of the questionnaire left out."""
        asked = np.ones(len(self.frame), bool)
        of_part = self.frame.attrs.get("asked_of_part", ())
        variables = {name: self.variable(name) for name in of_part}
        for name in questions([indicator], self.registry, variables) if variables else ():
            if form is None or variables[name].form in (None, form):
                asked &= self.frame.filled(variables[name].columns)
        return asked

    def of_asked(self, indicator: Indicator, values: np.ndarray, form: str | None = None) -> np.ndarray:
        """`values`, NaN for whom an early version of the questionnaire did not ask."""
        if not len(self.frame.attrs.get("asked_of_part", ())):
            return values
        return np.where(self.were_asked(indicator, form), values, np.nan)

    def within(self, among: Condition | Operation | None, values: np.ndarray) -> np.ndarray:
        """`values`, NaN wherever `among` is not certainly yes."""
        return values if among is None else np.where(self.codes(among) == YES, values, np.nan)

    def average(self, indicator: Indicator) -> np.ndarray:
        """The number that an indicator averages."""
        mean = indicator.averaged
        if mean.scale:
            return self.scale(mean.scale)
        if mean.number:
            return self.column(mean.number).to_numpy(dtype=float)
        condition = read(mean.count_forms)
        holds = [self.codes(condition.about(form)) == YES for form in self.forms]
        return np.sum(holds, axis=0, dtype=float)

    def items(self, scale: Scale) -> pd.DataFrame:
        """Scores of a scale's items (rows respondents, columns items), NaN where there is no substantive answer."""
        return pd.DataFrame(
            {item: self.column(item).astype(object).map(scale.scores_of(item)) for item in scale.items}
        ).astype(float)

    def scale(self, scale: Scale) -> np.ndarray:
        """The scale's value for those who answered every item, else NaN."""
        items = self.items(scale).to_numpy()
        return items.mean(axis=1) if scale.summary == "mean" else items.sum(axis=1)

    # --- breakdowns

    def levels(self, breakdown: Breakdown) -> dict[str, np.ndarray]:
        """Who belongs to each level of a breakdown. Raises NotAskedError."""
        if breakdown.variable:
            column = self.column(breakdown.variable)
            special = set(self.codebook.special)
            return {
                level: (column == level).to_numpy() for level in column.cat.categories if level not in special
            }
        if breakdown.number:
            number = self.column(breakdown.number).to_numpy(dtype=float)
            return {
                level: (number >= low) & (number <= high) for level, (low, high) in breakdown.bands.items()
            }
        if breakdown.indicator:
            values = self.values(self.registry.indicators[breakdown.indicator])
            return {"yes": values == 1, "no": values == 0}
        if not breakdown.scale:
            raise KeyError("a breakdown without levels in config/indicators.yaml")
        values = self.values(self.registry.indicators[breakdown.scale])
        middle = np.nanmedian(values)
        return {"lower": values <= middle, "higher": values > middle}

    # --- conditions

    def codes(self, condition: Condition | Operation) -> np.ndarray:
        """Code of every respondent for a condition (int8). Those asked for last are remembered."""
        condition = read(condition)
        codes = self._codes.pop(condition, None)
        self._codes[condition] = condition.evaluate(self) if codes is None else codes
        while len(self._codes) > self._kept:
            del self._codes[next(iter(self._codes))]
        return self._codes[condition]

    def entry(self, name: str) -> np.ndarray:
        """Code of every respondent for an entry of the registry: a condition, or an indicator."""
        if name in self.registry.conditions:
            return self.codes(self.registry.conditions[name])
        values = self.values(self.registry.indicators[name])
        return np.where(np.isnan(values), NOT_ASKED, values).astype(np.int8)

    @property
    def forms(self) -> Iterable[str]:
        """Letters of the forms of abuse."""
        return self.codebook.forms

    def chosen(self, column: str) -> np.ndarray:
        """Whether an option was chosen: 1, 0, or below 0 for who was not asked. Raises NotAskedError."""
        return self.frame.yes_or_no(self.known(column))

    def variable(self, name: str) -> Variable:
        """A variable of the codebook."""
        return (self.codebook.variables("children") | self.codebook.variables("caregivers"))[name]

    # --- columns

    def column(self, name: str) -> pd.Series:
        """A column of the harmonised table. Raises NotAskedError if the country does not have it."""
        return self.frame[self.known(name)]

    def known(self, name: str) -> str:
        """The name of a column that the country has. Raises NotAskedError."""
        if name not in self.frame:
            variable = name.partition("__")[0]
            raise NotAskedError(variable, why_without_data(self.frame.attrs, variable))
        return name

    def answers(self, variable: str) -> Iterable[tuple[str, np.ndarray]]:
        """Each answer of a variable with its yes/no column, NaN for who was not asked."""
        column = self.column(variable)
        asked = column.notna().to_numpy()
        for level in column.cat.categories:
            yield level, np.where(asked, (column == level).to_numpy(), np.nan)


def why_without_data(attrs: Mapping[str, Any], variable: str) -> str:
    """The status for a variable that a harmonised table lacks: not asked only where the configuration says so."""
    if variable in attrs.get("not_usable", ()):
        return NOT_USABLE
    return NOT_DELIVERED if variable in attrs.get("absent", ()) else "not_asked"


def questions(
    indicators: Iterable[Indicator], registry: Registry, variables: Mapping[str, Variable]
) -> list[str]:
    """Those of `variables` that some indicators ask for, each for all its forms, in the codebook's order."""
    asked: set[str] = set()
    for indicator in indicators:
        for tree in trees(indicator):
            asked |= set(needs.variables(tree, registry))
        if indicator.mean:
            asked |= set(indicator.mean.variables)
    entries = {variables[name].entry for name in asked if name in variables}
    return [name for name, variable in variables.items() if variable.entry in entries]


def _about(condition: Condition | None, form: str) -> Operation | None:
    """A condition about one form of abuse; None where there is none."""
    return None if condition is None else read(condition).about(form)


def _settle(codes: np.ndarray, missing: Missing) -> np.ndarray:
    """1, 0 and NaN (outside the base) from codes, by the indicator's treatment of the unknown."""
    result = codes.astype(float)
    for code, reason in ((DONT_KNOW, "dont_know"), (REFUSED, "refused"), (NOT_ASKED, "not_asked")):
        result[codes == code] = 0.0 if getattr(missing, reason) == "counts_as_no" else np.nan
    return result


def combinations(sets: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every non-empty combination of sets, as "name+name", with who is in exactly those sets."""
    combined = {}
    names = list(sets)
    order = sorted(range(1, 2 ** len(names)), key=lambda bits: (bits.bit_count(), bits))
    for bits in order:
        inside = [name for bit, name in enumerate(names) if bits >> bit & 1]
        combined["+".join(inside)] = np.all([sets[name] == (name in inside) for name in names], axis=0)
    return combined
