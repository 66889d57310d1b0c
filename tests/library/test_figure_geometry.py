"""Where every mark of a figure is, how long and in which colour, worked out from the axis as it is drawn.

An axis is read from the figure: its ticks are texts and lines at a position, and they give the scale. Values are typed
here, and their positions worked out from it; nothing asks the library where a value belongs.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from disrupting_harm.presentation import figures
from disrupting_harm.presentation.figures import style

SVG = "{http://www.w3.org/2000/svg}"
NEAR = 0.02
"""Positions are written to a hundredth of a point; what is worked out from two ticks may be off by a little more."""


# Reading a figure


@dataclass(frozen=True)
class Mark:
    """A line (from x0, y0 to x1, y1), a circle or a box as its four sides; `fill` and `stroke` are colours."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: str = ""
    stroke: str = ""
    dashed: bool = False

    @property
    def x(self):
        return (self.x0 + self.x1) / 2

    @property
    def y(self):
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True)
class Text:
    text: str
    x: float
    y: float
    left: float
    right: float
    size: float
    turned: bool

    @property
    def is_centred(self):
        return self.x == pytest.approx((self.left + self.right) / 2)


def colour(style_of, name):
    """A colour of a mark: what is written for pages, `var(--name, #hex)`, has the colour on white paper in it."""
    written = re.search(rf"(?:^|; ){name}: ([^;]+)", style_of)
    if written is None:
        return ""
    known = {"currentColor": style.INK, "var(--figure-paper, #ffffff)": style.PAPER}
    match = re.search(r"#[0-9a-f]{6}", written[1])
    return known.get(written[1]) or ("hatch" if "url(" in written[1] else match[0] if match else written[1])


class Read:
    """A figure's marks by kind, in the order in which they are drawn."""

    def __init__(self, drawing):
        root = ET.fromstring(drawing.svg)
        self.width, self.height = map(float, root.get("viewBox").split()[2:])
        body = [item for item in root if item.tag != f"{SVG}defs"]
        self.circles = [self.circle(item) for item in body if item.tag == f"{SVG}circle"]
        self.boxes = [self.box(item) for item in body if item.tag == f"{SVG}rect"]
        paths = [item for item in body if item.tag == f"{SVG}path"]
        self.lines = [self.line(item) for item in paths if not item.get("d").endswith("z")]
        self.arrows = [self.line(item) for item in paths if item.get("d").endswith("z")]
        self.texts = [self.word(item) for item in body if item.tag == f"{SVG}text"]

    @staticmethod
    def circle(element):
        x, y, r = (float(element.get(name)) for name in ("cx", "cy", "r"))
        look = element.get("style")
        return Mark(x - r, y - r, x + r, y + r, colour(look, "fill"), colour(look, "stroke"))

    @staticmethod
    def box(element):
        x, y, width, height = (float(element.get(name)) for name in ("x", "y", "width", "height"))
        look = element.get("style")
        return Mark(x, y, x + width, y + height, colour(look, "fill"), colour(look, "stroke"))

    @staticmethod
    def line(element):
        corners = [
            [float(part) for part in point.split()]
            for point in re.split("[ML]", element.get("d").rstrip("z"))[1:]
        ]
        look = element.get("style")
        return Mark(
            *corners[0], *corners[1], colour(look, "fill"), colour(look, "stroke"), "dasharray" in look
        )

    @staticmethod
    def word(element):
        look, text = element.get("style"), "".join(element.itertext())
        size = float((re.search(r"font-size: ([\d.]+)px", look) or [0, style.SMALL])[1])
        wide = style.text_width(text, size, "font-weight: 700" in look, "italic" in look)
        anchor = (re.search(r"text-anchor: (\w+)", look) or [0, "start"])[1]
        x, baseline = float(element.get("x")), float(element.get("y"))
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        return Text(text, x, baseline - 0.26 * size, left, left + wide, size, "transform" in element.attrib)

    def text(self, words):
        """The only text with these words."""
        (match,) = [item for item in self.texts if item.text == words]
        return match

    def key(self, words):
        """The mark of the legend that is before these words."""
        word = self.text(words)
        (mark,) = [item for item in self.circles + self.boxes
                   if abs(item.y - word.y) < 1 and 0 < word.left - item.x1 < 12]  # fmt: skip
        return mark

    def upright(self, x):
        """The upright lines at x."""
        return [item for item in self.lines if item.x0 == item.x1 == near(x)]


