"""Figures in the scripts of the countries surveyed: no empty box, no label over an axis, the same on every machine."""

import multiprocessing
import re
import shutil
import sys
import unicodedata
import xml.etree.ElementTree as ET
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.image import imread
from matplotlib.textpath import text_to_path

from disrupting_harm.presentation import figures
from disrupting_harm.presentation.figures import composition, fonts, style
from disrupting_harm.presentation.figures.agreement import LEFT

SVG = "{http://www.w3.org/2000/svg}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# "Children who were asked to send pictures" and the like.
LABELS = {
    "Amharic": "ኢንተርኔት የሚጠቀሙ ልጆች ያልተፈለገ ጥያቄ የደረሳቸው",
    "Arabic": "الأطفال الذين طُلب منهم إرسال صور (2021)",
    "Armenian": "Երեխաներ, որոնց խնդրել են ուղարկել լուսանկարներ",
    "Cyrillic": "Деца од којих су тражене фотографије преко интернета",
    "Khmer": "កុមារដែលប្រើអ៊ីនធឺណិតត្រូវបានគេស្នើសុំឲ្យផ្ញើរូបភាព",
    "Spanish": "Niñas, niños y adolescentes a quienes se les pidió una fotografía",
    "Thai": "เด็กที่ใช้อินเทอร์เน็ตได้รับข้อความที่ไม่ต้องการจากคนแปลกหน้า",
    "Urdu": "بچے جن سے آن لائن تصاویر مانگی گئیں",
    "Vietnamese": "Trẻ em bị yêu cầu gửi hình ảnh nhạy cảm qua mạng",
    "one long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
    "mathematical signs": "χ² ≤ 5, α ≈ −2 × β, ≥ ½, ∞ → ÷ ± √",
}
KINDS = ["intervals", "panels", "groups", "stacked", "heatmap", "agreement", "intersections"]
UNKNOWN = {"TIBETAN LETTER BA": "བ", "GRINNING FACE": "😀", "HIRAGANA LETTER A": "あ"}


def figure(kind, labels, title="Title"):
    """A figure of a kind whose labels are given."""
    shares = np.linspace(0, 0.6, len(labels))
    rows = pd.DataFrame(
        {"label": labels, "estimate": shares, "ci_low": shares * 0.9, "ci_high": shares * 1.1}
    )
    if kind == "panels":
        rows = pd.concat([rows.assign(panel=label) for label in labels[:3]])
    if kind == "groups":
        rows = pd.concat([rows.assign(group=label) for label in labels[:3]])
    if kind in ("stacked", "heatmap"):
        rows = pd.concat([rows.assign(series=label, estimate=0.1) for label in labels])
    if kind == "agreement":
        return figures.agreement(rows.assign(published=0.65), title)
    if kind == "intersections":
        sets = labels[:3]
        return figures.intersections(
            rows.assign(**{name: rows["label"] == name for name in sets}), sets, title
        )
    return getattr(figures, kind if kind in ("stacked", "heatmap") else "intervals")(rows, title)


def glyphs(text, file):
    """Numbers of the glyphs that a text is drawn with; 0 is the empty box."""
    font = font_manager.get_font(file)
    drawn, _, _ = text_to_path.get_glyphs_with_font(font, text)
    return [int(identifier.rpartition("-")[2], 16) for identifier, *_ in drawn]


def boxes(drawing):
    """Left, right, middle and text of everything written in a figure that is not turned."""
    for element in ET.fromstring(drawing.svg).iter(f"{SVG}text"):
        if element.get("transform"):
            continue
        look = element.get("style")
        size = float(match[1]) if (match := re.search(r"font-size: ([\d.]+)px", look)) else style.SMALL
        text = "".join(element.itertext())
        width = style.text_width(text, size, "font-weight: 700" in look, "italic" in look)
        share = 0.5 if "anchor: middle" in look else 1 if "anchor: end" in look else 0
        left = float(element.get("x")) - share * width
        yield left, left + width, float(element.get("y")) - 0.26 * size, text


def uprights(drawing):
    """Place, top and bottom of vertical lines of a figure: axes and grids."""
    for path in ET.fromstring(drawing.svg).iter(f"{SVG}path"):
        if match := re.fullmatch(r"M(\S+) (\S+)L(\S+) (\S+)", path.get("d")):
            x0, y0, x1, y1 = map(float, match.groups())
            if x0 == x1:
                yield x0, min(y0, y1), max(y0, y1)


