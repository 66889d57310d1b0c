"""The notebook runner: parameters both ways, failures that say where, the same bytes twice, a private kernel."""

import json
import stat
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from disrupting_harm import notebooks

GIVEN = {"country": "ken", "table": "t"}
PARAMETERS = 'country = "xaa"\ntable = "table.csv"'


def notebook(path: Path, *code: str, parameters: str | None = PARAMETERS) -> Path:
    """A notebook with a parameters cell and one cell, `cell-a`, `cell-b` ..., for each piece of code."""
    cells = [new_markdown_cell("# A question?", id="title")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}))
    cells += [new_code_cell(text, id=f"cell-{'abcdef'[place]}") for place, text in enumerate(code)]
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
    ("parameters", "told"),
    [
        (None, "exactly one cell tagged 'parameters'"),
        ("folder = open('x')", "'folder' is not a literal"),
        ("import os", "line 1: only `name = value`"),
        ("a = b = 1", "only `name = value`"),
        ("a: int", "only `name = value`"),
        ("a = ", "invalid syntax"),
    ],
)
def test_a_parameters_cell_holds_literals_only(tmp_path, parameters, told):
    with pytest.raises(notebooks.NotebookError, match="xaa, question") as error:
        declared(tmp_path, parameters)
    assert told in str(error.value)


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
import json, os, pathlib
from ipykernel.connect import get_connection_file, get_connection_info
told = json.loads(get_connection_info())
runtime = pathlib.Path(os.environ["JUPYTER_RUNTIME_DIR"])
modes = [oct(folder.stat().st_mode & 0o777) for folder in (runtime, runtime.parent, runtime.parent / "ipython")]
sockets = [told["ip"], get_connection_file()]
seen = [country, told["transport"], sockets, modes, str(runtime), os.getcwd()]
pathlib.Path(table).write_text(json.dumps(seen))
"""
NOISE = """
import os, sys
print("one"); sys.stdout.flush(); print("two")
print(os.getcwd(), file=sys.stderr)
{hash("a"), hash("b")}
"""


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same notebook run twice: the folder, and the bytes of both executed copies."""
    folder = tmp_path_factory.mktemp("twice")
    path = notebook(folder / "notebooks/question.ipynb", LOOK_AROUND, NOISE)
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
    told = nbformat.reads(copy.decode(), as_version=4)
    nbformat.validate(told)
    assert [cell.id for cell in told.cells] == [
        "title",
        "parameters",
        "injected-parameters",
        "cell-a",
        "cell-b",
    ]
    assert set(told.metadata) == {"kernelspec", "language_info"}
    assert told.metadata.kernelspec.name == "python3"
    assert "version" not in told.metadata.language_info
    assert all(set(cell.metadata) <= {"tags"} for cell in told.cells)
    streams = [output for output in told.cells[-1].outputs if output.output_type == "stream"]
    assert [(stream.name, stream.text) for stream in streams] == [("stdout", "one\ntwo\n")]


def test_the_executed_copy_is_as_readable_as_other_files(twice):
    folder, _ = twice
    other = folder / "other"
    other.touch()
    assert stat.S_IMODE((folder / "one/question.ipynb").stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_the_kernel_talks_through_a_private_folder(twice):
    folder, _ = twice
    country, transport, sockets, modes, runtime, working = json.loads((folder / "table.csv").read_text())
    assert country == "ken"
    assert transport == "ipc"
    assert {Path(path).parent for path in sockets} == {Path(runtime)}, "two kernels must never share a socket"
    assert modes == ["0o700"] * 3
    assert Path(working) == folder.resolve()
    assert not Path(runtime).exists(), "the folder goes with the kernel"


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
        "KeyError. Its words may quote an answer and are not told here.",
        "The executed copy with the traceback, for the owner of the data alone: failed/ken/question.ipynb",
    ]
    assert [oct(stat.S_IMODE(each.stat().st_mode)) for each in (running.parent, running)] == [
        "0o700",
        "0o600",
    ]
    kept = nbformat.read(running, as_version=4)
    errors = [
        output for cell in kept.cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
    assert len(errors) == 1
    assert "no such thing" in "\n".join(errors[0].traceback)
    assert executed.read_text() == "the copy of an earlier run"


def test_words_that_the_library_chose_are_told(tmp_path):
    code = "from disrupting_harm import notebooks\nnotebooks.declared_parameters(notebooks_of, 'here')"
    code = "import nbformat\nnotebooks_of = nbformat.v4.new_notebook()\n" + code
    path = notebook(tmp_path / "question.ipynb", code)
    with pytest.raises(notebooks.NotebookError) as error:
        notebooks.run(path, tmp_path / "failed/question.ipynb", GIVEN, tmp_path / "out.ipynb")
    assert "NotebookError: here: needs exactly one cell tagged 'parameters', and has 0." in str(error.value)


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
    told = new_notebook(cells=[cell, new_markdown_cell("no id")], metadata={"papermill": {"version": "2"}})
    del told.cells[1]["id"]
    assert notebooks.normalise(told) == "/elsewhere/someone: a warning"
    assert [output.get("text") for output in told.cells[0].outputs] == ["one two", None, "three"]
    assert told.cells[0].metadata == {}
    assert [each.id for each in told.cells] == ["a", "cell-1"]
