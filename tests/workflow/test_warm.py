"""Warm execution: the same bytes as cold, nothing left of one notebook in the next, and an end with whoever asked."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from disrupting_harm.running.warm import client
from disrupting_harm.running.warm.start import ENVIRONMENT, start, stop

from .conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere everything starts cold")

WORK = """
import os, pathlib, signal, sys, time

def threads():
    print(len(os.listdir(f"/proc/{os.getppid()}/task")))

def words():
    ours = [name for name in sys.modules if name.startswith("disrupting_harm")]
    print(sys.argv[1:], os.getcwd(), os.environ["ONLY_HERE"], ours, file=sys.stderr)
    sys.exit(3)

def edited():
    was_there = "disrupting_harm.presentation.sentences" in sys.modules
    from disrupting_harm.presentation import sentences as words

    is_the_copy = words.__file__.startswith(os.environ["PYTHONPATH"].split(":")[0])
    print(is_the_copy, was_there, hasattr(words, "EDITED"))

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def long():
    print(os.getpid(), flush=True)
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        print("tidied up", flush=True)

def notebook():
    from disrupting_harm.running import notebooks

    folder, copy, table = map(pathlib.Path, sys.argv[1:])
    source = folder / "notebooks/question.ipynb"
    notebooks.run(source, folder / "failed/question.ipynb", {"table": str(table)}, copy, folder)
