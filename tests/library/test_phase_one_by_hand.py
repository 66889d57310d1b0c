"""A file in the layout of phase one, made here and read as an analyst would read the delivered one.

Three countries, children with their caregivers, sampling units inside addresses, columns that look alike, an early
version of the questionnaire, a void item, rows without weight. Nothing of the synthetic survey's code or of our
estimation is used to make the file or to work out what has to come out: estimates, standard errors with the addresses'
units, bases and degrees of freedom are arithmetic on the codes (Binder 1983; no strata, as nobody knows any).
"""

from __future__ import annotations

import re
import shutil

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import config
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.delivered.harmonise import harmonise
from disrupting_harm.estimation.adjusted import adjusted
from disrupting_harm.estimation.contrasts import contrast
from disrupting_harm.estimation.estimates import estimate
from disrupting_harm.quality.examine import examine

COUNTRIES = {"ken": 2, "moz": 3, "idn": 9}
UNITS, PER_UNIT = 36, 6
YES_NO = ["H6", "H7a", "H7b", "H7c", "H7d", "H7e"]
ANXIETY = [f"H4_NEW_{letter}" for letter in "abcdefg"]
MOOD = ["H5a", "H5b", "H5f", "H5g"]
WELLBEING = [f"H4{letter}" for letter in "abcdef"]
EARLY = ["H4_NEW_b", "H4_NEW_d", "H4_NEW_e", "H5a", "H7b"]
TRAPS = ["CH6", "ECS_CH6", "CH7a", "CH4a", "H5_other", "B2x"]


def made(iso3: str, blank: pd.DataFrame) -> pd.DataFrame:
    """Raw rows of one country, written over blank documented columns."""
    rng = np.random.default_rng(COUNTRIES[iso3])
    size = UNITS * PER_UNIT
    unit = np.repeat(np.arange(UNITS), PER_UNIT)
    more = [
        "ECS_AddressID",
        "wgt_gross_all",
        *YES_NO,
        *ANXIETY,
        *MOOD,
        *WELLBEING,
        "H1",
        *TRAPS,
        "CG_AGE",
        "Urbanity",
    ]
    raw = blank.reindex(columns=[*blank.columns, *more], fill_value="").astype(object)
    raw["COUNTRY"] = COUNTRIES[iso3]
    raw["Respondent_ID"] = [f"{iso3}{row}" for row in range(size)]
    ends = rng.choice(["Z0", "Z1"], size)
    raw["ECS_AddressID"] = [
        f"{iso3.upper()}{u:03d}{z}{row:03d}" for row, (u, z) in enumerate(zip(unit, ends, strict=True))
    ]
    raw.loc[unit == UNITS - 1, "ECS_AddressID"] = (
        f"{iso3.upper()}-LAST"  # without Z0 or Z1: the whole text is the unit
    )
    raw["wgt_scaled"] = np.round(rng.lognormal(0, 0.5, size), 6)
    raw["wgt_gross_all"] = raw["wgt_scaled"].astype(float) * 5000
    raw = raw.astype(object)
    raw.loc[::40, ["wgt_scaled", "wgt_gross_all"]] = ""
    shared = rng.normal(0, 0.5, UNITS)[unit]
    exposed = rng.random(size) < 0.3
    for column in YES_NO:
        codes = (rng.normal(0, 1, size) + shared + exposed > 0.9).astype(int)
        raw[column] = np.where(rng.random(size) < 0.08, 888, codes)
    for columns, most in ((ANXIETY, 4), (MOOD, 5), (WELLBEING, 5)):
        for column in columns:
            codes = np.clip(np.round(2.5 + rng.normal(0, 1, size) + shared + 0.5 * exposed), 1, most).astype(
                int
            )
            raw[column] = np.where(rng.random(size) < 0.04, 999, codes)
    raw["H1"] = np.where(rng.random(size) < 0.05, 888, rng.integers(0, 11, size))
    raw = raw.astype(object)
    later = unit < {"ken": 0, "moz": 0, "idn": 11}[iso3]  # under a third of Indonesia, nobody elsewhere
    raw.loc[~later, EARLY] = ""
    raw["G4a"] = np.where(exposed, rng.integers(2, 6, size), 1)
    raw["G1a"] = np.where(exposed & (unit % 2 == 0), 2, 1)
    for item in ("G4a", "G1a"):
        happened = raw[item] > 1
        places = [name for name in raw if re.fullmatch(rf"G8_\d+_{item}", name)]
        raw.loc[happened, places] = 0
        raw.loc[happened, f"G8_2_{item}"] = 1
        platforms = [name for name in raw if re.fullmatch(rf"G8_1_\d+_{item}", name)]
        raw.loc[happened, platforms] = 0
        raw.loc[happened, f"G8_1_{1 + (item == 'G1a') * 3}_{item}"] = (
            1  # Facebook of form f, Instagram of form a
        )
    for column in TRAPS:
        raw[column] = rng.integers(0, 10, size)
    raw["CG_AGE"] = rng.integers(25, 60, size)
    raw["Urbanity"] = "Rural     "
    return raw