def pixels(drawing, folder):
    return imread(BytesIO(drawing.save(folder / "figure.png").read_bytes()))


@pytest.mark.parametrize("file", [fonts.REGULAR, fonts.BOLD], ids=["regular", "bold"])
@pytest.mark.parametrize("script", LABELS)
def test_no_label_is_drawn_with_an_empty_box(script, file):
    drawn = glyphs(LABELS[script], file)
    assert drawn
    assert 0 not in drawn


@pytest.mark.parametrize("status", style.HIDDEN_STATUS)
def test_words_in_the_place_of_an_estimate_have_italics(status):
    assert 0 not in glyphs(style.HIDDEN_STATUS[status], fonts.ITALIC)


def test_letters_of_every_language_have_a_glyph():
    """Letters as the languages' alphabets have them, from Unicode's names; Khmer's deprecated ones are not used."""
    alphabets = {
        "LATIN SMALL LETTER": (0x61, 0x1EFA),
        "CYRILLIC": (0x400, 0x460),
        "ARABIC LETTER": (0x620, 0x64B),
        "ARMENIAN": (0x531, 0x588),
        "ETHIOPIC": (0x1200, 0x1380),
        "KHMER": (0x1780, 0x17A3),
        "THAI CHARACTER": (0xE01, 0xE5C),
        "VIETNAMESE": (0x1EA0, 0x1EFA),
    }
    for name, (first, last) in alphabets.items():
        letters = [chr(c) for c in range(first, last) if unicodedata.name(chr(c), "").startswith(name)]
        for file in (fonts.REGULAR, fonts.BOLD):
            known = set(map(chr, font_manager.get_font(file).get_charmap()))
            wanted = (
                {c for c in letters if not 0x250 <= ord(c) < 0x1E00}
                if name.startswith("LATIN")
                else {*letters}
            )
            assert not wanted - known


def test_widths_are_those_of_the_font_files():
    for bold, file in ((False, fonts.REGULAR), (True, fonts.BOLD)):
        font = TTFont(file)
        names, advances, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        for text in ("0000", "HHH", "កកក", "กกก", "ልልል"):
            widths = sum(advances[names[ord(c)]][0] for c in text)
            assert style.text_width(text, 12, bold) == pytest.approx(12 * widths / em, abs=1e-3)


def test_text_is_measured_as_it_is_shaped():
    # Signs above and below a letter take no room of their own; Arabic letters are narrower where they are joined.
    assert style.text_width("กี่") == style.text_width("ก")
    assert style.text_width("កុ") == style.text_width("ក")
    assert style.text_width("ệ") == style.text_width("e\u0323\u0302")
    assert style.text_width("بيت") < sum(map(style.text_width, "بيت"))


@pytest.mark.parametrize(("one", "other"), [("កខគ", "ងចឆ"), ("กขค", "งจฉ"), ("ልመሠ", "ረሰሸ")])
def test_words_of_the_same_length_look_different(one, other, tmp_path):
    """Boxes would not. The words are narrow, so that all else stands where it is."""
    assert max(map(style.text_width, (one, other))) < 40
    left, right = (pixels(figure("intervals", [word], "T"), tmp_path) for word in (one, other))
    differs = (left != right).any(axis=(0, 2))
    assert differs.any()
    assert np.flatnonzero(differs).max() < (40 + 12) * 192 / 72  # 12 points of margin


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("character", UNKNOWN)
def test_a_character_without_a_glyph_is_an_error_that_names_the_text(kind, character):
    with pytest.raises(fonts.MissingGlyphError, match=character) as error:
        figure(kind, [f"Abc {UNKNOWN[character]}", "Def"], "How many children?")
    assert f'the text "Abc {UNKNOWN[character]}"' in str(error.value)
    assert 'Figure "How many children?"' in str(error.value)


