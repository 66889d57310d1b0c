"""Which modules of the library stand behind a product: what its entry modules import, followed to the end.

Read from the files' import lines, inside functions too, without importing anything. With it the workflow runs a job
again when a module behind it has changed, and only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>disrupting_harm[.\w]*|\.[.\w]*)[ \t]+import[ \t]+"
    r"(?:\((?P<many>[^)]*)\)|(?P<names>[^\n#]*))"
    r"|import[ \t]+(?P<plain>disrupting_harm[^\n#]*))",
    re.MULTILINE,
)
_NAME = re.compile(r"(\w[\w.]*)(?:\s+as\s+\w+)?")


def behind(package: Path, entries: Iterable[str]) -> list[Path]:
    """Files behind the modules `entries` of `package`, sorted; a package brings its templates and data files along.

    entries: names below the package, such as "insight" or "synthetic.deliver". The package's own __init__ counts,
    but what it offers from other modules is not followed. Errors: LookupError for an entry that does not exist.
    """
    found: set[Path] = {package / "__init__.py"}
    waiting = [_module(package, name) for name in entries]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        if module.name == "__init__.py":
            found.update(_beside(module.parent))
        waiting += _imported(package, module)
    return sorted(found)


def _module(package: Path, name: str) -> Path:
    path = package.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    raise LookupError(f"{package.name} has no module {name!r}.")


def _beside(folder: Path) -> Iterator[Path]:
    """Templates and other files of a package that are no modules."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            yield path


@cache
def _imported(package: Path, module: Path) -> tuple[Path, ...]:
    """Modules that one module imports, with the packages that they lie in."""
    own = ".".join((package.name, *module.parent.relative_to(package).parts))
    modules = (
        path for name in _names(module.read_text(encoding="utf-8"), own) for path in _files(package, name)
    )
    return tuple(dict.fromkeys(modules))


def _names(text: str, own: str) -> Iterator[str]:
    """Dotted names that may be modules: `from p.a import b` gives p.a.b. `own`: the package that `.` stands for."""
    for match in _IMPORT.finditer(text):
        if match["plain"]:
            yield from _NAME.findall(match["plain"])
            continue
        source = own + match["source"].rstrip(".") if match["source"][0] == "." else match["source"]
        for name in _NAME.findall(re.sub(r"#.*", "", match["many"] or match["names"])):
            yield f"{source}.{name}"


def _files(package: Path, name: str) -> Iterator[Path]:
    """Files of a dotted name, from the outermost package inwards; none where the name is not a module."""
    path = package
    for part in name.split(".")[1:]:
        path = path / part
        if path.with_suffix(".py").is_file():
            yield path.with_suffix(".py")
            return
        if not (path / "__init__.py").is_file():
            return
        yield path / "__init__.py"
