"""Every sentence, word for word, from small tables typed here: which row is named, in which order, and what of it."""

from __future__ import annotations

import contextlib
import inspect
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Analysis, Suppression
from disrupting_harm.estimation import differences as estimation_of_differences
from disrupting_harm.estimation import estimates, tidy_table
from disrupting_harm.insights import one_country
from disrupting_harm.insights.claims import Evidence, judge
from disrupting_harm.insights.comparison import MEAN, Comparison, left_out_sentence, means_sentence
from disrupting_harm.insights.one_country import Insight
from disrupting_harm.insights.published import COLUMNS, POOLED, Published
from disrupting_harm.presentation import differences, sentences
from disrupting_harm.presentation.figures import describe
from disrupting_harm.presentation.finding import readable
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.presentation.paragraphs import filler
from disrupting_harm.publishing.site import front

HIDDEN = {
    "estimate": np.nan,
    "ci_low": np.nan,
    "ci_high": np.nan,
    "n": np.nan,
    "rounded_to": np.nan,
    "se": np.nan,
}
BLANK = {"indicator_label": "Threatened", "by_label": "Sex", "level_label": "Girls", "indicator": "x", "by": "sex",
         "level": "girl", "measure": "proportion", **dict.fromkeys(tidy_table.CONTRAST, ""),
         "n": 1015, "se": 0.01, "status": "shown", "rounded_to": 0.001,
         "confidence_level": 0.95}  # fmt: skip


def row(estimate=None, low=None, high=None, **more):
    """A published row with labels; without an estimate it carries no number at all."""
    if estimate is None:
        return {**BLANK, **HIDDEN, "status": "suppressed", **more}
    near = {
        "ci_low": estimate - 0.01 if low is None else low,
        "ci_high": estimate + 0.01 if high is None else high,
    }
    return {**BLANK, "estimate": estimate, **near, **more}


def table(*rows):
    return pd.DataFrame(rows)


def named(*pairs):
    """Rows of one column, `level_label`, with their estimates; None: not shown."""
    return table(*(row(estimate, level_label=label) for label, estimate in pairs))


# One estimate


@pytest.mark.parametrize(("given", "text"), [
    (row(0.17, 0.151, 0.19), "17.0% (95% interval 15.1 to 19.0)"),
    (row(0.17, 0.151, 0.19, confidence_level=0.9), "17.0% (90% interval 15.1 to 19.0)"),
    (row(0.17, 0.151, 0.19, confidence_level=0.975), "17.0% (97.5% interval 15.1 to 19.0)"),
    (row(0.17, 0.1, 0.3, status="low_n", rounded_to=0.01), "17% (95% interval 10 to 30) on a small base"),
    (row(0.17, np.nan, np.nan), "17.0%"),
    (row(0.17, np.nan, np.nan, status="low_n"), "17.0% on a small base"),
    (row(-0.031, -0.05, 0.01, measure="risk_difference"), "−3.1 points (95% interval −5.0 to 1.0)"),
    (row(2.5, 1.25, 5, measure="risk_ratio", rounded_to=0.01), "2.50 (95% interval 1.25 to 5.00)"),
    (row(216000, 180000, 250000, measure="count", rounded_to=1), "216,000 (95% interval 180,000 to 250,000)"),
])  # fmt: skip
def test_an_estimate_with_its_interval(given, text):
    assert sentences.value(pd.Series(given)) == text
    assert sentences.alone(pd.Series(given)) == text.partition(" (")[0].replace(" on a small base", "")


@pytest.mark.parametrize(("given", "text"), [
    (row(0.17, 0.151, 0.19), "Threatened: 17.0% (95% interval 15.1 to 19.0) of 1,015 children."),
    (row(216000, 180000, 250000, measure="count", rounded_to=1),
     "Threatened: 216,000 (95% interval 180,000 to 250,000) among 1,015 children."),
    (row(1.5, 1.2, 1.8, measure="mean", rounded_to=0.01),
     "Threatened: 1.50 (95% interval 1.20 to 1.80) among 1,015 children."),
    (row(), "Threatened: not shown."),
    (row(status="not_asked"), "Threatened: not asked in this country."),
    (row(status="not_estimable"), "Threatened: cannot be estimated."),
])  # fmt: skip
def test_a_sentence_about_one_estimate(given, text):
    assert sentences.one(pd.Series(given), "children") == text


# Several estimates


@pytest.mark.parametrize(("pairs", "text"), [
    ([("girls", 0.1)], "Girls 10.0%."),
    ([("a", 0.1), ("b", 0.3), ("c", 0.2)], "B 30.0%; c 20.0%; a 10.0%."),
    ([("a", 0.1), ("b", 0.3), ("c", 0.2), ("d", 0.4)], "D 40.0%; b 30.0%; c 20.0%; a 10.0%."),
    ([("a", 0.1), ("b", 0.3), ("c", 0.2), ("d", 0.4), ("e", 0.25)], "D 40.0%; b 30.0%; e 25.0%; least: a 10.0%."),
    ([("a", 0.2), ("b", 0.2)], "A 20.0%; b 20.0%."),  # ties keep their order
    ([("a", 0.2), ("b", None), ("c", None)], "A 20.0%. Two estimates are not shown."),
    ([("a", None)], "None of these can be shown."),
])  # fmt: skip
def test_a_ranking(pairs, text):
    assert sentences.ranking(named(*pairs), "level_label") == text


