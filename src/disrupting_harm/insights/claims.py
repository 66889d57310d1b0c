"""Headline claims: each is checked by a rule declared in resources/published/claims.yaml.

What is shown is compared as it is printed. A hidden estimate has its say as well: the largest of what is shown need not
be the largest. It lies within the limits that `audit.verdicts` gives, and where another verdict is possible within
them the claim is not computable. So no verdict says more than what is published anyway.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
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
from disrupting_harm.protection.audit import verdicts
from disrupting_harm.protection.audit.pools import Between, Member
from disrupting_harm.protection.audit.verdicts import all_hold, is_more, is_within
from disrupting_harm.protection.suppression import Key

CONFIRMED, NOT_CONFIRMED, NOT_COMPUTABLE = "confirmed", "not confirmed", "not computable"
NOT_SHOWN = "cannot be judged from what is shown"
HIDDEN = "suppressed"
INF = float("inf")
ROUNDING = 1e-9
"""How far apart equal printed numbers may be in floating point."""

NO_ANSWER = ("dont_know", "don_t_know", "prefer_not_to_say", "does_not_know_who")
"""How indicators end that are no member of a ranking."""

Judged = tuple[bool | None, str]
"""Whether a claim holds, None where what is hidden decides it, and the computed numbers in words."""

ABOUT_THE_POOL = ("pooled", "order", "top", "bottom", "each_top", "difference", "rising")
"""Rules about the pool made as published."""


class LackingError(Exception):
    """The run lacks what a claim needs; the message says what."""


class Evidence:
    """Computed estimates that claims are held against.

    rules: how what is printed is rounded. rows: tidy rows of the countries of the run, pooled: rows of the pool made as
    published (empty when a country is missing), both in full precision. article: the countries of the article. people:
    their children together, for claims that need a model. member_of: one of a country's tables with the proof of what
    is hidden of it; without it nothing is known of what is hidden. users: internet-using children of countries.
    """

    def __init__(
        self,
        registry: Registry,
        rules: Suppression,
        rows: pd.DataFrame,
        pooled: pd.DataFrame,
        article: list[str],
        people: Respondents | None = None,
        member_of: Callable[[str, str], Member] | None = None,
        users: Mapping[str, float] | None = None,
    ) -> None:
        self.registry = registry
        self.rules = rules
        self.rows = rows
        self.pooled_rows = self.printed(pooled)
        self.article = article
        self.people = people
        self.member_of = member_of
        self.users = users or {}

    def pooled(self, indicator: str, by: str = "all", level: str = "all") -> pd.Series:
        """Pooled estimate, as it is printed. Raises LackingError."""
        return self.one(self.pooled_rows, indicator, by, level)

    def country(self, iso3: str, indicator: str) -> pd.Series:
        """Estimate of one country, as it is printed. Raises LackingError."""
        self.require(iso3)
        return self.one(self.printed(self.rows[self.rows["country"] == iso3]), indicator, "all", "all")

    def require(self, iso3: str) -> None:
        """Raises LackingError where a country is not in the run."""
        if iso3 not in set(self.rows["country"]):
            raise LackingError("the country is not in this run")

    def printed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows as they are printed."""
        return rounding.rounded(rows, self.rules) if len(rows) else rows

    def countries(
        self, indicator: str, by: str = "all", level: str = "all", everyone: bool = False
    ) -> tuple[pd.DataFrame, list[Between]]:
        """Shown estimates of countries in full precision, and the limits of the hidden ones.

        Of the article's countries; of all countries of the run: `everyone`, or a breakdown. Raises LackingError below
        two that are shown.
        """
        chosen = (self.rows["indicator"] == indicator) & (self.rows["by"] == by)
        rows = self.rows[
            chosen
            & (self.rows["level"] == level)
            & ~self.rows["measure"].isin(["risk_ratio", "risk_difference"])
        ]
        if not (everyone or by != "all"):
            rows = rows[rows["country"].isin(self.article)]
            if not set(self.article) <= set(self.rows["country"]):
                raise LackingError("not all countries of the article are in this run")
        return self.parted(rows, lambda row: self.limits([row.country], indicator, by, level))

    def ratios(self, indicator: str, country: str | None = None) -> tuple[pd.DataFrame, list[Between]]:
        """Shown plain risk ratios of the exposed against the others, and the limits of the hidden ones.

        Of all countries or of one. Raises LackingError below two that are shown, or where that one is not.
        """
        chosen = (self.rows["indicator"] == indicator) & (self.rows["measure"] == "risk_ratio")
        if country:
            self.require(country)
            chosen &= self.rows["country"] == country
        plain = tidy_table.is_plain_contrast(self.rows) & (self.rows["first"] == "yes")

        def hidden(row: Any) -> Between:
            both = (self.limits([row.country], indicator, row.by, group) for group in (row.first, row.second))
            return verdicts.ratio(*both)

        return self.parted(self.rows[chosen & plain], hidden, 1 if country else 2)

    @staticmethod
    def parted(
        rows: pd.DataFrame, limits_of: Callable[[Any], Between], least: int = 2
    ) -> tuple[pd.DataFrame, list[Between]]:
        """Rows that are shown, and the limits of hidden ones. Raises LackingError below `least` shown ones."""
        shown = rows[tidy_table.is_shown(rows)]
        if len(shown) < least:
            raise LackingError(NOT_SHOWN)
        hidden: Iterable[Any] = rows[rows["status"] == HIDDEN].itertuples()
        return shown, [limits_of(row) for row in hidden]

    def limits(self, countries: list[str], indicator: str, by: str = "all", level: str = "all") -> Between:
        """Limits of a hidden share of a country, or of several pooled."""
        entry = self.registry.indicators.get(indicator)
        if entry is None or entry.measure != "proportion" or self.member_of is None:
            return (
                verdicts.ANY_SHARE if entry is None or entry.measure == "proportion" else Between(-INF, INF)
            )
        members = [self.member_of(iso3, entry.table) for iso3 in countries]
        return verdicts.share(members, Key(indicator, by, level))

    def known(self, indicator: str, by: str = "all", level: str = "all") -> Between:
        """A pooled estimate as it is printed, or the limits of a hidden one. Raises LackingError without one."""
        rows = self.matching(self.pooled_rows, indicator, by, level)
        if len(rows) and rows["status"].iloc[0] == HIDDEN:
            return self.limits(self.article, indicator, by, level)
        estimate = self.pooled(indicator, by, level)["estimate"]
        return Between(estimate, estimate)

    def printed_number(self, indicator: str, by: str = "all", level: str = "all") -> str:
        """A pooled estimate as it is printed; of a hidden one nothing, however narrow its limits are."""
        rows = self.matching(self.pooled_rows, indicator, by, level)
        return number(rows["estimate"].iloc[0]) if tidy_table.is_shown(rows).any() else "not shown"

    def title(self, indicator: str) -> str:
        """Title of an indicator."""
        entry = self.registry.indicators.get(indicator)
        return entry.title if entry else indicator

    def mean(self, rows: pd.DataFrame) -> pd.Series:
        """Mean of countries, as it is printed; rows: in full precision."""
        return self.printed(mean_of_countries(rows, self.rules)).iloc[0]

    def mean_limits(self, shown: pd.DataFrame, hidden: list[Between]) -> Between:
        """The mean of countries as it is printed; between which numbers it lies where some are hidden."""
        row = self.mean(shown)
        if not hidden:
            return Between(row["estimate"], row["estimate"])
        ends = zip(*hidden, strict=True)
        if row["measure"] == "risk_ratio":
            logs = np.log(shown["estimate"].to_numpy(float)).sum()
            with np.errstate(divide="ignore"):
                sums = [logs + np.log(np.array(end)).sum() for end in ends]
            return Between(*(float(np.exp(total / (len(shown) + len(hidden)))) for total in sums))
        exact = shown["estimate"].sum()
        return Between(*(float(exact + sum(end)) / (len(shown) + len(hidden)) for end in ends))

    def insight_of(self, indicator: str, project: Project) -> str:
        """Short title of the insight whose table holds an indicator."""
        slugs = self.rows.loc[self.rows["indicator"] == indicator, "insight"]
        return project.insights[slugs.iloc[0]].short if len(slugs) else "Pooled only"

    @classmethod
    def one(cls, rows: pd.DataFrame, indicator: str, by: str, level: str) -> pd.Series:
        """The one shown row. Raises LackingError."""
        matches = cls.matching(rows, indicator, by, level)
        matches = matches[tidy_table.is_shown(matches)] if len(matches) else matches
        if len(matches) == 0:
            raise LackingError(NOT_SHOWN)
        return matches.iloc[0]

    @staticmethod
    def matching(rows: pd.DataFrame, indicator: str, by: str, level: str) -> pd.DataFrame:
        """The rows of one estimate."""
        if not len(rows):
            return rows
        return rows[(rows["indicator"] == indicator) & (rows["by"] == by) & (rows["level"] == level)]


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
    if holds is None:
        return {**line, "Verdict": NOT_COMPUTABLE, "Computed": NOT_SHOWN}
    return {**line, "Verdict": CONFIRMED if holds else NOT_CONFIRMED, "Computed": computed}


