"""Remarks on the data: each check's arithmetic on tiny tables, and nothing from which a few children could be told."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disrupting_harm.config.analysis import Suppression
from disrupting_harm.config.codebook import SPECIAL, option_column
from disrupting_harm.quality import gate
from disrupting_harm.quality.checks import CHECKS
from disrupting_harm.quality.examine import examine
from disrupting_harm.quality.gate import Part
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
        frame = pd.DataFrame({"household_id": [str(place) for place in range(count)]})
        frame["weight"] = answers.pop("weight", np.ones(count))
        frame["stratum"] = answers.pop("stratum", ["one"] * count)
        frame["psu"] = answers.pop("psu", [f"psu {place // 10}" for place in range(count)])
        for name, given_ in answers.items():
            variable = project.codebook.variables(table).get(name)
            if variable is None or variable.kind == "number":
                frame[name] = given_
            elif variable.kind == "answer":
                frame[name] = pd.Categorical(given_, categories=list(variable.categories))
            else:
                for option in (*variable.options, *SPECIAL):
                    chosen = [NONE if each is None else option in each for each in given_]
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


def found(rows, check, variable="", table="children"):
    """The one remark of a check."""
    rows = rows[(rows["check"] == check) & (rows["variable"] == variable) & (rows["table"] == table)]
    assert len(rows) == 1, (check, variable, len(rows))
    return rows.iloc[0]


# Item non-response


def test_no_answer_by_reason(table_of, look):
    """60 asked: 12 don't know, 6 refused, 7 empty: 25 of 60."""
    values = ["yes"] * 20 + ["no"] * 15 + ["dont_know"] * 12 + ["refused"] * 6 + [None] * 7
    rows = look(table_of(60, anxiety=values))
    assert found(rows, "item_nonresponse", "anxiety")["share"] == pytest.approx(25 / 60)
    assert found(rows, "item_nonresponse", "anxiety")["level"] == "warning"
    assert "no answer from 41.7% of 60" in found(rows, "item_nonresponse", "anxiety")["message"]
    for reason, count in (("dont_know", 12), ("refused", 6), ("empty", 7), ("nothing_chosen", 0)):
        assert found(rows, reason, "anxiety")["share"] == pytest.approx(count / 60), reason


def test_reasons_are_held_back_together_when_one_is_few(table_of, look):
    """25 of 60, of whom 3 refused: neither the 3 nor the 15 and 7 from which they could be computed."""
    values = ["yes"] * 35 + ["dont_know"] * 15 + ["refused"] * 3 + [None] * 7
    rows = look(table_of(60, anxiety=values))
    assert found(rows, "item_nonresponse", "anxiety")["share"] == pytest.approx(25 / 60)
    for reason in ("dont_know", "refused", "empty"):
        assert np.isnan(found(rows, reason, "anxiety")["share"])
        assert "some, too few to say how many" in found(rows, reason, "anxiety")["message"]


def test_a_question_with_several_answers(table_of, look):
    """An option counts as an answer even beside "don't know"; zeros only are "nothing chosen", no cell is empty."""
    place = [{"in_person"}] * 30 + [{"dont_know"}] * 8 + [set()] * 6 + [None] * 5 + [{"refused"}] * 5
    place += [{"social_media", "dont_know"}] * 6 + [None] * 40
    rows = look(table_of(100, form_a=["often"] * 60 + ["never"] * 40, place_a=place))
    assert found(rows, "item_nonresponse", "place_a")["base"] == 60
    assert found(rows, "item_nonresponse", "place_a")["share"] == pytest.approx((8 + 6 + 5 + 5) / 60)
    assert found(rows, "dont_know", "place_a")["share"] == pytest.approx(8 / 60)
    assert found(rows, "special_and_option", "place_a")["share"] == pytest.approx(6 / 60)
    assert found(rows, "nothing_chosen_though_asked", "place_a")["share"] == pytest.approx(6 / 60)
    assert found(rows, "not_answered_though_asked", "place_a")["share"] == pytest.approx(5 / 60)


