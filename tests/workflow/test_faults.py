"""What strikes a run in its middle: nothing half-written is left, and the runs after it end with the same bytes.

A fault strikes at a chosen moment, the same each time: when a product is opened to be written, or when it is about to
be moved to its place. Each run but the first goes on where the one before it was struck, and is struck again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import ANOTHER_DAY, ANOTHER_MASK, ANOTHER_USER, INSIGHT, Project, Run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found and limited as Linux does"),
]

COUNTRY = "bra"
RESULTS = f"results/{COUNTRY}/{INSIGHT}"
COMPARISON = f"results/comparison/{INSIGHT}"
CHILDREN = f"data/harmonised/{COUNTRY}/children.parquet"
MADE = ("results", "data/harmonised", "data/estimates")

STRIKE = """
import fnmatch, json, os, resource, signal, sys, time
from pathlib import Path

FAULT = Path({fault!r})

def kill(fault):
    os.kill(os.getpid(), signal.SIGKILL)

def kill_warm(fault):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)

def kill_snakemake(fault):
    os.kill(fault["snakemake"], signal.SIGKILL)
    time.sleep(30)

def interrupt(fault):
    os.killpg(fault["snakemake"], signal.SIGINT)
    time.sleep(30)

def terminate(fault):
    os.kill(fault["snakemake"], signal.SIGTERM)

def fill(fault):
    Path(fault["path"]).symlink_to("/dev/full")

def limit(fault):
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

def exhaust(fault):
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**27,) * 2)
    bytearray(2**30)

def wait(fault):
    Path(fault["waiting"]).touch()
    while Path(fault["waiting"]).exists():
        time.sleep(0.05)

def strike(event, told):
    if event not in ("open", "os.rename") or not FAULT.exists():
        return
    path = str(told[0] if event == "open" else told[1])
    if path == str(FAULT):
        return
    fault = json.loads(FAULT.read_text())
    if event != fault["event"] or os.getpid() == fault["snakemake"] or not fnmatch.fnmatch(path, fault["file"]):
        return
    FAULT.unlink()
    globals()[fault["do"]](fault | {{"path": path}})

sys.addaudithook(strike)
"""
"""A sitecustomize for every Python of a run."""


@dataclass(frozen=True)
class Fault:
    """What strikes when `file` is opened to be written, or (`moved`) is about to be moved to its place."""

    do: str
    file: str
    moved: bool = False
    says: tuple[str, ...] = ()

    def text(self, snakemake: int, waiting: str) -> str:
        """What the processes of the run are told."""
        folder, _, name = self.file.rpartition("/")
        file = f"*{folder}/{name}" if self.moved else f"*{folder}/.{name}.*.unfinished"
        event = "os.rename" if self.moved else "open"
        return json.dumps(
            asdict(self) | {"file": file, "event": event, "snakemake": snakemake, "waiting": waiting}
        )


class Struck:
    """A small project, and runs of it that are struck."""

    def __init__(self, project: Project) -> None:
        self.root, self.project = project.root, project
        guard = project.root / "guard"
        guard.mkdir()
        self.fault, self.waiting = guard / "fault.json", guard / "waiting"
        (guard / "sitecustomize.py").write_text(STRIKE.format(fault=str(self.fault)))
        project.environment = {"PYTHONPATH": str(guard)}
        run = self.run()
        assert run.code == 0, run.out
        self.undisturbed = self.bytes()

    def run(self, fault: Fault | None = None) -> Run:
        """A run to its end, whatever that is; a lock that a killed one has left is removed as Snakemake says."""
        run = self.end(self.begin(fault))
        if "--unlock" not in run.out:
            return run
        self.fault.unlink(missing_ok=True)
        assert "If you are sure that no other instances of snakemake are running" in run.out
        unlocked = self.project.snakemake("--unlock")
        assert unlocked.code == 0, unlocked.out
        return self.end(self.begin(fault))

    def begin(self, fault: Fault | None = None) -> subprocess.Popen:
        """Start a run that will be struck."""
        process = self.project.start(country=COUNTRY, alone=True)
        if fault:
            self.fault.write_text(fault.text(process.pid, str(self.waiting)))
        return process

    def end(self, process: subprocess.Popen) -> Run:
        """Wait for a run's end."""
        out, _ = process.communicate()
        return Run(process.returncode, out)

    def bytes(self) -> dict[str, str]:
        """SHA-256 of everything that is made, by file."""
        return digests(self.root)

    def check_whole(self) -> None:
        """What is there is as it shall be, but for what says of itself that it is unfinished."""
        there = self.bytes()
        finished = {file for file in there if not file.endswith(".unfinished")}
        assert {file: there[file] for file in finished} == {
            file: self.undisturbed.get(file) for file in finished
        }

    def check_undisturbed(self) -> None:
        """A run without a fault ends with the bytes of an undisturbed one."""
        run = self.run()
        assert run.code == 0, run.out
        assert self.bytes() == self.undisturbed

    def clean(self) -> None:
        """Remove everything that is made, and what is kept of it."""
        for folder in (*MADE, "data/cache"):
            shutil.rmtree(self.root / folder, ignore_errors=True)


