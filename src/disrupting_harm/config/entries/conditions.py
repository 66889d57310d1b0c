"""Conditions of the registry and of the codebook's routing: a class for each operation.

A class holds all that is known of its operation: what it means (its docstring), how it is written, whether it makes
sense (`check`), which variables it asks for (`variables`), and who fulfils it (`evaluate`). The reference page, the
schemas for editors and the head of config/indicators.yaml are made from these classes: a new operation is a new class
here, and nothing else.

A condition is evaluated to one code for each respondent: yes, no, or unknown for a reason. Nothing in it can execute
code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from disrupting_harm.config.entries.names import FORM, SPECIAL, option_column, variable_of
from disrupting_harm.config.entries.placeholders import fill

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from disrupting_harm.config.entries.codebook import Variable

    Codes = np.ndarray
    """One code for each respondent (int8)."""

YES, NO = 1, 0
DONT_KNOW, REFUSED, NOT_ASKED = -1, -2, -3
"""Codes of a condition; the unknown ones in the order in which they win over each other."""


class UnclearError(ValueError):
    """A condition that cannot be understood; `nearest_of` are the names that would have been known."""

    def __init__(self, what: str, name: str = "", nearest_of: Iterable[str] = ()) -> None:
        self.what, self.name, self.nearest_of = what, name, tuple(nearest_of)
        super().__init__(what)


class Table(Protocol):
    """What conditions are evaluated on: answers, a row for each respondent."""

    @property
    def forms(self) -> Iterable[str]:
        """Letters of the forms of abuse."""

    def codes(self, condition: Operation) -> Codes:
        """Codes of a condition inside another one."""

    def entry(self, name: str) -> Codes:
        """Codes of an entry of the registry."""

    def column(self, name: str) -> pd.Series:
        """The answers to a variable. Raises NotAskedError if the country does not have it."""

    def chosen(self, column: str) -> Codes:
        """Whether an option was chosen: 1, 0, or below 0 for who was not asked. Raises NotAskedError."""

    def variable(self, name: str) -> Variable:
        """A variable of the codebook."""


@dataclass(frozen=True)
class Argument:
    """A key beside that of the operation: what it means, and an example."""

    kind: Any
    meaning: str
    example: Any


ARGUMENTS = {
    "in": Argument(list[str], "With `answer`: the answers that count.", ["often"]),
    "from": Argument(float | str, "Lower limit, included.", 2),
    "to": Argument(float | str, "Upper limit, included.", 9),
}


@dataclass(frozen=True)
class Operation:
    """A condition: one of these operations. The name of another entry is a condition too.

    Unknown answers follow three-valued logic: `any` is yes when one is yes, no when all are no, unknown otherwise.
    """

    key: ClassVar[str]
    """The key that names the operation in a file."""

    arguments: ClassVar[tuple[str, ...]] = ()
    """Keys that it may have besides."""

    written: ClassVar[str]
    """How it is written, at the head of config/indicators.yaml."""

    example: ClassVar[Any]
    """What may stand behind its key."""

    holds: ClassVar[str]
    """What stands behind its key: "variable", "condition" or "conditions"."""

    @classmethod
    def read(cls, tree: Any) -> Self:
        """The condition that is written in `tree`, a mapping with the keys of the operation. Raises UnclearError."""
        raise NotImplementedError

    @classmethod
    def arguments_in(cls, tree: dict[str, Any]) -> dict[str, Any]:
        """The fields that the keys beside that of the operation say. Raises UnclearError."""
        return limits_in(tree)

    @property
    def parts(self) -> tuple[Operation, ...]:
        """The conditions directly inside it."""
        return ()

    def variables(self) -> Iterator[str]:
        """The variables that it asks for itself, in the order in which they are written."""
        return iter(())

    def check(self, variables: Mapping[str, Variable], names: Iterable[str]) -> None:
        """Raise UnclearError unless its own variables, answers, options and names exist."""

    def evaluate(self, table: Table) -> Codes:
        """The code of every respondent. Raises NotAskedError if the country lacks a question."""
        raise NotImplementedError

    def about(self, form: str) -> Self:
        """The same about one form of abuse: {form} filled in, wherever it is open."""
        return replace(
            self, **{field.name: filled(getattr(self, field.name), form) for field in fields(self)}
        )


def filled(value: Any, form: str) -> Any:
    """A field of an operation, with {form} filled in."""
    if isinstance(value, Operation):
        return value.about(form)
    if isinstance(value, tuple):
        return tuple(filled(part, form) for part in value)
    return fill(value, {"form": form})


# --- of one variable


@dataclass(frozen=True)
class OfVariable(Operation):
    """An operation that asks for one variable."""

    holds: ClassVar[str] = "variable"
    name: str

    @classmethod
    def read(cls, tree: Any) -> Self:
        """Raises UnclearError unless the variable is a text."""
        if not isinstance(tree[cls.key], str):
            raise UnclearError(f"`{cls.key}` needs a name")
        return cls(tree[cls.key], **cls.arguments_in(tree))

    def variables(self) -> Iterator[str]:
        """The variable it names."""
        yield self.name

    def check(self, variables: Mapping[str, Variable], names: Iterable[str]) -> None:  # noqa: ARG002
        """Raise UnclearError unless the codebook has the variable."""
        if self.name not in variables:
            raise UnclearError(f"asks for {self.name}, which the codebook lacks", self.name, variables)


@dataclass(frozen=True)
class Answer(OfVariable):
    """The answer to the variable is one of those in `in`."""

    key = "answer"
    arguments = ("in",)
    written = "{answer: variable, in: [values]}"
    example = "form_{form}"

    answers: tuple[Any, ...] = ()

    @classmethod
    def arguments_in(cls, tree: dict[str, Any]) -> dict[str, Any]:
        """The answers that count."""
        if not isinstance(tree.get("in", []), list):
            raise UnclearError("`in` needs a list of answers")
        return {"answers": tuple(tree.get("in", []))}

    def check(self, variables: Mapping[str, Variable], names: Iterable[str]) -> None:
        """Raise UnclearError unless the variable has these answers."""
        super().check(variables, names)
        categories = variables[self.name].categories
        for answer in self.answers:
            if answer not in categories:
                raise UnclearError(f"{self.name} has no answer {answer}", str(answer), categories)
        if not self.answers:
            raise UnclearError(f"says not which answers of {self.name} count; add `in: [...]`")

    def evaluate(self, table: Table) -> Codes:
        """Unknown for special and empty answers."""
        column = table.column(self.name)
        return coded(column, column.isin(self.answers).to_numpy())


@dataclass(frozen=True)
class Chosen(OfVariable):
    """The option was chosen in a question with several answers: variable__option."""

    key = "chosen"
    written = "{chosen: variable__option}"
    example = "told_{form}__friend"

    def variables(self) -> Iterator[str]:
        """The variable of the option."""
        yield variable_of(self.name)

    def check(self, variables: Mapping[str, Variable], names: Iterable[str]) -> None:  # noqa: ARG002
        """Raise UnclearError unless it is an option of a question with several answers."""
        name = variable_of(self.name)
        if name not in variables or variables[name].kind != "answers":
            several = [other for other, variable in variables.items() if variable.kind == "answers"]
            raise UnclearError(f"{name} is not a question with several answers", name, several)
        columns = [option_column(name, option) for option in (*variables[name].options, *SPECIAL)]
        if self.name not in columns:
            raise UnclearError(f"asks for {self.name}, which the codebook lacks", self.name, columns)

    def evaluate(self, table: Table) -> Codes:
        """Unknown for who was not asked."""
        codes = table.chosen(self.name).astype("int8")
        codes[codes < NO] = NOT_ASKED
        return codes


@dataclass(frozen=True)
class Answered(OfVariable):
    """A substantive answer was given: neither don't know nor prefer not to say."""

    key = "answered"
    written = "{answered: variable}"
    example = "anxiety"

    def evaluate(self, table: Table) -> Codes:
        """Of several answers: whether an option was chosen."""
        variable = table.variable(self.name)
        if variable.kind != "answers":
            column = table.column(self.name)
            return coded(column, column.notna().to_numpy())
        options = (Chosen(option_column(self.name, option)) for option in variable.options)
        return (table.codes(AnyOf(tuple(options))) == YES).astype("int8")


