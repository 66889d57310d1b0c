"""The base of all settings models, and pydantic's findings in words an analyst can act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from disrupting_harm.config.problems import Problem, nearest
from disrupting_harm.config.yaml_file import YamlFile


class Strict(BaseModel):
    """Settings that cannot change after loading and accept no unknown key.

    `called` is what people call them in "a list of ...". `text_means` names the settings that a single text stands
    for: with ("column",), `weight: wgt` is short for `weight: {column: wgt}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    called: ClassVar[str] = "settings"
    text_means: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def written_out(cls, data: Any) -> Any:
        """The short form in full."""
        return dict.fromkeys(cls.text_means, data) if cls.text_means and isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """JSON Schema of the settings, the short form included."""
        full = handler(core_schema)
        if not cls.text_means:
            return full
        written = handler.resolve_ref_schema(full)["properties"][cls.text_means[0]]
        text = {"type": "string", **{key: written[key] for key in ("enum",) if key in written}}
        return {"anyOf": [text, full]}


@dataclass(frozen=True)
class Told:
    """How a type is told that pydantic sees only in part: in `words`, and to editors as another type or a schema."""

    words: str
    like: Any = field(hash=False)

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """JSON Schema of the type."""
        if isinstance(self.like, dict):
            return dict(self.like)
        return handler(TypeAdapter(self.like).core_schema)


Model = TypeVar("Model", bound=Strict)


def validate(model: type[Model], source: YamlFile) -> Model | None:
    """`source` as a `model`; None when something is wrong, which is then added to `source.problems`."""
    if source.data is None or source.problems:
        return None
    return validate_part(model, source, (), source.data)


def validate_part(model: type[Model], source: YamlFile, place: tuple[str, ...], data: Any) -> Model | None:
    """`data`, which stands at `place` in `source`, as a `model`; None when something is wrong, as for `validate`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [told(model, source, place, detail) for detail in error.errors(include_url=False)]
        source.problems += [problem for problem in dict.fromkeys(found) if problem not in source.problems]
        return None


def told(model: type[Strict], source: YamlFile, place: tuple[str, ...], detail: dict[str, Any]) -> Problem:
    """One finding of pydantic as a problem."""
    below = tuple(part for part in detail["loc"] if part != "[key]")
    path = (*place, *below)
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = fields_at(model, below[:-1])
        way_out = f"Known here: {', '.join(known)}." if known else ""
        close = nearest(str(path[-1]), known)
        meant = ".".join([*map(str, path[:-1]), close]) if close else ""
        return source.problem(path, "is not a setting", meant, way_out)
    if kind == "missing":
        return source.problem(path, "is missing", way_out="Add it; docs/configuration.md says what it means.")
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
    if isinstance(annotation, Told):
        return inner(annotation.like)
    for argument in reversed(get_args(annotation)):
        found = inner(argument)
        if found is not None:
            return found
    return None