def digests(root: Path) -> dict[str, str]:
    """SHA-256 of everything that is made, by file."""
    files = [path for folder in MADE for path in (root / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def small(copy_small_project):
    return Struck(copy_small_project("faults"))


@pytest.fixture
def struck(small):
    """After a run that nothing has struck."""
    small.fault.unlink(missing_ok=True)
    if small.bytes() != small.undisturbed:
        small.check_undisturbed()
    return small


FULL = "No space left on device"
FAULTS = (
    Fault("kill_snakemake", CHILDREN, moved=True),
    Fault("kill", CHILDREN, moved=True, says=(f"harmonise {COUNTRY} was ended by signal 9 (Killed)",)),
    Fault("limit", CHILDREN, moved=True, says=("OSError (File too large). The message may contain an answer",)),
    Fault("exhaust", CHILDREN, moved=True, says=("MemoryError. The message may contain an answer",)),
    Fault("kill", f"{RESULTS}.csv", says=(f"insight {COUNTRY} {INSIGHT} was ended by signal 9",)),
    Fault("fill", f"{RESULTS}.csv", says=(f"{COUNTRY}, {INSIGHT}: cell 'write' failed.", FULL)),
    Fault("exhaust", f"{RESULTS}.csv", says=(f"{COUNTRY}, {INSIGHT}: cell 'write' failed.", "MemoryError")),
    Fault("kill_snakemake", f"{RESULTS}.html"),
    Fault("terminate", f"{COMPARISON}.csv"),
    Fault("fill", "results/estimates.xlsx", says=(FULL, f"data/failed/workbook-{COUNTRY}.txt")),
    Fault("kill_warm", "results/provenance.json", says=("The warm process ended before this command did.",)),
    Fault("interrupt", "results/index.html", moved=True),
    Fault("kill", "results/methods.html", says=(f"site {COUNTRY} was ended by signal 9 (Killed)",)),
    Fault("kill_snakemake", "results/provenance.json"),
)  # fmt: skip
"""Faults, one a run, from harmonise to the site. Each run first makes what the one before it lacked."""


def test_runs_that_are_struck_leave_nothing_half_written(small):
    small.clean()
    for fault in FAULTS:
        run = small.run(fault)
        assert not small.fault.exists(), f"{fault} did not strike: {run.out}"
        assert run.code != 0, run.out
        for words in fault.says:
            assert words in run.out, run.out
        small.check_whole()
        assert "results/index.html" not in small.bytes()
    small.check_undisturbed()


def test_another_day_folder_user_and_number_of_cores_give_the_same_bytes(small, copy_small_project):
    """And another language, time zone, umask, order of sets; everything starts cold."""
    project = copy_small_project("in another folder, with blanks")
    guard = project.root / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(ANOTHER_DAY)
    elsewhere = {"HOME": str(project.root), "PYTHONPATH": str(guard), "DISRUPTING_HARM_WARM": "off"}
    project.environment = ANOTHER_USER | elsewhere
    project.within = ANOTHER_MASK
    run = project.snakemake("--cores", "1", country=COUNTRY)
    assert run.code == 0, run.out
    assert str((datetime.now(UTC) + timedelta(days=400)).year) in run.out
    assert digests(project.root) == small.undisturbed


def test_a_second_run_at_the_same_time_is_refused(struck):
    (struck.root / f"{RESULTS}.csv").unlink()
    first = struck.begin(Fault("wait", f"{RESULTS}.csv"))
    deadline = time.monotonic() + 300
    while not struck.waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    second = struck.project.snakemake(country=COUNTRY)
    struck.waiting.unlink()
    assert second.code == 1
    assert "cannot be locked. Please make sure that no other Snakemake process" in second.out
    run = struck.end(first)
    assert run.code == 0, run.out
    assert struck.bytes() == struck.undisturbed


def test_a_deleted_page_is_made_again_and_what_a_killed_writer_left_goes(struck):
    (struck.root / f"{RESULTS}.html").unlink()
    assert struck.bytes() != struck.undisturbed
    folder, name = RESULTS.rsplit("/", 1)
    (struck.root / folder / f".{name}.csv.4711.unfinished").write_text("count")
    struck.check_undisturbed()


def test_a_folder_in_the_place_of_a_table_is_named(struck):
    table = struck.root / f"{RESULTS}.csv"
    table.unlink()
    table.mkdir()
    run = struck.run()
    assert run.code == 1
    assert f"{RESULTS}.csv" in run.out
    table.rmdir()
    struck.check_undisturbed()


def test_a_change_is_seen_beside_results_that_a_wrong_clock_has_dated_in_the_future(struck):
    tomorrow = time.time() + 86_400
    for path in (struck.root / "results").rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    struck.project.edit(f"notebooks/{INSIGHT}.ipynb", "?", " then?")
    planned = struck.project.snakemake("--dry-run", country=COUNTRY)
    assert f"{COUNTRY}: {INSIGHT}" in planned.jobs
    struck.project.edit(f"notebooks/{INSIGHT}.ipynb", " then?", "?")
    struck.check_undisturbed()
