"""From a number to its definition, base, code cell, configuration, checksum of the input and commit: in two clicks.

The pages are made as the workflow makes them, for a project whose microdata are a few bytes. What has to be reached is
typed or computed here: from the configuration's text, from these bytes, from the notebook.
"""

from __future__ import annotations

import hashlib
import html
import importlib.util
import re
import shutil
import uuid
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
import yaml
from rocrate.rocrate import ROCrate

from disrupting_harm import config
from disrupting_harm.commands.products import comparison_context, country_context
from disrupting_harm.estimation import tidy_table
from disrupting_harm.presentation.finding import Finding, keys
from disrupting_harm.publishing import provenance, site
from disrupting_harm.publishing.pages import render
from disrupting_harm.quality import remarks

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("small_site", Path(__file__).with_name("small_site.py"))
small_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_site)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COUNTRY, INSIGHT, INDICATOR = "bra", "disclosure", "disclosure_told_no_one_for_at_least_one_form"
BYTES = b"not a survey"
COMMIT = "0123456789ab"


@pytest.fixture(scope="module")
def made(root, tmp_path_factory):
    """A project with results of one insight in one country, made as the workflow's commands make them."""
    folder = tmp_path_factory.mktemp("traced")
    shutil.copytree(root / "config", folder / "config")
    for part in ("docs", "notebooks", "resources", "SECURITY.md"):
        (folder / part).symlink_to(root / part)
    project = config.load(folder)
    for file in (project.countries[COUNTRY].children_file, project.countries[COUNTRY].caregivers_file):
        project.path(file).parent.mkdir(parents=True, exist_ok=True)
        project.path(file).write_bytes(BYTES)
    results = folder / "results"
    rows = small_site.tidy(COUNTRY, INSIGHT, INDICATOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "commit", lambda _: COMMIT)
        patch.chdir(folder)
        for subfolder in (COUNTRY, "comparison"):
            tidy_table.write(rows, results / subfolder / f"{INSIGHT}.csv")
        remarks.write(small_site.data_quality(COUNTRY), results / COUNTRY / "data_quality.csv")
        notebook = Path("notebooks", f"{INSIGHT}.ipynb")
        write_page(results / COUNTRY, rows, country_context(project, COUNTRY, INSIGHT, notebook, []))
        compared = comparison_context(project, [COUNTRY], INSIGHT, notebook, results)
        write_page(results / "comparison", rows, compared)
        small_site.lead(project, results, [COUNTRY], COMMIT)
    return project, results


def write_page(folder, rows, context):
    """An executed notebook whose one finding is about these rows, and its page."""
    notebook = small_site.executed(keys(rows))
    path = folder / f"{INSIGHT}.ipynb"
    path.write_text(small_site.nbf.writes(notebook))
    render(path, path.with_suffix(".html"), context)


@pytest.fixture(scope="module")
def behind(made):
    """What has to be reached from a number, in words, from the texts of the project."""
    project, _ = made
    text = (project.root / "config/indicators.yaml").read_text()
    registry = yaml.safe_load(text)
    entry = registry["indicators"][INDICATOR]
    line = text.splitlines().index(f"  {INDICATOR}:") + 1
    return SimpleNamespace(
        panel=[
            entry["definition"].strip(),
            registry["bases"][entry["base"]],
            registry["sources"][entry["source"]],
            f"config/indicators.yaml, line {line}",
        ],
        code='insight.estimate("told_no_one")',
        inputs=[f"config/countries/{COUNTRY}.yaml", hashlib.sha256(BYTES).hexdigest(), COMMIT],
        table=hashlib.sha256((project.root / f"results/{COUNTRY}/{INSIGHT}.csv").read_bytes()).hexdigest(),
    )


def test_a_finding_says_which_rows_it_is_made_from(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *_, metadata, **__: shown.append(metadata))
    rows = pd.DataFrame({"indicator": ["b", "a", "b"], "by": ["all"] * 3, "estimate": [0.1, 0.2, 0.3]})
    Finding("A sentence.", None, rows.head(0), keys=keys(rows))._ipython_display_()
    assert shown == [{"keys": {"indicator": ["b", "a"], "by": ["all"]}}]


@pytest.mark.parametrize("folder", [COUNTRY, "comparison"])
def test_a_page_holds_what_is_behind_its_numbers(made, behind, folder):
    text = html.unescape(re.sub(r"<[^>]+>", "", (made[1] / folder / f"{INSIGHT}.html").read_text()))
    inputs = behind.inputs if folder == COUNTRY else [behind.inputs[0], behind.table, COMMIT]
    for words in [*behind.panel, *inputs, f"notebooks/{INSIGHT}.ipynb"]:
        assert words in text


def test_from_a_row_of_the_workbook_two_sheets_tell_all(made, behind):
    book = openpyxl.load_workbook(made[1] / "estimates.xlsx")
    row = dict(zip([c.value for c in book[INSIGHT][2]], [c.value for c in book[INSIGHT][3]], strict=True))
    assert (row["country"], row["indicator"]) == (COUNTRY, INDICATOR)
    head, *lines = book["definitions"].values
    defined = next(dict(zip(head, line, strict=True)) for line in lines if line[0] == row["indicator"])
    definition, base, source, written = behind.panel
    assert (defined["definition"], defined["base"], defined["source"]) == (definition, base, source)
    assert (defined["written_in"], defined["code"]) == (written, f"notebooks/{INSIGHT}.ipynb, cell cell-3")
    origin = [line for line in book["origin"].values if line[0] in ("all", row["country"])]
    settings, checksum, commit = behind.inputs
    values = {value for _, _, value in origin}
    assert {checksum, commit} <= values
    assert f"{settings} (SHA-256)" in {what for _, what, _ in origin}


