"""The registry of indicators (config/indicators.yaml) and the insights (config/insights.yaml)."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field, field_validator

from disrupting_harm.config.codebook import FORM, Codebook, Variable
from disrupting_harm.config.conditions import Condition, UnclearError, check, fill, operation
from disrupting_harm.config.problems import nearest
from disrupting_harm.config.strict import Strict, validate
from disrupting_harm.config.yaml_file import YamlFile

Treatment = Literal["counts_as_no", "leaves_base"]
REASONS = ("dont_know", "refused", "not_asked")


class Missing(Strict):
    """What becomes of a respondent whose result is unknown, for each reason."""

    dont_know: Treatment
    refused: Treatment
    not_asked: Treatment


class Scale(Strict):
    """A scale made of several one-answer questions."""

    items: list[str] = Field(min_length=2, description="Variables of the codebook.")
    scores: dict[str, float] = Field(description="Score of each answer.")
    summary: Literal["mean", "sum"] = Field(default="mean", description="How items make the scale.")


class Average(Strict):
    """What is averaged: a scale, or the number of forms for which a condition holds."""

    scale: Scale | None = None
    count_forms: Condition | None = None


class Levels(Strict):
    """Shares of several exclusive answers of one indicator."""

    by: str = Field(description="Name of the breakdown column in tables: response, combination.")
    answers_of: str | None = Field(default=None, description="Every answer of this variable is a level.")
    sets: dict[str, dict[str, Any]] | None = Field(
        default=None, description="Up to three sets (a condition and a label): every combination is a level."
    )


class ByForm(Strict):
    """The same indicator for one form at a time."""

    base: str = ""
    forms: list[str] = Field(default=[], description="Only these forms, where the others are asked nowhere.")
    among: Condition | None = None
    yes_if: Condition


class IndicatorEntry(Strict):
    """One entry of the registry, as the file says it."""

    title: str
    definition: str
    base: str = Field(description="Whom the share is of, in words; a key of `bases`.")
    unit: Literal["child", "caregiver", "instance"] = "child"
    among: Condition | None = Field(default=None, description="Condition for being in the base.")
    yes_if: Condition | None = None
    mean: Average | None = None
    levels: Levels | None = None
    by_form: ByForm | None = None
    derived: bool = Field(
        default=False, description="Computed by the library from another indicator, as defined."
    )
    missing: Missing = Missing(dont_know="leaves_base", refused="leaves_base", not_asked="leaves_base")
    source: str = Field(description="Where the definition comes from; a key of `sources`.")
    also_published_as: list[str] = Field(default=[], description="Other names among the published figures.")

    @field_validator("missing", mode="before")
    @classmethod
    def one_word(cls, value: Any) -> Any:
        """One word stands for all reasons."""
        return dict.fromkeys(REASONS, value) if isinstance(value, str) else value

    @field_validator("definition")
    @classmethod
    def one_line(cls, value: str) -> str:
        """Definitions are folded in the file."""
        return " ".join(value.split())


class Indicator(IndicatorEntry):
    """One indicator with all placeholders but {form} filled in."""

    name: str
    entry: str = Field(description="Name of the entry in the file that it comes from.")
    form: str | None = None

    @property
    def measure(self) -> Literal["mean", "proportion"]:
        """What its estimate is."""
        return "mean" if self.mean else "proportion"

    @property
    def table(self) -> Literal["children", "caregivers"]:
        """The harmonised table it is made from."""
        return "caregivers" if self.unit == "caregiver" else "children"


class Group(Strict):
    """Indicators shown together."""

    title: str
    exclusive: bool = Field(default=False, description="Classes that add up to 100 per cent.")
    members: list[str] = Field(min_length=1)


class Breakdown(Strict):
    """How results are split: by a variable, by bands of a number, by an indicator, or at the median of a scale."""

    title: str
    variable: str | None = None
    number: str | None = None
    bands: dict[str, tuple[float, float]] = Field(default={}, description="Limits, both included.")
    indicator: str | None = None
    scale: str | None = None
    labels: dict[str, str] = Field(default={}, description="Labels of the levels.")


class Insight(Strict):
    """One Data Insight: its question and what the comparison shows."""

    title: str
    short: str
    data_insight: int | None = Field(description="Number in the Data Insight series, if there is one.")
    reads: Literal["children", "caregivers"]
    headline: list[str]
    by: list[str]
    compositions: list[str]


class RegistryFile(Strict):
    """config/indicators.yaml as written."""

    sources: dict[str, str]
    bases: dict[str, str]
    published_bases: dict[str, list[str]]
    conditions: dict[str, Condition]
    indicators: dict[str, dict[str, Any]]
    groups: dict[str, Group]
    breakdowns: dict[str, Breakdown]


class InsightsFile(Strict):
    """config/insights.yaml as written: one entry an insight."""

    insights: dict[str, Insight]


class Registry(Strict):
    """All indicators by name, with the conditions, groups and breakdowns they use."""

    sources: dict[str, str]
    bases: dict[str, str]
    published_bases: dict[str, list[str]]
    conditions: dict[str, Condition]
    indicators: dict[str, Indicator]
    groups: dict[str, Group]
    breakdowns: dict[str, Breakdown]

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Indicators of each group, entries with placeholders filled in."""
        return {name: self.expand(group.members) for name, group in self.groups.items()}

    def find(self, name: str) -> Indicator:
        """An indicator by its name. Raises KeyError with the nearest match."""
        if name not in self.indicators:
            guess = nearest(name, [*self.indicators, *self.groups])
            raise KeyError(
                f"{name} is not in config/indicators.yaml" + (f"; did you mean {guess}?" if guess else "")
            )
        return self.indicators[name]

    def expand(self, names: list[str]) -> list[str]:
        """Indicators that `names` mean: indicators themselves, and all that come from an entry."""
        found: list[str] = []
        for name in names:
            own = [each.name for each in self.indicators.values() if each.entry == name]
            found += own or [name]
        return found


