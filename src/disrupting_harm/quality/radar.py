"""Translation radar: which items of a scale stand out in a country, or in a language of the interview.

An item that was translated wrongly, or printed wrongly, shows in its answers: they no longer go with those to the other
items of its scale. Four things are looked at, each of them against what is usual:

correlation     with the mean of the other items (the rest score), against the median of the other groups
dif             differential item functioning: whether those with the same rest score answer differently here than
                elsewhere. Mantel's (1963) test for ordered answers; its size is the standardised mean difference
                (Dorans and Schmitt 1991) in standard deviations of the item, as Zwick and Thayer (1996) use it, with
                the usual limit of 0.25
nonresponse     the share of those asked who gave no answer, against the other items of the scale in the same group
distribution    how far the answers differ from those elsewhere (total variation), against the other items in the group

An item that does not go with the others would spoil the rest scores of the others, so it is left out of these
(purification; Holland and Thayer 1988), and out of what other groups are compared with. All is unweighted. Nothing is
removed: people decide what a finding means.

Mantel N. (1963), Chi-square tests with one degree of freedom, Journal of the American Statistical Association 58.
Dorans N. J. and Schmitt A. P. (1991), Constructed response and differential item functioning, ETS RR-91-47.
Zwick R. and Thayer D. T. (1996), Evaluating the magnitude of differential item functioning in polytomous items,
Journal of Educational and Behavioral Statistics 21.
Holland P. W. and Thayer D. T. (1988), Differential item performance and the Mantel-Haenszel procedure, Test Validity.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

ASPECTS = {
    "correlation": "does not go with the other items",
    "dif": "answered differently at the same score",
    "nonresponse": "more often without an answer",
    "distribution": "other answers than elsewhere",
}
"""What can stand out, and how it is written."""

STRATA = 10
"""Classes of the rest score at most; those with the same rest score are compared with each other."""

COLUMNS = [
    *("group", "item", "n", "correlation", "correlation_elsewhere", "dif", "p_value"),
    *("nonresponse", "nonresponse_of_others", "distribution", "distribution_of_others", "stands_out"),
]


@dataclass(frozen=True)
class Limits:
    """From where on something stands out.

    correlation: below this part of what is usual. dif: standard deviations. nonresponse, distribution: beyond the
    other items. alpha: a test has to be this clear besides. least: respondents with an answer and a rest score.
    """

    correlation: float = 0.5
    dif: float = 0.25
    nonresponse: float = 0.1
    distribution: float = 0.25
    alpha: float = 0.001
    least: int = 50


def examine(
    scores: pd.DataFrame, groups: pd.Series, asked: pd.DataFrame | None = None, limits: Limits | None = None
) -> pd.DataFrame:
    """Every item in every group (`COLUMNS`), with the aspects that stand out, parted by blanks.

    scores: respondents x items of one scale, NaN without an answer; asked: who was asked what (everyone). Groups with
    fewer than `limits.least` are left out, and everything where fewer than three groups or items are left.
    """
    limits = limits or Limits()
    asked = scores.notna() | True if asked is None else asked
    large = large_enough(scores, groups, limits.least)
    if len(large) < 3 or scores.shape[1] < 3:
        return pd.DataFrame(columns=COLUMNS)
    within = groups.isin(large)
    scores, groups, asked = scores[within], groups[within], asked[within]
    odd = without_correlation(correlations(scores, groups), limits)
    items = [str(item) for item in scores.columns]
    pure = scores.mask(pd.DataFrame({item: groups.isin(odd.get(item, ())) for item in items}))
    usual = correlations(scores, groups, pure)
    rows: list[dict[str, object]] = []
    for item in items:
        rest = rest_score(pure, item)
        looked_at = Item(item, scores[item], pure[item], rest, asked[item])
        rows += [
            looked_at.in_group(groups == group, group, usual, limits)
            for group in large
            if is_enough(usual, group, item, limits)
        ]
    table = pd.DataFrame(rows)
    return with_others(table, limits)[COLUMNS] if len(table) else pd.DataFrame(columns=COLUMNS)


def large_enough(scores: pd.DataFrame, groups: pd.Series, least: int) -> list[str]:
    """Groups in which so many answered at least two items."""
    answered = groups[scores.notna().sum(axis=1) >= 2].value_counts()
    return sorted(answered.index[answered >= least])


def rest_score(scores: pd.DataFrame, item: str) -> pd.Series:
    """Mean of the other items for those who answered at least half of them."""
    others = scores.drop(columns=item)
    return others.mean(axis=1).where(others.notna().sum(axis=1) * 2 >= others.shape[1])


def correlations(
    scores: pd.DataFrame, groups: pd.Series, of_rest: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Correlation of each item with its rest score, and on how many it rests: groups x (r, n) of items."""
    parts = {}
    for item in map(str, scores.columns):
        rest = rest_score(scores if of_rest is None else of_rest, item)
        both = (
            pd.DataFrame({"x": scores[item], "y": rest})
            .dropna()
            .assign(xy=lambda part: part["x"] * part["y"])
        )
        by = both.groupby(groups.loc[both.index])
        mean, spread = by.mean(), by[["x", "y"]].std(ddof=0).replace(0, np.nan).prod(axis=1, skipna=False)
        parts[item, "r"] = (mean["xy"] - mean["x"] * mean["y"]) / spread
        parts[item, "n"] = by.size()
    return pd.DataFrame(parts)


def without_correlation(known: pd.DataFrame, limits: Limits) -> dict[str, set[str]]:
    """Items and the groups in which they go much less with the others than elsewhere."""
    items = known.columns.get_level_values(0).unique()
    return {item: {group for group in known.index if is_low(known, group, item, limits)} for item in items}


