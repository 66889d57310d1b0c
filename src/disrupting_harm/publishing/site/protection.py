"""The page on how children's data are protected, for those who are given results/ alone."""

from __future__ import annotations

import re
from pathlib import Path

TITLE = "How children's data are protected"
PAGE = "data_protection.html"
TEXTS = ("docs/data-protection.md", "SECURITY.md")
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)]*\)")
"""A link to another file of the project: nothing lies there for those who have results/ alone."""


def markdown(root: Path) -> str:
    """The project's texts on data protection and on faults, one after the other; links to other files as words."""
    texts = [(root / file).read_text(encoding="utf-8") for file in TEXTS]
    return LINK.sub(r"\1", "\n\n".join(texts))
