"""Run a notebook in this process: check its parameters, execute it, tidy the executed copy.

A running copy is written now and then, and at the end, to a file for its owner alone; only when the last cell has run,
the tidied copy is written to its place. So a failed notebook keeps its traceback, and a place in results/ never holds
half a notebook. An error message may contain an answer: it is shown only if the library itself wrote it, and
stays in the running copy otherwise. The tidied copy is published, so it may contain only findings (`displayed`).

Knows nothing of what a notebook computes.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import difflib
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from disrupting_harm.files.atomic import write_text
from disrupting_harm.files.private import owner_only, system_words
from disrupting_harm.presentation import displayed
from disrupting_harm.running import core_dumps
from disrupting_harm.running.warm.start import ENVIRONMENT

if TYPE_CHECKING:
    from nbformat import NotebookNode

_KERNEL = "python3"
"""How copies name the kernel, as Jupyter does; its interpreter is the one that runs this module."""

_IPYTHON = "IPYTHONDIR"
"""The variable that names the folder of IPython's files."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_LINES_OF_A_MESSAGE = 12
_FRAME = re.compile(r"^(?:File (.+?):|Cell In\[\d+\], line )(\d+)", re.MULTILINE)
_WARNING = re.compile(r"^(\S.*?):(\d+): (\w*Warning):", re.MULTILINE)
_WITHHELD = ". The message may contain an answer, so it is not shown here."
_HINT = (
    'Show findings, for example insight.estimate("tfcsea_any", by="sex"), and nothing else. '
    "To look at data yourself, open the executed copy."
)


class NotebookError(Exception):
    """A notebook cannot be run, or failed; the message says which one, where, and where to look."""


# --- Parameters -------------------------------------------------------------------------------------------


def declared_parameters(notebook: NotebookNode, name: str) -> dict[str, Any]:
    """Names and default values in the cell tagged `parameters`; `name` is for messages.

    Errors: NotebookError without exactly one such cell, or with anything in it but `name = literal`.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise NotebookError(f"{name}: needs exactly one cell tagged 'parameters', but has {len(cells)}.")
    cell = cells[0]
    where = f"{name}: cell {cell.get('id', 'parameters')!r}"
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError as error:
        raise NotebookError(f"{where}, line {error.lineno}: {error.msg}.") from None
    return dict(_declared(statement, where) for statement in statements)


def _declared(statement: ast.stmt, where: str) -> tuple[str, Any]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            raise NotebookError(f"{where}, line {statement.lineno}: only `name = value` is allowed there.")
    try:
        return name, ast.literal_eval(value)
    except ValueError:
        raise NotebookError(
            f"{where}, line {statement.lineno}: {name!r} is not a literal (text, number, list ...)."
        ) from None


def _check_parameters(declared: Mapping[str, Any], given: Mapping[str, Any], name: str) -> None:
    """Compare both ways: a parameter given but not declared is an error, and one declared but not given."""
    problems = []
    for parameter in sorted(given.keys() - declared.keys()):
        near = difflib.get_close_matches(parameter, declared, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        problems.append(f"{parameter!r} is given but not declared{hint}")
    problems += [
        f"{parameter!r} is declared but not given" for parameter in sorted(declared.keys() - given.keys())
    ]
    if problems:
        raise NotebookError(
            f"{name}: {'; '.join(problems)}. The parameters cell and its rule must have the same names."
        )


# --- Execution --------------------------------------------------------------------------------------------


def run(
    notebook: Path,
    running: Path,
    parameters: Mapping[str, Any],
    executed: Path,
    root: Path | None = None,
    says: Mapping[str, str] | None = None,
    fill: Callable[[str], str] = str,
) -> float:
    """Execute `notebook` with `parameters` and leave the tidied copy at `executed`.

    running: where the running copy grows (.ipynb), below data/. It stays after a failure, with the traceback in it,
    where something is shown that is not a finding, and where cells have written to their error stream.
    root: the kernel's working directory; without it the current one. says: more metadata of the executed copy.
    fill: fills in what Markdown cells name; a ValueError of it becomes a NotebookError with the cell.
    Returns the seconds it took. Errors: NotebookError naming country, notebook, cell and the error, or the kind
    of output that is not a finding.
    """
    import nbformat

    core_dumps.switch_off()
    name = title(notebook, parameters)
    try:
        source = nbformat.read(notebook, as_version=4)
    except (OSError, ValueError, nbformat.validator.NotebookValidationError) as error:
        raise NotebookError(f"{name}: {notebook} cannot be read as a notebook: {error}") from None
    _check_parameters(declared_parameters(source, name), parameters, name)
    texts = filled(source, fill, name)
    started = time.monotonic()
    displayed.forget()
    try:
        with _surroundings(below := running.with_suffix(".txt")):
            result = _execute(notebook.resolve(), running.absolute(), parameters, root or Path.cwd(), name)
    finally:
        if below.exists():
            print(f"{name}: something was written past Python's streams: {_shown(below)}", file=sys.stderr)  # noqa: T201
    changes = normalise(result)
    if refused := list(displayed.refused(result)):
        raise NotebookError(refusal(name, running, refused))
    for cell in result.cells:
        cell.source = texts.get(cell.id, cell.source)
    result.metadata.update(says or {})
    write_text(executed, nbformat.writes(result).rstrip("\n") + "\n")
    if changes:
        print(warned(name, changes, running), file=sys.stderr)  # noqa: T201
    else:
        running.unlink()
    return time.monotonic() - started


def filled(source: NotebookNode, fill: Callable[[str], str], name: str) -> dict[str, str]:
    """The texts of Markdown cells by their cell's name, with what they name filled in. Errors: NotebookError."""
    texts = {}
    for cell in source.cells:
        if cell.cell_type == "markdown":
            try:
                texts[cell.id] = fill(cell.source)
            except ValueError as error:
                raise NotebookError(f"{name}: cell {cell.id!r}: {error}") from None
    return texts


