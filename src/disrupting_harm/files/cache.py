"""What was worked out about files, kept below data/ for the next run.

It saves work and decides nothing: without it the same follows. It is believed only where it is whole, where nobody but
its owner could have written it, and where the code and everything else that it depends on are the same as now.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import disrupting_harm
from disrupting_harm.files.atomic import write_text
from disrupting_harm.files.fingerprints import fingerprint
from disrupting_harm.files.private import DATA, owner_only

FOLDER = Path(DATA, "cache")


class Cache:
    """Values by name, from this run and the one before. Names that a run does not ask for are forgotten after it.

    file: where they are kept; None for nowhere. code: the modules that the values come from; about: everything else
    that they depend on, besides their names.
    """

    def __init__(self, file: Path | None, code: Iterable[Path], *about: str) -> None:
        self.file, self.code = file, list(code)
        self.key = digest(json.dumps([fingerprint(self.code), sys.version, *about]))
        self.earlier = read(file, self.key) if file else {}
        self.values: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """The value of a name; None where it is not known."""
        if name not in self.values and name in self.earlier:
            self.values[name] = self.earlier[name]
        return self.values.get(name)

    def set(self, name: str, value: Any) -> None:
        """Keep a value."""
        self.values[name] = value

    def write(self) -> None:
        """Write the values for the next run, unless the code has changed since it was imported, or there is no room."""
        if not self.file or self.values == self.earlier or changed_since_import(self.code):
            return
        text = json.dumps({"key": self.key, "values": self.values}, ensure_ascii=False, sort_keys=True)
        with contextlib.suppress(OSError), owner_only(self.file):
            write_text(self.file, f"{digest(text)}\n{text}")


def read(file: Path, key: str) -> dict[str, Any]:
    """The values that a run has left; none where the file is damaged, has another key, or others could write it."""
    try:
        about = file.stat()
        checksum, _, text = file.read_text(encoding="utf-8").partition("\n")
        if about.st_uid != os.getuid() or about.st_mode & 0o077 or digest(text) != checksum:
            return {}
        content = json.loads(text)
        return dict(content["values"]) if content["key"] == key else {}
    except (OSError, KeyError, TypeError, ValueError):
        return {}


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def changed_since_import(code: Iterable[Path]) -> bool:
    """Whether files hold other code than what runs: then a fingerprint of them is not that of what was worked out."""
    return any(file.stat().st_ctime >= disrupting_harm.IMPORTED for file in code)
