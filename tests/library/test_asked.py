"""What a notebook can ask for is known before it runs: an edited indicator touches what uses it, and nothing else."""

import ast
import json

import pytest

from disrupting_harm.files.fingerprints import LIBRARY, behind
from disrupting_harm.running import asked, plan

OPEN = 'from disrupting_harm import Insight\n\ninsight = Insight.open("wellbeing", country, children, caregivers)\n'


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook with some code."""

    def write(code, **more):
        parameters = {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": 'country = "a"\nk = ["b"]',
        }
        cells = [
            parameters,
            {"cell_type": "code", "metadata": {}, "source": code.splitlines(keepends=True), **more},
        ]
        path = tmp_path / "notebook.ipynb"
        path.write_text(
            json.dumps({"cells": [*cells, {"cell_type": "markdown", "metadata": {}, "source": "# anxiety"}]})
        )
        return path

    return write


def digests(project):
    """Fingerprint of the settings behind each insight and each comparison."""
    made = plan.Plan(project, list(project.countries)[:2])
    return {
        **{name: made.insight_settings(name) for name in made.insights},
        **{f"comparison/{name}": made.comparison_settings(name) for name in made.comparisons},
    }


def touched(copy, file, old, new):
    """What is touched by an edit of the configuration; notebooks are those of the project."""
    before = digests(copy.load())
    after = digests(copy.edit(file, old, new).load())
    return {name for name, digest in after.items() if digest != before[name]}


@pytest.fixture
def copy(copy, root):
    (copy.root / "notebooks").symlink_to(root / "notebooks")
    return copy


ACROSS = {"comparison/published_against_computed", "comparison/translation_radar"}


def of(*insights):
    return {*ACROSS, *insights, *(f"comparison/{name}" for name in insights)}


def test_what_notebooks_of_the_project_ask_for_is_known(project):
    for insight in project.insights:
        named = asked.of_insight(project, insight)
        assert named is not None
        assert asked.of_comparison(project, insight) >= named
        used = asked.entries(project, named)
        assert set(used["insights"]) == {insight}
        assert 0 < len(used["indicators"]) < len(project.registry.indicators) / 2
    assert asked.of_comparison(project, "published_against_computed") is None
    assert asked.entries(project, None)["indicators"] == project.registry.indicators


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Anxiety", "title: Anxious"),
        ('yes_if: {answer: anxiety, in: ["yes"]}', 'yes_if: {answer: anxiety, in: ["no"]}'),
        ("wellbeing: {title: Wellbeing,", "wellbeing: {title: How they are,"),
    ],
)
def test_an_indicator_of_one_insight_touches_that_insight(copy, old, new):
    assert touched(copy, "indicators.yaml", old, new) == of("wellbeing")


def test_what_is_named_only_through_a_condition_counts(copy):
    """No notebook names it: an indicator names `told_formal`, and that names the condition for each form."""
    edit = ('- {chosen: "told_{form}__helpline"}', '- {chosen: "told_{form}__friend"}')
    assert touched(copy, "indicators.yaml", *edit) == of("disclosure")


def test_a_breakdown_touches_who_splits_by_it(copy):
    edit = ('"yes": "Subjected to abuse online"', '"yes": "Abused online"')
    assert touched(copy, "indicators.yaml", *edit) == of("wellbeing", "online_and_in_person")


def test_a_scale_is_behind_what_is_split_by_it(project):
    used = asked.entries(project, frozenset({"enabling_level"}))
    assert {"enabling_mediation"} <= set(used["indicators"])


def test_what_may_be_asked_for_is_about_the_decision_alone(copy):
    assert (
        touched(copy, "indicators.yaml", "of: [wellbeing, any_in_person, scales]", "of: [wellbeing]")
        == ACROSS
    )


def test_an_entry_of_insights_is_behind_its_insight(copy):
    assert touched(copy, "insights.yaml", "short: Wellbeing", "short: Wellness") == of("wellbeing")


def test_an_indicator_that_a_method_asks_for_by_itself_counts(project):
    """Names in the library's code, which no call of a notebook tells."""
    registry = project.registry
    known = {*registry.conditions, *registry.indicators, *registry.groups, *registry.breakdowns}
    written = set()
    for entries in (
        ("insights.one_country", "running.notebooks"),
        ("insights.comparison", "running.notebooks"),
    ):
        for path in behind(LIBRARY, entries):
            if path.suffix == ".py" and "config" not in path.parts and path.stem != "asked":
                constants = (
                    node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
                )
                written |= {node.value for node in constants if isinstance(node.value, str)} & known
    columns_of_models = {"age", "exposure"}
    assert written - columns_of_models == {name for names in asked.UNSAID.values() for name in names}


def test_texts_of_calls_are_names(notebook):
    calls = 'insight.estimate("a", by=["b", "c"])\ninsight.contrast(["d"], between="e")\ninsight.write(table)'
    assert asked.names(notebook(OPEN + calls)) == {"wellbeing", "a", "b", "c", "d", "e"}
    assert asked.names(notebook(OPEN + "insight.children_affected()")) >= {"tfcsea_any"}


@pytest.mark.parametrize(
    "code",
    [
        "insight.registry",
        "insight.registry.find(country)",
        "insight.estimate(first(names))",
        "insight.estimate([*names])",
        'insight.estimate("a" + "b")',
        'insight.estimate(f"{country}")',
        'insight.estimate(**{"what": name})',
        'what = "a"\ninsight.estimate(what)',
        "for name in k:\n    insight.estimate(name)",
        "import os",
        "from disrupting_harm import config",
        "from disrupting_harm import Insight as Other",
        "from disrupting_harm import Published",
        "other = insight",
        'other = insight.indicators("a")',
        "%matplotlib inline",
        "insight.estimate(",
    ],
)
def test_a_notebook_that_does_anything_else_may_ask_for_everything(notebook, code):
    assert asked.names(notebook(OPEN + code)) is None


def test_a_notebook_that_cannot_be_read_may_ask_for_everything(tmp_path):
    assert asked.names(tmp_path / "missing.ipynb") is None
    (tmp_path / "broken.ipynb").write_text("{")
    assert asked.names(tmp_path / "broken.ipynb") is None
    (tmp_path / "other.ipynb").write_text('{"cells": [1]}')
    assert asked.names(tmp_path / "other.ipynb") is None
