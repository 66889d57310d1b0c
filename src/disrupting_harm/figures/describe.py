"""Words for figures: how an estimate is written, and what a figure shows, made from its data."""

import math
from collections.abc import Sequence
from operator import itemgetter
from typing import Literal

from disrupting_harm.figures.frames import Row, grouped, hidden_words, is_hidden, order, shown

Unit = Literal["percent", "points", "mean", "ratio", "count"]


def number(value: float, unit: Unit = "percent", sign: bool = True, step: float = math.nan) -> str:
    """Write an estimate as it is read: 0.147 as 14.7%, a count with thin groups of three.

    step: what the estimate is rounded to a multiple of; it is written with so many decimals, and 0.23 of step 0.01 is
    23%. Without a step, a share that is not nought never looks like nought (<0.1), one that is not all never like 100
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


def estimate(row: Row, unit: Unit = "percent", sign: bool = True) -> str:
    """Write the estimate of a row."""
    return number(row["estimate"], unit, sign, row["rounded_to"])


def bounds(row: Row, unit: Unit = "percent") -> str:
    """Write the interval of a row."""
    return interval(row["ci_low"], row["ci_high"], unit, row["rounded_to"])


def sentence(rows: list[Row], unit: Unit, names: Sequence[str] = ("label",)) -> str:
    """Say which row is highest and which is lowest, with intervals; hidden rows are not looked at."""
    seen = shown(rows)
    if not seen:
        return "No estimate is shown."
    top, bottom = max(seen, key=itemgetter("estimate")), min(seen, key=itemgetter("estimate"))
    if len(seen) == 1:
        return f"{_named(top, names)}: {_value(top, unit)}."
    if top["estimate"] == bottom["estimate"]:
        return f"All shown are {estimate(top, unit)}."
    ends = [f"{_named(row, names)}, {_value(row, unit)}" for row in (top, bottom)]
    return f"Highest: {ends[0]}; lowest: {ends[1]}."


def hidden(rows: list[Row], names: Sequence[str] = ("label",), most: int = 6) -> str:
    """Say which rows have no estimate, and what stands in its place; empty when all have one."""
    absent = [row for row in rows if is_hidden(row)]
    parts = []
    for status, group in grouped(absent, "status").items():
        others = {row["label"] for row in rows if row["status"] != status}
        named = order(
            [{"name": _named(row, names if row["label"] in others else ["label"])} for row in group], "name"
        )
        who = (
            ", ".join(named)
            if len(named) <= most
            else f"{', '.join(named[:most])} and {len(named) - most} more"
        )
        parts.append(f"{hidden_words(status)}: {who}")
    return f"Without an estimate ({len(absent)}): {'; '.join(parts)}." if parts else ""


def low_n(rows: list[Row]) -> str:
    """Say how many estimates rest on a small base; empty when none does."""
    count = sum(row["status"] == "low_n" for row in rows)
    return "" if not count else f"{count} estimate{'s rest' if count > 1 else ' rests'} on a small base."


def counted(n: int, thing: str) -> str:
    """Write a number with its noun: 1 row, 24 rows."""
    return f"{n} {thing}{'' if n == 1 else 's'}"


def by_panel(rows: list[Row], unit: Unit, columns: Sequence[str] = ("panel", "series")) -> str:
    """Say the highest and the lowest for each panel (or series), one sentence each."""
    for column in columns:
        groups = grouped(rows, column)
        if len(groups) > 1:
            names = (
                ("label", "series") if column == "panel" and len(order(rows, "series")) > 1 else ("label",)
            )
            return " ".join(
                f"{value}: {_lower(sentence(group, unit, names))}" for value, group in groups.items()
            )
    return sentence(rows, unit)


def join(*sentences: str) -> str:
    """Join the sentences that say something."""
    return " ".join(part for part in sentences if part)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith(("Highest", "No ", "All ")) else text


def _named(row: Row, names: Sequence[str]) -> str:
    return " · ".join(str(row[name]) for name in names if row.get(name))


def _value(row: Row, unit: Unit) -> str:
    text = estimate(row, unit)
    if math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"]):
        low, high = (number(row[end], unit, False, row["rounded_to"]) for end in ("ci_low", "ci_high"))
        text += f" (interval {low} to {high})"
    return text
