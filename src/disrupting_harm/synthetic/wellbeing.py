"""The child's wellbeing: self-harm, suicidal thoughts and acts, and three scales, all worse after abuse.

Shares of a country that are published are met; where nothing is published all countries have the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from disrupting_harm.synthetic.calibration import threshold_for_share
from disrupting_harm.synthetic.draws import (
    Booleans,
    Floats,
    above,
    cut,
    latent,
    mixed,
    one_answer,
    stream,
)
from disrupting_harm.synthetic.followups import IN_PERSON, FollowUp
from disrupting_harm.synthetic.forms import Forms
from disrupting_harm.synthetic.parameters import Parameters
from disrupting_harm.synthetic.sample import Sample

_YES, _NO, _DONT_KNOW, _REFUSED = range(4)
_STEPS = (
    "life_not_worth_living",
    "wished_to_be_dead",
    "suicidal_thoughts",
    "suicide_considered",
    "suicide_attempt",
)
_SCALES = {
    "anxiety": [f"anxiety_{letter}" for letter in "abcdefg"],
    "low_mood": ["low_mood_f", "low_mood_g"],
    "well_at_heart": ["low_mood_a", "low_mood_b"],
    "satisfaction": [f"wellbeing_{letter}" for letter in "abcdef"],
}
"""Items by the parameters they are drawn with; those of `well_at_heart` run the other way in the scale of low mood."""

_LADDER = "life_ladder"


class Exposure:
    """Who was subjected to abuse: online, in other ways only, and in person; one value per row."""

    def __init__(self, forms: Forms, places: FollowUp) -> None:
        self.online: Booleans = np.asarray(forms.online.any(axis=1))
        self.elsewhere: Booleans = np.asarray(forms.reported.any(axis=1)) & ~self.online
        self.in_person: Booleans = np.asarray(places.chosen[:, :, IN_PERSON].any(axis=1))


def draw_wellbeing(
    parameters: Parameters, sample: Sample, forms: Forms, places: FollowUp, seed: int
) -> dict[str, object]:
    """Columns of the wellbeing questions, and sexual images made with AI, in the codebook's order."""
    rng = stream(seed, sample.iso3, "wellbeing")
    exposure = Exposure(forms, places)
    distress = latent(rng, sample.cluster, parameters["background.cluster_share"])
    columns: dict[str, object] = {}
    for name in ("self_harm", "anxiety"):
        individual = mixed(distress, rng.standard_normal(len(sample)), 0.7)
        columns[name] = _answered(parameters, sample, name, individual, exposure, rng)
    columns |= _steps(parameters, sample, distress, exposure, rng)
    columns |= _scales(parameters, sample, distress, exposure, rng)
    images = forms.reported[:, forms.letters.index("h")]
    columns |= _made_with_ai(parameters, sample, images, exposure.online, rng)
    return {name: columns[name] for name in parameters.codebook["children"] if name in columns}


def _steps(
    parameters: Parameters, sample: Sample, distress: Floats, exposure: Exposure, rng: np.random.Generator
) -> dict[str, pd.Categorical]:
    """Suicidal thoughts and acts: the steps share a factor, and who answers none of them answers none."""
    common = mixed(distress, rng.standard_normal(len(sample)), 0.75)
    silent = rng.random(len(sample))
    loading = parameters["wellbeing.steps_loading"]
    columns = {}
    for name in _STEPS:
        score = mixed(common, rng.standard_normal(len(sample)), loading)
        columns[name] = _answered(parameters, sample, name, score, exposure, rng, silent)
    return columns


def _answered(
    parameters: Parameters,
    sample: Sample,
    name: str,
    score: Floats,
    exposure: Exposure,
    rng: np.random.Generator,
    silent: Floats | None = None,
) -> pd.Categorical:
    """A yes/no question: the highest scores say yes, with a share that depends on exposure.

    silent: one uniform value a row; the lowest give no answer. Left out: drawn for this question alone.
    """
    none = parameters["wellbeing.no_answer"][_about(name)]
    missing = none.get(sample.iso3, none["others"])
    silent = rng.random(len(sample)) if silent is None else silent
    answers = silent >= missing
    ratio = _ratio(parameters, sample.iso3, name, exposure)
    yes = answers & _yes(parameters, sample, name, score, ratio, answers)
    codes = np.where(yes, _YES, np.where(answers, _NO, np.where(silent < missing / 2, _DONT_KNOW, _REFUSED)))
    return one_answer(codes, list(parameters.codebook["children"][name]["values"]))


