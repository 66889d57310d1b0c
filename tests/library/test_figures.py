"""Figures: what stands in them (labels, order, values, words), their alternative text, their bytes. Not pixels."""

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
import seaborn as sns

from disrupting_harm.presentation import figures
from disrupting_harm.presentation.figures import composition, describe, scales, style

SVG = "{http://www.w3.org/2000/svg}"


def rows(labels, estimates, status="shown", **more):
    """Tidy rows with intervals of plus and minus a tenth of the estimate."""
    frame = pd.DataFrame({"label": labels, "estimate": estimates, "status": status, **more})
    return frame.assign(ci_low=frame["estimate"] * 0.9, ci_high=frame["estimate"] * 1.1)


def texts(drawing):
    """Everything written in a figure, in drawing order."""
    return ["".join(element.itertext()) for element in ET.fromstring(drawing.svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def countries():
    frame = rows(["Ona", "Bira", "Cala", "Dena"], [0.31, 0.2, 0.125, 0.777])
    frame["status"] = ["shown", "low_n", "not_asked", "suppressed"]
    return frame


@pytest.fixture(scope="module")
def drawing(countries):
    return figures.intervals(countries, "How many?", "Children, 2021", reference=0.25, reference_label="Mean")


def test_labels_stand_in_the_order_given(drawing, countries):
    written = texts(drawing)
    places = [written.index(label) for label in countries["label"]]
    assert places == sorted(places)


def test_values_are_written_with_their_intervals(drawing):
    assert "31.0%  [27.9–34.1]" in texts(drawing)
    assert "(20.0%)  [18.0–22.0]" in texts(drawing)


def test_hidden_rows_keep_their_line_with_the_reason(drawing):
    assert {"not asked", "not shown"} <= set(texts(drawing))


@pytest.mark.parametrize("kind", ["intervals", "stacked", "heatmap", "agreement", "intersections"])
def test_a_hidden_number_never_reaches_figure_or_words(kind):
    frame = rows(
        ["Ona", "Bira"], [0.31, 0.777], status=["shown", "suppressed"], series="s", published=[0.3, 0.6]
    )
    frame["A"] = [True, False]
    more = {"sets": ["A"]} if kind == "intersections" else {}
    made = getattr(figures, kind)(frame, title="T", **more)
    assert "77" not in made.alt
    assert not any("78" in text or "77" in text for text in texts(made))
    same = getattr(figures, kind)(
        frame.assign(estimate=[0.31, None], ci_low=[0.279, None], ci_high=[0.341, None]), title="T", **more
    )
    assert made.svg == same.svg


def test_alternative_text_says_highest_lowest_rows_and_what_is_hidden(drawing):
    assert "4 rows" in drawing.alt
    assert "Highest: Ona, 31.0% (interval 27.9 to 34.1); lowest: Bira, 20.0%" in drawing.alt
    assert "Mean 25.0%" in drawing.alt
    assert "Without an estimate (2): not asked: Cala; not shown: Dena." in drawing.alt


def test_accessible_name_is_in_the_svg(drawing):
    root = ET.fromstring(drawing.svg)
    assert root.get("role") == "img"
    parts = {
        element.get("id"): element.text for element in (root.find(f"{SVG}title"), root.find(f"{SVG}desc"))
    }
    assert [parts[name] for name in root.get("aria-labelledby").split()] == ["How many?", drawing.alt]


def test_notebook_bundle_carries_the_alternative_text(drawing):
    bundle, metadata = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg
    assert metadata["image/svg+xml"]["alt"] == drawing.alt


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_is_in_plain_sight_and_in_the_metadata(countries, synthetic, tmp_path):
    made = figures.intervals(countries, "How many?", synthetic=synthetic)
    assert ("SYNTHETIC DATA" in texts(made)) is synthetic
    assert (ET.fromstring(made.svg).findtext(f"{SVG}metadata") == "SYNTHETIC DATA") is synthetic
    picture = made.save(tmp_path / "a.png").read_bytes()
    assert (b"SYNTHETIC DATA" in picture) is synthetic


def test_same_data_same_bytes(countries, drawing, tmp_path):
    again = figures.intervals(
        countries, "How many?", "Children, 2021", reference=0.25, reference_label="Mean"
    )
    assert again.svg == drawing.svg
    for name in ("a.svg", "a.png"):
        assert drawing.save(tmp_path / name).read_bytes() == again.save(tmp_path / f"2{name}").read_bytes()


def test_a_saved_file_stands_alone(drawing, tmp_path):
    svg = drawing.save(tmp_path / "a.svg").read_text()
    assert "var(" not in svg
    assert "currentColor" not in svg
    ET.fromstring(svg)


def test_svg_for_a_page_loads_nothing_and_has_no_unused_or_shared_identifier(drawing, countries):
    assert not re.findall(r'(?:href|src)="(?!#)', drawing.svg)
    assert "<style" not in drawing.svg
    other = figures.intervals(countries, "Another title")
    identifiers = [set(re.findall(r' id="([^"]+)"', one.svg)) for one in (drawing, other)]
    assert not identifiers[0] & identifiers[1]


def test_panels_share_the_rows_and_series_are_told_apart():
    frame = pd.concat(
        [rows(["A", "B"], [0.1, 0.2], panel="Girls"), rows(["A", "B"], [0.3, 0.4], panel="Boys")]
    )
    written = texts(figures.intervals(frame, "T"))
    assert written.count("A") == 1
    assert {"Girls", "Boys", "10.0%", "40.0%"} <= set(written)
    made = figures.intervals(frame.rename(columns={"panel": "series"}), "T")
    assert "Girls: highest: B, 20.0%" in made.alt


def test_a_group_may_use_a_label_again():
    frame = pd.concat([rows(["Total"], [0.1], group="Sex"), rows(["Total"], [0.2], group="Age")])
    assert texts(figures.intervals(frame, "T")).count("Total") == 2


def test_ratios_stand_on_a_logarithmic_axis_around_one():
    frame = rows(["A", "B"], [2.0, 9.0])
    frame.loc[1, "ci_high"] = 400
    made = figures.intervals(frame, "T", unit="ratio")
    assert "9.00  [8.10–400]" in texts(made)
    assert any("extends beyond the axis" in text for text in texts(made))
    assert "1" in texts(made)


@pytest.mark.parametrize(("unit", "estimates"), [("percent", [0.1, 0.2, 0.3]), ("ratio", [2.0, 4.0, 8.0])])
def test_dots_stand_where_their_values_are_along_the_axis(unit, estimates):
    made = figures.intervals(rows(["A", "B", "C"], estimates), "T", unit=unit)
    first, second, third = (float(dot.get("cx")) for dot in ET.fromstring(made.svg).iter(f"{SVG}circle"))
    assert second - first > 20
    assert third - second == pytest.approx(second - first, abs=0.03)


def test_segments_of_stacked_bars_are_labelled_where_they_are_wide():
    frame = rows(["A"] * 3, [0.6, 0.39, 0.01], series=["x", "y", "z"])
    written = texts(figures.stacked(frame, "T"))
    assert {"60%", "39%"} <= set(written)
    assert "1%" not in written
    assert [text for text in written if text in "xyz"] == ["x", "y", "z"]


def test_partly_hidden_bars_say_so():
    frame = rows(["A"] * 2, [0.6, 0.4], series=["x", "y"], status=["shown", "suppressed"])
    made = figures.stacked(frame, "T")
    assert "not shown" in texts(made)
    assert "Without an estimate (1): not shown: A · y." in made.alt


def test_cells_of_a_heat_map():
    frame = rows(["A", "A", "B", "B"], [0.1, 0.0004, 0.5, 0.3], series=["x", "y"] * 2)
    frame["status"] = ["shown", "shown", "suppressed", "low_n"]
    written = texts(figures.heatmap(frame, "T"))
    assert {"10.0", "<0.1", "·", "(30.0)", "not shown"} <= set(written)


def test_text_is_readable_on_every_colour_of_scales():
    for colour in [*style.scale(), *style.AREAS, *style.areas(6, ordered=True)]:
        light, dark = sorted(
            [style.luminance(colour), style.luminance(style.readable_on(colour))], reverse=True
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


def test_colours_of_series_are_seaborns_for_colour_blind_readers():
    assert set(style.SERIES) == set(sns.color_palette("colorblind").as_hex())


def test_agreement_counts_published_values_inside_the_interval():
    frame = rows(["A", "B", "C"], [0.2, 0.4, 0.5], published=[0.21, 0.5, 0.5])
    alt = figures.agreement(frame, "T").alt
    assert "3 pairs" in alt
    assert "2 of 3 published values lie within" in alt
    # (0.01 + 0.1 + 0) / 3
    assert "3.7 percentage points" in alt
    assert "Furthest apart: B, published 50.0%, computed 40.0%." in alt


def test_intersections_take_at_most_three_sets():
    frame = rows(["A only"], [0.1], A=True, B=False)
    assert "A only: 10.0%" in figures.intersections(frame, ["A", "B"], "T").alt
    with pytest.raises(ValueError, match="one to three sets"):
        figures.intersections(frame, ["A", "B", "C", "D"], "T")


def test_bad_frames_are_refused_in_words():
    with pytest.raises(ValueError, match="needs the column label"):
        figures.intervals(pd.DataFrame({"estimate": [1.0]}), "T")
    with pytest.raises(ValueError, match="at least one row"):
        figures.intervals(rows([], []), "T")


def test_all_hidden_is_still_a_figure():
    frame = rows(["A", "B"], [0.1, 0.2], status=["suppressed", "not_asked"])
    for made in (
        figures.intervals(frame, "T"),
        figures.heatmap(frame.assign(series="x"), "T"),
        figures.stacked(frame.assign(series="x"), "T"),
        figures.agreement(frame.assign(published=0.1), "T"),
    ):
        assert "A" in made.alt


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.147, "percent", "14.7%"),
        (0.0003, "percent", "<0.1%"),
        (0.9999, "percent", ">99.9%"),
        (0, "percent", "0%"),
        (1, "percent", "100%"),
        (-0.031, "percent", "−3.1%"),
        (1096163, "count", "1,096,163"),
        (2.5, "ratio", "2.50"),
        (12.34, "mean", "12.3"),
        (float("inf"), "ratio", "∞"),
    ],
)
def test_numbers_are_written_as_people_read_them(value, unit, written):
    assert describe.number(value, unit) == written


