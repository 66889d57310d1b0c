"""Bad inputs end in one clear report, quickly, and leave results/ alone; odd but good ones are read."""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from pathlib import Path

import pytest
import yaml

from disrupting_harm import config
from disrupting_harm.running import plan

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("bad_inputs", Path(__file__).with_name("bad_inputs.py"))
bad_inputs = sys.modules[_spec.name] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bad_inputs)

SECONDS = 5
"""More than any bad file may take."""


@pytest.mark.parametrize("bad", bad_inputs.BAD_INPUTS, ids=lambda bad: bad.name)
def test_bad_inputs_are_told_in_one_clear_report(copy, root, bad):
    (copy.root / "results").mkdir()
    (copy.root / "results/before.csv").write_text("as it was")
    (copy.root / "notebooks").symlink_to(root / "notebooks")
    before = sorted(path.name for path in copy.root.rglob("*"))
    bad.act(copy)
    started = time.process_time()
    with pytest.raises((config.ConfigurationError, plan.StopError)) as caught:
        bad.ask(copy.root)
    assert time.process_time() - started < SECONDS
    report = str(caught.value)
    for words in bad.words:
        assert words in report, report
    assert len(report) < 4000
    assert "Traceback" not in report
    if bad.ask is bad_inputs.load and bad.problems:
        assert len(caught.value.problems) == bad.problems, report
    after = sorted(path.name for path in (copy.root / "results").rglob("*"))
    assert after == ["before.csv"]
    assert "owned" not in {path.name for path in copy.root.rglob("*")} - set(before)
    assert not Path("owned").exists()


def test_the_list_can_become_a_page():
    names = [bad.name for bad in bad_inputs.BAD_INPUTS]
    assert len(names) == len(set(names)) >= 40
    assert all(bad.done and bad.words for bad in bad_inputs.BAD_INPUTS)


GOOD = {
    "Windows line ends": (lambda text: text.replace("\n", "\r\n"), "Kenya"),
    "line ends of old Macs": (lambda text: text.replace("\n", "\r"), "Kenya"),
    "byte order mark": (lambda text: "\ufeff" + text, "Kenya"),
    "Arabic": (lambda text: text.replace("Kenya", "كينيا"), "كينيا"),
    "Khmer": (lambda text: text.replace("Kenya", "ប្រទេសកេនយ៉ា"), "ប្រទេសកេនយ៉ា"),
    "Devanagari, with a joiner": (lambda text: text.replace("Kenya", "केन्\u200dया"), "केन्\u200dया"),
    "an accent": (lambda text: text.replace("Kenya", "Kényà"), "Kényà"),
    "blanks and an apostrophe": (
        lambda text: text.replace("Kenya", '"  Côte d\'Ivoire "'),
        "  Côte d'Ivoire ",
    ),
    "a date as a name": (lambda text: text.replace("Kenya", "2024-01-01"), "2024-01-01"),
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_files_are_read(copy, name):
    change, expected = GOOD[name]
    path = copy.root / "config" / bad_inputs.KEN
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())
    project = copy.load()
    assert project.countries["ken"].name == expected
    assert config.select(project, expected) == ["ken"]


def test_countries_with_names_in_other_scripts_are_not_taken_for_each_other(copy):
    copy.edit("countries/ken.yaml", "Kenya", "كينيا").edit("countries/khm.yaml", "Cambodia", "កម្ពុជា")
    project = copy.load()
    assert config.select(project, "កម្ពុជា") == ["khm"]
    assert config.select(project, ["كينيا", "uganda"]) == ["ken", "uga"]
    with pytest.raises(config.SelectionError):
        config.select(project, "")


def test_codes_with_leading_zeros_stay_as_they_are_in_quotes(copy):
    copy.add("countries/ken.yaml", 'variables: {sex: {values: {"01": boy, "08": girl, 9: girl}}}\n')
    values = copy.load().countries["ken"].children.variables["sex"].values
    assert values == {"01": "boy", "08": "girl", "9": "girl"}


def test_a_folder_of_data_kept_elsewhere_is_reached_by_one_link(copy, tmp_path_factory):
    vault = tmp_path_factory.mktemp("vault")
    (vault / "raw").mkdir()
    (vault / "raw/bra.sav").write_bytes(b"")
    (copy.root / "data").symlink_to(vault)
    bad_inputs.microdata("data/raw/bra.sav")(copy)
    assert copy.load().countries["bra"].data == "delivered"


# Whatever a value is replaced by, the report says so in words

ANYTHING = [None, 5, -1.5, True, "text", "", "{form}", "{x}", [], ["a"], [1, [2]], {}, {"a": 1}, {"a": {"b": [None]}},
            10**30, "x" * 5000, "漢字"]  # fmt: skip


def places(tree, path=()):
    """Paths to everything in a tree."""
    if path:
        yield path
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def spoilt(tree, path, value):
    """The tree with another value, or another name, at a place."""
    if not path:
        return value
    copied = dict(tree) if isinstance(tree, dict) else list(tree)
    copied[path[0]] = spoilt(copied[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize(
    "file",
    ["codebook.yaml", "config.yaml", "indicators.yaml", "insights.yaml", bad_inputs.KEN, bad_inputs.ONE],
)
def test_any_value_in_place_of_another_is_read_or_told(copy, file):
    for path in (copy.root / "config/countries").glob("*.yaml"):
        if path.stem not in ("ken", "col"):
            path.unlink()
    path = copy.root / "config" / file
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    draw = random.Random(file)
    everywhere = list(places(tree))
    for _ in range(12):
        keys, value = draw.choice(everywhere), draw.choice(ANYTHING)
        path.write_text(yaml.safe_dump(spoilt(tree, keys, value), allow_unicode=True), encoding="utf-8")
        try:
            copy.load()
        except config.ConfigurationError as error:
            unclear = [problem for problem in error.problems if not (problem.file and problem.what)]
        else:
            unclear = []
        assert not unclear
