"""A copy of the project to run the workflow in, and Snakemake in words."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PARTS = (
    "Snakefile",
    "SECURITY.md",
    "environment.yml",
    "config",
    "docs",
    "notebooks",
    "profiles",
    "requirements.lock",
    "resources",
    "src",
    "workflow",
)


INSIGHT = "wellbeing"
"""The one insight of a small project."""


@dataclass
class Run:
    """What one call of Snakemake said."""

    code: int
    out: str
    jobs: list[str] = field(default_factory=list)

    def __post_init__(self):
        announced = re.findall(r"^Job \d+: (.+)$", self.out, re.MULTILINE)
        self.jobs = sorted(job for job in announced if job != "everything is there")


@dataclass
class Project:
    """A copy of the project. environment: more variables than those of the tests; within: what runs Snakemake."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()

    def snakemake(self, *words: str, country: str | None = None) -> Run:
        """Call Snakemake in the copy; each job is told by its message."""
        process = self.start(*words, country=country)
        out, _ = process.communicate()
        return Run(process.returncode, out)

    def start(self, *words: str, country: str | None = None, alone: bool = False) -> subprocess.Popen:
        """Start Snakemake in the copy; alone: in a process group of its own."""
        # Without the Python path of the tests: the workflow has to find the library of its own checkout.
        # Compiled modules are kept, as under `make`.
        foreign = ("PYTEST", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        chosen = ["--config", f"country={country}"] if country else []
        return subprocess.Popen(
            [*self.within, sys.executable, "-m", "snakemake", *words, "--quiet", "host", "reason", *chosen],
            cwd=self.root,
            env=environment | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=alone,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a file of the copy, once."""
        path = self.root / file
        text = path.read_text()
        assert text.count(old) >= 1, (file, old)
        path.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="session")
def copy_project(tmp_path_factory):
    """Make a copy of the project, without data, results or logs."""

    def copy(name: str, original: Path = ROOT) -> Project:
        """Of the project, or of another copy."""
        root = tmp_path_factory.mktemp(name)
        for part in PARTS:
            source = original / part
            if source.is_dir():
                shutil.copytree(
                    source, root / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
                )
            else:
                shutil.copy2(source, root / part)
        return Project(root)

    return copy


@pytest.fixture(scope="session")
def copy_small_project(copy_project):
    """Make a copy of the project with one insight, whose notebooks are short: a country has a job of every kind."""

    def copy(name: str) -> Project:
        project = copy_project(name)
        insights = project.root / "config/insights.yaml"
        entries = yaml.safe_load(insights.read_text())
        insights.write_text(yaml.safe_dump({INSIGHT: entries[INSIGHT]}))
        for path in (project.root / "notebooks").rglob("*.ipynb"):
            shorten(path) if path.stem == INSIGHT else path.unlink()
        leave_out_indicators(project.root / "config/indicators.yaml", insights.read_text())
        return project

    return copy


def leave_out_indicators(path: Path, kept: str) -> None:
    """Leave of the registry the groups and indicators that `said` or a breakdown names, and what these need."""
    registry = yaml.safe_load(path.read_text())
    kept += yaml.safe_dump(registry["breakdowns"]) + "tfcsea_any"
    kinds = ("groups", "indicators")
    named: set[str] = set()
    while more := {
        name: kind
        for kind in kinds
        for name in registry[kind]
        if name not in named and name.partition("{")[0] in kept
    }:
        named |= set(more)
        kept += "".join(yaml.safe_dump(registry[kind][name]) for name, kind in more.items())
    for kind in kinds:
        registry[kind] = {name: entry for name, entry in registry[kind].items() if name in named}
    path.write_text(yaml.safe_dump(registry, sort_keys=False))


ANOTHER_DAY = """
import datetime, time_machine
time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=400, hours=7), tick=True).start()
"""
"""A sitecustomize for every Python of a run: time goes on from a day of next year."""

ANOTHER_USER = {
    "USER": "u4711",
    "LOGNAME": "u4711",
    "LANG": "C",
    "LC_ALL": "C",
    "TZ": "Asia/Kathmandu",
    "PYTHONHASHSEED": "4711",
    "COLUMNS": "40",
    "SOURCE_DATE_EPOCH": "1",
}
ANOTHER_MASK = ("sh", "-c", 'umask 077 && exec "$@"', "sh")


def shorten(path: Path) -> None:
    """Leave of a notebook its parameters, its opening, one question and its last cell."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    question = next(cell for cell in code if re.search(r"\.(estimate|headline)\(", cell.source))
    notebook.cells = [notebook.cells[0], *code[:2], question, code[-1]]
    nbformat.write(notebook, path)
