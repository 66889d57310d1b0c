"""Differences between groups in words: a table for reading, and how many are statistically significant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.estimation.number_format import interval
from disrupting_harm.estimation.tidy_table import may_be_read
from disrupting_harm.presentation.sentences import alone, operation, unit

MOST_NAMED = 5

NOT_TESTED = "no test: "


def table(
    rows: pd.DataFrame, adjusted: Mapping[Any, float], no_test: Mapping[Any, str], significance: float
) -> pd.DataFrame:
    """Labelled contrasts as a table for reading: one line per test, the effect sizes first.

    rows: as they are published. adjusted: adjusted p-value, of two digits, by the index of the first row of each test
    (its risk difference). no_test: likewise, why there is none. significance: lower p-values are significant.
    """
    lines = []
    for index, p_value in adjusted.items():
        pair = {row["measure"]: row for _, row in rows.loc[index : index + 1].iterrows()}
        difference, ratio = pair["risk_difference"], pair["risk_ratio"]
        lines.append(
            {
                "Indicator": difference["indicator_label"],
                "Breakdown": difference["by_label"],
                "Compared": operation(difference),
                "Difference": effect(difference),
                "Ratio": effect(ratio),
                "p, adjusted": "" if np.isnan(p_value) else "<0.001" if p_value < 0.001 else f"{p_value:g}",
                "Significant": f"{NOT_TESTED}{no_test[index]}"
                if np.isnan(p_value)
                else "yes"
                if p_value < significance
                else "no",
            }
        )
    return pd.DataFrame(lines)


def effect(row: pd.Series) -> str:
    """An effect size with its interval; empty where it is not shown."""
    if not may_be_read(row["status"]):
        return ""
    if pd.isna(row["ci_low"]):
        return alone(row)
    kind, step = unit(row["measure"]), row["rounded_to"]
    return f"{alone(row)} [{interval(row['ci_low'], row['ci_high'], kind, step)}]"


def sentence(table: pd.DataFrame) -> str:
    """How many differences are significant, and which; how many could not be tested."""
    without = int(table["Significant"].str.startswith(NOT_TESTED).sum())
    tested = len(table) - without
    if not tested:
        return "None of these differences can be tested; the table says why."
    significant = table[table["Significant"] == "yes"]
    count = len(significant) or "None"
    verb = "is" if len(significant) < 2 else "are"
    text = f"{count} of {tested} comparisons {verb} significant after adjustment for multiple testing (Holm)"
    named = "; ".join(
        f"{row['Indicator']} by {row['Breakdown'].lower()} ({row['Compared']}: {row['Difference'] or 'size not shown'})"
        for _, row in significant.head(MOST_NAMED).iterrows()
    )
    more = f"; and {len(significant) - MOST_NAMED} more" if len(significant) > MOST_NAMED else ""
    text += f": {named}{more}." if named else ". This does not prove that there are no differences."
    return f"{text} Not tested, for the reason in the table: {without}." if without else text
