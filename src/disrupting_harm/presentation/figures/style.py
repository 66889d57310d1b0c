"""The look of every figure: sizes, colours, how text is broken, and the words for estimates that are not shown.

Lengths are in points (1 pt = 1/72 inch); 540 pt is 720 px in a browser. Colours are given once, as they
look on white paper. On a page the neutral ones follow the page (see `THEMED`), so that a dark page works.
"""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from math import inf
from unicodedata import category

import numpy as np

from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.presentation.figures import fonts

WIDTH = 540.0

INK = "#1b2026"
MUTED = "#5b6470"
GRID = "#dde1e6"
PAPER = "#fffffe"
HIDDEN = "#eceef1"
HATCH = "#b4bac2"
WARNING = "#b3261e"

TITLE, SUBTITLE, LABEL, SMALL = 13.0, 9.5, 9.5, 9.0
LINE_HEIGHT = 1.28

RC = {
    "text.usetex": False,
    "text.hinting": "none",
    "hatch.linewidth": 0.7,
    "path.simplify": False,
}
"""Settings of matplotlib for files of pixels, whatever the session has set."""


HIDDEN_STATUS = {
    "suppressed": "not shown",
    **WITHOUT_DATA,
    "not_asked": "not asked",
    "not_estimable": "cannot be estimated",
}
"""What is written in the place of an estimate that is not shown, by status."""

HIDDEN_SIGN = {
    "suppressed": "·",
    "not_asked": "–",
    "not_delivered": "/",
    "not_usable": "!",
    "not_estimable": "×",
}
"""The sign in a cell of a heat map, by status."""

SYNTHETIC_SENTENCE = (
    "Synthetic data: made by a program to show the method. No child gave these answers. Do not cite."
)


SERIES = (
    "#0173b2", "#d55e00", "#029e73", "#cc78bc", "#ca9161", "#56b4e9", "#de8f05", "#fbafe4", "#949494", "#ece133"
)  # fmt: skip
"""Colours of dots and lines: seaborn's palette "colorblind", the ones that are easiest to distinguish first."""

THEMED = {
    INK: "currentColor",
    MUTED: f"var(--figure-muted, {MUTED})",
    GRID: f"var(--figure-grid, {GRID})",
    PAPER: "var(--figure-paper, #ffffff)",
    HIDDEN: f"var(--figure-hidden, {HIDDEN})",
    HATCH: f"var(--figure-hatch, {HATCH})",
    WARNING: f"var(--figure-warning, {WARNING})",
    **{colour: f"var(--figure-{i}, {colour})" for i, colour in enumerate(SERIES, 1)},
}
"""How the neutral colours, and those of series, follow the page that a figure is in."""


def themed(colour: str) -> str:
    """A colour as it is written into a figure for a page."""
    return THEMED.get(colour, colour)


def colours(n: int) -> tuple[str, ...]:
    """Give `n` colours for dots and lines that stay apart for colour-blind readers."""
    return tuple(SERIES[i % len(SERIES)] for i in range(n))


AREAS = ("#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#99ddff", "#bbcc33", "#aaaa00", "#cccccc")
"""Colours of filled areas with black text in them: Paul Tol's light scheme, safe for colour-blind readers."""


@cache
def areas(n: int, ordered: bool = False) -> tuple[str, ...]:
    """Give `n` colours for filled areas with text in them; `ordered` gives one hue from light to dark."""
    if not ordered:
        return tuple(AREAS[i % len(AREAS)] for i in range(n))
    import seaborn as sns  # takes a second to import, and is needed only when something is drawn

    return tuple(sns.light_palette("#0b4f80", n_colors=n + 1).as_hex()[1:])


@cache
def scale() -> tuple[str, ...]:
    """Give the 101 colours of the heat map's scale, light (0) to dark (100), one hue."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    blend = LinearSegmentedColormap.from_list("scale", ["#f1f6fb", "#8fbbdc", "#0b4f80", "#06304f"])
    return tuple(to_hex(colour) for colour in blend(np.linspace(0, 1, 101)))


def luminance(colour: str) -> float:
    """Give the relative luminance of a hexadecimal colour, from 0 (black) to 1 (white), as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def readable_on(colour: str) -> str:
    """Give black or white, whichever has the higher contrast on `colour`."""
    light = luminance(colour)
    return "#000000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"


