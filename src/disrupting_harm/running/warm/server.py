"""The warm process: imports what commands need, then forks for each that is asked for.

Before a fork there is no event loop and no thread of Python's here, and no notebook has run, so that every child starts
as a fresh interpreter would. The library's own modules are among what is imported; once any of their files has changed,
each child imports them again, as their files are at that moment.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from disrupting_harm.running import core_dumps
from disrupting_harm.running.warm.client import owner

_STDIN = 0
_FORK = multiprocessing.get_context("fork")
_GRACE = 1.0
"""Seconds between the interrupt of what nobody waits for any more and its end by force."""

PACKAGE = Path(__file__).parents[2]
_OURS = PACKAGE.name
_PRELOAD = f"{_OURS}.commands.preload:preload"

LATE = (
    "IPython.core.application",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "black",
    "formulaic",
    "jinja2.ext",
    "matplotlib.backends.backend_agg",
    "mistune.plugins.def_list",
    "mistune.plugins.math",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.methods.to_dict",
    "pandas.io.formats.csvs",
    "pandas.io.formats.html",
    "papermill",
    "pingouin",
    "psutil",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pygments.lexers.python",
    "pygments.styles.default",
    "sqlite3",
    "tornado.platform.asyncio",
    "typer._adapters",
    "typer._click.decorators",
)
"""What packages import on first use."""


# --- Forking ----------------------------------------------------------------------------------------------


@dataclass
class _Child:
    """What was forked for a connection, and until when it may live on (by the clock `time.monotonic`)."""

    process: BaseProcess
    connection: socket.socket
    until: float = float("inf")

    def interrupt(self) -> None:
        """Let it tidy up for a moment: nobody waits for it any more."""
        self.until = min(self.until, time.monotonic() + _GRACE)
        self.signal(signal.SIGINT)

    def signal(self, number: int) -> None:
        """Signal the child and all that it has started."""
        if self.process.pid is None:  # it has not started
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class _Server:
    """Forks a child for each connection, and ends it when the connection is closed."""

    def __init__(self, listener: socket.socket, work: Callable[[socket.socket], None]) -> None:
        self.listener, self.work = listener, work
        self.process = os.getpid()
        self.children: list[_Child] = []

    def serve(self) -> None:
        """Fork until standard input is closed at its other end; then end all children."""
        alive = True
        while alive or self.children:
            for file in self.events(alive):
                if file == _STDIN:
                    alive = False
                    for child in self.children:
                        child.interrupt()
                elif file == self.listener.fileno():
                    self.fork()
                for child in [child for child in self.children if file == child.connection.fileno()]:
                    child.interrupt()
            for child in self.children:
                if child.until < time.monotonic():
                    child.signal(signal.SIGKILL)
            self.reap()

    def events(self, alive: bool) -> Iterator[int]:
        """Files that something has happened to; waits for it, or for the end of a child's grace."""
        poll = select.poll()
        if alive:
            poll.register(self.listener, select.POLLIN)
            poll.register(_STDIN, 0)  # 0: only that the other end was closed
        for child in self.children:
            poll.register(child.process.sentinel, select.POLLIN)
            if child.until == float("inf"):
                poll.register(child.connection, 0)
        until = min([child.until for child in self.children], default=float("inf"))
        seconds = None if until == float("inf") else max(until - time.monotonic(), 0) + 0.01
        for file, _ in poll.poll(seconds and seconds * 1000):
            yield file

    def fork(self) -> None:
        """Take a connection, and fork for it."""
        connection, _ = self.listener.accept()
        if owner(connection) != os.geteuid():
            connection.close()
            return
        process = _FORK.Process(target=self.be_child, args=(connection,))
        process.start()
        self.children.append(_Child(process, connection))
        tell(connection, process.pid or 0)

    def be_child(self, connection: socket.socket) -> None:
        """In the child: leave the server's files behind, then work."""
        _end_with_parent(self.process)
        os.setsid()  # an own group, so that it can be ended with all that it starts
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background began with none
        os.dup2(os.open(os.devnull, os.O_RDONLY), _STDIN)
        self.listener.close()
        for child in self.children:
            child.connection.close()
        self.work(connection)

    def reap(self) -> None:
        """Tell the exit status of children that have ended to those who wait for it."""
        for child in [child for child in self.children if not child.process.is_alive()]:
            child.signal(signal.SIGKILL)  # what it has left behind in its group
            status = child.process.exitcode
            tell(child.connection, 1 if status is None else status)
            child.connection.close()
            child.process.close()
            self.children.remove(child)


