"""How alike two wordings are, and which codebook value the label of a code means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process, utils
from scipy.optimize import linear_sum_assignment

from disrupting_harm.config import NOT_ASKED, Variable

SAME_VALUE = 0.85
"""Labels of values that are less alike than this mean different things."""

_NUMBERING = re.compile(r"^\s*\[?[A-Za-z]{0,3}\d+(?:[._-]?\w{1,3})*\]?\s*[.:)\-–]+\s+")
"""A question's number before its wording: "Q3. ", "P13_1: ", "12a) "."""

_FIRST_NUMBER = re.compile(r"\d+")

_ALSO_SAID: dict[str, tuple[str, ...]] = {
    "girl": ("girl", "female", "woman"),
    "boy": ("boy", "male", "man"),
    "woman": ("woman", "female"),
    "man": ("man", "male"),
    "yes": ("yes", "agree", "true"),
    "no": ("no", "disagree", "false"),
    "peri_urban": ("peri-urban", "semi-urban", "suburban"),
    "never": ("never", "not at all"),
    "dont_know": ("don't know", "do not know", "dk", "not sure", "unsure"),
    "refused": (
        "prefer not to say",
        "prefer not to answer",
        "refused",
        "refuse to answer",
        "refusal",
        "no answer",
    ),
    NOT_ASKED: (
        "not asked",
        "not applicable",
        "inapplicable",
        "skipped",
        "routed out",
        "question not asked",
        "n/a",
    ),
}
"""Wordings of codebook values in delivered files, besides its name and label in the codebook."""

CHOSEN = {
    "chosen": ("chosen", "yes", "selected", "mentioned", "ticked", "marked"),
    "not_chosen": (
        "not chosen",
        "no",
        "not selected",
        "not mentioned",
        "unselected",
        "not ticked",
        "not marked",
    ),
}
"""Words for an option of a question with several answers."""


@lru_cache(maxsize=50_000)
def clean(text: str) -> str:
    """A wording in lower case without punctuation and without the question's number before it."""
    return " ".join(utils.default_process(_NUMBERING.sub("", text)).split())


def likeness(texts: Sequence[str], references: Sequence[str], one_word_is_enough: bool = True) -> np.ndarray:
    """How alike each text and each reference are, 0 to 1. Shape (texts, references); both come from `clean`.

    Half of it is about the whole wording, half about the words they share, so that an introduction or a note to the
    interviewer on one side does no great harm. Unless `one_word_is_enough`, a reference of a single word ("Household")
    must be the whole text: many questions mention it.
    """
    if not texts or not references:
        return np.zeros((len(texts), len(references)))
    # pyrefly: ignore[no-matching-overload]  # its types know no scorer with overloads, as its own are
    complete = process.cdist(texts, references, scorer=fuzz.token_sort_ratio)
    # pyrefly: ignore[no-matching-overload]  # its types know no scorer with overloads, as its own are
    shared = process.cdist(texts, references, scorer=fuzz.token_set_ratio)
    both = (complete + shared) / 200
    if not one_word_is_enough:
        single = [" " not in reference for reference in references]
        both[:, single] = complete[:, single] / 100
    both[[not text for text in texts], :] = 0
    both[:, [not reference for reference in references]] = 0
    return both


def one_to_one(scores: np.ndarray) -> list[tuple[int, int]]:
    """Rows and columns paired so that the sum of scores is largest; each at most once."""
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def words_for(values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Wordings of each value: its label, its name, and its usual wordings in files."""
    return {
        value: (label, value.replace("_", " "), *_ALSO_SAID.get(value, ())) for value, label in values.items()
    }


def meanings(labels: Mapping[str, str], words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Code -> value, where the label of the code has one of the value's `words`; other codes are left out.

    Each value gets the code with the best label; other codes join it if their labels match exactly.
    """
    if not labels or not words:
        return {}
    codes, values = list(labels), list(words)
    scores = np.array([[same(labels[code], words[value]) for value in values] for code in codes])
    matched = {
        codes[row]: values[column]
        for row, column in one_to_one(scores)
        if scores[row, column] >= SAME_VALUE and scores[row].max() == scores[row, column]
    }
    for row, code in enumerate(codes):
        if code not in matched and scores[row].max() == 1:
            matched[code] = values[int(scores[row].argmax())]
    return {code: matched[code] for code in codes if code in matched}


@lru_cache(maxsize=50_000)
def same(label: str, words: tuple[str, ...]) -> float:
    """How well a value's label matches one of some words, 0 to 1."""
    words_of_label = clean(label)
    return (
        max(fuzz.token_sort_ratio(words_of_label, clean(word)) for word in words) / 100
        if words_of_label
        else 0.0
    )


def numbers_in_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Code -> the number in its label ("12 years"), where labels contain numbers."""
    numbers = {code: _FIRST_NUMBER.search(label) for code, label in labels.items()}
    return {code: match.group() for code, match in numbers.items() if match}


def value_words(variable: Variable, special: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Wordings of all answers to a question with one answer: its values, the special ones, and not asked."""
    return words_for({**variable.values, **special, NOT_ASKED: "Not asked"})