@pytest.mark.parametrize(("pairs", "text"), [
    ([("A", 0.3), ("B", 0.1), ("C", 0.2)],
     "highest A, 30.0% (95% interval 29.0 to 31.0); lowest B, 10.0% (95% interval 9.0 to 11.0)"),
    ([("A", 0.1), ("B", 0.3), ("C", None)],
     "highest B, 30.0% (95% interval 29.0 to 31.0); lowest A, 10.0% (95% interval 9.0 to 11.0)"),
    ([("A", 0.1), ("B", None)], "A 10.0% (95% interval 9.0 to 11.0)"),
    ([("A", 0.1), ("B", 0.1)], "all 10.0%"),
    ([("A", None)], "none can be shown"),
])  # fmt: skip
def test_the_highest_and_the_lowest(pairs, text):
    assert sentences.extremes(named(*pairs), "level_label") == text


def test_a_sentence_for_each_breakdown():
    many = [("12", 0.10), ("13", 0.12), ("14", 0.08), ("15", 0.15), ("16", 0.20)]
    rows = table(
        row(0.1), row(0.2, level_label="Boys"),
        row(by_label="Area"), row(status="not_asked", by_label="Area", level_label="Rural"),
        *(row(estimate, by_label="Age", level_label=age) for age, estimate in many),
    )  # fmt: skip
    assert sentences.breakdown(rows) == (
        "By sex: 10.0% (Girls), 20.0% (Boys). "
        "By age: highest 16, 20.0% (95% interval 19.0 to 21.0); lowest 14, 8.0% (95% interval 7.0 to 9.0)."
        " One estimate, by area, is not shown; one was not asked."
    )
    four = table(*(row(estimate, by_label="Age", level_label=age) for age, estimate in many[:4]))
    assert sentences.breakdown(four) == "By age: 10.0% (12), 12.0% (13), 8.0% (14), 15.0% (15)."


def gaps(*rows):
    return table(*(row(estimate, low, high, indicator=name, indicator_label=name.title(), level_label=level)
                   for name, level, estimate, low, high in rows))  # fmt: skip


@pytest.mark.parametrize(("rows", "text"), [
    # the widest gap of two indicators is named, from its lower level to its higher
    ([("threats", "Girls", 0.30, 0.28, 0.32), ("threats", "Boys", 0.10, 0.08, 0.12),
      ("offers", "Girls", 0.20, 0.18, 0.22), ("offers", "Boys", 0.15, 0.13, 0.17)],
     "Sex, largest difference: Threats, 10.0% (Boys) to 30.0% (Girls); their intervals do not overlap."),
    ([("threats", "Girls", 0.20, 0.15, 0.25), ("threats", "Boys", 0.10, 0.05, 0.16)],
     "Sex, largest difference: Threats, 10.0% (Boys) to 20.0% (Girls); their intervals overlap."),
    # intervals that touch overlap
    ([("threats", "Girls", 0.20, 0.15, 0.25), ("threats", "Boys", 0.10, 0.05, 0.15)],
     "Sex, largest difference: Threats, 10.0% (Boys) to 20.0% (Girls); their intervals overlap."),
    # of equal gaps the first; 0.3 - 0.2 and 0.2 - 0.1 are equal as printed
    ([("first", "Girls", 0.2, 0.1, 0.3), ("first", "Boys", 0.1, 0, 0.2),
      ("second", "Girls", 0.3, 0.2, 0.4), ("second", "Boys", 0.2, 0.1, 0.3)],
     "Sex, largest difference: First, 10.0% (Boys) to 20.0% (Girls); their intervals overlap."),
    # without an interval nothing is said of it
    ([("threats", "Girls", 0.20, np.nan, np.nan), ("threats", "Boys", 0.10, 0.05, 0.15)],
     "Sex, largest difference: Threats, 10.0% (Boys) to 20.0% (Girls)."),
    ([("threats", "Girls", 0.20, 0.15, 0.25), ("threats", "Boys", 0.20, 0.15, 0.25)],
     "Sex: no difference between the levels that are shown."),
    ([("threats", "Girls", 0.20, 0.15, 0.25), ("threats", "Boys", None, None, None)],
     "No two levels can be compared."),
])  # fmt: skip
def test_where_levels_differ_most(rows, text):
    assert sentences.differences(gaps(*rows)) == text


def test_each_breakdown_has_its_own_largest_difference():
    sex = gaps(("threats", "Girls", 0.3, 0.2, 0.4), ("threats", "Boys", 0.1, 0.05, 0.2))
    area = gaps(("offers", "Urban", 0.1, 0.05, 0.15), ("offers", "Rural", 0.4, 0.3, 0.5)).assign(
        by_label="Area"
    )
    hidden = gaps(("threats", "Peri-urban", None, None, None)).assign(by_label="Area")
    assert sentences.differences(pd.concat([sex, area, hidden], ignore_index=True)) == (
        "Sex, largest difference: Threats, 10.0% (Boys) to 30.0% (Girls); their intervals overlap. "
        "Area, largest difference: Offers, 10.0% (Urban) to 40.0% (Rural); their intervals do not overlap."
    )


