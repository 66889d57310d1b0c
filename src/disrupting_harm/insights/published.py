"""Published against computed: every computed figure that has a published one, and the headline claims.

A pair is the same country, indicator, breakdown and base. Pooled published figures are set beside a pool made as the
article made it: weights with mean 1 in each country, all countries of the article. Every figure is also computed
the published way (weights only, symmetric interval; Wilson for barriers), which separates differences in method from
differences in data. Computed figures are rounded as everywhere (`rounding`) before they are compared with anything, so
that no difference and no verdict says more than the printed numbers.

Shares of whole samples are printed in whole per cent; where the weighted n is printed beside them, it gives the next
digit. Weighted numbers computed here are never shown: the exact bases would follow from them.

Every published figure has a grade: how near its source is to the survey's own publications. One that was read off a
figure is taken to be off by as much as `TOLERANCES` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from disrupting_harm.answers.respondents import Respondents
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import find_root, load
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.config.entries.registry import Indicator, Registry
from disrupting_harm.config.load import Project
from disrupting_harm.estimation import estimates, rounding, tidy_table
from disrupting_harm.estimation.number_format import interval, number
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.insights.claims import Evidence, indicators_of, judge, needs, read_claims
from disrupting_harm.insights.comparison import internet_users, left_out_sentence, read_table, unmixed
from disrupting_harm.presentation import figures
from disrupting_harm.presentation.finding import Finding, keys
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.presentation.paragraphs import limits
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit import alternatives, pools
from disrupting_harm.protection.audit.statements import COARSE, HIDDEN

FOLDER = "resources/published"
HARMONISED = "data/harmonised"
POOLED = "ALL"
POOLED_LABEL = "Twelve countries, pooled as published"
MARKS_THE_POOL = "csea_any_any_context"
"""Published for each country of the article, and for no other."""

FIGURES = ("published_estimates.csv", "published_estimates_2026.csv", "published_variables.csv")
"""Files of published figures; where a figure is printed twice, the order of grades and then of files decides."""

GRADES = {
    "report": "Report",
    "repository_output": "Repository",
    "figure_read_off": "Figure read off",
    "agency_page": "Agency page",
    "press": "Press",
}
"""Grades of sources, from the survey's own report to what newspapers say of it, and how they are written."""

_SCALED_BY_USERS = "tfcsea_any_all_children"
"""The indicator that the share of internet users goes into."""
FIRST_HAND = ("report", "repository_output", "figure_read_off")
"""Grades of sources whose authors had the answers."""

WEIGHTED_N = re.compile(r"weighted cases (?P<n>[0-9]+)")
"""How a note gives the weighted number of children counted."""

HALF_A_PERCENT = 0.0051
"""How far a share can be from its whole per cent."""

TOLERANCES = {"figure_read_off": 0.005}
"""By how much a published share may be off because of how it was read: half a percentage point."""

FREQUENCIES = "frequency"
"""The group of indicators whose every answer is published: by far the most figures, and the easiest to meet."""

SUBGROUPS = {"all": ("all", "all"), "share of substantive location answers": ("all", "all")}
KEYS = {"item": "form", "response": "response", "sex": "sex", "age": "age", "area": "area"}
LEVELS = {"prefer_not_to_say": "refused"}
BREAKDOWNS = ("all", "form", "sex", "age", "area")
JOIN = ["country", "indicator", "by", "level"]
COLUMNS = [
    *JOIN,
    "published",
    "published_low",
    "published_high",
    "published_n",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "n",
    "rounded_to",
    "status",
    "published_way_low",
    "published_way_high",
    "difference",
    "within",
    "data",
    "grade",
    "source",
    "note",
]


