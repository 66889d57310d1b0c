"""An attack on what is published about data quality: all small deliveries, sorted by what is published of them.

Whoever reads what is published knows which deliveries it fits, and no more. So a number below 5 is protected where
these deliveries have at least four different ones in its place.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, combinations, product

import pytest

from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.quality import published
from disrupting_harm.quality.found import Part, Rows

pytestmark = pytest.mark.slow

RULES = Suppression()
SECRET = set(range(1, RULES.min_count))
MANY = RULES.min_count - 1


def seen(statement):
    """What is published of a number."""
    return statement.kind, statement.base, statement.count


def alone(count, base, total=None):
    """What is published of a number by itself."""
    return published.alone(Part(count, base, total), RULES)


@pytest.fixture(autouse=True)
def faster(monkeypatch):
    """What is published of a number by itself is worked out once."""
    make, kept = published.alone, {}

    def once(part, rules):
        key = part, rules.min_count
        if key not in kept:
            kept[key] = make(part, rules)
        return kept[key]

    monkeypatch.setattr(published, "alone", once)


def sorted_by_what_is_published(worlds):
    """Deliveries, as numbers by name, sorted by what is published of them. worlds: pairs of both."""
    alike = defaultdict(list)
    for published_, numbers in worlds:
        alike[published_].append(numbers)
    return alike


def refuse_narrow(alike, names):
    """No number below 5 is narrowed to fewer than four."""
    for public, worlds in alike.items():
        for name in names:
            possible = {world[name] for world in worlds}
            assert not (possible & SECRET) or len(possible) >= MANY, (public, name, possible)


def sums(parts, most):
    """All whole numbers of so many parts with a sum of at most `most`."""
    if parts == 0:
        yield ()
        return
    for first in range(most + 1):
        for others in sums(parts - 1, most - first):
            yield (first, *others)


NAMES = ("dont_know", "refused", "empty", "nothing_chosen")


def of_question(counts, base, base_of=None):
    """What is published of a question's total and reasons, and the numbers behind it."""
    parts = {name: Part(count, base, base_of) for name, count in zip(NAMES, counts, strict=False)}
    total = published.alone(Part(sum(counts), base, base_of), RULES)
    statements = published.reasons(total, parts, RULES)
    public = (seen(total), *(seen(statements[name]) for name in parts))
    numbers = {name: part.count for name, part in parts.items()}
    return public, numbers | {"total": sum(counts), "answered": base - sum(counts)}


@pytest.mark.parametrize(("parts", "most"), [(4, 32), (3, 37)])
def test_no_reason_is_narrowed_by_its_total_and_the_others(parts, most):
    """Also for somebody who knows that some of the reasons never occur."""
    worlds = [of_question(counts, 200) for counts in sums(parts, most)]
    complete = [world for world in worlds if world[0][0][2] is None or world[0][0][2] <= most - 2]
    names = NAMES[:parts]
    for absent in chain.from_iterable(combinations(names, number) for number in range(parts)):
        left = [world for world in complete if not any(world[1][name] for name in absent)]
        refuse_narrow(sorted_by_what_is_published(left), [name for name in names if name not in absent])


def test_reasons_are_published_in_most_cases():
    """The rule is not so strict that it hides everything."""
    is_published = [of_question(counts, 200)[0][1][0] != "hidden" for counts in sums(3, 30)]
    assert sum(is_published) > 0.6 * len(is_published)


@pytest.mark.parametrize("base", [52, 55])
def test_nobody_learns_that_a_few_answered(base):
    """Of a question that everyone is asked: the number of all rows is known exactly."""
    worlds = [of_question(counts, base) for counts in sums(3, base)]
    refuse_narrow(sorted_by_what_is_published(worlds), [*NAMES[:3], "total", "answered"])


def test_nobody_learns_that_a_few_were_not_asked_or_answered():
    """A question that 45 to 62 of 62 are asked; of three reasons one is known never to occur."""
    worlds = []
    for base in range(45, 63):
        for counts in sums(2, base):
            public, numbers = of_question((*counts, 0), base, 62)
            worlds.append((public, numbers | {"not asked": 62 - base}))
    refuse_narrow(sorted_by_what_is_published(worlds), [*NAMES[:2], "total", "answered", "not asked"])


