"""Attacks on rounding: what tells more of a base or a share than is printed?

Each gives the bounds that it finds, beside those that are printed. What is worked out from printed numbers tells
nothing: so an attacker first works it out again, and goes on only where something else is printed.

p-values are not used: they are on pages alone, of two digits, and Rao and Scott's test cannot be inverted to a base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from .cells import NATIONAL, Domain, Quantity
from .judge import Truth
from .release import Bounds, Printed, Release, is_sum

TINY = 1e-9
DERIVED = {"tfcsea_any_all_children": "tfcsea_any", "tfcsea_children_affected_count": "tfcsea_any"}


class Undone(NamedTuple):
    """Bounds that are narrower than what is printed.

    what: share; base, of which fewer than k without an answer are a part; or n, without them.
    """

    quantity: Quantity
    domain: Domain
    what: str
    bounds: Bounds
    printed: Bounds


def narrower(printed: Printed, what: str, bounds: Bounds) -> Iterator[Undone]:
    """Bounds, if they tell more than what is printed."""
    printed_bounds = printed.share if what == "share" else printed.base
    if what == "n":
        printed_bounds = Bounds(0, printed_bounds.high)
    bounds = bounds.both(printed_bounds)
    if what == "n" and release_is_exact(printed):
        return
    if bounds.low <= bounds.high and bounds.high - bounds.low < (printed_bounds.high - printed_bounds.low) * (
        1 - 1e-3
    ):
        yield Undone(*printed.cell, what, bounds, printed_bounds)


def release_is_exact(printed: Printed) -> bool:
    """Whether a base is printed as it is."""
    return printed.base_step == 0 and not printed.is_scaled


def from_scaled_weights(release: Release) -> Iterator[Undone]:
    """A weighted base that was rounded together with its base: only the true base gives six decimals back."""
    for row in release.printed:
        if row.is_scaled:
            fits = [
                n
                for n in range(int(row.base.low), int(row.base.high) + 1)
                if is_sum(row.weighted * n / row.n)
            ]
            if fits:
                yield from narrower(row, "n", Bounds(min(fits), max(fits)))


def middle(row: Printed) -> float | None:
    """The share in the middle of an interval on the logit scale, where its limits have more digits than it has."""
    ends = np.array([row.low, row.high])
    has_digits = row.step == 0 or (abs(ends / row.step - np.round(ends / row.step)) > 1e-6).any()
    if (
        row.measure != "proportion"
        or row.interval != "logit"
        or not has_digits
        or not 0 < row.low < row.high < 1
    ):
        return None
    return float(expit(logit(ends).mean()))


def from_design_effects(release: Release) -> Iterator[Undone]:
    """n = 1 + deff p (1 - p) / se^2, with p from the limits where it is rounded."""
    for row in release.printed:
        if row.measure == "proportion" and row.deff > 0 and row.se > 0 and 0 < row.estimate < 1:
            share = middle(row) or row.estimate
            n = 1 + row.deff * share * (1 - share) / row.se**2
            if abs(n - round(n)) < 1e-3:
                yield from narrower(row, "n", Bounds(round(n), round(n)))


def from_few_digits(release: Release, is_equal: bool) -> Iterator[Undone]:
    """Of equal weights a share is r / n: only some bases have such an r."""
    for row in release.printed if is_equal else ():
        if row.measure == "proportion":
            share = row.share
            fits = [n for n in range(max(int(row.base.low), 1), int(row.base.high) + 1)
                    if np.floor(share.high * n) >= np.ceil(share.low * n)]  # fmt: skip
            if fits:
                yield from narrower(row, "base", Bounds(min(fits), max(fits)))


def from_contrasts(release: Release) -> Iterator[Undone]:
    """A difference or a ratio with more digits than that of the two printed shares, and its base.

    A base that is the sum of the two printed ones, itself rounded, tells nothing.
    """
    known = {
        (row.indicator, row.by, row.level): row for row in release.printed if row.measure == "proportion"
    }
    for row in release.of_measures(("risk_difference", "risk_ratio")):
        keys = [(row.indicator, row.by, level) for level in row.groups]
        if not keys or not all(key in known for key in keys):
            continue
        first, second = (known[key] for key in keys)
        if abs(first.n + second.n - row.n) > max(row.base_step / 2, 0.5):
            few = release.rules.min_count - 1
            for one, other in ((first, second), (second, first)):
                yield from narrower(one, "n", Bounds(row.n - other.base.high, row.n - other.base.low + few))
        yield from of_shares(row, first, second)


def of_shares(row: Printed, first: Printed, second: Printed) -> Iterator[Undone]:
    """Bounds of two shares from their difference or ratio."""
    half = row.step * 0.5 + TINY
    this, other = first.share, second.share
    if row.measure == "risk_difference":
        if abs(first.estimate - second.estimate - row.estimate) > half:
            yield from narrower(
                first, "share", Bounds(row.estimate - half + other.low, row.estimate + half + other.high)
            )
            yield from narrower(
                second, "share", Bounds(this.low - row.estimate - half, this.high - row.estimate + half)
            )
    elif second.estimate > 0 and abs(first.estimate / second.estimate - row.estimate) > half:
        low, high = max(row.estimate - half, 0), row.estimate + half
        yield from narrower(first, "share", Bounds(low * max(other.low, 0), high * other.high))
        yield from narrower(second, "share", Bounds(max(this.low, 0) / high, this.high / low if low else 1))


def from_limits(release: Release) -> Iterator[Undone]:
    """Limits with more digits than the share: their middle on the logit scale, or the base behind those of nought."""
    for row in release.printed:
        if (share := middle(row)) is not None:
            yield from narrower(row, "share", Bounds(share - TINY, share + TINY))
        elif row.measure == "proportion" and row.estimate in (0, 1) and row.interval == "logit":
            far = row.high if row.estimate == 0 else 1 - row.low
            if not 0 < far < 1:
                continue
            n = np.log(0.025) / np.log1p(-far)
            if abs(n - round(n)) < 1e-3 and abs(round(n) - row.n) > 0:
                yield from narrower(row, "base", Bounds(round(n), round(n)))


def from_numbers_of_children(
    release: Release, children: float | None, users: float | None
) -> Iterator[Undone]:
    """A number of children affected, divided by how many there are, where it is not the printed share times these."""
    shares = {row.indicator: row for row in release.printed if (row.by, row.level) == NATIONAL}
    for row in release.of_measures(("count", "proportion")) if children and users else ():
        of = shares.get(DERIVED.get(row.indicator, ""))
        if of is None:
            continue
        scale = users / 100 * (children if row.measure == "count" else 1)
        step = 10.0 ** (np.floor(np.log10(row.estimate)) - 2) if row.measure == "count" else row.step
        has_digits = step == 0 or abs(row.estimate / step - round(row.estimate / step)) > 1e-6
        half = TINY * scale if has_digits else step / 2
        if abs(of.estimate * scale - row.estimate) > half + TINY * scale:
            yield from narrower(
                of,
                "share",
                Bounds((row.estimate - half) / scale - TINY, (row.estimate + half) / scale + TINY),
            )


def from_means(rows: list[tuple[Printed, str]], mean: float, half: float) -> Iterator[tuple[str, Undone]]:
    """A mean of countries, less the others' shares: K times the mean is the sum. rows: with their countries."""
    for row, country in rows:
        others = [one.share for one, name in rows if name != country]
        total = len(rows) * mean
        low = total - len(rows) * half - sum(share.high for share in others)
        high = total + len(rows) * half - sum(share.low for share in others)
        yield from ((country, undone) for undone in narrower(row, "share", Bounds(low, high)))


ATTACKS: dict[str, Callable[..., Iterator[Undone]]] = {
    "weighted bases": from_scaled_weights,
    "design effects": from_design_effects,
    "contrasts": from_contrasts,
    "limits": from_limits,
}


def untrue(undone: Undone, truth: Truth) -> bool:
    """Whether bounds are wrong."""
    value = truth.base_or_share(undone.quantity, undone.domain, undone.what)
    return value is not None and not undone.bounds.low - 1e-6 <= value <= undone.bounds.high + 1e-6
