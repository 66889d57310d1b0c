"""The attack on what tables show: an honest release passes, a planted leak is named, without a number."""

import re

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import tables
from disrupting_harm.audit import AuditError, country, report


@pytest.fixture(scope="module")
def decided(project, drawn):
    """A country's caregivers, nobody else, and what was decided about them."""
    children, caregivers = (frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken"))
    frames = children.iloc[:0], caregivers
    return frames, country.decision(project, "ken", *frames)


def released(decision, shown):
    """Tables as insights write them: with a number where `shown`."""
    rows = decision[["indicator", "by", "level"]].reindex(columns=tables.COLUMNS)
    return rows.assign(measure="proportion", status=np.where(shown, "shown", "suppressed"), country="ken")


def test_an_honest_release_passes(project, decided):
    frames, decision = decided
    found = report.look(project, "ken", *frames, released(decision, decision["shown"])).iloc[0]
    assert list(found.index) == report.COLUMNS
    assert found["estimates"] == len(decision)
    assert found["shown"] == decision["shown"].sum()
    assert found["hidden_alone"] == (~decision["alone"]).sum()
    assert found["hidden_for_others"] == (decision["alone"] & ~decision["shown"]).sum() > 0
    assert found["open"] == found["looked_at"] > 0


def test_what_the_rules_for_single_estimates_alone_would_show_is_found_to_leak(project, decided):
    """Peri-urban caregivers are few: everything about them followed from the country, urban and rural."""
    frames, decision = decided
    with pytest.raises(AuditError) as caught:
        report.look(project, "ken", *frames, released(decision, decision["alone"]))
    lines = str(caught.value).splitlines()
    assert lines[0] == "Kenya: the suppression audit failed:"
    assert any(
        re.fullmatch(r"  \w+ by area \(peri_urban\) is hidden, and follows from what is shown", each)
        for each in lines
    )
    assert not re.search(r"\d", re.sub(r"and \d+ more", "", str(caught.value)))


def test_one_estimate_more_is_enough(project, decided):
    """The decision is changed in one place: a level is shown that protects another."""
    frames, decision = decided
    hidden = decision[decision["alone"] & ~decision["shown"] & (decision["by"] == "area")].iloc[0]
    more = decision["shown"] | (decision.index == hidden.name)
    with pytest.raises(AuditError, match=f"{hidden['indicator']} by area .* follows"):
        report.look(project, "ken", *frames, released(decision, more))


def test_what_is_about_too_few_is_found_however_it_came_there(project, decided):
    frames, decision = decided
    few = decision[~decision["alone"]].iloc[0]
    more = decision["shown"] | (decision.index == few.name)
    with pytest.raises(AuditError, match=f"{few['indicator']} by .* is shown, and tells about too few"):
        report.look(project, "ken", *frames, released(decision, more))


def test_what_nobody_looked_at_is_refused(project, decided):
    frames, decision = decided
    rows = released(decision, decision["shown"])
    other = rows.iloc[[0]].assign(indicator="self_harm", by="sex", level="girl", status="shown")
    with pytest.raises(AuditError, match=r"self_harm by sex \(girl\) is shown, and was never looked at"):
        report.look(project, "ken", *frames, pd.concat([rows, other], ignore_index=True))


@pytest.mark.parametrize(("level", "expected"), [
    ("girl", ["girl"]),
    ("boy vs girl", ["boy", "girl"]),
    ("yes vs no, in_person=yes", ["yes, in_person=yes", "no, in_person=yes"]),
    ("yes vs no, adjusted=age+sex", ["yes", "no"]),
])  # fmt: skip
def test_a_contrast_shows_both_its_groups(project, level, expected):
    row = {"indicator": "anxiety", "by": "sex", "level": level, "status": "shown"}
    assert [found[2] for found in report.shows(row, project.registry)] == expected


def test_what_is_scaled_up_shows_the_share_it_comes_from(project):
    row = {"indicator": "tfcsea_children_affected_count", "by": "all", "level": "all", "status": "shown"}
    assert list(report.shows(row, project.registry)) == [("tfcsea_any", "all", "all")]
