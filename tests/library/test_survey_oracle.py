"""Estimates against R: the cases of tests/oracle/reference.json (R 4.2.2, survey 4.5; see the README and R script there)."""

from __future__ import annotations

import json
import operator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from disrupting_harm import survey

ORACLE = Path(__file__).parents[1] / "oracle"
REFERENCE = json.loads((ORACLE / "reference.json").read_text())
DESIGNS = {entry["id"]: entry for entry in REFERENCE["designs"]}

TESTED = {"mean", "total", "ratio", "prop"}
# Estimators of the reference that the library does not offer yet.
NOT_YET = {
    "by",
    "chisq",
    "glm",
    "glmer",
    "levels",
    "mean_replicate",
    "p_adjust",
    "quantile",
    "total_replicate",
    "ttest",
    "two_stage_random_effects",
}
# Intervals of svyciprop that the library does not offer: the first by another way to the same end (R goes through svyglm
# to the logit interval, correct to about 1e-6), the others not at all.
INTERVALS = {
    "xlogit": ("logit", 1e-9),
    "logit": ("logit", 1e-6),
    "beta": ("beta", 1e-9),
    "mean": ("wald", 1e-9),
}
INTERVALS_NOT_OFFERED = {"likelihood", "asin"}

OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "in": lambda column, values: column.isin(values),
    "notnull": lambda column, _: column.notna(),
}


def of_kind(*kinds: str) -> list:
    return [pytest.param(case, id=case["id"]) for case in REFERENCE["cases"] if case["estimator"] in kinds]


@cache
def table(file: str) -> pd.DataFrame:
    return pd.read_csv(ORACLE / file)


@cache
def design(identifier: str) -> survey.Design:
    entry = DESIGNS[identifier]
    return survey.Design(
        table(entry["file"]),
        weight=entry["weights"],
        stratum=entry["strata"] or None,
        psu=entry["psu"] or None,
        fpc=entry["fpc"] or None,
        lone_psu=entry["lonely_psu"],
        nest=entry["nest"],
        name=identifier,
    )


def domain(case: dict) -> dict[str, np.ndarray]:
    """The rows that meet all conditions of the case."""
    people = table(DESIGNS[case["design"]]["file"])
    met = np.ones(len(people), dtype=bool)
    for condition in case["domain"]:
        column = people[condition["var"]]
        met &= (OPERATORS[condition["op"]](column, condition["value"]) & column.notna()).to_numpy()
    return {"domain": met}


def values(case: dict, argument: str = "y") -> pd.Series:
    return table(DESIGNS[case["design"]]["file"])[case["args"][argument]]


def known(result: float | None) -> float:
    return np.nan if result is None else result


def check(row: pd.Series, result: dict, names: dict[str, str]) -> None:
    for ours, theirs in names.items():
        expected = known(result[theirs])
        assert row[ours] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), ours


COUNTS = {"n": "n", "n_base_weighted": "sum_w", "df": "df"}
ESTIMATE = {"estimate": "estimate", "se": "se"} | COUNTS
WALD = ESTIMATE | {"ci_low": "ci_low", "ci_high": "ci_high"}


def test_every_kind_of_case_is_tested_or_named_as_not_yet():
    assert {case["estimator"] for case in REFERENCE["cases"]} == TESTED | NOT_YET
    assert not TESTED & NOT_YET
    assert {kind for case in REFERENCE["cases"] for kind in case["result"].get("ci", [])} == (
        set(INTERVALS) | INTERVALS_NOT_OFFERED
    )
    assert len(REFERENCE["cases"]) == 210


@pytest.mark.parametrize("case", of_kind("mean"))
def test_mean(case):
    row = survey.means(design(case["design"]), values(case), domain(case)).loc[0]
    check(row, case["result"], WALD | {"deff": "deff_wr"})


@pytest.mark.parametrize("case", of_kind("total"))
def test_total(case):
    row = survey.totals(design(case["design"]), values(case), domain(case)).loc[0]
    check(row, case["result"], WALD | {"deff": "deff_wr"})


@pytest.mark.parametrize("case", of_kind("ratio"))
def test_ratio(case):
    above, below = values(case, "numerator"), values(case, "denominator")
    row = survey.ratios(design(case["design"]), above, below, domain(case)).loc[0]
    check(row, case["result"], WALD)


@pytest.mark.parametrize("case", of_kind("prop"))
def test_proportion_and_its_intervals(case):
    for theirs, (ours, tolerance) in INTERVALS.items():
        row = survey.proportions(
            design(case["design"]), values(case), domain(case), interval=ours, level=case["args"]["level"]
        ).loc[0]
        check(row, case["result"], ESTIMATE)
        expected = case["result"]["ci"][theirs]
        if expected["low"] is None:  # R gives no interval at 0 and 1
            assert row["interval"] == "clopper_pearson"
            continue
        assert row["interval"] == ours
        assert row["ci_low"] == pytest.approx(expected["low"], rel=tolerance), theirs
        assert row["ci_high"] == pytest.approx(expected["high"], rel=tolerance), theirs


@pytest.mark.parametrize(
    "case", [case for case in of_kind("mean") if set(values(case.values[0]).dropna().unique()) <= {0, 1}]
)
def test_proportion_has_the_design_effect_of_the_mean(case):
    row = survey.proportions(design(case["design"]), values(case), domain(case), interval="wald").loc[0]
    check(row, case["result"], ESTIMATE | {"deff": "deff_wr"})
