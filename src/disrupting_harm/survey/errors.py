"""The one error of this room, and how it names rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

import numpy as np

_SHOWN_ROWS = 10
ALSO = "; also: "  # between problems that one message names

_Result = TypeVar("_Result")


class SurveyError(ValueError):
    """A design or a table from which no honest estimate can be made.

    The message names the design, the column and the row positions (as in ``frame.iloc``; the first row is 0),
    never the answers in them, and what to do.
    """


class Problem(NamedTuple):
    """What is wrong with some rows of a column, and a hint."""

    what: str
    rows: np.ndarray
    hint: str


def name_rows(flagged: np.ndarray) -> str:
    """Name the flagged rows in words, at most ten of them.

    >>> name_rows(np.array([False, True, True]))
    'rows 1, 2 (positions, the first row is 0)'
    """
    positions = np.flatnonzero(flagged)
    shown = ", ".join(str(position) for position in positions[:_SHOWN_ROWS])
    more = f" and {len(positions) - _SHOWN_ROWS} more" if len(positions) > _SHOWN_ROWS else ""
    word = "row" if len(positions) == 1 else "rows"
    return f"{word} {shown}{more} (positions, the first row is 0)"


def refuse(flagged: np.ndarray, what: str, advice: str = "") -> None:
    """Raise SurveyError where a row is flagged: what is wrong, in which rows, what to do."""
    if flagged.any():
        raise SurveyError(f"{what} in {name_rows(flagged)}{advice}")


def refuse_all(name: str, problems: Iterable[Problem | None]) -> None:
    """Raise one SurveyError that names every problem of the design called `name`, and each hint once."""
    real = [problem for problem in problems if problem is not None and problem.rows.any()]
    if real:
        named = ALSO.join(f"{problem.what} in {name_rows(problem.rows)}" for problem in real)
        hints = " ".join(dict.fromkeys(problem.hint for problem in real))
        raise SurveyError(f"{name}: {named}. {hints}")


def gather(name: str, readers: Iterable[Callable[[], _Result]]) -> list[_Result]:
    """What all readers return, or one SurveyError that holds the messages of all that fail."""
    results: list[_Result] = []
    messages: list[str] = []
    for reader in readers:
        try:
            results.append(reader())
        except SurveyError as error:
            messages.append(str(error).removeprefix(f"{name}: "))
    if messages:
        raise SurveyError(f"{name}: {ALSO.join(messages)}")
    return results
