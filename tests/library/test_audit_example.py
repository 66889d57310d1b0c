"""The made-up table of the audit's page: what could be concluded, by hand and against every table of whole children."""

from fractions import Fraction

import pytest

from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.protection.audit import definitions
from disrupting_harm.protection.audit.example import BASE, NO_AREA, TOTAL, TOWN, VILLAGE, YES, example
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN
from disrupting_harm.publishing.site import methods

RULES = Suppression()
ASKED, YES_OF_ALL = 1000, 415
TOWN_ASKED, TOWN_YES, VILLAGE_ASKED, VILLAGE_YES, LONE = 598, 408, 399, 6, 3
"""The table as the page shows it, typed here."""


def test_the_table_is_the_one_that_the_page_tells():
    made = example(RULES)
    assert [(line.asked, line.counted) for line in made.lines] == [
        (ASKED, YES_OF_ALL), (TOWN_ASKED, TOWN_YES), (VILLAGE_ASKED, VILLAGE_YES), (LONE, 1)
    ]  # fmt: skip
    assert [line.grade for line in made.lines] == [FINE, COARSE, HIDDEN, HIDDEN]
    total, town, village, _ = made.lines
    assert (total.share, total.base) == (0.415, 1000)
    assert (town.share, town.base) == (0.68, 600)
    assert (village.area_grade, village.area_base) == (COARSE, 400)
    assert made.need == RULES.min_count == 5


def test_exact_numbers_leave_what_subtraction_leaves():
    """415 - 408 = 7 are left for the village and the three without an area, of whom none to all three are counted."""
    made = example(RULES)
    left, lone = YES_OF_ALL - TOWN_YES, ASKED - TOWN_ASKED - VILLAGE_ASKED
    assert (left, lone) == (7, 3)
    assert made.secret(VILLAGE, YES).exact == (left - lone, left) == (4, 7)
    assert made.secret(NO_AREA, BASE).exact == (lone, lone)
    assert made.secret(NO_AREA, YES).exact == (0, lone)


def rounds_to(printed, step):
    """The numbers that are rounded to a multiple, halves up."""
    return range(printed - step // 2, printed + (step - 1) // 2 + 1)


def whole_tables(share, step, town, village, base_step):
    """Every table of whole children in which what is printed is so: counted in the village, and without an area."""
    for in_town in rounds_to(town, base_step):
        counted = [yes for yes in range(in_town) if abs(Fraction(yes, in_town) - share) <= step / 2]
        for in_village in rounds_to(village, base_step):
            lone = ASKED - in_town - in_village
            for yes in counted if lone >= 0 else ():
                yield from (
                    (YES_OF_ALL - yes - one, lone) for one in range(lone + 1) if yes + one <= YES_OF_ALL
                )


@pytest.mark.parametrize(("printed", "name", "few", "lone"), [
    ((Fraction(682, 1000), Fraction(1, 1000), 600, 400, 5), "fine", (3, 7), (0, 4)),
    ((Fraction(68, 100), Fraction(1, 100), 600, 400, 10), "published", (0, 13), (0, 10)),
])  # fmt: skip
def test_rounded_numbers_leave_what_tables_of_whole_children_can_be(printed, name, few, lone):
    """41.5 % of exactly 1,000 are 415; 68.2 % of 598 to 602, or 68 % of 595 to 604, are enumerated."""
    made = example(RULES)
    tables = [(yes, rest) for yes, rest in whole_tables(*printed) if yes >= 0]
    for index, (secret, expected) in enumerate(
        ((made.secret(VILLAGE, YES), few), (made.secret(NO_AREA, BASE), lone))
    ):
        values = {table[index] for table in tables}
        assert getattr(secret, name) == (min(values), max(values)) == expected
        assert made.is_open(expected) == (len(values) >= RULES.min_count + 1)


@pytest.mark.parametrize("rules", [
    Suppression(min_count=1, min_count_subgroup=1),
    Suppression(min_count=3, min_count_subgroup=5),
    Suppression(min_count=12, min_count_subgroup=20),
    Suppression(min_count=100, min_count_subgroup=200),
    Suppression(min_count=600, min_count_subgroup=700),
    Suppression(small_level=0),
    Suppression(rounding=Rounding(points=1, base=10)),
    Suppression(rounding=Rounding(points=0.01, base=1), coarse_rounding=Rounding(points=0.1, base=2)),
], ids=str)  # fmt: skip
def test_with_other_limits_all_that_is_hidden_is_open_and_contains_the_truth(rules):
    made = example(rules)
    assert made.need == rules.min_count
    for secret in made.secrets:
        for name in ("exact", "fine", "published"):
            low, high = getattr(secret, name)
            assert low <= secret.truth <= high
        assert made.is_open(secret.published)
        assert secret.exact[0] >= secret.fine[0]
        assert secret.exact[1] <= secret.fine[1]
    for line in made.lines[:NO_AREA]:
        least = rules.min_count if line.area == TOTAL else rules.min_count_subgroup
        if 0 < line.counted < least or 0 < line.asked - line.counted < least:
            assert line.grade == HIDDEN


def test_numbers_follow_the_limits():
    made = example(Suppression(min_count=12, min_count_subgroup=20))
    assert (made.lines[VILLAGE].counted, made.lines[NO_AREA].asked, made.need) == (16, 10, 12)
    assert made.lines[TOWN].asked == TOWN_ASKED


def test_limits_that_no_small_table_can_keep_have_no_example():
    assert example(Suppression(min_count=2000, min_count_subgroup=2000)) is None


def test_what_is_written_about_the_audit_is_what_is_set(project, root):
    """The page for data-protection officers and the one on methods name the limits in config/config.yaml."""
    rules = project.analysis.suppression
    text = (root / "docs/data-protection.md").read_text(encoding="utf-8")
    audit = " ".join(text.partition("## The audit")[2].partition("\n## ")[0].split())
    fine = rules.rounding
    for words in (
        f"1 to {rules.min_count - 1} (below national level 1 to {rules.min_count_subgroup - 1})",
        f"behind a hidden share on fewer than {rules.all_or_none_base};",
        (
            f"at least {rules.min_count + 1} different whole numbers**: its highest value is {rules.min_count} or more "
            "above its lowest"
        ),
        f'"fewer than {rules.min_count}" is published; there {rules.min_count} different numbers are enough',
        f"hold fewer than {rules.small_level} respondents",
        f"from {definitions.MADE_UP:,} made-up respondents",
        f"must leave it uncertain by {rules.min_count} respondents or more",
        (
            f"one of 1 to {rules.min_count - 1} keeps only those of the at least {rules.min_count + 1} "
            f"numbers that are below {rules.min_count}"
        ),
        f"numbers up to {rules.min_count_subgroup - 1} are secret",
        f"A base is a multiple of {fine.base} and shows the number of respondents to within half of that",
    ):
        assert words in audit, words
    assert fine.points == 0.1, "half a tenth of a percentage point"
    assert (
        f"leaves at least {rules.min_count + 1} different whole numbers for every such number"
        in methods.markdown(project)
    )
