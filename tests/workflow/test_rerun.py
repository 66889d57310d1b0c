"""What runs again when something changes. The commands are replaced by ones that only write their files and records."""

import shutil

import pytest
import yaml

from disrupting_harm import config
from disrupting_harm.files.fingerprints import behind
from disrupting_harm.running import plan

from .conftest import ROOT

# Every command writes its name into its outputs.
STAND_IN = """
import sys
from pathlib import Path

from disrupting_harm import config
from disrupting_harm.running.jobs import Jobs

OUTPUTS = {
    "harmonise": ["--children", "--caregivers"],
    "quality": ["--table", "--exact"],
    "suppress": ["--decision", "--alternatives"],
    "audit": ["--table"],
    "insight": ["--executed", "--page", "--table"],
    "comparison": ["--executed", "--page", "--table"],
    "workbook": ["--workbook"],
}

PAGES = "index.html methods.html data_quality.html data_protection.html suppression_audit.html".split()
SITE = [*PAGES, *"provenance.json ro-crate-metadata.json assets/site.js assets/search.js".split()]


def main():
    command, *words = sys.argv[1:]
    files = [words[words.index(flag) + 1] for flag in OUTPUTS.get(command, [])]
    if command == "synthesise":
        country = config.load().countries[words[0]]
        files = [country.children_file, country.caregivers_file]
    if command == "insight":
        files.append(f"data/estimates/{words[0]}/{words[1]}.csv")
    if command == "comparison":
        Path(words[words.index("--figures") + 1]).mkdir(parents=True, exist_ok=True)
    if command == "site":
        files = [f"results/{name}" for name in SITE]
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(" ".join(sys.argv[1:]))
    job(command, *words).write()


def job(command, *words):
    jobs = Jobs.of(config.load(), [word for word in words if word in config.load().countries])
    if command == "synthesise":
        return jobs.job("synthetic", children=config.load().countries[words[0]].children_file)
    if command == "insight":
        return jobs.job("insight", country=words[0], insight=words[1])
    if command == "comparison":
        return jobs.job("comparison", insight=words[0])
    kind = {"suppress": "suppression"}.get(command, command)
    return jobs.job(kind, **({} if kind in ("workbook", "site") else {"country": words[0]}))
"""
# One country of the shared file, and one with files of its own.
SHARED, OWN = "ken", "bra"
CHOSEN = f"{SHARED},{OWN}"


@pytest.fixture(scope="module")
def done(copy_project):
    """A copy in which the run of two countries is complete, and its first run."""
    project = copy_project("rerun")
    (project.root / "src/disrupting_harm/cli.py").write_text(STAND_IN)
    run = project.snakemake(country=CHOSEN)
    assert run.code == 0, run.out
    return project, run


@pytest.fixture
def planned(done):
    """Edit one file, see what would run, and put the file back as it was, times included."""
    project, _ = done

    def jobs_after(file, change):
        path = project.root / file
        kept = project.root / "kept"
        shutil.copy2(path, kept)
        try:
            path.write_text(change(path.read_text()))
            run = project.snakemake("-n", country=CHOSEN)
            assert run.code == 0, run.out
            return run.jobs
        finally:
            shutil.move(kept, path)

    return jobs_after


@pytest.fixture(scope="module")
def words(done):
    """Messages of the jobs of each stage."""
    project, _ = done
    settings = config.load(project.root)
    comparisons = sorted(path.stem for path in (project.root / "notebooks/comparison").glob("*.ipynb"))
    return {
        "insights": list(settings.insights),
        "comparisons": sorted(f"comparison: {name}" for name in {*settings.insights, *comparisons}),
        "workbook": "workbook: results/estimates.xlsx",
        "site": "site: results/index.html",
    }


def quality_of(*countries):
    return [f"{country}: data quality" for country in countries]


def decisions_of(*countries):
    return [f"{country}: what may be shown" for country in countries]


def audits_of(*countries):
    return [f"{country}: suppression audit" for country in countries]