def amount(words):
    """The number of a tick."""
    words = words.replace("−", "-")
    return float(words.rstrip("%")) / 100 if words.endswith("%") else float(words)


def fitted(ticks, how):
    """Position of a value from the first and the last tick; those between must agree."""
    (low, start), (high, end) = ticks[0], ticks[-1]

    def at(value):
        return start + (how(value) - how(low)) / (how(high) - how(low)) * (end - start)

    assert len(ticks) > 2
    for value, position in ticks:
        assert at(value) == near(position)
    return at


def across(read, how=float, within=(-math.inf, math.inf)):
    """The scale of an axis at the foot: its ticks are centred below a line of the grid."""
    uprights = {item.x0 for item in read.lines if item.x0 == item.x1}
    ticks = [(amount(item.text), item.x) for item in read.texts
             if re.fullmatch(r"−?[\d.]+%?", item.text) and item.x in uprights and item.is_centred
             and within[0] <= item.x <= within[1]]  # fmt: skip
    return fitted(ticks, how)


def rows(*values, **columns):
    """Rows of label, estimate, low, high; further columns by name."""
    frame = pd.DataFrame(values, columns=["label", "estimate", "ci_low", "ci_high"])
    return frame.assign(**{"status": "shown", "rounded_to": 0.001, **columns})


def near(number):
    return pytest.approx(number, abs=NEAR)


def exactly(*numbers):
    return pytest.approx(numbers, abs=NEAR)


def is_shade(one, other, most):
    """Whether two colours differ by no more than so much in item of red, green and blue."""
    channels = [[int(item[i : i + 2], 16) for i in (1, 3, 5)] for item in (one, other)]
    return max(abs(a - b) for a, b in zip(*channels, strict=True)) <= most


def assert_free(read):
    """No text runs into another or off the figure (texts that are turned are left out)."""
    words = [item for item in read.texts if not item.turned]
    for item in words:
        assert item.left >= -NEAR
        assert item.right <= read.width + NEAR, item.text
        assert item.y - item.size / 2 >= 0
        assert item.y + item.size / 2 <= read.height, item.text
    for one, other in combinations(words, 2):
        apart = abs(one.y - other.y) >= 0.9 * (one.size + other.size) / 2
        assert apart or one.right <= other.left or other.right <= one.left, (one.text, other.text)


def upwards(read, how):
    """The scale of an axis at the left: its ticks end before a level line of the grid."""
    levels = [item for item in read.lines if item.y0 == item.y1 and item.stroke == style.GRID]
    left = max(item.x0 for item in levels)
    ticks = [(amount(item.text), next(line.y0 for line in levels if abs(line.y0 - item.y) < 2))
             for item in read.texts if re.fullmatch(r"[\d.]+%", item.text) and item.right < left]  # fmt: skip
    return fitted(ticks, how)


# Dots and intervals

SHARES = [("Ona", 0.31, 0.25, 0.38), ("Bira", 0.1, 0.06, 0.15), ("Cala", 0.222, 0.2, 0.25)]


def interval_lines(read):
    """Level lines that are no grid."""
    return [item for item in read.lines if item.y0 == item.y1 and item.stroke in style.SERIES]


def test_a_dot_is_at_its_estimate_and_its_line_goes_from_limit_to_limit():
    read = Read(figures.intervals(rows(*SHARES), "How many?"))
    at = across(read)
    for (label, estimate, low, high), dot, line in zip(
        SHARES, read.circles, interval_lines(read), strict=True
    ):
        assert dot.x == near(at(estimate))
        assert (line.x0, line.x1) == exactly(at(low), at(high))
        assert line.x0 < dot.x < line.x1
        assert dot.y == line.y0 == near(read.text(label).y)
        assert dot.fill == dot.stroke == line.stroke == "#0173b2"
        value = f"{estimate * 100:.1f}%  [{low * 100:.1f}–{high * 100:.1f}]"
        assert read.text(value).y == near(dot.y)
        assert read.text(value).left > max(line.x1, dot.x1)
    assert_free(read)


def test_ticks_of_shares_begin_at_nought():
    read = Read(figures.intervals(rows(*SHARES), "How many?"))
    axis = [item for item in read.lines if item.x0 == item.x1 and item.stroke == style.MUTED]
    assert [item.x0 for item in axis] == [read.text("0%").x]
    assert not any(item.x0 < read.text("0%").x for item in read.lines)


