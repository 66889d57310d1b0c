"""JSON Schemas of the configuration files, for the YAML plug-ins of editors.

Draft 7, which all of them understand.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

_DIALECT = "http://json-schema.org/draft-07/schema#"


class _EditorSchema(GenerateJsonSchema):
    """Schemas as editors show them: no titles made up from names, and pairs in the words of draft 7."""

    schema_dialect = _DIALECT

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """A title made from a name adds nothing."""
        return False

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        """Pairs as lists of a fixed length."""
        described = super().tuple_schema(schema)
        kinds = described.pop("prefixItems", None)
        return (
            {**described, "items": kinds if any(kind != kinds[0] for kind in kinds) else kinds[0]}
            if kinds
            else described
        )


def schema(kind: Any, title: str) -> str:
    """The JSON Schema of files that hold a `kind` (a model, or a mapping of models), as text."""
    described = TypeAdapter(kind).json_schema(by_alias=True, schema_generator=_EditorSchema)
    return json.dumps({"$schema": _DIALECT, **described, "title": title}, indent=2, ensure_ascii=False) + "\n"
