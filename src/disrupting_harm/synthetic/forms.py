"""The nine forms: frequency answers and whether each last happened online, fitted jointly to published shares.

A latent-factor model gives a pool of answer profiles: one factor for abuse, one for online rather than other
places, and two for the special answers. Its loadings are set so that the shares of children with at least one form come
out; the pool is then raked to all targets. Rows of the sample draw profiles by a score of age, area and cluster; in
countries with published shares, profiles are exchanged until the weighted shares of the sample fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from disrupting_harm.synthetic.calibration import exchange, rake
from disrupting_harm.synthetic.draws import Booleans, Floats, Integers, mixed, odds_shift, stream
from disrupting_harm.synthetic.parameters import Parameters
from disrupting_harm.synthetic.sample import AGES, AREAS, SEXES, Sample
from disrupting_harm.synthetic.targets import (
    COUNTRY_REPORT,
    IMPLIED_ONLINE,
    RESPONSES,
    FormTargets,
    form_targets,
)

_DONT_KNOW, _REFUSED = RESPONSES.index("dont_know"), RESPONSES.index("refused")


@dataclass(frozen=True)
class Forms:
    """Answers of rows or profiles: `response` holds positions in RESPONSES, `online` whether it was online last."""

    letters: str
    response: Integers
    online: Booleans

    @property
    def reported(self) -> Booleans:
        """Rows x forms: the form happened in the past year."""
        return (self.response >= 1) & (self.response < _DONT_KNOW)

    def take(self, rows: Integers) -> Forms:
        """The forms of some rows (or profiles)."""
        return Forms(self.letters, self.response[rows], self.online[rows])

    def at_least_one(self) -> dict[str, Booleans]:
        """The child-level indicators, one value per row."""
        reported, online = self.reported, self.online
        anywhere = [letter in IMPLIED_ONLINE for letter in self.letters]
        reports = [letter in COUNTRY_REPORT for letter in self.letters]
        special = (self.response >= _DONT_KNOW).any(axis=1)
        return {
            "any_online": np.asarray(online.any(axis=1)),
            "any_context": np.asarray(reported.any(axis=1)),
            "implied": np.asarray(np.where(anywhere, reported, online).any(axis=1)),
            "country_report": np.asarray(reported[:, reports].any(axis=1)),
            "undetermined": np.asarray(special & ~reported.any(axis=1)),
        }


def draw_forms(parameters: Parameters, sample: Sample, seed: int) -> Forms:
    """The nine forms of a sample."""
    rng = stream(seed, sample.iso3, "forms")
    targets = form_targets(parameters, sample.iso3.upper())
    pool = _pool(parameters, targets, rng)
    probability = rake(_features(pool), _shares(targets))
    candidates = _candidates(parameters, sample, pool, probability, rng)
    chosen = _fit(sample, pool, targets, candidates, rng) if targets.fitted else candidates[:, 0]
    return pool.take(chosen)


def _pool(parameters: Parameters, targets: FormTargets, rng: np.random.Generator) -> Forms:
    """Answer profiles from the latent-factor model."""
    size, forms = parameters["forms.pool_size"], len(targets.responses)
    response = _special_answers(parameters, targets, rng, size)
    abuse, individual = rng.standard_normal((size, 1)), rng.standard_normal((size, forms))
    answered = 1 - targets.responses[:, _DONT_KNOW:].sum(axis=1)
    edges = np.cumsum(targets.responses[:, :4], axis=1) / answered[:, None]
    cuts = ndtri(np.clip(edges, 0, 1))

    def responses(loading: float) -> Integers:
        score = mixed(abuse, individual, loading)
        return np.where(response > 0, response, (score[:, :, None] > cuts).sum(axis=2))

    def share_reporting(loading: float) -> float:
        answers = responses(loading)
        return float(((answers >= 1) & (answers < _DONT_KNOW)).any(axis=1).mean())

    response = responses(_solve(share_reporting, targets.any_context))
    pool = Forms("".join(parameters.forms), response, np.zeros(response.shape, bool))
    return Forms(pool.letters, response, _online(pool.reported, targets, rng))


def _special_answers(
    parameters: Parameters, targets: FormTargets, rng: np.random.Generator, size: int
) -> Integers:
    """Don't know and prefer not to say, rows x forms, 0 elsewhere; mostly the same children over all forms."""
    loading, forms = parameters["forms.nonresponse_loading"], len(targets.responses)
    response = np.zeros((size, forms), np.int64)
    for code in (_REFUSED, _DONT_KNOW):
        score = mixed(rng.standard_normal((size, 1)), rng.standard_normal((size, forms)), loading)
        response[score > -ndtri(targets.responses[:, code])] = code
    return response