def load_registry(source: YamlFile, codebook: Codebook) -> Registry | None:
    """The registry of `source`; None when something is wrong, which is then added to `source.problems`."""
    said = validate(RegistryFile, source)
    if said is None:
        return None
    conditions: dict[str, Condition] = {}
    for name, tree in said.conditions.items():
        for words in [{"form": letter} for letter in codebook.forms] if FORM in name else [{}]:
            conditions[fill(name, words)] = fill(tree, words)
    indicators: dict[str, Indicator] = {}
    for entry, content in said.indicators.items():
        for words in expansions(entry, content, codebook, source):
            indicator = one_indicator(entry, content, words, source)
            if indicator:
                indicators[indicator.name] = indicator
    registry = Registry(
        sources=said.sources,
        bases=said.bases,
        published_bases=said.published_bases,
        conditions=conditions,
        indicators=indicators,
        groups=said.groups,
        breakdowns=said.breakdowns,
    )
    check_registry(registry, codebook, source)
    return None if source.problems else registry


def load_insights(source: YamlFile, registry: Registry) -> dict[str, Insight] | None:
    """The insights of `source`, whose indicators and groups must be in `registry`."""
    if source.data is not None and not source.problems:
        source.data = {"insights": source.data}
        source.lines = {("insights", *path): line for path, line in source.lines.items()}
    said = validate(InsightsFile, source)
    if said is None:
        return None
    known = {"headline": registry.indicators, "compositions": registry.groups, "by": registry.breakdowns}
    for name, insight in said.insights.items():
        for key, names in known.items():
            for word in getattr(insight, key):
                if word not in names:
                    source.problems.append(
                        source.problem(
                            ("insights", name, key),
                            f"names {word}, which config/indicators.yaml lacks",
                            nearest(word, names),
                        )
                    )
    return None if source.problems else said.insights


def expansions(
    entry: str, content: dict[str, Any], codebook: Codebook, source: YamlFile
) -> list[dict[str, Any]]:
    """The placeholders' values of every indicator that an entry stands for."""
    if FORM in entry:
        return [
            {"form": letter, "form_name": form.name, "form_label": form.label}
            for letter, form in codebook.forms.items()
        ]
    expand = content.get("expand")
    if not expand:
        return [{}]
    variables = {**codebook.variables("children"), **codebook.variables("caregivers")}
    if "items" in expand:
        return [with_label({"name": name, **words}, variables) for name, words in expand["items"].items()]
    variable = variables.get(fill(expand["variable"], {"form": "a"}))
    if variable is None:
        source.problems.append(
            source.problem(
                ("indicators", entry, "expand", "variable"),
                "is not in the codebook",
                nearest(expand["variable"], variables),
            )
        )
        return []
    labels = {**variable.options, **codebook.special}
    return [
        {"name": name, "option": option, "option_label": labels.get(option, option)}
        for name, option in expand["options"].items()
    ]