def test_a_small_base_is_hollow_and_a_hidden_row_has_words_alone():
    frame = rows(*SHARES, status=["shown", "low_n", "suppressed"])
    read = Read(figures.intervals(frame, "How many?"))
    assert [(item.fill, item.stroke) for item in read.circles] == [
        ("#0173b2", "#0173b2"), (style.PAPER, "#0173b2"),
    ]  # fmt: skip
    assert len(interval_lines(read)) == 2
    assert read.text("not shown").y == near(read.text("Cala").y)
    assert read.text("(10.0%)  [6.0–15.0]").y == near(read.text("Bira").y)


def test_an_estimate_without_an_interval_has_no_line():
    read = Read(figures.intervals(rows(("Ona", 0.3, np.nan, np.nan), ("Bira", 0.1, 0.06, 0.15)), "T"))
    assert len(read.circles) == 2
    assert len(interval_lines(read)) == 1


def test_ratios_are_on_a_logarithmic_axis_and_cut_with_an_arrow():
    """One interval from 0.5 to 400: its line goes to the right end of the axis, where an arrow is."""
    values = [("A", 2.0, 1.0, 4.0), ("B", 0.5, 0.25, 1.0), ("C", 4.0, 0.5, 400.0)]
    read = Read(figures.intervals(rows(*values, rounded_to=0.01), "T", unit="ratio"))
    at = across(read, math.log)
    lines = interval_lines(read)
    assert [item.x for item in read.circles] == exactly(*(at(item[1]) for item in values))
    assert [(item.x0, item.x1) for item in lines[:2]] == [
        exactly(at(1.0), at(4.0)),
        exactly(at(0.25), at(1.0)),
    ]
    assert lines[2].x0 == near(at(0.5))
    (arrow,) = read.arrows
    assert arrow.y0 == lines[2].y0
    assert arrow.x1 < lines[2].x1 < arrow.x0  # it points to the right, around the end of the line
    assert at(4.0) < lines[2].x1 < at(400.0)
    (one,) = [item for item in read.lines if item.x0 == item.x1 and item.stroke == style.MUTED]
    assert one.x0 == near(at(1.0))
    assert_free(read)


def test_an_interval_that_is_cut_below_has_an_arrow_to_the_left():
    values = [("A", 2.0, 1.0, 4.0), ("B", 1.0, 0.001, 2.0), ("C", 0.5, 0.25, 1)]
    read = Read(figures.intervals(rows(*values, rounded_to=0.01), "T", unit="ratio"))
    (arrow,) = read.arrows
    assert arrow.x0 < interval_lines(read)[1].x0 < arrow.x1


def test_differences_below_nought_are_left_of_its_line():
    values = [("A", -0.1, -0.2, 0.05), ("B", 0.2, 0.1, 0.3)]
    read = Read(figures.intervals(rows(*values), "T", unit="points"))
    at = across(read)
    (nought,) = [item for item in read.lines if item.x0 == item.x1 and item.stroke == style.MUTED]
    assert nought.x0 == near(at(0))
    assert [item.x for item in read.circles] == exactly(at(-0.1), at(0.2))
    assert read.circles[0].x < nought.x0 < read.circles[1].x


def test_a_reference_is_a_dashed_line_at_its_value():
    read = Read(
        figures.intervals(rows(*SHARES), "T", reference=0.2, reference_label="Mean", reference_step=0.001)
    )
    (dashed,) = [item for item in read.lines if item.dashed]
    assert dashed.x0 == dashed.x1 == near(across(read)(0.2))
    assert read.text("Mean 20.0%").x == near(dashed.x0)
    assert_free(read)


def test_series_have_the_colours_of_the_legend_one_below_the_other():
    published = rows(*SHARES, series="Published")
    computed = rows(*[(label, estimate + 0.05, low + 0.05, high + 0.05) for label, estimate, low, high in SHARES],
                    series="Computed")  # fmt: skip
    read = Read(figures.intervals(pd.concat([published, computed]), "T"))
    at = across(read)
    dots = [item for item in read.circles if item not in (read.key("Published"), read.key("Computed"))]
    assert read.key("Published").fill != read.key("Computed").fill
    for i, (label, estimate, *_) in enumerate(SHARES):
        first, second = dots[i], dots[i + 3]
        assert (first.x, second.x) == exactly(at(estimate), at(estimate + 0.05))
        assert (first.fill, second.fill) == (read.key("Published").fill, read.key("Computed").fill)
        assert first.y < read.text(label).y < second.y
        assert second.y - first.y > 10
    assert_free(read)


