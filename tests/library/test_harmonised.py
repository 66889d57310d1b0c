"""Harmonised tables in Arrow: the same columns, linked tables and remarks as with data frames, in less memory."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.answers import indicators
from disrupting_harm.answers.indicators import Evaluator
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.delivered import identical_rows
from disrupting_harm.delivered.harmonise import write_parquet


@pytest.fixture(scope="module")
def frames(drawn):
    """Children and caregivers of one country, as data frames."""
    return [frame[frame["weight"].notna()].reset_index(drop=True) for frame in drawn("ken")]


def test_columns_are_those_that_pandas_reads(frames, tmp_path):
    for frame in frames:
        frame.attrs = {"country": "ken", "excluded": {"no weight": 3}}
        write_parquet(frame, tmp_path / "table.parquet")
        table, expected = (
            Harmonised.read(tmp_path / "table.parquet"),
            pd.read_parquet(tmp_path / "table.parquet"),
        )
        pd.testing.assert_frame_equal(table[table.columns], expected)
        pd.testing.assert_series_equal(table["weight"], expected["weight"])
        assert table.attrs == expected.attrs == frame.attrs
        assert len(table) == len(frame)


def test_a_yes_takes_a_fraction_of_what_it_takes_in_pandas(frames):
    options = [name for name in frames[0] if frames[0][name].dtype == "boolean"]
    table = Harmonised.of(frames[0][options])
    assert table.arrow.nbytes * 4 < frames[0][options].memory_usage(index=False).sum()


def test_an_empty_table_has_no_columns_and_nobody(tmp_path):
    write_parquet(pd.DataFrame(), tmp_path / "table.parquet")
    table = Harmonised.read(tmp_path / "table.parquet")
    assert len(table) == 0
    assert "household_id" not in table
    with pytest.raises(KeyError):
        table["household_id"]


def test_beside_is_a_left_join(frames):
    children, caregivers = frames[0], frames[1].sample(frac=0.8, random_state=1)
    extra = [name for name in caregivers if name not in children]
    expected = children.merge(caregivers[["household_id", *extra]], on="household_id", how="left")
    rows = pd.Index(caregivers["household_id"]).get_indexer(children["household_id"])
    assert (rows < 0).any()
    linked = Harmonised.of(children).beside(Harmonised.of(caregivers), rows)
    pd.testing.assert_frame_equal(linked[linked.columns], expected)


def test_only_some_columns_are_left(frames):
    names = ["age", "sex", "no such column"]
    only = Harmonised.of(frames[0]).only(names)
    pd.testing.assert_frame_equal(only[only.columns], frames[0][["age", "sex"]])


def test_yes_no_and_nothing_are_those_of_pandas(frames):
    table = Harmonised.of(frames[0])
    for name in frames[0].columns[frames[0].dtypes == "boolean"]:
        assert table.yes_or_no(name).tolist() == frames[0][name].astype("Int8").fillna(-1).tolist()


def test_forgotten_codes_are_evaluated_again(frames, project, monkeypatch):
    conditions = project.registry.conditions.values()
    everything = Evaluator(Harmonised.of(frames[0]), project.registry, project.codebook)
    monkeypatch.setattr(indicators, "REMEMBERED", 1)
    monkeypatch.setattr(indicators, "FEWEST_KEPT", 3)
    forgetful = Evaluator(Harmonised.of(frames[0]), project.registry, project.codebook)
    for condition in [*conditions, *conditions]:
        np.testing.assert_array_equal(forgetful.codes(condition), everything.codes(condition))
        assert len(forgetful._codes) <= 3


@pytest.mark.parametrize("largest", [10, np.iinfo(np.int64).max])
def test_repeated_rows_are_those_that_pandas_counts(frames, largest, monkeypatch):
    """`largest`: how far rows are told apart before they are numbered anew."""
    monkeypatch.setattr(identical_rows, "LARGEST", largest)
    frame = pd.concat([frames[0], frames[0].iloc[:40]]).iloc[:, 5:]
    for part in (frame, frame.iloc[:, :3], frame.iloc[:0]):
        assert identical_rows.repeats(part[name] for name in part) == part.duplicated().sum()
