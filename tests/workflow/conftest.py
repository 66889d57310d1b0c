"""A copy of the project to run the workflow in, and Snakemake in words."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

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


@dataclass
class Run:
    """What one call of Snakemake said."""

    code: int
    out: str
    jobs: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.jobs = sorted(re.findall(r"^Job \d+: (.+)$", self.out, re.MULTILINE))


@dataclass
class Project:
    """A copy of the project. environment: more variables than those of the tests; within: what runs Snakemake."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()

    def snakemake(self, *words: str, country: str | None = None) -> Run:
        """Call Snakemake in the copy; each job is told by its message."""
        # Without the Python path of the tests: the workflow has to find the library of its own checkout.
        # Compiled modules are kept, as under `make`.
        foreign = ("PYTEST", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        chosen = ["--config", f"country={country}"] if country else []
        run = subprocess.run(
            [*self.within, sys.executable, "-m", "snakemake", *words, "--quiet", "host", "reason", *chosen],
            cwd=self.root,
            env=environment | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(run.returncode, run.stdout + run.stderr)

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
