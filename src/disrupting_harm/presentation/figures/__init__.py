"""Figures: functions from a tidy table to a `Drawing` (SVG with alternative text, the same bytes for the same data)."""

from disrupting_harm.presentation.figures.agreement import agreement
from disrupting_harm.presentation.figures.composition import heatmap, stacked
from disrupting_harm.presentation.figures.drawing import Drawing
from disrupting_harm.presentation.figures.intersections import intersections
from disrupting_harm.presentation.figures.intervals import intervals

__all__ = ["Drawing", "agreement", "heatmap", "intersections", "intervals", "stacked"]
