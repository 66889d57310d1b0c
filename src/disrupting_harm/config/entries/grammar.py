"""The grammar of conditions, for the documentation and for editors; `conditions` reads and checks them.

Nothing in it can execute code.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from disrupting_harm.config.files.strict import Strict, TypeDescription


class Operation(Strict):
    """A condition: one of these operations. The name of another entry is a condition too.

    Unknown answers follow three-valued logic: `any` is yes when one is yes, no when all are no, unknown otherwise.
    """

    called = "condition"

    answer: str | None = Field(
        default=None,
        description="The answer to this variable is one of those in `in`.",
        examples=["form_{form}"],
    )
    in_: list[str] | None = Field(
        default=None, alias="in", description="With `answer`: the answers that count.", examples=[["often"]]
    )
    chosen: str | None = Field(
        default=None,
        description="This option was chosen in a question with several answers: variable__option.",
        examples=["told_{form}__friend"],
    )
    answered: str | None = Field(
        default=None,
        description="A substantive answer was given: neither don't know nor prefer not to say.",
        examples=["anxiety"],
    )
    number: str | None = Field(
        default=None, description="This number is between `from` and `to`.", examples=["age"]
    )
    any: list[str | Operation] | None = Field(
        default=None,
        description="At least one of these conditions holds.",
        examples=[["told_formal", "told_informal"]],
    )
    all: list[str | Operation] | None = Field(
        default=None,
        description="All of these conditions hold.",
        examples=[["experienced_{form}", "online_{form}"]],
    )
    count: list[str | Operation] | None = Field(
        default=None,
        description="Between `from` and `to` of these conditions hold.",
        examples=[["told_formal", "told_informal"]],
    )
    not_: str | Operation | None = Field(
        default=None, alias="not", description="This condition does not hold.", examples=["told_formal"]
    )
    known: str | Operation | None = Field(
        default=None,
        description="This condition certainly holds: an unknown result becomes no.",
        examples=["told_formal"],
    )
    any_form: str | Operation | None = Field(
        default=None,
        description="This condition, with {form}, holds for at least one of the nine forms.",
        examples=["online_experience_{form}"],
    )
    count_forms: str | Operation | None = Field(
        default=None,
        description="This condition, with {form}, holds for `from` to `to` of the nine forms.",
        examples=["online_experience_{form}"],
    )
    from_: float | str | None = Field(
        default=None, alias="from", description="Lower limit, included.", examples=[2]
    )
    to: float | str | None = Field(default=None, description="Upper limit, included.", examples=[9])


class LabelledOperation(Operation):
    """A condition with a label."""

    label: str = Field(description="Label of those for whom it holds.", examples=["In person"])


Mapping = Annotated[dict[str, Any], TypeDescription("condition", Operation)]
"""A condition that is no name of another entry."""

Condition = Annotated[str | dict[str, Any], TypeDescription("condition", str | Operation)]
"""The name of an entry, or a mapping with one operation. `Operation` documents it; `check` decides."""

LabelledCondition = Annotated[dict[str, Any], TypeDescription("condition with a label", LabelledOperation)]
"""A mapping with one operation and a label."""
