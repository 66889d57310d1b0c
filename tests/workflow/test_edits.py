"""An edit costs what it changes: jobs that read the same as before write what they wrote, and make nothing."""

import re
import shutil

import pytest
import yaml

from .conftest import INSIGHT, leave_out_indicators, shorten

pytestmark = pytest.mark.slow

COUNTRY = "bra"
KEPT = " (as before)"
OTHER = "prevalence"
"""A second insight, which does not use the indicator that is edited."""

ANXIETY, OPPOSITE = (f"answer: anxiety\n      in:\n      - '{answer}'" for answer in ("yes", "no"))


@pytest.fixture(scope="module")
def done(copy_project):
    """A copy with two insights, whose notebooks are short, in which the run of one country is complete."""
    project = copy_project("edits")
    insights = project.root / "config/insights.yaml"
    entries = yaml.safe_load(insights.read_text())
    insights.write_text(yaml.safe_dump({name: entries[name] for name in (INSIGHT, OTHER)}))
    for path in (project.root / "notebooks").rglob("*.ipynb"):
        shorten(path) if path.stem in (INSIGHT, OTHER) else path.unlink()
    leave_out_indicators(project.root / "config/indicators.yaml", insights.read_text())
    run = project.snakemake(country=COUNTRY)
    assert run.code == 0, run.out
    assert KEPT not in run.out
    return project


@pytest.fixture
def edited(done, tmp_path):
    """Edit one file if one is named, run again, and put everything back as it was, times included."""
    saved = tmp_path / "saved"
    shutil.copytree(done.root, saved, symlinks=True)

    def run(file="", old="", new="", *words):
        if file:
            done.edit(file, old, new)
        return done.snakemake(*words, country=COUNTRY)

    yield run
    shutil.rmtree(done.root)
    shutil.move(saved, done.root)


def jobs_of(run):
    """Jobs of a run: those that made something, and those that wrote what was kept."""
    assert run.code == 0, run.out
    kept = {line.removesuffix(KEPT) for line in run.out.splitlines() if line.endswith(KEPT)}
    assert kept <= set(run.jobs)
    return set(run.jobs) - kept, kept


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
WORKBOOK = {"workbook: results/estimates.xlsx"}


def test_a_template_of_pages_is_filled_in_again_and_no_notebook_executed(done, edited):
    before = contents(done)
    made, kept = jobs_of(
        edited("src/disrupting_harm/publishing/pages/parts/page.css", "", ".edited { color: red }\n")
    )
    assert (
        kept - WORKBOOK == INSIGHTS | COMPARISONS | AUDIT
    )  # of small tables that are the same it is not asked for
    assert made == {"site: results/index.html"}
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
    made, kept = jobs_of(edited("config/indicators.yaml", ANXIETY, OPPOSITE))
    assert f"{COUNTRY}: what may be shown" in made
    assert kept == {f"{COUNTRY}: {OTHER}", f"comparison: {OTHER}"}
    assert {f"{COUNTRY}: {INSIGHT}", f"comparison: {INSIGHT}", *AUDIT} <= made
    changed = {str(name) for name, content in contents(done).items() if content != before[name]}
    assert f"results/{COUNTRY}/{INSIGHT}.csv" in changed
    assert not any(OTHER in name for name in changed)
    kept_or_made = contents(done)
    assert jobs_of(done.snakemake("--forceall", country=COUNTRY))[1] == set()
    assert contents(done) == kept_or_made


def test_a_shift_of_lines_is_seen_on_pages(done, edited):
    """Pages name the line of each definition: those below an edit are other lines now."""
    page = done.root / f"results/{COUNTRY}/{OTHER}.html"
    line = re.search(r"config/indicators.yaml, line (\d+)", page.read_text())
    done.edit("config/indicators.yaml", "\nindicators:\n", "\n\nindicators:\n")
    assert f"{COUNTRY}: {OTHER}" in jobs_of(edited("config/indicators.yaml", ANXIETY, OPPOSITE))[1]
    assert f"config/indicators.yaml, line {int(line[1]) + 1}" in page.read_text()


def test_what_was_deleted_is_written_again_and_what_nobody_needs_is_forgotten(done, edited):
    before = contents(done)
    (done.root / f"results/{COUNTRY}/{OTHER}.csv").unlink()
    (done.root / f"data/cache/insight/{COUNTRY}/gone.json").write_text("{}")
    made, kept = jobs_of(edited())
    assert kept - WORKBOOK == {f"{COUNTRY}: {OTHER}", f"comparison: {OTHER}"} | AUDIT
    assert made == {"site: results/index.html"}
    assert contents(done) == before
    assert {path.stem for path in (done.root / f"data/cache/insight/{COUNTRY}").iterdir()} == {INSIGHT, OTHER}


def test_without_what_is_kept_the_same_is_made(done, edited):
    before = contents(done)
    shutil.rmtree(done.root / "data/cache")
    (done.root / f"results/{COUNTRY}/{INSIGHT}.csv").unlink()
    made, kept = jobs_of(edited())
    assert {f"{COUNTRY}: {INSIGHT}", f"comparison: {INSIGHT}", *AUDIT} <= made
    assert not kept
    assert contents(done) == before


def test_a_notebook_that_fails_leaves_no_product_of_before(done, edited):
    run = edited(f"notebooks/{OTHER}.ipynb", "insight.write(table)", "insight.rewrite(table)")
    assert run.code
    folders = (
        f"results/{COUNTRY}/{OTHER}.ipynb",
        f"results/{COUNTRY}/{OTHER}.html",
        f"results/{COUNTRY}/{OTHER}.csv",
    )
    assert not any(
        (done.root / name).exists() for name in (*folders, f"data/estimates/{COUNTRY}/{OTHER}.csv")
    )
