"""What holds between counts by definition, written down from config/indicators.yaml alone.

A condition becomes a tree of any, all, not and answers. Who is counted by one tree lies within who is counted by
another if the one implies the other; bases are who is counted by a tree; classes that exclude each other add up.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from scipy import sparse

from disrupting_harm.config import Project
from disrupting_harm.config.entries.placeholders import fill
from disrupting_harm.config.entries.registry import Indicator

from .cells import AMONG, EVERYONE, ITEMS, NATIONAL, QUESTION, Count, Domain, Quantity
from .release import Release

Tree = tuple
Terms = list[tuple[float, Quantity, str]]
"""A sum of parts of quantities, in one domain."""
NOBODY = Quantity(EVERYONE)


@dataclass(frozen=True)
class Kind:
    """What a quantity is. base: who may be in its base (None: everyone); is_for_all: nobody leaves the base."""

    base: Tree | None
    yes: Tree | None
    is_for_all: bool
    measure: str = "proportion"


class Relations:
    """Of one country's release: the quantities of its tables, and what holds between them, for one harmonised table."""

    def __init__(self, project: Project, release: Release, table: str = "children") -> None:
        self.registry, self.codebook, self.table = project.registry, project.codebook, table
        self.release = release
        self.forms = list(project.codebook.forms)
        self.trees: dict[str, Tree | None] = {}
        entries = self.registry.indicators
        asked = [key for key in sorted(release.asked) if entries[key[0]].table == table]
        self.rows = [
            (indicator, by, level) for indicator, by, level in asked if not entries[indicator].derived
        ]
        self.kinds = {quantity: self.kind(quantity) for quantity in self.quantities()}
        self.implied = Implied()

    # --- quantities and domains

    def quantities(self) -> list[Quantity]:
        """What the rows are about."""
        quantities = {
            Quantity(name, level) if by in ITEMS else Quantity(name) for name, by, level in self.rows
        }
        return sorted(quantities)

    @cached_property
    def levels(self) -> dict[str, list[str]]:
        """Levels of each breakdown of children."""
        levels: dict[str, dict[str, None]] = {}
        for _, by, level in self.rows:
            if by not in (*ITEMS, "all"):
                levels.setdefault(by, {})[level] = None
        return {by: list(levels) for by, levels in levels.items()}

    @cached_property
    def breakdowns(self) -> dict[Quantity, list[str]]:
        """By what each quantity is broken down."""
        breakdowns: dict[Quantity, dict[str, None]] = {}
        for name, by, _ in self.rows:
            if by not in (*ITEMS, "all"):
                breakdowns.setdefault(Quantity(name), {})[by] = None
        return {quantity: list(by) for quantity, by in breakdowns.items()}

    def domains(self, quantity: Quantity) -> list[Domain]:
        """All domains in which a quantity is counted, those in no level of a breakdown included."""
        if quantity.item:
            return [NATIONAL]
        split = self.breakdowns.get(
            quantity, list(self.levels) if quantity.indicator in (EVERYONE, AMONG) else []
        )
        return [NATIONAL, *(Domain(by, level) for by in split for level in [*self.levels[by], ""])]

    def kind(self, quantity: Quantity) -> Kind:
        """What a quantity is, by its entry."""
        entry = self.registry.indicators[quantity.indicator]
        if entry.levels:
            among = self.tree(entry.among)
            condition = (
                {"answer": entry.levels.answers_of, "in": [quantity.item]}
                if entry.levels.answers_of
                else None
            )
            return Kind(among, within(among, self.tree(condition)), not entry.levels.answers_of)
        missing = entry.missing
        is_for_all = {missing.dont_know, missing.refused, missing.not_asked} == {"counts_as_no"}
        if entry.mean:
            return Kind(self.tree(entry.among), None, is_for_all, "mean")
        if quantity.item and entry.by_form:
            among, yes = (
                self.tree(fill(part, {"form": quantity.item}) if part is not None else None)
                for part in (entry.by_form.among, entry.by_form.yes_if)
            )
            return Kind(among, within(among, yes), is_for_all)
        if entry.unit == "instance":
            return Kind(None, None, is_for_all, "instances")
        among = self.tree(entry.among)
        return Kind(among, within(among, self.tree(entry.yes_if)), is_for_all)

    # --- trees

    def tree(self, condition: object) -> Tree | None:
        """A condition as nested tuples; names are replaced by what they stand for."""
        key = repr(condition)
        if key not in self.trees:
            self.trees[key] = self.made(condition)
        return self.trees[key]

    def made(self, condition: object) -> Tree | None:
        """The same, of what has not been there yet. Only those whom the routing leads to a question answer it."""
        if condition is None:
            return None
        if isinstance(condition, str):
            if condition in self.registry.conditions:
                return self.tree(self.registry.conditions[condition])
            entry: Indicator = self.registry.indicators[condition]
            return within(self.tree(entry.among), self.tree(entry.yes_if))
        (name, value), *_ = condition.items()
        if name == "any_form":
            return flat("any", (self.tree(fill(value, {"form": form})) for form in self.forms))
        if name in ("any", "all"):
            return flat(name, map(self.tree, value))
        if name == "known":
            return self.tree(value)
        if name == "not":
            return "not", self.tree(value)
        leaf = (
            ("answer", value, tuple(sorted(condition["in"])))
            if name == "answer"
            else ("other", repr(condition))
        )
        if name not in ("answer", "chosen"):
            return leaf
        variable = self.codebook.variables(self.table).get(value.partition("__")[0])
        return within(self.tree(variable.asked_when) if variable else None, leaf)

    # --- what holds

    def within_domain(self) -> Iterator[Terms]:
        """Sums that are nought in every domain."""
        by_yes = {kind.yes: quantity for quantity, kind in self.kinds.items() if kind.yes}
        for quantity, kind in self.kinds.items():
            if kind.measure != "mean":
                yield [(1, quantity, "base"), (-1, quantity, "yes"), (-1, quantity, "no")]
            if kind.measure == "instances":
                forms = [form for form in self.kinds if form.indicator == quantity.indicator and form.item]
                if forms:
                    yield from ([(1, quantity, part), *((-1, form, part) for form in forms)]
                                for part in ("base", "yes"))  # fmt: skip
                continue
            if kind.is_for_all:
                yield [(1, quantity, "base"), (-1, self.among(kind.base), "base")]
            if kind.base in by_yes:
                yield [(1, self.among(kind.base), "base"), (-1, by_yes[kind.base], "yes")]
        yield from self.classes(by_yes)
        yield from self.answers()
        yield from self.counted_forms()

    def among(self, base: Tree | None) -> Quantity:
        """Those for whom a condition holds."""
        return NOBODY if base is None else Quantity(AMONG, repr_of(base))

    def classes(self, by_yes: dict[Tree, Quantity]) -> Iterator[Terms]:
        """Classes that exclude each other make up their base, and two of them another indicator."""
        for name, group in self.registry.groups.items():
            members = [Quantity(member) for member in self.registry.members[name]]
            if not group.exclusive or not all(member in self.kinds for member in members):
                continue
            yield [(1, members[0], "base"), *((-1, member, "yes") for member in members)]
            for one, other in itertools.permutations(members, 2):
                if (union := together(self.kinds[one].yes, self.kinds[other].yes)) in by_yes:
                    yield [(1, by_yes[union], "yes"), (-1, one, "yes"), (-1, other, "yes")]

    def answers(self) -> Iterator[Terms]:
        """All answers to a question make up those asked; some of them an indicator; those without one leave a base."""
        by_variable: dict[str, list[Quantity]] = {}
        for quantity in self.kinds:
            levels = self.registry.indicators[quantity.indicator].levels
            if levels and levels.answers_of:
                by_variable.setdefault(levels.answers_of, []).append(quantity)
        for quantities in by_variable.values():
            yield [(1, quantities[0], "base"), *((-1, answer, "yes") for answer in quantities)]
            yield from ([(1, answer, "base"), (-1, quantities[0], "base")] for answer in quantities[1:])
        for quantity, kind in self.kinds.items():
            if not kind.yes or kind.yes[0] != "answer" or quantity.item:
                continue
            _, variable, chosen = kind.yes
            yield [(1, quantity, "base"), (1, quantity, "unanswered"), (-1, self.among(kind.base), "base")]
            question = Quantity(QUESTION, variable)
            if kind.base is None and self.variable(variable).asked_when is None:
                yield [(1, quantity, "unanswered"), (-1, question, "yes")]
            if variable in by_variable:
                yield [
                    (1, quantity, "yes"),
                    *((-1, answer, "yes") for answer in by_variable[variable] if answer.item in chosen),
                ]

    def counted_forms(self) -> Iterator[Terms]:
        """A mean number of forms is the sum of its forms: `yes` is how many there are in all."""
        by_yes = {kind.yes: quantity for quantity, kind in self.kinds.items() if kind.yes}
        for quantity, kind in self.kinds.items():
            mean = self.registry.indicators[quantity.indicator].mean
            if kind.measure == "mean" and mean.count_forms is not None:
                trees = [self.tree(fill(mean.count_forms, {"form": form})) for form in self.forms]
                if all(tree in by_yes for tree in trees):
                    yield [(1, quantity, "yes"), *((-1, by_yes[tree], "yes") for tree in trees)]

    def variable(self, name: str):
        """A question of the codebook."""
        return self.codebook.variables(self.table)[name]

    def at_most(self) -> Iterator[Terms]:
        """Sums that are at most nought in every domain."""
        named = [(quantity, kind) for quantity, kind in self.kinds.items() if kind.yes]
        by_yes = {kind.yes: quantity for quantity, kind in named}
        for quantity, kind in self.kinds.items():
            if not kind.is_for_all and kind.measure != "instances":
                yield [(1, quantity, "base"), (-1, self.among(kind.base), "base")]
        for (one, kind), (other, wider) in itertools.permutations(named, 2):
            if self.implied(kind.yes, wider.yes):
                yield [(1, one, "yes"), (-1, other, "yes")]
        for quantity, kind in named:
            if kind.yes[0] == "any" and all(part in by_yes for part in kind.yes[1:]):
                yield [(1, quantity, "yes"), *((-1, by_yes[part], "yes") for part in kind.yes[1:])]

    def questions(self) -> Iterator[list[tuple[float, Count]]]:
        """Who was asked a question, and in no level of a breakdown because of it, as sums of counts that are nought."""
        by_yes = {kind.yes: quantity for quantity, kind in self.kinds.items() if kind.yes}
        for name, variable in self.codebook.variables(self.table).items():
            question = Quantity(QUESTION, name)
            tree = self.tree(variable.asked_when)
            everyone = Count(NOBODY, NATIONAL, "base")
            if tree in by_yes:
                everyone = Count(by_yes[tree], NATIONAL, "yes")
            if tree is None or tree in by_yes:
                yield [(1, Count(question, NATIONAL, "base")), (-1, everyone)]
        for by in self.levels:
            breakdown = self.registry.breakdowns[by]
            if breakdown.variable:
                without = Count(Quantity(QUESTION, breakdown.variable), NATIONAL, "yes")
                yield [(1, Count(NOBODY, Domain(by, ""), "base")), (-1, without)]
            elif breakdown.indicator and (split := Quantity(breakdown.indicator)) in self.kinds:
                for level, part in (("yes", "yes"), ("no", "no")):
                    yield [(1, Count(NOBODY, Domain(by, level), "base")), (-1, Count(split, NATIONAL, part))]

    @cached_property
    def system(self) -> tuple[dict[Count, int], sparse.csr_matrix, sparse.csr_matrix]:
        """The place of each count, sums that are nought, and sums that are at most nought, as rows."""
        equal, at_most = list(self.equalities()), list(self.inequalities())
        places: dict[Count, int] = {}
        for terms in (*equal, *at_most):
            for _, count in terms:
                places.setdefault(count, len(places))
        return places, matrix(equal, places), matrix(at_most, places)

    @cached_property
    def sums(self) -> set[Quantity]:
        """Means that are made of a sum."""
        return {quantity for (_, quantity, _), *_ in self.counted_forms()}

    def equalities(self) -> Iterator[list[tuple[float, Count]]]:
        """Sums of counts that are nought: definitions in each domain, and levels that make up their total."""
        for terms in self.within_domain():
            for domain in self.shared(terms):
                yield [(number, Count(quantity, domain, part)) for number, quantity, part in terms]
        everyone = {term[1] for terms in self.within_domain() for term in terms}
        for quantity in sorted(everyone):
            bys = dict.fromkeys(domain.by for domain in self.domains(quantity) if domain != NATIONAL)
            for by, part in itertools.product(bys, ("base", "yes", "no", "unanswered")):
                parts = [Count(quantity, Domain(by, level), part) for level in [*self.levels[by], ""]]
                yield [(1, Count(quantity, NATIONAL, part)), *((-1, part_count) for part_count in parts)]
        yield from self.questions()

    def inequalities(self) -> Iterator[list[tuple[float, Count]]]:
        """Sums of counts that are at most nought."""
        for terms in self.at_most():
            for domain in self.shared(terms):
                yield [(number, Count(quantity, domain, part)) for number, quantity, part in terms]

    def shared(self, terms: Terms) -> list[Domain]:
        """The domains in which all quantities of a sum are counted."""
        domains_of_terms = [
            self.domains(quantity) for _, quantity, _ in terms if quantity.indicator != QUESTION
        ]
        if any(quantity.indicator == QUESTION for _, quantity, _ in terms):
            return [NATIONAL]
        return [
            domain
            for domain in domains_of_terms[0]
            if all(domain in others for others in domains_of_terms[1:])
        ]


