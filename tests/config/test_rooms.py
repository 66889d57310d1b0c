"""The stages of the library: no country in code, imports along the data, no stray door to pingouin."""

import ast
import re

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import disrupting_harm
from disrupting_harm.delivered import formats


def modules(root):
    return sorted((root / "src/disrupting_harm").rglob("*.py"))


def room(root, path):
    return path.relative_to(root / "src/disrupting_harm").with_suffix("").parts[0]


def imported(path):
    """Rooms of ours, and packages, that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
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


def test_imports_follow_the_data(root, monkeypatch):
    """The contracts of pyproject.toml: stages in the order of the data, and what some of them know nothing of."""
    monkeypatch.chdir(root)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_each_stage_says_what_comes_in_and_what_goes_out(root):
    for stage in sorted((root / "src/disrupting_harm").iterdir()):
        if (stage / "__init__.py").is_file():
            text = ast.get_docstring(ast.parse((stage / "__init__.py").read_text()))
            assert re.search(r"^In: ", text, re.M), stage.name
            assert re.search(r"^Out: ", text, re.M), stage.name


def test_pingouin_comes_in_by_one_door(root):
    """It is GPL-3: imported in one place, where a notebook asks for it."""
    doors = [path.name for path in modules(root) if "pingouin" in set(imported(path))]
    assert doors == ["with_pingouin.py"]


def test_configuration_cannot_execute_code(root):
    for path in modules(root):
        text = path.read_text()
        assert "yaml.load(" not in text.replace("yaml.safe_load(", ""), path
        assert not re.search(r"\b(eval|exec)\(", text), path


def test_what_the_library_offers_loads_on_first_use(root):
    for name in disrupting_harm.__all__:
        assert getattr(disrupting_harm, name)
    assert disrupting_harm.microdata is formats
    with pytest.raises(AttributeError, match="no attribute 'anything'"):
        _ = disrupting_harm.anything


ERRANDS = {
    "a question": ["knows_where_to_get_help:", "knows_where_to_get_help:"],
    "an indicator": ["tfcsea_any:", "class Any"],
    "a threshold": ["min_count: ", "min_count: int", "rules.min_count"],
    "a ratio": ["insight.contrast(", "contrast(people, ", "def direction(", "risk_ratio"],
    "a file format": ['".xlsx"', '"Excel": Excel', "class Excel"],
}
"""What the last line of each errand holds, file by file."""


def test_five_errands_open_at_most_four_files(root):
    """CONTRIBUTING names them in order, and each holds what it is opened for."""
    section = (root / "CONTRIBUTING.md").read_text().partition("## Where to look")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (an? [a-z ]+): .*? \| (.+) \|$", section, re.M)
    assert len(rows) == 5
    for errand, files in rows:
        names = re.findall(r"`([^`]+)`", files)
        assert 1 < len(names) <= 4, errand
        wanted = next(parts for start, parts in ERRANDS.items() if errand.startswith(start))
        for name, part in zip(names, wanted, strict=True):
            assert part in (root / name).read_text(), (name, part)