# The crate


@pytest.fixture(scope="module")
def graph(made):
    """The entities of the crate by identifier, as its library reads them."""
    crate = ROCrate(made[1])
    return {entity.id: entity.properties() for entity in crate.get_entities()}


def test_the_crate_holds_every_file_with_its_checksum_and_no_other(made, graph):
    _, results = made
    there = {
        path.relative_to(results).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in results.rglob("*")
        if path.is_file() and path.name != "ro-crate-metadata.json"
    }
    assert "index.html" in there
    assert {name: entity["sha256"] for name, entity in graph.items() if entity["@type"] == "File"} == there
    assert {part["@id"] for part in graph["./"]["hasPart"]} == there.keys()


def test_the_crate_says_which_notebook_made_a_table_from_which_microdata(graph):
    step = graph[f"#made/{COUNTRY}/{INSIGHT}"]
    assert graph[step["instrument"]["@id"]]["name"] == f"notebooks/{INSIGHT}.ipynb"
    assert {entity["@id"] for entity in step["result"]} == {
        f"{COUNTRY}/{INSIGHT}.{kind}" for kind in ("csv", "html", "ipynb")
    }
    read = [graph[entity["@id"]] for entity in step["object"]]
    assert [entity["sha256"] for entity in read if "SYNTHETIC" in entity["description"]] == [
        hashlib.sha256(BYTES).hexdigest()
    ] * 2
    assert f"config/countries/{COUNTRY}.yaml" in {entity["name"] for entity in read}
    compared = graph[f"#made/comparison/{INSIGHT}"]
    assert f"{COUNTRY}/{INSIGHT}.csv" in {entity["@id"] for entity in compared["object"]}
    assert graph["./"]["conformsTo"]["@id"].startswith("https://w3id.org/ro/wfrun/process/")
    assert {entity["@id"] for entity in graph["./"]["mentions"]} == {
        name for name in graph if name.startswith("#made/")
    }


def test_the_crate_has_no_time_and_no_chance_in_it(made, monkeypatch):
    """The library's own date and identifiers do not reach the file."""
    project, results = made
    path = results / "ro-crate-metadata.json"
    before = path.read_bytes()
    monkeypatch.setattr("rocrate.model.root_dataset.iso_now", lambda: "1999-12-31T00:00:00+00:00")
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(int=7))
    site.crate.write(project, results, site.record.collect(project, results, [COUNTRY], COMMIT))
    assert path.read_bytes() == before
    assert b"1999-12-31" not in before


# In a browser


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium: install Debian's package chromium to test pages in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def reach(browser, made, request):
    """A function that opens a page anew, clicks at most twice, and gives what can then be seen in the window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=request.param)

    def reach(name, *clicks):
        assert len(clicks) <= 2
        page = context.new_page()
        page.goto(f"{made[1].as_uri()}/{name}")
        for click in clicks:
            target = page.locator(click).locator("visible=true").first
            target.scroll_into_view_if_needed()
            target.click()
            page.wait_for_load_state()
        return page

    yield reach
    context.close()


def seen(page, words):
    """Whether a text can be seen: not folded away, and the innermost element with it lies in the window."""
    matches = page.get_by_text(words, exact=False).locator("visible=true").last
    box = matches.bounding_box() if matches.count() else None
    return box is not None and 0 <= box["y"] < 900


TRACE = "details.trace > summary"
CODE = 'details.trace a:text-is("Code")'
ORIGIN = 'details.trace a[href="#origin"]'
PAGE = f"{COUNTRY}/{INSIGHT}.html"
STARTS = {
    "a page of a country": (PAGE, TRACE),
    "a comparison": (f"comparison/{INSIGHT}.html", TRACE),
    "the front page": ("index.html", f'a[href^="{COUNTRY}/{INSIGHT}.html#"]'),
}


@pytest.mark.parametrize("start", STARTS)
def test_all_six_things_are_two_clicks_away(reach, behind, start):
    name, first = STARTS[start]
    page = reach(name, first)
    assert [words for words in behind.panel if not seen(page, words)] == []
    assert seen(reach(name, first, CODE), behind.code)
    inputs = behind.inputs if "comparison" not in name else [behind.inputs[0], behind.table, COMMIT]
    page = reach(name, first, ORIGIN)
    assert [words for words in inputs if not seen(page, words)] == []


def test_a_comparison_leads_to_the_same_number_of_a_country(reach, behind):
    page = reach(f"comparison/{INSIGHT}.html", TRACE, 'details.trace a:text-is("Brazil")')
    assert f"/{PAGE}#" in page.url
    assert [words for words in behind.panel if not seen(page, words)] == []


def test_numbers_on_the_quality_of_data_are_two_clicks_from_their_definition_and_inputs(reach, behind):
    page = reach("data_quality.html", f"details#{COUNTRY} > summary")
    for words in [*behind.inputs, "respondents of the delivered file, unweighted", "rule quality"]:
        assert page.get_by_text(words).locator("visible=true").count(), words
    page = reach("data_quality.html", f"details#{COUNTRY} > summary", 'a:text-is("what each check means")')
    assert seen(page, "Mean over all questions of the share of those asked who gave no answer.")
