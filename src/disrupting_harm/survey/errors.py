"""The one error of this room, and how it names rows."""

from __future__ import annotations

import numpy as np

SHOWN_ROWS = 10


class SurveyError(ValueError):
    """A design or a table from which no honest estimate can be made.

    The message names the design, the column and the row positions (as in ``frame.iloc``; the first row is 0),
    never the answers in them.
    """


def name_rows(flagged: np.ndarray) -> str:
    """Name the flagged rows in words, at most ten of them.

    >>> name_rows(np.array([False, True, True]))
    'rows 1, 2 (positions, the first row is 0)'
    """
    positions = np.flatnonzero(flagged)
    shown = ", ".join(str(position) for position in positions[:SHOWN_ROWS])
    more = f" and {len(positions) - SHOWN_ROWS} more" if len(positions) > SHOWN_ROWS else ""
    word = "row" if len(positions) == 1 else "rows"
    return f"{word} {shown}{more} (positions, the first row is 0)"


def refuse(flagged: np.ndarray, what: str, advice: str = "") -> None:
    """Raise SurveyError where a row is flagged: what is wrong, in which rows, what to do."""
    if flagged.any():
        raise SurveyError(f"{what} in {name_rows(flagged)}{advice}")
