"""Verdicts on headline claims: every rule confirms what is so, denies what is not, and says when it cannot tell."""

import numpy as np
import pandas as pd
import pytest

from disrupting_harm.estimation import tidy_table
from disrupting_harm.insights import claims
from disrupting_harm.insights.claims import (
    CHECKS,
    CONFIRMED,
    NOT_COMPUTABLE,
    NOT_CONFIRMED,
    Evidence,
    judge,
    read_claims,
)


def row(country, indicator, estimate, by="all", level="all", measure="proportion", half=0.02, **more_about):
    numbers = {"estimate": estimate, "se": half / 2, "ci_low": estimate - half, "ci_high": estimate + half}
    about = {"country": country, "indicator": indicator, "by": by, "level": level, "measure": measure}
    more = {"df": np.inf, "n": 900.0, "status": "shown", "interval": "wald", "confidence_level": 0.95}
    blank = {**dict.fromkeys(tidy_table.FULL, np.nan), **dict.fromkeys(tidy_table.FLAGS, False)}
    blank |= dict.fromkeys(tidy_table.CONTRAST, "")
    return {**blank, **about, **more_about, **numbers, **more, "data": "synthetic", "insight": "x"}


def evidence(project, pooled=(), rows=()):
    countries = [*rows, row("aaa", "present", 0.5), row("bbb", "present", 0.5)]
    pooled = pd.DataFrame(pooled, columns=tidy_table.FULL) if pooled else pd.DataFrame()
    return Evidence(
        project.registry, project.analysis.suppression, pd.DataFrame(countries), pooled, ["aaa", "bbb"]
    )


def verdict(project, rule, **given):
    claim = {"claim_id": "C00", "claim": "words", "statistic": "said", "rule": rule}
    return judge(claim, evidence(project, **given))["Verdict"]


def test_every_claim_has_a_rule_that_exists(root):
    claims = read_claims(root / "resources/published")
    assert len(claims) == 48
    for claim in claims:
        assert claim["rule"].keys() & {"check", "not_computable"}
        assert claim["rule"].get("check", "pooled") in CHECKS


def test_every_indicator_of_a_rule_exists(root, project):
    for claim in read_claims(root / "resources/published"):
        rule = claim["rule"]
        for name in [*rule.get("indicators", []), *([rule["indicator"]] if "indicator" in rule else [])]:
            assert name in project.registry.indicators, claim["claim_id"]
        assert rule.get("group", "channels") in project.registry.groups
        assert rule.get("country", "ken") in project.countries


@pytest.mark.parametrize(("rule", "estimates", "expected"), [
    ({"check": "pooled", "indicator": "x", "equals": 0.17}, {"x": 0.18}, CONFIRMED),
    ({"check": "pooled", "indicator": "x", "equals": 0.17}, {"x": 0.20}, NOT_CONFIRMED),
    ({"check": "pooled", "indicators": ["x", "y"], "equals": 0.17}, {"x": 0.17, "y": 0.30}, NOT_CONFIRMED),
    ({"check": "order", "indicators": ["x", "y"]}, {"x": 0.3, "y": 0.2}, CONFIRMED),
    ({"check": "order", "indicators": ["x", "y"]}, {"x": 0.2, "y": 0.3}, NOT_CONFIRMED),
    ({"check": "pooled", "indicator": "z", "equals": 0.1}, {"x": 0.1}, NOT_COMPUTABLE),
    ({"not_computable": "because"}, {}, NOT_COMPUTABLE),
])  # fmt: skip
def test_rules_about_the_pool(project, rule, estimates, expected):
    assert (
        verdict(project, rule, pooled=[row("ALL", name, value) for name, value in estimates.items()])
        == expected
    )


