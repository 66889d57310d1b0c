"""A kernel inside this process, for papermill: no second interpreter is started, and nothing travels over a socket.

Cells run one after another in the client's event loop, in this process's one thread: all messages of a cell are there,
in their order, when it has ended.
"""

from __future__ import annotations

import atexit
from types import SimpleNamespace
from typing import Any

from ipykernel.inprocess.blocking import BlockingInProcessKernelClient
from ipykernel.inprocess.ipkernel import InProcessKernel
from ipykernel.inprocess.manager import InProcessKernelManager
from ipykernel.iostream import IOPubThread
from traitlets import DottedObjectName, default


class _Kernel(InProcessKernel):
    """Publishes what cells print and show at once; ipykernel's own has a thread for it, and waits for that."""

    # Where a cell awaits something, ipykernel asks for the thread of a channel that is not there in one process.
    # pyrefly: ignore[bad-override]  # all that is asked of the thread is its parent
    shell_channel_thread = SimpleNamespace(parent_thread=None)
    _supports_kernel_subshells = False

    @default("iopub_thread")
    def _not_started(self) -> IOPubThread:
        return IOPubThread(self._underlying_iopub_socket, session=self.session)

    # pyrefly: ignore[bad-override]  # in one process a message comes without the subshell that the parent asks for
    async def dispatch_shell(self, message: list[Any], subshell_id: str | None = None) -> None:
        """Do what a message asks for, Python's streams being the kernel's: they learn whose cell runs."""
        with self._redirected_io():
            await super().dispatch_shell(message, subshell_id)


class Client(BlockingInProcessKernelClient):
    """Executes in the running event loop; ipykernel's own starts a thread for each request."""

    # pyrefly: ignore[bad-override]  # the notebook's client, which alone calls it, awaits it
    async def execute(
        self, code: str, store_history: bool = True, stop_on_error: bool = True, **_: Any
    ) -> str:
        """Execute a cell, whose messages can be read afterwards; returns the request's identity."""
        content = {"code": code, "store_history": store_history, "stop_on_error": stop_on_error}
        request = self.session.msg(
            "execute_request", {**content, "silent": False, "user_expressions": {}, "allow_stdin": False}
        )
        kernel: Any = self.kernel  # the manager has started it
        stream = kernel.shell_stream
        self.session.send(stream, request)
        await kernel.dispatch_shell(stream.recv_multipart())
        _, reply = self.session.recv(stream, copy=False)
        self.shell_channel.call_handlers_later(reply)
        return request["header"]["msg_id"]

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return at once: the kernel is in this process and always ready."""


class Manager(InProcessKernelManager):
    """Starts the kernel, and leaves nothing of it behind that a later one in this process would find."""

    client_class = DottedObjectName(f"{__name__}.Client")

    def start_kernel(self, **_: Any) -> None:
        """Start the kernel."""
        self.kernel = _Kernel(parent=self, session=self.session)

    def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # noqa: ARG002
        """End the kernel."""
        kernel: Any = self.kernel  # it has been started
        shell = kernel.shell
        super().shutdown_kernel()
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()
        shell.clear_instance()
