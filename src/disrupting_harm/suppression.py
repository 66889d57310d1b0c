"""What may be shown. Two rules, kept apart: reliability (is the base large enough?) and confidentiality (could anyone
learn something about fewer than k children?).

Every estimate passes `apply` before it is shown or written; afterwards no row carries a number of children.
Source of the thresholds: DHS and MICS practice (25, 50) and config/config.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from disrupting_harm.config.analysis import Suppression
from disrupting_harm.tables import NUMBERS, is_shown

NATIONAL = ("all", "form", "response", "combination")
"""Breakdowns whose levels are about the whole country, not about a part of its children."""

OWN_LEVELS = ("response", "combination")
"""Breakdowns whose levels exclude each other: their shares add up to the whole."""

COUNTS = ["positives", "others", "positives_first", "others_first", "positives_second", "others_second"]


def apply(rows: pd.DataFrame, rules: Suppression, classes: Sequence[Sequence[str]] = ()) -> pd.DataFrame:
    """`rows` of `estimates` with their final status, hidden numbers removed and head counts dropped.

    classes: lists of indicators in `rows` that exclude each other and add up to the whole.
    """
    rows = rows.copy()
    rows["status"] = [status(row, rules) for row in rows.to_dict("records")]
    hide_complements(rows, classes)
    rows.loc[~is_shown(rows), NUMBERS] = np.nan
    rows.loc[~is_shown(rows), "interval"] = ""
    return rows.drop(columns=[name for name in COUNTS if name in rows])


def groups(row: dict) -> list[tuple[float, float, float]]:
    """(counted, not counted, base) of each group behind an estimate: one, or both groups of a contrast.

    A contrast gives one group's share away to whoever knows the other's, so each group is judged on its own.
    """
    if pd.notna(row.get("positives_second")):
        pairs = [(row[f"positives_{name}"], row[f"others_{name}"]) for name in ("first", "second")]
        return [(counted, others, counted + others) for counted, others in pairs]
    return [(row["positives"], row["others"], row["n"])]


def status(row: dict, rules: Suppression) -> str:
    """shown, low_n, suppressed, not_asked or not_estimable for one row before suppression."""
    if row["status"] == "not_asked":
        return "not_asked"
    base = min(size for *_, size in groups(row))
    if (row["status"] != "empty" and reveals(row, rules)) or base < rules.not_shown_below:
        return "suppressed"
    if row["status"] != "ok":
        return "not_estimable"
    return "low_n" if base < rules.bracket_below else "shown"


def reveals(row: dict, rules: Suppression) -> bool:
    """Whether a share would let someone learn about fewer than k children, or about each one of a small base.

    Means are of scales and counts; they are held by the size of their base alone.
    """
    if row["measure"] == "mean":
        return False
    k = rules.k if row["by"] in NATIONAL else rules.k_sub
    return any(
        0 < counted < k
        or 0 < others < k
        or (min(counted, others) == 0 and size < rules.group_disclosure_base)
        for counted, others, size in groups(row)
    )


def hide_complements(rows: pd.DataFrame, classes: Sequence[Sequence[str]]) -> None:
    """Hide one more cell wherever a single hidden one could be computed from the others and their total (in place).

    Within a breakdown the levels make up the total; among exclusive classes (and answers) the classes do. The cell with
    the smallest base (or share) goes, as it is the least informative. Hiding in one direction can leave a single
    cell in the other, so this goes on until nothing changes.
    """
    before = -1
    while (now := int((rows["status"] == "suppressed").sum())) != before:
        before = now
        for (_, by), part in rows.groupby(["indicator", "by"], sort=False):
            if by in OWN_LEVELS:
                hide_second(rows, part, "estimate")
            elif by not in ("all", "form"):
                hide_second(rows, part, "n")
        for members in classes:
            for _, part in rows[rows["indicator"].isin(members)].groupby(["by", "level"], sort=False):
                hide_second(rows, part, "estimate")


def hide_second(rows: pd.DataFrame, part: pd.DataFrame, smallest: str) -> None:
    """If just one row of `part` is suppressed, suppress the shown one with the smallest number too (in place)."""
    now = rows.loc[part.index, "status"]
    candidates = part.loc[now.isin(["shown", "low_n"])]
    if (now == "suppressed").sum() == 1 and not candidates.empty:
        rows.loc[candidates[smallest].idxmin(), "status"] = "suppressed"
