"""Conditions as settings: how people and editors are told of them. `conditions` has the operations, and decides."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from disrupting_harm.config.entries import conditions
from disrupting_harm.config.entries.conditions import ARGUMENTS, OPERATIONS
from disrupting_harm.config.files.strict import Strict, TypeDescription

KINDS = {
    "variable": "str | None",
    "condition": "str | Operation | None",
    "conditions": "list[str | Operation] | None",
}
"""What may stand behind the key of an operation, by `Operation.holds`."""

RESERVED = ("in", "from", "not")
"""Keys that Python keeps for itself."""


def setting(key: str, kind: Any, meaning: str, example: Any) -> tuple[str, tuple[Any, Any]]:
    """One key of a condition as a field of a model."""
    alias = key if key in RESERVED else None
    field = Field(default=None, alias=alias, description=meaning, examples=[example])
    return f"{key}_" if alias else key, (kind, field)


def settings() -> dict[str, Any]:
    """Every key of a condition as a field of a model: operations, each with its further keys, the first time."""
    fields_by_name: dict[str, tuple[Any, Any]] = {}
    for key, operation in OPERATIONS.items():
        keys = [setting(key, KINDS[operation.holds], operation.__doc__ or "", operation.example)]
        for name in operation.arguments:
            argument = ARGUMENTS[name]
            keys.append(setting(name, argument.kind | None, argument.meaning, argument.example))
        for name, field in keys:
            fields_by_name.setdefault(name, field)
    return fields_by_name


class Written(Strict):
    """The base of the model below, for what people call it."""

    called = "condition"


Operation = create_model(
    "Operation", __base__=Written, __doc__=conditions.Operation.__doc__ or "", **settings()
)
"""A condition as a mapping, for the reference page, editors and the first look at what is written."""

Operation.model_rebuild(_types_namespace={"Operation": Operation})


class LabelledOperation(Operation):
    """A condition with a label."""

    label: str = Field(description="Label of those for whom it holds.", examples=["In person"])


Mapping = Annotated[dict[str, Any], TypeDescription("condition", Operation)]
"""A condition that is no name of another entry."""

Condition = Annotated[str | dict[str, Any], TypeDescription("condition", str | Operation)]
"""The name of an entry, or a mapping with one operation, as it is written; `conditions.read` makes an object of it."""

LabelledCondition = Annotated[dict[str, Any], TypeDescription("condition with a label", LabelledOperation)]
"""A mapping with one operation and a label."""
