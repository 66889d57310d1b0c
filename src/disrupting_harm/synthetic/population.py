"""The synthetic survey of one country at codebook level: a frame of children and a frame of caregivers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from disrupting_harm.synthetic.background import draw_background, gender_index
from disrupting_harm.synthetic.caregivers import draw_caregivers, family_mediation
from disrupting_harm.synthetic.draws import Integers, one_answer, several_answers, stream
from disrupting_harm.synthetic.followups import (
    FollowUp,
    draw_barriers,
    draw_perpetrators,
    draw_places,
    draw_platforms,
    draw_told,
)
from disrupting_harm.synthetic.forms import Forms, draw_forms
from disrupting_harm.synthetic.parameters import Parameters
from disrupting_harm.synthetic.sample import AGES, AREAS, SEXES, Sample, draw_sample
from disrupting_harm.synthetic.targets import RESPONSES
from disrupting_harm.synthetic.wellbeing import draw_wellbeing

_STANDS_FOR = 5000
"""Children whom a child of the synthetic survey stands for, on average: made up."""
_QUESTIONS = ("place", "platform", "perpetrator", "told", "barrier")


def population(iso3: str, parameters: Parameters, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the survey of a country before cleaning: (children, caregivers), linked by household_id.

    Columns and values are those of the codebook, in its order; missing means not asked. As in delivered files, some
    rows have no weight (they come on top of the sample) and some child_id occur twice. The same country, parameters
    and seed give the same values; two countries are independent.
    """
    sample = draw_sample(parameters, iso3, seed)
    forms = draw_forms(parameters, sample, seed)
    family = family_mediation(sample, seed)
    background = draw_background(parameters, sample, family, seed)
    answers = _follow_ups(parameters, sample, forms, background, seed)
    wellbeing = draw_wellbeing(parameters, sample, forms, answers["place"], seed)
    affected = np.asarray(forms.online.any(axis=1))

    design = _design(sample) | {"language": _languages(parameters, sample, seed)}
    caregiver_design = _design(sample, "caregiver_id", "C")
    area = one_answer(sample.area, _values(parameters, "children", "area", AREAS))
    child = design | {
        "sex": one_answer(sample.sex, _values(parameters, "children", "sex", SEXES)),
        "age": np.array(AGES)[sample.age],
        "area": area,
    }
    children = pd.DataFrame(child | background | wellbeing | _form_columns(parameters, forms, answers))
    caregivers = draw_caregivers(parameters, sample, family, area, affected, seed)
    grown_ups = pd.DataFrame(caregiver_design | caregivers)
    return _deliverable(parameters, children, grown_ups, sample, seed)


def _follow_ups(
    parameters: Parameters, sample: Sample, forms: Forms, background: dict[str, pd.Categorical], seed: int
) -> dict[str, FollowUp]:
    places = draw_places(parameters, sample, forms, seed)
    knows = np.asarray(background["knows_where_to_get_help"] == "yes")
    disclosure = draw_told(parameters, sample, forms, knows, gender_index(background), seed)
    return {
        "place": places,
        "platform": draw_platforms(parameters, sample, places, forms.letters, seed),
        "perpetrator": draw_perpetrators(parameters, sample, forms, places, seed),
        "told": disclosure,
        "barrier": draw_barriers(parameters, sample, disclosure, forms.letters, seed),
    }


def _values(parameters: Parameters, table: str, variable: str, expected: tuple[str, ...]) -> list[str]:
    """The codebook's values of a variable, which must be the ones the generator uses."""
    values = list(parameters.codebook[table][variable]["values"])
    if tuple(values) != expected:
        raise ValueError(
            f"config/codebook.yaml: {table}.{variable}.values are {values}, the generator uses {list(expected)}"
        )
    return values


def _design(sample: Sample, identifier: str = "child_id", letter: str = "") -> dict[str, object]:
    """Identifiers, weight, stratum and cluster."""
    country = sample.iso3.upper()
    numbers = range(1, len(sample) + 1)
    return {
        identifier: [f"{country}{letter}{number:05d}" for number in numbers],
        "household_id": [f"{country}H{number:05d}" for number in numbers],
        "weight": sample.weight,
        **({"gross_weight": sample.weight * _STANDS_FOR} if identifier == "child_id" else {}),
        "stratum": np.array(AREAS, dtype=object)[sample.area],
        "psu": [f"P{cluster + 1:03d}" for cluster in sample.cluster],
    }


def _languages(parameters: Parameters, sample: Sample, seed: int) -> list[str]:
    """The code of the language of each interview, the same in a cluster."""
    known = parameters["design.languages"]
    codes = known.get(sample.iso3, known["others"])
    of_cluster = stream(seed, sample.iso3, "languages").choice(codes, sample.cluster.max() + 1)
    return [str(code) for code in of_cluster[sample.cluster]]


def _form_columns(parameters: Parameters, forms: Forms, answers: dict[str, FollowUp]) -> dict[str, object]:
    """Columns of the abuse module: the nine frequencies, then question by question in codebook order."""
    columns: dict[str, object] = {}
    for position, letter in enumerate(forms.letters):
        columns[f"form_{letter}"] = one_answer(
            forms.response[:, position], _values(parameters, "children", "form_{form}", RESPONSES[:5])
        )
    for question in _QUESTIONS:
        answer = answers[question]
        for position, letter in enumerate(forms.letters):
            columns |= several_answers(
                f"{question}_{letter}", answer.chosen[:, position], answer.options, answer.asked[:, position]
            )
    return columns


def _deliverable(
    parameters: Parameters, children: pd.DataFrame, caregivers: pd.DataFrame, sample: Sample, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add what delivered files carry: rows without weight, identifiers that occur twice; rows by cluster."""
    rng = stream(seed, sample.iso3, "delivery")
    rows = _row_order(parameters, sample, rng)
    children, caregivers = (
        children.iloc[rows].reset_index(drop=True),
        caregivers.iloc[rows].reset_index(drop=True),
    )
    extra = np.flatnonzero(pd.Series(rows).duplicated())
    for frame, identifier, letter in ((children, "child_id", ""), (caregivers, "caregiver_id", "C")):
        numbers = range(len(sample) + 1, len(sample) + 1 + len(extra))
        frame.loc[extra, identifier] = [f"{sample.iso3.upper()}{letter}{number:05d}" for number in numbers]
        frame.loc[extra, "household_id"] = [f"{sample.iso3.upper()}H{number:05d}" for number in numbers]
        frame.loc[extra, [name for name in ("weight", "gross_weight") if name in frame]] = np.nan
    if parameters.is_calibrated(sample.iso3.upper()):
        twice = rng.choice(
            np.setdiff1d(np.arange(len(rows)), extra),
            (parameters["design.duplicated_identifiers"], 2),
            replace=False,
        )
        children.loc[twice[:, 1], "child_id"] = children.loc[twice[:, 0], "child_id"].to_numpy()
    return children, caregivers


def _row_order(parameters: Parameters, sample: Sample, rng: np.random.Generator) -> Integers:
    """Positions of the delivered rows: clusters together, children within them at random, a few twice.

    A second occurrence becomes a row without weight: it repeats the answers of another child of the cluster.
    """
    extra = rng.choice(len(sample), parameters.rows_without_weight(sample.iso3.upper()), replace=False)
    rows = np.concatenate([np.arange(len(sample)), extra])
    shuffled = rng.permutation(len(sample))
    position = np.concatenate([sample.cluster + shuffled / len(sample), sample.cluster[extra] + 0.9999999])
    return rows[np.argsort(position, kind="stable")]
