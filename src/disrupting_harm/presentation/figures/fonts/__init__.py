"""The project's own fonts: figures are measured and drawn with them, whatever fonts a machine has.

README.md in this folder says where they come from and which scripts they hold. A browser that shows an SVG uses the
reader's fonts (`STACK`), set to the width that was measured here.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

REGULAR, BOLD, ITALIC = (Path(__file__).with_name(f"{style}.ttf") for style in ("regular", "bold", "italic"))
"""The font files. There is no bold italic; italics hold Western European letters only."""

STACK = "'Noto Sans', 'Open Sans', 'Segoe UI', 'DejaVu Sans', Verdana, sans-serif"
"""Fonts of readers' machines, the most similar first. What they lack, Thai for instance, browsers take from others."""

_SIZE = 1000
"""Pixels for each em while text is measured: one for each unit of the fonts, so that nothing is rounded."""
HINT = "Write it without them, or add a font that has them (src/disrupting_harm/presentation/figures/fonts/README.md)."


class MissingGlyphError(ValueError):
    """A text has characters that the project's fonts cannot draw."""


def file(bold: bool = False, italic: bool = False) -> Path:
    """Give the font file for a text."""
    return ITALIC if italic else BOLD if bold else REGULAR


def advance(text: str, bold: bool = False, italic: bool = False) -> float:
    """Give the width of a text for each point of its size, shaped as it is drawn: ligatures, marks, joined letters.

    Characters without a glyph have no width: `require_glyphs` refuses them when the text is written.
    """
    from matplotlib.ft2font import LoadFlags

    path = file(bold, italic)
    font = _font(path)
    font.set_size(_SIZE, 72)
    font.set_text("".join(c for c in text if c in _characters(path)), flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 / _SIZE


def require_glyphs(text: str, figure: str, bold: bool = False, italic: bool = False) -> None:
    """Raise `MissingGlyphError` if a text of a figure has a character that would be drawn as an empty box."""
    names = lacking(text, bold, italic)
    if not names:
        return
    raise MissingGlyphError(
        f'Figure "{figure}": the text "{text}" has characters that the project\'s fonts lack: {names}. {HINT}'
    )


def lacking(text: str, bold: bool = False, italic: bool = False) -> str:
    """Give the names of a text's characters that have no glyph, with their numbers; empty where all have one."""
    characters = _characters(file(bold, italic))
    missing = dict.fromkeys(c for c in text if c not in characters)
    return ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in missing)


def _font(path: Path) -> FT2Font:
    """The font, kept by matplotlib for this process alone: forks that share an open file read at one common place."""
    from matplotlib.font_manager import get_font

    return get_font(path)


@cache
def _characters(path: Path) -> frozenset[str]:
    return frozenset(map(chr, _font(path).get_charmap()))
