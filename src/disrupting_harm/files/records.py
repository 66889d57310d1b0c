"""What a product was made from travels with it: a small record in its folder, compared before the product is used.

Snakemake keeps what it knows of products in `.snakemake`. That may have been deleted, or belong to another checkout
that shares data/ by a link. The record is beside the product, so a product made from other settings, other input files
or by another library is recognised wherever it comes from, and made again.

A record holds digests and names of files in its folder. Where a product is published its record is, too, so the input
files have one digest together: nobody can try out what a single small table below data/ holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from disrupting_harm.config.project import digest
from disrupting_harm.files.atomic import write_text
from disrupting_harm.files.cache import changed_since_import
from disrupting_harm.files.fingerprints import LIBRARY, behind, fingerprint, sha256
from disrupting_harm.files.private import DATA, below_data, owner_only

NAME = re.compile(r"\.(\w+)\.json")
"""How records are called: hidden, after the first product of their folder."""

_SHORT = re.compile(r"[0-9a-f]{16}")
_LONG = re.compile(r"[0-9a-f]{64}")
OF_FIGURES = ("svg", "png", "csv")
"""Kinds of files in a folder of figures; others in it are of programs that somebody looked at it with."""

PARTS = ("settings", "library", "inputs")
"""What products are made from, as in a record."""

_WORDS = {
    "settings": "other settings than those of config/ now",
    "library": "another version of the library",
    "inputs": "other input files",
}


class StaleError(Exception):
    """A product was not made from what it would be made from now; the message names it and what to do."""


@dataclass(frozen=True, eq=False)
class Job:
    """What one job makes, and from what.

    root: the project's folder, from which all files are named. products: files, and folders of figures, which come
    after a file and have no ending; those of the synthetic survey may be edited afterwards. settings: digest of the
    settings behind them. entries: modules of the library that the job begins with. reads: files that no job makes.
    needs: files that other jobs make, with these jobs. after: further jobs whose products have to be right.
    """

    root: Path
    products: tuple[str, ...]
    settings: str
    entries: tuple[str, ...]
    reads: tuple[str, ...] = ()
    needs: Mapping[str, Job] = field(default_factory=dict)
    after: tuple[Job, ...] = ()
    may_be_edited: bool = False

    # Made from

    @property
    def library(self) -> str:
        """Fingerprint of the library behind the products."""
        return library(self.entries)

    @cached_property
    def inputs(self) -> str | None:
        """Digest of the content of all files that are read; None if one is not there, or has no record."""
        checksums = {file: self.microdata.get(file) or _checksum(self.root / file) for file in self.reads}
        for file, job in self.needs.items():
            checksums[file] = _record_of(job.records[file]).get("products", {}).get(_name_of(file))
        return digest(sorted(checksums.items())) if all(checksums.values()) else None

    @cached_property
    def microdata(self) -> dict[str, str]:
        """Checksums of delivered files as recorded, as far as they hold: large files are not read at each start."""
        delivered = [file for file in self.reads if file.startswith(f"{DATA}/")]
        record = self.records[self.products[0]]
        recorded = _record_of(record).get("microdata", {}) if delivered else {}
        return {
            file: recorded[file]
            for file in delivered
            if file in recorded and _is_same(f"{self.root}/{file}", recorded[file], record)
        }

    # Records

    @cached_property
    def records(self) -> dict[str, str]:
        """The record of each product: one for all of a folder, called after the first; of a folder the first record."""
        first: dict[str, str] = {}
        records: dict[str, str] = {}
        for file in self.products:
            folder, _, name = file.rpartition("/")
            stem, ending, _ = name.rpartition(".")
            record = f"{self.root}/{folder}/.{stem}.json"
            records[file] = first.setdefault(folder, record) if ending else next(iter(first.values()))
        return records

    def problem(self, *files: str) -> str:
        """What is wrong with products (default: all) that are there; empty where they are as they would be made now."""
        began = time.time_ns()
        for file in files or self.products:
            if wrong := self.wrong_with(file):
                return f"{file} {wrong}"
        if not files:
            self.renew(began)
        return ""

    def wrong_with(self, file: str) -> str:
        """What is wrong with one product, if it is there."""
        path, record = f"{self.root}/{file}", self.records[file]
        is_there = os.path.isdir if _is_folder(file) else os.path.isfile  # pathlib takes its time
        if not is_there(path):
            return ""
        about = _record_of(record)
        known = about.get("products", {}).get(_name_of(file))
        if known is None:
            return "has no record of what it was made from"
        now = {"settings": self.settings, "library": self.library, "inputs": self.inputs}
        differing = [_WORDS[part] for part in PARTS if now[part] is not None and about[part] != now[part]]
        if differing:
            return f"was made from {', '.join(differing)}"
        if not self.may_be_edited and not _is_same(path, known, record):
            return "has been changed since it was made"
        return ""

    def renew(self, began: int) -> None:
        """Date the records whose files have all been read again, as after a copy of the project, to read them once."""
        read = {**self.records, **dict.fromkeys(self.microdata, self.records[self.products[0]])}
        touched = [(f"{self.root}/{file}", record) for file, record in read.items()]
        for record in {record for path, record in touched if not _is_older(path, record)}:
            with contextlib.suppress(OSError):
                os.utime(record, ns=(began, began))

    def check_needs(self) -> None:
        """Raise StaleError if something that is read was not made from what it would be made from now."""
        read: dict[Job, list[str]] = {job: [] for job in self.after}
        for file, job in self.needs.items():
            read.setdefault(job, []).append(file)
        for job, files in read.items():
            if problem := job.problem(*files):
                raise StaleError(
                    f"{problem}.\n  Run snakemake, which makes it again. Where several checkouts share {DATA}/, run one"
                    " after the other."
                )

    def forget(self) -> None:
        """Delete the records, before products are made."""
        for record in self.records.values():
            Path(record).unlink(missing_ok=True)

    def write(self) -> None:
        """Write the records of products that were just made."""
        about = {"settings": self.settings, "library": self.library, "inputs": self.inputs}
        delivered = [file for file in self.reads if file.startswith(f"{DATA}/")]
        for record in dict.fromkeys(self.records.values()):
            path = Path(record)
            files = [self.root / file for file in self.products if self.records[file] == record]
            content: dict[str, Any] = {**about, "products": {file.name: _checksum(file) for file in files}}
            is_private = bool(below_data(path))
            if is_private and delivered:
                content["microdata"] = {file: sha256(self.root / file) for file in delivered}
            with owner_only(path) if is_private else contextlib.nullcontext():
                write_text(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")

    def fits(self, given: Sequence[Path]) -> bool:
        """Whether these are files of this job: a command that is called by hand may be given any."""
        known = {self.root / file for file in (*self.products, *self.reads, *self.needs)}
        return all(path.absolute() in known for path in given)


@contextlib.contextmanager
def recorded(job: Callable[[], Job], *given: Path) -> Generator[None]:
    """Compare what a job reads before it reads it, and record what it was made from after it has made its products.

    job: what it is made from at the moment. given: the files that the command was given; where others than those of the
    workflow are among them, nothing is compared and nothing recorded. If something changes meanwhile, there is no
    record, and the products are made again by the next run. Errors: StaleError.
    """
    before = job()
    if not before.fits(given):
        yield
        return
    before.check_needs()
    before.forget()
    yield
    after = job()
    made_from = [(record.settings, record.inputs) for record in (before, after)]
    if (
        made_from[0] == made_from[1]
        and before.inputs
        and not changed_since_import(behind(LIBRARY, before.entries))
    ):
        after.check_needs()
        before.write()


@cache
def library(entries: tuple[str, ...]) -> str:
    """Fingerprint of the modules that a job begins with, and of all behind them."""
    return fingerprint(behind(LIBRARY, entries))


def _record_of(record: str) -> dict[str, Any]:
    """The content of a record; nothing if there is none, or if it is damaged."""
    try:
        about = os.stat(record)  # noqa: PTH116 (see `wrong_with`)
        return _read(record, (about.st_mtime_ns, about.st_ctime_ns, about.st_size))
    except (OSError, ValueError):
        return {}


@cache
def _read(record: str, _: tuple[int, int, int]) -> dict[str, Any]:
    """The content of a record, read once while the file stays the same."""
    content = json.loads(Path(record).read_text(encoding="utf-8"))
    return content if is_record(content) else {}


def is_record(content: Any) -> bool:
    """Whether something is a record: digests, and names of files with their checksums."""
    if not isinstance(content, dict) or content.keys() - {"microdata"} != {*PARTS, "products"}:
        return False
    checksums = [content["products"], content.get("microdata", {})]
    return all(isinstance(content[part], str) and _SHORT.fullmatch(content[part]) for part in PARTS) and all(
        isinstance(files, dict)
        and all(isinstance(known, str) and _LONG.fullmatch(known) for known in files.values())
        for files in checksums
    )


def _name_of(file: str) -> str:
    """The name of a file in its folder."""
    return file.rpartition("/")[2]


def _is_folder(product: str) -> bool:
    """Whether a product is a folder of figures: these have no ending."""
    return "." not in _name_of(product)


def _checksum(file: Path) -> str | None:
    """SHA-256 of a file, or of the names and checksums of a folder's figures; None where there is none."""
    if file.is_dir():
        figures = sorted(path for kind in OF_FIGURES for path in file.glob(f"[!.]*.{kind}"))
        listed = "".join(f"{sha256(path)}  {path.name}\n" for path in figures)
        return hashlib.sha256(listed.encode()).hexdigest()
    return sha256(file) if file.is_file() else None


def _is_same(file: str, known: str, record: str) -> bool:
    """Whether a file has a known checksum. What was not touched since the record was written is not read for it."""
    return _is_older(file, record) or _checksum(Path(file)) == known


def _is_older(file: str, record: str) -> bool:
    """Whether a file, or all of a folder, was last touched before a record was written, by the clock of the disk.

    Also if it is gone.
    """
    try:
        touched = os.stat(file).st_ctime_ns  # noqa: PTH116 (see `wrong_with`)
        if _is_folder(file):  # which does not change with the content of its files
            touched = max([touched, *(entry.stat().st_ctime_ns for entry in os.scandir(file))])
    except FileNotFoundError:
        return True
    return touched < os.stat(record).st_mtime_ns  # noqa: PTH116
