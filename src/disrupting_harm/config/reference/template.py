"""The commented template of a country's file: every setting with what it means, its type, default and an example.

Lines that begin with ## explain; a setting behind a single # holds once the # and the blank are taken away.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from disrupting_harm.config.files.strict import Strict
from disrupting_harm.config.reference.settings import Setting, block, flow, settings

_WIDTH = 110
_COLUMN = 18


def template(model: type[Strict], given: Mapping[str, Any] | None = None) -> str:
    """Settings of `model` as commented YAML; those in `given`, and required ones, are not commented out."""
    given = given or {}
    known: set[type[Strict]] = set()
    lines: list[str] = []
    for setting in settings(model):
        lines += ["", *_explained(setting, known)]
        if setting.name in given:
            lines += block(setting.name, given[setting.name])
        else:
            lines += [line if setting.needed else f"# {line}".rstrip() for line in example(setting, known)]
    return "\n".join(lines[1:]) + "\n"


def _explained(setting: Setting, known: set[type[Strict]]) -> list[str]:
    """What a setting means, its type and default, as lines of a comment.

    The settings of each entry are listed the first time: `known` are the models that have been.
    """
    lines = _prose(f"{setting.about} ({_typed(setting)})")
    short = setting.many or setting.example is not None
    if setting.model and short and setting.model not in known:
        known.add(setting.model)
        lines += ["##", "## Settings of each:" if setting.many else "## In full, with these settings:"]
        for inner in settings(setting.model):
            lines += _listed(inner)
        for inner in settings(setting.model):
            if inner.model and inner.many and inner.model not in known:
                known.add(inner.model)
                lines += ["##", f"## Settings of `{inner.name}`, besides those above:"]
                above = {one.name for one in settings(setting.model)}
                for one in settings(inner.model):
                    lines += [] if one.name in above else _listed(one)
    return lines


def _listed(setting: Setting) -> list[str]:
    """One setting of a list of settings, as lines of a comment."""
    text = f"{setting.about} ({_typed(setting)}; example: {flow(setting.example)})"
    return _prose(text, f"##   {setting.name:{_COLUMN}} ", f"##   {'':{_COLUMN}} ")


def _typed(setting: Setting) -> str:
    """Type and default in brackets behind what a setting means."""
    return f"{setting.type}; needed" if setting.needed else f"{setting.type}; default: {setting.default}"


def _prose(text: str, first: str = "## ", then: str = "## ") -> list[str]:
    """Text as lines of a comment."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def example(setting: Setting, known: set[type[Strict]]) -> Iterator[str]:
    """The example of a setting, or of each setting below it with its explanation."""
    if setting.model is None or setting.many or setting.example is not None:
        yield from block(setting.name, setting.example)
        return
    yield f"{setting.name}:"
    for inner in settings(setting.model):
        yield from (f"  {line}" for line in [*_explained(inner, known), *example(inner, known)])