def test_how_many_are_hidden_and_in_which_words():
    rows = table(row(), row(status="not_asked"), row(), row(status="not_estimable"), row(0.1))
    assert (
        sentences.hidden_count(rows)
        == " Two estimates are not shown; one was not asked; one cannot be estimated."
    )
    assert sentences.hidden_count(table(row(0.1), row(0.2, status="low_n"))) == ""


# Ratios


GROUPS = {"level": "", "level_label": "All", "first": "yes", "second": "no", "first_label": "Abused",
          "second_label": "not abused"}  # fmt: skip
DIRECTION = "Differences are abused minus not abused; ratios are the first group divided by the second."


def ratio(estimate=None, low=None, high=None, **more):
    return row(estimate, low, high, **{**GROUPS, "measure": "risk_ratio", "rounded_to": 0.01, **more})


def test_so_many_times_as_frequent():
    rows = table(
        ratio(2.5, 1.5, 4.0, indicator_label="Self-harm"),
        ratio(3.0, 2.0, 5.0, indicator_label="Self-harm", within="in_person", within_level="no"),
        row(0.1, indicator_label="Self-harm", **{**GROUPS, "measure": "risk_difference"}),
        ratio(1.8, 0.9, 3.6, status="low_n", indicator_label="Anxiety"),
        ratio(0.0, np.nan, np.nan, indicator_label="Suicidal thoughts"),  # a ratio of nought has no interval
        ratio(indicator_label="Fear"),
    )
    assert sentences.contrast(rows) == (
        "Self-harm: 2.50 times as frequent (95% interval 1.50 to 4.00), abused against not abused. "
        "Anxiety: 1.80 times as frequent (95% interval 0.90 to 3.60) on a small base. "
        "Suicidal thoughts: 0.00 times as frequent. "
        f"Fear: not shown. {DIRECTION}"
    )


def test_a_ratio_as_it_is_and_adjusted():
    adjusted = {"adjusted_for": "age+sex"}
    rows = table(
        ratio(2.5, 1.5, 4.0, indicator_label="Self-harm"),
        ratio(2.0, 1.2, 3.4, indicator_label="Self-harm", **adjusted),
        ratio(1.8, 0.9, 3.6, indicator_label="Anxiety"),
        ratio(indicator_label="Anxiety", status="not_estimable", **adjusted),
        ratio(indicator_label="Fear", status="not_asked"),
        ratio(indicator_label="Fear", status="not_asked", **adjusted),
    )
    assert sentences.adjusted(rows) == (
        "Self-harm: risk ratio 2.50 (95% interval 1.50 to 4.00), adjusted 2.00 (95% interval 1.20 to 3.40). "
        "Anxiety: risk ratio 1.80 (95% interval 0.90 to 3.60). "
        f"Fear: not asked in this country. {DIRECTION}"
    )


# Differences that are tested


def pair(label, status="shown", low=0.01, **more):
    groups = {"first": "boy", "second": "girl", "first_label": "Boys", "second_label": "girls"}
    about = {"indicator_label": label, "level_label": "All", **groups, "status": status, **more}
    if status == "suppressed":
        return [row(measure="risk_difference", **about), row(measure="risk_ratio", **about)]
    return [row(0.05, low, 0.09, measure="risk_difference", **about),
            row(1.5, 1.1, 2.0, measure="risk_ratio", **{**about, "rounded_to": 0.01})]  # fmt: skip


def compared(*p_values, significance=0.05, **more):
    rows = table(*(line for i in range(len(p_values)) for line in pair(f"I{i}", **more)))
    p_values = {2 * i: p_value for i, p_value in enumerate(p_values)}
    return differences.table(rows, p_values, dict.fromkeys(p_values, "too few clusters"), significance)


def test_a_line_for_each_test():
    line = compared(0.012).iloc[0].to_dict()
    assert line == {
        "Indicator": "I0",
        "Breakdown": "Sex",
        "Compared": "Boys minus girls",
        "Difference": "5.0 points [1.0–9.0]",
        "Ratio": "1.50 [1.10–2.00]",
        "p, adjusted": "0.012",
        "Significant": "yes",
    }
    assert compared(0.2, low=-0.01)["Difference"].tolist() == ["5.0 points [−1.0 to 9.0]"]
    assert compared(0.2, status="suppressed")[["Difference", "Ratio"]].iloc[0].tolist() == ["", ""]


def test_an_effect_without_an_interval_stands_alone():
    assert differences.effect(pd.Series(ratio(0.0, np.nan, np.nan))) == "0.00"


@pytest.mark.parametrize(
    ("p_value", "written"), [(0.0009, "<0.001"), (0.001, "0.001"), (1.0, "1"), (np.nan, "")]
)
def test_p_values_as_they_are_written(p_value, written):
    assert compared(p_value)["p, adjusted"].tolist() == [written]


