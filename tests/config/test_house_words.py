"""Names and sentences are those of the field: hardly a name of the dialect once spoken here, and no idiom."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIALECT = {"each", "found", "told", "said", "place", "own", "whole"}
"""Names that say nothing about the thing they hold."""
MOST = 5
"""Bindings of these names in src and tests. Lower the number; never raise it."""
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs",
    "config/README.md",
    "data/README.md",
    "notebooks",
    "resources",
)

THING = "row|column|file|entry|value|code|cell|byte|share|problem|label|notebook|page|job|folder|line|number|table|text"
IDIOMS = {
    "one row per estimate": rf"\b(?:one|two) (?:{THING})s? an? (?!time\b)\w+",
    "appears, is shown, is": r"\bstands? (?:twice|at the head|in (?:brackets|quotes|one row|no file|the place))",
    "is in, is below": r"\b(?:lies?|lying) (?:below|beside|under)\b|\bas it lies\b",
    "is detected, distinguished": r"\bcan(?:not)? be told\b|\b(?:is|are) (?:not )?told here\b|\btells? apart\b",
    "hint, what to do": r"\bways? out\b",
    "See what, Check that": r"\bLook (?:what|whether)\b",
    "is linked to": r"\b(?:does|do) (?:it|they) go with\b",
    "partial": r"\bhalf-made\b",
    "has the most missing answers": r"\bmost often without an answer\b",
    "statistically significant": r"\bdifferences? (?:is|are) (?:no )?more than chance\b|\bdiffer by more than chance\b",
    "told no one": r"\bis no one told\b|\bkeep at least one form to themselves\b",
    "abused in person": r"\b(?:also a|no) form in person\b",
    "detected from": r"\bfound out from\b",
    "not shown": r"\bof a hidden estimate nothing\b",
}
"""What to write -> what not to write."""


def bindings(path: Path) -> Iterator[str]:
    """Names that a module binds: variables, arguments, functions and classes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name


def dialect_in(path: Path) -> int:
    """Number of bindings of the dialect's names in a module."""
    return sum(name in DIALECT for name in bindings(path))


def messages(path: Path) -> Iterator[str]:
    """Texts of a module that are no docstrings; parts of an f-string are joined, its values are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation | parts
        ):
            yield node.value


def prose(path: Path) -> Iterator[str]:
    """What people read in a page or in the text cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        yield from (
            "".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"
        )
    else:
        yield text


def idioms(texts: Iterator[str]) -> list[str]:
    """The idioms in some texts, each with what to write instead."""
    return [
        f"{match.group()!r}: write {instead!r}"
        for text in texts
        for instead, pattern in IDIOMS.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def test_names_of_the_dialect_become_fewer():
    modules = [path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")]
    counts = Counter({str(path.relative_to(ROOT)): dialect_in(path) for path in modules})
    assert counts.total() <= MOST, counts.most_common(10)


def test_messages_have_no_idiom():
    modules = sorted((ROOT / "src").rglob("*.py"))
    assert {path.name: wrong for path in modules if (wrong := idioms(messages(path)))} == {}


@pytest.mark.parametrize("page", PAGES)
def test_pages_have_no_idiom(page):
    path = ROOT / page
    files = (
        [file for file in path.rglob("*") if file.suffix in (".md", ".ipynb")] if path.is_dir() else [path]
    )
    assert {file.name: wrong for file in sorted(files) if (wrong := idioms(prose(file)))} == {}
