"""Domains: sub-groups as conditions on respondents, and the sparse sums over those who meet them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from .design import Design
from .inputs import Chunks, Rows, check_design, read_condition, read_conditions, slices

BLOCK_CELLS = 20_000_000  # numbers one array may hold while estimating: 160 MB

Conditions = Mapping[Any, np.ndarray] | pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Domains:
    """Named conditions on the respondents of a design.

    member: (domains x rows), whether the condition is met and the weight is above zero.
    """

    design: Design
    names: list[Hashable]
    member: np.ndarray

    @classmethod
    def read(cls, design: Design, conditions: Conditions) -> Domains:
        """Check the conditions: boolean, one value per row; a missing one is not met. None: everyone, as "all"."""
        check_design(design)
        if conditions is None:
            conditions = {"all": np.ones(design.n_rows, dtype=bool)}
        names, member = read_conditions(design, conditions)
        return cls(design, names, member & (design.weight > 0))

    @classmethod
    def only(cls, design: Design, condition: np.ndarray | None) -> Domains:
        """A single domain; None is everyone."""
        if condition is None:
            return cls.read(design, None)
        check_design(design)
        member = read_condition(design, condition, "domain") & (design.weight > 0)
        return cls(design, ["domain"], member[None])

    def one(self, index: int) -> Domains:
        """The domain at one position."""
        return Domains(self.design, [self.names[index]], self.member[[index]])

    def and_any(self) -> Domains:
        """These, and one more of those who are in any of them."""
        return Domains(self.design, [*self.names, "any"], np.vstack([self.member, self.member.any(axis=0)]))

    def weigh_by_unit(self, values: np.ndarray) -> np.ndarray:
        """Sums (finest units x domains x columns) of weight times values (rows x columns)."""
        return (self._by_unit @ values).reshape(self.design.n_units, len(self.names), values.shape[1])

    def tally(self, chunks: Chunks, arrays: int, columns: int, products: bool) -> Sums:
        """Sum the arrays of values met in chunks; NaN in any of a chunk's arrays is outside the base.

        products: sum their squares and products, too.
        """
        units, domains = self.design.n_units, len(self.names)
        pairs = list(combinations_with_replacement(range(arrays), 2)) if products else []
        values, base = np.zeros((arrays, units, domains, columns)), np.zeros((units, domains, columns))
        squares, n, complete = np.zeros((len(pairs), domains, columns)), np.zeros((domains, columns)), True
        for rows, chunk in chunks:
            missing = reduce(np.logical_or, map(np.isnan, chunk))
            known = np.ones((len(missing), 1))
            if missing.any():
                complete, known = False, (~missing).astype(float)
                chunk = [np.where(missing, 0.0, one) for one in chunk]
            met, by_unit, by_domain, count = self._matrices(rows)
            for total, one in zip((*values, base), (*chunk, known), strict=True):
                total[met] += (by_unit @ one).reshape(met.stop - met.start, domains, one.shape[1])
            for total, (one, other) in zip(squares, pairs, strict=True):
                with np.errstate(over="ignore"):  # of a value that may be outside every domain
                    square = chunk[one] * chunk[other]
                total += by_domain @ square
            n += count @ known
        return Sums(values, squares, base[..., :1], n[:, :1]) if complete else Sums(values, squares, base, n)

    def blocks(self, columns: int) -> Iterator[slice]:
        """Slices of columns whose sums fit in memory: all columns at once, for a survey of usual size."""
        return slices(columns, BLOCK_CELLS // max(self.design.n_units * len(self.names), 1))

    @cached_property
    def _by_unit(self) -> sparse.csc_array:
        return self._matrices(slice(None))[1]

    def _matrices(self, rows: Rows) -> tuple[slice, sparse.csc_array, sparse.csc_array, sparse.csc_array]:
        """What sums those rows: the units they are in; weights by unit and domain; weights, and ones, by domain.

        A row outside of a domain has no cell in it, so that no value of it, however large, reaches the sums.
        """
        unit = self.design.unit[rows]
        met = slice(int(unit.min()), int(unit.max()) + 1)
        member = np.ascontiguousarray(self.member[:, rows].T)
        row, domain = np.nonzero(member)
        start = np.append(0, np.cumsum(np.count_nonzero(member, axis=1)))
        weight, domains = self.design.weight[rows][row], len(self.names)
        by_unit, by_domain = ((met.stop - met.start) * domains, len(member)), (domains, len(member))
        return (
            met,
            sparse.csc_array((weight, (unit[row] - met.start) * domains + domain, start), shape=by_unit),
            sparse.csc_array((weight, domain, start), shape=by_domain),
            sparse.csc_array((np.ones(len(row)), domain, start), shape=by_domain),
        )


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over those in the base: of weight times values (arrays x finest units x domains x columns), of weight times
    squares and products (pairs x domains x columns), of weights (finest units x domains x columns), and their number.

    base and n have a single column where nothing is missing.
    """

    values: np.ndarray
    products: np.ndarray
    base: np.ndarray
    n: np.ndarray
