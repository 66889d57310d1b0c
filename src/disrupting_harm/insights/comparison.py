"""The object a comparison notebook talks to: one insight across countries.

It reads the tables that the countries' notebooks have written, so the number in a comparison is the number that was
reviewed, suppression included: in full precision, from which means are worked out. What is shown and written is rounded
afterwards, the rows of a country exactly as in its own published table. Delivered and synthetic countries are never
mixed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from disrupting_harm import survey
from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.config import find_root, load
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.load import Project
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.estimation.number_format import interval, number
from disrupting_harm.presentation import figures, sentences
from disrupting_harm.presentation.finding import Finding, readable
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.presentation.paragraphs import limits
from disrupting_harm.survey import intervals

MEAN = "mean_of_countries"
MEAN_LABEL = "Mean of countries"
"""Every country counts the same, as the briefs say "on average"."""

TOTAL = "total_of_countries"
TOTAL_LABEL = "Total of countries"
"""Numbers of children are added up: their mean would be about no country."""

OF_ALL = {MEAN: MEAN_LABEL, TOTAL: TOTAL_LABEL}
"""What stands in the place of a country where all countries are meant."""

POOLED = ["estimate", "se", "ci_low", "ci_high", "df"]
"""What a pool of countries has of the numbers of an estimate."""

HOW = "Countries count"
"""Heading of the table of means over what a country counts by."""


class Comparison:
    """One insight in several countries: the rows of their tables and the pooled rows made from them.

    rows: in full precision, for means; printed: the same as they are published, for everything that is shown.
    """

    def __init__(
        self, project: Project, insight: str, rows: pd.DataFrame, left_out: list[str], folder: Path
    ) -> None:
        self.project = project
        self.registry = project.registry
        self.labels = Labels(project.registry, project.codebook)
        self.insight = insight
        self.rules = project.analysis.suppression
        self.rows = rows
        self.printed = rounding.published(rows, self.rules)
        self.left_out = left_out
        self.folder = folder
        self.countries = list(dict.fromkeys(rows["country"]))
        self._kept: list[pd.DataFrame] = []

    @classmethod
    def open(cls, insight: str, countries: list[str], estimates: str, figures: str) -> Comparison:
        """Read the tables of an insight in full precision; `estimates` and `figures` are folders in the project's.

        Once one country has delivered data, synthetic ones leave the comparison.
        Raises FileNotFoundError for a table that is not there.
        """
        project = load(find_root())
        rows = pd.concat(
            [read_table(project.root, estimates, iso3, insight) for iso3 in countries], ignore_index=True
        )
        return cls(project, insight, *unmixed(rows), project.root / figures)

    # --- what notebooks call

    def who_is_compared(self) -> Finding:
        """Countries, their data, and the largest base among the insight's estimates."""
        kinds = self.printed.groupby("country", sort=False).agg(data=("data", "first"), n=("n", "max"))
        compared = [self.project.countries[str(iso3)] for iso3 in kinds.index]
        records = [
            {
                "Country": country.name,
                "Region": country.region,
                "Phase": country.phase.replace("_", " "),
                "Data": row["data"],
                "Largest base (n)": f"{row['n']:,.0f}",
            }
            for country, row in zip(compared, tidy_table.records(kinds), strict=True)
        ]
        one = len(records) == 1
        sentence = f"{len(records)} {'country is' if one else 'countries are'} compared."
        sentence += left_out_sentence(self.left_out, self.project)
        largest = self.printed.sort_values("n", ascending=False, kind="stable").drop_duplicates("country")
        return Finding(sentence, None, pd.DataFrame(records), rows=largest)

    def headline(self, indicator: str, by: str = "all") -> Finding:
        """One indicator in every country, sorted, with the mean of countries; by a breakdown as small multiples.

        A country that did not ask, or whose estimate is not shown, keeps its line.
        """
        order = self.order(indicator)
        rows = self.select([indicator], by)
        estimates = self.keep(pd.concat([rows, pool(rows, self.rules)], ignore_index=True))
        country = estimates[~estimates["country"].isin(OF_ALL)]
        shown = country.assign(
            label=[self.name(iso3) for iso3 in country["country"]], panel=country["level_label"]
        )
        if by == "all":
            shown = shown.drop(columns="panel")
        shown = tidy_table.sort_by(shown, "country", order)
        means = estimates[(estimates["country"] == MEAN) & tidy_table.is_shown(estimates)]
        reference = dict(zip(means["level_label"], means["estimate"], strict=True))
        if by == "all":
            reference = next(iter(reference.values()), None)
        measure = estimates["measure"].iloc[0]
        title = self.labels.indicator(indicator) + (
            "" if by == "all" else f", by {self.labels.by(by).lower()}"
        )
        drawing = figures.intervals(
            shown,
            title,
            self.subtitle(indicator),
            reference=reference or None,
            reference_label=MEAN_LABEL,
            reference_step=means["rounded_to"].max(),
            unit=sentences.unit(measure),
            synthetic=self.synthetic,
        )
        drawing.save_in(self.folder, indicator if by == "all" else f"{indicator}_by_{by}")
        return Finding(self.sentence(estimates, by), drawing, self.readable(estimates), rows=estimates)

    def ratio(self, indicator: str, between: str, adjusted: bool = False) -> Finding:
        """Risk ratio of an indicator between two levels of a breakdown in every country, with the geometric mean.

        adjusted: as the countries' models adjust it. What others have published of the ratio is quoted beside.
        """
        return self.contrasts(indicator, between, "risk_ratio", "Geometric mean", adjusted)

    def difference(self, indicator: str, between: str, adjusted: bool = False) -> Finding:
        """Difference of the means of an indicator between two levels of a breakdown in every country, with its mean."""
        return self.contrasts(indicator, between, "mean_difference", MEAN_LABEL, adjusted)

    def contrasts(
        self, indicator: str, between: str, measure: str, mean_label: str, adjusted: bool
    ) -> Finding:
        """One contrast of an indicator in every country, with its mean. Raises KeyError where no country has it."""
        of_indicator = (self.rows["indicator"] == indicator) & (self.rows["by"] == between)
        is_adjusted = self.rows["adjusted_for"] != ""
        wanted = is_adjusted if adjusted else tidy_table.is_plain_contrast(self.rows)
        rows = self.rows[of_indicator & wanted & (self.rows["measure"] == measure)]
        if rows.empty:
            what = f"{measure.replace('_', ' ')} of {indicator} by {between}"
            raise KeyError(f"{what} is in no table; have notebooks/{self.insight}.ipynb estimate it first")
        contrasts = self.keep(pd.concat([rows, pool(rows, self.rules)], ignore_index=True))
        country = contrasts[contrasts["country"] != MEAN].sort_values(
            "estimate", ascending=False, kind="stable"
        )
        usual = rows["adjusted_for"].mode().iloc[0]
        shown = country.assign(label=[self.adjusted_name(row, usual) for _, row in country.iterrows()])
        mean = contrasts[
            (contrasts["country"] == MEAN)
            & (contrasts["adjusted_for"] == usual)
            & tidy_table.is_shown(contrasts)
        ]
        first = contrasts[contrasts["adjusted_for"] == usual].iloc[0]
        compared = sentences.compared(first)
        held = f"; {_lower(first['level_label'])}" if adjusted else ""
        name = _lower(sentences.CONTRAST_NAMES[measure])
        drawing = figures.intervals(
            shown,
            f"{self.labels.indicator(indicator)}: {'adjusted ' if adjusted else ''}{name}",
            f"{compared[:1].upper()}{compared[1:]}{held}; {self.confidence} intervals",
            reference=float(mean["estimate"].iloc[0]) if len(mean) else None,
            reference_label=mean_label,
            reference_step=mean["rounded_to"].max(),
            unit=sentences.unit(measure),
            synthetic=self.synthetic,
        )
        drawing.save_in(self.folder, f"{indicator}_{'adjusted_' if adjusted else ''}{measure}")
        beside = [] if adjusted else self.published_beside(indicator, between, contrasts)
        sentence = " ".join([self.sentence(contrasts, "all"), *beside])
        return Finding(sentence, drawing, self.readable(contrasts), rows=contrasts)

    def adjusted_name(self, row: pd.Series, usual: str) -> str:
        """Name of a country; with its adjustment where that is not the usual one."""
        name = self.name(row["country"])
        return name if row["adjusted_for"] == usual else f"{name} ({_lower(row['level_label'])})"

    def published_beside(self, indicator: str, between: str, rows: pd.DataFrame) -> list[str]:
        """Sentences about the ratios that others have published; how many of the countries shown lie in a range."""
        shown = rows[tidy_table.is_shown(rows) & (rows["country"] != MEAN)]
        texts: list[str] = []
        for ratio in self.registry.indicators[indicator].published_ratios:
            if ratio.between != between or (ratio.country and ratio.country not in self.countries):
                continue
            texts.append(f"Published: {sentences.published_ratio(ratio)}.")
            if ratio.low < ratio.high and len(shown):
                within = int(shown["estimate"].between(ratio.low, ratio.high).sum())
                texts.append(f"{within} of the {len(shown)} countries shown here lie in that range.")
        return texts

    def composition(self, group: str) -> Finding:
        """All indicators of a group in every country: stacked bars for exclusive classes, else a heat map."""
        members = self.registry.members[group]
        rows = self.select(members, "all")
        shares = self.keep(pd.concat([rows, pool(rows, self.rules)], ignore_index=True))
        order = [MEAN, *self.order_of(shares, members)]
        exclusive = self.registry.groups[group].exclusive
        shown = shares.assign(
            label=[self.name(iso3) for iso3 in shares["country"]], series=shares["indicator_label"]
        )
        shown = tidy_table.sort_by(shown, "country", order)
        if not exclusive:
            shown = self.by_size(shown)
        draw = figures.stacked if exclusive else figures.heatmap
        title = self.registry.groups[group].title
        drawing = draw(
            shown,
            title,
            self.subtitle(members[0], intervals=False),
            synthetic=self.synthetic,
            emphasise=(MEAN_LABEL,),
        )
        drawing.save_in(self.folder, group)
        means = shares[shares["country"] == MEAN]
        sentence = f"Mean of the countries that are shown. {sentences.ranking(means, 'indicator_label')}"
        if exclusive and not tidy_table.is_shown(rows).all():
            sentence += " As some classes are not shown everywhere, the means need not add up to 100%."
        return Finding(sentence, drawing, self.readable(shares), rows=shares)

    def means(self) -> Finding:
        """Mean of countries of each headline indicator, and the mean in which larger countries count more.

        Where some countries have no population, the plain mean of the others is shown beside the weighted mean.
        """
        people = self.populations()
        parts = [part for name in self.headlines() if (part := self.means_of(name, people))]
        if not parts:
            return Finding("Fewer than two countries show these indicators.", None, pd.DataFrame())
        texts = [means_sentence(part) for part in parts if part[-1]["Interval"]][:1]
        without = [self.name(iso3) for iso3 in self.countries if iso3 not in people]
        if without:
            texts.append(f"Population not known: {', '.join(without)}.")
        table = pd.DataFrame([line for part in parts for line in part])
        return Finding(" ".join(texts), None, table, open_table=True, rows=self.headline_rows)

    def means_of(self, indicator: str, people: dict[str, float]) -> list[dict[str, str]]:
        """Lines of the table of means of one indicator; none with fewer than two countries."""
        rows = self.select([indicator], "all")
        shown = rows[tidy_table.is_shown(rows)]
        known = shown[shown["country"].isin(people)]
        if len(shown) < 2:
            return []
        of_countries, some = (f"{len(part)} of {len(rows)}" for part in (shown, known))
        lines = [{HOW: "the same", **self.cells(shown, "equal_mean"), "Countries": of_countries}]
        if 1 < len(known) < len(shown):
            plain = self.cells(known, "equal_mean")
            lines.append({HOW: "the same (population known)", **plain, "Countries": some})
        weighted = {"Estimate": "fewer than two countries", "Interval": ""}
        if len(known) > 1:
            weighted = self.cells(known, "weighted_mean", people)
        lines.append({HOW: "by population", **weighted, "Countries": some})
        label = self.labels.indicator(indicator)
        return [{"Indicator": "" if number else label, **line} for number, line in enumerate(lines)]

    def together(self) -> Finding:
        """Countries pooled by random effects: how far they differ beyond chance, and where a further one would lie."""
        table = self.pooled_table(self.random_effects_line)
        if table.empty:
            return Finding("Fewer than three countries show these indicators.", None, table)
        first = table.iloc[0]
        ends = first["Prediction interval"].replace("–", "% and ")
        sentence = (
            f"{first['Indicator']}: a further country like these would lie between {ends}% "
            f"with {self.confidence} probability; {first['I²']} of the variation between countries is more than chance."
        )
        return Finding(sentence, None, table, open_table=True, rows=self.headline_rows)

    def leave_one_out(self) -> Finding:
        """The random-effects mean without each country in turn: the lowest and the highest."""
        table = self.pooled_table(self.one_less_line)
        if table.empty:
            return Finding("Fewer than three countries show these indicators.", None, table)
        first = table.iloc[0]
        ends = (first[name].replace(" ", " (", 1) + ")" for name in ("Lowest mean", "Highest mean"))
        sentence = (
            f"{first['Indicator']}: without any one country the mean lies between {' and '.join(ends)}."
        )
        return Finding(sentence, None, table, open_table=True, rows=self.headline_rows)

    def pooled_table(self, line: Callable[[pd.DataFrame], dict[str, str]]) -> pd.DataFrame:
        """A line for each headline indicator that three countries or more show, and not as nobody or everybody."""
        lines = []
        for name in self.headlines():
            rows = self.select([name], "all")
            printed = rounding.rounded(rows, self.rules)
            inside = printed["estimate"].between(0, 1, inclusive="neither") & (printed["se"] > 0)
            shown = rows[tidy_table.is_shown(rows) & inside]
            if len(shown) > 2:
                count = f"{len(shown)} of {len(rows)}"
                lines.append({"Indicator": self.labels.indicator(name), **line(shown), "Countries": count})
        return pd.DataFrame(lines)

    def one_less_line(self, shown: pd.DataFrame) -> dict[str, str]:
        """The pooled mean of all countries, and the lowest and highest without one of them."""
        others = survey.leave_one_out(shown.rename(columns={"country": "domain"}))
        means = others[others["measure"] == "random_effects"].set_index("left_out")["estimate"]
        step = pool_step(shown, self.rules)
        means = means.map(lambda mean: float(rounding.to_multiple(mean, step)))
        ends = {"Lowest mean": str(means.idxmin()), "Highest mean": str(means.idxmax())}
        return {
            **{
                end: f"{number(means[iso3], step=step)} without {self.name(iso3)}"
                for end, iso3 in ends.items()
            },
            "Mean of all": number(pooled(shown, "random_effects")["estimate"], step=step),
        }

    def random_effects_line(self, shown: pd.DataFrame) -> dict[str, str]:
        """What random-effects pooling of one indicator's rows says, for reading."""
        estimate, step = pooled(shown, "random_effects"), pool_step(shown, self.rules)
        mean = self.cells(shown, "random_effects")
        return {
            "Random-effects mean": mean["Estimate"],
            "Interval": mean["Interval"],
            "Prediction interval": interval(
                estimate["prediction_low"], estimate["prediction_high"], step=step
            ),
            "tau (logit)": f"{estimate['tau']:.2g}",
            "I²": f"{estimate['i2']:.0%}",
        }

    def cells(
        self, shown: pd.DataFrame, measure: str, populations: dict[str, float] | None = None
    ) -> dict[str, str]:
        """A mean over countries, rounded as in the table, and its interval for reading."""
        estimate = pooled(shown, measure, populations)
        level, coarse = shown["confidence_level"].iloc[0], is_coarse(shown, self.rules)
        about = {
            "measure": "proportion",
            "interval": estimate["interval"],
            "confidence_level": level,
            "coarse": coarse,
        }
        exact = pd.DataFrame([{**estimate[POOLED].to_dict(), "n": np.nan, **about}])
        row = rounding.rounded(exact, self.rules).iloc[0]
        ends = (
            interval(row["ci_low"], row["ci_high"], step=row["rounded_to"])
            if np.isfinite(row["ci_low"])
            else ""
        )
        return {"Estimate": number(row["estimate"], step=row["rounded_to"]), "Interval": ends}

    def values(self) -> Finding:
        """All values shown above, one line per country."""
        rows = self.with_reasons(self.labels.add(self.all_rows()))
        overall = rows[rows["by"] == "all"]
        cells = readable(overall)
        text = np.where(
            cells["Note"] == "",
            cells["Estimate"],
            np.where(cells["Estimate"] == "", cells["Note"], "(" + cells["Estimate"] + ")"),
        )
        wide = overall.assign(text=text, name=[self.name(iso3) for iso3 in overall["country"]])
        wide = wide.pivot_table(
            index="name", columns="indicator_label", values="text", aggfunc="first", sort=False
        )
        table = wide.rename_axis(columns=None).reset_index(names="Country").fillna("")
        sentence = "Values in brackets are based on few respondents."
        return Finding(sentence, None, table, open_table=True, rows=overall)

    def write(self, table: str) -> None:
        """Write the comparison's tidy table whole."""
        tidy_table.write(self.all_rows(), self.project.root / table)

    # --- how

    def headlines(self) -> list[str]:
        """The insight's headline indicators that are shares."""
        there = set(self.rows.loc[self.rows["measure"] == "proportion", "indicator"])
        return [name for name in self.project.insights[self.insight].headline if name in there]

    @property
    def headline_rows(self) -> pd.DataFrame:
        """The rows of the countries' tables that means over countries are made from, as they are published."""
        rows = self.printed[self.printed["indicator"].isin(self.headlines())]
        return rows[(rows["by"] == "all") & (rows["measure"] == "proportion")]

    def populations(self) -> dict[str, float]:
        """Number of internet-using children by country, where it is known."""
        return internet_users(self.rows, self.project)

    @property
    def confidence(self) -> str:
        """Level of all intervals, as it is written."""
        return limits(self.project.analysis)["confidence"]

    @property
    def synthetic(self) -> bool:
        """Whether the compared data are made up."""
        return bool((self.rows["data"] == "synthetic").any())

    def all_rows(self) -> pd.DataFrame:
        """All rows shown so far, each once."""
        rows = pd.concat(self._kept, ignore_index=True)
        return rows.drop_duplicates(tidy_table.KEY, ignore_index=True)[tidy_table.COLUMNS]

    def name(self, iso3: str) -> str:
        """Name of a country, or of the mean or the total of all."""
        return OF_ALL.get(iso3) or self.project.countries[iso3].name

    def select(self, indicators: list[str], by: str) -> pd.DataFrame:
        """Rows of all countries; a country without the breakdown's levels gets a row of each with its status.

        Raises KeyError for an indicator that the countries' notebooks do not estimate.
        """
        rows = self.rows[self.rows["indicator"].isin(indicators) & (self.rows["by"] == by)]
        rows = rows[rows["measure"].isin(["proportion", "mean", "count"])]
        for name in indicators:
            if name not in set(rows["indicator"]):
                raise KeyError(
                    f"{name} by {by} is in no table; have notebooks/{self.insight}.ipynb estimate it first"
                )
        levels = list(dict.fromkeys(rows.loc[rows["level"] != "all", "level"])) or ["all"]
        national = rows[(rows["level"] == "all") & (by != "all")]
        extra = [national.assign(level=level) for level in levels]
        rows = pd.concat([rows.drop(index=national.index), *extra])
        rows = tidy_table.sort_by(tidy_table.sort_by(rows, "level", levels), "indicator", indicators)
        return rows.reset_index(drop=True)

    def order(self, indicator: str) -> list[str]:
        """Countries from the largest to the smallest overall estimate; those not shown come last."""
        return self.order_of(self.printed[self.printed["by"] == "all"], [indicator])

    def order_of(self, rows: pd.DataFrame, indicators: list[str]) -> list[str]:
        """Countries from the largest to the smallest of the first of `indicators`; those not shown come last."""
        first = (
            rows[rows["indicator"] == indicators[0]]
            .drop_duplicates("country")
            .set_index("country")["estimate"]
        )
        ranked = first.reindex([*self.countries]).sort_values(
            ascending=False, kind="stable", na_position="last"
        )
        return list(ranked.index)

    def by_size(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with their series from the largest to the smallest mean of countries."""
        means = (
            rows[rows["country"] == MEAN]
            .set_index("series")["estimate"]
            .sort_values(ascending=False, kind="stable")
        )
        return tidy_table.sort_by(tidy_table.sort_by(rows, "series", means.index), "country", rows["country"])

    def keep(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Round rows, remember them for the table and return them with labels."""
        rows = rounding.published(rows.assign(insight=self.insight), self.rules)
        self._kept.append(rows)
        return self.with_reasons(self.labels.add(rows))

    def with_reasons(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the reason why something is not usable in a country."""
        return self.labels.with_reasons(rows, self.project.countries)

    def subtitle(self, indicator: str, intervals: bool = True) -> str:
        """Base, and what the intervals are (where the figure draws them)."""
        base = self.registry.bases[self.registry.indicators[indicator].base]
        start = f"{base[:1].upper()}{base[1:]}"
        return f"{start}; {self.confidence} intervals" if intervals else start

    def sentence(self, rows: pd.DataFrame, by: str) -> str:
        """Highest, lowest and mean, in words."""
        parts = []
        for label, part in rows.groupby("level_label", sort=False):
            is_country = ~part["country"].isin(OF_ALL)
            named = part[is_country].assign(
                name=[self.name(iso3) for iso3 in part.loc[is_country, "country"]]
            )
            of_all = part[~is_country].iloc[0]
            count, what = int(tidy_table.is_shown(named).sum()), of_all["country"].partition("_")[0]
            average = (
                f"; {what} of {count} countries {sentences.value(of_all)}"
                if of_all["status"] == "shown"
                else ""
            )
            ends = sentences.extremes(named, "name")
            ends = f"{ends[:1].upper()}{ends[1:]}" if by == "all" else f"{label}: {ends}"
            parts.append(f"{ends}{average}.")
        absent = rows["status"].isin(sentences.ABSENT_IN)
        countries = rows[absent & ~rows["country"].isin(OF_ALL)]
        named = countries.assign(name=[self.name(iso3) for iso3 in countries["country"]])
        return " ".join(parts) + sentences.absent_in(named, "name") + sentences.hidden_count(rows[~absent])

    def readable(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows for reading, the country first."""
        table = readable(rows)
        table.insert(0, "Country", [self.name(iso3) for iso3 in rows["country"]])
        return table


def _lower(text: str) -> str:
    """A heading in the middle of a sentence."""
    return f"{text[:1].lower()}{text[1:]}"


def pool(rows: pd.DataFrame, rules: Suppression) -> pd.DataFrame:
    """Mean of countries for each estimate, over the countries whose estimate is shown. rows: in full precision.

    Every country counts the same: se = sqrt(sum of se^2) / K. Interval: as `survey.pool` (proportions), log (ratios)
    or Wald. Of numbers of children the total. `n` is the sum of the bases as they are published. With fewer than two
    countries the mean is not estimable.
    """
    pooled = []
    for _, part in rows.groupby(tidy_table.KEY[1:], sort=False):
        shown = part[tidy_table.is_shown(part)]
        row = {
            **part.iloc[0].to_dict(),
            "country": TOTAL if part["measure"].iloc[0] == "count" else MEAN,
            **dict.fromkeys(tidy_table.FULL_NUMBERS, np.nan),
            **dict.fromkeys(tidy_table.FLAGS, False),
            "interval": "",
            "status": "not_estimable" if len(shown) else common_status(part),
        }
        if len(shown) > 1:
            n = rounding.base(shown["n"], rules, shown["coarse"].to_numpy(bool)).sum()
            row |= mean_of(shown) | {"n": n, "coarse": is_coarse(shown, rules), "status": "shown"}
        pooled.append(row)
    return pd.DataFrame(pooled, columns=rows.columns)


def is_coarse(shown: pd.DataFrame, rules: Suppression) -> bool:
    """Whether a mean of countries is rounded coarsely.

    Otherwise it would reveal more about such a country: K times the mean, less the others, is known to K steps of it.
    """
    ratio = rules.coarse_rounding.points / rules.rounding.points
    return bool(shown["coarse"].any()) and len(shown) < ratio


def pool_step(shown: pd.DataFrame, rules: Suppression) -> float:
    """What a mean of shares of these countries is rounded to a multiple of."""
    return float(rounding.share_step(rules, is_coarse(shown, rules)))


def common_status(rows: pd.DataFrame) -> str:
    """Why a mean of estimates none of which is shown cannot be shown."""
    statuses = set(rows["status"])
    if statuses <= set(WITHOUT_DATA):
        return next(status for status in WITHOUT_DATA if status in statuses)
    return "suppressed" if len(statuses) > 1 else statuses.pop()


def mean_of(shown: pd.DataFrame) -> dict[str, Any]:
    """Mean, standard error and interval of estimates of independent samples."""
    level = shown["confidence_level"].iloc[0]
    z = stats.norm.ppf((1 + level) / 2)
    measure, n = shown["measure"].iloc[0], shown["n"].sum()
    if measure == "proportion":
        row = pooled(shown, "equal_mean")
        return {**{name: row[name] for name in (*POOLED, "interval")}, "n": n}
    if measure == "count":
        return {**total_of(shown), "n": n}
    if measure == "risk_ratio":
        mean, low, high, se = geometric_mean(shown, z)
        ends = {"ci_low": low, "ci_high": high, "df": np.inf}
        return {"estimate": mean, "se": se, **ends, "n": n, "interval": "log"}
    mean, se = shown["estimate"].mean(), float(np.sqrt((shown["se"] ** 2).sum())) / len(shown)
    return {
        "estimate": mean,
        "se": se,
        "ci_low": mean - z * se,
        "ci_high": mean + z * se,
        "df": np.inf,
        "n": n,
        "interval": "wald",
    }


def total_of(shown: pd.DataFrame) -> dict[str, Any]:
    """Total of numbers of children in independent samples, with an interval made from theirs.

    Each limit is as far from the total as the root of the sum of the squared distances of the countries' limits
    (Zou and Donner 2008). As they are not symmetric, nor is it.
    """
    estimate, low, high = (shown[name].to_numpy(float) for name in ("estimate", "ci_low", "ci_high"))
    ends = intervals.mover(np.ones(len(shown)), estimate, low, high)
    se = float(np.sqrt((shown["se"] ** 2).sum()))
    about = {"se": se, "ci_low": float(ends[0]), "ci_high": float(ends[1]), "df": np.inf, "interval": "mover"}
    return {"estimate": float(estimate.sum()), **about}


def pooled(shown: pd.DataFrame, measure: str, populations: dict[str, float] | None = None) -> pd.Series:
    """One measure of `survey.pool` (equal_mean, weighted_mean, random_effects) of one indicator's rows."""
    surveys = shown.rename(columns={"country": "domain"})
    estimates = survey.pool(surveys, populations, confidence=shown["confidence_level"].iloc[0])
    return estimates[estimates["measure"] == measure].iloc[0]


def means_sentence(lines: list[dict[str, str]]) -> str:
    """The plain and the weighted mean of the same countries, the last two lines of an indicator's means."""
    plain, weighted = lines[-2:]
    return (
        f"{lines[0]['Indicator']}: the mean of the {weighted['Countries']} countries whose population is known is "
        f"{plain['Estimate']} if each counts the same, {weighted['Estimate']} if larger ones count more."
    )


def geometric_mean(shown: pd.DataFrame, z: float) -> tuple[float, float, float, float]:
    """Mean of ratios on the log scale: estimate, interval and standard error."""
    centre = np.log(shown["estimate"]).mean()
    se = float(np.sqrt(((shown["se"] / shown["estimate"]) ** 2).sum())) / len(shown)
    mean, low, high = (float(np.exp(centre + sign * z * se)) for sign in (0, -1, 1))
    return mean, low, high, mean * se


def unmixed(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows that may be compared, and the countries left out: synthetic ones, once one has delivered data."""
    delivered = rows["data"] == "delivered"
    if not delivered.any():
        return rows, []
    return rows[delivered].reset_index(drop=True), list(dict.fromkeys(rows.loc[~delivered, "country"]))


def internet_users(rows: pd.DataFrame, project: Project) -> dict[str, float]:
    """Number of internet-using children by country: as its file says, else the sum of gross weights, if known."""
    summed = rows.groupby("country")[tidy_table.USERS].first()
    users = {str(iso3): project.countries[str(iso3)].population.internet_users for iso3 in summed.index}
    known = {iso3: summed[iso3] if count is None else count for iso3, count in users.items()}
    return {iso3: float(count) for iso3, count in known.items() if count > 0}


def left_out_sentence(left_out: list[str], project: Project) -> str:
    """A sentence about the countries that leave, to follow another; empty if none does."""
    names = ", ".join(project.countries[iso3].name for iso3 in left_out)
    return f" Left out, as they have synthetic data only: {names}." if names else ""


def read_table(root: Path, estimates: str, iso3: str, insight: str) -> pd.DataFrame:
    """Table of one country in full precision. Raises FileNotFoundError with the command that makes it."""
    file = f"{estimates}/{iso3}/{insight}.csv"
    if not (root / file).is_file():
        raise FileNotFoundError(f"{file} is not there yet. Make it with: snakemake --config country={iso3}")
    return tidy_table.read_full(root / file)
