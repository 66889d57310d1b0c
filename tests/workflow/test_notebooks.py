"""The notebook runner: parameters both ways, failures that say where, the same bytes twice, nothing heard outside."""

import base64
import builtins
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from disrupting_harm.running import notebooks

GIVEN = {"country": "ken", "table": "t"}
PARAMETERS = 'country = "xaa"\ntable = "table.csv"'


def notebook(path: Path, *code: str, parameters: str | None = PARAMETERS) -> Path:
    """A notebook with a parameters cell and one cell, `cell-a`, `cell-b` ..., for each piece of code."""
    cells = [new_markdown_cell("# A question?", id="title")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}))
    cells += [new_code_cell(text, id=f"cell-{'abcdef'[number]}") for number, text in enumerate(code)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


def declared(tmp_path: Path, parameters: str | None) -> dict:
    path = notebook(tmp_path / "question.ipynb", parameters=parameters)
    return notebooks.declared_parameters(nbformat.read(path, as_version=4), "xaa, question")


# Parameters


def test_declared_parameters_are_read_with_their_defaults(tmp_path):
    assert declared(tmp_path, 'country = "xaa"\n# why\ncountries: list = ["a", "b"]\nn = -1') == {
        "country": "xaa",
        "countries": ["a", "b"],
        "n": -1,
    }


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (None, "exactly one cell tagged 'parameters'"),
        ("folder = open('x')", "'folder' is not a literal"),
        ("import os", "line 1: only `name = value`"),
        ("a = b = 1", "only `name = value`"),
        ("a: int", "only `name = value`"),
        ("a = ", "invalid syntax"),
    ],
)
def test_a_parameters_cell_holds_literals_only(tmp_path, parameters, expected):
    with pytest.raises(notebooks.NotebookError, match="xaa, question") as error:
        declared(tmp_path, parameters)
    assert expected in str(error.value)


def test_parameters_are_compared_both_ways(tmp_path):
    path = notebook(tmp_path / "question.ipynb")
    given = {"country": "ken", "tabel": "x.csv"}
    with pytest.raises(notebooks.NotebookError) as error:
        notebooks.run(path, tmp_path / "log.ipynb", given, tmp_path / "out.ipynb")
    message = str(error.value)
    assert "'tabel' is given but not declared; did you mean 'table'?" in message
    assert "'table' is declared but not given" in message
    assert message.startswith("ken, question:")
    assert not (tmp_path / "out.ipynb").exists()


def test_an_unreadable_notebook_is_named(tmp_path):
    path = tmp_path / "question.ipynb"
    path.write_text("{")
    with pytest.raises(notebooks.NotebookError, match=r"question\.ipynb cannot be read as a notebook"):
        notebooks.run(path, tmp_path / "log.ipynb", {"country": "ken"}, tmp_path / "out.ipynb")


# Execution

LOOK_AROUND = """
import json, os, pathlib, psutil, threading
folder = pathlib.Path(os.environ["IPYTHONDIR"])
mode = oct(folder.stat().st_mode & 0o777)
sockets = [str(each.laddr) for each in psutil.Process().net_connections("all")]
left = "left_behind" in globals()
seen = [country, os.getpid(), sockets, threading.active_count(), mode, str(folder), os.getcwd(), left]
pathlib.Path(table).write_text(json.dumps(seen));
"""
NOISE = """
import os, sys
import pandas as pd
from disrupting_harm.presentation.finding import Finding
__name__ = "disrupting_harm.here"  # a finding is made in the library
print(os.getcwd(), file=sys.stderr)
Finding("Girls more than boys.", None, pd.DataFrame({"Level": ["Girls", "Boys"]}))
"""


@pytest.fixture(autouse=True, scope="module")
def as_before():
    """IPython says of a whole process that it is IPython's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "__IPYTHON__", True, raising=False)
        yield


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same notebook run twice: the folder, and the bytes of both executed copies."""
    folder = tmp_path_factory.mktemp("twice")
    path = notebook(folder / "notebooks/question.ipynb", LOOK_AROUND, NOISE, "left_behind = 1")
    given = {"country": "ken", "table": "table.csv"}
    copies = []
    for run in ("one", "two"):
        executed = folder / run / "question.ipynb"
        assert notebooks.run(path, folder / "failed/question.ipynb", given, executed, folder) > 0
        copies.append(executed.read_bytes())
    return folder, copies


