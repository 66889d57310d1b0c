"""Questions with several answers, by arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.survey import SurveyError


@pytest.fixture
def people() -> pd.DataFrame:
    """Five asked, of whom one chose nothing; one not asked."""
    return pd.DataFrame(
        {
            "weight": [1.0, 1, 2, 1, 1, 4],
            "friend": [1, 1, 0, 0, 1, np.nan],
            "parent": [1, 0, 1, 0, 0, np.nan],
            "police": [0, 0, 0, 0, 0, np.nan],
            "girl": [True, True, True, False, False, True],
        }
    )


ANSWERS = ["friend", "parent", "police"]


def test_both_shares_by_arithmetic(people):
    """6 respondents (weighted) were asked; friend has 3 of the 6 mentions, parent 3."""
    design = survey.Design(people, weight="weight")
    table = survey.multiple_response(
        design, people[ANSWERS], {"all": people["weight"] > 0, "girls": people["girl"]}
    )
    shares = table.pivot_table("estimate", ["indicator", "domain"], "measure")
    assert shares.loc["friend"].to_dict("index") == {
        "all": {"share_of_mentions": pytest.approx(3 / 6), "share_of_respondents": pytest.approx(3 / 6)},
        "girls": {"share_of_mentions": pytest.approx(2 / 5), "share_of_respondents": pytest.approx(2 / 4)},
    }
    assert shares.loc[("parent", "girls")].tolist() == pytest.approx([3 / 5, 3 / 4])
    assert shares["share_of_mentions"].groupby("domain").sum().tolist() == pytest.approx([1, 1])
    assert table.loc[table["domain"] == "all", "n"].eq(5).all()
    assert table.columns.tolist() == [*survey.COLUMNS[:2], "measure", *survey.COLUMNS[2:]]


def test_each_share_is_a_proportion_or_a_ratio(people):
    design = survey.Design(people, weight="weight")
    table = survey.multiple_response(design, people[ANSWERS], interval="beta")
    respondents, mentions = (
        table[table["measure"] == measure].drop(columns="measure").reset_index(drop=True)
        for measure in ("share_of_respondents", "share_of_mentions")
    )
    pd.testing.assert_frame_equal(respondents, survey.proportions(design, people[ANSWERS], interval="beta"))
    pd.testing.assert_frame_equal(
        mentions, survey.ratios(design, people[ANSWERS], people[ANSWERS].sum(axis=1, skipna=False))
    )


def test_nobody_chose_anything(people):
    """No mentions: a share of respondents of 0, and no share of mentions."""
    table = survey.multiple_response(survey.Design(people, weight="weight"), people[ANSWERS] * 0)
    assert table["status"].tolist() == ["ok", "not_estimable"] * 3


def test_a_question_is_asked_as_a_whole(people):
    people.loc[2, "police"] = np.nan
    with pytest.raises(SurveyError, match="some answers are missing, others not, in row 2 "):
        survey.multiple_response(survey.Design(people, weight="weight"), people[ANSWERS])