def insights_of(words, *countries):
    return [f"{country}: {name}" for country in countries for name in words["insights"]]


def test_everything_runs_once(done, words):
    project, first = done
    synthetic = [
        f"synthetic survey: {config.load(project.root).countries[iso3].children_file}"
        for iso3 in (SHARED, OWN)
    ]
    harmonised = [f"{iso3}: harmonise" for iso3 in (SHARED, OWN)]
    everything = [
        *synthetic,
        *harmonised,
        *quality_of(SHARED, OWN),
        *decisions_of(SHARED, OWN),
        *insights_of(words, SHARED, OWN),
        *audits_of(SHARED, OWN),
        *words["comparisons"],
        words["workbook"],
        words["site"],
    ]
    assert first.jobs == sorted(everything)
    second = project.snakemake(country=CHOSEN)
    assert second.code == 0
    assert "Nothing to be done" in second.out
    assert second.jobs == []


@pytest.mark.parametrize(("country", "other"), [(SHARED, OWN), (OWN, SHARED)])
def test_a_country_file_touches_that_country_only(planned, words, country, other):
    def note(text):
        return yaml.safe_dump({**yaml.safe_load(text), "notes": ["A note that was not there before."]})

    jobs = planned(f"config/countries/{country}.yaml", note)
    assert jobs == sorted(
        [
            *insights_of(words, country),
            *audits_of(country),
            *words["comparisons"],
            words["workbook"],
            words["site"],
        ]
    )


def test_a_change_of_the_design_goes_back_to_the_delivered_file(planned, words):
    def weights_only(text):
        return yaml.safe_dump({**yaml.safe_load(text), "design": {"weights_only": True}})

    jobs = planned(f"config/countries/{SHARED}.yaml", weights_only)
    again = [
        *insights_of(words, SHARED),
        *audits_of(SHARED),
        *words["comparisons"],
        words["workbook"],
        words["site"],
    ]
    assert jobs == sorted([f"{SHARED}: harmonise", *quality_of(SHARED), *decisions_of(SHARED), *again])


def test_a_change_of_routing_looks_at_the_answers_again_and_harmonises_nothing(planned, words):
    def reroute(text):
        before = """asked_when: {chosen: "told_{form}__no_one"}"""
        assert before in text
        return text.replace(before, """asked_when: {answered: "told_{form}"}""")

    jobs = planned("config/codebook.yaml", reroute)
    again = [
        *insights_of(words, SHARED, OWN),
        *audits_of(SHARED, OWN),
        *words["comparisons"],
        words["workbook"],
        words["site"],
    ]
    assert jobs == sorted([*quality_of(SHARED, OWN), *decisions_of(SHARED, OWN), *again])


def test_a_published_size_touches_what_is_said_about_that_country(planned, words):
    def larger(text):
        return yaml.safe_dump({**yaml.safe_load(text), "survey": {"children": 2000}})

    jobs = planned(f"config/countries/{OWN}.yaml", larger)
    again = [
        *insights_of(words, OWN),
        *audits_of(OWN),
        *words["comparisons"],
        words["workbook"],
        words["site"],
    ]
    assert jobs == sorted([*quality_of(OWN), *decisions_of(OWN), *again])


def test_a_module_of_reading_delivered_files_goes_back_to_the_beginning(planned, words):
    jobs = planned("src/disrupting_harm/delivered/harmonise.py", lambda text: text + "\nCHANGED = True\n")
    assert {*quality_of(SHARED, OWN), f"{SHARED}: harmonise"} <= set(jobs)


def test_a_notebook_touches_its_insight_only(planned, words):
    name = words["insights"][1]
    jobs = planned(f"notebooks/{name}.ipynb", lambda text: text.replace("?", " then?", 1))
    across = [job for job in words["comparisons"] if job.split(": ")[1] not in words["insights"]]
    again = [
        f"{SHARED}: {name}",
        f"{OWN}: {name}",
        f"comparison: {name}",
        *across,
        words["workbook"],
        words["site"],
    ]
    again += audits_of(SHARED, OWN)
    assert jobs == sorted(again)


