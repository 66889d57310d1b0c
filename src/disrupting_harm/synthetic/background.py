"""The child's background, attitudes and family.

Published shares of a country are met, elsewhere those of the twelve countries together; the rest is the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from disrupting_harm.synthetic.calibration import levels_by_share
from disrupting_harm.synthetic.draws import (
    Booleans,
    Floats,
    Integers,
    above,
    cut,
    latent,
    mixed,
    one_answer,
    stream,
    with_special,
)
from disrupting_harm.synthetic.parameters import POOLED, Parameters
from disrupting_harm.synthetic.sample import Sample

_YES, _NO = 0, 1
_ATTITUDES = (
    "attitude_premarital_sex",
    "attitude_men_decide",
    "attitude_force_for_reputation",
    "attitude_woman_should_tolerate_violence",
)


def draw_background(
    parameters: Parameters, sample: Sample, family: Floats, seed: int
) -> dict[str, pd.Categorical]:
    """Sex education, skills, mediation, help-seeking and attitudes.

    `family` is the latent enabling mediation of the household, shared with the caregiver.
    """
    rng = stream(seed, sample.iso3, "background")
    columns: dict[str, pd.Categorical] = {}
    taught = _yes_as_published(parameters, sample, "sex_education", rng)
    columns["sex_education"] = _answer(parameters, "sex_education", taught, rng)
    assertive = _yes(parameters, sample, parameters["background.sex_education_assertive"], rng)
    asked = columns["sex_education"] == "yes"
    columns["sex_education_assertive"] = _answer(
        parameters, "sex_education_assertive", np.where(asked, assertive, -1), rng
    )
    skill = levels_by_share(_latent(parameters, sample, rng), sample.weight, _skills(parameters, sample.iso3))
    columns["can_report_harmful_content"] = _answer(parameters, "can_report_harmful_content", skill, rng)
    columns |= _mediation(parameters, sample, family, rng)
    knows = _yes_as_published(parameters, sample, "knows_where_to_get_help", rng)
    columns["knows_where_to_get_help"] = _answer(parameters, "knows_where_to_get_help", knows, rng)
    return columns | _attitudes(parameters, sample, rng)


def gender_index(columns: dict[str, pd.Categorical]) -> Integers:
    """Number of the three inequitable attitudes agreed with (0 to 3)."""
    return np.asarray(np.sum([columns[name] == "yes" for name in _ATTITUDES[1:]], axis=0, dtype=np.int64))


def _latent(parameters: Parameters, sample: Sample, rng: np.random.Generator) -> Floats:
    return latent(rng, sample.cluster, parameters["background.cluster_share"])


def _yes(parameters: Parameters, sample: Sample, share: float, rng: np.random.Generator) -> Integers:
    """Codes YES with the given share, NO otherwise."""
    yes: Booleans = above(_latent(parameters, sample, rng), share)
    return np.where(yes, _YES, _NO)


def _published(parameters: Parameters, question: str, iso3: str) -> float:
    """The published share of a question in a country; of all countries where the country has none."""
    indicator = parameters["background.published"][question]
    everywhere = parameters.share(indicator, POOLED)
    return parameters.share(indicator, iso3.upper(), missing=everywhere)


def _yes_as_published(
    parameters: Parameters, sample: Sample, question: str, rng: np.random.Generator
) -> Integers:
    """Codes YES for the published share of the country's children, NO otherwise."""
    share = _published(parameters, question, sample.iso3)
    yes = levels_by_share(_latent(parameters, sample, rng), sample.weight, [1 - share, share])
    return np.where(yes, _YES, _NO)


def _skills(parameters: Parameters, iso3: str) -> list[float]:
    """Shares of the four answers about reporting harmful content: the two lower ones add up to the published share."""
    name = "can_report_harmful_content"
    unable = _published(parameters, name, iso3)
    first, second, third, fourth = _levels(parameters, f"background.{name}_within_halves", name)
    return [unable * first, unable * second, (1 - unable) * third, (1 - unable) * fourth]


def _levels(parameters: Parameters, key: str, variable: str) -> list[float]:
    """Shares of a parameter in the order of the codebook's values."""
    return [parameters[key][value] for value in parameters.codebook["children"][variable]["values"]]


def _mediation(
    parameters: Parameters, sample: Sample, family: Floats, rng: np.random.Generator
) -> dict[str, pd.Categorical]:
    """Four questions on how the parent supports the child online; they share a factor and follow the caregiver's."""
    common = mixed(
        family, _latent(parameters, sample, rng), parameters["background.parent_caregiver_agreement"]
    )
    columns = {}
    for name, shift in parameters["background.parent_mediation_shift"].items():
        score = (
            mixed(common, rng.standard_normal(len(sample)), parameters["background.parent_mediation_loading"])
            + shift
        )
        columns[name] = _answer(
            parameters, name, cut(score, _levels(parameters, "background.parent_mediation", name)), rng
        )
    return columns


def _attitudes(parameters: Parameters, sample: Sample, rng: np.random.Generator) -> dict[str, pd.Categorical]:
    common = _latent(parameters, sample, rng)
    often = sample.iso3 in parameters["background.attitudes_often_unanswered_in"]
    special = "background.attitude_special_answers" + ("_there" if often else "")
    columns = {}
    for name in _ATTITUDES:
        score = mixed(common, rng.standard_normal(len(sample)), parameters["background.attitudes_loading"])
        codes = np.where(above(score, parameters["background.attitudes"][name]), _YES, _NO)
        columns[name] = _answer(parameters, name, codes, rng, special)
    return columns


def _answer(
    parameters: Parameters,
    variable: str,
    codes: Integers,
    rng: np.random.Generator,
    special: str = "background.special_answers",
) -> pd.Categorical:
    """A codebook variable with a few special answers put in."""
    values: Sequence[str] = list(parameters.codebook["children"][variable]["values"])
    return one_answer(with_special(codes, len(values), parameters[special], rng), values)
