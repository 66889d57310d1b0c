"""Paragraphs and limits that notebooks and pages name: filled in from the configuration, whatever it says."""

import ast
import json
import re

import pytest

from disrupting_harm.config.entries.analysis import Analysis, Suppression
from disrupting_harm.presentation.paragraphs import PARAGRAPHS, PLACEHOLDER, PlaceholderError, filler, limits
from disrupting_harm.publishing.site import methods, protection

OTHER = Analysis(
    confidence_level=0.9,
    seed=1,
    suppression={"not_shown_below": 33, "bracket_below": 77, "min_count": 7, "min_count_subgroup": 15,
                 "all_or_none_base": 66,
                 "rounding": {"points": 0.5, "base": 3}, "coarse_rounding": {"points": 2, "base": 12}},
)  # fmt: skip


def texts(root):
    """Markdown of all notebooks."""
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "markdown":
                yield path.stem, "".join(cell["source"])


def test_a_paragraph_says_the_limits_of_the_configuration():
    assert filler(OTHER)("{{ not_shown }}") == (
        "An estimate based on fewer than 33 answers is not shown; on 33 to 76 it is marked as having a small base. No "
        "number is shown from which something could be learnt about fewer than 7 children (15 below the national "
        "level), nor one that could be computed back from its neighbours."
    )
    assert "would lie with 90% probability" in filler(OTHER)("{{ beyond_chance }}")


def test_text_without_names_stays_as_it_is():
    text = r"A share $\frac{a}{b}$ of {children}, {not a name}."
    assert filler(OTHER)(text) == text


@pytest.mark.parametrize(
    ("name", "hint"), [("min_cuont", "did you mean min_count?"), ("xyz", "there are who_answered, ")]
)
def test_an_unknown_name_is_an_error_with_the_way_out(name, hint):
    with pytest.raises(
        PlaceholderError, match=re.escape(f"{{{{ {name} }}}} is no paragraph or limit; {hint}")
    ):
        filler(OTHER)(f"Fewer than {{{{{name}}}}} children.")


def test_every_paragraph_is_used_and_every_name_is_known(root, project):
    fill, used = filler(project.analysis), set()
    for _, text in texts(root):
        used |= set(PLACEHOLDER.findall(text))
        assert "{{" not in fill(text)
    assert set(PARAGRAPHS) == used - set(limits(project.analysis))


def test_no_paragraph_stands_in_several_notebooks(root):
    """A text of two lines or more that two notebooks share comes from one place."""
    seen = {}
    for name, text in texts(root):
        body = text.partition("\n\n")[2].strip()
        if len(body) > 120 and not PLACEHOLDER.fullmatch(body):
            assert seen.setdefault(body, name) == name, body


OF_LIMITS = re.compile(
    r"\b(?:fewer|less) than (?:five|ten|5|10|25|50)\b|\b95 ?%|\b25 to 49\b|\bfrom one to four\b|\bsix different\b",
    re.I,
)


def test_no_limit_is_typed_into_a_notebook(root):
    assert [(name, limits) for name, text in texts(root) if (limits := OF_LIMITS.findall(text))] == []


def test_methods_say_the_limits_of_the_configuration(project):
    project = project.model_copy(update={"analysis": OTHER})
    shown = methods.markdown(project).partition("## What is rounded")[0].partition("## What is shown")[2]
    assert "On fewer than 33 answers an estimate is not shown. On 33 to 76 it is shown in brackets." in shown
    assert "fewer than 7 children (15 below the national level)" in shown
    assert 'from 1 to 6 they are "fewer than 7"' in shown
    assert "at least 8 different whole numbers" in shown
    assert not OF_LIMITS.findall(shown)
    assert "In 90 of 100 such surveys the 90% interval" in methods.markdown(project)


def test_the_page_on_protection_names_other_limits_first(project):
    assert list(protection.other_limits(Suppression())) == []
    head = protection.markdown(project.model_copy(update={"analysis": OTHER}))[:1000]
    assert "made with other limits than these results:**" in head
    assert "* **`min_count_subgroup`**: 15 here, 10 there" in head
    assert "* **`coarse_rounding`**: multiples of 2 percentage points and of 12 here, multiples of" in head


def test_what_the_text_on_protection_writes_out_are_the_limits_of_the_project(root, project):
    """The text is read in the repository, too; its numbers are those that the project comes with."""
    rules = project.analysis.suppression
    assert rules == Suppression()
    text = (root / "docs/data-protection.md").read_text()
    assert f"based on fewer than {rules.not_shown_below} respondents is not shown" in text
    assert f"on {rules.not_shown_below} to {rules.bracket_below - 1} it is shown in brackets" in text
    assert f"fewer than {rules.min_count} children ({rules.min_count_subgroup} below national level)" in text
    assert f"on fewer than {rules.all_or_none_base}." in text


def test_no_confidence_level_is_typed_into_a_sentence_or_subtitle(root):
    """Texts in code, docstrings left out."""
    for stage in ("insights", "presentation", "publishing"):
        for path in sorted((root / "src/disrupting_harm" / stage).rglob("*.py")):
            tree = ast.parse(path.read_text())
            docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            texts = [
                node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs
            ]
            typed = [
                node.lineno
                for node in texts
                if isinstance(node.value, str) and re.search("95 ?%", node.value)
            ]
            assert not typed, path
