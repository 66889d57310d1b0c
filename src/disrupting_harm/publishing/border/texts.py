"""What no text that leaves may hold: paths of a machine, names of users, addresses, small bases, too many digits."""

from __future__ import annotations

import getpass
import math
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.publishing.border.respondents import Respondents

_MACHINE = (
    re.compile(r"/(?:home|Users|root|tmp|var|mnt|media|opt|srv|private|scratch|work|proc|etc)/[\w.-]"),
    re.compile(r":\\{1,2}[A-Za-z]\w+\\"),
    re.compile(r"file://"),
)
"""Paths; each begins with letters that are quickly found."""

_WITHIN = re.compile(r"[\w.:/-]")
"""What comes before a part of an address or of a relative path."""

# Expressions that begin with a letter or sign are found quickly: what has to come before them is checked afterwards.
_ADDRESS = re.compile(r"@(?<=[\w.+-]@)[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,}\b")
_COUNT = re.compile(r"n(?<=\bn) ?= ?(\d[\d,]*)(?![\d.])")
_PER_CENT = re.compile(r"\.(?<=\d\.)(\d+)\s?%(?![\w;])")
NOBODY = ("root", "user", "admin", "runner", "nobody", "jovyan")
"""Names of users that are nobody's."""

_OWN = ("config", "docs", "notebooks", "resources", "src")
"""Folders of the project's own texts. A name that is a word in one of them reveals nothing on a page."""

_TEXTS = (".csv", ".ipynb", ".j2", ".js", ".md", ".py", ".yaml")
_SHORTEST = 4


@dataclass(frozen=True)
class Words:
    """What this machine is called, and its folders."""

    folders: tuple[str, ...]
    names: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, project: Project) -> Words:
        """Those of this process."""
        folders = {folder for folder in (str(project.root), str(Path.home())) if len(Path(folder).parts) > 2}
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a user without a name
            user = ""
        names = {name for name in (user, socket.gethostname()) if len(name) >= _SHORTEST} - {*NOBODY}
        words = [word for word in map(_as_word, sorted(names)) if not _is_spoken(project.root, word)]
        return cls(tuple(sorted(folders)), tuple(words))


def _as_word(name: str) -> re.Pattern[str]:
    """A name where it is a word by itself."""
    return re.compile(rf"{re.escape(name)}(?<![\w-]{re.escape(name)})(?![\w-])")


def _is_spoken(root: Path, name: re.Pattern[str]) -> bool:
    """Whether a name is a word of the project's own texts."""
    files = (file for folder in _OWN for file in (root / folder).rglob("*") if file.suffix in _TEXTS)
    return any(name.search(file.read_text(encoding="utf-8")) for file in files)


def findings(text: str, words: Words, rules: Suppression, people: Respondents) -> Iterator[str]:
    """What is wrong with a text, and in which line."""
    positions = {
        "an absolute path": _machine_path(text, words),
        "an e-mail address": start(_ADDRESS.search(text)),
        "the name of a user or machine": start(*(name.search(text) for name in words.names)),
        f"a base below {rules.not_shown_below}": small_base(text, rules),
        "a share of more digits than are published": _too_fine(text, rules),
    }
    for what, position in positions.items():
        if position is not None:
            yield f"line {text.count(chr(10), 0, position) + 1}: {what}"
    if people.named_in(text):
        yield "the name of a respondent, a household or a cluster"


def start(*matches: re.Match[str] | None) -> int | None:
    """Where the first of several matches begins."""
    return min((match.start() for match in matches if match), default=None)


def _machine_path(text: str, words: Words) -> int | None:
    """Where a path of this or another machine begins."""
    for folder in words.folders:
        if folder in text:
            return text.index(folder)
    for pattern in _MACHINE:
        for match in pattern.finditer(text):
            if match.start() == 0 or match[0][0] != "/" or not _WITHIN.match(text[match.start() - 1]):
                return match.start()
    return None


def small_base(text: str, rules: Suppression) -> int | None:
    """Where a base is given that is too small."""
    counts = ((match.start(), int(match[1].replace(",", ""))) for match in _COUNT.finditer(text))
    lowest = rounding.least_printed(rules.not_shown_below, rules)
    return next((position for position, count in counts if 0 < count < lowest), None)


def _too_fine(text: str, rules: Suppression) -> int | None:
    """Where a percentage is given with more decimals than the rounding has."""
    decimals = max(0, math.ceil(-math.log10(rules.rounding.points) - 1e-9))
    return next((match.start() for match in _PER_CENT.finditer(text) if len(match[1]) > decimals), None)
