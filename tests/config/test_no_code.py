"""No text of a configuration is run, loaded as an object, or followed out of the project."""

import contextlib

import pytest
import yaml

from disrupting_harm import config

pytestmark = pytest.mark.slow

CODE = "__import__('os').system('touch owned')"
TEXTS = (
    CODE,
    "{form.__class__.__mro__}",
    "${{" + CODE + "}}",
    "`touch owned`",
    "$(touch owned)",
    f"=cmd|'{CODE}'!A1",
)


def places(tree, path=()):
    """Paths to every text in a tree."""
    if isinstance(tree, str):
        yield path
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def put(tree, path, text):
    """Write a text at a place of a tree."""
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = text


@pytest.mark.parametrize("file", ["indicators.yaml", "codebook.yaml", "insights.yaml", "countries/col.yaml"])
def test_code_in_place_of_a_text_is_never_run(copy, monkeypatch, file):
    """Each kind of code at a place of a file that holds a text: read as a text, or refused; nothing happens."""
    for other in (copy.root / "config/countries").glob("*.yaml"):
        if other.stem != "col":
            other.unlink()
    monkeypatch.chdir(copy.root)
    path = copy.root / "config" / file
    original = path.read_text(encoding="utf-8")
    everywhere = list(places(yaml.safe_load(original)))
    for number, text in enumerate(TEXTS):
        tree = yaml.safe_load(original)
        put(tree, everywhere[number * len(everywhere) // len(TEXTS)], text)
        path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        with contextlib.suppress(config.ConfigurationError):
            copy.load()
        assert not (copy.root / "owned").exists()


@pytest.mark.parametrize("text", [CODE, "told == 1 and " + CODE, "lambda: 1", "I(" + CODE + ")"])
def test_a_condition_is_one_of_the_known_operations(copy, text):
    path = copy.root / "config/indicators.yaml"
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    entry = next(entry for entry in tree["indicators"].values() if "yes_if" in entry)
    entry["yes_if"] = text
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    report = copy.problems()
    assert "indicators.yaml" in report
    assert "which is not an entry" in report
    assert "Traceback" not in report


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['touch owned']", "!!python/name:os.system", "!include /etc/hosts"],
)
def test_tags_are_refused(copy, monkeypatch, tag):
    monkeypatch.chdir(copy.root)
    copy.edit("countries/ken.yaml", "name: Kenya", f"name: {tag}")
    assert "tags are not allowed here" in copy.problems()
    assert not (copy.root / "owned").exists()
