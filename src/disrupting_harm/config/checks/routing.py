"""Checks of the codebook's routing and modules: how the answers of one respondent depend on each other."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from disrupting_harm.config.entries.codebook import TABLES, Codebook, Table, VariableEntry
from disrupting_harm.config.entries.conditions import UnclearError, check, needs_form, read
from disrupting_harm.config.entries.grammar import Operation
from disrupting_harm.config.entries.names import FORM
from disrupting_harm.config.files.problems import Problem, nearest
from disrupting_harm.config.files.yaml_file import YamlFile

_GRAMMAR = "See the head of config/indicators.yaml for how to write conditions."


def check_codebook(source: YamlFile, codebook: Codebook) -> Iterator[Problem]:
    """What is wrong with `module`, `asked_when` and `alone` of the variables in `source`."""
    for table in TABLES:
        for name, entry in getattr(codebook, table).items():
            yield from _check_module(source, codebook, (table, name), entry)
            yield from _check_alone(source, (table, name), entry)
            yield from _check_routing(source, codebook, table, name)


def _check_module(
    source: YamlFile, codebook: Codebook, path: tuple[str, str], entry: VariableEntry
) -> Iterator[Problem]:
    """A question belongs to a module that exists."""
    known = ", ".join(codebook.modules)
    if entry.module and entry.module not in codebook.modules:
        what = f"names {entry.module}, which is not one of `modules`"
        yield source.problem(
            (*path, "module"), what, nearest(entry.module, codebook.modules), f"Known: {known}."
        )
    if not entry.module and entry.kind in ("answer", "answers"):
        yield source.problem(
            path, "needs `module`", hint=f"The part of the interview it belongs to: {known}."
        )


def _check_alone(source: YamlFile, path: tuple[str, str], entry: VariableEntry) -> Iterator[Problem]:
    """Exclusive options are options of the variable."""
    for option in entry.alone:
        if option not in entry.options:
            what = f"names {option}, which is not one of its options"
            yield source.problem((*path, "alone"), what, nearest(option, entry.options))


def _check_routing(source: YamlFile, codebook: Codebook, table: Table, name: str) -> Iterator[Problem]:
    """The condition of `asked_when` asks for variables and answers of the same table."""
    tree = getattr(codebook, table)[name].asked_when
    if tree is None:
        return
    path = (table, name, "asked_when")
    try:
        Operation.model_validate(tree)
        check(tree, codebook.variables(table), set())
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        yield source.problem(path, f"is not a condition: look at {where}", hint=_GRAMMAR)
        return
    except UnclearError as unclear:
        yield source.problem(path, unclear.what, nearest(unclear.name, unclear.nearest_of))
        return
    if needs_form(read(tree)) and FORM not in name:
        yield source.problem(path, f"uses {FORM}, but {name} is not asked form by form")