def matrix(rows: list[list[tuple[float, Count]]], places: dict[Count, int]) -> sparse.csr_matrix:
    """Sums as rows of a sparse matrix."""
    entries = [(row, places[count], number) for row, terms in enumerate(rows) for number, count in terms]
    row, column, number = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_matrix((number, (row, column)), (len(rows), len(places)))


def within(among: Tree | None, tree: Tree | None) -> Tree | None:
    """Who is in a base, and counted."""
    if among is None or tree is None:
        return tree
    return flat("all", [among, tree])


def flat(name: str, parts: Iterable[Tree]) -> Tree:
    """any or all of some trees, without the same inside, and without what is there twice."""
    flat_members: dict[Tree, None] = {}
    for part in parts:
        flat_members |= dict.fromkeys(part[1:] if part[0] == name else [part])
    return (name, *sorted(flat_members, key=repr)) if len(flat_members) > 1 else next(iter(flat_members))


class Implied:
    """Whether who is counted by one tree is certainly counted by the other. What was found out is remembered."""

    def __init__(self) -> None:
        self.numbers: dict[Tree, int] = {}
        self.nodes: list[Tree] = []
        self.known: dict[tuple[int, int], bool] = {}

    def __call__(self, one: Tree, other: Tree) -> bool:
        """Of two trees."""
        return self.of(self.number(one), self.number(other))

    def number(self, tree: Tree) -> int:
        """The number of a tree, whose parts are numbers too."""
        if tree not in self.numbers:
            name, *rest = tree
            node = (name, *map(self.number, rest)) if name in ("any", "all") else tree
            self.numbers[tree] = len(self.nodes)
            self.nodes.append(node)
        return self.numbers[tree]

    def of(self, one: int, other: int) -> bool:
        """Of two numbers."""
        if (one, other) not in self.known:
            self.known[one, other] = self.find_out(one, other)
        return self.known[one, other]

    def find_out(self, one: int, other: int) -> bool:
        """The rules, in the order in which they are safe."""
        if one == other:
            return True
        (name, *parts), (wider, *others) = self.nodes[one], self.nodes[other]
        if wider == "all":
            return all(self.of(one, part) for part in others)
        if name == "any":
            return all(self.of(part, other) for part in parts)
        if wider == "any" and any(self.of(one, part) for part in others):
            return True
        if name == "all":
            return any(self.of(part, other) for part in parts)
        if name == wider == "answer":
            return parts[0] == others[0] and set(parts[1]) <= set(others[1])
        return False


def together(one: Tree, other: Tree) -> Tree | None:
    """The tree whose children are split in two: those who also fulfil something, and those who do not."""
    if not one or not other or one[0] != "all" or other[0] != "all":
        return None
    mine, theirs = set(one[1:]), set(other[1:])
    (only, *more), (without, *rest) = (list(mine - theirs) or [()]), (list(theirs - mine) or [()])
    if more or rest or without != ("not", only):
        return None
    return flat("all", [part for part in one[1:] if part != only])


def repr_of(tree: Tree) -> str:
    """A name for who is counted by a tree."""
    return repr(tree)
