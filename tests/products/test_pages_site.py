"""The front page, the search index, the workbook and the record of a run."""

import html
import importlib.util
import json
import math
import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import disrupting_harm
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.publishing import site
from disrupting_harm.publishing.site import quality, suppression, text, write_provenance
from disrupting_harm.publishing.workbook import write_workbook
from disrupting_harm.publishing.workbook.gather import definitions
from disrupting_harm.quality.checks import CHECKS

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("small_site", Path(__file__).with_name("small_site.py"))
small_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_site)


@pytest.fixture(scope="module")
def countries(project):
    """Two countries of phase one and one of phase two."""
    phases = {
        phase: [i for i, c in project.countries.items() if c.phase == phase]
        for phase in ("phase_one", "phase_two")
    }
    return [*phases["phase_one"][:2], phases["phase_two"][0]]


@pytest.fixture(scope="module")
def results(project, countries, tmp_path_factory):
    return small_site.results(project, tmp_path_factory.mktemp("results"), countries)


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_two_builds_give_the_same_bytes(project, countries, results, tmp_path):
    again = contents(small_site.results(project, tmp_path, countries))
    first = contents(results)
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_every_link_leads_to_a_file(results):
    for page in results.rglob("*.html"):
        text = re.sub(r"<script>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r'(?:href|src)="([^"#]+)', text):
            if not target.startswith(("https:", "data:")):
                assert (page.parent / target).resolve().is_file(), f"{page.name}: {target}"


def test_the_page_for_data_protection_officers_stands_alone(root, results, countries):
    """Every paragraph of the project's page is there, how to report too, and each page leads to it."""
    page = (results / "data_protection.html").read_text(encoding="utf-8")
    text = (root / "docs/data-protection.md").read_text(encoding="utf-8")
    assert [head for head in re.findall(r"^## (.+)$", text, re.M) if f">{head}<" not in page] == []
    assert ">Report<" in page
    assert '.md"' not in page
    for other in ("index.html", "methods.html", f"{countries[0]}/disclosure.html"):
        link = "../" * other.count("/") + "data_protection.html"
        assert f'<a href="{link}">' in (results / other).read_text(encoding="utf-8").partition("<footer>")[2]


def test_front_page_lists_countries_by_insights(project, countries, results):
    text = (results / "index.html").read_text(encoding="utf-8")
    for iso3 in countries:
        assert project.countries[iso3].name in text
        for slug in project.insights:
            assert f'href="{iso3}/{slug}.html#number-{project.insights[slug].headline[0]}"' in text
    assert "21.7%" in text
    assert ">hidden</a>" in text


def test_front_page_has_a_picture_for_each_comparison(project, results):
    text = (results / "index.html").read_text(encoding="utf-8")
    assert text.count('class="picture"') == len(project.insights)
    assert 'href="comparison/published.html"' in text


def test_site_script_knows_what_is_there(project, countries, results):
    script = (results / "assets/site.js").read_text(encoding="utf-8")
    site = json.loads(script.removeprefix("window.siteMap = ").rstrip().removesuffix(";"))
    assert {one["iso3"] for one in site["countries"]} == set(countries)
    assert all(one["insights"] == list(project.insights) for one in site["countries"])


def test_search_index_holds_words_and_no_code(results, countries, project):
    script = (results / "assets/search.js").read_text(encoding="utf-8")
    entries = json.loads(script.partition("window.searchIndex = ")[2].rstrip().removesuffix(";"))
    assert len(entries) == len(project.insights) * (len(countries) + 1) + 6
    page = next(one for one in entries if one["url"] == f"{countries[0]}/disclosure.html")
    assert page["section"] == project.countries[countries[0]].name
    assert "told no one" in page["text"]
    assert "insight.estimate" not in page["text"]


def test_methods_page_defines_every_indicator(project, results):
    text = (results / "methods.html").read_text(encoding="utf-8")
    assert [name for name in project.registry.indicators if f"<code>{name}</code>" not in text] == []


def test_workbook(project, results, countries):
    book = openpyxl.load_workbook(results / "estimates.xlsx")
    assert book.sheetnames == ["about", *project.insights, "definitions", "origin"]
    assert "SYNTHETIC" in str(book["about"]["A2"].value)
    sheet = book[next(iter(project.insights))]
    assert "SYNTHETIC" in sheet["A1"].value
    head = [cell.value for cell in sheet[2]]
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref
    estimate = head.index("estimate")
    cells = [row[estimate] for row in sheet.iter_rows(min_row=3)]
    shown = [cell for cell in cells if cell.data_type == "n"]
    assert {cell.value for cell in shown} == {0.217}
    assert {cell.number_format for cell in shown} == {"0.0%"}
    assert {cell.value for cell in cells if cell.data_type == "s"} == {"not shown"}
    assert book["definitions"].max_row == len(definitions(project)) + 1


def test_text_in_the_workbook_never_becomes_a_formula_or_a_link(tmp_path):
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "https://example.org", "007"]
    write_workbook(
        {"a/b": pd.DataFrame({"level": texts})},
        {"definitions": pd.DataFrame({"indicator": ["=2"]})},
        tmp_path / "w.xlsx",
    )
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    column = [sheet_row[0] for sheet_row in book["a b"].iter_rows(min_row=2)]
    assert [cell.value for cell in column] == texts
    assert {cell.data_type for cell in column} == {"s"}
    assert not any(cell.hyperlink for cell in column)


def test_a_number_left_in_a_hidden_row_is_not_written_as_its_estimate(tmp_path):
    table = small_site.tidy("xaa", "i", "x").assign(status="suppressed")
    write_workbook({"i": table}, {}, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["i"]
    numbers = [
        c.value
        for row in sheet.iter_rows(min_row=3)
        for c in row
        if c.data_type == "n" and c.value is not None
    ]
    assert set(numbers) <= {0.95}


def test_record_of_a_run(project, results, countries):
    record = json.loads((results / "provenance.json").read_text(encoding="utf-8"))
    assert record["commit"] == "0123456789ab"
    assert record["seed"] == project.analysis.seed
    assert set(record["countries"]) == set(countries)
    assert "config/indicators.yaml" in record["configuration"]
    assert "pandas" in record["packages"]
    assert f"{countries[0]}/disclosure.csv" in record["tables"]
    text = (results / "provenance.json").read_text(encoding="utf-8")
    assert str(project.root) not in text
    assert str(Path.home()) not in text


def test_record_is_sorted_and_ends_its_line(tmp_path):
    write_provenance(tmp_path / "p.json", {"b": 1, "a": {"d": 2, "c": 3}})
    text = (tmp_path / "p.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert text.index('"a"') < text.index('"b"')
    assert text.index('"c"') < text.index('"d"')


def test_a_comparison_of_its_own_has_a_sheet(project, countries, results, tmp_path):
    folder = small_site.results(project, tmp_path, countries[:1])
    table = pd.DataFrame(
        {"country": ["xaa"], "published": [0.2], "estimate": [0.21], "status": ["shown"], "within": [True]}
    )
    table.to_csv(folder / "comparison/published.csv", index=False)
    small_site.lead(project, folder, countries[:1])
    sheet = openpyxl.load_workbook(folder / "estimates.xlsx")["published"]
    assert [cell.value for cell in sheet[2]] == ["xaa", 0.2, 0.21, "shown", True]


def test_the_page_of_data_quality(project, countries, results):
    text = (results / "data_quality.html").read_text(encoding="utf-8")
    assert "SYNTHETIC DATA" in text
    assert "About this page." in text
    for iso3 in countries:
        assert f'<details class="country" id="{iso3}">' in text
    row = re.search(r'<tr><th scope="row"><a href="#\w+">.*?</tr>', text, re.S)[0]
    cells = re.findall(r"<td[^>]*>(?:<span[^>]*>)?(.*?)(?:</span>)?</td>", row)
    assert cells == [
        "warning",
        "1,120",
        "–",
        "1,014",
        "none",
        "",
        "ok",
        "ok",
        "1.31",
        "3",
        "101",
    ]
    assert "Anxiety: no answer from 25.1% of 1,015." in text
    line = re.search(r'<tr><th scope="row">Anxiety \(one question\)</th>.*?</tr>', text)[0]
    assert re.findall(r">([^<]+)</td>", line) == ["1,015", "25.1%", "hidden", "&lt;5", "nearly all", "–"]
    assert "rounded to multiples of 5" in text
    assert "may not add up to the total" in text
    assert "This figure in words" in text
    for check in CHECKS.values():
        assert (
            html.escape(check.means, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in text
        )


def test_the_front_page_and_the_menus_lead_to_data_quality(countries, results):
    text = (results / "index.html").read_text(encoding="utf-8")
    assert 'href="data_quality.html"' in text
    for iso3 in countries:
        assert f'<a href="data_quality.html#{iso3}">warning</a>' in text
    script = (results / "assets/site.js").read_text(encoding="utf-8")
    assert set(
        json.loads(script.removeprefix("window.siteMap = ").rstrip().removesuffix(";"))["quality"]
    ) == set(countries)


def test_synthetic_countries_leave_the_page_once_one_has_delivered_data(copy, countries, tmp_path):
    """As in every comparison: delivered and synthetic data are never set side by side."""
    last = countries[-1]
    copy.add(
        f"countries/{last}.yaml", "\nmicrodata: {children: data/raw/a.sav, caregivers: data/raw/b.sav}\n"
    )
    project = copy.load()
    remarks = {iso3: small_site.data_quality(iso3) for iso3 in countries}
    quality.write_page(project, remarks, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" not in text
    assert f'id="{last}"' in text
    assert not any(f'id="{iso3}"' in text for iso3 in countries[:-1])
    names = ", ".join(project.countries[iso3].name for iso3 in countries[:-1])
    assert f"Left out, as they have synthetic data only: {names}." in text


def test_the_suppression_audit_is_told_country_by_country(results):
    page = (results / "suppression_audit.html").read_text()
    assert "SYNTHETIC" in page
    assert len(re.findall(r"<td class=\"number\">1,050</td>", page)) == 3
    assert 'href="suppression_audit.html"' in (results / "index.html").read_text()


def test_the_suppression_audit_explains_itself_on_a_made_up_table(results):
    """Its numbers are counted by hand in tests/library/test_audit_example.py."""
    page = html.unescape((results / "suppression_audit.html").read_text()).replace("\u00a0", " ")
    assert "This table is made up." in page
    tables = [
        [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", table)]
        for table in re.findall(r'<div class="table example".*?</table>', page, re.S)
    ]
    assert tables == [
        [
            ["Area", "True (made up)", "Published", "Why"],
            ["All children", "415 of 1,000", "41.5% of 1,000", "Rounded to 0.1 percentage point and 5 children."],
            ["Town", "408 of 598", "68% of 600",
             "Rounded to 1 percentage point and 10 children: fewer than 50 have no area."],
            ["Village", "6 of 399", "not shown (asked, from another table: 400)", "Fewer than 10 use it every day."],
            ["No area noted", "1 of 3", "no row", "Part of the total, but of no area."],
        ],
        [
            ["Hidden number (true)", "If the rest were exact", "If all were rounded finely", "As published"],
            ["Village, every day (6)", "4 to 7: too narrow", "3 to 7: too narrow", "0 to 13: open"],
            ["No area noted, children (3)", "3: too narrow", "0 to 4: too narrow", "0 to 10: open"],
        ],
    ]  # fmt: skip
    assert re.findall(r"<li><strong>(.*?)</strong> (.*?)</li>", page)[:4] == [
        ("Small numbers are hidden.",
         ("In the village the number is 6, which is less than 10, the limit below the national level (for a whole "
         "country: 5). So the share is not shown. Another table, about another question, "
         "shows how many were asked there.")),
        ("They could be worked out.",
         ("If all other numbers were exact, 415 − 408 = 7 would be left for the village and for children without an "
         "area, of whom there would be 1,000 − 598 − 399 = 3. So the number in the village would be 4 to 7.")),
        ("Rounding leaves them open.",
         ("If all were rounded to 0.1 percentage point and 5 children, it would be 3 to 7. That is too narrow, as at "
         "least 6 whole numbers must be possible. So the areas are rounded to 1 percentage point and 10 children; the "
         "total stays as it is. From what is published, the attack cannot exclude any whole number from 0 to 13.")),
        ("Some are in the total, and in no area.",
         ("No table has a row for the children without an area, 3 here. But they are what the areas leave of the "
         "total: 3 from exact numbers, 0 to 4 from finely rounded ones, 0 to 10 from what is published. So they are "
         "protected like an area of their own.")),
    ]  # fmt: skip


def test_every_column_of_the_suppression_audit_is_explained(results):
    page = (results / "suppression_audit.html").read_text()
    heads = re.findall(r'<th scope="col" class="number">(.*?)</th>', page)
    assert heads == re.findall(r"<dt>(.*?):</dt>", page)


def test_the_example_says_what_other_limits_make_of_it():
    """Grades, reasons and steps change with the settings; where there is no such story, none is told."""
    other = suppression.explained(Suppression(min_count=12, min_count_subgroup=20))
    assert other["rows"][2] == {
        "area": "Village", "truth": "16 of 392", "published": "not shown (asked, from another table: 390)",
        "why": "Fewer than 20 use it every day.",
    }  # fmt: skip
    assert other["possible"] == 13
    assert (
        "That is enough, as at least 13 whole numbers must be possible."
        in dict(other["steps"])["Rounding leaves them open."]
    )
    nothing = suppression.explained(Suppression(min_count=1, min_count_subgroup=1))
    assert nothing["rows"][2]["published"] == "0% of 400"
    assert nothing["steps"] == nothing["concluded"] == []
    assert suppression.explained(Suppression(min_count=100, min_count_subgroup=200))["steps"] == []
    assert suppression.explained(Suppression(min_count=2000, min_count_subgroup=2000)) is None
    fine = suppression.explained(Suppression(small_level=0))
    assert fine["rows"][1]["published"] == "68.2% of 600"
    assert "So less is published. " in dict(fine["steps"])["Rounding leaves them open."]


# Words for the search


PAGE = """<html><body><nav>Menu</nav><main id="content"><header><p>Brazil</p><h1>Do <em>children</em> tell?
<a class="anchor" href="#x">#</a></h1></header>
<p>Of&nbsp;100 girls &amp; boys, <b>2</b>0 told.</p><svg role="img"><title>Drawn</title><text>9</text></svg>
<details class="trace"><summary>Trace</summary><p>Defined</p></details>
<table><tr><th>Level</th><td>a</td><td class="number">b</td><td style="x">c</td></tr></table><pre>code()</pre>
<details><summary>Table of values</summary><p>a &lt; b</p></details><button>Press</button><math><mi>x</mi></math>
<script>if (a < b) { "</p>" }</script><style>p { }</style>end</main><footer>Foot</footer></body></html>"""


def test_the_words_of_a_page_are_those_of_its_main_part():
    """Not menus, drawings, code, formulas, what unfolds, nor where numbers come from; cells are words of their own."""
    title, words = text.words(PAGE)
    assert title == "Do children tell?"
    assert words == "Brazil Of 100 girls & boys, 20 told. Level a b c a < b end".replace("Brazil ", "")


@pytest.mark.parametrize(
    "page", ["", "<p>no main part</p>", "<main></main>", "<main>", "<main><svg>", "<main><p>a < b</main>"]
)
def test_words_of_what_is_hardly_a_page(page):
    assert text.words(page) in [("", ""), ("", "a < b")]


def site_again(project, folder, countries, kept):
    """The site once more; how many pages were read for the search, and whether the page of data quality was made."""
    read, made = [], []
    with pytest.MonkeyPatch.context() as patch:
        words, body = text.words, quality.body
        patch.setattr(text, "words", lambda page: read.append(page) or words(page))
        patch.setattr(quality, "body", lambda *about: made.append(about) or body(*about))
        site.build(project, folder, countries, "0123456789ab", kept=kept)
    return len(read), len(made)


@pytest.fixture
def kept(project, countries, results, tmp_path, monkeypatch):
    """A results folder whose site was built once, and the folder in which things are kept for the next time."""
    monkeypatch.setattr(disrupting_harm, "IMPORTED", math.inf)
    results = shutil.copytree(results, tmp_path / "results")
    folder = tmp_path / "data/cache"
    read, made = site_again(project, results, countries, folder)
    assert read >= len(project.insights) * (len(countries) + 1)
    assert made == 1
    return results, folder


OTHERS = 2
"""Pages that are read for their title alone: comparisons that are about no insight."""


def test_pages_with_the_same_bytes_are_not_read_again_for_the_search(project, countries, kept):
    results, folder = kept
    before = contents(results)
    assert site_again(project, results, countries, folder) == (OTHERS, 0)
    assert contents(results) == before
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_page_that_has_changed_is_read_again_for_the_search(project, countries, kept):
    results, folder = kept
    page = results / countries[0] / "disclosure.html"
    page.write_text(page.read_text().replace("told no one", "kept it to themselves"))
    assert site_again(project, results, countries, folder) == (1 + OTHERS, 0)
    assert "kept it to themselves" in (results / "assets/search.js").read_text()


def test_the_page_of_data_quality_is_made_again_when_a_remark_has_changed(project, countries, kept):
    results, folder = kept
    table = results / countries[0] / "data_quality.csv"
    table.write_text(table.read_text().replace("Anxiety: fewer", "Anxiety (how often): fewer"))
    before = (results / "data_quality.html").read_bytes()
    assert site_again(project, results, countries, folder)[1] == 1
    assert (results / "data_quality.html").read_bytes() == before  # that remark is one of those that are fine
    table.write_text(table.read_text().replace("3 strata.", "4 strata."))
    assert site_again(project, results, countries, folder)[1] == 1
    assert "4 strata." in (results / "data_quality.html").read_text()


@pytest.mark.parametrize("name", ["search.json", "data_quality.json"])
def test_what_is_kept_and_damaged_is_worked_out_again(project, countries, kept, name):
    results, folder = kept
    before = contents(results)
    path = folder / name
    path.write_text(path.read_text().replace("told", "lied"))
    assert site_again(project, results, countries, folder) != (OTHERS, 0)
    assert contents(results) == before


def test_another_commit_or_country_is_told_on_the_page_of_data_quality(project, countries, kept):
    results, folder = kept
    site.build(project, results, countries, "another", kept=folder)
    assert "another" in (results / "data_quality.html").read_text()
    site.build(project, results, countries[:2], "another", kept=folder)
    assert f'id="{countries[2]}"' not in (results / "data_quality.html").read_text()
