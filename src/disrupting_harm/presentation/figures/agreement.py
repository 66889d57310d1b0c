"""Published against computed: one point for each pair, with the line on which both are the same."""

import math
from dataclasses import dataclass
from statistics import fmean, median

import pandas as pd

from disrupting_harm.presentation.figures import describe, scales, style
from disrupting_harm.presentation.figures.drawing import Drawing, finish
from disrupting_harm.presentation.figures.frames import Row, order, prepare, shown
from disrupting_harm.presentation.figures.layout import Key, Sheet

SIDE, LEFT = 400.0, 52.0
_SAME_NOTE = "Dashed line: published and computed are the same."
_ROOT_NOTE = "The axes are stretched near zero (square root), so that small shares can be distinguished."
_ROOT_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


def agreement(
    table: pd.DataFrame,
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
    unit: describe.Unit = "percent",
    name_most: int = 5,
) -> Drawing:
    """Draw `published` (across) against `estimate` (up) with its interval; `series` gives groups, `label` names pairs.

    Hollow points: the published value lies outside the computed interval; the `name_most` furthest of them are named.
    """
    rows = prepare(table, ("label", "published", "estimate"))
    pairs = [row for row in shown(rows) if pd.notna(row["published"])]
    series = order(rows, "series")
    palette = dict(zip(series, style.colours(len(series)), strict=True))
    keys = [Key(name, palette[name], marker="o") for name in series if name]
    outside = Key("published value outside the computed interval", style.MUTED, marker="o", hollow=True)
    scale = scales.of_rows(pairs, unit, 7, [row["published"] for row in pairs])
    root = _is_crowded(pairs, scale)
    notes = [_SAME_NOTE, _ROOT_NOTE] if root else [_SAME_NOTE]
    sheet = Sheet(
        title, subtitle, synthetic, [*keys, outside] if any(map(_is_outside, pairs)) else keys, notes
    )
    sheet.open(SIDE + 50)
    square = _Square(sheet, scale, root)
    square.open()
    _draw(square, pairs, palette, name_most)
    return finish(sheet, _alt(rows, pairs, unit))


@dataclass(frozen=True)
class _Square:
    """Where pairs are drawn: two axes with the same scale; `root` stretches it near zero."""

    sheet: Sheet
    scale: scales.Scale
    root: bool

    @property
    def bottom(self) -> float:
        """Where the values across are written."""
        return self.sheet.top + 16 + SIDE

    def across(self, value: float) -> float:
        """The place of a published value."""
        return LEFT + self._share(value) * (style.WIDTH - LEFT - 16)

    def up(self, value: float) -> float:
        """The place of a computed value."""
        return self.bottom - self._share(value) * SIDE

    def _share(self, value: float) -> float:
        share = self.scale.share(value)
        return math.sqrt(share) if self.root else share

    def open(self) -> None:
        """Draw both axes and the line on which published and computed are the same."""
        sheet, scale = self.sheet, self.scale
        low, high = scale.low, scale.high
        for tick in [tick for tick in _ROOT_TICKS if tick <= high] if self.root else scale.ticks:
            x, y = self.across(tick), self.up(tick)
            sheet.line(x, self.bottom, x, self.bottom - SIDE)
            sheet.line(LEFT, y, style.WIDTH - 16, y)
            sheet.text(x, self.bottom + 8.5, scale.write(tick), style.SMALL, style.MUTED, ha="center")
            if tick != low:  # the corner is written once
                sheet.text(LEFT - 4, y + 1, scale.write(tick), style.SMALL, style.MUTED, ha="right")
        ends = self.across(low), self.up(low), self.across(high), self.up(high)
        sheet.line(*ends, style.MUTED, 1.1, dashes=(4, 3))
        right, below = style.WIDTH - 6, self.bottom + 26
        sheet.text(right, below, "Published", style.SMALL, style.MUTED, ha="right", bold=True)
        sheet.text(0, sheet.top + 2, "Computed", style.SMALL, style.MUTED, bold=True)


def _is_outside(row: Row) -> bool:
    """Whether the published value lies outside the computed interval."""
    return row["published"] < row["ci_low"] or row["published"] > row["ci_high"]


def _draw(square: _Square, pairs: list[Row], palette: dict[str, str], name_most: int) -> None:
    sheet = square.sheet
    faint, size = (0.22, 4.2) if len(pairs) > 80 else (0.45, 5.4)
    for row in pairs:
        if math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"]):
            x, colour = square.across(row["published"]), palette[row.get("series", "")]
            low, high = square.up(row["ci_low"]), square.up(row["ci_high"])
            sheet.line(x, low, x, high, colour, 1.4, opacity=faint)
    for row in pairs:
        x, y = square.across(row["published"]), square.up(row["estimate"])
        sheet.dot(x, y, palette[row.get("series", "")], size, hollow=_is_outside(row), edge=1)
    _name_furthest(square, pairs, name_most)


def _is_crowded(pairs: list[Row], scale: scales.Scale) -> bool:
    """True when most shares are small beside the largest: root axes then help to distinguish them."""
    if scale.unit != "percent" or scale.low != 0 or not pairs:
        return False
    return median(row["published"] for row in pairs) < 0.25 * scale.high


def _name_furthest(square: _Square, pairs: list[Row], most: int) -> None:
    """Write the labels of the pairs that are furthest apart, where they do not cover each other."""
    far = sorted(filter(_is_outside, pairs), key=_distance, reverse=True)
    taken: list[tuple[float, float, float]] = []
    for row in far[:most]:
        x, y = square.across(row["published"]), square.up(row["estimate"])
        y = min(y, square.bottom - 8)  # not over the axis
        # Above the line there is room to the left, below it to the right.
        right = row["estimate"] < row["published"]
        room = (style.WIDTH - x if right else x - 56) - 12
        if room < 0.5 * style.text_width(row["label"], style.SMALL):
            continue
        label = style.shorten(row["label"], room)
        width = style.text_width(label, style.SMALL)
        start = x + 7 if right else x - 7 - width
        if any(
            abs(y - other) < 11 and start < end + 4 and begin < start + width + 4
            for begin, end, other in taken
        ):
            continue
        taken.append((start, start + width, y))
        x_text, ha = (x + 7, "left") if right else (x - 7, "right")
        square.sheet.text(x_text, y, label, style.SMALL, ha=ha, halo=0.85)


def _distance(row: Row) -> float:
    """How far published and computed are apart."""
    return abs(row["estimate"] - row["published"])


def _alt(rows: list[Row], pairs: list[Row], unit: describe.Unit) -> str:
    if not pairs:
        return describe.join(
            "Scatter of published against computed values without a pair.", describe.hidden(rows)
        )
    with_interval = [row for row in pairs if not math.isnan(row["ci_low"])]
    inside = sum(not _is_outside(row) for row in with_interval)
    worst = max(pairs, key=_distance)
    pairs_said = describe.counted(len(pairs), "pair")
    kind = f"Scatter of {pairs_said} of published and computed values around the line of equality."
    within = (
        f"{inside} of {len(with_interval)} published values lie within the computed interval."
        if with_interval
        else ""
    )
    mean = f"Mean absolute difference {_points(fmean(map(_distance, pairs)), unit)}."
    furthest = (
        f"Furthest apart: {worst['label']}, published {describe.number(worst['published'], unit)}, "
        f"computed {describe.estimate(worst, unit)}."
    )
    return describe.join(kind, within, mean, furthest, describe.hidden(rows))


def _points(value: float, unit: describe.Unit) -> str:
    return f"{value * 100:.1f} percentage points" if unit == "percent" else describe.number(value, unit)
