"""Sentences made from estimates: every number comes from the table, and of hidden rows only their count is said."""

from __future__ import annotations

import pandas as pd

from disrupting_harm.answers.indicators import NOT_USABLE, WITHOUT_DATA
from disrupting_harm.config.entries.registry import PublishedRatio
from disrupting_harm.estimation.number_format import Unit, number
from disrupting_harm.estimation.tidy_table import Row, is_plain_contrast, is_shown, may_be_read
from disrupting_harm.presentation.figures.style import HIDDEN_STATUS

UNITS: dict[str, Unit] = {
    "proportion": "percent",
    "mean": "mean",
    "risk_ratio": "ratio",
    "count": "count",
    "reliability": "mean",
    "risk_difference": "points",
    "mean_difference": "mean",
}
"""How the estimates of a measure are written."""

MOST_NAMED = 3

ENDINGS = {
    "suppressed": ("is not shown", "are not shown"),
    "not_asked": ("was not asked", "were not asked"),
    "not_delivered": ("is not in the delivered file", "are not in the delivered file"),
    "not_usable": ("is not usable", "are not usable"),
    "not_estimable": ("cannot be estimated", "cannot be estimated"),
}
"""What is said about one estimate that is not there, and about several."""

ABSENT_IN = {
    "not_asked": "Not asked in",
    "not_delivered": "Not in the delivered file of",
    "not_usable": "Not usable in",
}
"""How a sentence about countries without these answers begins."""

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _in_words(count: int) -> str:
    return _SMALL[count] if count < len(_SMALL) else f"{count:,}"