def test_the_sentence_names_five_and_counts_the_rest():
    two = differences.sentence(compared(0.01, 0.2, 0.04))
    assert two == (
        "2 of 3 comparisons are significant after adjustment for multiple testing (Holm): "
        "I0 by sex (Boys minus girls: 5.0 points [1.0–9.0]); I2 by sex (Boys minus girls: 5.0 points [1.0–9.0])."
    )
    five, seven = (differences.sentence(compared(*[0.01] * count)) for count in (5, 7))
    assert five.startswith("5 of 5 ")
    assert five.endswith("I4 by sex (Boys minus girls: 5.0 points [1.0–9.0]).")
    assert seven.startswith("7 of 7 ")
    assert seven.endswith("I4 by sex (Boys minus girls: 5.0 points [1.0–9.0]); and 2 more.")
    assert differences.sentence(compared(0.5, np.nan)) == (
        "None of 1 comparisons is significant after adjustment for multiple testing (Holm). "
        "This does not prove that there are no differences. Not tested, for the reason in the table: 1."
    )


# Labels


@pytest.fixture(scope="module")
def labels(project):
    return Labels(project.registry, project.codebook)


@pytest.mark.parametrize(("level", "text"), [
    ("online", "Online only"), ("online+in_person", "Online and in person"),
    ("online+in_person+other", "Online and in person and some other way"),
])  # fmt: skip
def test_combined_sets_are_joined_by_and(labels, project, level, text):
    sets = {"online", "in_person", "other"}
    indicators = project.registry.indicators
    name = next(
        name
        for name in indicators
        if (levels := indicators[name].levels) and levels.sets and levels.sets.keys() == sets
    )
    assert labels.level(name, "combination", level) == text


@pytest.mark.parametrize(("by", "level", "text"), [
    ("all", "all", "All"), ("sex", "girl", "Girls"), ("age_group", "12-13", "12-13"),
    ("enabling_level", "lower", "Less support (up to the median)"),
])  # fmt: skip
def test_levels_of_breakdowns(labels, by, level, text):
    assert labels.level("tfcsea_any", by, level) == text


@pytest.mark.parametrize(("about", "text"), [
    ({}, "All"),
    ({"within": "in_person", "within_level": "no"}, "Not abused in person"),
    ({"adjusted_for": "sex"}, "Adjusted for sex"),
    ({"adjusted_for": "age+sex+area"}, "Adjusted for age, sex and area"),
])  # fmt: skip
def test_labels_of_the_respondents_of_contrasts(labels, about, text):
    assert labels.respondents(dict.fromkeys(tidy_table.CONTRAST, "") | about) == text


@pytest.mark.parametrize(("by", "first", "second", "texts"), [
    ("sex", "boy", "girl", ("Boys", "girls")), ("age_group", "16-17", "12-13", ("16-17", "12-13")),
    ("exposure", "yes", "no", ("Subjected to abuse online", "not subjected to abuse online")),
])  # fmt: skip
def test_labels_of_the_groups_of_contrasts(labels, by, first, second, texts):
    assert labels.groups({"by": by, "first": first, "second": second}) == texts


@pytest.mark.parametrize(("measure", "text"), [
    ("risk_difference", "Abused minus not abused"), ("risk_ratio", "Abused divided by not abused"),
])  # fmt: skip
def test_what_the_estimate_of_a_contrast_is(measure, text):
    assert sentences.operation({**GROUPS, "measure": measure}) == text
    assert sentences.operation(row(0.1)) == ""


def test_a_table_for_reading_has_words_in_the_place_of_what_is_hidden():
    rows = table(
        row(0.17, 0.151, 0.19), row(0.2, status="low_n", n=45), row(0.0, np.nan, np.nan, se=np.nan),
        row(), row(status="not_asked"), row(status="not_estimable"),
    )  # fmt: skip
    cells = readable(rows)[["Estimate", "Interval", "Standard error", "Base (n)", "Note"]]
    assert cells.to_numpy().tolist() == [
        ["17.0%", "15.1–19.0", "1.0%", "1,015", ""],
        ["20.0%", "19.0–21.0", "1.0%", "45", "small base, interpret with care"],
        ["0.0%", "", "", "1,015", ""],
        ["", "", "", "", "not shown"],
        ["", "", "", "", "not asked in this country"],
        ["", "", "", "", "cannot be estimated"],
    ]


# Words of figures


def drawn(label, estimate, low=np.nan, high=np.nan, status="shown", **more):
    return {"label": label, "estimate": estimate, "ci_low": low, "ci_high": high, "status": status,
            "rounded_to": 0.001, **more}  # fmt: skip


A, B, C = drawn("A", 0.3, 0.28, 0.32), drawn("B", 0.1, 0.08, 0.12), drawn("C", np.nan, status="suppressed")


@pytest.mark.parametrize(("rows", "text"), [
    ([B, A, C], "Highest: A, 30.0% (interval 28.0 to 32.0); lowest: B, 10.0% (interval 8.0 to 12.0)."),
    ([A], "A: 30.0% (interval 28.0 to 32.0)."),
    ([A, {**A, "label": "D"}], "All shown are 30.0%."),
    ([C], "No estimate is shown."),
    ([drawn("A", 0.3)], "A: 30.0%."),
])  # fmt: skip
def test_words_for_the_ends_of_a_figure(rows, text):
    assert describe.sentence(rows, "percent") == text