@dataclass(frozen=True)
class Number(OfVariable):
    """The number is between `from` and `to`."""

    key = "number"
    arguments = ("from", "to")
    written = "{number: variable, from: , to: }"
    example = "age"

    least: float = -math.inf
    most: float = math.inf

    def evaluate(self, table: Table) -> Codes:
        """Unknown where there is no number."""
        number = table.column(self.name).to_numpy(dtype=float)
        codes = ((number >= self.least) & (number <= self.most)).astype("int8")
        codes[number != number] = NOT_ASKED  # NaN alone differs from itself
        return codes


# --- of one other condition


@dataclass(frozen=True)
class OfCondition(Operation):
    """An operation on one condition."""

    holds: ClassVar[str] = "condition"
    condition: Operation

    @classmethod
    def read(cls, tree: Any) -> Self:
        """Raises UnclearError as the condition inside does."""
        return cls(read(tree[cls.key]), **cls.arguments_in(tree))

    @property
    def parts(self) -> tuple[Operation, ...]:
        """The condition."""
        return (self.condition,)


@dataclass(frozen=True)
class Not(OfCondition):
    """The condition does not hold; what is unknown stays unknown."""

    key = "not"
    written = "{not: condition}"
    example = "told_formal"

    def evaluate(self, table: Table) -> Codes:
        """Yes for no, no for yes."""
        codes = table.codes(self.condition).copy()
        known = codes >= NO
        codes[known] = 1 - codes[known]
        return codes


