"""Remarks on the data: each check's arithmetic on tiny tables, and nothing from which a few children could be told."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.codebook import SPECIAL, option_column
from disrupting_harm.quality.checks import CHECKS, COUNTS, NOT_ASKED
from disrupting_harm.quality.examine import both, examine
from disrupting_harm.quality.published import statement
from disrupting_harm.quality.readable import facts, unanswered
from disrupting_harm.quality.remarks import COLUMNS, read, write
from disrupting_harm.quality.report import Examined, report

RULES = Suppression()
NONE = pd.NA


@pytest.fixture(scope="module")
def table_of(project):
    """A function that makes a harmonised table of `count` respondents from answers by question.

    One answer: a list of values (None: empty). Several answers: a list of sets of options (None: empty).
    """

    def make(count, table="children", excluded=None, renamed=0, **answers):
        frame = pd.DataFrame({"household_id": [str(row) for row in range(count)]})
        frame["weight"] = answers.pop("weight", np.ones(count))
        frame["stratum"] = answers.pop("stratum", ["one"] * count)
        frame["psu"] = answers.pop("psu", [f"psu {row // 10}" for row in range(count)])
        for name, given_ in answers.items():
            variable = project.codebook.variables(table).get(name)
            if variable is None or variable.kind == "number":
                frame[name] = given_
            elif variable.kind == "answer":
                frame[name] = pd.Categorical(given_, categories=list(variable.categories))
            else:
                for option in (*variable.options, *SPECIAL):
                    chosen = [NONE if options is None else option in options for options in given_]
                    frame[option_column(name, option)] = pd.array(chosen, dtype="boolean")
        frame.attrs = {
            "country": "ken",
            "data": "synthetic",
            "rows_delivered": count + sum((excluded or {}).values()),
            "excluded": excluded or {},
            "renamed_identifiers": renamed,
        }
        return frame

    return make


@pytest.fixture(scope="module")
def look(project):
    """Remarks on a children's table, and on a caregivers' table if there is one."""

    def look(children, caregivers=None, iso3="ken"):
        return examine(project, iso3, children, pd.DataFrame() if caregivers is None else caregivers)

    return look


def remark_of(rows, check, variable="", table="children"):
    """The one remark of a check."""
    rows = rows[(rows["check"] == check) & (rows["variable"] == variable) & (rows["table"] == table)]
    assert len(rows) == 1, (check, variable, len(rows))
    return rows.iloc[0]


# Item non-response


def test_no_answer_by_reason(table_of, look):
    """60 asked: 12 don't know, 7 refused, 8 empty: 27 of 60, each rounded to a multiple of 5."""
    values = ["yes"] * 20 + ["no"] * 13 + ["dont_know"] * 12 + ["refused"] * 7 + [None] * 8
    rows = look(table_of(60, anxiety=values))
    total = remark_of(rows, "item_nonresponse", "anxiety")
    assert (total["base"], total["value"], total["share"]) == (60, 25, 0.417)
    assert total["level"] == "warning"
    assert "no answer from 41.7% of 60" in total["message"]
    for reason, expected in (("dont_know", 10), ("refused", 5), ("empty", 10)):
        remark = remark_of(rows, reason, "anxiety")
        assert (remark["value"], remark["share"]) == (expected, round(expected / 60, 3)), reason
    assert rows[rows["check"] == "nothing_chosen"].empty  # that is for questions with several answers


def test_reasons_are_hidden_together_where_they_would_narrow_a_few(table_of, look):
    """Of 9 without an answer, told as 8 to 12, 8 refuse (8 to 12): 0 to 4 others. Of 6 (5 to 7), 5 do: 0 to 2."""
    rows = look(table_of(60, anxiety=["yes"] * 51 + ["refused"] * 8 + [None]))
    assert remark_of(rows, "refused", "anxiety")["value"] == 10
    for reason in ("dont_know", "empty"):
        assert remark_of(rows, reason, "anxiety")["message"] == "Anxiety (one question): fewer than 5 of 60."
    rows = look(table_of(60, anxiety=["yes"] * 54 + ["refused"] * 5 + [None]))
    assert remark_of(rows, "item_nonresponse", "anxiety")["value"] == 5
    for reason in ("dont_know", "refused", "empty"):
        remark = remark_of(rows, reason, "anxiety")
        assert remark[["value", "share"]].isna().all()
        assert remark["message"] == "Anxiety (one question): not shown."


