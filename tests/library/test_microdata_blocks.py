"""A file is read block by block, and how long a block is makes no difference."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from pandas.testing import assert_frame_equal

from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import compact, spss, text

ROWS = 400
NAMES = ["id", "code", "many", "decimal", "words", "late", "nothing"]


@pytest.fixture(scope="module")
def survey():
    """Codes with empty cells, more values than a byte tells apart, decimals, words, and a column that fills late."""
    draw = np.random.default_rng(1)
    code = draw.choice([1, 2, 98, np.nan], ROWS)
    late = np.where(np.arange(ROWS) < ROWS - 3, np.nan, 7.0)
    return pd.DataFrame(
        {
            "id": [f"{number:05d}" for number in range(ROWS)],
            "code": code,
            "many": draw.permutation(ROWS).astype(float),
            "decimal": np.where(draw.random(ROWS) < 0.1, np.nan, draw.random(ROWS).round(3)),
            "words": draw.choice(["", "no", "North-East"], ROWS),
            "late": late,
            "nothing": np.full(ROWS, np.nan),
        }
    )


@pytest.fixture(scope="module")
def files(survey, tmp_path_factory):
    """The survey as text, SPSS, and Stata with one kind of tagged missing value at the beginning and one at the end."""
    folder = tmp_path_factory.mktemp("blocks")
    survey.to_csv(folder / "survey.csv", index=False)
    pyreadstat.write_sav(survey, folder / "survey.sav", missing_ranges={"code": [98]})
    tagged = survey.assign(code=survey["code"].astype(object))
    tagged.loc[0, "code"], tagged.loc[ROWS - 1, "code"] = "a", "b"
    pyreadstat.write_dta(tagged, folder / "survey.dta", missing_user_values={"code": ["a", "b"]})
    return folder


def read(path):
    """What a file says: the spelling of each cell, and the declared missing codes."""
    microdata = formats.read(path, NAMES, text=["id"])
    frame = pd.DataFrame({name: formats.codes(microdata.frame[name]) for name in NAMES})
    return frame, {name: set(codes) for name, codes in microdata.missing.items()}


@pytest.mark.parametrize("ending", [".csv", ".sav", ".dta"])
@pytest.mark.parametrize("block", [7, 100, ROWS, ROWS + 1])
def test_the_length_of_a_block_makes_no_difference(files, monkeypatch, ending, block):
    path = files / f"survey{ending}"
    expected, missing = read(path)
    monkeypatch.setattr(spss, "BLOCK", block)
    monkeypatch.setattr(text, "BLOCK", 40 * block)  # bytes: a line has less than 40
    frame, declared = read(path)
    assert_frame_equal(frame, expected)
    assert declared == missing
    assert declared.get("code", set()) == {".csv": set(), ".sav": {"98"}, ".dta": {".a", ".b"}}[ending]


def test_what_is_read_is_what_was_written(files, survey):
    """The whole file against the table that it was written from, cell by cell."""
    frame = formats.read(files / "survey.csv", NAMES, text=["id"]).frame
    for name in NAMES:
        cells = frame[name].astype(object)
        expected = survey[name].astype(object).where(survey[name].notna() & (survey[name] != ""), None)
        assert cells.where(cells.notna(), None).tolist() == expected.tolist(), name


def test_codes_take_a_byte_a_cell(files):
    frame = formats.read(files / "survey.sav", NAMES).frame
    assert frame["code"].cat.codes.dtype == np.int8
    assert not isinstance(frame["many"].dtype, pd.CategoricalDtype)


def test_blocks_of_few_and_of_many_values_become_one_column():
    few, many = pd.Series([1.0, np.nan, 1.0]), pd.Series(np.arange(compact.FEW + 1.0))
    column = compact.joined([compact.compact(few), compact.compact(many)])
    assert column.tolist()[:1] == [1.0]
    assert column.isna().tolist() == [False, True, False, *[False] * (compact.FEW + 1)]
    assert column.tolist()[3:] == list(range(compact.FEW + 1))
