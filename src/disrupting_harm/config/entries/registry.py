"""The registry of indicators (config/indicators.yaml) and the insights (config/insights.yaml)."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from disrupting_harm.config.entries.codebook import Codebook, Variable
from disrupting_harm.config.entries.conditions import UnclearError, check
from disrupting_harm.config.entries.grammar import Condition, LabelledCondition, Mapping
from disrupting_harm.config.entries.names import FORM
from disrupting_harm.config.entries.placeholders import fill
from disrupting_harm.config.files.problems import nearest
from disrupting_harm.config.files.strict import Strict
from disrupting_harm.config.files.validation import validate, validate_part
from disrupting_harm.config.files.yaml_file import YamlFile

Treatment = Literal["counts_as_no", "leaves_base"]
_LETTER = re.compile(r"_[a-z]\b")
"""A form's letter at the end of a name."""

Setting = TypeVar("Setting")


_REASONS = ("dont_know", "refused", "not_asked")

WORDS = ("title", "definition", "base", "source", "also_published_as", "labels")
"""Settings of entries that say something to readers, and change no count."""


class Missing(Strict):
    """How a respondent with an unknown result counts, for each reason. A single word applies to all reasons."""

    text_means = _REASONS

    dont_know: Treatment = Field(description='The answer was "don\'t know".', examples=["counts_as_no"])
    refused: Treatment = Field(description="The child preferred not to say.", examples=["counts_as_no"])
    not_asked: Treatment = Field(
        description="The routing of the questionnaire skipped the question.", examples=["leaves_base"]
    )


class Scale(Strict):
    """A scale made of several one-answer questions."""

    items: list[str] = Field(
        min_length=2,
        description="Variables of the codebook that make the scale.",
        examples=[["parent_suggests_safe_use", "parent_helps_when_bothered"]],
    )
    scores: dict[str, float] = Field(
        description="Score of each answer.",
        examples=[{"never": 1, "rarely": 2, "sometimes": 3, "often": 4, "very_often": 5}],
    )
    reversed_items: list[str] = Field(
        default=[],
        description="Items that run the other way: their scores are turned round, the lowest for the highest.",
        examples=[["low_mood_b"]],
    )
    summary: Literal["mean", "sum"] = Field(
        default="mean", description="Whether the scores of the items are averaged or added up."
    )

    @model_validator(mode="after")
    def reversed_are_items(self) -> Scale:
        """What is turned round is an item."""
        others = [name for name in self.reversed_items if name not in self.items]
        if others:
            raise ValueError(f"has {others[0]} in `reversed_items` and not in `items`")
        return self

    def scores_of(self, item: str) -> dict[str, float]:
        """The score of each answer to an item."""
        if item not in self.reversed_items:
            return self.scores
        ends = min(self.scores.values()) + max(self.scores.values())
        return {answer: ends - score for answer, score in self.scores.items()}


class Average(Strict):
    """What is averaged: a scale, a number, or the number of forms for which a condition holds. One of the three."""

    scale: Scale | None = Field(default=None, description="A scale of several questions.")
    number: str | None = Field(
        default=None, description="A variable of the codebook that is a number.", examples=["life_ladder"]
    )
    count_forms: Condition | None = Field(
        default=None,
        description="The number of forms of abuse for which this condition, with {form}, holds.",
        examples=["online_experience_{form}"],
    )

    @model_validator(mode="after")
    def one_of_three(self) -> Average:
        """Exactly one thing is averaged."""
        if sum(value is not None for value in (self.scale, self.number, self.count_forms)) != 1:
            raise ValueError("needs one of `scale`, `number` and `count_forms`")
        return self

    @property
    def variables(self) -> list[str]:
        """The variables that are averaged, but for those of a condition."""
        return [*(self.scale.items if self.scale else ()), *([self.number] if self.number else ())]


