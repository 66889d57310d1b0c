"""The survey room's edges: conventions worked out by hand, and errors that name what is wrong."""

from __future__ import annotations

import doctest
import importlib
import math
import pkgutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError, domains


@pytest.fixture
def people() -> pd.DataFrame:
    """Two strata of two clusters of two people."""
    return pd.DataFrame(
        {
            "weight": [1.0, 2, 1, 2, 3, 1, 1, 1],
            "stratum": list("aaaabbbb"),
            "psu": ["a1", "a1", "a2", "a2", "b1", "b1", "b2", "b2"],
            "told": [1, 0, 1, 1, 0, 1, 0, 0],
            "girl": [True, False] * 4,
        }
    )


def design_of(people: pd.DataFrame, **options: object) -> survey.Design:
    named = {"weight": "weight", "stratum": "stratum", "psu": "psu", "name": "xaa"} | options
    return survey.Design(people, **named)


def test_standard_error_by_hand(people):
    """p = 5/12. Cluster sums of w (y - p) / 12 by stratum, deviations from their mean, times n / (n - 1) = 2."""
    p = 5 / 12
    a1, a2 = (1 - 3 * p) / 12, (3 - 3 * p) / 12
    b1, b2 = (1 - 4 * p) / 12, (0 - 2 * p) / 12
    variance = (a1 - a2) ** 2 + (b1 - b2) ** 2  # 2 * 2 * (half the difference)^2
    row = survey.proportions(design_of(people), people["told"], interval="wald").loc[0]
    assert row["estimate"] == pytest.approx(p)
    assert row["se"] == pytest.approx(math.sqrt(variance))
    assert (row["df"], row["n"], row["n_base_weighted"]) == (2, 8, 12)
    assert row["ci_high"] - row["estimate"] == pytest.approx(4.302652729911275 * row["se"])  # t, 2 df, 97.5 %
    assert row["deff"] == pytest.approx(variance / (p * (1 - p) / 7))


def test_columns_order_and_types(people):
    table = survey.proportions(
        design_of(people), people[["told", "girl"]], {"girls": people["girl"], "boys": ~people["girl"]}
    )
    assert list(table.columns) == survey.COLUMNS
    assert table[["indicator", "domain"]].to_numpy().tolist() == [
        ["told", "girls"],
        ["told", "boys"],
        ["girl", "girls"],
        ["girl", "boys"],
    ]
    assert table["n"].dtype.kind == table["df"].dtype.kind == "i"


def test_at_zero_and_one_the_interval_is_clopper_pearson_on_the_unweighted_base(people):
    """Closed form at 0 of n: (0, 1 - 0.025^(1/n)), mirrored at n of n."""
    values = pd.DataFrame({"none": [0.0] * 8, "every": [1.0] * 8})
    for interval in ("logit", "beta", "wald"):
        none, every = survey.proportions(design_of(people), values, interval=interval).to_dict("records")
        assert (none["estimate"], none["ci_low"], none["se"]) == (0, 0, 0)
        assert none["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 8))
        assert (every["estimate"], every["ci_high"], every["se"]) == (1, 1, 0)
        assert every["ci_low"] == pytest.approx(0.025 ** (1 / 8))
        assert none["interval"] == every["interval"] == "clopper_pearson"
        assert math.isnan(none["deff"])


def test_likelihood_interval_is_where_the_deviance_has_risen(people):
    """2 n KL(p, bound) / (n / (n - 1)) = t^2 n se^2 / (p (1 - p)), as in R."""
    row = survey.proportions(design_of(people), people["told"], interval="likelihood").loc[0]
    p, n, t = row["estimate"], 8, 4.302652729911275
    for bound in (row["ci_low"], row["ci_high"]):
        divergence = p * math.log(p / bound) + (1 - p) * math.log((1 - p) / (1 - bound))
        assert 2 * (n - 1) * divergence == pytest.approx(t**2 * n * row["se"] ** 2 / (p * (1 - p)))


def test_arcsine_interval_ends_where_the_scale_does(people):
    """With 2 degrees of freedom the bound on the scale of arcsin(sqrt(p)) is below 0."""
    row = survey.proportions(design_of(people), people["told"], interval="asin").loc[0]
    centre, half = math.asin(math.sqrt(5 / 12)), 4.302652729911275 * row["se"] / (2 * math.sqrt(35) / 12)
    assert centre - half < 0 == row["ci_low"]
    assert row["ci_high"] == pytest.approx(math.sin(min(centre + half, math.pi / 2)) ** 2)


def test_wilson_on_kish_effective_base(people):
    """n = 12^2 / 22; Wilson's score interval solves (p - x)^2 = z^2 x (1 - x) / n."""
    row = survey.proportions(design_of(people), people["told"], interval="wilson_kish").loc[0]
    n, z, p = 144 / 22, 1.959963984540054, 5 / 12
    for bound in (row["ci_low"], row["ci_high"]):
        assert (p - bound) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / n)


