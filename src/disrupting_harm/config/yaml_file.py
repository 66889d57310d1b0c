"""Read one YAML file safely: no tags, no duplicate keys, and the line of every key for messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from disrupting_harm.config.problems import Problem

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MERGE = "tag:yaml.org,2002:merge"
TIMESTAMP = "tag:yaml.org,2002:timestamp"
MOST_NODES = 100_000
DEEPEST = 30


@dataclass
class YamlFile:
    """What a file says: plain `data`, the `lines` of its keys (path of keys -> line), and what was wrong with it."""

    file: str
    data: Any = None
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: tuple[Any, ...]) -> int:
        """Line of the key at `path`, or of the nearest key above it; 0 if there is none."""
        words = tuple(str(part) for part in path)
        for length in range(len(words), 0, -1):
            if words[:length] in self.lines:
                return self.lines[words[:length]]
        return 0

    def problem(self, path: tuple[Any, ...], what: str, nearest: str = "", way_out: str = "") -> Problem:
        """A problem with the key at `path`."""
        key = ".".join(str(part) for part in path)
        return Problem(self.file, self.line(path), key, what, nearest, way_out)


class UnreadableError(Exception):
    """The file is too deep, too large or holds what a configuration file may not hold."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(what)


def read(path: Path, name: str) -> YamlFile:
    """Read the file at `path`, called `name` in messages. Never raises: what is wrong stands in `.problems`."""
    result = YamlFile(name)
    try:
        text = path.read_text(encoding="utf-8")
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise UnreadableError(0, "is empty")
        result.data = Walk(loader, result).value(node, ())
        if not isinstance(result.data, dict):
            raise UnreadableError(1, "holds no settings (expected lines such as `name: value`)")
    except FileNotFoundError:
        result.problems.append(Problem(name, what="is missing", way_out="Restore it, for instance from git."))
    except (OSError, UnicodeDecodeError):
        result.problems.append(Problem(name, what="cannot be read", way_out="Save it as text in UTF-8."))
    except UnreadableError as error:
        result.problems.append(Problem(name, error.line, what=str(error)))
    except (yaml.YAMLError, RecursionError) as error:
        result.problems.append(yaml_problem(name, error))
    return result


def yaml_problem(name: str, error: Exception) -> Problem:
    """What the YAML parser found, with its line."""
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or "is nested too deeply"
    line = mark.line + 1 if mark else 0
    hint = "Look at this line and the one before: indentation, a missing colon or quote."
    return Problem(name, line, what=f"is not valid YAML: {words}", way_out=hint)


class Walk:
    """Turn YAML nodes into plain values while noting lines and duplicate keys."""

    def __init__(self, loader: Any, result: YamlFile) -> None:
        self.loader = loader
        self.result = result
        self.seen = 0

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """The plain value of a node at `path`."""
        self.seen += 1
        if self.seen > MOST_NODES or len(path) > DEEPEST:
            raise UnreadableError(
                node.start_mark.line + 1, "is too large or too deeply nested for a configuration file"
            )
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, str(place))) for place, item in enumerate(node.value)]
        if node.tag == TIMESTAMP:
            return node.value
        return self.loader.construct_object(node)

    def mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[Any, Any]:
        """A mapping: what `<<` brings first, then its own keys, each at most once."""
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        spelled: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                merged.update(self.merge(value_node, path))
                continue
            key = self.key(key_node, path)
            here = (*path, str(key))
            if str(key) in spelled:
                self.duplicate(key_node, here)
            spelled.add(str(key))
            self.result.lines[here] = key_node.start_mark.line + 1
            own[key] = self.value(value_node, here)
        return {**merged, **own}

    def merge(self, node: yaml.Node, path: tuple[str, ...]) -> dict[Any, Any]:
        """The keys that `<<: *name` or `<<: [*one, *two]` brings."""
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            parts = [self.merge(item, path) for item in node.value]
            return {key: value for part in reversed(parts) for key, value in part.items()}
        raise UnreadableError(node.start_mark.line + 1, "has a `<<` that names no mapping")

    def key(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """A key: text or a number. YAML reads yes, no, on and off as true and false, which is never meant here."""
        key = self.value(node, path) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(key, bool) or key is None:
            self.result.problems.append(
                Problem(
                    self.result.file,
                    node.start_mark.line + 1,
                    ".".join((*path, str(getattr(node, "value", "?")))),
                    "is not a usable name: YAML reads it as true, false or nothing",
                    way_out="Write it in quotes.",
                )
            )
            return str(node.value)
        return key

    def duplicate(self, node: yaml.Node, path: tuple[str, ...]) -> None:
        """Note a key that stands twice in one mapping (plain YAML would silently keep the last)."""
        first = self.result.lines.get(path, 0)
        what = f"stands twice (first on line {first})"
        line = node.start_mark.line + 1
        self.result.problems.append(
            Problem(self.result.file, line, ".".join(path), what, way_out="Keep one of the two.")
        )
