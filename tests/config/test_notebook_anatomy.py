"""Notebooks are clean, thin and complete: every cell is a question, a call, or the table."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
INSIGHTS = [path for path in NOTEBOOKS if path.parent.name == "notebooks"]
COMPARISONS = [path for path in NOTEBOOKS if path.parent.name == "comparison"]
STATEMENTS = (ast.Expr, ast.Assign, ast.ImportFrom)


def cells(path, kind=None):
    return [cell for cell in json.loads(path.read_text())["cells"] if kind in (None, cell["cell_type"])]


def source(cell):
    return "".join(cell["source"])


def is_parameters(cell):
    return "parameters" in cell["metadata"].get("tags", [])


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def notebook(request):
    return request.param


def test_there_is_one_notebook_an_insight_and_a_comparison_of_each(project):
    assert {path.stem for path in INSIGHTS} == set(project.insights)
    assert {path.stem for path in COMPARISONS} == {
        *project.insights,
        "published_against_computed",
        "translation_radar",
    }


def test_no_output_no_count_and_stable_ids(notebook):
    content = json.loads(notebook.read_text())
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    for cell in cells(notebook, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    ids = [cell["id"] for cell in cells(notebook)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,63}", cell_id) for cell_id in ids)


def test_order_title_parameters_questions_table(notebook):
    assert source(cells(notebook)[0]).startswith("# ")
    assert is_parameters(cells(notebook)[1])
    assert sum(map(is_parameters, cells(notebook))) == 1
    assert re.fullmatch(r"\w+\.write\(table\)", source(cells(notebook, "code")[-1]))


def test_headings_are_questions(notebook):
    allowed = ("## All values",)
    headings = [
        line
        for cell in cells(notebook, "markdown")
        for line in source(cell).splitlines()
        if line.startswith("#")
    ]
    assert all(line.endswith("?") or line in allowed for line in headings), headings


def test_each_question_has_one_call(notebook):
    pairs = list(zip(cells(notebook), cells(notebook)[1:], strict=False))
    for cell, following in pairs:
        if cell["cell_type"] == "markdown" and source(cell).startswith("## "):
            assert following["cell_type"] == "code", source(cell)


def test_no_logic_paths_or_country_names(notebook, project):
    """Functions, loops and group-bys belong in the library; paths and countries in the parameters."""
    names = {country.iso3 for country in project.countries.values()} | {
        c.name for c in project.countries.values()
    }
    for cell in cells(notebook, "code"):
        if is_parameters(cell):
            continue
        tree = ast.parse(source(cell))
        assert all(isinstance(statement, STATEMENTS) for statement in tree.body), source(cell)
        assert not any(isinstance(node, (ast.Lambda, ast.comprehension)) for node in ast.walk(tree)), source(
            cell
        )
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not texts & names
        assert not any("/" in text for text in texts), source(cell)


def calls(path, method):
    """First argument and `by` of every call of a method in a notebook."""
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(source(cell))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == method
            ):
                by = [
                    ast.literal_eval(keyword.value)
                    for keyword in node.keywords
                    if keyword.arg in ("by", "between")
                ]
                yield ast.literal_eval(node.args[0]), by[0] if by else "all"


@pytest.mark.parametrize("path", [path for path in COMPARISONS if (ROOT / "notebooks" / path.name).is_file()],
                         ids=lambda path: path.stem)  # fmt: skip
def test_a_comparison_shows_what_its_insight_lists_and_only_what_the_insight_estimates(path, project):
    registry = project.registry
    estimated = set()
    for what, by in calls(ROOT / f"notebooks/{path.name}", "estimate"):
        names = [what] if isinstance(what, str) else what
        members = [
            member_name
            for name in names
            for member_name in registry.members.get(name) or registry.expand([name])
        ]
        estimated |= {
            (member, by_name)
            for member in members
            for by_name in ["all", *([by] if isinstance(by, str) else by)]
        }
    for what, by in calls(ROOT / f"notebooks/{path.name}", "contrast"):
        names = registry.members.get(what) or [what]
        estimated |= {(name, by) for name in names}
    shown = set(calls(path, "headline"))
    compositions = {what for what, _ in calls(path, "composition")}
    insight = project.insights[path.stem]
    assert {(name, by) for name in insight.headline for by in ["all", *insight.by]} <= shown
    assert set(insight.compositions) <= compositions
    needed = (
        shown | set(calls(path, "ratio")) | {(m, "all") for g in compositions for m in registry.members[g]}
    )
    derived = {(name, "all") for name, indicator in registry.indicators.items() if indicator.derived}
    assert needed - derived <= estimated
