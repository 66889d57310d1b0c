"""The translation radar finds an item that is void, and hardly anything else; by hand, and over seeds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.insights import radar as page
from disrupting_harm.insights.radar import Radar
from disrupting_harm.publishing.site import quality
from disrupting_harm.quality import radar
from disrupting_harm.quality.remarks import COLUMNS
from disrupting_harm.synthetic.layout import with_void

VOID = ("c02", "item_5")
SEEDS = range(10)


def made_up(seed, n=500, countries=8, void=True):
    """Six items of five answers that measure one thing (loading 0.65), in countries of different levels.

    Nothing is special but the void item of one country: even noise. Three in a hundred give no answer.
    """
    rng = np.random.default_rng(seed)
    country = np.repeat(np.arange(countries), n)
    level = rng.normal(0, 0.4, countries)[country] + rng.normal(size=len(country))
    scores = {}
    for number in range(6):
        latent = 0.65 * level + np.sqrt(1 - 0.65**2) * rng.normal(size=len(level)) + rng.normal(0, 0.3)
        scores[f"item_{number}"] = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1.0
    table = pd.DataFrame(scores).mask(rng.random((len(level), 6)) < 0.03)
    groups = pd.Series([f"c{number:02d}" for number in country])
    if void:
        here = groups == VOID[0]
        table.loc[here, VOID[1]] = rng.integers(1, 6, here.sum()).astype(float)
    return table, groups


@pytest.fixture(scope="module")
def over_seeds():
    return [radar.examine(*made_up(seed)) for seed in SEEDS]


def test_a_void_item_is_found_whatever_the_seed(over_seeds):
    for table in over_seeds:
        row = table.set_index(["group", "item"]).loc[VOID]
        assert "correlation" in row["stands_out"]
        assert abs(row["correlation"]) < 0.2 < row["correlation_elsewhere"]


def test_hardly_anything_else_is_listed(over_seeds):
    """Of 47 other items one at most in a run, and fewer than one in two runs."""
    others = [len(set(radar.standing_out(table)) - {VOID}) for table in over_seeds]
    assert max(others) <= 2
    assert np.mean(others) < 0.5


def test_a_file_without_fault_gives_an_empty_list():
    assert sum(len(radar.standing_out(radar.examine(*made_up(seed, void=False)))) for seed in range(3)) <= 1


def test_an_item_that_was_shifted_at_the_same_score_is_found():
    """Answers one step higher in one country: half a standard deviation or more, whatever the country's level."""
    scores, groups = made_up(1, void=False)
    scores.loc[groups == "c04", "item_2"] = (scores.loc[groups == "c04", "item_2"] + 1).clip(upper=5)
    table = radar.examine(scores, groups).set_index(["group", "item"])
    assert "dif" in table.loc[("c04", "item_2"), "stands_out"]
    assert table.loc[("c04", "item_2"), "dif"] > 0.5


