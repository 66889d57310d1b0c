"""A small made-up table: what is hidden in it, and what an attacker could conclude. For the page about the audit.

Nobody gave these answers. The small numbers follow the limits in the settings, so that there is something to hide;
what is published, and what follows from it, is worked out by the code that decides about a country.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit import decide
from disrupting_harm.protection.audit.attacker import Attacker
from disrupting_harm.protection.audit.counted import ALL, NOTHING
from disrupting_harm.protection.audit.counts import AuditError, Counts
from disrupting_harm.protection.audit.protect import Secrets, protect
from disrupting_harm.protection.audit.ranges import NEARLY, Ranges
from disrupting_harm.protection.audit.relations import matrix
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN, Statements, between, joined

TOTAL, TOWN, VILLAGE, NO_AREA = AREAS = range(4)
_NAMES = {TOTAL: ALL, TOWN: "town", VILLAGE: "village", NO_AREA: ""}
BASE, YES, NO = range(3)
"""Of each area: the children asked, and those who do and do not use the internet every day."""

ASKED, TOWN_ASKED, TOWN_YES = 1000, 598, 408
"""Such that, with the limits in config/config.yaml, the attack leaves what tables of whole children leave."""

LARGEST = 100
"""Of the numbers that follow the limits."""

EVERY_DAY, HOURS = "every_day", "hours"
"""A share, and a mean that all areas show: from its bases an attacker knows how many children live in each."""

Interval = tuple[int, int]


@dataclass(frozen=True)
class Line:
    """One area with its true numbers, and what is published: FINE, COARSE or HIDDEN.

    share, base: as they are printed, if they are; area_grade: how finely it is known from another table how many
    children live there (`area_base`). alone: whether the share could be shown if it were the only one.
    """

    area: int
    asked: int
    counted: int
    grade: int
    share: float
    base: int
    area_grade: int
    area_base: int
    alone: bool


@dataclass(frozen=True)
class Secret:
    """A count that may not be narrowed, and which values an attacker could not exclude, depending on the other numbers.

    exact: if all that may be shown alone were published exactly; fine: if it were rounded finely; published: as it is.
    """

    area: int
    part: int
    truth: int
    exact: Interval
    fine: Interval
    published: Interval


@dataclass(frozen=True)
class Example:
    """The table, and its secrets. need: by how much the values that a secret could have need to differ."""

    lines: list[Line]
    secrets: list[Secret]
    need: int

    def secret(self, area: int, part: int) -> Secret | None:
        """One of the secrets, if it is one."""
        return next((one for one in self.secrets if (one.area, one.part) == (area, part)), None)

    def is_open(self, interval: Interval) -> bool:
        """Whether a secret with these possible values is open."""
        return interval[1] - interval[0] >= self.need


def example(rules: Suppression) -> Example | None:
    """The made-up table with these limits; None if they are such that it cannot be protected."""
    counts = _made_up(rules)
    rows = judged(counts, rules)
    hidden = secrets(rows, rules)
    alone = decide.is_shown_alone(rows, hidden)
    grades, published = decide.grades_at_first(rows, alone, rules), decide.of_estimates(rows, counts, rules)
    try:
        final, _ = protect(counts, published, hidden, grades, decide.costs(rows, ()))
    except AuditError:
        return None
    scenes = (
        _exactly(counts, rows[alone]),
        published.made_by(np.where(alone, FINE, HIDDEN)),
        published.made_by(final),
    )
    intervals = zip(*(possible(counts, scene, hidden.targets) for scene in scenes), strict=True)
    revealed = [
        Secret(index // 3, index % 3, int(counts.values[index]), *three)
        for index, three in zip(hidden.targets.tolist(), intervals, strict=True)
    ]
    return Example([line(rows, final, alone, area, rules) for area in AREAS], revealed, rules.min_count)


def _count_index(area: int, part: int) -> int:
    """Place of a count."""
    return 3 * area + part


def _made_up(rules: Suppression) -> Counts:
    """The counts of the table: a few children without an area, and few of the village who are counted."""
    without, few = (
        int(np.clip(number, 1, LARGEST)) for number in (rules.min_count - 2, rules.min_count_subgroup - 4)
    )
    parts = np.array([[TOWN_ASKED, TOWN_YES], [ASKED - TOWN_ASKED - without, few], [without, 1]])
    both = np.vstack([parts.sum(axis=0), parts])
    values = np.column_stack([both, both[:, BASE] - both[:, YES]]).ravel()
    sums = [
        [(_count_index(TOTAL, part), -1), *((_count_index(area, part), 1) for area in AREAS[1:])]
        for part in range(3)
    ]
    answers = [
        [(_count_index(area, BASE), -1), (_count_index(area, YES), 1), (_count_index(area, NO), 1)]
        for area in AREAS
    ]
    one, size = np.ones(len(values)), len(values)
    known = np.array([_count_index(TOTAL, BASE)])
    return Counts(
        values, values * 1.0, matrix([*sums, *answers], size), matrix([], size), one, one.copy(), known
    )


def judged(counts: Counts, rules: Suppression) -> pd.DataFrame:
    """The estimates of the table as `decide.judged` has those of a country."""
    return pd.DataFrame([record(counts, name, area, rules) for name in (EVERY_DAY, HOURS) for area in AREAS])


def record(counts: Counts, indicator: str, area: int, rules: Suppression) -> dict[str, Any]:
    """One estimate."""
    is_share, by = indicator == EVERY_DAY, ALL if area == TOTAL else "area"
    base, yes, no = (_count_index(area, part) for part in (BASE, YES, NO))
    row = {
        "indicator": indicator,
        "by": by,
        "level": _NAMES[area],
        "measure": "proportion" if is_share else "mean",
        "n": counts.values[base],
        "n_yes": counts.values[yes],
        "n_no": counts.values[no],
        "n_unanswered": 0,
        "status": "ok",
        "rule": by,
        "rest": area == NO_AREA,
        "size": counts.values[base],
        "place_base": base,
        "place_counted": yes if is_share else NOTHING,
        "place_yes": yes,
        "place_no": no,
        "place_unanswered": NOTHING,
        "whole_n": counts.values[_count_index(TOTAL, BASE)],
        "whole_yes": counts.values[_count_index(TOTAL, YES)],
        "whole_no": counts.values[_count_index(TOTAL, NO)],
    }
    return {**row, "status": "suppressed" if row["rest"] else suppression.status(row, rules)}


def secrets(rows: pd.DataFrame, rules: Suppression) -> Secrets:
    """The counts that may not be narrowed, as `decide.secrets` finds them for a country."""
    targets = decide.secret_places(rows, rules)
    return Secrets(targets, np.full(len(targets), float(rules.min_count)), targets // 3)


def _exactly(counts: Counts, rows: pd.DataFrame) -> Statements:
    """What estimates would say if their counts were published exactly."""
    places = np.unique(rows[["place_base", "place_counted"]].to_numpy())
    places = places[places != NOTHING]
    values, number = counts.values[places].astype(float), np.arange(len(places))
    nothing = between(len(counts.values), [places[:0]], values[:0], values[:0], number[:0], number[:0])
    return joined(
        [nothing, between(len(counts.values), [places], values, values, number, np.full(len(places), FINE))]
    )


def possible(counts: Counts, statements: Statements, targets: np.ndarray) -> list[Interval]:
    """The lowest and the highest whole number that each target could be."""
    far = np.full(len(targets), float(counts.values.max() + 1))
    ranges = Ranges(Attacker(counts, statements), counts.values, targets, far)
    for target in targets.tolist():
        ranges.is_open(target)
    low, high = np.ceil(ranges.low[targets] - NEARLY), np.floor(ranges.high[targets] + NEARLY)
    return list(zip(low.astype(int).tolist(), high.astype(int).tolist(), strict=True))


def line(rows: pd.DataFrame, final: np.ndarray, alone: np.ndarray, area: int, rules: Suppression) -> Line:
    """What the page says of one area."""
    row_number, other = area, len(AREAS) + area
    row, grade, area_grade = rows.iloc[row_number], int(final[row_number]), int(final[other])
    step = rounding.share_step(rules, grade == COARSE)
    base, area_base = (int(rounding.base(row["n"], rules, one == COARSE)) for one in (grade, area_grade))
    share = float(rounding.to_multiple(row["n_yes"] / row["n"], step))
    return Line(
        area,
        int(row["n"]),
        int(row["n_yes"]),
        grade,
        share,
        base,
        area_grade,
        area_base,
        bool(alone[row_number]),
    )
