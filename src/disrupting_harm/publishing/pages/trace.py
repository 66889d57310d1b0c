"""From a number on a page to where it comes from: its definition, the rows of a table, the code, the foot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from disrupting_harm.publishing.tracing import KEYS, NAMED, Definition, Trace

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Entry:
    """Names with one definition; `anchors` are those that the page can be entered at here."""

    names: dict[str, str]
    anchors: frozenset[str]
    definition: Definition


@dataclass
class Traced:
    """The numbers of one page, cell by cell. Each name can be linked to where it appears first."""

    trace: Trace
    seen: set[str] = field(default_factory=set)

    def cell(self, cell: NotebookNode) -> dict[str, object] | None:
        """What the panel of a cell says; None for one that shows no finding."""
        outputs = cell.get("outputs", [])
        keys = next((output.metadata[KEYS] for output in outputs if KEYS in output.get("metadata", {})), None)
        if keys is None:
            return None
        column = next((name for name in NAMED if keys.get(name)), "")
        names = keys.get(column, [])
        return {
            "code": f"code-{cell.id}",
            "cell": cell.id,
            "notebook": self.trace.notebook,
            "entries": self.entries(column, names),
            "table": self.trace.tables.get(column),
            "rows": {name: values for name, values in keys.items() if values},
            "elsewhere": self.elsewhere(names) if column == NAMED[0] else {},
        }

    def entries(self, column: str, names: list[str]) -> list[Entry]:
        """The definitions of these names; those with the same definition are listed together."""
        alike: dict[Definition, list[str]] = {}
        for name in names:
            alike.setdefault(self.trace.definitions[column][name], []).append(name)
        entries = []
        for definition, members in alike.items():
            titles = {name: self.trace.titles[column][name] for name in members}
            entries.append(Entry(titles, frozenset(members) - self.seen, definition))
            self.seen.update(members)
        return entries

    def elsewhere(self, names: list[str]) -> dict[str, str]:
        """Links to where other pages show the first of these numbers."""
        return {page: f"{address}#{anchor(names[0])}" for page, address in self.trace.elsewhere.items()}


def anchor(name: str) -> str:
    """Where on a page the number of this name is explained."""
    return f"number-{name}"
