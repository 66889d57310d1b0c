"""Two releases of the same microdata: each may be given out alone, both together tell what one hides."""

import json

import pandas as pd
import pytest

from disrupting_harm import config
from disrupting_harm.commands import diff
from disrupting_harm.config.entries.analysis import Rounding
from disrupting_harm.config.leads_to import digests_of_counts
from disrupting_harm.estimation import tidy_table
from disrupting_harm.protection.audit import country
from disrupting_harm.publishing import releases, tracing
from disrupting_harm.publishing.site.releases import attacked
from disrupting_harm.publishing.two_releases import attack_two_releases

from .printed import printed


@pytest.fixture(scope="module")
def given(root, drawn, remarked, tmp_path_factory):
    """A project that holds a country's caregivers and nobody else, its decision, and the name of its folder."""
    folder = tmp_path_factory.mktemp("together")
    for name in ("config", "resources"):
        (folder / name).symlink_to(root / name)
    project = sharper(config.load(folder))
    children, caregivers = (frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken"))
    target = folder / "data/harmonised/ken"
    target.mkdir(parents=True)
    for name, frame in (("children", children.iloc[:0]), ("caregivers", caregivers)):
        frame.attrs = {}
        frame.to_parquet(target / f"{name}.parquet")
    delivered = folder / project.countries["ken"].children_file
    delivered.parent.mkdir(parents=True)
    delivered.write_text("as delivered")
    frames = children.iloc[:0], caregivers
    decision, _ = country.decision(project, "ken", *frames, remarked("ken", *frames, of=project))
    return project, decision, lambda shown: printed(project, "ken", frames, decision.assign(shown=shown))


def sharper(project):
    """The project with numbers that are hardly rounded: so more has to be hidden."""
    exact = Rounding(points=1e-5, base=1)
    rules = project.analysis.suppression.model_copy(update={"rounding": exact, "coarse_rounding": exact})
    analysis = project.analysis.model_copy(update={"suppression": rules})
    return project.model_copy(update={"analysis": analysis})


def release(project, folder, rows):
    """A results folder of the caregivers, and what it was made from."""
    tidy_table.write(rows, folder / "ken/caregivers.csv")
    record = {
        "countries": {"ken": tracing.of_country(project, "ken")},
        "counted": digests_of_counts(project),
    }
    (folder / "provenance.json").write_text(json.dumps(record))
    return releases.read(folder)


@pytest.fixture
def two(given, tmp_path):
    """The changes between the decided release, and one that shows other levels of one indicator."""
    project, decision, rows = given
    is_share = decision["counted"] >= 0  # a mean is held by its base alone
    hidden = decision["alone"] & ~decision["shown"] & (decision["by"] == "area") & is_share
    name = decision.loc[hidden, "indicator"].iloc[0]
    by_area = (decision["indicator"] == name) & (decision["by"] == "area")
    other = (decision["shown"] & ~by_area) | (hidden & by_area)
    old = release(project, tmp_path / "old", rows(decision["shown"]))
    return project, releases.compare(old, release(project, tmp_path / "new", rows(other))), name


def test_what_follows_from_both_is_named_without_a_number(two):
    project, changes, name = two
    messages, unknown = attack_two_releases(project, changes)
    assert not unknown
    assert (
        f"Kenya: {name} by area (peri_urban) is hidden, but can be narrowed down from what is shown"
        in messages
    )
    words = attacked(project, changes, messages, unknown)
    assert "the two releases reveal what is hidden" in words
    assert f"what one release hides is what the other shows: {changes.given_away}" in words
    assert changes.given_away == len(changes.revealing) > 0


def test_nothing_follows_from_the_same_release_twice(given, tmp_path):
    project, decision, rows = given
    same = [release(project, tmp_path / name, rows(decision["shown"])) for name in ("old", "new")]
    changes = releases.compare(*same)
    assert attack_two_releases(project, changes) == ([], [])
    assert attacked(project, changes, [], []) == ""


def test_other_microdata_are_not_taken_for_the_same(two, given, tmp_path):
    """Of files that differ between the releases nothing is concluded; of files that are not here, it is said."""
    project, changes, _ = two
    later = project.root / project.countries["ken"].children_file
    before = later.read_text()
    later.write_text("corrected")
    try:
        assert attack_two_releases(project, changes) == ([], ["ken"])
        assert "Not attacked together" in attacked(project, changes, [], ["ken"])
        other = release(project, tmp_path / "corrected", given[2](given[1]["shown"]))
        assert not releases.compare(changes.old, other).same_microdata
    finally:
        later.write_text(before)


def test_levels_that_were_read_by_other_codes_are_not_judged_by_those_of_now(two):
    """After a recode the same name means other children: the country is named, and nothing concluded."""
    project, changes, _ = two
    recoded = project.countries["ken"].model_copy(update={"not_asked": ("self_harm",)})
    later = project.model_copy(update={"countries": {**project.countries, "ken": recoded}})
    assert attack_two_releases(later, changes) == ([], ["ken"])
    assert "as their files or codes are others now" in attacked(later, changes, [], ["ken"])


def test_estimates_that_were_counted_otherwise_are_left_out(two):
    """Those of an indicator with another definition, and of a breakdown with other levels; texts change no count."""
    project, changes, name = two
    counted = digests_of_counts(project)
    rows = changes.old.rows
    assert len(changes.old.counted_as(counted)) == len(rows)
    of_name, by_area = rows["indicator"] == name, rows["by"] == "area"
    other = {**counted, "indicators": {**counted["indicators"], name: "another"}}
    assert len(changes.old.counted_as(other)) == (~of_name).sum()
    other = {**counted, "breakdowns": {**counted["breakdowns"], "area": "another"}}
    assert len(changes.old.counted_as(other)) == (~by_area).sum()
    changes.old.record["counted"]["indicators"].pop(
        name
    )  # the earlier release did not have it, or not under this name
    assert len(changes.old.counted_as(counted)) == (~of_name).sum()


def test_a_title_is_no_definition(project):
    name = next(iter(project.registry.indicators))
    registry = project.registry
    retitled = registry.indicators | {
        name: registry.indicators[name].model_copy(update={"title": "Another title"})
    }
    later = project.model_copy(update={"registry": registry.model_copy(update={"indicators": retitled})})
    assert digests_of_counts(later) == digests_of_counts(project)


def test_the_command_ends_with_a_code_of_its_own(two, root, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from disrupting_harm.cli import app

    monkeypatch.chdir(root)
    done = CliRunner().invoke(app, ["diff", str(tmp_path / "old"), str(tmp_path / "new")])
    assert done.exit_code == diff.REVEALING, done.output
    assert "WARNING" in done.output
    assert pd.isna(two[1].revealing["old_estimate"]).all()