@pytest.mark.parametrize(("rule", "first", "second", "expected"), [
    ({"check": "largest", "indicator": "x", "equals": 0.20, "country": "aaa"}, 0.21, 0.1, CONFIRMED),
    ({"check": "largest", "indicator": "x", "equals": 0.20, "country": "bbb"}, 0.21, 0.1, NOT_CONFIRMED),
    ({"check": "largest", "indicator": "x", "equals": 0.30}, 0.21, 0.1, NOT_CONFIRMED),
    ({"check": "largest", "indicator": "x", "above": 0.9}, 0.95, 0.1, CONFIRMED),
    ({"check": "smallest", "indicator": "x", "equals": 0.1, "country": "bbb"}, 0.21, 0.1, CONFIRMED),
    ({"check": "range", "indicator": "x", "low": 0.1, "high": 0.2, "highest": "aaa"}, 0.21, 0.1, CONFIRMED),
    ({"check": "range", "indicator": "x", "low": 0.0, "high": 0.2}, 0.21, 0.1, NOT_CONFIRMED),
    ({"check": "above", "indicator": "x", "share": 0.5}, 0.9, 0.3, CONFIRMED),
    ({"check": "above", "indicator": "x", "share": 0.7}, 0.9, 0.3, NOT_CONFIRMED),
    ({"check": "near", "indicator": "x", "equals": 0.5, "within": 0.11}, 0.9, 0.3, CONFIRMED),
    ({"check": "near", "indicator": "x", "equals": 0.5, "within": 0.05}, 0.9, 0.3, NOT_CONFIRMED),
    ({"check": "country", "indicator": "x", "country": "aaa", "equals": 0.9}, 0.9, 0.3, CONFIRMED),
    ({"check": "country", "indicator": "x", "country": "ccc", "equals": 0.9}, 0.9, 0.3, NOT_COMPUTABLE),
])  # fmt: skip
def test_rules_about_countries(project, rule, first, second, expected):
    assert verdict(project, rule, rows=[row("aaa", "x", first), row("bbb", "x", second)]) == expected


def test_rules_about_countries_need_all_countries_of_the_article(project):
    with_two = evidence(project, rows=[row("aaa", "x", 0.1), row("ccc", "x", 0.2)])
    with_two.article.append("ddd")
    claim = {
        "claim_id": "C00",
        "claim": "",
        "statistic": "",
        "rule": {"check": "above", "indicator": "x", "share": 0.1},
    }
    assert judge(claim, with_two)["Computed"] == "not all countries of the article are in this run"


@pytest.mark.parametrize(("shares", "expected"), [
    ([0.12, 0.10, 0.14, 0.17, 0.20, 0.22], CONFIRMED),  # rises from 13 on
    ([0.12, 0.10, 0.14, 0.13, 0.20, 0.22], NOT_CONFIRMED),
    ([0.30, 0.10, 0.14, 0.17, 0.20, 0.22], NOT_CONFIRMED),  # 17 below 12
])  # fmt: skip
def test_rising_with_age(project, shares, expected):
    rows = [row("ALL", "x", share, "age", str(age)) for age, share in enumerate(shares, 12)]
    assert (
        verdict(project, {"check": "rising", "indicator": "x", "by": "age", "from": "13"}, pooled=rows)
        == expected
    )


@pytest.mark.parametrize(("ratios", "expected"), [((2.0, 4.0), CONFIRMED), ((1.0, 2.0), NOT_CONFIRMED)])
def test_ratios(project, ratios, expected):
    rows = [row(country, "x", ratio, "exposure", "", "risk_ratio", 0.2, first="yes", second="no")
            for country, ratio in zip(("aaa", "bbb"), ratios, strict=True)]  # fmt: skip
    assert verdict(project, {"check": "ratio", "indicator": "x", "low": 2, "high": 4}, rows=rows) == expected


def test_top_and_bottom_of_a_group(project):
    members = project.registry.members["forms_online"]
    rows = [row("ALL", name, 0.1 - rank / 100) for rank, name in enumerate(members)]
    top = {"check": "top", "group": "forms_online", "indicator": members[0]}
    assert verdict(project, top, pooled=rows) == CONFIRMED
    assert verdict(project, {**top, "indicator": members[1]}, pooled=rows) == NOT_CONFIRMED
    assert verdict(project, {**top, "check": "bottom", "indicator": members[-1]}, pooled=rows) == CONFIRMED


