"""One caregiver for each child's household. The same pooled shares in every country."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from disrupting_harm.synthetic.draws import (
    SPECIAL,
    Booleans,
    Floats,
    Integers,
    above,
    cut,
    cut_rows,
    latent,
    mixed,
    one_answer,
    several_answers,
    stream,
    with_special,
)
from disrupting_harm.synthetic.parameters import Parameters
from disrupting_harm.synthetic.sample import Sample

_AGE_GROUPS = {"under_40": (24, 40), "40_to_49": (40, 50), "50_and_above": (50, 76)}
_ENABLING, _RESTRICTING = "caregivers.mediation_shift", "caregivers.restrictions"


def family_mediation(sample: Sample, seed: int) -> Floats:
    """Latent enabling mediation of each household, shared by what child and caregiver answer."""
    return stream(seed, sample.iso3, "family").standard_normal(len(sample))


def draw_caregivers(
    parameters: Parameters,
    sample: Sample,
    family: Floats,
    area: pd.Categorical,
    affected: Booleans,
    seed: int,
) -> dict[str, object]:
    """Columns of the caregivers, one a row of the sample. `affected`: the child had technology-facilitated abuse."""
    rng = stream(seed, sample.iso3, "caregivers")
    group, age = _ages(parameters, len(sample), rng)
    women = above(rng.standard_normal(len(sample)), parameters["caregivers.women"])
    columns: dict[str, object] = {
        "caregiver_sex": one_answer(np.where(women, 0, 1), _values(parameters, "caregiver_sex")),
        "caregiver_age": age,
        "area": area,
    }
    use = _internet_use(parameters, sample, group, rng)
    columns["internet_use"] = _answer(parameters, "internet_use", use, rng)
    columns["knows_compared_with_child"] = _answer(
        parameters, "knows_compared_with_child", _knowledge(parameters, age, use, rng), rng
    )
    columns |= _enabling(parameters, family, affected, use, rng)
    columns |= _restricting(parameters, sample, affected, rng)
    fault = above(latent(rng, sample.cluster, 0.05), parameters["caregivers.child_at_fault_if_images_shared"])
    columns["child_at_fault_if_images_shared"] = _answer(
        parameters, "child_at_fault_if_images_shared", np.where(fault, 0, 1), rng
    )
    columns |= _several(parameters, sample, "information_source", "none", "caregivers.no_information", rng)
    return columns | _several(parameters, sample, "would_do", "nothing", "caregivers.would_do_nothing", rng)


def _values(parameters: Parameters, variable: str) -> list[str]:
    return list(parameters.codebook["caregivers"][variable]["values"])


def _answer(
    parameters: Parameters, variable: str, codes: Integers, rng: np.random.Generator
) -> pd.Categorical:
    values = _values(parameters, variable)
    return one_answer(with_special(codes, len(values), parameters["caregivers.special_answers"], rng), values)


def _ages(parameters: Parameters, size: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Position in AGE_GROUPS and age in years, highest in the middle of the whole range."""
    shares = [parameters["caregivers.age"][name] for name in _AGE_GROUPS]
    group = cut_rows(rng.random(size), np.broadcast_to(shares, (size, len(shares))))
    low, high = np.array(list(_AGE_GROUPS.values())).T
    position = rng.random(size)
    young, old = position**0.6, position**1.7
    position = np.select([group == 0, group == 2], [young, old], position)
    years = np.floor(np.clip(position, 0, 0.9999) * (high - low)[group])
    return group, low[group] + years.astype(np.int64)


def _internet_use(
    parameters: Parameters, sample: Sample, group: Integers, rng: np.random.Generator
) -> Integers:
    """Codes of internet_use: daily, weekly, monthly, less, never."""
    share = np.array([parameters["caregivers.internet_monthly"][name] for name in _AGE_GROUPS])[group]
    monthly = above(latent(rng, sample.cluster, 0.08), share)
    often = cut_rows(
        rng.random(len(sample)),
        np.broadcast_to(list(parameters["caregivers.internet_monthly_split"].values()), (len(sample), 3)),
    )
    less = np.where(rng.random(len(sample)) < parameters["caregivers.internet_less_often"], 3, 4)
    return np.where(monthly, often, less)


