"""Random draws that are the same on every machine: named streams, latent variables and answers cut from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]

SPECIAL = ("dont_know", "refused")


def stream(seed: int, iso3: str, stage: str) -> np.random.Generator:
    """The random stream of one stage in one country: it depends on seed, country and stage, on nothing else."""
    letters = [ord(letter) for letter in f"{iso3.lower()}/{stage}"]
    return np.random.default_rng(np.random.SeedSequence([seed, *letters]))


def latent(
    rng: np.random.Generator, clusters: Integers, cluster_share: float, columns: int | None = None
) -> Floats:
    """Standard normal values, one a row (and column), of which `cluster_share` of the variance is between clusters."""
    shape = (len(clusters),) if columns is None else (len(clusters), columns)
    between = rng.standard_normal((clusters.max() + 1, *shape[1:]))[clusters]
    return np.sqrt(cluster_share) * between + np.sqrt(1 - cluster_share) * rng.standard_normal(shape)


def spread(rng: np.random.Generator, size: int) -> Floats:
    """Uniform values spread evenly over (0, 1) in random order: shares drawn with them vary less than by chance."""
    return (rng.permutation(size) + rng.random(size)) / max(size, 1)


def mixed(common: Floats, individual: Floats, loading: float) -> Floats:
    """A standard normal value with correlation `loading` to the standard normal `common`."""
    return loading * common + np.sqrt(1 - loading**2) * individual


def cut(score: Floats, shares: Sequence[float] | Floats) -> Integers:
    """Category of each standard normal score: the lowest scores get category 0, with probabilities `shares`."""
    return cut_rows(ndtr(score), np.broadcast_to(np.asarray(shares, float), (len(score), len(shares))))


def cut_rows(uniform: Floats, shares: Floats) -> Integers:
    """Category of each uniform value; every row has its own probabilities (rows x categories, any positive sum)."""
    edges = np.cumsum(shares, axis=1)
    edges = edges / edges[:, -1:]
    return np.minimum((uniform[:, None] >= edges).sum(axis=1), shares.shape[1] - 1).astype(np.int64)


def above(score: Floats, share: float | Floats) -> Booleans:
    """True with probability `share` for a standard normal score: the highest scores are true."""
    return score > -ndtri(share)


def odds_shift(log_odds: Floats | float) -> Floats | float:
    """A shift on the standard normal scale that is about as large as `log_odds` on the logistic one (factor 1.7)."""
    return log_odds / 1.7


def one_answer(codes: Integers, values: Sequence[str]) -> pd.Categorical:
    """A categorical of a codebook variable: its values, then the special answers; code -1 is not asked."""
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype([*values, *SPECIAL]))


def with_special(
    codes: Integers, values: int, shares: Mapping[str, float], rng: np.random.Generator
) -> Integers:
    """Turn a few answers at random into don't know and refused (codes after the `values` ordinary ones)."""
    uniform = rng.random(len(codes))
    dont_know, refused = shares["dont_know"], shares["refused"]
    changed = np.where(
        uniform < dont_know, values, np.where(uniform < dont_know + refused, values + 1, codes)
    )
    return np.where(codes < 0, codes, changed)


def several_answers(
    prefix: str, chosen: Booleans, options: Sequence[str], asked: Booleans
) -> dict[str, pd.arrays.BooleanArray]:
    """Nullable boolean columns `prefix__option` (rows x options, special answers included); NA where not asked."""
    return {
        f"{prefix}__{option}": pd.arrays.BooleanArray(chosen[:, column] & asked, ~asked)
        for column, option in enumerate(options)
    }
