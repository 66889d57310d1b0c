"""Figures of composition: 100 per cent bars and heat maps."""

import math
from dataclasses import dataclass

import pandas as pd

from disrupting_harm.presentation.figures import describe, style
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

_LINE = 11.6
SLANT = 0.72
"""How far a head slanted by 45 degrees reaches to the right and up, for each point of its length."""


def stacked(
    table: pd.DataFrame,
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
    ordered: bool = False,
    emphasise: tuple[str, ...] = (),
) -> Drawing:
    """Draw 100 per cent bars: one bar for each `label`, one segment for each `series`, in the order given.

    table: tidy rows with `label`, `series` and proportions that exclude each other. `ordered`: the series have an order
    (one hue, light to dark). What is missing to 100 per cent (segments not shown) stays an open, hatched stretch. A
    label with nothing to show keeps its line, with the reason in words.
    """
    rows = prepare(table, ("label", "series", "estimate"))
    series = order(rows, "series")
    palette = dict(zip(series, style.areas(len(series), ordered), strict=True))
    keys = [Key(name, palette[name]) for name in series]
    some_hidden = _partly_hidden(rows)
    if some_hidden:
        keys.append(Key("not shown", style.HIDDEN, hatched=True))
    notes = (
        ["Values in brackets are based on few respondents: interpret with care."]
        if has_small_base(rows)
        else []
    )
    sheet = Sheet(title, subtitle, synthetic, keys, notes)
    labels, width, heights = _labels(rows, 170)
    sheet.open(sum(heights) + 20)
    left = width + 14
    y = sheet.top
    for (label, bar), height in zip(grouped(rows, "label").items(), heights, strict=True):
        _write_label(sheet, label, width, y + height / 2, label in emphasise)
        _bar(sheet, bar, palette, left, y + 2.5, height - 5)
        y += height
    for tick in (0, 25, 50, 75, 100):
        x = left + (style.WIDTH - left) * tick / 100
        ha = "left" if tick == 0 else "right" if tick == 100 else "center"
        sheet.text(x, y + 9, f"{tick}%", style.SMALL, style.MUTED, ha=ha)
        sheet.line(x, y, x, y + 3, style.MUTED)
    return finish(sheet, _stacked_alt(rows, labels, series))


def _bar(
    sheet: Sheet, rows: list[Row], palette: dict[str, str], left: float, y: float, height: float
) -> None:
    room, x = style.WIDTH - left, left
    segments = shown(rows)
    if not segments:
        words = why_hidden(rows[0])
        sheet.text(left + 4, y + height / 2, words, style.SMALL, style.MUTED, italic=True)
        return
    total = max(1.0, sum(row["estimate"] for row in segments))
    for row in segments:
        wide = room * row["estimate"] / total
        if wide <= 0:
            continue
        gap = 0.8 if wide > 2.5 else 0
        colour = palette[row["series"]]
        sheet.box(x, y, wide - gap, height, colour)
        _segment_value(sheet, row, x + (wide - gap) / 2, y + height / 2, wide - gap, colour)
        x += wide
    if len(segments) < len(rows) and left + room - x > 0.5:
        sheet.box(x, y, left + room - x, height, style.HIDDEN, hatched=True)


def _segment_value(sheet: Sheet, row: Row, x: float, y: float, room: float, colour: str) -> None:
    text = f"{row['estimate'] * 100:.0f}" if row["estimate"] >= 0.005 else "<1"
    shape = "({})" if row["status"] == "low_n" else "{}"
    for written in (shape.format(text + "%"), shape.format(text)):
        if style.text_width(written, style.SMALL) + 4 <= room:
            sheet.text(x, y, written, style.SMALL, style.readable_on(colour), ha="center")
            return


def _partly_hidden(rows: list[Row]) -> bool:
    return any(0 < len(shown(bar)) < len(bar) for bar in grouped(rows, "label").values())