def test_a_question_with_several_answers(table_of, look):
    """An option counts as an answer even beside "don't know"; zeros only are "nothing chosen", no cell is empty."""
    answers = [{"in_person"}] * 29 + [{"dont_know"}] * 8 + [set()] * 6 + [None] * 5 + [{"refused"}] * 5
    answers += [{"social_media", "dont_know"}] * 7 + [None] * 40
    rows = look(table_of(100, form_a=["often"] * 60 + ["never"] * 40, place_a=answers))
    for check, expected in (
        ("item_nonresponse", 25),  # 8 + 6 + 5 + 5 = 24
        *(("dont_know", 10), ("refused", 5), ("empty", 5), ("nothing_chosen", 5)),
        *(("special_and_option", 5), ("nothing_chosen_though_asked", 5), ("not_answered_though_asked", 5)),
    ):
        remark = remark_of(rows, check, "place_a")
        assert (remark["base"], remark["value"], remark["share"]) == (
            60,
            expected,
            round(expected / 60, 3),
        ), check


def test_the_mean_of_a_module_is_made_from_what_is_shown(table_of, look):
    """30 of 60 and "fewer than 5" of 60, which stands in its middle: (0.5 + 2 / 60) / 2 = 0.2667."""
    rows = look(table_of(60, anxiety=["yes"] * 30 + [None] * 30, self_harm=["no"] * 57 + [None] * 3))
    mean = remark_of(rows, "module_nonresponse", "wellbeing")["share"]
    assert mean == 0.267
    for few in (0, 1, 4):
        other = look(
            table_of(60, anxiety=["yes"] * 30 + [None] * 30, self_harm=["no"] * (60 - few) + [None] * few)
        )
        assert remark_of(other, "module_nonresponse", "wellbeing")["share"] == mean


def test_questions_that_the_country_lacks_are_said_and_not_counted_as_unanswered(table_of, look):
    rows = look(table_of(60, anxiety=["yes"] * 60))
    assert "Self-harm" in remark_of(rows, "not_asked")["message"]
    assert "Anxiety (one question)" not in remark_of(rows, "not_asked")["message"]
    assert rows[rows["variable"] == "self_harm"].empty


# Routing


def test_answered_by_those_whom_it_was_not_to_be_asked(table_of, look):
    """40 received no sex education; 11 of them answer the follow-up: about a quarter, an error of the mapping."""
    gate_ = ["yes"] * 60 + ["no"] * 38 + ["refused", "dont_know"]
    follow_up = ["yes"] * 60 + ["no"] * 11 + [None] * 29
    rows = look(table_of(100, sex_education=gate_, sex_education_assertive=follow_up))
    remark = remark_of(rows, "answered_though_not_asked", "sex_education_assertive")
    assert remark[["base", "share", "value"]].isna().all()  # fewer than 50 are not to be asked
    gate_, follow_up = gate_ * 2, follow_up * 2
    rows = look(table_of(200, sex_education=gate_, sex_education_assertive=follow_up))
    remark = remark_of(rows, "answered_though_not_asked", "sex_education_assertive")
    assert remark[["base", "share"]].isna().all()
    assert (remark["value"], remark["level"]) == (20, "error")
    assert "answered by about 20 who should not have been asked" in remark["message"]
    assert remark_of(rows, "not_answered_though_asked", "sex_education_assertive")["level"] == "ok"


def test_not_answered_by_those_whom_it_was_to_be_asked(table_of, look):
    follow_up = ["yes"] * 24 + [None] * 36 + [None] * 60
    rows = look(table_of(120, sex_education=["yes"] * 60 + ["no"] * 60, sex_education_assertive=follow_up))
    remark = remark_of(rows, "not_answered_though_asked", "sex_education_assertive")
    assert (remark["base"], remark["value"], remark["share"], remark["level"]) == (60, 35, 0.583, "error")
    remark = remark_of(rows, "answered_though_not_asked", "sex_education_assertive")
    assert "answered by fewer than 5 who should not have been asked" in remark["message"]
    assert remark["level"] == "ok"


