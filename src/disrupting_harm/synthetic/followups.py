"""Questions that follow a reported form: where, on which platform, who, whom the child told, and why no one.

Arrays are rows x forms x options. Shares by form are the pooled published ones; the places respect which forms were
last online, and the channels of telling fit the country's published shares of affected children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from disrupting_harm.synthetic.calibration import threshold_for_share
from disrupting_harm.synthetic.draws import (
    SPECIAL,
    Booleans,
    Floats,
    Integers,
    above,
    cut_rows,
    mixed,
    odds_shift,
    spread,
    stream,
)
from disrupting_harm.synthetic.forms import Forms
from disrupting_harm.synthetic.parameters import POOLED, Parameters
from disrupting_harm.synthetic.sample import AGES, SEXES, Sample
from disrupting_harm.synthetic.targets import form_targets

IN_PERSON, _SOCIAL_MEDIA, _ONLINE_GAME, _OTHER_WAY, _PLACE_DONT_KNOW, _PLACE_REFUSED = range(6)


@dataclass(frozen=True)
class FollowUp:
    """Answers to one question: `chosen` is rows x forms x options, `asked` rows x forms."""

    options: tuple[str, ...]
    chosen: Booleans
    asked: Booleans


def _options_of(parameters: Parameters, variable: str) -> tuple[str, ...]:
    """Options of a several-answer variable in codebook order, special answers last."""
    return (*parameters.codebook["children"][variable]["options"], *SPECIAL)


def _pooled_by_form(parameters: Parameters, indicator: str, letters: str) -> Floats:
    """Pooled published shares of an indicator by form; forms without a number get the mean of the others."""
    shares = np.array([parameters.share(indicator, POOLED, f"item={k}", missing=np.nan) for k in letters])
    return np.where(np.isnan(shares), np.nanmean(shares), shares)


def _table(parameters: Parameters, what: str, prefix: str, options: tuple[str, ...], letters: str) -> Floats:
    """Pooled shares, forms x options."""
    names = parameters.names(what)
    return np.column_stack(
        [_pooled_by_form(parameters, f"{prefix}_{names[option]}", letters) for option in options]
    )


# Where it happened the last time ------------------------------------------------------------------------------------


def draw_places(parameters: Parameters, sample: Sample, forms: Forms, seed: int) -> FollowUp:
    """Places of the last occurrence: social media or a game exactly where the form was online."""
    rng = stream(seed, sample.iso3, "places")
    options = _options_of(parameters, "place_{form}")
    shares = _place_shares(parameters, forms.letters)
    extra = parameters["places.extra_consistency"]
    shape = forms.online.shape
    chosen = np.zeros((*shape, len(options)), bool)
    kind = _child_scores(rng, shape, parameters["places.online_consistency"])
    person = rng.standard_normal((shape[0], 1))
    offline = mixed(person, rng.standard_normal(shape), parameters["places.offline_consistency"])
    offline = _shifted(
        offline,
        np.asarray(forms.online.any(axis=1)),
        forms.reported & ~forms.online,
        parameters["places.offline_shift"],
    )
    for form in range(shape[1]):
        online, elsewhere = forms.online[:, form], forms.reported[:, form] & ~forms.online[:, form]
        which = cut_rows(ndtr(kind[:, form]), np.broadcast_to(shares["online"][form], (shape[0], 3)))
        chosen[:, form, _SOCIAL_MEDIA] = online & (which <= 1)
        chosen[:, form, _ONLINE_GAME] = online & (which >= 1)
        where = cut_rows(ndtr(offline[:, form]), np.broadcast_to(shares["offline"][form], (shape[0], 5)))
        chosen[:, form, _PLACE_REFUSED] = elsewhere & (where == 0)
        chosen[:, form, _PLACE_DONT_KNOW] = elsewhere & (where == 1)
        chosen[:, form, _OTHER_WAY] = elsewhere & ((where == 2) | (where == 3))
        chosen[:, form, IN_PERSON] = elsewhere & (where >= 3)
    also_person = mixed(person, rng.standard_normal(shape), extra)
    also_other = _child_scores(rng, shape, extra)
    chosen[:, :, IN_PERSON] |= forms.online & above(also_person, shares["also_in_person"])
    chosen[:, :, _OTHER_WAY] |= forms.online & above(also_other, shares["also_other"])
    return FollowUp(options, chosen, forms.reported)


def _place_shares(parameters: Parameters, letters: str) -> dict[str, Floats]:
    """Conditional shares by form that reproduce the pooled places.

    Keys: `online` (social media only, both, game only | online), `offline` (refused, don't know, other way only, both
    other way and in person, in person only | not online), `also_in_person` and `also_other` (| online).
    """
    pooled = form_targets(parameters, POOLED)
    online = pooled.online / pooled.any_form
    names = parameters.names("places")
    share = {
        option: _pooled_by_form(parameters, f"last_location_{name}", letters)
        for option, name in names.items()
    }
    both = np.maximum(share["social_media"] + share["online_game"] - online, 0)
    offline, overlap = 1 - online, parameters["places.both_offline"]
    special = share["dont_know"] + share["refused"]
    elsewhere = share["in_person"] + share["other_way"]
    also = np.maximum(elsewhere + special - offline * (1 + overlap), 0)
    tilt = parameters["places.other_way_tilt"]
    to_other = tilt * share["other_way"] / (share["in_person"] + tilt * share["other_way"])
    also_other = np.minimum(also * to_other, 0.9 * share["other_way"])
    also_person = also - also_other
    person, other = share["in_person"] - also_person, share["other_way"] - also_other
    two = np.maximum(person + other + special - offline, 0)
    return {
        "online": np.column_stack([online - share["online_game"], both, online - share["social_media"]]),
        "offline": np.column_stack([share["refused"], share["dont_know"], other - two, two, person - two]),
        "also_in_person": also_person / online,
        "also_other": also_other / online,
    }


# Platforms and perpetrators: one main answer, sometimes more --------------------------------------------------------


def draw_platforms(
    parameters: Parameters, sample: Sample, places: FollowUp, letters: str, seed: int
) -> FollowUp:
    """Platforms of forms last met on social media; a and b use the mean of the forms with published figures."""
    rng = stream(seed, sample.iso3, "platforms")
    options = _options_of(parameters, "platform_{form}")
    shares = _table(parameters, "platforms", "platform", options, letters)
    asked = places.chosen[:, :, _SOCIAL_MEDIA]
    score = _child_scores(rng, asked.shape, parameters["platforms.child_consistency"])
    chosen = _main_and_more(shares, score, rng, parameters["platforms.child_consistency"], main=0)
    return FollowUp(options, chosen & asked[:, :, None], asked)


def draw_perpetrators(
    parameters: Parameters, sample: Sample, forms: Forms, places: FollowUp, seed: int
) -> FollowUp:
    """Perpetrators by form; known people somewhat more often when it happened in person."""
    rng = stream(seed, sample.iso3, "perpetrators")
    options = _options_of(parameters, "perpetrator_{form}")
    shares = _table(parameters, "perpetrators", "perpetrator", options, forms.letters)
    order = [options.index(name) for name in (*_STRANGER_TO_FAMILY, *SPECIAL)]
    consistency, shift = (
        parameters["perpetrators.child_consistency"],
        parameters["perpetrators.in_person_shift"],
    )
    in_person = places.chosen[:, :, IN_PERSON]
    score = _shifted(_child_scores(rng, in_person.shape, consistency), in_person, forms.reported, shift)
    chosen = np.zeros((*in_person.shape, len(options)), bool)
    chosen[:, :, order] = _main_and_more(shares[:, order], score, rng, consistency)
    return FollowUp(options, chosen & forms.reported[:, :, None], forms.reported)


_STRANGER_TO_FAMILY = (
    "unknown_person",
    "someone_else",
    "acquaintance_under_18",
    "acquaintance_adult",
    "romantic_partner",
    "family_member",
)


def _main_and_more(
    shares: Floats, score: Floats, rng: np.random.Generator, consistency: float, main: int | None = None
) -> Booleans:
    """Several answers with given shares by form (forms x options, the last two are special), at least one each.

    One main answer comes from the score; further ones are added so that the shares come out. With `main`, that
    option is either the main answer or not chosen at all (its share is most of the total).
    """
    rows, forms = score.shape
    chosen = np.zeros((rows, forms, shares.shape[1]), bool)
    special = shares[:, -2:]
    ordinary = shares[:, :-2]
    first = _first_answers(ordinary, 1 - special.sum(axis=1), main)
    # special answers take the lowest scores, so that the order of the ordinary ones keeps its meaning
    probabilities = np.concatenate([special, first], axis=1)
    child_more = rng.standard_normal((rows, 1, ordinary.shape[1]))
    for form in range(forms):
        code = cut_rows(
            ndtr(score[:, form]), np.broadcast_to(probabilities[form], (rows, probabilities.shape[1]))
        )
        answered = code >= 2
        position = np.where(answered, code - 2, code + ordinary.shape[1])
        chosen[np.arange(rows), form, position] = True
        room = np.maximum(1 - special[form].sum() - first[form], 1e-9)
        more = np.clip((ordinary[form] - first[form]) / room, 0, 0.999)
        extra = mixed(child_more[:, 0], rng.standard_normal((rows, ordinary.shape[1])), consistency)
        chosen[:, form, :-2] |= answered[:, None] & above(extra, more)
    return chosen


def _first_answers(ordinary: Floats, answered: Floats, main: int | None) -> Floats:
    """Shares of the main answer by form, adding to `answered`: in proportion, or all of `main` first."""
    if main is None:
        return ordinary * (answered / ordinary.sum(axis=1))[:, None]
    others = np.delete(ordinary, main, axis=1)
    others = others * ((answered - ordinary[:, main]) / others.sum(axis=1))[:, None]
    return np.insert(others, main, ordinary[:, main], axis=1)


# Whom the child told ------------------------------------------------------------------------------------------------


def draw_told(
    parameters: Parameters,
    sample: Sample,
    forms: Forms,
    help_known: Booleans,
    gender_index: Integers,
    seed: int,
) -> FollowUp:
    """Channels of telling, by form, so that the shares of children with technology-facilitated abuse fit.

    `help_known` (knows where to get help) and `gender_index` (0 to 3) make telling more likely, as published. About
    each form a child told no one, or told at least one channel, or gave a special answer.
    """
    rng = stream(seed, sample.iso3, "told")
    options = _options_of(parameters, "told_{form}")
    affected = np.asarray(forms.online.any(axis=1))
    totals = _channel_totals(parameters, sample, affected, options[:-2], rng)
    shift = _readiness(parameters, sample, affected, help_known, gender_index)
    ready = rng.standard_normal(len(sample))
    chosen = np.zeros((*forms.online.shape, len(options)), bool)
    open_to = forms.reported.copy()
    for option, total in sorted(totals.items(), key=lambda pair: pair[0] != "no_one"):
        score = np.where(open_to, _channel_score(parameters, option, ready, shift, forms, rng), -np.inf)
        by_form = None if option == "no_one" else _told_by_form(parameters, option, forms.letters)
        choice = _choose(score, total, affected, sample.weight, forms.reported, by_form)
        chosen[:, :, options.index(option)] = choice
        if option == "no_one":
            open_to &= ~choice
    unanswered = forms.reported & ~chosen.any(axis=2)
    dont_know = rng.random((len(sample), 1)) < parameters["disclosure.dont_know_share_of_unanswered"]
    chosen[:, :, -2], chosen[:, :, -1] = unanswered & dont_know, unanswered & ~dont_know
    return FollowUp(options, chosen, forms.reported)


def _channel_totals(
    parameters: Parameters,
    sample: Sample,
    affected: Booleans,
    channels: tuple[str, ...],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Weighted number of affected children to have told each channel (no one included) about at least one form.

    As published for the country; otherwise the pooled share with the chance variation of a sample.
    """
    country = sample.iso3.upper()
    fitted = parameters.is_calibrated(country)
    totals = {}
    for option in channels:
        name = parameters.names("channels")[option]
        share = parameters.share(f"disclosure_told_{name}", country if fitted else POOLED)
        if not fitted:
            children = max(int(affected.sum()), 1)
            share = rng.binomial(children, share) / children
        totals[option] = share * sample.weight[affected].sum()
    return totals