def test_hidden_estimates_are_no_evidence(project):
    hidden = {**row("ALL", "x", 0.17), "status": "suppressed", "estimate": np.nan}
    rule = {"check": "pooled", "indicator": "x", "equals": 0.17}
    assert verdict(project, rule, pooled=[hidden]) == NOT_COMPUTABLE


def test_a_claim_without_a_rule_is_an_error(tmp_path):
    (tmp_path / "headline_claims.csv").write_text("claim_id,claim\nC01,a\nC02,b\n")
    (tmp_path / "claims.yaml").write_text("C01: {not_computable: x}\n")
    with pytest.raises(ValueError, match="C02 stands in only one"):
        claims.read_claims(tmp_path)


@pytest.mark.parametrize(("first", "second", "expected"), [
    (0.3006, 0.2994, CONFIRMED), (0.3004, 0.2996, NOT_CONFIRMED),  # 30.1 and 29.9; 30.0 and 30.0
])  # fmt: skip
def test_no_verdict_says_more_than_the_printed_numbers(project, first, second, expected):
    pooled = [row("ALL", "x", first), row("ALL", "y", second)]
    assert verdict(project, {"check": "order", "indicators": ["x", "y"]}, pooled=pooled) == expected


def test_what_cannot_be_judged_says_neither_what_is_hidden_nor_how_much(project):
    hidden = [
        {**row(country, "x", 0.2), "status": "suppressed", "estimate": np.nan} for country in ("aaa", "bbb")
    ]
    claim = {
        "claim_id": "C00",
        "claim": "",
        "statistic": "",
        "rule": {"check": "above", "indicator": "x", "share": 0.1},
    }
    assert judge(claim, evidence(project, rows=hidden))["Computed"] == "cannot be judged from what is shown"


@pytest.mark.parametrize(("children", "countries", "expected", "words"), [
    (1_200_000, 2, CONFIRMED, "1,300,000 in 2 countries"),  # 4 % of 30 million and 1 % of 10 million
    (1_300_001, 2, NOT_CONFIRMED, "1,300,000 in 2 countries"),
    (1_200_000, 11, CONFIRMED, "1,300,000 in 2 countries"),  # the others can only add
    (1_300_001, 11, NOT_COMPUTABLE, "known for 2 of these countries, with 1,300,000."),
])  # fmt: skip
def test_at_least_so_many_children(project, children, countries, expected, words):
    rows = [row("aaa", "x", 0.04), row("bbb", "x", 0.01), row("ccc", "x", 0.5)]
    known = evidence(project, rows=rows)
    known.users = {"aaa": 30e6, "bbb": 10e6}
    rule = {"check": "at_least", "indicator": "x", "countries": countries, "children": children}
    line = judge({"claim_id": "C00", "claim": "", "statistic": "", "rule": rule}, known)
    assert line["Verdict"] == expected
    assert words in line["Computed"].replace("\u2009", ",")
    known.users = {}
    line = judge({"claim_id": "C00", "claim": "", "statistic": "", "rule": rule}, known)
    assert line["Verdict"] == NOT_COMPUTABLE
    assert "known for none" in line["Computed"]


@pytest.mark.parametrize(("equals", "expected"), [(5, CONFIRMED), (5.3, NOT_CONFIRMED), (2, NOT_CONFIRMED)])
def test_the_ratio_of_one_country(project, equals, expected):
    rows = [row(country, "x", ratio, "exposure", "", "risk_ratio", 0.2, first="yes", second="no")
            for country, ratio in (("aaa", 5.0), ("bbb", 2.0))]  # fmt: skip
    rule = {"check": "ratio", "indicator": "x", "country": "aaa", "equals": equals}
    assert verdict(project, rule, rows=rows) == expected
    assert verdict(project, {**rule, "country": "ccc"}, rows=rows) == NOT_COMPUTABLE
