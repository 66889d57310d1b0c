"""The page of the suppression audit: an example that explains it, what is hidden, and what the attack has found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.protection.audit.example import (
    BASE,
    NO_AREA,
    TOTAL,
    TOWN,
    VILLAGE,
    YES,
    Example,
    Interval,
    Line,
    Secret,
    example,
)
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN
from disrupting_harm.publishing.pages import PageContext, render_body
from disrupting_harm.publishing.site.quality import compared
from disrupting_harm.publishing.site.templates import template

PAGE = "suppression_audit.html"
_TABLE = "suppression_audit.csv"
TITLE = "Can a hidden number be worked out?"
SUBTITLE = (
    "What is hidden and why, explained on a made-up table; and the result of an attack on everything shown"
)

MINUS, EQUALS = "\u00a0−\u00a0", "\u00a0=\u00a0"
_AREA = {TOTAL: "All children", TOWN: "Town", VILLAGE: "Village", NO_AREA: "No area noted"}


def tables(results: Path, countries: list[str]) -> dict[str, pd.DataFrame]:
    """The audits that a run has left in `results`, by country: one row each, numbers between country and data."""
    files = {iso3: results / iso3 / _TABLE for iso3 in countries}
    return {iso3: pd.read_csv(file, keep_default_na=False) for iso3, file in files.items() if file.is_file()}


def write_page(
    project: Project, audits: Mapping[str, pd.DataFrame], page: Path, commit: str = "not known"
) -> None:
    """Write the page. `audits`: the table of each country, by ISO code, in the order of the page."""
    shown = compared(project, audits)
    synthetic = all(project.countries[iso3].data == "synthetic" for iso3 in shown)
    rules = project.analysis.suppression
    body = template("suppression.html.j2").render(
        rows=[
            {"name": project.countries[iso3].name, "cells": audits[iso3].iloc[0, 1:-1].tolist()}
            for iso3 in shown
        ],
        left_out=[project.countries[iso3].name for iso3 in audits if iso3 not in shown],
        rules=rules,
        example=explained(rules),
    )
    foot = {
        "Commit": commit,
        "Countries": ", ".join(shown),
        "Tables": f"{_TABLE} in the folder of each country",
    }
    data = "synthetic" if synthetic else "delivered"
    render_body(body, page, PageContext(TITLE, SUBTITLE, data=data, depth=0, foot=foot, wide=True))


# --- the example in words


def explained(rules: Suppression) -> dict[str, Any] | None:
    """The made-up table in words: its rows, the steps that lead from one to the next, and what could be concluded.

    None where the limits are such that no small table can be protected.
    """
    made = example(rules)
    if made is None:
        return None
    hidden = [made.secret(VILLAGE, YES), made.secret(NO_AREA, BASE)]
    return {
        "asked": f"{made.lines[TOTAL].asked:,}",
        "rows": [
            {
                "area": _AREA[line.area],
                "truth": f"{line.counted:,} of {line.asked:,}",
                "published": published(line, rules),
                "why": why(line, made, rules),
            }
            for line in made.lines
        ],
        "steps": list(steps(made, rules)),
        "concluded": [concluded(one, made) for one in hidden if one],
        "possible": made.need + 1,
    }


def published(line: Line, rules: Suppression) -> str:
    """What anybody can read about an area."""
    if line.area == NO_AREA:
        return "no row"
    if line.grade != HIDDEN:
        return f"{percent(line.share, _rounding_of(line.grade, rules))} of {line.base:,}"
    if line.area_grade != HIDDEN:
        return f"not shown (asked, from another table: {line.area_base:,})"
    return "not shown"


def why(line: Line, made: Example, rules: Suppression) -> str:
    """Why no more than that is published."""
    if line.area == NO_AREA:
        return "Part of the total, but of no area."
    if line.grade == HIDDEN:
        return _because_hidden(line, rules)
    words = f"Rounded to {in_words(_rounding_of(line.grade, rules))}"
    if line.grade == FINE:
        return f"{words}."
    small = 0 < made.lines[NO_AREA].asked < rules.small_level
    reason = (
        f": fewer than {rules.small_level} have no area" if small else ": otherwise too much would follow"
    )
    return f"{words}{reason}."


def _because_hidden(line: Line, rules: Suppression) -> str:
    """Why a share is hidden."""
    least = rules.min_count if line.area == TOTAL else rules.min_count_subgroup
    if line.alone:
        return "Something hidden would follow from it, even if it were coarsely rounded."
    if line.asked < rules.not_shown_below:
        return f"Fewer than {rules.not_shown_below} were asked."
    if line.counted < least:
        return f"Fewer than {least} use it every day."
    if line.asked - line.counted < least:
        return f"Fewer than {least} do not use it every day."
    return "It would reveal something about too few children."


def steps(made: Example, rules: Suppression) -> Iterator[tuple[str, str]]:
    """The example step by step, each with its name; none where the limits make another example of it."""
    total, town, village, rest = made.lines
    few, lone = made.secret(VILLAGE, YES), made.secret(NO_AREA, BASE)
    if few and lone and total.alone and town.alone and village.area_grade != HIDDEN:
        yield "Small numbers are hidden.", _of_limits(village, rules)
        yield "They could be worked out.", _of_subtraction(total, town, village, rest, few)
        yield "Rounding leaves them open.", _of_rounding(made, few, rules)
        yield "Some are in the total, and in no area.", _of_those_without(rest, lone)


def _of_limits(village: Line, rules: Suppression) -> str:
    """Why a small number is hidden."""
    return (
        f"In the village the number is {village.counted}, which is less than {rules.min_count_subgroup}, the limit "
        f"below the national level (for a whole country: {rules.min_count}). So the share is not shown. Another "
        "table, about another question, shows how many were asked there."
    )


def _of_subtraction(total: Line, town: Line, village: Line, rest: Line, few: Secret) -> str:
    """What would follow from exact numbers."""
    left = total.counted - town.counted
    return (
        f"If all other numbers were exact, {total.counted:,}{MINUS}{town.counted:,}{EQUALS}{left:,} would be left for "
        f"the village and for children without an area, of whom there would be {total.asked:,}{MINUS}{town.asked:,}"
        f"{MINUS}{village.asked:,}{EQUALS}{rest.asked:,}. So the number in the village would be {between(few.exact)}."
    )


def _of_rounding(made: Example, few: Secret, rules: Suppression) -> str:
    """What rounding does to the number that is hidden."""
    total, town, village, _ = made.lines
    enough = made.is_open(few.fine)
    words = (
        f"If all were rounded to {in_words(rules.rounding)}, it would be {between(few.fine)}. That is "
        f"{'enough' if enough else 'too narrow'}, as at least {made.need + 1} whole numbers must be possible. "
    )
    if not enough and town.grade == village.area_grade == COARSE:
        stays = "; the total stays as it is" if total.grade == FINE else ""
        words += f"So the areas are rounded to {in_words(rules.coarse_rounding)}{stays}. "
    elif not enough:
        words += "So less is published. "
    low, high = few.published
    return (
        f"{words}From what is published, the attack cannot exclude any whole number from {low:,} to {high:,}."
    )


def _of_those_without(rest: Line, lone: Secret) -> str:
    """What is known of those in no level of a breakdown."""
    return (
        f"No table has a row for the children without an area, {rest.asked:,} here. But they are what the areas leave "
        f"of the total: {between(lone.exact)} from exact numbers, {between(lone.fine)} from finely rounded ones, "
        f"{between(lone.published)} from what is published. So they are protected like an area of their own."
    )


def concluded(secret: Secret, made: Example) -> dict[str, str]:
    """Which numbers a secret could be, in words."""
    names = {(VILLAGE, YES): "Village, every day", (NO_AREA, BASE): "No area noted, children"}
    intervals = {name: getattr(secret, name) for name in ("exact", "fine", "published")}
    return {"name": names[secret.area, secret.part], "truth": f"{secret.truth:,}"} | {
        name: f"{between(interval)}: {'open' if made.is_open(interval) else 'too narrow'}"
        for name, interval in intervals.items()
    }


def between(interval: Interval) -> str:
    """An interval of whole numbers in words."""
    low, high = interval
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _rounding_of(grade: int, rules: Suppression) -> Rounding:
    """How numbers are rounded that are published so finely."""
    return rules.coarse_rounding if grade == COARSE else rules.rounding


def in_words(rounding: Rounding) -> str:
    """What shares and numbers of children are rounded to multiples of."""
    return f"{rounding.points:g} percentage point{'s' * (rounding.points > 1)} and {rounding.base} children"


def percent(share: float, rounding: Rounding) -> str:
    """A share with the decimals of its rounding."""
    decimals = max(0, math.ceil(-math.log10(rounding.points) - 1e-9))
    return f"{share * 100:.{decimals}f}%"
