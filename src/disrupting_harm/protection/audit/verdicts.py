"""Verdicts on claims about which hidden estimates have a say, and why they give nothing away.

That a claim holds is a statement about the estimates behind it, the hidden ones among them. The proof that a country's
decision is safe is a set of other tables that agree with everything published, among which each secret differs enough.
So a verdict is given only if it is the same for all these tables of all countries, in any combination: it excludes none
of them, and the proof stands as it was. Otherwise the claim is not computable.

To have it hold in any combination, an estimate is taken to lie anywhere between its lowest and highest value, and all
estimates of a claim independently of each other. That is more than can be, never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from disrupting_harm.protection.audit.pools import Between, Member
from disrupting_harm.protection.suppression import Key

ANY_SHARE = Between(0.0, 1.0)
"""Where nothing is known of a share."""


def share(members: Sequence[Member], key: Key) -> Between:
    """A share of a country, or of several pooled with weights of mean 1 in each, over all tables of their proofs."""
    sums = [known for member in members if (known := member.sums(key))]
    if not sums:
        return ANY_SHARE
    counted, base = (
        Between(sum(part.low for part in parts), sum(part.high for part in parts))
        for parts in zip(*sums, strict=True)
    )
    if base.low <= 0:
        return ANY_SHARE
    return Between(max(counted.low, 0) / base.high, min(counted.high / base.low, 1.0))


def ratio(first: Between, second: Between) -> Between:
    """The ratio of two shares."""
    lowest = first.low / second.high if second.high > 0 else 0.0
    return Between(lowest, first.high / second.low if second.low > 0 else float("inf"))


def is_more(one: Between, other: Between) -> bool | None:
    """Whether one number is larger than another: yes, no, or None where both can be.

    >>> is_more(Between(0.3, 0.3), Between(0.0, 0.2)), is_more(Between(0.3, 0.3), Between(0.0, 0.4))
    (True, None)
    """
    if one.low > other.high:
        return True
    return None if one.high > other.low else False


def is_within(number: Between, low: float, high: float) -> bool | None:
    """Whether a number lies from one number to another: yes, no, or None where both can be."""
    if low <= number.low and number.high <= high:
        return True
    return None if number.high >= low and number.low <= high else False


def all_hold(answers: Iterable[bool | None]) -> bool | None:
    """Whether all of several things hold: no as soon as one does not, whatever is open.

    >>> all_hold([True, None]), all_hold([None, False]), all_hold([])
    (None, False, True)
    """
    known = list(answers)
    if False in known:
        return False
    return None if None in known else True
