"""The products of a job, kept below data/ with a digest of what they were made from: the same is not made twice.

Snakemake takes a job's products away before it runs again, though what it reads may be the same as before. Then they
are written again from here, with the same bytes. They are believed only as `cache` believes: whole, where nobody but
their owner could have written them, and from the code that runs now. What is kept may be deleted at any time.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import sys
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.cache import FOLDER, Cache
from disrupting_harm.files.fingerprints import LIBRARY, behind
from disrupting_harm.files.private import below_data, owner_only

SWITCH = "DISRUPTING_HARM_MEMO"
"""The variable that says, by `off`, that everything shall be made and nothing taken from here."""

OFF = "off"
_Made = TypeVar("_Made")
_FAST = 1
"""How hard zlib tries: texts shrink to a fifth as it is."""


class Memo:
    """The products of one job.

    root: the project's folder. name: what the job makes, for whom, and of what, as ("insight", "ken", "disclosure").
    entries: the modules that it begins with. made_from: a digest of everything else that the products depend on.
    """

    def __init__(
        self, root: Path, name: tuple[str, str, str], entries: Iterable[str], made_from: Callable[[], str]
    ) -> None:
        self.root, self.made_from = root.absolute(), made_from
        self.digest = made_from()
        kind, whose, what = name
        file = root / FOLDER / kind / whose / f"{what}.json"
        self.cache = Cache(file, behind(LIBRARY, entries), self.digest, *packages())

    def once(self, make: Callable[[], _Made], *products: Path) -> _Made | None:
        """Make the products, unless they were made from the same before: then write them again, and return None.

        products: files below `root`, and folders, of which every file counts. Others are made each time.
        """
        if not all(product.absolute().is_relative_to(self.root) for product in products):
            return make()
        if os.environ.get(SWITCH) != OFF and self.restore(*products):
            return None
        made = make()
        self.keep(*products)
        return made

    def restore(self, *products: Path) -> bool:
        """Write the products as they were, if they were made from the same; otherwise nothing. Returns whether."""
        kept = self.cache.get("products")
        if not isinstance(kept, dict) or not self.fits(kept, products):
            return False
        try:
            contents = {name: zlib.decompress(base64.b64decode(text)) for name, text in kept.items()}
        except (TypeError, binascii.Error, zlib.error):
            return False
        for name, content in contents.items():
            path = self.root / name
            with (
                owner_only(path) if below_data(path) else contextlib.nullcontext(),
                atomic_write(path) as unfinished,
            ):
                unfinished.write_bytes(content)
        return True

    def fits(self, kept: Iterable[str], products: Iterable[Path]) -> bool:
        """Whether what is kept are these files and files of these folders."""
        names = {self.name(product) for product in products}
        alone = {name for name in kept if str(Path(name).parent) not in names}
        return alone == {name for name in names if not (self.root / name).is_dir()}

    def keep(self, *products: Path) -> None:
        """Keep products that were just made, unless something that they are made from has changed meanwhile."""
        if self.made_from() != self.digest or not all(product.exists() for product in products):
            return
        contents = {self.name(file): file.read_bytes() for file in _files_of(products)}
        pairs = {
            name: base64.b64encode(zlib.compress(content, _FAST)).decode()
            for name, content in contents.items()
        }
        self.cache.set("products", pairs)
        self.cache.write()

    def name(self, path: Path) -> str:
        """A path as seen from the project's folder."""
        return path.absolute().relative_to(self.root).as_posix()


def _files_of(products: Iterable[Path]) -> Iterator[Path]:
    """The files among products and in those that are folders."""
    for product in products:
        yield from (
            sorted(path for path in product.iterdir() if path.is_file()) if product.is_dir() else [product]
        )


def packages() -> list[str]:
    """The installed packages with their versions, as their folders are called."""
    folders = (Path(folder) for folder in sys.path if folder)
    return sorted({info.name for folder in folders for info in folder.glob("*.dist-info")})


def forget(root: Path, whose: Collection[str], what: Collection[str]) -> None:
    """Delete what is kept of jobs that there are no more: of another name than these (see `Memo`)."""
    for file in (root / FOLDER).glob("*/*/*.json"):
        if file.parent.name not in whose or file.stem not in what:
            file.unlink(missing_ok=True)
