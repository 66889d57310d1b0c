"""Which format a file has, by its ending. No error of a library passes, as its words may quote answers."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from disrupting_harm.config.entries.delivered import nearest_file
from disrupting_harm.config.entries.formats import FORMATS
from disrupting_harm.config.files.problems import ConfigurationError
from disrupting_harm.config.files.root import find_root
from disrupting_harm.delivered.formats.description import Opened, ReadOptions
from disrupting_harm.delivered.formats.encoding import (
    find_encoding,
    found_out_encoding,
    likely_of_file,
    not_in_encoding,
)
from disrupting_harm.delivered.formats.errors import MicrodataError, UnreadableError
from disrupting_harm.delivered.formats.excel import Excel
from disrupting_harm.delivered.formats.header import LayoutError
from disrupting_harm.delivered.formats.joined import Joined, Module
from disrupting_harm.delivered.formats.parquet import Parquet
from disrupting_harm.delivered.formats.portable import Portable
from disrupting_harm.delivered.formats.sas import Sas
from disrupting_harm.delivered.formats.spss import Spss
from disrupting_harm.delivered.formats.stata import Stata
from disrupting_harm.delivered.formats.text import Text
from disrupting_harm.files.private import keep_words

_READERS: dict[str, Callable[[Path, ReadOptions], Opened]] = {
    "text": Text,
    "SPSS": Spss,
    "SPSS portable": Portable,
    "Stata": Stata,
    "SAS": Sas,
    "Parquet": Parquet,
    "Excel": Excel,
}


_LIBRARIES = ("pyreadstat", "pyarrow", "python_calamine", "xlrd", "zipfile", "xml", "csv")
"""Libraries whose own errors mean that a file cannot be read."""


def opened(path: Path, name: str, options: ReadOptions, modules: Sequence[Module] = ()) -> Opened:
    """The file at `path`, opened with its modules, called `name` in messages. Raises MicrodataError."""
    check_place(path, name)
    file = guarded(path, name, options, lambda: _READERS[FORMATS[path.suffix.lower()]](path, options))
    if not modules:
        return file
    of_modules = [(module, opened(module.path, module.name, module.options)) for module in modules]
    return Joined(file, path, name, of_modules, guarded)


def check_place(path: Path, name: str) -> None:
    """Raise MicrodataError where there is no file, or one of another kind than can be read."""
    if path.suffix.lower() not in FORMATS:
        what = f"is of a kind that cannot be read ({path.suffix or 'no ending'})"
        hint = f"Export it from your statistics program as one of: {', '.join(FORMATS)}."
        raise MicrodataError(name, what, hint)
    if path.is_dir():
        raise MicrodataError(
            name, "is a folder", "Name the file in it, with its ending, in the configuration."
        )
    if not path.is_file():
        hint = (
            "Place the file there (data/ is never committed), or correct its path in config/config.yaml or"
            " config/countries/; data/README.md explains how. Without a path the synthetic survey is used."
        )
        raise MicrodataError(name, f"does not exist{nearest_file(path)}", hint)


def guarded(path: Path, name: str, options: ReadOptions, reading: Callable[[], Any]) -> Any:
    """The result of `reading`, or MicrodataError without the details, which may quote answers."""
    try:
        return reading()
    except MicrodataError:  # of a module
        raise
    except UnreadableError as error:
        refused = MicrodataError(name, error.what, error.hint)
        refused.layout = error.layout if isinstance(error, LayoutError) else None
    except PermissionError:
        refused = MicrodataError(name, "may not be read: permission denied", "Ask for read permission.")
    except MemoryError:  # not the file's fault
        raise
    except Exception as error:  # noqa: BLE001
        # Each library raises its own kinds, and their words may quote answers: neither may pass.
        refused = _refusal(path, name, options, error)
    raise refused from None


def _refusal(path: Path, name: str, options: ReadOptions, error: Exception) -> MicrodataError:
    """The refusal of a file after an error that no library foresaw."""
    if isinstance(error, UnicodeError) and FORMATS[path.suffix.lower()] == "text":
        return _wrong_encoding(path, name, options)
    if isinstance(error, (OSError, EOFError, UnicodeError, zlib.error)) or _is_of_a_reader(error):
        return damaged(path, name, error)
    return _fault_of_ours(name, error)


def _is_of_a_reader(error: Exception) -> bool:
    """Whether an error means that a library cannot read the file, and not a slip in a program."""
    return type(error).__module__.partition(".")[0].lstrip("_") in _LIBRARIES


def damaged(path: Path, name: str, error: Exception) -> MicrodataError:
    """A file that its library cannot read."""
    locked = ", protected by a password" if FORMATS[path.suffix.lower()] == "Excel" else ""
    what = f"cannot be read as {path.suffix} ({type(error).__name__}): damaged, cut off{locked}, or of another kind"
    hint = "Compare its size with the delivered file, copy it again, or open it in the program that made it."
    return MicrodataError(name, what, hint)


def _wrong_encoding(path: Path, name: str, options: ReadOptions) -> MicrodataError:
    """A text file that is not in the encoding that the configuration gives, or that was found out."""
    if options.encoding:
        found_out = found_out_encoding(path)
        others = [found_out] if found_out else likely_of_file(path)
        instead = f"it is detected from the file, which seems to be in {found_out}" if found_out else ""
        error = not_in_encoding(options.encoding, "which `encoding` gives", others, instead=instead)
    else:
        error = not_in_encoding(find_encoding(path), "in which most of it seems to be", likely_of_file(path))
    return MicrodataError(name, error.what, error.hint)


def _fault_of_ours(name: str, error: Exception) -> MicrodataError:
    """An error of the program, not of the file; its words are kept below data/, where they may quote answers."""
    try:
        root = find_root()
    except ConfigurationError:
        root = None
    kept = keep_words(error, root, "-".join(["reading", *Path(name).parts[-2:]]))
    what = f"could not be read because of a fault in this program ({type(error).__name__}), not in the file"
    return MicrodataError(
        name, [what, *kept.splitlines()], "Report the fault with these lines, and without the file."
    )
