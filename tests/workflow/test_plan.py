"""Which jobs a run has, what the words after --config mean, and how wrong ones are told."""

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from disrupting_harm import config
from disrupting_harm.running import plan

from .conftest import ROOT


@pytest.fixture(scope="module")
def project():
    return config.load(ROOT)


def expected(project, countries):
    """Number of jobs by rule, from the configuration."""
    chosen = [project.countries[iso3] for iso3 in countries]
    files = {country.children_file for country in chosen if country.data == "synthetic"}
    extra = {path.stem for path in (ROOT / "notebooks/comparison").glob("*.ipynb")} - set(project.insights)
    return Counter(
        synthesise=len(files),
        harmonise=len(chosen),
        quality=len(chosen),
        suppression=len(chosen),
        audit=len(chosen),
        insight=len(chosen) * len(project.insights),
        comparison=len(project.insights) + len(extra),
        workbook=1,
        site=1,
        all=1,
    )


def counted(out):
    """Number of jobs by rule, from the first table of a dry run."""
    table = re.search(r"^Job stats:\n.*?\n-+.*?\n(.*?)\ntotal", out, re.MULTILINE | re.DOTALL)
    counts = Counter()
    for rule, count in re.findall(r"^(\S+)\s+(\d+)$", table[1], re.MULTILINE):
        counts["synthesise" if rule.startswith("synthesise_") else rule] += int(count)
    return counts


@pytest.fixture(scope="module")
def clean(copy_project):
    return copy_project("plan")


@pytest.mark.parametrize("words", [None, "KEN", "phase_two", "Kenya, uga"])
def test_a_dry_run_lists_every_job_of_the_countries(clean, project, words):
    run = clean.snakemake("-n", country=words)
    assert run.code == 0, run.out
    assert counted(run.out) == expected(project, config.select(project, words or "all"))


@pytest.mark.parametrize("by", ["-s", "-d"])
def test_a_run_in_another_folder_says_which_folder_is_meant(clean, tmp_path, by):
    """Of the files that a run reads, none is there, and it would leave its products where nobody looks."""
    words = ("-d", str(tmp_path)) if by == "-d" else ("-s", str(clean.root / "Snakefile"))
    caller = clean if by == "-d" else type(clean)(tmp_path)
    run = caller.snakemake("-n", *words, country="bra")
    assert run.code == 1
    assert f"The project is in {clean.root}, and this run would read and write in {tmp_path}.\n" in run.out
    assert f"Run snakemake in the project's folder, or name it with `-d {clean.root}`." in run.out
    assert "Traceback" not in run.out
    assert not (tmp_path / "results").exists()
    there = caller.snakemake("-n", "-s", str(clean.root / "Snakefile"), "-d", str(clean.root), country="bra")
    assert there.code == 0, there.out


@pytest.mark.parametrize("target", ["run", "watch"])
@pytest.mark.parametrize("country", ["Cote d'Ivoire", 'the "other" one', "ken, uga"])
def test_make_passes_the_name_of_a_country_on_as_it_is(tmp_path, target, country):
    shutil.copy2(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for tool in ("snakemake", "disrupting-harm"):
        (tmp_path / ".venv/bin" / tool).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        (tmp_path / ".venv/bin" / tool).chmod(0o755)
    words = ["make", "--silent", "-o", ".venv/ready", target, f"COUNTRY={country}"]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[1] == (f"country={country}" if target == "run" else country)


def test_no_country_means_all(project):
    assert plan.make(ROOT, {}).countries == list(project.countries)
    assert len({country.phase for country in project.countries.values()}) == 2


def test_an_unknown_word_stops_with_one_message_before_anything_runs(clean):
    run = clean.snakemake(country="Kenia,nowhere-land")
    assert run.code == 1
    assert "'Kenia' is no country, phase or region; did you mean kenya?" in run.out
    assert "'nowhere-land' is no country" in run.out
    assert "Traceback" not in run.out
    assert "Error" not in run.out
    assert not (clean.root / "results").exists()


def test_a_misspelt_setting_does_not_run_all_countries():
    with pytest.raises(plan.StopError, match=r"not contry\. Did you mean country\?"):
        plan.make(ROOT, {"contry": "ken"})


def test_a_typo_in_a_country_file_names_file_and_key(copy_project):
    project = copy_project("typo")
    path = project.root / "config/countries/ken.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"regoin": "x"}))
    run = project.snakemake(country="uga")
    assert run.code == 1
    assert "config/countries/ken.yaml" in run.out
    assert "regoin" in run.out
    assert "did you mean region?" in run.out
    assert "Traceback" not in run.out


def test_a_missing_delivered_file_is_named_before_anything_runs(copy_project):
    project = copy_project("missing")
    path = project.root / "config/countries/bra.yaml"
    settings = yaml.safe_load(path.read_text()) | {"microdata": {"children": "data/raw/not_there.sav"}}
    path.write_text(yaml.safe_dump(settings))
    with pytest.raises(
        plan.StopError, match=r"data/raw/not_there\.sav is missing\n  config/countries/bra\.yaml"
    ):
        plan.make(project.root, {"country": "bra"})
    assert plan.make(project.root, {"country": "ken"}).countries == ["ken"]
    (project.root / "data/raw").mkdir(parents=True)
    (project.root / "data/raw/not_there.sav").touch()
    made = plan.make(project.root, {"country": "bra"})
    assert made.delivered("bra")["children"] == "data/raw/not_there.sav"
    assert not any("bra" in delivery.members for delivery in made.synthetic)


def test_what_is_dated_in_the_future_is_dated_as_of_now(copy_project):
    """As a file of a zip archive that was packed in a time zone ahead. Its content stays, and so do other dates."""
    project = copy_project("ahead")
    path = project.root / "config/countries/bra.yaml"
    path.write_text(
        yaml.safe_dump(yaml.safe_load(path.read_text()) | {"microdata": {"children": "data/raw/a.sav"}})
    )
    file, notebook = project.root / "data/raw/a.sav", project.root / "notebooks/wellbeing.ipynb"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"as delivered")
    ahead = time.time() + 10 * 3600
    made, other = plan.make(project.root, {"country": "bra"}), plan.make(project.root, {"country": "ken"})
    before = (project.root / "notebooks/prevalence.ipynb").stat().st_mtime
    assert plan.date_inputs(made) == ""
    for late in (file, notebook):
        os.utime(late, (ahead, ahead))
    notice = plan.date_inputs(other)
    assert "notebooks/wellbeing.ipynb was dated 10.0 hours ahead of this machine's clock" in notice
    assert file.stat().st_mtime == ahead  # no file of this run
    os.utime(notebook, (ahead, ahead))
    assert "data/raw/a.sav (and 1 more) was dated 10.0 hours ahead" in plan.date_inputs(made)
    assert time.time() - 60 < file.stat().st_mtime <= time.time()
    assert file.read_bytes() == b"as delivered"
    assert (project.root / "notebooks/prevalence.ipynb").stat().st_mtime == before
    assert plan.date_inputs(made) == ""


