"""Start the warm process. It lives as long as the process that calls `start`, however that ends."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from disrupting_harm.running.warm.client import PLACE

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""What Python and libraries read once, when they start: the order of sets, where figures go, and no thread
that a fork would lose."""

_LONGEST = 107
"""Bytes in the path of a Unix socket."""


def start() -> subprocess.Popen[bytes] | None:
    """Start the warm process and name its place in this process's environment, for the commands called from here.

    Does nothing where a place is named already, nor on other systems than Linux, whose libraries cannot bear a fork.
    The warm process ends when its standard input is closed: at the latest with this process, however that ends.
    """
    if PLACE in os.environ or sys.platform != "linux":
        return None
    short = len(tempfile.gettempdir()) + len("/dh-warm-xxxxxxxx/socket") <= _LONGEST
    folder = tempfile.mkdtemp(prefix="dh-warm-", dir=None if short else "/tmp")  # mkdtemp: mode 0700
    address = Path(folder, "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()  # who asks before all is imported waits
        process = subprocess.Popen(
            [sys.executable, "-m", "disrupting_harm.running.warm.server", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env=os.environ | ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt from the terminal reaches who asked; what is forked ends with that
        )
    os.environ[PLACE] = str(address)
    atexit.register(stop, process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the warm process and all that it has forked."""
    os.environ.pop(PLACE, None)
    if process.stdin:
        process.stdin.close()
    process.wait()
