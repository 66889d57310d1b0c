"""Questions that are delivered in many columns: families of columns matched with variables for forms and options.

In a family P13_1_a ... P13_11_i, what the labels of all columns have in common is the question, what those of one part
have in common is its option or form. Each is compared with the codebook on its own, so that nine columns speak for each
option, and not one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from disrupting_harm.config import Codebook, Mapped, Variable
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.clues import Answers, Clues, beyond_chance, together
from disrupting_harm.new_country.matching.families import Family, around
from disrupting_harm.new_country.matching.names import Known
from disrupting_harm.new_country.matching.wording import clean, likeness, meanings, one_to_one, words_for

_MOST_HAVE = 0.7
"""Share of columns that a word is in, to belong to what they have in common."""
_ALIKE = 0.6
"""A part means an option or form whose wording is at least so alike."""
FORM, OPTION, MENTION = "form", "option", "mention"
_FEWEST_LISTED = 0.5
"""Columns list mentions if the labels of their values are at least this share of the options."""

Parts = dict[str, dict[str, str]]
"""For each place of the names what it stands for (form, option or mention), and part -> form, option or number."""


@dataclass(frozen=True)
class Entry:
    """A question of the codebook that is delivered in several columns: by form, by option, or by both."""

    name: str
    variables: dict[str, Variable]

    @property
    def first(self) -> Variable:
        """One of its variables; the others differ in the form."""
        return next(iter(self.variables.values()))

    @property
    def by(self) -> tuple[str, ...]:
        """In what its columns differ."""
        of_forms = (FORM,) if self.first.form else ()
        return (*of_forms, OPTION) if self.first.kind == "answers" else of_forms

    @cached_property
    def question(self) -> str:
        """The question without the words about one form."""
        return " ".join(_common([variable.question.split() for variable in self.variables.values()]))


@dataclass(frozen=True)
class Proposal:
    """A family as an entry: what its parts mean, and what speaks for it.

    `listed`: in a list of mentions (first, second ... answer), code -> option.
    """

    family: Family
    entry: Entry
    parts: Parts
    clues: Clues
    notes: tuple[str, ...] = ()
    listed: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """How probable it is."""
        return together(self.clues)

    def of(self, what: str) -> dict[str, str]:
        """Part -> form (or option)."""
        return self.parts.get(what, {})

    def slots(self) -> dict[tuple[str, str], str]:
        """(form, option or mention) -> delivered column; "" where the entry has none."""
        columns = {}
        for key, column in self.family.columns.items():
            meant = {
                what: parts.get(part) for part, (what, parts) in zip(key, self.parts.items(), strict=True)
            }
            if None not in meant.values():
                columns[(meant.get(FORM) or "", meant.get(OPTION) or meant.get(MENTION) or "")] = column
        return columns

    def undecided_options(self) -> tuple[str, ...]:
        """Parts in the place of options that mean nothing in the codebook."""
        if OPTION not in self.parts:
            return ()
        parts = self.family.parts(list(self.parts).index(OPTION))
        return tuple(part for part in parts if part not in self.parts[OPTION])


@dataclass(frozen=True)
class _Wordings:
    """What the labels of a family's columns have in common: all of them, and those of each part of each place."""

    question: str
    parts: tuple[dict[str, str], ...]


def _common(wordings: Collection[Sequence[str]]) -> list[str]:
    """Words that (nearly) all of some wordings have, in the order of the one with most of them."""
    counts = Counter(word for words in wordings for word in set(words))
    kept = {word for word, count in counts.items() if count >= _MOST_HAVE * len(wordings)}
    first = max(wordings, key=lambda words: sum(word in kept for word in words), default=())
    return [word for word in first if word in kept]