class Levels(Strict):
    """Shares of several exclusive answers of one indicator."""

    by: str = Field(
        description="Name of the breakdown in tables: response (answers of a question) or combination (of sets).",
        examples=["response"],
    )
    answers_of: str | None = Field(
        default=None,
        description="Every answer of this variable is a level, the special answers included.",
        examples=["form_{form}"],
    )
    sets: dict[str, LabelledCondition] | None = Field(
        default=None,
        description="Up to three sets, each a condition with a label: every combination of them is a level.",
        examples=[{"in_person": {"any_form": "in_person_experience_{form}", "label": "In person"}}],
    )

    @property
    def labelled_sets(self) -> dict[str, LabelledCondition]:
        """Its sets by name; empty where its levels are the answers of a variable."""
        return self.sets or {}


class ByForm(Strict):
    """The same indicator for one form at a time."""

    base: str = Field(
        default="",
        description="Whom the shares by form are of, where it differs; a key of `bases`.",
        examples=["affected_any_context"],
    )
    forms: list[str] = Field(
        default=[],
        description="Only these forms, where the others are asked nowhere.",
        examples=[["c", "d", "e"]],
    )
    where_asked: bool = Field(
        default=False,
        description="In each country only the forms about which its file has the question. Left out: a country "
        "without one of them has no estimate.",
        examples=[True],
    )
    among: Condition | None = Field(
        default=None,
        description="Who is in the base, form by form.",
        examples=["experienced_{form}"],
    )
    yes_if: Condition = Field(
        description="What is counted, form by form.", examples=[{"chosen": "told_{form}__no_one"}]
    )


class PublishedRatio(Strict):
    """A risk ratio of the indicator that somebody else has published, as a number or a range: pages quote it."""

    between: str = Field(description="The breakdown whose two levels it compares.", examples=["exposure"])
    low: float = Field(gt=0, description="The ratio, or the lowest of a range.", examples=[2])
    high: float = Field(gt=0, description="The ratio, or the highest of a range.", examples=[4])
    of: str = Field(description="Where it was found, in words.", examples=["thirteen countries"])
    country: str = Field(
        default="", description="Code of the country, where it is about one.", examples=["gha"]
    )
    published_in: str = Field(description="Where it is published, in words.", examples=["policy brief"])

    @model_validator(mode="after")
    def low_first(self) -> PublishedRatio:
        """A range has its lower end first."""
        if self.low > self.high:
            raise ValueError("has a `low` above its `high`")
        return self


class IndicatorEntry(Strict):
    """What one entry of the registry says of each of its indicators."""

    title: str = Field(
        description="Title on pages, in figures and in the workbook.", examples=["Knows where to get help"]
    )
    definition: str = Field(
        description="What is counted, among whom, and what becomes of missing answers, in full sentences.",
        examples=["The child knows where to get help. A missing answer leaves the base."],
    )
    base: str = Field(description="Whom the share is of, in words; a key of `bases`.", examples=["children"])
    unit: Literal["child", "caregiver", "instance"] = Field(
        default="child",
        description="What is counted: children, caregivers, or instances (pairs of a child and a form of abuse).",
    )
    among: Condition | None = Field(
        default=None,
        description="Who is in the base: only those for whom this is yes. Left out: everyone with a weight.",
        examples=["tfcsea_any"],
    )
    yes_if: Condition | None = Field(
        default=None,
        description="The share is of those for whom this is yes.",
        examples=[{"answer": "knows_where_to_get_help", "in": ["yes"]}],
    )
    mean: Average | None = Field(default=None, description="What is averaged, where it is no share.")
    levels: Levels | None = Field(
        default=None, description="Shares of several answers that exclude each other, instead of one share."
    )
    by_form: ByForm | None = Field(
        default=None, description='The same for one form of abuse at a time: what `by="form"` shows.'
    )
    derived: bool = Field(
        default=False, description="Computed by the library from another indicator, as `definition` says."
    )
    missing: Missing = Field(
        default=Missing(dont_know="leaves_base", refused="leaves_base", not_asked="leaves_base"),
        description="What becomes of an unknown result: counts_as_no or leaves_base, for each reason.",
        examples=["counts_as_no"],
    )
    source: str = Field(
        description="Where the definition comes from; a key of `sources`.", examples=["paper"]
    )
    also_published_as: list[str] = Field(
        default=[],
        description="Other names of it among the published figures.",
        examples=[["disclosure_police_or_helpline_policy_brief"]],
    )
    published_ratios: list[PublishedRatio] = Field(
        default=[], description="Risk ratios of it that others have published."
    )

    @field_validator("definition")
    @classmethod
    def one_line(cls, value: str) -> str:
        """Definitions are folded in the file."""
        return " ".join(value.split())


