"""The sheet a figure is drawn on: a head, a body, notes at the foot.

A `Sheet` collects what is written first and learns its height from it, so that nothing is cut off: text is measured,
wrapped, and placed in points from the upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.presentation.figures import fonts, style
from disrupting_harm.presentation.figures.marks import Box, Dot, Line, Mark, Word

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_ONE_LINE = str.maketrans("\n\r\t", "   ")

_KEY_INDENT = 17.0
"""From the left edge of a legend's dot or swatch to its label."""


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a `marker` (a dot), or a swatch when there is none."""

    label: str
    colour: str
    marker: str = ""
    hollow: bool = False
    hatched: bool = False
    sign: str = ""


@dataclass
class Sheet:
    """What goes on a figure, and where the body may be drawn.

    `top` is where the body begins after the head; call `open(height_of_body)` before drawing the body.
    """

    title: str
    subtitle: str = ""
    synthetic: bool = False
    keys: list[Key] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    key_title: str = ""

    def __post_init__(self) -> None:
        """Break the texts of the head and the foot into lines and find where the body begins."""
        mark = style.text_width(SYNTHETIC_DATA, style.SMALL, True) + 26 if self.synthetic else 0
        self._title = style.wrap(self.title, style.WIDTH - mark, style.TITLE, True)
        self._subtitle = style.wrap(self.subtitle, style.WIDTH, style.SUBTITLE) if self.subtitle else []
        keys = [replace(key, label=style.shorten(key.label, style.WIDTH - _KEY_INDENT)) for key in self.keys]
        self._keys = _flow(keys, self.key_title)
        notes = [*self.notes, *([style.SYNTHETIC_SENTENCE] if self.synthetic else [])]
        self._notes = [line for note in notes for line in style.wrap(note, style.WIDTH, style.SMALL)]
        head = 2 + len(self._title) * _line(style.TITLE) + len(self._subtitle) * _line(style.SUBTITLE)
        self.keys_top = head + 8
        self.top = head + (len(self._keys) * 16 + 10 if self._keys else 0) + 8
        self.marks: list[Mark] = []

    def open(self, body: float) -> None:
        """Write head, legend and foot around a body of `body` points; the body stays empty."""
        foot = len(self._notes) * _line(style.SMALL) + (6 if self._notes else 0)
        self.height = self.top + body + foot + 4
        self._write_head()
        self._write_keys()
        self._write_foot(self.top + body + 4)

    def figure(self) -> Figure:
        """The sheet in matplotlib; what was drawn later covers what was drawn before."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(style.WIDTH / 72, self.height / 72), dpi=72)
        page = figure.add_axes((0, 0, 1, 1))
        page.set_xlim(0, style.WIDTH)
        page.set_ylim(self.height, 0)
        page.set_axis_off()
        for layer, mark in enumerate(self.marks):
            page.add_artist(mark.artist()).set(zorder=layer, clip_on=False)
        return figure

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = style.LABEL,
        colour: str = style.INK,
        halo: float = 0.0,
        **more: Any,
    ) -> None:
        """Write one line; `y` is its middle; more as of `Word`.

        halo: how far paper behind it hides what is below, from 0 to 1.
        Raises `MissingGlyphError` when the text has a character that the project's fonts lack.
        """
        if not text:
            return
        word = Word(x, y, text.translate(_ONE_LINE), size, colour, **more)
        fonts.require_glyphs(word.text, self.title, word.bold, word.italic)
        self.marks += [word.paper(halo), word] if halo else [word]

    def line(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        colour: str = style.GRID,
        width: float = 0.6,
        **more: Any,
    ) -> None:
        """Draw a straight line; more as of `Line`."""
        self.marks.append(Line(x0, y0, x1, y1, colour, width, **more))

    def box(self, x: float, y: float, width: float, height: float, colour: str = "none", **more: Any) -> None:
        """Draw a rectangle; more as of `Box`."""
        self.marks.append(Box(x, y, width, height, colour, **more))

    def dot(self, x: float, y: float, colour: str, size: float = 6.5, **more: Any) -> None:
        """Draw a marker; more as of `Dot`."""
        self.marks.append(Dot(x, y, colour, size, **more))

    def _write_head(self) -> None:
        y = 2.0
        for line in self._title:
            y += _line(style.TITLE)
            self.text(0, y - _line(style.TITLE) / 2, line, style.TITLE, bold=True)
        for line in self._subtitle:
            y += _line(style.SUBTITLE)
            self.text(0, y - _line(style.SUBTITLE) / 2 + 1, line, style.SUBTITLE, style.MUTED)
        if self.synthetic:
            self._write_mark()

    def _write_mark(self) -> None:
        width = style.text_width(SYNTHETIC_DATA, style.SMALL, True)
        left = style.WIDTH - width - 12.5
        self.box(left, 2, width + 11, 15, edge=style.WARNING, edge_width=1.1, radius=3)
        self.text(style.WIDTH - 7, 9.8, SYNTHETIC_DATA, style.SMALL, style.WARNING, ha="right", bold=True)

    def _write_keys(self) -> None:
        for row, entries in enumerate(self._keys):
            y = self.keys_top + 8 + row * 16
            for x, key in entries:
                if key is None:
                    self.text(x, y, self.key_title, style.SMALL, style.MUTED)
                    continue
                if key.marker:
                    self.dot(x + 5, y, key.colour, hollow=key.hollow, marker=key.marker)
                else:
                    self.box(x, y - 5.5, 12, 11, key.colour, hatched=key.hatched)
                    self.text(x + 6, y, key.sign, style.SMALL, ha="center", bold=True)
                self.text(x + _KEY_INDENT, y, key.label, style.SMALL)

    def _write_foot(self, y: float) -> None:
        for line in self._notes:
            y += _line(style.SMALL)
            colour = (
                style.WARNING
                if line in style.wrap(style.SYNTHETIC_SENTENCE, style.WIDTH, style.SMALL)
                else style.MUTED
            )
            self.text(0, y - _line(style.SMALL) / 2, line, style.SMALL, colour)


def _line(size: float) -> float:
    return size * style.LINE_HEIGHT


def _flow(keys: list[Key], title: str) -> list[list[tuple[float, Key | None]]]:
    """Place legend entries from left to right, a new row when one is full; `None` is the legend's title."""
    rows: list[list[tuple[float, Key | None]]] = []
    x = style.WIDTH + 1
    entries: list[Key | None] = [None, *keys] if title and keys else list(keys)
    for key in entries:
        width = (
            style.text_width(title, style.SMALL)
            if key is None
            else _KEY_INDENT + style.text_width(key.label, style.SMALL)
        )
        if x + width > style.WIDTH:
            rows.append([])
            x = 0
        rows[-1].append((x, key))
        x += width + 16
    return rows
