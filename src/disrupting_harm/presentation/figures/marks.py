"""What a figure consists of: lines, boxes, dots and texts, placed in points from the upper left corner.

Each writes itself as SVG, for pages, and as an artist of matplotlib, for files of pixels; only these import it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

from disrupting_harm.presentation.figures import fonts, style

if TYPE_CHECKING:
    from matplotlib.artist import Artist

HATCH = "hatch"
"""Identifier of the pattern that fills hatched boxes."""

PATTERN = (
    f'<defs><pattern id="{HATCH}" patternUnits="userSpaceOnUse" width="6" height="6">'
    f'<rect width="6" height="6" style="fill: {style.themed(style.HIDDEN)}"/>'
    f'<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" style="stroke: {style.themed(style.HATCH)}; stroke-width: 0.7"/>'
    "</pattern></defs>"
)
"""Diagonal lines, as matplotlib draws them for "////"."""

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}

_CENTRE = 0.26
"""How far below the middle of a line its baseline is, for each point of size: l rises 0.76, p sinks 0.24."""


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x0: float
    y0: float
    x1: float
    y1: float
    colour: str = style.GRID
    width: float = 0.6
    opacity: float = 1.0
    dashes: tuple[float, ...] = ()

    def svg(self) -> str:
        """The line as SVG."""
        more = f"; stroke-opacity: {self.opacity:g}" if self.opacity < 1 else ""
        if self.dashes:
            more += f"; stroke-dasharray: {' '.join(f'{dash * self.width:g}' for dash in self.dashes)}"
        path = f"M{_n(self.x0)} {_n(self.y0)}L{_n(self.x1)} {_n(self.y1)}"
        return f'<path d="{path}" style="stroke: {style.themed(self.colour)}; stroke-width: {self.width:g}{more}"/>'

    def artist(self) -> Artist:
        """The line in matplotlib."""
        from matplotlib.lines import Line2D

        dashes: Any = (0, self.dashes) if self.dashes else "-"
        look = {"color": self.colour, "linewidth": self.width, "alpha": self.opacity, "linestyle": dashes}
        return Line2D([self.x0, self.x1], [self.y0, self.y1], solid_capstyle="butt", **look)


@dataclass(frozen=True)
class Box:
    """A rectangle: filled, hatched (grey), or with an edge; `radius` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    colour: str = "none"
    hatched: bool = False
    edge: str = "none"
    edge_width: float = 0.0
    radius: float = 0.0
    opacity: float = 1.0

    def svg(self) -> str:
        """The box as SVG."""
        look = f"fill: {f'url(#{HATCH})' if self.hatched else style.themed(self.colour)}"
        if self.edge_width:
            look += f"; stroke: {style.themed(self.edge)}; stroke-width: {self.edge_width:g}; stroke-linejoin: miter"
        look += f"; fill-opacity: {self.opacity:g}" if self.opacity < 1 else ""
        geometry = f'x="{_n(self.x)}" y="{_n(self.y)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        rounded = f' rx="{self.radius:g}"' if self.radius else ""
        return f'<rect {geometry}{rounded} style="{look}"/>'

    def artist(self) -> Artist:
        """The box in matplotlib."""
        from matplotlib.patches import FancyBboxPatch, Rectangle

        look: dict[str, Any] = {
            "facecolor": self.colour,
            "edgecolor": self.edge,
            "linewidth": self.edge_width,
            "alpha": self.opacity if self.opacity < 1 else None,
        }
        if self.hatched:
            look |= {"facecolor": style.HIDDEN, "edgecolor": style.HATCH, "hatch": "////"}
        geometry = (self.x, self.y), self.width, self.height
        if self.radius:
            return FancyBboxPatch(*geometry, boxstyle=f"round,pad=0,rounding_size={self.radius}", **look)
        return Rectangle(*geometry, **look)


