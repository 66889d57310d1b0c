"""Only findings leave a notebook: whatever else its cells show ends the run, and is kept for the owner alone."""

from __future__ import annotations

import builtins
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from disrupting_harm.presentation import figures
from disrupting_harm.presentation.finding import html
from disrupting_harm.running import notebooks

ROOT = Path(__file__).parents[2]
SECRET = "peri_urban_mombasa"
COUNTRY, INSIGHT = "bra", "disclosure"

FRAME = f"""
import io, sys
import pandas as pd
from IPython.display import HTML, SVG, Image, Markdown, display
from disrupting_harm.presentation import figures
from disrupting_harm.presentation.finding import Finding, html
frame = pd.DataFrame({{"sex": ["girl", "boy"] * 10, "age": [13] * 20, "area": ["{SECRET}"] * 20}})
"""
SHOWN = """
{"label": ["Girls", "Boys"], "estimate": [0.2, 0.1], "ci_low": [0.15, 0.07], "ci_high": [0.26, 0.14]}
"""
DRAWING = f'figures.intervals(pd.DataFrame({SHOWN.strip()}), "How many?", "{SECRET}")'
DRAWN = """
from matplotlib.figure import Figure
figure = Figure()
figure.subplots().plot(frame["age"]);
"""
ONE = "Finding('Girls more than boys.', None, pd.DataFrame({'Level': ['Girls']}), keys={'by': ['sex']})"
OURS = '__name__ = "disrupting_harm.here"\n'
"""A finding is made in the library."""


