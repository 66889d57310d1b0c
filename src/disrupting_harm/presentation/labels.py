"""Labels of indicators, breakdowns and levels, from the registry and the codebook. Nobody retypes them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from disrupting_harm.answers.indicators import NOT_USABLE, questions
from disrupting_harm.config.entries.codebook import Codebook
from disrupting_harm.config.entries.country import Country
from disrupting_harm.config.entries.registry import Registry
from disrupting_harm.estimation.tidy_table import Row


class Labels:
    """How things are called on pages and in figures."""

    def __init__(self, registry: Registry, codebook: Codebook) -> None:
        self.registry = registry
        self.codebook = codebook
        self.variables = {**codebook.variables("caregivers"), **codebook.variables("children")}

    def indicator(self, name: str) -> str:
        """Title of an indicator."""
        return self.registry.indicators[name].title

    def by(self, name: str) -> str:
        """Title of a breakdown."""
        fixed = {"all": "All", "form": "Form", "response": "Answer", "combination": "Combination"}
        return fixed.get(name) or self.registry.breakdowns[name].title

    def level(self, indicator: str, by: str, level: str) -> str:
        """Label of a level of a breakdown."""
        if by in ("response", "combination"):
            return self.own_level(indicator, level)
        if by == "all":
            return "All"
        if by == "form":
            return self.codebook.forms[level].label
        breakdown = self.registry.breakdowns[by]
        if breakdown.variable and level in self.variables[breakdown.variable].values:
            return self.variables[breakdown.variable].values[level]
        return breakdown.labels.get(level, level)

    def respondents(self, row: Row) -> str:
        """Label of the respondents of a contrast: all, or those in a level of another breakdown; or its adjustment."""
        if row["adjusted_for"]:
            *most, last = [self.held(name) for name in row["adjusted_for"].split("+")]
            return f"Adjusted for {', '.join(most)} and {last}" if most else f"Adjusted for {last}"
        return self.level("", row["within"], row["within_level"]) if row["within"] else "All"

    def groups(self, row: Row) -> tuple[str, str]:
        """Labels of the two groups of a contrast, the second one in the middle of a sentence."""
        first, second = (self.level("", row["by"], row[name]) for name in ("first", "second"))
        return first, f"{second[:1].lower()}{second[1:]}"

    def held(self, name: str) -> str:
        """A variable that is held equal, in the middle of a sentence."""
        title = self.registry.breakdowns[name].title
        return f"{title[:1].lower()}{title[1:]}"

    def own_level(self, indicator: str, level: str) -> str:
        """Label of a level of an indicator with levels of its own."""
        levels = self.registry.indicators[indicator].own_levels
        if levels.answers_of:
            return {**self.variables[levels.answers_of].values, **self.codebook.special}.get(level, level)
        inside = level.split("+")
        first, *others = (self.set_label(indicator, name) for name in inside)
        words = " and ".join([first, *(f"{other[:1].lower()}{other[1:]}" for other in others)])
        return words if len(inside) > 1 else f"{words} only"

    def set_label(self, indicator: str, name: str) -> str:
        """Label of one set of an indicator that shows combinations of sets."""
        return self.registry.indicators[indicator].own_levels.labelled_sets[name]["label"]

    def with_reasons(self, rows: pd.DataFrame, countries: Mapping[str, Country]) -> pd.DataFrame:
        """Rows with the reason why something is not usable, as the country's file gives it, in `reason`."""
        known = {iso3: country.reasons_not_usable(self.variables) for iso3, country in countries.items()}
        reasons = [
            self.reason(row["indicator"], known.get(row["country"], {}))
            if row["status"] == NOT_USABLE
            else ""
            for row in rows[["country", "indicator", "status"]].to_dict("records")
        ]
        return rows.assign(reason=reasons)

    def reason(self, indicator: str, reasons: Mapping[str, str]) -> str:
        """Why an indicator cannot be made: of the variables behind it, or else of all that must not be used."""
        behind = questions([self.registry.indicators[indicator]], self.registry, self.variables)
        about = [reasons[name] for name in behind if name in reasons]
        return "; ".join(dict.fromkeys(about or reasons.values()))

    def add(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the columns `indicator_label`, `by_label`, `level_label`, `first_label` and `second_label`.

        The last two are the groups of a contrast; its `level_label` is that of its respondents.
        """
        records = rows.to_dict("records")
        groups = [self.groups(row) if row["first"] else ("", "") for row in records]
        return rows.assign(
            indicator_label=[self.indicator(name) for name in rows["indicator"]],
            by_label=[self.by(name) for name in rows["by"]],
            level_label=[
                self.respondents(row)
                if row["first"]
                else self.level(row["indicator"], row["by"], row["level"])
                for row in records
            ],
            first_label=[first for first, _ in groups],
            second_label=[second for _, second in groups],
        )
