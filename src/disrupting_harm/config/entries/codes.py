"""Raw codes as text: one spelling for 1, 1.0, "1" and "١", in configuration files and in microdata alike."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from disrupting_harm.config.entries.digits import with_ascii_digits
from disrupting_harm.config.files.strict import TypeDescription


def code(value: Any) -> str:
    """A raw code in its one spelling: 1, 1.0, "1", "١" and " 1 " are all "1".

    Raises ValueError for what cannot be a code (true, false, nothing, a list).
    """
    if isinstance(value, bool) or value is None:
        raise ValueError("is read by YAML as true, false or nothing; write it in quotes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return with_ascii_digits(value.strip())
    raise ValueError("is not a code; write a number or a text")


Code = Annotated[str, BeforeValidator(code), TypeDescription("code", {"type": ["string", "number"]})]
"""A raw code of a delivered file, for instance 999."""