def test_the_same_run_gives_the_same_bytes(twice):
    _, (first, second) = twice
    assert first == second


def test_the_executed_copy_names_no_machine_and_no_time(twice):
    folder, (copy, _) = twice
    assert str(folder) not in copy.decode()
    executed = nbformat.reads(copy.decode(), as_version=4)
    nbformat.validate(executed)
    assert [cell.id for cell in executed.cells] == [
        "title",
        "parameters",
        "injected-parameters",
        "cell-a",
        "cell-b",
        "cell-c",
    ]
    assert set(executed.metadata) == {"kernelspec", "language_info"}
    assert executed.metadata.kernelspec.name == "python3"
    assert "version" not in executed.metadata.language_info
    assert all(set(cell.metadata) <= {"tags"} for cell in executed.cells)
    assert [output.output_type for output in executed.cells[-2].outputs] == ["display_data", "display_data"]


def test_the_executed_copy_is_as_readable_as_other_files(twice):
    folder, _ = twice
    other = folder / "other"
    other.touch()
    assert stat.S_IMODE((folder / "one/question.ipynb").stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_cells_run_here_and_talk_through_no_socket(twice):
    folder, _ = twice
    seen = json.loads((folder / "table.csv").read_text())
    country, process, sockets, threads, mode, ipython, working, left = seen
    assert country == "ken"
    assert process == os.getpid()
    assert set(sockets) <= {
        str(connection.laddr) for connection in psutil.Process().net_connections("all")
    } | {""}
    assert threads == threading.active_count()
    assert mode == "0o700"
    assert Path(working) == folder.resolve()
    assert not Path(ipython).exists(), "IPython's folder goes with the run"
    assert not left, "nothing is left of the first run"


def cells_of(tmp_path: Path, *code: str) -> tuple[Path, Path]:
    """A notebook run: its executed copy and where its running copy was."""
    path = notebook(tmp_path / "notebooks/question.ipynb", *code)
    executed, running = tmp_path / "question.ipynb", tmp_path / "failed/question.ipynb"
    notebooks.run(path, running, GIVEN, executed)
    return executed, running


def test_a_cell_may_wait_for_something(tmp_path):
    code = f"import asyncio, pathlib\nawait asyncio.sleep(0.01)\npathlib.Path({str(tmp_path / 'waited')!r}).touch()"
    cells_of(tmp_path, code)
    assert (tmp_path / "waited").exists()


def test_a_cell_that_asks_a_person_fails_and_does_not_wait(tmp_path):
    with pytest.raises(notebooks.NotebookError, match="EOFError"):
        cells_of(tmp_path, "input('Which country? ')")


def test_a_picture_is_kept_as_notebooks_have_it(tmp_path):
    """For the owner: as no finding, it is refused."""
    code = "class Picture:\n    def _repr_png_(self):\n        return b'\\x89PNG'\nPicture()"
    with pytest.raises(notebooks.NotebookError, match="a picture"):
        cells_of(tmp_path, "%matplotlib inline", code)
    (shown,) = nbformat.read(tmp_path / "failed/question.ipynb", as_version=4).cells[-1].outputs
    assert base64.b64decode(shown.data["image/png"]) == b"\x89PNG"


def test_what_is_written_past_pythons_streams_is_for_the_owner_alone(tmp_path, capfd):
    """By a library in C, by another program: nobody knows what is in it."""
    code = "import ctypes, os, subprocess, sys\nos.write(2, b'secret one ')\n"
    code += "subprocess.run(['echo', 'secret two']);\n"
    waits = "sys.__stdout__.write('secret three ')\nctypes.CDLL(None).printf(b'secret four');"
    executed, running = cells_of(tmp_path, code + waits)
    kept = running.with_suffix(".txt")
    assert kept.read_text() == "secret one secret two\nsecret three secret four"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    output = "".join(capfd.readouterr())
    assert "ken, question: something was written past Python's streams: " in output
    assert "failed/question.txt" in output
    assert "secret" not in output
    assert nbformat.read(executed, as_version=4).cells[-1].outputs == []
    with pytest.raises(notebooks.NotebookError):
        cells_of(tmp_path, code, "1 / 0")
    assert "failed/question.txt" in "".join(capfd.readouterr())
    cells_of(tmp_path, "one = 1")
    assert not kept.exists()


COMMAND = """
import warnings
from pathlib import Path
from disrupting_harm import cli
from disrupting_harm.running import notebooks
warnings.formatwarning = cli.warned
notebooks.run(Path("question.ipynb"), Path("failed/question.ipynb"), {}, Path("done.ipynb"))
warnings.warn("secret of the command")
"""


def test_words_of_warnings_are_for_the_owner_alone(tmp_path):
    """In a process of its own: pytest collects warnings."""
    notebook(tmp_path / "question.ipynb", "import warnings\nwarnings.warn('secret')", parameters="")
    command = [sys.executable, "-c", COMMAND]
    message = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stderr
    assert "question: the notebook wrote to its error stream.\n" in message
    assert ", line 2: UserWarning\n" in message
    assert "secret" not in message
    executed, running = (
        nbformat.read(tmp_path / name, as_version=4) for name in ("done.ipynb", "failed/question.ipynb")
    )
    assert executed.cells[-1].outputs == []
    assert ": UserWarning: secret" in running.cells[-1].outputs[0].text


def test_a_failure_says_where_and_keeps_the_traceback(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = notebook(
        Path("notebooks/question.ipynb"), "kept = 1", "raise KeyError('no such thing')", "never = 1"
    )
    executed = Path("results/ken/question.ipynb")
    executed.parent.mkdir(parents=True)
    executed.write_text("the copy of an earlier run")
    with pytest.raises(notebooks.NotebookError) as error:
        notebooks.run(path, running := Path("failed/ken/question.ipynb"), GIVEN, executed)
    assert str(error.value).splitlines() == [
        "ken, question: cell 'cell-b' failed.",
        "KeyError. The message may contain an answer, so it is not shown here.",
        "The executed copy with the traceback, for the owner of the data only: failed/ken/question.ipynb",
    ]
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in (running.parent, running)] == [
        "0o700",
        "0o600",
    ]
    assert list(running.parent.iterdir()) == [running], "nothing was written past Python's streams"
    kept = nbformat.read(running, as_version=4)
    errors = [
        output for cell in kept.cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
    assert len(errors) == 1
    assert "no such thing" in "\n".join(errors[0].traceback)
    assert executed.read_text() == "the copy of an earlier run"


def test_words_that_the_library_chose_are_told(tmp_path):
    code = (
        "from disrupting_harm.running import notebooks\nnotebooks.declared_parameters(notebooks_of, 'here')"
    )
    code = "import nbformat\nnotebooks_of = nbformat.v4.new_notebook()\n" + code
    path = notebook(tmp_path / "question.ipynb", code)
    with pytest.raises(notebooks.NotebookError) as error:
        notebooks.run(path, tmp_path / "failed/question.ipynb", GIVEN, tmp_path / "out.ipynb")
    assert "NotebookError: here: needs exactly one cell tagged 'parameters', but has 0." in str(error.value)


# Tidying, without a kernel


def test_neighbouring_pieces_of_a_stream_become_one():
    cell = new_code_cell(
        "x",
        id="a",
        metadata={"tags": [], "papermill": {"duration": 1}, "execution": {"started": "2"}},
        outputs=[
            new_output("stream", name="stdout", text="one "),
            new_output("stream", name="stderr", text="/elsewhere/someone: a warning"),
            new_output("stream", name="stdout", text="two"),
            new_output("display_data", data={"text/plain": "figure"}),
            new_output("stream", name="stdout", text="three"),
        ],
    )
    executed = new_notebook(
        cells=[cell, new_markdown_cell("no id")], metadata={"papermill": {"version": "2"}}
    )
    del executed.cells[1]["id"]
    assert notebooks.normalise(executed) == "/elsewhere/someone: a warning"
    assert [output.get("text") for output in executed.cells[0].outputs] == ["one two", None, "three"]
    assert executed.cells[0].metadata == {}
    assert [copied.id for copied in executed.cells] == ["a", "cell-1"]
