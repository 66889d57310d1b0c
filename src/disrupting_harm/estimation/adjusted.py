"""The difference that an exposure makes when others of its companions are held equal.

A log-Poisson model gives the adjusted risk ratio (Zou 2004), a logistic model the adjusted risk difference as an
average marginal effect, a linear model the adjusted difference of means; all with the design's variance. Adjusted
figures say how far differences in the named variables explain a contrast; they do not make it a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.answers.indicators import NotAskedError
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.estimation.contrasts import (
    described,
    direction,
    measures,
    pair_counts,
    pair_without_data,
)
from disrupting_harm.estimation.estimates import in_order

OUTCOME, EXPOSURE = "outcome", "exposure"
FIELDS = ["estimate", "se", "ci_low", "ci_high", "df"]


def adjusted(
    people: Respondents,
    indicators: Iterable[Indicator],
    between: str,
    adjust_for: list[str],
    confidence: float,
) -> pd.DataFrame:
    """Adjusted risk ratio and risk difference of each indicator between two levels (`contrasts.direction`).

    Of an indicator that is a mean: the adjusted difference of means.

    adjust_for: breakdowns and numbers to adjust for ("sex", "age", "area", "in_person"); those that the country did
    not ask, or that do not vary, are left out and not named. Rows as of `contrasts.contrast`, with the variables in
    `adjusted_for`: "age+sex". A model that cannot be fitted (separation, too few clusters) gives rows with status
    not_estimable.
    """
    indicators = list(indicators)
    first, second = direction(people, between)
    if why := people.why_without(between):
        about = described(between, (first, second))
        return pd.concat([pair_without_data(indicator, why) for indicator in indicators]).assign(**about)
    is_first, is_second = (people.levels(between)[name] for name in (first, second))
    covariates = {name: column for name in adjust_for if (column := covariate(people, name)) is not None}
    exposure = np.where(is_first, 1.0, np.where(is_second, 0.0, np.nan))
    frame = pd.DataFrame({EXPOSURE: exposure, **covariates})
    parts = [one(people, indicator, frame, confidence) for indicator in indicators]
    about = described(between, (first, second), adjusted_for=covariates)
    return in_order(pd.concat(parts, ignore_index=True).assign(**about), indicators)


def covariate(people: Respondents, name: str) -> pd.Series | None:
    """A variable to adjust for, without special answers; None where it was not asked or does not vary."""
    try:
        if name == "age":
            column = people.evaluator.column("age").astype(float)
        else:
            levels = people.levels(name)
            words = np.select(list(levels.values()), list(levels), default="")
            column = pd.Series(words, dtype=object).replace("", None)
    except NotAskedError:
        return None
    return column.reset_index(drop=True) if len(column.dropna().unique()) > 1 else None


def one(people: Respondents, indicator: Indicator, frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The rows of one indicator."""
    try:
        values = people.evaluator.values(indicator)
    except NotAskedError as error:
        return pair_without_data(indicator, error.status)
    data = frame.assign(**{OUTCOME: values})
    complete = data.notna().all(axis=1).to_numpy()
    exposed = (frame[EXPOSURE] == 1).to_numpy() & complete
    unexposed = (frame[EXPOSURE] == 0).to_numpy() & complete
    counts = pair_counts(values, exposed, unexposed)
    asked = people.evaluator.asked(indicator) & frame[EXPOSURE].notna().to_numpy()
    rows = pd.DataFrame(
        {
            "indicator": indicator.name,
            "measure": measures(indicator),
            "n": int(complete.sum()),
            "n_base_weighted": float(people.frame["weight"][complete].sum()),
            "deff": np.nan,
            "status": "not_estimable",
            "interval": "",
            "n_unanswered": int((asked & ~complete).sum()),
            **counts,
        }
    )
    formula = f"{OUTCOME} ~ {' + '.join(frame.columns)}"
    fit = partial(survey.regression, people.design, data, formula, confidence=confidence)
    try:
        chosen, interval = of_mean(fit) if indicator.measure == "mean" else of_share(fit)
    except survey.SurveyError:
        return rows
    if any(row["status"] != "ok" for row in chosen):
        return rows
    numbers = pd.DataFrame([row[FIELDS].astype(float) for row in chosen]).reset_index(drop=True)
    return rows.assign(**{name: numbers[name] for name in FIELDS}, status="ok", interval=interval)


def of_share(fit: Callable[..., survey.Regression]) -> tuple[list[pd.Series], list[str]]:
    """Adjusted risk difference and risk ratio, and the methods of their intervals. Raises SurveyError."""
    ratios = fit(family="log_poisson").ratios()
    effects = fit(family="logistic").marginal_effects([EXPOSURE])
    return [effects.iloc[0], ratios[ratios["term"] == EXPOSURE].iloc[0]], ["wald", "log"]


def of_mean(fit: Callable[..., survey.Regression]) -> tuple[list[pd.Series], list[str]]:
    """Adjusted difference of means, and the method of its interval. Raises SurveyError."""
    coefficients = fit(family="linear").coefficients()
    return [coefficients[coefficients["term"] == EXPOSURE].iloc[0]], ["wald"]