def with_label(words: dict[str, Any], variables: dict[str, Variable]) -> dict[str, Any]:
    """`words` with the label of the variable they name, if they name one."""
    variable = variables.get(str(words.get("variable")))
    return {**words, "variable_label": variable.label} if variable else words


def one_indicator(
    entry: str, content: dict[str, Any], words: dict[str, Any], source: YamlFile
) -> Indicator | None:
    """One indicator of an entry; what is wrong is added to `source.problems`."""
    said = fill({key: value for key, value in content.items() if key != "expand"}, words)
    local = YamlFile(
        source.file,
        {**said, "name": fill(entry, words), "entry": entry, "form": words.get("form")},
        {path[2:]: line for path, line in source.lines.items() if path[:2] == ("indicators", entry)},
    )
    indicator = validate(Indicator, local)
    source.problems += [
        type(each)(
            each.file,
            each.line or source.line(("indicators", entry)),
            f"indicators.{entry}.{each.key}",
            each.what,
            each.nearest,
            each.way_out,
        )
        for each in local.problems
    ]
    return indicator


def check_registry(registry: Registry, codebook: Codebook, source: YamlFile) -> None:
    """Add to `source.problems` whatever refers to something that is not there."""
    names = {*registry.conditions, *registry.indicators}
    children = codebook.variables("children")
    for name, tree in registry.conditions.items():
        note(source, ("conditions", name), tree, children, names)
    for indicator in registry.indicators.values():
        check_indicator(indicator, registry, codebook.variables(indicator.table), names, source)
    for name in registry.groups:
        for member in registry.members[name]:
            if member not in registry.indicators:
                what = f"names {member}, which is not an indicator"
                source.problems.append(
                    source.problem(("groups", name), what, nearest(member, registry.indicators))
                )


def check_indicator(
    indicator: Indicator,
    registry: Registry,
    variables: dict[str, Variable],
    names: set[str],
    source: YamlFile,
) -> None:
    """Add to `source.problems` what one indicator gets wrong."""
    place = ("indicators", indicator.entry)
    for tree in trees(indicator):
        note(source, place, tree, variables, names)
    for key, known in (("base", registry.bases), ("source", registry.sources)):
        if getattr(indicator, key) not in known:
            source.problems.append(source.problem((*place, key), f"is not one of: {', '.join(known)}"))
    kinds = [indicator.yes_if, indicator.mean, indicator.levels]
    if sum(kind is not None for kind in kinds) != (
        0 if indicator.unit == "instance" or indicator.derived else 1
    ):
        what = "needs one of yes_if, mean, levels (an instance indicator: only by_form)"
        source.problems.append(source.problem(place, what))
    for item in indicator.mean.scale.items if indicator.mean and indicator.mean.scale else []:
        if item not in variables:
            what = f"asks for {item}, which the codebook lacks"
            source.problems.append(source.problem(place, what, nearest(item, variables)))


def note(
    source: YamlFile, place: tuple[str, ...], tree: Condition, variables: dict[str, Variable], names: set[str]
) -> None:
    """Add what is unclear about a condition to `source.problems`."""
    try:
        check(tree, variables, names)
    except UnclearError as unclear:
        source.problems.append(source.problem(place, unclear.what, nearest(unclear.name, unclear.nearest_of)))


def trees(indicator: Indicator) -> list[Condition]:
    """Every condition of an indicator."""
    found = [indicator.among, indicator.yes_if]
    if indicator.by_form:
        found += [indicator.by_form.among, indicator.by_form.yes_if]
    if indicator.mean and indicator.mean.count_forms is not None:
        found.append(indicator.mean.count_forms)
    if indicator.levels:
        found += [set_condition(each) for each in (indicator.levels.sets or {}).values()]
        if indicator.levels.answers_of:
            found.append({"answered": indicator.levels.answers_of})
    return [tree for tree in found if tree is not None]


def set_condition(said: dict[str, Any]) -> Condition:
    """The condition of a set in `levels.sets`, without its label."""
    tree = {key: value for key, value in said.items() if key != "label"}
    operation(tree)
    return tree
