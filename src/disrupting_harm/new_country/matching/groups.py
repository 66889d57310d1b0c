"""Questions that are delivered in many columns: families of columns matched with variables for forms and options.

In a family P13_1_a ... P13_11_i, what the labels of all columns have in common is the question, what those of one part
have in common is its option or form. Each is compared with the codebook on its own, so that nine columns speak for each
option, and not one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from disrupting_harm.config import Codebook, Variable
from disrupting_harm.config.entries.codebook import Form
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.clues import Answers, Clue, beyond_chance, together
from disrupting_harm.new_country.matching.families import Family, around
from disrupting_harm.new_country.matching.names import Known
from disrupting_harm.new_country.matching.wording import clean, likeness, meanings, one_to_one, words_for

_MOST_HAVE = 0.7
"""Share of columns that a word is in, to belong to what they have in common."""
_SAID = 0.6
"""A part means an option or form whose wording is at least so alike."""
FORM, OPTION, MENTION = "form", "option", "mention"
_FEWEST_LISTED = 0.5
"""Columns list mentions if the labels of their values are at least this share of the options."""


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


@dataclass(frozen=True)
class Proposal:
    """A family as an entry: what its parts mean, and what speaks for it.

    `meaning`: for each place of the names, "form", "option" or "mention" (first, second ... answer of a list); `parts`:
    part -> form or option, by place; `listed`: in a list of mentions, code -> option.
    """

    family: Family
    entry: Entry
    meaning: tuple[str, ...]
    parts: tuple[dict[str, str], ...]
    clues: tuple[Clue, ...] = ()
    notes: tuple[str, ...] = ()
    listed: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """How probable it is."""
        return together(self.clues)

    def of(self, what: str) -> dict[str, str]:
        """Part -> form (or option)."""
        return self.parts[self.meaning.index(what)] if what in self.meaning else {}

    def slots(self) -> dict[tuple[str, str], str]:
        """(form, option or mention) -> delivered column; "" where the entry has none."""
        columns = {}
        for key, column in self.family.columns.items():
            meant = {
                what: self.parts[position].get(key[position]) for position, what in enumerate(self.meaning)
            }
            if None not in meant.values():
                columns[(meant.get(FORM) or "", meant.get(OPTION) or meant.get(MENTION) or "")] = column
        return columns

    def undecided(self, what: str) -> list[str]:
        """Parts in the place of forms or options that mean nothing in the codebook."""
        if what not in self.meaning:
            return []
        position = self.meaning.index(what)
        return [part for part in self.family.parts(position) if part not in self.parts[position]]


@dataclass
class _Wordings:
    """What the labels of a family's columns have in common: all of them, and those of each part of each place."""

    family: Family
    labels: Mapping[str, str]
    question: str = field(init=False)
    parts: tuple[dict[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        labels = {key: clean(self.labels.get(name, "")).split() for key, name in self.family.columns.items()}
        of_all = _common(labels.values())
        self.question = " ".join(of_all)
        self.parts = tuple(
            {part: self.shared_words(labels, position, part, of_all) for part in self.family.parts(position)}
            for position in range(self.family.places)
        )

    def shared_words(
        self,
        labels: Mapping[tuple[str, ...], Sequence[str]],
        position: int,
        part: str,
        of_all: Sequence[str],
    ) -> str:
        """What the columns of one part have in common beyond what all have."""
        shared = _common(words for key, words in labels.items() if key[position] == part)
        return " ".join(word for word in shared if word not in of_all)

    @property
    def present(self) -> bool:
        """Whether there are labels at all."""
        return bool(self.question) or any(any(texts.values()) for texts in self.parts)


def _common(wordings: Iterable[Sequence[str]]) -> list[str]:
    """Words that (nearly) all of some wordings have, in the order of the first."""
    wordings = list(wordings)
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
        self.codebook = codebook
        self.knowns = knowns
        self.columns = columns
        self.labels = {name: column.label for name, column in columns.items()}
        self.answers = answers
        self.forms_of: dict[str, str] = {}
        """Parts that are known to stand for forms, from families that said so."""

    def best(self, family: Family, entry: Entry) -> Proposal | None:
        """The best reading of a family as an entry; None if nothing speaks for it."""
        wordings = _Wordings(family, self.labels)
        listed = self.listed(family, entry)
        by = tuple(MENTION if listed and what == OPTION else what for what in entry.by)
        orders = [by] if family.places == 1 else [by, by[::-1]]
        read = [
            self.read(family, entry, meaning, wordings, listed)
            for meaning in orders
            if len(meaning) == family.places
        ]
        return max(
            (candidate for candidate in read if candidate.score > 0),
            key=lambda candidate: candidate.score,
            default=None,
        )

    def listed(self, family: Family, entry: Entry) -> dict[str, str]:
        """Code -> option, where the labels of values are the options of the entry: each column holds one mention."""
        options = entry.first.options
        if not options:
            return {}
        labels = {c: t for name in family.columns.values() for c, t in self.columns[name].labels.items()}
        matched = meanings(labels, words_for({**options, **self.codebook.special}))
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
        parts: list[dict[str, str]] = []
        alike: list[float] = []
        notes: list[str] = []
        for position, what in enumerate(meaning):
            if what == MENTION:
                parts.append(_counted_parts(family.parts(position)))
                continue
            assigned, how = self.assigned_by_wording(entry, what, wordings.parts[position])
            if what == OPTION or how > _SAID:
                alike.append(how)
            if len(assigned) < 2 or how < _SAID:
                assigned, note = self.assumed(family, entry, position, what, by_name[position])
                notes += [note] if note else []
            parts.append(assigned)
        clues = [Clue("name", 0.9 * share), *self.by_wording(entry, meaning, wordings, alike)]
        if listed:
            covered = set(listed.values()) & set(entry.first.options)
            clues.append(Clue("value labels", 0.8 * len(covered) / len(entry.first.options)))
        else:
            clues.append(Clue("structure", 0.25 * family.places * self.structure(family, entry, meaning)))
        if not all(parts):
            clues.clear()
        return Proposal(family, entry, meaning, tuple(parts), tuple(clues), tuple(notes), listed)

    def by_wording(
        self, entry: Entry, meaning: tuple[str, ...], wordings: _Wordings, alike: Sequence[float]
    ) -> list[Clue]:
        """The content of the labels: the question that all columns share, and the options or forms."""
        if not wordings.present:
            return []
        asked = likeness(
            [wordings.question], [clean(text) for text in (entry.first.label, self.question(entry))]
        )
        shared = float(asked.max(initial=0))
        parts = float(np.mean(alike)) if alike else shared if MENTION in meaning else 0.0
        weight = 0.4 if OPTION in meaning else 0.3
        return [Clue("label", beyond_chance(weight * shared + (1 - weight) * parts))]

    @staticmethod
    def question(entry: Entry) -> str:
        """The question without the words about one form."""
        texts = [variable.question.split() for variable in entry.variables.values()]
        return " ".join(_common(texts)) if len(texts) > 1 else entry.first.question

    def assigned_by_wording(
        self, entry: Entry, what: str, texts: Mapping[str, str]
    ) -> tuple[dict[str, str], float]:
        """Part -> form or option according to the labels, and how alike they are over all that the codebook has."""
        words = self.words(entry, what)
        parts, meant = list(texts), list(words)
        scores = _wording_scores(texts, words)
        if not scores.size:
            return {}, 0.0
        pairs = [(row, column) for row, column in one_to_one(scores) if scores[row, column] >= _SAID]
        if what == FORM and set(parts) <= set(self.forms_of):
            pairs = [(row, meant.index(self.forms_of[part])) for row, part in enumerate(parts)]
        expected = self.expected(entry, what)
        matched = [scores[row, column] for row, column in pairs if meant[column] in expected]
        return {parts[row]: meant[column] for row, column in pairs}, float(sum(matched)) / max(
            len(expected), 1
        )

    def learn_forms(self, proposals: Iterable[Proposal]) -> None:
        """Remember which parts of names stand for which forms, as the labels of all families together tell it."""
        letters = list(self.codebook.forms)
        votes: dict[frozenset[str], list[tuple[list[str], np.ndarray]]] = {}
        for proposal in sorted(proposals, key=lambda proposal: -len(proposal.family.columns)):
            if FORM in proposal.meaning:
                texts = _Wordings(proposal.family, self.labels).parts[proposal.meaning.index(FORM)]
                key = next((known for known in votes if set(texts) <= known), frozenset(texts))
                scores = _wording_scores(texts, self.words(proposal.entry, FORM))
                votes.setdefault(key, []).append((list(texts), scores))
        for key, cast in votes.items():
            parts = sorted(key)
            total = np.array([[usual(part, index) for index in range(len(letters))] for part in parts])
            for texts, scores in cast:
                total[[parts.index(part) for part in texts]] += scores / len(cast)
            pairs = one_to_one(total)
            if np.mean([total[pair] for pair in pairs]) >= _SAID:
                self.forms_of |= {parts[row]: letters[column] for row, column in pairs}

    def words(self, entry: Entry, what: str) -> dict[str, tuple[str, ...]]:
        """Wordings of the forms, or of the options and special answers, of an entry."""
        if what == OPTION:
            return words_for({**entry.first.options, **self.codebook.special})
        forms: Mapping[str, Form] = self.codebook.forms
        return {letter: (form.label, form.question) for letter, form in forms.items()}

    def expected(self, entry: Entry, what: str) -> Sequence[str]:
        """Options or forms that an entry has in some questionnaire (or in the codebook, if in none)."""
        if what == OPTION:
            return list(entry.first.options)
        forms = {
            variable.form
            for candidate in self.knowns
            for name, variable in entry.variables.items()
            if name in candidate.variables
        }
        return [form for form in self.codebook.forms if not forms or form in forms]

    def named(
        self, family: Family, entry: Entry, meaning: tuple[str, ...]
    ) -> tuple[tuple[dict[str, str], ...], float]:
        """Part -> form or option as in the questionnaire whose names fit best, and the share of its columns found."""
        best: tuple[tuple[dict[str, str], ...], float] = (tuple({} for _ in meaning), 0.0)
        key_of = {column: key for key, column in family.columns.items()}
        for candidate in self.knowns if MENTION not in meaning else ():
            parts: tuple[dict[str, str], ...] = tuple({} for _ in meaning)
            wanted, agreed = 0, 0.0
            for name in entry.variables:
                mapped = candidate.variables.get(name)
                for column, option in _columns_of(mapped) if mapped else ():
                    wanted += option not in self.codebook.special
                    delivered, quality = candidate.delivered.get(column, ("", 0.0))
                    if delivered not in key_of:
                        continue
                    agreed += quality if option not in self.codebook.special else 0
                    for position, what in enumerate(meaning):
                        meant = entry.variables[name].form if what == FORM else option
                        parts[position].setdefault(key_of[delivered][position], str(meant))
            if wanted and agreed / wanted > best[1] and _is_consistent(parts):
                best = (parts, agreed / wanted)
        return best

    def assumed(
        self, family: Family, entry: Entry, position: int, what: str, by_name: dict[str, str]
    ) -> tuple[dict[str, str], str]:
        """Part -> form or option where labels do not identify it: by name, by other families, or by the codes alone."""
        parts = family.parts(position)
        if by_name:
            return by_name, ""
        if what == FORM:
            if set(parts) <= set(self.forms_of):
                return {part: self.forms_of[part] for part in parts}, ""
            return self.forms_by_letter_or_order(parts)
        for candidate in self.knowns:
            options = codes_of(candidate, entry)
            if set(options) and set(parts) == set(options):
                return (
                    options,
                    f"options taken from the codes of {candidate.name}, because no label identifies them",
                )
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
        if FORM not in proposal.meaning:
            return True
        expected = self.expected(proposal.entry, FORM)
        return len(set(proposal.of(FORM).values()) & set(expected)) >= _MOST_HAVE * len(expected)

    def structure(self, family: Family, entry: Entry, meaning: tuple[str, ...]) -> float:
        """1 if the family has as many forms and options as the entry, less the further it is from it."""
        result = 1.0
        for position, what in enumerate(meaning):
            size, wanted = len(family.parts(position)), len(self.expected(entry, what))
            special = len(self.codebook.special) if what == OPTION else 0
            off = min(abs(size - wanted), abs(size - wanted - special))
            result *= max(0.0, 1 - off / wanted)
        return result * self.answers_fit(family, entry)

    def answers_fit(self, family: Family, entry: Entry) -> float:
        """Whether the columns hold as many different codes as such a question has."""
        seen = [self.answers[name] for name in family.columns.values() if name in self.answers]
        codes = [answers.codes for answers in seen if answers.filled]
        if not codes:
            return 1.0
        if any(column_codes is None for column_codes in codes):
            return 0.0
        occurring = set().union(*(column_codes for column_codes in codes if column_codes is not None))
        if entry.first.kind == "answers":
            return 1.0 if len(occurring) <= 2 else 0.0
        values = len(entry.first.values)
        return 1.0 if values - 1 <= len(occurring) <= values + 3 else 0.0


def _counted_parts(parts: Sequence[str]) -> dict[str, str]:
    """Part -> number, of parts that count mentions from 1 on (1, 2 or m1, m2); nothing if they are other words."""
    before, after = around(parts)
    numbers = {part: part[len(before) : len(part) - len(after)] for part in parts}
    return numbers if set(numbers.values()) == {str(index + 1) for index in range(len(parts))} else {}


def _wording_scores(texts: Mapping[str, str], words: Mapping[str, Sequence[str]]) -> np.ndarray:
    """How alike the texts of parts and the wordings of what they may mean are. Shape (parts, meanings)."""
    labels = list(texts.values())
    return np.array(
        [likeness(labels, [clean(word) for word in wordings]).max(axis=1) for wordings in words.values()]
    ).T


def usual(part: str, index: int) -> float:
    """A little that speaks for a part that is the letter or number of a form, where labels leave it open."""
    return 0.02 if part.lower() in (chr(ord("a") + index), str(index + 1), f"{index + 1:02d}") else 0.0


def _columns_of(mapped: object) -> Iterable[tuple[str, str]]:
    """Columns of a mapped variable with their option ("" for one answer)."""
    options = getattr(mapped, "options", {})
    return options.items() if options else [(getattr(mapped, "column", ""), "")]


def codes_of(known: Known, entry: Entry) -> dict[str, str]:
    """Code -> option of an entry in a questionnaire, the special codes among them."""
    mapped = known.questionnaire.variables.get(entry.name)
    if mapped is None or not mapped.options:
        return {}
    special = {
        code: value
        for code, value in known.questionnaire.special.items()
        if mapped.special and value not in mapped.options.values()
    }
    return {**mapped.options, **special}


def _is_consistent(parts: Sequence[Mapping[str, str]]) -> bool:
    """Whether no two parts of a place mean the same."""
    return all(len(set(meanings.values())) == len(meanings) for meanings in parts)