def test_weights_only_is_the_textbook_variance_of_a_weighted_mean():
    people = pd.DataFrame({"weight": [1.0, 2, 3], "y": [1.0, 0, 2]})
    design = survey.Design(people, weight="weight")
    assert design.weights_only
    row = survey.means(design, people["y"]).loc[0]
    mean = 7 / 6
    scores = np.array([1, 2, 3]) * (people["y"] - mean) / 6
    assert row["se"] == pytest.approx(math.sqrt(3 / 2 * (scores**2).sum()))
    assert row["df"] == 2


def test_a_domain_in_a_single_psu_is_not_estimable(people):
    row = survey.proportions(design_of(people), people["told"], {"a1": people["psu"] == "a1"}).loc[0]
    assert (row["status"], row["df"], row["n"]) == ("not_estimable", 0, 2)
    assert row["estimate"] == pytest.approx(1 / 3)
    assert row[["se", "ci_low", "ci_high", "deff"]].isna().all()
    assert row["interval"] == ""


def test_an_empty_domain_is_a_row(people):
    for estimate in (survey.proportions, survey.means, survey.totals):
        row = estimate(design_of(people), people["told"], {"nobody": people["girl"] & ~people["girl"]}).loc[0]
        assert (row["status"], row["n"], row["n_base_weighted"]) == ("empty", 0, 0)
        assert math.isnan(row["estimate"])


def test_an_indicator_nobody_was_asked_is_a_row(people):
    row = survey.proportions(design_of(people), people[["told"]].astype(float) * np.nan).loc[0]
    assert (row["status"], row["n"]) == ("empty", 0)


def test_nobody_with_weight(people):
    row = survey.means(design_of(people.assign(weight=0.0)), people["told"]).loc[0]
    assert (row["status"], row["n"]) == ("empty", 0)


def test_no_indicators_or_no_domains_no_rows(people):
    for values, among in ((people[[]], None), (people["told"], {})):
        table = survey.proportions(design_of(people), values, among)
        assert table.columns.tolist() == survey.COLUMNS
        assert table.empty


def test_nullable_and_boolean_columns_are_numbers(people):
    values = pd.DataFrame(
        {
            "nullable": pd.array([True, None, False, True, None, True, False, False], dtype="boolean"),
            "plain": [True, False, False, True, False, True, False, False],
            "integer": pd.array([1, None, 0, 1, 0, 1, 0, 0], dtype="Int64"),
        }
    )
    assert survey.proportions(design_of(people), values)["n"].tolist() == [6, 8, 7]


@pytest.mark.parametrize(
    "answers",
    [
        [True, None, False, True, pd.NA, True, False, np.nan],
        [1, None, 0, 1, pd.NA, 1, 0, np.nan],
    ],
)
def test_object_columns_of_answers_are_numbers(people, answers):
    """As they come from a questionnaire read without types; alone, and beside columns of other types."""
    values = pd.DataFrame({"told": people["told"], "object": pd.Series(answers, dtype=object)})
    row = survey.proportions(design_of(people), values).loc[1]
    assert (row["n"], row["estimate"]) == (5, (1 + 2 + 1) / (1 + 1 + 2 + 1 + 1))
    assert survey.means(design_of(people), values["object"]).loc[0, "n"] == 5


def test_a_missing_condition_is_not_met(people):
    condition = pd.array([True, None, True, True, True, True, True, True], dtype="boolean")
    assert survey.means(design_of(people), people["told"], {"known": condition}).loc[0, "n"] == 7


def test_what_has_no_row_labels_goes_by_position(people):
    """In a design whose labels are not in order."""
    mixed = people.iloc[::-1]
    girls = mixed["girl"].tolist()
    by_list, by_series = (
        survey.means(design_of(mixed), mixed["told"], {"girls": condition}).loc[0, "estimate"]
        for condition in (girls, mixed["girl"])
    )
    assert by_list == by_series


