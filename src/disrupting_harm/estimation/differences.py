"""Do the levels of a breakdown differ by more than chance? Tests that take weights and clusters into account.

For each indicator and breakdown: Rao and Scott's second-order test of no association over all levels, and the risk
difference and ratio of two of them (`contrasts.direction`). Effect sizes come first; a p-value says only how surprising
such differences would be if there were none.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from disrupting_harm import survey
from disrupting_harm.answers.indicators import WITHOUT_DATA, NotAskedError
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.estimation.contrasts import contrast


def association(people: Respondents, indicator: Indicator, by: str) -> tuple[float, str]:
    """p-value of no association between an indicator and a breakdown; NaN where there is no test, and why not."""
    try:
        values = people.evaluator.values(indicator)
        levels = people.levels(by)
    except NotAskedError as error:
        return np.nan, WITHOUT_DATA[error.status]
    answer = pd.Series(values).map({0.0: "no", 1.0: "yes"})
    group = pd.Series(np.select(list(levels.values()), list(levels), default=""), dtype=object).replace(
        "", None
    )
    tests = survey.association(people.design, answer, group)
    p_value, reason = (tests[column]["rao_scott_second_order"] for column in ("p_value", "reason"))
    return float(p_value), str(reason)


def compare(people: Respondents, indicators: Iterable[Indicator], by: str, confidence: float) -> pd.DataFrame:
    """Risk differences and ratios of two levels of a breakdown, and the test over all its levels.

    Rows as of `contrasts.contrast` (two per indicator), with `p_value` of the test over all levels in place of its own,
    and `no_test`: why there is none, else empty.
    """
    entries = [indicator for indicator in indicators if indicator.yes_if is not None]
    if not entries or not people.has(by):
        return pd.DataFrame()
    rows = contrast(people, entries, by, confidence)
    tests = {indicator.name: association(people, indicator, by) for indicator in entries}
    p_values, reasons = ({name: test[part] for name, test in tests.items()} for part in (0, 1))
    return rows.assign(p_value=rows["indicator"].map(p_values), no_test=rows["indicator"].map(reasons))
