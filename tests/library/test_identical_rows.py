"""Interviews that occur twice stop a file before anything is decided; children who agree by chance do not."""

from __future__ import annotations

from math import comb, exp, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.delivered.harmonise import harmonise
from disrupting_harm.delivered.identical_rows import (
    FEWEST,
    LIMIT,
    at_most,
    beyond_chance,
    number_of_repeats,
    repeats,
    set_sizes,
)
from disrupting_harm.quality.examine import examine
from disrupting_harm.synthetic.deliver import write


def sets(*numbers: int) -> np.ndarray:
    """Sizes of sets of identical rows: `numbers` of one row, of two, of three ..."""
    return np.repeat(np.arange(1, len(numbers) + 1), numbers)


# The arithmetic


def test_sets_of_identical_rows():
    frame = pd.DataFrame(
        {"a": [1, 1, 2, 1, 2, 3], "b": list("xxyxyz"), "c": [None, None, "-", None, "-", "-"]}
    )
    columns = [frame[name] for name in frame]
    assert sorted(set_sizes(columns)) == [1, 2, 3]
    assert repeats(columns) == number_of_repeats(set_sizes(columns)) == 3
    assert repeats([]) == 0


@pytest.mark.parametrize("copies", [2, 3, 4, 5, 10, 1000])
def test_a_whole_export_made_several_times_is_refused(copies):
    """Whatever else is identical: 900 different interviews; or few questions, with 300 combinations that differ."""
    for sizes in (sets(900), sets(200, 60, 25, 15)):
        assert not beyond_chance(sizes)
        assert beyond_chance(sizes * copies)


def test_the_part_of_a_survey_that_must_occur_twice():
    """1,000 interviews that all differ: by arithmetic 0.09 is the first of these shares above the limit.

    x pairs among 1,000 - x that occur once are beyond chance if x^2 > 3/2 * at_most(1000 - x) * 5.
    """
    for doubled in (50, 80, 90, 150, 500, 1000):
        is_beyond = doubled**2 > 1.5 * (1005 - doubled + 3 * sqrt(1000 - doubled)) * 5
        assert beyond_chance(sets(1000 - doubled, doubled)) == is_beyond == (doubled >= 90)


def test_a_handful_is_no_error_in_a_table_of_any_size():
    assert not beyond_chance(sets(0, FEWEST - 1))
    assert beyond_chance(sets(0, FEWEST))
    few = round(LIMIT * 10**5) - 1
    assert not beyond_chance(sets(10**5 - 2 * few, few))


def test_upper_limit_of_a_count():
    """Where `at_most(0)` is expected, none occurs in less than one table of a hundred (Poisson)."""
    assert exp(-at_most(0)) < 0.01
    assert at_most(100) == 100 + 3 * 10 + 5


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=40), st.integers(20, 400), st.integers(2, 4))
def test_by_chance_there_are_no_pairs_without_triplets(weights, n, m):
    """The inequality that the check rests on, with exact expectations and any probabilities of the answers."""
    p = np.array(weights) / sum(weights)
    once, twice, thrice = (comb(n, k) * (p**k * (1 - p) ** (n - k)).sum() for k in (m - 1, m, m + 1))
    assert twice**2 <= (m + 1) / m * (n - m + 1) / (n - m) * once * thrice * (1 + 1e-9) + 1e-300


@pytest.mark.parametrize("combinations", [300, 1000, 5000, 20000])
def test_children_who_answer_independently_are_rarely_refused(combinations):
    """Even in the worst case, where all combinations are equally likely: pairs then are as frequent as they can be."""
    rng = np.random.default_rng(combinations)
    tables = [np.bincount(rng.integers(0, combinations, 1000)) for _ in range(200)]
    assert np.mean([beyond_chance(table[table > 0]) for table in tables]) <= 0.03


# Questionnaires of any length, cut out of the synthetic survey


