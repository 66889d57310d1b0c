"""Two countries from nothing to the site, one of the shared file of phase one and one with an SPSS file of its own.

In the survey of the second, canaries are planted before its tables are made: what only one respondent has.
"""

import base64
import hashlib
import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

from disrupting_harm import config

from .conftest import ANOTHER_DAY, ANOTHER_USER

_spec = importlib.util.spec_from_file_location("canaries", Path(__file__).with_name("canaries.py"))
canaries = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(canaries)

pytestmark = pytest.mark.slow

SHARED, OWN = "ken", "bra"
COLUMNS = [
    *(
        "country",
        "insight",
        "indicator",
        "by",
        "level",
        "first",
        "second",
        "within",
        "within_level",
        "adjusted_for",
        "measure",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
    ),
    *("n", "rounded_to", "status", "interval", "confidence_level", "data"),
]
SYNTHETIC = f"data/synthetic/{OWN}/SYNTHETIC_{OWN}_children.sav"
ALONE = ("unshare", "--map-root-user", "--net")
"""Runs a command in a world without network interfaces, where the machine allows it."""

STATUSES = {"shown", "low_n", "suppressed", "not_asked", "not_estimable"}


@pytest.fixture(scope="module")
def done(copy_project):
    """The finished run of both countries, and what it said."""
    project = planted(copy_project("whole"))
    run = project.snakemake(country=f"{SHARED},{OWN}")
    assert run.code == 0, run.out
    return project.root, run


NO_NETWORK = """
import sys

ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def refuse(event, told):
    is_far = event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(told[1], tuple)
    is_trial = event == "socket.bind" and told[1][:2] == ("::1", 0)  # urllib3 looks whether there is IPv6
    if (is_far and not is_trial) or event in ASKS:
        with open({log!r}, "a") as stream:
            stream.write(event + chr(10))
        raise OSError("no network in a run")


sys.addaudithook(refuse)
"""
"""A sitecustomize for every Python of a run: whoever asks for an internet address is noted, and refused."""


def planted(project):
    """The project with a temporary folder of its own, no network, and canaries in the survey of one country."""
    temporary, guard = project.root / "tmp", project.root / "guard"
    for folder in (temporary, guard):
        folder.mkdir()
    (guard / "sitecustomize.py").write_text(NO_NETWORK.format(log=str(guard / "asked.txt")))
    project.environment = {"TMPDIR": str(temporary), "PYTHONPATH": str(guard)}
    run = project.snakemake(SYNTHETIC, country=OWN)
    assert run.code == 0, run.out
    made = hashlib.sha256((project.root / SYNTHETIC).read_bytes()).hexdigest()
    (project.root / "as_made.txt").write_text(made)
    canaries.plant(project.root, OWN)
    return project


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
    about = ("data_quality", "suppression_audit")
    expected |= {f"results/{country}/{name}.csv" for country in (SHARED, OWN) for name in about}
    expected |= {
        f"results/{name}" for name in ("index.html", "data_quality.html", "estimates.xlsx", "provenance.json")
    }
    present = {str(path.relative_to(root)) for path in (root / "results").rglob("[!.]*") if path.is_file()}
    assert expected <= present
    folders = [*(f"results/{country}" for country in (SHARED, OWN)), "results/comparison"]
    assert all(
        (root / folder / f".{path.stem}.json").is_file()
        for folder in folders
        for path in (root / folder).glob("*.csv")
    )
    beside = {path.split("/")[1] for path in present - expected}
    assert beside <= {
        "assets",
        "comparison",
        "methods.html",
        "suppression_audit.html",
        "data_protection.html",
        "ro-crate-metadata.json",
    }


def test_every_number_can_be_traced(done):
    """Each finding of each notebook says which rows it is made from, and its page tells where they come from."""
    root, _ = done
    for file in sorted((root / "results").rglob("*.ipynb")):
        cells = json.loads(file.read_text())["cells"]
        outputs = {cell["id"]: cell.get("outputs", []) for cell in cells}
        findings = {
            name: output[0]["metadata"]["keys"]
            for name, output in outputs.items()
            if "Table of values" in str(output)
        }
        assert [name for name, keys in findings.items() if not any(keys.values())] == [], file.name
        page = file.with_suffix(".html").read_text()
        assert page.count('<details class="trace">') >= len(findings)
        assert findings or file.stem == "translation_radar"  # which needs three countries
        asked = {name for keys in findings.values() for name in keys.get("indicator", [])}
        assert [name for name in asked if f'id="number-{name}"' not in page] == []


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
        executed = nbformat.reads(text, as_version=4)
        nbformat.validate(executed)
        code = [cell for cell in executed.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        outputs = [output for cell in code for output in cell.outputs]
        assert not [output for output in outputs if output.output_type == "error"]
        assert not [output for output in outputs if output.get("name") == "stderr"]


class Links(HTMLParser):
    """Collects where a page leads and what it would load."""

    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("href", "src") and value]


