"""Match the columns of a file with the variables of one table, each at most once, by the largest sum of scores.

Names that a questionnaire documents go first; then questions in many columns, the items before what follows them; then
questions in one column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from disrupting_harm.config import SPECIAL, Codebook, Questionnaire, Variable
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching import codes as meaning
from disrupting_harm.new_country.matching.evidence import (
    Answers,
    Codes,
    Match,
    Matching,
    assigned,
    certainty,
    rivals,
    sentence,
)
from disrupting_harm.new_country.matching.families import Family, around, families
from disrupting_harm.new_country.matching.names import Known, known
from disrupting_harm.new_country.matching.readings import Entry, Reader, Reading
from disrupting_harm.new_country.matching.routing import Routing, cut, routing
from disrupting_harm.new_country.matching.singles import Singles
from disrupting_harm.new_country.matching.words import Words, clean

_FOLLOWED = 0.5
"""A file follows a questionnaire if at least this share of its columns is in it by name."""
_FOLLOWED_IN_CODES = 0.9
"""Its codes are taken for the questionnaire's, where labels say nothing that is understood, only from this share on."""
_MOST_OF = 0.5
"""A question is in the file by name if this share of its columns is."""
_CLEARLY, _NOT_AT_ALL = 0.85, 0.6
"""A label speaks against a name if it is so much like another question, and not even so much like its own."""
_A_NAME_IN_WORDS = re.compile(r"[^\W\d_]{2,}")


def match(
    columns: Mapping[str, Column],
    codebook: Codebook,
    questionnaires: Mapping[str, Questionnaire],
    table: Table = "children",
    answers: Mapping[str, Answers] | None = None,
    rows: int = 0,
) -> Matching:
    """Match a file's `columns` with the variables of one table of the codebook.

    `answers`: what may be known about the answers in each column, if they were read; `rows`: number of respondents.
    """
    knowns = known(questionnaires, codebook, table, list(columns))
    return _Task(columns, codebook, knowns, table, answers or {}, rows).run()


def _text(column: Column) -> str:
    """The wording of a column: its label without its name before it, as in "Q3. Have you ...?", or a name in words."""
    label = column.label.strip()
    if label.casefold().startswith(column.name.casefold()):
        label = label[len(column.name) :].lstrip(" .:)-–_")
    words = _A_NAME_IN_WORDS.findall(column.name)
    return clean(label) or (clean(re.sub(r"[_/]", " ", column.name)) if len(words) > 1 else "")