Word = str | int | float | Mapping
"""What a word in braces stands for: a text, a number or a whole condition."""


class Expand(Strict):
    """One entry for several indicators: an entry named `told_{name}` becomes one indicator for each name.

    Its words in braces are filled in everywhere in the entry: those of an item, or {option} and {option_label}.
    """

    items: dict[str, dict[str, Word]] | None = Field(
        default=None,
        description="Name of each indicator and its words.",
        examples=[{"one": {"from": 1, "to": 1, "label": "One reason"}}],
    )
    variable: str | None = Field(
        default=None,
        description="A codebook variable with several answers, of which each option becomes an indicator.",
        examples=["told_{form}"],
    )
    options: dict[str, str] = Field(
        default={},
        description="Name of each indicator and the option of `variable` that it is about.",
        examples=[{"mother_or_female_caregiver": "mother"}],
    )

    @model_validator(mode="after")
    def one_of_two(self) -> Expand:
        """Items, or a variable with its options."""
        if (self.items is None) == (self.variable is None) or (self.items is None) != bool(self.options):
            raise ValueError("needs `items`, or `variable` and `options`")
        return self


class IndicatorTemplate(IndicatorEntry):
    """One indicator as written in the file: what is counted, among whom, and what becomes of missing answers.

    One of `yes_if`, `mean` and `levels` defines what is counted; an indicator of instances has `by_form` alone.
    """

    expand: Expand | None = Field(
        default=None, description="Where one entry stands for several indicators: which."
    )


class Indicator(IndicatorEntry):
    """One indicator with all placeholders but {form} filled in."""

    name: str
    entry: str = Field(description="Name of the entry in the file that it comes from.")
    form: str | None = None

    @property
    def own_levels(self) -> Levels:
        """Its levels. Raises KeyError where it has none."""
        return self._required(self.levels, "levels")

    @property
    def averaged(self) -> Average:
        """What it averages. Raises KeyError where it is a share."""
        return self._required(self.mean, "mean")

    @property
    def averaged_scale(self) -> Scale:
        """The scale that it averages. Raises KeyError where it is none."""
        return self._required(self.averaged.scale, "mean.scale")

    @property
    def counted(self) -> Condition:
        """What is counted. Raises KeyError where that is no condition."""
        return self._required(self.yes_if, "yes_if")

    @property
    def form_by_form(self) -> ByForm:
        """Its rule for one form at a time. Raises KeyError where it has none."""
        return self._required(self.by_form, "by_form")

    def _required(self, value: Setting | None, name: str) -> Setting:
        if value is None:
            raise KeyError(f"{self.name} has no {name} in config/indicators.yaml")
        return value

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

    title: str = Field(description="Title of the figure and table.", examples=["Whom children told"])
    exclusive: bool = Field(
        default=False,
        description="Whether they exclude each other and add up to 100 per cent: then one hidden share hides another.",
    )
    members: list[str] = Field(
        min_length=1,
        description="Indicators in the order in which they are shown.",
        examples=[["disclosure_none", "disclosure_formal"]],
    )