def test_an_item_that_many_left_unanswered_is_found():
    scores, groups = made_up(2, void=False)
    here = np.flatnonzero(groups == "c01")
    scores.loc[here[: len(here) // 4], "item_0"] = np.nan
    table = radar.examine(scores, groups).set_index(["group", "item"])
    assert table.loc[("c01", "item_0"), "stands_out"] == "nonresponse"
    asked = scores.notna() | ~((groups == "c01").to_numpy()[:, None] & np.array([True] + [False] * 5))
    table = radar.examine(scores, groups, asked).set_index(["group", "item"])
    assert table.loc[("c01", "item_0"), "stands_out"] == ""  # they were not asked


@pytest.mark.parametrize(("n", "listed"), [(49, False), (50, True)])
def test_nothing_is_said_of_small_groups(n, listed):
    scores, groups = made_up(3, void=False)
    small = groups.index[groups == "c07"][n:]
    table = radar.examine(scores.drop(small).fillna(3.0), groups.drop(small))
    assert ("c07" in set(table["group"])) == listed


def test_mantel_by_hand():
    """Rest score low: here 1, 2, there 2, 3; high: here 3, there 4, 5. Differences -1 and -1.5; two of three are low.

    Sums here: 3 + 3; expected 2 / 4 x 8 and 1 / 3 x 12; variances 2 x 2 / (16 x 3) x (4 x 18 - 64) and
    1 x 2 / (9 x 2) x (3 x 50 - 144).
    """
    score = pd.Series([1, 2, 2, 3, 3, 4, 5.0])
    rest = pd.Series([1, 1, 1, 1, 2, 2, 2.0])
    here = pd.Series([True, True, False, False, True, False, False])
    size, p_value = radar.mantel(score, rest, here)
    assert size == pytest.approx((2 * -1 + 1 * -1.5) / 3 / score.std())
    variance = 4 / 48 * 8 + 2 / 18 * 6
    assert p_value == pytest.approx(stats.chi2.sf((6 - 4 - 4) ** 2 / variance, 1))


def test_total_variation_by_hand():
    """Half in 1 and half in 2, against all in 1: a half."""
    assert radar.total_variation(pd.Series([1.0, 2.0]), pd.Series([1.0, 1.0, np.nan])) == 0.5


@pytest.mark.slow
def test_the_void_item_of_mozambique_is_found_in_the_synthetic_survey(project, drawn):
    """As delivered, before the country's file says that it must not be used; hardly anything else is listed."""
    frames = {}
    for iso3 in ("eth", "ken", "moz", "nam", "tza"):
        frame, _ = drawn(iso3)
        frame = frame[frame["weight"].notna()].reset_index(drop=True)
        variables = project.codebook.variables("children").values()
        void = with_void(frame, project.countries[iso3], variables, project.analysis.seed)
        frames[iso3] = Harmonised.of(void)
    rows = pd.concat([page.of_scale(project, frames, indicator) for indicator in page.scales(project)])
    listed_items = set(
        rows.loc[rows["stands_out"] != "", ["country", "item"]].itertuples(index=False, name=None)
    )
    assert ("moz", "wellbeing_f") in listed_items
    assert len(rows) > 80
    assert len(listed_items) <= 3


# The page


def children(project, n, void, number):
    """Harmonised answers of one of four countries to a scale of four questions, in two languages."""
    scale = project.registry.indicators["enabling_mediation_by_child"].averaged.scale
    words = {score: word for word, score in scale.scores.items()}
    everyone, _ = made_up(0, n, 4, void=False)
    scores = everyone.iloc[number * n : (number + 1) * n].reset_index(drop=True)
    rng = np.random.default_rng(number)
    columns = {}
    for column, item in enumerate(scale.items):
        answers = rng.integers(1, 6, n) if column == 3 and void else scores.iloc[:, column]
        columns[item] = pd.Categorical(
            [words.get(answer) for answer in answers], categories=list(scale.scores)
        )
    frame = pd.DataFrame(columns).assign(language=rng.integers(1, 3, n).astype(float), weight=1.0)
    return Harmonised.of(frame), scale.items


@pytest.fixture(scope="module")
def listed(project, tmp_path_factory):
    frames = {}
    for number, iso3 in enumerate(("ken", "uga", "tza", "moz")):
        frames[iso3], items = children(project, 600, iso3 == "moz", number)
    rows = page.of_scale(project, frames, project.registry.indicators["enabling_mediation_by_child"])
    folder = tmp_path_factory.mktemp("radar")
    return Radar(
        project, rows.assign(data="synthetic")[page.COLUMNS], ["enabling_mediation_by_child"], folder
    ), items


def test_the_page_lists_the_void_item_by_country_and_language(listed, project):
    radar_page, items = listed
    label = project.codebook.variables("children")[items[3]].label
    finding = radar_page.standing_out()
    assert finding.table["Country"].tolist() == ["Mozambique"]
    assert finding.table["Question"].tolist() == [label]
    assert finding.table["What was found"].iloc[0].startswith("Does not go with the other items")
    assert finding.sentence == "1 of 16 items stand out, each counted once in every country."
    of_language = radar_page.standing_out(by="language").table
    assert {*of_language["Country"]} == {"Mozambique"}
    assert {*of_language["Language"]} == {"1", "2"}


def test_the_table_has_rounded_numbers_only(listed):
    rows = listed[0].rows
    assert not [
        column for column in rows if column.startswith("n")
    ]  # no base leaves, which the audit would not know
    for name in ("correlation", "usual", "dif"):
        assert np.allclose(rows[name] * 10, (rows[name] * 10).round())


def test_the_page_of_data_quality_has_the_list(listed, project, tmp_path):
    radar_page, _ = listed
    table = tmp_path / "radar.csv"
    radar_page.rows.to_csv(table, index=False)
    finding = quality.standing_out(project, table)
    assert {one["country"] for one in finding} == {"Mozambique"}
    assert {one["language"] for one in finding} == {"", "1", "2"}
    about = {
        "country": "moz",
        "table": "children",
        "check": "module_nonresponse",
        "variable": "forms",
        "level": "ok",
    }
    remarks = {
        "moz": pd.DataFrame([{**about, "share": 0.1, "message": "", "hint": ""}]).reindex(columns=COLUMNS)
    }
    html = quality.body(project, remarks, "x", table)
    assert "Which questions may have been translated wrongly?" in html
    assert "No item stands out." not in html
    radar_page.rows.assign(stands_out="").to_csv(table, index=False)
    assert "No item stands out." in quality.body(project, remarks, "x", table)


def test_two_countries_cannot_be_compared(project, tmp_path):
    frames = {iso3: children(project, 300, False, number)[0] for number, iso3 in enumerate(("ken", "uga"))}
    rows = page.of_scale(project, frames, project.registry.indicators["enabling_mediation_by_child"])
    empty = Radar(project, rows[rows["language"] == "-"].assign(data=""), [], tmp_path)
    assert "three countries or more are needed" in empty.standing_out().sentence
    assert set(rows["language"]) <= {"1", "2"}


def test_who_was_not_asked_left_nothing_unanswered(project):
    """An early version left a question out for two of three children of a country: nothing stands out by that."""
    rows = {}
    for of_part in ((), ("item",)):
        frames = {}
        for number, iso3 in enumerate(("ken", "uga", "idn")):
            harmonised, items = children(project, 600, False, number)
            frame = harmonised[list(harmonised.columns)]
            if iso3 == "idn":
                frame[items[1]] = frame[items[1]].where(np.arange(600) % 3 == 0)
            frames[iso3] = Harmonised.of(frame)
            frames[iso3].attrs["asked_of_part"] = [items[1]] if of_part and iso3 == "idn" else []
        table = page.of_scale(project, frames, project.registry.indicators["enabling_mediation_by_child"])
        here = (table["country"] == "idn") & (table["language"] == "") & (table["item"] == items[1])
        rows[of_part] = table.loc[here, "stands_out"].item()
    assert rows == {(): "nonresponse", ("item",): ""}
