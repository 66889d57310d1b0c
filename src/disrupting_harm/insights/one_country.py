"""The object a notebook talks to: one insight in one country.

Every method answers one question, shows sentence, figure and table, and keeps its rows for `write`. Whatever is shown
has passed `suppression` and is rounded (`keep`): words, figures and tables are made from rounded rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.answers.indicators import NotAskedError, questions
from disrupting_harm.answers.respondents import Respondents, link
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import find_root, load
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.config.load import Project
from disrupting_harm.estimation import differences, estimates, rounding, tidy_table
from disrupting_harm.estimation.adjusted import adjusted
from disrupting_harm.estimation.children_affected import children_affected
from disrupting_harm.estimation.contrasts import contrast
from disrupting_harm.estimation.with_pingouin import adjust_p_values, cronbach_alpha
from disrupting_harm.presentation import differences as differences_in_words
from disrupting_harm.presentation import figures, sentences
from disrupting_harm.presentation.figures import Drawing
from disrupting_harm.presentation.finding import Finding, keys, readable
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.presentation.paragraphs import limits
from disrupting_harm.protection import suppression
from disrupting_harm.quality import remarks
from disrupting_harm.quality.readable import facts, most_unanswered, of_questions, of_sample, unanswered

Names = str | Sequence[str]
LINKED = "linked"
NOT_CLUSTERED = "Clustering not accounted for"


ABOUT_A_PART = "Figures from {it} are about a part of the sample only."


class Insight:
    """One insight in one country: its respondents, its registry, and the rows estimated so far."""

    def __init__(
        self,
        project: Project,
        insight: str,
        country: str,
        people: dict[str, Respondents],
        decision: suppression.Decision,
    ) -> None:
        self.project = project
        self.registry = project.registry
        self.labels = Labels(project.registry, project.codebook)
        self.insight = insight
        self.country = project.countries[country]
        self.people = people
        self.decision = decision
        self.attrs = people["children"].frame.attrs
        self._rows: list[pd.DataFrame] = []

    @classmethod
    def open(cls, insight: str, country: str, children: str, caregivers: str) -> Insight:
        """Open the harmonised tables of a country; paths are relative to the project's folder.

        What may be shown of them has been decided beside the children's table (`suppression.FILE`).
        Raises FileNotFoundError with the command that makes a missing table.
        """
        project = load(find_root())
        frames = {
            "children": Harmonised.read(require_file(project.root, children, country)),
            "caregivers": Harmonised.read(require_file(project.root, caregivers, country)),
        }
        frames[LINKED] = link(frames["children"], frames["caregivers"])
        settings = project.registry, project.codebook, project.countries[country]
        people = {name: Respondents.of(frame, *settings) for name, frame in frames.items()}
        decision = suppression.Decision.read((project.root / children).with_name(suppression.FILE))
        return cls(project, insight, country, people, decision)

    # --- what notebooks call

    def who_answered(self) -> Finding:
        """Fieldwork, rows delivered, left out and analysed, weights, strata and clusters; notes on the country."""
        table = self.project.insights[self.insight].reads
        people = self.people[table]
        if not len(people):
            return Finding(f"No file of {table} was delivered for {self.country.name}.", None, pd.DataFrame())
        sentence = f"{len(people):,} {table} in {self.country.name} are analysed."
        if not people.clustered:
            sentence += f" {NOT_CLUSTERED}: intervals may be too narrow."
        sentence = " ".join([sentence, *self.country.notes])
        records = [*self.fieldwork, *facts(self.remarks, table)]
        shown = pd.DataFrame(records, columns=["What", "In this survey"])
        return Finding(sentence, None, shown, open_table=True, keys=keys(of_sample(self.remarks, table)))

    def unanswered(self) -> Finding:
        """Those asked who gave no answer, for each question behind this page: how many, and for which reason."""
        table = self.project.insights[self.insight].reads
        known = self.project.codebook.variables(table)
        behind = questions(self.asked_about, self.registry, known)
        about_questions = self.remarks[self.remarks["variable"].isin(behind)]
        about = self.project.codebook, about_questions, table, self.project.analysis.suppression
        return Finding(
            most_unanswered(*about), None, unanswered(*about), keys=keys(of_questions(about_questions, table))
        )

    def estimate(self, what: Names, by: Names = (), title: str = "") -> Finding:
        """Estimates of one indicator, of several, or of a group; overall and by each breakdown in `by`.

        The figure: dots with intervals; stacked bars for exclusive classes; a heat map for several indicators by form,
        or by more than one breakdown.
        """
        indicators = self.indicators(what)
        breakdowns = ["all", *([by] if isinstance(by, str) else by)]
        exclusive = (
            isinstance(what, str) and what in self.registry.groups and self.registry.groups[what].exclusive
        )
        rows = self.keep(self.gated(indicators, breakdowns))
        title = title or self.title(what)
        if exclusive:
            return self.finding(rows, title, self.draw_classes)
        if any(indicator.levels for indicator in indicators):
            return self.finding(rows, title, self.draw_levels)
        if len(indicators) == 1:
            return self.finding(rows, title, self.draw_one)
        if "form" in breakdowns or len(breakdowns) > 2:
            return self.finding(rows, title, self.draw_table)
        return self.finding(rows, title, self.draw_several)

    def contrast(self, what: Names, between: str, within: str = "", title: str = "") -> Finding:
        """Risk ratios (figure) and risk differences (table) of indicators between two levels of a breakdown.

        Of means: their differences. Over all respondents, and inside each level of the breakdown `within`. What others
        have published of such ratios is quoted beside.
        """
        indicators = self.indicators(what)
        people = self.respondents(indicators[0], between)
        level = self.project.analysis.confidence_level
        inside = [
            None,
            *((within, value) for value in (people.levels(within) if within and people.has(within) else ())),
        ]
        parts = [contrast(people, indicators, between, level, among) for among in inside]
        rows = self.keep(self.may_be_shown(pd.concat(parts, ignore_index=True)))
        drawn = self.draw_contrasts(rows, title or self.title(what))
        beside = [self.published_beside(indicator, between) for indicator in indicators]
        texts = [sentences.contrast(rows), *beside, *self.asked_of_part(rows)]
        sentence = " ".join(text for text in texts if text)
        return Finding(sentence, drawn, readable(rows), rows=rows)

    def published_beside(self, indicator: Indicator, between: str) -> str:
        """A sentence about the ratios that others have published; empty where there is none."""
        about = ("", self.country.iso3)
        known = [r for r in indicator.published_ratios if r.between == between and r.country in about]
        named = "; ".join(sentences.published_ratio(ratio) for ratio in known)
        return f"{indicator.title}, published: {named}." if named else ""

    def adjusted(self, what: Names, between: str, adjust_for: Sequence[str], title: str = "") -> Finding:
        """Risk ratios and differences, unadjusted and adjusted for other variables (survey-weighted models).

        Of means: their differences.
        """
        indicators = self.indicators(what)
        people = self.respondents(indicators[0], between)
        level = self.project.analysis.confidence_level
        parts = [
            contrast(people, indicators, between, level),
            adjusted(people, indicators, between, list(adjust_for), level),
        ]
        rows = self.keep(self.may_be_shown(pd.concat(parts, ignore_index=True)))
        drawn = self.draw_contrasts(rows, title or self.title(what))
        sentence = " ".join([sentences.adjusted(rows), *self.asked_of_part(rows)])
        return Finding(sentence, drawn, readable(rows), rows=rows)

    def differences(self, by: Sequence[str]) -> Finding:
        """Which of the differences estimated so far are more than chance: a test over all levels of each breakdown.

        Only where every level is shown. p-values are adjusted for all tests of this page (Holm).
        """
        parts = [self.tested(breakdown) for breakdown in by]
        rows = pd.concat([part for part in parts if len(part)] or [pd.DataFrame()], ignore_index=True)
        if rows.empty:
            return Finding("No difference can be tested here: too few levels are shown.", None, rows)
        tests = rows.drop_duplicates(["indicator", "by"])
        adjusted = rounding.p_values(adjust_p_values(tests["p_value"].to_numpy(), "holm"))
        kept = self.keep(self.may_be_shown(rows))
        table = differences_in_words.table(
            kept.assign(p_value=rows["p_value"]),
            dict(zip(tests.index, adjusted, strict=True)),
            tests["no_test"].to_dict(),
            self.project.analysis.significance_level,
        )
        return Finding(differences_in_words.sentence(table), None, table, open_table=True, rows=kept)

    def tested(self, by: str) -> pd.DataFrame:
        """Contrasts and tests of one breakdown for every indicator whose levels are all shown."""
        rows = self.rows()
        rows = rows[(rows["by"] == by) & (rows["measure"] == "proportion")]
        tested = [
            name for name, part in rows.groupby("indicator", sort=False) if tidy_table.is_shown(part).all()
        ]
        entries = [self.registry.indicators[str(name)] for name in tested]
        entries = [
            indicator
            for indicator in entries
            if indicator.unit != "instance" and indicator.yes_if is not None
        ]
        if not entries:
            return pd.DataFrame()
        people = self.respondents(entries[0], by)
        return differences.compare(people, entries, by, self.project.analysis.confidence_level)

    def reliability(self, what: Names) -> Finding:
        """Cronbach's alpha of scales, unweighted, on those who answered every item."""
        level = self.project.analysis.confidence_level
        rows = [self.one_alpha(indicator, level) for indicator in self.indicators(what)]
        estimates = self.keep(self.may_be_shown(pd.DataFrame(rows)))
        sentence = sentences.ranking(estimates, "indicator_label")
        return Finding(sentence, None, readable(estimates), open_table=True, rows=estimates)

    def children_affected(self) -> Finding:
        """Share among all children of 12 to 17 and number of children subjected to abuse online, with uncertainty."""
        level = self.project.analysis.confidence_level
        exact = self.complete(self.gated(self.indicators("tfcsea_any"), ["all"]))
        share = self.rounded(exact).iloc[0]  # what is scaled up is what is printed
        numbers = children_affected(share, self.country.population, level, self.project.analysis.burden)
        numbers = numbers.assign(coarse=bool(exact["coarse"].iloc[0]))
        rows = self.keep(suppression.apply(numbers, self.project.analysis.suppression, None))
        sentence = " ".join(sentences.one(row, "respondents") for _, row in rows.iterrows())
        note = self.country.population.source
        return Finding(f"{sentence} {note}".strip(), None, readable(rows), open_table=True, rows=rows)

    def left_out(self) -> Finding:
        """What this country did not ask, and what is not shown."""
        rows = self.rows()
        hidden = self.with_reasons(self.labels.add(rows[~tidy_table.is_shown(rows)]))
        by = ["status", "reason", "indicator_label"]
        counts = hidden.groupby(by, sort=False).size().reset_index(name="Estimates")
        counts["status"] = [sentences.hidden_row(row) for row in counts.to_dict("records")]
        counts = counts.drop(columns="reason")
        total = f"{len(hidden):,} of {len(rows):,} estimates are not shown."
        table = counts.rename(columns={"status": "Why", "indicator_label": "Indicator"})
        return Finding(total, None, table, rows=self.rounded(hidden))

    def definitions(self) -> Finding:
        """Definition, base and source of every indicator used above."""
        names = list(dict.fromkeys(self.rows()["indicator"]))
        records = [self.definition(self.registry.indicators[name]) for name in names]
        sentence = f"{len(records)} indicators are defined as follows."
        return Finding(sentence, None, pd.DataFrame(records), keys={"indicator": names})

    def write(self, table: str) -> None:
        """Write the insight's tidy table as it is published; `table` is relative to the project's folder.

        Beside it, in full precision and for the owner of the data only: data/estimates/{country}/{insight}.csv.
        """
        rows = self.rows()
        exact = tidy_table.ESTIMATES / self.country.iso3 / f"{self.insight}.csv"
        tidy_table.write_full(rows, self.project.root / exact)
        tidy_table.write(self.rounded(rows)[tidy_table.COLUMNS], self.project.root / table)

    # --- how

    def rows(self) -> pd.DataFrame:
        """All rows estimated so far, each once, in full precision: they are not to be shown."""
        if not self._rows:
            return pd.DataFrame(columns=tidy_table.FULL)
        return pd.concat(self._rows, ignore_index=True).drop_duplicates(tidy_table.KEY, ignore_index=True)

    def indicators(self, what: Names) -> list[Indicator]:
        """The indicators that a name, a group or a list of names means. Raises KeyError with the nearest match."""
        names = [what] if isinstance(what, str) else list(what)
        return [self.registry.find(name) for name in self.registry.named(names)]

    def title(self, what: Names) -> str:
        """Title of a figure about `what`."""
        if isinstance(what, str) and what in self.registry.groups:
            return self.registry.groups[what].title
        indicators = self.indicators(what)
        return (
            indicators[0].title
            if len(indicators) == 1
            else ", ".join(indicator.title for indicator in indicators)
        )

    def respondents(self, indicator: Indicator, by: str) -> Respondents:
        """The table that has both the indicator and the breakdown: one that names its indicators is of both tables."""
        people = self.people[indicator.table]
        breakdown = self.project.registry.breakdowns.get(by)
        is_of_one_table = breakdown is None or breakdown.of is None
        if is_of_one_table or people.has(by) or not self.people[LINKED].has(by):
            return people
        return self.people[LINKED]

    def gated(self, indicators: list[Indicator], breakdowns: list[str]) -> pd.DataFrame:
        """Estimates by each breakdown after suppression, the same however they are asked for."""
        confidence = self.project.analysis.confidence_level
        parts = [
            estimates.estimate(self.respondents(indicators[0], by), indicators, by, confidence=confidence)
            for by in breakdowns
        ]
        return self.may_be_shown(pd.concat(parts, ignore_index=True))

    def may_be_shown(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`rows` after suppression."""
        return suppression.apply(rows, self.project.analysis.suppression, self.decision)

    def keep(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Complete the tidy columns, remember the rows, and return them rounded, with labels."""
        rows = self.complete(rows)
        self._rows.append(rows)
        return self.with_reasons(self.labels.add(self.rounded(rows)))

    def with_reasons(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the reason why something is not usable in this country."""
        return self.labels.with_reasons(rows, {self.country.iso3: self.country})

    def complete(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows in the tidy columns, in full precision."""
        rows = rows.assign(
            country=self.country.iso3,
            insight=self.insight,
            confidence_level=self.project.analysis.confidence_level,
            data=self.attrs["data"],
            users=self.users,
        ).reindex(columns=tidy_table.FULL)
        return rows.fillna(dict.fromkeys(tidy_table.CONTRAST, ""))

    @property
    def users(self) -> float:
        """The sum of the gross weights; NaN where the file has none, or lacks one of somebody who is analysed."""
        frame = self.people["children"].frame
        weights = frame["gross_weight"] if "gross_weight" in frame else pd.Series([np.nan])
        return float(weights.sum(skipna=False))

    def rounded(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows as they are published."""
        return rounding.rounded(rows, self.project.analysis.suppression)

    def one_alpha(self, indicator: Indicator, confidence: float) -> dict[str, Any]:
        """Row with Cronbach's alpha of one scale."""
        row = {
            "indicator": indicator.name,
            "by": "all",
            "level": "all",
            "measure": "reliability",
            "interval": "",
        }
        try:
            items = self.people[indicator.table].evaluator.items(indicator.averaged_scale)
        except NotAskedError as error:
            return {**row, "status": error.status}
        return {
            **row,
            **cronbach_alpha(items, confidence),
            "n_unanswered": int(items.isna().any(axis=1).sum()),
        }

    def definition(self, indicator: Indicator) -> dict[str, str]:
        """One line of the table of definitions."""
        treated = indicator.missing
        reasons = {"dont_know": "don't know", "refused": "prefer not to say", "not_asked": "not asked"}
        missing = "; ".join(
            f"{label}: {getattr(treated, key).replace('_', ' ')}" for key, label in reasons.items()
        )
        return {
            "Indicator": indicator.title,
            "Name in tables": indicator.name,
            "Definition": indicator.definition,
            "Base": self.registry.bases[indicator.base],
            "Missing answers": missing,
            "Source": self.registry.sources[indicator.source],
        }

    # --- who answered

    @cached_property
    def remarks(self) -> pd.DataFrame:
        """Remarks on the country's data; all numbers in them may be shown. Raises FileNotFoundError as `open` does."""
        country = self.country.iso3
        return remarks.read(require_file(self.project.root, f"results/{country}/{remarks.FILE}", country))

    @property
    def asked_about(self) -> list[Indicator]:
        """The indicators that the insight is about, as config/insights.yaml lists them."""
        about = self.project.insights[self.insight]
        return self.indicators([*about.headline, *about.compositions])

    @property
    def fieldwork(self) -> list[tuple[str, str]]:
        """When and in which languages the interviews were held, where it is known."""
        survey = self.country.survey
        known = {"Fieldwork": survey.fieldwork, "Languages": ", ".join(survey.languages)}
        return [(what, text) for what, text in known.items() if text]

    # --- figures

    @property
    def synthetic(self) -> bool:
        """Whether the data are made up."""
        return self.attrs["data"] == "synthetic"

    def finding(
        self, rows: pd.DataFrame, title: str, draw: Callable[[pd.DataFrame, str], tuple[str, Drawing]]
    ) -> Finding:
        """A finding with the figure that fits."""
        sentence, drawing = draw(rows, title)
        sentence = " ".join([sentence, *self.asked_of_part(rows)])
        return Finding(sentence, drawing, readable(rows), rows=rows)

    def asked_of_part(self, rows: pd.DataFrame) -> list[str]:
        """Sentences about questions behind some rows that only a part of the respondents was asked."""
        about = self.remarks[self.remarks["check"] == "asked_of_part"]
        if about.empty:
            return []
        indicators = [self.registry.indicators[name] for name in rows["indicator"].unique()]
        behind = questions(indicators, self.registry, self.labels.variables)
        texts: list[str] = []
        about = about[about["variable"].isin(behind)]
        about = about.assign(words=[row["message"].partition(": ")[2] for row in tidy_table.records(about)])
        for (words, level), alike in about.groupby(["words", "level"], sort=False):
            names = [message.partition(": ")[0] for message in alike["message"]]
            several = len(names) > 1
            words = str(words).replace("left it out", "left them out") if several else words
            texts.append(f"{'; '.join(names)}: {words}")
            texts += [ABOUT_A_PART.format(it="them" if several else "it")] if level == "warning" else []
        return texts

    def subtitle(self, rows: pd.DataFrame, intervals: bool = True) -> str:
        """Country, base, and what the intervals are (where the figure draws them)."""
        bases = dict.fromkeys(self.base_words(name) for name in rows["indicator"])
        people = next(iter(bases)) if len(bases) == 1 else "base of each indicator as defined"
        text = f"{self.country.name}. {people[:1].upper()}{people[1:]}"
        return text + (f"; {self.level_words}" if intervals else "") + self.cluster_words

    @property
    def level_words(self) -> str:
        """What the intervals are."""
        return f"{limits(self.project.analysis)['confidence']} intervals"

    @property
    def cluster_words(self) -> str:
        """A warning where clusters were not delivered."""
        return "" if self.people["children"].clustered else f". {NOT_CLUSTERED}"

    def base_words(self, name: str) -> str:
        """Base of an indicator in words."""
        return self.registry.bases[self.registry.indicators[name].base]

    def draw_one(self, rows: pd.DataFrame, title: str) -> tuple[str, Drawing]:
        """One indicator: overall and by each breakdown, with headings."""
        overall, rest = rows[rows["by"] == "all"], rows[rows["by"] != "all"]
        sentence = sentences.one(overall.iloc[0], self.base_words(rows["indicator"].iloc[0]))
        if not rest.empty:
            sentence += " " + sentences.breakdown(rest)
        shown = rows.assign(
            label=rows["level_label"], group=np.where(rows["by"] == "all", "", rows["by_label"])
        )
        unit = sentences.unit(rows["measure"].iloc[0])
        return sentence, figures.intervals(
            shown, title, self.subtitle(rows), unit=unit, synthetic=self.synthetic
        )

    def draw_several(self, rows: pd.DataFrame, title: str) -> tuple[str, Drawing]:
        """Several indicators: one line each, small multiples by level when broken down."""
        overall = rows[rows["by"] == "all"]
        sentence = sentences.ranking(overall, "indicator_label")
        shown = rows.assign(label=rows["indicator_label"])
        if (rows["by"] != "all").any():
            sentence = sentences.differences(rows[rows["by"] != "all"]) + sentences.hidden_count(rows)
            shown = shown.assign(panel=rows["level_label"])
        unit = sentences.unit(rows["measure"].iloc[0])
        return sentence, figures.intervals(
            shown, title, self.subtitle(rows), unit=unit, synthetic=self.synthetic
        )

    def draw_table(self, rows: pd.DataFrame, title: str) -> tuple[str, Drawing]:
        """Several indicators by form, or by several breakdowns: a heat map, everyone first."""
        sentence = sentences.differences(rows[rows["by"] != "all"]) + sentences.hidden_count(rows)
        everyone = "All forms" if "form" in set(rows["by"]) else "All"
        labels = np.where(rows["by"] == "all", everyone, rows["level_label"])
        shown = rows.assign(label=labels, series=rows["indicator_label"])
        return sentence, figures.heatmap(
            shown, title, self.subtitle(rows, intervals=False), synthetic=self.synthetic
        )

    def draw_classes(self, rows: pd.DataFrame, title: str) -> tuple[str, Drawing]:
        """Exclusive classes: one bar overall and one for each level."""
        sentence = sentences.ranking(rows[rows["by"] == "all"], "indicator_label")
        shown = rows.assign(label=rows["level_label"], series=rows["indicator_label"])
        return sentence, figures.stacked(
            shown, title, self.subtitle(rows, intervals=False), synthetic=self.synthetic
        )

    def draw_levels(self, rows: pd.DataFrame, title: str) -> tuple[str, Drawing]:
        """Indicators with levels of their own: stacked answers, or combinations of sets."""
        indicator = self.registry.indicators[rows["indicator"].iloc[0]]
        sets = indicator.own_levels.labelled_sets
        if sets:
            names = {name: self.labels.set_label(indicator.name, name) for name in sets}
            inside = {
                label: [name in level.split("+") for level in rows["level"]] for name, label in names.items()
            }
            shown = rows.assign(label=rows["level_label"], **inside)
            sentence = sentences.ranking(rows, "level_label")
            return sentence, figures.intersections(
                shown, list(inside), title, self.subtitle(rows), synthetic=self.synthetic
            )
        forms = [
            self.labels.level("", "form", self.registry.indicators[name].form or "")
            for name in rows["indicator"]
        ]
        shown = rows.assign(label=forms, series=rows["level_label"])
        never = rows[rows["level"] == "never"]
        sentence = "Never happened, by form. " + sentences.ranking(
            never.assign(label=shown["label"]), "label"
        )
        return sentence, figures.stacked(
            shown, title, self.subtitle(rows, intervals=False), synthetic=self.synthetic, ordered=True
        )

    def draw_contrasts(self, contrasts: pd.DataFrame, title: str) -> Drawing:
        """The risk ratios among contrasts, on a logarithmic axis; or the differences of means."""
        rows = sentences.drawn(contrasts)
        shown = rows.assign(label=rows["indicator_label"])
        if not tidy_table.is_plain_contrast(rows).all():
            shown = shown.assign(label=rows["level_label"], group=rows["indicator_label"])
            shown = tidy_table.sort_by(shown, "indicator", rows["indicator"])
        measure = rows["measure"].iloc[0]
        subtitle = f"{sentences.CONTRAST_NAMES[measure]}: {sentences.compared(rows.iloc[0])}"
        text = f"{self.country.name}. {subtitle}; {self.level_words}{self.cluster_words}"
        return figures.intervals(shown, title, text, unit=sentences.unit(measure), synthetic=self.synthetic)


def require_file(root: Path, file: str, country: str) -> Path:
    """The place of something that is made. Raises FileNotFoundError with the command that makes it."""
    path = root / file
    if not path.is_file():
        raise FileNotFoundError(
            f"{file} is not there yet. Make it with: snakemake --config country={country} -- {file}"
        )
    return path
