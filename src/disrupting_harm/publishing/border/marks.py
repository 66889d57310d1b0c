"""Where a file that is made from synthetic data has to say so; each place by itself."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from disrupting_harm.publishing.border import markup

MARK = "SYNTHETIC DATA"  # written again: a slip where it is defined is noticed here
_OF_PAGE = {
    "the title": re.compile(rf"<title>[^<]*{MARK}"),
    "the metadata": re.compile(rf'<meta name="data" content="{MARK}"'),
    "the banner": re.compile(rf'<aside class="banner"[^>]*><strong>{MARK}</strong>'),
    "the head": re.compile(r'<strong class="kind">SYNTHETIC<'),
    "the printed page": re.compile(rf'@top-right {{ content: "{MARK}"'),
}
_OF_FIGURE = {"the metadata": f"<metadata>{MARK}</metadata>", "the drawing": f">{MARK}</text>"}
_RED = 0xB3261E
_TOP = 0.25
_INTERLACED = 28
"""Where the head of a PNG says whether its lines follow each other (0)."""

_FEWEST_RED = 50
"""Pixels in the colour of the mark that its letters have at least."""


def missing(kind: str, content: Any) -> Iterator[str]:
    """Places of a file that do not say SYNTHETIC. content: its text, or of JSON what it holds."""
    if kind == "html":
        yield from (
            f"{where} does not say SYNTHETIC" for where, mark in _OF_PAGE.items() if not mark.search(content)
        )
        yield from _in_figures(list(markup.figures(content)))
    elif kind == "svg":
        yield from _in_figures(list(markup.figures(content)) or [content])
    elif kind == "ipynb":
        yield from _in_notebook(content)
    elif kind == "json" and content.get("data") != MARK:
        yield "the entry data does not say SYNTHETIC"
    elif kind == "crate":
        yield from _in_crate(content)
    elif kind == "js" and MARK not in content.partition("\n")[0]:
        yield "the first line does not say SYNTHETIC"


def _in_crate(crate: dict[str, Any]) -> Iterator[str]:
    """Whether the name of a crate says it."""
    entities = [entity for entity in crate.get("@graph", []) if isinstance(entity, dict)]
    names = [str(entity.get("name")) for entity in entities if entity.get("@id") == "./"]
    if not any(MARK in name for name in names):
        yield "the name of the crate does not say SYNTHETIC"


def _in_figures(figures: list[str]) -> Iterator[str]:
    """Figures that do not say it, in their metadata or in plain sight."""
    for number, figure in enumerate(figures, 1):
        for where, mark in _OF_FIGURE.items():
            if mark not in figure:
                yield f"figure {number}: {where} does not say SYNTHETIC"


def _in_notebook(notebook: dict[str, Any]) -> Iterator[str]:
    """Places of a notebook that do not say it: metadata, and each figure with its metadata."""
    if notebook.get("metadata", {}).get("data") != MARK:
        yield "the metadata does not say SYNTHETIC"
    outputs = [output for cell in notebook.get("cells", []) for output in cell.get("outputs", [])]
    drawn = [output for output in outputs if "image/svg+xml" in output.get("data", {})]
    for number, output in enumerate(drawn, 1):
        if output.get("metadata", {}).get("image/svg+xml", {}).get("data") != MARK:
            yield f"figure {number}: the metadata of the output does not say SYNTHETIC"
    yield from _in_figures(["".join(output["data"]["image/svg+xml"]) for output in drawn])


@dataclass(frozen=True)
class Picture:
    """A picture in PNG: the texts in its file, and how many pixels of its upper part have the colour of the mark."""

    notes: dict[str, str]
    red: int

    @classmethod
    def read(cls, content: bytes) -> Picture:
        """Read a picture. Raises OSError for what is none."""
        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(upper(content))) as image:
            pixels = np.asarray(image.convert("RGBA"))[: _upper_lines(content)].view(">u4") >> 8
            notes = {str(name): str(text) for name, text in image.info.items() if isinstance(text, str)}
        return cls(notes, int((pixels == _RED).sum()))

    def missing(self) -> Iterator[str]:
        """Places that do not say SYNTHETIC."""
        if MARK not in self.notes.values():
            yield "the metadata does not say SYNTHETIC"
        if self.red < _FEWEST_RED:
            yield "the picture does not say SYNTHETIC"


def _upper_lines(content: bytes) -> int:
    """How many lines the upper part of a PNG has."""
    return max(1, int(int.from_bytes(content[20:24], "big") * _TOP))


def upper(content: bytes) -> bytes:
    """A PNG whose head describes its upper part only: nothing below is decoded. Interlaced ones are left whole."""
    if content[_INTERLACED : _INTERLACED + 1] != b"\0":
        return content
    head = content[12:20] + _upper_lines(content).to_bytes(4, "big") + content[24:29]
    return content[:12] + head + zlib.crc32(head).to_bytes(4, "big") + content[33:]