@pytest.mark.parametrize("unit", ["percent", "mean", "count", "ratio"])
@pytest.mark.parametrize("size", [0.0004, 0.2, 0.99])
def test_scales_hold_all_estimates(unit, size):
    values = pd.Series([size, size * 2 if unit != "percent" else size])
    scale = scales.make(values.to_numpy(), values.to_numpy()[:, None], unit)
    assert scale.low <= values.min() <= values.max() <= scale.high
    assert len(scale.ticks) >= 2
    assert scale.log == (unit == "ratio")


def test_labels_are_wrapped_and_stay_on_the_figure():
    long = "Someone offered the child money or gifts in return for sexual images or videos of themselves"
    assert all(style.text_width(line) <= 150 for line in style.wrap(long, 150))
    made = figures.intervals(rows([long], [0.1]), "T")
    assert all(word in " ".join(texts(made)) for word in long.split())


@pytest.mark.parametrize("columns", [2, 9, 13, 24])
def test_heads_of_a_heat_map_never_run_into_each_other(columns):
    names = [f"A rather long reason for not telling anyone, number {i}" for i in range(columns)]
    heads = composition._column_heads(names, 400)
    if heads.turn:
        assert (
            max(map(len, heads.lines)) * 9 <= heads.cell * (1 if heads.turn == 90 else composition.SLANT) + 1
        )
    assert heads.cell * columns <= 400
    assert [" ".join(lines) for lines in heads.lines] == names


# Why something is not usable


def test_what_is_not_usable_gives_its_reason():
    """In the line, where there is room; in a note, where panels are narrow; in the legend of a heat map; in words."""
    frame = rows(["Ona", "Bira"], [0.3, None], reason=["", "translation error"])
    frame["status"] = ["shown", "not_usable"]
    drawing = figures.intervals(frame, "How many?")
    assert "not usable: translation error" in texts(drawing)
    assert "not usable: translation error: Bira" in drawing.alt
    panels = pd.concat([frame.assign(panel=name) for name in ("Children", "Girls", "Boys", "Others")])
    narrow = texts(figures.intervals(panels, "How many?"))
    assert "not usable" in narrow
    assert "Not usable: translation error." in narrow
    heat = texts(figures.heatmap(frame.assign(series="All"), "How many?"))
    assert "not usable: translation error" in heat
    bars = texts(figures.stacked(frame.assign(series="All"), "How many?"))
    assert "not usable: translation error" in bars
