"""Attacks on two releases that differ in little."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .cells import Claim
from .knowledge import Knowledge
from .release import Release


def as_one(release: Release, other: Release) -> Release:
    """Two releases of the same answers: whoever has both has everything that either shows."""
    rows = pd.concat([release.rows, other.rows], ignore_index=True)
    return Release(release.country, rows, release.quality, release.audit, release.rules)


def withdrawn(before: Knowledge, after: Knowledge, number: int) -> Iterator[Claim]:
    """How many of a known number of children, who were in one release and are not in the next, were counted.

    A claim is about the difference of a count between the two.
    """
    least, most = before.weights.least, before.weights.most
    for count, position in before.places.items():
        if count.part != "yes" or count not in after.places or not count.domain.level:
            continue
        other = after.places[count]
        by_count = before.n[0, position] - after.n[1, other], before.n[1, position] - after.n[0, other]
        by_weight = before.w[0, position] - after.w[1, other], before.w[1, position] - after.w[0, other]
        low = max(0, by_count[0], np.ceil(by_weight[0] / most - 1e-4))
        high = min(number, by_count[1], np.floor(by_weight[1] / least + 1e-4))
        if high - low < number:
            yield Claim(count, low, high)
