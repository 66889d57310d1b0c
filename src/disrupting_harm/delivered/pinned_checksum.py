"""Pinned checksums: another file under the same name stops the run before anything is harmonised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from disrupting_harm.config import Delivery
from disrupting_harm.config.entries.delivered import FileSettings
from disrupting_harm.delivered.formats import MicrodataError, check_place
from disrupting_harm.files.fingerprints import sha256

_SHORT = 12
"""Digits of a checksum that are shown, enough to recognise it."""


def verify_checksum(delivery: Delivery, iso3: str, path: Path) -> str:
    """The checksum of a country's file. Raises MicrodataError where the configuration pins another one."""
    where, key = written_in(delivery, iso3)
    return _verified(delivery.source, path, where, key)


def verify_joined(delivery: Delivery, iso3: str, paths: Sequence[Path]) -> None:
    """Raise MicrodataError where one of the joined files is not the pinned one."""
    where, key = written_in(delivery, iso3)
    for joined, path in zip(delivery.source.join, paths, strict=True):
        if joined.sha256:
            check_place(path, joined.file)
            _verified(joined, path, where, f"`join` of {key}")


def _verified(source: FileSettings, path: Path, where: str, key: str) -> str:
    """The checksum of a file, which the configuration may pin at `key` of the file `where`."""
    actual, pinned = sha256(path), (source.sha256 or "").lower()
    if not pinned or actual == pinned:
        return actual
    what = (
        f"is not the file that is pinned: its checksum is {actual[:_SHORT]}..., and"
        f" {where} says {pinned[:_SHORT]}..."
    )
    hint = (
        "If a corrected file was delivered and the results are to be about it, write in"
        f" {where}, under {key}:\n        sha256: {actual}\n"
        "      Otherwise put the earlier file back: this one may be damaged, or another country's."
    )
    raise MicrodataError(source.file, what, hint)


def written_in(delivery: Delivery, iso3: str) -> tuple[str, str]:
    """The configuration file that names a delivered file, and the key where it does."""
    if delivery.shared_file:
        return "config/config.yaml", f"shared_files.{delivery.shared_file}.{delivery.table}"
    return f"config/countries/{iso3}.yaml", f"microdata.{delivery.table}"