def tell(connection: socket.socket, number: int) -> None:
    """Answer with one line."""
    with suppress(OSError):  # nobody listens any more
        connection.sendall(b"%d\n" % number)


def _end_with_parent(parent: int) -> None:
    """Let the system kill this process as soon as its parent has ended."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


# --- Work -------------------------------------------------------------------------------------------------


def _obey(connection: socket.socket, imported: dict[Path, tuple[int, int]]) -> None:
    """In a child: take over what was asked for, its place, environment and outputs, and run it.

    imported: the library's files, as `library` gives them, of which the modules here were imported.
    """
    folder = Path(connection.getsockname()).parent
    _, files, _, _ = socket.recv_fds(connection, 1, 2)
    entry, directory, count, *rest = map(os.fsdecode, connection.makefile("rb").read().split(b"\0"))
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
        os.close(file)
    words, variables = rest[: int(count)], rest[int(count) :]
    os.chdir(directory)
    os.environ.clear()
    os.environ.update((name, value) for name, _, value in (variable.partition("=") for variable in variables))
    os.environ["TMPDIR"] = str(folder)  # which goes with the warm process, whatever is left in it
    sys.argv = [entry, *words]
    if library() != imported:
        _forget_library()
    _begin_afresh()
    pkgutil.resolve_name(entry)()


def _begin_afresh() -> None:
    """Do again what packages do when they are imported, as far as it is about chance and the environment."""
    import numpy as np

    time.tzset()
    np.random.seed()  # noqa: NPY002 (the generator that children would share; Python's own is reseeded)


def preload() -> dict[Path, tuple[int, int]]:
    """Import the library and what packages import late; returns the library's files as they were before."""
    sys.modules.setdefault("rfc3987_syntax", None)  # pyrefly: ignore[no-matching-overload]  # see cli.main
    before = library()
    package = importlib.import_module(_OURS)
    modules = [module.name for module in pkgutil.walk_packages(package.__path__, f"{_OURS}.")]
    for name in (*(name for name in modules if not name.endswith("__main__")), *LATE):
        with suppress(Exception):  # whoever needs it will say so
            importlib.import_module(name)
    with suppress(Exception):
        pkgutil.resolve_name(_PRELOAD)()
    gc.collect()
    gc.freeze()  # the collector of a child leaves alone what it shares with this process
    return before


def library() -> dict[Path, tuple[int, int]]:
    """The library's files, each with the time of its last change and its size; what Python compiled is left out."""
    stamps = {}
    for file in PACKAGE.rglob("*.*"):
        with suppress(OSError):  # an editor's, gone again
            if file.suffix != ".pyc":
                about = file.stat()
                stamps[file] = about.st_mtime_ns, about.st_size
    return stamps


def _forget_library() -> None:
    """Have the library's modules imported anew, and found where they are new."""
    for name in [name for name in sys.modules if name.partition(".")[0] == _OURS]:
        del sys.modules[name]
    importlib.invalidate_caches()


def main() -> None:
    """Serve at the listening socket whose number is given, until standard input is closed."""
    core_dumps.switch_off()
    listener = socket.socket(fileno=int(sys.argv[1]))
    folder = Path(listener.getsockname()).parent
    try:
        imported = preload()
        _Server(listener, partial(_obey, imported=imported)).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
