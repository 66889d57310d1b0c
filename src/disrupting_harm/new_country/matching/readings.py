"""Families of columns read as questions: what each part of the family stands for, and what speaks for it.

In a family P13_1_a ... P13_11_i, what the labels of all columns have in common is the question, what those of one part
have in common is its option or form. Each is compared with the codebook on its own, so that nine columns speak for each
option, and not one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from disrupting_harm.config import Codebook, Variable
from disrupting_harm.new_country.matching.evidence import Answers, Clues, beyond_chance, together
from disrupting_harm.new_country.matching.families import Family, codes_in
from disrupting_harm.new_country.matching.names import Known
from disrupting_harm.new_country.matching.routing import Routing
from disrupting_harm.new_country.matching.words import Words, meanings, one_to_one

_MOST_HAVE = 0.7
"""Share of columns that a word is in, to belong to what they have in common."""
_ALIKE = 0.6
"""A part means an option or form whose wording is at least so alike."""
_FEWEST_LISTED = 0.5
"""Columns list mentions if the labels of their values are at least this share of the options."""
FORM, OPTION, MENTION = "form", "option", "mention"

Parts = dict[str, dict[str, str]]
"""For each place of the names what it stands for (form, option or mention), and part -> form, option or number."""


@dataclass(frozen=True)
class Entry:
    """A question of the codebook with its variables: one, or one for each form."""

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

    @property
    def depth(self) -> int:
        """How far who is asked depends on other answers: 0 on none, 1 on an item, 2 on an option of a follow-up."""
        when = self.first.asked_when or {}
        return 2 if "chosen" in when else 1 if when else 0

    @property
    def opened_by(self) -> tuple[str, str]:
        """Variable (of the first form) and option that lead to this question; "" where there is none."""
        variable, _, option = str((self.first.asked_when or {}).get("chosen", "")).partition("__")
        return variable, option

    @cached_property
    def question(self) -> str:
        """The question without the words about one form."""
        return " ".join(_common([variable.question.split() for variable in self.variables.values()]))


@dataclass(frozen=True)
class Reading:
    """A family as an entry. `columns`: delivered column -> (form, option or mention); "" where the entry has none.

    `extra`: columns whose option is not in the codebook; `listed`: in a list of mentions, code -> option; `by_order`:
    something was taken from the order of the columns alone.
    """

    entry: Entry
    columns: dict[str, tuple[str, str]]
    clues: Clues
    extra: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    listed: dict[str, str] = field(default_factory=dict)
    by_order: bool = False

    @property
    def score(self) -> float:
        """How probable it is."""
        return together(self.clues)


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


@dataclass
class Reader:
    """Reads families.

    `texts`: column -> its wording, from `clean`; `slots`: column -> (variable, option), of what is matched already.
    """

    codebook: Codebook
    knowns: Sequence[Known]
    words: Words
    texts: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    answers: Mapping[str, Answers]
    routing: Routing
    entries: Sequence[Entry]
    slots: dict[str, tuple[str, str]] = field(default_factory=dict)
    forms_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.order = self._confirmed_order()

    def best(self, family: Family, entry: Entry) -> Reading | None:
        """The best reading of a family as an entry; None if nothing speaks for it."""
        listed = self._listed(family, entry)
        by = tuple(MENTION if listed and what == OPTION else what for what in entry.by)
        asked = self._by_routing(family, entry)
        if asked is None:
            return None
        wordings = self._wordings(family)
        read = [
            self._read(family, entry, meaning, wordings, listed, asked)
            for meaning in dict.fromkeys((by, by[::-1]))
        ]
        return max(filter(None, read), key=lambda reading: reading.score, default=None)

    # Forms that parts of names stand for

    def learn_forms(self, families: Iterable[Family]) -> None:
        """Remember which parts of names stand for which forms, as the labels of all families together say it."""
        letters = self._forms()
        votes: dict[frozenset[str], tuple[list[str], np.ndarray, int]] = {}
        for family in sorted(families, key=lambda family: -len(family.columns)):
            for texts in self._wordings(family).parts:
                scores = self.words.alike(list(texts.values()), letters)
                rows, columns = zip(*one_to_one(scores), strict=True) if scores.size else ((), ())
                if len(rows) < len(letters) / 2 or scores[list(rows), list(columns)].mean() < _ALIKE:
                    continue
                known = next((key for key in votes if set(texts) <= key), frozenset(texts))
                parts, total, number = votes.get(known, (sorted(known), 0.0, 0))
                cast = np.zeros((len(parts), len(letters)))
                cast[[parts.index(part) for part in texts]] = scores
                votes[known] = parts, total + cast, number + 1
        for parts, total, number in votes.values():
            usual = np.array([[_usual(part, index) for index in range(len(letters))] for part in parts])
            average = total / number + usual
            pairs = one_to_one(average)
            if np.mean([average[pair] for pair in pairs]) >= _ALIKE:
                self.forms_of |= {parts[row]: list(letters)[column] for row, column in pairs}

    def _forms(self) -> dict[str, tuple[str, ...]]:
        """Wordings of each form."""
        return {letter: (form.label, form.question) for letter, form in self.codebook.forms.items()}

    # Evidence

    def _wordings(self, family: Family) -> _Wordings:
        """What the labels of a family's columns have in common."""
        labels = {key: self.texts[name].split() for key, name in family.columns.items()}
        of_all = _common(labels.values())

        def of_part(position: int, part: str) -> str:
            shared = _common([words for key, words in labels.items() if key[position] == part])
            return " ".join(word for word in shared if word not in of_all)

        parts = ({part: of_part(p, part) for part in family.parts(p)} for p in range(family.places))
        return _Wordings(" ".join(of_all), tuple(parts))

    def _listed(self, family: Family, entry: Entry) -> dict[str, str]:
        """Code -> option, where the labels of values are the options of the entry: each column holds one mention."""
        options = entry.first.options
        labels = {code: text for name in family.columns.values() for code, text in self.labels[name].items()}
        matched = meanings(labels, self.words.of({**options, **self.codebook.special})) if options else {}
        return matched if len(set(matched.values()) & set(options)) >= _FEWEST_LISTED * len(options) else {}

    def _by_routing(self, family: Family, entry: Entry) -> float | None:
        """How strongly who was asked speaks for a reading; None where it speaks against it."""
        names, routing = list(family.columns.values()), self.routing
        if not routing.items or not (entry.first.form or entry.first.kind == "answers"):
            return 0.0
        if entry.first.form and not entry.depth:
            share = sum(name in routing.items for name in names) / len(names)
            return 0.7 * share if share >= _MOST_HAVE else None
        routed = [name for name in names if name in routing.gates]
        if not routed:
            return 0.0
        fits = sum(self._opens(entry, routing.gates[name].column, routing.depth(name)) for name in routed)
        return 0.6 if fits >= _MOST_HAVE * len(routed) else None

    def _opens(self, entry: Entry, gate: str, depth: int) -> bool:
        """Whether a column that decides who is asked may be the one that leads to an entry."""
        variable, option = entry.opened_by
        if depth != entry.depth or not variable or gate not in self.slots:
            return depth == entry.depth
        matched, chosen = self.slots[gate]
        return matched[:-1] == variable[:-1] and chosen == option

    # Reading

    def _read(
        self,
        family: Family,
        entry: Entry,
        meaning: tuple[str, ...],
        wordings: _Wordings,
        listed: dict[str, str],
        asked: float,
    ) -> Reading | None:
        """A family as an entry, its places having this meaning; None if a place has none."""
        parts: Parts = {}
        alike: list[float] = []
        notes: list[str] = []
        for position, (what, texts) in enumerate(zip(meaning, wordings.parts, strict=True)):
            by_item = self._forms_by_item(family, position) if what == FORM else {}
            if what == MENTION:
                parts[what] = _counted_parts(list(texts))
            elif by_item:
                parts[what] = by_item
            else:
                assigned, how = self._by_wording(entry, what, texts)
                if what == OPTION or how > _ALIKE:
                    alike.append(how)
                if len(assigned) < 2 or how < _ALIKE:
                    assigned, note = self._assumed(entry, what, list(texts))
                    notes += [note] if note else []
                parts[what] = assigned
        if not all(parts.values()) or not self._covers_forms(entry, parts):
            return None
        columns, extra = _slots(family, parts)
        clues = {
            "by the wording": self._clue_of_wording(entry, meaning, wordings, alike),
            "by who was asked": asked,
            "by the number of columns": 0.0
            if listed
            else 0.25 * family.places * self._shape(family, entry, meaning),
        }
        if listed:
            covered = set(listed.values()) & set(entry.first.options)
            clues["by the labels of its codes"] = 0.8 * len(covered) / len(entry.first.options)
        return Reading(entry, columns, clues, extra, tuple(notes), listed, by_order=bool(notes))

    def _forms_by_item(self, family: Family, position: int) -> dict[str, str]:
        """Part -> form, by the item that decides who was asked; empty unless each part follows one item."""
        forms: dict[str, str] = {}
        for part in family.parts(position):
            names = [name for key, name in family.columns.items() if key[position] == part]
            items = Counter(item for name in names if (item := self.routing.item_of(name)))
            variable = self.slots.get(items.most_common(1)[0][0], ("", ""))[0] if items else ""
            if variable:
                forms[part] = self.codebook.variables("children")[variable].form or ""
        return forms if len(set(forms.values())) == len(forms) and len(forms) > 1 else {}

    def _by_wording(self, entry: Entry, what: str, texts: Mapping[str, str]) -> tuple[dict[str, str], float]:
        """Part -> form or option according to the labels, and how alike they are over all that the codebook has."""
        words = (
            self._forms() if what == FORM else self.words.of({**entry.first.options, **self.codebook.special})
        )
        parts, meant = list(texts), list(words)
        named = {c: self.codebook.forms[c].name if what == FORM else c for c in words}
        scores = self.words.alike(list(texts.values()), {named[c]: wordings for c, wordings in words.items()})
        pairs = [(row, column) for row, column in one_to_one(scores) if scores[row, column] >= _ALIKE]
        if len(pairs) == len(parts) - 1 == len(meant) - 1:  # one part and one meaning are left for each other
            rows, columns = zip(*pairs, strict=True)
            pairs += [
                ((set(range(len(parts))) - set(rows)).pop(), (set(range(len(meant))) - set(columns)).pop())
            ]
        if what == FORM and set(parts) <= set(self.forms_of):
            pairs = [(row, meant.index(self.forms_of[part])) for row, part in enumerate(parts)]
        expected = self._expected(entry, what)
        matched = sum(float(scores[row, column]) for row, column in pairs if meant[column] in expected)
        return {parts[row]: meant[column] for row, column in pairs}, matched / max(len(expected), 1)

    def _clue_of_wording(
        self, entry: Entry, meaning: Sequence[str], wordings: _Wordings, alike: Sequence[float]
    ) -> float:
        """How strongly labels speak for it: by the question that all columns share, and the options or forms."""
        about = {entry.name: (entry.first.label, entry.question)}
        shared = float(self.words.alike([wordings.question], about).max(initial=0))
        parts = float(np.mean(alike)) if alike else shared if MENTION in meaning else 0.0
        weight = 0.4 if OPTION in meaning else 0.3
        return beyond_chance(weight * shared + (1 - weight) * parts)

    def _expected(self, entry: Entry, what: str) -> Sequence[str]:
        """Options or forms that an entry has in some questionnaire (or in the codebook, if in none)."""
        if what == OPTION:
            return list(entry.first.options)
        asked = {name for known in self.knowns for name in known.variables}
        forms = {variable.form for name, variable in entry.variables.items() if name in asked}
        return [form for form in self.codebook.forms if not forms or form in forms]

    def _covers_forms(self, entry: Entry, parts: Parts) -> bool:
        """Whether a family has most of the forms that the entry has: a part of them is delivered in another way."""
        expected = self._expected(entry, FORM)
        return FORM not in parts or len(set(parts[FORM].values()) & set(expected)) >= _MOST_HAVE * len(
            expected
        )

    def _shape(self, family: Family, entry: Entry, meaning: tuple[str, ...]) -> float:
        """1 if the family has as many forms, options and codes as the entry, less the further it is from it."""
        result = self._codes_fit(family, entry)
        for position, what in enumerate(meaning):
            size, wanted = len(family.parts(position)), len(self._expected(entry, what))
            special = self.special_columns if what == OPTION else (0,)
            off = min(abs(size - wanted - number) for number in special)
            result *= max(0.0, 1 - off / wanted)
        return result

    @cached_property
    def special_columns(self) -> tuple[int, ...]:
        """How many columns of special answers a question may have: as many as most blocks in this file."""
        sizes = [len(family.parts(1)) for family in self.routing.families if family.places > 1]
        options = [
            len(entry.first.options) for entry in self.entries if entry.first.form and entry.first.options
        ]
        possible = range(len(self.codebook.special) + 1)
        fitting = {number: sum(size - number in options for size in sizes) for number in possible}
        most = max(fitting, key=lambda number: fitting[number])
        return (most,) if fitting[most] > 1 else (0, len(self.codebook.special))

    def _codes_fit(self, family: Family, entry: Entry) -> float:
        """Whether the columns hold as many different codes as such a question has."""
        codes = [a.codes for name in family.columns.values() if (a := self.answers.get(name)) and a.filled]
        if not codes:
            return 1.0
        if None in codes:
            return 0.0
        number, values = len(frozenset().union(*filter(None, codes))), len(entry.first.values)
        return float(number <= 2 if entry.first.kind == "answers" else values - 1 <= number <= values + 3)

    # What no label says

    def _assumed(self, entry: Entry, what: str, parts: list[str]) -> tuple[dict[str, str], str]:
        """Part -> form or option where labels do not identify it: by other families, by letters, or by the order."""
        letters = list(self.codebook.forms)
        if what == FORM:
            if set(parts) <= set(self.forms_of):
                return {part: self.forms_of[part] for part in parts}, ""
            if {part.lower() for part in parts} == set(letters):
                return {part: part.lower() for part in parts}, "forms taken from the letters in the names"
            numbers = {part: int(part.lstrip("#")) for part in parts if part.lstrip("#").isdigit()}
            if len(parts) == len(letters) and sorted(numbers.values()) == list(range(1, len(letters) + 1)):
                taken = {part: letters[number - 1] for part, number in numbers.items()}
                return taken, "which form is which was taken from their order, the codebook's"
        elif self.order:
            for options in _orders(self.order, entry):
                if len(options) == len(parts):
                    note = (
                        f"options taken from their order in {self.order.name}, which who was asked confirms"
                    )
                    return dict(zip(parts, options, strict=True)), note
        return {}, ""

    def _confirmed_order(self) -> Known | None:
        """The one questionnaire whose order of options fits the options that decide about further questions."""
        deciding = Counter(gate.column for gate in self.routing.gates.values())
        blocks = [family for family in self.routing.families if family.places > 1]
        fitting = []
        for known in self.knowns:
            opened = {entry.opened_by for entry in self.entries if entry.opened_by[0]}
            if opened and all(self._is_in_order(known, *one, blocks, deciding) for one in opened):
                fitting.append(known)
        return fitting[0] if len(fitting) == 1 else None

    def _is_in_order(
        self, known: Known, variable: str, option: str, blocks: Sequence[Family], deciding: Mapping[str, int]
    ) -> bool:
        """Whether a block of as many columns decides about further questions where this option stands."""
        entry = next(entry for entry in self.entries if variable in entry.variables)
        for family in blocks:
            places = Counter(key[1] for key, name in family.columns.items() if deciding[name])
            for options in _orders(known, entry):
                if option in options and len(options) == len(family.parts(1)) and places:
                    position, times = places.most_common(1)[0]
                    if times >= _MOST_HAVE * places.total() and options[int(position) - 1] == option:
                        return True
        return False


