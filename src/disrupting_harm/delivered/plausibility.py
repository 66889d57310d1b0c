"""Weights and sampling units that are not what they are mapped to: codes, identifiers, one number spelled twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm.delivered import formats

_FAR = 10
"""Times the median of the other weights: a round number above it is no weight by itself."""
_CODE_LIKE = re.compile("[1-9]0+|9+[6-9]|8+[6-9]")
_FEWEST = 30
"""With fewer respondents, one to a sampling unit is nothing unusual."""


def like_codes(weights: np.ndarray) -> np.ndarray:
    """Which weights are round numbers (99, 998, 1000, 9999) far above all the others. Shape (rows,), boolean."""
    counted = weights[np.isfinite(weights) & (weights > 0)]
    round_numbers = [value for value in np.unique(counted) if _is_round(value)]
    others = counted[~np.isin(counted, round_numbers)]
    if not len(others):
        return np.zeros(len(weights), dtype=bool)
    limit = max(_FAR * np.median(others), others.max())
    return np.isin(weights, [value for value in round_numbers if value > limit])


def _is_round(value: float) -> bool:
    """Whether a number is one that codes are made of: 99, 888, 9998; 1000, 5000."""
    digits = str(int(value)) if value == int(value) else ""
    return bool(_CODE_LIKE.fullmatch(digits))


def spelled_twice(design: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Columns of a design with one number in two spellings, and the places of the rows with the rarer one.

    Sampling units count as the same within a stratum only. design: `stratum` and `psu`, or one of them.
    """
    stratum = (
        design["stratum"].map(formats.alike) if "stratum" in design else pd.Series("", index=design.index)
    )
    for name in design:
        spelling = design[name]
        number = spelling.map(formats.alike)
        within = stratum if name == "psu" else pd.Series("", index=design.index)
        rows = pd.DataFrame({"within": within, "number": number, "spelling": spelling})
        uses = rows.value_counts().reset_index().sort_values("count", ascending=False, kind="stable")
        rarer = uses[uses.duplicated(["within", "number"])]
        if len(rarer):
            keys = pd.MultiIndex.from_frame(rarer[["within", "number", "spelling"]])
            yield str(name), np.flatnonzero(pd.MultiIndex.from_frame(rows).isin(keys))


def is_one_per_unit(psu: pd.Series) -> bool:
    """Whether every respondent has a sampling unit of their own, as where the column is an identifier."""
    return len(psu) >= _FEWEST and psu.nunique() == len(psu)