def test_unused_levels_of_a_categorical_design_do_not_count(people):
    people["stratum"] = pd.Categorical(people["stratum"], categories=["z", "b", "a"])
    assert design_of(people).n_strata == 2


def test_numbers_far_from_zero_keep_their_digits(people):
    """A mean's standard error does not depend on where zero is."""
    values = pd.DataFrame({"near": people["told"].astype(float), "far": people["told"] + 1e8})
    near, far = survey.means(design_of(people), values).to_dict("records")
    assert far["se"] == pytest.approx(near["se"], rel=1e-7)
    assert far["deff"] == pytest.approx(near["deff"], rel=1e-6)


def test_blocks_of_indicators_change_nothing(people, monkeypatch):
    values = pd.DataFrame({f"i{k}": np.arange(8) % (k + 2) == 0 for k in range(7)})
    at_once = survey.proportions(design_of(people), values)
    monkeypatch.setattr(domains, "BLOCK_CELLS", 16)
    pd.testing.assert_frame_equal(survey.proportions(design_of(people), values), at_once)


def test_finite_population_correction_as_size_or_fraction(people):
    """Half of the clusters drawn: the variance halves."""
    plain, size, fraction = (
        survey.means(design_of(people.assign(size=4, fraction=0.5), fpc=fpc), people["told"]).loc[0, "se"]
        for fpc in (None, "size", "fraction")
    )
    assert size == fraction == pytest.approx(plain * math.sqrt(0.5))


def test_a_census_of_a_stratum_with_one_cluster_needs_no_policy(people):
    singleton = people[people["psu"] != "b2"].assign(size=lambda t: t["stratum"].map({"a": 4, "b": 1}))
    assert survey.means(design_of(singleton, fpc="size"), singleton["told"]).loc[0, "status"] == "ok"


def test_certainty_units_add_no_variance_but_what_is_drawn_within_them(people):
    """Both clusters of b are in for certain, with 2 of their 4 people each; of a, 2 of 4 clusters were drawn."""
    people = people.assign(clusters=people["stratum"].map({"a": 4, "b": 2}), person=range(8), persons=4)
    a1, a2 = 1, 3  # weighted totals of told
    row = survey.totals(design_of(people, fpc="clusters"), people["told"]).loc[0]
    assert row["se"] == pytest.approx(math.sqrt(0.5 * (a1 - a2) ** 2))
    assert row["df"] == 2
    staged = design_of(people, psu=["psu", "person"], fpc=["clusters", "persons"])
    row = survey.totals(staged, people["told"]).loc[0]
    within_a, within_b = (
        (1 - 0) ** 2 + (1 - 2) ** 2,
        (0 - 1) ** 2 + 0,
    )  # half of the people drawn in each cluster
    expected = 0.5 * (a1 - a2) ** 2 + 0.5 * 0.5 * within_a + 1 * 0.5 * within_b
    assert row["se"] == pytest.approx(math.sqrt(expected))


def test_a_cluster_without_weight_stays_in_its_stratum(people):
    """Three clusters in a, the third without weight: its total of zero counts, its people do not."""
    third = people.iloc[:2].assign(psu="a3", weight=0.0)
    people = pd.concat([people, third], ignore_index=True)
    row = survey.totals(design_of(people), people["told"]).loc[0]
    in_a = 3 / 2 * sum((total - 4 / 3) ** 2 for total in (1, 3, 0))
    assert row["se"] == pytest.approx(math.sqrt(in_a + (1 - 0) ** 2))
    assert (row["n"], row["n_base_weighted"], row["df"]) == (8, 12, 2)


def test_a_stratum_with_weight_in_one_of_two_clusters_is_no_singleton(people):
    people = people.assign(weight=people["weight"].where(people["psu"] != "a2", 0))
    row = survey.totals(design_of(people), people["told"]).loc[0]
    assert row["se"] == pytest.approx(math.sqrt((1 - 0) ** 2 + (1 - 0) ** 2))
    assert (row["n"], row["df"]) == (6, 1)


