"""How tests of differences are told: what is tested, what is not and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.presentation import differences


@pytest.fixture
def rows() -> pd.DataFrame:
    """Difference and ratio of two indicators, as they are published."""
    row = {
        "indicator_label": "Told someone",
        "by_label": "Sex",
        "level_label": "All",
        "first": "boy",
        "first_label": "Boys",
        "second_label": "girls",
        "status": "suppressed",
    }
    pairs = [
        {**row, "indicator_label": label, "measure": measure}
        for label in ("Told someone", "Was asked")
        for measure in ("risk_difference", "risk_ratio")
    ]
    return pd.DataFrame(pairs)


def test_a_missing_p_value_says_why_and_is_not_counted(rows):
    table = differences.table(rows, {0: 0.012, 2: np.nan}, {0: "", 2: "no degrees of freedom"}, 0.05)
    assert table["p, adjusted"].tolist() == ["0.012", ""]
    assert table["Significant"].tolist() == ["yes", "no test: no degrees of freedom"]
    assert differences.sentence(table) == (
        "1 of 1 comparisons is significant after adjustment for multiple testing (Holm): "
        "Told someone by sex (Boys minus girls: size not shown). Not tested, for the reason in the table: 1."
    )
    assert (
        differences.sentence(table.tail(1)) == "None of these differences can be tested; the table says why."
    )
    assert differences.sentence(table.head(1)).endswith("size not shown).")
