"""Which modules of the library a product depends on: what its entry modules import, followed to the end.

Read from the files' import lines, inside functions too, without importing anything. With it the workflow runs a job
again when a module behind it does something else than before, and only then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

LIBRARY = Path(__file__).parents[1]
"""This library, as it runs."""

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
    modules: set[Path] = {package / "__init__.py"}
    waiting = [path for name in entries for path in _entry(package, name)]
    while waiting:
        module = waiting.pop()
        if module in modules:
            continue
        modules.add(module)
        if module.name == "__init__.py":
            modules.update(_beside(module.parent))
        waiting += _imported(package, module)
    return sorted(modules)


def fingerprint(files: Iterable[Path]) -> str:
    """Digest of what modules do and of what other files hold.

    Of a module its compiled code counts, which Python keeps beside it: comments, blank lines and the places of lines
    are not in it; docstrings are.
    """
    return hashlib.sha256("\n".join(map(_content, files)).encode()).hexdigest()[:16]


def sha256(file: Path) -> str:
    """SHA-256 of a file's content."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _content(file: Path) -> str:
    if file.suffix == ".py":
        try:
            code = SourceFileLoader(file.stem, str(file)).get_code(file.stem)
            if code:
                return "\n".join([file.name, *_meaning(code)])
        except SyntaxError:
            pass  # whoever imports it will say so
    return f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _meaning(code: CodeType) -> Iterator[str]:
    """What compiled code does, without its position in the file."""
    called_with = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    yield repr([code.co_qualname, *called_with, *names, code.co_code, code.co_exceptiontable])
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _meaning(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)


def _entry(package: Path, name: str) -> list[Path]:
    """Files of an entry: its module, and the packages that it is in."""
    files = _files(package, f"{package.name}.{name}")
    parts = name.count(".") + 1
    if len(files) < parts:
        raise LookupError(f"{package.name} has no module {name!r}.")
    return list(files)


def _beside(folder: Path) -> Iterator[Path]:
    """Templates and other files of a package that are no modules; those of a package within it are its own."""
    for path in folder.iterdir():
        if path.is_dir() and not (path / "__init__.py").is_file():
            yield from _beside(path)
        elif path.is_file() and path.suffix not in {".py", ".pyc"}:
            yield path


@cache
def _imported(package: Path, module: Path) -> tuple[Path, ...]:
    """Modules that one module imports, with the packages that they are in."""
    current = ".".join((package.name, *module.parent.relative_to(package).parts))
    modules = (
        path for name in _names(module.read_text(encoding="utf-8"), current) for path in _files(package, name)
    )
    return tuple(dict.fromkeys(modules))


def _names(text: str, current: str) -> Iterator[str]:
    """Dotted names that may be modules: `from p.a import b` gives p.a.b. `own`: the package that `.` stands for."""
    for match in _IMPORT.finditer(text):
        if match["plain"]:
            yield from _NAME.findall(match["plain"])
            continue
        source = current + match["source"].rstrip(".") if match["source"][0] == "." else match["source"]
        for name in _NAME.findall(re.sub(r"#.*", "", match["many"] or match["names"])):
            yield f"{source}.{name}"


@cache
def _files(package: Path, name: str) -> tuple[Path, ...]:
    """Files of a dotted name, from the outermost package inwards; none where the name is not a module.

    Remembered, as many modules import the same, and each answer asks the disk several times.
    """
    parent, _, part = name.rpartition(".")
    if not parent:
        return ()
    outer = _files(package, parent)
    if parent != package.name and not (outer and outer[-1].name == "__init__.py"):
        return outer
    path = outer[-1].parent / part if outer else package / part
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return *outer, file
    return outer