@cache
def places(page):
    """What a page can be entered at."""
    return set(re.findall(r' id="([^"]+)"', page.read_text()))


def test_links_lead_somewhere_and_nothing_is_loaded_from_a_network(done):
    root, _ = done
    for page in pages(root):
        links = Links()
        links.feed(page.read_text())
        for link in links.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), f"{page.relative_to(root)} leads to {link}"
            if parts.fragment:
                assert parts.fragment in places(target), f"{page.relative_to(root)} leads to {link}"
        assert not re.search(r"<(script|img|link|iframe)\b[^>]*\b(src|href)=[\"']?https?:", page.read_text())


def test_every_heading_of_a_table_says_whether_it_is_of_a_column_or_a_row(done):
    root, _ = done
    for page in pages(root):
        heads = re.findall(r"<th\b[^>]*>", page.read_text())
        assert [head for head in heads if not re.search(r'scope="(?:col|row)(?:group)?"', head)] == [], page


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
    """A second copy of the same sources, in which one country is made from nothing, in part.

    On another day, in a folder with blanks, by another user with another language; all starts cold, without a network.
    """
    project = planted(copy_project("again, with blanks", done[0]))
    with (project.root / "guard/sitecustomize.py").open("a") as stream:
        stream.write(ANOTHER_DAY)
    project.environment |= ANOTHER_USER | {"HOME": str(project.root), "DISRUPTING_HARM_WARM": "off"}
    if (
        shutil.which("unshare")
        and subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
    ):
        project.within = ALONE
    wanted = [f"results/{OWN}/{insight}.html" for insight in ("wellbeing", "caregivers")]
    run = project.snakemake("--cores", "1", *wanted, country=OWN)
    assert run.code == 0, run.out
    return project


def test_two_runs_from_nothing_give_the_same_bytes(done, again):
    root, _ = done
    made = [path for top in ("data", "results") for path in (again.root / top).rglob("*") if path.is_file()]
    made.append(again.root / "as_made.txt")
    assert len(made) >= 10
    for path in made:
        first = root / path.relative_to(again.root)
        assert first.read_bytes() == path.read_bytes(), path.relative_to(again.root)


def test_a_failing_notebook_says_where_and_leaves_its_copy_below_data(again):
    notebook = again.root / "notebooks/wellbeing.ipynb"
    executed = nbformat.read(notebook, as_version=4)
    last = [cell for cell in executed.cells if cell.cell_type == "code"][-1]
    last.source = "insight.write(table)\nraise RuntimeError('a cell went wrong')"
    nbformat.write(executed, notebook)
    run = again.snakemake(f"results/{OWN}/wellbeing.html", country=OWN)
    assert run.code == 1
    assert f"{OWN}, wellbeing: cell '{last.id}' failed." in run.out
    assert "RuntimeError. The message may contain an answer, so it is not shown here." in run.out
    assert "a cell went wrong" not in run.out
    kept = f"data/failed/{OWN}/wellbeing.ipynb"
    assert f"The executed copy with the traceback, for the owner of the data only: {kept}" in run.out
    assert "a cell went wrong" in (again.root / kept).read_text()
    left = {path.name for path in (again.root / f"results/{OWN}").iterdir()}
    records = {".data_quality.json", ".caregivers.json"}
    assert left == {
        "data_quality.csv",
        *(f"caregivers.{kind}" for kind in ("ipynb", "html", "csv")),
        *records,
    }


# The border


