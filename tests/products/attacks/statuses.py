"""Attacks on what is said without a number: statuses, and the numbers of the audit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .cells import ALL, ITEMS, Claim, Count, cell
from .knowledge import Knowledge
from .release import Bounds, Release


def empty_bases(release: Release) -> Iterator[Count]:
    """ "Cannot be estimated" says that a base is empty; "not shown" does not."""
    rows = release.rows[
        (release.rows["status"] == "not_estimable") & (release.rows["measure"] == "proportion")
    ]
    for indicator, by, level in rows[["indicator", "by", "level"]].itertuples(index=False, name=None):
        yield Count(*cell(indicator, by, level), "base")


def from_empty_bases(known: Knowledge) -> list[Claim]:
    """What follows from empty bases."""
    for count in empty_bases(known.release):
        known.know(count, Bounds(0, 0), Bounds(0, 0))
    return known.spread().claims()


def from_audit(known: Knowledge) -> Iterator[Claim]:
    """Where the audit says that nothing was hidden for others, everything hidden is about few, or nobody of a few."""
    release, audit = known.release, known.release.audit
    if audit.empty or int(audit["hidden_for_others"].iloc[0]):
        return
    hidden = release.rows[
        (release.rows["status"] == "suppressed") & (release.rows["measure"] == "proportion")
    ]
    for indicator, by, level in hidden[["indicator", "by", "level"]].itertuples(index=False, name=None):
        yield from few(known, Count(*cell(indicator, by, level), "base"), by)


def few(known: Knowledge, base: Count, by: str) -> Iterator[Claim]:
    """One of the two counts is few, if the base is not; the other one being larger, it is known which."""
    rules = known.release.rules
    if base not in known.places or known.n[0, known.places[base]] < rules.not_shown_below:
        return
    least = rules.min_count if by in (ALL, *ITEMS) else rules.min_count_subgroup
    large = known.n[0, known.places[base]] >= rules.all_or_none_base
    for one, other in (("yes", "no"), ("no", "yes")):
        bounds, others = (known.n[:, known.places[base._replace(part=part)]] for part in (one, other))
        if others[0] >= least:
            yield Claim(base._replace(part=one), max(bounds[0], float(large)), min(bounds[1], least - 1.0))


def hidden_for_others(release: Release) -> float:
    """The share of hidden estimates that are hidden for others: how unsure the reason of one is."""
    row = release.audit.iloc[0]
    hidden = row["hidden_alone"] + row["hidden_for_others"]
    return float(row["hidden_for_others"] / hidden) if hidden else np.nan