@dataclass(frozen=True)
class Dot:
    """A round marker, or with `marker` < or > an arrow; `edge` is the width of its outline."""

    x: float
    y: float
    colour: str
    size: float = 6.5
    hollow: bool = False
    marker: str = "o"
    edge: float = 1.4

    @property
    def face(self) -> str:
        """The colour inside."""
        return style.PAPER if self.hollow else self.colour

    def svg(self) -> str:
        """The dot as SVG."""
        stroke = f"stroke: {style.themed(self.colour)}; stroke-width: {self.edge:g}"
        look = f"fill: {style.themed(self.face)}; {stroke}"
        half = self.size / 2
        if self.marker == "o":
            return f'<circle cx="{_n(self.x)}" cy="{_n(self.y)}" r="{half:g}" style="{look}"/>'
        ahead = half if self.marker == ">" else -half
        tip, back = _n(self.x + ahead), _n(self.x - ahead)
        path = f"M{tip} {_n(self.y)}L{back} {_n(self.y - half)}L{back} {_n(self.y + half)}z"
        return f'<path d="{path}" style="{look}; stroke-linejoin: miter"/>'

    def artist(self) -> Artist:
        """The dot in matplotlib."""
        from matplotlib.lines import Line2D

        look = {"color": self.colour, "markerfacecolor": self.face, "markeredgewidth": self.edge}
        return Line2D([self.x], [self.y], marker=self.marker, markersize=self.size, **look)


@dataclass(frozen=True)
class Word:
    """One line of text. `y` is its middle; `turn` turns it (degrees)."""

    x: float
    y: float
    text: str
    size: float = style.LABEL
    colour: str = style.INK
    ha: str = "left"
    bold: bool = False
    italic: bool = False
    turn: int = 0

    def svg(self) -> str:
        """The text as SVG."""
        look = "font-weight: 700; " if self.bold else ""
        look += "font-style: italic; " if self.italic else ""
        look += f"font-size: {self.size:g}px; " if self.size != style.SMALL else ""
        look += f"text-anchor: {_ANCHORS[self.ha]}; " if self.ha != "left" else ""
        look += "unicode-bidi: plaintext; " if _is_from_right(self.text) else ""
        turned = f' transform="rotate({-self.turn} {_n(self.x)} {_n(self.y)})"' if self.turn else ""
        geometry = f'x="{_n(self.x)}" y="{_n(self.y + _CENTRE * self.size)}"{turned}{self._length()}'
        look += f"fill: {style.themed(self.colour)}"
        return f'<text style="{look}" {geometry}>{escape(self.text, quote=False)}</text>'

    def _length(self) -> str:
        """The width that was measured: a browser whose font is wider or narrower stretches the letters to it.

        Short texts go without: they are most of a heat map's bytes, and a tenth of their width does not matter.
        """
        if len(self.text) < 6:
            return ""
        width = style.text_width(self.text, self.size, self.bold, self.italic)
        return f' textLength="{_n(width)}" lengthAdjust="spacingAndGlyphs"'

    def paper(self, opacity: float) -> Box:
        """A box in the colour of the paper, which hides what is below the text."""
        width = style.text_width(self.text, self.size, self.bold, self.italic)
        left = self.x - {"left": 0, "center": 0.5, "right": 1}[self.ha] * width
        top = self.y - self.size / 2
        return Box(left - 1, top - 1, width + 2, self.size + 2, style.PAPER, opacity=opacity)

    def artist(self) -> Artist:
        """The text in matplotlib."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.text import Text

        font = FontProperties(fname=fonts.file(self.bold, self.italic), size=self.size)
        look: dict[str, Any] = {"fontproperties": font, "color": self.colour, "ha": self.ha, "va": "baseline"}
        if self.turn:
            look |= {"rotation": self.turn, "rotation_mode": "anchor"}
        turn, down = math.radians(self.turn), _CENTRE * self.size
        x, y = self.x + down * math.sin(turn), self.y + down * math.cos(turn)
        return Text(x, y, self.text, parse_math=False, **look)


Mark = Line | Box | Dot | Word


def _is_from_right(text: str) -> bool:
    """Whether a text is read from right to left: its first letter decides, as in the Unicode bidi algorithm."""
    return next((kind != "L" for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), False)


def _n(number: float) -> str:
    """A place, to a hundredth of a point."""
    return f"{round(number, 2):g}"