@dataclass(frozen=True)
class Known(OfCondition):
    """The condition certainly holds: an unknown result becomes no."""

    key = "known"
    written = "{known: condition}"
    example = "told_formal"

    def evaluate(self, table: Table) -> Codes:
        """No for all that is unknown."""
        return (table.codes(self.condition) == YES).astype("int8")


@dataclass(frozen=True)
class AnyForm(OfCondition):
    """The condition, with {form}, holds for at least one of the nine forms."""

    key = "any_form"
    written = "{any_form: condition}"
    example = "online_experience_{form}"

    def evaluate(self, table: Table) -> Codes:
        """As `any` over the forms."""
        return any_of([table.codes(self.condition.about(form)) for form in table.forms])


@dataclass(frozen=True)
class CountForms(OfCondition):
    """The condition, with {form}, holds for `from` to `to` of the nine forms."""

    key = "count_forms"
    arguments = ("from", "to")
    written = "{count_forms: condition, from: , to: }"
    example = "online_experience_{form}"

    least: float = 0
    most: float = math.inf

    def evaluate(self, table: Table) -> Codes:
        """Forms of which it is unknown do not count."""
        codes = [table.codes(self.condition.about(form)) for form in table.forms]
        return is_number_between(codes, self.least, self.most)


# --- of several other conditions


@dataclass(frozen=True)
class OfConditions(Operation):
    """An operation on several conditions."""

    holds: ClassVar[str] = "conditions"
    conditions: tuple[Operation, ...]

    @classmethod
    def read(cls, tree: Any) -> Self:
        """Raises UnclearError unless there is a list of conditions."""
        inside = tree[cls.key]
        if not isinstance(inside, list) or not inside:
            raise UnclearError(f"`{cls.key}` needs a list of conditions")
        return cls(tuple(read(part) for part in inside), **cls.arguments_in(tree))

    @property
    def parts(self) -> tuple[Operation, ...]:
        """The conditions."""
        return self.conditions

    def codes(self, table: Table) -> list[Codes]:
        """The codes of each condition."""
        return [table.codes(condition) for condition in self.conditions]


@dataclass(frozen=True)
class AnyOf(OfConditions):
    """At least one of the conditions holds."""

    key = "any"
    written = "{any: [conditions]}"
    example: ClassVar[Any] = ["told_formal", "told_informal"]

    def evaluate(self, table: Table) -> Codes:
        """Kleene's "or"."""
        return any_of(self.codes(table))


@dataclass(frozen=True)
class AllOf(OfConditions):
    """All of the conditions hold."""

    key = "all"
    written = "{all: [conditions]}"
    example: ClassVar[Any] = ["experienced_{form}", "online_{form}"]

    def evaluate(self, table: Table) -> Codes:
        """Kleene's "and"."""
        return all_of(self.codes(table))


@dataclass(frozen=True)
class Count(OfConditions):
    """Between `from` and `to` of the conditions hold."""

    key = "count"
    arguments = ("from", "to")
    written = "{count: [conditions], from: , to: }"
    example: ClassVar[Any] = ["told_formal", "told_informal"]

    least: float = 0
    most: float = math.inf

    def evaluate(self, table: Table) -> Codes:
        """Conditions of which it is unknown do not count."""
        return is_number_between(self.codes(table), self.least, self.most)


# --- the name of an entry


@dataclass(frozen=True)
class Entry(Operation):
    """What another entry of the registry says, by its name alone."""

    name: str

    def check(self, variables: Mapping[str, Variable], names: Iterable[str]) -> None:  # noqa: ARG002
        """Raise UnclearError unless there is such an entry."""
        if self.name not in names:
            raise UnclearError(f"refers to {self.name}, which is not an entry", self.name, sorted(names))

    def evaluate(self, table: Table) -> Codes:
        """The codes of the entry."""
        return table.entry(self.name)


