"""The RO-Crate that leaves: known kinds of entities with known properties, and no file that is not of results/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from disrupting_harm.publishing.border import pages, places
from disrupting_harm.publishing.border.respondents import Respondents

ROOT = "./"
_PROPERTIES = {
    "@id", "@type", "about", "actionStatus", "author", "conformsTo", "contentSize", "datePublished", "description",
    "encodingFormat", "hasPart", "instrument", "license", "mentions", "name", "object", "publisher", "result", "sha256",
    "softwareRequirements", "softwareVersion", "url", "version",
}  # fmt: skip
"""Others are unknown: add one here when a new kind of entity has been reviewed."""

_OF_FILES = ("hasPart", "mentions")
"""What the root lists: as many as there are files and steps, which may be as many as there are respondents."""


def findings(content: dict[str, Any], people: Respondents) -> Iterator[str]:
    """What is wrong with a crate."""
    graph = content.get("@graph")
    if not isinstance(graph, list):
        yield "is no crate"
        return
    for number, entity in enumerate(graph, 1):
        for what in _of_entity(entity, people):
            yield f"entity {number}: {what}"


def _of_entity(entity: Any, people: Respondents) -> Iterator[str]:
    """What is wrong with one entity."""
    if not isinstance(entity, dict) or not isinstance(entity.get("@id"), str):
        yield "is none"
        return
    unknown = entity.keys() - _PROPERTIES
    if unknown:
        yield f"unknown properties: {', '.join(sorted(unknown)[:10])}"
    if entity.get("@type") == "File" and not places.is_known(entity["@id"]):
        yield "is no file that the workflow makes"
    lists = {name: value for name, value in entity.items() if entity["@id"] != ROOT or name not in _OF_FILES}
    yield from pages.lists(lists, people)
