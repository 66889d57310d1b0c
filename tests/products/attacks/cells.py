"""Names of counts: what is counted (a quantity), of whom (a domain), and which part of it."""

from __future__ import annotations

from typing import NamedTuple

ALL = "all"
ITEMS = ("form", "response", "combination")
"""Breakdowns that are levels of an indicator, not of children."""


class Quantity(NamedTuple):
    """An indicator; a form, answer or combination of it (`item`); or who is asked (`EVERYONE`, `AMONG`, `QUESTION`)."""

    indicator: str
    item: str = ""


class Domain(NamedTuple):
    """A level of a breakdown; `level` is empty for those in none of its levels."""

    by: str
    level: str


class Count(NamedTuple):
    """A number of children (instances, caregivers). part: base, yes, no, or unanswered."""

    quantity: Quantity
    domain: Domain
    part: str


NATIONAL = Domain(ALL, ALL)
EVERYONE, AMONG, QUESTION = "(everyone)", "(among)", "(question)"


def cell(indicator: str, by: str, level: str) -> tuple[Quantity, Domain]:
    """Quantity and domain of a row of a published table."""
    if by in ITEMS:
        return Quantity(indicator, level), NATIONAL
    return Quantity(indicator), Domain(by, level)


class Claim(NamedTuple):
    """An attacker's claim: the count is a whole number from low to high."""

    count: Count
    low: float
    high: float