@pytest.mark.parametrize("everyone", [1014, 1016])
def test_nothing_follows_about_those_whom_a_question_was_not_to_be_asked(everyone):
    worlds = []
    for others in range(44, 66):
        asked = published.alone(Part(20, everyone - others, everyone), RULES)
        for answered, zeros in sums(2, others):
            parts = {"answered": Part(answered, others), "zeros": Part(zeros, others)}
            statements = published.not_asked(parts, RULES)
            assert {statement.base for statement in statements.values()} == {None}
            numbers = {"answered": answered, "zeros": zeros, "empty": others - answered - zeros}
            public = (asked.base, *map(seen, statements.values()))
            worlds.append((public, numbers))
    complete = [world for world in worlds if everyone - 61 <= world[0][0] <= everyone - 48]
    refuse_narrow(sorted_by_what_is_published(complete), ["answered", "zeros"])
    for public, alike in sorted_by_what_is_published(complete).items():
        rest = {world["empty"] for world in alike}
        assert not (rest & SECRET) or len(rest) > 1, public


@pytest.mark.parametrize("more", range(-12, 13))
def test_links_tell_nothing_beside_the_numbers_analysed(more):
    """Each household has one child and one caregiver: what one file lacks follows from what the other lacks."""
    children, caregivers, worlds = 70, 70 - more, []
    for linked in range(min(children, caregivers) + 1):
        parts = {
            "children": Part(children - linked, children),
            "caregivers": Part(caregivers - linked, caregivers),
        }
        statements = published.links(parts, RULES)
        numbers = {name: part.count for name, part in parts.items()} | {"linked": linked}
        worlds.append((tuple(map(seen, statements.values())), numbers))
    refuse_narrow(sorted_by_what_is_published(worlds), ["children", "caregivers", "linked"])


@pytest.mark.parametrize("analysed", [1000, 1003])
def test_rows_left_out_tell_nothing_of_a_few(analysed):
    worlds = []
    for counts in product(range(14), repeat=3):
        left_out = dict(zip(("no weight", "no age", "outside the ages 12 to 17"), counts, strict=True))
        rows = Rows("children", analysed, {reason: count for reason, count in left_out.items() if count})
        public = tuple(published.rows(rows, RULES))
        worlds.append((public, left_out | {"all": sum(counts)}))
    refuse_narrow(
        sorted_by_what_is_published(worlds), ["no weight", "no age", "outside the ages 12 to 17", "all"]
    )


@pytest.mark.parametrize("base", [50, 52, 99])
def test_bounds_are_what_deliveries_can_have(base):
    """What the audit takes to be known of a number is what anybody can tell of it, and not less."""
    alike = defaultdict(set)
    for count in range(base + 1):
        alike[alone(count, base)].add(count)
    for statement, counts in alike.items():
        low, high = statement.bounds(RULES)
        assert counts == set(range(low, high + 1)), statement


def test_bounds_of_rounded_bases_hold_every_base_that_is_rounded_so():
    for base, count in product(range(50, 70), range(70)):
        if count <= base:
            statement = alone(count, base, 1000)
            low, high = statement.bounds(RULES)
            assert low <= count <= high, (statement, count)
            low, high = statement.bounds_of_base(RULES)
            assert max(50, statement.base - 2) == low <= base <= high == statement.base + 2


@pytest.mark.parametrize(
    "rules", [Suppression(min_count=k, rounding=Rounding(points=0.1, base=5)) for k in (1, 2, 3, 7, 10)]
)
def test_with_other_settings_no_number_below_k_is_told_and_none_looks_like_nought(rules):
    for count in range(101):
        statement = published.alone(Part(count, 100, 1000), rules)
        low, high = statement.bounds(rules)
        assert low <= count <= high
        assert statement.kind != "count" or (count >= rules.min_count and statement.count > 0)
        assert f"fewer than {published.least(rules)}" in statement.words(rules) or statement.kind == "count"


def test_the_page_for_data_protection_says_what_the_settings_say(project, root):
    rules = project.analysis.suppression
    text = (root / "docs/data-protection.md").read_text(encoding="utf-8")
    section = " ".join(text.partition("## Data quality")[2].partition("\n## ")[0].split())
    for words in (
        f"rounded to the nearest multiple of {rules.rounding.base}.",
        f"rounded to {rules.rounding.points:g} percentage points",
        f'"Fewer than {published.least(rules)}" includes none',
        f'"All, or all but fewer than {published.least(rules)}"',
        f"On fewer than {rules.bracket_below} respondents there are no numbers",
        "fewer than four possible numbers",
    ):
        assert words in section, words
    assert published.least(rules) == 5 == MANY + 1
