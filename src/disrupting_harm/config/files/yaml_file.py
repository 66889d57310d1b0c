"""Read one YAML file safely: no tags, no duplicate keys, and the line of every key for messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from disrupting_harm.config.files.problems import Problem

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_MOST_BYTES = 1_000_000
_MOST_NODES = 100_000
_DEEPEST = 30
_LONGEST = 20
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})(\.[0-9]+)?")
"""Numbers as people write them. YAML knows more: 010 is 8, 0x10 is 16, 12:30 is 750, 1_0 is 10."""


@dataclass
class YamlFile:
    """The content of a file: plain `data`, the `lines` of its keys (path of keys -> line), and its problems."""

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

    def problem(self, path: tuple[Any, ...], what: str, nearest: str = "", hint: str = "") -> Problem:
        """A problem with the key at `path`."""
        key = ".".join(str(part) for part in path)
        return Problem(self.file, self.line(path), key, what, nearest, hint)


_HIDDEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200b\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that change what a text means without being seen: controls, blanks of no width, turned directions."""


class UnreadableError(Exception):
    """The file is too deep, too large or holds what a configuration file may not hold."""

    def __init__(self, line: int, what: str, hint: str = "") -> None:
        self.line, self.hint = line, hint
        super().__init__(what)


def read(path: Path, name: str) -> YamlFile:
    """Read the file at `path`, called `name` in messages. Never raises: problems are in `.problems`."""
    result = YamlFile(name)
    try:
        text = _text_of(path)
        _look_over(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise UnreadableError(0, "is empty", "Restore it, or start from config/templates/.")
        result.data = _NodeReader(loader, result).value(node, ())
        if not isinstance(result.data, dict):
            raise UnreadableError(1, "holds no settings", "Write lines such as `name: value`.")
    except UnreadableError as error:
        result.problems.append(Problem(name, error.line, what=str(error), hint=error.hint))
    except yaml.YAMLError as error:
        result.problems.append(_yaml_problem(name, error))
    return result


def _text_of(path: Path) -> str:
    """The text of a file. Raises UnreadableError."""
    if not path.exists():
        raise UnreadableError(0, "is missing", "Restore it, for instance from git.")
    if not path.is_file():
        raise UnreadableError(0, "is not a file", "Put a text file in its place.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(0, f"cannot be read: {error.strerror}", "Check its permissions.") from None
    if len(content) > _MOST_BYTES:
        raise UnreadableError(0, f"is larger than {_MOST_BYTES:,} bytes, too large for a configuration file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = "is not encoded in UTF-8"
        raise UnreadableError(line, what, "Save it as UTF-8 (in Notepad: Save as, Encoding).") from None


def _look_over(text: str) -> None:
    """Refuse what the parser may not be given: it builds nested values by recursion and makes objects of tags.

    Raises UnreadableError, and yaml.YAMLError for what is no YAML.
    """
    hidden = _HIDDEN.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        what = f"has a character that cannot be seen (U+{ord(hidden[0]):04X})"
        raise UnreadableError(line, what, "Delete it: type the line anew.")
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if number > _MOST_NODES:
            raise UnreadableError(line, "is too large for a configuration file")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise UnreadableError(line, "is too deeply nested for a configuration file")
        tag = getattr(event, "tag", None)
        if tag is not None:
            short = tag.replace("tag:yaml.org,2002:", "!!")
            raise UnreadableError(line, f"has the tag {short}; tags are not allowed here", "Remove the tag.")


def _yaml_problem(name: str, error: yaml.YAMLError) -> Problem:
    """What the YAML parser found, with its line."""
    mark = getattr(error, "problem_mark", None)
    words = (getattr(error, "problem", None) or "cannot be understood").removeprefix("but ")
    line = mark.line + 1 if mark else 0
    hint = next((hint for part, hint in _HINTS.items() if part in words), _HINT)
    return Problem(name, line, what=f"is not valid YAML: {words}", hint=hint)


_HINT = (
    "Check this line and the one before: indentation, a missing colon or quote, or a name with {form} or {code} that "
    'is not in quotes: "P13_{form}".'
)
_HINTS = {
    "start any token": "Indent with blanks, not with tabs; put a text that begins with @, ` or % in quotes.",
    "undefined alias": "`*name` refers to `&name` further up; put a text that begins with * in quotes.",
    "another document": "Keep one part: the line --- begins another.",
}


class _NodeReader:
    """Turn YAML nodes into plain values while noting lines and duplicate keys."""

    def __init__(self, loader: Any, result: YamlFile) -> None:
        self.loader = loader
        self.result = result
        self.seen = 0

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """The plain value of a node at `path`."""
        self.seen += 1
        if self.seen > _MOST_NODES or len(path) > _DEEPEST:
            raise UnreadableError(
                node.start_mark.line + 1, "is too large or too deeply nested for a configuration file"
            )
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
        if node.tag == _TIMESTAMP:
            return node.value
        if node.tag in _NUMBERS and not _NUMBER.fullmatch(node.value):
            self.odd_number(node, path)
            return node.value
        return self.loader.construct_object(node)

    def mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[Any, Any]:
        """A mapping: what `<<` brings first, then its own keys, each at most once."""
        merged: dict[Any, Any] = {}
        direct: dict[Any, Any] = {}
        spelled: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged.update(self.merge(value_node, path))
                continue
            key = self.key(key_node, path)
            here = (*path, str(key))
            if str(key) in spelled:
                self.duplicate(key_node, here)
            spelled.add(str(key))
            self.result.lines[here] = key_node.start_mark.line + 1
            direct[key] = self.value(value_node, here)
        return {**merged, **direct}

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
        if not isinstance(node, yaml.ScalarNode):
            line = node.start_mark.line + 1
            raise UnreadableError(
                line, "has a list or mapping for a name", "Put a name with { or [ in quotes."
            )
        key = self.value(node, path)
        if isinstance(key, bool) or key is None:
            what = "is not a usable name: YAML reads it as true, false or nothing"
            self.note(node, (*path, node.value), what, "Write it in quotes.")
            return node.value
        return int(key) if isinstance(key, float) and key.is_integer() else key

    def note(self, node: yaml.Node, path: tuple[str, ...], what: str, hint: str) -> None:
        """Note something wrong with a node."""
        line = node.start_mark.line + 1
        self.result.problems.append(Problem(self.result.file, line, ".".join(path), what, hint=hint))

    def odd_number(self, node: yaml.Node, path: tuple[str, ...]) -> None:
        """Note a number that YAML takes for another one than it looks like."""
        shown = node.value if len(node.value) <= _LONGEST else f"{node.value[:_LONGEST]}..."
        what = f"is {shown}, which YAML takes for another number"
        self.note(node, path, what, f'Write a code in quotes ("{shown}"), and numbers plainly (10, 0.5).')

    def duplicate(self, node: yaml.Node, path: tuple[str, ...]) -> None:
        """Note a key that appears twice in one mapping (plain YAML would silently keep the last)."""
        what = f"appears twice (first on line {self.result.lines.get(path, 0)})"
        self.note(node, path, what, "Keep one of the two.")
