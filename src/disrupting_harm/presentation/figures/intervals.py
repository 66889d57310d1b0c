"""Dot-and-interval figures: one row for each label, small multiples, colours within a row."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from disrupting_harm.presentation.figures import describe, scales, style
from disrupting_harm.presentation.figures.drawing import Drawing, finish
from disrupting_harm.presentation.figures.frames import (
    Row,
    grouped,
    has_small_base,
    hidden_words,
    order,
    prepare,
    shown,
    why_hidden,
)
from disrupting_harm.presentation.figures.layout import Key, Sheet

_LOW_N_NOTE = "Hollow dot, value in brackets: small base, interpret with care."
_CUT_NOTE = "An arrow marks an interval that extends beyond the axis."
_GAP = 18.0


@dataclass(frozen=True)
class Line:
    """One line of the figure: a label (or the heading of a group) and its position, in points from the top."""

    label: str
    texts: list[str]
    middle: float
    heading: bool = False


def intervals(
    table: pd.DataFrame,
    title: str,
    subtitle: str = "",
    reference: float | Mapping[str, float] | None = None,
    reference_label: str = "",
    unit: describe.Unit = "percent",
    synthetic: bool = False,
    emphasise: tuple[str, ...] = (),
    reference_step: float = math.nan,
) -> Drawing:
    """Draw estimates with their intervals, one line for each `label`, in the order given.

    table: tidy rows with `label`; optional `panel` (small multiples that share the labels), `series` (colours within a
    line) and `group` (headings between lines). `reference`: a value (or one for each panel) drawn as a dashed line
    named `reference_label`, a multiple of `reference_step`. `emphasise`: labels written in bold. Rows that are not
    shown keep their line, with words in the place of the estimate. Ratios are drawn on a logarithmic axis with a line
    at 1.
    """
    rows = prepare(table)
    series, panels = order(rows, "series"), order(rows, "panel")
    palette = dict(zip(series, style.colours(len(series)), strict=True))
    keys = [Key(name, palette[name], marker="o") for name in series] if len(series) > 1 else []
    extra = [] if reference is None else list(_references(reference, panels).values())
    scale = scales.of_rows(rows, unit, 6 if len(panels) == 1 else 4, extra)

    sheet = Sheet(title, subtitle, synthetic, keys, _notes(rows, scale))
    label_width = _label_width(rows, len(panels))
    lines, height = _lines(rows, label_width, len(series))
    head = (15 if len(panels) > 1 else 0) + (14 if reference is not None and reference_label else 0)
    sheet.open(head + height + 22)
    _write_labels(sheet, lines, sheet.top + head, emphasise)
    left = label_width + 14
    gap = _GAP if len(panels) < 4 else _GAP * 2 / 3
    width = (style.WIDTH - left - gap * (len(panels) - 1)) / len(panels)
    for i, (name, part) in enumerate(grouped(rows, "panel").items()):
        panel = _Panel(
            sheet, scale, lines, palette, left + i * (width + gap), sheet.top + head, width, height
        )
        texts = [_written(row, unit, len(panels)) for row in part]
        panel.open(texts)
        if len(panels) > 1:
            heading = style.shorten(name, width, style.LABEL, bold=True)
            sheet.text(panel.left, sheet.top + 7, heading, style.LABEL, bold=True)
        if reference is not None:
            value = _references(reference, panels).get(name)
            panel.mark(value, reference_label, sheet.top + head - 7, reference_step)
        panel.draw(part, texts)
    named = ""
    if isinstance(reference, int | float) and reference_label and math.isfinite(reference):
        named = f"Dashed line: {reference_label} {describe.number(reference, unit, step=reference_step)}."
    return finish(sheet, _alt(rows, unit, named, panels, series))


@dataclass
class _Panel:
    """One panel: a value axis with a column of values to the right."""

    sheet: Sheet
    scale: scales.Scale
    lines: list[Line]
    palette: dict[str, str]
    left: float
    top: float
    width: float
    height: float

    def open(self, texts: list[str]) -> None:
        """Draw the axis, and leave room for the values as they will be written."""
        self.values = max(max((style.text_width(text, style.SMALL) for text in texts), default=0) + 8, 24)
        bottom = self.top + self.height
        for tick, text in self._ticks():
            self._upright(tick, style.GRID, 0.6)
            self.sheet.text(self._x_of(tick), bottom + 8.5, text, style.SMALL, style.MUTED, ha="center")
        for value in (1.0,) if self.scale.log else (0.0,) if self.scale.low <= 0 else ():
            self._upright(value, style.MUTED, 0.9)

    def mark(self, value: float | None, label: str, y: float, step: float) -> None:
        """Draw the reference line and its label above the panel."""
        if value is None or not math.isfinite(value):
            return
        self._upright(value, style.MUTED, 1.1, dashes=(4, 3))
        if label:
            text = f"{label} {describe.number(value, self.scale.unit, step=step)}"
            text = style.shorten(text, self.width)
            half = style.text_width(text, style.SMALL) / 2
            x = min(max(self._x_of(value), self.left + half), self.left + self.width - half)
            self.sheet.text(x, y, text, style.SMALL, style.MUTED, ha="center")

    def draw(self, rows: list[Row], texts: list[str]) -> None:
        """Draw the rows of this panel, each with its value in words."""
        middles = {line.label: line.middle for line in self.lines if not line.heading}
        for row, text in zip(rows, texts, strict=True):
            self._row(row, self.top + middles[_key(row)] + self._shift(row), text)

    def _x_of(self, value: float) -> float:
        return self.left + self.scale.share(value) * (self.width - self.values)

    def _upright(self, value: float, colour: str, width: float, dashes: tuple[float, ...] = ()) -> None:
        x = self._x_of(value)
        self.sheet.line(x, self.top + self.height, x, self.top, colour, width, dashes=dashes)

    def _shift(self, row: Row) -> float:
        names = list(self.palette)
        return (names.index(row.get("series", names[0])) - (len(names) - 1) / 2) * _step(len(names))

    def _row(self, row: Row, y: float, text: str) -> None:
        colour = self.palette[row.get("series", next(iter(self.palette)))]
        if not math.isfinite(row["estimate"]):
            words = _fitting(row, self.width - 4)
            self.sheet.text(self.left + 4, y, words, style.SMALL, style.MUTED, italic=True, halo=1)
            return
        self._bar(row, y, colour)
        hollow = row["status"] == "low_n"
        self.sheet.dot(self._x_of(row["estimate"]), y, colour, 6.2, hollow=hollow, edge=1.5)
        self.sheet.text(self.left + self.width, y, text, style.SMALL, ha="right")

    def _bar(self, row: Row, y: float, colour: str) -> None:
        low, high = row["ci_low"], row["ci_high"]
        if math.isnan(low) or math.isnan(high):
            return
        start, end = self._x_of(low), self._x_of(high)
        self.sheet.line(start, y, end, y, colour, 2.2, opacity=0.55)
        if low < self.scale.low:
            self.sheet.dot(start, y, colour, 4.5, marker="<", edge=1)
        if high > self.scale.high:
            self.sheet.dot(end, y, colour, 4.5, marker=">", edge=1)

    def _ticks(self) -> list[tuple[float, str]]:
        """Every tick, every second or every third ...: the first choice whose labels do not touch."""
        kept: list[tuple[float, str]] = []
        for step in range(1, len(self.scale.ticks) + 1):
            kept = [(tick, self.scale.write(tick)) for tick in self.scale.ticks[::step]]
            halves = [style.text_width(text, style.SMALL) / 2 for _, text in kept]
            places = [self._x_of(tick) for tick, _ in kept]
            gaps = [places[i + 1] - halves[i + 1] - places[i] - halves[i] for i in range(len(kept) - 1)]
            if not gaps or min(gaps) >= 5:
                break
        return kept


def _fitting(row: Row, room: float) -> str:
    """Why an estimate is not shown, without the reason where there is no room for it: a note gives it then."""
    words = why_hidden(row)
    return words if style.text_width(words, style.SMALL) <= room else hidden_words(row["status"])


def _key(row: Row) -> str:
    return f"{row['group']}\n{row['label']}" if "group" in row else row["label"]


def _step(series: int) -> float:
    return 0.0 if series == 1 else 13.0


def _label_width(rows: list[Row], panels: int) -> float:
    most = {1: 190.0, 2: 160.0, 3: 130.0}.get(panels, 115.0)
    headings = [group for group in order(rows, "group") if group]
    return max(style.column_width([*order(rows, "label"), *headings], most), 40)


def _lines(rows: list[Row], width: float, series: int) -> tuple[list[Line], float]:
    """Place the lines from top to bottom; gives them with the height of all."""
    lines: list[Line] = []
    y, group = 2.0, ""
    for key in dict.fromkeys(_key(row) for row in rows):
        if "\n" in key and key.split("\n")[0] != group:
            group = key.split("\n")[0]
            y += 6 if lines else 0
            texts = style.wrap(group, width, style.SMALL, bold=True)
            height = 18 + 12.2 * (len(texts) - 1)
            lines.append(Line(key, texts, y + height / 2, heading=True))
            y += height
        texts = style.wrap(key.split("\n")[-1], width, bold=True)
        height = max(17.0, 12.2 * len(texts) + 5, _step(series) * series + 7)
        lines.append(Line(key, texts, y + height / 2))
        y += height
    return lines, y + 2


def _write_labels(sheet: Sheet, lines: list[Line], top: float, emphasise: tuple[str, ...]) -> None:
    for line in lines:
        bold = line.heading or line.label.split("\n")[-1] in emphasise
        colour = style.MUTED if line.heading else style.INK
        for i, text in enumerate(line.texts):
            y = top + line.middle + (i - (len(line.texts) - 1) / 2) * 12.2
            sheet.text(0, y, text, style.SMALL if line.heading else style.LABEL, colour, bold=bold)


def _written(row: Row, unit: describe.Unit, panels: int) -> str:
    if not math.isfinite(row["estimate"]):
        return ""
    text = describe.estimate(row, unit, sign=panels < 3)
    text = f"({text})" if row["status"] == "low_n" else text
    if panels == 1 and not math.isnan(row["ci_low"]):
        text += f"  [{describe.bounds(row, unit)}]"
    return text


def _references(reference: float | Mapping[str, float], panels: list[str]) -> dict[str, float]:
    return dict(reference) if isinstance(reference, Mapping) else dict.fromkeys(panels, float(reference))


def _notes(rows: list[Row], scale: scales.Scale) -> list[str]:
    low, high = scale.low - 1e-12, scale.high + 1e-12
    beyond = any(row["ci_low"] < low or row["ci_high"] > high for row in shown(rows))
    several = len(order(rows, "panel")) > 1
    whys = [f"{why_hidden(row).capitalize()}." for row in rows if several and row.get("reason")]
    notes = [(_LOW_N_NOTE, has_small_base(rows)), (_CUT_NOTE, beyond)]
    return [note for note, needed in notes if needed] + list(dict.fromkeys(whys))


def _alt(
    rows: list[Row],
    unit: describe.Unit,
    reference: str,
    panels: list[str],
    series: list[str],
) -> str:
    lines = len({_key(row) for row in rows})
    kind = f"Dot-and-interval figure with {describe.counted(lines, 'row')}"
    kind += f" in {len(panels)} panels ({', '.join(panels)})" if len(panels) > 1 else ""
    kind += f", {len(series)} estimates in each ({', '.join(series)})" if len(series) > 1 else ""
    names = ("label", "panel", "series")
    return describe.join(
        kind + ".",
        describe.by_panel(rows, unit),
        reference,
        describe.low_n(rows),
        describe.hidden(rows, names),
    )