class Breakdown(Strict):
    """How results are split: by a variable, by bands of a number, by an indicator, or at the median of a scale."""

    title: str = Field(description="What it splits by, as a heading.", examples=["Age group"])
    variable: str | None = Field(
        default=None, description="Split by the answers of this variable.", examples=["sex"]
    )
    number: str | None = Field(
        default=None, description="Split by bands of this number; needs `bands`.", examples=["age"]
    )
    bands: dict[str, tuple[float, float]] = Field(
        default={},
        description="Bands of the number: level and its limits, both included.",
        examples=[{"12-13": [12, 13], "14-15": [14, 15]}],
    )
    indicator: str | None = Field(
        default=None, description="Split by whether this indicator is yes or no.", examples=["tfcsea_any"]
    )
    scale: str | None = Field(
        default=None,
        description="Split at the median of this indicator's scale.",
        examples=["enabling_mediation"],
    )
    labels: dict[str, str] = Field(
        default={},
        description="Label of each level, where the codebook has none.",
        examples=[{"yes": "Subjected to abuse", "no": "Not subjected to abuse"}],
    )
    of: list[str] | None = Field(
        default=None,
        description="Which indicators and groups may be split by it; what may be shown is decided for these. Left out: "
        "all of a table that has it. Less is hidden where less may be asked.",
        examples=[["tfcsea_any"]],
    )
    within: list[str] = Field(
        default=[],
        description="Breakdowns within whose levels its levels may be compared.",
        examples=[["in_person"]],
    )


class Insight(Strict):
    """One Data Insight: its question and what the comparison shows."""

    title: str = Field(
        description="The question it answers, as the pages' title.", examples=["Do children tell anyone?"]
    )
    short: str = Field(description="A word or two, for menus and narrow tables.", examples=["Disclosure"])
    data_insight: int | None = Field(
        description="Its number in the published series of Data Insights; null where there is none.",
        examples=[2],
    )
    reads: Literal["children", "caregivers"] = Field(description="The harmonised table it is made from.")
    headline: list[str] = Field(
        description="Indicators that are compared across countries; the first is shown on the front page.",
        examples=[["disclosure_none", "disclosure_formal"]],
    )
    by: list[str] = Field(
        description="Breakdowns of the headline indicators.", examples=[["sex", "age_group"]]
    )
    compositions: list[str] = Field(
        description="Groups of indicators that are shown side by side.", examples=[["channels", "barriers"]]
    )


class RegistryFile(Strict):
    """All indicators, and the conditions, groups and breakdowns that they are made of."""

    sources: dict[str, str] = Field(
        description="Where definitions come from: name and reference.",
        examples=[{"convention": "Convention of this project; no published definition was found"}],
    )
    bases: dict[str, str] = Field(
        description="Whom shares are of: name and words.",
        examples=[{"children": "internet-using children aged 12-17"}],
    )
    published_bases: dict[str, list[str]] = Field(
        description="How published tables name these bases (beginning of their column `denominator`).",
        examples=[{"children": ["all children 12-17"]}],
    )
    conditions: dict[str, Condition] = Field(
        description="Conditions with a name, so that several indicators can use them. {form} in a name: one a form.",
        examples=[{"experienced_{form}": {"answer": "form_{form}", "in": ["rarely", "often"]}}],
    )
    indicators: dict[str, IndicatorTemplate] = Field(
        description="Every indicator by its name. {form} in a name: one a form; {name}: see `expand`."
    )
    groups: dict[str, Group] = Field(description="Indicators shown together, by name.")
    breakdowns: dict[str, Breakdown] = Field(description="How results may be split, by name.")


class InsightsFile(Strict):
    """config/insights.yaml as written: one entry per insight."""

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

    @property
    def as_counted(self) -> list[Any]:
        """What determines the counts: everything but texts."""
        parts = {"indicators": self.indicators, "groups": self.groups, "breakdowns": self.breakdowns}
        return [
            self.conditions,
            {
                name: {key: entry.model_dump(exclude={*WORDS}) for key, entry in part.items()}
                for name, part in parts.items()
            },
        ]

    def find(self, name: str) -> Indicator:
        """An indicator by its name. Raises KeyError with the nearest match."""
        if name not in self.indicators:
            guess = nearest(name, [*self.indicators, *self.groups])
            raise KeyError(
                f"{name} is not in config/indicators.yaml" + (f"; did you mean {guess}?" if guess else "")
            )
        return self.indicators[name]

    def named(self, names: list[str]) -> list[str]:
        """Indicators that `names` of groups, entries and indicators mean."""
        return [indicator for name in names for indicator in self.members.get(name) or self.expand([name])]

    def expand(self, names: list[str]) -> list[str]:
        """Indicators that `names` mean: indicators themselves, and all that come from an entry."""
        expanded: list[str] = []
        for name in names:
            of_entry = [indicator.name for indicator in self.indicators.values() if indicator.entry == name]
            expanded += of_entry or [name]
        return expanded