def one(known: pd.DataFrame, group: str, item: str, part: str) -> float:
    """One number of an item in a group."""
    return float(known[item, part].to_numpy(float)[known.index.get_loc(group)])


def elsewhere(known: pd.DataFrame, group: str, item: str) -> float:
    """Median correlation of an item in the other groups."""
    return float(known[item, "r"].drop(group).median())


def is_enough(known: pd.DataFrame, group: str, item: str, limits: Limits) -> bool:
    """Whether enough of a group have an answer to an item and a rest score."""
    return group in known.index and one(known, group, item, "n") >= limits.least


def is_low(known: pd.DataFrame, group: str, item: str, limits: Limits) -> bool:
    """Whether a correlation is less than a part of the usual one, and clearly below it (Fisher's z)."""
    r, n = one(known, group, item, "r"), one(known, group, item, "n")
    usual = elsewhere(known, group, item)
    if not (n > 3 and usual > 0 and r < limits.correlation * usual):  # NaN is neither
        return False
    z = (np.arctanh(min(usual, 0.999)) - np.arctanh(max(r, -0.999))) * np.sqrt(n - 3)
    return bool(stats.norm.sf(z) < limits.alpha)


@dataclass(frozen=True)
class Item:
    """One item: scores, the same without groups in which it is odd, the rest score, and who was asked it."""

    name: str
    score: pd.Series
    pure: pd.Series
    rest: pd.Series
    asked: pd.Series

    def in_group(self, here: pd.Series, group: str, known: pd.DataFrame, limits: Limits) -> dict[str, object]:
        """What is measured of it in one group. known: correlations of all items in all groups."""
        score = self.score.where(here, self.pure)
        size, p_value = mantel(score, self.rest, here)
        return {
            "group": group,
            "item": self.name,
            "n": int(one(known, group, self.name, "n")),
            "correlation": one(known, group, self.name, "r"),
            "correlation_elsewhere": elsewhere(known, group, self.name),
            "dif": size,
            "p_value": p_value,
            "nonresponse": float(self.score[here & self.asked].isna().mean()),
            "distribution": total_variation(score[here], score[~here]),
            "low": is_low(known, group, self.name, limits),
        }


def mantel(score: pd.Series, rest: pd.Series, here: pd.Series) -> tuple[float, float]:
    """Standardised mean difference of a group from the others at the same rest score, and Mantel's p-value.

    In standard deviations of the item; positive: higher scores here. NaN where no class holds both.
    """
    known = score.notna() & rest.notna()
    y, focal = score[known].to_numpy(float), here[known].to_numpy(bool)
    edges = np.unique(np.quantile(rest[known], np.linspace(0, 1, STRATA + 1)[1:-1])) if known.any() else []
    stratum = np.searchsorted(edges, rest[known].to_numpy(float), side="right")
    size = len(edges) + 1

    def sums(values: np.ndarray) -> np.ndarray:
        return np.bincount(stratum, values, size)

    n, n_here = sums(np.ones(len(y))), sums(focal.astype(float))
    n_there = n - n_here
    total, squares, total_here = sums(y), sums(y**2), sums(y * focal)
    both = (n_here > 0) & (n_there > 0)
    if not both.any() or y.std() == 0:
        return np.nan, np.nan
    means = total_here[both] / n_here[both] - (total - total_here)[both] / n_there[both]
    difference = float((n_here[both] * means).sum() / n_here[both].sum() / y.std(ddof=1))
    expected = n_here[both] * total[both] / n[both]
    variance = n_here * n_there / (n**2 * (n - 1).clip(1)).clip(1) * (n * squares - total**2)
    spread = variance[both].sum()
    statistic = (total_here[both].sum() - expected.sum()) ** 2 / spread if spread > 0 else 0.0
    return difference, float(stats.chi2.sf(statistic, 1))


def total_variation(here: pd.Series, there: pd.Series) -> float:
    """Half the sum of the differences between the shares of each answer."""
    shares = [part.dropna().value_counts(normalize=True) for part in (here, there)]
    first, second = shares[0].align(shares[1], fill_value=0.0)
    return float((first - second).abs().sum() / 2)


def with_others(table: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Rows with the median of the other items in the same group, and with what stands out."""
    for name in ("nonresponse", "distribution"):
        table[f"{name}_of_others"] = [
            table.loc[(table["group"] == group) & (table["item"] != item), name].median()
            for group, item in zip(table["group"], table["item"], strict=True)
        ]
    stands_out = {
        "correlation": table["low"],
        "dif": (table["dif"].abs() >= limits.dif) & (table["p_value"] < limits.alpha),
        "nonresponse": table["nonresponse"] - table["nonresponse_of_others"] >= limits.nonresponse,
        "distribution": table["distribution"] - table["distribution_of_others"] >= limits.distribution,
    }
    words = [
        " ".join(aspect for aspect in ASPECTS if stands_out[aspect].iloc[number])
        for number in range(len(table))
    ]
    return table.assign(stands_out=words)


def in_words(stands_out: str) -> str:
    """What stands out of one item as a phrase."""
    text = "; ".join(ASPECTS[aspect] for aspect in stands_out.split())
    return text[:1].upper() + text[1:]


def standing_out(table: pd.DataFrame) -> Collection[tuple[str, str]]:
    """The items that stand out: (group, item)."""
    rows = table[table["stands_out"] != ""]
    return list(zip(rows["group"], rows["item"], strict=True))
