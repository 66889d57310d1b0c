"""The border: a results folder passes as the library writes it, and is refused with any planted or spoilt file."""

from __future__ import annotations

import importlib.util
import io
import json
import math
import re
import shutil
import zipfile
import zlib
from pathlib import Path

import nbformat as nbf
import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image, PngImagePlugin

import disrupting_harm
from disrupting_harm import config
from disrupting_harm.delivered.harmonise import write_parquet
from disrupting_harm.estimation import tidy_table
from disrupting_harm.publishing import border, foreign, releases, site
from disrupting_harm.publishing.border import tabular
from disrupting_harm.publishing.pages import PageContext, render
from disrupting_harm.publishing.site.releases import write_page
from disrupting_harm.publishing.workbook import write_workbook
from disrupting_harm.quality import remarks
from disrupting_harm.running import notebooks

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("small_site", Path(__file__).with_name("small_site.py"))
small_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_site)

COUNTRY, INSIGHT = "bra", "disclosure"
CHILDREN = 120
CANARY = "BRA-child-00017"


def executed():
    """A notebook as the runner leaves it: a finding's sentence, figure, and table with headings that are known."""
    figure, metadata = small_site.drawing()._repr_mimebundle_()
    frame = pd.DataFrame(
        {"Level": ["Girls", "Boys"], "Estimate": ["20.0%", "(10.0%)"], "Base (n)": ["1,015", "(45)"]}
    )
    sentence = {"text/html": '<p class="finding">Girls more than boys.</p>', "text/plain": "HTML"}
    values = f"<details><summary>Table of values</summary>{frame.to_html(index=False)}</details>"
    new = nbf.v4
    outputs = [
        new.new_output("display_data", figure, metadata=metadata),
        new.new_output("display_data", sentence, metadata={"keys": {}}),
        new.new_output("display_data", {"text/html": values, "text/plain": "HTML"}),
    ]
    code = new.new_code_cell('insight.estimate("told_no_one")', outputs=outputs, id="told")
    notebook = new.new_notebook(cells=[new.new_markdown_cell("# Do children tell anyone?", id="title"), code])
    notebooks.normalise(notebook)
    return notebook


def page(results, folder, name, context):
    """A notebook and its page."""
    notebook = executed()
    notebook.metadata.update(context.metadata)
    path = results / folder / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbf.writes(notebook) + "\n")
    render(path, path.with_suffix(".html"), context)


def build(project, results):
    """A small results folder with a file of every kind."""
    page(results, COUNTRY, INSIGHT, PageContext("Do children tell anyone?", "", "Brazil", COUNTRY, INSIGHT))
    page(results, "comparison", INSIGHT, PageContext("Do children tell anyone?", insight=INSIGHT))
    rows = small_site.tidy(COUNTRY, INSIGHT, "told_no_one")
    rows.loc[1, tidy_table.NUMBERS] = np.nan
    rows.loc[1, "status"] = "suppressed"
    for folder in (COUNTRY, "comparison"):
        tidy_table.write(rows, results / folder / f"{INSIGHT}.csv")
    remarks.write(small_site.data_quality(COUNTRY), results / COUNTRY / "data_quality.csv")
    small_site.drawing().save_in(results / f"comparison/figures/{INSIGHT}", "told_no_one")
    (results / f"comparison/figures/{INSIGHT}/.snakemake_timestamp").touch()
    small_site.lead(project, results, [COUNTRY])


@pytest.fixture(scope="module")
def original(root, tmp_path_factory):
    """A project with children of one country below data/, and results that may leave."""
    folder = tmp_path_factory.mktemp("border")
    shutil.copytree(root / "config", folder / "config")
    for part in ("resources", "docs", "notebooks", "src", "SECURITY.md"):
        (folder / part).symlink_to(root / part)
    children = pd.DataFrame(
        {
            "child_id": [f"BRA-child-{row:05d}" for row in range(CHILDREN)],
            "stratum": ["bra:peri_urban"] * CHILDREN,
            "area": ["peri_urban"] * CHILDREN,
        }
    )
    children.attrs = {"rows_delivered": CHILDREN + 3}
    write_parquet(children, folder / f"data/harmonised/{COUNTRY}/children.parquet")
    build(config.load(folder), folder / "results")
    return folder


@pytest.fixture
def copied(original, tmp_path):
    """A copy that a test may spoil."""
    shutil.copytree(original, tmp_path / "project", symlinks=True)
    return tmp_path / "project"


def problems(folder):
    """What the gate finds, as lines."""
    return [
        ": ".join(finding) for finding in border.findings(config.load(folder), folder / "results", [COUNTRY])
    ]


def test_what_the_library_writes_may_leave(original):
    assert problems(original) == []
    border.check(config.load(original), original / "results", [COUNTRY])


# Planted files

ROW = f"{COUNTRY},{INSIGHT},told_no_one,area,urban,,,,,,proportion,0.25,0.01,0.2,0.3,{{n}},0.001,{{status}},"
ROW += "logit,0.95,synthetic"
PAGE = f"{COUNTRY}/{INSIGHT}.html"
TABLE = f"{COUNTRY}/{INSIGHT}.csv"
COPY = f"{COUNTRY}/{INSIGHT}.ipynb"
REMARK = f"{COUNTRY},children,{{check}},anxiety,{{base}},{{share}},{{value}},note,Some.,,synthetic"


def remark(base, share, value, check="dont_know"):
    """The table of remarks, and a row for it."""
    return f"{COUNTRY}/data_quality.csv", REMARK.format(check=check, base=base, share=share, value=value)


def one_row_a_respondent():
    """A table with as many rows as there are children."""
    return pd.DataFrame({"Level": ["x"] * CHILDREN, "age": [13] * CHILDREN})


