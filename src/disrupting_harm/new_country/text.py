"""A country's file as text: commented YAML with only what differs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from disrupting_harm.config import printable
from disrupting_harm.new_country.settings import Setting, as_key

WIDTH = 110
SCHEMA = "# yaml-language-server: $schema=../schemas/country.json"


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines in one."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, '"' if "\n" in text else None
    ),
)


def flow(value: Any, one_line: bool = True) -> str:
    """A value as YAML in one line, or with brackets only around what is innermost, and lines of about 80 signs.

    Control signs are escaped, and with them all that is not ASCII.
    """
    settings: dict[str, Any] = {"default_flow_style": True, "width": float("inf")} if one_line else {}
    settings = {"default_flow_style": None, "sort_keys": False, **settings}
    keyed = _with_keys(value)
    text = yaml.dump(keyed, Dumper=_Dumper, allow_unicode=True, **settings)
    if printable(text) != text:
        text = yaml.dump(keyed, Dumper=_Dumper, allow_unicode=False, **settings)
    return text.removesuffix("\n...\n").rstrip("\n")


def _with_keys(value: Any) -> Any:
    """A value whose keys are written as people write codes: 2, not "2"."""
    if isinstance(value, Mapping):
        return {as_key(str(key)): _with_keys(item) for key, item in value.items()}
    return [_with_keys(item) for item in value] if isinstance(value, (list, tuple)) else value


def block(key: str, value: Any, indent: str = "") -> list[str]:
    """A setting: in one line where it fits, in several where not."""
    line = f"{indent}{flow(key)}: {flow(value)}"
    if len(line) <= WIDTH:
        return [line]
    return textwrap.indent(flow({key: value}, one_line=False), indent).splitlines()


def setting(entry: Setting) -> Iterator[str]:
    """The entry of one variable, with comments on what to check and to decide."""
    of = "" if entry.mapping else f"{entry.name}: "
    notes = [entry.reason] if entry.reason and entry.mapping else []
    notes += [f"check: {entry.check}"] if entry.check else []
    for note in [*notes, *(f"TODO decide: {of}{text}" for text in entry.to_decide)]:
        yield from comment(note, "  ")
    if entry.mapping:
        is_column = list(entry.mapping) == ["column"]
        yield from block(entry.name, entry.mapping["column"] if is_column else entry.mapping, "  ")


def variables(key: str, settings: Sequence[Setting]) -> Iterator[str]:
    """All entries of one table; nothing where there are none."""
    if settings:
        yield from ("", f"{key}:" if any(entry.mapping for entry in settings) else f"# {key}:")
        for entry in settings:
            yield from setting(entry)


def comment(text: str, indent: str = "", further: str = "  ") -> list[str]:
    """A text as a comment, continued further in."""
    lines = {"initial_indent": f"{indent}# ", "subsequent_indent": f"{indent}# {further}"}
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False, **lines)
