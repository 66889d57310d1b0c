"""What the audit knows of a country: definitions found by themselves, and every estimate with the counts it shows."""

import numpy as np
import pytest

from disrupting_harm.audit import Ranges
from disrupting_harm.audit.universe import EVERYONE, Universe
from disrupting_harm.indicators import YES, Evaluator
from disrupting_harm.respondents import Respondents, link


@pytest.fixture(scope="module")
def people(project, drawn):
    """Each table of one country."""
    children, caregivers = (frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken"))
    settings = project.registry, project.codebook, project.countries["ken"]
    return {
        "children": Respondents.of(children, *settings),
        "linked": Respondents.of(link(children, caregivers), *settings),
        "caregivers": Respondents.of(caregivers, *settings),
    }


@pytest.fixture(scope="module")
def universe(people):
    return Universe(people["children"], "children", people["linked"])


@pytest.fixture(scope="module")
def counts(universe):
    return universe.counts()


def count(universe, indicator, level=EVERYONE, by="all", own="all", of="counted"):
    """Place of a count of an estimate."""
    found = [e for e in universe.estimates if (e.indicator, e.by, e.level) == (indicator, by, own)]
    return universe.places[level, getattr(found[0], of)]


def test_every_relation_is_true_of_the_country(counts):
    assert not np.abs(counts.equal @ counts.values).any()
    assert (counts.at_most @ counts.values <= 0).all()


def test_counts_are_the_respondents(universe, counts, people):
    respondents = people["children"]
    values = respondents.evaluator.values(respondents.registry.indicators["self_harm"])
    girls = respondents.levels("sex")["girl"]
    assert counts.values[count(universe, "self_harm")] == (values == 1).sum()
    assert counts.values[count(universe, "self_harm", ("sex", "girl"))] == (values[girls] == 1).sum()
    assert (
        counts.values[count(universe, "self_harm", ("sex", "girl"), of="base")] == (values[girls] >= 0).sum()
    )


def test_one_count_has_one_place_whatever_it_is_called(universe):
    """Children affected are counted by one indicator and the base of others; instances are a mean times its base."""
    affected = count(universe, "tfcsea_any")
    assert count(universe, "disclosure_none", of="base") == affected
    assert count(universe, "number_of_forms") == count(universe, "instances_told_no_one", of="base")


def test_definitions_make_sums(universe, counts):
    """Informal and formal, and formal only, are all who told a formal service; boys and girls are all children."""
    classes = ["disclosure_informal_and_formal", "disclosure_formal_only"]
    for whole, parts in [
        (count(universe, "disclosure_formal"), [count(universe, name) for name in classes]),
        (count(universe, "anxiety"), [count(universe, "anxiety", ("sex", each)) for each in ("girl", "boy")]),
    ]:
        known = np.zeros(len(counts.values), bool)
        known[parts] = True
        ranges = Ranges(counts)
        assert not ranges.is_open(whole, 1, known)
        assert ranges.low[whole] == ranges.high[whole] == counts.values[parts].sum()


def test_made_up_respondents_follow_the_questionnaire(universe, project):
    """Whom a child told is answered by those whom it happened to, and by no others."""
    everyone = universe.evaluator.frame
    frame = everyone[everyone.columns].iloc[universe.real :]
    happened = Evaluator(frame, project.registry, project.codebook).codes("experienced_a") == YES
    assert frame.loc[~happened, "told_a__friend"].isna().all()
    assert frame.loc[happened, "told_a__no_one"].notna().any()
    assert not (frame["told_a__no_one"].fillna(False) & frame["told_a__friend"].fillna(False)).any()


def test_what_may_be_asked_is_what_the_registry_allows(universe):
    """Exposure is asked for wellbeing, also within in-person abuse; single years of age for nothing."""
    asked = {(estimate.indicator, *level) for estimate, level in universe.rows()}
    assert ("anxiety", "exposure", "yes") in asked
    assert ("anxiety", "exposure", "no, in_person=yes") in asked
    assert ("disclosure_none", "sex", "girl") in asked
    assert ("disclosure_none", "exposure", "yes") not in asked
    assert "age" not in {by for _, by, _ in asked}
    assert ("tfcsea_any", "enabling_level", "lower") in asked


def test_a_count_of_one_breakdown_may_be_a_count_of_another(universe, counts):
    """Children subjected to both, and those subjected in person among those subjected online, are the same children."""
    both = count(universe, "any_in_person", ("exposure", "yes"))
    ranges, known = Ranges(counts), np.zeros(len(counts.values), bool)
    known[count(universe, "place_online_and_in_person")] = True
    assert not ranges.is_open(both, 1, known)
