"""Who was asked what, seen in the answers: columns that are filled only where another column has certain codes.

So the forms of abuse and the blocks of questions that follow each are known without a name or a label. Nothing about a
respondent leaves this module: only which column decides about which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from disrupting_harm.delivered.formats import Column
from disrupting_harm.new_country.matching.evidence import Answers
from disrupting_harm.new_country.matching.families import Family

_MOST_CODES = 12
_FEWEST_ASKED = 5
_ASKED_OF_ALL = 0.98
_LEADS = 0.8
"""A code leads to a question if at least this share of those who gave it answered it ..."""
_LEADS_NOT = 0.05
"""... and no other code does beyond this share."""
_SCALE = 4
"""An item that is asked "how often" has at least so many codes."""
_FEWEST_IN_SET = 3
_MOST_OF_RUN = 0.8
_GROUP = re.compile(r"/| - |: |\? ")
_WORD = re.compile(r"[^\W_]+")


class Gate(NamedTuple):
    """The column that decides who is asked, and the codes that lead to the question."""

    column: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Routing:
    """Column -> what decides who is asked it; `items`: columns of forms in their order; `families`: blocks by item."""

    gates: dict[str, Gate] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()

    def item_of(self, column: str) -> str:
        """The item that a follow-up is about, directly or through another follow-up; "" if there is none."""
        gate = self.gates.get(column)
        if gate is None:
            return ""
        return gate.column if gate.column in self.items else self.item_of(gate.column)

    def depth(self, column: str) -> int:
        """0 if everybody is asked, 1 if an item decides, 2 if an answer to a follow-up does."""
        gate = self.gates.get(column)
        return 1 + self.depth(gate.column) if gate else 0


def routing(
    columns: Mapping[str, Column],
    answers: Mapping[str, Answers],
    skipped: Callable[[Mapping[str, str]], set[str]],
    forms: int,
    sizes: Sequence[int],
) -> Routing:
    """What decides about which column; `skipped`: codes that mean "not asked"; `sizes`: options of the follow-ups."""
    coded = {name: answers[name] for name in columns if name in answers}
    rows = {name: answer.by_row for name, answer in coded.items() if answer.by_row is not None}
    if not rows:
        return Routing()
    filled = {name: _filled(coded[name], rows[name], skipped(columns[name].labels)) for name in rows}
    sets = list(_asked_together(columns, filled, coded))
    gates = _gates(rows, coded, filled, sets)
    items = _items(columns, coded, rows, gates, forms)
    result = Routing(gates, items)
    return Routing(gates, items, tuple(_families(columns, result, sizes)))


def _filled(answers: Answers, by_row: np.ndarray, skipped: set[str]) -> np.ndarray:
    """Where a column holds an answer."""
    without = [position for position, code in enumerate(answers.listed) if code in skipped]
    return (by_row >= 0) & ~np.isin(by_row, without)


def _asked_together(
    columns: Mapping[str, Column], filled: Mapping[str, np.ndarray], coded: Mapping[str, Answers]
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Columns that the same respondents were asked, and who was; options that are only ticked are looked at as one."""
    answered = [name for name in columns if name in filled and filled[name].any()]
    masks = {name: np.packbits(filled[name]).tobytes() for name in answered}
    of_several = {masks[name] for name in answered if len(coded[name].listed) != 1 or filled[name].all()}
    by_mask: dict[bytes, list[str]] = {}
    for name in answered:
        if masks[name] in of_several:
            by_mask.setdefault(masks[name], []).append(name)
    for names in by_mask.values():
        yield names, filled[names[0]]
    ticked = [name for name in answered if masks[name] not in of_several]
    for names in cut(ticked, answered, columns):
        yield names, np.any([filled[name] for name in names], axis=0)


def _gates(
    rows: Mapping[str, np.ndarray],
    coded: Mapping[str, Answers],
    filled: Mapping[str, np.ndarray],
    sets: Sequence[tuple[list[str], np.ndarray]],
) -> dict[str, Gate]:
    """What decides about each set of columns that only some were asked."""
    partial = [
        (names, asked) for names, asked in sets if _FEWEST_ASKED <= asked.sum() < _ASKED_OF_ALL * len(asked)
    ]
    if not partial:
        return {}
    masks = np.array([asked for _, asked in partial], dtype=np.float32)
    best = [(0.0, Gate("", frozenset()))] * len(partial)
    for name, by_row in rows.items():
        listed = coded[name].listed
        if not 1 <= len(listed) <= _MOST_CODES:
            continue
        one_hot = (by_row[:, None] == np.arange(len(listed))).astype(np.float32)
        given, asked = one_hot.sum(axis=0), masks @ one_hot
        share = asked / np.maximum(given, 1)
        for index, (names, _) in enumerate(partial):
            leads = share[index] >= _LEADS
            others_empty = bool(leads.all()) and filled[name].sum() == given.sum() and len(listed) > 1
            if not leads.any() or others_empty or name in names or (share[index][~leads] > _LEADS_NOT).any():
                continue
            covered = asked[index][leads].sum()
            alike = covered / (masks[index].sum() + given[leads].sum() - covered)
            if alike >= _LEADS and alike > best[index][0] + 0.005:
                codes = frozenset(code for code, lead in zip(listed, leads, strict=True) if lead)
                best[index] = (float(alike), Gate(name, codes))
    return {
        name: gate
        for (names, _), (_, gate) in zip(partial, best, strict=True)
        if gate.column
        for name in names
    }


