"""Two-way tables: by arithmetic, and as the proportions they are."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey


@pytest.fixture
def people():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "w": rng.uniform(0.5, 2, 300),
            "psu": np.repeat(np.arange(30), 10),
            "sex": rng.choice(["girl", "boy"], 300),
            "told": pd.Categorical(rng.choice(["no", "yes"], 300), categories=["no", "yes", "unsure"]),
        }
    )
    frame.loc[::17, "sex"] = None
    return frame


@pytest.fixture
def design(people):
    return survey.Design(people, "w", psu="psu")


@pytest.mark.parametrize("of", ["row", "column", "total"])
def test_shares_are_ratios_of_summed_weights(people, design, of):
    table = survey.shares(design, people["sex"], people["told"], of=of).set_index(["row", "column"])
    weight = people.dropna(subset="sex").pivot_table(
        index="sex", columns="told", values="w", aggfunc="sum", observed=False
    )
    total = {"row": weight.sum(axis=1), "column": weight.sum(axis=0), "total": weight.to_numpy().sum()}[of]
    expected = weight.div(total, axis=0) if of == "row" else weight / total
    for (row, column), cell in table.iterrows():
        if np.isfinite(expected.loc[row, column]):
            assert cell["estimate"] == pytest.approx(expected.loc[row, column])


def test_rows_add_up_to_one_and_keep_unused_levels(people, design):
    table = survey.shares(design, people["sex"], people["told"], of="row")
    assert table.groupby("row")["estimate"].sum().tolist() == pytest.approx([1, 1])
    assert table["column"].tolist() == ["no", "yes", "unsure"] * 2
    by_column = survey.shares(design, people["sex"], people["told"], of="column")
    assert by_column.loc[by_column["column"] == "unsure", "status"].tolist() == ["empty", "empty"]


def test_a_row_share_is_a_domain_proportion(people, design):
    table = survey.shares(design, people["sex"], people["told"], of="row").set_index(["row", "column"])
    values = pd.DataFrame({"yes": (people["told"] == "yes").astype(float)})
    by_domain = survey.proportions(design, values, {"girl": people["sex"] == "girl"}).iloc[0]
    for name in ("estimate", "se", "ci_low", "ci_high", "df", "n"):
        assert table.loc[("girl", "yes"), name] == pytest.approx(by_domain[name])


def test_a_domain_and_an_unknown_share(people, design):
    half = np.arange(300) < 150
    table = survey.shares(design, people["sex"], people["told"], domain=half)
    assert table["n"].max() == (people["sex"].notna() & half).sum()
    with pytest.raises(survey.SurveyError, match="shares are of one of row, column, total, not 'cell'"):
        survey.shares(design, people["sex"], people["told"], of="cell")
