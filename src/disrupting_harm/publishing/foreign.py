"""Files that other programs leave in results/ when somebody looks at it: left alone, and no part of what is published.

Only names that these programs always use count, up to the size that such files have. Locks and swap files have to
belong to a file that is there: other files in the place of one are refused like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_SYSTEMS = {
    ".DS_Store": ("macOS", 64 * 1024),
    "Thumbs.db": ("Windows", 1024 * 1024),
    "desktop.ini": ("Windows", 4 * 1024),
    ".directory": ("KDE", 4 * 1024),
}
"""Names of files about a folder, the system that writes them, and how large they get (in bytes)."""

_LOCKS = (
    (re.compile(r"\.~lock\.(.+)#"), "LibreOffice"),
    (re.compile(r"~\$(.+\.xlsx)"), "Excel"),
)
"""Names of locks, with that of the locked file in them: they hold who has opened it."""

_LARGEST_LOCK = 1024

_COMPANIONS = ((re.compile(r"\._(.+)"), "macOS"),)
"""Names of what macOS writes beside each file on the disks of other systems: its icon, where it came from."""

_LARGEST_COMPANION = 64 * 1024

_SWAPS = (
    (re.compile(r"\.(.+)\.sw[a-p]"), "Vim"),
    (re.compile(r"\.(.+)\.kate-swp"), "Kate"),
)
"""Names of swap files, with that of the edited file in them: they hold a copy of it."""

_ROOM = 64 * 1024
"""What a swap file holds beside the copy, in bytes."""

_LINK = re.compile(r"\.#(.+)")
"""Name of the lock of Emacs: a link that leads nowhere."""


def files(results: Path) -> Iterator[tuple[str, str]]:
    """The files of other programs in a folder, each with the program."""
    for path in sorted(results.rglob("*")):
        if name := program(path):
            yield path.relative_to(results).as_posix(), name


def program(path: Path) -> str:
    """The program that has left a file; empty for any other file."""
    if path.is_symlink():
        lock = _LINK.fullmatch(path.name)
        return "Emacs" if lock and path.with_name(lock[1]).is_file() and not path.exists() else ""
    if not path.is_file():
        return ""
    size = path.stat().st_size
    if path.name in _SYSTEMS:
        system, largest = _SYSTEMS[path.name]
        return system if size <= largest else ""
    kinds = (_LOCKS, _LARGEST_LOCK, False), (_COMPANIONS, _LARGEST_COMPANION, False), (_SWAPS, _ROOM, True)
    for patterns, room, holds_a_copy in kinds:
        for pattern, name in patterns:
            if (match := pattern.fullmatch(path.name)) and (of := path.with_name(match[1])).is_file():
                copy = 2 * of.stat().st_size if holds_a_copy else 0
                return name if size <= copy + room else ""
    return ""
