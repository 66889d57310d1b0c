"""No product tells more digits than are published; and the words about it are those of the configuration."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from disrupting_harm.estimation import tidy_table
from disrupting_harm.publishing.site import methods
from disrupting_harm.publishing.workbook import write_workbook

pytestmark = pytest.mark.slow


def beside(name):
    """A module beside this test."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


digits, small_site = beside("digits"), beside("small_site")
PAGE, TABLE, COPY = "bra/prevalence.html", "bra/prevalence.csv", "bra/prevalence.ipynb"


@pytest.fixture(scope="module")
def original(project, tmp_path_factory):
    folder = small_site.results(project, tmp_path_factory.mktemp("digits"), ["bra"])
    (folder / COPY).write_text(json.dumps(small_site.executed()))
    return folder


@pytest.fixture
def results(original, tmp_path):
    return Path(shutil.copytree(original, tmp_path / "results"))


def test_no_product_has_a_digit_too_many(original):
    wide = [
        message for message in digits.wrong(original) if "0.123456" not in message
    ]  # a table of no survey, for its width
    assert wide == []
    assert {path.suffix for path in original.rglob("*.*")} >= {
        ".csv",
        ".xlsx",
        ".html",
        ".json",
        ".js",
        ".ipynb",
    }


def in_table(old, new):
    def spoil(results):
        text = (results / TABLE).read_text()
        assert old in text
        (results / TABLE).write_text(text.replace(old, new, 1))

    return spoil


def in_text(file, words):
    return lambda results: (results / file).write_text((results / file).read_text() + words)


def in_notebook(kind, words):
    def spoil(results):
        notebook = json.loads((results / COPY).read_text())
        notebook["cells"][3]["outputs"][0]["data"][kind] = words
        (results / COPY).write_text(json.dumps(notebook))

    return spoil


def in_workbook(results):
    rows = tidy_table.read(results / TABLE).assign(estimate=0.21734)
    write_workbook({"prevalence": rows}, {}, results / "estimates.xlsx")


def in_full(results):
    rows = pd.read_csv(results / TABLE)
    rows.assign(deff=1.5).to_csv(results / TABLE, index=False)


SPOILT = {
    "an estimate": (in_table("0.217", "0.2171"), f"{TABLE}: line 2: estimate 0.2171"),
    "a base": (in_table("1015", "1014"), f"{TABLE}: line 2: n 1014.0"),
    "a standard error": (in_table("0.01,", "0.0123,"), f"{TABLE}: line 2: se 0.0123"),
    "a column": (in_full, f"{TABLE}: columns ['deff']"),
    "a page": (in_text(PAGE, "<p>Girls 12.34%</p>"), f"{PAGE}: per cent 2.34%"),
    "a page's base": (in_text(PAGE, "<p>of 1,014 children</p>"), f"{PAGE}: base of 1,014 children"),
    "a page's table": (
        in_text(PAGE, "<table><tr><th>Base (n)</th></tr><tr><td>1,014</td></tr></table>"),
        f"{PAGE}: Base (n): 1,014",
    ),
    "a notebook's output": (in_notebook("text/html", "Girls 12.34%"), f"{COPY}: per cent 2.34%"),
    "an alternative text": (in_notebook("text/plain", "Girls 12.34%"), f"{COPY}: per cent 2.34%"),
    "a figure": (in_notebook("image/svg+xml", "<text>12.34%</text>"), f"{COPY}: per cent 2.34%"),
    "the search": (in_text("assets/search.js", "12.34%"), "assets/search.js: per cent 2.34%"),
    "the crate": (in_text("ro-crate-metadata.json", "12.34%"), "ro-crate-metadata.json: per cent 2.34%"),
    "the workbook": (in_workbook, "estimates.xlsx: sheet prevalence, line 2: estimate 0.21734"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_digit_too_many_is_found_in(results, name):
    spoil, expected = SPOILT[name]
    spoil(results)
    assert expected in list(digits.wrong(results))


def test_what_is_written_about_rounding_is_what_is_set(root, project):
    """Both pages name the numbers of config/config.yaml, in this order."""
    rules = project.analysis.suppression
    fine, coarse = rules.rounding, rules.coarse_rounding
    text = (root / "docs/data-protection.md").read_text()
    part = text.partition("## What is published is rounded")[2].partition("\n## ")[0]
    rows = {
        cells[1].strip(): cells[2:4]
        for cells in (line.split("|") for line in part.splitlines())
        if len(cells) > 4
    }
    (shares,) = (cells for name, cells in rows.items() if name.startswith("shares"))
    (bases,) = (cells for name, cells in rows.items() if name.startswith("bases"))
    numbers = [re.findall(r"[\d.]+", cell)[0] for cell in (*shares, *bases)]
    assert numbers == [f"{fine.points:g}", f"{coarse.points:g}", f"{fine.base}", f"{coarse.base}"]
    countries = round(coarse.points / fine.points)
    assert f"fewer than {countries} countries" in " ".join(part.split())
    section = methods.markdown(project).partition("## What is rounded")[2]
    assert f"multiples of {fine.points:g} percentage points, bases multiples of {fine.base}" in section
    assert f"multiples of {coarse.points:g} percentage points and of {coarse.base}" in section
