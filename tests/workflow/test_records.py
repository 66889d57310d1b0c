"""Products know what they were made from: those made from something else are made again, whoever has made them."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest

from disrupting_harm import config
from disrupting_harm.files.fingerprints import sha256
from disrupting_harm.running.jobs import Jobs

from .conftest import INSIGHT

pytestmark = pytest.mark.slow

COUNTRY = "bra"
CHILDREN = f"data/harmonised/{COUNTRY}/children.parquet"
TABLE = f"results/{COUNTRY}/{INSIGHT}.csv"
PAGE = f"results/{COUNTRY}/{INSIGHT}.html"
YOUNGER = "\neligibility:\n  ages: [12, 14]\n"
"""Settings of a country that leave out those of 15 to 17."""

BY_AGE = 'insight.estimate("self_harm", by="age_group")'
HARMONISE = f"{COUNTRY}: harmonise"


@pytest.fixture(scope="module")
def copy(copy_small_project):
    """Make a copy of the project whose one insight is split by age."""

    def copy(name):
        project = copy_small_project(name)
        notebook = nbformat.read(project.root / f"notebooks/{INSIGHT}.ipynb", as_version=4)
        last = notebook.cells.pop()
        notebook.cells += [nbformat.v4.new_code_cell(BY_AGE, id="by-age"), last]
        nbformat.write(notebook, project.root / f"notebooks/{INSIGHT}.ipynb")
        return project

    return copy


@pytest.fixture(scope="module")
def made(copy):
    """A project in which everything of one country is made."""
    project = copy("records")
    run = project.snakemake(country=COUNTRY)
    assert run.code == 0, run.out
    return project


@pytest.fixture
def shared(made, copy):
    """Two checkouts that share data/ by a link: one in which everything is made, and one that has made nothing."""
    other = copy("other")
    (other.root / "data").symlink_to(made.root / "data")
    return made, other


def ages(project):
    """Groups of ages of which the table of an insight shows a number."""
    rows = pd.read_csv(project.root / TABLE)
    return set(rows.loc[(rows["by"] == "age_group") & rows["estimate"].notna(), "level"])


def younger(project):
    """Make the insights about children of 12 to 14."""
    with (project.root / f"config/countries/{COUNTRY}.yaml").open("a") as file:
        file.write(YOUNGER)


def settings_of(project):
    """What the record of a run says about the settings of the country, and what they are."""
    record = json.loads((project.root / "results/provenance.json").read_text())
    return record["countries"][COUNTRY]["settings"], config.load(project.root).country_digest(COUNTRY)


def test_checkouts_that_share_data_never_use_what_the_other_has_made_from_other_settings(shared):
    one, other = shared
    younger(other)
    planned = other.snakemake("--dry-run", PAGE, country=COUNTRY)
    assert HARMONISE in planned.jobs
    before = (one.root / CHILDREN).read_bytes()
    assert before == (other.root / CHILDREN).read_bytes()
    run = other.snakemake(country=COUNTRY)
    assert run.code == 0, run.out
    assert HARMONISE in run.jobs
    assert ages(other) == {"12-13", "14-15"}
    recorded, now = settings_of(other)
    assert recorded == now
    assert pd.read_parquet(other.root / CHILDREN)["age"].max() == 14
    # Back in the first, Snakemake itself has seen nothing change: its own memory says that all is made.
    back = one.snakemake(country=COUNTRY)
    assert back.code == 0, back.out
    assert HARMONISE in back.jobs
    assert ages(one) == {"12-13", "14-15", "16-17"}
    assert (one.root / CHILDREN).read_bytes() == before
    recorded, now = settings_of(one)
    assert recorded == now


def test_without_the_memory_of_snakemake_other_settings_reach_the_results(made, tmp_path):
    saved = tmp_path / "saved"
    shutil.copytree(made.root, saved, symlinks=True)
    try:
        shutil.rmtree(made.root / ".snakemake")
        assert made.snakemake("--dry-run", country=COUNTRY).jobs == []
        younger(made)
        run = made.snakemake(country=COUNTRY)
        assert run.code == 0, run.out
        assert ages(made) == {"12-13", "14-15"}
        recorded, now = settings_of(made)
        assert recorded == now
    finally:
        shutil.rmtree(made.root)
        shutil.move(saved, made.root)


@pytest.mark.parametrize("file", [CHILDREN, TABLE, f"data/estimates/{COUNTRY}/{INSIGHT}.csv"])
def test_a_product_that_was_changed_or_is_without_record_is_made_again(made, file):
    path = made.root / file
    job = {CHILDREN: HARMONISE}.get(file, f"{COUNTRY}: {INSIGHT}")
    before = path.read_bytes()
    path.write_bytes(before + b"x")
    os.utime(path, ns=(1, 1))
    assert job in made.snakemake("--dry-run", country=COUNTRY).jobs
    path.write_bytes(before)
    assert job not in made.snakemake("--dry-run", "--rerun-triggers", "params", country=COUNTRY).jobs
    record = path.with_name(f".{path.stem}.json")
    kept = record.read_bytes()
    record.unlink()
    assert job in made.snakemake("--dry-run", country=COUNTRY).jobs
    record.write_bytes(kept)
    assert made.snakemake(country=COUNTRY).code == 0


def test_a_figure_of_a_comparison_that_was_changed_is_made_again(made):
    folder = made.root / f"results/comparison/figures/{INSIGHT}"
    figure = min(folder.glob("*.svg"))
    recorded = json.loads((made.root / "results/provenance.json").read_text())["figures"]
    assert recorded[f"comparison/figures/{INSIGHT}/{figure.name}"] == sha256(figure)
    (folder / ".DS_Store").write_bytes(b"somebody looked at the folder")
    assert made.snakemake("--dry-run", "--rerun-triggers", "params", country=COUNTRY).jobs == []
    before = figure.read_bytes()
    figure.write_bytes(before + b"x")
    os.utime(figure, ns=(1, 1))
    assert made.snakemake("--dry-run", country=COUNTRY).jobs != []
    assert made.snakemake(country=COUNTRY).code == 0
    assert figure.read_bytes() == before


def by_hand(project, command, *words):
    """Call a rule's command in the project."""
    environment = {**os.environ, "PYTHONPATH": str(project.root / "src")}
    return subprocess.run(
        [sys.executable, "-m", "disrupting_harm", command, *words],
        cwd=project.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_called_by_hand_reads_no_table_of_other_settings(made):
    path = made.root / f"config/countries/{COUNTRY}.yaml"
    before = path.read_text()
    younger(made)
    tables = [f"--{name}=data/harmonised/{COUNTRY}/{name}.parquet" for name in ("children", "caregivers")]
    outputs = [f"--table=results/{COUNTRY}/data_quality.csv", f"--exact=data/quality/{COUNTRY}.csv"]
    run = by_hand(made, "quality", COUNTRY, *tables, *outputs)
    path.write_text(before)
    assert run.returncode == 1
    assert run.stderr.startswith(f"{CHILDREN} was made from other settings than those of config/ now.\n")
    assert "Run snakemake, which makes it again." in run.stderr


def test_a_page_made_by_hand_raises_no_false_alarm(made):
    """What the machine says while it works is no respondent's answer: nothing was written past Python's streams."""
    folder = made.root / f"results/{COUNTRY}"
    files = {"executed": "ipynb", "page": "html", "table": "csv"}
    words = [f"--{name}={folder.relative_to(made.root)}/{INSIGHT}.{kind}" for name, kind in files.items()]
    words += [f"--{name}=data/harmonised/{COUNTRY}/{name}.parquet" for name in ("children", "caregivers")]
    before = {kind: (folder / f"{INSIGHT}.{kind}").read_bytes() for kind in files.values()}
    shutil.rmtree(made.root / "data/cache")
    run = by_hand(made, "insight", COUNTRY, INSIGHT, f"--notebook=notebooks/{INSIGHT}.ipynb", *words)
    assert run.returncode == 0, run.stderr
    assert "past Python's streams" not in run.stderr
    assert {kind: (folder / f"{INSIGHT}.{kind}").read_bytes() for kind in files.values()} == before


def test_records_are_the_same_bytes_and_tell_no_time(made):
    project = config.load(made.root)
    for record in [*(made.root / "results").rglob(".*.json"), *(made.root / "data").glob("*/*/.*.json")]:
        about = json.loads(record.read_text())
        assert about.keys() - {"microdata"} == {"settings", "library", "inputs", "products"}
        assert ("microdata" in about) == (record.name == ".children.json")
    assert not Jobs.of(project, [COUNTRY]).job("site").problem()