@pytest.fixture(autouse=True, scope="module")
def as_before():
    """IPython says of a whole process that it is IPython's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "__IPYTHON__", True, raising=False)
        yield


def written(path: Path, *cells, **parameters) -> Path:
    """A notebook of a parameters cell, a cell `frame`, and `cells`: code, or cells."""
    given = "\n".join(f"{name} = {value!r}" for name, value in (parameters or {"country": "ken"}).items())
    head = [new_code_cell(given, id="parameters", metadata={"tags": ["parameters"]})]
    head.append(new_code_cell(FRAME, id="frame"))
    more = [new_code_cell(cell, id="shows") if isinstance(cell, str) else cell for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=head + more), path)
    return path


def run(folder: Path, *cells, scope: str = "ken") -> Path:
    """Run a notebook as the commands do; the executed copy."""
    source = written(folder / "notebooks/question.ipynb", *cells)
    executed = folder / f"results/{scope}/question.ipynb"
    notebooks.run(source, folder / f"data/failed/{scope}/question.ipynb", {"country": "ken"}, executed)
    return executed


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


TABLE = "a table, or other HTML"
TEXT = "plain text, as the value of an expression"
REFUSED = {
    "rows that are printed": ("print(frame.head(12))", "printed text"),
    "a count of values": ("frame['area'].value_counts()", TEXT),
    "a number": ("7", TEXT),
    "a number of the data": ("(frame['age'] == 13).sum()", TEXT),
    "one child": ("frame.iloc[0]", TEXT),
    "text": ("frame['area'][0]", TEXT),
    "a frame": ("frame.head(12)", TABLE),
    "a frame that is displayed": ("display(frame)", TABLE),
    "Markdown of one row": ("display(Markdown(frame.head(1).to_csv()))", "Markdown"),
    "HTML": ("display(HTML(frame.to_html()))", TABLE),
    "HTML with keys": ("display(HTML(frame.to_html()), metadata={'keys': {}})", TABLE),
    "HTML that looks like a finding": (
        """display(HTML(f'<p class="finding">{frame.iloc[0].to_dict()}</p>'), metadata={"keys": {}})""",
        TABLE,
    ),
    "the table of a finding": ("display(HTML(html(frame)))", TABLE),
    "a finding that a cell makes": ("Finding('All children.', None, frame.head(12))", TABLE),
    "findings in a list": (f"[{ONE}]", TEXT),
    "a finding that is printed": (f"print({ONE})", "printed text"),
    "a picture": (
        f"{DRAWN}\nfile = io.BytesIO()\nfigure.savefig(file)\ndisplay(Image(file.getvalue()))",
        "a picture",
    ),
    "a figure of matplotlib": (f"{DRAWN}\nfigure", TEXT),
    "a figure of the library without its finding": (DRAWING, "a picture"),
    "a drawing": (f"display(SVG({DRAWING}.svg))", "a picture"),
    "JSON": ("display({'application/json': frame.head(1).to_dict()}, raw=True)", "JSON"),
    "a form that is called by an answer": (
        f"display({{'{SECRET}': 'x'}}, raw=True)",
        "an output of another kind",
    ),
    "what is written": ("sys.stdout.write(frame.to_csv());", "printed text"),
    "five signs": ("print('k.017')", "printed text"),
    "a display that is updated": (
        "shown = display(HTML('<p></p>'), display_id='one')\nshown.update(frame.head(1))",
        TABLE,
    ),
    "a picture in the text": (
        new_markdown_cell("![x](data:image/png;base64,eA==)", id="shows"),
        "a picture or another file in its text",
    ),
    "an attachment": (
        new_markdown_cell("![x](attachment:a.png)", id="shows", attachments={"a.png": {"image/png": "eA=="}}),
        "a picture or another file in its text",
    ),
}


CASES = [
    *(("ken", name) for name in REFUSED),
    ("comparison", "rows that are printed"),
    ("comparison", "a frame"),
]


@pytest.mark.parametrize(("scope", "name"), CASES)
def test_what_is_not_a_finding_ends_the_run(tmp_path, capfd, scope, name):
    cell, kind = REFUSED[name]
    with pytest.raises(notebooks.NotebookError) as refused:
        run(tmp_path, cell, scope=scope)
    lines = str(refused.value).splitlines()
    assert lines[:2] == [
        "ken, question: what a notebook shows is published, and this is not a finding:",
        f"  cell 'shows': {kind}",
    ]
    assert lines[2].startswith("Show findings, for example insight.estimate(")
    assert lines[3].startswith("The executed copy, for the owner of the data only: ")
    assert len(lines) == 4
    output = "".join([str(refused.value), *capfd.readouterr()])
    assert not [word for word in (SECRET, "girl", "k.017") if word in output]
    assert not (tmp_path / "results").exists()
    kept = tmp_path / f"data/failed/{scope}/question.ipynb"
    assert files(tmp_path / "data") == [f"failed/{scope}/question.ipynb"]
    assert [mode(kept), mode(kept.parent), mode(kept.parent.parent)] == ["0o600", "0o700", "0o700"]
    assert nbformat.read(kept, as_version=4).cells[-1].id == "shows", "all that was shown is in it"


def test_each_cell_is_named_with_each_kind_once(tmp_path):
    cells = [
        new_code_cell("print(1)\ndisplay(frame)\nprint(2)", id="two-kinds"),
        new_code_cell(OURS + ONE, id="a-finding"),
        new_code_cell("frame['age'].mean()", id="a-mean"),
    ]
    with pytest.raises(notebooks.NotebookError) as refused:
        run(tmp_path, *cells)
    assert str(refused.value).splitlines()[1:4] == [
        "  cell 'two-kinds': printed text",
        f"  cell 'two-kinds': {TABLE}",
        f"  cell 'a-mean': {TEXT}",
    ]


def test_a_finding_of_an_earlier_run_opens_no_way_for_the_same_html(tmp_path):
    text = '<p class="finding">Girls more than boys.</p>'
    run(tmp_path, OURS + ONE)
    with pytest.raises(notebooks.NotebookError):
        run(tmp_path, f"display(HTML({text!r}), metadata={{'keys': {{'by': ['sex']}}}})")


def test_what_is_not_shown_may_be_looked_at(tmp_path, capfd):
    """Assignments, and what goes to the error stream, are not published."""
    code = "rows = frame.head(12)\nprint(rows, 'girl:13: yes', sep='\\n', file=sys.stderr)\nfor each in (1, 2): each"
    assert nbformat.read(run(tmp_path, code), as_version=4).cells[-1].outputs == []
    assert "girl" not in "".join(capfd.readouterr()), "it looks like a warning, and is none"


@pytest.mark.parametrize("code", ["found", "display(found)"])
def test_a_finding_passes_as_it_is(tmp_path, code):
    """Its sentence with what it is about, its figure, its table: written down here."""
    table = pd.DataFrame({"Level": ["Girls", "Boys"], "Estimate": ["20.0%", "10.0%"]})
    make = f"found = Finding('Girls > boys.', {DRAWING}, frame, True, keys={{'by': ['sex']}})"
    make = f"frame = pd.DataFrame({table.to_dict('list')})\n{OURS}{make}\n{code}"
    cell = nbformat.read(run(tmp_path, make), as_version=4).cells[-1]
    rows = pd.DataFrame(eval(SHOWN.strip()))
    drawn, about = figures.intervals(rows, "How many?", SECRET)._repr_mimebundle_()
    plain = {"text/plain": "<IPython.core.display.HTML object>"}
    values = f"<details open><summary>Table of values</summary>{html(table)}</details>"
    assert [(output.output_type, output.data, output.metadata) for output in cell.outputs] == [
        (
            "display_data",
            {"text/html": '<p class="finding">Girls &gt; boys.</p>', **plain},
            {"keys": {"by": ["sex"]}},
        ),
        ("display_data", drawn, about),
        ("display_data", {"text/html": values, **plain}, {}),
    ]
    assert not (tmp_path / "data/failed/ken/question.ipynb").exists()


# The commands, as the workflow's rules call them


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose microdata and harmonised tables are a few bytes, and which has products of an earlier run."""
    root = tmp_path_factory.mktemp("project")
    for part in ("config", "resources", "docs"):
        shutil.copytree(ROOT / part, root / part)
    harmonised = [root / f"data/harmonised/{COUNTRY}/{table}.parquet" for table in ("children", "caregivers")]
    for file in [root / f"data/raw/{COUNTRY}.sav", *harmonised]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"not a survey")
    path = root / f"config/countries/{COUNTRY}.yaml"
    microdata = f"data/raw/{COUNTRY}.sav"
    path.write_text(path.read_text() + f"\nmicrodata: {{children: {microdata}, caregivers: {microdata}}}\n")
    return root