def answers(project, frame, table="children"):
    """Columns of each question."""
    variables = project.codebook.variables(table).values()
    asked = [
        variable for variable in variables if variable.kind != "identifier" and variable.name != "weight"
    ]
    columns = [[column for column in variable.columns if column in frame] for variable in asked]
    return [names for names in columns if names]


@pytest.mark.parametrize("iso3", ["ken", "bra"])
@pytest.mark.parametrize("table", ["children", "caregivers"])
def test_a_short_questionnaire_is_left_alone_and_its_double_export_is_not(project, drawn, iso3, table):
    """Two to 25 questions, drawn at random: with few, most rows are identical to another, and no table is refused.

    With eight questions or more, the same table is always refused with every interview twice, and nearly always with
    half of them twice.
    """
    frame = drawn(iso3)[table == "caregivers"]
    frame = frame[frame["weight"] > 0]
    questions, rng = answers(project, frame, table), np.random.default_rng(1)
    identical, halves = [], []
    for _ in range(60):
        size = int(rng.integers(2, 26))
        chosen = rng.choice(len(questions), min(size, len(questions)), replace=False)
        columns = [column for number in chosen for column in questions[number]]
        sizes = set_sizes(frame[column] for column in columns)
        identical.append(number_of_repeats(sizes) / len(frame))
        assert not beyond_chance(sizes)
        if len(chosen) >= 8 and identical[-1] < 0.9:
            assert beyond_chance(2 * sizes)
            again = pd.concat([frame[columns], frame[columns].sample(frac=0.5, random_state=size)])
            halves.append(beyond_chance(set_sizes(again[column] for column in columns)))
    assert np.mean(np.array(identical) > LIMIT) >= 0.2
    assert np.mean(halves) > 0.9


# Files


@pytest.fixture(scope="module")
def raw(drawn, copies, tmp_path_factory):
    """The phase-one files of Kenya, caregivers in a file of their own, every cell as text."""
    folder = tmp_path_factory.mktemp("delivered")
    own_file = "synthetic_caregivers: data/synthetic/SYNTHETIC_caregivers.csv"
    project = copies().edit("config.yaml", "synthetic_caregivers: in_child_row", own_file).load()
    files = folder / "children.csv", folder / "caregivers.csv"
    write(project, ["ken"], *files, population=drawn)
    return [pd.read_csv(file, dtype=str).drop(columns="SYNTHETIC") for file in files]


@pytest.fixture
def deliver(copy):
    """A function that delivers children and caregivers of phase one, and harmonises one country."""
    for table, file in (
        ("children", "DH_12Countries_110222.csv"),
        ("caregivers", "caregivers_phase_one.csv"),
    ):
        copy.edit("config.yaml", f"# {table}: data/raw/{file}", f"{table}: data/raw/{table}.csv")
    (copy.root / "data/raw").mkdir(parents=True)

    def run(children, caregivers, iso3="ken"):
        children.to_csv(copy.root / "data/raw/children.csv", index=False)
        caregivers.to_csv(copy.root / "data/raw/caregivers.csv", index=False)
        return harmonise(copy.load(), iso3)

    run.copy = copy
    return run


def next_to_each_other(raw):
    return raw.loc[raw.index.repeat(2)]


def in_two_halves(raw):
    return pd.concat([raw, raw])


def shuffled_with_new_identifiers(raw):
    again = raw.sample(frac=1, random_state=1)
    names = [name for name in raw if name.endswith(("_ID", "_AddressID"))]
    return pd.concat([raw, again.assign(**{name: "B" + again[name] for name in names})])


def with_halved_weights(raw):
    halved = {name: raw[name].astype(float) / 2 for name in raw if name in ("wgt_scaled", "CG_WGT")}
    return in_two_halves(raw.assign(**halved))


def with_other_weights_and_a_time(raw):
    again = raw.assign(wgt_scaled=np.linspace(0.5, 1.5, len(raw)))
    return pd.concat([raw.assign(exported="Monday"), again.assign(exported="Tuesday")])


