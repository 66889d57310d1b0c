"""What wordings mean: how alike two are, and a small dictionary of words in the languages of our countries."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from rapidfuzz import fuzz, process
from scipy.optimize import linear_sum_assignment

from disrupting_harm.config import NOT_ASKED, Codebook, Variable
from disrupting_harm.config.entries.codebook import TABLES

SAME_VALUE = 0.85
"""Labels of values that are less alike than this mean different things."""
ENGLISH = "en"
_FEWEST_HEARD = 4
"""A file is in a language of which it has at least so many phrases of the dictionary."""
_SPOKEN_TOO = 0.8
"""It is in a second one, too, if it has so many as a share of those of the first: Serbian in two scripts."""

_LAST_SPACED = "\u0530"
"""Latin, Greek and Cyrillic letters come before this one."""

_NUMBERING = re.compile(r"^\s*\[?[A-Za-z]{0,3}\d+(?:[._-]?\w{1,3})*\]?\s*[.:)\-–]+\s+")
"""A question's number before its wording: "Q3. ", "P13_1: ", "12a) "."""
_FIRST_NUMBER = re.compile(r"\d+")


@lru_cache(maxsize=50_000)
def clean(text: str) -> str:
    """A wording in lower case without accents, punctuation and the question's number before it."""
    letters = unicodedata.normalize("NFKD", _NUMBERING.sub("", text)).casefold()
    kept = (letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(
        "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in kept).split()
    )


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


@lru_cache(maxsize=50_000)
def same(label: str, phrases: tuple[str, ...]) -> float:
    """How well a value's label matches one of some phrases, 0 to 1."""
    label = clean(label)
    return (
        max((fuzz.token_sort_ratio(label, clean(phrase)) for phrase in phrases), default=0) / 100
        if label
        else 0
    )


def meanings(labels: Mapping[str, str], phrases: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Code -> value, where the label of the code is one of the value's `phrases`; other codes are left out.

    Each value gets the code with the best label; other codes join it if their labels match exactly.
    """
    if not labels or not phrases:
        return {}
    codes, values = list(labels), list(phrases)
    scores = np.array([[same(labels[code], phrases[value]) for value in values] for code in codes])
    matched = {
        codes[row]: values[column]
        for row, column in one_to_one(scores)
        if scores[row, column] >= SAME_VALUE and scores[row].max() == scores[row, column]
    }
    for row, code in enumerate(codes):
        if code not in matched and scores[row].max() == 1:
            matched[code] = values[int(scores[row].argmax())]
    return {code: matched[code] for code in codes if code in matched}


def numbers_in_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Code -> the number in its label ("12 years"), where labels contain numbers."""
    numbers = {code: _FIRST_NUMBER.search(label) for code, label in labels.items()}
    return {code: match.group() for code, match in numbers.items() if match}


@cache
def table() -> dict[str, dict[str, tuple[str, ...]]]:
    """The dictionary, words/words.csv: language -> concept -> phrases."""
    result: dict[str, dict[str, tuple[str, ...]]] = {}
    with (files("disrupting_harm.new_country") / "words" / "words.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            result.setdefault(row["language"], {})[row["concept"]] = tuple(row["words"].split("|"))
    return result


@cache
def _stems() -> dict[str, dict[str, tuple[tuple[str, ...], ...]]]:
    """The dictionary as the beginnings of words that have to occur: language -> concept -> phrases."""
    return {
        language: {
            concept: tuple(tuple(clean(p).split()) for p in phrases) for concept, phrases in words.items()
        }
        for language, words in table().items()
    }


class Words:
    """What the words in one file mean: in English, and in the languages that its labels are in."""

    def __init__(self, codebook: Codebook, texts: Iterable[str] = ()) -> None:
        self.codebook = codebook
        variables = [variable for table in TABLES for variable in codebook.variables(table).values()]
        of_codebook = {clean(text) for v in variables for text in (*v.values.values(), *v.options.values())}
        self.languages = _languages([clean(text) for text in texts], of_codebook)
        spoken = dict.fromkeys([*self.languages, ENGLISH])
        self.phrases: dict[str, tuple[str, ...]] = {}
        for language in spoken:
            for concept, phrases in table()[language].items():
                self.phrases[concept] = (*self.phrases.get(concept, ()), *phrases)
        self.foreign = [_stems()[language] for language in self.languages if language != ENGLISH]

    @property
    def is_foreign(self) -> bool:
        """Whether the labels are in another language than the codebook's."""
        return bool(self.foreign)

    def of(self, values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Phrases of each value: its label, its name, and the dictionary's."""
        return {v: (label, v.replace("_", " "), *self.phrases.get(v, ())) for v, label in values.items()}

    def of_answers(self, variable: Variable) -> dict[str, tuple[str, ...]]:
        """Phrases of all answers to a question with one answer: its values, the special ones, and not asked."""
        return self.of({**variable.values, **self.codebook.special, NOT_ASKED: "Not asked"})

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Phrases for an option of a question with several answers."""
        return {
            key: (*self.phrases[key], *self.phrases[also])
            for key, also in (("chosen", "yes"), ("not_chosen", "no"))
        }

    def skipped(self, labels: Mapping[str, str]) -> set[str]:
        """Codes that mean that the question was not asked."""
        return {code for code, label in labels.items() if same(label, self.phrases[NOT_ASKED]) >= SAME_VALUE}

    @cache  # noqa: B019  # one dictionary per file, which ends with it
    def mentions(self, text: str, concept: str) -> float:
        """How much a foreign text (from `clean`) is about a concept: 0, or more, the more of it the phrase covers."""
        covered = [
            sum(map(len, stems)) / len(text)
            for words in self.foreign
            for stems in words.get(concept, ())
            if text and stems and all(_begins_a_word(stem, text) for stem in stems)
        ]
        return 0.8 + 0.2 * min(1.0, max(covered)) if covered else 0.0

    def alike(
        self, texts: Sequence[str], concepts: Mapping[str, Sequence[str]], short: bool = True
    ) -> np.ndarray:
        """How alike each text and each concept (with its English wordings) are, 0 to 1. Shape (texts, concepts)."""
        flat = likeness(texts, [clean(word) for words in concepts.values() for word in words], short)
        starts = np.cumsum([0, *(len(words) for words in concepts.values())])[:-1]
        best = (
            np.maximum.reduceat(flat, starts, axis=1)
            if len(concepts) and len(texts)
            else np.zeros((len(texts), 0))
        )
        if self.foreign:
            best = np.maximum(
                best, [[self.mentions(text, concept) for concept in concepts] for text in texts]
            )
        return best


def _begins_a_word(stem: str, text: str) -> bool:
    """Whether a word begins so; in scripts that join words or put articles before them, whether it occurs."""
    return f" {stem}" in f" {text}" if stem < _LAST_SPACED else stem in text


def _languages(texts: Sequence[str], english: set[str]) -> list[str]:
    """The languages of some texts, by the number of phrases that occur in them."""
    corpus = f" {' | '.join(dict.fromkeys(texts))} "
    heard = {
        language: sum(
            any(
                all(stem in corpus for stem in stems) and (f" {' '.join(stems)} " in corpus)
                for stems in phrases
            )
            for phrases in words.values()
        )
        for language, words in _stems().items()
    }
    heard[ENGLISH] += sum(f" {phrase} " in corpus for phrase in english)
    most = max(heard.values())
    return [one for one, n in heard.items() if n >= max(_FEWEST_HEARD, _SPOKEN_TOO * most)]