def _knowledge(parameters: Parameters, age: Integers, use: Integers, rng: np.random.Generator) -> Integers:
    """Codes of knows_compared_with_child: less, same, more; older caregivers and non-users know less."""
    shift = parameters["caregivers.knows_less_per_decade"] * (age - 40) / 10 + 0.35 * (use >= 3)
    score = shift - shift.mean() + rng.standard_normal(len(age))
    score = score / np.sqrt(1 + shift.var())
    less = parameters["caregivers.knows_less_than_child"]
    more = (1 - less) * parameters["caregivers.knows_more_share_of_others"]
    return cut(-score, [less, 1 - less - more, more])


def _enabling(
    parameters: Parameters, family: Floats, affected: Booleans, use: Integers, rng: np.random.Generator
) -> dict[str, pd.Categorical]:
    """Four questions on enabling mediation with a common factor, more of it among internet users."""
    user = parameters["caregivers.internet_user_shift"] * (use < 3)
    exposed = parameters["caregivers.exposure_shift"]["enabling"] * affected
    common = family + user - user.mean() + exposed - exposed.mean()
    common = common / np.sqrt(1 + user.var() + exposed.var())
    shares = [parameters["caregivers.mediation"][value] for value in _values(parameters, "enables_safe_use")]
    columns = {}
    for name, shift in parameters["caregivers.mediation_shift"].items():
        score = (
            mixed(common, rng.standard_normal(len(family)), parameters["caregivers.mediation_loading"])
            + shift
        )
        columns[name] = _answer(parameters, name, cut(score, shares), rng)
    return columns


def _restricting(
    parameters: Parameters, sample: Sample, affected: Booleans, rng: np.random.Generator
) -> dict[str, pd.Categorical]:
    """Four yes/no questions on limits with a common factor."""
    exposed = parameters["caregivers.exposure_shift"]["restricting"] * affected
    common = latent(rng, sample.cluster, 0.05) + exposed - exposed.mean()
    columns = {}
    for name, share in parameters["caregivers.restrictions"].items():
        score = mixed(common, rng.standard_normal(len(sample)), parameters["caregivers.restrictions_loading"])
        columns[name] = _answer(parameters, name, np.where(above(score, share), 0, 1), rng)
    return columns


def _several(
    parameters: Parameters,
    sample: Sample,
    variable: str,
    nothing: str,
    share_of_nothing: str,
    rng: np.random.Generator,
) -> dict[str, pd.arrays.BooleanArray]:
    """A question with several answers, where `nothing` excludes the others and everyone answers something."""
    options: Sequence[str] = [*parameters.codebook["caregivers"][variable]["options"], *SPECIAL]
    size, shares = len(sample), parameters[f"caregivers.{variable}"]
    chosen = np.zeros((size, len(options)), bool)
    uniform, special = rng.random(size), parameters["caregivers.special_answers"]
    limits = np.cumsum([parameters[share_of_nothing], special["dont_know"], special["refused"]])
    excluded = uniform < limits[-1]
    common = latent(rng, sample.cluster, 0.05)
    for option, share in shares.items():
        score = mixed(common, rng.standard_normal(size), 0.3)
        chosen[:, options.index(option)] = above(score, min(share / (1 - limits[-1]), 0.95)) & ~excluded
    most = options.index(max(shares, key=shares.get))
    chosen[:, most] |= ~chosen.any(axis=1) & ~excluded
    for name, low, high in zip((nothing, *SPECIAL), (0.0, *limits[:-1]), limits, strict=True):
        chosen[:, options.index(name)] = (uniform >= low) & (uniform < high)
    return several_answers(variable, chosen, options, np.ones(size, bool))