def test_the_mean_of_a_module_is_made_from_what_is_shown(table_of, look):
    """30 of 60 and "fewer than 5" of 60, which stands in its middle: (0.5 + 2.5 / 60) / 2."""
    rows = look(table_of(60, anxiety=["yes"] * 30 + [None] * 30, self_harm=["no"] * 57 + [None] * 3))
    mean = found(rows, "module_nonresponse", "wellbeing")["share"]
    assert mean == pytest.approx((0.5 + 2.5 / 60) / 2)
    other = look(table_of(60, anxiety=["yes"] * 30 + [None] * 30, self_harm=["no"] * 59 + [None] * 1))
    assert found(other, "module_nonresponse", "wellbeing")["share"] == mean


def test_questions_that_the_country_lacks_are_said_and_not_counted_as_unanswered(table_of, look):
    rows = look(table_of(60, anxiety=["yes"] * 60))
    assert "Self-harm" in found(rows, "not_asked")["message"]
    assert "Anxiety" not in found(rows, "not_asked")["message"]
    assert rows[rows["variable"] == "self_harm"].empty


# Routing


def test_answered_by_those_whom_it_was_not_to_be_asked(table_of, look):
    """40 received no sex education; 10 of them answer the follow-up: a quarter, an error of the mapping."""
    gate_ = ["yes"] * 60 + ["no"] * 38 + ["refused", "dont_know"]
    follow_up = ["yes"] * 60 + ["no"] * 10 + [None] * 30
    rows = look(table_of(100, sex_education=gate_, sex_education_assertive=follow_up))
    remark = found(rows, "answered_though_not_asked", "sex_education_assertive")
    assert (remark["base"], remark["share"], remark["level"]) == (40, 0.25, "error")
    assert "answered by 25.0% of 40 whom it was not to be asked" in remark["message"]
    assert found(rows, "not_answered_though_asked", "sex_education_assertive")["level"] == "ok"


def test_not_answered_by_those_whom_it_was_to_be_asked(table_of, look):
    follow_up = ["yes"] * 24 + [None] * 36 + [None] * 40
    rows = look(table_of(100, sex_education=["yes"] * 60 + ["no"] * 40, sex_education_assertive=follow_up))
    remark = found(rows, "not_answered_though_asked", "sex_education_assertive")
    assert (remark["base"], remark["share"], remark["level"]) == (60, 0.6, "error")
    assert found(rows, "answered_though_not_asked", "sex_education_assertive")["share"] == 0


def test_a_platform_without_social_media_is_against_the_routing(table_of, look):
    place = [{"social_media"}] * 30 + [{"in_person"}] * 30
    platform = [{"youtube"}] * 30 + [{"youtube"}] * 12 + [set()] * 6 + [None] * 12
    rows = look(table_of(60, form_c=["often"] * 60, place_c=place, platform_c=platform))
    assert found(rows, "answered_though_not_asked", "platform_c")["share"] == pytest.approx(12 / 30)
    assert found(rows, "zeros_though_not_asked", "platform_c")["share"] == pytest.approx(6 / 30)
    assert found(rows, "item_nonresponse", "platform_c")["base"] == 30


def test_without_the_question_before_it_routing_is_not_judged(table_of, look):
    rows = look(table_of(60, platform_c=[{"youtube"}] * 30 + [None] * 30))
    assert found(rows, "routing_unknown", "platform_c")["level"] == "note"
    assert found(rows, "item_nonresponse", "platform_c")["share"] == 0
    assert not (rows["check"] == "answered_though_not_asked").any()


def test_a_base_that_leaves_out_a_few_is_not_said(table_of, look):
    """58 of 60 are asked the follow-up: saying 58 would tell of two children that it did not happen to them."""
    rows = look(table_of(60, form_c=["often"] * 58 + ["never"] * 2, told_c=[{"friend"}] * 58 + [None] * 2))
    remark = found(rows, "item_nonresponse", "told_c")
    assert np.isnan(remark["base"])
    assert not re.search(r"\d", remark["message"])


# What contradicts itself


def test_no_one_together_with_somebody(table_of, look):
    told = [{"no_one"}] * 40 + [{"no_one", "friend"}] * 10 + [{"mother"}] * 50
    rows = look(table_of(100, form_b=["often"] * 100, told_b=told))
    remark = found(rows, "option_not_alone", "told_b")
    assert (remark["base"], remark["share"], remark["level"]) == (50, 0.2, "warning")
    assert '"No one" together with another option: 20.0% of 50' in remark["message"]