def _labels(rows: list[Row], most: float) -> tuple[list[str], float, list[float]]:
    labels = order(rows, "label")
    width = style.column_width(labels, most)
    lines = [len(style.wrap(label, width + 0.5, bold=True)) for label in labels]
    return labels, width, [max(21.0, 12.2 * n + 8) for n in lines]


def _write_label(sheet: Sheet, label: str, width: float, middle: float, bold: bool = False) -> None:
    lines = style.wrap(label, width + 0.5, bold=True)
    for i, line in enumerate(lines):
        sheet.text(0, middle + (i - (len(lines) - 1) / 2) * 12.2, line, bold=bold)


def _stacked_alt(rows: list[Row], labels: list[str], series: list[str]) -> str:
    kind = (
        f"Bars stacked to 100 per cent: {describe.counted(len(labels), 'bar')}, segments {', '.join(series)}."
    )
    if len(labels) <= 3:
        parts = []
        for label, bar in grouped(rows, "label").items():
            values = ", ".join(f"{row['series']} {describe.estimate(row)}" for row in shown(bar))
            parts.append(f"{label}: {values}." if values else "")
        what = describe.join(*parts)
    else:
        what = describe.by_panel(rows, "percent", ["series"])
    return describe.join(kind, what, describe.low_n(rows), describe.hidden(rows, ("label", "series")))


def heatmap(
    table: pd.DataFrame,
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
    emphasise: tuple[str, ...] = (),
) -> Drawing:
    """Draw a table of shares, `label` by `series`, each cell coloured by its value (one hue) with the per cent in it.

    Cells that are not shown are grey and hatched with a sign; the legend says what it means. A cell without a row stays
    empty.
    """
    rows = prepare(table, ("label", "series", "estimate"))
    series = order(rows, "series")
    labels = order(rows, "label")
    top = _top_of_scale(rows)
    sheet = Sheet(title, subtitle, synthetic, _signs(rows), _heat_notes(rows))
    label_width = style.column_width(labels, 150, 190)
    heads = _column_heads(series, style.WIDTH - label_width - 12)
    cell = heads.cell
    heights = [max(19.0, 12.2 * len(style.wrap(label, label_width + 0.5, bold=True)) + 6) for label in labels]
    sheet.open(heads.height + sum(heights) + 34)
    left, y = label_width + 12, sheet.top + heads.height
    _write_heads(sheet, heads, left, y)
    for (label, cells), height in zip(grouped(rows, "label").items(), heights, strict=True):
        _write_label(sheet, label, label_width, y + height / 2, label in emphasise)
        for row in cells:
            _cell(sheet, row, left + series.index(row["series"]) * cell, y, cell, height, top)
        y += height
    _colour_bar(sheet, left, y + 10, min(cell * len(series), 220), top)
    kind = (
        f"Heat map with {describe.counted(len(labels), 'row')} and {describe.counted(len(series), 'column')}."
    )
    columns = f"Columns: {', '.join(series)}."
    names = ("label", "series")
    what = describe.sentence(rows, "percent", names)
    alt = describe.join(kind, columns, what, describe.low_n(rows), describe.hidden(rows, names))
    return finish(sheet, alt)


def _top_of_scale(rows: list[Row]) -> float:
    highest = max((row["estimate"] for row in shown(rows)), default=0)
    if highest <= 0:
        return 1.0
    return next(
        t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0) if highest <= t or t == 1.0
    )


def _signs(rows: list[Row]) -> list[Key]:
    statuses = [s for s in style.HIDDEN_STATUS if s in order(rows, "status")]
    words = {s: ", ".join(order(grouped(rows, "status")[s], "reason")) for s in statuses}
    return [
        Key(hidden_words(s, words[s]), style.HIDDEN, hatched=True, sign=style.HIDDEN_SIGN[s])
        for s in statuses
    ]


def _heat_notes(rows: list[Row]) -> list[str]:
    return (
        ["Values in brackets are based on few respondents: interpret with care."]
        if has_small_base(rows)
        else []
    )


