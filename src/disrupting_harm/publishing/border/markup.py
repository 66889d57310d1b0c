"""Parts of a page's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TABLE = re.compile(r"<table\b")
_DRAWING = re.compile(r"<svg\b")
_FIGURE = re.compile(r'<svg\b[^>]*\brole="img"')


def tables(text: str) -> Iterator[str]:
    """The tables of a page."""
    return parts(text, _TABLE, "</table>")


def drawings(text: str) -> Iterator[str]:
    """All drawings of a page."""
    return parts(text, _DRAWING, "</svg>")


def figures(text: str) -> Iterator[str]:
    """The drawings of a page that are figures, not signs beside words."""
    return parts(text, _FIGURE, "</svg>")


def parts(text: str, begin: re.Pattern[str], end: str) -> Iterator[str]:
    """The text between `begin` and the next `end`, or the end of the text, with `begin`.

    A single expression for both would be tried at every sign in between.
    """
    stop = 0
    while match := begin.search(text, stop):
        stop = text.find(end, match.end())
        if stop < 0:
            stop = len(text)
        yield text[match.start() : stop]
