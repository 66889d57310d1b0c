"""Pages from notebooks: contents, folded code, accessible figures and tables, no network, the same bytes."""

import importlib.util
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from disrupting_harm.presentation import finding
from disrupting_harm.publishing.pages import PageContext, render_markdown
from disrupting_harm.publishing.pages.markdown import Outline, mathml, to_html
from disrupting_harm.publishing.pages.tables import tidy_tables

_spec = importlib.util.spec_from_file_location("small_site", Path(__file__).with_name("small_site.py"))
small_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_site)


class Tree(HTMLParser):
    """Notes elements with attributes, and whether all are closed."""

    void = frozenset({"meta", "link", "br", "img", "input", "hr", "rect", "path", "use"})

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return small_site.page(tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(html):
    return Tree(html)


def test_elements_are_closed_and_identifiers_unique(tree):
    assert tree.open == []
    names = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(names) == len(set(names))


def test_contents_list_every_heading_of_the_notebook(html):
    contents = html[html.index('<nav class="contents"') : html.index("<main")]
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', contents)
    assert links == [
        ("how-many-told-no-one", "How many told no one?"),
        ("how-many-told-no-one-2", "How many told no one?"),
        ("by-sex-age", "By sex &amp; age"),
    ]
    assert all(f'id="{name}"' in html for name, _ in links)


def test_there_is_one_first_heading(html, tree):
    assert len(tree.all("h1")) == 1
    assert "<h1>Do children tell anyone?</h1>" in html


def test_code_is_folded(html):
    folded = re.findall(
        r'<details class="code">\s*<summary>(.*?)</summary>\s*<pre[^>]*><code>(.*?)</code>', html, re.S
    )
    assert [summary for summary, _ in folded] == ["Show settings", "Show code"]
    assert "told_no_one" in folded[1][1]
    assert all(
        "open" not in attributes
        for attributes in [a for a in Tree(html).all("details") if a.get("class") == "code"]
    )


def test_figures_are_inline_with_their_words(html, tree):
    svg = tree.all("svg")
    assert len(svg) == 1
    assert svg[0]["role"] == "img"
    words = unescape(re.search(r"<desc[^>]*>(.*?)</desc>", html, re.S).group(1))
    assert words == small_site.drawing().alt
    assert "Highest: Girls, 20.0%" in words
    assert not tree.all("img")


def test_tables_scroll_and_have_no_empty_heading(html):
    assert html.count('<div class="table"') == html.count("<table") == 2
    assert not re.search(r"<th[^>]*>\s*</th>", html)
    assert '<th scope="col" class="number">Base (n)</th>' in html
    assert '<td class="number">(10.0%)</td>' in html
    assert "<td>Girls</td>" in html


def test_formulas_are_mathml(html):
    assert html.count("<math") == 2
    assert "$" not in re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    assert 'alttext="\\hat{p} = a / b"' in html


@pytest.mark.parametrize("attribute", ["src", "srcset", "data", "poster"])
def test_nothing_is_loaded_from_a_network(tree, attribute):
    for _, attributes in tree.elements:
        assert "//" not in (attributes.get(attribute) or "")


def test_links_that_load_and_styles_stay_local(html, tree):
    assert not tree.all("link")
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert [a["src"] for a in tree.all("script") if "src" in a] == ["../assets/site.js"]


def test_synthetic_is_in_plain_sight(html):
    assert html.index("SYNTHETIC DATA</strong>") < html.index("<main")
    assert '<meta name="data" content="SYNTHETIC DATA">' in html
    assert "(SYNTHETIC DATA)</title>" in html


def test_delivered_data_carry_no_synthetic_mark(tmp_path):
    text = small_site.page(tmp_path, data="delivered").read_text(encoding="utf-8")
    body = re.sub(r"<svg.*?</svg>", "", text, flags=re.S)
    assert "SYNTHETIC" not in body
    assert '<meta name="data" content="delivered">' in text


def test_content_note_comes_first_and_says_where_help_is(html):
    note = html[html.index('aria-label="Content note"') : html.index("</aside>", html.index("Content note"))]
    assert "helpline" in note
    assert html.index("Content note") < html.index("Among children")


def test_language_skip_link_and_landmarks(tree):
    assert tree.all("html")[0]["lang"] == "en"
    assert {"class": "skip", "href": "#content"} in tree.all("a")
    assert [a["id"] for a in tree.all("main")] == ["content"]


def test_foot_gives_provenance(html):
    foot = html[html.index("<footer>") :]
    assert all(
        word in foot for word in ("0123456789ab", "children.parquet: 5f2c", "<dd>one</dd><dd>two</dd>")
    )


def test_messages_are_folded_and_escaped(html):
    assert '<details class="messages">' in html
    assert "a message &lt;1&gt;" in html


def test_same_notebook_same_bytes(html, tmp_path):
    assert small_site.page(tmp_path).read_text(encoding="utf-8") == html


def test_nothing_unfinished_is_left(tmp_path):
    page = small_site.page(tmp_path)
    assert [path.name for path in page.parent.iterdir()] == ["disclosure.html"]


def test_title_comes_from_the_notebook_where_none_is_given(tmp_path):
    text = small_site.page(tmp_path, title="").read_text(encoding="utf-8")
    assert "<h1>Do children tell anyone?</h1>" in text


def test_depth_leads_back_to_the_front_page(tmp_path):
    render_markdown("## One\n\ntext\n\n## Two", tmp_path / "methods.html", PageContext("Methods", depth=0))
    text = (tmp_path / "methods.html").read_text(encoding="utf-8")
    assert 'href="index.html"' in text
    assert 'src="assets/site.js"' in text


def test_a_heading_keeps_its_words_in_any_script():
    outline = Outline()
    to_html("## Qui l'a dit à qui ?\n\n## 数\n\n## contents", outline)
    assert [name for _, name, _ in outline.headings] == ["qui-l-a-dit-a-qui", "section", "contents-2"]


def test_mathml_escapes():
    assert "&lt;" in mathml("a < b")


@pytest.mark.parametrize(
    "number",
    ["1", "&lt;5", "hidden", "1,014", "14.7%", "(10.0%)", "&lt;0.1%", "12.7–18.8", "−3.1 to 4.0", ""],
)
def test_columns_of_numbers_are_aligned(number):
    rows = f"<tr><td>x</td><td>{number}</td></tr><tr><td>y</td><td>2</td></tr>"
    table = f"<table><tr><th>a</th><th>b</th></tr>{rows}</table>"
    assert f'<td class="number">{number}</td>' in tidy_tables(table)
    assert "<td>x</td>" in tidy_tables(table)


def headings(html):
    """What the headings of tables are for, each as (scope, text)."""
    cells = re.findall(r"<th\b([^>]*)>(.*?)</th>", html, flags=re.S)
    return [("".join(re.findall(r'scope="(\w+)"', attributes)), text) for attributes, text in cells]


COLUMNS_IN_GROUPS = pd.MultiIndex.from_tuples([("girls", "n"), ("girls", "share"), ("boys", "n")])
TABLES = {
    "a finding": (finding.html(pd.DataFrame({"Level": ["Girls"], "Base (n)": ["90"]})), ["col", "col"]),
    "a frame with an index": (pd.DataFrame({"a": [1], "b": [2]}).to_html(), ["col", "col", "row"]),
    "columns in groups": (
        pd.DataFrame([[1, 2, 3]], columns=COLUMNS_IN_GROUPS).to_html(index=False),
        ["colgroup", "col", "col", "col", "col"],
    ),
    "without a head": ("<table><tr><th>a</th></tr><tr><th>b</th><td>1</td></tr></table>", ["col", "row"]),
    "what says so itself": ('<table><tr><th scope="rowgroup">a</th></tr></table>', ["rowgroup"]),
    "Markdown": (to_html("| a | b |\n|---|---|\n| 1 | 2 |\n", Outline()), ["col", "col"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_each_heading_of_a_table_says_what_it_is_for(name):
    html, scopes = TABLES[name]
    assert [scope for scope, _ in headings(tidy_tables(html))] == scopes


def test_a_finding_says_it_in_the_notebook_too_and_its_numbers_stay_aligned():
    html = finding.html(pd.DataFrame({"Level": ["Girls", "Boys"], "Base (n)": ["90", "1,015"]}))
    assert [scope for scope, _ in headings(html)] == ["col", "col"]
    assert '<td class="number">1,015</td>' in tidy_tables(html)
    assert '<th scope="col" class="number">Base (n)</th>' in tidy_tables(html)


def test_each_heading_of_every_page_says_what_it_is_for(html, project, tmp_path):
    """Pages of notebooks, and all that the site writes."""
    results = small_site.results(project, tmp_path, ["ken", "bra"])
    pages = {path.name: path.read_text(encoding="utf-8") for path in results.rglob("*.html")}
    columns = [
        (name, *head) for name, text in (pages | {"notebook": html}).items() for head in headings(text)
    ]
    assert len(columns) > 30
    assert [(name, text) for name, scope, text in columns if not scope] == []
