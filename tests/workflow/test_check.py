"""`disrupting-harm check`: everything that is wrong with configuration and data in one report, and nothing written."""

import os
import sys

import pandas as pd
import pytest

from disrupting_harm import cli
from disrupting_harm.running import plan

SECRET = "my uncle told me to keep quiet"


@pytest.fixture
def run(copy, monkeypatch, capsys):
    """Call the command in a copy of the project; gives exit code, output and messages."""
    monkeypatch.chdir(copy.root)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["disrupting-harm", "check", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        output = capsys.readouterr()
        return stop.value.code or 0, output.out, output.err

    return run


@pytest.fixture
def delivered(copy, phase_one_rows):
    """A function that delivers a phase-one file of children, and of caregivers if given."""

    def deliver(children, caregivers=None):
        copy.edit(
            "config.yaml",
            "    # children: data/raw/DH_12Countries_110222.csv",
            "    children: data/raw/dh.csv",
        )
        (copy.root / "data/raw").mkdir(parents=True)
        children.to_csv(copy.root / "data/raw/dh.csv", index=False)
        if caregivers is not None:
            copy.edit("config.yaml", "    # caregivers: data/raw/caregivers_phase_one.csv",
                      "    caregivers: data/raw/caregivers.csv")  # fmt: skip
            caregivers.to_csv(copy.root / "data/raw/caregivers.csv", index=False)

    return deliver


def files(root):
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}


def test_a_synthetic_country_is_checked_without_writing_anything(run, copy):
    before = files(copy.root)
    code, out, _ = run("Brazil")
    assert code == 0
    assert files(copy.root) == before
    assert "Brazil (bra), SYNTHETIC DATA: warning" in out
    assert "1 country checked: 1 warning." in out
    assert max(map(len, out.splitlines())) <= 100


def test_the_page_is_written_where_it_is_asked_for(run, copy):
    before = files(copy.root)
    code, *_ = run("bra", "--page", "results/check.html")
    assert code == 0
    assert {str(path) for path in files(copy.root) - before} == {"results/check.html"}
    page = (copy.root / "results/check.html").read_text()
    assert "SYNTHETIC DATA" in page
    assert "About this page." in page


def test_problems_of_all_countries_and_files_stand_in_one_report_the_worst_first(
    run, delivered, phase_one_rows
):
    raw = phase_one_rows(120, G17=[1] * 120, G4a=[1] * 40 + [77] + [1] * 20 + [SECRET] + [1] * 58)
    raw["COUNTRY"] = [2] * 60 + [7] * 60
    delivered(raw, pd.DataFrame({"COUNTRY": [2, 7]}))
    code, out, _ = run("ken", "bra", "uga")
    assert code == 1
    blocks = [
        out.index(name) for name in ("Kenya (ken): ERROR", "Uganda (uga): ERROR", "Brazil (bra), SYNTHETIC")
    ]
    assert blocks == sorted(blocks)
    assert "77 is not mapped" in out
    assert "column G4a holds something that is no code, row 63" in out
    assert out.count("data/raw/caregivers.csv") == 2
    assert SECRET not in out
    assert "3 countries checked: 2 ERROR, 1 warning." in out


def test_an_error_in_the_answers_stops_with_exit_code_one(run, delivered, phase_one_rows):
    """Everyone answers a follow-up that nobody was to be asked."""
    raw = phase_one_rows(90, AII_A16=[0] * 90, AII_A17f=[1] * 45 + [0] * 45)
    delivered(raw.assign(G17=[1, 0] * 45))
    code, out, _ = run("ken")
    assert code == 1
    assert "ERROR    Answered, but should not have been asked (children)" in out
    assert "answered by all, or all but fewer than 5, who should" in out


def test_problems_of_the_configuration_come_first_all_of_them(run, copy):
    copy.add("countries/bra.yaml", "regoin: x\n").edit("countries/ken.yaml", "iso3: ken", "iso3: ke")
    code, out, err = run()
    assert code == 1
    assert out == ""
    assert "regoin" in err
    assert "config/countries/ken.yaml" in err


def test_an_unknown_country_is_told_with_the_nearest(run):
    code, _, err = run("Kenia")
    assert code == 1
    assert "did you mean kenya?" in err


def test_an_outdated_synthetic_file_is_not_looked_at(run, copy):
    """Its questionnaire has changed since it was written: the survey is drawn anew, for the moment."""
    project = copy.load()
    files = [
        copy.root / delivery.file
        for delivery in (project.countries["bra"].children, project.countries["bra"].caregivers)
    ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"not what is described any more")
    assert run("bra")[0] == 1
    for file in files:
        os.utime(file, (0, 0))
    assert run("bra")[0] == 0
    assert files[0].read_bytes() == b"not what is described any more"


def test_a_delivered_file_that_others_may_read_is_said_in_one_line(run, copy, delivered, phase_one_rows):
    delivered(phase_one_rows(120).assign(COUNTRY=2))
    file = copy.root / "data/raw/dh.csv"
    (copy.root / "data").chmod(0o755)
    for mode, way in ((0o640, 0o750), (0o604, 0o701)):
        file.chmod(mode)
        file.parent.chmod(way)
        _, out, _ = run("ken")
        line = "warning: others on this machine may read data/raw/dh.csv. Close them: chmod -R go= data"
        assert out.splitlines().count(line) == 1
        assert plan.Plan(copy.load(), ["ken"]).warning_if_open == line
    for mode, way in ((0o600, 0o755), (0o644, 0o700), (0o640, 0o701)):
        file.chmod(mode)
        file.parent.chmod(way)
        assert plan.Plan(copy.load(), ["ken"]).warning_if_open == ""


def test_a_text_that_no_figure_could_draw_is_said_before_a_run(run, copy):
    """Tibetan, and a sign for those that are not assigned."""
    copy.edit("countries/bra.yaml", "name: Brazil", "name: Brazil \u0f56")
    copy.edit("codebook.yaml", "{never: Never", "{never: Never \ufffd")
    code, out, _ = run("bra")
    assert code == 1
    assert 'ERROR config/countries/bra.yaml, name: the text "Brazil \u0f56" has characters' in out
    assert "U+0F56 TIBETAN LETTER BA. Write it without them" in out
    assert "U+FFFD" in out
