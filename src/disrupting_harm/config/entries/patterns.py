"""Patterns that take a value out of a text. They are RE2's, which reads a text once: no pattern can hang a run.

Python's `re` tries ways again and again, and for some patterns never ends; RE2 refuses the few constructs that need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_GROUP = "value"
_TOKEN = re.compile(r"\\.|\[\^?\]?|\(\?P?<(?![=!])|\(\?|.", re.DOTALL)
"""An escaped sign, the beginning of a class of signs, the beginning of a group, or any other sign."""


class PatternError(ValueError):
    """A pattern that cannot be used."""


def check_pattern(pattern: str) -> None:
    """Raise PatternError for a pattern that RE2 does not take, or that has several groups."""
    import pyarrow as pa

    _extracted(pa.nulls(0, pa.string()), pattern)  # pa.array would import pandas


def extract(texts: pd.Series, pattern: str) -> pd.Series:
    """What the group of a pattern (the whole pattern if it has none) takes out of each text; else the whole text.

    Of several places the first one counts. Missing texts stay missing.
    """
    import pandas as pd
    import pyarrow as pa

    values = _extracted(
        pa.array(texts.astype(object).where(texts.notna(), None).tolist(), pa.string()), pattern
    )
    taken = pd.Series(values.to_pylist(), index=texts.index, dtype=texts.dtype).str.strip()
    return taken.where(taken.notna() & (taken != ""), texts)


def _extracted(texts: Any, pattern: str) -> Any:
    """What the group of a pattern takes out of an Arrow array of texts; null where the pattern does not match."""
    import pyarrow as pa
    from pyarrow import compute

    try:
        return compute.struct_field(compute.extract_regex(texts, _with_name(pattern)), [0])
    except pa.ArrowInvalid as error:
        raise PatternError(str(error).removeprefix("Invalid regular expression: ")) from None


def _with_name(pattern: str) -> str:
    """The pattern with its group under a name, as Arrow wants it."""
    groups = list(_groups(pattern))
    if len(groups) > 1:
        raise PatternError("it has several groups")
    if not groups:
        return f"(?P<{_GROUP}>{pattern})"
    start = groups[0]
    if pattern.startswith("(?", start):
        return pattern
    return f"{pattern[: start + 1]}?P<{_GROUP}>{pattern[start + 1 :]}"


def _groups(pattern: str) -> Iterator[int]:
    """Where the groups of a pattern begin that take something out."""
    in_class = False
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if in_class:
            in_class = text != "]"
        elif text.startswith("["):
            in_class = True
        elif text in ("(", "(?P<", "(?<"):
            yield token.start()