def _readiness(
    parameters: Parameters,
    sample: Sample,
    affected: Booleans,
    help_known: Booleans,
    gender_index: Integers,
) -> Floats:
    """How much readier to tell someone a child is for its sex, age, attitudes and help-seeking, mean 0."""
    log_odds = (
        parameters["disclosure.girl"] * (sample.sex == SEXES.index("girl"))
        + parameters["disclosure.age_per_year"] * np.array(AGES)[sample.age]
        + parameters["disclosure.knows_where_to_get_help"] * help_known
        + parameters["disclosure.gender_attitudes_per_point"] * gender_index
    )
    shift = np.asarray(odds_shift(log_odds))
    return shift - (shift[affected].mean() if affected.any() else 0.0)


def _channel_score(
    parameters: Parameters, option: str, ready: Floats, shift: Floats, forms: Forms, rng: np.random.Generator
) -> Floats:
    """Rows x forms: how near a child is to having told a channel about a form (no one: to having told no one).

    `ready` is a standard normal value a child that all channels share, `shift` its part explained by background.
    """
    shape = forms.online.shape
    no_one = option == "no_one"
    common = parameters["disclosure.common_loading"] * (-1 if no_one else 1)
    consistency = (
        parameters["disclosure.no_one_consistency"]
        if no_one
        else parameters["disclosure.channel_consistency"][option]
    )
    child = common * ready + np.sqrt(1 - common**2) * rng.standard_normal(shape[0])
    score = mixed(child[:, None], rng.standard_normal(shape), consistency)
    if no_one:
        return score - shift[:, None]
    by_form = ndtri(_told_by_form(parameters, option, forms.letters))
    return score + shift[:, None] + by_form - by_form.mean()


