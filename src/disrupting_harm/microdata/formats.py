"""Which format a file has, by its ending. No error of a library passes, as its words may quote answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from disrupting_harm.config.delivered import nearest_file
from disrupting_harm.config.formats import FORMATS
from disrupting_harm.microdata.error import MicrodataError, UnreadableError
from disrupting_harm.microdata.excel import Excel
from disrupting_harm.microdata.parquet import Parquet
from disrupting_harm.microdata.spss import Spss
from disrupting_harm.microdata.stata import Stata
from disrupting_harm.microdata.table import How, Opened
from disrupting_harm.microdata.text import Text

READERS: dict[str, Callable[[Path, How], Opened]] = {
    "text": Text,
    "SPSS": Spss,
    "Stata": Stata,
    "Parquet": Parquet,
    "Excel": Excel,
}


def opened(path: Path, name: str, how: How) -> Opened:
    """The file at `path`, opened, called `name` in messages. Raises MicrodataError."""
    check_place(path, name)
    return guarded(path, name, lambda: READERS[FORMATS[path.suffix.lower()]](path, how))


def check_place(path: Path, name: str) -> None:
    """Raise MicrodataError where there is no file, or one of another kind than can be read."""
    if path.suffix.lower() not in FORMATS:
        what = f"is of a kind that cannot be read ({path.suffix or 'no ending'})"
        way_out = f"Export it from your statistics program as one of: {', '.join(FORMATS)}."
        raise MicrodataError(name, what, way_out)
    if path.is_dir():
        raise MicrodataError(
            name, "is a folder", "Name the file in it, with its ending, in the configuration."
        )
    if not path.is_file():
        way_out = (
            "Place the file there (data/ is never committed), or correct its path in config/config.yaml or"
            " config/countries/; data/README.md tells how. Without a path the synthetic survey is used."
        )
        raise MicrodataError(name, f"does not exist{nearest_file(path)}", way_out)


def guarded(path: Path, name: str, reading: Callable[[], Any]) -> Any:
    """The result of `reading`, or MicrodataError without the details, which may quote answers."""
    try:
        return reading()
    except UnreadableError as error:
        found = MicrodataError(name, error.what, error.way_out)
    except PermissionError:
        found = MicrodataError(name, "may not be read: permission denied", "Ask for read permission.")
    except (UnicodeError, LookupError) as error:
        found = wrong_encoding(path, name, error)
    except Exception as error:  # noqa: BLE001
        # Each library raises its own kinds, and their words may quote answers: neither may pass.
        found = damaged(path, name, error)
    raise found from None


def damaged(path: Path, name: str, error: Exception) -> MicrodataError:
    """A file that its library cannot read."""
    locked = ", protected by a password" if FORMATS[path.suffix.lower()] == "Excel" else ""
    what = f"cannot be read as {path.suffix} ({type(error).__name__}): damaged, cut off{locked}, or of another kind"
    way_out = (
        "Compare its size with the delivered file, copy it again, or open it in the program that made it."
    )
    return MicrodataError(name, what, way_out)


def wrong_encoding(path: Path, name: str, error: Exception) -> MicrodataError:
    """A file that is not in the encoding that the configuration says."""
    if not isinstance(error, UnicodeError):
        return damaged(path, name, error)
    encoding = getattr(error, "encoding", "that the configuration says")
    what = f"is not in the encoding {encoding}"
    return MicrodataError(name, what, "Correct `encoding`, or leave it out: it is found out from the file.")
