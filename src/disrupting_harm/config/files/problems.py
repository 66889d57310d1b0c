"""Problems of the configuration: one, all, and their report."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_UNPRINTED = ("Cc", "Cf", "Zl", "Zp")
"""Categories of Unicode that a terminal obeys, or that hide or turn round what is beside them."""
_OF_SCRIPTS = (
    "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"
    "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"
)
"""Signs of these categories that some scripts need to write their words."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in one place of one file.

    `what` completes the sentence that the key begins ("is not a setting"); `nearest` is the best guess at what was
    meant; `hint` is what to do.
    """

    file: str
    line: int = 0
    key: str = ""
    what: str = ""
    nearest: str = ""
    hint: str = ""

    def lines(self) -> list[str]:
        """The problem as indented lines of a report, without the file's name."""
        position = f"line {self.line}: " if self.line else ""
        guess = f"; did you mean {self.nearest}?" if self.nearest else ""
        lines = [f"  {position}{self.key + ' ' if self.key else ''}{self.what}{guess}"]
        if self.hint:
            lines.append(f"      {self.hint}")
        return lines


class ConfigurationError(Exception):
    """Everything that is wrong with all configuration files, in one report (`.problems` holds the single ones)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(report(self.problems))


class SelectionError(ConfigurationError):
    """Words that choose no country; `.problems` holds one problem per word."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        lines = [line for problem in self.problems for line in problem.lines()]
        Exception.__init__(
            self, "\n".join(["It is not clear which countries to run; nothing was run.", *lines])
        )


def report(problems: tuple[Problem, ...]) -> str:
    """All problems in words an analyst can act on, grouped by file."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"{count} in the configuration; nothing was run."]
    last = None
    for problem in problems:
        if problem.file != last:
            lines += ["", problem.file]
            last = problem.file
        lines += problem.lines()
    return "\n".join(lines)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that resembles `word` most, or "" if none does."""
    by_lower = {name.lower(): name for name in map(str, known)}
    matches = get_close_matches(str(word).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[matches[0]] if matches else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "", cutoff: float = 0.6) -> str:
    """The end of a finding: "; did you mean sex?" with the nearest known word, `otherwise` if none resembles it."""
    close = nearest(word, known, cutoff)
    return f"; did you mean {close}?" if close else otherwise


def printable(text: str) -> str:
    """A text for a terminal or log: of its control signs, line ends stay, and others are spelled out.

    Names and labels of delivered files may hold them, and a terminal would obey.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter == "\n" else shown(letter) for letter in text)


def shown(letter: str) -> str:
    """A letter, or how one writes it where it is a control sign."""
    is_sign = unicodedata.category(letter) in _UNPRINTED and letter not in _OF_SCRIPTS
    return letter.encode("unicode_escape").decode("ascii") if is_sign else letter
