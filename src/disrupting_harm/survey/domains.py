"""Domains: sub-groups as conditions on respondents, and the sparse sums over those who meet them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from .design import Design
from .errors import SurveyError
from .inputs import check_rows
from .variance import sum_by

BLOCK_CELLS = 20_000_000  # numbers one array may hold while estimating: 160 MB

Conditions = Mapping[Hashable, np.ndarray] | pd.DataFrame | None


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
        """Check the conditions: boolean, one value a row; a missing one is not met. None: everyone, as "all"."""
        if conditions is None:
            conditions = {"all": np.ones(design.n_rows, dtype=bool)}
        names = list(conditions.keys())
        if len(set(names)) < len(names):
            raise SurveyError(f"{design.name}: domains have repeated names")
        member = np.zeros((len(names), design.n_rows), dtype=bool)
        for position, name in enumerate(names):
            member[position] = _read_condition(design, conditions[name], f"domain {name!r}")
        return cls(design, names, member & (design.weight > 0))

    def union(self) -> Domains:
        """The one domain of those who are in any of these."""
        return Domains(self.design, ["any"], self.member.any(axis=0, keepdims=True))

    def count(self, values: np.ndarray) -> np.ndarray:
        """Unweighted sums (domains x columns) of values (rows x columns)."""
        return self._summing(np.ones(self.design.n_rows)) @ values

    def weigh(self, values: np.ndarray, power: int = 1) -> np.ndarray:
        """Sums (domains x columns) of weight (to the power) times values (rows x columns)."""
        return self._summing(self.design.weight**power) @ values

    def weigh_by_unit(self, values: np.ndarray) -> np.ndarray:
        """Sums (finest units x domains x columns) of weight times values (rows x columns)."""
        sums = self._unit_summing @ values
        return sums.reshape(self.design.n_units, len(self.names), values.shape[1])

    def presence(self, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """PSUs with a row in the base (domains x columns), strata with one (strata x domains x columns, boolean).

        base: (finest units x domains x columns), sums of weights.
        """
        stage = self.design.stages[0]
        shape = base.shape[1:]
        flat = (base > 0).astype(float).reshape(len(base), shape[0] * shape[1])
        psu = sum_by(stage.unit, len(stage.stratum), flat) > 0
        strata = sum_by(stage.stratum, len(stage.drawn), psu.astype(float)) > 0
        return psu.sum(axis=0).reshape(shape), strata.reshape(len(strata), *shape)

    def blocks(self, columns: int) -> Iterator[slice]:
        """Slices of columns whose sums fit in memory: all columns at once, for a survey of usual size."""
        rows = max(self.design.n_rows, self.design.n_units * len(self.names), 1)
        step = max(BLOCK_CELLS // rows, 1)
        return (slice(start, min(start + step, columns)) for start in range(0, columns, step))

    @cached_property
    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        return np.nonzero(self.member)

    def _summing(self, factor: np.ndarray) -> sparse.csr_matrix:
        domain, row = self._rows
        return sparse.csr_matrix((factor[row], (domain, row)), shape=self.member.shape)

    @cached_property
    def _unit_summing(self) -> sparse.csr_matrix:
        domain, row = self._rows
        group = self.design.unit[row] * len(self.names) + domain
        shape = (self.design.n_units * len(self.names), self.design.n_rows)
        return sparse.csr_matrix((self.design.weight[row], (group, row)), shape=shape)


def _read_condition(design: Design, condition: np.ndarray, what: str) -> np.ndarray:
    series = condition if isinstance(condition, pd.Series) else pd.Series(condition)
    check_rows(design, series.index if series is condition else pd.RangeIndex(len(series)), what)
    if not pd.api.types.is_bool_dtype(series.dtype):
        raise SurveyError(f"{design.name}: {what} is no condition: its type is {series.dtype}, not boolean")
    return series.to_numpy(dtype=bool, na_value=False)