def test_panels_share_lines_and_scale():
    girls = rows(*SHARES, panel="Girls")
    boys = rows(
        *[(label, estimate / 2, low / 2, high / 2) for label, estimate, low, high in SHARES], panel="Boys"
    )
    read = Read(figures.intervals(pd.concat([girls, boys]), "T", reference={"Girls": 0.2, "Boys": 0.1}))
    middle = read.text("Boys").left
    left, right = across(read, within=(0, middle - 1)), across(read, within=(middle - 1, 999))
    for i, (label, estimate, *_) in enumerate(SHARES):
        first, second = read.circles[i], read.circles[i + 3]
        assert (first.x, second.x) == exactly(left(estimate), right(estimate / 2))
        assert first.y == second.y == near(read.text(label).y)
    assert [item.x0 for item in read.lines if item.dashed] == exactly(left(0.2), right(0.1))
    assert right(0.1) - right(0) == near(left(0.1) - left(0))
    assert_free(read)


def test_groups_have_a_heading_above_their_lines():
    sex, age = rows(*SHARES[:2], group="Sex"), rows(*SHARES[1:], group="Age")
    read = Read(figures.intervals(pd.concat([sex, age]), "T"))
    first, second, third, fourth = (item.y for item in read.circles)
    assert read.text("Sex").y < first < second < read.text("Age").y < third < fourth
    assert_free(read)


# Bars to 100 per cent


def test_segments_are_as_long_as_their_shares_one_after_the_other():
    shares = {"Often": 0.5, "Sometimes": 0.3, "Never": 0.2}
    values = [(label, share, np.nan, np.nan) for label in ("Girls", "Boys") for share in shares.values()]
    frame = rows(*values, series=[*shares] * 2)
    read = Read(figures.stacked(frame, "T"))
    start, end = read.text("0%").x, read.text("100%").x
    keys = [read.key(name) for name in shares]
    assert len({item.fill for item in keys}) == 3
    segments = [item for item in read.boxes if item not in keys]
    for bar, label in ((segments[:3], "Girls"), (segments[3:], "Boys")):
        assert [item.fill for item in bar] == [item.fill for item in keys]
        # between two segments there is a gap of 0.8 points
        edges = [start + (end - start) * share for share in (0, 0.5, 0.8, 1)]
        assert [item.x0 for item in bar] == exactly(*edges[:3])
        assert [item.x1 + 0.8 for item in bar] == exactly(*edges[1:])
        assert all(item.y == near(read.text(label).y) for item in bar)
    for written, segment in zip(("50%", "30%", "20%"), segments[:3], strict=True):
        inside = next(item for item in read.texts if item.text == written and item.y < read.text("0%").y)
        assert inside.x == near(segment.x)
    assert_free(read)


def test_what_is_missing_to_100_per_cent_is_hatched():
    frame = rows(("Girls", 0.5, 0, 1), ("Girls", 0.3, 0, 1), ("Girls", 0.2, 0, 1), series=["x", "y", "z"],
                 status=["shown", "suppressed", "low_n"])  # fmt: skip
    read = Read(figures.stacked(frame, "T"))
    start, end = read.text("0%").x, read.text("100%").x
    *_, open_stretch = [item for item in read.boxes if item.fill == "hatch"]
    assert (open_stretch.x0, open_stretch.x1) == exactly(start + 0.7 * (end - start), end)
    assert read.key("not shown").fill == "hatch"
    assert read.text("(20%)").x == near(start + 0.6 * (end - start) - 0.4)


def test_ordered_series_are_one_hue_from_light_to_dark():
    names = ["Never", "Once", "Often"]
    frame = rows(*[("All", share, np.nan, np.nan) for share in (0.5, 0.3, 0.2)], series=names)
    read = Read(figures.stacked(frame, "T", ordered=True))
    shades = [style.luminance(read.key(name).fill) for name in names]
    assert shades == sorted(shades, reverse=True)


# Heat map


def heat():
    """Two rows by three columns; the largest share is 50 per cent, and so is the end of the scale."""
    values = [("Girls", 0.5, 0, 1), ("Girls", 0.25, 0, 1), ("Girls", 0.0, 0, 1),
             ("Boys", 0.1, 0, 1), ("Boys", 0.4, 0, 1), ("Boys", 0.3, 0, 1)]  # fmt: skip
    frame = rows(*values, series=["One", "Two", "Three"] * 2)
    frame["status"] = ["shown", "shown", "shown", "low_n", "shown", "suppressed"]
    return Read(figures.heatmap(frame, "T"))


