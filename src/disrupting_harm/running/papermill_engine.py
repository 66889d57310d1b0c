"""Papermill's engine: executes cells in IPython in this process, and is sparing with saves.

No second interpreter is started, and nothing travels over a socket. Papermill's own engine writes the whole running
copy twice a cell: with the figures of many cells in it, that costs as much as the cells. Here it is written when some
time has passed, and when it is interrupted; papermill itself writes it at the end.
"""

from __future__ import annotations

import atexit
import base64
import io
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, cast

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets import Type
from traitlets.config import Config

ENGINE = "in-process"
_SECONDS = 2.0
"""Between two saves of a running copy."""


class _Values(DisplayHook):
    """Displays the value of a cell's last expression as `display` does, where IPython would print it."""

    def write_output_prompt(self) -> None:
        """Write none."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Display the value."""
        _Shell.instance().display_pub.publish(format_dict, md_dict)


class _Shell(InteractiveShell):
    """IPython that keeps what cells display, and leaves errors to whoever runs a cell."""

    displayhook_class = Type(_Values)
    display_pub_class = Type(CapturingDisplayPublisher)

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Print nothing."""

    showsyntaxerror = showtraceback

    def enable_gui(self, gui: str | None = None) -> None:
        """Take up no window system, as `%matplotlib inline` wants it."""


class _Engine(Engine):
    """Executes one cell after another, up to the first that fails."""

    @classmethod
    def execute_managed_notebook(
        cls,
        manager: NotebookExecutionManager,
        kernel_name: str,  # noqa: ARG003
        **_: Any,
    ) -> None:
        """Execute the notebook."""
        with _started() as shell:
            for index, cell in enumerate(manager.nb.cells):
                if cell.cell_type == "code" and cell.source.strip() and not _execute(cell, shell):
                    manager.cell_exception(cell, index)
                    break
                if (manager.now() - manager.last_save_time).total_seconds() >= _SECONDS:
                    manager.save()


papermill_engines.register(ENGINE, _Engine)


@contextmanager
def _started() -> Generator[_Shell]:
    """IPython, of which nothing is left behind that a later notebook in this process would find."""
    stdin = sys.stdin
    shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    sys.stdin = io.StringIO()  # nobody is there to answer
    try:
        yield shell
    finally:
        sys.stdin = stdin
        shell.restore_sys_module_state()
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()
        _Shell.clear_instance()


def _execute(cell: NotebookNode, shell: _Shell) -> bool:
    """Execute a cell and keep what it printed, displayed and raised; returns whether it went well."""
    cell.execution_count = shell.execution_count
    streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with redirect_stdout(streams["stdout"]), redirect_stderr(streams["stderr"]):
        result = shell.run_cell(cell.source, store_history=True)
    texts = [(name, stream.getvalue()) for name, stream in streams.items()]
    cell.outputs = [new_output("stream", name=name, text=text) for name, text in texts if text]
    publisher = cast("CapturingDisplayPublisher", shell.display_pub)
    for shown in publisher.outputs:
        cell.outputs.append(
            new_output("display_data", _as_text(shown["data"]), metadata=shown["metadata"] or {})
        )
    publisher.outputs.clear()
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        kind = type(error)
        lines = shell.InteractiveTB.structured_traceback(kind, error, error.__traceback__, tb_offset=1)
        cell.outputs.append(new_output("error", ename=kind.__name__, evalue=str(error), traceback=lines))
    return error is None


def _as_text(data: dict[str, Any]) -> dict[str, Any]:
    """Forms of one content, pictures written in letters as notebooks have them."""
    return {
        kind: base64.b64encode(form).decode() if isinstance(form, bytes) else form
        for kind, form in data.items()
    }
