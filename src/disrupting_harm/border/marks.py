"""Where a file that is made from synthetic data has to say so; each place by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "SYNTHETIC DATA"
OF_PAGE = {
    "the title": re.compile(rf"<title>[^<]*{MARK}"),
    "the metadata": re.compile(rf'<meta name="data" content="{MARK}"'),
    "the banner": re.compile(rf'<aside class="banner"[^>]*><strong>{MARK}</strong>'),
    "the head": re.compile(r'<strong class="kind">SYNTHETIC<'),
    "the printed page": re.compile(rf'@top-right {{ content: "{MARK}"'),
}
FIGURE = re.compile(r'<svg\b[^>]*role="img".*?</svg>', re.DOTALL)
OF_FIGURE = {"the metadata": f"<metadata>{MARK}</metadata>", "the drawing": f">{MARK}</text>"}
RED = (0xB3, 0x26, 0x1E)
TOP = 0.25
FEWEST_RED = 50
"""Pixels in the colour of the mark that its letters have at least."""


def missing(kind: str, text: str) -> Iterator[str]:
    """Places of a text that do not say SYNTHETIC."""
    if kind == "html":
        yield from (
            f"{place} does not say SYNTHETIC" for place, mark in OF_PAGE.items() if not mark.search(text)
        )
        yield from in_figures(FIGURE.findall(text))
    elif kind == "svg":
        yield from in_figures(FIGURE.findall(text) or [text])
    elif kind == "ipynb":
        yield from in_notebook(json.loads(text))
    elif kind == "json" and json.loads(text).get("data") != MARK:
        yield "the entry data does not say SYNTHETIC"
    elif kind == "crate":
        yield from in_crate(json.loads(text))
    elif kind == "js" and MARK not in text.partition("\n")[0]:
        yield "the first line does not say SYNTHETIC"


def in_crate(crate: dict[str, Any]) -> Iterator[str]:
    """Whether the name of a crate says it."""
    entities = [each for each in crate.get("@graph", []) if isinstance(each, dict)]
    names = [str(each.get("name")) for each in entities if each.get("@id") == "./"]
    if not any(MARK in name for name in names):
        yield "the name of the crate does not say SYNTHETIC"


def in_figures(figures: list[str]) -> Iterator[str]:
    """Figures that do not say it, in their metadata or in plain sight."""
    for number, figure in enumerate(figures, 1):
        for place, mark in OF_FIGURE.items():
            if mark not in figure:
                yield f"figure {number}: {place} does not say SYNTHETIC"


def in_notebook(notebook: dict[str, Any]) -> Iterator[str]:
    """Places of a notebook that do not say it: metadata, and each figure with its metadata."""
    if notebook.get("metadata", {}).get("data") != MARK:
        yield "the metadata does not say SYNTHETIC"
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    drawn = [output for output in outputs if "image/svg+xml" in output.get("data", {})]
    for number, output in enumerate(drawn, 1):
        if output["metadata"].get("image/svg+xml", {}).get("data") != MARK:
            yield f"figure {number}: the metadata of the output does not say SYNTHETIC"
    yield from in_figures(["".join(output["data"]["image/svg+xml"]) for output in drawn])


@dataclass(frozen=True)
class Picture:
    """A picture in PNG: the texts in its file, and how many pixels of its upper part have the colour of the mark."""

    notes: dict[str, str]
    red: int

    @classmethod
    def read(cls, path: Path) -> Picture:
        """Read a picture."""
        import numpy as np
        from PIL import Image

        with Image.open(path) as image:
            upper = image.crop((0, 0, image.width, int(image.height * TOP)))
            pixels = np.asarray(upper.convert("RGB"))
            notes = {str(name): str(text) for name, text in image.info.items() if isinstance(text, str)}
        return cls(notes, int((pixels == RED).all(axis=2).sum()))

    def missing(self) -> Iterator[str]:
        """Places that do not say SYNTHETIC."""
        if MARK not in self.notes.values():
            yield "the metadata does not say SYNTHETIC"
        if self.red < FEWEST_RED:
            yield "the picture does not say SYNTHETIC"