def test_nothing_chosen_by_everyone_is_an_error(table_of, look):
    rows = look(table_of(60, form_b=["often"] * 60, told_b=[set()] * 60))
    assert found(rows, "nothing_chosen_though_asked", "told_b")["level"] == "error"


def test_numbers_that_cannot_be_true(table_of, look):
    children = table_of(60, age=[14] * 60)
    caregivers = table_of(60, "caregivers", caregiver_age=[40.0] * 45 + [3.0] * 10 + [None] * 5)
    rows = look(children, caregivers)
    assert found(rows, "implausible_number", "age")["level"] == "ok"
    remark = found(rows, "implausible_number", "caregiver_age", "caregivers")
    assert (remark["share"], remark["level"]) == (pytest.approx(10 / 60), "error")
    assert "outside 15 to 110" in remark["message"]


def test_children_outside_the_eligible_ages(table_of, look):
    rows = look(table_of(60, age=[14] * 50 + [9] * 10))
    assert found(rows, "implausible_number", "age")["level"] == "error"


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
    assert found(rows, "identical_rows")["share"] == pytest.approx(7 / 60)
    assert found(rows, "identical_rows")["level"] == "warning"
    assert found(look(table_of(60, **many_answers(60))), "identical_rows")["share"] == 0


def test_rows_with_few_answers_may_agree(table_of, look):
    rows = look(table_of(60, anxiety=["yes"] * 60))
    assert found(rows, "identical_rows")["message"].endswith("none.")


def test_identifiers_that_stand_twice(table_of, look):
    assert "40.0% of 60" in found(look(table_of(60, renamed=24)), "identifiers_twice")["message"]
    few = found(look(table_of(60, renamed=2)), "identifiers_twice")
    assert "fewer than 5 of 60" in few["message"]
    assert np.isnan(few["share"])