def test_canaries_are_found_where_they_are(done, tmp_path):
    """The search sees what is packed; and the canaries did go through the run."""
    root, _ = done
    assert {path.partition("/")[2] for path in canaries.files_with_words(root, ["data"])} >= {
        f"harmonised/{OWN}/children.parquet",
        f"harmonised/{OWN}/caregivers.parquet",
    }
    children = pd.read_parquet(root / f"data/harmonised/{OWN}/children.parquet")
    assert (children[canaries.LONE] == "yes").sum() == 1
    assert ((children["age"] == 17) & (children["area"] == "peri_urban")).sum() == 1
    assert canaries.WEIGHT in set(children["weight"].round(8))
    with zipfile.ZipFile(tmp_path / "packed.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.xml", f"a {canaries.WORD}")
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("Comment", canaries.WORD.upper(), zip=True)
    Image.new("1", (1, 1)).save(tmp_path / "picture.png", pnginfo=notes)
    (tmp_path / "coded.json").write_bytes(base64.b64encode(b"." * 60 + canaries.WORD.encode()))
    assert sorted(canaries.files_with_words(tmp_path, ["."])) == ["coded.json", "packed.xlsx", "picture.png"]


def test_no_canary_leaves_data(done):
    root, run = done
    assert canaries.files_with_words(root) == []
    assert not canaries.holds(run.out.encode())


def test_what_one_child_alone_answered_is_hidden(done):
    """Each estimate of it is hidden or 0 %, and the workbook carries no other number."""
    root, _ = done
    tables = [
        pd.read_csv(path) for path in (root / f"results/{OWN}").glob("*.csv") if path.stem != "data_quality"
    ]
    rows = pd.concat(tables, ignore_index=True)
    alone = rows[(rows["indicator"] == canaries.LONE) & (rows["measure"] == "proportion")]
    assert (alone["by"] == "all").any()
    assert (alone.loc[alone["by"] == "all", "status"] == "suppressed").all()
    assert alone["estimate"].fillna(0).eq(0).all()
    hidden = alone["status"] == "suppressed"
    assert alone.loc[hidden, ["estimate", "se", "ci_low", "ci_high", "n", "rounded_to"]].isna().all(axis=None)


