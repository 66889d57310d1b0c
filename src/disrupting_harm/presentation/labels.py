"""Labels of indicators, breakdowns and levels, from the registry and the codebook. Nobody retypes them."""

from __future__ import annotations

import pandas as pd

from disrupting_harm.config.entries.codebook import Codebook
from disrupting_harm.config.entries.registry import Registry


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
        if " vs " in level:
            return self.contrast(by, level)
        breakdown = self.registry.breakdowns[by]
        if breakdown.variable and level in self.variables[breakdown.variable].values:
            return self.variables[breakdown.variable].values[level]
        return breakdown.labels.get(level, level)

    def contrast(self, by: str, level: str) -> str:
        """Label of a contrast: where it was made, or which levels it is between."""
        pair, _, rest = level.partition(", ")
        within, _, inside = rest.partition("=")
        if within == "adjusted":
            *most, last = [self.held(name) for name in inside.split("+")]
            return f"Adjusted for {', '.join(most)} and {last}" if most else f"Adjusted for {last}"
        if inside:
            return self.level("", within, inside)
        return (
            "All"
            if pair == "yes vs no"
            else " against ".join(self.level("", by, level) for level in pair.split(" vs "))
        )

    def held(self, name: str) -> str:
        """A variable that is held equal, in the middle of a sentence."""
        title = self.registry.breakdowns[name].title
        return f"{title[:1].lower()}{title[1:]}"

    def own_level(self, indicator: str, level: str) -> str:
        """Label of a level of an indicator with levels of its own."""
        levels = self.registry.indicators[indicator].levels
        if levels.answers_of:
            return {**self.variables[levels.answers_of].values, **self.codebook.special}.get(level, level)
        inside = level.split("+")
        first, *others = (self.set_label(indicator, name) for name in inside)
        words = " and ".join([first, *(f"{other[:1].lower()}{other[1:]}" for other in others)])
        return words if len(inside) > 1 else f"{words} only"

    def set_label(self, indicator: str, name: str) -> str:
        """Label of one set of an indicator that shows combinations of sets."""
        return self.registry.indicators[indicator].levels.sets[name]["label"]

    def add(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the columns `indicator_label`, `by_label` and `level_label`."""
        keys = zip(rows["indicator"], rows["by"], rows["level"], strict=True)
        return rows.assign(
            indicator_label=[self.indicator(name) for name in rows["indicator"]],
            by_label=[self.by(name) for name in rows["by"]],
            level_label=[self.level(*key) for key in keys],
        )
