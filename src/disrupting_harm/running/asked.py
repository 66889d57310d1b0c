"""What a notebook can ask of the registry, known before it runs: an edited indicator touches only what uses it.

A notebook's calls name indicators, groups and breakdowns, and these name others. A notebook that does anything but call
methods with words counts as asking for everything.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disrupting_harm.config.leads_to import Names, entries, texts
from disrupting_harm.config.project import Project, digest

_OPENED = ("Insight", "Comparison")
"""Classes whose objects read no more of the registry than they are asked for."""

UNSAID = {
    "children_affected": ("tfcsea_any", "tfcsea_any_all_children", "tfcsea_children_affected_count"),
}
"""Indicators that a method asks for without naming them in its call."""


def names(notebook: Path) -> Names:
    """The words in the calls of a notebook, and those that its calls imply."""
    texts_used: set[str] = set()
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        for source in map(code, cells):
            for statement in ast.parse(source).body:
                texts_used |= words(statement)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError):
        return None  # whoever runs it will say so, if it is damaged
    return frozenset(texts_used)


def code(cell: Mapping[str, Any]) -> str:
    """The code of a cell; of a text and of the cell with parameters, none."""
    is_code = cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    return "".join(cell["source"]) if is_code else ""


def words(statement: ast.stmt) -> set[str]:
    """Texts in a statement that imports or opens one of `OPENED`, or calls a method. Raises ValueError for another."""
    match statement:
        case ast.ImportFrom(module="disrupting_harm", names=imported) if all(
            alias.name in _OPENED and not alias.asname for alias in imported
        ):
            return set()
        case ast.Assign(
            targets=[ast.Name()],
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=opened), attr="open")) as call,
        ) if opened in _OPENED:
            return _texts_in_call(call)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr=method)) as call):
            return _texts_in_call(call) | set(UNSAID.get(method, ()))
    raise ValueError("not a call of a method")


def _texts_in_call(call: ast.Call) -> set[str]:
    """Texts among the arguments of a call. A name is a parameter, as nothing else has one. Raises ValueError."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return set(texts([ast.literal_eval(node) for node in given if not isinstance(node, ast.Name)]))


def of_insight(project: Project, insight: str) -> Names:
    """The names behind one insight in each country."""
    return joined(insight, names(project.root / f"notebooks/{insight}.ipynb"))


def of_comparison(project: Project, name: str) -> Names:
    """The names behind one comparison: its own and those of its insight; one about no single insight asks for all."""
    if name not in project.insights:
        return None
    named = names(project.root / f"notebooks/comparison/{name}.ipynb")
    return joined(name, named, of_insight(project, name))


def joined(insight: str, *parts: Names) -> Names:
    """The name of an insight, and names from several notebooks."""
    known = [part for part in parts if part is not None]
    return frozenset({insight}.union(*known)) if len(known) == len(parts) else None


def digest_of(project: Project, named: Names) -> str:
    """Digest of all that names lead to."""
    return digest(entries(project, named))