def text_width(text: str, size: float = LABEL, bold: bool = False, italic: bool = False) -> float:
    """Give the width of one line of text in points, in the project's fonts."""
    words = text.split(" ")
    spaces = _word_width(" ", bold, italic) * (len(words) - 1)
    return size * (sum(_word_width(word, bold, italic) for word in words) + spaces)


@cache
def _word_width(word: str, bold: bool, italic: bool) -> float:
    """Width for each point of size. Words are measured, as they come again and again, and lines are not."""
    return fonts.advance(word, bold, italic)


def shorten(text: str, width: float, size: float = SMALL, bold: bool = False) -> str:
    """Cut a text with an ellipsis, so that it is no wider than `width` points: at a word, or else within one."""
    words = text.split()
    while len(words) > 1 and text_width(" ".join(words), size, bold) > width:
        words = [*words[:-2], words[-2].rstrip(",.;…") + "…"]
    cut = " ".join(words)
    parts = clusters(cut.rstrip("…"))
    while len(parts) > 1 and text_width(cut, size, bold) > width:
        parts.pop()
        cut = "".join(parts) + "…"
    return cut


def wrap(
    text: str, width: float, size: float = LABEL, bold: bool = False, keep_words: bool = False
) -> list[str]:
    """Break a text into lines no wider than `width` points: at spaces, or else within a word that is wider alone.

    keep_words: a word that is wider gets a line of its own, unless its script writes no spaces between words.
    """
    lines: list[str] = []
    for word in str(text).split():
        room = inf if keep_words and not (set(word) & _UNSPACED) else width
        for i, part in enumerate(_parts(word, room, size, bold)):
            joined = f"{lines[-1]}{'' if i else ' '}{part}" if lines else part
            if lines and text_width(joined, size, bold) <= width:
                lines[-1] = joined
            else:
                lines.append(part)
    return lines or [""]


_UNSPACED = frozenset(map(chr, [*range(0x0E00, 0x0E80), *range(0x1780, 0x1800)]))
"""Thai and Khmer characters. Words are not separated there: only a dictionary knows where one ends."""

_BREAK = "\u200b"
"""Zero-width space: whoever writes Thai or Khmer marks with it where a line may end."""

_STAYS = frozenset("\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u17d4\u17d5\u17d6\u17d7,.:;!?)]}…%")
"""What begins no line: Thai vowels and signs that follow their consonant, Khmer signs, closing punctuation."""

_LEADS = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u17d2([{")
"""What ends no line: Thai vowels that precede their consonant, the Khmer sign before a subscript, opening brackets."""


def clusters(word: str) -> list[str]:
    """Split a word where a line may end in need: never before an accent, a vowel sign or a subscript."""
    parts = list(word[:1])
    for before, c in pairwise(word):
        if category(c) in ("Mn", "Mc", "Me", "Cf") or c in _STAYS or before in _LEADS:
            parts[-1] += c
        else:
            parts.append(c)
    return parts


def _parts(word: str, width: float, size: float, bold: bool) -> list[str]:
    """A word in the parts that lines may be made of: as its author marked them, cut where a part is too wide."""
    parts: list[str] = []
    for part in filter(None, word.split(_BREAK)):
        parts += [part] if text_width(part, size, bold) <= width else clusters(part)
    return parts


def column_width(texts: Iterable[str], most: float, limit: float = 230.0, bold: bool = True) -> float:
    """Give the width of a column of labels: `most`, more for a long word (up to `limit`), less for short labels.

    Labels are then broken to fit it with `wrap`.
    """
    lines = [line for text in texts for line in wrap(text, most, bold=bold, keep_words=True)]
    widest = max(text_width(line, bold=bold) for line in lines)
    return widest if widest <= limit else most
