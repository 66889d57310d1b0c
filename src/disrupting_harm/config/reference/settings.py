"""The settings that a model knows, one by one, in the words of people who write configuration files.

Everything generated from the models (JSON Schemas, template, reference page) reads them here.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import yaml
from pydantic.fields import FieldInfo

from disrupting_harm.config.files.kinds import in_words, inner, of_field
from disrupting_harm.config.files.strict import Strict

_LIMITS = {
    annotated_types.Gt: ("gt", "above"),
    annotated_types.Ge: ("ge", "at least"),
    annotated_types.Lt: ("lt", "below"),
    annotated_types.Le: ("le", "at most"),
}
_NEEDED = "needed"
_NONE = "none"
_LONGEST = 90


@dataclass(frozen=True)
class Setting:
    """One setting. `model` holds the settings below it, if there are any; `many`: for each name or entry of its own."""

    name: str
    about: str
    type: str
    default: str
    example: Any
    model: type[Strict] | None = None
    many: bool = False

    @property
    def needed(self) -> bool:
        """Whether it has to be given."""
        return self.default == _NEEDED


def settings(model: type[Strict]) -> list[Setting]:
    """Every setting of a model, in its order."""
    return [setting(name, field) for name, field in model.model_fields.items()]


def setting(name: str, field: FieldInfo) -> Setting:
    """One setting from a field of a model."""
    annotation = of_field(field)
    limits = ", ".join(limit(constraint) for constraint in field.metadata if type(constraint) in _LIMITS)
    model = inner(annotation)
    return Setting(
        name=field.alias or name,
        about=field.description or about(model),
        type=" ".join(filter(None, (in_words(annotation), limits))),
        default=default(field),
        example=example(field),
        model=model,
        many=_is_many(field.annotation),
    )


def about(model: type[Strict] | None) -> str:
    """What a model is about: its docstring."""
    return " ".join((model.__doc__ or "").split()) if model else ""


def _is_many(annotation: Any) -> bool:
    """Whether a setting holds a mapping or list of entries."""
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return any(map(_is_many, get_args(annotation)))
    return get_origin(annotation) in (dict, list, tuple)


def limit(metadata: Any) -> str:
    """A limit of a number: "above 0"."""
    key, word = _LIMITS[type(metadata)]
    return f"{word} {getattr(metadata, key)}"


def default(field: FieldInfo) -> str:
    """What holds where the setting is left out."""
    if field.is_required():
        return _NEEDED
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Strict):
        value = value.model_dump(mode="json", exclude_defaults=True)
    return _NONE if value is None or value in ("", (), [], {}) else flow(value)


def example(field: FieldInfo) -> Any:
    """An example: the model's own, otherwise a value that differs from the default where the type lists its values."""
    if field.examples:
        return field.examples[0]
    if field.annotation is bool:
        return not field.default
    literal = next(_literals(field.annotation), None)
    return next(value for value in literal if value != field.default) if literal else None


def _literals(annotation: Any) -> Iterator[tuple[str, ...]]:
    """The values that a type lists."""
    if get_origin(annotation) is Literal:
        yield get_args(annotation)
    elif get_origin(annotation) in (Union, types.UnionType):
        for choice in get_args(annotation):
            yield from _literals(choice)


def flow(value: Any) -> str:
    """A value on one line of YAML."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(
        plain, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return text.removesuffix("...\n").strip()


def block(name: Any, value: Any) -> list[str]:
    """A setting as lines of YAML; short flat values take one line."""
    line = f"{flow(name)}: {flow(value)}"
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    if not inside or (len(line) <= _LONGEST and not any(isinstance(item, dict) for item in inside)):
        return [line]
    if isinstance(value, dict):
        below = [line for key, inner in value.items() for line in block(key, inner)]
    else:
        below = [f"- {flow(item)}" for item in value]
    return [f"{flow(name)}:", *(f"  {line}" for line in below)]