def test_contrast_by_hand(people):
    """Weights 1 and no clusters: girls 2 of 4, boys 2 of 4; independent groups but for the common n / (n - 1)."""
    disclosed, girl = people["told"], people["girl"]
    design = survey.Design(people.assign(one=1.0), weight="one")
    difference, ratio = survey.contrasts(design, disclosed, girl, ~girl).to_dict("records")
    variance = 8 / 7 * (4 * 0.25 / 16) * 2  # each group: sum of (y - p)^2 / n^2, times 8/7
    assert difference["estimate"] == 0
    assert difference["se"] == pytest.approx(math.sqrt(variance))
    assert difference["p_value"] == pytest.approx(1)
    assert ratio["estimate"] == 1
    assert ratio["se"] == pytest.approx(math.sqrt(variance / 0.25))
    assert (ratio["n"], ratio["n_first"], ratio["n_second"], ratio["df"]) == (8, 4, 4, 7)


def test_a_mean_of_zeros_is_zero(people):
    """To the last digit, whatever others answered: a ratio over it is not estimable."""
    values = people["told"].where(~people["girl"], 0) * 0.3
    ratio = survey.contrasts(design_of(people), values, ~people["girl"], people["girl"]).loc[1]
    assert (ratio["second"], ratio["status"]) == (0, "not_estimable")
    assert math.isnan(ratio["estimate"])


def test_contrasts_without_an_answer_say_so(people):
    girl = people["girl"]
    values = pd.DataFrame(
        {
            "no_girl": people["told"].where(~girl, 0),
            "none": 0.0,
            "every": 1.0,
            "girls_only": people["told"].where(girl),
        }
    )
    table = survey.contrasts(design_of(people), values, girl, ~girl)
    assert table[["indicator", "measure", "status"]].to_numpy().tolist() == [
        ["no_girl", "risk_difference", "ok"],
        ["no_girl", "risk_ratio", "not_estimable"],
        ["none", "risk_difference", "not_estimable"],
        ["none", "risk_ratio", "not_estimable"],
        ["every", "risk_difference", "not_estimable"],
        ["every", "risk_ratio", "not_estimable"],
        ["girls_only", "risk_difference", "empty"],
        ["girls_only", "risk_ratio", "empty"],
    ]


def test_association_takes_rows_in_any_order(people):
    """The rows of a sorted or sampled table keep its labels."""
    mixed = people.assign(weight=1.0, told=[1, 0, 1, 1, 0, 1, 1, 0]).iloc[::-1]
    table = survey.association(design_of(mixed), mixed["told"], mixed["girl"])
    again = mixed.reset_index(drop=True)
    pd.testing.assert_frame_equal(table, survey.association(design_of(again), again["told"], again["girl"]))


RAO_SCOTT = ["rao_scott_second_order", "rao_scott_first_order", "rao_scott_saddlepoint"]
WALD = ["wald", "adjusted_wald"]


def test_association_without_an_answer_says_so(people):
    design, disclosed, girl = design_of(people), people["told"], people["girl"]
    in_one_psu_of_each = people["psu"].isin(["a1", "b1"])
    for table, status, reason in (
        (survey.association(design, disclosed, disclosed * 0), "not_estimable", "a single row or column"),
        (survey.association(design, disclosed, disclosed, girl & ~girl), "empty", "nobody has both answers"),
        (
            survey.association(design, disclosed, girl, in_one_psu_of_each),
            "not_estimable",
            "no degrees of freedom",
        ),
    ):
        assert set(table["status"]) == {status}
        assert set(table["reason"]) == {reason}
        assert table[["statistic", "p_value"]].isna().all(axis=None)


def of_three_units(seed: int) -> tuple[survey.Design, pd.DataFrame]:
    """Three units of 16 people, two answers that have nothing to do with each other: 6 interaction cells, 2 df."""
    random = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "w": 1.0,
            "psu": np.repeat(range(3), 16),
            "a": random.integers(0, 4, 48),
            "b": random.integers(0, 3, 48),
        }
    )
    return survey.Design(people, "w", psu="psu"), people


def test_association_has_a_status_for_each_test():
    """R: F = 2.003, p = 0.267. Its Wald statistic does not exist, as three units give a covariance of rank two."""
    design, people = of_three_units(seed=6)
    table = survey.association(design, people["a"], people["b"])
    assert table.loc[RAO_SCOTT, "status"].tolist() == ["ok"] * 3
    second = table.loc["rao_scott_second_order"]
    assert (round(second["statistic"], 3), round(second["p_value"], 3)) == (2.003, 0.267)
    assert table.loc[WALD, "status"].tolist() == ["not_estimable"] * 2
    assert table.loc[WALD, "reason"].str.startswith("the covariance of the interaction is singular").all()
    assert table.loc[WALD, "p_value"].isna().all()
    assert table["reason"].eq("").tolist() == table["status"].eq("ok").tolist()