def _told_by_form(parameters: Parameters, option: str, letters: str) -> Floats:
    """Pooled published shares of those with a form who told a channel about it (never quite 0)."""
    name = parameters.names("channels")[option]
    return np.maximum(_pooled_by_form(parameters, f"disclosure_told_{name}", letters), 5e-4)


_ROUNDS, _STEP = 8, 0.25  # how often, and how far, forms are moved against each other


def _choose(
    score: Floats,
    total: float,
    affected: Booleans,
    weight: Floats,
    reported: Booleans,
    by_form: Floats | None,
) -> Booleans:
    """The highest scores (rows x forms) such that affected children with at least one carry the weight `total`.

    With `by_form`, forms are moved against each other until their shares stand in that proportion, as far as a small
    step a round allows: in small countries the shares by form stay uneven.
    """

    def highest() -> Booleans:
        return score > threshold_for_share(score.max(axis=1)[affected], weight[affected], total)

    base = (weight[:, None] * reported).sum(axis=0)
    for _ in range(0 if by_form is None else _ROUNDS):
        expected = (weight[:, None] * highest()).sum(axis=0)
        wanted = by_form * base * expected.sum() / max((by_form * base).sum(), 1e-9)
        step = np.log((wanted + 0.5) / (expected + 0.5))
        score = score + _STEP * (step - step.mean())
    return highest()