def test_one_level_more_in_the_tables_is_found_and_named(done, tmp_path):
    """What is hidden, as it is about too few, is planted as shown: the audit says so, and leaves nothing."""
    root, _ = done
    results = tmp_path / "results"
    shutil.copytree(root / "results" / OWN, results / OWN)
    decision = pd.read_parquet(root / f"data/harmonised/{OWN}/suppression.parquet")
    planted = decision[~decision["alone"] & (decision["by"] == "sex")]
    assert len(planted)
    for file in results.glob("*/*.csv"):
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
        if "status" in rows:
            keys = ["indicator", "by", "level"]
            is_planted = pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(planted[keys]))
            rows.loc[is_planted, "status"] = "shown"
            rows.to_csv(file, index=False)
    tables = [f"--{name}={root}/data/harmonised/{OWN}/{name}.parquet" for name in ("children", "caregivers")]
    tables.append(f"--alternatives={root}/data/harmonised/{OWN}/alternatives.npz")
    audit = [sys.executable, "-m", "disrupting_harm", "audit", OWN, *tables, f"--results={results}"]
    run = subprocess.run(
        [*audit, f"--table={tmp_path / 'audit.csv'}"], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Brazil: the suppression audit failed:")
    assert re.search(r"^  \w+ by sex \(\w+\) is shown, but describes too few$", run.stderr, re.MULTILINE)
    assert not (tmp_path / "audit.csv").exists()


def test_nothing_is_left_in_the_temporary_folder(done):
    root, _ = done
    assert [path.name for path in (root / "tmp").iterdir() if path.name.startswith("dh-")] == []


def test_files_below_data_are_for_their_owner_alone(done):
    root, _ = done
    data = list((root / "data").rglob("*"))
    assert len(data) > 8
    for path in data:
        assert oct(stat.S_IMODE(path.stat().st_mode)) == ("0o700" if path.is_dir() else "0o600"), path
    mask = os.umask(0)
    os.umask(mask)
    for path in (root / "results").rglob("*.html"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask, path


def test_nobody_asks_for_a_network(done):
    """Python's own sockets, in Snakemake, the commands and the kernels; and the guard does refuse."""
    root, _ = done
    asked = root / "guard/asked.txt"
    assert not asked.exists()
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    guarded = {**os.environ, "PYTHONPATH": str(root / "guard")}
    run = subprocess.run(
        [sys.executable, "-c", code], env=guarded, capture_output=True, text=True, check=False
    )
    assert "no network in a run" in run.stderr
    assert asked.exists()
    asked.unlink()


def test_pages_are_made_in_a_world_without_network_interfaces(again):
    """The second run had none, and its pages are those of the first."""
    if again.within != ALONE:
        pytest.skip("this machine does not let its users make network namespaces (unshare --net)")
    assert (again.root / f"results/{OWN}/caregivers.html").is_file()


TELLS = """
import sys, warnings, pandas as pd
frame = pd.read_parquet(children)
display(frame)
print(frame.to_string())
print(frame.to_string(), file=sys.stderr)
warnings.warn(frame.head().to_string())
insight.write(table)
"""


def caregivers_alone(again, code):
    """Make one page alone, whose notebook ends with this code."""
    notebook = again.root / "notebooks/caregivers.ipynb"
    copy = nbformat.read(notebook, as_version=4)
    [cell for cell in copy.cells if cell.cell_type == "code"][-1].source = code
    nbformat.write(copy, notebook)
    return again.snakemake(f"results/{OWN}/caregivers.html", country=OWN)


@pytest.fixture(scope="module")
def shown(again):
    """What was said, and left in results/ and data/failed/, when a page's notebook showed children and ended well."""
    run = caregivers_alone(again, TELLS)
    left = [path.name for path in (again.root / f"results/{OWN}").glob("caregivers.*")]
    kept = again.root / f"data/failed/{OWN}/caregivers.ipynb"
    return run, left, kept.read_bytes(), oct(stat.S_IMODE(kept.stat().st_mode))


def test_a_page_made_alone_shows_findings_or_is_not_made(again, shown):
    run, left, kept, mode = shown
    assert run.code == 1
    assert f"{OWN}, caregivers: what a notebook shows is published, and this is not a finding:" in run.out
    assert ": printed text" in run.out
    assert ": a table, or other HTML" in run.out
    assert f"data/failed/{OWN}/caregivers.ipynb" in run.out
    assert not canaries.holds(run.out.encode())
    assert canaries.files_with_words(again.root) == []
    assert left == []
    assert canaries.holds(kept)
    assert mode == "0o600"


@pytest.fixture(scope="module")
def failures(again, shown):
    """What failing runs said, by what was forced: an error with a frame in its words, wrong weights, wrong codes."""
    failed = {"frame": caregivers_alone(again, f"{TELLS}\nraise ValueError(frame.head(20).to_string())")}
    canaries.spoil_weights(again.root, OWN)
    failed["weights"] = again.snakemake(f"results/{OWN}/data_quality.csv", country=OWN)
    canaries.spoil_codes(again.root, OWN)
    failed["codes"] = again.snakemake(f"data/harmonised/{OWN}/children.parquet", country=OWN)
    return failed


def test_forced_failures_say_what_and_where_and_quote_nobody(again, failures):
    assert [run.code for run in failures.values()] == [1, 1, 1]
    assert "ValueError. The message may contain an answer" in failures["frame"].out
    assert f"data/failed/{OWN}/caregivers.ipynb" in failures["frame"].out
    assert f"data/failed/quality-{OWN}.txt" in failures["weights"].out
    assert "column Q7: 4711 is not mapped" in failures["codes"].out
    assert "column QS1 holds something that is no code" in failures["codes"].out
    assert "column weight_final (weight) holds something that is no number" in failures["codes"].out
    assert [name for name, run in failures.items() if canaries.holds(run.out.encode())] == []
    assert canaries.files_with_words(again.root) == []


def test_the_words_of_failures_are_kept_for_the_owner_alone(again, failures):
    for kept in (
        again.root / f"data/failed/{OWN}/caregivers.ipynb",
        again.root / f"data/failed/quality-{OWN}.txt",
    ):
        assert canaries.holds(kept.read_bytes()), kept
        assert oct(stat.S_IMODE(kept.stat().st_mode)) == "0o600"


def test_respondents_stay_below_data(done):
    """No identifier of a respondent occurs outside data/."""
    root, _ = done
    for country in (SHARED, OWN):
        frame = pd.read_parquet(root / f"data/harmonised/{country}/children.parquet")
        identifiers = {str(identifier) for identifier in frame["child_id"] if len(str(identifier)) >= 6}
        for path in [*(root / "results").rglob("*"), *(root / "logs").rglob("*")]:
            if path.is_file() and Path(path).suffix in {".html", ".ipynb", ".csv", ".json", ".js", ".log"}:
                words = set(re.findall(r"[\w.:-]+", path.read_text()))
                assert not words & identifiers, path.relative_to(root)
