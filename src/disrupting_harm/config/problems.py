"""What is wrong with the configuration: one problem, all problems, and how they are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in one place of one file.

    `what` completes the sentence that the key begins ("is not a setting"); `nearest` is the best guess at what was
    meant; `way_out` says what to do.
    """

    file: str
    line: int = 0
    key: str = ""
    what: str = ""
    nearest: str = ""
    way_out: str = ""

    def lines(self) -> list[str]:
        """The problem as indented lines of a report, without the file's name."""
        place = f"line {self.line}: " if self.line else ""
        guess = f"; did you mean {self.nearest}?" if self.nearest else ""
        told = [f"  {place}{self.key + ' ' if self.key else ''}{self.what}{guess}"]
        if self.way_out:
            told.append(f"      {self.way_out}")
        return told


class ConfigurationError(Exception):
    """Everything that is wrong with all configuration files, in one report (`.problems` holds the single ones)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(report(self.problems))


class SelectionError(ConfigurationError):
    """Words that choose no country; `.problems` holds one problem a word."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        told = [line for problem in self.problems for line in problem.lines()]
        Exception.__init__(self, "\n".join(["The countries to run cannot be told; nothing was run.", *told]))


def report(problems: tuple[Problem, ...]) -> str:
    """All problems in words an analyst can act on, grouped by file."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    told = [f"{count} in the configuration; nothing was run."]
    last = None
    for problem in problems:
        if problem.file != last:
            told += ["", problem.file]
            last = problem.file
        told += problem.lines()
    return "\n".join(told)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that resembles `word` most, or "" if none does."""
    by_lower = {name.lower(): name for name in map(str, known)}
    found = get_close_matches(str(word).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else ""
