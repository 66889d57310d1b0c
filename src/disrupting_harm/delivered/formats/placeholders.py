"""Texts in cells that hold no answer, such as NA: whether they mean an empty cell is for the configuration to say."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from disrupting_harm.delivered.formats.codes import holds_texts

_KNOWN = {"na", "n/a", "n.a.", "<na>", "nan", "null", "#null!", "sysmis", ".", "-", "--", "\\n"}
"""What statistics programs, databases and people write in place of nothing, in lower case. They may be shown."""


def is_placeholder(value: str) -> bool:
    """Whether a text is a well-known one for an empty cell, and so nobody's answer."""
    return value.casefold() in _KNOWN


def emptied(column: pd.Series, texts: Collection[str] | None) -> pd.Series:
    """A raw column in which some texts are empty cells."""
    if not texts or not holds_texts(column):
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_categories([value for value in column.cat.categories if is_in(value, texts)])
    return column.mask(column.map(lambda value: is_in(value, texts)).astype(bool))


def is_in(value: object, texts: Collection[str]) -> bool:
    """Whether a cell holds one of some texts, whatever blanks are around it."""
    return isinstance(value, str) and value.strip() in texts


def line_to_write(already: Sequence[str] | None, occurring: Iterable[str]) -> str:
    """The setting, as a line of YAML, by which more texts are empty cells."""
    texts = dict.fromkeys([*(already or ()), *sorted(occurring)])
    return f"missing_texts: {json.dumps([*texts], ensure_ascii=False)}"
