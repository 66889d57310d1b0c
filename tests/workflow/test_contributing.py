"""CONTRIBUTING.md, followed as it stands: a country, a question, an indicator and an insight are added to a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from disrupting_harm import config

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
BELOW = re.compile(r"[Ii]n `(config/[\w/.]+)`,\s+below\s+the\s+line\s+`(\w+):`")
AT_END = re.compile(r"At the end of `(config/[\w/.]+)`")
SECTIONS = ("Add a country", "Add a question", "Add an indicator", "Add an insight")


@dataclass
class Step:
    """A block of code, and the words that lead to it."""

    words: str
    language: str
    code: str


def steps(section):
    """The blocks of a section, in order."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    body = text.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    ends = [0, *(match.end() for match in BLOCK.finditer(body))]
    return [
        Step(body[end : match.start()], match[2], textwrap.dedent(match[3]))
        for end, match in zip(ends, BLOCK.finditer(body), strict=False)
    ]


class Follower:
    """Somebody who does in a copy of the project what a section says; `output` is what the commands printed."""

    def __init__(self, root):
        self.root, self.output = root, ""

    def follow(self, section, instead=None):
        """Do every step; `instead` gives other words for some of a command's."""
        for step in steps(section):
            {"sh": self.call, "yaml": self.write, "python": self.show}[step.language](step, instead or {})

    def call(self, step, instead):
        """Call the commands of a block."""
        code = step.code
        for word, other in instead.items():
            code = code.replace(word, other)
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src")}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", code],
            cwd=self.root, env={name: value for name, value in environment.items() if "PYTEST" not in name},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        self.output += done.stdout + done.stderr

    def write(self, step, _):
        """Put settings where the step says."""
        if end := AT_END.search(step.words):
            path = self.root / end[1]
            path.write_text(path.read_text(encoding="utf-8") + step.code, encoding="utf-8")
            return
        file, key = BELOW.findall(step.words)[-1]
        text = (self.root / file).read_text(encoding="utf-8")
        assert text.count(f"\n{key}:\n") == 1, (file, key)
        changed = text.replace(f"\n{key}:\n", f"\n{key}:\n{textwrap.indent(step.code, '  ')}")
        (self.root / file).write_text(changed, encoding="utf-8")

    def show(self, step, _):
        """Add the question and its call to a notebook, before the cell that the step names."""
        path = self.root / re.search(r"`(notebooks/\w+\.ipynb)`", step.words)[1]
        heading = re.search(r"`(## [^`]+)`", step.words)[1]
        before = re.search(r'before "([^"]+)"', step.words)[1]
        notebook = nbformat.read(path, 4)
        position = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith(f"## {before}"))
        new = nbformat.v4
        cells = new.new_markdown_cell(heading), new.new_code_cell(step.code.strip())
        for number, cell in enumerate(cells):
            cell["id"] = f"added-{number}"
        notebook.cells[position:position] = cells
        nbformat.write(notebook, path)


SCALES = (
    "anxiety_four_items",
    "low_mood",
    "life_satisfaction_six_items",
    "life_satisfaction_five_items",
    "life_ladder",
)


def edit_notebook(path):
    """What a person does in Jupyter: the new indicator for one, and no questions about the others."""
    notebook = nbformat.read(path, 4)
    kept, others = (
        [],
        ("self_harm", "suicidal_thoughts_or_acts", "suicidal_thoughts", "anxiety", "scales", *SCALES),
    )
    for cell in notebook.cells:
        cell.source = cell.source.replace("self_harm_or_suicidal_thoughts", "often_online_at_night")
        if cell.cell_type == "code" and any(f'"{name}"' in cell.source for name in others):
            kept.pop()  # its heading
        else:
            kept.append(cell)
    notebook.cells = kept
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def follower(copy_project):
    root = copy_project("contributing").root
    ignored = shutil.ignore_patterns("__pycache__", "oracle")
    shutil.copytree(ROOT / "tests", root / "tests", ignore=ignored)
    shutil.copy2(ROOT / "pyproject.toml", root)
    return Follower(root)


@pytest.fixture(scope="module")
def country(follower):
    """After the steps for a country; the run itself is only planned, as the new country has the pages of any other."""
    follower.follow("Add a country", {"snakemake --config country=gha": "snakemake -n --config country=gha"})
    return follower


@pytest.fixture(scope="module")
def everything(country):
    """After the steps for a question, an indicator and an insight."""
    for section in SECTIONS[1:3]:
        country.follow(section)
    *settings, copies, check = steps(SECTIONS[3])
    for step in settings:
        country.write(step, None)
    country.call(copies, {})
    edit_notebook(country.root / "notebooks/comparison/night.ipynb")
    edit_notebook(country.root / "notebooks/night.ipynb")
    country.call(check, {})
    return country


def test_a_country_is_written_checked_and_planned(country):
    project = config.load(country.root)
    assert project.countries["gha"].name == "Ghana"
    assert project.countries["gha"].data == "synthetic"
    assert "Looks like a file of children" in country.output
    assert "Ghana (gha), SYNTHETIC DATA: " in country.output
    assert "1 country checked: 1 warning." in country.output
    for insight in project.insights:
        assert f"gha: {insight}\n" in country.output


def test_a_question_becomes_an_indicator_on_a_page(everything):
    table = pd.read_csv(everything.root / "results/bra/wellbeing.csv")
    rows = table[table["indicator"] == "often_online_at_night"]
    assert set(rows["by"]) == {"all", "sex", "age_group"}
    share = rows.loc[rows["by"] == "all", "estimate"].item()
    # "often" is one of two answers that 3 per cent of about 1,000 children give: four standard errors are 0.016
    assert share == pytest.approx(0.03 / 2, abs=0.016)
    page = (everything.root / "results/bra/wellbeing.html").read_text(encoding="utf-8")
    assert "How many children are often online at night?" in page


def test_an_insight_has_its_page_and_comparison(everything):
    for file in ("bra/night", "comparison/night"):
        table = pd.read_csv(everything.root / f"results/{file}.csv")
        assert set(table["indicator"]) == {"often_online_at_night"}
        assert (table["status"] == "shown").any()
        assert (everything.root / f"results/{file}.html").is_file()
    assert re.search(r"\d+ passed", everything.output)
    assert "failed" not in everything.output


def test_countries_that_did_not_ask_say_so(everything, drawn):
    """What the indicator becomes in a country of the other phase."""
    from disrupting_harm.answers.indicators import Evaluator, NotAskedError

    project = config.load(everything.root)
    children = drawn("ken")[0]
    with pytest.raises(NotAskedError):
        Evaluator(children, project.registry, project.codebook).values(
            project.registry.indicators["often_online_at_night"]
        )
