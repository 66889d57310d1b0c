"""Pages in a real browser, from the file system: accessible, no network, no sideways scrolling, search, theme."""

import importlib.util
import io
import shutil
from pathlib import Path

import pypdf
import pytest

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip(
        "no chromium: install Debian's package chromium to test pages in a browser", allow_module_level=True
    )

sync_api = pytest.importorskip("playwright.sync_api")
axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")

_spec = importlib.util.spec_from_file_location("small_site", Path(__file__).with_name("small_site.py"))
small_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_site)

NARROW = {"width": 390, "height": 800}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def country(project):
    return next(iter(project.countries))


@pytest.fixture(scope="module")
def results(project, country, tmp_path_factory):
    return small_site.results(project, tmp_path_factory.mktemp("site"), [country])


@pytest.fixture(scope="module")
def pages(country):
    return [
        "index.html",
        "methods.html",
        "data_protection.html",
        "data_quality.html",
        "suppression_audit.html",
        f"{country}/disclosure.html",
    ]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, results):
    """Open a page; anything asked of a network, and any error in a script, fails the test at its end."""
    contexts, asked, errors = [], [], []

    def open_page(name, viewport=WIDE, scheme="light"):
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{results.as_uri()}/{name}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, pages, scheme):
    serious = []
    for name in pages:
        page = open_page(name, scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        violations = axe_module.Axe().run(page).response["violations"]
        serious += [
            (name, one["id"], one["nodes"][0]["html"][:200])
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]
    assert serious == []


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_pages_do_not_scroll_sideways(open_page, pages, viewport):
    for name in pages:
        page = open_page(name, viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name


def test_wide_figures_and_tables_scroll_in_their_frames(open_page, country):
    page = open_page(f"{country}/disclosure.html", NARROW)
    wider = page.evaluate(
        "[...document.querySelectorAll('.drawing, .table')].map((one) => one.scrollWidth > one.clientWidth)"
    )
    assert wider == [True, False, True]


def test_the_made_up_table_fits_a_narrow_screen_and_a_sheet(open_page):
    """Nothing of it has to be scrolled to, on a phone or in print."""
    page = open_page("suppression_audit.html", NARROW)
    wider = "[...document.querySelectorAll('.example')].map((one) => one.scrollWidth > one.clientWidth)"
    assert page.evaluate(wider) == [False, False]
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate(wider) == [False, False]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 900})
    assert page.evaluate(wider) == [False, False]
    assert page.evaluate("document.documentElement.scrollWidth") <= 690


def test_search_works_from_the_file_system(open_page, country):
    page = open_page("index.html#search")
    page.fill("#query", "told COTE ivoire")
    page.wait_for_selector("#found li")
    links = page.eval_on_selector_all("#found a", "links => links.map((link) => link.getAttribute('href'))")
    assert f"{country}/disclosure.html" in links
    page.fill("#query", "zzzz")
    assert page.inner_text("#count") == "No page has all these words."
    page.fill("#query", "told")
    page.click("#found a >> nth=0")
    assert page.locator("h1").count() == 1


def test_bar_leads_to_other_insights_and_to_the_comparison(open_page, country):
    page = open_page(f"{country}/disclosure.html")
    page.click(".menu summary >> nth=1")
    page.click(".menu[open] a >> nth=0")
    assert page.url.endswith(f"{country}/prevalence.html")
    page.click(".menu summary >> nth=0")
    page.click(".menu[open] a >> nth=0")
    assert page.url.endswith("comparison/prevalence.html")


def test_menu_closes_with_escape(open_page, country):
    page = open_page(f"{country}/disclosure.html")
    page.click(".menu summary >> nth=0")
    assert page.locator(".menu[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".menu[open]").count() == 0


def test_theme_is_remembered_on_other_pages(open_page, country):
    page = open_page(f"{country}/disclosure.html")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.click("#theme")
    page.click("#theme")
    dark = page.evaluate(background)
    assert dark != light
    ink = page.evaluate(
        "getComputedStyle([...document.querySelectorAll('svg text')].find((text) => text.textContent === 'Girls')).fill"
    )
    assert ink == page.evaluate("getComputedStyle(document.body).color")
    page.goto(page.url.replace("disclosure", "prevalence"))
    for _ in range(20):  # the browser hands on what is remembered a moment later, on a busy machine
        if page.evaluate(background) == dark:
            break
        page.wait_for_timeout(100)
        page.reload()
    assert page.evaluate(background) == dark


def test_contents_are_folded_on_a_narrow_screen_only(open_page, country):
    assert open_page(f"{country}/disclosure.html", WIDE).locator("#contents[open]").count() == 1
    assert open_page(f"{country}/disclosure.html", NARROW).locator("#contents[open]").count() == 0


def test_text_of_figures_stays_inside_them(open_page, country):
    page = open_page(f"{country}/disclosure.html")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg')].flatMap((svg) => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')]
                .filter((text) => { const box = text.getBoundingClientRect();
                    return box.left < frame.left - 1 || box.right > frame.right + 1
                        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1; })
                .map((text) => text.textContent);
        })"""
    )
    assert outside == []


def test_printing_hides_what_only_a_screen_needs(open_page, country):
    page = open_page(f"{country}/disclosure.html", scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert not page.locator("details.code").first.is_visible()
    assert page.locator(".banner").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_every_printed_page_says_synthetic(open_page, pages):
    """Pages are printed to PDF by the browser: the mark stands on each sheet, beyond the first one too."""
    sheets = []
    for name in pages:
        printed = pypdf.PdfReader(io.BytesIO(open_page(name).pdf()))
        sheets += [(name, number, sheet.extract_text()) for number, sheet in enumerate(printed.pages, 1)]
    assert len(sheets) > len(pages)
    assert [sheet[:2] for sheet in sheets if "SYNTHETIC DATA" not in sheet[2]] == []


def test_a_link_to_a_country_opens_its_remarks(open_page, country):
    page = open_page(f"data_quality.html#{country}")
    assert page.locator(f"details#{country}").get_attribute("open") is not None
    assert page.get_by_role("heading", name="To look at").is_visible()


def test_pages_of_a_country_lead_to_what_is_said_about_its_data(open_page, country):
    page = open_page(f"{country}/disclosure.html")
    page.get_by_role("link", name="Data quality").click()
    assert page.url.endswith(f"/data_quality.html#{country}")
