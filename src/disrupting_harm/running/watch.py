"""Run the workflow again whenever a source is saved, and let open pages follow.

Pages are served at 127.0.0.1 alone, each with a few lines more that look every second whether the page has changed.
These lines are in no file of results/.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from watchfiles import watch

from disrupting_harm.running.warm.start import start, stop

HERE = "127.0.0.1"
_SOURCES = ("Snakefile", "config", "data/raw", "notebooks", "resources", "src", "workflow")
"""What a run depends on, relative to the project's folder."""

_NOT_TO_BE_HAD = {
    errno.EADDRINUSE: "is in use, perhaps by another `watch`",
    errno.EACCES: "is reserved for the system",
}
"""Why a port cannot be had, by the number of the system's error."""

FOLLOW = b"""<script>
{
  let seen;
  setInterval(async () => {
    const page = await fetch(location.pathname, {method: "HEAD", cache: "no-store"}).catch(() => null);
    if (!page || !page.ok) return;
    const now = page.headers.get("ETag");
    if (seen && seen !== now) location.reload();
    seen = now;
  }, 1000);
}
</script>
"""


class WatchError(Exception):
    """Pages cannot be served; the message says why, and what to do."""


def follow(root: Path, country: str, port: int, say: Callable[[str], None]) -> None:
    """Run the workflow, and again after each change, until interrupted. `port` 0: one that is free.

    Raises WatchError for a port that cannot be had.
    """
    warm = start()
    try:
        with serving(root / "results", port) as address:
            say(f"Open {address} in a browser; an open page reloads. Ctrl-C ends.")
            repeat(lambda: run(root, country), changes(root))
    except KeyboardInterrupt:
        say("Ended.")
    finally:
        if warm:
            stop(warm)


def repeat(run: Callable[[], None], changes: Iterable[Any]) -> None:
    """Run once, and again after each set of changes that is not empty."""
    for number, changed in enumerate(changes):
        if changed or not number:
            run()


def changes(root: Path) -> Iterator[Any]:
    """Sets of changed source files: an empty one at once, as what is saved during a run shall not be missed."""
    sources = [root / name for name in _SOURCES if (root / name).exists()]
    return watch(*sources, rust_timeout=200, yield_on_timeout=True)


def run(root: Path, country: str) -> None:
    """Call Snakemake; after an interrupt it is given the time to end its jobs and to unlock the folder."""
    command = [sys.executable, "-m", "snakemake", "--config", f"country={country}"]
    with subprocess.Popen(command, cwd=root) as process:
        try:
            process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise


# --- Pages ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Generator[str]:
    """Serve a folder to this machine; gives the address. Raises WatchError for a port that cannot be had."""

    def page(*words: Any) -> Page:
        return Page(*words, directory=str(folder))

    with listening(port, page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{HERE}:{server.server_port}/"
        finally:
            server.shutdown()


def listening(port: int, page: Callable[..., Any]) -> ThreadingHTTPServer:
    """A server at a port of this machine."""
    try:
        return ThreadingHTTPServer((HERE, port), page)
    except OSError as error:
        if error.errno not in _NOT_TO_BE_HAD:
            raise
        why = _NOT_TO_BE_HAD[error.errno]
        raise WatchError(f"Port {port} {why}. `--port 0` uses a free one.") from None


class Page(SimpleHTTPRequestHandler):
    """Answers with a file, and with a page that follows its file."""

    def send_head(self) -> Any:
        """Send the headers of a file, and give its content."""
        if self.headers.get("Host") != f"{HERE}:{self.connection.getsockname()[1]}":
            # A page of another site, under a name that it has made lead here.
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        page = Path(self.translate_path(self.path))
        if self.path.endswith("/"):
            page /= "index.html"
        if page.suffix != ".html":
            return super().send_head()
        try:
            with page.open("rb") as file:
                content, saved = file.read() + FOLLOW, os.fstat(file.fileno()).st_mtime_ns
        except OSError:  # Not made yet, or being made again at this moment.
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{saved}"')
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        return io.BytesIO(content)

    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002  # as the parent calls it
        """Keep the terminal for the workflow."""
