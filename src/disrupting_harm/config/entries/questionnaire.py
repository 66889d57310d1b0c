"""A questionnaire: which delivered column and codes hold which codebook variable (config/questionnaires/*.yaml)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.codes import Code
from disrupting_harm.config.files.strict import Strict

NOT_ASKED = "not_asked"
"""In `values`: the code of a question that the routing skipped; it becomes an empty cell."""


FILLED = "filled"
"""As `chosen`: any content of a cell."""

DateOrder = Literal["day_first", "month_first"]

Meaning = Literal["dont_know", "refused", "not_asked"]


class MappingEntry(Strict):
    """How one codebook variable is delivered. In short form just its column: `weight: wgt_scaled`.

    In a country's file the same settings, but only those that differ from the questionnaire.
    """

    text_means = ("column",)

    column: str | None = Field(
        default=None,
        description="The delivered column: of a number, an identifier, or a question with one answer. With "
        "`separator`: the text column that lists several answers. A star at its end stands for any ending.",
        examples=["QS01"],
    )
    extract: str | None = Field(
        default=None,
        min_length=1,
        description="Identifiers, strata, sampling units and numbers: a pattern (of RE2, in quotes) whose group in "
        "parentheses is the value, where the column holds more than it: '^(\\d+) years$'. A text that it does not "
        "match counts as a whole; of a number it then stops the run, with its row.",
        examples=["^(.{3,}?)Z[01]"],
    )
    born: str | None = Field(
        default=None,
        description="Age from two dates, in place of `column`: the column of the date of birth. Dates of Excel, SPSS, "
        "Stata and Parquet are read as they are, texts as 2009-03-14, with or without a time.",
        examples=["Q3_DOB"],
    )
    interviewed: str | None = Field(
        default=None,
        description="Age from two dates: the column of the date of the interview.",
        examples=["start"],
    )
    date_order: DateOrder | None = Field(
        default=None,
        description="Age from two dates: which number of 4.5.2009 or 4/5/2009 is the day, where texts are not written "
        "year-month-day.",
        examples=["day_first"],
    )
    columns: str | None = Field(
        default=None,
        description="Several answers: the delivered columns as a pattern, in which {code} stands for an "
        "option's code. With `mentions`: {mention} stands for 1 (first mention), 2, and so on.",
        examples=["P13_{code}_{form}"],
    )
    separator: str | None = Field(
        default=None,
        min_length=1,
        description="Several answers in one text column (`column`): the separator between them.",
        examples=[";"],
    )
    mentions: int | None = Field(
        default=None,
        ge=1,
        description="Several answers as a list: the number of columns, for the first mention, the second and so on; "
        "each holds the code of an option.",
        examples=[5],
    )
    values: dict[Code, str | int | float] = Field(
        default={},
        description="One answer: each delivered code and the codebook value that it means, or `not_asked` "
        "where the routing skipped the question. Numbers: code and number. Several answers: what a code beside "
        "chosen and not chosen means, `dont_know`, `refused` or `not_asked`.",
        examples=[{1: "girl", 2: "boy"}],
    )
    options: dict[Code, str] = Field(
        default={},
        description="Several answers: each code (or text, in a list) and the codebook option that it means.",
        examples=[{1: "no_one", 2: "friend", 3: "sibling"}],
    )
    forms: tuple[str, ...] | None = Field(
        default=None,
        description="Letters of the forms of abuse that it was asked about, if not about all.",
        examples=[["c", "d", "e"]],
    )
    special: bool = Field(
        default=True,
        description='Whether "don\'t know" and "prefer not to say" are possible here, with the codes of the '
        "questionnaire.",
        examples=[False],
    )
    chosen: Code | None = Field(
        default=None,
        description="Several answers: the code of a chosen option, where it differs from `several_answers`; `filled`: "
        "any content of the cell counts, as where it holds the option's label.",
        examples=["filled"],
    )
    not_chosen: Code | None = Field(
        default=None,
        description="Several answers: the code of an option that was not chosen, where it differs from "
        "`several_answers`.",
        examples=[2],
    )
    missing: tuple[Code, ...] = Field(
        default=(), description="Numbers: codes that stand for no number.", examples=[[998, 999]]
    )
    user_missing: Meaning | None = Field(
        default=None,
        description="What a code means that the file itself declares as missing and that is not mapped, where it "
        "differs from the questionnaire's `user_missing`.",
        examples=["refused"],
    )
    optional_values: tuple[str, ...] = Field(
        default=(),
        description="Codebook values that need not occur in a file. All others must: a value that is never "
        "seen stops the run.",
        examples=[["very_often"]],
    )
    may_be_absent: bool = Field(
        default=False,
        description="The delivered name is not public, so it is this project's convention: a file without the "
        "column passes, and the variable counts as not in the delivered file. Every other "
        "missing column stops the run.",
        examples=[True],
    )
    asked_of_part: bool = Field(
        default=False,
        description="An early version of the questionnaire left the question out: who has an empty cell was not asked, "
        "and is outside the base of everything made from it. Pages say how many were. Where a country's cells are all "
        "empty, it did not ask the question.",
        examples=[True],
    )
    note: str = Field(
        default="",
        description="Anything the next reader should know.",
        examples=["The order of the answers is inferred from the interview guide."],
    )

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

    chosen: Code = Field(default="1", description="Code of a chosen option.", examples=[1])
    not_chosen: Code = Field(default="0", description="Code of an option not chosen.", examples=[0])


class Questionnaire(Strict):
    """One questionnaire as delivered."""

    title: str = Field(description="What it is, in words.", examples=["Disrupting Harm, phase two, children"])
    table: Table = Field(description="The harmonised table that it fills.", examples=["children"])
    delivered_as: Literal["csv", "sav"] = Field(
        description="Format of the synthetic files that are written in its layout.", examples=["sav"]
    )
    selector: str | None = Field(
        default=None,
        description="Column that identifies the country in a file of several countries.",
        examples=["COUNTRY"],
    )
    find_columns: Literal["name", "ending"] = Field(
        default="name",
        description="`name`: delivered columns have the names given here, in any letter case. `ending`: where none "
        "has, a prefix before a separator (_ . - : / or a blank) is passed over, so that G17 finds Q5_G17, and H6 "
        "never CH6. Groups before a slash (sec3/G17, as Kobo writes them) are passed over in both. Where two columns "
        "fit, the run stops and names both.",
        examples=["ending"],
    )
    special: dict[Code, str] = Field(
        default={},
        description="Codes of the special answers, for all questions. A special answer may have several codes.",
        examples=[{98: "dont_know", 99: "refused"}],
    )
    user_missing: Meaning | None = Field(
        default=None,
        description="What a code means that the file itself declares as missing (SPSS: user-missing values and ranges; "
        "Stata: .a to .z), where `values` and `special` do not map it. Left out: such a code stops the run.",
        examples=["not_asked"],
    )
    several_answers: SeveralAnswers = Field(
        default=SeveralAnswers(), description="Codes in the columns of questions with several answers."
    )
    placeholders: dict[str, dict[str, str]] = Field(
        default={},
        description="Words in braces for the names of columns: {item} stands for something else for each form "
        "of abuse.",
        examples=[{"item": {"a": "G1a", "b": "G1c", "c": "G3b"}}],
    )
    variables: dict[str, MappingEntry] = Field(
        description="Each codebook variable and how it is delivered. A name with {form} stands for nine "
        "variables, one for each form of abuse.",
        examples=[{"weight": "weight_final", "sex": {"column": "QS1", "values": {1: "girl", 2: "boy"}}}],
    )
    also_delivered: tuple[str, ...] = Field(
        default=(),
        description="Columns of the delivered file that the analysis does not use; the synthetic files have "
        "them too.",
        examples=[["INTERVIEWER"]],
    )