OPERATIONS: dict[str, type[Operation]] = {
    operation.key: operation
    for family in (OfVariable, OfConditions, OfCondition)
    for operation in family.__subclasses__()
}
"""Every operation by its key, in the order of the reference page."""


# --- reading and checking


def read(tree: Any) -> Operation:
    """The condition that plain data say: a name, or a mapping with one operation. Raises UnclearError."""
    if isinstance(tree, Operation):
        return tree
    if isinstance(tree, str):
        return Entry(tree)
    named = [OPERATIONS[key] for key in tree if key in OPERATIONS] if isinstance(tree, dict) else []
    if len(named) == 1 and set(tree) <= {named[0].key, *named[0].arguments}:
        return named[0].read(tree)
    known = ", ".join(OPERATIONS)
    raise UnclearError(f"is not a condition; write the name of an entry, or one of: {known}")


def limits_in(tree: dict[str, Any]) -> dict[str, float]:
    """The limits `from` and `to`, as far as they are there. Raises UnclearError for what is no number."""
    limits = {}
    for field, key in (("least", "from"), ("most", "to")):
        if key in tree:
            if isinstance(tree[key], bool) or not isinstance(tree[key], (int, float)):
                raise UnclearError(f"`{key}` needs a number")
            limits[field] = tree[key]
    return limits


def walk(condition: Operation) -> Iterator[Operation]:
    """A condition and all inside it, itself first."""
    yield condition
    for part in condition.parts:
        yield from walk(part)


def variables_in(condition: Operation) -> Iterator[str]:
    """The variables that a condition asks for, without those of entries that it names."""
    for part in walk(condition):
        yield from part.variables()


def check(tree: Any, variables: Mapping[str, Variable], names: Iterable[str]) -> None:
    """Raise UnclearError unless every variable, answer, option and name of a condition exists, for the first form."""
    for part in walk(read(fill(tree, {"form": "a"}))):
        part.check(variables, names)


def needs_form(condition: Operation) -> bool:
    """Whether {form} is still open in a condition, so that it holds for one form at a time."""
    if isinstance(condition, (AnyForm, CountForms)):
        return False
    values = (getattr(condition, field.name) for field in fields(condition))
    return any(isinstance(text, str) and FORM in text for text in values) or any(
        map(needs_form, condition.parts)
    )


# --- three-valued logic


def coded(column: pd.Series, is_yes: np.ndarray) -> Codes:
    """Codes of a one-answer variable: yes where `is_yes`, unknown for special and empty answers."""
    codes = is_yes.astype("int8")
    codes[(column == "dont_know").to_numpy()] = DONT_KNOW
    codes[(column == "refused").to_numpy()] = REFUSED
    codes[column.isna().to_numpy()] = NOT_ASKED
    return codes


def any_of(conditions: Iterable[Codes]) -> Codes:
    """Kleene's "or": yes if one is, no if all are, else the reason that wins."""
    return joined(conditions, YES, NO)


def all_of(conditions: Iterable[Codes]) -> Codes:
    """Kleene's "and": no if one is, yes if all are, else the reason that wins."""
    return joined(conditions, NO, YES)


def joined(conditions: Iterable[Codes], decides: int, otherwise: int) -> Codes:
    """`decides` where one is that, `otherwise` where all are that, else the reason that wins."""
    import numpy as np

    codes = np.stack(list(conditions))
    unknown = np.where(codes < NO, codes, NOT_ASKED - 1).max(axis=0)
    rest = np.where((codes == otherwise).all(axis=0), otherwise, unknown)
    return np.where((codes == decides).any(axis=0), decides, rest).astype(np.int8)


def is_number_between(conditions: Iterable[Codes], least: float, most: float) -> Codes:
    """Whether the number of conditions that certainly hold lies between limits."""
    import numpy as np

    count = np.sum([codes == YES for codes in conditions], axis=0)
    return ((count >= least) & (count <= most)).astype(np.int8)


# --- in words


GRAMMAR_BEGINS = "A condition is the name of another entry, or one of"


def grammar() -> list[str]:
    """How conditions are written, as the comment at the head of config/indicators.yaml."""
    width = max(len(operation.written) for operation in OPERATIONS.values())
    lines = [GRAMMAR_BEGINS]
    lines += [f"  {operation.written:<{width}}   {operation.__doc__}" for operation in OPERATIONS.values()]
    lines.append(" ".join((Operation.__doc__ or "").partition("\n\n")[2].split()))
    return [f"# {line}" for line in lines]
