"""Words for figures: what a figure shows, made from its data."""

import math
from collections.abc import Sequence
from operator import itemgetter

from disrupting_harm.estimation.number_format import Unit, interval, number
from disrupting_harm.presentation.figures.frames import Row, grouped, is_hidden, order, shown, why_hidden


def estimate(row: Row, unit: Unit = "percent", sign: bool = True) -> str:
    """Write the estimate of a row."""
    return number(row["estimate"], unit, sign, row["rounded_to"])


def bounds(row: Row, unit: Unit = "percent") -> str:
    """Write the interval of a row."""
    return interval(row["ci_low"], row["ci_high"], unit, row["rounded_to"])


def sentence(rows: list[Row], unit: Unit, names: Sequence[str] = ("label",)) -> str:
    """Say which row is highest and which is lowest, with intervals; hidden rows are ignored."""
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
    """Say which rows have no estimate and why; empty when all have one."""
    absent = [row for row in rows if is_hidden(row)]
    parts = []
    whys = dict.fromkeys((row["status"], why_hidden(row)) for row in absent)
    for status, why in whys:
        group = [row for row in absent if (row["status"], why_hidden(row)) == (status, why)]
        others = {row["label"] for row in rows if row["status"] != status}
        named = order(
            [{"name": _named(row, names if row["label"] in others else ["label"])} for row in group], "name"
        )
        who = (
            ", ".join(named)
            if len(named) <= most
            else f"{', '.join(named[:most])} and {len(named) - most} more"
        )
        parts.append(f"{why}: {who}")
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
