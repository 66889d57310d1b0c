"""Headline claims: each is checked by a rule declared in resources/published/claims.yaml.

A verdict rests on shown estimates alone, rounded as they are printed: it says no more than the numbers beside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from disrupting_harm import survey
from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.registry import Registry
from disrupting_harm.config.load import Project
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.estimation.number_format import interval, number
from disrupting_harm.insights.comparison import pool as mean_of_countries
from disrupting_harm.presentation.sentences import alone, value

CONFIRMED, NOT_CONFIRMED, NOT_COMPUTABLE = "confirmed", "not confirmed", "not computable"
NOT_SHOWN = "cannot be judged from what is shown"


ABOUT_THE_POOL = ("pooled", "order", "top", "bottom", "each_top", "difference", "rising")
"""Rules about the pool made as published."""


class LackingError(Exception):
    """The run lacks what a claim needs; the message says what."""


class Evidence:
    """Computed estimates that claims are held against.

    rules: how what is printed is rounded. rows: tidy rows of the countries of the run, pooled: rows of the pool made as
    published (empty when a country is missing), both in full precision. article: the countries of the article. people:
    their children together, for claims that need a model.
    """

    def __init__(
        self,
        registry: Registry,
        rules: Suppression,
        rows: pd.DataFrame,
        pooled: pd.DataFrame,
        article: list[str],
        people: Respondents | None = None,
    ) -> None:
        self.registry = registry
        self.rules = rules
        self.rows = rows
        self.pooled_rows = self.printed(pooled)
        self.article = article
        self.people = people

    def pooled(self, indicator: str, by: str = "all", level: str = "all") -> pd.Series:
        """Pooled estimate, as it is printed. Raises LackingError."""
        return self.one(self.pooled_rows, indicator, by, level)

    def country(self, iso3: str, indicator: str) -> pd.Series:
        """Estimate of one country, as it is printed. Raises LackingError."""
        return self.one(self.printed(self.rows[self.rows["country"] == iso3]), indicator, "all", "all")

    def printed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows as they are printed."""
        return rounding.rounded(rows, self.rules) if len(rows) else rows

    def countries(self, indicator: str, everyone: bool = False) -> pd.DataFrame:
        """Shown estimates of the article's countries (all of the run: `everyone`). Raises LackingError below two."""
        rows = self.rows[
            (self.rows["indicator"] == indicator)
            & (self.rows["by"] == "all")
            & tidy_table.is_shown(self.rows)
        ]
        rows = rows if everyone else rows[rows["country"].isin(self.article)]
        rows = rows[rows["measure"] != "risk_difference"]
        if not everyone and not set(self.article) <= set(self.rows["country"]):
            raise LackingError("not all countries of the article are in this run")
        if len(rows) < 2:
            raise LackingError(NOT_SHOWN)
        return rows

    def level(self, indicator: str, by: str, level: str) -> pd.DataFrame:
        """Shown estimates of one level of a breakdown, in all countries of the run. Raises LackingError below two."""
        chosen = (
            (self.rows["indicator"] == indicator) & (self.rows["by"] == by) & (self.rows["level"] == level)
        )
        rows = self.rows[chosen & tidy_table.is_shown(self.rows)]
        if len(rows) < 2:
            raise LackingError(NOT_SHOWN)
        return rows

    def title(self, indicator: str) -> str:
        """Title of an indicator."""
        entry = self.registry.indicators.get(indicator)
        return entry.title if entry else indicator

    def mean(self, rows: pd.DataFrame) -> pd.Series:
        """Mean of countries, as it is printed; rows: in full precision."""
        return self.printed(mean_of_countries(rows, self.rules)).iloc[0]

    def insight_of(self, indicator: str, project: Project) -> str:
        """Short title of the insight whose table holds an indicator."""
        slugs = self.rows.loc[self.rows["indicator"] == indicator, "insight"]
        return project.insights[slugs.iloc[0]].short if len(slugs) else "Pooled only"

    @staticmethod
    def one(rows: pd.DataFrame, indicator: str, by: str, level: str) -> pd.Series:
        """The one shown row. Raises LackingError."""
        matches = (
            rows[(rows["indicator"] == indicator) & (rows["by"] == by) & (rows["level"] == level)]
            if len(rows)
            else rows
        )
        matches = matches[tidy_table.is_shown(matches)] if len(matches) else matches
        if len(matches) == 0:
            raise LackingError(NOT_SHOWN)
        return matches.iloc[0]


