"""Kernels for papermill that the warm process forks; where there is none, they start cold."""

from __future__ import annotations

import select
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from disrupting_harm.warm import client

ENTRY = "ipykernel.kernelapp:launch_new_instance"
BACKEND = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
"""A kernel says so itself, but too late where matplotlib has been imported before."""


class Manager(AsyncKernelManager):
    """Manages a kernel that comes from the warm process."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.provisioner = Provisioner(kernel_spec=self.kernel_spec, parent=self)
        self.client_factory = Client


class Client(AsyncKernelClient):
    """Waits for a kernel no longer than it takes."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered, and what it has said until then has been read.

        Jupyter's own takes a fifth of a second's silence for the latter. Here it is the end of the answer: messages
        come in their order. Errors: RuntimeError where the kernel died, or was silent for `timeout` seconds.
        """
        end = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < end:
            asked = self.kernel_info()
            with suppress(Empty):  # not connected yet, or dead
                while not is_answer(await self.get_shell_msg(timeout=1), asked):
                    pass
                while not is_end(await self.get_iopub_msg(timeout=0.2), asked):
                    pass
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel did not reply in {timeout} seconds")


def is_answer(message: dict[str, Any], asked: str) -> bool:
    """Whether a message is about what was asked for."""
    return message["parent_header"].get("msg_id") == asked


def is_end(message: dict[str, Any], asked: str) -> bool:
    """Whether the kernel says that it has done what was asked for."""
    return is_answer(message, asked) and message["content"].get("execution_state") == "idle"


class Provisioner(LocalProvisioner):
    """Has the warm process fork the kernel, and holds the connection with which it ends."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> dict[str, Any]:
        """Launch the kernel; `cmd` is that of the kernel's specification, `python -m ipykernel_launcher ...`."""
        connection = client.connect()
        if connection is None:
            return await super().launch_kernel(cmd, **settings)
        words = cmd[cmd.index("-m") + 2 :]
        environment = {**BACKEND, **settings["env"]}
        client.ask(connection, ENTRY, words, str(settings.get("cwd") or Path.cwd()), environment)
        self.process = Forked(connection)
        self.pid = self.pgid = self.process.pid
        self.cwd = settings.get("cwd")
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, which is gone then; Jupyter's own looks for that a tenth of a second later."""
        await super().kill(restart)
        if self.process is not None:
            self.process.wait()


class Forked:
    """The part of subprocess.Popen that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.answer = connection.makefile()
        self.pid = int(self.answer.readline() or 0)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, or None as long as the kernel runs."""
        if self.returncode is None and select.select([self.connection], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait for the kernel's end."""
        if self.returncode is None:
            self.returncode = int(self.answer.readline() or 1)
            self.answer.close()
            self.connection.close()
        return self.returncode
