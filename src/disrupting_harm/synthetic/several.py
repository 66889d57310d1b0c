"""Questions with several answers in each delivered layout: what `several_answers` reads, the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.config import NOT_ASKED, SPECIAL, Mapped, option_column
from disrupting_harm.config.entries.questionnaire import FILLED


def columns(mapped: Mapped, frame: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, pd.Series]:
    """The raw columns of one question; codes as text, empty cells missing. `labels`: of options and special answers."""
    if mapped.separator:
        return {mapped.column: text(mapped, frame)}
    if mapped.mentions:
        return mentions(mapped, frame)
    return filled(mapped, frame, labels) if mapped.chosen == FILLED else _each_option(mapped, frame)


def chosen(mapped: Mapped, frame: pd.DataFrame, answer: str) -> np.ndarray:
    """Who chose an answer: 1, 0, or 2 for who was not asked."""
    column = frame[option_column(mapped.name, answer)].astype("boolean")
    return column.to_numpy(dtype=np.int8, na_value=2)


def _each_option(mapped: Mapped, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """One column per option: chosen, not chosen, empty where not asked; a special answer's code in all of them."""
    codes = np.array([mapped.not_chosen, mapped.chosen, None], dtype=object)
    columns = {column: codes[chosen(mapped, frame, option)] for column, option in mapped.options.items()}
    for code, answer in reversed(mapped.values.items()):
        if answer in SPECIAL and answer not in mapped.options.values():
            who = chosen(mapped, frame, answer) == 1
            columns = {column: np.where(who, code, cells) for column, cells in columns.items()}
    return {column: pd.Series(cells, dtype=object) for column, cells in columns.items()}


def filled(mapped: Mapped, frame: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, pd.Series]:
    """One column per option: its label where chosen, otherwise empty; who chose nothing has the code for not chosen."""
    answers = {column: chosen(mapped, frame, option) for column, option in mapped.options.items()}
    nothing = np.all([indicator == 0 for indicator in answers.values()], axis=0)
    not_chosen: Any = mapped.not_chosen
    unchosen = np.where(nothing, not_chosen, None)
    return {
        column: pd.Series(
            np.where(indicator == 1, labels[mapped.options[column]], unchosen),
            dtype=object,
        )
        for column, indicator in answers.items()
    }


def text(mapped: Mapped, frame: pd.DataFrame) -> pd.Series:
    """One text column that lists the codes of what was chosen."""
    rows = [mapped.separator.join(codes) or None for codes in listed(mapped, frame)]
    return pd.Series(rows, dtype=object)


def mentions(mapped: Mapped, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """A column for the first mention, the second and so on; what was chosen beyond the last has no place."""
    rows = [[*codes, *[None] * len(mapped.mentions)] for codes in listed(mapped, frame)]
    return {
        column: pd.Series([row[index] for row in rows], dtype=object)
        for index, column in enumerate(mapped.mentions)
    }


def listed(mapped: Mapped, frame: pd.DataFrame) -> list[list[str]]:
    """The codes of what each respondent chose."""
    codes = {answer: code for code, answer in reversed(mapped.listed.items()) if answer != NOT_ASKED}
    lists: list[list[str]] = [[] for _ in range(len(frame))]
    for answer, code in codes.items():
        for row in np.flatnonzero(chosen(mapped, frame, answer) == 1):
            lists[row].append(code)
    return lists
