"""Types of settings: in words, and which one belongs at a place of a file."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from disrupting_harm.config.files.strict import Strict, TypeDescription

_PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dict: "mapping",
    Any: "anything",
    type(None): "",
}
_NOTHING = type(None)


def in_words(annotation: Any) -> str:
    """A type in words: "list of texts", "mapping of code to text"."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        described = [kind.words for kind in inside if isinstance(kind, TypeDescription)]
        return described[0] if described else in_words(inside[0])
    if origin is Literal:
        return " or ".join(f"`{kind}`" for kind in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(filter(None, map(in_words, inside))))
    if origin is dict:
        return f"mapping of {in_words(inside[0])} to {in_words(inside[1])}"
    if origin is tuple and inside[-1] is not Ellipsis:
        return f"[{', '.join(map(in_words, inside))}]"
    if origin in (list, tuple):
        return f"list of {_plural(in_words(inside[0]))}"
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return f"text or {annotation.called}" if annotation.text_means else annotation.called
    return _PLAIN[annotation]


def _plural(words: str) -> str:
    """More than one of a type."""
    return f"{words}s" if words in ("text", "number", "whole number", "code", "condition") else words


def of_field(field: FieldInfo) -> Any:
    """The type of a field with all its annotations."""
    annotated: Any = Annotated
    return annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def choices(annotation: Any) -> list[Any]:
    """The types that a setting may have, beside nothing."""
    if get_origin(annotation) is Annotated:
        return choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [choice for choice in get_args(annotation) if choice is not _NOTHING]
    return [annotation]


def below(annotation: Any, key: Any) -> Any:
    """The type of the value under `key` in a setting of this type; None if no such key is allowed."""
    for choice in choices(annotation):
        if isinstance(choice, type) and issubclass(choice, Strict):
            named = [field for name, field in choice.model_fields.items() if key in (name, field.alias)]
            return of_field(named[0]) if named else None
        if get_origin(choice) in (dict, list, tuple):
            return get_args(choice)[1 if get_origin(choice) is dict else 0]
    return None


def follow(annotation: Any, path: Iterable[Any]) -> tuple[tuple[Any, ...], Any]:
    """A path of pydantic's without its names for the types of a union, and the type that belongs at its end.

    The path ends where pydantic tried several types; the type is None if there is no such setting.
    """
    keys: list[Any] = []
    for part in path:
        if part == "[key]":
            continue
        if len(choices(annotation)) > 1:
            break
        keys.append(part)
        annotation = below(annotation, part)
    return tuple(keys), annotation


def inner(annotation: Any) -> type[Strict] | None:
    """The model inside a type such as `dict[str, Model]`, `Model | None` or `Model`."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    if isinstance(annotation, TypeDescription):
        return inner(annotation.like)
    return next(filter(None, map(inner, reversed(get_args(annotation)))), None)