# Why the child told no one ------------------------------------------------------------------------------------------


def draw_barriers(
    parameters: Parameters, sample: Sample, disclosure: FollowUp, letters: str, seed: int
) -> FollowUp:
    """Reasons for telling no one: pooled number of reasons, pooled shares by form."""
    rng = stream(seed, sample.iso3, "barriers")
    options = _options_of(parameters, "barrier_{form}")
    names = parameters.names("barriers")
    reasons = [options.index(reason) for reason in names]
    asked = disclosure.chosen[:, :, disclosure.options.index("no_one")]
    chosen = np.zeros((*asked.shape, len(options)), bool)
    numbers = _number_of_reasons(parameters)
    by_form = np.column_stack(
        [_pooled_by_form(parameters, f"barrier_{name}", letters) for name in names.values()]
    )
    overall = np.array([parameters.share(f"barrier_{name}", POOLED) for name in names.values()])
    first = by_form * _first_reason_factor(overall, numbers)
    score = _child_scores(rng, asked.shape, parameters["barriers.child_consistency"])
    row, form = np.nonzero(asked)
    number = np.searchsorted(np.cumsum(numbers) / numbers.sum(), spread(rng, len(row)), side="right")
    main = cut_rows(ndtr(score[row, form]), first[form])
    picked = _pick(main, number, overall**_FURTHER, rng)
    chosen[row[:, None], form[:, None], reasons] = picked
    _unspecified(parameters, chosen, options, row[number == 0], form[number == 0], rng)
    return FollowUp(options, chosen, asked)


