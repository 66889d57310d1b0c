"""What a name of the registry leads to: an indicator, group or breakdown names others, and these name others again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from disrupting_harm.config.entries.codebook import FORM
from disrupting_harm.config.entries.placeholders import fill
from disrupting_harm.config.entries.registry import WORDS, Breakdown
from disrupting_harm.config.project import Project, digest, plain

_DECIDES_ONLY = {"of", "within"}
"""Settings of a breakdown about what may be asked for: the decision follows them, and no estimate does."""

Names = frozenset[str] | None
"""Words of a notebook's calls; None for a notebook that may ask for everything."""

_Entries = dict[str, dict[str, Any]]
"""Entries by the part of the configuration that they are in, and by name."""


def entries(project: Project, named: Names) -> _Entries:
    """The entries that names lead to, directly or through others, in the order of their files; None: all."""
    registry = project.registry
    parts: _Entries = {
        "insights": project.insights,
        **{name: getattr(registry, name) for name in type(registry).model_fields},
    }
    if named is None:
        return parts
    places: dict[str, list[tuple[str, str]]] = {}
    for part, content in parts.items():
        for name in content:
            places.setdefault(name, []).append((part, name))
    for name, indicator in registry.indicators.items():
        places.setdefault(indicator.entry, []).append(("indicators", name))
    used: dict[tuple[str, str], Any] = {}
    waiting = sorted(named)
    while waiting:
        for part, name in places.get(waiting.pop(), ()):
            if (part, name) not in used:
                used[part, name] = _as_data(parts[part][name])
                waiting += _in_all_forms(texts(used[part, name]), project.codebook.forms)
    return {
        part: {name: used[part, name] for name in content if (part, name) in used}
        for part, content in parts.items()
    }


def _as_data(entry: Any) -> Any:
    """What an entry says, as plain data; of a breakdown, what estimates are made from."""
    left_out = _DECIDES_ONLY if isinstance(entry, Breakdown) else set()
    content = (
        {key: value for key, value in plain(entry).items() if key not in left_out}
        if hasattr(entry, "model_dump")
        else entry
    )
    return json.loads(json.dumps(content, default=plain))


def texts(value: Any) -> Iterator[str]:
    """Every text in plain data, keys among them."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, content in value.items():
                yield from (*texts(key), *texts(content))
        case list() | tuple() | set():
            for content in value:
                yield from texts(content)


def _in_all_forms(asked_for: Iterable[str], forms: Iterable[str]) -> Iterator[str]:
    """Texts, and those about a form once more for each form."""
    for text in asked_for:
        yield text
        if FORM in text:
            yield from (str(fill(text, {"form": form})) for form in forms)


def digests_of_counts(project: Project) -> dict[str, dict[str, str]]:
    """What the counts of each indicator, and the levels of each breakdown, are made from: a digest by part and name."""
    registry = project.registry
    parts = {"indicators": registry.indicators, "breakdowns": registry.breakdowns}
    return {
        part: {name: digest(_without_words(entries(project, frozenset({name})))) for name in content}
        for part, content in parts.items()
    }


def _without_words(used: _Entries) -> _Entries:
    """Entries without what is only said about them."""
    return {
        part: {
            name: {key: value for key, value in entry.items() if key not in WORDS}
            if isinstance(entry, dict)
            else entry
            for name, entry in content.items()
        }
        for part, content in used.items()
        if part != "insights"
    }
