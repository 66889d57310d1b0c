"""SPSS and Stata files whose texts are not in the encoding that they declare: which texts, and what reads them."""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from disrupting_harm.delivered.formats.encoding import is_in, likely, not_in_encoding
from disrupting_harm.delivered.formats.errors import UnreadableError

_ANY_BYTES = "ISO-8859-1"
"""Each byte is a letter in it, so that bytes come back as they are."""
_NAMES = {"mac-roman": "macintosh", "utf-8-sig": "utf-8"}
"""What ReadStat calls an encoding, where Python calls it otherwise."""
_SPSS_ENCODING = re.compile(
    rb"\x07\0\0\0\x14\0\0\0\x01\0\0\0.\0\0\0([ -~]+?)(?=\x07\0\0\0|\xe7\x03\0\0|\0)", re.DOTALL
)
"""The record of an SPSS file that names its encoding: type 7, subtype 20, bytes that are counted."""
_UNICODE_STATA = 118
"""The first release of the format of Stata files that is UTF-8."""
_MOST_ROWS = 200_000
_MOST_PLACES = 3


def name_for_readstat(encoding: str) -> str:
    """What ReadStat calls an encoding that Python knows: iso8859-1 for latin-1."""
    name = codecs.lookup(encoding).name
    return _NAMES.get(name, name.replace("_", "-"))


def declared_by_spss(path: Path) -> str:
    """The encoding that an SPSS file declares; empty where it declares none."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        record = _SPSS_ENCODING.search(content)
        return record[1].decode("ascii") if record else ""


def declared_by_stata(path: Path) -> str:
    """The encoding that a Stata file is in by its version; empty for the old ones, which declare none."""
    with path.open("rb") as stream:
        head = stream.read(64)
    release = re.search(rb"<release>(\d+)</release>", head)
    return "UTF-8" if release and int(release[1]) >= _UNICODE_STATA else ""


def bytes_of(
    reader: Callable[..., tuple[Any, Any]], path: Path, names: Sequence[str] | None
) -> dict[str, list[bytes]]:
    """The texts of a file that hold other letters than A to Z, as bytes, by where they are.

    `names`: the columns whose cells count besides names and labels; None: all.
    """
    _, meta = reader(path, encoding=_ANY_BYTES, metadataonly=True)
    texts: dict[str, Iterable[Any]] = {"the names of columns": meta.column_names}
    for name, label in meta.column_names_to_labels.items():
        texts[f"the label of column {name}"] = [label]
    for name, labels in meta.variable_value_labels.items():
        texts[f"the labels of values of column {name}"] = labels.values()
    stored = meta.readstat_variable_types
    cells = [
        name for name in meta.column_names if stored[name] == "string" and (names is None or name in names)
    ]
    if cells:
        options = {"usecols": cells, "row_limit": _MOST_ROWS}
        frame, _ = reader(path, encoding=_ANY_BYTES, **options)
        texts |= {f"column {name}": frame[name].unique() for name in cells}
    words = {column: [*_other_letters(values)] for column, values in texts.items()}
    return {column: values for column, values in words.items() if values}


def _other_letters(texts: Iterable[Any]) -> Iterable[bytes]:
    """Texts with other letters than A to Z, as the bytes that they were read from."""
    for text in texts:
        if isinstance(text, str) and not text.isascii():
            yield text.encode(_ANY_BYTES)


def wrong_texts(
    texts: Mapping[str, Sequence[bytes]], configured: str | None, declared: str
) -> UnreadableError:
    """The finding about texts that are not in the encoding that the configuration gives or the file declares."""
    encoding = configured or declared or "utf-8"
    everything = [text for values in texts.values() for text in values]
    wrong = [column for column, values in texts.items() if not all(is_in(text, encoding) for text in values)]
    where = f": see {', '.join(wrong[:_MOST_PLACES])}{' and others' if len(wrong) > _MOST_PLACES else ''}"
    if configured:
        source = "which `encoding` gives"
    else:
        source = "which the file declares" if declared else "and the file declares none"
    fits_declared = configured and declared and all(is_in(text, declared) for text in everything)
    instead = f"the file declares {declared}, and is in it" if fits_declared else ""
    return not_in_encoding(encoding, source, likely(everything), where if wrong else "", instead)
