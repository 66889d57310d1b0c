"""Sentences made from estimates: every number comes from the table, and of hidden rows only their count is said."""

from __future__ import annotations

import pandas as pd

from disrupting_harm.estimation.number_format import number
from disrupting_harm.estimation.tidy_table import is_shown

UNITS = {
    "proportion": "percent",
    "mean": "mean",
    "risk_ratio": "ratio",
    "count": "count",
    "reliability": "mean",
    "risk_difference": "points",
}
"""How the estimates of a measure are written."""

MOST_NAMED = 3


def unit(measure: str) -> str:
    """How estimates of this measure are written."""
    return UNITS[measure]


def alone(row: pd.Series) -> str:
    """An estimate without its interval, with the decimals that it is rounded to: 17.0%."""
    return number(row["estimate"], unit(row["measure"]), step=row["rounded_to"])


def value(row: pd.Series) -> str:
    """An estimate with its interval in words: 17.0% (95% interval 15.1 to 19.0)."""
    return alone(row) + in_brackets(row)


def in_brackets(row: pd.Series) -> str:
    """The interval of an estimate, and that its base is small: what follows the estimate in a sentence."""
    text = ""
    if pd.notna(row["ci_low"]):
        kind, step = unit(row["measure"]), row["rounded_to"]
        low, high = (number(row[end], kind, sign=False, step=step) for end in ("ci_low", "ci_high"))
        text = f" ({row['confidence_level'] * 100:g}% interval {low} to {high})"
    return text + (" on a small base" if row["status"] == "low_n" else "")


def base(row: pd.Series, people: str) -> str:
    """Whom a share is of: "of 1,014 internet-using children aged 12-17"."""
    return f"of {row['n']:,.0f} {people}"


def one(row: pd.Series, people: str) -> str:
    """Sentence about one estimate."""
    if not is_shown(row.to_frame().T).iloc[0]:
        return f"{row['indicator_label']}: {hidden(row['status'])}."
    joint = "among" if row["measure"] != "proportion" else ""
    among = f"{joint} {row['n']:,.0f} {people}" if joint else base(row, people)
    return f"{row['indicator_label']}: {value(row)} {among}."


def ranking(rows: pd.DataFrame, label: str) -> str:
    """Sentence about the largest and the smallest of several estimates."""
    shown = rows[is_shown(rows)].sort_values("estimate", ascending=False, kind="stable")
    if shown.empty:
        return "None of these can be shown."
    named = [f"{row[label]} {alone(row)}" for _, row in shown.iterrows()]
    if len(named) <= MOST_NAMED + 1:
        text = "; ".join(named)
    else:
        text = "; ".join(named[:MOST_NAMED]) + f"; least: {named[-1]}"
    return f"{text[:1].upper()}{text[1:]}." + hidden_count(rows)


def extremes(rows: pd.DataFrame, label: str) -> str:
    """The highest and the lowest of several estimates, without a full stop."""
    shown = rows[is_shown(rows)]
    if shown.empty:
        return "none can be shown"
    top, bottom = shown.loc[shown["estimate"].idxmax()], shown.loc[shown["estimate"].idxmin()]
    if len(shown) == 1:
        return f"{top[label]} {value(top)}"
    if top["estimate"] == bottom["estimate"]:
        return f"all {alone(top)}"
    return f"highest {top[label]}, {value(top)}; lowest {bottom[label]}, {value(bottom)}"


def contrast(rows: pd.DataFrame, against: str) -> str:
    """One sentence for each risk ratio over all respondents: how many times as frequent."""
    told = []
    for _, row in rows[(rows["measure"] == "risk_ratio") & ~rows["level"].str.contains(", ")].iterrows():
        if is_shown(row.to_frame().T).iloc[0]:
            told.append(
                f"{row['indicator_label']}: {alone(row)} times as frequent{in_brackets(row)}, {against}."
            )
        else:
            told.append(f"{row['indicator_label']}: {hidden(row['status'])}.")
    return " ".join(told)


def adjusted(ratios: pd.DataFrame) -> str:
    """One sentence for each indicator: its risk ratio as it is, and with other variables held equal."""
    parts = []
    for name, part in ratios.groupby("indicator_label", sort=False):
        shown = part[is_shown(part)]
        named = [
            f"{'adjusted ' if 'adjusted' in row['level'] else ''}{value(row)}" for _, row in shown.iterrows()
        ]
        parts.append(
            f"{name}: risk ratio {', '.join(named)}."
            if named
            else f"{name}: {hidden(part['status'].iloc[0])}."
        )
    return " ".join(parts)


def breakdown(rows: pd.DataFrame) -> str:
    """One sentence for each breakdown: its levels in order, or the ends when there are many."""
    parts = []
    for title, part in rows.groupby("by_label", sort=False):
        shown = part[is_shown(part)]
        if len(shown) > MOST_NAMED + 1:
            parts.append(f"{title}: {extremes(shown, 'level_label')}.")
            continue
        named = [f"{row['level_label']} {alone(row)}" for _, row in shown.iterrows()]
        parts.append(f"{title}: {', '.join(named) if named else 'not shown'}.")
    return " ".join(parts) + hidden_count(rows)


def differences(rows: pd.DataFrame) -> str:
    """Where levels of a breakdown differ most: the indicator with the widest gap between two shown levels.

    Says whether the two intervals overlap, where both have one, which is a reading aid and no test.
    """
    told = []
    for title, part in rows[is_shown(rows)].groupby("by_label", sort=False):
        ends = {
            name: (each["estimate"].idxmin(), each["estimate"].idxmax())
            for name, each in part.groupby("indicator", sort=False)
            if len(each) > 1
        }
        if not ends:
            continue
        gaps = {
            name: round(part.loc[high, "estimate"] - part.loc[low, "estimate"], 9)
            for name, (low, high) in ends.items()
        }
        if not max(gaps.values()):
            told.append(f"{title}: no difference between the levels that are shown.")
            continue
        low, high = (part.loc[place] for place in ends[max(gaps, key=gaps.__getitem__)])
        told.append(
            f"{title}, largest difference: {low['indicator_label']}, "
            f"{alone(low)} ({low['level_label']}) "
            f"to {alone(high)} ({high['level_label']}){overlap(low, high)}."
        )
    return " ".join(told) or "No two levels can be compared."


def overlap(low: pd.Series, high: pd.Series) -> str:
    """Whether the interval of the lower estimate reaches that of the higher; empty where one has none."""
    if pd.isna(low["ci_high"]) or pd.isna(high["ci_low"]):
        return ""
    return f"; their intervals {'overlap' if low['ci_high'] >= high['ci_low'] else 'do not overlap'}"


def hidden_count(rows: pd.DataFrame) -> str:
    """How many rows are without an estimate, by status; empty when all have one."""
    counts = rows.loc[~is_shown(rows), "status"].value_counts(sort=False)
    reasons = "; ".join(f"{hidden(status)}: {count}" for status, count in counts.items())
    return f" {reasons[:1].upper()}{reasons[1:]}." if reasons else ""


def hidden(status: str) -> str:
    """What is shown instead of an estimate; for a hidden one, no reason is given."""
    return {
        "suppressed": "not shown",
        "not_asked": "not asked in this country",
        "not_estimable": "cannot be estimated",
    }[status]
