"""A questionnaire: which delivered column and codes hold which codebook variable (config/questionnaires/*.yaml)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from disrupting_harm.config.codebook import Table
from disrupting_harm.config.codes import Code
from disrupting_harm.config.strict import Strict

NOT_ASKED = "not_asked"
"""In `values`: the code of a question that the routing skipped; it becomes an empty cell."""


class MappingEntry(Strict):
    """How one codebook variable is delivered. In short form just its column: `weight: wgt_scaled`.

    In a country's file the same settings, but only those that differ from the questionnaire.
    """

    column: str | None = Field(default=None, description="Delivered column of a variable with one answer.")
    columns: str | None = Field(
        default=None,
        description="Several answers: pattern of the columns, {code} standing for the option's code.",
    )
    values: dict[Code, str | int | float] = Field(default={}, description="Delivered code -> codebook value.")
    options: dict[Code, str] = Field(default={}, description="Several answers: {code} -> codebook option.")
    forms: tuple[str, ...] | None = Field(default=None, description="Forms it was asked for, if not for all.")
    special: bool = Field(
        default=True, description="Whether the questionnaire's special codes are possible here."
    )
    chosen: Code | None = Field(default=None, description="Several answers: code of a chosen option.")
    not_chosen: Code | None = Field(
        default=None, description="Several answers: code of an option not chosen."
    )
    missing: tuple[Code, ...] = Field(default=(), description="Numbers: codes that stand for no number.")
    optional_values: tuple[str, ...] = Field(
        default=(), description="Codebook values that need not occur in a file."
    )
    may_be_absent: bool = Field(
        default=False,
        description="The delivered name is not public, so it is this project's convention: without such a column the "
        "variable counts as not asked, instead of stopping the run.",
    )
    note: str = Field(default="", description="Anything a reader should know.")

    @model_validator(mode="before")
    @classmethod
    def short_form(cls, data: Any) -> Any:
        """`name: column` is short for `name: {column: column}`."""
        return {"column": data} if isinstance(data, str) else data

    @model_validator(mode="before")
    @classmethod
    def words_not_truth(cls, data: Any) -> Any:
        """YAML reads an unquoted yes or no as true or false."""
        values = data.get("values") if isinstance(data, dict) else None
        if isinstance(values, dict) and any(isinstance(value, bool) for value in values.values()):
            raise ValueError('has values that YAML reads as true or false; write "yes" and "no" in quotes')
        return data


class SeveralAnswers(Strict):
    """Codes in the columns of questions with several answers."""

    chosen: Code = Field(default="1", description="Code of a chosen option.")
    not_chosen: Code = Field(default="0", description="Code of an option not chosen.")


class Questionnaire(Strict):
    """One questionnaire as delivered."""

    title: str = Field(description="What it is, in words.")
    table: Table = Field(description="The harmonised table it fills.")
    delivered_as: Literal["csv", "sav"] = Field(description="Kind of the synthetic files.")
    selector: str | None = Field(
        default=None, description="Column that tells the country in a file of several."
    )
    find_columns: Literal["name", "ending"] = Field(
        default="name",
        description="`ending`: a delivered column may carry a prefix before the name given here.",
    )
    special: dict[Code, str] = Field(
        default={}, description="Codes of the special answers, for all questions."
    )
    several_answers: SeveralAnswers = Field(default=SeveralAnswers())
    placeholders: dict[str, dict[str, str]] = Field(
        default={}, description="Words in braces that stand for something else for each form: {item}."
    )
    variables: dict[str, MappingEntry] = Field(description="Codebook variable -> how it is delivered.")
    also_delivered: tuple[str, ...] = Field(
        default=(), description="Columns of the delivered file that the analysis does not use."
    )
