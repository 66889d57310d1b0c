"""The codebook: every variable of the harmonised tables, under one name for all countries (config/codebook.yaml)."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from disrupting_harm.config.entries.grammar import Mapping
from disrupting_harm.config.entries.names import FORM, SPECIAL, option_column
from disrupting_harm.config.entries.placeholders import fill
from disrupting_harm.config.files.strict import Strict

Kind = Literal["identifier", "number", "answer", "answers"]
Table = Literal["children", "caregivers"]
TABLES: tuple[Table, ...] = ("children", "caregivers")


class Form(Strict):
    """One form of abuse in the self-completed module."""

    name: str = Field(
        description="Name of the form, as in the published estimates.", examples=["threatened_blackmailed"]
    )
    label: str = Field(
        description="Short label for tables and figures.", examples=["Threatened or blackmailed"]
    )
    question: str = Field(
        description="The question, in our words.",
        examples=["Someone threatened or blackmailed me to do something sexual."],
    )
    group: str = Field(description="Group of forms that it belongs to.", examples=["Exploitation"])


class VariableEntry(Strict):
    """One variable as the codebook file describes it."""

    label: str = Field(description="Short label for tables and figures.", examples=["Self-harm"])
    question: str = Field(
        default="",
        description="The question, in our words.",
        examples=["Have you harmed yourself in the past year?"],
    )
    kind: Kind = Field(
        default="answer",
        description="What a respondent gives: an identifier, a number, one answer, or several answers. Left "
        "out: one answer with `values`, several with `options`.",
        examples=["number"],
    )
    values: dict[str, str] = Field(
        default={},
        description="One answer: each value and its label, in the order of tables and figures.",
        examples=[{"yes": "Yes", "no": "No"}],
    )
    options: dict[str, str] = Field(
        default={},
        description="Several answers: each option and its label.",
        examples=[{"no_one": "No one", "friend": "A friend"}],
    )
    module: str = Field(
        default="",
        description="Part of the interview it belongs to: a key of `modules`; questions need one.",
        examples=["wellbeing"],
    )
    asked_if: str = Field(
        default="",
        description="Who is asked, in words; left out: everyone.",
        examples=["the form happened in the past year"],
    )
    asked_when: Mapping | None = Field(
        default=None,
        description="The same as a condition, in the grammar of indicators.yaml, without names of entries.",
        examples=[{"answer": "form_{form}", "in": ["rarely", "sometimes", "often", "very_often"]}],
    )
    alone: tuple[str, ...] = Field(
        default=(),
        description="Several answers: options that cannot be chosen together with another one.",
        examples=[["no_one"]],
    )
    plausible: tuple[float, float] | None = Field(
        default=None,
        description="A number: the lowest and the highest that can be true.",
        examples=[[18, 110]],
    )
    required: bool = Field(
        default=True,
        description="Whether an identifier or number must be delivered; false: a file may lack it.",
        examples=[False],
    )

    @model_validator(mode="before")
    @classmethod
    def tell_kind(cls, data: Any) -> Any:
        """Fill in the kind that `values` or `options` imply."""
        if isinstance(data, dict) and "kind" not in data:
            return {**data, "kind": "answers" if "options" in data else "answer"}
        return data

    @model_validator(mode="after")
    def agree(self) -> VariableEntry:
        """Values belong to one answer, options to several."""
        if bool(self.values) != (self.kind == "answer") or bool(self.options) != (self.kind == "answers"):
            raise ValueError(
                "needs `values` (one answer), `options` (several answers) or `kind: identifier | number`"
            )
        if set(SPECIAL) & {*self.values, *self.options}:
            raise ValueError(f"lists {' or '.join(SPECIAL)}, which every variable has anyway; leave them out")
        if bool(self.asked_if) != bool(self.asked_when):
            raise ValueError("needs `asked_if` (in words) and `asked_when` (as a condition) together")
        if self.plausible and (self.kind != "number" or self.plausible[0] > self.plausible[1]):
            raise ValueError("has `plausible`, which is the lowest and the highest value of a `kind: number`")
        return self


class Variable(VariableEntry):
    """One variable of a harmonised table, with the form filled in."""

    name: str = Field(description="Name in the harmonised table.")
    entry: str = Field(description="Name in the codebook file, for instance told_{form}.")
    form: str | None = Field(default=None, description="Letter of the form it is about.")

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories of a one-answer variable in order: its values, then the special answers."""
        return (*self.values, *SPECIAL)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the harmonised table: itself, or one column per option and special answer."""
        if self.kind != "answers":
            return (self.name,)
        return tuple(option_column(self.name, option) for option in (*self.options, *SPECIAL))


_NOT_READ_FROM_FILES = ("module", "asked_if", "asked_when", "alone", "plausible")
"""Settings of a variable that describe how answers depend on each other, not how they are read."""


class Codebook(Strict):
    """All variables of the two harmonised tables."""

    special: dict[str, str] = Field(
        description="The special answers and their labels.",
        examples=[{"dont_know": "Don't know", "refused": "Prefer not to say"}],
    )
    modules: dict[str, str] = Field(
        description="The parts of the interview and their labels, in order.",
        examples=[{"wellbeing": "Wellbeing"}],
    )
    forms: dict[str, Form] = Field(description="The forms of abuse by letter.")
    children: dict[str, VariableEntry] = Field(
        description="Variables of the children's table by name. A name with {form} stands for nine variables, "
        "one for each form of abuse."
    )
    caregivers: dict[str, VariableEntry] = Field(description="Variables of the caregivers' table by name.")

    @model_validator(mode="after")
    def special_is_fixed(self) -> Codebook:
        """There are exactly two special answers."""
        if set(self.special) != set(SPECIAL):
            raise ValueError(f"special must list exactly {' and '.join(SPECIAL)}")
        return self

    @property
    def as_read(self) -> list[Any]:
        """What the reading of a delivered file depends on: everything but how answers depend on each other."""
        tables = [
            {
                name: [
                    getattr(entry, key)
                    for key in VariableEntry.model_fields
                    if key not in _NOT_READ_FROM_FILES
                ]
                for name, entry in getattr(self, table).items()
            }
            for table in TABLES
        ]
        return [self.special, self.forms, *tables]

    @cached_property
    def tables(self) -> dict[str, dict[str, Variable]]:
        """Variables of each table by name, `{form}` filled in, in the file's order."""
        return {table: self._expand(getattr(self, table)) for table in TABLES}

    def variables(self, table: Table = "children") -> dict[str, Variable]:
        """Variables of one table by name, `{form}` filled in."""
        return self.tables[table]

    def _expand(self, entries: dict[str, VariableEntry]) -> dict[str, Variable]:
        expanded: dict[str, Variable] = {}
        for entry, variable in entries.items():
            for letter in self.forms if FORM in entry else (None,):
                name = entry.replace(FORM, letter or "")
                expanded[name] = self._variable(name, entry, variable, letter)
        return expanded

    def _variable(self, name: str, entry: str, variable: VariableEntry, letter: str | None) -> Variable:
        fields: dict[str, Any] = {**variable.__dict__, "name": name, "entry": entry, "form": letter}
        if letter:
            form = self.forms[letter]
            for key in ("label", "question", "asked_if"):
                text = (
                    fields[key].replace("{form_label}", form.label).replace("{form_question}", form.question)
                )
                fields[key] = text.replace(FORM, letter)
            fields["asked_when"] = fill(variable.asked_when, {"form": letter})
        return Variable.model_construct(**fields)
