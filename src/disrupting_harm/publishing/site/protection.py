"""The page on how children's data are protected, for those who are given results/ alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.presentation.paragraphs import filler

TITLE = "How children's data are protected"
PAGE = "data_protection.html"
TEMPLATE = "resources/pages/data-protection.md"
"""The text, which names limits in double braces."""

DOCUMENT = "docs/data-protection.md"
"""The same for readers of the repository, with the limits of config/config.yaml."""

_REPORTING = "SECURITY.md"
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)]*\)")
"""A link to another file of the project: it does not exist for those who have only results/."""

_GENERATED = (
    f"<!-- Made from {TEMPLATE} and config/config.yaml by `disrupting-harm reference`; do not edit. -->"
)


def markdown(project: Project) -> str:
    """The project's texts on data protection and on faults, one after the other; links to other files as words."""
    title, _, rest = filled(project).partition("\n")
    reporting = (project.root / _REPORTING).read_text(encoding="utf-8")
    return _LINK.sub(
        r"\1", "\n\n".join([title, *other_limits(project.analysis.suppression), rest, reporting])
    )


def filled(project: Project) -> str:
    """The text on data protection, with the limits of the configuration."""
    return filler(project.analysis)((project.root / TEMPLATE).read_text(encoding="utf-8"))


def document(project: Project) -> str:
    """What `DOCUMENT` holds."""
    title, _, rest = filled(project).partition("\n")
    return f"{title}\n\n{_GENERATED}\n{rest}"


def other_limits(rules: Suppression) -> Iterator[str]:
    """What a page says first where its limits are not those with which what it reports was measured."""
    written = Suppression()
    changed = [
        f"* **`{name}`**: {_written(getattr(rules, name))} here, {_written(getattr(written, name))} there"
        for name in Suppression.model_fields
        if getattr(rules, name) != getattr(written, name)
    ]
    if changed:
        yield "**The measurements reported below were made with other limits than these results:**"
        yield "\n".join(changed)


def _written(limit: float | Rounding) -> str:
    if isinstance(limit, Rounding):
        return f"multiples of {limit.points:g} percentage points and of {limit.base}"
    return f"{limit:g}"