def title(notebook: Path, parameters: Mapping[str, Any]) -> str:
    """Name a run in messages: country and insight, or comparison and insight."""
    return f"{parameters.get('country') or notebook.absolute().parent.name}, {notebook.stem}"


def _execute(
    notebook: Path, running: Path, parameters: Mapping[str, Any], root: Path, name: str
) -> NotebookNode:
    import pandas as pd
    import papermill

    from disrupting_harm.running.papermill_engine import ENGINE

    _make_private(running)
    # A notebook makes hundreds of small tables, which cost a fifth less with Python's strings than with Arrow's.
    python_strings = pd.option_context("mode.string_storage", "python")
    try:
        with python_strings:
            return papermill.execute_notebook(
                str(notebook),
                str(running),
                parameters=dict(parameters),
                engine_name=ENGINE,
                kernel_name=_KERNEL,
                language="python",
                progress_bar=False,
                cwd=str(root),
            )
    except papermill.PapermillExecutionError as error:
        raise NotebookError(_failure(name, running, error.ename, error.evalue)) from None


def _make_private(file: Path) -> None:
    """Make an empty file that only its owner can read, in a folder that only its owner can enter."""
    with owner_only(file):
        file.parent.chmod(0o700)
        file.unlink(missing_ok=True)
        file.touch()