def _online(reported: Booleans, targets: FormTargets, rng: np.random.Generator) -> Booleans:
    """Which reported forms last happened online, so that the share of children with at least one comes out."""
    child, individual = rng.standard_normal((len(reported), 1)), rng.standard_normal(reported.shape)
    share = np.minimum(targets.online / np.maximum(targets.any_form, 1e-9), 0.999)
    threshold = -ndtri(share)

    def online(loading: float) -> Booleans:
        return reported & (mixed(child, individual, loading) > threshold)

    return online(_solve(lambda loading: float(online(loading).any(axis=1).mean()), targets.any_online))


def _solve(share: Callable[[float], float], wanted: float) -> float:
    """The loading at which a share that falls with the loading reaches `wanted`, between 0.05 and 0.99."""
    low, high = 0.05, 0.99
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) > wanted else (low, middle)
    return (low + high) / 2


def _features(forms: Forms) -> Booleans:
    """Yes/no features, profiles x features, in the order of `_shares`."""
    answers = [forms.response == code for code in range(1, len(RESPONSES))]
    children = np.column_stack(list(forms.at_least_one().values()))
    return np.concatenate([*answers, forms.online, children], axis=1)


def _shares(targets: FormTargets) -> Floats:
    """Wanted shares in the order of `_features`."""
    children = [
        targets.any_online,
        targets.any_context,
        targets.implied,
        targets.country_report,
        targets.undetermined,
    ]
    return np.concatenate([targets.responses[:, 1:].T.ravel(), targets.online, children])


def _candidates(
    parameters: Parameters, sample: Sample, pool: Forms, probability: Floats, rng: np.random.Generator
) -> Integers:
    """Profiles that each row may take (rows x alternatives), drawn by age, area and cluster.

    Profiles are ordered by severity; a row's place in that order comes from its score, so that the share of children
    affected rises with age and differs between areas and clusters.
    """
    children = pool.at_least_one()
    severity = (
        100 * children["any_online"]
        + 50 * children["any_context"]
        + pool.online.sum(axis=1)
        + 0.5 * pool.reported.sum(axis=1)
    )
    order = np.argsort(severity + rng.random(len(severity)), kind="stable")
    reached = np.cumsum(probability[order])
    cluster_share = parameters["forms.cluster_share"]
    age = odds_shift(parameters["forms.age_per_year"]) * (np.array(AGES)[sample.age] - 15)
    by_area = np.array([parameters["forms.area"][name] for name in AREAS])
    area = np.asarray(odds_shift(by_area))[sample.area]
    cluster = np.sqrt(cluster_share) * rng.standard_normal(sample.cluster.max() + 1)[sample.cluster]
    fixed = age + area + cluster
    fixed = fixed - np.average(fixed, weights=sample.weight)
    spread = np.sqrt(1 - cluster_share)
    score = fixed[:, None] + spread * rng.standard_normal((len(sample), parameters["forms.candidates"]))
    total = np.sqrt(np.average(fixed**2, weights=sample.weight) + spread**2)
    index = np.searchsorted(reached, ndtr(score / total) * reached[-1])
    return order[np.minimum(index, len(order) - 1)]


def _fit(
    sample: Sample, pool: Forms, targets: FormTargets, candidates: Integers, rng: np.random.Generator
) -> Integers:
    """Exchange profiles until the weighted shares of the sample fit the targets."""
    shares = _shares(targets)
    groups, group_totals = _group_targets(sample, targets)
    known = ~np.isnan(shares)
    totals = np.concatenate([shares[known] * sample.weight.sum(), group_totals])
    importance = np.concatenate([_importance(len(shares))[known], np.full(len(group_totals), 0.6)])
    scale = np.sqrt(np.maximum(totals, 0.5)) / importance
    features = _features(pool)[:, known].astype(float)
    online = pool.online.any(axis=1).astype(float)
    return exchange(features, candidates, groups, online, sample.weight, totals, scale, rng)


def _importance(features: int) -> Floats:
    """Child-level indicators count more than single answers."""
    importance = np.ones(features)
    importance[-5:] = [4, 3, 3, 2, 1.5]
    return importance


def _group_targets(sample: Sample, targets: FormTargets) -> tuple[Floats, Floats]:
    """Indicator columns of age, area and sex (rows x levels), and weighted totals of affected children in each."""
    columns: list[Floats] = []
    totals: list[Floats] = []
    for name, levels, of_row in (
        ("age", AGES, sample.age),
        ("area", AREAS, sample.area),
        ("sex", SEXES, sample.sex),
    ):
        member = of_row[:, None] == np.arange(len(levels))
        columns.append(member.astype(float))
        totals.append(targets.online_by[name] * (sample.weight[:, None] * member).sum(axis=0))
    return np.concatenate(columns, axis=1), np.concatenate(totals)