def inside(row: pd.Series, published: float) -> bool:
    """Whether a published value lies within the computed interval."""
    return bool(row["ci_low"] <= published <= row["ci_high"])


def check_pooled(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The published share lies within the interval of the pool."""
    names = rule.get("indicators") or [rule["indicator"]]
    rows = [evidence.pooled(name) for name in names]
    values = "; ".join(value(row) for row in rows)
    return all(inside(row, rule["equals"]) for row in rows), values


def check_largest(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The largest country estimate is at the published value, and in the named country."""
    return extreme(rule, *evidence.countries(rule["indicator"]), evidence, largest=True)


def check_smallest(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The smallest country estimate is at the published value, and in the named country."""
    return extreme(rule, *evidence.countries(rule["indicator"]), evidence, largest=False)


def extreme(
    rule: dict[str, Any], shown: pd.DataFrame, hidden: list[Between], evidence: Evidence, largest: bool
) -> Judged:
    """Check the country at one end of those shown, unless a hidden one may lie beyond it."""
    rows = evidence.printed(shown)
    row = rows.iloc[rows["estimate"].argmax() if largest else rows["estimate"].argmin()]
    end = Between(row["estimate"], row["estimate"])
    beyond = [is_more(other, end) if largest else is_more(end, other) for other in hidden]
    is_the_end = None if any(answer is not False for answer in beyond) else True
    holds: list[bool | None] = []
    if "country" in rule:
        if rule["country"] == row["country"]:
            holds.append(is_the_end)
        else:  # one that is shown is not the end; a hidden one may be
            holds.append(False if is_the_end or rule["country"] in set(rows["country"]) else None)
    if "equals" in rule:
        holds.append(is_the_end and inside(row, rule["equals"]))
    if "above" in rule:
        limit = Between(rule["above"], rule["above"])
        above = [is_more(other, limit) for other in (end, *hidden)]
        holds.append(True if True in above else None if None in above else False)
    word = "largest" if largest else "smallest"
    return all_hold(holds), f"{word} in {row['country'].upper()}: {value(row)}"


def check_range(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """Smallest and largest country estimates are at the published ends."""
    rows = evidence.countries(rule["indicator"])
    low = extreme({"equals": rule["low"], **named(rule, "lowest")}, *rows, evidence, largest=False)
    high = extreme({"equals": rule["high"], **named(rule, "highest")}, *rows, evidence, largest=True)
    return all_hold([low[0], high[0]]), f"{low[1]}; {high[1]}"


def named(rule: dict[str, Any], key: str) -> dict[str, str]:
    """The country that a rule names under `key`, if it does."""
    return {"country": rule[key]} if key in rule else {}


def check_order(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """Pooled estimates are in the published order; of a group, they are its largest."""
    if "levels" in rule:
        names = [[(rule["indicator"], rule["by"], level) for level in step] for step in rule["levels"]]
    else:
        names = [[(name, "all", "all")] for name in rule["indicators"]]
    steps = [[evidence.known(*name) for name in step] for step in names]
    holds = [
        is_more(one, other)
        for first, second in itertools.pairwise(steps)
        for one, other in itertools.product(first, second)
    ]
    if "group" in rule:
        others = set(members_of(rule["group"], evidence)) - set(rule["indicators"])
        holds += [is_more(one, known) for [one] in steps for known in ranked(others, evidence).values()]
    words = [
        f"{evidence.title(name) if level == 'all' else level} {evidence.printed_number(name, by, level)}"
        for name, by, level in itertools.chain(*names)
    ]
    return all_hold(holds), ", ".join(words)


def members_of(group: str, evidence: Evidence) -> list[str]:
    """A group's substantive members."""
    return [name for name in evidence.registry.members[group] if not name.endswith(NO_ANSWER)]


def ranked(
    names: Iterable[str], evidence: Evidence, by: str = "all", level: str = "all"
) -> dict[str, Between]:
    """Pooled estimates of those indicators that have one, shown or hidden."""
    estimates = {}
    for name in names:
        try:
            estimates[name] = evidence.known(name, by, level)
        except LackingError:  # nobody was asked
            continue
    return estimates


def first_of(
    rule: dict[str, Any], evidence: Evidence, by: str = "all", level: str = "all", largest: bool = True
) -> tuple[bool | None, str]:
    """Whether an indicator is the largest (or smallest) of its group, and the name of the one that is.

    Where it does not hold, the name is that of the largest that is shown. Raises LackingError where fewer than two have
    an estimate, or this one has none.
    """
    estimates = ranked(members_of(rule["group"], evidence), evidence, by, level)
    this = evidence.known(rule["indicator"], by, level)
    others = [known for name, known in estimates.items() if name != rule["indicator"]]
    rows = evidence.pooled_rows
    shown = {
        name: known.low
        for name, known in estimates.items()
        if tidy_table.is_shown(evidence.matching(rows, name, by, level)).any()
    }
    if not others or not shown:
        raise LackingError(NOT_SHOWN)
    at_end = max(shown, key=shown.__getitem__) if largest else min(shown, key=shown.__getitem__)
    holds = all_hold(is_more(this, other) if largest else is_more(other, this) for other in others)
    return holds, rule["indicator"] if holds else at_end


def check_top(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """An indicator has the largest pooled estimate of its group (and the published share)."""
    holds, first = first_of(rule, evidence)
    if "equals" in rule:
        holds = all_hold([holds, inside(evidence.pooled(rule["indicator"]), rule["equals"])])
    return holds, f"first: {evidence.title(first)} {evidence.printed_number(first)}"


def check_bottom(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """An indicator has the smallest pooled estimate of its group."""
    holds, last = first_of(rule, evidence, largest=False)
    return holds, f"last: {evidence.title(last)} {evidence.printed_number(last)}"


def check_each_top(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """For every form, an indicator has the largest pooled share of its group."""
    forms = rule.get("forms", list("abcdefghi"))
    first = {form: first_of(rule, evidence, "form", form) for form in forms}
    other = [
        f"{form}: {evidence.title(name)}"
        for form, (holds, name) in first.items()
        if holds is False and name != rule["indicator"]
    ]
    holds = [answer for answer, _ in first.values()]
    text = f"first in {holds.count(True)} of {len(forms)} forms" + (f" ({', '.join(other)})" if other else "")
    return all_hold(holds), text + (f"; {NOT_SHOWN} in {holds.count(None)}" if None in holds else "")


def check_difference(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """Two pooled estimates differ by at most so much."""
    first, second = (evidence.pooled(rule["indicator"], rule["by"], level) for level in rule["levels"])
    values = f"{first['level']} {alone(first)}, {second['level']} {alone(second)}"
    return near(first["estimate"], second["estimate"], rule["most"]), values


def check_rising(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """Pooled estimates rise with each level from one on, and the last exceeds the first."""
    levels = list(evidence.registry.breakdowns[rule["by"]].bands)
    rows = [evidence.pooled(rule["indicator"], rule["by"], level) for level in levels]
    rising = [row["estimate"] for row in rows[levels.index(rule["from"]) :]]
    holds = all(a < b for a, b in itertools.pairwise(rising)) and rows[-1]["estimate"] > rows[0]["estimate"]
    return holds, ", ".join(f"{row['level']}: {alone(row)}" for row in rows)


def check_above(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The mean of countries lies above a share."""
    rows = evidence.countries(rule["indicator"])
    holds = is_more(evidence.mean_limits(*rows), Between(rule["share"], rule["share"]))
    return holds, mean_in_words(evidence, *rows)


def check_near(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The mean of countries lies near a share (for each named level of a breakdown)."""
    if "levels" in rule:
        wanted = {level: evidence.countries(rule["indicator"], rule["by"], level) for level in rule["levels"]}
        shares = rule["levels"]
    else:
        names = rule.get("indicators") or [rule["indicator"]]
        everyone = rule.get("countries") == "all"
        wanted = {evidence.title(name): evidence.countries(name, everyone=everyone) for name in names}
        shares = dict.fromkeys(wanted, rule["equals"])
    margin = rule["within"] + ROUNDING
    holds = [
        is_within(evidence.mean_limits(*rows), shares[name] - margin, shares[name] + margin)
        for name, rows in wanted.items()
    ]
    return all_hold(holds), "; ".join(
        f"{name}, {mean_in_words(evidence, *rows)}" for name, rows in wanted.items()
    )


def mean_in_words(evidence: Evidence, shown: pd.DataFrame, hidden: list[Between]) -> str:
    """The mean of the countries that are shown, and how many that is."""
    count = f"{len(shown)} of {len(shown) + len(hidden)}" if hidden else str(len(shown))
    return f"mean of {count} countries {value(evidence.mean(shown))}"


def check_country(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The published share lies within the interval of one country."""
    row = evidence.country(rule["country"], rule["indicator"])
    return inside(row, rule["equals"]), value(row)


def check_slope(rule: dict[str, Any], evidence: Evidence) -> Judged:
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


def check_ratio(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The mean of countries of a risk ratio lies between two values; or the published one within that of a country."""
    shown, hidden = evidence.ratios(rule["indicator"], rule.get("country"))
    if "country" in rule:
        row = evidence.printed(shown).iloc[0]
        return inside(row, rule["equals"]), value(row)
    holds = is_within(evidence.mean_limits(shown, hidden), rule["low"], rule.get("high", INF))
    return holds, mean_in_words(evidence, shown, hidden)


def check_at_least(rule: dict[str, Any], evidence: Evidence) -> Judged:
    """The children of all countries together are at least so many, from the printed shares of those that are known.

    A share times the number of internet-using children of a country. Countries that are not known can only add.
    """
    rows, hidden = evidence.countries(rule["indicator"], everyone=True)
    rows = evidence.printed(rows)
    users = rows["country"].map(evidence.users)
    total = float((rows["estimate"] * users).sum())
    known = int(users.notna().sum())
    if total >= rule["children"]:
        return True, f"{children(total)} in {known} countries"
    if hidden or known < rule["countries"]:
        raise LackingError(
            f"The number of internet-using children is known for {known} of these countries, with {children(total)}."
            if known
            else "The number of internet-using children is known for none of these countries."
        )
    return False, f"{children(total)} in {known} countries"


def children(total: float) -> str:
    """A number of children as it is printed."""
    return number(float(rounding.to_digits(np.array([total]), rounding.COUNT_DIGITS)[0]), "count")


def near(first: float, second: float, most: float) -> bool:
    """Whether two printed numbers differ by no more than so much."""
    return bool(round(abs(first - second), 9) <= most)


CHECKS: dict[str, Callable[[dict[str, Any], Evidence], tuple[bool, str]]] = {
    name.removeprefix("check_"): check for name, check in globals().items() if name.startswith("check_")
}