def with_equal_weights_in_one_unit(raw):
    return in_two_halves(
        raw.assign(wgt_scaled="1", ECS_AddressID=[f"P{row % 2}" for row in range(len(raw))], STRATUM="one")
    )


def three_times(raw):
    return pd.concat([raw, raw, raw])


def in_good_part(raw):
    return pd.concat([raw, raw.sample(frac=0.2, random_state=1)])


WAYS = {
    next_to_each_other: 50,
    in_two_halves: 50,
    shuffled_with_new_identifiers: 50,
    with_halved_weights: 50,
    with_other_weights_and_a_time: 50,
    with_equal_weights_in_one_unit: 50,
    three_times: 65,
    in_good_part: 15,
}


CASES = [("children", way) for way in WAYS]
CASES += [("caregivers", way) for way in (in_two_halves, with_halved_weights, in_good_part)]


@pytest.mark.parametrize(("table", "twice"), CASES, ids=[f"{table} {way.__name__}" for table, way in CASES])
def test_a_double_export_stops_the_run(deliver, raw, table, twice):
    """The share is a whole number of five per cent: 0.2 of the interviews twice are 1 of 6 rows, about 15%."""
    children, caregivers = raw
    with pytest.raises(MicrodataError) as stopped:
        deliver(*((twice(children), caregivers) if table == "children" else (children, twice(caregivers))))
    lines = str(stopped.value).splitlines()
    assert lines[0] == f"data/raw/{table}.csv"
    assert lines[1].startswith(f"  about {WAYS[twice]}% of the rows of {table} for Kenya repeat another row")
    assert lines[-1] == f"        accept_identical_rows: [{table}]"
    assert "config/countries/ken.yaml" in lines[-2]
    assert not set(children["Respondent_ID"]) & set(str(stopped.value).split())


def test_what_is_not_a_double_export_passes(deliver, raw):
    """Twenty children twice (2%); identifiers that occur twice for different children; copies without a weight."""
    children, caregivers = raw
    few = pd.concat([children, children[children["wgt_scaled"].notna()].head(20)])
    few = few.reset_index(drop=True)
    few.loc[100:123, "Respondent_ID"] = few.loc[200:223, "Respondent_ID"].to_numpy()
    table, _ = deliver(few, caregivers)
    assert table.attrs["renamed_identifiers"] >= 24
    assert not table.attrs["identical_rows_accepted"]
    weightless = pd.concat([children, children.assign(wgt_scaled="")])
    assert len(deliver(weightless, caregivers)[0]) == len(table) - 20


def test_another_country_of_the_shared_file_is_another_matter(deliver, raw):
    children, caregivers = raw
    other = children.assign(COUNTRY="7")
    assert len(deliver(pd.concat([children, other, other]), caregivers)[0]) > 900
    with pytest.raises(MicrodataError, match="50% of the rows of children for Uganda"):
        deliver(pd.concat([children, other, other]), caregivers.assign(COUNTRY="7"), "uga")


def test_identical_rows_may_be_accepted_and_are_then_warned_of(deliver, raw):
    """For one of the two tables; and the harmonised tables depend on the setting."""
    children, caregivers = raw
    before = deliver.copy.load().harmonise_digest("ken")
    deliver.copy.add("countries/ken.yaml", "\naccept_identical_rows: [caregivers]\n")
    project = deliver.copy.load()
    assert project.harmonise_digest("ken") != before
    with pytest.raises(MicrodataError, match="of the rows of children"):
        deliver(in_two_halves(children), in_two_halves(caregivers))
    tables = deliver(children, in_two_halves(caregivers))
    assert [table.attrs["identical_rows_accepted"] for table in tables] == [False, True]
    remarks = examine(project, "ken", *tables)
    remarks = remarks[remarks["check"] == "identical_rows"].set_index("table")
    assert list(remarks["level"]) == ["ok", "warning"]
    assert "config/countries/ken.yaml accepts it" in remarks.loc["caregivers", "message"]
    assert remarks.loc["caregivers", "share"] == 0.5
