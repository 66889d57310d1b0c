"""How finely estimates of a pool of countries may be published beside those of the countries themselves.

A pool less the countries that show their own estimate is what the others hide. The tables that an attacker cannot tell
apart from the true one of a country (`alternatives`) leave open which is true only where the pool, with that country
replaced, would print the same. A pooled estimate is rounded as finely as leaves every secret of every country open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from disrupting_harm import rounding
from disrupting_harm.audit.alternatives import Proof
from disrupting_harm.audit.ranges import width
from disrupting_harm.audit.statements import COARSE, FINE, HIDDEN
from disrupting_harm.config.analysis import Suppression

KEY = ["indicator", "by", "level"]
Key = tuple[str, str, str]


@dataclass
class Member:
    """A country of a pool: its decision, the proof that it is safe, and the mean of its weights."""

    decision: pd.DataFrame
    proof: Proof
    mean_weight: float

    def __post_init__(self) -> None:
        found = self.proof.alternatives
        self.fits = np.ones(found.counts.shape[0], bool)

    @cached_property
    def places(self) -> dict[Key, tuple[int, int]]:
        """Places of base and counted, by estimate."""
        keys = self.decision[KEY].itertuples(index=False, name=None)
        return dict(
            zip(keys, self.decision[["base", "counted"]].itertuples(index=False, name=None), strict=True)
        )

    @cached_property
    def values(self) -> np.ndarray:
        """Values of the secrets in the true table and in each alternative (1 + alternatives x secrets)."""
        targets = self.proof.targets
        changes = self.proof.alternatives.counts[:, targets].toarray()
        return self.proof.values[targets] + np.concatenate([np.zeros((1, len(targets))), changes])

    def counted(self, key: Key) -> np.ndarray:
        """Sum of weights counted, that of the base, and the base, in the true table and in each alternative (x 3)."""
        found = self.proof.alternatives
        base, counted = self.places.get(key, (-1, -1))
        if counted < 0:
            return np.zeros((1 + len(self.fits), 3))
        weights = (
            self.proof.weights[[counted, base]] + with_truth(found.weights[:, [counted, base]])
        ) / self.mean_weight
        return np.column_stack([weights, self.proof.values[base] + with_truth(found.counts[:, [base]])])

    def is_open(self, fits: np.ndarray) -> bool:
        """Whether some of the alternatives leave every secret open."""
        values = self.values[np.append(True, fits)]
        return bool((width(values.min(axis=0), values.max(axis=0)) >= self.proof.need).all())


def with_truth(changes: object) -> np.ndarray:
    """Changes (alternatives x counts) with a row of none before them."""
    dense = changes.toarray()  # type: ignore[attr-defined]
    return np.concatenate([np.zeros((1, dense.shape[1])), dense])


def how_finely(about: Mapping[Key, Key], members: Sequence[Member], rules: Suppression) -> dict[Key, int]:
    """FINE, COARSE or HIDDEN for each estimate of a pool; what comes first goes first.

    about: for each, the estimate of the countries that holds its respondents, mostly the same.
    """
    return {key: grade_of(own, members, rules) for key, own in about.items()}


def grade_of(key: Key, members: Sequence[Member], rules: Suppression) -> int:
    """The finest rounding of one pooled estimate that leaves all secrets open; members remember what does not fit."""
    parts = [member.counted(key) for member in members]
    whole = np.sum([part[0] for part in parts], axis=0)
    for grade in (FINE, COARSE):
        left = []
        for member, part in zip(members, parts, strict=True):
            same = prints(whole - part[0] + part, grade, rules)
            left.append(member.fits & (same[1:] == same[0]).all(axis=1))
        if all(
            (fits == member.fits).all() or member.is_open(fits)
            for fits, member in zip(left, members, strict=True)
        ):
            for member, fits in zip(members, left, strict=True):
                member.fits = fits
            return grade
    return HIDDEN


def prints(pools: np.ndarray, grade: int, rules: Suppression) -> np.ndarray:
    """What pools (x sum counted, sum of the base, base) print: share and base (x 2)."""
    coarse = grade == COARSE
    share = np.divide(pools[:, 0], pools[:, 1], out=np.zeros(len(pools)), where=pools[:, 1] > 0)
    return np.column_stack(
        [
            rounding.to_multiple(share, rounding.share_step(rules, coarse)),
            rounding.base(np.rint(pools[:, 2]), rules, coarse),
        ]
    )