def _orders(known: Known, entry: Entry) -> list[list[str]]:
    """Options of an entry as a questionnaire lists them: with the special answers (also once each), and without."""
    mapped = known.questionnaire.variables.get(entry.name)
    if mapped is None or not mapped.options:
        return []
    special = known.questionnaire.special if mapped.special else {}
    every = list((mapped.options | {c: v for c, v in special.items() if c not in mapped.options}).values())
    return [every, list(dict.fromkeys(every)), [option for option in every if option in entry.first.options]]


def _slots(family: Family, parts: Parts) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """Delivered column -> (form, option or mention), and the columns whose option means nothing in the codebook."""
    columns: dict[str, tuple[str, str]] = {}
    extra: list[str] = []
    for key, column in family.columns.items():
        meant = {what: named.get(part) for part, (what, named) in zip(key, parts.items(), strict=True)}
        if None not in meant.values():
            columns[column] = (meant.get(FORM) or "", meant.get(OPTION) or meant.get(MENTION) or "")
        elif meant.get(FORM, "") is not None:
            extra.append(column)
    return columns, tuple(extra)


def _counted_parts(parts: Sequence[str]) -> dict[str, str]:
    """Part -> number, of parts that count mentions from 1 on (1, 2 or m1, m2); nothing if they are other words."""
    numbers = codes_in(parts)
    return numbers if set(numbers.values()) == {str(index + 1) for index in range(len(parts))} else {}


def _usual(part: str, index: int) -> float:
    """A little that speaks for a part that is the letter or number of a form, where labels leave it open."""
    return 0.02 if part.lower() in (chr(ord("a") + index), str(index + 1), f"{index + 1:02d}") else 0.0