def test_words_for_what_a_figure_does_not_show():
    many = [drawn(f"L{i}", np.nan, status="not_asked") for i in range(8)]
    assert describe.hidden([A, C, *many]) == (
        "Without an estimate (9): not shown: C; not asked: L0, L1, L2, L3, L4, L5 and 2 more."
    )
    assert describe.hidden([A, B]) == ""
    partly = [drawn("A", 0.3, series="x"), drawn("A", np.nan, series="y", status="suppressed")]
    assert describe.hidden(partly, ("label", "series")) == "Without an estimate (1): not shown: A · y."


def test_words_for_small_bases_and_panels():
    small = [{**A, "status": "low_n"}, {**B, "status": "low_n"}]
    assert describe.low_n([A]) == ""
    assert describe.low_n([small[0], B]) == "1 estimate rests on a small base."
    assert describe.low_n(small) == "2 estimates rest on a small base."
    panels = [{**A, "panel": "Girls"}, {**B, "panel": "Girls"}, {**C, "panel": "Boys"}]
    assert describe.by_panel(panels, "percent") == (
        "Girls: highest: A, 30.0% (interval 28.0 to 32.0); lowest: B, 10.0% (interval 8.0 to 12.0). "
        "Boys: no estimate is shown."
    )
    assert (describe.counted(1, "row"), describe.counted(0, "row"), describe.counted(24, "row")) == (
        "1 row", "0 rows", "24 rows",
    )  # fmt: skip


# Countries side by side


def country(iso3, estimate=None, status="shown", **more):
    """A row of a country's table in full precision; its standard error is 1 point."""
    known = estimate is not None
    numbers = {"estimate": estimate, "se": 0.01, "ci_low": estimate - 0.02, "ci_high": estimate + 0.02, "df": np.inf,
               "n": 1000.0} if known else {}  # fmt: skip
    about = {"country": iso3, "insight": "prevalence", "indicator": "tfcsea_any", "by": "all", "level": "all",
             "measure": "proportion", "status": status if known else "suppressed", "interval": "wald" if known else "",
             "confidence_level": 0.95, "data": "delivered"}  # fmt: skip
    blank = {**dict.fromkeys(tidy_table.FULL, np.nan), **dict.fromkeys(tidy_table.FLAGS, False)}
    blank |= dict.fromkeys(tidy_table.CONTRAST, "")
    return {**blank, **about, **numbers, **more}


def comparison(project, tmp_path, *rows, left_out=()):
    frame = pd.DataFrame(rows, columns=tidy_table.FULL)
    return Comparison(project, "prevalence", frame, list(left_out), tmp_path)


def of_countries(*rows):
    return table(*({**row(estimate, low, high, level_label="All"), "country": iso3, **more}
                   for iso3, estimate, low, high, more in rows))  # fmt: skip


def test_countries_in_words(project, tmp_path):
    rows = of_countries(
        ("ken", 0.2, 0.18, 0.22, {}), ("uga", 0.3, 0.28, 0.32, {}), ("srb", None, None, None, {}),
        ("tha", None, None, None, {"status": "not_asked"}), (MEAN, 0.25, 0.23, 0.27, {}),
    )  # fmt: skip
    made = comparison(project, tmp_path, country("ken", 0.2))
    assert made.sentence(rows, "all") == (
        "Highest Uganda, 30.0% (95% interval 28.0 to 32.0); lowest Kenya, 20.0% (95% interval 18.0 to 22.0); "
        "mean of 2 countries 25.0% (95% interval 23.0 to 27.0). Not asked in Thailand. One estimate is not shown."
    )
    single = of_countries(("ken", 0.2, 0.18, 0.22, {}), (MEAN, None, None, None, {"status": "not_estimable"}))
    assert made.sentence(single, "all").startswith("Kenya 20.0% (95% interval 18.0 to 22.0).")
    girls = rows.assign(level_label="Girls").iloc[[0, 1, 4]]
    boys = rows.assign(level_label="Boys").iloc[[2, 3]]
    none = pd.concat([boys, girls.iloc[[2]].assign(level_label="Boys", status="suppressed", **HIDDEN)])
    assert made.sentence(pd.concat([girls, none]), "sex") == (
        "Girls: highest Uganda, 30.0% (95% interval 28.0 to 32.0); lowest Kenya, 20.0% (95% interval 18.0 to 22.0); "
        "mean of 2 countries 25.0% (95% interval 23.0 to 27.0). Boys: none can be shown."
        " Not asked in Thailand. Two estimates are not shown."
    )


def test_countries_without_answers_are_named_once_and_many_are_counted():
    rows = pd.DataFrame(
        [("Kenya", "not_asked"), ("Kenya", "not_asked"), ("Uganda", "not_asked"), ("Serbia", "not_delivered")]
        + [(f"Country {number}", "not_usable") for number in range(4)],
        columns=["name", "status"],
    )
    assert sentences.absent_in(rows, "name") == (
        " Not asked in Kenya and Uganda. Not in the delivered file of Serbia. Not usable in four countries."
    )
    assert sentences.absent_in(rows.iloc[:0], "name") == ""