def command(root: Path, product: str, code: str) -> subprocess.CompletedProcess:
    """Call the command of a product, for a notebook of these cells that also writes its table and a figure."""
    scope = COUNTRY if product == "insight" else "comparison"
    made = [f"results/{scope}/{INSIGHT}.{kind}" for kind in ("ipynb", "html", "csv")]
    options = dict(zip(("executed", "page", "table"), made, strict=True))
    if product == "insight":
        words = [COUNTRY, INSIGHT]
        tables = {name: f"data/harmonised/{COUNTRY}/{name}.parquet" for name in ("children", "caregivers")}
        parameters = {"country": COUNTRY, **tables, "table": made[2]}
        options |= tables
    else:
        words = [INSIGHT, COUNTRY]
        parameters = {"countries": [COUNTRY], "tables": "tables", "table": made[2]}
        parameters["figures"] = f"results/comparison/figures/{INSIGHT}"
        options |= {name: parameters[name] for name in ("tables", "figures")}
        for folder in ("tables", "results"):  # in full precision, and as they are published
            (root / folder / COUNTRY).mkdir(parents=True, exist_ok=True)
            (root / folder / COUNTRY / f"{INSIGHT}.csv").touch()
        code = f"{DRAWING}.save_in(Path({parameters['figures']!r}), 'drawn')\n{code}"
    code = f"from pathlib import Path\nPath(table).write_text('country,indicator')\n{code}"
    source = written(root / f"notebooks/{product}/{INSIGHT}.ipynb", code, **parameters)
    options["notebook"] = str(source.relative_to(root))
    named = [word for name, value in options.items() for word in (f"--{name}", value)]
    return subprocess.run(
        [sys.executable, "-m", "disrupting_harm", product, *words, *named],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("product", ["insight", "comparison"])
def test_the_step_that_makes_a_page_alone_leaves_nothing_of_it(project, product):
    """What Snakemake, `watch` and a person call: a page is there, then its notebook prints twelve children."""
    scope = COUNTRY if product == "insight" else "comparison"
    good = command(project, product, OURS + f"display({ONE})")
    assert good.returncode == 0, good.stderr
    assert "Girls more than boys." in (project / f"results/{scope}/{INSIGHT}.html").read_text()
    before = [file for file in files(project / "results") if not file.startswith(f"{scope}/")]
    bad = command(project, product, OURS + f"display({ONE})\nprint(frame.head(12))")
    assert bad.returncode == 1
    assert "  cell 'shows': printed text\n" in bad.stderr
    assert SECRET not in bad.stdout + bad.stderr
    assert files(project / "results") == before, "the table and the figures went, too"
    kept = project / f"data/failed/{scope}/{INSIGHT}.ipynb"
    assert f"for the owner of the data only: {kept.relative_to(project)}\n" in bad.stderr
    assert SECRET in kept.read_text()
    assert [mode(kept), mode(kept.parent)] == ["0o600", "0o700"]
