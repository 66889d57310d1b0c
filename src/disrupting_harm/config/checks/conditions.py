"""Conditions of the indicator registry: small trees of plain data, checked against the codebook before anything runs.

The grammar is written at the head of config/indicators.yaml. Nothing in it can execute code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from disrupting_harm.config.entries.codebook import FORM, SPECIAL, Variable, option_column
from disrupting_harm.config.entries.grammar import Condition
from disrupting_harm.config.entries.placeholders import fill

LISTS = ("any", "all", "count")
SINGLES = ("not", "known", "any_form", "count_forms")
NAMED = ("answer", "chosen", "answered", "number")
PLAIN = {
    "answer": {"in"},
    "chosen": set(),
    "answered": set(),
    "number": {"from", "to"},
    "count_forms": {"from", "to"},
    "count": {"from", "to"},
}


class UnclearError(ValueError):
    """A condition that cannot be understood; `nearest_of` are the names that would have been known."""

    def __init__(self, what: str, name: str = "", nearest_of: tuple[str, ...] = ()) -> None:
        self.what, self.name, self.nearest_of = what, name, nearest_of
        super().__init__(what)


def operation(tree: Condition) -> str:
    """The operation a condition names, "name" for a reference. Raises UnclearError."""
    if isinstance(tree, str):
        return "name"
    if isinstance(tree, dict):
        found = [key for key in tree if key in (*LISTS, *SINGLES, *PLAIN)]
        if len(found) == 1 and set(tree) - {found[0]} <= PLAIN.get(found[0], set()):
            return found[0]
    known = ", ".join(dict.fromkeys((*LISTS, *SINGLES, *PLAIN)))
    raise UnclearError(f"is not a condition; write the name of an entry, or one of: {known}")


def parts(tree: Condition) -> list[Condition]:
    """The conditions directly inside a condition."""
    found = operation(tree)
    if found in LISTS:
        inside = tree[found]
        if not isinstance(inside, list) or not inside:
            raise UnclearError(f"`{found}` needs a list of conditions")
        return inside
    return [tree[found]] if found in SINGLES else []


def walk(tree: Condition) -> Iterator[tuple[str, Condition]]:
    """Every (operation, condition) of a tree, itself first."""
    yield operation(tree), tree
    for part in parts(tree):
        yield from walk(part)


def check(tree: Condition, variables: dict[str, Variable], names: set[str]) -> None:
    """Raise UnclearError unless every variable, answer, option and name of `tree` exists."""
    for found, node in walk(fill(tree, {"form": "a"})):
        check_arguments(found, node)
        if found == "name" and node not in names:
            raise UnclearError(f"refers to {node}, which is not an entry", node, tuple(sorted(names)))
        if found == "answer":
            check_answers(node, variables)
        if found == "chosen":
            variable = node["chosen"].partition("__")[0]
            known = tuple(option_column(variable, each) for each in (*options(variable, variables), *SPECIAL))
            if node["chosen"] not in known:
                raise UnclearError(
                    f"asks for {node['chosen']}, which the codebook lacks", node["chosen"], known
                )
        if found in ("answered", "number") and node[found] not in variables:
            raise UnclearError(
                f"asks for {node[found]}, which the codebook lacks", node[found], tuple(variables)
            )


def check_arguments(found: str, node: Condition) -> None:
    """Raise UnclearError unless names are texts, answers a list, and limits numbers."""
    if isinstance(node, str):
        return
    if found in NAMED and not isinstance(node[found], str):
        raise UnclearError(f"`{found}` needs a name")
    if not isinstance(node.get("in", []), list):
        raise UnclearError("`in` needs a list of answers")
    for key in ("from", "to"):
        if isinstance(node.get(key, 0), bool) or not isinstance(node.get(key, 0), (int, float)):
            raise UnclearError(f"`{key}` needs a number")


def check_answers(node: dict[str, Any], variables: dict[str, Variable]) -> None:
    """Raise UnclearError unless the variable exists and has the answers of an `answer` condition."""
    name = node["answer"]
    if name not in variables:
        raise UnclearError(f"asks for {name}, which the codebook lacks", name, tuple(variables))
    for value in node.get("in", []):
        if value not in variables[name].categories:
            raise UnclearError(f"{name} has no answer {value}", str(value), variables[name].categories)
    if not node.get("in"):
        raise UnclearError(f"says not which answers of {name} count; add `in: [...]`")


def options(variable: str, variables: dict[str, Variable]) -> dict[str, str]:
    """Options of a several-answers variable. Raises UnclearError if there is no such variable."""
    if variable not in variables or variables[variable].kind != "answers":
        several = tuple(name for name, each in variables.items() if each.kind == "answers")
        raise UnclearError(f"{variable} is not a question with several answers", variable, several)
    return variables[variable].options


def needs_form(tree: Any) -> bool:
    """Whether {form} is still open in `tree`, so that it holds for one form at a time."""
    if isinstance(tree, str):
        return FORM in tree
    if isinstance(tree, dict):
        if "any_form" in tree or "count_forms" in tree:
            return False
        return any(needs_form(value) for value in tree.values())
    return isinstance(tree, list) and any(needs_form(item) for item in tree)
