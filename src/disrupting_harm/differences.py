"""Do the levels of a breakdown differ by more than chance? Tests that take weights and clusters into account.

For each indicator and breakdown: Rao and Scott's second-order test of no association over all levels, and the risk
difference and ratio of the last level against the first (for sex: boys against girls). Effect sizes come first; a
p-value says only how surprising such differences would be if there were none.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.config.registry import Indicator
from disrupting_harm.estimates import contrast
from disrupting_harm.figures.describe import interval
from disrupting_harm.indicators import NotAskedError
from disrupting_harm.respondents import Respondents
from disrupting_harm.tables import is_shown
from disrupting_harm.words import alone, unit

LEVEL = 0.05
"""Adjusted p-values below this count as more than chance."""

MOST_NAMED = 5

NOT_TESTED = "no test: "


def association(people: Respondents, indicator: Indicator, by: str) -> tuple[float, str]:
    """p-value of no association between an indicator and a breakdown; NaN where there is no test, and why not."""
    try:
        values = people.evaluator.values(indicator)
        levels = people.levels(by)
    except NotAskedError:
        return np.nan, "not asked in this country"
    answer = pd.Series(values).map({0.0: "no", 1.0: "yes"})
    group = pd.Series(np.select(list(levels.values()), list(levels), default=""), dtype=object).replace(
        "", None
    )
    test = survey.association(people.design, answer, group).loc["rao_scott_second_order"]
    return float(test["p_value"]), str(test["reason"])


def compare(people: Respondents, indicators: Iterable[Indicator], by: str, level: float) -> pd.DataFrame:
    """Risk differences and ratios of the last level against the first, and the test over all levels.

    Rows as of `estimates.contrast` (two an indicator), with `p_value` of the test over all levels in place of its own,
    and `no_test`: why there is none, else empty.
    """
    entries = [each for each in indicators if each.yes_if is not None]
    if not entries or not people.has(by):
        return pd.DataFrame()
    first, *_, last = people.levels(by)
    rows = contrast(people, entries, by, level, pair=(last, first))
    tests = {each.name: association(people, each, by) for each in entries}
    p_values, reasons = ({name: test[part] for name, test in tests.items()} for part in (0, 1))
    return rows.assign(p_value=rows["indicator"].map(p_values), no_test=rows["indicator"].map(reasons))


def told(rows: pd.DataFrame, adjusted: dict[int, float], no_test: dict[int, str]) -> pd.DataFrame:
    """Labelled contrasts as a table for reading: one line a test, the effect sizes first.

    rows: as they are published. adjusted: adjusted p-value, of two digits, by the index of the first row of each test
    (its risk difference). no_test: likewise, why there is none.
    """
    lines = []
    for place, p_value in adjusted.items():
        pair = rows.loc[place : place + 1].set_index("measure", drop=False)
        difference, ratio = pair.loc["risk_difference"], pair.loc["risk_ratio"]
        lines.append(
            {
                "Indicator": difference["indicator_label"],
                "Breakdown": difference["by_label"],
                "Compared": difference["level_label"],
                "Difference": effect(difference),
                "Ratio": effect(ratio),
                "p, adjusted": "" if np.isnan(p_value) else "<0.001" if p_value < 0.001 else f"{p_value:g}",
                "More than chance": f"{NOT_TESTED}{no_test[place]}"
                if np.isnan(p_value)
                else "yes"
                if p_value < LEVEL
                else "no clear difference",
            }
        )
    return pd.DataFrame(lines)


def effect(row: pd.Series) -> str:
    """An effect size with its interval; empty where it is not shown."""
    if not is_shown(row.to_frame().T).iloc[0]:
        return ""
    kind, step = unit(row["measure"]), row["rounded_to"]
    return f"{alone(row)} [{interval(row['ci_low'], row['ci_high'], kind, step)}]"


def sentence(table: pd.DataFrame) -> str:
    """How many differences are more than chance, and which; how many could not be tested."""
    without = int(table["More than chance"].str.startswith(NOT_TESTED).sum())
    tested = len(table) - without
    if not tested:
        return "None of these differences can be tested; the table says why."
    significant = table[table["More than chance"] == "yes"]
    text = f"{len(significant)} of {tested} comparisons differ by more than chance after adjustment for their number"
    named = "; ".join(
        f"{row['Indicator']} by {row['Breakdown'].lower()} ({row['Compared']}: {row['Difference'] or 'size not shown'})"
        for _, row in significant.head(MOST_NAMED).iterrows()
    )
    more = f"; and {len(significant) - MOST_NAMED} more" if len(significant) > MOST_NAMED else ""
    text += f": {named}{more}." if named else ". That is no proof that there are none."
    return f"{text} Not tested, for the reason in the table: {without}." if without else text
