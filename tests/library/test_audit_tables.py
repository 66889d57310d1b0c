"""What the audit knows of a country: definitions found by themselves, and every estimate with the counts it shows."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers.indicators import Evaluator
from disrupting_harm.answers.respondents import Respondents, link
from disrupting_harm.config.entries.conditions import YES
from disrupting_harm.protection.audit import definitions
from disrupting_harm.protection.audit.attacker import Attacker
from disrupting_harm.protection.audit.counted import ALL, ASKED, EVERYONE, QUESTION, Level
from disrupting_harm.protection.audit.counts import Table
from disrupting_harm.protection.audit.decide import judged, secrets
from disrupting_harm.protection.audit.definitions import Questions
from disrupting_harm.protection.audit.made_up_respondents import made_up_respondents
from disrupting_harm.protection.audit.statements import COARSE, between
from disrupting_harm.quality.remarks import COLUMNS

NO_REMARKS = pd.DataFrame(columns=COLUMNS)


@pytest.fixture(scope="module")
def answers(drawn):
    """The tables of one country: children, and caregivers."""
    return tuple(frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken"))


@pytest.fixture(scope="module")
def known(project, answers):
    """What holds by definition between the counts of the questionnaire."""
    questions = Questions.of("children", answers[0].columns, link(*answers).columns)
    return definitions.of_questionnaire(questions, project.registry, project.codebook)


def table_of(project, known, children, caregivers):
    """What is counted of some children."""
    settings = project.registry, project.codebook, project.countries["ken"]
    linked = link(children, caregivers)
    return Table("children", Respondents.of(children, *settings), Respondents.of(linked, *settings), known)


@pytest.fixture(scope="module")
def table(project, known, answers):
    return table_of(project, known, *answers)


def count(table, indicator, level=EVERYONE, by=ALL, own_level=ALL, of="counted"):
    """Place of a count of an estimate."""
    matches = [
        estimate
        for estimate in table.catalogue.estimates
        if (estimate.indicator, estimate.by, estimate.level) == (indicator, by, own_level)
    ]
    return table.places[level, getattr(matches[0], of)]


def follows(table, total, parts):
    """Whether a count follows from some others by definition."""
    places = np.array(parts)
    values = table.counts.values[places].astype(float)
    number = np.arange(len(places))
    exact = between(len(table.counts.values), [places], values, values, number, np.full(len(places), COARSE))
    moves = [Attacker(table.counts, exact).moves(np.array([total]), np.array([by])) for by in (5.0, -5.0)]
    return all(abs(move.reached[0]) < 1e-6 for move in moves)


def test_every_relation_is_true_of_the_country_in_counts_and_in_weights(table):
    counts = table.counts
    for sums in (counts.values, counts.weights):
        assert np.abs(counts.equal @ sums).max() < 1e-6
        assert (counts.at_most @ sums).max() < 1e-6
    heavy = counts.heaviest * counts.values - counts.weights
    light = counts.weights - np.where(counts.values > 0, counts.lightest, 0) * counts.values
    assert min(heavy.min(), light.min()) > -1e-6


def test_counts_are_the_respondents(table, answers):
    respondents, weight = table.people, answers[0]["weight"].to_numpy()
    values = respondents.evaluator.values(respondents.registry.indicators["self_harm"])
    girls = respondents.levels("sex")["girl"]
    counts, girl = table.counts, Level("sex", "girl")
    assert counts.values[count(table, "self_harm")] == (values == 1).sum()
    assert counts.values[count(table, "self_harm", girl)] == (values[girls] == 1).sum()
    assert counts.values[count(table, "self_harm", girl, of="base")] == (values[girls] >= 0).sum()
    assert counts.weights[count(table, "self_harm", girl)] == pytest.approx(
        weight[girls & (values == 1)].sum()
    )
    assert counts.heaviest[count(table, "self_harm", girl)] == weight[girls].max()


def test_one_count_has_one_place_whatever_it_is_called(table):
    """Children affected are counted by one indicator and the base of others; instances are a mean times its base."""
    affected = count(table, "tfcsea_any")
    assert count(table, "disclosure_none", of="base") == affected
    assert count(table, "number_of_forms") == count(table, "instances_told_no_one", of="base")


def test_definitions_make_sums(table):
    """Informal and formal, and formal only, are all who told a formal service; boys and girls are all children."""
    classes = ["disclosure_informal_and_formal", "disclosure_formal_only"]
    assert follows(table, count(table, "disclosure_formal"), [count(table, name) for name in classes])
    sexes = [count(table, "anxiety", Level("sex", sex)) for sex in ("girl", "boy")]
    assert follows(table, count(table, "anxiety"), sexes)
    assert not follows(table, count(table, "anxiety"), sexes[:1])


def test_a_count_of_one_breakdown_may_be_a_count_of_another(table):
    """Children subjected to both, and those subjected in person among those subjected online, are the same children."""
    both = count(table, "any_in_person", Level("exposure", "yes"))
    assert follows(table, both, [count(table, "place_online_and_in_person")])


def test_made_up_respondents_follow_the_questionnaire(project, answers):
    """Whom a child told is answered by those whom it happened to, and by no others."""
    made = made_up_respondents(set(answers[0].columns), project.registry, project.codebook, 5_000, 1)
    frame = made[made.columns]
    happened = Evaluator(frame, project.registry, project.codebook).codes("experienced_a") == YES
    assert frame.loc[~happened, "told_a__friend"].isna().all()
    assert frame.loc[happened, "told_a__no_one"].notna().any()
    assert not (frame["told_a__no_one"].fillna(False) & frame["told_a__friend"].fillna(False)).any()


def test_what_may_be_asked_is_what_the_registry_allows(table):
    """Exposure is asked for wellbeing, also within in-person abuse; single years of age for nothing."""
    asked = {(estimate.indicator, *level) for estimate, level in table.rows()}
    assert ("anxiety", "exposure", "yes", "", "") in asked
    assert ("anxiety", "exposure", "no", "in_person", "yes") in asked
    assert ("disclosure_none", "sex", "girl", "", "") in asked
    assert ("disclosure_none", "exposure", "yes", "", "") not in asked
    assert "age" not in {by for _, by, *_ in asked}
    assert ("tfcsea_any", "enabling_level", "lower", "", "") in asked


def test_definitions_are_the_same_from_their_file(known, tmp_path):
    definitions.write({"children": known}, tmp_path / "known.npz")
    read = definitions.read(tmp_path / "known.npz")["children"]
    assert (read.labels, read.places, read.same, read.covers) == (
        known.labels,
        known.places,
        known.same,
        known.covers,
    )
    for level, relations in known.inside.items():
        for kind in ("equal", "at_most"):
            assert (getattr(relations, kind) != getattr(read.inside[level], kind)).nnz == 0


def test_questions_and_those_without_an_answer_are_counted(table, answers):
    """How many were asked, and gave no answer, stands on the page of data quality: it is in the picture."""
    asked, without = (table.question("self_harm", part) for part in (ASKED, "item_nonresponse"))
    given = answers[0]["self_harm"].isin(["yes", "no"])
    assert table.counts.values[asked] == len(answers[0])
    assert table.counts.values[without] == (~given).sum()
    assert any(label.indicator == QUESTION and label.part == "refused" for label in table.labels)


# --- children who are in a total and in no level of a breakdown


@pytest.fixture(scope="module")
def with_lone_children(project, known, answers):
    """Three children whose sex is not known."""
    children = answers[0].copy()
    children.loc[[10, 20, 30], "sex"] = pd.NA
    return table_of(project, known, children, answers[1])


def test_those_in_no_level_are_counted_and_their_answers_are_secret(with_lone_children, project):
    table, rules = with_lone_children, project.analysis.suppression
    rest = Level("sex", "")
    assert table.sizes[rest] == 3
    rows = judged(table, rules)
    lone = rows[rows["rest"] & (rows["by"] == "sex") & (rows["indicator"] == "self_harm")].iloc[0]
    assert lone["status"] == "suppressed"
    hidden = secrets(rows, table, NO_REMARKS, rules).targets
    assert table.count_of(rest, table.catalogue.overall["self_harm"].base) in hidden
    assert {lone["place_yes"], lone["place_no"]} <= set(hidden.tolist())
    parts = [count(table, "self_harm", Level("sex", sex)) for sex in ("girl", "boy")]
    assert follows(table, lone["place_counted"], [count(table, "self_harm"), *parts])


def test_data_that_break_the_routing_keep_what_is_left_of_the_definitions(project, known, answers):
    """A child answers whom it told although nothing happened: equations that this child breaks are not used."""
    children = answers[0].copy()
    happened = Evaluator(children, project.registry, project.codebook).codes("experienced_a") == YES
    child = int(np.flatnonzero(~happened)[0])
    children.loc[child, [name for name in children if name.startswith("told_a__")]] = False
    children.loc[child, "told_a__friend"] = True
    table = table_of(project, known, children, answers[1])
    assert np.abs(table.counts.equal @ table.counts.values).max() == 0
    assert (table.counts.at_most @ table.counts.values).max() <= 0
    assert table.counts.equal.shape[0] > 0.9 * table_of(project, known, *answers).counts.equal.shape[0]