def test_titles_and_legends_are_looked_at_too():
    rows = pd.DataFrame({"label": ["A", "A"], "estimate": [0.1, 0.2]})
    with pytest.raises(fonts.MissingGlyphError, match="TIBETAN"):
        figures.intervals(rows.iloc[:1], "བ")
    with pytest.raises(fonts.MissingGlyphError, match="TIBETAN"):
        figures.intervals(rows.assign(series=["Girls", "བ"]), "T")
    with pytest.raises(fonts.MissingGlyphError, match="TIBETAN"):
        figures.intervals(rows.iloc[:1], "T", reference=0.1, reference_label="བ")


@pytest.mark.parametrize("script", LABELS)
@pytest.mark.parametrize("kind", ["intervals", "panels", "groups"])
def test_no_label_of_intervals_is_over_an_axis(kind, script):
    made = figure(kind, [LABELS[script], LABELS[script][::-1].strip(), "Total"])
    axes = list(uprights(made))
    left, top = min(x for x, _, _ in axes), min(y for _, y, _ in axes)
    bottom = max(y for _, _, y in axes)
    labels = [box for box in boxes(made) if box[0] == 0 and top < box[2] < bottom]
    assert len(labels) >= 3
    assert max(right for _, right, _, _ in labels) <= left - 10
    written = "".join(text for *_, text in labels).replace(" ", "")
    assert LABELS[script].replace(" ", "") in written


@pytest.mark.parametrize("script", LABELS)
@pytest.mark.parametrize("kind", ["stacked", "heatmap", "intersections"])
def test_no_label_is_over_bars_cells_or_dots(kind, script):
    made = figure(kind, [LABELS[script], "Total"])
    root = ET.fromstring(made.svg)
    if kind == "intersections":
        marks = [(float(dot.get("cx")) - 4.5, float(dot.get("cy"))) for dot in root.iter(f"{SVG}circle")]
    else:
        # The first boxes of bars are the swatches of the legend.
        rects = [
            (float(box.get("x")), float(box.get("y")), float(box.get("height")))
            for box in root.iter(f"{SVG}rect")
        ]
        marks = [(x, y) for x, y, height in rects if height > 15]
    left, top = min(x for x, _ in marks), min(y for _, y in marks)
    labels = [box for box in boxes(made) if box[0] == 0 and box[2] > top - 30 and box[3] != made.title]
    assert max(right for _, right, _, _ in labels) <= left - 3
    assert {"Total"} < {text for *_, text in labels}


@pytest.mark.parametrize("script", LABELS)
def test_names_in_a_scatter_are_not_over_its_axes(script):
    made = figures.agreement(
        pd.DataFrame(
            {
                "label": [LABELS[script], LABELS[script]],
                "estimate": [0.0, 0.9],
                "published": [0.5, 0.6],
                "ci_low": [0.0, 0.88],
                "ci_high": [0.01, 0.92],
            }
        ),
        "Title",
    )
    bottom = max(y for x, _, y in uprights(made) if x == LEFT)
    names = [box for box in boxes(made) if box[3].rstrip("…")[:3] == LABELS[script][:3]]
    assert len(names) == 2
    for left, right, middle, _ in names:
        assert LEFT <= left < right <= style.WIDTH
        assert middle + style.SMALL / 2 + 1 < bottom