def test_a_platform_without_social_media_is_against_the_routing(table_of, look):
    answers = [{"social_media"}] * 60 + [{"in_person"}] * 60
    platform = [{"youtube"}] * 60 + [{"youtube"}] * 24 + [set()] * 12 + [None] * 24
    rows = look(table_of(120, form_c=["often"] * 120, place_c=answers, platform_c=platform))
    assert remark_of(rows, "answered_though_not_asked", "platform_c")["value"] == 25
    assert remark_of(rows, "zeros_though_not_asked", "platform_c")["value"] == 10
    assert remark_of(rows, "item_nonresponse", "platform_c")["base"] == 60


def test_without_the_question_before_it_routing_is_not_judged(table_of, look):
    rows = look(table_of(120, platform_c=[{"youtube"}] * 60 + [None] * 60))
    assert remark_of(rows, "routing_unknown", "platform_c")["level"] == "note"
    assert "fewer than 5 of 60" in remark_of(rows, "item_nonresponse", "platform_c")["message"]
    assert not (rows["check"] == "answered_though_not_asked").any()


def test_a_base_that_leaves_out_a_few_is_not_said(table_of, look):
    """58 of 60 are asked the follow-up: saying 58 would tell of two children that it did not happen to them."""
    rows = look(table_of(60, form_c=["often"] * 58 + ["never"] * 2, told_c=[{"friend"}] * 58 + [None] * 2))
    remark = remark_of(rows, "item_nonresponse", "told_c")
    assert np.isnan(remark["base"])
    assert not re.search(r"\d", remark["message"])


# What contradicts itself


def test_no_one_together_with_somebody(table_of, look):
    answers = [{"no_one"}] * 40 + [{"no_one", "friend"}] * 10 + [{"mother"}] * 50
    rows = look(table_of(100, form_b=["often"] * 100, told_b=answers))
    remark = remark_of(rows, "option_not_alone", "told_b")
    assert (remark["base"], remark["value"], remark["share"], remark["level"]) == (50, 10, 0.2, "warning")
    assert '"No one" together with another option: 20.0% of 50' in remark["message"]


def test_nothing_chosen_by_everyone_is_an_error(table_of, look):
    rows = look(table_of(120, form_b=["often"] * 60 + ["never"] * 60, told_b=[set()] * 60 + [None] * 60))
    assert remark_of(rows, "nothing_chosen_though_asked", "told_b")["level"] == "error"


def test_numbers_that_cannot_be_true(table_of, look):
    children = table_of(60, age=[14] * 60)
    caregivers = table_of(60, "caregivers", caregiver_age=[40.0] * 45 + [3.0] * 10 + [None] * 5)
    rows = look(children, caregivers)
    assert remark_of(rows, "implausible_number", "age")["level"] == "ok"
    remark = remark_of(rows, "implausible_number", "caregiver_age", "caregivers")
    assert (remark["value"], remark["share"], remark["level"]) == (10, 0.167, "error")
    assert "outside 15 to 110" in remark["message"]


def test_children_outside_the_eligible_ages(table_of, look):
    rows = look(table_of(60, age=[14] * 50 + [9] * 10))
    assert remark_of(rows, "implausible_number", "age")["level"] == "error"


# Rows that stand twice, and links


def many_answers(count, seed=1):
    """Ten questions and more, answered at random."""
    rng = np.random.default_rng(seed)
    names = ("anxiety", "self_harm", "suicidal_thoughts", "sex_education", "knows_where_to_get_help")
    yes_no = {name: rng.choice(["yes", "no"], count) for name in names}
    often = ["never", "rarely", "sometimes", "often", "very_often"]
    return yes_no | {f"form_{form}": rng.choice(often, count) for form in "abcdefghi"}


def test_identical_rows(table_of, look):
    """Seven of 60 rows entered a second time, weights and clusters apart."""
    answers = {name: [*values[:53], *values[:7]] for name, values in many_answers(60).items()}
    rows = look(table_of(60, weight=np.linspace(0.9, 1.1, 60), **answers))
    assert remark_of(rows, "identical_rows")[["base", "value", "share"]].tolist() == [60, 5, 0.083]
    assert remark_of(rows, "identical_rows")["level"] == "warning"
    assert remark_of(look(table_of(60, **many_answers(60))), "identical_rows")["level"] == "ok"


def test_rows_with_few_answers_may_agree(table_of, look):
    rows = look(table_of(60, anxiety=["yes"] * 60))
    assert remark_of(rows, "identical_rows")["message"].endswith("fewer than 5 of 60.")