_FURTHER = 0.75  # further reasons are drawn with weights share ** this: flatter than the main ones


def _number_of_reasons(parameters: Parameters) -> Floats:
    """Pooled shares of 0, 1, 2, ... reasons."""
    shares = []
    while parameters.find("number_of_barriers_cited", POOLED, f"count={len(shares)}") is not None:
        shares.append(parameters.share("number_of_barriers_cited", POOLED, f"count={len(shares)}"))
    return np.array(shares)


def _pick(main: Integers, number: Integers, further: Floats, rng: np.random.Generator) -> Booleans:
    """Instances x reasons: the main one and `number` - 1 others, drawn without replacement, weights `further`."""
    keys = np.log(further) + rng.gumbel(size=(len(main), len(further)))
    keys[np.arange(len(main)), main] = np.inf
    rank = np.argsort(np.argsort(-keys, axis=1, kind="stable"), axis=1, kind="stable")
    return rank < number[:, None]


def _first_reason_factor(overall: Floats, numbers: Floats) -> Floats:
    """Factors that turn the shares of the reasons into shares of the main reason, so that the former come out."""
    rng = np.random.default_rng(0)
    number = np.repeat(np.arange(len(numbers)), np.round(numbers / numbers.sum() * 10_000).astype(int))
    uniform = (rng.permutation(len(number)) + 0.5) / len(number)
    factor = np.ones(len(overall))
    for _ in range(6):
        main = cut_rows(uniform, np.broadcast_to(overall * factor, (len(number), len(overall))))
        factor = factor * overall / np.maximum(_pick(main, number, overall**_FURTHER, rng).mean(axis=0), 1e-4)
        factor = factor / factor.max()
    return factor


def _unspecified(
    parameters: Parameters,
    chosen: Booleans,
    options: tuple[str, ...],
    row: Integers,
    form: Integers,
    rng: np.random.Generator,
) -> None:
    """Mark what instances without a reason answered: a special answer, another reason, or nothing."""
    shares = parameters["barriers.unspecified"]
    names = list(shares)
    code = cut_rows(rng.random(len(row)), np.broadcast_to(list(shares.values()), (len(row), len(names))))
    for position, name in enumerate(names):
        if name in options:
            here = code == position
            chosen[row[here], form[here], options.index(name)] = True


def _shifted(score: Floats, group: Booleans, asked: Booleans, shift: float) -> Floats:
    """Scores (rows x forms) that are higher by `shift` in a group, with mean 0 and variance 1 among those asked."""
    member = np.broadcast_to(group if group.ndim == 2 else group[:, None], asked.shape)
    common = member[asked].mean() if asked.any() else 0.0
    return (score + shift * (member - common)) / np.sqrt(1 + shift**2 * common * (1 - common))


def _child_scores(rng: np.random.Generator, shape: tuple[int, ...], consistency: float) -> Floats:
    """Rows x forms of standard normal scores with correlation `consistency` squared within a child."""
    return mixed(rng.standard_normal((shape[0], 1)), rng.standard_normal(shape), consistency)