class Proposer:
    """Proposes meanings for families."""

    def __init__(
        self,
        codebook: Codebook,
        knowns: Sequence[Known],
        columns: Mapping[str, Column],
        answers: Mapping[str, Answers],
    ) -> None:
        self.codebook, self.knowns, self.columns, self.answers = codebook, knowns, columns, answers
        self.forms_of: dict[str, str] = {}
        """Parts that are known to stand for forms, from families that said so."""

    def propose(self, entries: Sequence[Entry], families: Sequence[Family]) -> list[list[Proposal | None]]:
        """The best reading of each family as each entry; None if nothing speaks for it."""
        wordings = [self.wordings(family) for family in families]
        return [
            [self.best(family, wording, entry) for family, wording in zip(families, wordings, strict=True)]
            for entry in entries
        ]

    def wordings(self, family: Family) -> _Wordings:
        """What the labels of a family's columns have in common."""
        labels = {key: clean(self.columns[name].label).split() for key, name in family.columns.items()}
        of_all = _common(labels.values())

        def of_part(position: int, part: str) -> str:
            shared = _common([words for key, words in labels.items() if key[position] == part])
            return " ".join(word for word in shared if word not in of_all)

        parts = ({part: of_part(p, part) for part in family.parts(p)} for p in range(family.places))
        return _Wordings(" ".join(of_all), tuple(parts))

    def best(self, family: Family, wordings: _Wordings, entry: Entry) -> Proposal | None:
        """The best reading of a family as an entry; None if nothing speaks for it."""
        listed = self.listed(family, entry)
        by = tuple(MENTION if listed and what == OPTION else what for what in entry.by)
        read = [
            self.read(family, entry, meaning, wordings, listed) for meaning in dict.fromkeys((by, by[::-1]))
        ]
        likely = [proposal for proposal in read if proposal.score > 0 and self.covers_forms(proposal)]
        return max(likely, key=lambda proposal: proposal.score, default=None)

    def listed(self, family: Family, entry: Entry) -> dict[str, str]:
        """Code -> option, where the labels of values are the options of the entry: each column holds one mention."""
        options = entry.first.options
        labels = {c: t for name in family.columns.values() for c, t in self.columns[name].labels.items()}
        matched = meanings(labels, words_for({**options, **self.codebook.special})) if options else {}
        return matched if len(set(matched.values()) & set(options)) >= _FEWEST_LISTED * len(options) else {}

    def read(
        self,
        family: Family,
        entry: Entry,
        meaning: tuple[str, ...],
        wordings: _Wordings,
        listed: dict[str, str],
    ) -> Proposal:
        """A family as an entry, its places having this meaning."""
        by_name, share = self.named(family, entry, meaning)
        parts: Parts = {}
        alike: list[float] = []
        notes: list[str] = []
        for what, texts in zip(meaning, wordings.parts, strict=True):
            if what == MENTION:
                parts[what] = _counted_parts(list(texts))
                continue
            assigned, how = self.assigned_by_wording(entry, what, texts)
            if what == OPTION or how > _ALIKE:
                alike.append(how)
            if len(assigned) < 2 or how < _ALIKE:
                assigned, note = self.assumed(entry, what, list(texts), by_name[what])
                notes += [note] if note else []
            parts[what] = assigned
        clues = {"name": 0.9 * share, "label": self.by_wording(entry, meaning, wordings, alike)}
        if listed:
            covered = set(listed.values()) & set(entry.first.options)
            clues["value labels"] = 0.8 * len(covered) / len(entry.first.options)
        else:
            clues["structure"] = 0.25 * family.places * self.structure(family, entry, meaning)
        return Proposal(family, entry, parts, clues if all(parts.values()) else {}, tuple(notes), listed)

    @staticmethod
    def by_wording(
        entry: Entry, meaning: Sequence[str], wordings: _Wordings, alike: Sequence[float]
    ) -> float:
        """How strongly labels speak for it: by the question that all columns share, and the options or forms."""
        asked = likeness([wordings.question], [clean(entry.first.label), clean(entry.question)])
        shared = float(asked.max(initial=0))
        parts = float(np.mean(alike)) if alike else shared if MENTION in meaning else 0.0
        weight = 0.4 if OPTION in meaning else 0.3
        return beyond_chance(weight * shared + (1 - weight) * parts)

    def assigned_by_wording(
        self, entry: Entry, what: str, texts: Mapping[str, str]
    ) -> tuple[dict[str, str], float]:
        """Part -> form or option according to the labels, and how alike they are over all that the codebook has."""
        words = self.words(entry, what)
        parts, meant = list(texts), list(words)
        scores = _wording_scores(texts, words)
        pairs = [(row, column) for row, column in one_to_one(scores) if scores[row, column] >= _ALIKE]
        if what == FORM and set(parts) <= set(self.forms_of):
            pairs = [(row, meant.index(self.forms_of[part])) for row, part in enumerate(parts)]
        expected = self.expected(entry, what)
        matched = sum(float(scores[row, column]) for row, column in pairs if meant[column] in expected)
        return {parts[row]: meant[column] for row, column in pairs}, matched / max(len(expected), 1)

    def learn_forms(self, proposals: Iterable[Proposal]) -> None:
        """Remember which parts of names stand for which forms, as the labels of all families together tell it."""
        letters = list(self.codebook.forms)
        votes: dict[frozenset[str], list[tuple[list[str], np.ndarray]]] = {}
        for proposal in sorted(proposals, key=lambda proposal: -len(proposal.family.columns)):
            if FORM in proposal.parts:
                texts = self.wordings(proposal.family).parts[list(proposal.parts).index(FORM)]
                key = next((known for known in votes if set(texts) <= known), frozenset(texts))
                scores = _wording_scores(texts, self.words(proposal.entry, FORM))
                votes.setdefault(key, []).append((list(texts), scores))
        for key, cast in votes.items():
            parts = sorted(key)
            total = np.array([[_usual(part, index) for index in range(len(letters))] for part in parts])
            for texts, scores in cast:
                total[[parts.index(part) for part in texts]] += scores / len(cast)
            pairs = one_to_one(total)
            if np.mean([total[pair] for pair in pairs]) >= _ALIKE:
                self.forms_of |= {parts[row]: letters[column] for row, column in pairs}

    def words(self, entry: Entry, what: str) -> dict[str, tuple[str, ...]]:
        """Wordings of the forms, or of the options and special answers, of an entry."""
        if what == OPTION:
            return words_for({**entry.first.options, **self.codebook.special})
        return {letter: (form.label, form.question) for letter, form in self.codebook.forms.items()}

    def expected(self, entry: Entry, what: str) -> Sequence[str]:
        """Options or forms that an entry has in some questionnaire (or in the codebook, if in none)."""
        if what == OPTION:
            return list(entry.first.options)
        asked = {name for known in self.knowns for name in known.variables}
        forms = {variable.form for name, variable in entry.variables.items() if name in asked}
        return [form for form in self.codebook.forms if not forms or form in forms]

    def named(self, family: Family, entry: Entry, meaning: tuple[str, ...]) -> tuple[Parts, float]:
        """Part -> form or option as in the questionnaire whose names fit best, and the share of its columns found."""
        best: tuple[Parts, float] = {what: {} for what in meaning}, 0.0
        key_of = {column: key for key, column in family.columns.items()}
        for candidate in self.knowns if MENTION not in meaning else ():
            parts: Parts = {what: {} for what in meaning}
            wanted, agreed = 0, 0.0
            for name, variable in entry.variables.items():
                for column, option in _columns_of(candidate.variables.get(name)):
                    delivered, quality = candidate.delivered.get(column, ("", 0.0))
                    counts = option not in self.codebook.special
                    wanted += counts
                    if delivered in key_of:
                        agreed += counts * quality
                        for what, part in zip(meaning, key_of[delivered], strict=True):
                            parts[what].setdefault(part, str(variable.form if what == FORM else option))
            unique = all(len(set(meant.values())) == len(meant) for meant in parts.values())
            if wanted and agreed / wanted > best[1] and unique:
                best = (parts, agreed / wanted)
        return best

    def assumed(
        self, entry: Entry, what: str, parts: list[str], by_name: dict[str, str]
    ) -> tuple[dict[str, str], str]:
        """Part -> form or option where labels do not identify it: by name, by other families, or by the codes alone."""
        if by_name:
            return by_name, ""
        if what == FORM:
            if set(parts) <= set(self.forms_of):
                return {part: self.forms_of[part] for part in parts}, ""
            return self.forms_by_letter_or_order(parts)
        for candidate in self.knowns:
            options = codes_of(candidate, entry)
            if set(options) and set(parts) == set(options):
                note = f"options taken from the codes of {candidate.name}, because no label identifies them"
                return options, note
        return {}, ""

    def forms_by_letter_or_order(self, parts: Sequence[str]) -> tuple[dict[str, str], str]:
        """Parts that are the letters of the forms, or as many numbers in order."""
        letters = list(self.codebook.forms)
        if {part.lower() for part in parts} <= set(letters):
            return {part: part.lower() for part in parts}, "forms taken from the letters in the names"
        if all(part.isdigit() for part in parts) and max(map(int, parts)) <= len(letters):
            taken = {part: letters[int(part) - 1] for part in parts if int(part) > 0}
            return taken, "forms taken from the numbers in the names, in the codebook's order"
        return {}, ""

    def covers_forms(self, proposal: Proposal) -> bool:
        """Whether a family has most of the forms that the entry has: a part of them is delivered in another way."""
        if FORM not in proposal.parts:
            return True
        expected = self.expected(proposal.entry, FORM)
        return len(set(proposal.of(FORM).values()) & set(expected)) >= _MOST_HAVE * len(expected)

    def structure(self, family: Family, entry: Entry, meaning: tuple[str, ...]) -> float:
        """1 if the family has as many forms and options as the entry, less the further it is from it."""
        result = self.answers_fit(family, entry)
        for position, what in enumerate(meaning):
            size, wanted = len(family.parts(position)), len(self.expected(entry, what))
            special = len(self.codebook.special) if what == OPTION else 0
            off = min(abs(size - wanted), abs(size - wanted - special))
            result *= max(0.0, 1 - off / wanted)
        return result

    def answers_fit(self, family: Family, entry: Entry) -> float:
        """Whether the columns hold as many different codes as such a question has."""
        seen = [self.answers[name] for name in family.columns.values() if name in self.answers]
        codes = [answers.codes for answers in seen if answers.filled]
        if not codes:
            return 1.0
        if None in codes:
            return 0.0
        number, values = len(frozenset().union(*filter(None, codes))), len(entry.first.values)
        return float(number <= 2 if entry.first.kind == "answers" else values - 1 <= number <= values + 3)


