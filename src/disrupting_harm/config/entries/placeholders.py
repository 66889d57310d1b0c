"""Words in braces in plain data of the configuration, and what they stand for."""

from __future__ import annotations

from typing import Any


def fill(tree: Any, words: dict[str, Any]) -> Any:
    """`tree` with {placeholders} replaced; a text that is one placeholder alone may become a whole condition."""
    if isinstance(tree, str):
        if tree.startswith("{") and tree.endswith("}") and tree[1:-1] in words:
            return words[tree[1:-1]]
        for name, value in words.items():
            tree = tree.replace(f"{{{name}}}", str(value))
        return tree
    if isinstance(tree, dict):
        return {fill(key, words): fill(value, words) for key, value in tree.items()}
    if isinstance(tree, list):
        return [fill(item, words) for item in tree]
    return tree
