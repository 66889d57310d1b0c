"""Questions with several answers, from each delivered layout to one yes/no column an option.

A layout gives who was asked, and who chose what: an option of the codebook, or a special answer.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from disrupting_harm.config import NOT_ASKED, SPECIAL, Mapped, Variable, option_column
from disrupting_harm.config.entries.questionnaire import FILLED
from disrupting_harm.delivered import formats
from disrupting_harm.delivered.formats import Codes

_Known = Callable[..., dict[str | None, str]]
"""What the codes of a column mean: `known(column, codes, known_codes, otherwise)`; see `decode.Decoder.known`."""

CHOSEN, _NOT_CHOSEN = "chosen", "not chosen"


@dataclass
class _Answers:
    """The answers of `rows` respondents to one question: who was asked, and who chose what."""

    rows: int
    asked: np.ndarray = field(init=False)
    chosen: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked = np.zeros(self.rows, dtype=bool)

    def choose(self, answer: str, who: np.ndarray) -> None:
        """Some respondents chose an option or special answer, and so were asked."""
        self.chosen[answer] = self.chosen.get(answer, False) | who
        self.asked = self.asked | who

    def columns(self, mapped: Mapped, variable: Variable) -> dict[str, pd.Series]:
        """One yes/no column for each answer that the file can hold, missing for those who were not asked."""
        return {
            option_column(mapped.name, answer): pd.Series(
                pd.arrays.BooleanArray(self.chosen[answer], ~self.asked)
            )
            for answer in (*variable.options, *SPECIAL)
            if answer in self.chosen
        }


def read(raw: pd.DataFrame, mapped: Mapped, known: _Known) -> _Answers:
    """The answers to a question in the layout that the mapping says."""
    answers = _Answers(len(raw))
    for answer in {**mapped.options, **mapped.listed}.values():
        if answer != NOT_ASKED:
            answers.choose(answer, np.zeros(len(raw), dtype=bool))
    layout = _each_option if mapped.options else mentions if mapped.mentions else text
    layout(answers, raw, mapped, known)
    return answers


def _each_option(answers: _Answers, raw: pd.DataFrame, mapped: Mapped, known: _Known) -> None:
    """One column per option: chosen, not chosen, a code for a special answer, or empty where not asked."""
    mapped_codes: dict[str | None, str] = {mapped.not_chosen: _NOT_CHOSEN, **mapped.values}
    filled = mapped.chosen == FILLED
    if not filled:
        mapped_codes[mapped.chosen] = CHOSEN
    for column, option in mapped.options.items():
        if column not in raw:  # another column has the same special answer
            continue
        codes = formats.coded(raw[column])
        meaning = known(column, codes, mapped_codes, CHOSEN if filled else None)
        means = codes.mapped(meaning, None)
        answers.choose(option, means == CHOSEN)
        answers.asked = answers.asked | (means == _NOT_CHOSEN)
        for special in set(SPECIAL) & set(meaning.values()):
            answers.choose(special, means == special)


def mentions(answers: _Answers, raw: pd.DataFrame, mapped: Mapped, known: _Known) -> None:
    """A column for the first mention, the second and so on, each with the code of an option."""
    for column in mapped.mentions:
        codes = formats.coded(raw[column])
        meaning = codes.mapped(known(column, codes, dict(mapped.listed)), None)
        for answer in {*meaning} - {None, NOT_ASKED}:
            answers.choose(answer, meaning == answer)


def text(answers: _Answers, raw: pd.DataFrame, mapped: Mapped, known: _Known) -> None:
    """One text column that lists the chosen options, by code or by label."""
    cells = _Listed.of(formats.coded(raw[mapped.column]), mapped.separator)
    meaning = known(mapped.column, cells, dict(mapped.listed))
    for answer in {*meaning.values()} - {NOT_ASKED}:
        answers.choose(answer, cells.holding({code for code, value in meaning.items() if value == answer}))


@dataclass(frozen=True)
class _Listed(Codes):
    """A text column whose cells list codes: `parts` are the codes of each of `values`."""

    parts: list[set[str]] = field(default_factory=list)

    @classmethod
    def of(cls, cells: Codes, separator: str) -> _Listed:
        """Cells parted at a separator."""
        parts = [{part.strip() for part in (cell or "").split(separator)} - {""} for cell in cells.values]
        return cls(cells.places, cells.values, parts)

    def occurring(self) -> set[str]:
        """Codes that occur in some cell."""
        return set().union(*self.parts)

    def holding(self, codes: Set[str | None]) -> np.ndarray:
        """Whether each row holds one of some codes. Shape (rows,)."""
        return np.array([bool(part & codes) for part in self.parts], dtype=bool)[self.places]