def test_identifiers_that_stand_twice(table_of, look):
    assert "41.7% of 60" in remark_of(look(table_of(60, renamed=24)), "identifiers_twice")["message"]
    few = remark_of(look(table_of(60, renamed=2)), "identifiers_twice")
    assert "fewer than 5 of 60" in few["message"]
    assert np.isnan(few["share"])


def test_children_and_caregivers_are_linked_by_household(table_of, look):
    children, caregivers = table_of(60), table_of(60, "caregivers", caregiver_age=[40.0] * 60)
    caregivers["household_id"] = [str(row + 19) for row in range(60)]
    rows = look(children, caregivers)
    assert remark_of(rows, "child_without_caregiver")["value"] == 20
    assert remark_of(rows, "caregiver_without_child", table="caregivers")["share"] == 0.333
    assert remark_of(rows, "two_caregivers", table="caregivers")["level"] == "ok"
    caregivers["household_id"] = [str(row // 2) for row in range(60)]
    assert remark_of(look(children, caregivers), "two_caregivers", table="caregivers")["level"] == "error"
    caregivers["household_id"] = "other key " + caregivers["household_id"]
    assert remark_of(look(children, caregivers), "child_without_caregiver")["level"] == "error"


def test_what_follows_from_the_numbers_analysed_is_said_and_no_more(table_of, look):
    """100 children, 75 caregivers: 25 children or more have none. 27 would tell of two caregivers without a child."""
    children, counts = table_of(100), []
    for few in (0, 1, 4):
        caregivers = table_of(75, "caregivers", caregiver_age=[40.0] * 75)
        caregivers["household_id"] = [str(row + 25 + few) for row in range(75)]
        rows = look(children, caregivers)
        remark = remark_of(rows, "child_without_caregiver")
        assert (
            remark["message"] == "Children without a caregiver in the file: at least 25; more is not shown."
        )
        assert (remark["level"], remark["base"]) == ("warning", 100)
        assert remark_of(rows, "caregiver_without_child", table="caregivers")["message"].endswith(
            ": not shown."
        )
        counts.append(rows)
    for other in counts[1:]:
        pd.testing.assert_frame_equal(counts[0], other)


def test_without_a_caregivers_file(table_of, look):
    assert (
        "No file of caregivers"
        in remark_of(look(table_of(60)), "rows_delivered", table="caregivers")["message"]
    )


# The sample


def test_rows_delivered_excluded_eligible_analysed(table_of, look):
    rows = look(table_of(60, excluded={"no weight": 11, "outside the ages 12 to 17": 28}))
    assert remark_of(rows, "rows_delivered")["value"] == 100
    assert remark_of(rows, "rows_delivered")["message"] == "About 100 rows were delivered."
    assert remark_of(rows, "eligible")["value"] == 70
    assert remark_of(rows, "analysed")["value"] == 60
    remark = remark_of(rows, "excluded", "no weight")
    assert remark[["base", "value", "share"]].tolist() == [100, 10, 0.1]
    assert remark["level"] == "warning"
    assert remark_of(rows, "excluded", "outside the ages 12 to 17")["level"] == "note"


def test_a_few_left_out_cannot_be_computed_from_the_rows_delivered(table_of, look):
    """60 analysed, 30 left out for their age, and 0 to 4 without a weight: the same is said of each."""
    tables = []
    for few in (0, 1, 4):
        excluded = {"no weight": few} if few else {}
        rows = look(table_of(60, excluded=excluded | {"outside the ages 12 to 17": 30}))
        assert remark_of(rows, "rows_delivered")["value"] == 90
        assert remark_of(rows, "eligible")["message"] == "Fewer than 5 eligible rows have no weight."
        tables.append(rows)
        alone = look(table_of(60, excluded=excluded))
        assert (
            remark_of(alone, "rows_delivered")["message"]
            == "Fewer than 5 rows were left out for any one reason."
        )
        assert remark_of(alone, "rows_delivered")[["base", "value"]].isna().all()
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other)


def test_weights(table_of, look):
    """Half 0.5, half 1.5: mean 1, coefficient of variation 0.5, design effect 1 + 0.25."""
    rows = look(table_of(60, weight=np.array([0.5, 1.5] * 30)))
    assert remark_of(rows, "weight_mean")["value"] == 1
    assert remark_of(rows, "weight_variation")["value"] == pytest.approx(0.5)
    assert remark_of(rows, "weight_effect")["value"] == pytest.approx(1.25)


def test_no_number_made_of_weights_has_more_digits_than_its_words(table_of, look):
    rows = look(table_of(60, weight=np.random.default_rng(1).lognormal(size=60)))
    for check in ("weight_mean", "weight_variation", "weight_effect"):
        remark = remark_of(rows, check)
        assert re.search(rf"\b{remark['value']:.2f}\b", remark["message"]), check
        assert remark["value"] == float(f"{remark['value']:.2f}")


def test_an_extreme_weight_is_for_the_owner_of_the_data_alone(project, table_of, look):
    weight = np.ones(60)
    weight[7] = 1234.5
    rows = look(table_of(60, weight=weight))
    exact = both(project, "ken", table_of(60, weight=weight), pd.DataFrame())[1]
    assert rows[rows["check"] == "weight_largest"].empty
    assert remark_of(exact, "weight_largest")["message"].endswith("yes.")
    assert remark_of(rows, "weight_effect")["level"] == "warning"
    assert "1234" not in rows.to_csv().replace(",", "")


def test_strata_and_clusters(table_of, look):
    """Clusters of 25, 25, 6 and 4 children; the last is alone in its stratum."""
    stratum = ["a"] * 50 + ["b"] * 10
    psu = ["1"] * 25 + ["2"] * 31 + ["3"] * 4
    rows = look(table_of(60, stratum=["a"] * 56 + ["b"] * 4, psu=psu))
    assert remark_of(rows, "strata")["value"] == 2
    assert remark_of(rows, "psus")["value"] == 3
    assert remark_of(rows, "psus_per_stratum")["value"] == 1.5
    assert remark_of(rows, "lone_psus")["message"] == "Strata with one primary sampling unit: some."
    assert remark_of(rows, "lone_psus")["level"] == "error"
    assert "singleton_psu" in remark_of(rows, "lone_psus")["hint"]
    assert remark_of(rows, "per_psu")["message"] == "Children in each primary sampling unit: 20.0 on average."
    assert remark_of(look(table_of(60, stratum=stratum)), "lone_psus")["level"] == "error"


@pytest.mark.parametrize(
    ("units", "level", "says", "hint"),
    [
        (29, "warning", "29 primary sampling units, which is few", "a region"),
        (30, "ok", "30 primary sampling units.", ""),
        (400, "ok", "400 primary sampling units.", ""),
        (401, "warning", "401 primary sampling units, which is many", "a household's address"),
        (884, "warning", "about one for each", "an identifier"),
    ],
)
def test_an_unusual_number_of_units_is_a_warning_that_names_what_to_do(
    table_of, look, units, level, says, hint
):
    rows = look(table_of(1000, stratum=["a"] * 1000, psu=[str(row % units) for row in range(1000)]))
    remark = remark_of(rows, "psus")
    assert (remark["level"], remark["value"]) == (level, units)
    assert says in remark["message"]
    assert hint in remark["hint"]
    assert bool(remark["hint"]) == (level == "warning")
    shown = dict(facts(rows, "children"))["Primary sampling units"]
    assert remark["message"] in shown
    assert hint in shown


def test_a_design_of_weights_only_is_said(table_of, look):
    rows = look(table_of(60).drop(columns=["stratum", "psu"]))
    assert remark_of(rows, "psus")["level"] == "warning"
    assert "weights_only" in remark_of(rows, "psus")["hint"]


def test_a_column_that_is_an_identifier_is_no_cluster(table_of, look):
    rows = look(table_of(60, psu=[str(row) for row in range(60)]))
    assert remark_of(rows, "per_psu")["level"] == "warning"


def test_a_file_much_smaller_than_published(table_of, look):
    assert remark_of(look(table_of(60)), "published_size")["level"] == "warning"


# Nothing about a few


REASONS = ["yes", "no", "dont_know", "refused", None]
TOLD = [None, frozenset(), frozenset({"no_one"}), frozenset({"no_one", "friend"}), frozenset({"dont_know"})]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(50, 160))
def test_no_table_of_remarks_tells_about_a_few(project, table_of, seed, count):
    """Any answers to questions and follow-ups, some of them seldom: what is published fits the exact numbers, and no
    number below 5, nor one that leaves fewer than 5, is in it."""
    rng = np.random.default_rng(seed)

    def draw(values):
        places = rng.choice(len(values), count, p=rng.dirichlet(np.full(len(values), 0.4)))
        return [values[number] for number in places]

    answers = {name: draw(REASONS) for name in ("anxiety", "sex_education", "sex_education_assertive")}
    answers |= {"form_a": draw(["never", "often", "refused"]), "told_a": draw(TOLD)}
    excluded = {"no weight": int(rng.integers(1, 9)), "no age": int(rng.integers(1, 9))}
    children = table_of(count, excluded=excluded, renamed=int(rng.integers(0, 9)), **answers)
    shown, exact = both(project, "ken", children, pd.DataFrame())
    key = ["table", "check", "variable"]
    exact = exact.set_index(key)[["base", "value"]]
    for _, row in shown[shown["check"].isin(COUNTS)].iterrows():
        base, value = exact.loc[tuple(row[key])]
        published, numbers = statement(row, RULES), row[["base", "value"]].dropna().astype(float)
        assert (numbers % 5 == 0).all()
        assert (numbers >= 5).all()
        if row["check"] == "excluded":
            assert abs(row["value"] - value) <= 2
            assert value >= 5
            continue
        bounds = published.bounds(RULES)
        assert published.kind == "hidden" or bounds is None or bounds[0] <= value <= bounds[1], row["message"]
        if pd.notna(row["base"]):
            assert base >= RULES.bracket_below
            assert abs(row["base"] - base) <= 2
        if value < 5 or base - value < 5:
            assert row[["share", "value"]].isna().all(), row["message"]
        if row["check"] in NOT_ASKED:
            assert row[["share", "base"]].isna().all()