def _failure(name: str, running: Path, kind: str, message: str) -> str:
    """Say which run failed in which cell with which error, and where its traceback is.

    The error's message is shown if a `raise` of this library wrote it; other messages may contain an answer.
    """
    import nbformat

    errors = [
        (cell.id, output)
        for cell in nbformat.read(running, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    cell = f"cell {errors[0][0]!r}" if errors else "a cell"
    number = _ERRNO.match(message)
    parts = [kind + (system_words(int(number[1])) if number else "") + _WITHHELD]
    if errors and is_ours("\n".join(errors[0][1].traceback)):
        lines = _ANSI.sub("", message).strip().splitlines()[:_LINES_OF_A_MESSAGE]
        parts = [f"{kind}: {lines[0] if lines else ''}".rstrip(), *lines[1:]]
    where = f"The executed copy with the traceback, for the owner of the data only: {_shown(running)}"
    return "\n".join([f"{name}: {cell} failed.", *parts, where])


def refusal(name: str, running: Path, refused: Sequence[tuple[str, str]]) -> str:
    """Say which cells show what is not a finding; of what they show, the kind alone."""
    lines = [f"  cell {cell!r}: {kind}" for cell, kind in refused[:_LINES_OF_A_MESSAGE]]
    more = [f"  ... and {len(refused) - len(lines)} more"] if len(refused) > len(lines) else []
    head = f"{name}: what a notebook shows is published, and this is not a finding:"
    where = f"The executed copy, for the owner of the data only: {_shown(running)}"
    return "\n".join([head, *lines, *more, _HINT, where])


def is_ours(traceback: str) -> bool:
    """Whether IPython's traceback ends at a `raise` statement of this library."""
    frames = _FRAME.findall(_ANSI.sub("", traceback))
    if not frames:
        return False
    file, line = Path(frames[-1][0]).expanduser(), int(frames[-1][1])
    if not file.is_relative_to(Path(__file__).parents[1]) or not file.is_file():
        return False
    statements = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return any(
        isinstance(statement, ast.Raise) and statement.lineno <= line <= (statement.end_lineno or 0)
        for statement in statements
    )


def warned(name: str, text: str, running: Path) -> str:
    """What may be said about what cells wrote to their error stream: kinds and places of warnings."""
    places = [f"  {Path(file).name}, line {line}: {kind}" for file, line, kind in _WARNING.findall(text)]
    where = f"  The message:  {_shown(running)}"
    return "\n".join([f"{name}: the notebook wrote to its error stream.", *dict.fromkeys(places), where])


def _shown(path: Path) -> str:
    """Shorten a path below the working directory: machine paths do not belong in messages."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


@contextlib.contextmanager
def _surroundings(below: Path) -> Generator[None]:
    """What a notebook finds around it, for as long as it runs in this process.

    IPython's files are in a folder that goes again: none of the user's own counts, and parallel runs share none.
    below: a file for its owner alone, with what is written past Python's streams (by libraries in C, or by other
    programs). It is removed if nothing is. Warnings are written in full: they go to the running copy. What libraries
    read from the environment is as in a run of the workflow, also where a command is called by hand.
    """
    _make_private(below)
    with tempfile.TemporaryDirectory(prefix="dh-") as folder, below.open("wb") as file:
        outputs = {number: os.dup(number) for number in (1, 2)}
        words, before = warnings.formatwarning, dict(os.environ)
        warnings.formatwarning = _in_full
        os.environ |= {**ENVIRONMENT, _IPYTHON: folder}
        _flush()
        for number in outputs:
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            _flush()
            for number, output in outputs.items():
                os.dup2(output, number)
                os.close(output)
            warnings.formatwarning = words
            for name in (*ENVIRONMENT, _IPYTHON):
                os.environ.pop(name, None)
                os.environ |= {name: before[name]} if name in before else {}
            if not below.stat().st_size:
                below.unlink()


def _flush() -> None:
    """Write out what waits in the process's own streams, Python's and C's, to where they lead now."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)


def _in_full(message: object, category: type, filename: str, lineno: int, line: str | None = None) -> str:  # noqa: ARG001
    """A warning with its words, whatever the command has set for its own."""
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


# --- The executed copy ------------------------------------------------------------------------------------


def normalise(notebook: NotebookNode) -> str:
    """Drop in place what differs from run to run or machine to machine: same results, same bytes.

    Returns what the cells wrote to their error stream (warnings): it names paths of this machine and belongs
    in the log, not on a page.
    """
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": _KERNEL},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
    }
    seen: set[str] = set()
    errors: list[str] = []
    for position, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        identity = "injected-parameters" if "injected-parameters" in tags else cell.get("id")
        cell.id = identity if identity and identity not in seen else f"cell-{position}"
        seen.add(cell.id)
        for name in ("papermill", "execution") if tags else ("papermill", "execution", "tags"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs, more = _tidy_outputs(cell.outputs)
            errors += more
    return "".join(errors)


def _tidy_outputs(outputs: list[NotebookNode]) -> tuple[list[NotebookNode], list[str]]:
    """Join neighbouring pieces of one stream, whose cut is a matter of timing; part off the error stream."""
    kept: list[NotebookNode] = []
    errors: list[str] = []
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
        elif output.name == "stderr":
            errors.append(output.text)
        elif kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept, errors
