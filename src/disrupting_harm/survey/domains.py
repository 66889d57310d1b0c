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
CHUNK_CELLS = 1_000_000  # numbers read at once where sums can grow chunk by chunk: near the processor, 8 MB

Chunks = Iterator[tuple[slice, np.ndarray]]
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
        return self._by_domain @ values

    def weigh(self, values: np.ndarray, power: int = 1) -> np.ndarray:
        """Sums (domains x columns) of weight (to the power) times values (rows x columns)."""
        return self._by_domain @ (values * (self.design.weight**power)[:, None])

    def weigh_by_unit(self, values: np.ndarray) -> np.ndarray:
        """Sums (finest units x domains x columns) of weight times values (rows x columns)."""
        return (self._by_unit @ values).reshape(self.design.n_units, len(self.names), values.shape[1])

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

    def tally(self, columns: int, chunks: Chunks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums of weight times values, and of weights, by unit, and the unweighted base, of values met in chunks.

        chunks: rows, and their values (rows x columns; NaN is outside the base, and becomes 0 in place). The last
        two results have a single column where nothing is missing.
        """
        domains = len(self.names)
        sums = np.zeros((self.design.n_units, domains, columns))
        base, n = np.zeros((self.design.n_units, domains, 1)), np.zeros((domains, 1))
        for rows, values in chunks:
            known = ~np.isnan(values)
            if known.all():
                known = known[:, :1]
            else:
                np.copyto(values, 0.0, where=~known)
            if known.shape[1] > n.shape[1]:
                base, n = np.repeat(base, columns, axis=-1), np.repeat(n, columns, axis=-1)
            units, weigh, count = self._matrices(rows)
            known = known.astype(float)
            sums[units] += (weigh @ values).reshape(sums[units].shape)
            base[units] += (weigh @ known).reshape(*sums[units].shape[:2], known.shape[1])
            n += count @ known
        return sums, base, n

    def blocks(self, columns: int, chunked: bool = False) -> Iterator[slice]:
        """Slices of columns whose sums fit in memory: all columns at once, for a survey of usual size."""
        rows = max(1 if chunked else self.design.n_rows, self.design.n_units * len(self.names), 1)
        return slices(columns, BLOCK_CELLS // rows)

    @cached_property
    def _by_unit(self) -> sparse.csc_array:
        return self._matrices(slice(None), every_unit=True)[1]

    @cached_property
    def _by_domain(self) -> sparse.csc_array:
        return self._matrices(slice(None))[2]

    def _matrices(
        self, rows: slice, every_unit: bool = False
    ) -> tuple[slice, sparse.csc_array, sparse.csc_array]:
        """What sums those rows: the units they lie in, with weights by unit and domain, without weights by domain."""
        unit = self.design.unit[rows]
        met = slice(0, self.design.n_units) if every_unit else slice(int(unit.min()), int(unit.max()) + 1)
        member = np.ascontiguousarray(self.member[:, rows].T)
        row, domain = np.nonzero(member)
        start = np.append(0, np.cumsum(np.count_nonzero(member, axis=1)))
        domains, units = len(self.names), met.stop - met.start
        group = (unit[row] - met.start) * domains + domain
        weight = self.design.weight[rows][row]
        return (
            met,
            sparse.csc_array((weight, group, start), shape=(units * domains, len(member))),
            sparse.csc_array((np.ones(len(row)), domain, start), shape=(domains, len(member))),
        )


def slices(length: int, step: int) -> Iterator[slice]:
    """Slices that cover `length`, each of at most `step`, or of 1."""
    step = max(step, 1)
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _read_condition(design: Design, condition: np.ndarray, what: str) -> np.ndarray:
    if isinstance(condition, np.ndarray) and condition.dtype == bool and condition.shape == (design.n_rows,):
        return condition
    series = condition if isinstance(condition, pd.Series) else pd.Series(condition)
    check_rows(design, series.index if series is condition else pd.RangeIndex(len(series)), what)
    if not pd.api.types.is_bool_dtype(series.dtype):
        raise SurveyError(f"{design.name}: {what} is no condition: its type is {series.dtype}, not boolean")
    return series.to_numpy(dtype=bool, na_value=False)