def html(frame):
    """A page's text with a table in it."""
    return "<main>" + frame.to_html(index=False)


NEW = {
    "a table of children": ("ken.parquet", b"PAR1", "ken.parquet: is no file that the workflow makes"),
    "SPSS": ("bra/children.sav", b"$FL2", "bra/children.sav: is no file"),
    "a table of another name": ("bra/children.csv", b"child_id,age\n", "bra/children.csv: is no file"),
    "a country that is none": ("xaa/disclosure.csv", b"", "xaa/disclosure.csv: is no file"),
    "a picture elsewhere": ("bra/figure.png", b"", "bra/figure.png: is no file"),
    "an archive": ("all.zip", b"PK", "all.zip: is no file"),
    "a hidden file": (".cache", b"x", ".cache: is no file"),
    "a stamp that is full": ("bra/.snakemake_timestamp", b"x", ".snakemake_timestamp: is to be empty"),
    "bytes as a page": ("notes.html", b"\xff\xfe\x00", "notes.html: is no text in UTF-8"),
    "columns of a respondent": (
        "bra/prevalence.csv",
        b"child_id,age,weight\n" + b"x,1,1\n" * CHILDREN,
        ["unknown columns: child_id, age, weight", "120 rows, as many as respondents"],
    ),
    "rows as delivered": (
        "bra/prevalence.csv",
        b"a\n" + b"x\n" * (CHILDREN + 3),
        "123 rows, as many as respondents",
    ),
    "a list in a record": (
        "provenance.json",
        json.dumps({"data": "SYNTHETIC DATA", "tables": [1] * CHILDREN}).encode(),
        "a list of 120 entries, as many as respondents",
    ),
}


@pytest.mark.parametrize("name", NEW)
def test_a_planted_file_is_refused_by_name(copied, name):
    file, content, expected = NEW[name]
    path = copied / "results" / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    lines = problems(copied)
    assert all(line.startswith(f"{file}: ") for line in lines)
    for words in [expected] if isinstance(expected, str) else expected:
        assert any(words in line for line in lines), lines


ADDED = {
    "a folder of this machine": (PAGE, "/" + "home/someone/project", "an absolute path"),
    "a folder of a Mac": (TABLE.replace("csv", "html"), "/" + "Users/someone/x", "an absolute path"),
    "a drive": (COPY, None, "an absolute path"),
    "an address": (PAGE, "Ask someone@example.org", "an e-mail address"),
    "an identifier": (PAGE, f"child {CANARY} said", "the name of a respondent"),
    "a small base in words": (PAGE, "Boys (n = 7)", "a base below 25"),
    "a base below 25": (TABLE, ROW.format(n=24, status="shown"), "line 4: a base below 25"),
    "a hidden number": (
        TABLE,
        ROW.format(n=400, status="suppressed"),
        "line 4: a number of a row that is not shown",
    ),
    "everybody of a few": (
        TABLE,
        ROW.format(n=49, status="low_n").replace("0.25", "1.0"),
        "line 4: nobody, or everybody, of a few",
    ),
    "a share in full precision": (
        TABLE,
        ROW.format(n=400, status="shown").replace("0.25", "0.2512"),
        "line 4: estimate is no multiple of what it is rounded to",
    ),
    "a limit in full precision": (
        TABLE,
        ROW.format(n=400, status="shown").replace("0.3,", "0.30001,"),
        "line 4: ci_high is no multiple of what it is rounded to",
    ),
    "a fine share said to be coarse": (
        TABLE,
        ROW.format(n=400, status="shown").replace("0.25", "0.254").replace("0.001", "0.01"),
        "line 4: estimate is no multiple of what it is rounded to",
    ),
    "a share that says it is rounded to no step of ours": (
        TABLE,
        ROW.format(n=400, status="shown").replace("0.001", "0.0001"),
        "line 4: rounded in a way that is not known",
    ),
    "a true base": (TABLE, ROW.format(n=402, status="shown"), "line 4: a base that is not rounded"),
    "a fine base beside a coarse share": (
        TABLE,
        ROW.format(n=405, status="shown").replace("0.001", "0.01"),
        "line 4: a base that is not rounded",
    ),
    "a standard error in full precision": (
        TABLE,
        ROW.format(n=400, status="shown").replace("0.01,", "0.0123,"),
        "line 4: a standard error of too many digits",
    ),
    "a number of children to the last one": (
        TABLE,
        ROW.format(n=400, status="shown")
        .replace("proportion,0.25,0.01,0.2,0.3", "count,1234,10,1000,2000")
        .replace("0.001", "1"),
        "line 4: estimate: a number of children of too many digits",
    ),
    "a share of two decimals in words": (PAGE, "Of all girls, 12.34% said so.", "a share of more digits"),
    "a formula": (
        TABLE,
        ROW.format(n=400, status="shown").replace("urban", "=1+1"),
        "column level, line 4: a cell",
    ),
    "a command": (
        TABLE,
        ROW.format(n=400, status="shown").replace("urban", "@SUM(1)"),
        "column level, line 4: a cell",
    ),
    "a real row among made-up ones": (
        TABLE,
        ROW.format(n=400, status="shown").replace("synthetic", "delivered"),
        "column data does not say SYNTHETIC",
    ),
    "four of a hundred": (*remark(100, 0.04, 4), ["fewer than 5", "no multiple of 5"]),
    "nobody of a hundred": (*remark(100, 0, 0), "fewer than 5"),
    "all of a hundred": (*remark(100, 1, 100), "fewer than 5"),
    "ninety-six of a hundred": (*remark(100, 0.96, 96), "no multiple of 5"),
    "a base that is not rounded": (*remark(1014, 0.25, 255), "no multiple of 5"),
    "a small base of a remark": (*remark(45, "", ""), "a base below 50"),
    "a share with all its digits": (*remark(105, 10 / 105, 10), "a share that is no multiple of 0.1%"),
    "a share of other numbers": (*remark(105, 0.094, 10), "not that of the rounded numbers"),
    "a share without a number": (*remark(105, 0.095, ""), "not that of the rounded numbers"),
    "a base of those who should not have been asked": (
        *remark(105, "", "", "zeros_though_not_asked"),
        "of those who should not have been asked",
    ),
    "delivered rows that are not rounded": (*remark("", "", 1018, "rows_delivered"), "no multiple of 5"),
    "a sum of weights": (*remark("", "", 1.30593, "weight_effect"), "more than two decimals"),
    "the largest weight": (*remark("", "", 1, "weight_largest"), "a check that is not published"),
    "a table of respondents": (PAGE, html(one_row_a_respondent()), ["unknown columns: age", "120 rows"]),
    "a small base in a table": (
        PAGE,
        html(pd.DataFrame({"Level": ["Boys"], "Base (n)": ["(7)"]})),
        "column Base (n)",
    ),
    "a dot a respondent": (
        PAGE,
        "<svg>" + '<circle r="1"/>' * CHILDREN + "</svg>",
        "as many marks as respondents",
    ),
}


