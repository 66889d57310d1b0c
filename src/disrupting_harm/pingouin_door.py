"""What comes from pingouin (GPL-3), through this one door: scale reliability and adjustment for many tests.

pingouin is imported only when one of them is asked for.
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
"""Methods of `adjust_p_values`, and their names in pingouin."""


def adjust_p_values(p: Sequence[float] | np.ndarray, method: str = "holm") -> np.ndarray:
    """p-values adjusted for their number, in the order given; NaN (no test) stays NaN and does not count.

    method: ``holm`` (Holm 1979) and ``bonferroni`` hold the chance of any false alarm, ``benjamini_hochberg`` (1995)
    and ``benjamini_yekutieli`` (2001) the share of false alarms among those called more than chance.

    Raises ValueError for another method, and for values outside 0 to 1.
    """
    if method not in ADJUSTMENTS:
        raise ValueError(f"method is one of {', '.join(ADJUSTMENTS)}, not {method!r}")
    values = np.asarray(p, dtype=float)
    known = ~np.isnan(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError("p-values lie between 0 and 1")
    adjusted = np.full(values.shape, np.nan)
    if known.any():
        import pingouin

        adjusted[known] = pingouin.multicomp(values[known], method=ADJUSTMENTS[method])[1]
    return adjusted


def cronbach_alpha(items: pd.DataFrame, level: float) -> dict[str, float | str | int]:
    """Cronbach's alpha with Feldt's interval of a scale's items (rows respondents, columns items).

    Unweighted, on respondents who answered every item. Result: estimate, ci_low, ci_high, n, status and head counts for
    suppression (a reliability tells about no single respondent).
    """
    complete = items.dropna()
    row = {"n": len(complete), "positives": len(complete), "others": len(complete), "status": "empty"}
    if complete.empty:
        return row
    if (complete.var() == 0).all():
        return {**row, "status": "not_estimable"}
    import pingouin

    alpha, (low, high) = pingouin.cronbach_alpha(data=complete, ci=level)
    return {**row, "estimate": float(alpha), "ci_low": float(low), "ci_high": float(high), "status": "ok"}