def _lower(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"


def _listed(names: list[str]) -> str:
    """A list in a sentence: "sex, age group and area"."""
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last


def unit(measure: str) -> Unit:
    """How estimates of this measure are written."""
    return UNITS[measure]


def alone(row: Row) -> str:
    """An estimate without its interval, with the decimals that it is rounded to: 17.0%."""
    return number(row["estimate"], unit(row["measure"]), step=row["rounded_to"])


def value(row: Row) -> str:
    """An estimate with its interval in words: 17.0% (95% interval 15.1 to 19.0)."""
    return alone(row) + in_brackets(row)


def in_brackets(row: Row) -> str:
    """The interval of an estimate, and that its base is small: what follows the estimate in a sentence."""
    text = ""
    if pd.notna(row["ci_low"]):
        kind, step = unit(row["measure"]), row["rounded_to"]
        low, high = (number(row[end], kind, sign=False, step=step) for end in ("ci_low", "ci_high"))
        text = f" ({row['confidence_level'] * 100:g}% interval {low} to {high})"
    return text + (" on a small base" if row["status"] == "low_n" else "")


def base(row: Row, people: str) -> str:
    """Whom a share is of: "of 1,014 internet-using children aged 12-17"."""
    return f"of {row['n']:,.0f} {people}"


def one(row: Row, people: str) -> str:
    """Sentence about one estimate."""
    if not may_be_read(row["status"]):
        return f"{row['indicator_label']}: {hidden_row(row)}."
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
    top, bottom = (shown.iloc[index] for index in (shown["estimate"].argmax(), shown["estimate"].argmin()))
    if len(shown) == 1:
        return f"{top[label]} {value(top)}"
    if top["estimate"] == bottom["estimate"]:
        return f"all {alone(top)}"
    return f"highest {top[label]}, {value(top)}; lowest {bottom[label]}, {value(bottom)}"


CONTRAST_NAMES = {"risk_ratio": "Risk ratio", "mean_difference": "Difference of means"}
"""Contrasts that are told and drawn, and their names."""

MEANT_BY = {"risk_difference": "minus", "risk_ratio": "divided by", "mean_difference": "minus"}
"""What is done with the estimates of the two groups of a contrast."""


def compared(row: Row) -> str:
    """The two groups of a contrast in the middle of a sentence: "boys against girls"."""
    return f"{_lower(row['first_label'])} against {row['second_label']}"


def operation(row: Row) -> str:
    """What the estimate of a contrast is: "Boys minus girls"; empty for another estimate."""
    return f"{row['first_label']} {MEANT_BY[row['measure']]} {row['second_label']}" if row["first"] else ""


def direction(rows: pd.DataFrame) -> str:
    """A sentence about what is subtracted from what, and divided by what, in contrasts of the same two groups."""
    first, second = rows.iloc[0][["first_label", "second_label"]]
    minus, divided_by = (MEANT_BY[measure] for measure in ("risk_difference", "risk_ratio"))
    text = f"Differences are {_lower(first)} {minus} {second}"
    if (rows["measure"] == "risk_ratio").any():
        text += f"; ratios are the first group {divided_by} the second"
    return f"{text}."


def drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """Those of the rows of contrasts that are told and drawn: risk ratios, and differences of means."""
    return rows[rows["measure"].isin(list(CONTRAST_NAMES))]


def contrast(rows: pd.DataFrame) -> str:
    """One sentence for each risk ratio, or difference of means, over all respondents; then the direction.

    The first ratio says which groups are compared.
    """
    parts: list[str] = []
    groups = ""
    for _, row in drawn(rows[is_plain_contrast(rows)]).iterrows():
        if not may_be_read(row["status"]):
            parts.append(f"{row['indicator_label']}: {hidden_row(row)}.")
        elif row["measure"] == "risk_ratio":
            times = f"{alone(row)} times as frequent{in_brackets(row)}"
            parts.append(f"{row['indicator_label']}: {times}{'' if groups else f', {compared(row)}'}.")
            groups = compared(row)
        else:
            parts.append(f"{row['indicator_label']}: a difference of {value(row)}.")
    return " ".join([*parts, direction(rows)])


def adjusted(rows: pd.DataFrame) -> str:
    """One sentence for each indicator: its ratio or difference as it is, and adjusted; then the direction."""
    parts = []
    for name, part in drawn(rows).groupby("indicator_label", sort=False):
        shown = part[is_shown(part)]
        named = [f"{'adjusted ' if row['adjusted_for'] else ''}{value(row)}" for _, row in shown.iterrows()]
        what = _lower(CONTRAST_NAMES[part["measure"].iloc[0]])
        parts.append(
            f"{name}: {what} {', '.join(named)}." if named else f"{name}: {hidden_row(part.iloc[0])}."
        )
    return " ".join([*parts, direction(rows)])


def published_ratio(ratio: PublishedRatio) -> str:
    """A ratio that others have published: "2 to 4 times in thirteen countries (policy brief)"."""
    times = f"{ratio.low:g}" if ratio.low == ratio.high else f"{ratio.low:g} to {ratio.high:g}"
    return f"{times} times in {ratio.of} ({ratio.published_in})"


def breakdown(rows: pd.DataFrame) -> str:
    """One sentence for each breakdown: its levels in order, or the ends when there are many; then what is not shown."""
    parts = []
    for title, part in rows[is_shown(rows)].groupby("by_label", sort=False):
        named = [f"{alone(row)} ({row['level_label']})" for _, row in part.iterrows()]
        text = ", ".join(named) if len(named) <= MOST_NAMED + 1 else extremes(part, "level_label")
        parts.append(f"By {_lower(str(title))}: {text}.")
    titles = [_lower(title) for title in dict.fromkeys(rows.loc[~is_shown(rows), "by_label"])]
    return (" ".join(parts) + hidden_count(rows, f", by {_listed(titles)},")).strip()


def differences(rows: pd.DataFrame) -> str:
    """Where levels of a breakdown differ most: the indicator with the widest gap between two shown levels.

    Says whether the two intervals overlap, where both have one, which is a reading aid and no test.
    """
    parts = []
    for title, part in rows[is_shown(rows)].groupby("by_label", sort=False):
        ends = {
            name: (levels.iloc[levels["estimate"].argmin()], levels.iloc[levels["estimate"].argmax()])
            for name, levels in part.groupby("indicator", sort=False)
            if len(levels) > 1
        }
        if not ends:
            continue
        gaps = {name: round(high["estimate"] - low["estimate"], 9) for name, (low, high) in ends.items()}
        if not max(gaps.values()):
            parts.append(f"{title}: no difference between the levels that are shown.")
            continue
        low, high = ends[max(gaps, key=gaps.__getitem__)]
        parts.append(
            f"{title}, largest difference: {low['indicator_label']}, "
            f"{alone(low)} ({low['level_label']}) "
            f"to {alone(high)} ({high['level_label']}){overlap(low, high)}."
        )
    return " ".join(parts) or "No two levels can be compared."


def overlap(low: Row, high: Row) -> str:
    """Whether the interval of the lower estimate reaches that of the higher; empty where one has none."""
    if pd.isna(low["ci_high"]) or pd.isna(high["ci_low"]):
        return ""
    return f"; their intervals {'overlap' if low['ci_high'] >= high['ci_low'] else 'do not overlap'}"


def hidden_count(rows: pd.DataFrame, which: str = "") -> str:
    """How many rows are without an estimate, by status, after a space; empty when all have one.

    which: what these estimates are, between the number and the verb, such as ", by sex and area,".
    """
    counts = rows.loc[~is_shown(rows), "status"].value_counts(sort=False)
    if counts.empty:
        return ""
    parts = [f"{_in_words(count)} {ENDINGS[str(status)][count > 1]}" for status, count in counts.items()]
    count, ending = int(counts.iloc[0]), ENDINGS[counts.index[0]][int(counts.iloc[0]) > 1]
    parts[0] = f"{_in_words(count)} estimate{'s' if count > 1 else ''}{which} {ending}"
    return f" {parts[0][:1].upper()}{parts[0][1:]}{''.join(f'; {part}' for part in parts[1:])}."


def absent_in(rows: pd.DataFrame, label: str) -> str:
    """Which countries have no answers, by status, after a space: " Not asked in Thailand." Many are only counted."""
    parts = []
    for status, part in rows.groupby("status", sort=False):
        names = list(dict.fromkeys(part[label]))
        countries = _listed(names) if len(names) <= MOST_NAMED else f"{_in_words(len(names))} countries"
        parts.append(f" {ABSENT_IN[str(status)]} {countries}.")
    return "".join(parts)


def hidden(status: str, reason: str = "") -> str:
    """What is shown instead of an estimate; for a hidden one, no reason is given. `reason`: why it is not usable."""
    words = {**HIDDEN_STATUS, **WITHOUT_DATA}[status]
    return f"{words}: {reason}" if status == NOT_USABLE and reason else words


def hidden_row(row: Row) -> str:
    """What is shown instead of the estimate of a row, with the reason where the row has one."""
    return hidden(row["status"], row.get("reason", ""))