def read_claims(folder: Path) -> list[dict[str, Any]]:
    """Claims in words with their rules. Raises ValueError for a claim without a rule, or a rule without a claim."""
    claims = tidy_table.records(pd.read_csv(folder / "headline_claims.csv", dtype=str, keep_default_na=False))
    rules = yaml.safe_load((folder / "claims.yaml").read_text(encoding="utf-8"))
    if set(rules) != {claim["claim_id"] for claim in claims}:
        odd = ", ".join(sorted(set(rules) ^ {claim["claim_id"] for claim in claims}))
        raise ValueError(
            f"{folder.name}/claims.yaml: {odd} stands in only one of claims.yaml and headline_claims.csv"
        )
    return [{**claim, "rule": rules[claim["claim_id"]]} for claim in claims]


def needs(claims: list[dict[str, Any]], registry: Registry) -> pd.DataFrame:
    """Indicators and breakdowns (`indicator`, `by`) that rules about the pool ask for."""
    wanted: dict[tuple[str, str], None] = {}
    for claim in claims:
        rule = claim["rule"]
        if rule.get("check") in ABOUT_THE_POOL:
            names = indicators_of(rule, registry)
            by = "form" if rule["check"] == "each_top" else rule.get("by", "all")
            wanted |= dict.fromkeys((name, by) for name in names)
    return pd.DataFrame(list(wanted), columns=["indicator", "by"])


def indicators_of(rule: dict[str, Any], registry: Registry) -> list[str]:
    """The indicators that a rule is about."""
    names = [*rule.get("indicators", []), *registry.members.get(rule.get("group", ""), [])]
    return names + ([rule["indicator"]] if "indicator" in rule else [])


def judge(claim: dict[str, Any], evidence: Evidence) -> dict[str, str]:
    """Verdict on one claim as a line of a table."""
    rule = claim["rule"]
    line = {"Claim": f"{claim['claim_id']}. {claim['claim']}", "Published": claim["statistic"]}
    if "not_computable" in rule:
        return {**line, "Verdict": NOT_COMPUTABLE, "Computed": rule["not_computable"]}
    try:
        holds, computed = CHECKS[rule["check"]](rule, evidence)
    except LackingError as lacking:
        return {**line, "Verdict": NOT_COMPUTABLE, "Computed": str(lacking)}
    return {**line, "Verdict": CONFIRMED if holds else NOT_CONFIRMED, "Computed": computed}


def inside(row: pd.Series, published: float) -> bool:
    """Whether a published value lies within the computed interval."""
    return bool(row["ci_low"] <= published <= row["ci_high"])


