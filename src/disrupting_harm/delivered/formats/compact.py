"""A raw column in little memory: where few values occur, as in most of a survey, one byte per cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

FEW = 127
"""Number of values that fit into a signed byte, besides an empty cell."""


def compact(column: pd.Series) -> pd.Series:
    """A column as categorical where few values occur, otherwise as it is."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    places, values = pd.factorize(column, use_na_sentinel=True)
    return categorical(places, values) if len(values) <= FEW else column


def categorical(places: np.ndarray, values: Any) -> pd.Series:
    """Each cell's place among distinct values (-1: empty) as a categorical column."""
    return pd.Series(pd.Categorical.from_codes(places, values))


def joined(blocks: Iterable[pd.Series]) -> pd.Series:
    """A column from blocks of its rows, as if it had been read in one piece."""
    blocks = list(blocks)
    if len(blocks) == 1:
        return blocks[0]
    if not all(isinstance(block.dtype, pd.CategoricalDtype) for block in blocks):
        return pd.concat([_spread(block) for block in blocks], ignore_index=True)
    known: dict[Any, int] = {}
    places = []
    for block in blocks:
        positions = [known.setdefault(value, len(known)) for value in block.cat.categories]
        places.append(np.array([*positions, -1], dtype=np.int32)[block.cat.codes.to_numpy()])
    return categorical(np.concatenate(places), pd.Index([*known]))


def _spread(column: pd.Series) -> pd.Series:
    """A column with its values in its cells; whole numbers as floats, as some cells may be empty."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    kind = column.cat.categories.dtype
    return column.astype("float64" if pd.api.types.is_integer_dtype(kind) else kind)
