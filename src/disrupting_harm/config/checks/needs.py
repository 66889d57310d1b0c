"""Codebook variables that the registry needs and that no country delivers: a slip, and not "not asked"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from disrupting_harm.config.entries.codebook import TABLES, Codebook, Table
from disrupting_harm.config.entries.conditions import Entry, read, walk
from disrupting_harm.config.entries.grammar import Condition
from disrupting_harm.config.entries.placeholders import fill
from disrupting_harm.config.entries.registry import Registry, trees
from disrupting_harm.config.files.problems import Problem, nearest
from disrupting_harm.config.files.yaml_file import YamlFile

Place = tuple[str, str]
"""Section and name of an entry in config/indicators.yaml."""


def delivered_nowhere(
    source: YamlFile, registry: Registry, codebook: Codebook, mapped: Mapping[Table, Set[str]]
) -> Iterator[Problem]:
    """One problem for each variable that the registry in `source` needs and that is not `mapped`, for no form.

    `mapped`: names of the variables, or of their entries in the codebook, that some questionnaire or country maps.
    What only some countries lack is "not asked" there, and no problem.
    """
    entries = {table: mapped_entries(codebook, table, names) for table, names in mapped.items()}
    for (table, entry), places in needed(registry, codebook).items():
        if entry not in entries[table]:
            what = f"needs {entry}, which no questionnaire and no country maps"
            hint = "Map it in config/questionnaires/ or config/countries/, or remove what needs it."
            if len(places) > 1:
                hint += f" It is also needed by {', '.join('.'.join(path) for path in places[1:])}."
            yield source.problem(places[0], what, nearest(entry, entries[table]), hint)


def mapped_entries(codebook: Codebook, table: Table, names: Set[str]) -> set[str]:
    """Entries of the codebook that are mapped as a whole or for some form."""
    return {
        variable.entry
        for variable in codebook.variables(table).values()
        if {variable.entry, variable.name} & names
    }


def needed(registry: Registry, codebook: Codebook) -> dict[tuple[Table, str], list[Place]]:
    """Table and codebook entry -> the indicators and breakdowns that need it."""
    needing: dict[tuple[Table, str], list[Place]] = {}
    for table, name, path in asked_for(registry):
        variable = codebook.variables(table).get(name)
        places = needing.setdefault((table, variable.entry), []) if variable else []
        if path not in places:
            places.append(path)
    return needing


def asked_for(registry: Registry) -> Iterator[tuple[Table, str, Place]]:
    """Table and variable that each indicator and breakdown asks for, and its path in the file."""
    for indicator in registry.indicators.values():
        path = ("indicators", indicator.entry)
        for tree in trees(indicator):
            yield from ((indicator.table, name, path) for name in variables(tree, registry))
        averaged = indicator.mean.variables if indicator.mean else []
        yield from ((indicator.table, name, path) for name in averaged)
    for name, breakdown in registry.breakdowns.items():
        for table in TABLES:
            yield table, breakdown.variable or breakdown.number or "", ("breakdowns", name)


def variables(tree: Condition, registry: Registry) -> Iterator[str]:
    """Names of the variables that a condition asks for, through the conditions that it names."""
    for operation in walk(read(fill(tree, {"form": "a"}))):
        if isinstance(operation, Entry) and operation.name in registry.conditions:
            yield from variables(registry.conditions[operation.name], registry)
        yield from operation.variables()
