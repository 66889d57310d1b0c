"""The sample of a country: strata by area, clusters, sex, age and weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from disrupting_harm.synthetic.draws import Floats, Integers, stream
from disrupting_harm.synthetic.parameters import POOLED, Parameters

AREAS = ("urban", "peri_urban", "rural")
SEXES = ("girl", "boy")
AGES = (12, 13, 14, 15, 16, 17)


@dataclass(frozen=True)
class Sample:
    """Rows of a country's sample, all with a weight.

    `area`, `sex`, `age` are positions in AREAS, SEXES, AGES; `cluster` counts from 0 within the country and lies
    within one area (the stratum); `weight` has mean 1.
    """

    iso3: str
    area: Integers
    sex: Integers
    age: Integers
    cluster: Integers
    weight: Floats

    def __len__(self) -> int:
        return len(self.weight)


def demographic_shares(parameters: Parameters, country: str) -> dict[str, Floats]:
    """Published weighted shares of area, sex and age of a country (pooled where none are published)."""
    shares = {}
    for name, levels in (("area", AREAS), ("sex", SEXES), ("age", AGES)):
        source = (
            country
            if parameters.find(f"sample_share_{name}", country, f"{name}={levels[0]}") is not None
            else POOLED
        )
        values = [
            parameters.sharper_share(f"sample_share_{name}", source, f"{name}={level}") for level in levels
        ]
        shares[name] = np.array(values) / sum(values)
    return shares


def draw_sample(parameters: Parameters, iso3: str, seed: int) -> Sample:
    """Draw the design of a country: sizes and shares as published, about ten interviews a cluster."""
    rng = stream(seed, iso3, "sample")
    country = iso3.upper()
    size = parameters.sample_size(country)
    shares = demographic_shares(parameters, country)
    area_sizes = apportion(size, shares["area"])
    area = np.repeat(np.arange(len(AREAS)), area_sizes)
    cluster = _clusters(area_sizes, parameters, rng)
    sex = rng.permutation(np.repeat(np.arange(len(SEXES)), apportion(size, shares["sex"])))
    age = rng.permutation(np.repeat(np.arange(len(AGES)), apportion(size, shares["age"])))
    weight = _weights({"area": area, "sex": sex, "age": age}, shares, cluster, parameters, rng)
    return Sample(iso3.lower(), area, sex, age, cluster, weight)


def apportion(total: int, shares: Floats) -> Integers:
    """Whole numbers with the given total that are as near to the shares as can be (largest remainders)."""
    exact = np.round(total * shares / shares.sum(), 9)
    numbers = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - numbers), kind="stable")
    numbers[order[: total - numbers.sum()]] += 1
    return numbers


def _clusters(area_sizes: Integers, parameters: Parameters, rng: np.random.Generator) -> Integers:
    """Cluster number of each row (rows sorted by area); sizes vary by one or two around the usual size."""
    numbers: list[Integers] = []
    first = 0
    for rows in area_sizes:
        count = max(
            round(rows / parameters["design.cluster_size"]),
            parameters["design.smallest_number_of_clusters_in_a_stratum"],
        )
        sizes = apportion(int(rows), rng.uniform(0.85, 1.15, count))
        numbers.append(first + np.repeat(np.arange(count), sizes))
        first += count
    return np.concatenate(numbers)


def _weights(
    groups: dict[str, Integers],
    shares: dict[str, Floats],
    cluster: Integers,
    parameters: Parameters,
    rng: np.random.Generator,
) -> Floats:
    """Lognormal weights, post-stratified to the published shares, six decimals, mean exactly 1."""
    deviation, between = parameters["design.weight_log_sd"], parameters["design.weight_cluster_share"]
    of_cluster = rng.standard_normal(cluster.max() + 1)[cluster]
    score = np.sqrt(between) * of_cluster + np.sqrt(1 - between) * rng.standard_normal(len(cluster))
    weight = np.exp(deviation * np.clip(score, -2.5, 2.5))
    for _ in range(50):
        for name, group in groups.items():
            present = np.bincount(group, weight, len(shares[name]))
            weight = weight * (shares[name] * len(weight) / np.maximum(present, 1e-12))[group]
    millionths = np.round(weight / weight.sum() * len(weight) * 1e6).astype(np.int64)
    millionths[np.argmax(millionths)] += len(weight) * 1_000_000 - millionths.sum()
    return millionths / 1e6
