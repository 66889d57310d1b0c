"""Pinned checksums: another file under the same name stops the run before anything is harmonised."""

from __future__ import annotations

from pathlib import Path

from disrupting_harm.config import Delivery
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.files.fingerprints import sha256

_SHORT = 12
"""Digits of a checksum that are shown, enough to recognise it."""


def verify_checksum(delivery: Delivery, iso3: str, path: Path) -> str:
    """The checksum of a country's file. Raises MicrodataError where the configuration pins another one."""
    actual, pinned = sha256(path), (delivery.source.sha256 or "").lower()
    if not pinned or actual == pinned:
        return actual
    where, key = written_in(delivery, iso3)
    what = (
        f"is not the file that is pinned: its checksum is {actual[:_SHORT]}..., and"
        f" {where} says {pinned[:_SHORT]}..."
    )
    hint = (
        "If a corrected file was delivered and the results are to be about it, write in"
        f" {where}, under {key}:\n        sha256: {actual}\n"
        "      Otherwise put the earlier file back: this one may be damaged, or another country's."
    )
    raise MicrodataError(delivery.file, what, hint)


def written_in(delivery: Delivery, iso3: str) -> tuple[str, str]:
    """The configuration file that names a delivered file, and the key where it does."""
    if delivery.shared_file:
        return "config/config.yaml", f"shared_files.{delivery.shared_file}.{delivery.table}"
    return f"config/countries/{iso3}.yaml", f"microdata.{delivery.table}"