def load_registry(source: YamlFile, codebook: Codebook) -> Registry | None:
    """The registry of `source`; None when something is wrong, which is then added to `source.problems`."""
    file = validate(RegistryFile, source)
    if file is None:
        return None
    conditions = {
        fill(name, words): fill(tree, words)
        for name, tree in file.conditions.items()
        for words in _forms_of(name, codebook)
    }
    indicators: dict[str, Indicator] = {}
    for entry, content in file.indicators.items():
        for words in _expansions(entry, content, codebook, source):
            indicator = _one_indicator(entry, words, source)
            if indicator:
                indicators[indicator.name] = indicator
    registry = Registry(
        sources=file.sources,
        bases=file.bases,
        published_bases=file.published_bases,
        conditions=conditions,
        indicators=indicators,
        groups=file.groups,
        breakdowns=file.breakdowns,
    )
    _check_registry(registry, file, codebook, source)
    return None if source.problems else registry


def _forms_of(name: str, codebook: Codebook) -> list[dict[str, Any]]:
    """The words in braces of an entry that is about each form; none for another entry."""
    return [{"form": letter} for letter in codebook.forms] if FORM in name else [{}]


def load_insights(source: YamlFile, registry: Registry) -> dict[str, Insight] | None:
    """The insights of `source`, whose indicators and groups must be in `registry`."""
    if source.data is not None and not source.problems:
        source.data = {"insights": source.data}
        source.lines = {("insights", *path): line for path, line in source.lines.items()}
    file = validate(InsightsFile, source)
    if file is None:
        return None
    known = {"headline": registry.indicators, "compositions": registry.groups, "by": registry.breakdowns}
    for name, insight in file.insights.items():
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
    return None if source.problems else file.insights


def _expansions(
    entry: str, written: IndicatorTemplate, codebook: Codebook, source: YamlFile
) -> list[dict[str, Any]]:
    """The placeholders' values of every indicator that an entry stands for."""
    if FORM in entry:
        return [
            {"form": letter, "form_name": form.name, "form_label": form.label}
            for letter, form in codebook.forms.items()
        ]
    expand = written.expand
    if expand is None:
        return [{}]
    variables = {**codebook.variables("children"), **codebook.variables("caregivers")}
    if expand.items is not None:
        return [_with_label({"name": name, **words}, variables) for name, words in expand.items.items()]
    variable = variables.get(fill(expand.variable, {"form": "a"}))
    if variable is None:
        source.problems.append(
            source.problem(
                ("indicators", entry, "expand", "variable"),
                "is not in the codebook",
                nearest(str(expand.variable), variables),
            )
        )
        return []
    labels = {**variable.options, **codebook.special}
    return [
        {"name": name, "option": option, "option_label": labels.get(option, option)}
        for name, option in expand.options.items()
    ]


def _with_label(words: dict[str, Any], variables: dict[str, Variable]) -> dict[str, Any]:
    """`words` with the label of the variable they name, if they name one."""
    variable = variables.get(str(words.get("variable")))
    return {**words, "variable_label": variable.label} if variable else words


def _one_indicator(entry: str, words: dict[str, Any], source: YamlFile) -> Indicator | None:
    """One indicator of an entry; what is wrong is added to `source.problems`."""
    path = ("indicators", entry)
    content = {key: value for key, value in source.data["indicators"][entry].items() if key != "expand"}
    identity = {"name": fill(entry, words), "entry": entry, "form": words.get("form")}
    return validate_part(Indicator, source, path, {**fill(content, words), **identity})


