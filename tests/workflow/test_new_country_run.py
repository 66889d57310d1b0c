"""Delivered microdata in the real workflow: a new country by one YAML, beside other countries, and the phase-one file.

The new country is made up: the synthetic survey of another one in a questionnaire with other names, codes and items
(tests/library/other_questionnaire.py). So its figures must be those of that country, to the last digit.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from disrupting_harm import config
from disrupting_harm.delivered import harmonise
from disrupting_harm.estimation import tidy_table
from disrupting_harm.running.jobs import Jobs
from disrupting_harm.synthetic import deliver

pytestmark = pytest.mark.slow

NEW, SAME, SYNTHETIC = "xaa", "bra", "arm"
"""The new country; the one whose answers it has, delivered as its questionnaire says; one without microdata."""

YAML = Path(__file__).parent / "files" / f"{NEW}.yaml"
TEXTS = {".html", ".ipynb", ".csv", ".json", ".js", ".log", ".svg"}


def beside(name):
    """A module of the library's tests that is no test."""
    path = Path(__file__).parents[1] / "library" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def git(root, *words):
    settings = ["-c", "user.name=Tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


# A new country: one YAML beside its microdata


@pytest.fixture(scope="module")
def other():
    """What writes the survey with a questionnaire of its own."""
    return beside("other_questionnaire")


@pytest.fixture(scope="module")
def done(copy_project, other, project, drawn):
    """The finished run of the new country, in a copy under version control; and what it said."""
    copied = copy_project("new")
    for name in (".gitignore", "data/README.md", "results/README.md"):
        (copied.root / name).parent.mkdir(exist_ok=True)
        shutil.copy2(Path(__file__).parents[2] / name, copied.root / name)
    git(copied.root, "init", "--quiet")
    git(copied.root, "add", "--all")
    git(copied.root, "commit", "--quiet", "--message", "As it is")

    files = yaml.safe_load(YAML.read_text(encoding="utf-8"))["microdata"]
    delivered = other.write(project, drawn, copied.root / "data/raw" / NEW)
    for table, file in files.items():
        getattr(delivered, table).rename(copied.root / file)
        (copied.root / file).chmod(0o644)
    for folder in ("data", "data/raw", f"data/raw/{NEW}"):
        (copied.root / folder).chmod(0o755)
    shutil.copy2(YAML, copied.root / "config/countries")
    run = copied.snakemake(country=NEW)
    assert run.code == 0, run.out
    return copied, run


@pytest.fixture(scope="module")
def root(done):
    return done[0].root


@pytest.fixture(scope="module")
def settings(root):
    """The copy's configuration, with the new country."""
    return config.load(root)


def words_of(page):
    """What a page says, without its code."""
    return unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def test_nothing_in_the_repository_changes_but_the_one_file(root):
    """Asked after the run: the rest of what it wrote lies below data/, results/ and logs/, which git ignores."""
    assert git(root, "status", "--porcelain", "--untracked-files=all") == f"?? config/countries/{NEW}.yaml\n"


def test_files_that_others_may_read_are_warned_of_once(done):
    lines = done[1].out.splitlines()
    warned = [line for line in lines if line.startswith("warning: others on this machine may read data/raw/")]
    assert len(warned) == 1
    assert warned[0].endswith("and 1 more. Close them: chmod -R go= data")


def test_the_crate_names_the_microdata_and_does_not_hold_them(root):
    crate = json.loads((root / "results/ro-crate-metadata.json").read_text(encoding="utf-8"))
    named = {entity["@id"]: entity for entity in crate["@graph"]}
    assert "SYNTHETIC" not in named["./"]["name"]
    microdata = [entity for entity in named.values() if str(entity.get("name")).startswith("data/")]
    assert {entity["@type"] for entity in microdata} == {"CreativeWork"}
    checksums = {entity["name"]: entity["sha256"] for entity in microdata}
    files = [root / name for name in checksums]
    assert len(files) == 2
    assert list(checksums.values()) == [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_all_insights_have_page_table_and_notebook(root, settings):
    name = settings.countries[NEW].name
    for insight in settings.insights:
        table = pd.read_csv(root / f"results/{NEW}/{insight}.csv")
        assert set(table["country"]) == {NEW}
        assert set(table["data"]) == {"delivered"}
        assert (table["status"] == "shown").sum() > 20
        assert name in words_of(root / f"results/{NEW}/{insight}.html")
        assert (root / f"results/{NEW}/{insight}.ipynb").is_file()


def test_it_stands_in_every_comparison(root, settings):
    for insight, entry in settings.insights.items():
        table = pd.read_csv(root / f"results/comparison/{insight}.csv")
        rows = table[table["country"] == NEW]
        assert set(entry.headline) <= set(rows["indicator"]), insight
        assert (rows["status"] == "shown").any()
        assert settings.countries[NEW].name in words_of(root / f"results/comparison/{insight}.html")
    page = words_of(root / "results/comparison/published_against_computed.html")
    assert "0 published figures have a computed counterpart." in page


def test_it_stands_on_the_front_page_in_the_workbook_and_among_the_data_qualities(root, settings):
    name = settings.countries[NEW].name
    for page in ("index.html", "data_quality.html"):
        assert name in words_of(root / "results" / page), page
    sheet = pd.read_excel(root / "results/estimates.xlsx", sheet_name=None, header=None, engine="calamine")
    assert any((table == NEW).any(axis=None) for table in sheet.values())
    assert (root / f"results/{NEW}/data_quality.csv").stat().st_size > 1000


def test_what_was_not_asked_is_said_and_never_zero(root):
    for insight, indicator in (("wellbeing", "anxiety"), ("caregivers", "restrictive_contacts")):
        for table in (root / f"results/{folder}/{insight}.csv" for folder in (NEW, "comparison")):
            rows = pd.read_csv(table).query("indicator == @indicator and country == @NEW")
            assert len(rows), (table, indicator)
            assert set(rows["status"]) == {"not_asked"}
            assert rows[["estimate", "n"]].isna().all(axis=None)
    assert "not asked" in words_of(root / f"results/{NEW}/wellbeing.html")
    assert "not asked" in words_of(root / "results/comparison/wellbeing.html")
    assert "Not asked" in words_of(root / "results/data_quality.html")


def test_what_children_said_in_words_appears_nowhere(root, other):
    """Free text and identifiers of the delivered file hold a word that must not leave it."""
    files = [path for folder in ("results", "logs") for path in (root / folder).rglob("*") if path.is_file()]
    texts = [path for path in files if path.suffix in TEXTS]
    assert len(texts) > 40
    for path in texts:
        assert other.SECRET not in path.read_text(encoding="utf-8"), path


# Beside a delivered and a synthetic country


@pytest.fixture(scope="module")
def beside_others(done, project, drawn):
    """The comparison of one insight with a country delivered as its questionnaire says, and a synthetic one."""
    copied, _ = done
    lines = [
        "microdata:",
        f"  children: data/raw/{SAME}/children.sav",
        f"  caregivers: data/raw/{SAME}/caregivers.sav",
    ]
    for line in lines:
        copied.edit(f"config/countries/{SAME}.yaml", f"# {line}", line)
    for table, frame in zip(("children", "caregivers"), drawn(SAME), strict=True):
        raw = deliver.raw(project, SAME, table, frame)
        del raw.columns[deliver.MARK], raw.labels[deliver.MARK]
        deliver.write_file(raw, copied.root / f"data/raw/{SAME}/{table}.sav")
    pages = ["results/comparison/wellbeing.html"]
    run = copied.snakemake("--cores", "2", *pages, country=f"{NEW},{SAME},{SYNTHETIC}")
    assert run.code == 0, run.out
    return run


def test_synthetic_countries_leave_the_comparison_and_the_page_says_so(root, settings, beside_others):
    table = pd.read_csv(root / "results/comparison/wellbeing.csv")
    assert set(table["country"]) == {NEW, SAME, "mean_of_countries"}
    assert set(table["data"]) == {"delivered"}
    page = words_of(root / "results/comparison/wellbeing.html")
    name = settings.countries[SYNTHETIC].name
    assert f"2 countries are compared. Left out, as they have synthetic data only: {name}." in page
    assert "SYNTHETIC DATA" not in page
    assert "SYNTHETIC DATA" in words_of(root / f"results/{SYNTHETIC}/wellbeing.html")


def test_only_what_has_changed_runs(beside_others):
    """The new country's own results stay as they are."""
    assert not [job for job in beside_others.jobs if job.startswith(f"{NEW}:")]
    assert f"{SAME}: wellbeing" in beside_others.jobs


def test_the_same_answers_in_another_questionnaire_give_the_same_figures(root, beside_others):
    """Whatever both were asked agrees; what the new country was not asked is there for the other one."""
    figures = ["estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_base_weighted"]
    new, same = (
        tidy_table.read_full(root / f"data/estimates/{iso3}/wellbeing.csv").set_index(tidy_table.KEY[1:])
        for iso3 in (NEW, SAME)
    )
    assert set(new.index) <= set(same.index)
    shown = new.index[new["status"].isin(["shown", "low_n"])].intersection(
        same.index[same["status"].isin(["shown", "low_n"])]
    )
    assert len(shown) > 10
    pd.testing.assert_frame_equal(new.loc[shown, figures], same.loc[shown, figures])
    missing, phase_one_alone = (rows.index[rows["status"] == "not_asked"] for rows in (new, same))
    missing = missing.difference(phase_one_alone)
    assert set(missing.get_level_values("indicator")) == {"anxiety"}
    assert (same.loc[missing, "status"] == "shown").any()


@pytest.mark.parametrize("table", ["children", "caregivers"])
def test_every_answer_comes_to_its_place(root, beside_others, table):
    """The harmonised tables hold the same answers, column by column; but for one code that the YAML gives a meaning."""
    new, same = (pd.read_parquet(root / f"data/harmonised/{iso3}/{table}.parquet") for iso3 in (NEW, SAME))
    left_out = {"children": {"attitude_men_decide", "anxiety"}, "caregivers": {"restricts_contacts"}}[table]
    assert set(same.columns) - set(new.columns) <= left_out
    for column in new.columns.difference(["child_id", "caregiver_id", "stratum", "psu", "sex_education"]):
        pd.testing.assert_series_equal(new[column], same[column])
    for column in ("stratum", "psu"):
        assert (new[column].str.removeprefix(NEW) == same[column].str.removeprefix(SAME)).all()
    if table == "children":
        differs = new["sex_education"].astype("str") != same["sex_education"].astype("str")
        assert differs.sum() == 1
        assert new.loc[differs, "sex_education"].item() == "dont_know"


# The phase-one file, named in one place

CODES = {"eth": 1, "ken": 2, "moz": 3, "nam": 4, "tza": 6, "uga": 7,
         "khm": 8, "idn": 9, "mys": 10, "phl": 11, "tha": 12, "vnm": 13}  # fmt: skip
PREFIXES = {"G": "S4_", "I": "S5_", "E": "S2_", "D": "S2_", "A": "S1_", "C": "S0_", "w": "final_", "R": ""}
"""By first letter of the documented name, as a file may carry them."""

ONE = "ken"
CHILDREN = 240
"""In each country."""


def phase_one_file(columns, items):
    """A delivered file: twelve countries one after the other, documented columns, documented codes, drawn at random."""
    draw = np.random.default_rng(20260121)
    count = CHILDREN * len(CODES)
    raw = pd.DataFrame("", index=range(count), columns=columns, dtype=object)
    raw["Respondent_ID"] = [f"{row:05d}" for row in range(count)]
    raw["COUNTRY"] = np.repeat(list(CODES.values()), CHILDREN)
    raw["wgt_scaled"] = draw.uniform(0.5, 1.5, count).round(4)
    codes = {"ECS_SELECTED_CH_AGE": 6, "ECS_SELECTED_CH_GENDER": 2, "A1": 3, "D1f": 4}
    codes |= dict.fromkeys([name for name in columns if name.startswith("E1")], 5)
    for name, last in codes.items():
        raw[name] = draw.integers(1, last, count, endpoint=True)
    for name in ("AII_A16", "AII_A17f", "G17", *(name for name in columns if name.startswith("I7"))):
        raw[name] = draw.integers(0, 1, count, endpoint=True)
    raw["AII_A17f"] = raw["AII_A17f"].astype(object).where(raw["AII_A16"] == 1, "")
    for item in items:
        raw[item] = draw.choice([1, 2, 3, 4, 5, 888, 999], count, p=[0.7, 0.1, 0.1, 0.04, 0.02, 0.02, 0.02])
        happened = raw[item].isin([2, 3, 4, 5])
        for name in columns:
            if name.endswith(f"_{item}"):
                raw.loc[happened, name] = draw.integers(0, 1, happened.sum(), endpoint=True)
    return raw


@pytest.fixture(scope="module")
def delivered(copy_project, phase_one_columns):
    """A run with the delivered phase-one file, its columns with prefixes; the only change is the line that names it.

    The other eleven countries are harmonised in one process, as their jobs do each in its own.
    """
    items = [name for name in phase_one_columns if re.fullmatch(r"G\d[a-d]", name)]
    raw = phase_one_file(phase_one_columns, items)
    copied = copy_project("phase-one")
    line = "    children: data/raw/DH_12Countries_110222.csv"
    copied.edit("config/config.yaml", line.replace("children", "# children"), line)
    (copied.root / "data/raw").mkdir(parents=True)
    named = raw.rename(columns={name: PREFIXES[name[0]] + name for name in phase_one_columns})
    named.to_csv(copied.root / "data/raw/DH_12Countries_110222.csv", index=False)
    pages = [f"results/{ONE}/{insight}.html" for insight in ("prevalence", "caregivers")]
    run = copied.snakemake("--cores", "2", *pages, country=",".join(CODES))
    assert run.code == 0, run.out
    settings = config.load(copied.root)
    jobs = Jobs.of(settings, list(CODES))
    for iso3 in CODES.keys() - {ONE}:
        tables = (
            copied.root / f"data/harmonised/{iso3}/{table}.parquet" for table in ("children", "caregivers")
        )
        harmonise.write(settings, iso3, None, None, *tables)
        jobs.job("harmonise", country=iso3).write()
    return copied, raw, items


def test_all_twelve_countries_are_read_from_the_one_file(delivered):
    copied, raw, items = delivered
    assert not (copied.root / "data/synthetic").exists()
    for iso3, code in CODES.items():
        table = pd.read_parquet(copied.root / f"data/harmonised/{iso3}/children.parquet")
        rows = raw[raw["COUNTRY"] == code].reset_index(drop=True)
        assert table.attrs["source"] == "DH_12Countries_110222.csv"
        assert table.attrs["data"] == "delivered"
        assert list(table["child_id"]) == list(rows["Respondent_ID"])
        assert list(table["age"] - 11) == list(rows["ECS_SELECTED_CH_AGE"])
        for form, item in zip("abcdefghi", items, strict=True):
            happened = table[f"form_{form}"].isin(["rarely", "sometimes", "often", "very_often"])
            assert list(happened) == list(rows[item].isin([2, 3, 4, 5]))
            for option, chosen in (("in_person", f"G8_1_{item}"), ("social_media", f"G8_2_{item}")):
                answers = table[f"place_{form}__{option}"].astype("Int64").astype("str").fillna("")
                assert list(answers.replace("<NA>", "")) == list(rows[chosen].astype(str))


def test_its_figures_are_those_of_the_file(delivered):
    """The main indicator by hand: happened, and the last time on social media or in an online game."""
    copied, raw, items = delivered
    rows = raw[raw["COUNTRY"] == CODES[ONE]]
    online = [
        rows[item].isin([2, 3, 4, 5]) & ((rows[f"G8_2_{item}"] == 1) | (rows[f"G8_5_{item}"] == 1))
        for item in items
    ]
    share = np.average(np.logical_or.reduce(online), weights=rows["wgt_scaled"].astype(float))
    exact, printed = (
        table[(table["indicator"] == "tfcsea_any") & (table["by"] == "all")].iloc[0]
        for table in (
            pd.read_csv(copied.root / f"{of}/{ONE}/prevalence.csv") for of in ("data/estimates", "results")
        )
    )
    assert exact["estimate"] == pytest.approx(share, rel=1e-12)
    assert exact["n"] == CHILDREN
    assert printed["estimate"] == pytest.approx(share, abs=printed["rounded_to"] / 2)
    assert printed["n"] == pytest.approx(CHILDREN, abs=2)
    page = words_of(copied.root / f"results/{ONE}/prevalence.html")
    assert "SYNTHETIC DATA" not in page
    assert "Clustering not accounted for" in page  # the file has no strata and clusters


def test_without_a_caregivers_file_their_insight_says_that_it_is_not_in_the_file(delivered):
    copied, *_ = delivered
    table = pd.read_csv(copied.root / f"results/{ONE}/caregivers.csv")
    indicators = config.load(copied.root).registry.indicators
    theirs = table[[indicators[name].unit == "caregiver" for name in table["indicator"]]]
    assert set(theirs["status"]) == {"not_delivered"}
    assert len(theirs) > 100
    assert "not in the delivered file" in words_of(copied.root / f"results/{ONE}/caregivers.html")


def test_all_that_follows_is_planned_for_all_twelve(delivered):
    """Every insight of every country, and no synthetic file."""
    copied, *_ = delivered
    run = copied.snakemake("--dry-run", country=",".join(CODES))
    assert run.code == 0, run.out
    insights = config.load(copied.root).insights
    done = {f"{ONE}: prevalence", f"{ONE}: caregivers"}
    wanted = {f"{iso3}: {insight}" for iso3 in CODES for insight in insights} - done
    assert wanted <= set(run.jobs)
    assert not [job for job in run.jobs if "synthetic" in job or job in done or "harmonise" in job]
