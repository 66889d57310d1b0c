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
SAME_NOTE = "Dashed line: published and computed are the same."
ROOT_NOTE = "The axes are stretched near zero (square root), so that small shares can be told apart."
ROOT_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


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
    bounds = pairs[["ci_low", "ci_high"]].to_numpy()
    scale = scales.make(pairs[["published", "estimate"]].to_numpy().ravel(), bounds, unit, 7)
    root = _spread(pairs, scale)
    notes = [SAME_NOTE, ROOT_NOTE] if root else [SAME_NOTE]
    sheet = Sheet(title, subtitle, synthetic, [*keys, outside] if pairs["outside"].any() else keys, notes)
    sheet.open(SIDE + 50)
    _draw(sheet, pairs, palette, scale, root, name_most)
    return finish(sheet.figure, title, _alt(rows, pairs, unit), synthetic)


def _draw(
    sheet: Sheet,
    pairs: pd.DataFrame,
    palette: dict[str, str],
    scale: scales.Scale,
    root: bool,
    name_most: int,
) -> None:
    left = 52.0
    axes = sheet.axes(left, sheet.top + 16, style.WIDTH - left - 16, SIDE)
    _apply(axes, scale, root)
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
        style.WIDTH - 6, sheet.top + SIDE + 42, "Published", style.SMALL, style.MUTED, ha="right", bold=True
    )
    sheet.text(0, sheet.top + 2, "Computed", style.SMALL, style.MUTED, bold=True)


def _spread(pairs: pd.DataFrame, scale: scales.Scale) -> bool:
    """True when most shares are small beside the largest: root axes then let them be told apart."""
    return scale.unit == "percent" and scale.low == 0 and pairs["published"].median() < 0.25 * scale.high


def _apply(axes: Axes, scale: scales.Scale, root: bool) -> None:
    if root:
        for name in ("x", "y"):
            getattr(axes, f"set_{name}scale")("function", functions=(_root, np.square))
    elif scale.log:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.minorticks_off()
    axes.set_xlim(scale.low, scale.high)
    axes.set_ylim(scale.low, scale.high)
    ticks = [tick for tick in ROOT_TICKS if tick <= scale.high] if root else scale.ticks
    axes.set_xticks(ticks, [scale.write(tick) for tick in ticks])
    # The corner is written once.
    axes.set_yticks(ticks, ["" if tick == scale.low else scale.write(tick) for tick in ticks])


def _root(values: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(values, 0))


def _name_furthest(axes: Axes, pairs: pd.DataFrame, most: int) -> None:
    """Write the labels of the pairs that are furthest apart, where they do not cover each other."""
    far = pairs[pairs["outside"]].copy()
    far["distance"] = (far["estimate"] - far["published"]).abs()
    taken: list[tuple[float, float, float]] = []
    for row in far.sort_values("distance", ascending=False, kind="stable").head(most).itertuples():
        place = axes.transData.transform((row.published, row.estimate))
        # Above the line there is room to the left, below it to the right.
        right = row.estimate < row.published
        room = (style.WIDTH - place[0] if right else place[0] - 56) - 12
        if room < 0.5 * style.text_width(row.label, style.SMALL):
            continue
        label = style.shorten(row.label, room)
        width = style.text_width(label, style.SMALL)
        start = place[0] + 7 if right else place[0] - 7 - width
        if any(
            abs(place[1] - y) < 11 and start < end + 4 and begin < start + width + 4
            for begin, end, y in taken
        ):
            continue
        taken.append((start, start + width, place[1]))
        axes.annotate(
            label,
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
