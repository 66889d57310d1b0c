"""The rooms of the library: no country in code, imports along the data, no stray door to pingouin."""

import ast
import re

import pytest

FLOW = ["whole", "config", "private", "microdata", "synthetic", "pins", "strata", "several_answers", "decode",
        "identical_rows", "matching", "inspection", "new_country", "one_file", "harmonise", "harmonised",
        "indicators", "survey", "rounding", "quality", "respondents", "estimates", "suppression", "audit", "insight",
        "comparison", "published", "tracing", "workbook", "releases", "together", "border", "site", "watch",
        "commands", "cli"]  # fmt: skip
"""Modules in the order in which data flow; none imports one further down."""


def modules(root):
    return sorted((root / "src/disrupting_harm").rglob("*.py"))


def room(root, path):
    return path.relative_to(root / "src/disrupting_harm").with_suffix("").parts[0]


def imported(path):
    """Rooms of ours, and packages, that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        for name in names:
            parts = name.split(".")
            yield parts[1] if parts[0] == "disrupting_harm" and len(parts) > 1 else parts[0]


def test_no_country_is_named_in_code(root, project):
    """Quoted strings only: `and`, `can` and `per` are English words as well as Andorra, Canada and Peru."""
    names = {country.iso3 for country in project.countries.values()} | {
        c.name for c in project.countries.values()
    }
    code = [*modules(root), *(root / "workflow").rglob("*.smk"), root / "Snakefile"]
    for path in code:
        quoted = set(re.findall(r"""["']([^"'\n]*)["']""", path.read_text()))
        assert not names & quoted, path


def test_imports_point_along_the_data(root):
    place = {name: number for number, name in enumerate(FLOW)}
    for path in modules(root):
        own = place.get(room(root, path))
        if own is not None:
            further = [name for name in imported(path) if place.get(name, -1) > own]
            assert not further, f"{path.name} imports {further}"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("survey", ["whole"]),
        ("notebooks", ["whole", "core_dumps", "displayed", "engine", "kernel", "warm"]),
        ("displayed", []),
        ("engine", []),
        ("kernel", []),
        ("core_dumps", []),
        ("warm", ["core_dumps"]),
    ],
)
def test_some_rooms_know_nothing_of_the_others(root, name, known):
    """`survey` knows nothing of surveys about children, `notebooks` nothing of statistics, `warm` nothing of data."""
    ours = {room(root, path) for path in modules(root)}
    for path in modules(root):
        if room(root, path) == name:
            assert not set(imported(path)) & ours - {name, *known}, path


def test_pingouin_comes_in_by_one_door(root):
    """It is GPL-3: imported in one place, where a notebook asks for it."""
    doors = [path.name for path in modules(root) if "pingouin" in set(imported(path))]
    assert doors == ["pingouin_door.py"]


def test_configuration_cannot_execute_code(root):
    for path in modules(root):
        text = path.read_text()
        assert "yaml.load(" not in text.replace("yaml.safe_load(", ""), path
        assert not re.search(r"\b(eval|exec)\(", text), path
