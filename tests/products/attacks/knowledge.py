"""What an attacker knows of every count and of every sum of weights: bounds, and what holds between them.

The first step of any attack is to read the bounds off the release; the second is to let them work on each other
through the relations until nothing moves (`Knowledge.spread`). With everything in full precision that is nothing but
subtracting parts from totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from .cells import ALL, ITEMS, NATIONAL, QUESTION, Claim, Count, Quantity
from .relations import NOBODY, Relations
from .release import Bounds, Printed, Release

SWEEPS = 12
NEARLY = 1e-6
LARGE = 1e7


@dataclass(frozen=True)
class Weights:
    """Between which numbers the weights of a survey lie; they have the mean 1. Both 1: every child counts the same."""

    least: float = 1.0
    most: float = 1.0


@dataclass
class Knowledge:
    """Bounds of counts (n) and sums of weights (w), by place; equal, at_most: relations as sparse rows.

    shares: places of counted and base, and bounds of their ratio; least_counts: whether it is made use of that what is
    shown is about so many children at least.
    """

    release: Release
    relations: Relations
    weights: Weights
    least_counts: bool = True
    shares: list[tuple[int, int, Bounds]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places, self.equal, self.at_most = self.relations.system
        self.sums = self.relations.sums
        self.is_contradicted = False
        self.n, self.w = (np.tile([[0.0], [LARGE]], len(self.places)) for _ in range(2))

    # --- reading the release

    @classmethod
    def of(cls, release: Release, relations: Relations, weights: Weights, weighted: bool = True,
           least_counts: bool = True) -> Knowledge:  # fmt: skip
        """Everything printed. weighted: with weighted bases, where they are published."""
        known = cls(release, relations, weights, least_counts)
        table = relations.table
        if not np.isnan(size := release.size(table)):
            known.know(Count(NOBODY, NATIONAL, "base"), Bounds(size, size), Bounds(size, size))
        for printed in release.printed:
            if relations.registry.indicators[printed.indicator].table == table:
                known.read(printed, weighted)
        known.read_quality()
        return known

    def read(self, printed: Printed, weighted: bool) -> None:
        """One estimate."""
        quantity, domain = printed.cell
        base, yes, no = (Count(quantity, domain, part) for part in ("base", "yes", "no"))
        if base not in self.places:
            return
        rules, kind = self.release.rules, self.relations.kinds[quantity]
        low, high = printed.base
        if not kind.is_for_all and self.release.is_rounded:
            low -= rules.min_count - 1  # few without an answer are counted as if they had given one
        weight = Bounds(0, LARGE)
        if weighted and not np.isnan(printed.weighted):
            weight = printed.weight
        self.know(base, Bounds(max(low, rules.not_shown_below if self.least_counts else 0), high), weight)
        share = printed.share
        if kind.measure in ("proportion", "instances"):
            self.shares.append((self.places[yes], self.places[base], share))
            few = rules.min_count if printed.by in (ALL, *ITEMS) else rules.min_count_subgroup
            if kind.measure == "proportion":
                for part, some in ((yes, share.low > 0), (no, share.high < 1)):
                    if some and self.least_counts and self.release.is_rounded:
                        self.know(part, Bounds(few, LARGE))
        elif quantity in self.sums:
            self.shares.append((self.places[yes], self.places[base], share))

    def read_quality(self) -> None:
        """Who was asked each question, and who gave no answer."""
        for row in self.release.remarks_of("item_nonresponse", self.relations.table).to_dict("records"):
            base, count = self.release.of_part(row)
            question = Quantity(QUESTION, row["variable"])
            self.know(Count(question, NATIONAL, "base"), base)
            self.know(Count(question, NATIONAL, "yes"), count)
        size = self.release.size(self.relations.table)
        for row in self.release.remarks_of("answered_though_not_asked", self.relations.table).to_dict(
            "records"
        ):
            others, _ = self.release.of_part(row)
            question = Quantity(QUESTION, row["variable"])
            if np.isfinite(others.high):
                self.know(Count(question, NATIONAL, "base"), Bounds(size - others.high, size - others.low))

    def know(self, count: Count, n: Bounds, w: Bounds | None = None) -> None:
        """Take notice of bounds."""
        position = self.places.get(count)
        if position is not None:
            self.n[:, position] = max(self.n[0, position], n.low), min(self.n[1, position], n.high)
            if w is not None:
                self.w[:, position] = max(self.w[0, position], w.low), min(self.w[1, position], w.high)

    # --- consequences

    def spread(self, weights: bool = True) -> Knowledge:
        """Let bounds work on each other through all relations. weights: sums of weights too."""
        for _ in range(SWEEPS):
            before = self.n.copy(), self.w.copy()
            if weights:
                self.spread_shares()
                self.link()
                self.w = tightened(self.w, self.equal, self.at_most)
                self.link()
            self.n = whole_numbers(tightened(self.n, self.equal, self.at_most))
            self.is_contradicted = bool((self.n[0] > self.n[1] + 0.5).any())
            if self.is_contradicted or (
                np.allclose(before[0], self.n, atol=1e-9) and np.allclose(before[1], self.w, atol=1e-7)
            ):
                break
        return self

    def spread_shares(self) -> None:
        """A share says what is counted of its base, and the other way round."""
        for counted, base, share in self.shares:
            low, high = max(share.low, 0), share.high
            self.narrow(counted, low * self.w[0, base], high * self.w[1, base])
            if low > 0:
                self.narrow(base, self.w[0, counted] / high, self.w[1, counted] / low)

    def narrow(self, position: int, low: float, high: float) -> None:
        """Bounds of a sum of weights."""
        self.w[0, position] = max(self.w[0, position], low - 1e-9)
        self.w[1, position] = min(self.w[1, position], high + 1e-9)

    def link(self) -> None:
        """So many children weigh at least as much as if all were the lightest, at most as if all were the heaviest."""
        least, most = self.weights.least, self.weights.most
        self.w[0] = np.maximum(self.w[0], self.n[0] * least)
        self.w[1] = np.minimum(self.w[1], self.n[1] * most)
        self.n[0] = np.maximum(self.n[0], np.ceil(self.w[0] / most - NEARLY))
        self.n[1] = np.minimum(self.n[1], np.floor(self.w[1] / least + NEARLY))

    def claims(self, counts: Iterable[Count] | None = None) -> list[Claim]:
        """What follows for every count: nothing, where what was read contradicts itself."""
        if self.is_contradicted:
            return []
        chosen = self.places if counts is None else [count for count in counts if count in self.places]
        return [Claim(count, *self.n[:, self.places[count]]) for count in chosen]


def whole_numbers(bounds: np.ndarray) -> np.ndarray:
    """Bounds of whole numbers."""
    return np.stack([np.ceil(bounds[0] - NEARLY), np.floor(bounds[1] + NEARLY)])


def tightened(bounds: np.ndarray, equal: sparse.csr_matrix, at_most: sparse.csr_matrix) -> np.ndarray:
    """Bounds that follow in one step from sums that are nought, or at most nought."""
    low, high = bounds[0].copy(), bounds[1].copy()
    for matrix, signs in ((equal, (1.0, -1.0)), (at_most, (1.0,))):
        for sign in signs:
            rows = matrix.tocoo()
            number, at, row = sign * rows.data, rows.col, rows.row
            least = np.where(number > 0, number * low[at], number * high[at])
            sums = np.bincount(row, least, minlength=matrix.shape[0])
            room = -(sums[row] - least) / number
            np.minimum.at(high, at[number > 0], room[number > 0])
            np.maximum.at(low, at[number < 0], room[number < 0])
    return np.stack([low, high])
