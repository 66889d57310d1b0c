"""Sentences about the quality of data and about releases, word for word, from small tables typed here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.protection.audit.example import example
from disrupting_harm.publishing.site import protection, releases
from disrupting_harm.publishing.site import suppression as audit_page
from disrupting_harm.quality import published, readable, report
from disrupting_harm.quality.found import Average, Counted, Part, Rows
from disrupting_harm.quality.remarks import Remark, Steps, tidy
from disrupting_harm.quality.report import Examined

RULES = Suppression()
NAMES = {"self_harm": "Self-harm", "suicidal_thoughts": "Suicidal thoughts", "anxiety": "Anxiety"}


def remark(check="analysed", level="ok", message="", **more):
    return Remark("children", check, level, message, **more)


def table(*remarks):
    return tidy(remarks, "ken", "synthetic")


def of_question(name, share=None, kind="", base=100):
    """What is published of one question: a share, "few", "nearly all", or nothing."""
    words = {"few": "fewer than 5 of 100", "nearly all": "all, or all but fewer than 5, of 100"}.get(kind, "")
    value = None if share is None else 100 * share
    return remark("item_nonresponse", message=words, variable=name, base=base, share=share, value=value)


# Who left questions unanswered


MOST = "has the most missing answers:"
FEW_IN_ONE = "in 1 of them, fewer than 5 gave no answer"


@pytest.mark.parametrize(("rows", "sentence"), [
    ([("self_harm", 0.1), ("anxiety", 0.3), ("suicidal_thoughts", 0.2)],
     (f'3 questions are behind this page. "Anxiety (one question)" {MOST} 30.0% of those asked; '
      '"Self-harm" the fewest: 10.0%.')),
    ([("self_harm", 0.1), ("anxiety", None, "few"), ("suicidal_thoughts", 0.2)],
     f'3 questions are behind this page. "Suicidal thoughts" {MOST} 20.0% of those asked; {FEW_IN_ONE}.'),
    ([("self_harm", 0.1), ("anxiety", None)],
     f'2 questions are behind this page. "Self-harm" {MOST} 10.0% of those asked.'),
    ([("self_harm", 0.1)], '1 question is behind this page. "Self-harm" has no answer from 10.0% of those asked.'),
    ([("self_harm", None, "few")], "1 question is behind this page. To it, fewer than 5 gave no answer."),
    ([("self_harm", None, "few"), ("anxiety", None, "few")],
     "2 questions are behind this page. To each, fewer than 5 gave no answer."),
    ([("self_harm", None), ("anxiety", None, "few")],
     "The share without an answer may not be shown for any of the questions behind this page."),
])  # fmt: skip
def test_questions_that_were_left_unanswered(project, rows, sentence):
    remarks = table(*(of_question(*row) for row in rows))
    assert readable.most_unanswered(project.codebook, remarks, "children", RULES) == sentence


def test_a_cell_for_each_reason(project):
    remarks = table(
        of_question("self_harm", 0.1), remark("dont_know", variable="self_harm", base=100, share=0.07, value=7),
        remark("refused", message="fewer than 5 of 100", variable="self_harm", base=100),
        remark("empty", message="not shown", variable="self_harm", base=100),
        of_question("anxiety", None, "nearly all"), of_question("suicidal_thoughts", base=None),
    )  # fmt: skip
    rows = readable.unanswered(project.codebook, remarks, "children", RULES)
    columns = [
        "Question",
        "Asked (n)",
        "No answer",
        "Don't know",
        "Prefer not to say",
        "Empty",
        "Nothing chosen",
    ]
    assert rows[columns].to_numpy().tolist() == [
        ["Self-harm", "100", "10.0%", "7.0%", "<5", "hidden", "–"],
        ["Anxiety (one question)", "100", "nearly all", "–", "–", "–", "–"],
        ["Suicidal thoughts", "too few", "–", "–", "–", "–", "–"],
    ]


# Remarks


def counted(part, **more):
    return Counted("children", "item_nonresponse", "Self-harm", "Self-harm: no answer from {count}.", part,
                   Steps(note=0.05, warning=0.2), "Read with care.", "self_harm", **more)  # fmt: skip


@pytest.mark.parametrize(("part", "level", "message"), [
    (Part(40, 1000), "ok", "Self-harm: no answer from 4.0% of 1,000."),
    (Part(50, 1000), "note", "Self-harm: no answer from 5.0% of 1,000."),
    (Part(200, 1000), "warning", "Self-harm: no answer from 20.0% of 1,000."),
    (Part(4, 1000), "ok", "Self-harm: no answer from fewer than 5 of 1,000."),
    (Part(996, 1000), "warning", "Self-harm: no answer from all, or all but fewer than 5, of 1,000."),
    (Part(20, 40), "ok", "Self-harm: too few to show."),
])  # fmt: skip
def test_a_number_of_respondents_as_a_remark(part, level, message):
    (made,) = published.remarks([counted(part)], RULES)
    assert (made.level, made.message) == (level, message)
    assert made.hint == ("" if level == "ok" else "Read with care.")


def test_a_mean_over_questions():
    """4.0% and, of fewer than 5, the middle of 0 to 4: 2 of 1,000. The mean of 4.0 and 0.2 is 2.1."""
    second = Counted(
        "children", "item_nonresponse", "", "{count}", Part(1, 1000), Steps(), variable="anxiety"
    )
    both = Average("children", "nonresponse", "All questions", ["self_harm", "anxiety"])
    one = Average("children", "module_nonresponse", "Wellbeing", ["self_harm"])
    *_, over_two, over_one = published.remarks([counted(Part(40, 1000)), second, both, one], RULES)
    assert (
        over_two.message == "All questions: no answer from 2.1% of those asked, on average over 2 questions."
    )
    assert over_one.message == "Wellbeing: no answer from 4.0% of those asked, on average over 1 question."
    *_, few = published.remarks([counted(Part(4, 10)), one], RULES)
    assert few.message == "Wellbeing: too few were asked to say more."


FEW_LEFT_OUT = [
    "Fewer than 5 rows were left out for any one reason.",
    "Fewer than 5 eligible rows have no weight.",
]


@pytest.mark.parametrize(("left_out", "messages"), [
    ({}, FEW_LEFT_OUT), ({"no weight": 4}, FEW_LEFT_OUT),
    ({"no weight": 5},
     ["About 1,005 rows were delivered.", "Left out, no weight: about 5.", "About 1,005 are eligible."]),
    ({"no weight": 112},
     ["About 1,110 rows were delivered.", "Left out, no weight: about 110.", "About 1,110 are eligible."]),
])  # fmt: skip
def test_rows_that_were_left_out(left_out, messages):
    assert [made.message for made in published.rows(Rows("children", 1000, left_out), RULES)] == messages


@pytest.mark.parametrize(("reason", "count", "level"), [
    ("no weight", 105, "note"), ("no weight", 115, "warning"), ("outside the eligible ages", 500, "note"),
])  # fmt: skip
def test_a_tenth_left_out_is_a_warning(reason, count, level):
    """105 of 1,105 are 9.5%, 115 of 1,115 are 10.3%; ages outside are meant to be left out."""
    made = {row.check: row.level for row in published.rows(Rows("children", 1000, {reason: count}), RULES)}
    assert made["excluded"] == level


def test_what_is_published_is_read_back():
    for message, kind in [("fewer than 5 of 100", "few"), ("all, or all but fewer than 5, of 100", "nearly all"),
                          ("not shown", "hidden")]:  # fmt: skip
        row = pd.Series({"base": 100.0, "value": np.nan, "message": message})
        assert (published.statement(row, RULES).kind, published.statement(row, RULES).base) == (kind, 100)
    assert (
        published.statement(pd.Series({"base": np.nan, "value": 40.0, "message": ""}), RULES).words(RULES)
        == "about 40"
    )


# The report


def test_a_report_of_one_country(project):
    country = project.countries["ken"]
    mark = ", SYNTHETIC DATA" if country.data == "synthetic" else ""
    rows = table(
        remark("analysed", message="1,014 are analysed: eligible, with a weight.", value=1014),
        remark("strata", message="3 strata.", value=3),
        remark("weight_effect", "warning", "Unequal weights cost precision.", hint="Ask how.", value=2.6),
        *(of_note(f"Q{i}: no answer from {i}%.", share=i / 100) for i in range(1, 6)),
    )  # fmt: skip
    assert report.block(project, Examined("ken", rows)).splitlines() == [
        f"Kenya (ken){mark}: warning",
        "-" * 100,
        "  Children: 1,014 are analysed: eligible, with a weight. 3 strata. Unequal weights cost precision.",
        "  warning  Design effect of weighting (children)",
        "           Unequal weights cost precision.",
        "           -> Ask how.",
        "  note     No answer, by question (children)",
        "           Q5: no answer from 5%.",
        "           Q4: no answer from 4%.",
        "           Q3: no answer from 3%.",
        "           ... and 2 more",
        "  ok       2 of 4 checks found nothing.",
    ]
    *_, counts = report.summary(
        project, [Examined("ken", rows), Examined("uga", problems=("damaged",))]
    ).splitlines()
    assert counts == "2 countries checked: 1 ERROR, 1 warning."
    *_, count = report.summary(project, [Examined("ken", table(remark()))]).splitlines()
    assert count == "1 country checked: 1 ok."


def of_note(message, share):
    return remark("item_nonresponse", "note", message, variable=message[:2], base=100, share=share)


@pytest.mark.parametrize(("check", "share", "value", "text"), [
    ("nonresponse", 0.056, np.nan, "5.6%"), ("analysed", np.nan, 1014.0, "1,014"),
    ("weight_effect", np.nan, 1.25, "1.25"),
    ("eligible", np.nan, np.nan, "–"), ("psus", np.nan, np.nan, "none"),
])  # fmt: skip
def test_a_number_in_the_table_of_countries(check, share, value, text):
    assert report.cell(check, pd.Series({"share": share, "value": value})) == text


# Two releases


@pytest.mark.parametrize(("given", "text"), [
    ((0.217, "shown", "proportion", 0.001), "21.7%"), ((0.22, "low_n", "proportion", 0.01), "(22%)"),
    ((-0.031, "shown", "risk_difference", 0.001), "−3.1"), ((2.5, "shown", "risk_ratio", 0.01), "2.50"),
    ((np.nan, "suppressed", "proportion", np.nan), "not shown"),
    ((np.nan, "not_asked", "proportion", np.nan), "not asked"),
    ((np.nan, "shown", "proportion", np.nan), "shown"), ((np.nan, np.nan, "proportion", np.nan), "–"),
])  # fmt: skip
def test_an_estimate_of_a_release(given, text):
    assert releases.value(*given) == text


def test_changes_have_their_sign():
    assert [releases.signed(value) for value in (1.25, -1.0, 0.0, np.nan)] == ["+1.2", "−1.0", "+0.0", ""]


def test_names_of_what_changed(project):
    about = {"country": "ken", "indicator": "self_harm", "by": "sex", "level": "girl", "measure": "proportion",
             "first": "", "second": "", "within": "", "within_level": "", "adjusted_for": "",
             "old_estimate": 0.1, "old_status": "shown", "old_rounded_to": 0.001,
             "new_estimate": np.nan, "new_status": "suppressed", "new_rounded_to": np.nan}  # fmt: skip
    words = releases.Words(project)
    assert words.of(about) == {
        "country_name": "Kenya", "indicator_label": "Self-harm", "part": "Sex: Girls",
        "name": "Kenya: Self-harm · Sex: Girls", "before": "10.0%", "now": "not shown", "where_hidden": "hidden in new",
    }  # fmt: skip
    other_way = {**about, "old_status": "suppressed", "new_status": "shown"}
    assert words.of(other_way)["where_hidden"] == "hidden in old"
    ratio = {**about, "measure": "risk_ratio", "by": "all", "level": "all"}
    assert words.of(ratio)["name"] == "Kenya: Self-harm (risk ratio)"
    unknown = {**about, "country": "mean_of_countries", "indicator": "gone", "by": "gone", "level": "x"}
    assert words.of(unknown)["name"] == "Mean of countries: gone · gone: x"


def test_a_line_of_the_summary():
    row = {
        "points": 1.2,
        "standard_errors": -2.0,
        "before": "10.0%",
        "now": "11.2%",
        "name": "Kenya: Self-harm",
    }
    assert releases.line(row) == "   -2.0     +1.2      10.0%      11.2%  Kenya: Self-harm"
    assert releases.line({**row, "points": np.nan, "standard_errors": np.nan}).startswith(" " * 17)
    assert releases.cut("x" * 101) == f"{'x' * 99}…"
    assert releases.cut("x" * 100) == "x" * 100
    assert releases.more(pd.DataFrame({"a": range(5)}), 3) == ["  and 2 more: --page or --table lists all"]
    assert releases.more(pd.DataFrame({"a": range(3)}), 3) == []


# Pages about protection


def test_words_of_the_example():
    assert (audit_page.between((3, 3)), audit_page.between((1000, 2000))) == ("3", "1,000 to 2,000")
    assert audit_page.percent(0.1234, Rounding(points=0.1, base=5)) == "12.3%"
    assert audit_page.percent(0.12, Rounding(points=1, base=10)) == "12%"
    assert audit_page.in_words(Rounding(points=1, base=10)) == "1 percentage point and 10 children"
    assert audit_page.in_words(Rounding(points=2, base=10)) == "2 percentage points and 10 children"


def test_every_line_of_the_example_says_what_is_published_and_why():
    """The lines are those of the made-up table; what is said of each is held against its numbers and the limits."""
    made = example(RULES)
    for line in made.lines:
        words, reason = audit_page.published(line, RULES), audit_page.why(line, made, RULES)
        if line.area == "no area" or words == "no row":
            assert reason == "Part of the total, but of no area."
        elif words.startswith("not shown"):
            assert line.counted < RULES.min_count_subgroup
            assert reason == "Fewer than 10 use it every day."
        else:
            assert reason.startswith("Rounded to ")
            share = float(words.partition("%")[0]) / 100
            assert share == pytest.approx(line.counted / line.asked, abs=0.006)


def test_other_limits_than_those_of_the_text_come_first():
    assert list(protection.other_limits(RULES)) == []
    changed = Suppression(min_count=7, min_count_subgroup=12, rounding=Rounding(points=0.5, base=5))
    head, limits = protection.other_limits(changed)
    assert head == ("**The measurements reported below were made with other limits than these results:**")
    assert limits.splitlines() == [
        "* **`min_count`**: 7 here, 5 there",
        "* **`min_count_subgroup`**: 12 here, 10 there",
        (
            "* **`rounding`**: multiples of 0.5 percentage points and of 5 here, "
            "multiples of 0.1 percentage points and of 5 there"
        ),
    ]