def check_pooled(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The published share lies within the interval of the pool."""
    names = rule.get("indicators") or [rule["indicator"]]
    rows = [evidence.pooled(name) for name in names]
    values = "; ".join(value(row) for row in rows)
    return all(inside(row, rule["equals"]) for row in rows), values


def check_largest(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The largest country estimate is at the published value, and in the named country."""
    return extreme(rule, evidence.printed(evidence.countries(rule["indicator"])), largest=True)


def check_smallest(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The smallest country estimate is at the published value, and in the named country."""
    return extreme(rule, evidence.printed(evidence.countries(rule["indicator"])), largest=False)


def extreme(rule: dict[str, Any], rows: pd.DataFrame, largest: bool) -> tuple[bool, str]:
    """Check the country at one end."""
    row = rows.iloc[rows["estimate"].argmax() if largest else rows["estimate"].argmin()]
    holds = row["country"] == rule.get("country", row["country"])
    if "equals" in rule:
        holds = holds and inside(row, rule["equals"])
    if "above" in rule:
        holds = holds and row["estimate"] > rule["above"]
    word = "largest" if largest else "smallest"
    return bool(holds), f"{word} in {row['country'].upper()}: {value(row)}"


def check_range(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """Smallest and largest country estimates are at the published ends."""
    rows = evidence.printed(evidence.countries(rule["indicator"]))
    low = extreme({"equals": rule["low"], **named(rule, "lowest")}, rows, largest=False)
    high = extreme({"equals": rule["high"], **named(rule, "highest")}, rows, largest=True)
    return low[0] and high[0], f"{low[1]}; {high[1]}"


def named(rule: dict[str, Any], key: str) -> dict[str, str]:
    """The country that a rule names under `key`, if it does."""
    return {"country": rule[key]} if key in rule else {}


def check_order(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """Pooled estimates are in the published order; of a group, they are its largest."""
    if "levels" in rule:
        steps = [
            [evidence.pooled(rule["indicator"], rule["by"], level) for level in step]
            for step in rule["levels"]
        ]
        values = ", ".join(f"{row['level']} {alone(row)}" for step in steps for row in step)
    else:
        steps = [[evidence.pooled(name)] for name in rule["indicators"]]
        values = ", ".join(f"{evidence.title(step[0]['indicator'])} {alone(step[0])}" for step in steps)
    holds = all(
        min(r["estimate"] for r in first) > max(r["estimate"] for r in second)
        for first, second in itertools.pairwise(steps)
    )
    if "group" in rule:
        ranked = ranking(rule["group"], evidence)
        holds = holds and list(ranked.index[: len(steps)]) == rule["indicators"]
    return bool(holds), values


def ranking(group: str, evidence: Evidence, by: str = "all", level: str = "all") -> pd.Series:
    """Pooled estimates of a group's substantive members that are shown, from the largest. Raises LackingError."""
    estimates = {}
    for name in evidence.registry.members[group]:
        if not name.endswith(("dont_know", "don_t_know", "prefer_not_to_say", "does_not_know_who")):
            try:
                estimates[name] = evidence.pooled(name, by, level)["estimate"]
            except LackingError:
                continue
    if len(estimates) < 2:
        raise LackingError(NOT_SHOWN)
    return pd.Series(estimates).sort_values(ascending=False, kind="stable")


def check_top(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """An indicator has the largest pooled estimate of its group (and the published share)."""
    ranked = ranking(rule["group"], evidence)
    row = evidence.pooled(rule["indicator"])
    holds = ranked.index[0] == rule["indicator"] and inside(row, rule.get("equals", row["estimate"]))
    return bool(holds), f"first: {evidence.title(ranked.index[0])} {number(ranked.iloc[0])}"


def check_bottom(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """An indicator has the smallest pooled estimate of its group."""
    ranked = ranking(rule["group"], evidence)
    return bool(
        ranked.index[-1] == rule["indicator"]
    ), f"last: {evidence.title(ranked.index[-1])} {number(ranked.iloc[-1])}"


def check_each_top(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """For every form, an indicator has the largest pooled share of its group."""
    forms = rule.get("forms", list("abcdefghi"))
    first = {form: ranking(rule["group"], evidence, "form", form).index[0] for form in forms}
    other = [f"{form}: {evidence.title(name)}" for form, name in first.items() if name != rule["indicator"]]
    return not other, f"first in {len(forms) - len(other)} of {len(forms)} forms" + (
        f" ({', '.join(other)})" if other else ""
    )


def check_difference(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """Two pooled estimates differ by at most so much."""
    first, second = (evidence.pooled(rule["indicator"], rule["by"], level) for level in rule["levels"])
    values = f"{first['level']} {alone(first)}, {second['level']} {alone(second)}"
    return near(first["estimate"], second["estimate"], rule["most"]), values


def check_rising(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """Pooled estimates rise with each level from one on, and the last exceeds the first."""
    levels = list(evidence.registry.breakdowns[rule["by"]].bands)
    rows = [evidence.pooled(rule["indicator"], rule["by"], level) for level in levels]
    rising = [row["estimate"] for row in rows[levels.index(rule["from"]) :]]
    holds = all(a < b for a, b in itertools.pairwise(rising)) and rows[-1]["estimate"] > rows[0]["estimate"]
    return holds, ", ".join(f"{row['level']}: {alone(row)}" for row in rows)


def check_above(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The mean of countries lies above a share."""
    mean = evidence.mean(evidence.countries(rule["indicator"]))
    return bool(mean["estimate"] > rule["share"]), f"mean of countries {value(mean)}"


def check_near(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The mean of countries lies near a share (for each named level of a breakdown)."""
    if "levels" in rule:
        wanted = {level: evidence.level(rule["indicator"], rule["by"], level) for level in rule["levels"]}
        shares = rule["levels"]
    else:
        names = rule.get("indicators") or [rule["indicator"]]
        everyone = rule.get("countries") == "all"
        wanted = {evidence.title(name): evidence.countries(name, everyone) for name in names}
        shares = dict.fromkeys(wanted, rule["equals"])
    means = {name: evidence.mean(rows) for name, rows in wanted.items()}
    holds = all(near(mean["estimate"], shares[name], rule["within"]) for name, mean in means.items())
    values = [f"{name}, mean of {len(wanted[name])} countries {value(means[name])}" for name in wanted]
    return holds, "; ".join(values)


def check_country(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The published share lies within the interval of one country."""
    row = evidence.country(rule["country"], rule["indicator"])
    return inside(row, rule["equals"]), value(row)


def check_slope(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The published average marginal effect of a number lies within that of a model of the pool, adjusted for sex."""
    if evidence.people is None:
        raise LackingError("not all countries of the article are in this run")
    people = evidence.people
    outcome = people.evaluator.values(evidence.registry.indicators[rule["indicator"]])
    number_ = people.frame[rule["number"]].to_numpy(dtype=float)
    frame = pd.DataFrame({"outcome": outcome, "number": number_, "sex": people.frame["sex"].astype(str)})
    model = survey.regression(people.design, frame, "outcome ~ number + sex", "logistic")
    row = model.marginal_effects(["number"]).iloc[0][["estimate", "ci_low", "ci_high"]].astype(float)
    row = pd.Series(rounding.to_multiple(row, rounding.share_step(evidence.rules)), row.index)
    ends = interval(row["ci_low"], row["ci_high"], "points")
    return inside(row, rule["equals"]), f"{number(row['estimate'], 'points')} a year [{ends}]"


def check_ratio(rule: dict[str, Any], evidence: Evidence) -> tuple[bool, str]:
    """The mean of countries of a risk ratio lies between two values."""
    chosen = (evidence.rows["indicator"] == rule["indicator"]) & (evidence.rows["measure"] == "risk_ratio")
    rows = evidence.rows[
        chosen
        & tidy_table.is_plain_contrast(evidence.rows)
        & (evidence.rows["first"] == "yes")
        & tidy_table.is_shown(evidence.rows)
    ]
    if len(rows) < 2:
        raise LackingError(NOT_SHOWN)
    mean = evidence.mean(rows)
    holds = rule["low"] <= mean["estimate"] <= rule.get("high", float("inf"))
    return bool(holds), f"mean of countries {value(mean)}"


def near(first: float, second: float, most: float) -> bool:
    """Whether two printed numbers differ by no more than so much."""
    return bool(round(abs(first - second), 9) <= most)


CHECKS: dict[str, Callable[[dict[str, Any], Evidence], tuple[bool, str]]] = {
    name.removeprefix("check_"): check for name, check in globals().items() if name.startswith("check_")
}
