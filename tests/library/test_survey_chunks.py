"""Proportions of a long table are read chunk by chunk: neither results nor messages may depend on the chunks."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey
from disrupting_harm.survey import inputs

ROWS = 400


@pytest.fixture
def people():
    chance = np.random.default_rng(5)
    psu = np.repeat(np.arange(40), ROWS // 40)
    frame = pd.DataFrame({"psu": psu, "stratum": psu % 4, "weight": chance.gamma(4, 0.25, ROWS)})
    frame.loc[::37, "weight"] = 0.0
    for number, share in enumerate([0.02, 0.3, 0.5]):
        frame[f"y{number}"] = (chance.random(ROWS) < share).astype(float)
    frame["y1"] = frame["y1"].mask(chance.random(ROWS) < 0.1)
    frame.loc[200:, "y2"] = np.nan
    frame["girl"] = chance.random(ROWS) < 0.5
    return frame


def estimate(people, **options):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu", name="the survey")
    domains = {"girls": people["girl"], "boys": ~people["girl"], "nobody": np.zeros(ROWS, dtype=bool)}
    return survey.proportions(design, people[["y0", "y1", "y2"]], domains, **options)


@pytest.mark.parametrize("interval", survey.PROPORTION_INTERVALS)
@pytest.mark.parametrize("cells", [1, 21, 300])
def test_chunks_change_nothing(people, monkeypatch, cells, interval):
    at_once = estimate(people, interval=interval)
    monkeypatch.setattr(inputs, "CHUNK_CELLS", cells)
    pd.testing.assert_frame_equal(estimate(people, interval=interval), at_once, rtol=1e-12)


@pytest.mark.parametrize("cells", [1, 21, 300])
def test_chunks_change_nothing_in_any_estimate(people, monkeypatch, cells):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    values, girls = people[["y0", "y1", "y2"]] * 1000 + 7, people["girl"]
    estimates = (
        lambda: survey.means(design, values, {"girls": girls}),
        lambda: survey.totals(design, values, {"girls": girls}),
        lambda: survey.ratios(design, values, values["y1"], {"girls": girls}),
        lambda: survey.contrasts(design, values, girls, ~girls),
        lambda: survey.joint_means(design, values, {"girls": girls}).covariance,
    )
    at_once = [estimate() for estimate in estimates]
    monkeypatch.setattr(inputs, "CHUNK_CELLS", cells)
    for estimate, expected in zip(estimates, at_once, strict=True):
        pd.testing.assert_frame_equal(estimate(), expected, rtol=1e-9)


def test_a_strange_value_is_named_by_its_row_in_the_whole_table(people, monkeypatch):
    monkeypatch.setattr(inputs, "CHUNK_CELLS", 30)
    people.loc[[7, 355], "y1"] = 2.0
    with pytest.raises(
        survey.SurveyError, match=r"column 'y1' is neither 0 nor 1 nor missing in rows 7, 355 "
    ):
        estimate(people)


def test_the_table_of_the_caller_is_left_as_it_was(people):
    before = people.copy(deep=True)
    estimate(people)
    pd.testing.assert_frame_equal(people, before)


@pytest.mark.parametrize("kind", ["int8", "bool", "Int8", "boolean", "Float32"])
def test_types_of_numbers_change_nothing(people, kind):
    design = survey.Design(people, weight="weight", stratum="stratum", psu="psu")
    missing = kind in ("Int8", "boolean", "Float32")
    floats = people[["y0", "y1"]].where(people["y1"].notna(), np.nan if missing else 0.0)
    typed = floats.astype("Float64").astype(kind) if missing else floats.astype(kind)
    pd.testing.assert_frame_equal(survey.proportions(design, typed), survey.proportions(design, floats))
    pd.testing.assert_frame_equal(survey.means(design, typed), survey.means(design, floats))
