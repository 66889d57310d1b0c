"""Match the columns of a file with the variables of one table, each at most once, by the largest sum of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from disrupting_harm.config import SPECIAL, Codebook, Questionnaire, Variable
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching import codes as meaning
from disrupting_harm.new_country.matching.clues import (
    CLEAR_LEAD,
    CONSIDERED,
    Answers,
    Confidence,
    confidence,
    reason_of,
)
from disrupting_harm.new_country.matching.codes import Codes
from disrupting_harm.new_country.matching.families import Family, around, families
from disrupting_harm.new_country.matching.groups import FORM, MENTION, OPTION, Entry, Proposal, Proposer
from disrupting_harm.new_country.matching.names import Known, known
from disrupting_harm.new_country.matching.singles import Singles
from disrupting_harm.new_country.matching.wording import one_to_one

_WORDS = {FORM: "{form}", OPTION: "{code}", MENTION: "{mention}"}
_USUAL = 0.5
"""A file follows a questionnaire if at least this share of its columns is in it by name."""


@dataclass(frozen=True)
class Match:
    """One question of the codebook and the columns that hold it.

    `columns`: (variable, option) -> delivered column; the option is "" where there is one answer, and a number where a
    column lists a mention. `pattern`: how the names are built, for people; `options`: code -> option; `parts`: part of
    the names -> form; `mentions`: number of mentions in a list; `undecided_options`: codes in the names that mean
    nothing in the codebook; `rivals`: others that fit nearly as well; `notes`: what to check.
    """

    entry: str
    columns: dict[tuple[str, str], str]
    pattern: str
    confidence: Confidence
    reason: str
    codes: Codes = field(default_factory=Codes)
    options: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    mentions: int = 0
    undecided_options: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def first_column(self) -> str:
        """The first of its columns."""
        return next(iter(self.columns.values()))


@dataclass(frozen=True)
class Matching:
    """All matches of a file. `unsure`: likely no more than a guess, or one of several; nothing may be built on them."""

    table: Table
    matches: dict[str, Match]
    unsure: dict[str, Match]
    knowns: list[Known]

    @property
    def of_column(self) -> dict[str, tuple[Match, str, str]]:
        """Delivered column -> its match, variable and option."""
        return {
            column: (match, variable, option)
            for match in [*self.unsure.values(), *self.matches.values()]
            for (variable, option), column in match.columns.items()
        }


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
    task = _Task(
        columns, codebook, known(questionnaires, codebook, table, list(columns)), table, answers or {}, rows
    )
    return task.run()


def _without_own_name(column: Column) -> Column:
    """A column whose label does not begin with its name, as labels often do: "Q3. Have you ...?"."""
    label = column.label.strip()
    if label.casefold().startswith(column.name.casefold()):
        label = label[len(column.name) :].lstrip(" .:)-–_")
    return replace(column, label=label)


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
        """Families of two places first, then of one, then single columns."""
        self.columns = {name: _without_own_name(column) for name, column in self.columns.items()}
        self.proposer = Proposer(self.codebook, self.knowns, self.columns, self.answers)
        aside = self.set_aside()
        self.left = [name for name in self.columns if name not in aside]
        entries = self.entries()
        self.match_all_families(entries)
        self.match_singles()
        sure = {name: match for name, match in self.matches.items() if match.confidence != "unsure"}
        unsure = {name: match for name, match in self.matches.items() if name not in sure}
        order = {entry.name: index for index, entry in enumerate(entries)}
        in_order = dict(sorted(sure.items(), key=lambda item: order[item[0].split("/")[0]]))
        return Matching(self.table, in_order, unsure, self.knowns)

    def set_aside(self) -> set[str]:
        """Delivered columns that the questionnaire names as not used."""
        best = self.knowns[0] if self.knowns else None
        if best is None or best.fit < _USUAL:
            return set()
        used = {column for mapped in best.variables.values() for column in mapped.columns}
        return {delivered for column, (delivered, _) in best.delivered.items() if column not in used}

    def entries(self) -> list[Entry]:
        """The questions of the codebook with their variables."""
        entries: dict[str, dict[str, Variable]] = {}
        for variable in self.codebook.variables(self.table).values():
            entries.setdefault(variable.entry, {})[variable.name] = variable
        return [Entry(name, variables) for name, variables in entries.items()]

    # Families

    def match_all_families(self, entries: Sequence[Entry]) -> None:
        """Match questions delivered in several columns: a first time to learn which parts are forms, then for good."""
        for learning in (True, False):
            free: list[str] = list(self.left)
            learnt: list[Proposal] = []
            for places in (2, 1):
                of_places = [entry for entry in entries if len(entry.by) == places]
                proposals = self.match_families(of_places, families(free, places), learning)
                learnt += proposals
                taken = {name for proposal in proposals for name in proposal.slots().values()}
                free = [name for name in free if name not in taken]
            self.proposer.learn_forms(learnt)
        self.left = free

    def match_families(
        self, entries: Sequence[Entry], candidates: Sequence[Family], learning: bool
    ) -> list[Proposal]:
        """Pair questions and families; while learning nothing is noted as found."""
        if not entries or not candidates:
            return []
        proposals = [
            [self.checked(proposal) for proposal in row] for row in self.proposer.propose(entries, candidates)
        ]
        scores = np.array([[proposal.score if proposal else 0.0 for proposal in row] for row in proposals])
        kept: list[Proposal] = []
        taken: set[str] = set()
        for row, column, lead in sorted(_assigned(scores), key=lambda pair: -scores[pair[0], pair[1]]):
            proposal = proposals[row][column]
            columns = set(proposal.slots().values()) if proposal else set()
            if proposal is None or not columns or columns & taken:
                continue
            taken |= columns
            kept.append(proposal)
            if not learning:
                near = [candidates[rival] for rival in rivals(scores, row, column)]
                others = [family.name(*["{...}"] * family.places) for family in near]
                self.matches[proposal.entry.name] = self.family_match(proposal, lead, others)
        return kept

    def checked(self, proposal: Proposal | None) -> Proposal | None:
        """A proposal, if the labels of values do not speak against it."""
        if proposal is None or proposal.listed or not self.labels_understood:
            return proposal
        if not any(self.columns[name].labels for name in proposal.slots().values()):
            return proposal
        codes = self.codes_of(proposal)
        if proposal.entry.first.kind == "answer":
            return proposal if meaning.share_matched(proposal.entry.first, codes.values) >= 0.5 else None
        return proposal if codes.chosen is not None else None

    @cached_property
    def labels_understood(self) -> bool:
        """Whether some labels of values in the file mean something in the codebook's language."""
        words = meaning.words_for({"yes": "Yes", "no": "No", **self.codebook.special}) | meaning.CHOSEN
        labelled = [column.labels for column in self.columns.values() if column.labels]
        return sum(bool(meaning.meanings(labels, words)) for labels in labelled) >= 0.2 * len(labelled)

    def codes_of(self, proposal: Proposal) -> Codes:
        """Codes of a family's columns."""
        names = list(proposal.slots().values())
        occurring, labels = meaning.of_columns(
            [self.answers.get(name) for name in names], [self.columns[name].labels for name in names]
        )
        if proposal.listed:
            return Codes(undecided=meaning.in_order((occurring or set()) - set(proposal.listed)))
        if proposal.entry.first.kind == "answers":
            is_text = all(self.columns[name].kind == "text" for name in names)
            return meaning.several_answers(occurring, labels, is_text, self.codebook.special)
        slots = {form: name for (form, _), name in proposal.slots().items()}
        as_in, which = self.as_in(
            {n: slots.get(v.form or "", "") for n, v in proposal.entry.variables.items()}
        )
        return meaning.one_answer(
            proposal.entry.first, occurring, labels, self.codebook.special, as_in, which
        )

    def as_in(self, columns: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Codes of the questionnaire in which the columns of some variables bear these names; and which it is."""
        for candidate in self.knowns:
            for name, column in columns.items():
                if column and candidate.column_of(name)[0] == column:
                    return dict(candidate.variables[name].values), candidate.name
        return {}, ""

    def family_match(self, proposal: Proposal, lead: float, others: Sequence[str]) -> Match:
        """A proposal as a match."""
        family, entry = proposal.family, proposal.entry
        by_form = {variable.form or "": name for name, variable in entry.variables.items()}
        words = [
            _WORDS[what].join(around(family.parts(position)) if what == MENTION else ("", ""))
            for position, what in enumerate(proposal.parts)
        ]
        columns = {
            (by_form[form], option): column
            for (form, option), column in proposal.slots().items()
            if form in by_form
        }
        codes = self.codes_of(proposal)
        return Match(
            entry=entry.name,
            columns=columns,
            pattern=family.name(*words),
            confidence=confidence(proposal.score, lead),
            reason=reason_of(proposal.clues),
            codes=codes,
            options=proposal.listed or proposal.of(OPTION),
            mentions=len(proposal.of(MENTION)),
            parts=proposal.of(FORM),
            undecided_options=proposal.undecided_options(),
            rivals=tuple(others),
            notes=(*proposal.notes, *codes.notes),
        )

    # Single columns

    def match_singles(self) -> None:
        """Match what is left: variables in one column."""
        variables = {
            variable.name: variable
            for entry in self.entries()
            if entry.name not in self.matches
            for variable in entry.variables.values()
            if variable.kind != "answers"
        }
        columns = {name: self.columns[name] for name in self.left}
        if not variables or not columns:
            return
        singles = Singles(self.codebook, self.knowns, variables, columns, self.answers, self.rows)
        scores = singles.scores()
        names, delivered = list(variables), list(columns)
        for row, index, lead in _assigned(scores):
            variable, column = variables[names[row]], columns[delivered[index]]
            codes = self.single_codes(variable, column)
            self.matches[self.key(variable)] = Match(
                entry=variable.entry,
                columns={(variable.name, ""): column.name},
                pattern=column.name,
                confidence=confidence(scores[row, index], lead),
                reason=singles.reason(row, index),
                codes=codes,
                rivals=tuple(delivered[rival] for rival in rivals(scores, row, index)),
                notes=codes.notes,
            )
        self.join_forms()

    @staticmethod
    def key(variable: Variable) -> str:
        """Name of a single match: the entry, and the variable where the entry has several."""
        return variable.entry if variable.entry == variable.name else f"{variable.entry}/{variable.name}"

    def single_codes(self, variable: Variable, column: Column) -> Codes:
        """Codes of one column."""
        answers = self.answers.get(column.name)
        as_in, which = self.as_in({variable.name: column.name})
        if variable.kind == "answer":
            occurring, labels = meaning.of_columns([answers], [column.labels])
            return meaning.one_answer(variable, occurring, labels, self.codebook.special, as_in, which)
        if variable.kind == "number":
            missing = next(
                (known.variables[variable.name].missing for known in self.knowns if known.name == which), ()
            )
            return meaning.number(
                answers, column.labels, column.missing, self.codebook.special, as_in, missing, which
            )
        return Codes()

    def join_forms(self) -> None:
        """One match a question, where its forms were matched one by one and their codes agree."""
        for entry in self.entries():
            keys = [f"{entry.name}/{name}" for name in entry.variables]
            parts = [self.matches[key] for key in keys if key in self.matches]
            if len(parts) < 2 or any(part.confidence == "unsure" for part in parts):
                continue
            values = {code: value for part in parts for code, value in part.codes.values.items()}
            if any(values[code] != value for part in parts for code, value in part.codes.values.items()):
                continue
            for key in keys:
                self.matches.pop(key, None)
            self.matches[entry.name] = _joined(parts, values)


def _joined(parts: Sequence[Match], values: dict[str, str]) -> Match:
    """Matches of single forms as one match of the question."""
    seen = [set(part.codes.values.values()) - set(part.codes.never_seen) for part in parts]
    never = tuple(v for v in dict.fromkeys(values.values()) if v not in set().union(*seen) | set(SPECIAL))
    undecided = tuple(
        dict.fromkeys(code for part in parts for code in part.codes.undecided if code not in values)
    )
    weakest = min(parts, key=lambda part: ("likely", "sure").index(part.confidence))
    return replace(
        weakest,
        columns={slot: column for part in parts for slot, column in part.columns.items()},
        pattern=", ".join(part.pattern for part in parts),
        codes=replace(weakest.codes, values=values, never_seen=never, undecided=undecided),
        rivals=tuple(dict.fromkeys(rival for part in parts for rival in part.rivals)),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


# Assignment


def _assigned(scores: np.ndarray) -> list[tuple[int, int, float]]:
    """Rows and columns that belong together, and by how much each pair is ahead of others that could take its place."""
    considered = np.where(scores >= CONSIDERED, scores, 0.0)
    pairs = [(row, column) for row, column in one_to_one(considered) if considered[row, column]]
    of_row, of_column = np.zeros(scores.shape[0]), np.zeros(scores.shape[1])
    for row, column in pairs:
        of_row[row] = of_column[column] = scores[row, column]
    # What contests a pair: another column for its row, or another row for its column, that has no better place
    rows, columns = (
        np.where(of_column <= scores, scores, 0.0),
        np.where(of_row[:, None] <= scores, scores, 0.0),
    )
    return [
        (
            row,
            column,
            scores[row, column]
            - max(
                np.delete(rows[row], column).max(initial=0), np.delete(columns[:, column], row).max(initial=0)
            ),
        )
        for row, column in pairs
    ]


def rivals(scores: np.ndarray, row: int, column: int) -> list[int]:
    """Other columns of a row that fit nearly as well."""
    fewest = max(CONSIDERED, scores[row, column] - CLEAR_LEAD)
    near = [rival for rival in np.flatnonzero(scores[row] >= fewest).tolist() if rival != column]
    return sorted(near, key=lambda rival: -scores[row, rival])[:4]
