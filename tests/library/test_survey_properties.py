"""What must hold for any sample: properties of the estimates, on random small designs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from disrupting_harm import survey
from disrupting_harm.survey.domains import Domains
from disrupting_harm.survey.linear import linear_means, linear_totals

some = settings(max_examples=25, deadline=None, derandomize=True)

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "deff"]
DOMAINS = ("girls", "boys", "nobody", "all")


@st.composite
def samples(draw) -> pd.DataFrame:
    """People in two to four strata of two or three clusters, with missing answers, zero weights and a rare yes."""
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    strata = draw(st.integers(1, 4))
    rows = []
    for stratum in range(strata):
        for psu in range(draw(st.integers(2, 3))):
            for _ in range(draw(st.integers(1, 4))):
                rows.append((f"s{stratum}", f"s{stratum}c{psu}"))
    people = pd.DataFrame(rows, columns=["stratum", "psu"])
    size = len(people)
    people["weight"] = random.choice([0.0, 0.5, 1.0, 1.7, 3.2], size)
    people["girl"] = random.random(size) < 0.5
    people["told"] = random.choice([0.0, 1.0, np.nan], size)
    people["rare"] = random.choice([0.0, 1.0], size, p=[0.9, 0.1])
    people["hours"] = np.where(random.random(size) < 0.2, np.nan, random.normal(1000, 5, size))
    people["one"] = 1.0
    return people


def domains(people: pd.DataFrame) -> dict[str, pd.Series]:
    girls = people["girl"]
    return {"girls": girls, "boys": ~girls, "nobody": girls & ~girls, "all": girls | ~girls}


def all_estimates(people: pd.DataFrame, **options: object) -> pd.DataFrame:
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu", **options)
    among = domains(people)
    tables = [
        survey.proportions(design, people[["told", "rare"]], among, interval=interval)
        for interval in survey.PROPORTION_INTERVALS
    ]
    tables.append(survey.means(design, people[["told", "hours"]], among))
    tables.append(survey.ratios(design, people[["told"]], people[["hours"]], among))
    return pd.concat(tables, ignore_index=True)


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame, columns: list[str]) -> None:
    for column in columns:
        np.testing.assert_allclose(
            ours[column].to_numpy(float), theirs[column].to_numpy(float), rtol=1e-7, atol=1e-9, err_msg=column
        )
    for column in ("status", "interval", "df"):
        assert ours[column].tolist() == theirs[column].tolist()


@some
@given(samples(), st.floats(1e-3, 1e3))
def test_weights_times_a_constant_change_nothing(people, constant):
    scaled = people.assign(weight=people["weight"] * constant)
    assert_same(all_estimates(scaled), all_estimates(people), [*NUMBERS, "n"])


@some
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(people, random):
    order = list(range(len(people)))
    random.shuffle(order)
    assert_same(all_estimates(people.iloc[order]), all_estimates(people), [*NUMBERS, "n", "n_base_weighted"])


@some
@given(samples())
def test_splitting_every_row_in_two_halves_in_one_psu_changes_only_the_counts(people):
    halves = pd.concat([people.assign(weight=people["weight"] / 2)] * 2, ignore_index=True)
    unsplit, split = all_estimates(people), all_estimates(halves)
    kept = unsplit["interval"].isin(["logit", "asin", "wald"])  # the others use the number of respondents
    assert_same(split[kept], unsplit[kept], ["estimate", "se", "ci_low", "ci_high", "n_base_weighted"])
    assert (split["n"] == 2 * unsplit["n"]).all()


@some
@given(samples())
def test_a_domain_is_a_ratio_of_indicators_over_everyone(people):
    """The mean among girls is the ratio of the totals of (girl and told) and girl."""
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    girl = people["girl"].astype(float)
    by_domain = survey.proportions(design, people["rare"], {"girls": people["girl"]}, interval="wald").loc[0]
    by_ratio = survey.ratios(design, people["rare"] * girl, girl).loc[0]
    if by_domain["status"] == "ok":
        assert by_ratio["estimate"] == pytest.approx(by_domain["estimate"], rel=1e-9)
        assert by_ratio["se"] == pytest.approx(by_domain["se"], rel=1e-9, abs=1e-12)


@some
@given(samples())
def test_every_indicator_and_domain_has_a_row_with_sound_numbers(people):
    table = all_estimates(people)
    assert (table[table["domain"] == "nobody"][["status", "n"]] == ["empty", 0]).all(axis=None)
    assert table["domain"].tolist() == list(DOMAINS) * (len(table) // len(DOMAINS))
    assert (table["status"].eq("empty") == table["n"].eq(0)).all()
    shown = table[table["status"] == "ok"]
    assert not shown[["estimate", "se", "ci_low", "ci_high"]].isna().any(axis=None)
    assert (shown["ci_low"] <= shown["estimate"] + 1e-9).all()
    assert (shown["ci_high"] >= shown["estimate"] - 1e-9).all()
    assert (shown["df"] > 0).all()
    within = shown[
        shown["interval"].isin([*(set(survey.PROPORTION_INTERVALS) - {"wald"}), "clopper_pearson"])
    ]
    assert within["ci_low"].ge(0).all()
    assert within["ci_high"].le(1).all()
    assert table.loc[table["status"] != "ok", ["se", "ci_low", "ci_high", "deff"]].isna().all(axis=None)


@some
@given(samples())
def test_missing_answers_are_a_domain_and_zero_weights_too(people):
    """Leaving the base by a missing answer, a zero weight or a condition is the same; the design stays whole."""
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    answered = people["told"].notna()
    by_missing = survey.means(design, people["told"], {"all": people["one"] == 1})
    by_condition = survey.means(design, people["told"].fillna(0), {"all": answered})
    no_weight = survey.Design(
        people.assign(weight=people["weight"].where(answered, 0)),
        weight="weight",
        stratum="stratum",
        psu="psu",
    )
    by_weight = survey.means(no_weight, people["told"].fillna(0), {"all": people["one"] == 1})
    columns = [*NUMBERS, "n", "n_base_weighted"]
    assert_same(by_condition, by_missing, columns)
    assert_same(by_weight, by_missing, columns)


@some
@given(samples())
def test_a_contrast_turned_round_is_its_opposite(people):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    there = survey.contrasts(design, people[["rare", "told"]], people["girl"], ~people["girl"])
    back = survey.contrasts(design, people[["rare", "told"]], ~people["girl"], people["girl"])
    for measure, turned in (("risk_difference", lambda x: -x), ("risk_ratio", lambda x: 1 / x)):
        a, b = (table[(table["measure"] == measure) & (there["status"] == "ok")] for table in (there, back))
        np.testing.assert_allclose(a["estimate"], turned(b["estimate"]), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(a["ci_low"], turned(b["ci_high"]), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(a["p_value"], b["p_value"], rtol=1e-9)


@some
@given(samples())
def test_joint_means_agree_with_single_ones(people):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    among = {name: condition for name, condition in domains(people).items() if name != "nobody"}
    joint = survey.joint_means(design, people[["told", "hours"]], among)
    single = survey.means(design, people[["told", "hours"]], among)
    np.testing.assert_allclose(joint.estimate, single["estimate"], rtol=1e-12)
    shown = (single["status"] == "ok").to_numpy()
    np.testing.assert_allclose(joint.se[shown], single["se"][shown], rtol=1e-9, atol=1e-9)


@some
@given(samples())
def test_many_indicators_at_once_are_the_same_as_one_by_one(people):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    together = survey.proportions(design, people[["told", "rare", "one"]], domains(people))
    apart = [survey.proportions(design, people[name], domains(people)) for name in ("told", "rare", "one")]
    pd.testing.assert_frame_equal(together, pd.concat(apart, ignore_index=True), rtol=1e-12)


@st.composite
def staged_samples(draw) -> pd.DataFrame:
    """Three stages with finite populations: schools in strata, classes in schools, pupils in classes."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = []
    for stratum in range(draw(st.integers(1, 3))):
        schools = draw(st.integers(2, 3))
        of_schools = schools + draw(st.integers(0, 3))
        for school in range(schools):
            classes = draw(st.integers(1, 3))
            of_classes = classes + (draw(st.integers(0, 2)) if classes > 1 else 0)
            for room in range(classes):
                pupils = draw(st.integers(2, 4))
                rows += [
                    (stratum, school, room, p, of_schools, of_classes, pupils + 5) for p in range(pupils)
                ]
    people = pd.DataFrame(rows, columns=["stratum", "school", "room", "pupil", "schools", "rooms", "pupils"])
    people["weight"] = random.choice([0.5, 1.0, 1.7], len(people))
    people["y"] = random.normal(size=len(people))
    return people