def test_adjusted_wald_needs_degrees_of_freedom():
    """Of four answers by two, 3 interaction cells; 5 units in one stratum or in three leave 4 - 3 + 1 and 2 - 3 + 1.

    In a domain that reaches some units of a stratum only the covariance may have full rank nonetheless.
    """
    random = np.random.default_rng(4)
    people = pd.DataFrame(
        {
            "w": 1.0,
            "s": np.repeat([0, 0, 0, 1, 1, 1, 2, 2, 2], 30),
            "psu": np.repeat(range(9), 30),
            "a": random.integers(0, 4, 270),
            "b": random.integers(0, 2, 270),
        }
    )
    some = people["psu"].isin([0, 1, 3, 4, 6])
    tables = [
        survey.association(survey.Design(people, "w", stratum, "psu"), people["a"], people["b"], some)
        for stratum in (None, "s")
    ]
    for table, left in zip(tables, (2, 0), strict=True):
        assert table.loc["wald", ["status", "df", "df_denominator"]].tolist() == ["ok", 3, left + 2]
        adjusted = table.loc["adjusted_wald"]
        if left:
            assert adjusted["statistic"] == pytest.approx(table.loc["wald", "statistic"] * left / (left + 2))
            assert (adjusted["status"], adjusted["df_denominator"]) == ("ok", left)
        else:
            assert adjusted["status"] == "not_estimable"
            assert adjusted["reason"] == "fewer degrees of freedom than the interaction has cells"
            assert math.isnan(adjusted["p_value"])


@pytest.mark.parametrize("copies", [3, 8])
def test_independent_answers_are_not_found_associated(copies):
    """24 units in 12 strata, five answers by five: no test is certain of an association that is not there."""
    low, tests = 0, 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        n = 24 * copies
        people = pd.DataFrame(
            {
                "w": random.choice([1.0, 1.7, 2.3], n),
                "s": np.repeat(range(12), 2 * copies),
                "psu": np.repeat(range(24), copies),
                "a": random.integers(0, 5, n),
                "b": random.integers(0, 5, n),
            }
        )
        table = survey.association(survey.Design(people, "w", "s", "psu"), people["a"], people["b"])
        assert set(table.loc[WALD, "status"]) == {"not_estimable"}
        tests += table["status"].eq("ok").sum()
        low += (table["p_value"] < 1e-4).sum()
    assert tests >= 3 * 55
    assert low <= 1


def test_units_that_are_all_alike_have_no_test():
    """Each unit holds the same shares, with other weights: what differs between them is rounding."""
    one = pd.DataFrame({"a": [0, 0, 0, 1, 1], "b": [0, 1, 1, 0, 1], "share": [0.1, 0.2, 0.3, 0.15, 0.25]})
    people = pd.concat(
        [one.assign(psu=psu, w=one["share"] * 1.37**psu) for psu in range(8)], ignore_index=True
    )
    table = survey.association(survey.Design(people, "w", psu="psu"), people["a"], people["b"])
    assert set(table["status"]) == {"not_estimable"}
    assert set(table["reason"]) == {"the shares do not vary between sampling units"}