@pytest.mark.parametrize("script", LABELS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_written_is_inside_the_figure(kind, script):
    made = figure(kind, [LABELS[script], f"{LABELS[script]} {LABELS[script]}", "Total"], LABELS[script] * 3)
    assert all(left >= -0.01 and right <= style.WIDTH + 0.01 for left, right, _, _ in boxes(made))


@pytest.mark.parametrize("script", LABELS)
@pytest.mark.parametrize("width", [40, 90, 190])
def test_lines_are_no_wider_than_their_room_and_lose_nothing(script, width):
    lines = style.wrap(LABELS[script], width)
    assert max(map(style.text_width, lines)) <= width
    assert "".join(lines).replace(" ", "") == LABELS[script].replace(" ", "")
    # No line begins with a sign that belongs to the letter before, or ends with one that belongs to the next.
    assert not any(unicodedata.category(line[0]).startswith("M") for line in lines)
    assert not any(line.endswith(("\u17d2", "เ", "แ", "โ", "ใ", "ไ")) for line in lines[:-1])


@pytest.mark.parametrize("width", [30, 60, 150, 1000])
@pytest.mark.parametrize("script", LABELS)
def test_what_is_cut_fits_its_room(script, width):
    cut = style.shorten(LABELS[script], width)
    assert style.text_width(cut, style.SMALL) <= width
    assert cut == LABELS[script] or cut.endswith("…")


def test_a_line_ends_where_the_author_marked_it():
    marked = "เด็กที่ใช้\u200bอินเทอร์เน็ต\u200bได้รับข้อความ"
    parts = marked.split("\u200b")
    assert style.wrap(marked, max(map(style.text_width, parts)) + 1) == parts
    assert style.wrap(marked, 1000) == ["".join(parts)]


def test_words_are_kept_in_heads_of_columns_but_where_no_spaces_are_written():
    assert style.wrap("Embarrassed or ashamed", 30, keep_words=True) == ["Embarrassed", "or", "ashamed"]
    assert max(map(style.text_width, style.wrap(LABELS["Thai"], 60, keep_words=True))) <= 60
    heads = composition._column_heads([LABELS["Thai"], LABELS["Khmer"]], 400)
    assert heads.turn == 0


def test_columns_widen_for_a_long_word_up_to_a_limit():
    word = "Verständigungsschwierigkeiten"
    width = style.text_width(word, bold=True)
    assert style.column_width([word, "Total"], width - 20, width + 1) == width
    assert style.column_width([word, "Total"], width - 20, width - 1) == width - 20


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_the_same_on_a_machine_without_fonts(kind, tmp_path, monkeypatch):
    labels = [LABELS["Khmer"], LABELS["Arabic"], LABELS["Spanish"]]
    with_fonts = figure(kind, labels)
    with_fonts.save_in(tmp_path, "with")
    style._word_width.cache_clear()
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    font_manager.fontManager._findfont_cached.cache_clear()
    figure(kind, labels).save_in(tmp_path, "without")
    for suffix in ("svg", "png"):
        assert (tmp_path / f"with.{suffix}").read_bytes() == (tmp_path / f"without.{suffix}").read_bytes()


@pytest.mark.parametrize(
    "setting", [{"font.family": "serif", "font.size": 20}, {"text.hinting": "force_autohint"}]
)
def test_settings_of_a_session_do_not_reach_a_picture(setting, tmp_path):
    import matplotlib as mpl

    plain = pixels(figure("intervals", [LABELS["Khmer"]]), tmp_path)
    with mpl.rc_context(setting):
        assert (pixels(figure("intervals", [LABELS["Khmer"]]), tmp_path) == plain).all()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: install Debian's package chromium")
def test_a_browser_keeps_to_the_measured_widths():
    """Whatever fonts it has: they are wider or narrower than the project's, or have boxes for Khmer."""
    from playwright.sync_api import sync_playwright

    made = [figure(kind, list(LABELS.values())) for kind in KINDS]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("".join(drawing.svg for drawing in made))
        measured = page.evaluate(
            """() => [...document.querySelectorAll('text[textLength]')].map(
                (text) => [text.textContent, +text.getAttribute('textLength'), text.getBBox().width])"""
        )
        browser.close()
    assert len(measured) > 100
    # A box around letters is a little wider where the last one leans out.
    assert [(text, ours, seen) for text, ours, seen in measured if abs(seen - ours) > 2] == []


def test_fonts_are_small_free_and_no_others_are_named():
    folder = fonts.REGULAR.parent
    assert sum(file.stat().st_size for file in folder.glob("*.ttf")) < 1_500_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text()
    for file in folder.glob("*.ttf"):
        names = TTFont(file)["name"]
        assert "SIL Open Font License" in names.getDebugName(13)
        assert "Google" in names.getDebugName(0)
        # A modified font that was called Noto Sans would be taken for an installed one.
        assert names.getDebugName(1) == "Disrupting Harm Figures"


def widths(letters):
    """Widths of words of these letters, none of which was measured before."""
    return [fonts.advance(f"{a}{b}") for a in letters for b in letters]


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux alone")
def test_forks_measure_side_by_side_what_one_process_measures():
    """The warm process has measured words before it forks; a file opened there would be read at one common place."""
    fonts.advance("a")
    parts = ["กขคงจ", "កខគឃង", "የያዩዪዬ", "ԱԲԳԴԵ"]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        side_by_side = pool.map(widths, parts * 8, chunksize=1)
    assert side_by_side == [widths(letters) for letters in parts] * 8
