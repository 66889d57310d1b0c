"""No job leaves a core dump, however it is started: each is really aborted, where core dumps of any size are allowed.

The kernel's core_pattern is as it is on the machine. Where it names a file in the working directory, a process that is
none of ours shows that a core would be found there; elsewhere the limits alone are looked at.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from disrupting_harm.running import core_dumps
from disrupting_harm.running.warm import client
from disrupting_harm.running.warm.start import start, stop

from .conftest import ROOT

resource = pytest.importorskip("resource")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="limits and cores as Linux has them"),
    pytest.mark.skipif(
        resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY,
        reason="the administrator does not allow core dumps here",
    ),
]

PATTERN = Path("/proc/sys/kernel/core_pattern")
LOOK = """
import ctypes, os, pathlib, resource
limit, _ = resource.getrlimit(resource.RLIMIT_CORE)
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
pathlib.Path("seen.txt").write_text(f"{limit} {dumpable}")
os.abort()
"""
"""Writes the limit and whether the kernel may dump the process (PR_GET_DUMPABLE), and aborts."""

UNLIMITED = str(resource.RLIM_INFINITY)
SAFE, LIMITED = f"{core_dumps.LIMIT} 0", f"{core_dumps.LIMIT} 1"
"""What is seen in a process of ours; and in another program that it has started, which inherits the limit alone."""

COMMAND = f"""
from disrupting_harm import cli

@cli.app.command()
def crash() -> None:
    exec({LOOK!r})

cli.main()
"""
NOTEBOOK = """
from pathlib import Path
from disrupting_harm.running import notebooks
notebooks.run(Path("notebooks/question.ipynb"), Path("failed/question.ipynb"), {"table": "t"}, Path("copy.ipynb"))
"""
WORK = f"""
def crash():
    exec({LOOK!r})

def notebook():
    exec({NOTEBOOK!r})
"""
CALL = "import sys; from disrupting_harm.running.warm import client; sys.exit(client.run(sys.argv[1], []))"


@pytest.fixture
def unlimited():
    """Core dumps of any size are allowed to this process and to what it starts."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.fixture
def folder(tmp_path, monkeypatch, unlimited):
    """The working directory of what is aborted, where its core would be; with a notebook that aborts in a cell."""
    (tmp_path / "work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}{os.pathsep}{tmp_path}")
    monkeypatch.delenv(client.PLACE, raising=False)
    parameters = new_code_cell('table = "t"', id="parameters", metadata={"tags": ["parameters"]})
    (tmp_path / "notebooks").mkdir()
    notebook = new_notebook(cells=[parameters, new_code_cell(LOOK, id="only")])
    nbformat.write(notebook, tmp_path / "notebooks/question.ipynb")
    return tmp_path


def aborted(folder: Path, *command: str) -> int:
    """Run Python in the folder until it is aborted; its exit status."""
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, check=False).returncode


def seen(folder: Path) -> str:
    return (folder / "seen.txt").read_text()


def cores(folder: Path) -> list[Path]:
    """Core files below a folder, whatever they are called: ELF files of the type ET_CORE."""
    heads = {path: path.open("rb").read(18) for path in folder.rglob("*") if path.is_file()}
    return [path for path, head in heads.items() if head[:4] == b"\x7fELF" and 4 in head[16:18]]


def test_a_process_of_another_project_leaves_a_core_here(folder):
    """Else the tests below would show nothing."""
    assert aborted(folder, "-c", LOOK) == -signal.SIGABRT
    assert seen(folder) == f"{UNLIMITED} 1"
    if PATTERN.read_text()[0] in "|@/":
        pytest.skip("cores are not written to the working directory on this machine")
    assert len(cores(folder)) == 1


@pytest.mark.parametrize(
    "code",
    [COMMAND, NOTEBOOK, f"from disrupting_harm import Insight\n{LOOK}"],
    ids=["a command", "a cell of a notebook", "a notebook that a person runs"],
)
def test_nothing_that_starts_cold_leaves_a_core(folder, code):
    assert aborted(folder, "-c", code, "crash") == -signal.SIGABRT
    assert seen(folder) == SAFE
    assert cores(folder) == []


@pytest.mark.parametrize("entry", ["work:crash", "work:notebook"])
def test_nothing_that_is_forked_leaves_a_core(folder, entry):
    """From the first moment, before the command itself has done anything."""
    process = start()
    try:
        assert aborted(folder, "-c", CALL, entry) == 128 + signal.SIGABRT
    finally:
        stop(process)
    assert seen(folder) == SAFE
    assert cores(folder) == []


def test_a_program_that_a_cell_starts_leaves_no_core(folder):
    code = f"import subprocess, sys\nassert subprocess.run([sys.executable, '-c', {LOOK!r}]).returncode == -6"
    path = folder / "notebooks/question.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = code
    nbformat.write(notebook, path)
    assert aborted(folder, "-c", NOTEBOOK) == 0
    assert seen(folder) == LIMITED
    assert cores(folder) == []


def test_no_job_of_a_run_leaves_a_core(copy_project):
    """Whatever a rule calls inherits the limit from Snakemake, to which every size was allowed."""
    project = copy_project("aborted")
    (project.root / "src/disrupting_harm/__main__.py").write_text(LOOK)
    project.within = ("sh", "-c", 'ulimit -S -c unlimited && exec "$@"', "sh")
    run = project.snakemake("--cores", "1", country="bra")
    assert run.code == 1, run.out
    assert seen(project.root) == LIMITED
    assert cores(project.root) == []


def test_a_limit_that_cannot_be_raised_stays(folder):
    """An administrator's 0: then the kernel is asked not to dump at all."""
    code = "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    assert aborted(folder, "-c", code + COMMAND, "crash") == -signal.SIGABRT
    assert seen(folder) == "0 0"


def test_systems_without_limits_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)
    core_dumps.switch_off()
