"""The base of all settings models, and their description for editors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


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
class TypeDescription:
    """Describes a type that pydantic sees only in part: in `words`, and for editors as another type or a schema."""

    words: str
    like: Any = field(hash=False)

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """JSON Schema of the type."""
        if isinstance(self.like, dict):
            return dict(self.like)
        return handler(TypeAdapter(self.like).core_schema)
