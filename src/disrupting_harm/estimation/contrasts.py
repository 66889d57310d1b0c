"""Differences and ratios of the shares of two groups, differences of means, and which of the groups comes first.

The direction of every contrast is decided here, in `direction`: its estimate is that of the first group minus, or
divided by, that of the second. Tables name both groups in the columns `first` and `second`, and pages print them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.answers.indicators import NotAskedError
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.estimation.estimates import in_order, unanswered
from disrupting_harm.estimation.tidy_table import SHARES

MEASURES = ["risk_difference", "risk_ratio"]
MEAN_DIFFERENCE = "mean_difference"
"""Of a mean only the difference says something: where a scale begins is a matter of convention, so ratios are, too."""


def measures(indicator: Indicator) -> list[str]:
    """What a contrast of an indicator gives."""
    return [MEAN_DIFFERENCE] if indicator.measure == "mean" else MEASURES


def direction(people: Respondents, by: str) -> tuple[str, str]:
    """The two levels of a breakdown that every contrast compares: the first minus, or divided by, the second.

    Of an indicator, yes minus no; of a scale, the lower half minus the higher. Of answers and bands, which may be more
    than two, the last minus the first: boys minus girls, the oldest minus the youngest.
    """
    breakdown = people.registry.breakdowns[by]
    if breakdown.indicator:
        return "yes", "no"
    if breakdown.scale:
        return "lower", "higher"
    known = {**people.codebook.variables("caregivers"), **people.codebook.variables("children")}
    levels: Iterable[str] = breakdown.bands
    if people.has(by):
        levels = people.levels(by)
    elif breakdown.variable:
        levels = known[breakdown.variable].values
    first, *_, last = levels
    return last, first


def contrast(
    people: Respondents,
    indicators: Iterable[Indicator],
    between: str,
    confidence: float = 0.95,
    within: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Risk difference and risk ratio of each indicator between the two levels of a breakdown that `direction` names.

    Of an indicator that is a mean: the difference of the two means.

    within: only inside one level of another breakdown, for instance ("in_person", "no").
    Rows as of `estimate`, with the columns `tidy_table.CONTRAST`; by is the breakdown, level is empty.
    """
    indicators = list(indicators)
    first, second = direction(people, between)
    about = described(between, (first, second), within)
    if why := people.why_without(between):
        return pd.concat([pair_without_data(indicator, why) for indicator in indicators]).assign(**about)
    levels = people.levels(between)
    inside = people.levels(within[0])[within[1]] if within else np.ones(len(people), bool)
    groups = {"first": levels[first] & inside, "second": levels[second] & inside}
    values: dict[str, np.ndarray] = {}
    without_answer: dict[str, np.ndarray] = {}
    lacking: list[pd.DataFrame] = []
    for indicator in indicators:
        try:
            values[indicator.name] = people.evaluator.values(indicator)
            without_answer[indicator.name] = unanswered(
                values[indicator.name], people.evaluator.asked(indicator)
            )
        except NotAskedError as error:
            lacking.append(pair_without_data(indicator, error.status))
    parts: list[pd.DataFrame] = []
    if values:
        rows = survey.contrasts(people.design, pd.DataFrame(values), *groups.values(), confidence=confidence)
        rows = of_means(rows, [indicator.name for indicator in indicators if indicator.measure == "mean"])
        counts = [
            pair_counts(values[name], *groups.values())
            | {
                f"n_unanswered_{group}": int((without_answer[name] & members).sum())
                for group, members in groups.items()
            }
            for name in rows["indicator"]
        ]
        rows = rows.rename(columns=dict(zip(("first", "second"), SHARES, strict=True)))
        parts.append(rows.join(pd.DataFrame(counts)))
    return in_order(pd.concat(parts + lacking, ignore_index=True).assign(**about), indicators)


def of_means(rows: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Rows of contrasts in which those of means are differences of means, without ratios."""
    is_mean, is_ratio = rows["indicator"].isin(list(names)), rows["measure"] == "risk_ratio"
    rows = rows.assign(measure=rows["measure"].mask(is_mean, MEAN_DIFFERENCE))
    return rows[~(is_mean & is_ratio)].reset_index(drop=True)


def described(
    by: str, pair: tuple[str, str], within: tuple[str, str] | None = None, adjusted_for: Iterable[str] = ()
) -> dict[str, str]:
    """What a contrast is about, by column."""
    other, level = within or ("", "")
    names = {"first": pair[0], "second": pair[1], "within": other, "within_level": level}
    return {"by": by, "level": "", **names, "adjusted_for": "+".join(adjusted_for)}


def pair_without_data(indicator: Indicator, status: str) -> pd.DataFrame:
    """The rows of a contrast that the country has no data for, with the reason as their status."""
    row = {"indicator": indicator.name, "measure": measures(indicator), "status": status, "interval": ""}
    return pd.DataFrame({**row, "n": np.nan})


def pair_counts(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, int]:
    """Unweighted numbers of people counted, and not counted, in each of two groups; with means all count as others."""
    counts = {}
    for name, group in (("first", values[first]), ("second", values[second])):
        counts[f"n_yes_{name}"] = int((group == 1).sum())
        counts[f"n_no_{name}"] = int((~np.isnan(group) & (group != 1)).sum())
    return counts
