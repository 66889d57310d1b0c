"""What the table of data quality says about each question: how many were asked, and how many gave no answer.

Read from the table as it is published (`quality.published.statement`), for the decision and for the audit alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.protection.audit import statements
from disrupting_harm.protection.audit.counted import ASKED, NOTHING, UNANSWERED
from disrupting_harm.protection.audit.counts import Table
from disrupting_harm.protection.audit.statements import COARSE, Statements
from disrupting_harm.quality.answering import REASONS
from disrupting_harm.quality.published import statement

PARTS = (UNANSWERED, *REASONS)


class Said(NamedTuple):
    """That a count, or what is left of another count without it (`of`), lies between two numbers."""

    count: int
    of: int
    low: float
    high: float
    few: bool = False


def said(table: Table, remarks: pd.DataFrame, rules: Suppression) -> Iterator[Said]:
    """What the remarks on a country say about counts of one of its tables. few: it is said to be fewer than k."""
    own = remarks[(remarks["table"] == table.name) & remarks["check"].isin(PARTS)]
    for _, row in own.iterrows():
        asked, count = (table.question(row["variable"], part) for part in (ASKED, row["check"]))
        if NOTHING in (asked, count):
            continue
        told = statement(row, rules)
        if bounds := told.bounds_of_base(rules):
            yield Said(asked, NOTHING, *bounds)
        if told.kind in ("count", "few") and (bounds := told.bounds(rules)):
            yield Said(count, NOTHING, *bounds, told.kind == "few")
        elif told.kind == "nearly all":
            yield Said(count, asked, 0, rules.min_count - 1)


def of_questions(table: Table, remarks: pd.DataFrame, estimate: int, rules: Suppression) -> Statements:
    """The same as statements, which the estimate with this number stands for."""
    found = list(dict.fromkeys(said(table, remarks, rules)))
    count, of, low, high = (
        np.array([getattr(one, name) for one in found]) for name in ("count", "of", "low", "high")
    )
    count, of = count.astype(int), of.astype(int)
    same, grades = np.full(len(found), estimate), np.full(len(found), COARSE)
    signs = [np.where(of >= 0, -1.0, 1.0), np.ones(len(found))]
    ends = low.astype(float), high.astype(float)
    return statements.between(len(table.counts.values), [count, of], *ends, same, grades, signs)


def said_to_be_few(table: Table, remarks: pd.DataFrame, rules: Suppression) -> set[int]:
    """Places of the counts that are said to be fewer than k."""
    return {one.count for one in said(table, remarks, rules) if one.few}
