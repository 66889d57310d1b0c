"""The attack on what tables show: an honest release passes, a planted leak is named, without a number."""

import re

import pandas as pd
import pytest

from disrupting_harm.config.entries.analysis import Rounding
from disrupting_harm.estimation.tidy_table import CONTRAST
from disrupting_harm.protection.audit import AuditError, country, report
from disrupting_harm.protection.suppression import Key

from .printed import printed


@pytest.fixture(scope="module")
def decided(project, drawn, remarked):
    """A country's caregivers, nobody else, and what was decided about them."""
    children, caregivers = (frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken"))
    frames = children.iloc[:0], caregivers
    return frames, *country.decision(project, "ken", *frames, remarked("ken", *frames))


@pytest.fixture(scope="module")
def looked_at(project, decided, remarked):
    """The audit of the country's tables, with what is published about the quality of its data."""

    def look(rows, known=None, of=project):
        return report.look(of, "ken", *decided[0], rows, remarked("ken", *decided[0], of=of), known)

    return look


@pytest.fixture(scope="module")
def released(project, decided):
    """Tables as insights write them: with a number where `shown`, and rounded coarsely where `coarse`."""
    frames, decision, _ = decided

    def rows(shown, coarse=None):
        flags = {"shown": shown, "coarse": decision["coarse"] if coarse is None else coarse}
        return printed(project, "ken", frames, decision.assign(**flags))

    return rows


@pytest.mark.parametrize("with_proofs", [True, False])
def test_an_honest_release_passes(decided, released, looked_at, with_proofs):
    """With the tables that prove it, and where others have to be looked for."""
    _, decision, proofs = decided
    rows, known = released(decision["shown"]), proofs if with_proofs else None
    audited = looked_at(rows, known).iloc[0]
    assert list(audited.index) == report.COLUMNS
    assert audited["estimates"] == len(decision)
    assert audited["shown"] == decision["shown"].sum()
    assert audited["hidden_alone"] == (~decision["alone"]).sum()
    assert audited["hidden_for_others"] == (decision["alone"] & ~decision["shown"]).sum()
    assert audited["open"] == audited["looked_at"] > 0


def test_an_untrue_table_is_found(decided, released, looked_at):
    """A share that the data do not have: whoever checks it is told so, without a number."""
    _, decision, _ = decided
    rows = released(decision["shown"])
    row = rows.index[(rows["status"] == "shown") & (rows["measure"] == "proportion")][0]
    rows.loc[row, "estimate"] += 0.1
    with pytest.raises(AuditError, match="does not agree with the data"):
        looked_at(rows)


@pytest.fixture(scope="module")
def sharper(project):
    """The project with numbers that are hardly rounded."""
    fine = Rounding(points=1e-5, base=1)
    rules = project.analysis.suppression.model_copy(update={"rounding": fine})
    analysis = project.analysis.model_copy(update={"suppression": rules})
    return project.model_copy(update={"analysis": analysis})


def test_what_the_rules_for_single_estimates_alone_would_show_is_found_to_leak(sharper, decided, looked_at):
    """Peri-urban caregivers are few: in exact numbers all about them follows from the country, urban and rural."""
    frames, decision, _ = decided
    rows = printed(sharper, "ken", frames, decision.assign(shown=decision["alone"], coarse=False))
    with pytest.raises(AuditError) as caught:
        looked_at(rows, of=sharper)
    lines = str(caught.value).splitlines()
    assert lines[0] == "Kenya: the suppression audit failed:"
    follows = r"  \w+ by area \(peri_urban\) is hidden, but can be narrowed down from what is shown"
    assert any(re.fullmatch(follows, line) for line in lines)
    assert not re.search(r"\d", re.sub(r"and \d+ more|\(.*?\)", "", str(caught.value)))


def test_what_is_about_too_few_is_found_however_it_came_there(decided, released, looked_at):
    _, decision, _ = decided
    few = decision[~decision["alone"]].iloc[0]
    more = decision["shown"] | (decision.index == few.name)
    with pytest.raises(AuditError, match=f"{few['indicator']} by .* is shown, but describes too few"):
        looked_at(released(more))


def test_what_nobody_looked_at_is_refused(decided, released, looked_at):
    _, decision, _ = decided
    rows = released(decision["shown"])
    other = rows.iloc[[0]].assign(indicator="self_harm", by="sex", level="girl", status="shown")
    with pytest.raises(AuditError, match=r"self_harm by sex \(girl\) is shown, but was never examined"):
        looked_at(pd.concat([rows, other], ignore_index=True))


EVERYONE = ("", "")


@pytest.mark.parametrize(("about", "expected"), [
    ({"level": "girl"}, [("girl", *EVERYONE)]),
    ({"first": "boy", "second": "girl"}, [("boy", *EVERYONE), ("girl", *EVERYONE)]),
    ({"first": "yes", "second": "no", "within": "in_person", "within_level": "yes"},
     [("yes", "in_person", "yes"), ("no", "in_person", "yes")]),
    ({"first": "yes", "second": "no", "adjusted_for": "age+sex"}, [("yes", *EVERYONE), ("no", *EVERYONE)]),
])  # fmt: skip
def test_a_contrast_shows_both_its_groups(project, about, expected):
    row = {"indicator": "anxiety", "by": "sex", "level": "", "status": "shown"}
    row |= dict.fromkeys(CONTRAST, "") | about
    assert [key[2:] for key in report.shows(row, project.registry)] == expected


def test_what_is_scaled_up_shows_the_share_it_comes_from(project):
    row = {"indicator": "tfcsea_children_affected_count", "by": "all", "level": "all", "status": "shown"}
    assert list(report.shows(row, project.registry)) == [Key("tfcsea_any", "all", "all")]


def test_those_in_no_level_are_named():
    assert report.named(Key("self_harm", "sex", "")) == "self_harm of those in no level of sex"
    assert report.named(Key("self_harm", "sex", "girl")) == "self_harm by sex (girl)"
    assert report.named(Key("self_harm")) == "self_harm"
    within = Key("self_harm", "exposure", "yes", "in_person")
    assert report.named(within._replace(within_level="no")) == "self_harm by exposure (yes, in_person: no)"
    assert report.named(within) == "self_harm by exposure (yes) of those in no level of in_person"