def test_empty_cells_are_no_reason_until_there_are_too_many():
    """Without one of nine cells all tests have an answer; where both answers are always the same none has."""
    random = np.random.default_rng(1)
    a, b = random.integers(0, 3, (2, 90))
    people = pd.DataFrame(
        {"w": 1.0, "psu": np.repeat(range(30), 3), "a": a, "b": np.where((a == 0) & (b == 0), 1, b)}
    )
    design = survey.Design(people, "w", psu="psu")
    assert set(survey.association(design, people["a"], people["b"])["status"]) == {"ok"}
    same = survey.association(design, people["a"], people["a"])
    assert set(same["status"]) == {"not_estimable"}
    assert same.loc[RAO_SCOTT, "reason"].tolist() == ["too many empty cells"] * 3


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"weight": [1, 2, None, 2, 3, None, 1, 1]}, {}, "xaa: column 'weight' is missing in rows 2, 5 "),
        ({"weight": [1, 2, np.inf, 2, 3, 1, 1, 1]}, {}, "xaa: weight column 'weight' is infinite in row 2 "),
        ({"weight": [1, 2, 1, 2, -3, 1, 1, 1]}, {}, "xaa: weight column 'weight' is negative in row 4 "),
        ({"weight": [*"123456", "x7", "8"]}, {}, "xaa: column 'weight' is not a number in row 6 "),
        ({"stratum": [*"aaaabbb", None]}, {}, "xaa: column 'stratum' is missing in row 7 "),
        ({"psu": ["a1", None, *"aabbbb"]}, {}, "xaa: column 'psu' is missing in row 1 "),
        ({"psu": list("aaccabbb")}, {}, "xaa: a PSU of column 'psu' is in two strata: rows 0, 1, 4 "),
        ({"psu": list("aaccbbbb")}, {}, "xaa: stratum 'b' has one primary sampling unit (rows 4, 5, 6, 7 "),
        ({}, {"weight": "wieght"}, "xaa: the table has no column 'wieght'; did you mean 'weight'?"),
        (
            {},
            {"singleton_psu": "ignore"},
            "xaa: singleton_psu is one of fail, adjust, remove, certainty, average",
        ),
        ({"size": [4, 4, 4, 5, 9, 9, 9, 9]}, {"fpc": "size"}, "'size' varies within a stratum in row 3 "),
        (
            {"size": [4, 4, 4, 4, 1, 1, 1, 1]},
            {"fpc": "size"},
            "'size' states fewer units than were drawn in rows 4",
        ),
        ({"size": [4, 4, 4, 4, 0, 0, 0, 0]}, {"fpc": "size"}, "fpc column 'size' is not positive in rows 4"),
        ({"size": 4}, {"fpc": ["size", "size"]}, "2 fpc columns for 1 stage"),
    ],
)
def test_a_design_that_cannot_be_trusted_is_refused(people, change, options, message):
    with pytest.raises(SurveyError) as caught:
        design_of(people.assign(**change), **options)
    assert message in str(caught.value)


def test_a_singleton_psu_error_names_the_ways_out(people):
    with pytest.raises(SurveyError, match=r"Merge it .* adjust .* remove or certainty .* average"):
        design_of(people.assign(psu=list("aaccbbbb")))
    for policy in ("adjust", "remove", "certainty", "average"):
        assert design_of(people.assign(psu=list("aaccbbbb")), singleton_psu=policy).n_psu == 3


@pytest.fixture
def classes() -> pd.DataFrame:
    """Two of four schools in a, one of four in b; two of four classes in each, with one pupil each."""
    return pd.DataFrame(
        {
            "weight": 1.0,
            "stratum": list("aaaabb"),
            "school": [1, 1, 2, 2, 3, 3],
            "room": [1, 2, 1, 2, 1, 2],
            "schools": 4,
            "rooms": 4,
            "y": [1.0, 3, 5, 9, 2, 6],
        }
    )


def of_classes(classes: pd.DataFrame, policy: str) -> survey.Design:
    return survey.Design(
        classes, "weight", "stratum", ["school", "room"], ["schools", "rooms"], policy, nest=True, name="xaa"
    )


@pytest.mark.parametrize(
    ("policy", "variance"),
    [
        ("remove", 50 + 7),
        ("certainty", 50 + 7),
        ("average", 2 * 50 + 7),
        ("adjust", 50 + (1 - 1 / 4) * (8 - 26 / 3) ** 2 + 7),
    ],
)
def test_a_singleton_school_counts_at_the_first_stage_alone(classes, policy, variance):
    """Schools: 1/2 * 2 * (5^2 + 5^2) = 50 in a. Classes: 1/2 * (2 + 8) in a and 1/4 * 8 in b, 7 under each policy."""
    row = survey.totals(of_classes(classes, policy), classes["y"]).loc[0]
    assert row["se"] ** 2 == pytest.approx(variance)


def test_a_school_with_a_single_class_has_no_average(classes):
    """Its classes cannot be taken to vary as others do: NaN in R. Elsewhere they add nothing, also under adjust."""
    alone = classes.iloc[:5].assign(y=[1.0, 3, 5, 9, 8])
    in_a = {"all": alone["y"] > 0, "a": alone["stratum"] == "a"}
    both, without = survey.totals(of_classes(alone, "average"), alone["y"], in_a).to_dict("records")
    assert (both["status"], without["status"]) == ("not_estimable", "ok")
    assert both["estimate"] == 26
    assert math.isnan(both["se"])
    assert without["se"] ** 2 == pytest.approx(50 + 5)
    row = survey.totals(of_classes(alone, "adjust"), alone["y"]).loc[0]
    assert row["se"] ** 2 == pytest.approx(50 + (1 - 1 / 4) * (8 - 26 / 3) ** 2 + 5)
    with pytest.raises(SurveyError, match=r"xaa: stratum 'b' has one primary sampling unit"):
        of_classes(alone, "fail")