class Published:
    """Published figures joined with computed ones for the countries of a run."""

    def __init__(
        self,
        project: Project,
        pairs: pd.DataFrame,
        evidence: Evidence,
        left_out: list[str],
        folder: Path,
        analysed: dict[str, int] | None = None,
    ) -> None:
        self.project = project
        self.labels = Labels(project.registry, project.codebook)
        self.table = pairs
        self.evidence = evidence
        self.left_out = left_out
        self.folder = folder
        self.analysed = analysed or {}
        self.verdicts: pd.DataFrame | None = None

    @classmethod
    def open(cls, countries: list[str], estimates: str, figures: str) -> Published:
        """Read published figures, the countries' tables in full precision and their harmonised children.

        estimates, figures: folders below the project's.
        """
        project = load(find_root())
        published = read_published(project.root / FOLDER, project.registry)
        rows = pd.concat(
            [
                read_table(project.root, estimates, iso3, insight)
                for iso3 in countries
                for insight in project.insights
            ],
            ignore_index=True,
        )
        rows, left_out = unmixed(rows.drop_duplicates(tidy_table.KEY, ignore_index=True))
        present = list(dict.fromkeys(rows["country"]))
        frames = {
            iso3: Harmonised.read(project.root / HARMONISED / iso3 / "children.parquet") for iso3 in present
        }
        pool = [
            iso3
            for iso3 in dict.fromkeys(published.loc[published["indicator"] == MARKS_THE_POOL, "country"])
            if iso3 != POOLED
        ]
        asked = needs(read_claims(project.root / FOLDER), project.registry)
        wanted = pd.concat([published[published["country"] == POOLED], asked])
        people = pool_of(project, frames, pool) if set(pool) <= set(present) else None
        members = [member(project.root / HARMONISED / iso3) for iso3 in (pool if people else ())]
        pooled = pooled_rows(project, people, wanted, members) if people else rows.iloc[:0]
        way = published_way(project, frames, published)
        computed = pd.concat([rows, pooled], ignore_index=True)
        rules = project.analysis.suppression
        pairs = join(published, computed, pd.concat([way, pooled], ignore_index=True), rules)

        @cache
        def member_of(iso3: str, table: str) -> pools.Member:
            return member(project.root / HARMONISED / iso3, table)

        users = internet_users(rows, project)
        evidence = Evidence(project.registry, rules, rows, pooled, pool, people, member_of, users)
        analysed = {iso3: len(frame) for iso3, frame in frames.items()}
        return cls(project, pairs, evidence, left_out, project.root / figures, analysed)

    # --- what notebooks call

    def pairs(self) -> Finding:
        """Number of pairs by kind, and how many published values lie within the computed interval.

        Also without tables of frequencies, of which there are so many that they hide the others.
        """
        shown = self.shown()
        kinds = {"One country": shown["country"] != POOLED, POOLED_LABEL: shown["country"] == POOLED}
        records = []
        for label, chosen in kinds.items():
            part = shown[chosen & shown["is_share"]]
            others = part[~self.is_frequency(part)]
            if len(part):
                records.append({"Figures": label, **agreement_cells(part)})
            if 0 < len(others) < len(part):
                records.append(
                    {"Figures": f"{label}, without tables of frequencies", **agreement_cells(others)}
                )
        sentence = f"{len(shown):,} published figures have a computed counterpart."
        if not shown["is_share"].all():
            sentence += f" {shown['is_share'].sum():,} of them are shares; the table is about these."
        if len(self.table) > len(shown):
            sentence += " For the others, the computed figure is not shown or was not requested."
        sentence += left_out_sentence(self.left_out, self.project)
        return Finding(sentence, None, pd.DataFrame(records), open_table=True, keys=keys(shown))

    def grades(self) -> Finding:
        """The same by grade: how near the sources of published figures are to the survey's own publications."""
        shown = self.shown()
        shares = shown[shown["is_share"]]
        records = [
            {"Source": label, **agreement_cells(part)}
            for grade, label in GRADES.items()
            if len(part := shares[shares["grade"] == grade])
        ]
        if not records:
            return self.none()
        first_hand = int(shares["grade"].isin(FIRST_HAND).sum())
        of_all = f"{first_hand:,} of {len(shares):,} shares"
        sentence = f"{of_all} come from those who did the survey or analysed its answers."
        return Finding(sentence, None, pd.DataFrame(records), open_table=True, keys=keys(shares))

    def sizes(self) -> Finding:
        """Children with a weight: as published, and as analysed here."""
        printed = sample_sizes(self.project.root / FOLDER)
        analysed = {iso3: count for iso3, count in self.analysed.items() if iso3 in printed}
        if not analysed:
            return self.none("no sample size of these countries is published")
        records = [
            {"Country": self.name(iso3), "Published": f"{printed[iso3]:,}", "Analysed": f"{count:,}"}
            for iso3, count in analysed.items()
        ]
        same = sum(printed[iso3] == count for iso3, count in analysed.items())
        sentence = f"In {same} of {len(records)} countries as many children are analysed as published."
        return Finding(sentence, None, pd.DataFrame(records), keys={"check": ["analysed"]})

    def internet_users(self) -> Finding:
        """Share of internet users by which children are scaled up, beside ITU's figure for ages 15 to 24."""
        itu = pd.read_csv(self.project.root / FOLDER / "itu_internet_users.csv", dtype=str)
        others = {row["country_iso3"].lower(): row for row in tidy_table.records(itu)}
        records = []
        for iso3 in self.analysed:
            used = self.project.countries[iso3].population.internet_users_percent
            if used is not None:
                records.append(
                    {
                        "Country": self.name(iso3),
                        "12 to 17, household screening": number(used / 100),
                        "15 to 24, ITU": number(float(others[iso3]["percent"]) / 100)
                        if iso3 in others
                        else "",
                        "Year": others[iso3]["year"] if iso3 in others else "",
                    }
                )
        if not records:
            return self.none("no share of internet users is known")
        both = [record for record in records if record["Year"]]
        sentence = f"ITU has a figure for {len(both)} of these {len(records)} countries."
        return Finding(sentence, None, pd.DataFrame(records), keys={"indicator": [_SCALED_BY_USERS]})

    def agreement(self, which: str) -> Finding:
        """Published across, computed up: `countries` or `pooled`."""
        shown = self.shown()
        chosen = shown[((shown["country"] == POOLED) == (which == "pooled")) & shown["is_share"]]
        if chosen.empty:
            return self.none("not all countries of the article are in it" if which == "pooled" else "")
        families = [self.family(name) for name in chosen["indicator"]]
        shown_rows = chosen.assign(
            label=[self.pair_label(row) for row in chosen.itertuples()], series=families
        )
        inside = share(chosen["within"])
        title = "Published against computed, " + (
            "country by country" if which == "countries" else "twelve countries pooled"
        )
        drawing = figures.agreement(
            shown_rows,
            title,
            f"{inside} of {len(chosen):,} published values lie within the computed {self.confidence} interval",
            synthetic=self.synthetic,
        )
        drawing.save_in(self.folder, which)
        sentence = f"{inside} of {len(chosen):,} published values lie within the computed {self.confidence} interval; "
        sentence += f"mean absolute difference {number(chosen['difference'].abs().mean(), 'percent')}."
        others = chosen[~self.is_frequency(chosen)]
        if 0 < len(others) < len(chosen):
            sentence += f" Without {len(chosen) - len(others):,} figures from tables of frequencies "
            sentence += f"{share(others['within'])} of {len(others):,}."
        if self.synthetic:
            sentence += " The synthetic survey was fitted to many of them: this says how well."
        return Finding(sentence, drawing, self.readable(chosen), keys=keys(chosen))

    def headline(self, indicator: str) -> Finding:
        """One indicator in every country: published and computed on one line."""
        shown = self.shown()
        rows = shown[(shown["indicator"] == indicator) & (shown["by"] == "all")].sort_values(
            "published", ascending=False
        )
        if rows.empty:
            return self.none()
        names = [self.name(iso3) for iso3 in rows["country"]]
        computed = rows.assign(label=names, series="computed")
        published = rows.assign(
            label=names,
            series="published",
            estimate=rows["published"],
            ci_low=rows["published_low"],
            ci_high=rows["published_high"],
            rounded_to=np.nan,
            status="shown",
        )
        both = pd.concat([computed, published], ignore_index=True)
        title = f"{self.labels.indicator(indicator)}: published and computed"
        drawing = figures.intervals(
            both,
            title,
            f"{self.confidence} intervals; the published ones ignore clusters",
            synthetic=self.synthetic,
        )
        drawing.save_in(self.folder, indicator)
        article = rows["country"].isin(self.evidence.article)
        error = number(rows.loc[article, "difference"].abs().mean(), "percent")
        sentence = f"Mean absolute difference over {article.sum()} countries of the article: {error}."
        return Finding(sentence, drawing, self.readable(rows), keys=keys(rows))

    def method(self) -> Finding:
        """Width of the design-based interval against the interval computed the published way, for each indicator."""
        shown = self.shown()
        rows = shown[shown["published_way_low"].notna() & shown["is_share"] & (shown["by"] == "all")]
        if rows.empty:
            return self.none()
        way = rows["published_way_high"] - rows["published_way_low"]
        way = way.where(way > 0)  # as they are printed, both ends may be the same
        width = (rows["ci_high"] - rows["ci_low"]) / way
        published = (rows["published_high"] - rows["published_low"]) / way
        table = (
            rows.assign(width=width, published=published)
            .groupby("indicator", sort=False)[["width", "published"]]
            .median()
        )
        records = [
            {
                "Indicator": self.labels.indicator(name),
                "Design-based / published way": f"{row['width']:.2f}",
                "Printed / published way": "" if np.isnan(row["published"]) else f"{row['published']:.2f}",
            }
            for name, row in table.iterrows()
        ]
        sentence = (
            f"Median over {len(rows):,} figures: the design-based interval is {width.median():.2f} times "
        )
        sentence += "as wide as the one computed the published way."
        return Finding(sentence, None, pd.DataFrame(records), keys=keys(rows))

    def claims(self) -> Finding:
        """The headline claims, each confirmed, not confirmed or not computable."""
        claims = read_claims(self.project.root / FOLDER)
        grades = read_grades(self.project.root / FOLDER)
        sources = [GRADES[grade_of(claim["source"], grades)] for claim in claims]
        table = pd.DataFrame([judge(claim, self.evidence) for claim in claims])
        table.insert(2, "Source", sources)
        counts = table["Verdict"].value_counts()
        verdicts = ", ".join(
            f"{counts.get(word, 0)} {word}" for word in ("confirmed", "not confirmed", "not computable")
        )
        self.verdicts = table
        about = [name for claim in claims for name in indicators_of(claim["rule"], self.project.registry)]
        behind = {"indicator": list(dict.fromkeys(about))}
        return Finding(
            f"{len(table)} headline claims: {verdicts}.", None, table, open_table=True, keys=behind
        )

    def differences(self, most: int = 20) -> Finding:
        """The pairs that differ most, in computed standard errors."""
        rows = self.shown()
        rows = rows[rows["is_share"] & (rows["se"] > 0)]
        if rows.empty:
            return self.none()
        distance = (rows["difference"].abs() / rows["se"]).sort_values(ascending=False, kind="stable")
        rows = rows.loc[distance.index[:most]]
        sentence = f"The {len(rows)} pairs that differ most, in standard errors."
        return Finding(sentence, None, self.readable(rows), keys=keys(rows))

    def write(self, table: str) -> None:
        """Write all pairs, and the verdicts on the claims beside them."""
        with atomic_write(self.project.root / table) as unfinished:
            self.table[COLUMNS].to_csv(unfinished, index=False, lineterminator="\n")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.verdicts is not None:
            data = SYNTHETIC_DATA if self.synthetic else "delivered"
            verdicts = self.verdicts.assign(Data=data)
            with atomic_write(self.folder / "claims.csv") as unfinished:
                verdicts.to_csv(unfinished, index=False, lineterminator="\n")

    # --- how

    @property
    def synthetic(self) -> bool:
        """Whether the computed figures come from made-up data."""
        return bool((self.table["data"] == "synthetic").any())

    @property
    def confidence(self) -> str:
        """Level of all computed intervals, as it is written."""
        return limits(self.project.analysis)["confidence"]

    def shown(self) -> pd.DataFrame:
        """Pairs whose computed figure is shown."""
        rows = self.table[tidy_table.is_shown(self.table)].copy()
        return rows.assign(is_share=rows["published"] <= 1)

    def none(self, reason: str = "") -> Finding:
        """What is said where no published figure has a computed one beside it."""
        because = reason or "no figure of these countries is published, or none is shown"
        return Finding(f"No such pair in this run: {because}.", None, self.table.iloc[:0][JOIN])

    def name(self, iso3: str) -> str:
        """Name of a country, or of the pool."""
        return POOLED_LABEL if iso3 == POOLED else self.project.countries[iso3].name

    def is_frequency(self, rows: pd.DataFrame) -> pd.Series:
        """Which figures are from tables of frequencies."""
        return rows["indicator"].isin(self.project.registry.members[FREQUENCIES])

    def family(self, indicator: str) -> str:
        """Insight that an indicator belongs to, by the notebook that estimates it."""
        return self.evidence.insight_of(indicator, self.project)

    def pair_label(self, row: Any) -> str:
        """Name of a pair in a figure."""
        parts = [self.name(row.country)] if row.country != POOLED else []
        parts.append(self.labels.indicator(row.indicator))
        if row.by != "all":
            parts.append(self.labels.level(row.indicator, row.by, row.level))
        return ", ".join(parts)

    def readable(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Pairs as a table for reading."""
        pairs: Iterable[Any] = rows[rows["published"] <= 1].itertuples()
        records = [
            {
                "Country": self.name(row.country),
                "Indicator": self.labels.indicator(row.indicator),
                "Level": "" if row.by == "all" else self.labels.level(row.indicator, row.by, row.level),
                "Published": number(row.published),
                "Computed": number(row.estimate, step=row.rounded_to),
                "Interval": interval(row.ci_low, row.ci_high, step=row.rounded_to),
                "Difference": number(row.difference),
                "Within": "yes" if row.within else "no",
                "Source": GRADES[row.grade],
            }
            for row in pairs
        ]
        return pd.DataFrame(records)


def share(within: pd.Series) -> str:
    """Share of pairs as it is written."""
    return f"{within.astype(bool).mean():.1%}"


def agreement_cells(part: pd.DataFrame) -> dict[str, str]:
    """How many pairs there are, and how far they agree."""
    return {
        "Pairs": f"{len(part):,}",
        "Within the computed interval": share(part["within"]),
        "Mean absolute difference": number(part["difference"].abs().mean(), "percent"),
    }


def read_published(folder: Path, registry: Registry) -> pd.DataFrame:
    """Published figures under our names: country, indicator, by, level, published (share or count), interval, grade.

    Only figures that have an indicator of the same base here. Of one that is printed twice: with an interval before
    without, then by grade, then the first.
    """
    parts = [pd.read_csv(folder / name, dtype=str, keep_default_na=False) for name in FIGURES]
    rows = pd.concat(parts, ignore_index=True).fillna("")
    aliases, grades, sizes = other_names(registry), read_grades(folder), sample_sizes(folder)
    records = []
    for row in tidy_table.records(rows):
        name, breakdown = aliases.get((row["indicator"], row["subgroup"])), ("all", "all")
        if name is None:
            name = aliases.get((row["indicator"], "")) or row["indicator"]
            breakdown = breakdown_of(row["subgroup"])
        indicator = registry.indicators.get(name)
        if indicator and breakdown and same_base(row["denominator"], indicator, breakdown[0], registry):
            grade = row["grade"] or grade_of(row["source"], grades)
            share = sharper(row, record(row, name, *breakdown), sizes)
            records.append({**share, "grade": grade})
    table = pd.DataFrame([record for record in records if not np.isnan(record["published"])])
    order = pd.DataFrame(
        {"no_interval": table["published_low"].isna(), "rank": table["grade"].map(list(GRADES).index)}
    )
    best = order.sort_values(["no_interval", "rank"], kind="stable").index
    return table.loc[best].drop_duplicates(JOIN).sort_index()


def sharper(row: dict[str, str], figure: dict[str, Any], sizes: dict[str, int]) -> dict[str, Any]:
    """A figure of a whole sample that is printed in whole per cent, from the weighted n beside it where that agrees."""
    match, size = WEIGHTED_N.search(row["note"]), sizes.get(figure["country"])
    of_everybody = row["denominator"].startswith("internet-using children 12-17")
    of_everybody &= "answer" not in row["denominator"] and row["subgroup"].partition("=")[0] not in (
        "age",
        "area",
        "sex",
    )
    of_everybody |= row["indicator"].startswith("sample_share")
    if not (match and size and of_everybody) or "." in row["value_percent"]:
        return figure
    share = int(match["n"]) / size
    return (
        figure
        if abs(share - figure["published"]) > HALF_A_PERCENT
        else {**figure, "published": round(share, 4)}
    )


def sample_sizes(folder: Path) -> dict[str, int]:
    """Published numbers of children with a weight, by country and of the pool; the first where printed twice."""
    rows = pd.concat([pd.read_csv(folder / name) for name in FIGURES], ignore_index=True)
    rows = rows[rows["indicator"].isin(["child_sample_size", "survey_n_children"]) & rows["n"].notna()]
    rows = rows.drop_duplicates("country_iso3")
    names = rows["country_iso3"].str.lower().replace(POOLED.lower(), POOLED)
    return dict(zip(names, rows["n"].astype(int).tolist(), strict=True))


def read_grades(folder: Path) -> dict[str, list[str]]:
    """How the names of sources of each grade begin."""
    return yaml.safe_load((folder / "grades.yaml").read_text(encoding="utf-8"))


def grade_of(source: str, grades: dict[str, list[str]]) -> str:
    """The grade of a source."""
    return next(grade for grade, names in grades.items() if source.startswith(tuple(names)))


def other_names(registry: Registry) -> dict[tuple[str, str], str]:
    """Names under which indicators are published elsewhere: (published name, subgroup or "") to our name."""
    others = {}
    for indicator in registry.indicators.values():
        for name in indicator.also_published_as:
            published, _, subgroup = name.partition("@")
            others[published, subgroup] = indicator.name
    return others


def breakdown_of(subgroup: str) -> tuple[str, str] | None:
    """(by, level) of a published subgroup; None where there is no such breakdown here."""
    if subgroup in SUBGROUPS:
        return SUBGROUPS[subgroup]
    key, _, level = subgroup.partition("=")
    return (KEYS[key], LEVELS.get(level, level)) if key in KEYS else None


def same_base(denominator: str, indicator: Indicator, by: str, registry: Registry) -> bool:
    """Whether the published base is ours."""
    base = indicator.by_form.base or indicator.base if by == "form" and indicator.by_form else indicator.base
    if by == "form" and indicator.unit == "instance":
        base = indicator.base
    return denominator.startswith(tuple(registry.published_bases[base]))


def record(row: dict[str, str], name: str, by: str, level: str) -> dict[str, Any]:
    """One published figure."""
    is_count = name.endswith("_count")
    value = row["n"] if is_count else row["value_percent"]
    scale = 1 if is_count else 100

    def read(text: str) -> float:
        return float(text) / scale if text else np.nan

    return {
        "country": row["country_iso3"] if row["country_iso3"] == POOLED else row["country_iso3"].lower(),
        "indicator": name,
        "by": by,
        "level": level,
        "published": read(value),
        "published_low": read(row["ci_low"]),
        "published_high": read(row["ci_high"]),
        "published_n": np.nan if is_count else read(row["n"]) * scale,
        "source": row["source"],
        "note": row["note"],
    }


def pool_of(project: Project, frames: dict[str, Harmonised], pool: list[str]) -> Respondents:
    """Children of several countries together: weights with mean 1 in each, strata and clusters its own."""
    parts = []
    for iso3 in pool:
        frame = frames[iso3][frames[iso3].columns]
        units = {name: f"{iso3}:" + frame[name].astype(str) for name in ("stratum", "psu") if name in frame}
        parts.append(frame.assign(weight=frame["weight"] / frame["weight"].mean(), country=iso3, **units))
    children = pd.concat(parts, ignore_index=True)
    clustered = not children.reindex(columns=["psu"])["psu"].isna().any()
    policy = project.countries[pool[0]].design.singleton_psu
    people = Respondents(children, project.registry, project.codebook, policy, not clustered, "pool")
    people.frame.attrs = frames[pool[0]].attrs
    return people


def pooled_rows(
    project: Project, people: Respondents, wanted: pd.DataFrame, members: Sequence[pools.Member]
) -> pd.DataFrame:
    """Estimates for a pool of countries, design-based and the published way, after suppression; in full precision.

    wanted: the indicators and breakdowns (`indicator`, `by`) to estimate. members: what its countries hide must not
    follow from the pool.
    """
    unclustered = Respondents(
        people.frame, project.registry, project.codebook, weights_only=True, label="pool"
    )
    estimated = estimate_wanted(project, people, wanted, "logit")
    way = way_columns(estimate_wanted(project, unclustered, wanted, "wald"))
    both = estimated.merge(way, on=JOIN[1:], how="left", validate="1:1")
    grades = how_finely(project, both, members)
    decided = both.assign(shown=grades < HIDDEN, coarse=grades == COARSE)
    rows = suppression.apply(both, project.analysis.suppression, suppression.Decision.of(decided))
    level = project.analysis.confidence_level
    base = rounding.of_pool(rows["n"], project.analysis.suppression)
    return rows.assign(
        country=POOLED,
        data=people.frame.attrs["data"],
        confidence_level=level,
        base=np.where(rows["n"].isna(), np.nan, base),
    )


def how_finely(project: Project, rows: pd.DataFrame, members: Sequence[pools.Member]) -> np.ndarray:
    """How finely each estimate of a pool may be published beside the countries' own (`FINE`, `COARSE`, `HIDDEN`)."""
    keys = map(suppression.Key._make, rows[suppression.KEY].itertuples(index=False, name=None))
    about = {key: decided_as(key, project.registry) for key in keys}
    return np.array(list(pools.how_finely(about, members, project.analysis.suppression).values()))


def member(folder: Path, table: str = "children") -> pools.Member:
    """The children (caregivers) of one country, with what has been decided about them."""
    decision = pd.read_parquet(folder / suppression.FILE)
    proof = alternatives.read(folder / alternatives.FILE)[table]
    mean_weight = 1.0  # of no importance in a share of one country, and only children are pooled
    if table == "children":
        mean_weight = float(Harmonised.read(folder / "children.parquet")["weight"].mean())
    return pools.Member(decision[decision["table"] == table], proof, mean_weight)


def decided_as(key: suppression.Key, registry: Registry) -> suppression.Key:
    """The estimate of a country that holds the respondents of a pooled one: of a year of age, its age group."""
    if key.by != "age":
        return key
    low, high = registry.breakdowns["age"].bands[key.level]
    groups = registry.breakdowns["age_group"].bands.items()
    group = next(name for name, (start, end) in groups if start <= low and high <= end)
    return key._replace(by="age_group", level=group)


def published_way(project: Project, frames: dict[str, Harmonised], published: pd.DataFrame) -> pd.DataFrame:
    """Intervals the published way for every published figure of a country."""
    parts = []
    for iso3, frame in frames.items():
        wanted = published[published["country"] == iso3]
        if len(wanted):
            people = Respondents(frame, project.registry, project.codebook, weights_only=True, label=iso3)
            parts.append(way_columns(estimate_wanted(project, people, wanted, "wald")).assign(country=iso3))
    columns = [*JOIN, "published_way_low", "published_way_high"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def way_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Only the interval, under names of its own."""
    names = {"ci_low": "published_way_low", "ci_high": "published_way_high"}
    return rows.rename(columns=names)[[*JOIN[1:], *names.values()]]


def estimate_wanted(
    project: Project, people: Respondents, wanted: pd.DataFrame, interval: str
) -> pd.DataFrame:
    """Estimates of every wanted indicator by every wanted breakdown."""
    level = project.analysis.confidence_level
    parts = []
    for by in BREAKDOWNS:
        also = ("response", "combination") if by == "all" else ()
        names = dict.fromkeys(wanted.loc[wanted["by"].isin([by, *also]), "indicator"])
        entries = [project.registry.indicators[name] for name in names]
        entries = [entry for entry in entries if entry.table == "children" and not entry.derived]
        plain = [entry for entry in entries if not (interval == "wald" and entry.name.startswith("barrier"))]
        rest = [entry for entry in entries if entry not in plain]
        for chosen, method in ((plain, interval), (rest, "wilson_kish")):
            if chosen:
                parts.append(estimates.estimate(people, chosen, by, method, level))
    return pd.concat(parts, ignore_index=True)


def join(
    published: pd.DataFrame, computed: pd.DataFrame, way: pd.DataFrame, rules: Suppression
) -> pd.DataFrame:
    """Published and computed figures side by side, the computed ones rounded.

    computed, way: in full precision. An interval the published way is as far from the printed figure as from the exact
    one, but rounded.
    """
    columns = ["estimate", "se", "ci_low", "ci_high", "n", "rounded_to", "status", "data"]
    computed = computed[computed["measure"].isin(["proportion", "count"])]
    printed = rounding.rounded(computed, rules).assign(exact=computed["estimate"])
    pairs = published.merge(printed[[*JOIN, *columns, "exact"]], on=JOIN, how="inner", validate="1:1")
    ends = ["published_way_low", "published_way_high"]
    pairs = pairs.merge(way[[*JOIN, *ends]], on=JOIN, how="left", validate="1:1")
    shown, step = tidy_table.is_shown(pairs), pairs["rounded_to"].to_numpy(float)
    for name in ends:
        apart = rounding.to_multiple(pairs[name].astype(float) - pairs["exact"], step)
        pairs[name] = (pairs["estimate"] + apart).round(10).where(shown)
    off = pairs["grade"].map(TOLERANCES).fillna(0)
    highest, lowest = ((pairs["published"] + sign * off).round(10) for sign in (1, -1))
    within = (highest >= pairs["ci_low"]) & (lowest <= pairs["ci_high"])
    difference = rounding.to_multiple(pairs["estimate"] - pairs["published"], step)
    return pairs.assign(difference=difference, within=within.where(shown))[COLUMNS]
