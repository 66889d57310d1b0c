"""Files that only their owner can read: whatever is about single respondents, or may quote them, is below data/."""

from __future__ import annotations

import contextlib
import errno
import os
import traceback
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from disrupting_harm.config import Project

DATA = "data"
FAILED = Path(DATA, "failed")
"""What failed, with its words: a notebook's copy with its outputs, a command's traceback."""


@contextlib.contextmanager
def owner_only(path: Path) -> Generator[None]:
    """What is written inside is for its owner alone, from its first byte (0600), and so are the folders (0700).

    path: a file, whose folder is made; the folders between data/ and the file are closed if they were open.
    """
    before = os.umask(0o077)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in below_data(path):
            if folder.stat().st_uid == os.getuid():
                folder.chmod(0o700)
        yield
    finally:
        os.umask(before)


def below_data(path: Path) -> list[Path]:
    """The folders that lead from the nearest folder called data, without it, to a file; none if there is none."""
    folders = list(path.absolute().parents)
    names = [folder.name for folder in folders]
    return folders[: names.index(DATA)] if DATA in names else []


def warning_if_open(project: Project, countries: Iterable[str]) -> str:
    """One line about delivered files that others than their owner may read; empty where there is none."""
    delivered = [project.countries[iso3] for iso3 in countries if project.countries[iso3].data == "delivered"]
    named = [
        file
        for country in delivered
        for delivery in filter(None, (country.children, country.caregivers))
        for file in delivery.all_files
    ]
    readable = [file for file in dict.fromkeys(named) if _is_open(project.path(file), project.root)]
    if not readable:
        return ""
    more = f" and {len(readable) - 1} more" if len(readable) > 1 else ""
    return f"warning: others on this machine may read {readable[0]}{more}. Close them: chmod -R go= {DATA}"


def _is_open(file: Path, root: Path) -> bool:
    """Whether the rights of a file, and of the folders that lead to it from `root`, let group or others read it."""
    if not file.is_file():
        return False
    folders = [folder for folder in file.parents if folder.is_relative_to(root) and folder != root]
    ways = [folder.stat().st_mode for folder in folders]
    mode = file.stat().st_mode
    return any(mode & 0o4 << who and all(way & 0o1 << who for way in ways) for who in (0, 3))


def keep_words(error: BaseException, root: Path | None, name: str) -> str:
    """The public part of an error that the library did not raise itself, whose message may contain an answer.

    That is the kind of error and its path through the code. The message goes to data/failed/`name`.txt in the project's
    folder `root`; without a project it is not kept.
    """
    where = "is shown only inside a project's folder"
    if root:
        kept = root / FAILED / f"{name}.txt"
        try:
            with owner_only(kept):
                kept.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
            where = f"is only in {kept.relative_to(root)}"
        except (
            OSError,
            MemoryError,
        ):  # the disk may be full: then Python would print both errors with their messages
            where = "could not be kept"
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"  {_shown_path(frame.filename)}, line {frame.lineno}, in {frame.name}" for frame in frames[-8:]
    ]
    of_the_system = system_words(error.errno) if isinstance(error, OSError) else ""
    message = f"{type(error).__name__}{of_the_system}. The message may contain an answer and {where}."
    return "\n".join([*places, message])


def system_words(number: int | None) -> str:
    """The system's own text of an error with this number, such as "no space left": it never contains an answer."""
    return f" ({os.strerror(number)})" if number is not None and number in errno.errorcode else ""


def _shown_path(file: str) -> str:
    """A file without the folders of this machine that lead to it."""
    return "/".join(Path(file).parts[-2:])
