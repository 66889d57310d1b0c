"""Ask the warm process to run something. Imports nothing that takes time: it is most of what a warm command starts.

The connection is the lease: what was asked for ends with it, however the asking process came to its end.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from itertools import takewhile

PLACE = "DISRUPTING_HARM_WARM"
"""The variable that names the warm process's socket; `off` says that everything shall start cold."""

OFF = "off"
_INTERRUPTED = 130
_MEMORY = ": by somebody, or by the system because memory ran out. Run it again."


def run(entry: str, words: Sequence[str]) -> int | None:
    """Run `entry` ("module:function") with `words` in the warm process, its output going where this process's goes.

    Returns the exit status, or None where no warm process answers: then nothing has been run.
    """
    connection = connect()
    if connection is None:
        return None
    try:
        ask(connection, entry, words, os.getcwd(), os.environ)  # noqa: PTH109 (pathlib takes its time)
        answer = connection.makefile().read().split()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError:
        answer = list[str]()
    if len(answer) < 2:
        print("The warm process ended before this command did.", file=sys.stderr)  # noqa: T201
        return 1
    status = int(answer[1])
    if status < 0:
        named = " ".join(takewhile(lambda word: not word.startswith("-"), words))
        end = f"was ended by signal {-status} ({signal.strsignal(-status)}){_MEMORY}"
        print(f"{named or entry} {end}", file=sys.stderr)  # noqa: T201
    return status if status >= 0 else 128 - status


def connect() -> socket.socket | None:
    """A connection to the warm process; None if there is none, or if it is another user's."""
    address = os.environ.get(PLACE, OFF)
    if address == OFF:
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        if owner(connection) == os.geteuid():
            return connection
    except OSError:
        pass  # a place that nobody listens at any more
    connection.close()
    return None


def owner(connection: socket.socket) -> int:
    """The user at the other end, as the system knows it."""
    credentials = struct.Struct("3i")  # process, user, group
    answer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    return credentials.unpack(answer)[1]


def ask(
    connection: socket.socket, entry: str, words: Sequence[str], folder: str, environment: Mapping[str, str]
) -> None:
    """Ask for `entry`. The answer is two lines: the number of the forked process, and its exit status at its end."""
    socket.send_fds(connection, [b"\0"], [1, 2])
    variables = [f"{name}={value}" for name, value in environment.items()]
    connection.sendall(b"\0".join(map(os.fsencode, [entry, folder, str(len(words)), *words, *variables])))
    connection.shutdown(socket.SHUT_WR)