def test_who_is_compared(project, tmp_path):
    one = comparison(project, tmp_path, country("ken", 0.2))
    assert one.who_is_compared().sentence == "1 country is compared."
    two = comparison(project, tmp_path, country("ken", 0.2), country("uga", 0.3), left_out=["srb", "tha"])
    assert two.who_is_compared().sentence == (
        "2 countries are compared. Left out, as they have synthetic data only: Serbia, Thailand."
    )
    assert left_out_sentence([], project) == ""


def test_means_in_words():
    plain, weighted = (
        {"Indicator": "Threats", "Estimate": estimate, "Countries": "2 of 3"}
        for estimate in ("25.0%", "22.0%")
    )
    assert means_sentence([plain, weighted]) == (
        "Threats: the mean of the 2 of 3 countries whose population is known is 25.0% if each counts the same, "
        "22.0% if larger ones count more."
    )


# One country


@pytest.fixture
def insight(project):
    """An insight of Kenya without respondents: it words and draws rows that are typed here."""
    people = {"children": SimpleNamespace(frame=frame_of("delivered"), clustered=True)}
    return Insight(project, "prevalence", "ken", people, None)


def test_one_indicator_in_words(insight):
    rows = table(
        row(0.217, 0.19, 0.245, indicator="tfcsea_any", by="all", by_label="All", level_label="All"),
        row(0.1, indicator="tfcsea_any"), row(0.2, indicator="tfcsea_any", level_label="Boys"),
        row(indicator="tfcsea_any", by="area", by_label="Area", level_label="Urban"),
    )  # fmt: skip
    sentence, _ = insight.draw_one(rows, "T")
    assert sentence == (
        "Threatened: 21.7% (95% interval 19.0 to 24.5) of 1,015 internet-using children aged 12-17. "
        "By sex: 10.0% (Girls), 20.0% (Boys). One estimate, by area, is not shown."
    )
    assert insight.draw_one(rows.head(1), "T")[0].endswith("aged 12-17.")


def several():
    overall = {"by": "all", "by_label": "All", "level_label": "All", "level": "all"}
    return table(
        row(0.2, indicator="tfcsea_any", indicator_label="Threats", **overall),
        row(0.3, indicator="self_harm", indicator_label="Offers", **overall),
        row(0.1, indicator="tfcsea_any", indicator_label="Threats"),
        row(0.3, indicator="tfcsea_any", indicator_label="Threats", level_label="Boys"),
        row(0.3, indicator="self_harm", indicator_label="Offers"),
        row(indicator="self_harm", indicator_label="Offers", level_label="Boys"),
    )


def test_several_indicators_in_words(insight):
    rows = several()
    assert insight.draw_several(rows.head(2), "T")[0] == "Offers 30.0%; Threats 20.0%."
    difference = (
        "Sex, largest difference: Threats, 10.0% (Girls) to 30.0% (Boys); their intervals do not overlap."
        " One estimate is not shown."
    )
    assert insight.draw_several(rows, "T")[0] == difference
    assert insight.draw_table(rows, "T")[0] == difference
    assert insight.draw_classes(rows, "T")[0] == "Offers 30.0%; Threats 20.0%."


def test_figures_of_several_indicators_name_everyone(insight):
    assert ">All<" in insight.draw_table(several(), "T")[1].svg
    by_form = several()
    by_form.loc[2:, "by"] = "form"
    assert ">All forms<" in insight.draw_table(by_form, "T")[1].svg


def test_ratios_of_one_country_name_what_is_compared(insight):
    rows = table(ratio(2.5, 1.5, 4.0, indicator="self_harm", indicator_label="Self-harm"))
    drawing = insight.draw_contrasts(rows, "T")
    assert ">Kenya. Risk ratio: abused against not abused; 95% intervals<" in drawing.svg
    assert ">2.50  [1.50–4.00]<" in drawing.svg


def test_what_is_left_out_in_words(insight):
    hidden = [country("ken", None, indicator="self_harm", level=level) for level in ("all", "x")]
    hidden.append({**hidden[0], "indicator": "anxiety", "status": "not_asked"})
    insight._rows.append(pd.DataFrame([country("ken", 0.2), *hidden], columns=tidy_table.FULL))
    finding = insight.left_out()
    assert finding.sentence == "3 of 4 estimates are not shown."
    assert finding.table.to_numpy().tolist() == [
        ["not shown", "Self-harm", 2], ["not asked in this country", "Anxiety (one question)", 1],
    ]  # fmt: skip


# Published against computed


def published(project, tmp_path, *pairs):
    """`Published` of pairs (country, published, estimate, low, high)."""
    blank = dict.fromkeys([*COLUMNS, *tidy_table.FULL]) | {"indicator": "tfcsea_any", "by": "all", "level": "all",
        "measure": "proportion", "status": "shown", "coarse": False, "rounded_to": 0.001, "se": 0.01,
        "insight": "prevalence", "data": "delivered", "grade": "report",
        "published_low": np.nan, "published_high": np.nan}  # fmt: skip
    rows = pd.DataFrame([
        blank | {"country": iso3, "published": printed, "estimate": estimate, "ci_low": low, "ci_high": high,
                 "difference": round(estimate - printed, 3), "within": low <= printed <= high}
        for iso3, printed, estimate, low, high in pairs
    ])  # fmt: skip
    evidence = Evidence(
        project.registry, project.analysis.suppression, rows, rows.iloc[:0], ["ken", "uga"], None
    )
    return Published(project, rows, evidence, [], tmp_path)


