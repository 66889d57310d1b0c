"""Bad inputs end in words, and leave results/ as it is; good ones with odd names are used. The lists: bad_data.py."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from disrupting_harm.running import plan

_spec = importlib.util.spec_from_file_location("bad_data", Path(__file__).with_name("bad_data.py"))
bad_data = sys.modules[_spec.name] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bad_data)

ALL = [bad for group in bad_data.GROUPS.values() for bad in group]
TRACEBACK = "Traceback (most recent call last)"


def files(root, *folders):
    """Every file below some folders, with what is in it."""
    paths = [path for folder in folders for path in (root / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What is said to each bad input, and the files that are left; each is tried once."""
    known = {}

    def answer(bad):
        if bad.name not in known:
            root = tmp_path_factory.mktemp("bad")
            known[bad.name] = (
                bad_data.message(bad, root),
                files(root, "results", "data/harmonised"),
                str(root),
            )
        return known[bad.name]

    return answer


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
def test_each_is_answered_in_words_and_changes_no_result(answers, bad):
    message, left, root = answers(bad)
    for words in bad.words:
        assert words in message, message
    assert TRACEBACK not in message
    assert bad_data.SECRET not in message
    assert root not in message
    assert left == dict.fromkeys(bad_data.EARLIER, b"as it was")


def test_the_page_says_what_is_said(answers, root):
    page = bad_data.page(lambda bad: answers(bad)[0])
    assert page == (root / bad_data.PAGE).read_text(encoding="utf-8"), f"run: {bad_data.WRITE}"
    assert len({bad.name for bad in ALL}) == len(ALL) >= 100


def test_what_is_spoilt_is_good_before(copy):
    """The files that every bad one is made from are harmonised, and only warned about."""
    bad_data.prepare(copy)
    assert "harmonised" in bad_data.HARMONISE(copy.root)
    assert "1 country checked: 1 warning." in bad_data.CHECK(copy.root)


# In the workflow: the same words, and nothing that was there is gone


class ConfigurationOf:
    """The configuration of a copy of the project, to be changed."""

    def __init__(self, project):
        self.project, self.root = project, project.root

    def edit(self, file, old, new):
        self.project.edit(f"config/{file}", old, new)

    def add(self, file, text):
        with (self.root / "config" / file).open("a") as stream:
            stream.write(text)


@pytest.fixture(scope="module")
def workflow(copy_project):
    """A copy of the project with small delivered files and results of an earlier run."""
    project = copy_project("bad")
    for file in bad_data.EARLIER:
        (project.root / file).parent.mkdir(parents=True)
        (project.root / file).write_text("as it was")

    copy = ConfigurationOf(project)
    bad_data.prepare(copy)
    (project.root / bad_data.EARLIER[1]).unlink()  # the tables of a file that has changed are made anew
    return project, copy


@pytest.mark.parametrize(
    "name",
    [
        "what a child said, in a column of codes",
        "stratum of a single sampling unit",
        "file of microdata that is not there",
    ],
)
def test_the_workflow_stops_with_the_words_and_keeps_the_results(workflow, name):
    """Before any page is touched; also in the logs there is no traceback, and not what was said."""
    project, copy = workflow
    bad = next(bad for bad in ALL if bad.name == name)
    kept = {
        path: path.read_bytes()
        for path in (project.root / "config" / bad_data.YAML, project.root / bad_data.CHILDREN)
    }
    bad.act(copy)
    run = project.snakemake(country=bad_data.COUNTRY)
    for path, content in kept.items():
        path.write_bytes(content)
    assert run.code == 1
    expected = (
        "childern.csv is missing; did you mean children.csv?" if bad.ask is bad_data.CHECK else bad.words[0]
    )
    assert expected in run.out
    assert files(project.root, "results") == {bad_data.EARLIER[0]: b"as it was"}
    assert not files(project.root, "data/harmonised")
    for text in [run.out, *map(str, files(project.root, "logs").values())]:
        assert TRACEBACK not in text
        assert bad_data.SECRET not in text


