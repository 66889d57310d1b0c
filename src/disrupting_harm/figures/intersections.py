"""Who belongs to which sets at once: bars for the exclusive combinations over a matrix of dots."""

from collections.abc import Sequence

import pandas as pd

from disrupting_harm.figures import describe, scales, style
from disrupting_harm.figures.drawing import Drawing, finish
from disrupting_harm.figures.frames import hidden_words, is_hidden, prepare
from disrupting_harm.figures.layout import Sheet

HEIGHT, ROW = 190.0, 21.0
COLOUR = 0


@style.applied
def intersections(
    rows: pd.DataFrame,
    sets: Sequence[str],
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
) -> Drawing:
    """Draw the exclusive combinations of at most three sets.

    rows: one for each combination, with `label` (its name in words), the proportions, and one true/false column
    for each name in `sets` (true: belongs to the set). The order of rows is the order of the bars.
    """
    if not 1 <= len(sets) <= 3:
        raise ValueError(f"An intersection figure takes one to three sets, not {len(sets)}")
    rows = prepare(rows, ("label", "estimate", *sets))
    notes = (
        ["Hollow bar, value in brackets: small base, read with care."]
        if (rows["status"] == "low_n").any()
        else []
    )
    sheet = Sheet(title, subtitle, synthetic, notes=notes)
    sheet.open(HEIGHT + ROW * len(sets) + 26)
    left = max(48.0, max(style.text_width(name) for name in sets) + 18)
    step = min((style.WIDTH - left) / len(rows), 88.0)
    scale = scales.make(rows["estimate"].to_numpy(), rows[["ci_low", "ci_high"]].to_numpy(), "percent", 5)
    _bars(sheet, rows, left, step, scale)
    _matrix(sheet, rows, sets, left, step, sheet.top + HEIGHT + 20)
    kind = f"Bars for {describe.counted(len(rows), 'exclusive combination')} of {', '.join(sets)}."
    shown = rows[~is_hidden(rows)]
    values = "; ".join(f"{row.label}: {describe.number(row.estimate)}" for row in shown.itertuples())
    alt = describe.join(kind, f"{values}." if values else "", describe.low_n(rows), describe.hidden(rows))
    return finish(sheet.figure, title, alt, synthetic)


def _bars(sheet: Sheet, rows: pd.DataFrame, left: float, step: float, scale: scales.Scale) -> None:
    width = step * len(rows)
    axes = sheet.axes(left, sheet.top + 14, width, HEIGHT - 14)
    colour = style.colours(1)[COLOUR]
    axes.set_xlim(0, len(rows))
    axes.set_ylim(scale.low, scale.high)
    axes.set_xticks([])
    axes.set_yticks(scale.ticks, [scale.write(tick) for tick in scale.ticks])
    axes.grid(axis="y", color=style.GRID, linewidth=0.6)
    axes.axhline(0, color=style.MUTED, linewidth=0.9)
    for i, row in enumerate(rows.itertuples()):
        if row.estimate != row.estimate:
            _absent(sheet, row.status, left + (i + 0.5) * step, sheet.top + HEIGHT - 6, step)
            continue
        hollow = row.status == "low_n"
        face = "none" if hollow else colour
        axes.bar([i + 0.5], [row.estimate], width=0.6, facecolor=face, edgecolor=colour, linewidth=1.2)
        top = row.estimate
        if row.ci_high == row.ci_high:
            axes.plot([i + 0.5] * 2, [row.ci_low, row.ci_high], color=style.INK, linewidth=1.3, zorder=3)
            top = row.ci_high
        text = f"({describe.number(row.estimate)})" if hollow else describe.number(row.estimate)
        axes.annotate(
            text,
            (i + 0.5, top),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            size=style.LABEL,
            color=style.INK,
            weight="bold",
            annotation_clip=False,
        )


def _absent(sheet: Sheet, status: str, x: float, bottom: float, step: float) -> None:
    lines = style.wrap(hidden_words(status), step - 4, style.SMALL)
    for j, line in enumerate(lines):
        y = bottom - (len(lines) - 1 - j) * 11.5
        sheet.text(x, y, line, style.SMALL, style.MUTED, ha="center", style="italic")


def _matrix(
    sheet: Sheet, rows: pd.DataFrame, sets: Sequence[str], left: float, step: float, top: float
) -> None:
    for j, name in enumerate(sets):
        y = top + j * ROW
        sheet.text(0, y, name)
        if j:
            sheet.line(0, y - ROW / 2, left + step * len(rows), y - ROW / 2)
    for i, (_, row) in enumerate(rows.iterrows()):
        x = left + (i + 0.5) * step
        inside = [j for j, name in enumerate(sets) if bool(row[name])]
        if len(inside) > 1:
            sheet.line(x, top + inside[0] * ROW, x, top + inside[-1] * ROW, style.INK, 2.2)
        for j in range(len(sets)):
            sheet.dot(x, top + j * ROW, style.INK if j in inside else style.GRID, 9)