@pytest.fixture(scope="module")
def delivered(phase_one_columns):
    """The whole file, country after country."""
    size = UNITS * PER_UNIT
    blank = pd.DataFrame("", index=range(size), columns=phase_one_columns, dtype=object)
    blank["ECS_SELECTED_CH_AGE"] = [row % 6 + 1 for row in range(size)]
    blank["ECS_SELECTED_CH_GENDER"] = [row % 2 + 1 for row in range(size)]
    blank["A1"] = [row % 3 + 1 for row in range(size)]
    return pd.concat([made(iso3, blank) for iso3 in COUNTRIES], ignore_index=True)


def disguised(raw: pd.DataFrame) -> pd.DataFrame:
    """The same file in small letters, its columns in another order and some with a prefix."""
    named = raw.rename(columns={"G17": "Main_G17", "H7a": "Q7.H7a", "H4_NEW_a": "W2_H4_NEW_a"})
    named.columns = named.columns.str.lower()
    return named.sample(frac=1, axis=1, random_state=5)


@pytest.fixture(scope="module")
def read(root, tmp_path_factory):
    """A function that reads a file as the delivered one: the configuration, and children and caregivers by country."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(root / "config", folder / "config")
    (folder / "resources").symlink_to(root / "resources")
    (folder / "data/raw").mkdir(parents=True)
    path = folder / "config/config.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("    # children: data/raw/DH_12Countries_110222.csv", "    children: data/raw/dh.csv"),
        ("    # caregivers: in_child_row", "    caregivers: in_child_row"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    project = config.load(folder)

    def tables(raw: pd.DataFrame):
        raw.to_csv(folder / "data/raw/dh.csv", index=False)
        return project, {iso3: harmonise(project, iso3) for iso3 in COUNTRIES}

    return tables


@pytest.fixture(scope="module")
def plain(delivered, read):
    """The file read as it is."""
    return read(delivered)


@pytest.fixture(scope="module")
def strange(delivered, read):
    """The file read in its disguise."""
    return read(disguised(delivered))


# What has to come out


def of_country(raw: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Rows of a country with a weight; the unit from its address, letter by letter."""
    rows = raw[(raw["COUNTRY"] == COUNTRIES[iso3]) & (raw["wgt_scaled"] != "")].reset_index(drop=True).copy()
    units = []
    for address in rows["ECS_AddressID"]:
        ends = [start for start in range(3, len(address)) if address[start : start + 2] in ("Z0", "Z1")]
        units.append(address[: ends[0]] if ends else address)
    return rows.assign(unit=units, w=rows["wgt_scaled"].astype(float))


def codes(rows: pd.DataFrame, column: str) -> np.ndarray:
    """Codes of a column as numbers; NaN for special answers and empty cells."""
    numbers = pd.to_numeric(rows[column], errors="coerce").to_numpy(float)
    return np.where(numbers > 887, np.nan, numbers)


def by_hand(rows: pd.DataFrame, y: np.ndarray) -> dict[str, float]:
    """Mean, standard error, base and degrees of freedom of a column, with the units of the address."""
    known, w = ~np.isnan(y), rows["w"].to_numpy()
    total = w[known].sum()
    mean = (w * np.where(known, y, 0)).sum() / total
    scores = pd.Series(np.where(known, w * (np.where(known, y, 0) - mean), 0) / total)
    return {
        "estimate": mean,
        "se": spread(scores, rows["unit"]),
        "n": known.sum(),
        "df": units(rows, known) - 1,
    }


