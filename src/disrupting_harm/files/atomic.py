"""Files are written whole or not at all: first beside their place, then moved to it."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path: Path) -> Generator[Path]:
    """A temporary file to write to: it is moved to `path` when the block ends, and deleted if the block fails.

    What a killed writer has left beside it goes first. A writer that is still at work then fails: the last one counts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.[0-9]*.unfinished"):
        left.unlink(missing_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 with line ends as they are, whole or not at all."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
