"""The base of all settings models, and pydantic's findings in words an analyst can act on."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from disrupting_harm.config.problems import Problem, nearest
from disrupting_harm.config.yaml_file import YamlFile


class Strict(BaseModel):
    """Settings that cannot change after loading and accept no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Strict)


def validate(model: type[Model], source: YamlFile) -> Model | None:
    """`source` as a `model`; None when something is wrong, which is then added to `source.problems`."""
    if source.data is None or source.problems:
        return None
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        source.problems += [told(model, source, detail) for detail in error.errors(include_url=False)]
        return None


def told(model: type[Strict], source: YamlFile, detail: dict[str, Any]) -> Problem:
    """One finding of pydantic as a problem."""
    path = tuple(part for part in detail["loc"] if part != "[key]")
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1])
        way_out = f"Known here: {', '.join(known)}." if known else ""
        close = nearest(str(path[-1]), known)
        meant = ".".join([*map(str, path[:-1]), close]) if close else ""
        return source.problem(path, "is not a setting", meant, way_out)
    if kind == "missing":
        return source.problem(path, "is missing", way_out="Add it; README.md in config/ says what it means.")
    if kind == "value_error":
        return source.problem(path, str(detail["ctx"]["error"]))
    message = detail["msg"]
    return source.problem(path, f"does not fit: {message[:1].lower()}{message[1:]}")


def fields_at(model: type[Strict], path: tuple[Any, ...]) -> list[str]:
    """Names of the settings that may stand at `path` below `model`."""
    kind: Any = model
    for part in path:
        if isinstance(kind, type) and issubclass(kind, Strict):
            field = kind.model_fields.get(str(part))
            kind = inner(field.annotation) if field else None
        else:
            kind = inner(kind)
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Strict) else []


def inner(annotation: Any) -> Any:
    """The model inside an annotation such as `dict[str, Model]`, `Model | None` or `Model`."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return annotation
    for argument in reversed(get_args(annotation)):
        found = inner(argument)
        if found is not None:
            return found
    return None