def spread(scores: pd.Series, unit: pd.Series) -> float:
    """Standard error from scores: the units' sums about their mean, those without an answer among them."""
    sums = scores.groupby(unit).sum()
    return float(np.sqrt(len(sums) / (len(sums) - 1) * ((sums - sums.mean()) ** 2).sum()))


def units(rows: pd.DataFrame, known: np.ndarray) -> int:
    """Number of units with somebody in the base."""
    return rows["unit"][known].nunique()


def any_of(rows: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """1 if one is yes, 0 if all are no, else NaN."""
    answers = np.column_stack([codes(rows, column) for column in columns])
    yes = (answers == 1).any(axis=1)
    return np.where(yes, 1.0, np.where((answers == 0).all(axis=1), 0.0, np.nan))


def mean_of(rows: pd.DataFrame, columns: list[str], turned: tuple[str, ...] = ()) -> np.ndarray:
    """Mean of the codes of those who answered all; those of `turned` from 5 to 1."""
    answers = [6 - codes(rows, column) if column in turned else codes(rows, column) for column in columns]
    return np.column_stack(answers).mean(axis=1)


EVERYWHERE = {
    "self_harm": lambda rows: codes(rows, "H6"),
    "life_not_worth_living": lambda rows: codes(rows, "H7a"),
    "suicidal_thoughts": lambda rows: codes(rows, "H7c"),
    "suicide_considered": lambda rows: codes(rows, "H7d"),
    "suicide_attempt": lambda rows: codes(rows, "H7e"),
    "suicidal_thoughts_or_acts": lambda rows: any_of(rows, ["H7a", "H7c", "H7d", "H7e"]),
    "self_harm_or_suicidal_thoughts": lambda rows: any_of(rows, ["H6", "H7c"]),
    "anxiety_four_items": lambda rows: mean_of(rows, [f"H4_NEW_{letter}" for letter in "acfg"]),
    "low_mood": lambda rows: mean_of(rows, ["H5b", "H5f", "H5g"], turned=("H5b",)),
    "life_satisfaction_five_items": lambda rows: mean_of(rows, WELLBEING[:5]),
    "life_ladder": lambda rows: codes(rows, "H1"),
    "tfcsea_any": lambda rows: ((codes(rows, "G4a") > 1) | (codes(rows, "G1a") > 1)).astype(float),
}
OF_PART = {
    "wished_to_be_dead": lambda rows: codes(rows, "H7b"),
    "anxiety_seven_items": lambda rows: mean_of(rows, ANXIETY),
}


def people(project, tables, iso3: str) -> Respondents:
    return Respondents.of(tables[iso3][0], project.registry, project.codebook, project.countries[iso3])


def estimated(project, tables, iso3: str, names) -> pd.DataFrame:
    """Our rows by indicator."""
    indicators = [project.registry.indicators[name] for name in names]
    return estimate(people(project, tables, iso3), indicators).set_index("indicator")


def agrees(row: pd.Series, expected: dict[str, float]) -> None:
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12), (row.name, name)


@pytest.mark.parametrize("way", ["plain", "strange"])
def test_estimates_of_three_countries(delivered, request, way):
    project, tables = request.getfixturevalue(way)
    for iso3 in COUNTRIES:
        rows = of_country(delivered, iso3)
        ours = estimated(project, tables, iso3, EVERYWHERE)
        assert set(ours["status"]) == {"ok"}
        for name, values in EVERYWHERE.items():
            agrees(ours.loc[name], by_hand(rows, values(rows)))
        assert ours.loc["tfcsea_any", "df"] == UNITS - 1


def test_items_of_part_of_a_country_have_those_asked_as_their_base(delivered, plain):
    project, tables = plain
    rows = of_country(delivered, "idn")
    ours = estimated(project, tables, "idn", OF_PART)
    for name, values in OF_PART.items():
        agrees(ours.loc[name], by_hand(rows, values(rows)))
    assert (ours["n"] < len(rows) / 3).all()
    remarks = examine(project, "idn", *tables["idn"]).set_index(["check", "variable"])
    remark = remarks.loc[("asked_of_part", "wished_to_be_dead")]
    assert (remark["level"], remark["base"]) == ("warning", len(rows))  # below half of the country
    for iso3 in ("ken", "moz"):
        assert set(estimated(project, tables, iso3, OF_PART)["status"]) == {"not_asked"}