def _counted_parts(parts: Sequence[str]) -> dict[str, str]:
    """Part -> number, of parts that count mentions from 1 on (1, 2 or m1, m2); nothing if they are other words."""
    before, after = around(parts)
    numbers = {part: part[len(before) : len(part) - len(after)] for part in parts}
    return numbers if set(numbers.values()) == {str(index + 1) for index in range(len(parts))} else {}


def _wording_scores(texts: Mapping[str, str], words: Mapping[str, tuple[str, ...]]) -> np.ndarray:
    """How alike the texts of parts and the wordings of what they may mean are. Shape (parts, meanings)."""
    return _best_likeness(tuple(texts.values()), tuple(words.values()))


@lru_cache(maxsize=20_000)
def _best_likeness(texts: tuple[str, ...], wordings: tuple[tuple[str, ...], ...]) -> np.ndarray:
    """Likeness of each text to the best of each meaning's wordings; many questions share forms and options."""
    flat = likeness(texts, [clean(word) for words in wordings for word in words])
    starts = np.cumsum([0, *map(len, wordings[:-1])])
    return np.maximum.reduceat(flat, starts, axis=1)


def _usual(part: str, index: int) -> float:
    """A little that speaks for a part that is the letter or number of a form, where labels leave it open."""
    return 0.02 if part.lower() in (chr(ord("a") + index), str(index + 1), f"{index + 1:02d}") else 0.0


def _columns_of(mapped: Mapped | None) -> Iterable[tuple[str, str]]:
    """Columns of a mapped variable with their option ("" for one answer)."""
    if mapped is None:
        return ()
    return mapped.options.items() or [(mapped.column, "")]


def codes_of(known: Known, entry: Entry) -> dict[str, str]:
    """Code -> option of an entry in a questionnaire, the special codes among them."""
    mapped = known.questionnaire.variables.get(entry.name)
    if mapped is None or not mapped.options:
        return {}
    special = known.questionnaire.special if mapped.special else {}
    return mapped.options | {c: value for c, value in special.items() if value not in mapped.options.values()}