def plain_variance(
    people: pd.DataFrame, scores: pd.Series, by: str | None, stages: list[tuple[str, str]]
) -> float:
    """The textbook recursion: between units of this stage, and the share drawn times what lies within each unit."""
    (unit, population), *later = stages
    variance = 0.0
    for _, stratum in people.groupby(by) if by else [(None, people)]:
        totals = scores[stratum.index].groupby(stratum[unit]).sum()
        drawn, share = len(totals), len(totals) / stratum[population].iloc[0]
        if drawn > 1:
            variance += (1 - share) * drawn * totals.var(ddof=1)
        if later:
            within = [plain_variance(part, scores, None, later) for _, part in stratum.groupby(unit)]
            variance += share * sum(within)
    return variance


@some
@given(staged_samples(), st.integers(1, 3))
def test_several_stages_are_the_textbook_recursion(people, depth):
    units, populations = ["school", "room", "pupil"][:depth], ["schools", "rooms", "pupils"][:depth]
    design = survey.Design(
        people,
        weight="weight",
        stratum="stratum",
        psu=units,
        fpc=populations,
        nest=True,
        singleton_psu="fail",
    )
    total, mean = survey.totals(design, people["y"]).loc[0], survey.means(design, people["y"]).loc[0]
    stages = list(zip(units, populations, strict=True))
    weighted = people["weight"] * people["y"]
    centred = people["weight"] * (people["y"] - mean["estimate"]) / people["weight"].sum()
    for row, scores in ((total, weighted), (mean, centred)):
        expected = plain_variance(people, scores, "stratum", stages)
        assert row["se"] ** 2 == pytest.approx(expected, rel=1e-9, abs=1e-20)