def _yes(
    parameters: Parameters, sample: Sample, name: str, score: Floats, ratio: Floats, answers: Booleans
) -> Booleans:
    """Who says yes: the highest scores. A published share comes out among those who answer, to a child."""
    published = parameters["wellbeing.published"].get(name, "")
    everyone = parameters.share(published, sample.iso3.upper(), missing=np.nan)
    if np.isnan(everyone):
        return above(score, np.minimum(parameters["wellbeing.baseline"][name] * ratio, 0.95))
    share = np.minimum(everyone * ratio / np.average(ratio, weights=sample.weight), 0.95)
    beyond = np.where(answers, score + ndtri(share), -np.inf)
    return beyond > threshold_for_share(beyond, sample.weight, everyone * sample.weight[answers].sum())


def _about(name: str) -> str:
    """The key of a question in parameters: the five steps share theirs."""
    return "steps" if name in _STEPS else name


def _ratio(parameters: Parameters, iso3: str, name: str, exposure: Exposure) -> Floats:
    """How many times as frequent something is as among children without a reported form, one value per row."""
    about = _about(name)
    online = parameters["wellbeing.ratio_online"]
    online = parameters["wellbeing.ratio_online_of"].get(iso3, online)[about]
    elsewhere, in_person = (
        parameters[f"wellbeing.ratio_{where}"][about] for where in ("not_online", "in_person")
    )
    ratio = np.where(exposure.online, online, np.where(exposure.elsewhere, elsewhere, 1.0))
    return ratio * np.where(exposure.in_person, in_person, 1.0)


def _scales(
    parameters: Parameters, sample: Sample, distress: Floats, exposure: Exposure, rng: np.random.Generator
) -> dict[str, object]:
    """The items of the three scales, and the ladder."""
    columns: dict[str, object] = {}
    for scale, items in _SCALES.items():
        factor = _factor(parameters, scale, distress, exposure, rng)
        for item in items:
            score = mixed(
                factor, rng.standard_normal(len(sample)), parameters["wellbeing.item_loading"][scale]
            )
            shares = parameters["wellbeing.item_answers"][scale]
            columns[item] = _item(parameters, item, cut(score, list(shares.values())), rng)
    middle, spread = parameters["wellbeing.ladder"]
    steps = np.round(middle + spread * _factor(parameters, "ladder", distress, exposure, rng))
    silent = rng.random(len(sample)) < sum(parameters["background.special_answers"].values())
    columns[_LADDER] = np.where(silent, np.nan, np.clip(steps, 0, 10))
    return columns


def _factor(
    parameters: Parameters, scale: str, distress: Floats, exposure: Exposure, rng: np.random.Generator
) -> Floats:
    """What the items of a scale have in common: it follows distress, and differs with exposure."""
    follows, shift = (parameters[f"wellbeing.{what}"][scale] for what in ("follows_distress", "shift_online"))
    common = mixed(distress, rng.standard_normal(len(distress)), follows)
    return common + shift * (exposure.online - exposure.online.mean())


def _item(parameters: Parameters, item: str, codes: np.ndarray, rng: np.random.Generator) -> pd.Categorical:
    """One item with a few special answers."""
    values: Sequence[str] = list(parameters.codebook["children"][item]["values"])
    shares = parameters["background.special_answers"]
    uniform = rng.random(len(codes))
    codes = np.where(uniform < shares["dont_know"] + shares["refused"], len(values) + 1, codes)
    return one_answer(np.where(uniform < shares["dont_know"], len(values), codes), values)


def _made_with_ai(
    parameters: Parameters, sample: Sample, images: Booleans, online: Booleans, rng: np.random.Generator
) -> dict[str, pd.Categorical]:
    """Sexual images of the child made with AI, more frequent where images were shared."""
    shares = parameters["wellbeing.ai_sexual_images"]
    chance = np.where(images, shares["images_shared"], np.where(online, shares["any_online"], shares["none"]))
    codes = np.where(rng.random(len(sample)) < chance, _YES, _NO)
    return {"ai_sexual_images": _item(parameters, "ai_sexual_images", codes, rng)}
