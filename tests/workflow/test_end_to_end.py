"""Two countries from nothing to the site, one of the shared file of phase one and one with an SPSS file of its own."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pandas as pd
import pytest

from disrupting_harm import config

pytestmark = pytest.mark.slow

SHARED, OWN = "ken", "bra"
COLUMNS = [
    *(
        "country",
        "insight",
        "indicator",
        "by",
        "level",
        "measure",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "df",
        "deff",
    ),
    *("n", "n_base_weighted", "status", "interval", "confidence_level", "data"),
]
STATUSES = {"shown", "low_n", "suppressed", "not_asked", "not_estimable"}


@pytest.fixture(scope="module")
def done(copy_project):
    """The finished run of both countries, and what it said."""
    project = copy_project("whole")
    run = project.snakemake(country=f"{SHARED},{OWN}")
    assert run.code == 0, run.out
    return project.root, run


@pytest.fixture(scope="module")
def names(done):
    """Insights, and comparison notebooks."""
    root, _ = done
    return (
        list(config.load(root).insights),
        sorted(path.stem for path in (root / "notebooks/comparison").glob("*.ipynb")),
    )


def pages(root):
    return sorted((root / "results").rglob("*.html"))


def test_every_product_is_there(done, names):
    root, _ = done
    insights, comparisons = names
    parts = [(country, insight) for country in (SHARED, OWN) for insight in insights]
    parts += [("comparison", name) for name in comparisons]
    expected = {
        f"results/{folder}/{name}.{kind}" for folder, name in parts for kind in ("ipynb", "html", "csv")
    }
    expected |= {f"results/{country}/data_quality.csv" for country in (SHARED, OWN)}
    expected |= {
        f"results/{name}" for name in ("index.html", "data_quality.html", "estimates.xlsx", "provenance.json")
    }
    found = {str(path.relative_to(root)) for path in (root / "results").rglob("*") if path.is_file()}
    assert expected <= found
    beside = {path.split("/")[1] for path in found - expected}
    assert beside <= {"assets", "comparison", "methods.html"}


def test_comparison_figures_are_there(done, names):
    root, _ = done
    for insight in names[0]:
        assert list((root / "results/comparison/figures" / insight).glob("*.svg")), insight


def test_tables_have_the_fixed_columns_and_words(done, names):
    root, _ = done
    for country in (SHARED, OWN):
        for insight in names[0]:
            table = pd.read_csv(root / f"results/{country}/{insight}.csv")
            assert list(table.columns) == COLUMNS
            assert set(table["country"]) == {country}
            assert set(table["insight"]) == {insight}
            assert set(table["status"]) <= STATUSES
            assert set(table["data"]) == {"synthetic"}
            assert (table["status"] == "shown").any()


def test_executed_notebooks_ran_to_their_end_and_name_no_machine(done):
    root, _ = done
    for path in (root / "results").rglob("*.ipynb"):
        text = path.read_text()
        assert str(root) not in text, path
        told = nbformat.reads(text, as_version=4)
        nbformat.validate(told)
        code = [cell for cell in told.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        outputs = [output for cell in code for output in cell.outputs]
        assert not [output for output in outputs if output.output_type == "error"]
        assert not [output for output in outputs if output.get("name") == "stderr"]


class Links(HTMLParser):
    """Collects where a page leads and what it would load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def test_links_lead_somewhere_and_nothing_is_loaded_from_a_network(done):
    root, _ = done
    for page in pages(root):
        links = Links()
        links.feed(page.read_text())
        for link in links.found:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), f"{page.relative_to(root)} leads to {link}"
        assert not re.search(r"<(script|img|link|iframe)\b[^>]*\b(src|href)=[\"']?https?:", page.read_text())


def test_every_page_says_that_the_data_are_synthetic(done):
    root, _ = done
    for page in pages(root):
        assert "SYNTHETIC DATA" in page.read_text(), page


def test_progress_is_told_line_by_line(done, names):
    root, run = done
    for country in (SHARED, OWN):
        assert f"{country}: harmonised" in run.out
        assert f"{country}: data quality" in run.out
        for insight in names[0]:
            assert re.search(rf"^{country}: {insight} \(\d+\.\d s\)$", run.out, re.MULTILINE)
            assert f"{country}: {insight}" in (root / f"logs/insights/{country}/{insight}.log").read_text()
    assert "(100%) done" in run.out


def test_logs_hold_no_warning(done):
    """Warnings are mended, not gathered: a log of a finished job is its one line of progress."""
    root, _ = done
    for log in (root / "logs").rglob("*.log"):
        assert len(log.read_text().splitlines()) == 1, log.read_text()


@pytest.fixture(scope="module")
def again(copy_project, done):
    """A second copy of the same sources, in which one country is made from nothing, in part."""
    project = copy_project("again", done[0])
    wanted = [f"results/{OWN}/{insight}.html" for insight in ("wellbeing", "caregivers")]
    run = project.snakemake("--cores", "2", *wanted, country=OWN)
    assert run.code == 0, run.out
    return project


def test_two_runs_from_nothing_give_the_same_bytes(done, again):
    root, _ = done
    made = [path for top in ("data", "results") for path in (again.root / top).rglob("*") if path.is_file()]
    assert len(made) >= 10
    for path in made:
        first = root / path.relative_to(again.root)
        assert first.read_bytes() == path.read_bytes(), path.relative_to(again.root)


def test_a_failing_notebook_says_where_and_leaves_its_copy_below_data(again):
    notebook = again.root / "notebooks/wellbeing.ipynb"
    told = nbformat.read(notebook, as_version=4)
    last = [cell for cell in told.cells if cell.cell_type == "code"][-1]
    last.source = "insight.write(table)\nraise RuntimeError('a cell went wrong')"
    nbformat.write(told, notebook)
    run = again.snakemake(f"results/{OWN}/wellbeing.html", country=OWN)
    assert run.code == 1
    assert f"{OWN}, wellbeing: cell '{last.id}' failed." in run.out
    assert "RuntimeError. Its words may quote an answer and are not told here." in run.out
    assert "a cell went wrong" not in run.out
    kept = f"data/failed/{OWN}/wellbeing.ipynb"
    assert f"The executed copy with the traceback, for the owner of the data alone: {kept}" in run.out
    assert "a cell went wrong" in (again.root / kept).read_text()
    left = {path.name for path in (again.root / f"results/{OWN}").iterdir()}
    assert left == {f"caregivers.{kind}" for kind in ("ipynb", "html", "csv")}


def test_respondents_stay_below_data(done):
    """No identifier of a respondent occurs outside data/."""
    root, _ = done
    for country in (SHARED, OWN):
        frame = pd.read_parquet(root / f"data/harmonised/{country}/children.parquet")
        identifiers = {str(each) for each in frame["child_id"] if len(str(each)) >= 6}
        for path in [*(root / "results").rglob("*"), *(root / "logs").rglob("*")]:
            if path.is_file() and Path(path).suffix in {".html", ".ipynb", ".csv", ".json", ".js", ".log"}:
                words = set(re.findall(r"[\w.:-]+", path.read_text()))
                assert not words & identifiers, path.relative_to(root)
