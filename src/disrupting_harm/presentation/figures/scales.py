"""The scale along which estimates are drawn: its ends, its ticks and how ticks are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from disrupting_harm.estimation.number_format import Unit
from disrupting_harm.presentation.figures.frames import Row

_RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Scale:
    """Ends and ticks of a value axis; `log` for ratios."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: Unit

    @property
    def log(self) -> bool:
        """Ratios are drawn on a logarithmic axis: half and double are equally far from one."""
        return self.unit == "ratio"

    def share(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1; values beyond an end are drawn at it."""
        low, high, value = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low)

    def write(self, tick: float) -> str:
        """Write a tick: 10%, 0.5, 1.2 million."""
        if self.unit == "percent":
            return f"{round(tick * 100, 6):g}%".replace("-", "−")
        if self.unit == "count":
            for size, word in ((1e6, " million"), (1e3, " thousand")):
                if max(abs(t) for t in self.ticks) >= size:
                    return f"{tick / size:g}{word if tick else ''}"
        return f"{tick:g}".replace("-", "−")


def of_rows(rows: list[Row], unit: Unit, ticks: int = 6, also: Sequence[float] = ()) -> Scale:
    """The scale that holds rows, and other values beside them."""
    estimates = np.array([*(row["estimate"] for row in rows), *also])
    return make(estimates, np.array([(row["ci_low"], row["ci_high"]) for row in rows]), unit, ticks)


def make(estimates: np.ndarray, bounds: np.ndarray, unit: Unit, ticks: int = 6) -> Scale:
    """Find a scale that holds all estimates, and their bounds as far as they are within reason (ratios)."""
    points = estimates[np.isfinite(estimates)]
    ends = bounds[np.isfinite(bounds)]
    if unit == "ratio":
        return _ratio(points[points > 0], ends[ends > 0])
    everything = np.concatenate([points, ends])
    high = float(everything.max()) if everything.size else 1.0
    low = float(everything.min()) if everything.size else 0.0
    if unit != "mean" or low < 0.4 * high:
        low = min(low, 0.0)
    return _linear(low, high, unit, ticks)


def _linear(low: float, high: float, unit: Unit, ticks: int) -> Scale:
    from matplotlib.ticker import MaxNLocator

    if high <= low:
        high = low + (0.01 if unit == "percent" else 1)
    room = (high - low) * 0.02
    top = high + room if unit != "percent" or high < 0.98 else max(1.0, high)
    bottom = low - room if low < 0 or (unit == "mean" and low > 0) else low
    places = MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]).tick_values(bottom, top)
    inside = tuple(round(float(p), 10) for p in places if bottom - 1e-12 <= p <= top + 1e-12)
    return Scale(bottom, top, inside, unit)


def _ratio(points: np.ndarray, ends: np.ndarray) -> Scale:
    low, high = float(min([1, *points])), float(max([1, *points]))
    # A bound far beyond the estimates would squeeze everything else: it is cut, and drawn with an arrow.
    near = [end for end in ends if low / 4 <= end <= high * 4]
    low = min([low, *near]) / (1.5 if any(ends < low / 4) else 1)
    high = max([high, *near]) * (1.5 if any(ends > high * 4) else 1)
    low, high = min(low / 1.08, 0.8), max(high * 1.08, 1.25)
    ticks = tuple(t for t in _RATIO_TICKS if low <= t <= high)
    if len(ticks) < 3:
        fine = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 4)
        ticks = tuple(t for t in fine if low <= t <= high and not math.isclose(t, 0.9))
    return Scale(low, high, ticks, "ratio")
