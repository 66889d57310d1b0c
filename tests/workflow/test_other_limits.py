"""A site made with other limits and another confidence level says nothing of those that the project comes with."""

from __future__ import annotations

import re
import zipfile
from html import unescape

import pytest
import yaml

from disrupting_harm.config.entries.analysis import Analysis, Rounding, Suppression

pytestmark = pytest.mark.slow

CONFIDENCE = 0.9
OTHER = Suppression(
    not_shown_below=27,
    bracket_below=53,
    min_count=7,
    min_count_subgroup=13,
    all_or_none_base=61,
    small_level=55,
    rounding=Rounding(points=0.2, base=4),
    coarse_rounding=Rounding(points=3, base=12),
)
READ = {".html", ".svg", ".ipynb", ".md", ".js", ".csv", ".xlsx"}
MEASURED = (
    "knows 4,159 to within fewer than 5",  # on the page on protection, which begins with what it was measured with
    "multiples of 0.1 percentage points and of 5 there",
    "The choice: 0.1 points and multiples of 5, whole percent and multiples of 10",
    "This was measured with intervals of 95 %, which should hold the true share in 95 of 100 surveys",
)
"""Passages about what was measured or published with the limits that are written there."""

WITHOUT_LIMITS = {"index.html", "comparison/index.html", "comparison/translation_radar.html"}
"""Pages without intervals and hidden numbers; of one country alone, the radar has nothing at all."""

PUBLISHED = re.compile(r"\(?95% (CI|Monte Carlo)|95% Monte Carlo")
"""Intervals of others, quoted as they were published."""


@pytest.fixture(scope="module")
def texts(copy_project):
    """The text of every product of one country and its comparisons, made with the other limits."""
    project = copy_project("other_limits")
    path = project.root / "config/config.yaml"
    settings = yaml.safe_load(path.read_text())
    settings |= {"confidence_level": CONFIDENCE, "suppression": OTHER.model_dump()}
    path.write_text(yaml.safe_dump(settings))
    run = project.snakemake("--cores", "2", country="ken")
    assert run.code == 0, run.out[-3000:]
    results = project.root / "results"
    files = [file for file in sorted(results.rglob("*")) if file.suffix in READ and file.name != "README.md"]
    return {file.relative_to(results).as_posix(): plain(file) for file in files}


def plain(file):
    """The words of a product, without markup, in one line."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            text = "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    else:
        text = file.read_text(encoding="utf-8")
    if file.suffix in {".html", ".svg", ".xlsx"}:
        text = unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", text, flags=re.DOTALL))
    text = re.sub(r"\s+", " ", text)
    for passage in MEASURED:
        text = text.replace(passage, "")
    return PUBLISHED.sub("", text)


def phrases(analysis):
    """How texts name limits, as regular expressions."""
    rules = analysis.suppression
    least = {rules.min_count, rules.min_count_subgroup, rules.not_shown_below, rules.bracket_below}
    any_least = "|".join(map(str, sorted(least | {rules.all_or_none_base, rules.small_level})))
    steps = "|".join(str(step.base) for step in (rules.rounding, rules.coarse_rounding))
    return [
        rf"(?i)\b(fewer than|below|less than|at least) ({any_least})\b(?!%|\.| %)",
        rf"\b{rules.not_shown_below} to {rules.bracket_below - 1}\b",
        rf"(?<!items \()\b1 to ({rules.min_count - 1}|{rules.min_count_subgroup - 1})\b",
        rf"(?i)multiples? of ({steps}|{rules.rounding.points:g})\b",
        rf"{analysis.confidence_level * 100:g} ?%(?= (CI|interval|confidence|limits))",
        rf"{analysis.confidence_level * 100:g} of 100",
    ]


def of(analysis, texts):
    """Where texts name limits: file and phrase."""
    return {
        (file, match[0])
        for file, text in texts.items()
        for phrase in phrases(analysis)
        for match in re.finditer(phrase, text)
    }


def test_no_product_names_the_limits_that_the_project_comes_with(texts, project):
    assert sorted(of(project.analysis, texts)) == []


def test_products_name_the_limits_of_the_configuration(texts):
    """Every insight, every comparison of one, and the pages of text: otherwise nothing was looked for above."""
    named = {file for file, _ in of(Analysis(seed=1, confidence_level=CONFIDENCE, suppression=OTHER), texts)}
    pages = {file for file in texts if file.endswith(".html")} - WITHOUT_LIMITS
    assert sorted(pages - named) == []
    assert any(file.endswith(".svg") for file in named)