def _items(
    columns: Mapping[str, Column],
    coded: Mapping[str, Answers],
    rows: Mapping[str, np.ndarray],
    gates: Mapping[str, Gate],
    forms: int,
) -> tuple[str, ...]:
    """The columns of the forms in their order: those that decide about blocks, and alike ones beside.

    The others are forms that too few were subjected to for follow-ups; a scale beside them of which many gave another
    answer than never is none. Fewer than all forms are no reason to guess which: their wording has to say it.
    """
    order = list(columns)
    asked = Counter(gate.column for gate in gates.values())
    deciding = [name for name in order if asked[name] >= _FEWEST_IN_SET and len(coded[name].listed) >= _SCALE]
    usual = Counter(tuple(columns[name].labels.items()) for name in deciding).most_common(1)
    deciding = [name for name in deciding if tuple(columns[name].labels.items()) == usual[0][0]]
    if len(deciding) < forms / 2 or len(deciding) > forms:
        return ()
    if len(deciding) == forms:
        return tuple(deciding)
    leading = frozenset().union(*(gate.codes for gate in gates.values() if gate.column in deciding))
    kind = columns[deciding[0]].labels, frozenset().union(*(coded[name].listed for name in deciding))

    def alike(name: str) -> bool:
        codes = coded[name].listed if name in rows else ()
        given = [position for position, code in enumerate(codes) if code in leading]
        is_rare = len(codes) > 0 and np.isin(rows[name], given).sum() < 2 * _FEWEST_ASKED
        return is_rare and columns[name].labels == kind[0] and set(codes) <= kind[1] and name not in gates

    between = order[order.index(deciding[0]) : order.index(deciding[-1]) + 1]
    before = _while_alike(order[: order.index(deciding[0])][::-1], alike)
    after = _while_alike(order[order.index(deciding[-1]) + 1 :], alike)
    run = [*before[::-1], *between, *after]
    if len(run) == forms and all(name in deciding or alike(name) for name in run):
        return tuple(run)
    return tuple(deciding)


def _while_alike(names: Sequence[str], alike: Callable[[str], bool]) -> list[str]:
    """The first names, as long as they are alike."""
    stop = next((index for index, name in enumerate(names) if not alike(name)), len(names))
    return list(names[:stop])


# Blocks


def _families(columns: Mapping[str, Column], known: Routing, sizes: Sequence[int]) -> Iterator[Family]:
    """The items, and blocks of follow-ups that are of the same size after each item."""
    if not known.items:
        return
    yield Family({(f"#{number}",): name for number, name in enumerate(known.items, start=1)}, by_routing=True)
    order = list(columns)
    blocks: dict[tuple[int, int, int], dict[int, list[str]]] = {}
    for number, item in enumerate(known.items, start=1):
        of_item = [name for name in order if known.item_of(name) == item]
        met: Counter[tuple[int, int]] = Counter()
        for _, same_gate in groupby(of_item, key=lambda name: known.gates[name]):
            for names in _split(cut(list(same_gate), order, columns), sizes):
                kind = known.depth(names[0]), len(names)
                blocks.setdefault((*kind, met[kind]), {})[number] = names
                met[kind] += 1
    for by_item in blocks.values():
        if len(by_item) > len(known.items) / 2:
            yield Family(
                {
                    (f"#{number}", str(position)): name
                    for number, names in by_item.items()
                    for position, name in enumerate(names, start=1)
                },
                by_routing=True,
            )


def cut(names: Sequence[str], order: Sequence[str], columns: Mapping[str, Column]) -> list[list[str]]:
    """Names in runs that stand side by side in the file, cut where wording, values or the build of names changes."""
    position = {name: index for index, name in enumerate(order)}
    runs: list[list[str]] = []
    for name in names:
        if runs and position[name] == position[runs[-1][-1]] + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    cues: list[Callable[[str], object]] = [
        lambda name: tuple(columns[name].labels.items()),
        lambda name: tuple(_WORD.findall(columns[name].label)[:2]),
        lambda name: _GROUP.split(name)[:-1],
        lambda name: _WORD.findall(name)[:-1],
        lambda name: [*_WORD.findall(name)[:-2], *_WORD.findall(name)[-1:]],
    ]
    for cue in cues:
        runs = [piece for run in runs for piece in _pieces(run, cue)]
    return runs


def _pieces(run: list[str], cue: Callable[[str], object]) -> list[list[str]]:
    """A run cut where a cue changes, unless most pieces that come out are too small to be questions."""
    pieces = [list(names) for _, names in groupby(run, key=cue)]
    large = sum(len(piece) for piece in pieces if len(piece) >= _FEWEST_IN_SET)
    return pieces if large >= _MOST_OF_RUN * len(run) else [run]


def _split(runs: Sequence[list[str]], sizes: Sequence[int]) -> Iterator[list[str]]:
    """Runs that hold several questions of known sizes, one after the other, each with as many special answers."""
    for run in runs:
        special, rest = divmod(len(run) - sum(sizes), len(sizes)) if sizes else (0, 1)
        if rest == 0 and special in (0, 1, 2):
            for size in sizes:
                yield run[: size + special]
                run = run[size + special :]
        else:
            yield run
