"""The page on how children's data are protected, for those who are given results/ alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Rounding, Suppression

TITLE = "How children's data are protected"
PAGE = "data_protection.html"
_TEXTS = ("docs/data-protection.md", "SECURITY.md")
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)]*\)")
"""A link to another file of the project: it does not exist for those who have only results/."""


def markdown(project: Project) -> str:
    """The project's texts on data protection and on faults, one after the other; links to other files as words.

    The texts are read in the repository, too, so their limits are written out. Where the configuration says others, the
    page begins with these.
    """
    first, *others = [(project.root / file).read_text(encoding="utf-8") for file in _TEXTS]
    title, _, rest = first.partition("\n")
    return _LINK.sub(r"\1", "\n\n".join([title, *other_limits(project.analysis.suppression), rest, *others]))


def other_limits(rules: Suppression) -> Iterator[str]:
    """What a page says first where limits are not those that its text names."""
    written = Suppression()
    changed = [
        f"* **`{name}`**: {_written(getattr(rules, name))} in place of {_written(getattr(written, name))}"
        for name in Suppression.model_fields
        if getattr(rules, name) != getattr(written, name)
    ]
    if changed:
        yield "**These results were made with other limits than those in the text below:**"
        yield "\n".join(changed)


def _written(limit: float | Rounding) -> str:
    if isinstance(limit, Rounding):
        return f"multiples of {limit.points:g} percentage points and of {limit.base}"
    return f"{limit:g}"
