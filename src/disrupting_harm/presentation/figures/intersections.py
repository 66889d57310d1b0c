"""Who belongs to which sets at once: bars for the exclusive combinations over a matrix of dots."""

import math
from collections.abc import Sequence

import pandas as pd

from disrupting_harm.presentation.figures import describe, scales, style
from disrupting_harm.presentation.figures.drawing import Drawing, finish
from disrupting_harm.presentation.figures.frames import (
    Row,
    has_small_base,
    is_hidden,
    prepare,
    shown,
    why_hidden,
)
from disrupting_harm.presentation.figures.layout import Sheet

HEIGHT, ROW, LINE = 190.0, 21.0, 12.2
_COLOUR = 0


def intersections(
    table: pd.DataFrame,
    sets: Sequence[str],
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
) -> Drawing:
    """Draw the exclusive combinations of at most three sets.

    table: one for each combination, with `label` (its name in words), the proportions, and one true/false column
    for each name in `sets` (true: belongs to the set). The order of rows is the order of the bars.
    """
    if not 1 <= len(sets) <= 3:
        raise ValueError(f"An intersection figure takes one to three sets, not {len(sets)}")
    rows = prepare(table, ("label", "estimate", *sets))
    notes = (
        ["Hollow bar, value in brackets: small base, interpret with care."] if has_small_base(rows) else []
    )
    sheet = Sheet(title, subtitle, synthetic, notes=notes)
    width = style.column_width(sets, 170, bold=False)
    names = [style.wrap(name, width) for name in sets]
    heights = [max(ROW, LINE * len(lines) + 8) for lines in names]
    sheet.open(HEIGHT + sum(heights) + 26)
    left = max(48.0, width + 18)
    step = min((style.WIDTH - left) / len(rows), 88.0)
    scale = scales.of_rows(rows, "percent", 5)
    _bars(sheet, rows, left, step, scale)
    top = sheet.top + HEIGHT + 20 - ROW / 2
    middles = [top + sum(heights[:j]) + height / 2 for j, height in enumerate(heights)]
    _write_names(sheet, names, heights, middles, left + step * len(rows))
    _matrix(sheet, rows, sets, left, step, middles)
    kind = f"Bars for {describe.counted(len(rows), 'exclusive combination')} of {', '.join(sets)}."
    values = "; ".join(f"{row['label']}: {describe.estimate(row)}" for row in shown(rows))
    alt = describe.join(kind, f"{values}." if values else "", describe.low_n(rows), describe.hidden(rows))
    return finish(sheet, alt)


def _bars(sheet: Sheet, rows: list[Row], left: float, step: float, scale: scales.Scale) -> None:
    bottom, height = sheet.top + HEIGHT, HEIGHT - 14
    right, colour = left + step * len(rows), style.colours(1)[_COLOUR]
    for tick in scale.ticks:
        y = bottom - height * scale.share(tick)
        sheet.line(left, y, right, y)
        sheet.text(left - 4, y + 1, scale.write(tick), style.SMALL, style.MUTED, ha="right")
    for i, row in enumerate(rows):
        middle = left + (i + 0.5) * step
        if is_hidden(row):
            _absent(sheet, why_hidden(row), middle, bottom - 6, step)
            continue
        hollow = row["status"] == "low_n"
        top = bottom - height * scale.share(row["estimate"])
        look = {"colour": "none" if hollow else colour, "edge": colour, "edge_width": 1.2}
        sheet.box(middle - 0.3 * step, top, 0.6 * step, bottom - top, **look)
        if not math.isnan(row["ci_high"]):
            low, top = (bottom - height * scale.share(bound) for bound in (row["ci_low"], row["ci_high"]))
            sheet.line(middle, low, middle, top, style.INK, 1.3)
        text = f"({describe.estimate(row)})" if hollow else describe.estimate(row)
        sheet.text(middle, top - 6.5, text, ha="center", bold=True)
    sheet.line(left, bottom, right, bottom, style.MUTED, 0.9)


def _absent(sheet: Sheet, words: str, x: float, bottom: float, step: float) -> None:
    lines = style.wrap(words, step - 4, style.SMALL)
    for j, line in enumerate(lines):
        y = bottom - (len(lines) - 1 - j) * 11.5
        sheet.text(x, y, line, style.SMALL, style.MUTED, ha="center", italic=True)


def _write_names(
    sheet: Sheet, names: list[list[str]], heights: list[float], middles: list[float], right: float
) -> None:
    for j, (lines, height, middle) in enumerate(zip(names, heights, middles, strict=True)):
        for i, line in enumerate(lines):
            sheet.text(0, middle + (i - (len(lines) - 1) / 2) * LINE, line)
        if j:
            sheet.line(0, middle - height / 2, right, middle - height / 2)


def _matrix(
    sheet: Sheet, rows: list[Row], sets: Sequence[str], left: float, step: float, middles: list[float]
) -> None:
    for i, row in enumerate(rows):
        x = left + (i + 0.5) * step
        inside = [j for j, name in enumerate(sets) if bool(row[name])]
        if len(inside) > 1:
            sheet.line(x, middles[inside[0]], x, middles[inside[-1]], style.INK, 2.2)
        for j, middle in enumerate(middles):
            sheet.dot(x, middle, style.INK if j in inside else style.GRID, 9)