PAIRS = [("ken", 0.20, 0.21, 0.19, 0.23), ("uga", 0.30, 0.26, 0.24, 0.28), (POOLED, 0.25, 0.25, 0.24, 0.26)]


def test_agreement_in_words(project, tmp_path):
    """1 point and 4 points apart: 2.5 on average, one of two inside."""
    made = published(project, tmp_path, *PAIRS)
    countries = made.agreement("countries")
    assert countries.sentence == (
        "50.0% of 2 published values lie within the computed 95% interval; mean absolute difference 2.5%."
    )
    assert countries.table[
        ["Published", "Computed", "Interval", "Difference", "Within"]
    ].to_numpy().tolist() == [
        ["20.0%", "21.0%", "19.0–23.0", "1.0%", "yes"],
        ["30.0%", "26.0%", "24.0–28.0", "−4.0%", "no"],
    ]
    assert made.agreement("pooled").sentence == (
        "100.0% of 1 published values lie within the computed 95% interval; mean absolute difference 0%."
    )
    assert made.headline("tfcsea_any").sentence == (
        "Mean absolute difference over 2 countries of the article: 2.5%."
    )
    assert made.pairs().sentence == "3 published figures have a computed counterpart."
    assert made.pairs().table.to_numpy().tolist() == [
        ["One country", "2", "50.0%", "2.5%"],
        ["Twelve countries, pooled as published", "1", "100.0%", "0%"],
    ]


def test_the_pairs_that_differ_most_come_first(project, tmp_path):
    finding = published(project, tmp_path, *PAIRS).differences(most=2)
    assert finding.sentence == "The 2 pairs that differ most, in standard errors."
    assert finding.table["Difference"].tolist() == ["−4.0%", "1.0%"]


def test_widths_of_intervals_in_words(project, tmp_path):
    """Intervals of 4 points against 2 points the published way: twice as wide."""
    made = published(project, tmp_path, *PAIRS[:2])
    made.table = made.table.assign(published_way_low=[0.2, 0.25], published_way_high=[0.22, 0.27])
    finding = made.method()
    assert finding.sentence == (
        "Median over 2 figures: the design-based interval is 2.00 times as wide as the one computed the published way."
    )


def test_a_verdict_in_words(project):
    rows = pd.DataFrame([country("ken", 0.2), country("uga", 0.3)], columns=tidy_table.FULL)
    evidence = Evidence(project.registry, project.analysis.suppression, rows, rows.iloc[:0], ["ken", "uga"])
    claim = {"claim_id": "C07", "claim": "Most in Uganda", "statistic": "30%",
             "rule": {"check": "largest", "indicator": "tfcsea_any", "equals": 0.3}}  # fmt: skip
    assert judge(claim, evidence) == {
        "Claim": "C07. Most in Uganda",
        "Published": "30%",
        "Verdict": "confirmed",
        "Computed": "largest in UGA: 30.0% (95% interval 28.0 to 32.0)",
    }
    claim["rule"] = {"check": "smallest", "indicator": "tfcsea_any", "equals": 0.3}
    assert judge(claim, evidence)["Computed"] == "smallest in KEN: 20.0% (95% interval 18.0 to 22.0)"


# The level of intervals and tests is that of the configuration


def frame_of(data):
    """A table of nobody."""
    frame = pd.DataFrame()
    frame.attrs = {"data": data}
    return frame


def at(project, level):
    analysis = project.analysis.model_copy(update={"confidence_level": level})
    return project.model_copy(update={"analysis": analysis})


@pytest.mark.parametrize(
    ("level", "words"), [(0.95, "95%"), (0.9, "90%"), (0.975, "97.5%"), (0.999, "99.9%")]
)
def test_subtitles_name_the_level_of_the_configuration(project, tmp_path, level, words):
    of_level = at(project, level)
    rows = [country("ken", 0.2, confidence_level=level), country("uga", 0.3, confidence_level=level)]
    side = comparison(of_level, tmp_path, *rows)
    assert side.subtitle("tfcsea_any").endswith(f"; {words} intervals")
    assert "interval" not in side.subtitle("tfcsea_any", intervals=False)
    assert f">{side.subtitle('tfcsea_any')}<" in side.headline("tfcsea_any").drawing.svg
    about = {"indicator": "self_harm", "by": "exposure", "level": "", "first": "yes", "second": "no"}
    of_ratio = {"measure": "risk_ratio", "interval": "log", "confidence_level": level}
    ratios = [{**numbers, **about, **of_ratio} for numbers in rows]
    drawing = comparison(of_level, tmp_path, *ratios).ratio("self_harm", "exposure").drawing
    assert f"; {words} intervals<" in drawing.svg
    people = {"children": SimpleNamespace(frame=frame_of("synthetic"), clustered=True)}
    alone = Insight(of_level, "prevalence", "ken", people, None)
    assert alone.subtitle(table({"indicator": "tfcsea_any"})).endswith(f"; {words} intervals")
    pairs = published(of_level, tmp_path, *PAIRS)
    assert f"within the computed {words} interval" in pairs.agreement("countries").sentence
    assert f"within the computed {words} interval" in pairs.agreement("countries").drawing.svg
    assert f"{words} intervals; the published ones" in pairs.headline("tfcsea_any").drawing.svg
    assert f"lines {words} intervals" in filler(of_level.analysis)("{{ comparison }}")


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_a_difference_is_significant_below_one_minus_the_level(level):
    significance = Analysis(seed=1, confidence_level=level).significance_level
    assert significance == pytest.approx(1 - level)
    edge = [significance - 0.001, significance, significance + 0.001]
    assert compared(*edge, significance=significance)["Significant"].tolist() == [
        "yes", "no", "no",
    ]  # fmt: skip


