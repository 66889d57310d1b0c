"""What holds between the counts of a questionnaire by definition: learnt once from made-up respondents, and kept.

The relations follow from the questionnaire and the registry alone, so countries with the same questions share them. A
country whose data contradict a definition (answers where the routing leads nobody) has relations of its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from disrupting_harm.answers.indicators import Evaluator
from disrupting_harm.config.entries.codebook import Codebook, Table
from disrupting_harm.config.entries.registry import Registry
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.protection.audit.counted import (
    EVERYONE,
    Catalogue,
    Columns,
    Label,
    Level,
    Split,
    digest_of,
    labelled_columns,
)
from disrupting_harm.protection.audit.made_up_respondents import made_up_respondents
from disrupting_harm.protection.audit.relations import Relations, matrix, relations_of_all
from disrupting_harm.quality.answering import Interview

MADE_UP = 10_000
SEED = 1
FORMAT = 2

Cell = tuple[Level, int]
"""A column in a level."""


@dataclass(frozen=True)
class Definitions:
    """What is counted of a table with some questions, and what always holds between the counts.

    inside: by level, the relations between the columns that are counted in it; they are one object where they are the
    same for several levels. same: pairs of cells that hold the same count. covers: levels that hold the whole base of
    an estimate, by the place of its base.
    """

    labels: list[Label]
    places: list[int]
    inside: dict[Level, Relations]
    same: list[tuple[Cell, Cell]] = field(default_factory=list)
    covers: set[Cell] = field(default_factory=set)


@dataclass(frozen=True)
class Questions:
    """The questions behind a table: names of the columns of its own table, and of the other one linked to it."""

    table: Table
    of_table: tuple[str, ...]
    linked: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, of_table: Collection[str], linked: Collection[str]) -> Questions:
        """From names of columns, in any order."""
        return cls(table, tuple(sorted(of_table)), tuple(sorted(linked)))


def of_questionnaire(questions: Questions, registry: Registry, codebook: Codebook) -> Definitions:
    """The definitions of a questionnaire, whoever answers it."""
    made = made_up_respondents({*questions.of_table, *questions.linked}, registry, codebook, MADE_UP, SEED)
    unlinked = Evaluator(made.only(questions.of_table), registry, codebook)
    split = Split(unlinked, Evaluator(made.only(made.columns), registry, codebook))
    interview = Interview(questions.table, made.only(questions.of_table), registry, codebook)
    columns = Columns()
    labels: list[Label] = []
    places: list[int] = []
    for label, column in labelled_columns(questions.table, split.linked, interview):
        labels.append(label)
        places.append(columns.add(column))
    return learn(Catalogue(registry, labels, places), columns.values, split.levels, split.breakdowns)


def learn(
    catalogue: Catalogue,
    values: Sequence[np.ndarray],
    levels: dict[Level, np.ndarray],
    breakdowns: Collection[str],
) -> Definitions:
    """What holds between columns, everywhere and in each level, for all respondents that are given."""
    inside: dict[Level, Relations] = {}
    known: dict[tuple[int, ...], Relations] = {}
    narrowing = {by for by in breakdowns if catalogue.registry.breakdowns[by].indicator}
    same: list[tuple[Cell, Cell]] = []
    covers: set[Cell] = set()
    cells: dict[bytes, Cell] = {}
    for level, member in levels.items():
        places = columns_in(catalogue, level)
        columns = [values[index] * member for index in places] if level.by in narrowing else None
        relations = None if columns else known.get(places)
        if relations is None:
            used = columns or [values[index] for index in places]
            relations = relations_of_all(used, families_in(catalogue, places))
            known |= {} if columns else {places: relations}
        inside[level] = relations
        for index in places if level == EVERYONE or columns else ():
            column = values[index] * member if columns else values[index]
            other = cells.setdefault(digest_of(column), (level, index))
            if other != (level, index) and column.any():
                same.append(((level, index), other))
        covers |= {(level, base) for base in bases_in(catalogue, level) if not values[base][~member].any()}
    return Definitions(catalogue.labels, catalogue.places, inside, same, covers)


# --- as far as a country's respondents keep them


def kept_by(
    known: Definitions, registry: Registry, columns: Sequence[np.ndarray], levels: dict[Level, np.ndarray]
) -> tuple[Definitions, np.ndarray]:
    """The definitions that a country's respondents keep, and their columns by place (places x respondents).

    columns: by label; levels: who is in each. Data may contradict a questionnaire (whom a child told is answered where
    nobody was to be asked): then a definition does not hold for them, and what is left of several of them may.
    """
    places, twins = parted(known.places, columns)
    values = np.zeros((max(places) + 1, len(columns[0])), np.uint8)
    values[places] = columns
    catalogue, before = (Catalogue(registry, known.labels, indices) for indices in (places, known.places))
    inside: dict[Level, Relations] = {}
    done: dict[int, Relations] = {}
    for level, relations in known.inside.items():
        columns_here = columns_in(catalogue, level)
        is_narrow = level != EVERYONE and bool(registry.breakdowns[level.by].indicator)
        if is_narrow or id(relations) not in done:
            wider = widened(relations, columns_in(before, level), columns_here, twins)
            done[id(relations)] = wider.kept_by(
                values[list(columns_here)] * (levels[level] if is_narrow else np.uint8(1))
            )
        inside[level] = done[id(relations)]
    same = [(one, other) for one, other in known.same if hold_the_same(values, levels, one, other)]
    covers = {(level, base) for level, base in known.covers if not values[base][~levels[level]].any()}
    return Definitions(known.labels, places, inside, same, covers), values


def parted(places: list[int], columns: Sequence[np.ndarray]) -> tuple[list[int], dict[int, int]]:
    """Places of columns, new ones for those that were the same by definition and are not; new places to old ones."""
    first: dict[int, bytes] = {}
    other: dict[tuple[int, bytes], int] = {}
    twins: dict[int, int] = {}
    new_places = []
    for index, column in zip(places, columns, strict=True):
        key = digest_of(column.astype(np.uint8))
        if first.setdefault(index, key) != key:
            new = other.setdefault((index, key), max(places) + 1 + len(other))
            twins[new] = index
            index = new
        new_places.append(index)
    return new_places, twins


def widened(
    relations: Relations, before: tuple[int, ...], after: tuple[int, ...], twins: dict[int, int]
) -> Relations:
    """Relations between columns `before` as relations between columns `own`, of which some are twins."""
    order = {column: position for position, column in enumerate(after)}
    moved = [order[column] for column in before]
    more = [[(order[new], 1), (order[twins[new]], -1)] for new in after if new in twins]
    shape = len(before), len(after)
    move = sparse.csr_matrix((np.ones(len(before)), (range(len(before)), moved)), shape)
    equal = sparse.vstack([relations.equal @ move, matrix(more, len(after))], format="csr")
    return Relations(equal, (relations.at_most @ move).tocsr())


def hold_the_same(values: np.ndarray, levels: dict[Level, np.ndarray], one: Cell, other: Cell) -> bool:
    """Whether two cells hold the same respondents."""
    (first, a), (second, b) = one, other
    return not (values[a] * levels[first] != values[b] * levels[second]).any()


def columns_in(catalogue: Catalogue, level: Level) -> tuple[int, ...]:
    """Places of the columns that are counted in a level."""
    if level == EVERYONE:
        return tuple(range(max(catalogue.places) + 1))
    return catalogue.columns_of(catalogue.asked_by(level.by))


def bases_in(catalogue: Catalogue, level: Level) -> set[int]:
    """Places of the bases of the estimates that may be asked for in a level below everyone."""
    return set() if level == EVERYONE else {estimate.base for estimate in catalogue.asked_by(level.by)}


def families_in(catalogue: Catalogue, columns: tuple[int, ...]) -> list[list[int]]:
    """Families that lie among some columns, in their numbering."""
    order = {column: position for position, column in enumerate(columns)}
    return [[order[one] for one in family] for family in catalogue.families if set(family) <= set(order)]


# --- as a file


def write(tables: dict[str, Definitions], path: Path) -> None:
    """Write the definitions of the tables of a questionnaire atomically."""
    arrays: dict[str, Any] = {}
    about = {"format": FORMAT, "tables": {name: described(one, name, arrays) for name, one in tables.items()}}
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)


def described(definitions: Definitions, name: str, arrays: dict[str, np.ndarray]) -> dict[str, object]:
    """Definitions as plain values; their matrices go to `arrays`, each once."""
    numbers: dict[int, int] = {}
    for relations in definitions.inside.values():
        if id(relations) not in numbers:
            number = numbers[id(relations)] = len(numbers)
            for kind in ("equal", "at_most"):
                matrix = getattr(relations, kind)
                arrays |= {
                    f"{name}/{number}/{kind}/{part}": np.asarray(getattr(matrix, part))
                    for part in ("data", "indices", "indptr", "shape")
                }
    return {
        "labels": definitions.labels,
        "places": definitions.places,
        "inside": [[*level, numbers[id(relations)]] for level, relations in definitions.inside.items()],
        "same": definitions.same,
        "covers": sorted(definitions.covers),
    }


def read(path: Path) -> dict[str, Definitions]:
    """Read what `write` has written. Raises FileNotFoundError, and ValueError for a file of another kind."""
    with np.load(path, allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        if about["format"] != FORMAT:
            raise ValueError(f"{path.name} was written by another version; delete it and run again")
        return {name: restored(entry, name, file) for name, entry in about["tables"].items()}


def restored(entry: dict[str, Any], name: str, arrays: dict[str, np.ndarray]) -> Definitions:
    """Definitions from what `described` made of them."""

    def matrix(number: int, kind: str) -> sparse.csr_matrix:
        parts = {
            part: arrays[f"{name}/{number}/{kind}/{part}"] for part in ("data", "indices", "indptr", "shape")
        }
        return sparse.csr_matrix(
            (parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"])
        )

    numbers = dict.fromkeys(number for *_, number in entry["inside"])
    known = {number: Relations(matrix(number, "equal"), matrix(number, "at_most")) for number in numbers}
    return Definitions(
        [Label(*label) for label in entry["labels"]],
        entry["places"],
        {Level(*level): known[number] for *level, number in entry["inside"]},
        [((Level(*one), a), (Level(*other), b)) for (one, a), (other, b) in entry["same"]],
        {(Level(*level), base) for level, base in entry["covers"]},
    )
