"""Scale reliability by pingouin (GPL-3), the one door through which it comes in; imported only when asked for."""

from __future__ import annotations

import pandas as pd


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
