"""Adjustment for many tests, against R's p.adjust (cases of tests/oracle/reference.json)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from disrupting_harm.estimation.with_pingouin import ADJUSTMENTS, MORE_ADJUSTMENTS, adjust_p_values

REFERENCE = Path(__file__).parents[1] / "oracle/reference.json"
CASES = [case for case in json.loads(REFERENCE.read_text())["cases"] if case["estimator"] == "p_adjust"]
IN_R = {"benjamini_hochberg": "BH", "benjamini_yekutieli": "BY"}
METHODS = [*ADJUSTMENTS, *MORE_ADJUSTMENTS]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_adjusted_as_by_r(case, method):
    assert len(CASES) == 2
    expected = case["result"][IN_R.get(method, method)]
    assert adjust_p_values(case["args"]["p"], method) == pytest.approx(expected, rel=1e-9)


def test_no_column_of_r_is_left_untested():
    assert {IN_R.get(method, method) for method in METHODS} == set(CASES[0]["result"])


def test_no_test_does_not_count():
    """Holm on three p-values: 3 x 0.01, 2 x 0.02, and 0.5 once."""
    adjusted = adjust_p_values(np.array([0.02, np.nan, 0.5, 0.01]))
    assert adjusted == pytest.approx([0.04, np.nan, 0.5, 0.03], nan_ok=True)
    hochberg = adjust_p_values(
        [np.nan, 0.04, 0.03], "hochberg"
    )  # the largest as it is, a roof for the others
    assert hochberg == pytest.approx([np.nan, 0.04, 0.04], nan_ok=True)
    assert np.isnan(adjust_p_values([np.nan])).all()
    assert len(adjust_p_values([])) == 0


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust_p_values([0.2, 1.2])
    with pytest.raises(ValueError, match="method is one of holm"):
        adjust_p_values([0.2], "sidak")
