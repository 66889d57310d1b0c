"""Dot-and-interval figures: one row for each label, small multiples, colours within a row."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from disrupting_harm.figures import describe, scales, style
from disrupting_harm.figures.drawing import Drawing, finish
from disrupting_harm.figures.frames import hidden_words, is_hidden, order, prepare
from disrupting_harm.figures.layout import Key, Sheet

LOW_N_NOTE = "Hollow dot, value in brackets: small base, read with care."
CUT_NOTE = "An arrow marks an interval that goes on beyond the axis."
GAP = 18.0


@dataclass(frozen=True)
class Line:
    """One line of the figure: a label (or the heading of a group) and where it stands, in points from the top."""

    label: str
    texts: list[str]
    middle: float
    heading: bool = False


@style.applied
def intervals(
    rows: pd.DataFrame,
    title: str,
    subtitle: str = "",
    reference: float | Mapping[str, float] | None = None,
    reference_label: str = "",
    unit: describe.Unit = "percent",
    synthetic: bool = False,
    emphasise: tuple[str, ...] = (),
) -> Drawing:
    """Draw estimates with their intervals, one line for each `label`, in the order given.

    rows: tidy rows with `label`; optional `panel` (small multiples that share the labels), `series` (colours within a
    line) and `group` (headings between lines). `reference`: a value (or one for each panel) drawn as a dashed line
    named `reference_label`. `emphasise`: labels written in bold. Rows that are not shown keep their line, with the
    reason in words. Ratios are drawn on a logarithmic axis with a line at 1.
    """
    rows = prepare(rows)
    series, panels = order(rows, "series"), order(rows, "panel")
    palette = dict(zip(series, style.colours(len(series)), strict=True))
    keys = [Key(name, palette[name], marker="o") for name in series] if len(series) > 1 else []
    bounds = rows[["ci_low", "ci_high"]].to_numpy()
    extra = [] if reference is None else list(_references(reference, panels).values())
    scale = scales.make(
        np.append(rows["estimate"].to_numpy(), extra), bounds, unit, 6 if len(panels) == 1 else 4
    )

    sheet = Sheet(title, subtitle, synthetic, keys, _notes(rows, scale))
    label_width = _label_width(rows, len(panels))
    lines, height = _lines(rows, label_width, len(series))
    head = (15 if len(panels) > 1 else 0) + (14 if reference is not None and reference_label else 0)
    sheet.open(head + height + 22)
    _write_labels(sheet, lines, sheet.top + head, emphasise)
    left = label_width + 14
    gap = GAP if len(panels) < 4 else GAP * 2 / 3
    width = (style.WIDTH - left - gap * (len(panels) - 1)) / len(panels)
    for i, panel in enumerate(panels):
        part = rows[rows["panel"] == panel] if "panel" in rows.columns else rows
        place = Panel(sheet, scale, lines, palette, left + i * (width + gap), sheet.top + head, width, height)
        place.draw(part, len(panels))
        if len(panels) > 1:
            sheet.text(place.left, sheet.top + 7, _fit(panel, width), style.LABEL, bold=True)
        if reference is not None:
            value = _references(reference, panels).get(panel)
            place.mark(value, reference_label, sheet.top + head - 7)
    return finish(
        sheet.figure, title, _alt(rows, unit, reference, reference_label, panels, series), synthetic
    )


@dataclass
class Panel:
    """One panel: data axes with a column of values to the right."""

    sheet: Sheet
    scale: scales.Scale
    lines: list[Line]
    palette: dict[str, str]
    left: float
    top: float
    width: float
    height: float

    def draw(self, rows: pd.DataFrame, panels: int) -> None:
        """Draw the rows of this panel; the more panels there are, the shorter values are written."""
        texts = [_written(row, self.scale.unit, panels) for _, row in rows.iterrows()]
        self.values = max((style.text_width(text, style.SMALL) for text in texts), default=0) + 8
        self.values = max(self.values, 24)
        self.axes = self.sheet.axes(self.left, self.top, self.width - self.values, self.height)
        self.axes.set_ylim(self.height, 0)
        self.axes.set_yticks([])
        self.scale.apply(self.axes)
        self._thin_ticks()
        self.axes.grid(axis="x", color=style.GRID, linewidth=0.6)
        for line in (1.0,) if self.scale.log else (0.0,) if self.scale.low <= 0 else ():
            self.axes.axvline(line, color=style.MUTED, linewidth=0.9, zorder=1)
        middles = {line.label: line.middle for line in self.lines if not line.heading}
        for (_, row), text in zip(rows.iterrows(), texts, strict=True):
            self._row(row, middles[_key(row)] + self._shift(row), text)

    def mark(self, value: float | None, label: str, y: float) -> None:
        """Draw the reference line and its label above the panel."""
        if value is None or not math.isfinite(value):
            return
        self.axes.axvline(value, color=style.MUTED, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
        if label:
            text = _fit(f"{label} {describe.number(value, self.scale.unit)}", self.width)
            x = self.left + self._share(value) * (self.width - self.values)
            half = style.text_width(text, style.SMALL) / 2
            x = min(max(x, self.left + half), self.left + self.width - half)
            self.sheet.text(x, y, text, style.SMALL, style.MUTED, ha="center")

    def _shift(self, row: pd.Series) -> float:
        names = list(self.palette)
        return (names.index(row.get("series", names[0])) - (len(names) - 1) / 2) * _step(len(names))

    def _row(self, row: pd.Series, y: float, text: str) -> None:
        colour = self.palette[row.get("series", next(iter(self.palette)))]
        if not math.isfinite(row["estimate"]):
            words = hidden_words(row["status"])
            self.sheet.text(
                self.left + 4, self.top + y, words, style.SMALL, style.MUTED, style="italic", halo=True
            )
            return
        self._bar(row, y, colour)
        x = min(max(row["estimate"], self.scale.low), self.scale.high)
        hollow = row["status"] == "low_n"
        self.axes.plot(
            [x],
            [y],
            marker="o",
            markersize=6.2,
            color=colour,
            markerfacecolor=style.PAPER if hollow else colour,
            markeredgewidth=1.5,
            zorder=4,
            clip_on=False,
        )
        self.sheet.text(self.left + self.width, self.top + y, text, style.SMALL, ha="right")

    def _bar(self, row: pd.Series, y: float, colour: str) -> None:
        low, high = row["ci_low"], row["ci_high"]
        if math.isnan(low) or math.isnan(high):
            return
        ends = [min(max(bound, self.scale.low), self.scale.high) for bound in (low, high)]
        self.axes.plot(ends, [y, y], color=colour, linewidth=2.2, alpha=0.55, solid_capstyle="butt", zorder=3)
        for bound, end, marker in ((low, ends[0], "<"), (high, ends[1], ">")):
            if bound != end:
                self.axes.plot(
                    [end], [y], marker=marker, markersize=4.5, color=colour, zorder=3, clip_on=False
                )

    def _share(self, value: float) -> float:
        low, high = self.scale.low, self.scale.high
        if self.scale.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return min(max((value - low) / (high - low), 0), 1)

    def _thin_ticks(self) -> None:
        """Keep every tick, every second or every third ...: the first choice whose labels do not touch."""
        room = self.width - self.values
        for step in range(1, len(self.scale.ticks) + 1):
            kept = [(tick, self.scale.write(tick)) for tick in self.scale.ticks[::step]]
            halves = [style.text_width(text, style.SMALL) / 2 for _, text in kept]
            places = [self._share(tick) * room for tick, _ in kept]
            gaps = [places[i + 1] - halves[i + 1] - places[i] - halves[i] for i in range(len(kept) - 1)]
            if not gaps or min(gaps) >= 5:
                break
        self.axes.set_xticks([tick for tick, _ in kept], [text for _, text in kept])


def _key(row: pd.Series) -> str:
    return f"{row['group']}\n{row['label']}" if "group" in row.index else row["label"]


def _step(series: int) -> float:
    return 0.0 if series == 1 else 13.0


def _label_width(rows: pd.DataFrame, panels: int) -> float:
    most = {1: 190.0, 2: 160.0, 3: 130.0}.get(panels, 115.0)
    widest = max(
        style.text_width(line, bold=True) for text in rows["label"] for line in style.wrap(text, most)
    )
    return min(max(widest, 40), max(most, widest if widest < 230 else most))


def _lines(rows: pd.DataFrame, width: float, series: int) -> tuple[list[Line], float]:
    """Place the lines from top to bottom; gives them with the height of all."""
    lines, y, group = [], 2.0, ""
    for key in dict.fromkeys(_key(row) for _, row in rows.iterrows()):
        if "\n" in key and key.split("\n")[0] != group:
            group = key.split("\n")[0]
            y += 6 if lines else 0
            lines.append(Line(key, [group], y + 9, heading=True))
            y += 18
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


def _written(row: pd.Series, unit: describe.Unit, panels: int) -> str:
    if not math.isfinite(row["estimate"]):
        return ""
    text = describe.number(row["estimate"], unit, sign=panels < 3)
    text = f"({text})" if row["status"] == "low_n" else text
    if panels == 1 and not math.isnan(row["ci_low"]):
        text += f"  [{describe.interval(row['ci_low'], row['ci_high'], unit)}]"
    return text


def _references(reference: float | Mapping[str, float], panels: list[str]) -> dict[str, float]:
    return dict(reference) if isinstance(reference, Mapping) else dict.fromkeys(panels, float(reference))


def _fit(text: str, width: float) -> str:
    """Cut a text that is wider than its room, with an ellipsis."""
    if style.text_width(text, style.LABEL, True) <= width:
        return text
    while text and style.text_width(text + "…", style.LABEL, True) > width:
        text = text[:-1].rstrip()
    return text + "…"


def _notes(rows: pd.DataFrame, scale: scales.Scale) -> list[str]:
    shown = rows[~is_hidden(rows)]
    beyond = (shown["ci_low"] < scale.low - 1e-12) | (shown["ci_high"] > scale.high + 1e-12)
    return [
        note
        for note, needed in ((LOW_N_NOTE, (rows["status"] == "low_n").any()), (CUT_NOTE, beyond.any()))
        if needed
    ]


def _alt(
    rows: pd.DataFrame,
    unit: describe.Unit,
    reference: float | Mapping[str, float] | None,
    reference_label: str,
    panels: list[str],
    series: list[str],
) -> str:
    lines = len({_key(row) for _, row in rows.iterrows()})
    kind = f"Dot-and-interval figure with {describe.counted(lines, 'row')}"
    kind += f" in {len(panels)} panels ({', '.join(panels)})" if len(panels) > 1 else ""
    kind += f", {len(series)} estimates in each ({', '.join(series)})" if len(series) > 1 else ""
    named = ""
    if isinstance(reference, int | float) and reference_label and math.isfinite(reference):
        named = f"Dashed line: {reference_label} {describe.number(reference, unit)}."
    names = tuple(c for c in ("label", "panel", "series") if c in rows.columns)
    return describe.join(
        kind + ".", describe.by_panel(rows, unit), named, describe.low_n(rows), describe.hidden(rows, names)
    )
