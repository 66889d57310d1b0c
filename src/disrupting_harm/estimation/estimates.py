"""Registry entries in, tidy rows out: the estimates of several indicators, overall or broken down.

The rows are not fit to be shown: they carry the number of children behind each estimate (`n_yes`, `n_no`), from
which `suppression` decides. Nothing else may use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.answers.indicators import NotAskedError, combinations
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.estimation import tidy_table

ALL = "all"
FORM = "form"
CELLS = 50_000_000
"""Values of indicators in memory at one time: all of a survey of usual size; 400 MB."""


@dataclass(frozen=True)
class Column:
    """One column of values to be estimated: an indicator, and the level it is for if the column itself is a level.

    asked: who would be in the base if everybody had answered; not known (None) where every answer counts.
    """

    indicator: Indicator
    by: str
    level: str | None
    numbers: np.ndarray = field(repr=False)
    stacked: bool = False
    asked: np.ndarray | None = field(default=None, repr=False)

    @property
    def kind(self) -> tuple[str, bool]:
        """Columns of one kind are estimated in one call."""
        return self.indicator.measure, self.stacked


def estimate(
    people: Respondents,
    indicators: Iterable[Indicator],
    by: str = ALL,
    interval: str = "logit",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimates of `indicators`: overall (`by="all"`), for each form (`by="form"`), or for each level of a breakdown.

    Rows: indicator, by, level, measure, estimate ... status (ok, empty, not_estimable, or why there are no data),
    interval, and n_yes, n_no: unweighted numbers of children (caregivers) counted, and not counted, in the base;
    n_unanswered: of those who gave no answer.
    """
    indicators = list(indicators)
    at_once = max(CELLS // max(len(people) * len(people.codebook.forms), 1), 1)
    parts = [
        estimate_together(people, indicators[start : start + at_once], by, interval, confidence)
        for start in range(0, len(indicators), at_once)
    ]
    rows = in_order(pd.concat(parts, ignore_index=True), indicators)
    rows = rows.assign(**dict.fromkeys(tidy_table.CONTRAST, ""))
    return rows if by != FORM else rows.assign(status=statuses_by_form(rows, indicators, people))


def estimate_together(
    people: Respondents, indicators: list[Indicator], by: str, interval: str, confidence: float
) -> pd.DataFrame:
    """The rows of `estimate` in any order, with the values of all indicators in memory."""
    columns: list[Column] = []
    lacking: list[pd.DataFrame] = []
    breakdown = ALL if by == FORM else by
    domains = people.levels(breakdown) if people.has(breakdown) else {}
    for indicator in indicators:
        try:
            people.levels(breakdown)
            columns += columns_of(people, indicator, by)
        except NotAskedError as error:
            lacking.append(without_data(people, indicator, by, error.status))
    parts = [
        estimate_kind(people, columns, kind, domains, interval, confidence)
        for kind in dict.fromkeys(c.kind for c in columns)
    ]
    return pd.concat(parts + lacking, ignore_index=True)


def statuses_by_form(rows: pd.DataFrame, indicators: list[Indicator], people: Respondents) -> list[str]:
    """The statuses; why there are no data for forms that an indicator is not about, or that were not asked about."""
    without: dict[tuple[str, str], str] = {}
    for indicator in indicators:
        try:
            of_forms = people.evaluator.forms_without_data(indicator) if indicator.by_form else {}
        except NotAskedError:
            continue  # the reason is in every row already
        without |= {(indicator.name, form): status for form, status in of_forms.items()}
    named = zip(rows["indicator"], rows["level"], rows["status"], strict=True)
    return [without.get((name, form), status) for name, form, status in named]


def columns_of(people: Respondents, indicator: Indicator, by: str) -> list[Column]:
    """The columns that one indicator needs for one breakdown. Raises NotAskedError."""
    evaluator = people.evaluator
    if indicator.levels:
        if by != ALL:
            raise ValueError(f"{indicator.name} has levels of its own and is not broken down further")
        return [
            Column(indicator, indicator.levels.by, level, values)
            for level, values in evaluator.values_by_level(indicator).items()
        ]
    if by == FORM:
        by_form = evaluator.values_by_form(indicator)
        asked = evaluator.asked_by_form(indicator)
        return [Column(indicator, FORM, form, values, asked=asked[form]) for form, values in by_form.items()]
    if indicator.unit == "instance":
        stacked = np.concatenate(list(evaluator.values_by_form(indicator).values()))
        asked = np.concatenate(list(evaluator.asked_by_form(indicator).values()))
        return [Column(indicator, by, None, stacked, stacked=True, asked=asked)]
    return [Column(indicator, by, None, evaluator.values(indicator), asked=evaluator.asked(indicator))]


def estimate_kind(
    people: Respondents,
    columns: list[Column],
    kind: tuple[str, bool],
    domains: dict[str, np.ndarray],
    interval: str,
    confidence: float,
) -> pd.DataFrame:
    """Estimates of the columns of one kind in all domains, as rows."""
    chosen = [column for column in columns if column.kind == kind]
    measure, stacked = kind
    values = pd.DataFrame({position: column.numbers for position, column in enumerate(chosen)})
    forms = len(people.codebook.forms)
    inside = {name: np.tile(member, forms) if stacked else member for name, member in domains.items()}
    design = people.instance_design if stacked else people.design
    if measure == "mean":
        rows = survey.means(design, values, inside, confidence=confidence)
    else:
        rows = survey.proportions(design, values, inside, interval=interval, confidence=confidence)
    named = [
        (chosen[position], name) for position, name in zip(rows["indicator"], rows.pop("domain"), strict=True)
    ]
    return rows.assign(
        indicator=[column.indicator.name for column, _ in named],
        by=[column.by for column, _ in named],
        level=[column.level or name for column, name in named],
        measure=measure,
        **head_counts(chosen, domains, len(people)),
    )


def head_counts(columns: list[Column], domains: dict[str, np.ndarray], people: int) -> dict[str, np.ndarray]:
    """Unweighted numbers of people counted and not counted, in the survey's order (columns, then domains)."""
    members = np.stack(list(domains.values())).astype(float)
    counts = []
    for column in columns:
        by_person = column.numbers.reshape(-1, people)
        counted = (by_person == 1).any(axis=0)
        n_no = (~np.isnan(by_person)).any(axis=0) & ~counted
        n_unanswered = unanswered(column.numbers, column.asked).reshape(-1, people).sum(axis=0)
        counts.append(members @ np.stack([counted, n_no, n_unanswered], axis=1).astype(float))
    return dict(zip(("n_yes", "n_no", "n_unanswered"), np.concatenate(counts).astype(int).T, strict=True))


def unanswered(values: np.ndarray, asked: np.ndarray | None) -> np.ndarray:
    """Who left a base without an answer."""
    return np.isnan(values) & asked if asked is not None else np.zeros(len(values), bool)


def without_data(people: Respondents, indicator: Indicator, by: str, status: str) -> pd.DataFrame:
    """One row per level for an indicator that the country has no data for, with the reason as its status."""
    if indicator.levels:
        by, levels = indicator.levels.by, own_levels(people, indicator)
    elif by == FORM:
        levels = list(people.codebook.forms)
    else:
        levels = list(people.levels(by)) if people.has(by) else [ALL]
    return pd.DataFrame(
        {
            "indicator": indicator.name,
            "by": by,
            "level": levels,
            "measure": indicator.measure,
            "status": status,
            "interval": "",
        }
    )


def own_levels(people: Respondents, indicator: Indicator) -> list[str]:
    """Names of the levels of an indicator with levels of its own."""
    levels = indicator.own_levels
    if levels.answers_of:
        return list(people.codebook.variables(indicator.table)[levels.answers_of].categories)
    return list(combinations({name: np.zeros(0, bool) for name in levels.labelled_sets}))


def in_order(rows: pd.DataFrame, indicators: list[Indicator]) -> pd.DataFrame:
    """Rows in the order in which indicators were asked for."""
    position = {indicator.name: number for number, indicator in enumerate(indicators)}
    order = np.argsort([position[name] for name in rows["indicator"]], kind="stable")
    return rows.take(order).reset_index(drop=True)