def test_a_file_that_may_not_be_dated_is_named(copy_project, monkeypatch):
    project = copy_project("not_ours")
    notebook = project.root / "notebooks/wellbeing.ipynb"
    os.utime(notebook, (time.time() + 3600, time.time() + 3600))

    def refuse(*arguments):
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(os, "utime", refuse)
    with pytest.raises(
        plan.StopError, match=r"wellbeing\.ipynb is dated in the future, and may not be dated as of now"
    ):
        plan.date_inputs(plan.make(project.root, {"country": "bra"}))


def test_a_missing_notebook_is_named(copy_project):
    project = copy_project("notebook")
    (project.root / "notebooks/disclosure.ipynb").unlink()
    with pytest.raises(
        plan.StopError, match=r"notebooks/disclosure\.ipynb is missing\. config/insights\.yaml"
    ):
        plan.make(project.root, {})


def test_each_synthetic_file_is_written_by_one_rule(project):
    made = plan.make(ROOT, {"country": "all"})
    shared = [delivery for delivery in made.synthetic if delivery.is_shared]
    alone = [delivery for delivery in made.synthetic if not delivery.is_shared]
    assert {iso3 for delivery in shared for iso3 in delivery.members} == {
        iso3 for iso3, country in project.countries.items() if country.shared_file
    }
    for iso3, country in project.countries.items():
        if not country.shared_file:
            (rule,) = [delivery for delivery in alone if iso3 in delivery.members]
            files = {table: file.format(country=iso3) for table, file in rule.files.items()}
            assert files == made.delivered(iso3)


def test_a_synthetic_country_may_have_children_only(copy_project):
    project = copy_project("children_only")
    path = project.root / "config/countries/alb.yaml"
    settings = yaml.safe_load((project.root / "config/countries/srb.yaml").read_text())
    del settings["caregiver_questionnaire"]
    path.write_text(yaml.safe_dump(settings | {"iso3": "alb", "name": "Albania"}))
    run = project.snakemake("-c1", "data/harmonised/alb/children.parquet", country="alb,srb")
    assert run.code == 0, run.out
    assert [file.name for file in (project.root / "data/synthetic/alb").glob("[!.]*")] == [
        "SYNTHETIC_alb_children.sav"
    ]


def test_the_workflow_is_clean(clean):
    run = clean.snakemake("--lint")
    assert run.code == 0, run.out


def test_commands_start_with_the_same_settings_whoever_runs_them(monkeypatch):
    """The order of sets above all: in it, a notebook that is run cold would differ from run to run."""
    theirs = {"PATH": "theirs", "PYTHONPATH": "", "PYTHONHASHSEED": "4711", "MPLBACKEND": "Agg"}
    monkeypatch.setattr(os, "environ", theirs)
    plan.use_checkout(ROOT)
    assert os.environ["PYTHONHASHSEED"] == "0"
    assert os.environ["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
    assert os.environ["PYTHONPATH"] == str(ROOT / "src")
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "theirs"]