def _check_registry(registry: Registry, file: RegistryFile, codebook: Codebook, source: YamlFile) -> None:
    """Add to `source.problems` whatever refers to something that is not there."""
    names = {*registry.conditions, *registry.indicators}
    children = codebook.variables("children")
    for name, tree in file.conditions.items():
        for words in _forms_of(name, codebook):
            note(source, ("conditions", name), fill(tree, words), children, names)
    for indicator in registry.indicators.values():
        _check_indicator(indicator, registry, codebook.variables(indicator.table), names, source)
    for name in registry.groups:
        for member in registry.members[name]:
            if member not in registry.indicators:
                what = f"names {member}, which is not an indicator"
                source.problems.append(
                    source.problem(("groups", name), what, nearest(member, registry.indicators))
                )
    for name, breakdown in registry.breakdowns.items():
        known = {"of": [*registry.indicators, *registry.groups], "within": [*registry.breakdowns]}
        meant = {"of": registry.named(breakdown.of or []), "within": breakdown.within}
        for key, words in meant.items():
            for word in (word for word in words if word not in known[key]):
                what = f"names {word}, which this file lacks"
                source.problems.append(
                    source.problem(("breakdowns", name, key), what, nearest(word, known[key]))
                )


def _check_indicator(
    indicator: Indicator,
    registry: Registry,
    variables: dict[str, Variable],
    names: set[str],
    source: YamlFile,
) -> None:
    """Add to `source.problems` what one indicator gets wrong."""
    path = ("indicators", indicator.entry)
    for tree in trees(indicator):
        note(source, path, tree, variables, names)
    for key, known in (("base", registry.bases), ("source", registry.sources)):
        if getattr(indicator, key) not in known:
            source.problems.append(source.problem((*path, key), f"is not one of: {', '.join(known)}"))
    kinds = [indicator.yes_if, indicator.mean, indicator.levels]
    if sum(kind is not None for kind in kinds) != (
        0 if indicator.unit == "instance" or indicator.derived else 1
    ):
        what = "needs one of yes_if, mean, levels (an instance indicator: only by_form)"
        source.problems.append(source.problem(path, what))
    for item in indicator.mean.variables if indicator.mean else []:
        if item not in variables:
            what = f"asks for {item}, which the codebook lacks"
            source.problems.append(source.problem(path, what, nearest(item, variables)))
    number = indicator.mean.number if indicator.mean else None
    if number in variables and variables[number].kind != "number":
        source.problems.append(source.problem(path, f"averages {number}, which is no number"))


def note(
    source: YamlFile, path: tuple[str, ...], tree: Condition, variables: dict[str, Variable], names: set[str]
) -> None:
    """Add what is unclear about a condition to `source.problems`: once, where it is so for each form."""
    try:
        check(tree, variables, names)
    except UnclearError as unclear:
        problem = source.problem(path, unclear.what, nearest(unclear.name, unclear.nearest_of))
        known = {
            (known_problem.key, _LETTER.sub("", known_problem.what)) for known_problem in source.problems
        }
        if (problem.key, _LETTER.sub("", problem.what)) not in known:
            source.problems.append(problem)


def trees(indicator: Indicator) -> list[Condition]:
    """Every condition of an indicator."""
    conditions = [indicator.among, indicator.yes_if]
    if indicator.by_form:
        conditions += [indicator.by_form.among, indicator.by_form.yes_if]
    if indicator.mean and indicator.mean.count_forms is not None:
        conditions.append(indicator.mean.count_forms)
    if indicator.levels:
        conditions += [set_condition(labelled) for labelled in (indicator.levels.sets or {}).values()]
        if indicator.levels.answers_of:
            conditions.append({"answered": indicator.levels.answers_of})
    return [tree for tree in conditions if tree is not None]


def set_condition(labelled: dict[str, Any]) -> Condition:
    """The condition of a set in `levels.sets`, without its label."""
    return {key: value for key, value in labelled.items() if key != "label"}
