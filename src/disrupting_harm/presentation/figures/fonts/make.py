"""Make the fonts beside this file from Noto fonts: `python -m disrupting_harm.presentation.figures.fonts.make FOLDER`.

FOLDER holds the .ttf files of Noto (README.md beside this file says where to get them). Of each font the characters of
its script are kept, and all are merged into one file per weight, so that a label in two scripts needs one font.
The same input makes the same bytes.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_FAMILY = "Disrupting Harm Figures"

_LATIN_GREEK_CYRILLIC = "20-7E A0-52F 1E00-1EFF 2000-209F 20A0-20BF 2100-214F 2190-2193 2200-22FF 25CC"
"""Accents that combine, punctuation, currencies and mathematical signs included; 25CC carries a lone accent."""

PARTS = {
    "NotoSans": _LATIN_GREEK_CYRILLIC,
    "NotoSansArabic": "600-6FF 750-77F",
    "NotoSansArmenian": "530-58F FB13-FB17",
    "NotoSansEthiopic": "1200-139F",
    "NotoSansKhmer": "1780-17FF 19E0-19FF",
    "NotoSansThai": "E00-E7F",
    "NotoSansMath": "2190-2193 2200-22FF",
}
"""What is taken from which font. The first font that has a character gives it."""

_STYLES = {"Regular": PARTS, "Bold": PARTS, "Italic": {"NotoSans": "20-7E A0-FF 2000-206F"}}
"""What is in each file. Only the project's own words, "not shown" for instance, are written in italics."""


def make(source: Path, target: Path) -> None:
    """Write regular.ttf, bold.ttf and italic.ttf to `target`."""
    for style, parts in _STYLES.items():
        fonts = list(_subsets(source, style, parts))
        with TemporaryDirectory() as folder:
            paths = [Path(folder, f"{i}.ttf") for i in range(len(fonts))]
            for font, path in zip(fonts, paths, strict=True):
                font.save(path)
            merged = Merger().merge([str(path) for path in paths]) if len(paths) > 1 else fonts[0]
        _rename(merged, style, [font["name"].getDebugName(0) or "" for font in fonts])
        _keep_dates(merged, fonts[0])
        merged.save(target / f"{style.lower()}.ttf")


def _subsets(source: Path, style: str, parts: dict[str, str]) -> Iterator[TTFont]:
    taken: set[int] = set()
    for name, ranges in parts.items():
        path = source / f"{name}-{style}.ttf"
        # The mathematical font has no bold.
        font = TTFont(path if path.exists() else source / f"{name}-Regular.ttf", recalcTimestamp=False)
        characters = set(font.getBestCmap() or {}) & set(_characters(ranges)) - taken
        taken |= characters
        subsetter = Subsetter(Options(hinting=False, notdef_outline=True, name_IDs=["*"]))
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        yield font


def _characters(ranges: str) -> Iterator[int]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _rename(font: TTFont, style: str, notices: list[str]) -> None:
    """Give the family a name of its own, as it is not Noto Sans, and the copyright notices of all that is in it."""
    names = {
        1: _FAMILY,
        2: style,
        3: f"{_FAMILY} {style}",
        4: f"{_FAMILY} {style}",
        6: f"DisruptingHarm-{style}",
    }
    names[0] = " ".join(dict.fromkeys(notices))
    for record in list(font["name"].names):
        if record.nameID in {16, 17, 21, 22}:
            font["name"].removeNames(nameID=record.nameID)
        elif record.nameID in names:
            record.string = names[record.nameID]


def _keep_dates(font: TTFont, first: TTFont) -> None:
    font.recalcTimestamp = False
    head: Any = font["head"]  # its fields come from the file
    dated: Any = first["head"]
    head.created, head.modified = dated.created, dated.modified


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the fonts of figures from Noto fonts.")
    parser.add_argument("source", type=Path, help="folder that holds NotoSans-Regular.ttf and its like")
    make(parser.parse_args().source, Path(__file__).parent)
