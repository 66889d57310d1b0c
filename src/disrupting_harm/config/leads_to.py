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
    return _parts(project) if named is None else _Index(project).entries(named)


def _parts(project: Project) -> _Entries:
    """All entries by part of the configuration."""
    registry = project.registry
    return {
        "insights": project.insights,
        **{name: getattr(registry, name) for name in type(registry).model_fields},
    }


class _Index:
    """Where each name stands in the configuration, and what its entries say, read once for many questions."""

    def __init__(self, project: Project) -> None:
        self._forms = project.codebook.forms
        self._parts = _parts(project)
        self._keys: dict[str, list[tuple[str, str]]] = {}
        for part, content in self._parts.items():
            for name in content:
                self._keys.setdefault(name, []).append((part, name))
        for name, indicator in project.registry.indicators.items():
            self._keys.setdefault(indicator.entry, []).append(("indicators", name))
        self._read: dict[tuple[str, str], tuple[Any, list[str]]] = {}

    def entries(self, named: Iterable[str]) -> _Entries:
        """The entries that names lead to."""
        used: dict[tuple[str, str], Any] = {}
        waiting = sorted(named)
        while waiting:
            for key in self._keys.get(waiting.pop(), ()):
                if key not in used:
                    used[key], further = self._entry(key)
                    waiting += further
        return {
            part: {name: used[part, name] for name in content if (part, name) in used}
            for part, content in self._parts.items()
        }

    def _entry(self, key: tuple[str, str]) -> tuple[Any, list[str]]:
        """What an entry says, and the names in it."""
        if key not in self._read:
            part, name = key
            entry = _as_data(self._parts[part][name])
            self._read[key] = entry, list(_in_all_forms(texts(entry), self._forms))
        return self._read[key]


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
    index = _Index(project)
    return {
        part: {name: digest(_without_words(index.entries({name}))) for name in content}
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