def test_a_void_item_is_not_used_where_it_is_void(delivered, plain):
    project, tables = plain
    name = "life_satisfaction_six_items"
    assert estimated(project, tables, "moz", [name]).loc[name, "status"] == "not_usable"
    for iso3 in ("ken", "idn"):
        rows = of_country(delivered, iso3)
        agrees(estimated(project, tables, iso3, [name]).loc[name], by_hand(rows, mean_of(rows, WELLBEING)))


def test_without_a_column_its_question_is_not_in_the_file(delivered, read):
    """H6 is in the file no more, and no column that ends alike takes its place."""
    project, tables = read(disguised(delivered.drop(columns="H6")))
    for iso3 in COUNTRIES:
        ours = estimated(project, tables, iso3, EVERYWHERE)
        lacking = ["self_harm", "self_harm_or_suicidal_thoughts"]
        assert set(ours.loc[lacking, "status"]) == {"not_delivered"}
        assert set(ours.drop(index=lacking)["status"]) == {"ok"}
        rows = of_country(delivered, iso3)
        agrees(ours.loc["suicidal_thoughts"], by_hand(rows, codes(rows, "H7c")))


@pytest.mark.parametrize("name", ["anxiety_four_items", "low_mood", "life_ladder"])
def test_differences_of_means_by_exposure(delivered, plain, name):
    """The two means share units, so their scores are subtracted before units are summed up."""
    project, tables = plain
    for iso3 in COUNTRIES:
        rows = of_country(delivered, iso3)
        y, exposed = EVERYWHERE[name](rows), EVERYWHERE["tfcsea_any"](rows) == 1
        known, w = ~np.isnan(y), rows["w"].to_numpy()
        means, scores = {}, {}
        for group in (True, False):
            inside = known & (exposed == group)
            means[group] = np.average(y[inside], weights=w[inside])
            scores[group] = np.where(inside, w * (np.nan_to_num(y) - means[group]), 0) / w[inside].sum()
        expected = {
            "estimate": means[True] - means[False],
            "se": spread(pd.Series(scores[True] - scores[False]), rows["unit"]),
            "n": known.sum(),
            "df": units(rows, known) - 1,
        }
        respondents = people(project, tables, iso3)
        indicator = project.registry.indicators[name]
        ours = contrast(respondents, [indicator], "exposure")
        assert list(ours["measure"]) == ["mean_difference"]
        agrees(ours.iloc[0], expected)
        model = adjusted(
            respondents, [indicator], "exposure", [], 0.95
        )  # with the exposure alone it is the same
        assert list(model["measure"]) == ["mean_difference"]
        agrees(model.iloc[0], expected | {"df": expected["df"] + 1 - 2})  # two coefficients


def test_platforms_of_all_forms(delivered, plain):
    """Facebook for form f, Instagram for form a: pairs of child and form, both in the base."""
    project, tables = plain
    names = ["platform_facebook_or_messenger", "platform_instagram"]
    for iso3 in COUNTRIES:
        rows = of_country(delivered, iso3)
        w = rows["w"].to_numpy()
        of_f, of_a = (codes(rows, item) > 1 for item in ("G4a", "G1a"))
        total = w[of_f].sum() + w[of_a].sum()
        ours = estimated(project, tables, iso3, names)
        assert list(ours["estimate"]) == pytest.approx(
            [w[of_f].sum() / total, w[of_a].sum() / total], rel=1e-9
        )
        assert set(ours["n"]) == {of_f.sum() + of_a.sum()}


def test_caregivers_have_the_childs_design(delivered, plain):
    _, tables = plain
    for iso3, (children, caregivers) in tables.items():
        rows = of_country(delivered, iso3)
        assert list(caregivers["caregiver_age"]) == list(rows["CG_AGE"])
        for name in ("weight", "psu"):
            assert list(caregivers[name]) == list(children[name])
        assert list(children["weight"]) == list(rows["w"])
        assert list(children["psu"].str.removeprefix(f"{iso3}:")) == list(rows["unit"])
        assert list(children["gross_weight"]) == pytest.approx(list(rows["w"] * 5000))