def test_a_model_without_an_average_says_so(classes):
    alone = classes.iloc[:5].assign(x=[0.0, 1, 0, 1, 1])
    model = survey.regression(of_classes(alone, "average"), alone, "y ~ x", "linear")
    assert set(model.coefficients()["status"]) == {"not_estimable"}
    assert math.isnan(model.test("x")["p_value"])


def test_a_singleton_psu_is_centred_among_those_of_the_base(people):
    """PSU totals 9 in a, 1 and 3 in b: a third stratum that nobody of the domain is in neither counts nor adds."""
    singleton = pd.DataFrame({"weight": 1.0, "stratum": list("abbc"), "psu": range(4), "y": [9.0, 1, 3, 7]})
    design = design_of(singleton, singleton_psu="adjust")
    table = survey.totals(
        design, singleton["y"], {"all": singleton["y"] > 0, "a and b": singleton["stratum"] != "c"}
    )
    everyone, some = table["se"] ** 2
    assert everyone == pytest.approx((9 - 5) ** 2 + 2 * (1 + 1) + (7 - 5) ** 2)
    assert some == pytest.approx((9 - 13 / 3) ** 2 + 2 * (1 + 1))


@pytest.mark.parametrize(
    ("policy", "in_a"),
    [("adjust", 3 / 2 * ((9 - 2.6) ** 2 + 2 * 2.6**2)), ("average", 2 * (1 + 1))],
)
def test_a_domain_that_leaves_one_psu_of_a_stratum(policy, in_a):
    """PSU totals 9, none, none in a and 1, 3 in b; 2.6 is their mean over five PSUs, 2 * (1 + 1) the variance in b.

    Without the option the two PSUs of a whose total is 0 stay, as R's warning of one PSU says.
    """
    drawn = pd.DataFrame({"weight": 1.0, "stratum": list("aaabb"), "psu": range(5), "y": [9.0, 4, 4, 1, 3]})
    domain = {"some": drawn["y"] != 4, "all": drawn["y"] > 0}
    plain, option = (
        survey.totals(
            design_of(drawn, singleton_psu=policy, adjust_singletons_in_domains=is_lone), drawn["y"], domain
        )
        for is_lone in (False, True)
    )
    assert plain.loc[0, "se"] ** 2 == pytest.approx(3 / 2 * ((9 - 3) ** 2 + 2 * 3**2) + 2 * (1 + 1))
    assert option.loc[0, "se"] ** 2 == pytest.approx(in_a + 2 * (1 + 1))
    assert option.loc[1, "se"] == plain.loc[1, "se"]


def test_singleton_psus_as_published_for_r():
    """The variances that R's survey tests itself with (tests/lonely.psu.R), and the example on its web page: Finnish
    municipalities, of which one is drawn with certainty (Lehtonen and Pahkinen)."""
    people = pd.DataFrame(
        {
            "weight": [10.5, 10.5, 20, 20, 15],
            "stratum": [1, 1, 2, 2, 3],
            "psu": [1, 2, 3, 4, 5],
            "age": [30.5, 40.5, 35, 52, 44],
        }
    )
    for policy, variance in (("remove", 126625), ("certainty", 126625), ("adjust", 127579.8)):
        row = survey.totals(design_of(people, singleton_psu=policy), people["age"]).loc[0]
        assert row["se"] ** 2 == pytest.approx(variance, rel=1e-6)
    towns = pd.DataFrame(
        {
            "weight": [1, 1.004, 1.893, 2.173, 2.971, 4.762, 6.335, 13.730],
            "stratum": [2, 1, 1, 1, 1, 1, 1, 1],
            "psu": [1, 10, 4, 7, 32, 26, 18, 13],
            "size": [1, 31, 31, 31, 31, 31, 31, 31],
            "unemployed": [4123, 1623, 760, 767, 568, 331, 187, 129],
        }
    )
    design = design_of(towns, fpc="size")
    for estimate, published in ((survey.means, ("445.18", "132.39")), (survey.totals, ("15077", "458.53"))):
        row = estimate(design, towns["unemployed"]).loc[0]
        digits = [len(text.partition(".")[2]) for text in published]
        assert (f"{row['estimate']:.{digits[0]}f}", f"{row['se']:.{digits[1]}f}") == published