"""
"""A module of functions to be run."""

CALL = "import sys; from disrupting_harm.running.warm import client; sys.exit(client.run(sys.argv[1], sys.argv[2:]))"
HOLD = """
import subprocess, sys
from disrupting_harm.running.warm.start import start
start()
subprocess.run([sys.executable, "-c", {call!r}, "work:long"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the module of functions, on Python's path of everything that is started from here."""
    folder = tmp_path_factory.mktemp("warm")
    (folder / "work.py").write_text(WORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT / 'src'}{os.pathsep}{folder}")
        patch.delenv(client.PLACE, raising=False)
        yield folder


@pytest.fixture(scope="module")
def warm(folder):
    """The folder of a warm process, of a run in the background: interrupts are ignored where it begins."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = start()
    signal.signal(signal.SIGINT, before)
    sockets = Path(os.environ[client.PLACE]).parent
    yield sockets
    stop(process)
    assert not sockets.exists()


def called(entry, *words, **settings):
    """A call of `entry` by the client, in a process of its own."""
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **settings}
    return subprocess.Popen([sys.executable, "-c", CALL, entry, *words], **settings)


def waits_for(what, seconds=15):
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def is_alive(process):
    """Whether a process runs; one that nobody has asked for its exit status does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# Commands


def test_a_command_gets_its_words_place_environment_and_outputs(warm, folder):
    process = called("work:words", "a b", "", cwd=folder, env={**os.environ, "ONLY_HERE": "yes"})
    out, error = process.communicate()
    assert process.returncode == 3
    assert out == ""
    assert error.startswith(f"['a b', ''] {folder} yes ")


def test_a_command_finds_the_library_imported(warm, folder):
    process = called("work:words", env={**os.environ, "ONLY_HERE": "yes"})
    assert "'disrupting_harm.insights.one_country', " in process.communicate()[1]


@pytest.mark.parametrize("file", ["presentation/sentences.py", "publishing/pages/parts/page.css"])
def test_an_edit_of_the_library_counts_at_once(folder, monkeypatch, tmp_path, file):
    """However long the warm process has lived: a module that is new or another, and files that modules keep."""
    package = shutil.copytree(ROOT / "src/disrupting_harm", tmp_path / "src/disrupting_harm")
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}{os.pathsep}{folder}")
    monkeypatch.delenv(client.PLACE, raising=False)
    process = start()
    try:
        assert called("work:edited").communicate()[0] == "True True False\n"
        (package / file).write_text((package / file).read_text() + "\nEDITED = True\n")
        assert called("work:edited").communicate()[0] == f"True False {file == 'presentation/sentences.py'}\n"
    finally:
        stop(process)


def test_nothing_but_one_thread_runs_where_is_forked(warm):
    assert called("work:threads").communicate()[0] == "1\n"


def test_a_killed_command_is_told_as_the_shell_tells_it_and_why_that_may_be(warm):
    process = called("work:killed", "insight", "xaa")
    out, message = process.communicate()
    assert out == ""
    assert message.startswith("insight xaa was ended by signal 9 (Killed): by somebody, or by the system")
    assert process.returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_ends_with_whoever_asked_for_it(warm, folder, number):
    out = folder / f"{number}.txt"
    with out.open("w") as stream:
        process = called("work:long", stdout=stream)
        assert waits_for(out.read_text)
        process.send_signal(number)
        process.wait()
    working = int(out.read_text().split()[0])
    assert waits_for(lambda: not is_alive(working))
    assert "tidied up" in out.read_text()


def test_all_ends_with_the_process_that_started_it_and_was_killed(folder, tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop(client.PLACE, None)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(call=CALL)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    working = int(holder.stdout.readline())
    server = int(Path(f"/proc/{working}/stat").read_text().rpartition(")")[2].split()[1])
    assert len(list(tmp_path.iterdir())) == 1
    holder.kill()
    assert waits_for(lambda: not is_alive(working) and not is_alive(server))
    assert list(tmp_path.iterdir()) == []
    holder.communicate()


def test_all_ends_with_a_warm_process_that_was_killed(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv(client.PLACE, raising=False)
    process = start()
    try:
        command = called("work:long")
        working = int(command.stdout.readline())
        process.kill()
        assert command.communicate(timeout=15)[1] == "The warm process ended before this command did.\n"
        assert command.returncode == 1
        assert waits_for(lambda: not is_alive(working))
        assert client.connect() is None, "what comes next starts cold"
    finally:
        stop(process)


# Where nobody answers, everything starts cold


def test_a_socket_that_nobody_listens_at_is_not_waited_for(tmp_path, monkeypatch):
    address = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
    monkeypatch.setenv(client.PLACE, str(address))
    assert client.connect() is None
    address.unlink()
    assert client.connect() is None
    assert client.run("work:killed", []) is None


def test_another_users_socket_is_not_trusted(tmp_path, monkeypatch):
    address = tmp_path / "socket"
    monkeypatch.setenv(client.PLACE, str(address))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        client.connect().close()
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert client.connect() is None


@pytest.mark.parametrize("address", [None, "off"])
def test_without_a_warm_process_nothing_is_asked(monkeypatch, address):
    monkeypatch.delenv(client.PLACE, raising=False)
    if address:
        monkeypatch.setenv(client.PLACE, address)
        assert start() is None, "what is switched off stays off"
    assert client.run("work:killed", []) is None


# Notebooks

SHOW = """
import matplotlib.pyplot as plt, pandas as pd
from disrupting_harm.presentation.finding import Finding
__name__ = "disrupting_harm.here"  # a finding is made in the library
Finding(str([{"a", "b", "c"}, plt.get_backend()]), None, pd.DataFrame(plt.rcParams.items()))
"""
REFUSED = """
import matplotlib.pyplot as plt
plt.plot([1, 3, 2])
plt.show()
"""
TRACES = """
import os, pathlib, random
import numpy as np, pandas as pd, matplotlib as mpl, matplotlib.pyplot as plt
seen = [hasattr(pd, "left_behind"), os.environ.get("LEFT_BEHIND"), plt.get_fignums(), mpl.rcParams["font.size"]]
drawn = [random.random(), np.random.random()]
pathlib.Path(table).write_text(repr([seen, drawn]))
pd.left_behind = os.environ["LEFT_BEHIND"] = "yes"
mpl.rcParams["font.size"] = 30
random.seed(1), np.random.seed(1)
plt.figure()
"""


COLD = "import work; work.notebook()"


def executed(folder, code, name, *way):
    """Run a notebook of one cell in the warm process or, where `way` says so, another; its copy, table and messages."""
    parameters = new_code_cell('table = "t"', id="parameters", metadata={"tags": ["parameters"]})
    source = folder / "notebooks/question.ipynb"
    source.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[parameters, new_code_cell(code, id="only")]), source)
    words = [str(folder / path) for path in (".", f"{name}.ipynb", f"{name}.txt")]
    command = [sys.executable, "-c", *(way or (CALL, "work:notebook")), *words]
    finished = subprocess.run(
        command, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return Path(words[1]), Path(words[2]), finished.stderr


def test_a_notebook_gives_the_same_bytes_warm_and_cold(warm, tmp_path):
    """What reads the environment as it is imported included: the order of sets, matplotlib's backend."""
    forked = executed(tmp_path, SHOW, "same")[0].read_text()
    cold = executed(tmp_path, SHOW, "same", COLD)[0].read_text()
    assert "module://matplotlib_inline" in cold
    assert forked == cold


@pytest.mark.parametrize("way", [(), (COLD,)], ids=["warm", "cold"])
def test_what_is_not_a_finding_is_refused_warm_and_cold(warm, tmp_path, way):
    copy, _, message = executed(tmp_path, REFUSED, "refused", *way)
    assert "cell 'only': a picture\n" in message
    assert not copy.exists()


def test_a_notebook_finds_nothing_of_another(warm, tmp_path):
    (_, first, _), (_, second, _) = (executed(tmp_path, TRACES, name) for name in ("first", "second"))
    (seen, drawn), (seen_then, drawn_then) = eval(first.read_text()), eval(second.read_text())
    assert seen == seen_then == [False, None, [], 10.0]
    assert not set(drawn) & set(drawn_then), "chance is drawn afresh"


def test_a_killed_notebook_fails_alone(warm, tmp_path):
    copy, _, message = executed(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed")
    assert " was ended by signal 9 (Killed): by somebody, or by the system" in message
    assert not copy.exists()
    assert (tmp_path / "failed/question.ipynb").exists()
    assert executed(tmp_path, "one = 1", "next")[0].exists()


def test_an_interrupted_notebook_ends_at_once_and_says_where(warm, tmp_path):
    code = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)"
    copy, _, message = executed(tmp_path, code, "interrupted")
    assert "notebooks, question: cell 'only' failed.\nKeyboardInterrupt" in message
    assert not copy.exists()


def test_a_notebook_leaves_no_process_and_no_file(warm, tmp_path):
    code = "import os, pathlib\npathlib.Path(table).write_text(str(os.getpid()))"
    _, table, _ = executed(tmp_path, code, "gone")
    assert waits_for(lambda: not is_alive(int(table.read_text())))
    assert [path.name for path in warm.iterdir()] == ["socket"]


# The workflow

ENDLESS = """
import os, pathlib, time

def main():
    pathlib.Path("working.txt").write_text(str(os.getpid()))
    time.sleep(60)
"""


def test_nothing_is_left_of_a_run_whose_snakemake_was_killed(copy_project, tmp_path):
    project = copy_project("killed")
    (project.root / "src/disrupting_harm/cli.py").write_text(ENDLESS)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "country=bra"]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", client.PLACE)
    }
    environment["TMPDIR"] = str(tmp_path)
    run = subprocess.Popen(
        command, cwd=project.root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    working = project.root / "working.txt"
    try:
        assert waits_for(working.exists, 60)
        assert [path.name for path in tmp_path.glob("dh-warm-*/*")] == ["socket"]
    finally:
        run.kill()
        run.wait()
    assert waits_for(lambda: not running_in(project.root))
    assert waits_for(lambda: not list(tmp_path.glob("dh-*")))
    shutil.rmtree(project.root)


def running_in(folder):
    """Processes whose working directory is `folder`."""
    names = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder.resolve() and is_alive(process.name):
                names.append(process.name)
        except OSError:
            continue
    return names
