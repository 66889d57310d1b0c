"""Paragraphs that several notebooks and pages share, with the limits of the configuration filled in.

A notebook's text names a paragraph or a limit in double braces, `{{ who_answered }}` or `{{ min_count }}`, as MyST's
substitutions do. They are filled in when the notebook runs, so that a changed limit changes every page that names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from disrupting_harm.config.entries.analysis import Analysis
from disrupting_harm.quality.published import least

PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")

PARAGRAPHS = {
    "who_answered": """\
Rows delivered, rows left out, and rows analysed: children (or caregivers) of the survey's ages who have a weight;
then how the sample was drawn. Numbers below {{ min_count }} are not shown, nor are
numbers from which one could be computed.""",
    "which_unanswered": """\
For each question behind this page: of those asked, the share who gave no answer, and whether they answered "don't
know", preferred not to say, left it empty or chose nothing. Shares are unweighted; *hidden* marks numbers below {{
min_count }} and those from which one could be computed.""",
    "which_differences": """\
For every indicator above whose levels are all shown: the difference between the two groups named under *Compared*, the
first minus the second, and their ratio, the first divided by the second; and a test across all levels that takes
weights and clusters into account (Rao and Scott). The more tests there are, the more differences appear by chance, so
p-values are adjusted for the number of tests on this page (Holm). Read the size of a difference first. A difference
that is not significant does not prove that there is no difference.""",
    "not_shown": """\
An estimate based on fewer than {{ least_base }} answers is not shown; on {{ least_base }} to {{ largest_small_base }}
it is marked as having a small base. No number is shown from which something could be learnt about fewer than {{
min_count }} children ({{ min_count_subgroup }} below the national level), nor one that could be computed back from
its neighbours.""",
    "where_numbers": """\
All estimates of this page, one row per estimate, rounded as they are published.""",
    "comparison": """\
Dots are estimates, lines {{ confidence }} intervals; countries are sorted from the largest to the smallest. The dashed
line is the mean of countries, in which every country counts the same. Countries that did not ask, or whose number is
not shown, keep their line. Differences between countries also reflect how questions are understood, translated and
answered; where intervals overlap widely, the order of countries says little.""",
    "which_countries": """\
Countries with delivered and with synthetic data are never mixed: as soon as one country has delivered data, those
with synthetic data are left out.""",
    "larger_countries": """\
*By population*: a country counts by its number of internet-using children: its children of 12 to 17 times the share
of them who use the internet. Where these figures are not known for every country, the plain mean of the countries
that have them is given first: these two compare like with like. Only countries whose estimate is shown enter a
mean.""",
    "beyond_chance": """\
Only countries whose estimate is shown. *Random-effects mean*: countries are treated as drawn from a wider group, and
weighted by precision. *Prediction interval*: where a further country of that group would lie with {{
confidence }} probability. *tau*: standard deviation between countries on the logit scale. *I²*: share of the
variation between estimates that is more than chance. Where small values are hidden, the countries that remain are
those with larger ones.""",
    "one_country": """\
The random-effects mean again, without each country in turn: the lowest and the highest of these means, and which
country is then left out. If both are close to the mean of all, no single country decides it.""",
    "where_comparison_numbers": """\
Every estimate of a country and every mean of countries, one row per estimate, rounded as they are published.
`mean_of_countries`: every country counts the same, whatever its size; only countries whose estimate is shown enter
it. Means are worked out before anything is rounded. Of numbers of children it is `total_of_countries`.""",
}


class PlaceholderError(ValueError):
    """A text names a paragraph or a limit that there is not; the message says which, and what there is."""


def limits(analysis: Analysis) -> dict[str, str]:
    """The limits that texts may name, as they are written."""
    rules = analysis.suppression
    return {
        "min_count": str(rules.min_count),
        "min_count_subgroup": str(rules.min_count_subgroup),
        "least_published": str(least(rules)),
        "least_base": str(rules.not_shown_below),
        "small_base": str(rules.bracket_below),
        "largest_small_base": str(rules.bracket_below - 1),
        "all_or_none_base": str(rules.all_or_none_base),
        "small_level": str(rules.small_level),
        "confidence": f"{analysis.confidence_level * 100:g}%",
        "confidence_of_100": f"{analysis.confidence_level * 100:g}",
        "largest_hidden": str(rules.min_count - 1),
        "largest_hidden_subgroup": str(rules.min_count_subgroup - 1),
        "different_numbers": str(rules.min_count + 1),
        "significance": f"{analysis.significance_level:g}",
        "significance_of_100": f"{analysis.significance_level * 100:g}",
        "points": f"{rules.rounding.points:g}",
        "base_step": str(rules.rounding.base),
        "coarse_points": f"{rules.coarse_rounding.points:g}",
        "coarse_base_step": str(rules.coarse_rounding.base),
        "coarse_to_fine": f"{rules.coarse_rounding.points / rules.rounding.points:g}",
        "draws": f"{analysis.burden.draws:,}",
        "users_se": f"{analysis.burden.users_se * 100:g}",
    }


def filler(analysis: Analysis) -> Callable[[str], str]:
    """A function that fills in the paragraphs and limits that a text names. It raises PlaceholderError."""
    known = limits(analysis)
    texts = {name: text.replace("\n", " ") for name, text in PARAGRAPHS.items()} | known

    def fill(text: str) -> str:
        return PLACEHOLDER.sub(lambda match: fill(_named(match[1], texts)), text)

    return fill


def _named(name: str, texts: dict[str, str]) -> str:
    if name not in texts:
        near = get_close_matches(name, texts, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(texts)}."
        raise PlaceholderError(f"{{{{ {name} }}}} is no paragraph or limit; {hint}")
    return texts[name]