def test_children_and_caregivers_are_linked_by_household(table_of, look):
    children, caregivers = table_of(60), table_of(60, "caregivers", caregiver_age=[40.0] * 60)
    caregivers["household_id"] = [str(place + 20) for place in range(60)]
    rows = look(children, caregivers)
    assert found(rows, "child_without_caregiver")["share"] == pytest.approx(20 / 60)
    assert found(rows, "caregiver_without_child", table="caregivers")["share"] == pytest.approx(20 / 60)
    assert found(rows, "two_caregivers", table="caregivers")["level"] == "ok"
    caregivers["household_id"] = [str(place // 2) for place in range(60)]
    assert found(look(children, caregivers), "two_caregivers", table="caregivers")["level"] == "error"
    caregivers["household_id"] = "other key " + caregivers["household_id"]
    assert found(look(children, caregivers), "child_without_caregiver")["level"] == "error"


def test_without_a_caregivers_file(table_of, look):
    assert (
        "No file of caregivers" in found(look(table_of(60)), "rows_delivered", table="caregivers")["message"]
    )


# The sample


def test_rows_delivered_excluded_eligible_analysed(table_of, look):
    rows = look(table_of(60, excluded={"no weight": 10, "outside the ages 12 to 17": 30}))
    assert found(rows, "rows_delivered")["value"] == 100
    assert found(rows, "eligible")["value"] == 70
    assert found(rows, "analysed")["value"] == 60
    assert found(rows, "excluded", "no weight")["share"] == 0.1
    assert found(rows, "excluded", "no weight")["level"] == "warning"
    assert found(rows, "excluded", "outside the ages 12 to 17")["level"] == "note"


def test_a_few_left_out_cannot_be_computed_from_the_rows_delivered(table_of, look):
    """60 analysed, 30 and "fewer than 5" left out: 91 to 94 delivered, whichever number from 1 to 4 it is."""
    told = []
    for few in (1, 4):
        rows = look(table_of(60, excluded={"no weight": few, "outside the ages 12 to 17": 30}))
        assert "91 to 94 rows were delivered" in found(rows, "rows_delivered")["message"]
        assert "61 to 64 are eligible" in found(rows, "eligible")["message"]
        assert np.isnan(found(rows, "excluded", "no weight")["base"])
        told.append(rows.drop(columns="country"))
    pd.testing.assert_frame_equal(*told)


def test_weights(table_of, look):
    """Half 0.5, half 1.5: mean 1, coefficient of variation 0.5, design effect 1 + 0.25."""
    rows = look(table_of(60, weight=np.array([0.5, 1.5] * 30)))
    assert found(rows, "weight_mean")["value"] == 1
    assert found(rows, "weight_variation")["value"] == pytest.approx(0.5)
    assert found(rows, "weight_effect")["value"] == pytest.approx(1.25)
    assert found(rows, "weight_largest")["message"].endswith("no.")


def test_an_extreme_weight_is_said_and_not_told(table_of, look):
    weight = np.ones(60)
    weight[7] = 1234.5
    rows = look(table_of(60, weight=weight))
    assert found(rows, "weight_largest")["message"].endswith("yes.")
    assert found(rows, "weight_effect")["level"] == "warning"
    assert "1234" not in rows.to_csv().replace(",", "")


def test_strata_and_clusters(table_of, look):
    """Clusters of 25, 25, 6 and 4 children; the last is alone in its stratum."""
    stratum = ["a"] * 50 + ["b"] * 10
    psu = ["1"] * 25 + ["2"] * 31 + ["3"] * 4
    rows = look(table_of(60, stratum=["a"] * 56 + ["b"] * 4, psu=psu))
    assert found(rows, "strata")["value"] == 2
    assert found(rows, "psus")["value"] == 3
    assert found(rows, "psus_per_stratum")["value"] == 1.5
    assert found(rows, "lone_psus")["value"] == 1
    assert found(rows, "lone_psus")["level"] == "error"
    assert "lone_psu" in found(rows, "lone_psus")["way_out"]
    assert "20.0 on average; smallest: fewer than 5" in found(rows, "per_psu")["message"]
    assert found(look(table_of(60, stratum=stratum)), "lone_psus")["value"] == 1


def test_a_design_of_weights_only_is_said(table_of, look):
    rows = look(table_of(60).drop(columns=["stratum", "psu"]))
    assert found(rows, "psus")["level"] == "warning"
    assert "weights_only" in found(rows, "psus")["way_out"]


def test_a_column_that_is_an_identifier_is_no_cluster(table_of, look):
    rows = look(table_of(60, psu=[str(place) for place in range(60)]))
    assert found(rows, "per_psu")["level"] == "warning"


def test_a_file_much_smaller_than_published(table_of, look):
    assert found(look(table_of(60)), "published_size")["level"] == "warning"


# Nothing about a few


@st.composite
def parts(draw):
    """A count of a base, itself a part of something larger."""
    whole = draw(st.integers(1, 120))
    base = draw(st.integers(0, whole))
    return Part(draw(st.integers(0, base)), base, whole)


@settings(max_examples=500, deadline=None)
@given(part=parts())
def test_no_small_number_nor_its_complement_is_said(part):
    words, share, base = gate.words(part, RULES), gate.share(part, RULES), gate.base(part, RULES)
    without_percent = re.sub(r"[\d.<>]+%", "", words)
    numbers = [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", without_percent)]
    said = [each for each in numbers if f"fewer than {each}" not in words]
    hidden = {*range(1, RULES.k)}
    assert not hidden & set(said)
    assert not hidden & {part.base - each for each in said}
    if base is not None:
        assert base >= RULES.not_shown_below
        assert part.whole - base not in hidden
        assert not hidden & {part.whole - each for each in said if each == base}
    if share is not None:
        assert base is not None
        assert part.count not in hidden
        assert part.base - part.count not in hidden
        assert round(share * base) == part.count


@settings(max_examples=300, deadline=None)
@given(first=parts(), count=st.integers(1, 4))
def test_what_is_said_about_a_few_is_the_same_for_each_of_1_to_4(first, count):
    """Whoever reads it cannot tell 1 from 4, wherever it enters."""
    base = max(first.base, 30)
    one, other = Part(1, base), Part(count, base)
    assert gate.words(one, RULES) == gate.words(other, RULES)
    assert gate.about(one, RULES) == gate.about(other, RULES)
    assert gate.limits(base, {"a": 1}, RULES) == gate.limits(base, {"a": count}, RULES)


REASON = st.sampled_from(["yes", "no", "dont_know", "refused", None])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_table_of_remarks_tells_about_a_few(project, table_of, data):
    """Any answers of 30 to 60 children to questions and follow-ups: the counts behind base and share are no few."""
    count = data.draw(st.integers(30, 60))
    answers = {
        name: data.draw(st.lists(REASON, min_size=count, max_size=count))
        for name in ("sex_education", "sex_education_assertive")
    }
    told = st.sampled_from([None, frozenset(), frozenset({"no_one"}), frozenset({"no_one", "friend"})])
    answers["form_a"] = data.draw(
        st.lists(st.sampled_from(["never", "often", "refused"]), min_size=count, max_size=count)
    )
    answers["told_a"] = data.draw(st.lists(told, min_size=count, max_size=count))
    excluded = {"no weight": data.draw(st.integers(1, 8)), "no age": data.draw(st.integers(1, 8))}
    children = table_of(count, excluded=excluded, **answers)
    rows = examine(project, "ken", children, pd.DataFrame())
    means = rows["check"].isin(["module_nonresponse", "nonresponse"])
    shown = rows[rows["share"].notna() & ~means]
    assert shown["base"].notna().all()
    counts = (shown["share"] * shown["base"]).round().astype(int)
    for number in (counts, shown["base"].astype(int) - counts):
        assert not number.between(1, RULES.k - 1).any(), shown[number.between(1, RULES.k - 1)]
    bases = rows["base"].dropna().astype(int)
    assert (bases >= RULES.not_shown_below).all()
    for variable, part in shown[shown["variable"] != ""].groupby("variable"):
        reasons = part[part["check"].isin(["dont_know", "refused", "empty", "nothing_chosen"])]
        total = part[part["check"] == "item_nonresponse"]
        if len(reasons) < 4 and len(total):
            # Those not shown are nought or held; what remains for them is of two reasons at least.
            rest = total["share"].iloc[0] - reasons["share"].sum()
            base = total["base"].iloc[0]
            assert round(rest * base) >= RULES.k or round(rest * base) == 0, variable
    delivered = rows.loc[(rows["check"] == "rows_delivered") & (rows["table"] == "children"), "value"].iloc[0]
    if np.isfinite(delivered):
        assert all(each >= RULES.k for each in excluded.values())


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


def test_a_table_is_written_and_read_back_as_it_was(table_of, look, tmp_path):
    rows = look(table_of(60, anxiety=["yes"] * 30 + [None] * 30))
    write(rows, tmp_path / "results/data_quality.csv")
    again = read(tmp_path / "results/data_quality.csv")
    pd.testing.assert_frame_equal(again.astype(object), rows.astype(object), check_dtype=False)


def test_tables_for_reading(project, table_of, look):
    values = ["yes"] * 35 + ["dont_know"] * 15 + ["refused"] * 3 + [None] * 7
    rows = look(table_of(60, anxiety=values))
    line = unanswered(project.codebook, rows, "children").iloc[0]
    assert line.tolist() == ["Anxiety", "60", "41.7%", "hidden", "hidden", "hidden", "0%"]
    told = dict(facts(rows, "children"))
    assert told["Strata"] == "1 stratum."


def test_the_report_fits_100_columns_the_worst_first_whatever_a_country_is_called(project, table_of, look):
    limits = {"no weight": 2, "outside the ages 12 to 17": 3000}
    fine = look(table_of(60, excluded=limits, psu=["1"] * 30 + ["2"] * 30, **many_answers(60)))
    broken = look(table_of(60, stratum=["a"] * 59 + ["b"]))
    countries = list(project.countries)
    examined = [Examined(iso3, fine) for iso3 in countries[2:]]
    examined += [
        Examined(countries[0], broken),
        Examined(countries[1], problems=("file.csv\n  cannot be read",)),
    ]
    told = report(project, examined)
    assert max(map(len, told.splitlines())) <= 100
    heads = re.findall(r"^.+ \((\w{3})\), SYNTHETIC DATA: (\w+)$", told, re.MULTILINE)
    assert heads[:2] == [(countries[0], "ERROR"), (countries[1], "ERROR")]
    assert "3,061–3,064" in told
    assert "  cannot be read" in told
    assert f"{len(countries)} countries checked: 2 ERROR" in told