@dataclass(frozen=True)
class _Heads:
    """Heads of columns in lines, the height they need, the width of a cell, and how far they are turned (degrees)."""

    lines: list[list[str]]
    height: float
    cell: float
    turn: int = 0


def _column_heads(series: list[str], room: float) -> _Heads:
    """Write heads upright where they fit the cells; else slanted; else, when lines would meet, turned."""
    cell = min(room / len(series), 92.0)
    lines = _wrapped(series, cell - 6)
    if _widest(lines) <= cell - 3 and _most(lines) <= 5:
        return _Heads(lines, _LINE * _most(lines) + 6, cell)
    lines = _wrapped(series, 118)
    reach = [(_widest([head]) + _LINE * len(head)) * SLANT for head in lines]
    # A slanted head leans over the cells to its right: the last ones need room beyond the table.
    slanted = min(cell, *((room - far) / (i + 0.5) for i, far in enumerate(reach)))
    if _LINE * _most(lines) <= slanted * SLANT + 1:
        return _Heads(lines, max(reach) + 4, slanted, 45)
    for width in (80, 100, 120, 150, 200, 280, 400):
        lines = _wrapped(series, width)
        if _LINE * _most(lines) <= cell + 1:
            break
    return _Heads(lines, _widest(lines) + 10, cell, 90)


def _wrapped(series: list[str], width: float) -> list[list[str]]:
    return [style.wrap(name, width, style.SMALL, keep_words=True) for name in series]


def _widest(heads: list[list[str]]) -> float:
    return max(style.text_width(line, style.SMALL) for lines in heads for line in lines)


def _most(heads: list[list[str]]) -> int:
    return max(map(len, heads))


def _write_heads(sheet: Sheet, heads: _Heads, left: float, bottom: float) -> None:
    for i, lines in enumerate(heads.lines):
        middle = left + (i + 0.5) * heads.cell
        for j, line in enumerate(lines):
            off = _LINE * (j - (len(lines) - 1) / 2)
            if heads.turn:
                x = middle + off * (2 * SLANT if heads.turn == 45 else 1)
                sheet.text(x, bottom - 5, line, style.SMALL, turn=heads.turn)
            else:
                sheet.text(middle, bottom - 9 - (len(lines) - 1 - j) * _LINE, line, style.SMALL, ha="center")


def _cell(sheet: Sheet, row: Row, x: float, y: float, width: float, height: float, top: float) -> None:
    middle = (x + width / 2, y + height / 2)
    if not math.isfinite(row["estimate"]):
        sheet.box(x, y, width - 1, height - 1, style.HIDDEN, hatched=True)
        sign = style.HIDDEN_SIGN.get(row["status"], "·")
        sheet.text(*middle, sign, style.LABEL, style.INK, ha="center", bold=True)
        return
    colour = style.scale()[round(100 * min(max(row["estimate"] / top, 0), 1))]
    sheet.box(x, y, width - 1, height - 1, colour)
    text = _cell_text(row, width - 3)
    sheet.text(*middle, text, style.SMALL, style.readable_on(colour), ha="center")


def _cell_text(row: Row, room: float) -> str:
    """Write a cell's per cent with one decimal, with none where the cell is narrow, or not at all."""
    shape = "({})" if row["status"] == "low_n" else "{}"
    percent = f"{row['estimate'] * 100:.0f}" if row["estimate"] >= 0.005 or row["estimate"] == 0 else "<1"
    texts = [shape.format(text) for text in (describe.estimate(row, sign=False), percent)]
    return next((text for text in texts if style.text_width(text, style.SMALL) <= room), "")


def _colour_bar(sheet: Sheet, x: float, y: float, width: float, top: float) -> None:
    for i in range(50):
        sheet.box(x + width * i / 50, y, width * (50 - i) / 50, 8, style.scale()[i * 2 + 1])
    sheet.text(x, y + 16, "0%", style.SMALL, style.MUTED)
    sheet.text(x + width, y + 16, f"{top * 100:g}%", style.SMALL, style.MUTED, ha="right")