def test_cells_have_the_colour_of_their_share_in_the_bar_of_colours():
    read = heat()
    bar = [item for item in read.boxes if item.y1 - item.y0 == pytest.approx(8)]
    start, end = read.text("0%").left, read.text("50%").right
    assert (bar[0].x0, bar[-1].x1) == exactly(start, end)
    shades = [style.luminance(item.fill) for item in bar]
    assert shades == sorted(shades, reverse=True)  # light is little
    assert shades[0] > 0.85
    assert shades[-1] < 0.05
    cells = {"50.0": 0.5, "25.0": 0.25, "0.0": 0.0, "(10.0)": 0.1, "40.0": 0.4}
    for words, share in cells.items():
        word = read.text(words)
        (cell,) = [
            item
            for item in read.boxes
            if item not in bar and item.x0 < word.x < item.x1 and item.y0 < word.y < item.y1
        ]
        at = start + (end - start) * share / 0.5
        beside = [item for item in bar if item.x0 <= min(at, end - 1)][-1]
        assert is_shade(cell.fill, beside.fill, 8), words
    assert_free(read)


def test_cells_are_in_the_row_and_the_column_of_their_names():
    read = heat()
    for words, row, column in [("50.0", "Girls", "One"), ("25.0", "Girls", "Two"), ("0.0", "Girls", "Three"),
                               ("(10.0)", "Boys", "One"), ("40.0", "Boys", "Two")]:  # fmt: skip
        assert read.text(words).x == pytest.approx(read.text(column).x, abs=0.6)
        assert read.text(words).y == pytest.approx(read.text(row).y, abs=0.6)
    hatched = [item for item in read.boxes if item.fill == "hatch" and item is not read.key("not shown")]
    column, row = read.text("Three"), read.text("Boys")
    assert [(item.x0 < column.x < item.x1, item.y0 < row.y < item.y1) for item in hatched] == [(True, True)]


@pytest.mark.parametrize(
    ("highest", "top"), [(0.05, "5%"), (0.051, "10%"), (0.2, "20%"), (0.61, "80%"), (0.81, "100%")]
)
def test_the_scale_of_colours_ends_above_the_highest_share(highest, top):
    read = Read(figures.heatmap(rows(("A", highest, 0, 1), ("B", 0.01, 0, 1), series="x"), "T"))
    assert read.text(top).right == near(max(item.x1 for item in read.boxes[-50:]))


# Combinations of sets


def test_bars_of_combinations_are_as_high_as_their_shares():
    values = [("Online only", 0.3, 0.25, 0.36), ("Both", 0.15, 0.1, 0.2), ("In person only", 0.4, 0.1, 0.9)]
    frame = rows(*values, status=["shown", "low_n", "suppressed"]).assign(
        **{"Online": [True, True, False], "In person": [False, True, True]}
    )
    read = Read(figures.intersections(frame, ["Online", "In person"], "T"))
    at = upwards(read, float)
    assert len(read.boxes) == 2
    for box, (_, estimate, low, high), words in zip(read.boxes, values, ("30.0%", "(15.0%)"), strict=False):
        assert (box.y0, box.y1) == exactly(at(estimate), at(0))
        assert box.stroke == "#0173b2"
        (line,) = [
            item for item in read.upright(box.x) if item.stroke == style.INK and item.y0 <= at(0) + NEAR
        ]
        assert (line.y0, line.y1) == exactly(at(low), at(high))
        assert read.text(words).x == near(box.x)
        assert read.text(words).y + 4 < line.y1
    assert [item.fill for item in read.boxes] == ["#0173b2", "none"]
    assert_free(read)


def test_the_matrix_marks_who_belongs_to_which_sets():
    values = [("Online only", 0.3, 0.25, 0.36), ("Both", 0.15, 0.1, 0.2)]
    frame = rows(*values).assign(**{"Online": [True, True], "In person": [False, True]})
    read = Read(figures.intersections(frame, ["Online", "In person"], "T"))
    inside = {(round(item.x), round(item.y)): item.fill == style.INK for item in read.circles}
    columns, lines = (
        [round(item.x) for item in read.boxes],
        [round(read.text(name).y) for name in ("Online", "In person")],
    )
    assert [[inside[x, y] for y in lines] for x in columns] == [[True, False], [True, True]]
    (joined,) = [item for item in read.lines if item.x0 == item.x1 and item.y0 > read.boxes[0].y1 + 5]
    assert (joined.x0, joined.y0, joined.y1) == exactly(
        read.boxes[1].x, read.text("Online").y, read.text("In person").y
    )