class EnoughError(Exception):
    """Everything has been estimated; what is made of it is another test's."""


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_everything_is_estimated_at_the_level_of_the_configuration(project, monkeypatch, level):
    """Each function that estimates is asked with the level, and with no other: a stand-in notes what it is given."""
    asked = []

    def note(module, name):
        original = inspect.signature(getattr(module, name))

        def stand_in(*given, **named):
            values = original.bind(*given, **named).arguments.values()
            asked.append((name, [value for value in values if isinstance(value, float)]))
            return pd.DataFrame()

        monkeypatch.setattr(module, name, stand_in)

    def enough(rows):
        raise EnoughError

    note(estimates, "estimate")
    note(one_country, "contrast")
    note(one_country, "adjusted")
    note(estimation_of_differences, "compare")
    frame = SimpleNamespace(attrs={"data": "delivered"})
    nobody = SimpleNamespace(frame=frame, has=lambda by: True, levels=lambda by: {}, clustered=True)
    people = dict.fromkeys(["children", "linked"], nobody)
    made = Insight(at(project, level), "prevalence", "ken", people, None)
    girls = pd.DataFrame([country("ken", 0.2, by="sex", level="girl")], columns=tidy_table.FULL)
    monkeypatch.setattr(made, "rows", lambda: girls)
    monkeypatch.setattr(made, "may_be_shown", enough)
    for question in (
        lambda: made.estimate("tfcsea_any"),
        lambda: made.contrast("self_harm", between="exposure"),
        lambda: made.adjusted("self_harm", between="exposure", adjust_for=["age"]),
        lambda: made.tested("sex"),
    ):
        with contextlib.suppress(EnoughError):
            question()
    names = ["estimate", "contrast", "contrast", "adjusted", "compare"]
    assert asked == [(name, [level]) for name in names]


@pytest.mark.parametrize(("level", "verdicts"), [(0.95, ["yes", "no"]), (0.9, ["yes", "yes"])])
def test_differences_of_a_country_are_tested_at_that_level(project, monkeypatch, level, verdicts):
    """0.02 and 0.07, adjusted by Holm: 0.04 and 0.07."""
    rows = pd.DataFrame([
        country("ken", 0.05, indicator=name, by="sex", level="", first="boy", second="girl", measure=measure,
                p_value=p_value, no_test="")
        for name, p_value in (("self_harm", 0.02), ("anxiety", 0.07)) for measure in ("risk_difference", "risk_ratio")
    ])  # fmt: skip
    people = {"children": SimpleNamespace(frame=frame_of("delivered"), clustered=True)}
    made = Insight(at(project, level), "prevalence", "ken", people, None)
    monkeypatch.setattr(made, "tested", lambda by: rows)
    monkeypatch.setattr(made, "may_be_shown", lambda rows: rows)
    finding = made.differences(["sex"])
    assert finding.table["p, adjusted"].tolist() == ["0.04", "0.07"]
    assert finding.table["Significant"].tolist() == verdicts


def test_limits_in_paragraphs_are_those_of_the_configuration():
    rules = Suppression(not_shown_below=30, bracket_below=60)
    text = filler(Analysis(seed=1, suppression=rules))("{{ not_shown }}")
    assert text.startswith(
        "An estimate based on fewer than 30 answers is not shown; on 30 to 59 it is marked as having"
    )


# The front page


@pytest.mark.parametrize(("given", "text"), [
    ({}, "21.7%"), ({"status": "low_n"}, "(21.7%)"), ({"status": "suppressed"}, "hidden"),
    ({"status": "not_asked"}, "not asked"), ({"status": "not_estimable"}, "none"),
    ({"indicator": "other"}, "open"), ({"by": "sex"}, "open"), ({"measure": "count"}, "open"),
])  # fmt: skip
def test_the_figure_that_stands_for_an_insight(tmp_path, given, text):
    line = {"indicator": "x", "by": "all", "measure": "proportion", "status": "shown", "estimate": "0.217",
            "rounded_to": "0.001", **given}  # fmt: skip
    pd.DataFrame([{**line, "by": "sex", "estimate": "0.9"}, line]).to_csv(tmp_path / "t.csv", index=False)
    assert front.headline(tmp_path / "t.csv", "x") == text
    assert front.headline(tmp_path / "none.csv", "x") == "open"
