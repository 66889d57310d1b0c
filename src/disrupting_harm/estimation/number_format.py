"""How numbers are written: percentages, points, means, ratios and counts, and intervals of them."""

import math
from typing import Literal

Unit = Literal["percent", "points", "mean", "ratio", "count"]


def number(value: float, unit: Unit = "percent", sign: bool = True, step: float = math.nan) -> str:
    """Write an estimate as it is read: 0.147 as 14.7%, a count with thin groups of three.

    step: what the estimate is rounded to a multiple of; it is written with so many decimals, and 0.23 of step 0.01 is
    23%. Without a step, a share that is not zero never looks like zero (<0.1), one that is not all never like 100
    (>99.9).
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if unit in ("percent", "points"):
        text = _percent(value * 100) if math.isnan(step) else _decimals(value * 100, step * 100)
        return text + ({"percent": "%", "points": " points"}[unit] if sign else "")
    if unit == "count":
        return f"{value:,.0f}"
    if not math.isnan(step):
        return _decimals(value, step)
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{decimals}f}"
    return text if value == 0 or float(text.replace(",", "")) != 0 else f"<{10**-decimals:g}"


def _decimals(value: float, step: float) -> str:
    """A multiple of a step, with as many decimals as the step has."""
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def _percent(value: float) -> str:
    if value != 0 and abs(value) < 0.05:
        return "<0.1" if value > 0 else "−<0.1"
    if 99.95 <= value < 100:
        return ">99.9"
    return f"{value:.1f}".replace("-", "−") if value not in (0, 100) else f"{value:.0f}"


def interval(low: float, high: float, unit: Unit = "percent", step: float = math.nan) -> str:
    """Write an interval as low–high (low to high when a bound is negative), without a sign of per cent."""
    joint = " to " if low < 0 else "–"
    return joint.join(number(end, unit, sign=False, step=step) for end in (low, high))