# Published against computed


def square(*values, **more):
    return Read(figures.agreement(rows(*values, **more), "T"))


@pytest.mark.parametrize(("values", "published", "how"), [
    ([("A", 0.4, 0.35, 0.45), ("B", 0.5, 0.48, 0.52), ("C", 0.3, 0.25, 0.36)], [0.42, 0.4, 0.28], float),
    # most are small beside the largest: both axes are stretched near nought
    ([("A", 0.02, 0.01, 0.03), ("B", 0.5, 0.48, 0.52), ("C", 0.05, 0.04, 0.06)], [0.025, 0.3, 0.045], math.sqrt),
])  # fmt: skip
def test_a_pair_is_across_at_its_published_and_up_at_its_computed_value(values, published, how):
    read = square(*values, published=published)
    right, up = across(read, how), upwards(read, how)
    dots = [
        item for item in read.circles if item is not read.key("published value outside the computed interval")
    ]
    lines = [item for item in read.lines if item.x0 == item.x1 and item.stroke in style.SERIES]
    for dot, line, printed, (_, estimate, low, high) in zip(dots, lines, published, values, strict=True):
        assert (dot.x, dot.y) == exactly(right(printed), up(estimate))
        assert (line.x0, line.y0, line.y1) == exactly(right(printed), up(low), up(high))
        assert (dot.fill == style.PAPER) == (not low <= printed <= high)
    (same,) = [item for item in read.lines if item.dashed]
    assert (same.x0, same.y0) == exactly(right(0), up(0))
    assert (same.x1 - right(0)) / (right(0.3) - right(0)) == pytest.approx(
        (same.y1 - up(0)) / (up(0.3) - up(0)), rel=1e-3
    )
    assert read.text("B").y == near(dots[1].y)
    assert read.text("B").left > dots[1].x1 or read.text("B").right < dots[1].x0


def test_a_published_value_at_a_limit_is_inside():
    read = square(
        ("A", 0.4, 0.35, 0.45), ("B", 0.4, 0.35, 0.45), ("C", 0.4, 0.35, 0.45), published=[0.35, 0.45, 0.4]
    )
    assert all(item.fill != style.PAPER for item in read.circles)


@pytest.mark.parametrize("published", [0.34, 0.46])
def test_a_published_value_beyond_either_limit_is_hollow_and_named(published):
    read = square(("A", 0.4, 0.35, 0.45), ("B", 0.4, 0.35, 0.45), published=[published, 0.4])
    hollow = [item for item in read.circles if item.fill == style.PAPER]
    assert len(hollow) == 2  # the pair and the key
    assert read.text("A")
    assert not [item for item in read.texts if item.text == "B"]


# Files of pixels


def test_a_file_of_pixels_has_the_same_marks_in_the_same_colours(tmp_path):
    """At 192 dpi a point is 8/3 pixels; the file has an edge of 12 points."""
    frame = rows(*SHARES, status=["shown", "shown", "suppressed"])
    drawings = {
        "dots": figures.intervals(frame, "T"),
        "bars": figures.stacked(rows(*SHARES, series="x").assign(estimate=1.0), "T"),
        "sets": figures.intersections(
            frame.assign(A=[True, False, True], B=[False, True, True]), ["A", "B"], "T"
        ),
    }
    for name, drawing in drawings.items():
        read, pixels = Read(drawing), imread(drawing.save(tmp_path / f"{name}.png"))
        assert pixels.shape[:2] == pytest.approx(
            [(read.height + 24) * 8 / 3, (read.width + 24) * 8 / 3], abs=1
        )
        filled = [item for item in read.circles + read.boxes if re.fullmatch("#[0-9a-f]{6}", item.fill)]
        filled = [item for item in filled if item.stroke or item.fill != style.PAPER]  # no paper behind texts
        assert filled
        for mark in filled:
            # a little below the middle of the left half: no text and no line of an interval is there
            x, y = mark.x0 + (mark.x1 - mark.x0) * 0.3, mark.y + (mark.y1 - mark.y0) * 0.2
            seen = pixels[int((y + 12) * 8 / 3), int((x + 12) * 8 / 3), :3]
            written = "#" + "".join(f"{round(float(part) * 255):02x}" for part in seen)
            assert is_shade(written, mark.fill, 12), (name, mark)
