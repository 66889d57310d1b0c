"""A country's file as text: commented YAML with only what differs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from disrupting_harm.config import printable
from disrupting_harm.new_country.settings import Setting, as_key

WIDTH = 110
SCHEMA = "# yaml-language-server: $schema=../schemas/country.json"


def scalar(value: Any) -> str:
    """A value as YAML writes it in one line, in double quotes where quotes are needed."""
    if not isinstance(value, str):
        return json.dumps(value)
    return value if _dumped(value) == value == printable(value) else _quoted(value)


def _quoted(value: str) -> str:
    """A text in double quotes. Control signs are escaped, and with them all that is not ASCII."""
    return _dumped(value, default_style='"', allow_unicode=printable(value) == value)


def _dumped(value: str, **options: Any) -> str:
    """A text as YAML writes it, in one line."""
    settings: dict[str, Any] = {"allow_unicode": True, "width": float("inf")} | options
    text = yaml.safe_dump(value, **settings)
    return text.removesuffix("\n...\n").rstrip("\n")


def flow(value: Any) -> str:
    """A value in one line; mappings and lists in brackets."""
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{scalar(as_key(str(key)))}: {within(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(within(item) for item in value) + "]"
    return scalar(value)


def within(value: Any) -> str:
    """A value in one line, within brackets: there, signs need quotes that need none elsewhere."""
    if isinstance(value, str) and (set(value) & set("{}[],") or ": " in value):
        return _quoted(value)
    return flow(value)


def block(key: str, value: Any, indent: str = "") -> Iterator[str]:
    """A setting: in one line where it fits, a line each where not."""
    line = f"{indent}{scalar(key)}: {flow(value)}"
    if not isinstance(value, (Mapping, list, tuple)) or (len(line) <= WIDTH and _depth(value) < 2):
        yield line
        return
    yield f"{indent}{scalar(key)}:"
    if isinstance(value, Mapping):
        for name, item in value.items():
            if isinstance(item, (Mapping, list, tuple)):
                yield from block(str(name), item, f"{indent}  ")
            else:
                yield f"{indent}  {scalar(as_key(str(name)))}: {scalar(item)}"
    else:
        yield from (f"{indent}  - {flow(item)}" for item in value)


def _depth(value: Any) -> int:
    """How deep mappings and lists are nested."""
    inner = (
        value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else None
    )
    return 0 if inner is None else 1 + max((_depth(item) for item in inner), default=0)


def setting(entry: Setting) -> Iterator[str]:
    """The entry of one variable, with comments on what to check and to decide."""
    yield from comment([f"check: {entry.check}"] if entry.check else [], "  ")
    of = "" if entry.mapping else f"{entry.name}: "
    yield from comment([f"TODO decide: {of}{text}" for text in entry.to_decide], "  ")
    if not entry.mapping:
        return
    name = f"  {scalar(entry.name)}:"
    if list(entry.mapping) == ["column"]:
        yield f"{name} {scalar(entry.mapping['column'])}"
        return
    line = f"{name} {flow(entry.mapping)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield name
    for key, value in entry.mapping.items():
        yield from block(key, value, "    ")


def variables(key: str, settings: Sequence[Setting]) -> Iterator[str]:
    """All entries of one table; nothing where there are none."""
    if not settings:
        return
    lines = [line for item in settings for line in setting(item)]
    only_comments = all(line.lstrip().startswith("#") for line in lines)
    yield ""
    yield f"# {key}:" if only_comments else f"{key}:"
    yield from lines


def comment(texts: Iterable[str], indent: str = "", further: str = "  ") -> Iterator[str]:
    """Texts as comments, continued further in."""
    for text in texts:
        yield from textwrap.wrap(
            text,
            WIDTH,
            initial_indent=f"{indent}# ",
            subsequent_indent=f"{indent}# {further}",
            break_long_words=False,
            break_on_hyphens=False,
        )


def numbered(texts: Sequence[str]) -> Iterator[str]:
    """Decisions as a numbered list of comments."""
    for number, text in enumerate(texts, start=1):
        yield from comment([f"{number}. {text}"], "", "   ")