@st.composite
def samples_with_lone_units(draw) -> pd.DataFrame:
    """Schools in strata and classes in schools, drawn without replacement, often one alone; `met` is a domain."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lone_classes = draw(st.booleans())
    rows = []
    for stratum in range(draw(st.integers(1, 4))):
        schools = draw(st.integers(1, 3))
        of_schools = schools + draw(st.integers(0, 3))
        for school in range(schools):
            classes = draw(st.integers(1 if lone_classes else 2, 3))
            of_classes = classes + draw(st.integers(0, 2))
            for room in range(classes):
                rows += [(stratum, school, room, schools, of_schools, classes, of_classes)] * random.integers(
                    1, 4
                )
    columns = ["stratum", "school", "room", "drawn_schools", "schools", "drawn_rooms", "rooms"]
    people = pd.DataFrame(rows, columns=columns)
    people["weight"] = random.choice([0.5, 1.0, 1.7], len(people))
    people["y"] = random.normal(size=len(people))
    people["met"] = random.random(len(people)) < 0.6
    return people


STAGES = [("school", "schools", "drawn_schools"), ("room", "rooms", "drawn_rooms")]


def variance_as_r(base: pd.DataFrame, by: str | None, stages: list, policy: str, in_domains: bool) -> float:
    """R's recursion over the rows of a base (survey 4.5: onestrat, onestage, multistage), written out plainly."""
    (unit, population, drawn), *later = stages
    strata = [stratum for _, stratum in base.groupby(by)] if by else [base]
    centre = base["score"].sum() / sum(stratum[drawn].iloc[0] for stratum in strata)
    parts, within = [], 0.0
    for stratum in strata:
        n, size = stratum[drawn].iloc[0], stratum[population].iloc[0]
        totals = stratum.groupby(unit)["score"].sum()
        alone = n == 1 or (in_domains and len(totals) == 1)
        middle = centre if alone and policy == "adjust" else totals.sum() / n
        squares = ((totals - middle) ** 2).sum() + (n - len(totals)) * middle**2
        unknown = alone and policy == "average" and n < size
        parts.append(np.nan if unknown else (1 - n / size) * n / max(n - 1, 1) * squares)
        if later:
            units = [unit_rows for _, unit_rows in stratum.groupby(unit)]
            within += (
                n
                / size
                * sum(variance_as_r(unit_rows, None, later, policy, in_domains) for unit_rows in units)
            )
    known = np.isfinite(parts).sum()
    return (np.nansum(parts) * len(parts) / known if known else np.nan) + within


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    samples_with_lone_units(),
    st.sampled_from(["remove", "certainty", "adjust", "average"]),
    st.integers(1, 2),
    st.booleans(),
)
def test_lone_units_of_every_stage_count_as_in_r(people, policy, depth, in_domains):
    assume(people["met"].any())
    in_domains = in_domains and policy in ("adjust", "average")
    stages = STAGES[:depth]
    design = survey.Design(
        people,
        weight="weight",
        stratum="stratum",
        psu=[unit for unit, *_ in stages],
        fpc=[population for _, population, _ in stages],
        nest=True,
        singleton_psu=policy,
        adjust_singletons_in_domains=in_domains,
    )
    met = {"met": people["met"]}
    mean = survey.means(design, people["y"], met).loc[0, "estimate"]
    base = people[people["met"]]
    scores = {
        linear_totals: base["weight"] * base["y"],
        linear_means: base["weight"] * (base["y"] - mean) / base["weight"].sum(),
    }
    for linear, score in scores.items():
        error = linear(Domains.read(design, met), people[["y"]]).se()[0, 0]
        expected = variance_as_r(base.assign(score=score), "stratum", stages, policy, in_domains)
        assert error**2 == pytest.approx(expected, rel=1e-9, abs=1e-18, nan_ok=True)
