"""Published against computed: one point for each pair, with the line on which both are the same."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from disrupting_harm.figures import describe, scales, style
from disrupting_harm.figures.drawing import Drawing, finish
from disrupting_harm.figures.frames import is_hidden, order, prepare
from disrupting_harm.figures.layout import Key, Sheet

SIDE = 400.0


@style.applied
def agreement(
    rows: pd.DataFrame,
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
    unit: describe.Unit = "percent",
    name_most: int = 5,
) -> Drawing:
    """Draw `published` (across) against `estimate` (up) with its interval; `series` gives groups, `label` names pairs.

    Hollow points: the published value lies outside the computed interval; the `name_most` furthest of them are named.
    """
    rows = prepare(rows, ("label", "published", "estimate"))
    rows["published"] = pd.to_numeric(rows["published"]).astype(float)
    pairs = rows[~is_hidden(rows) & rows["published"].notna()].copy()
    pairs["outside"] = (pairs["published"] < pairs["ci_low"]) | (pairs["published"] > pairs["ci_high"])
    series = order(rows, "series")
    palette = dict(zip(series, style.colours(len(series)), strict=True))
    keys = [Key(name, palette[name], marker="o") for name in series if name]
    outside = Key("published value outside the computed interval", style.MUTED, marker="o", hollow=True)
    sheet = Sheet(title, subtitle, synthetic, [*keys, outside] if pairs["outside"].any() else keys)
    sheet.open(SIDE + 40)
    _draw(sheet, pairs, palette, unit, name_most)
    return finish(sheet.figure, title, _alt(rows, pairs, unit), synthetic)


def _draw(
    sheet: Sheet, pairs: pd.DataFrame, palette: dict[str, str], unit: describe.Unit, name_most: int
) -> None:
    bounds = pairs[["ci_low", "ci_high"]].to_numpy()
    values = pairs[["published", "estimate"]].to_numpy().ravel()
    scale = scales.make(values, bounds, unit, 7)
    left = 52.0
    axes = sheet.axes(left, sheet.top + 6, style.WIDTH - left - 6, SIDE)
    scale.apply(axes)
    if scale.log:
        axes.set_yscale("log")
        axes.minorticks_off()
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks, [scale.write(tick) for tick in scale.ticks])
    axes.grid(color=style.GRID, linewidth=0.6)
    ends = [scale.low, scale.high]
    axes.plot(ends, ends, color=style.MUTED, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    faint, size = (0.22, 4.2) if len(pairs) > 80 else (0.45, 5.4)
    for row in pairs.itertuples():
        colour = palette[getattr(row, "series", next(iter(palette)))]
        if math.isfinite(row.ci_low) and math.isfinite(row.ci_high):
            low, high = max(row.ci_low, scale.low), min(row.ci_high, scale.high)
            axes.plot([row.published] * 2, [low, high], color=colour, linewidth=1.4, alpha=faint, zorder=2)
        face = style.PAPER if row.outside else colour
        axes.plot(
            [row.published],
            [row.estimate],
            marker="o",
            markersize=size,
            color=colour,
            markerfacecolor=face,
            zorder=3,
        )
    _name_furthest(axes, pairs, name_most)
    sheet.text(
        style.WIDTH - 6, sheet.top + SIDE + 32, "Published", style.SMALL, style.MUTED, ha="right", bold=True
    )
    sheet.text(0, sheet.top - 1, "Computed", style.SMALL, style.MUTED, bold=True)
    _name_line(axes, scale)


def _name_line(axes: Axes, scale: scales.Scale) -> None:
    axes.annotate(
        "published = computed",
        (scale.high, scale.high),
        xytext=(-2, -16),
        textcoords="offset points",
        size=style.SMALL,
        color=style.MUTED,
        ha="right",
        va="top",
    )


def _name_furthest(axes: Axes, pairs: pd.DataFrame, most: int) -> None:
    """Write the labels of the pairs that are furthest apart, where they do not cover each other."""
    far = pairs[pairs["outside"]].copy()
    far["distance"] = (far["estimate"] - far["published"]).abs()
    taken: list[tuple[float, float, float]] = []
    for row in far.sort_values("distance", ascending=False, kind="stable").head(most).itertuples():
        place = axes.transData.transform((row.published, row.estimate))
        width = style.text_width(row.label, style.SMALL)
        right = place[0] + width + 10 < style.WIDTH
        start = place[0] + 7 if right else place[0] - 7 - width
        if any(
            abs(place[1] - y) < 11 and start < end + 4 and begin < start + width + 4
            for begin, end, y in taken
        ):
            continue
        taken.append((start, start + width, place[1]))
        axes.annotate(
            row.label,
            (row.published, row.estimate),
            xytext=(7 if right else -7, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            size=style.SMALL,
            color=style.INK,
            bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
            zorder=5,
        )


def _alt(rows: pd.DataFrame, pairs: pd.DataFrame, unit: describe.Unit) -> str:
    if pairs.empty:
        return describe.join(
            "Scatter of published against computed values without a pair.", describe.hidden(rows)
        )
    with_interval = pairs[pairs["ci_low"].notna()]
    inside = int((~with_interval["outside"]).sum())
    difference = pairs["estimate"] - pairs["published"]
    worst = pairs.loc[difference.abs().idxmax()]
    pairs_said = describe.counted(len(pairs), "pair")
    kind = f"Scatter of {pairs_said} of published and computed values around the line of equality."
    within = (
        f"{inside} of {len(with_interval)} published values lie within the computed interval."
        if len(with_interval)
        else ""
    )
    mean = f"Mean absolute difference {_points(float(np.mean(np.abs(difference))), unit)}."
    furthest = (
        f"Furthest apart: {worst['label']}, published {describe.number(worst['published'], unit)}, "
        f"computed {describe.number(worst['estimate'], unit)}."
    )
    return describe.join(kind, within if len(with_interval) else "", mean, furthest, describe.hidden(rows))


def _points(value: float, unit: describe.Unit) -> str:
    return f"{value * 100:.1f} percentage points" if unit == "percent" else describe.number(value, unit)
