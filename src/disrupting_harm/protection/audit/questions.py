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


class _PublishedCount(NamedTuple):
    """That a count, or what is left of another count without it (`of`), lies between two numbers."""

    count: int
    of: int
    low: float
    high: float
    few: bool = False


def _published_counts(table: Table, remarks: pd.DataFrame, rules: Suppression) -> Iterator[_PublishedCount]:
    """What the remarks on a country say about counts of one of its tables. few: it is said to be fewer than k."""
    counted = remarks[(remarks["table"] == table.name) & remarks["check"].isin(PARTS)]
    for row in counted.to_dict("records"):
        asked, count = (table.question(row["variable"], part) for part in (ASKED, row["check"]))
        if NOTHING in (asked, count):
            continue
        published = statement(row, rules)
        if bounds := published.bounds_of_base(rules):
            yield _PublishedCount(asked, NOTHING, *bounds)
        if published.kind in ("count", "few") and (bounds := published.bounds(rules)):
            yield _PublishedCount(count, NOTHING, *bounds, published.kind == "few")
        elif published.kind == "nearly all":
            yield _PublishedCount(count, asked, 0, rules.min_count - 1)


def of_questions(table: Table, remarks: pd.DataFrame, estimate: int, rules: Suppression) -> Statements:
    """The published counts of questions as statements, listed under the estimate with this number."""
    published = list(dict.fromkeys(_published_counts(table, remarks, rules)))
    count, of, low, high = (
        np.array([getattr(one, name) for one in published]) for name in ("count", "of", "low", "high")
    )
    count, of = count.astype(int), of.astype(int)
    same, grades = np.full(len(published), estimate), np.full(len(published), COARSE)
    signs = [np.where(of >= 0, -1.0, 1.0), np.ones(len(published))]
    ends = low.astype(float), high.astype(float)
    return statements.between(len(table.counts.values), [count, of], *ends, same, grades, signs)


def published_as_few(table: Table, remarks: pd.DataFrame, rules: Suppression) -> set[int]:
    """Places of the counts that are said to be fewer than k."""
    return {one.count for one in _published_counts(table, remarks, rules) if one.few}