def test_a_comparison_notebook_touches_its_comparison_only(planned, words):
    name = words["insights"][2]
    jobs = planned(f"notebooks/comparison/{name}.ipynb", lambda text: text.replace("?", " then?", 1))
    assert jobs == sorted([f"comparison: {name}", words["workbook"], words["site"]])


def test_an_entry_of_insights_touches_that_insight_only(planned, words):
    name = words["insights"][0]

    def retitle(text):
        entries = yaml.safe_load(text)
        entries[name]["short"] = "Another word"
        return yaml.safe_dump(entries, sort_keys=False)

    jobs = planned("config/insights.yaml", retitle)
    assert {f"{SHARED}: {name}", f"{OWN}: {name}"} == {
        job for job in jobs if job in insights_of(words, SHARED, OWN)
    }


def test_another_title_of_an_indicator_touches_the_insights_that_show_it(planned, words):
    jobs = planned("config/indicators.yaml", lambda text: text.replace("title: Anxiety", "title: Anxious"))
    again = [f"{SHARED}: wellbeing", f"{OWN}: wellbeing", *audits_of(SHARED, OWN), "comparison: wellbeing"]
    across = [job for job in words["comparisons"] if job.split(": ")[1] not in words["insights"]]
    assert jobs == sorted([*again, *across, words["workbook"], words["site"]])


def test_a_comment_in_a_settings_file_touches_what_holds_its_checksum_only(planned, words):
    jobs = planned("config/config.yaml", lambda text: text + "\n# a comment\n")
    assert jobs == sorted([words["workbook"], words["site"]])


def test_a_module_of_the_site_touches_the_site_only(planned, words):
    package = ROOT / "src/disrupting_harm"
    others = {path for name in plan.ENTRIES if name != "site" for path in behind(package, plan.ENTRIES[name])}
    module = next(path for path in behind(package, plan.ENTRIES["site"]) if path not in others)
    jobs = planned(module.relative_to(ROOT), lambda text: text + "\nCHANGED = True\n")
    assert jobs == [words["site"]]


def test_a_module_of_the_workbook_touches_the_workbook_and_the_site(planned, words):
    jobs = planned(
        "src/disrupting_harm/publishing/workbook/rows.py", lambda text: text + "\nCHANGED = True\n"
    )
    assert jobs == sorted([words["workbook"], words["site"]])


def test_a_module_of_estimation_touches_what_is_published_and_no_data(planned, words):
    jobs = planned("src/disrupting_harm/survey/variance.py", lambda text: text + "\nCHANGED = True\n")
    again = [*quality_of(SHARED, OWN), *decisions_of(SHARED, OWN), *insights_of(words, SHARED, OWN)]
    again += audits_of(SHARED, OWN)
    assert jobs == sorted([*again, *words["comparisons"], words["workbook"], words["site"]])


def test_a_comment_in_a_module_touches_nothing(planned):
    module = "src/disrupting_harm/survey/variance.py"
    assert (
        planned(module, lambda text: f"# A comment.\n\n{text}".replace("\n\n\n", "\n\n# And one more.\n\n"))
        == []
    )


def test_a_template_of_pages_touches_every_page(planned, words):
    jobs = planned(
        "src/disrupting_harm/publishing/pages/parts/page.css",
        lambda text: text + "\n.changed { color: red }\n",
    )
    again = [*insights_of(words, SHARED, OWN), *audits_of(SHARED, OWN)]
    assert jobs == sorted([*again, *words["comparisons"], words["workbook"], words["site"]])


def test_commands_themselves_touch_nothing(planned):
    assert planned("src/disrupting_harm/cli.py", lambda text: text + "\nCHANGED = True\n") == []


def test_fewer_countries_make_the_comparison_again_and_nothing_else(done, words):
    project, _ = done
    jobs = project.snakemake("-n", country=OWN).jobs
    assert jobs == sorted([*words["comparisons"], words["workbook"], words["site"]])