@pytest.mark.parametrize("name", ADDED)
def test_what_is_added_to_a_file_is_found_in_it(copied, name):
    file, text, expected = ADDED[name]
    path = copied / "results" / file
    if text is None:
        text = "C:\\\\Users\\\\someone"
        path.write_text(path.read_text().replace("# Do children", f"# {text} Do children"))
    else:
        path.write_text(path.read_text() + text + "\n")
    lines = problems(copied)
    assert lines
    assert all(line.startswith(f"{file}: ") for line in lines)
    for words in [expected] if isinstance(expected, str) else expected:
        assert any(words in line for line in lines), lines


def test_a_figure_across_countries_may_have_as_many_marks_as_one_of_them_has_children(copied):
    other = pd.DataFrame({"child_id": [f"KEN-child-{row:05d}" for row in range(CHILDREN + 30)]})
    write_parquet(other, copied / "data/harmonised/ken/children.parquet")
    path = copied / "results/comparison" / f"{INSIGHT}.html"
    text = path.read_text()

    def with_marks(number):
        path.write_text(text + "<svg>" + '<circle r="1"/>' * number + "</svg>")
        return problems(copied)

    assert with_marks(CHILDREN) == []
    assert with_marks(CHILDREN + 30) == []
    (line,) = with_marks(2 * CHILDREN + 30)
    assert line.endswith("as many marks as respondents")


def test_a_table_in_full_precision_is_refused_by_its_columns(copied):
    exact = pd.DataFrame([dict.fromkeys(tidy_table.FULL, "x")], columns=tidy_table.FULL)
    exact.to_csv(copied / "results" / TABLE, index=False)
    (line,) = problems(copied)
    unknown = {*line.rpartition("unknown columns: ")[2].split(", ")}
    assert line.startswith(f"{TABLE}: unknown columns: ")
    assert {"df", "deff", "n_base_weighted", "share_first", "coarse"} <= unknown


def test_what_is_found_is_not_quoted(copied):
    path = copied / "results" / PAGE
    path.write_text(path.read_text() + f"{CANARY} someone@example.org /" + "home/someone")
    with pytest.raises(border.BorderError) as refused:
        border.check(config.load(copied), copied / "results", [COUNTRY])
    message = str(refused.value)
    assert "results/ contains what may not be published:" in message
    assert f"  {PAGE}: " in message
    assert not re.search(rf"{CANARY}|someone", message)


def outputs(change):
    """A change to the outputs of the executed notebook."""

    def spoil(path):
        notebook = json.loads(path.read_text())
        change(notebook["cells"][1]["outputs"])
        path.write_text(json.dumps(notebook))

    return spoil


def displayed(data):
    """What a cell displays."""
    return {"output_type": "display_data", "metadata": {}, "data": data}


OUTPUTS = {
    "a traceback": ({"output_type": "error", "ename": "E", "evalue": "", "traceback": []}, "a traceback"),
    "a warning": ({"output_type": "stream", "name": "stderr", "text": "x"}, "the error stream"),
    "a picture": (
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "eA=="}},
        "image/png",
    ),
    "a frame": (
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": html(one_row_a_respondent())}},
        ["120 rows, as many as respondents", "HTML that is not a finding"],
    ),
    "a frame of one row": (
        displayed({"text/html": pd.DataFrame({"Level": ["x"]}).to_html()}),
        "HTML that is not a finding",
    ),
    "a frame behind a sentence": (
        displayed({"text/html": f'<p class="finding">x</p>{pd.DataFrame({"Level": ["x"]}).to_html()}'}),
        "HTML that is not a finding",
    ),
    "printed text": ({"output_type": "stream", "name": "stdout", "text": "k.017"}, "printed text"),
    "a number": (
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "7"}},
        "the value of an expression",
    ),
    "plain text alone": (displayed({"text/plain": "one child"}), "the value of an expression"),
    "nothing": (displayed({}), "the value of an expression"),
    "Markdown": (displayed({"text/markdown": "| 13 | girl |"}), "an output of the kind text/markdown"),
    "JSON": (displayed({"application/json": {"age": 13}}), "an output of the kind application/json"),
    "a kind that is an answer": (displayed({"girl, 13": 1}), "an output of another kind"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_of_other_kinds_are_refused(copied, name):
    output, expected = OUTPUTS[name]
    outputs(lambda cell_outputs: cell_outputs.append(output))(copied / "results" / COPY)
    lines = problems(copied)
    assert {line.partition(": cell told: ")[0] for line in lines} == {COPY}
    for words in [expected] if isinstance(expected, str) else expected:
        assert any(words in line for line in lines), lines
    assert "girl" not in "".join(lines)


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("![x](data:image/png;base64,eA==)", {}),
        ("![x](attachment:a.png)", {"attachments": {"a.png": {"image/png": "eA=="}}}),
    ],
)
def test_a_picture_in_the_text_of_a_notebook_is_refused(copied, source, more):
    path = copied / "results" / COPY
    notebook = json.loads(path.read_text())
    notebook["cells"][0] |= {"source": [source], **more}
    path.write_text(json.dumps(notebook))
    assert problems(copied) == [f"{COPY}: cell title: a picture or another file in its text"]


