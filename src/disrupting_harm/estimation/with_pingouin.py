"""What comes from pingouin (GPL-3), through this one door: scale reliability and adjustment for many tests.

pingouin is imported only when one of them is asked for. Two adjustments that it lacks come from statsmodels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ADJUSTMENTS = {
    "holm": "holm",
    "bonferroni": "bonf",
    "benjamini_hochberg": "fdr_bh",
    "benjamini_yekutieli": "fdr_by",
}
"""Methods of `adjust_p_values` that pingouin has, and their names there."""

MORE_ADJUSTMENTS = {"hochberg": "simes-hochberg", "hommel": "hommel"}
"""Methods that statsmodels has besides, and their names there."""


def adjust_p_values(p: Sequence[float] | np.ndarray, method: str = "holm") -> np.ndarray:
    """p-values adjusted for their number, in the order given; NaN (no test) stays NaN and does not count.

    method: ``holm`` (Holm 1979) and ``bonferroni`` hold the chance of any false alarm, as do ``hochberg`` and
    ``hommel`` (both 1988) for tests that are independent or positively dependent; ``benjamini_hochberg`` (1995) and
    ``benjamini_yekutieli`` (2001) hold the share of false alarms among those called more than chance.

    Raises ValueError for another method, and for values outside 0 to 1.
    """
    methods = ADJUSTMENTS | MORE_ADJUSTMENTS
    if method not in methods:
        raise ValueError(f"method is one of {', '.join(methods)}, not {method!r}")
    values = np.asarray(p, dtype=float)
    known = ~np.isnan(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError("p-values lie between 0 and 1")
    adjusted = np.full(values.shape, np.nan)
    if known.any():
        if method in ADJUSTMENTS:
            from pingouin import multicomp as adjust
        else:
            from statsmodels.stats.multitest import multipletests as adjust
        adjusted[known] = adjust(values[known], method=methods[method])[1]
    return adjusted


def cronbach_alpha(items: pd.DataFrame, confidence: float) -> dict[str, float | str | int]:
    """Cronbach's alpha with Feldt's interval of a scale's items (rows respondents, columns items).

    Unweighted, on respondents who answered every item. Result: estimate, ci_low, ci_high, n, status and head counts for
    suppression (a reliability reveals nothing about a single respondent).
    """
    complete = items.dropna()
    row: dict[str, float | str | int] = {
        "n": len(complete),
        "n_yes": len(complete),
        "n_no": len(complete),
        "status": "empty",
    }
    if complete.empty:
        return row
    if (complete.var() == 0).all():
        return {**row, "status": "not_estimable"}
    import pingouin

    alpha, (low, high) = pingouin.cronbach_alpha(data=complete, ci=confidence)
    return {**row, "estimate": float(alpha), "ci_low": float(low), "ci_high": float(high), "status": "ok"}
