"""How finely estimates of a pool of countries may be published beside those of the countries themselves.

A pool less the countries that show their own estimate is what the others hide. Where these are several with enough
respondents counted and not counted, nothing about any one of them follows. Otherwise the difference has to be
uncertain: a printed share may be half a step off in both directions, so that the sum counted behind it is known up to a
step times its base, and the difference up to the sum of all of them. That the weighted bases are not published, which
makes it far more uncertain, is not counted upon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit.alternatives import Proof
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN
from disrupting_harm.protection.suppression import Key


class Between(NamedTuple):
    """The lowest and the highest value that a number can have."""

    low: float
    high: float


@dataclass(frozen=True)
class Part:
    """One country's part of a pooled estimate. weight: sum of weights of its base, where their mean is 1."""

    grade: int
    n: int
    counted: int
    weight: float


@dataclass
class Member:
    """A country of a pool: what has been decided about one of its tables, the proof, and the mean of its weights."""

    decision: pd.DataFrame
    proof: Proof
    mean_weight: float

    def __post_init__(self) -> None:
        keys = self.decision[suppression.KEY].itertuples(index=False, name=None)
        about = self.decision[["base", "counted", "shown", "coarse"]].itertuples(index=False, name=None)
        self.decided = dict(zip(keys, about, strict=True))

    def part(self, key: Key) -> Part | None:
        """Its part of a pooled estimate; None where nobody was asked."""
        base, counted, shown, coarse = self.decided.get(key, (-1, -1, False, False))
        if base < 0 or not self.proof.values[base]:
            return None
        grade = HIDDEN if not shown else COARSE if coarse else FINE
        number = int(self.proof.values[counted]) if counted >= 0 else 0
        return Part(grade, int(self.proof.values[base]), number, self.proof.weights[base] / self.mean_weight)

    @cached_property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest sum of weights behind each count, over the tables of the proof."""
        return self.proof.alternatives.ends_of_weights(self.proof.weights)

    def sums(self, key: Key) -> tuple[Between, Between] | None:
        """Sums of weights, of mean 1, of those counted and of the base, over all tables of the proof.

        None where nobody was asked, or nothing has been decided.
        """
        base, counted, *_ = self.decided.get(key, (-1, -1))
        if base < 0 or counted < 0 or not self.proof.values[base]:
            return None
        low, high = self._weights
        of_counted, of_base = (
            Between(low[count] / self.mean_weight, high[count] / self.mean_weight)
            for count in (counted, base)
        )
        return of_counted, of_base


def how_finely(about: Mapping[Key, Key], members: Sequence[Member], rules: Suppression) -> dict[Key, int]:
    """FINE, COARSE or HIDDEN for each estimate of a pool, beside the estimates of its countries.

    about: for each, the estimate of the countries that holds its respondents, mostly the same.
    """
    return {
        key: grade_of([member.part(member_key) for member in members], rules)
        for key, member_key in about.items()
    }


def grade_of(parts: Sequence[Part | None], rules: Suppression) -> int:
    """The finest rounding of one pooled estimate that keeps what its countries hide."""
    known = [part for part in parts if part]
    hidden = [part for part in known if part.grade == HIDDEN]
    if not hidden or len(hidden) == len(known) > 1 or are_enough(hidden, rules):
        return FINE
    shown = sum(step(part.grade, rules) * part.weight for part in known if part.grade != HIDDEN)
    for grade in (FINE, COARSE):
        if step(grade, rules) * sum(part.weight for part in known) + shown >= rules.min_count:
            return grade
    return HIDDEN


def are_enough(hidden: Sequence[Part], rules: Suppression) -> bool:
    """Whether several countries hide their estimate, and enough respondents are counted and not counted in them."""
    n, counted = (sum(getattr(part, name) for part in hidden) for name in ("n", "counted"))
    return len(hidden) > 1 and n >= rules.not_shown_below and min(counted, n - counted) >= rules.min_count


def step(grade: int, rules: Suppression) -> float:
    """What printed shares are multiples of."""
    return float(rounding.share_step(rules, grade == COARSE))
