"""The range that what is known leaves open for each hidden count, by linear programmes (HiGHS through scipy)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse.csgraph import connected_components

WHOLE = 1e-6
"""How far a solution may lie from whole numbers and still count as whole."""

NEAR = (1, 2, 3)
"""Over how many relations the reason for a narrow range is looked for, one after the other."""

EVERYTHING = 1000
"""More relations than any two counts are apart."""

SECONDS = 2.0
"""How long whole numbers are looked for; a table that is not found proves nothing, and more is hidden."""


class AuditError(Exception):
    """The counts do not fit together, or the solver gave up: nothing may be shown."""


@dataclass(frozen=True)
class Counts:
    """True counts and what always holds between them: `equal` @ x = 0, `at_most` @ x <= 0, x whole and not negative."""

    values: np.ndarray
    equal: sparse.csr_matrix
    at_most: sparse.csr_matrix


@dataclass
class Ranges:
    """Lowest and highest value of each count among the tables that fit what is known; widened as tables are found.

    `low` and `high` are reached by tables of whole numbers, so that a range is never thought wider than it is.
    """

    counts: Counts
    known: np.ndarray
    low: np.ndarray = field(init=False)
    high: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        truth = self.counts.values.astype(float)
        self.low, self.high = truth.copy(), truth.copy()
        self.refresh()

    def refresh(self) -> None:
        """The programmes over unknown counts after `known` has changed; tables found before fit if less is known."""
        self.fixed = np.where(self.known, self.counts.values, 0).astype(float)
        self.system = sparse.vstack([self.counts.equal, self.counts.at_most], format="csr")
        self.system = self.system @ sparse.diags((~self.known).astype(float))
        self.system.eliminate_zeros()
        links = sparse.bmat([[None, self.system.T], [self.system, None]])
        self.programmes: dict[int, Programme] = {}
        _, self.group = connected_components(links, directed=False)

    def of(self, group: int) -> Programme:
        """The programme of a group of unknown counts that hang together, made when it is first needed."""
        if group not in self.programmes:
            self.programmes[group] = self.programme(~self.known & (self.group[: len(self.known)] == group))
        return self.programmes[group]

    def programme(self, unknown: np.ndarray) -> Programme:
        """What is to be solved for some unknown counts: the relations in which no others are unknown."""
        links = abs(self.system)
        rows = np.flatnonzero((links @ unknown > 0) & (links @ (~self.known & ~unknown) == 0))
        split, places = self.counts.equal.shape[0], np.flatnonzero(unknown)
        equal, at_most = rows[rows < split], rows[rows >= split] - split
        return Programme(
            places,
            equal,
            at_most,
            self.counts.equal[equal][:, places],
            -(self.counts.equal[equal] @ self.fixed),
            self.counts.at_most[at_most][:, places],
            -(self.counts.at_most[at_most] @ self.fixed),
            float(self.counts.values.max(initial=0)),
        )

    def around(self, target: int, steps: int) -> np.ndarray:
        """Unknown counts that hang together with `target` over so many relations."""
        links, found = abs(self.system), np.zeros(len(self.known), bool)
        found[target] = True
        for _ in range(steps):
            found = links.T @ (links @ found) > 0
        return found & ~self.known

    def width(self, targets: np.ndarray) -> np.ndarray:
        """How many values the counts can differ by, as far as tables have been found."""
        return self.high[targets] - self.low[targets]

    def widen(self, targets: np.ndarray, enough: np.ndarray, tries: int, seed: int = 0) -> None:
        """Look for tables that move many targets at once, until each has `enough` or the tries are used up."""
        draws = np.random.default_rng(seed)
        for turn in range(tries):
            narrow = targets[self.width(targets) < enough]
            if not len(narrow):
                return
            weights = np.zeros(len(self.known))
            weights[narrow] = (
                1.0 if turn < 2 else draws.choice([-1.0, 1.0], len(narrow)) * draws.random(len(narrow))
            )
            self.solve(weights if turn % 2 else -weights)

    def extremes(self, target: int, enough: float) -> None:
        """Push one count to its lowest, then to its highest value."""
        for sign in (1.0, -1.0):
            if self.high[target] - self.low[target] < enough:
                weights = np.zeros(len(self.known))
                weights[target] = sign
                self.solve(weights)

    def solve(self, weights: np.ndarray) -> None:
        """Find a table of whole numbers with the smallest weighted sum, and widen the ranges by it."""
        table = self.counts.values.astype(float)
        size = len(self.known)
        for group in np.unique(self.group[:size][(weights != 0) & ~self.known]):
            programme = self.of(group)
            found = programme.smallest(weights[programme.unknown])
            if found is not None:
                table[programme.unknown] = found
        self.low, self.high = np.minimum(self.low, table), np.maximum(self.high, table)

    def reasons(self, target: int, enough: float, steps: int) -> np.ndarray:
        """Known counts that make `target` too narrow by the relations up to `steps` away; none if these leave enough.

        With EVERYTHING, the known counts that hold it where it is, however wide it is without whole numbers.
        """
        programme = self.programme(self.around(target, steps))
        costs = [np.where(programme.unknown == target, sign, 0.0) for sign in (1.0, -1.0)]
        found = [programme.linear(cost) for cost in costs]
        if steps < EVERYTHING and -found[1].fun - found[0].fun >= enough:
            return np.zeros(0, int)
        rows = [self.counts.equal[programme.rows_equal], self.counts.at_most[programme.rows_at_most]]
        priced = np.unique(np.concatenate([programme.priced(each) for each in found]))
        used = abs(sparse.vstack(rows, format="csr")[priced]).sum(axis=0).A1 > 0
        return np.flatnonzero(self.known & used)


@dataclass(frozen=True)
class Programme:
    """A linear programme over some unknown counts: equal @ x = equal_to, at_most @ x <= limit, 0 <= x <= top."""

    unknown: np.ndarray
    rows_equal: np.ndarray
    rows_at_most: np.ndarray
    equal: sparse.csr_matrix
    equal_to: np.ndarray
    at_most: sparse.csr_matrix
    limit: np.ndarray
    top: float

    def linear(self, cost: np.ndarray) -> OptimizeResult:
        """The solution that need not be whole. Raises AuditError."""
        found = linprog(
            cost, self.at_most, self.limit, self.equal, self.equal_to, (0, self.top), method="highs"
        )
        if found.status != 0:
            raise AuditError(
                f"Counts do not fit together ({found.message}). Nothing of this country may be shown."
            )
        return found

    def smallest(self, cost: np.ndarray) -> np.ndarray | None:
        """Whole numbers with the smallest weighted sum; None where none are found in time."""
        solution = self.linear(cost).x
        if np.abs(solution - np.rint(solution)).max(initial=0) > WHOLE:
            limits = (
                [LinearConstraint(self.equal, self.equal_to, self.equal_to)] if len(self.equal_to) else []
            )
            limits += [LinearConstraint(self.at_most, -np.inf, self.limit)] if len(self.limit) else []
            whole = np.ones(len(cost))
            solution = milp(cost, integrality=whole, bounds=Bounds(0, self.top), constraints=limits,
                            options={"time_limit": SECONDS}).x  # fmt: skip
        return None if solution is None else np.rint(solution)

    def priced(self, found: OptimizeResult) -> np.ndarray:
        """Places of the relations (equal first, then at_most) that hold a solution where it is."""
        prices = np.concatenate([found.eqlin.marginals, found.ineqlin.marginals])
        return np.flatnonzero(np.abs(prices) > WHOLE)