@dataclass
class _Task:
    """One file and one table of the codebook on their way to matches."""

    columns: Mapping[str, Column]
    codebook: Codebook
    knowns: list[Known]
    table: Table
    answers: Mapping[str, Answers]
    rows: int
    matches: dict[str, Match] = field(default_factory=dict)

    def run(self) -> Matching:
        """Documented names, families, single columns."""
        self.left = [name for name in self.columns if name not in self.set_aside()]
        self.match_documented()
        self.match_families()
        self.add_extra()
        self.match_singles()
        order = {entry.name: index for index, entry in enumerate(self.entries)}
        matches = sorted(self.matches.items(), key=lambda item: order[item[0].split("/")[0]])
        kept = {name: match for name, match in matches if match.certainty != "asked"}
        return Matching(self.table, kept, {n: m for n, m in matches if n not in kept}, self.knowns)

    # What is known of the file

    @cached_property
    def entries(self) -> list[Entry]:
        """The questions of the codebook with their variables."""
        entries: dict[str, dict[str, Variable]] = {}
        for variable in self.codebook.variables(self.table).values():
            entries.setdefault(variable.entry, {})[variable.name] = variable
        return [Entry(name, variables) for name, variables in entries.items()]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Column -> its wording."""
        return {name: _text(column) for name, column in self.columns.items()}

    @cached_property
    def words(self) -> Words:
        """What the words in this file mean."""
        labels = (label for column in self.columns.values() for label in column.labels.values())
        return Words(self.codebook, [*self.texts.values(), *labels])

    @cached_property
    def routing(self) -> Routing:
        """Who was asked what."""
        sizes = [
            len(entry.first.options) for entry in self.entries if entry.depth == 1 and entry.first.options
        ]
        forms = len(self.codebook.forms) if self.table == "children" else 0
        return routing(self.columns, self.answers, self.words.skipped, forms, sizes) if forms else Routing()

    @cached_property
    def followed(self) -> Known | None:
        """The questionnaire whose names the file has."""
        best = self.knowns[0] if self.knowns else None
        return best if best and best.fit >= _FOLLOWED else None

    @cached_property
    def reader(self) -> Reader:
        """What reads families; knows what is matched already."""
        labels = {name: column.labels for name, column in self.columns.items()}
        return Reader(
            self.codebook,
            self.knowns,
            self.words,
            self.texts,
            labels,
            self.answers,
            self.routing,
            self.entries,
        )

    def set_aside(self) -> set[str]:
        """Delivered columns that the questionnaire names as not used."""
        if self.followed is None:
            return set()
        used = {column for mapped in self.followed.variables.values() for column in mapped.columns}
        return {delivered for column, (delivered, _) in self.followed.delivered.items() if column not in used}

    def add(self, key: str, match: Match) -> None:
        """Note a match, and that its columns are taken."""
        self.matches[key] = match
        self.reader.slots |= match.columns
        taken = {*match.columns, *match.extra}
        self.left = [name for name in self.left if name not in taken]

    # Documented names

    def match_documented(self) -> None:
        """Match what has the name that the questionnaire gives it, where its label says nothing else."""
        if self.followed is None:
            return
        for entry in self.entries:
            columns, wanted = self.documented(entry)
            if not columns or len(columns) < _MOST_OF * wanted or self.is_contradicted(entry, columns):
                continue
            codes = self.codes(entry, columns, {})
            reason = f"by {'their names' if len(columns) > 1 else 'its name'} in {self.followed.name}"
            self.add(entry.name, Match(entry.name, columns, "certain", reason, codes, notes=codes.notes))

    def documented(self, entry: Entry) -> tuple[dict[str, tuple[str, str]], int]:
        """The columns of an entry that are in the file by name, and how many there would be."""
        columns: dict[str, tuple[str, str]] = {}
        wanted = 0
        for name in entry.variables:
            mapped = self.followed.variables.get(name) if self.followed else None
            for column, option in (mapped.options or {mapped.column: ""}).items() if mapped else ():
                delivered = self.followed.delivered.get(column, ("", 0.0))[0] if self.followed else ""
                wanted += option not in SPECIAL
                if delivered in self.left:
                    columns[delivered] = (name, option)
        return columns, wanted

    def is_contradicted(self, entry: Entry, columns: Mapping[str, tuple[str, str]]) -> bool:
        """Whether labels that are understood say that columns with the right names hold something else."""
        first = self.columns[next(iter(columns))]
        if entry.first.kind == "answer" and first.labels:
            values = meaning.meanings(first.labels, self.words.of_answers(entry.first))
            others = meaning.meanings(first.labels, self.any_value)
            if (
                meaning.share_matched(entry.first, values) < _MOST_OF
                and len(set(others)) > len(first.labels) / 2
            ):
                return True
        if len(columns) > 1 or not self.texts[first.name]:
            return False
        fits = self.words.alike([self.texts[first.name]], self.about, short=False)[0]
        of_entry = fits[list(self.about).index(entry.name)]
        return bool(of_entry < _NOT_AT_ALL and fits.max() >= _CLEARLY)

    @cached_property
    def any_value(self) -> dict[str, tuple[str, ...]]:
        """Phrases of all answers to all questions."""
        values = {v: text for entry in self.entries for v, text in entry.first.values.items()}
        return self.words.of({**values, **self.codebook.special})

    @cached_property
    def about(self) -> dict[str, list[str]]:
        """Entries in one column and their wordings."""
        singles = [entry for entry in self.entries if not entry.by]
        return {e.name: [text for text in (e.first.label, e.first.question) if text] for e in singles}

    def add_extra(self) -> None:
        """Columns that are left, with names, codes and routing like those of an entry's options: options of its own."""
        around_of = {
            (key, variable): around(names)
            for key, match in self.matches.items()
            for variable, names in match.by_variable.items()
            if len(names) > 1 and self.codebook.variables(self.table)[variable].kind == "answers"
        }
        unclear = Counter(around_of.values())
        for (key, variable), (before, after) in around_of.items():
            if unclear[before, after] > 1 or not before + after:
                continue
            names = self.matches[key].by_variable[variable]
            like_these = re.compile(re.escape(before) + r"\w+" + re.escape(after))
            extra = [name for name in self.left if like_these.fullmatch(name) and self.is_alike(name, names)]
            self.matches[key] = replace(self.matches[key], extra=(*self.matches[key].extra, *extra))
            self.left = [name for name in self.left if name not in extra]

    # Families

    def match_families(self) -> None:
        """Match questions in several columns: items, then what follows them, then what follows that."""
        waiting = [entry for entry in self.entries if entry.by and entry.name not in self.matches]
        if not waiting:
            return
        self.reader.learn_forms([family for places in (2, 1) for family in self.candidates(places)])
        rounds = sorted({(entry.depth, -len(entry.by)) for entry in waiting})
        for depth, places in rounds:
            asked = [entry for entry in waiting if (entry.depth, -len(entry.by)) == (depth, places)]
            self.match_round(asked, self.candidates(-places))

    def candidates(self, places: int) -> list[Family]:
        """Families among the columns that are left."""
        left = set(self.left)
        known = [family for family in self.routing.families if family.places == places]
        if places == 1:
            runs = [run for run in cut(self.left, list(self.columns), self.columns) if len(run) > 2]
            known += [
                Family({(str(number),): name for number, name in enumerate(run, start=1)}) for run in runs
            ]
        return [f for f in [*known, *families(self.left, places)] if set(f.columns.values()) <= left]

    def is_alike(self, name: str, others: Iterable[str]) -> bool:
        """Whether a column has labels and codes that other columns have."""
        codes, labels = meaning.of_columns(
            [self.answers.get(n) for n in others], [self.columns[n].labels for n in others]
        )
        occurring = self.answers[name].codes if name in self.answers else frozenset()
        gates = {gate for n in others if (gate := self.routing.gates.get(n))}
        fits = occurring is not None and (codes is None or occurring <= codes)
        return (
            fits
            and dict(self.columns[name].labels) == labels
            and (not gates or self.routing.gates.get(name) in gates)
        )

    def match_round(self, entries: Sequence[Entry], candidates: Sequence[Family]) -> None:
        """Pair questions and families."""
        readings = [
            _complete_lists([self.checked(self.reader.best(family, entry)) for family in candidates])
            for entry in entries
        ]
        scores = np.array([[reading.score if reading else 0.0 for reading in row] for row in readings])
        if not scores.size:
            return
        columns = [set(family.columns.values()) for family in candidates]
        picked: list[int] = []
        for row, index, _ in sorted(assigned(scores), key=lambda pair: -scores[pair[0], pair[1]]):
            if readings[row][index] and not any(columns[index] & columns[other] for other in picked):
                picked.append(index)
        # Other ways to cut the same columns are no rivals; other columns and other questions are
        free = [
            n for n in range(len(columns)) if n in picked or not any(columns[n] & columns[p] for p in picked)
        ]
        scores = scores[:, free]
        for row, index, lead in assigned(scores):
            reading = readings[row][free[index]]
            if reading and reading.columns.keys() <= set(self.left):
                near = [list(candidates[free[n]].columns.values()) for n in rivals(scores, row, index)]
                match = self.family_match(
                    reading, lead, tuple(f"{names[0]} to {names[-1]}" for names in near)
                )
                self.add(entries[row].name, match)

    def checked(self, reading: Reading | None) -> Reading | None:
        """A reading, if the labels of values that are understood do not speak against it."""
        if reading is None or reading.listed or not self.labels_understood:
            return reading
        if not any(self.columns[name].labels for name in reading.columns):
            return reading
        codes = self.codes(reading.entry, self.named(reading), {})
        if reading.entry.first.kind == "answer":
            return reading if meaning.share_matched(reading.entry.first, codes.values) >= _MOST_OF else None
        return reading if codes.chosen is not None else None

    @cached_property
    def labels_understood(self) -> bool:
        """Whether some labels of values in the file mean something."""
        phrases = self.words.of({"yes": "Yes", "no": "No", **self.codebook.special}) | self.words.chosen()
        labelled = [column.labels for column in self.columns.values() if column.labels]
        return sum(bool(meaning.meanings(labels, phrases)) for labels in labelled) >= 0.2 * len(labelled)

    def named(self, reading: Reading) -> dict[str, tuple[str, str]]:
        """The columns of a reading with their variables."""
        by_form = {variable.form or "": name for name, variable in reading.entry.variables.items()}
        return {
            c: (by_form[form], option) for c, (form, option) in reading.columns.items() if form in by_form
        }

    def family_match(self, reading: Reading, lead: float, near: tuple[str, ...]) -> Match:
        """A reading as a match."""
        columns = self.named(reading)
        codes = self.codes(reading.entry, columns, reading.listed)
        return Match(
            reading.entry.name,
            columns,
            certainty(reading.score, lead, "likely" if reading.by_order else "certain"),
            sentence(reading.clues),
            codes,
            tuple(name for name in reading.extra if self.is_alike(name, columns)),
            near,
            (*reading.notes, *codes.notes),
        )

    # Codes

    def codes(self, entry: Entry, columns: Mapping[str, tuple[str, str]], listed: dict[str, str]) -> Codes:
        """Codes of an entry's columns, or of one variable's."""
        first, kind = self.columns[next(iter(columns))], entry.first.kind
        occurring, labels = meaning.of_columns(
            [self.answers.get(name) for name in columns], [self.columns[name].labels for name in columns]
        )
        as_in, missing, which = self.as_in(columns, bool(labels))
        if listed:
            return Codes(listed=listed, undecided=meaning.in_order((occurring or set()) - set(listed)))
        if kind == "answers":
            is_text = all(self.columns[name].kind == "text" for name in columns)
            return meaning.several_answers(occurring, labels, is_text, self.words)
        if kind == "answer":
            gates = [gate.codes for gate in self.routing.gates.values() if gate.column in columns]
            leading = frozenset().union(*gates) if entry.first.form else frozenset()
            return meaning.one_answer(entry.first, occurring, labels, self.words, as_in, which, leading)
        if kind == "number":
            return meaning.number(
                self.answers.get(first.name), labels, first.missing, self.words, as_in, missing, which
            )
        return Codes()

    def as_in(
        self, columns: Mapping[str, tuple[str, str]], labelled: bool
    ) -> tuple[dict[str, str], tuple[str, ...], str]:
        """Codes (and those of no number) of the questionnaire that the file follows, and its name, if it names them."""
        column, (name, _) = next(iter(columns.items()))
        followed = self.followed
        if followed is None or followed.column_of(name)[0] != column:
            return {}, (), ""
        if labelled and followed.fit < _FOLLOWED_IN_CODES:
            return {}, (), ""
        return dict(followed.variables[name].values), followed.variables[name].missing, followed.name

    # Single columns

    def match_singles(self) -> None:
        """Match what is left: variables in one column."""
        variables = [
            variable
            for entry in self.entries
            if entry.name not in self.matches and entry.first.kind != "answers"
            for variable in entry.variables.values()
        ]
        columns = [self.columns[name] for name in self.left]
        if not variables or not columns:
            return
        singles = Singles(self.words, self.knowns, variables, columns, self.texts, self.answers, self.rows)
        scores = singles.scores()
        for row, index, lead in assigned(scores):
            variable, column = variables[row], columns[index]
            slots = {column.name: (variable.name, "")}
            codes = self.codes(Entry(variable.entry, {variable.name: variable}), slots, {})
            key = variable.entry if variable.entry == variable.name else f"{variable.entry}/{variable.name}"
            self.matches[key] = Match(
                variable.entry,
                slots,
                certainty(scores[row, index], lead),
                sentence(singles.clues(row, index)[0]),
                codes,
                rivals=tuple(columns[rival].name for rival in rivals(scores, row, index)),
                notes=codes.notes,
            )


def _complete_lists(readings: Sequence[Reading | None]) -> list[Reading | None]:
    """Readings of a question, without lists of mentions that leave out some which another of the readings has."""
    lists = [reading.columns.keys() for reading in readings if reading and reading.listed]
    return [
        None
        if reading and reading.listed and any(reading.columns.keys() < other for other in lists)
        else reading
        for reading in readings
    ]