SHOWN = {
    "printed text": ("stream", {"name": "stdout", "text": "k.017"}, "printed text, or the value"),
    "a number": ("execute_result", {"data": {"text/plain": "7"}}, "printed text, or the value"),
    "a traceback": ("error", {"ename": "E", "evalue": "", "traceback": ["x"]}, "a traceback"),
    "a warning": ("stream", {"name": "stderr", "text": "x"}, "the error stream"),
    "a picture": ("display_data", {"data": {"image/png": "eA=="}}, "a picture that is not a figure"),
    "Markdown": ("display_data", {"data": {"text/markdown": "13, girl"}}, "not a finding"),
    "a frame": (
        "display_data",
        {"data": {"text/html": pd.DataFrame({"Level": ["x"]}).to_html()}},
        "not a finding",
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_with_what_is_not_a_finding_is_refused(copied, name):
    """As pages were made of any output."""
    kind, about, expected = SHOWN[name]
    notebook = executed()
    notebook.cells[1].outputs.append(nbf.v4.new_output(kind, **about))
    path = copied / "page.ipynb"
    path.write_text(nbf.writes(notebook))
    context = PageContext("Do children tell anyone?", "", "Brazil", COUNTRY, INSIGHT)
    render(path, copied / "results" / PAGE, context)
    lines = problems(copied)
    assert len(lines) == 1
    assert re.fullmatch(rf"{PAGE}: line \d+: .*{expected}.*", lines[0]), lines


ENTITIES = {
    "a property that is not known": ({"@id": "#x", "answer": "yes"}, "unknown properties: answer"),
    "a file of data/": (
        {"@id": "../data/raw/bra.sav", "@type": "File"},
        "is no file that the workflow makes",
    ),
    "a list": ({"@id": "#x", "object": [1] * CHILDREN}, "a list of 120 entries, as many as respondents"),
    "numbers": (1, "is none"),
}


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_of_another_kind_is_refused_in_the_crate(copied, name):
    planted, expected = ENTITIES[name]
    path = copied / "results/ro-crate-metadata.json"
    crate = json.loads(path.read_text())
    crate["@graph"].append(planted)
    path.write_text(json.dumps(crate))
    assert problems(copied) == [f"ro-crate-metadata.json: entity {len(crate['@graph'])}: {expected}"]


def test_a_link_is_refused(copied):
    (copied / "results/bra/more.html").symlink_to(copied / "data")
    assert problems(copied) == ["bra/more.html: is a link, and what it leads to is not known"]


LOCK = b",somebody,host,30.11.2026 09:00,file:///profile;"
OTHERS = {
    ".DS_Store": ("macOS", b"\0\0\0\1Bud1"),
    "bra/.DS_Store": ("macOS", b"\0\0\0\1Bud1"),
    "comparison/Thumbs.db": ("Windows", b"\xd0\xcf\x11\xe0"),
    "desktop.ini": ("Windows", b"[ViewState]"),
    "bra/.directory": ("KDE", b"[Dolphin]"),
    "._estimates.xlsx": ("macOS", b"\0\5\x16\7"),
    ".~lock.estimates.xlsx#": ("LibreOffice", LOCK),
    f"{COUNTRY}/.~lock.{INSIGHT}.csv#": ("LibreOffice", LOCK),
    "~$estimates.xlsx": ("Excel", b"\x08somebody" + b" " * 156),
    f"{COUNTRY}/.{INSIGHT}.csv.swp": ("Vim", b"b0VIM 9.0"),
}
"""What other programs leave, by file."""


def test_what_other_programs_leave_is_named_left_alone_and_not_in_the_crate(copied):
    results = copied / "results"
    for file, (_, content) in OTHERS.items():
        (results / file).write_bytes(content)
    (results / ".#index.html").symlink_to("somebody@host.4711:1700000000")
    assert dict(foreign.files(results)) == {
        **{file: name for file, (name, _) in OTHERS.items()},
        ".#index.html": "Emacs",
    }
    small_site.lead(config.load(copied), results, [COUNTRY])
    assert problems(copied) == []
    crate = (results / "ro-crate-metadata.json").read_text()
    assert not [file for file in OTHERS if file in crate]
    assert all((results / file).read_bytes() == content for file, (_, content) in OTHERS.items())


DISGUISED = {
    "a lock that is too large for one": (".~lock.estimates.xlsx#", b"x" * 1025),
    "an owner file that is too large for one": ("~$estimates.xlsx", b"x" * 1025),
    "a lock of a file that is not there": (".~lock.children.csv#", b"x"),
    "an owner file of a workbook that is not there": ("~$children.xlsx", b"x"),
    "a folder's file that is too large for one": ("desktop.ini", b"x" * 4097),
    "a swap file that is larger than what it copies": (f"{COUNTRY}/.{INSIGHT}.csv.swp", b"x" * 1_000_000),
    "a name that resembles one": (".DS_Store.csv", b"x"),
    "a name in other letters": ("thumbs.db", b"x"),
    "a companion of a file that is not there": ("._children.xlsx", b"\0\5\x16\7"),
    "a backup": (f"{COUNTRY}/{INSIGHT}.csv~", b"x"),
}


@pytest.mark.parametrize("name", DISGUISED)
def test_what_only_looks_like_a_file_of_another_program_is_refused(copied, name):
    file, content = DISGUISED[name]
    (copied / "results" / file).write_bytes(content)
    assert problems(copied) == [f"{file}: is no file that the workflow makes"]


@pytest.mark.parametrize("how", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_respondent_in_a_file_of_another_program_is_found(copied, how):
    (copied / "results/.DS_Store").write_bytes(b"\0\1" + f" {CANARY} ".encode(how))
    assert problems(copied) == [".DS_Store: the name of a respondent, a household or a cluster"]


def test_a_link_is_no_lock_of_an_editor_where_it_leads_somewhere(copied):
    (copied / "results/.#index.html").symlink_to(copied / "data")
    assert problems(copied) == [".#index.html: is a link, and what it leads to is not known"]


DIGESTS = {"settings": "0" * 16, "library": "1" * 16, "inputs": "2" * 16}
NO_RECORD = "is no record of what products were made from"
OTHER_FILE = "names a file that the workflow does not make"
RECORDS = {
    "of an insight": ({**DIGESTS, "products": {f"{INSIGHT}.csv": "3" * 64}}, None),
    "with another entry": ({**DIGESTS, "products": {}, "ages": [12, 13]}, NO_RECORD),
    "with microdata": ({**DIGESTS, "products": {}, "microdata": {"data/raw/x.sav": "3" * 64}}, NO_RECORD),
    "with words for a digest": ({**DIGESTS, "inputs": "a girl of 12", "products": {}}, NO_RECORD),
    "with words for a checksum": ({**DIGESTS, "products": {f"{INSIGHT}.csv": "a girl of 12"}}, NO_RECORD),
    "of another file": ({**DIGESTS, "products": {"a girl of 12": "3" * 64}}, OTHER_FILE),
}


@pytest.mark.parametrize("name", RECORDS)
def test_the_record_of_products_holds_digests_and_their_names(copied, name):
    content, expected = RECORDS[name]
    (copied / f"results/{COUNTRY}/.{INSIGHT}.json").write_text(json.dumps(content))
    assert problems(copied) == ([f"{COUNTRY}/.{INSIGHT}.json: {expected}"] if expected else [])


def test_a_page_that_is_not_written_yet_is_read_too(copied):
    lines = list(border.findings(config.load(copied), copied / "results", [COUNTRY], {"index.html": CANARY}))
    assert ("index.html", "the name of a respondent, a household or a cluster") in lines


def test_the_front_page_is_not_written_where_something_may_not_leave(copied):
    project = config.load(copied)
    (copied / "results/index.html").unlink()
    (copied / "results/bra/children.sav").write_bytes(b"$FL2")

    def check(front):
        border.check(project, copied / "results", [COUNTRY], front)

    with pytest.raises(border.BorderError, match=r"bra/children\.sav"):
        site.build(project, copied / "results", [COUNTRY], check=check)
    assert not (copied / "results/index.html").exists()


# SYNTHETIC, removed in one place at a time


def replaced(old, new=""):
    """A change to a file of text, in one place."""

    def spoil(path):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return spoil


def repacked(part, old, new=""):
    """A change to one part of a workbook."""

    def spoil(path):
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        name = next(name for name in parts if re.fullmatch(part, name) and old in parts[name])
        parts[name] = parts[name].replace(old, new, 1)
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in parts.items():
                archive.writestr(member, text)

    return spoil


def without_first_line(path):
    """The workbook as it is where a sheet's table has no first line that says it."""
    rows = tidy_table.read(path.parent / TABLE).assign(data="synthetic")
    tables = {INSIGHT: rows.assign(data="delivered")}
    write_workbook(tables, {"definitions": pd.DataFrame({"indicator": ["told_no_one"]})}, path)
    repacked(r"xl/sharedStrings\.xml", ">delivered<", ">synthetic<")(path)


def redrawn(picture=True, notes=True):
    """A change to a PNG: without what is seen, or without what stands in the file."""

    def spoil(path):
        with Image.open(path) as image:
            text_chunks, pixels = PngImagePlugin.PngInfo(), np.array(image.convert("RGB"))
            for name, text in image.info.items():
                if isinstance(text, str) and notes:
                    text_chunks.add_text(name, text)
        if not picture:
            pixels[(pixels == (0xB3, 0x26, 0x1E)).all(axis=2)] = 255
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "png", pnginfo=text_chunks)
        path.write_bytes(stream.getvalue())

    return spoil


FIGURE = f"comparison/figures/{INSIGHT}/told_no_one"
MARK = "SYNTHETIC DATA"
METADATA = f"<metadata>{MARK}</metadata>"
SPOILT = {
    "page, title": (PAGE, replaced(f" ({MARK})</title>", "</title>"), "the title"),
    "page, metadata": (PAGE, replaced(f'<meta name="data" content="{MARK}">'), "the metadata"),
    "page, banner": (PAGE, replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "page, head": (PAGE, replaced('<strong class="kind">SYNTHETIC', '<strong class="kind">'), "the head"),
    "page, print": (
        PAGE,
        replaced(f'@top-right {{ content: "{MARK}"', '@top-right { content: ""'),
        "the printed page",
    ),
    "page, figure's metadata": (PAGE, replaced(METADATA), "figure 1: the metadata"),
    "page, figure's text": (PAGE, replaced(f">{MARK}</text>", "></text>"), "figure 1: the drawing"),
    "front page": ("index.html", replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "methods": ("methods.html", replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "data protection": ("data_protection.html", replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "data quality": ("data_quality.html", replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "comparison": (f"comparison/{INSIGHT}.html", replaced(f"<strong>{MARK}</strong>"), "the banner"),
    "notebook": (
        COPY,
        replaced(f'"data": "{MARK}",\n  "kernelspec"', '"kernelspec"'),
        "the metadata does not",
    ),
    "notebook, output": (
        COPY,
        outputs(lambda cell_outputs: cell_outputs[0]["metadata"]["image/svg+xml"].pop("data")),
        "the metadata of the output",
    ),
    "notebook, figure": (
        COPY,
        outputs(
            lambda cell_outputs: cell_outputs[0]["data"].update({"image/svg+xml": "<svg role='img'></svg>"})
        ),
        "figure 1: the drawing",
    ),
    "record": ("provenance.json", replaced(f'"data": "{MARK}"', '"data": ""'), "the entry data"),
    "crate": ("ro-crate-metadata.json", replaced(f'"name": "{MARK}: ', '"name": "'), "the name of the crate"),
    "search": ("assets/search.js", replaced(f"// {MARK}"), "the first line"),
    "table": (TABLE, replaced(",synthetic", ","), "column data"),
    "remarks": (f"{COUNTRY}/data_quality.csv", replaced(",synthetic", ","), "column data"),
    "SVG, metadata": (f"{FIGURE}.svg", replaced(METADATA), "the metadata"),
    "SVG, text": (f"{FIGURE}.svg", replaced(f">{MARK}</text>", "></text>"), "the drawing"),
    "PNG, metadata": (f"{FIGURE}.png", redrawn(notes=False), "the metadata"),
    "PNG, picture": (f"{FIGURE}.png", redrawn(picture=False), "the picture"),
    "workbook, properties": ("estimates.xlsx", repacked(r"docProps/core\.xml", MARK), "the properties"),
    "workbook, sheet": ("estimates.xlsx", without_first_line, "sheet disclosure: the first line"),
    "workbook, printed": ("estimates.xlsx", repacked(r"xl/worksheets/.*", MARK), "the printed page"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_without_synthetic_in_one_place_the_build_fails(copied, name):
    file, spoil, expected = SPOILT[name]
    spoil(copied / "results" / file)
    lines = problems(copied)
    assert any(line.startswith(f"{file}: ") and expected in line and "SYNTHETIC" in line for line in lines), (
        lines
    )
    assert {line.partition(":")[0] for line in lines} == {file}


def test_the_page_and_table_of_changes_may_lie_in_results(copied):
    project, results = config.load(copied), copied / "results"
    shutil.copytree(results, copied / "before")
    rows = tidy_table.read(results / TABLE)
    tidy_table.write(rows.assign(estimate=rows["estimate"] + 0.1), results / TABLE)
    changes = releases.compare(releases.read(copied / "before"), releases.read(results))
    changes.write(results / "changes.csv")
    write_page(project, changes, results / "changes.html")
    assert changes.count("moved") == 1
    assert problems(copied) == []
    spoilt = releases.COLUMNS.index("new_n")
    lines = (results / "changes.csv").read_text().splitlines()
    cells = lines[1].split(",")
    cells[spoilt] = "12"
    (results / "changes.csv").write_text("\n".join([lines[0], ",".join(cells)]) + "\n")
    assert problems(copied) == ["changes.csv: line 2: a base below 25"]


def test_the_page_for_data_protection_names_what_is_there(root):
    text = (root / "docs/data-protection.md").read_text()
    named = set(re.findall(r"`((?:tests|src|config)/[\w./]*)`", text))
    assert len(named) > 10
    assert [name for name in named if not (root / name).exists()] == []


def test_a_delivered_country_need_not_say_synthetic(copied):
    """The same files with a country whose data are delivered: only what is wrong with it is told."""
    for kind in ("children", "caregivers"):
        (copied / f"data/raw/{COUNTRY}_{kind}.sav").parent.mkdir(exist_ok=True, parents=True)
        (copied / f"data/raw/{COUNTRY}_{kind}.sav").touch()
    path = copied / f"config/countries/{COUNTRY}.yaml"
    path.write_text(
        path.read_text()
        + f"\nmicrodata: {{children: data/raw/{COUNTRY}_children.sav, caregivers: data/raw/{COUNTRY}_caregivers.sav}}\n"
    )
    replaced(f"<strong>{MARK}</strong>")(copied / "results" / PAGE)
    assert problems(copied) == []


def test_a_cell_of_a_workbook_is_never_a_formula(copied):
    rows = tidy_table.read(copied / "results" / TABLE)
    rows["level"] = ["=1+1", "@SUM(1)"]
    more = rows.assign(level=["+1", "-1+1"], indicator="-2+3")
    path = copied / "results/estimates.xlsx"
    tables = {INSIGHT: pd.concat([rows, more], ignore_index=True)}
    write_workbook(tables, {"definitions": pd.DataFrame({"title": ['=HYPERLINK("x")']})}, path)
    with zipfile.ZipFile(path) as archive:
        assert not [
            name for name in archive.namelist() if "worksheets" in name and b"<f" in archive.read(name)
        ]
        strings = archive.read("xl/sharedStrings.xml").decode()
    for text in ("=1+1", "@SUM(1)", "+1", "-1+1", "-2+3"):
        assert f">{text}<" in strings


def test_a_formula_in_a_workbook_is_refused(copied):
    repacked(r"xl/worksheets/sheet2\.xml", "</c>", "</c><c><f>1+1</f></c>")(copied / "results/estimates.xlsx")
    assert "estimates.xlsx: a formula" in problems(copied)


# The names of this machine


@pytest.mark.parametrize("name", ["children", "online", "jupyter", "hash"])
def test_a_user_whose_name_is_a_word_of_the_project_is_served(original, monkeypatch, name):
    monkeypatch.setattr("getpass.getuser", lambda: name)
    monkeypatch.setattr("socket.gethostname", lambda: name)
    assert problems(original) == []


def test_the_name_of_a_user_is_found_where_it_stands_as_a_word(copied, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "mwangi7")
    monkeypatch.setattr("socket.gethostname", lambda: "node0417")
    page = copied / "results/methods.html"
    before = page.read_text()
    for text, is_told in {"by mwangi7, on": True, "node0417": True, "xmwangi7": False}.items():
        page.write_text(before + text)
        assert [line.endswith("the name of a user or machine") for line in problems(copied)] == [
            True
        ] * is_told


# Files that are damaged, and words that are where they are not looked for


def zipped(name):
    """An archive with one empty file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        (COPY, b'{"cells": [', "is no JSON, or no object"),
        (COPY, b"{}", "the metadata does not say SYNTHETIC"),
        ("provenance.json", b"1", "is no JSON, or no object"),
        ("ro-crate-metadata.json", b"{}", "is no crate"),
        (f"{FIGURE}.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "is no picture"),
        ("estimates.xlsx", b"PK", "is no workbook"),
        ("estimates.xlsx", zipped("notes.txt"), "cannot be read"),
        (TABLE, b"", "is no table"),
        (TABLE, b'country,"indicator\nbra,x\n', "is no table"),
        (TABLE, b"country,indicator\nbra,x,y\n", "is no table"),
    ],
)
def test_a_damaged_file_is_refused_and_not_quoted(copied, file, content, expected):
    (copied / "results" / file).write_bytes(content)
    lines = problems(copied)
    assert f"{file}: {expected}" in lines
    assert {line.partition(":")[0] for line in lines} == {file}


@pytest.mark.parametrize("kind", ["inlineStr", "str"])
def test_a_text_in_a_sheets_own_file_is_refused(copied, kind):
    """The rows of sheets are not searched for words: other programs would hide them there."""
    cell = f'</c><c t="{kind}"><is><t>{CANARY}</t></is></c>'
    repacked(r"xl/worksheets/sheet2\.xml", "</c>", cell)(copied / "results/estimates.xlsx")
    assert "estimates.xlsx: a text that is not among the shared texts" in problems(copied)


def test_a_note_behind_the_pixels_of_a_picture_is_read(copied):
    """The lower part of a picture is not decoded, and what follows it is read all the same."""
    path = copied / "results" / f"{FIGURE}.png"
    content = path.read_bytes()
    chunk_content = b"tEXtComment\0" + CANARY.encode()
    chunk = (
        (len(chunk_content) - 4).to_bytes(4, "big")
        + chunk_content
        + zlib.crc32(chunk_content).to_bytes(4, "big")
    )
    end = content.rindex(b"IEND") - 4
    path.write_bytes(content[:end] + chunk + content[end:])
    assert f"{FIGURE}.png: the name of a respondent, a household or a cluster" in problems(copied)


def test_an_interlaced_picture_is_read_too(copied):
    path = copied / "results" / f"{FIGURE}.png"
    content = path.read_bytes()
    head = content[12:28] + b"\1"
    path.write_bytes(content[:12] + head + zlib.crc32(head).to_bytes(4, "big") + content[33:])
    assert problems(copied)


TEXTS = {
    "an address behind a rule of a style": ("@media print { a } someone@example.org", "an e-mail address"),
    "a base at the end": ("Boys (n=7)", "a base below 25"),
    "a base without a word before it": ("girls, n = 24 and", "a base below 25"),
    "a name in brackets": (f"({CANARY})", "the name of a respondent"),
    "a table that is not closed": (
        html(one_row_a_respondent()).replace("</table>", ""),
        "120 rows, as many as respondents",
    ),
    "a row that is not closed": (
        html(pd.DataFrame({"Base (n)": ["(7)"]})).replace("</tr>\n  </tbody>", ""),
        "column Base (n): a base below 25",
    ),
    "a figure in a drawing": ('<svg><svg role="img"></svg></svg>', "the drawing does not say SYNTHETIC"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_hard_to_see_is_found(copied, name):
    text, expected = TEXTS[name]
    path = copied / "results" / PAGE
    path.write_text(path.read_text() + text)
    assert any(expected in line for line in problems(copied)), problems(copied)


@pytest.mark.parametrize(
    "text",
    [
        "@media print",
        "mean = 7 and Xn = 7",
        "n = 7.5 and n = 1,007",
        f"{CANARY}x and x{CANARY} and {CANARY}-2",
        "<p>a@b</p>",
    ],
)
def test_what_looks_alike_is_let_through(copied, text):
    path = copied / "results" / PAGE
    path.write_text(path.read_text() + text)
    assert problems(copied) == []


def test_names_of_every_kind_are_found_where_they_are_words():
    """Long numbers, words with signs, and letters beyond A to Z; whatever stands before or behind."""
    names = ["123456789", "BRA-child-1", "hh_0017", "Ünal-house-7", "montañas-norte"]
    people = border.respondents.Respondents(names=frozenset(names))
    for name in names:
        for text in (name, f"({name})", f"a {name}.", f'"{name}"', f"–{name}–", f"\n{name}\n"):
            assert people.named_in(text), text
        for text in (f"x{name}", f"{name}9", f"-{name}", f"{name}_", f"é{name}"):
            assert not people.named_in(text), text
    assert not border.respondents.Respondents().named_in("BRA-child-1")


# What has passed is not read again


@pytest.fixture
def passed(copied, monkeypatch):
    """A copy whose files have passed once, whoever edits the library while the tests are running."""
    monkeypatch.setattr(disrupting_harm, "IMPORTED", math.inf)
    assert problems(copied) == []
    return copied


@pytest.fixture
def read(monkeypatch):
    """The contents that were read since a test began, but for what was known to have passed."""
    contents = []
    of_file = border.gate.of_file

    def noted(at, content, location):
        contents.append(content)
        return of_file(at, content, location)

    monkeypatch.setattr(border.gate, "of_file", noted)
    return contents


def files(folder):
    """What all files in results/ hold."""
    return {path.read_bytes() for path in (folder / "results").rglob("*") if path.is_file()}


def files_by_kind(folder):
    """The same, and as what they are read: those that hold the same as the same kind are read once."""
    project, results = config.load(folder), folder / "results"
    paths = [path for path in results.rglob("*") if path.is_file()]
    kinds = [border.places.location(project, str(path.relative_to(results)), [COUNTRY]) for path in paths]
    return {(path.read_bytes(), kind) for path, kind in zip(paths, kinds, strict=True)}


def test_a_file_that_has_passed_is_not_read_again(passed, read):
    assert problems(passed) == []
    assert read == []


def test_a_file_that_has_changed_since_it_passed_is_read_again_and_no_other(passed, read):
    path = passed / "results" / PAGE
    path.write_text(path.read_text() + CANARY)
    for _ in range(2):
        assert problems(passed) == [f"{PAGE}: the name of a respondent, a household or a cluster"]
    assert read == [path.read_bytes()] * 2


def test_a_file_that_was_refused_is_never_known_as_passed(passed, read):
    shutil.rmtree(passed / "data/cache")
    path = passed / "results" / TABLE
    path.write_text(path.read_text() + ROW.format(n=20, status="shown") + "\n")
    for _ in range(3):
        assert problems(passed) == [f"{TABLE}: line 4: a base below 25"]
    assert read.count(path.read_bytes()) == 3
    assert len(read) == len(files_by_kind(passed)) + 2


def test_the_same_bytes_are_read_again_as_a_file_of_another_kind(passed, read):
    (passed / "results/notes.html").write_bytes((passed / "results/assets/site.js").read_bytes())
    assert any("does not say SYNTHETIC" in line for line in problems(passed))
    assert len(read) == 1


def another_limit(folder):
    path = folder / "config/config.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["suppression"] |= {"not_shown_below": 1500, "bracket_below": 1500}
    path.write_text(yaml.safe_dump(settings))


def another_respondent(folder):
    children = pd.DataFrame({"child_id": [f"KEN-child-{row:05d}" for row in range(CHILDREN + 1)]})
    write_parquet(children, folder / "data/harmonised/ken/children.parquet")


def another_heading(folder):
    path = folder / "config/indicators.yaml"
    path.write_text(path.read_text().replace("title: ", "title: Another ", 1))


CHANGES = {"a limit": another_limit, "a respondent": another_respondent, "a heading": another_heading}


@pytest.mark.parametrize("name", CHANGES)
def test_everything_is_read_again_when_the_border_has_changed(passed, read, name):
    CHANGES[name](passed)
    problems(passed)
    assert {*read} == files(passed)


def test_what_passed_under_another_limit_or_without_a_respondent_is_refused(copied):
    path = copied / "results" / PAGE
    path.write_text(path.read_text() + "KEN-child-00017")
    assert problems(copied) == []
    another_respondent(copied)
    assert problems(copied) == [f"{PAGE}: the name of a respondent, a household or a cluster"]
    another_limit(copied)
    assert f"{TABLE}: line 2: a base below 1500" in problems(copied)


def test_everything_is_read_again_when_the_machine_has_another_name(passed, read, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "node0417")
    problems(passed)
    assert {*read} == files(passed)


def test_everything_is_read_again_when_the_code_of_the_border_has_changed(passed, read, monkeypatch):
    monkeypatch.setattr("disrupting_harm.files.cache.fingerprint", lambda code: "another")
    problems(passed)
    assert {*read} == files(passed)


def test_the_code_of_the_border_is_all_that_it_imports(passed, monkeypatch):
    asked = []
    monkeypatch.setattr("disrupting_harm.files.cache.fingerprint", lambda code: asked.extend(code) or "known")
    problems(passed)
    names = {"/".join(path.parts[-2:]) for path in asked}
    assert {"border/texts.py", "estimation/tidy_table.py", "entries/analysis.py"} <= names


DAMAGED = {
    "cut off": lambda text: text[:-100],
    "empty": lambda _: "",
    "no JSON": lambda _: "{",
    "a sign changed": lambda text: text.replace("a", "b", 1),
    "a checksum changed": lambda text: re.sub(r'"[0-9a-f]{8}', '"00000000', text),
    "without its first line": lambda text: text.partition("\n")[2],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_memory_is_as_none(passed, read, name):
    path = passed / border.gate.PASSED
    content = path.read_text()
    path.write_text(DAMAGED[name](content))
    assert problems(passed) == []
    assert {*read} == files(passed)
    assert path.read_text() == content


def test_a_memory_that_others_could_have_written_is_as_none(passed, read):
    (passed / border.gate.PASSED).chmod(0o660)
    assert problems(passed) == []
    assert {*read} == files(passed)


def test_the_memory_is_for_its_owner_alone_and_holds_no_name(passed):
    path = passed / border.gate.PASSED
    assert path.is_relative_to(passed / "data")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "child" not in path.read_text()


def test_without_a_memory_nothing_else_follows(copied):
    shutil.rmtree(copied / "data/cache", ignore_errors=True)
    (copied / "data/cache").write_text("no folder")
    assert problems(copied) == []
    assert problems(copied) == []


def test_a_table_without_rows_has_no_digits():
    """A run of one country that nothing is published of has an empty table of published against computed."""
    assert tabular.has_digits(np.zeros(0), 2).dtype == bool