def test_a_file_from_a_time_zone_ahead_is_harmonised_once(copy_project):
    """Snakemake would take it for a fault of the clock, at each run."""
    project = copy_project("ahead")
    bad_data.prepare(ConfigurationOf(project))
    ahead = time.time() + 10 * 3600
    os.utime(project.root / bad_data.CHILDREN, (ahead, ahead))
    table = bad_data.EARLIER[1]
    first = project.snakemake("--cores", "1", table, country=bad_data.COUNTRY)
    assert first.code == 0, first.out
    assert f"{bad_data.CHILDREN} was dated 10.0 hours ahead of this machine's clock" in first.out
    assert (project.root / table).is_file()
    again = project.snakemake("--cores", "1", table, country=bad_data.COUNTRY)
    assert (again.code, again.jobs) == (0, [])
    assert "hours ahead" not in again.out


# Odd, and good

NAMES = ["діти 1 (final).csv", "بيانات الأطفال.csv", "ឯកសារ.csv", "Côte d'Ivoire's \"file\".csv", "-rf.csv",
         "100% $HOME; a & b|c.csv", "a*b?[c].csv", "e\u0301.csv"]  # fmt: skip


def test_files_of_any_name_are_planned_and_read(copy, root):
    """Blanks, quotes, signs of the shell and letters of any script."""
    bad_data.prepare(copy)
    (copy.root / "notebooks").symlink_to(root / "notebooks")
    settings = copy.root / "config" / bad_data.YAML
    text = settings.read_text(encoding="utf-8")
    for name in NAMES:
        file = f"{bad_data.FOLDER}/{name}"
        (copy.root / bad_data.CHILDREN).rename(copy.root / file)
        settings.write_text(
            text.replace(bad_data.CHILDREN, json.dumps(file, ensure_ascii=False)), encoding="utf-8"
        )
        made = plan.make(copy.root, {"country": bad_data.COUNTRY})
        assert made.delivered(bad_data.COUNTRY)["children"] == file
        assert "harmonised" in bad_data.HARMONISE(copy.root)
        table = pd.read_parquet(copy.root / bad_data.EARLIER[1])
        assert (len(table), table.attrs["source"]) == (bad_data.ROWS, name)
        (copy.root / file).rename(copy.root / bad_data.CHILDREN)


COLUMNS = {"age": "Вік дитини", "sex": "Sex (1=girl, 2=boy)", "area": "العمر", "stratum": "Страта №", "psu": 'say "ea"',
           "weight": "عمر\u200cکودک", "knows_where_to_get_help": "12"}  # fmt: skip


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_columns_strata_and_countries_of_any_name_are_read(copy, ending):
    bad_data.prepare(copy)
    variables = copy.load().countries[bad_data.COUNTRY].children.variables
    frame = bad_data.table().rename(
        columns={variables[name].column: column for name, column in COLUMNS.items()}
    )
    frame["Страта №"] = frame["Страта №"].replace({"S0": "Північ / місто", "S1": "Côte, 'est'"})
    file = copy.root / f"{bad_data.FOLDER}/діти{ending}"
    writers = {
        ".csv": lambda: frame.to_csv(file, index=False),
        ".xlsx": lambda: frame.to_excel(file, index=False, engine="xlsxwriter"),
        ".parquet": lambda: frame.astype("str").to_parquet(file),
    }
    writers[ending]()
    copy.edit(bad_data.YAML, bad_data.CHILDREN, str(file.relative_to(copy.root)))
    copy.edit(bad_data.YAML, "name: Brazil", "name: Країна «Є», ประเทศ")
    copy.add(bad_data.YAML, f"variables: {json.dumps(COLUMNS, ensure_ascii=False)}\n")
    assert "harmonised" in bad_data.HARMONISE(copy.root)
    table = pd.read_parquet(copy.root / bad_data.EARLIER[1])
    assert list(table["age"]) == list(frame["Вік дитини"].astype(int))
    assert list(table["weight"]) == list(frame[COLUMNS["weight"]].astype(float))
    assert set(table["stratum"].str.removeprefix("bra:")) == {"Північ / місто", "Côte, 'est'", "S2", "S3"}
    assert "Країна «Є», ประเทศ (bra): warning" in bad_data.CHECK(copy.root)
