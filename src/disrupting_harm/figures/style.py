"""The look of every figure: sizes, colours, fonts and the words for estimates that are not shown.

Lengths are in points (1 pt = 1/72 inch); 540 pt is 720 px in a browser. Colours are given once, as they
look on white paper. On a page the neutral ones follow the page (see `THEMED`), so that a dark page works.
"""

from functools import cache

import numpy as np

WIDTH = 540.0

INK = "#1b2026"
MUTED = "#5b6470"
GRID = "#dde1e6"
PAPER = "#fffffe"
HIDDEN = "#eceef1"
HATCH = "#b4bac2"
WARNING = "#b3261e"

GREYS = ("#c2beb6", "#8f8b83")
"""For answers that stand outside an order (don't know, prefer not to say): warm, so that they are not taken for it."""

TITLE, SUBTITLE, LABEL, SMALL = 13.0, 9.5, 9.5, 9.0
LINE_HEIGHT = 1.28

RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "text.usetex": False,
    "hatch.linewidth": 0.7,
    "path.simplify": False,
}
"""Settings of matplotlib for files of pixels, whatever the session has set."""


HIDDEN_STATUS = {
    "suppressed": "not shown",
    "not_asked": "not asked",
    "not_estimable": "cannot be estimated",
}
"""What is written in the place of an estimate that is not shown, by status."""

HIDDEN_SIGN = {"suppressed": "·", "not_asked": "–", "not_estimable": "×"}
"""The sign in a cell of a heat map, by status."""

SYNTHETIC_MARK = "SYNTHETIC DATA"
SYNTHETIC_SENTENCE = (
    "Synthetic data: made by a program to show the method. No child gave these answers. Do not cite."
)


SERIES = (
    "#0173b2", "#d55e00", "#029e73", "#cc78bc", "#ca9161", "#56b4e9", "#de8f05", "#fbafe4", "#949494", "#ece133"
)  # fmt: skip
"""Colours of dots and lines: seaborn's palette "colorblind", the ones that are easiest to tell apart first."""

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
"""How the neutral colours, and those of series, follow the page that a figure stands in."""


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


def text_width(text: str, size: float = LABEL, bold: bool = False) -> float:
    """Give the width of one line of text in points, measured in DejaVu Sans (Verdana is about as wide)."""
    words = text.split(" ")
    return size * (sum(_word_width(word, bold) for word in words) + _word_width(" ", bold) * (len(words) - 1))


@cache
def _word_width(word: str, bold: bool) -> float:
    """Width for each point of size. Words are measured, as they come again and again, and lines are not."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=1, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(word, font, ismath=False)
    return float(width)


def shorten(text: str, width: float, size: float = SMALL) -> str:
    """Cut a text at a word, with an ellipsis, so that it is no wider than `width` points."""
    words = str(text).split()
    while len(words) > 1 and text_width(" ".join(words), size) > width:
        words = [*words[:-2], words[-2].rstrip(",.;…") + "…"]
    return " ".join(words)


def wrap(text: str, width: float, size: float = LABEL, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `width` points; a word that is wider alone gets its own line."""
    lines: list[str] = []
    for word in str(text).split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]
