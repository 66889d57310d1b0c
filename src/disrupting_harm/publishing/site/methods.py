"""The page of methods and definitions: a text, and every indicator as the registry defines it."""

from __future__ import annotations

from html import escape
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.presentation.paragraphs import filler
from disrupting_harm.publishing.site import widths
from disrupting_harm.publishing.tracing import missing

TEXT = "resources/pages/methods.md"
_DEFINITIONS = (
    "What each indicator counts, among whom, and how missing answers are treated. Open an entry to read it."
)


def markdown(project: Project, results: Path | None = None) -> str:
    """Give the whole page as Markdown; entries of the registry are folded, so that the list can be scanned.

    results: folder of the run (the project's, if not given); its published figures beside computed ones show how much
    wider intervals are.
    """
    text = project.root / TEXT
    opening = filler(project.analysis)(text.read_text(encoding="utf-8").strip()) if text.is_file() else ""
    opening = opening.replace(widths.PLACE, widths.section(project, results or project.root / "results"))
    entries: dict[tuple[str, str], list[str]] = {}
    for name, indicator in project.registry.indicators.items():
        entries.setdefault((indicator.entry, indicator.definition), []).append(name)
    folded = [_entry(project, names) for names in entries.values()]
    return "\n\n".join([opening, "## Definitions", _DEFINITIONS, *folded]) + "\n"


def _entry(project: Project, names: list[str]) -> str:
    registry = project.registry
    members = [registry.indicators[name] for name in names]
    first = members[0]
    titles = list(dict.fromkeys(member.title for member in members))
    lines = [
        ("Definition", escape(first.definition)),
        ("Among", escape(registry.bases.get(first.base, first.base))),
        ("Missing answers", escape(missing(first))),
        ("Source", escape(registry.sources.get(first.source, first.source))),
        ("Name in tables", ", ".join(f"<code>{escape(name)}</code>" for name in names)),
    ]
    if len(titles) > 1:
        lines.insert(1, ("For each of", escape("; ".join(titles))))
    body = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in lines)
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f'<details class="entry"><summary>{escape(titles[0])}{more}</summary><dl>{body}</dl></details>'
