"""An edit costs what it changes: jobs that read the same as before write what they wrote, and make nothing."""

import json
import re
import shutil

import pytest

from .conftest import INSIGHT

pytestmark = pytest.mark.slow

COUNTRY = "bra"
KEPT = " (as before)"
OTHER = "disclosure"
"""A second insight, whose notebooks are not shortened."""


@pytest.fixture(scope="module")
def done(copy_project):
    """A copy with two insights in which the run of one country is complete."""
    project = copy_project("edits")
    keep_insights(project.root, INSIGHT, OTHER)
    run = project.snakemake(country=COUNTRY)
    assert run.code == 0, run.out
    assert KEPT not in run.out
    return project


def keep_insights(root, *names):
    """Leave these insights of a copy, with their notebooks, and no comparison about all of them."""
    path = root / "config/insights.yaml"
    entries = re.split(r"^(?=\w+:\n)", path.read_text(), flags=re.MULTILINE)
    path.write_text(
        "".join(entry for entry in entries if entry.startswith(("#", *(f"{name}:" for name in names))))
    )
    for notebook in (root / "notebooks").rglob("*.ipynb"):
        if notebook.stem not in names:
            notebook.unlink()


@pytest.fixture
def edited(done, tmp_path):
    """Edit one file, run again, and put everything back as it was, times included."""
    saved = tmp_path / "saved"
    shutil.copytree(done.root, saved, symlinks=True)

    def run(file, old, new, *words):
        if file:
            done.edit(file, old, new)
        return done.snakemake(*words, country=COUNTRY)

    yield run
    shutil.rmtree(done.root)
    shutil.move(saved, done.root)


def told(run):
    """Jobs of a run: those that made something, and those that wrote what was kept."""
    assert run.code == 0, run.out
    lines = re.findall(rf"^((?:{COUNTRY}|comparison): .+)$", run.out, re.MULTILINE)
    lines = [re.sub(r" \(\d+\.\d s\)", "", line) for line in lines if line not in run.jobs or KEPT in line]
    kept = {line.removesuffix(KEPT) for line in lines if line.endswith(KEPT)}
    return {line for line in lines if not line.endswith(KEPT)}, kept


def contents(project, pattern="*"):
    """Everything in results/ and the estimates, by name."""
    folders = (project.root / "results", project.root / "data/estimates")
    return {
        path.relative_to(project.root): path.read_bytes()
        for folder in folders
        for path in folder.rglob(pattern)
        if path.is_file()
    }


INSIGHTS = {f"{COUNTRY}: {INSIGHT}", f"{COUNTRY}: {OTHER}"}
COMPARISONS = {f"comparison: {INSIGHT}", f"comparison: {OTHER}"}
AUDIT = {f"{COUNTRY}: suppression audit"}


def test_a_template_of_pages_is_filled_in_again_and_no_notebook_executed(done, edited):
    before = contents(done)
    made, kept = told(edited("src/disrupting_harm/pages/parts/page.css", "", ".edited { color: red }\n"))
    assert kept == INSIGHTS | COMPARISONS | AUDIT
    assert not made
    after = contents(done)
    assert after.keys() == before.keys()
    for name, content in after.items():
        if name.suffix == ".html":
            assert b".edited { color: red }" in content
            assert (
                content.replace(b".edited { color: red }\n", b"") == before[name]
                or name.parent.name == "results"
            )
        elif name.suffix in {".ipynb", ".csv", ".svg", ".png"}:
            assert content == before[name]


def test_an_indicator_touches_the_insight_that_uses_it(done, edited):
    """Its decision is made again, as all estimates of a country hang together; the other insight finds it unchanged."""
    before = contents(done)
    run = edited(
        "config/indicators.yaml",
        'yes_if: {answer: anxiety, in: ["yes"]}',
        'yes_if: {answer: anxiety, in: ["no"]}',
    )
    made, kept = told(run)
    assert f"{COUNTRY}: what may be shown" in made
    assert kept == {f"{COUNTRY}: {OTHER}", f"comparison: {OTHER}"}
    assert {f"{COUNTRY}: {INSIGHT}", f"comparison: {INSIGHT}", *AUDIT} <= made
    changed = {str(name) for name, content in contents(done).items() if content != before[name]}
    assert f"results/{COUNTRY}/{INSIGHT}.csv" in changed
    assert not any(OTHER in name for name in changed)
    from_nothing = contents(done)
    shutil.rmtree(done.root / "data/cache")
    assert told(done.snakemake("--forceall", country=COUNTRY))[1] == set()
    assert contents(done) == from_nothing


def test_a_shift_of_lines_is_seen_on_pages(done, edited):
    """Pages name the line of each definition: those below an edit are other lines now."""
    page = done.root / f"results/{COUNTRY}/{OTHER}.html"
    line = re.search(r"config/indicators.yaml, line (\d+)", page.read_text())
    run = edited("config/indicators.yaml", "indicators:\n", "indicators:\n  # a line more\n")
    run = edited(
        "config/indicators.yaml",
        'yes_if: {answer: anxiety, in: ["yes"]}',
        'yes_if: {answer: anxiety, in: ["no"]}',
    )
    assert f"{COUNTRY}: {OTHER}" in told(run)[1]
    assert f"config/indicators.yaml, line {int(line[1]) + 1}" in page.read_text()


def test_what_was_deleted_is_written_again(done, edited):
    before = contents(done)
    (done.root / f"results/{COUNTRY}/{OTHER}.csv").unlink()
    (done.root / f"results/{COUNTRY}/suppression_audit.csv").unlink()
    made, kept = told(edited("", "", ""))
    assert kept == {f"{COUNTRY}: {OTHER}", f"comparison: {OTHER}", *AUDIT}
    assert not made
    assert contents(done) == before


def test_without_what_is_kept_the_same_is_made(done, edited):
    before = contents(done)
    shutil.rmtree(done.root / "data/cache")
    (done.root / f"results/{COUNTRY}/{INSIGHT}.csv").unlink()
    made, kept = told(edited("", "", ""))
    assert {f"{COUNTRY}: {INSIGHT}", *AUDIT} <= made
    assert not kept
    assert contents(done) == before


def test_what_is_forced_is_made(done, edited):
    made, kept = told(edited("", "", "", "--forcerun", "audit"))
    assert made >= AUDIT
    assert not kept


def test_a_notebook_that_fails_leaves_no_product_of_before(done, edited):
    run = edited(f"notebooks/{OTHER}.ipynb", "insight.left_out()", "insight.left_over()")
    assert run.code
    for name in (
        f"results/{COUNTRY}/{OTHER}.ipynb",
        f"results/{COUNTRY}/{OTHER}.html",
        f"data/estimates/{COUNTRY}/{OTHER}.csv",
    ):
        assert not (done.root / name).exists()


def test_what_is_kept_of_an_insight_that_is_gone_is_forgotten(done, edited):
    kept = done.root / f"data/cache/insight/{COUNTRY}"
    assert {path.stem for path in kept.iterdir()} == {INSIGHT, OTHER}
    (kept / "other.json").write_text("{}")
    notebook = json.loads((done.root / f"notebooks/{OTHER}.ipynb").read_text())
    assert notebook
    told(edited("docs/data-protection.md", "", " "))
    assert {path.stem for path in kept.iterdir()} == {INSIGHT, OTHER}