@pytest.mark.parametrize("policy", ["fail", "remove", "certainty"])
def test_domains_are_adjusted_only_by_a_policy_that_does(people, policy):
    with pytest.raises(
        SurveyError, match=r"xaa: adjust_singletons_in_domains goes with singleton_psu adjust or average"
    ):
        design_of(people, singleton_psu=policy, adjust_singletons_in_domains=True)
    with pytest.raises(SurveyError, match="a bootstrap does not know adjust_singletons_in_domains"):
        design_of(people, singleton_psu="average", adjust_singletons_in_domains=True).bootstrap(10, 1)


def test_labels_unique_within_the_stratum_only(people):
    assert design_of(people.assign(psu=[1, 1, 2, 2] * 2), nest=True).n_psu == 4


def test_no_rows(people):
    with pytest.raises(SurveyError, match="xaa: the table has no rows"):
        design_of(people.iloc[:0])


def test_values_that_do_not_fit_are_refused(people):
    design, disclosed, girl = design_of(people), people["told"], people["girl"]
    for call, message in (
        (lambda: survey.proportions(design, disclosed.iloc[:5]), "5 rows in values, 8 in the design"),
        (
            lambda: survey.proportions(design, disclosed.iloc[::-1]),
            "the row labels of values are the design's in another order",
        ),
        (
            lambda: survey.proportions(design, disclosed * 2),
            "column 'told' is neither 0 nor 1 nor missing in rows 0, 2",
        ),
        (lambda: survey.means(design, disclosed / 0.0), "column 'told' is infinite in rows 0, 2, 3, 5"),
        (lambda: survey.means(design, people["psu"]), "xaa: not numeric or boolean: psu, in rows 0, 1"),
        (
            lambda: survey.means(design, pd.Series([1, pd.NA, "two", 3, 4, 5, 6, 7], name="hours")),
            "xaa: not numeric or boolean: hours, in row 2 ",
        ),
        (lambda: survey.means(design, pd.concat([disclosed, disclosed], axis=1)), "repeated columns: told"),
        (
            lambda: survey.means(design, disclosed, {"told": disclosed}),
            "domain 'told' is no condition: its type is int64",
        ),
        (
            lambda: survey.means(design, disclosed, {"few": girl.iloc[:2]}),
            "2 rows in domain 'few', 8 in the design",
        ),
        (
            lambda: survey.means(design, disclosed, pd.concat([girl, girl], axis=1)),
            "domains have repeated names",
        ),
        (
            lambda: survey.means(design, disclosed, confidence=95),
            "confidence is a probability between 0 and 1, not 95",
        ),
        (
            lambda: survey.proportions(design, disclosed, interval="exact"),
            "interval is one of logit, beta, likelihood, asin, wald",
        ),
        (
            lambda: survey.ratios(design, people[["told"]], people[["told", "girl"]]),
            "1 numerators, but 2",
        ),
    ):
        with pytest.raises(SurveyError) as caught:
            call()
        assert message in str(caught.value)


def test_the_median_by_hand(people):
    """Weights 1 2 1 2 3 1 1 1 on 8 answers 1 to 8: half of 12 is reached by the fourth."""
    answer = people["told"] * 0 + np.arange(1, 9)
    table = survey.quantiles(
        design_of(people), answer, [0.5, 0.51], {"all": answer > 0, "nobody": answer > 9}
    )
    assert table["estimate"].tolist()[:2] == [4, 5]
    assert table["status"].tolist() == ["ok", "ok", "empty", "empty"]


def test_an_error_is_a_value_error_and_shows_no_answer(people):
    with pytest.raises(ValueError, match="neither 0 nor 1") as caught:
        survey.proportions(design_of(people), pd.DataFrame({"told": [734.25] + [0.0] * 7}))
    assert "734" not in str(caught.value)


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(survey.__path__)])
def test_examples_in_the_documentation_run(module):
    outcome = doctest.testmod(importlib.import_module(f"{survey.__name__}.{module}"))
    assert outcome.failed == 0


def test_the_room_imports_nothing_of_ours():
    """Usable by anyone: every import from this package is a relative one within the room."""
    for path in survey.__path__:
        for source in Path(path).glob("*.py"):
            code = source.read_text().split('"""', 2)[2]
            assert "disrupting_harm" not in code, source.name