FEW = {
    "no answer": lambda few: {"anxiety": ["yes"] * (60 - few) + [None] * few},
    "no answer, for several reasons": lambda few: {
        "anxiety": ["yes"] * (60 - few) + ["refused"] * (few // 2) + [None] * (few - few // 2)
    },
    "an answer": lambda few: {"anxiety": ["yes"] * few + [None] * (60 - few)},
    "nothing chosen": lambda few: {
        "form_b": ["often"] * 60 + ["never"] * 60,
        "told_b": [set()] * few + [{"friend"}] * (60 - few) + [None] * 60,
    },
    "a contradiction": lambda few: {
        "form_b": ["often"] * 60 + ["never"] * 60,
        "told_b": [{"no_one", "friend"}] * few + [{"no_one"}] * (52 - few) + [{"mother"}] * 8 + [None] * 60,
    },
    "don't know, and an answer": lambda few: {
        "form_b": ["often"] * 60 + ["never"] * 60,
        "told_b": [{"dont_know", "friend"}] * few + [{"friend"}] * (60 - few) + [None] * 60,
    },
    "an impossible number": lambda few: {"age": [9] * few + [14] * (60 - few)},
    "identifiers twice": lambda few: {"renamed": few},
    "rows left out": lambda few: {"excluded": {"no weight": few} if few else {}},
    "not to be asked": lambda few: {
        "sex_education": ["no"] * few + ["yes"] * (60 - few),
        "sex_education_assertive": [None] * few + ["yes"] * (60 - few),
    },
}


@pytest.mark.parametrize("name", FEW)
def test_nobody_is_not_told_apart_from_one_to_four(table_of, look, name):
    """Neither by a number, nor by a level, nor by a row that is there or not."""
    tables = [FEW[name](few) for few in range(5)]
    sizes = [
        max([60, *(len(column) for column in answers.values() if isinstance(column, list))])
        for answers in tables
    ]
    first, *others = (look(table_of(size, **answers)) for size, answers in zip(sizes, tables, strict=True))
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_answered_by_a_few_whom_it_was_not_to_be_asked(table_of, look):
    def rows(few):
        follow_up = ["yes"] * 60 + ["no"] * few + [None] * (60 - few)
        return look(
            table_of(120, sex_education=["yes"] * 60 + ["no"] * 60, sex_education_assertive=follow_up)
        )

    for few in range(1, 5):
        pd.testing.assert_frame_equal(rows(0), rows(few))
    assert not rows(0).equals(rows(5))


# Tables


def test_every_check_is_explained_and_every_remark_has_a_check(project, drawn):
    children, caregivers = (clean(frame) for frame in drawn("ken"))
    rows = examine(project, "ken", children, caregivers)
    assert set(rows["check"]) <= set(CHECKS)
    assert all(check.means.endswith(".") for check in CHECKS.values())
    assert list(rows.columns) == COLUMNS
    assert set(rows["data"]) == {"synthetic"}


def clean(frame):
    """A drawn frame as harmonise leaves it."""
    kept = frame[frame["weight"].notna()].reset_index(drop=True)
    kept.attrs = {"country": "ken", "data": "synthetic", "rows_delivered": len(frame), "renamed_identifiers": 0,
                  "excluded": {"no weight": len(frame) - len(kept)}}  # fmt: skip
    return kept


def test_the_synthetic_survey_has_no_error_and_follows_its_routing(project, drawn):
    """What it is warned of is what was published: many children do not know or prefer not to say."""
    children, caregivers = (clean(frame) for frame in drawn("ken"))
    rows = examine(project, "ken", children, caregivers)
    assert set(rows["level"]) <= {"ok", "note", "warning"}
    routing = rows["check"].isin(
        [
            "answered_though_not_asked",
            "zeros_though_not_asked",
            "not_answered_though_asked",
            "option_not_alone",
        ]
    )
    assert routing.sum() > 40
    assert set(rows.loc[routing, "level"]) == {"ok"}
    assert set(rows.loc[rows["level"] == "warning", "check"]) == {"item_nonresponse"}


def test_the_owner_of_the_data_gets_exact_numbers(project, table_of):
    values = ["yes"] * 53 + ["refused"] * 3 + [None] * 4
    children = table_of(60, anxiety=values, excluded={"no weight": 3}, renamed=2)
    rows = both(project, "ken", children, pd.DataFrame())[1]
    assert list(rows.columns) == COLUMNS
    for check, variable, value in (
        *(("item_nonresponse", "anxiety", 7), ("refused", "anxiety", 3), ("dont_know", "anxiety", 0)),
        *(("rows_delivered", "", 63), ("excluded", "no weight", 3), ("identifiers_twice", "", 2)),
    ):
        assert remark_of(rows, check, variable)["value"] == value
    assert remark_of(rows, "refused", "anxiety")["share"] == 3 / 60
    assert remark_of(rows, "refused", "anxiety")["message"] == "Anxiety (one question): 3 of 60 (5.0%)."


def test_a_table_is_written_and_read_back_as_it_was(table_of, look, tmp_path):
    rows = look(table_of(60, anxiety=["yes"] * 30 + [None] * 30))
    write(rows, tmp_path / "results/data_quality.csv")
    again = read(tmp_path / "results/data_quality.csv")
    pd.testing.assert_frame_equal(again.astype(object), rows.astype(object), check_dtype=False)


def test_tables_for_reading(project, table_of, look):
    values = ["yes"] * 35 + ["dont_know"] * 15 + ["refused"] * 3 + [None] * 7
    rows = look(table_of(60, anxiety=values))
    line = unanswered(project.codebook, rows, "children", RULES).iloc[0]
    assert line.tolist() == ["Anxiety (one question)", "60", "41.7%", "25.0%", "<5", "8.3%", "–"]
    shown = dict(facts(rows, "children"))
    assert shown["Strata"] == "1 stratum."


def test_the_report_fits_100_columns_the_worst_first_whatever_a_country_is_called(project, table_of, look):
    excluded = {"no weight": 2, "outside the ages 12 to 17": 3000}
    fine = look(table_of(60, excluded=excluded, psu=["1"] * 30 + ["2"] * 30, **many_answers(60)))
    broken = look(table_of(60, stratum=["a"] * 59 + ["b"]))
    countries = list(project.countries)
    examined = [Examined(iso3, fine) for iso3 in countries[2:]]
    examined += [
        Examined(countries[0], broken),
        Examined(countries[1], problems=("file.csv\n  cannot be read",)),
    ]
    text = report(project, examined)
    assert max(map(len, text.splitlines())) <= 100
    heads = re.findall(r"^.+ \((\w{3})\), SYNTHETIC DATA: (\w+)$", text, re.MULTILINE)
    assert heads[:2] == [(countries[0], "ERROR"), (countries[1], "ERROR")]
    assert re.search(r" 3,060 +– +60 ", text)
    assert "  cannot be read" in text
    assert f"{len(countries)} countries checked: 2 ERROR" in text
