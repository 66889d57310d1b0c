"""Tables and conditions handed to an estimate, checked against the design."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from .design import Design
from .errors import SurveyError, name_rows
from .variance import sum_by

BLOCK_CELLS = 20_000_000  # numbers held at once in one array while estimating, 160 MB

Values = pd.DataFrame | pd.Series | Mapping[Hashable, np.ndarray]
Conditions = Mapping[Hashable, np.ndarray] | pd.DataFrame | None


def read_values(design: Design, values: Values, what: str = "values") -> pd.DataFrame:
    """The indicators as a frame with one row for each row of the design.

    Raises SurveyError for another number of rows, for the design's row labels in another order and for repeated columns.
    """
    frame = values.to_frame() if isinstance(values, pd.Series) else values
    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame(dict(frame))
    if len(frame) != design.n_rows:
        raise SurveyError(f"{design.name}: {what} have {len(frame)} rows, the design has {design.n_rows}")
    if not frame.columns.is_unique:
        repeated = sorted({str(column) for column in frame.columns[frame.columns.duplicated()]})
        raise SurveyError(f"{design.name}: {what} have repeated columns: {', '.join(repeated)}")
    if _is_reordered(frame.index, design.index):
        raise SurveyError(
            f"{design.name}: {what} have the design's row labels in another order; reindex them first"
        )
    return frame


def to_numbers(design: Design, frame: pd.DataFrame, binary: bool = False) -> np.ndarray:
    """The columns as floats, missing as NaN (rows x columns).

    Raises SurveyError for a column that is not numeric or boolean, for an infinite value, and, if binary, for anything but
    0, 1 and missing.
    """
    try:
        numbers = frame.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        wrong = [str(column) for column in frame if not _converts(frame[column])]
        raise SurveyError(f"{design.name}: not numeric or boolean: {', '.join(wrong)}") from None
    _refuse(design, frame, np.isinf(numbers), "infinite")
    if binary:
        _refuse(
            design,
            frame,
            ~((numbers == 0) | (numbers == 1) | np.isnan(numbers)),
            "neither 0 nor 1 nor missing",
        )
    return numbers


@dataclass(frozen=True, eq=False)
class Domains:
    """Conditions on respondents, and the sparse products that sum over those who meet them.

    names: one a domain. member: (domains x rows), weight above zero and condition met.
    """

    design: Design
    names: list[Hashable]
    member: np.ndarray

    @classmethod
    def read(cls, design: Design, conditions: Conditions) -> Domains:
        """Check the conditions: boolean, one a row; a missing condition is not met. None: everyone, named "all"."""
        if conditions is None:
            conditions = {"all": np.ones(design.n_rows, dtype=bool)}
        names = list(conditions.keys())
        member = np.zeros((len(names), design.n_rows), dtype=bool)
        for position, name in enumerate(names):
            member[position] = _read_condition(design, conditions[name], f"domain {name!r}")
        return cls(design, names, member & (design.weight > 0))

    def summing(self, weight: np.ndarray | None = None) -> sparse.csr_matrix:
        """The matrix (domains x rows) that sums over each domain's rows, weighted if a weight is given."""
        domain, row = np.nonzero(self.member)
        data = np.ones(len(row)) if weight is None else weight[row]
        return sparse.csr_matrix((data, (domain, row)), shape=self.member.shape)

    def unit_summing(self) -> sparse.csr_matrix:
        """The matrix (finest units * domains x rows) that sums weighted values by unit and domain."""
        domain, row = np.nonzero(self.member)
        shape = (self.design.n_units * len(self.names), self.design.n_rows)
        group = self.design.unit[row].astype(np.int64) * len(self.names) + domain
        return sparse.csr_matrix((self.design.weight[row], (group, row)), shape=shape)

    def blocks(self, columns: int) -> Iterator[slice]:
        """Slices of columns small enough to hold their sums in memory (all of them, for a usual survey)."""
        rows = max(self.design.n_rows, self.design.n_units * len(self.names), 1)
        step = max(BLOCK_CELLS // rows, 1)
        return (slice(start, min(start + step, columns)) for start in range(0, columns, step))

    def presence(self, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """PSUs with a row in the base (count), and strata (strata x domains x columns, yes or no).

        base: (finest units x domains x columns), sums of weights.
        """
        stage = self.design.stages[0]
        units, domains, columns = base.shape
        psu = sum_by(stage.unit, len(stage.stratum), (base > 0).reshape(units, -1).astype(float)) > 0
        strata = sum_by(stage.stratum, len(stage.drawn), psu.astype(float)) > 0
        return psu.sum(axis=0).reshape(domains, columns), strata.reshape(-1, domains, columns)


def _read_condition(design: Design, condition: np.ndarray, what: str) -> np.ndarray:
    series = condition if isinstance(condition, pd.Series) else pd.Series(condition)
    if len(series) != design.n_rows:
        raise SurveyError(f"{design.name}: {what} has {len(series)} rows, the design has {design.n_rows}")
    if isinstance(condition, pd.Series) and _is_reordered(series.index, design.index):
        raise SurveyError(
            f"{design.name}: {what} has the design's row labels in another order; reindex it first"
        )
    if not pd.api.types.is_bool_dtype(series.dtype):
        raise SurveyError(
            f"{design.name}: {what} is not a condition: its type is {series.dtype}, not boolean"
        )
    return series.to_numpy(dtype=bool, na_value=False)


def _is_reordered(index: pd.Index, expected: pd.Index) -> bool:
    """Whether the labels are those expected, in another order (labels of another kind are taken by position)."""
    if index.equals(expected) or not (index.is_unique and expected.is_unique):
        return False
    return len(index) == len(expected) and bool(index.isin(expected).all())


def _converts(column: pd.Series) -> bool:
    try:
        column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True


def _refuse(design: Design, frame: pd.DataFrame, wrong: np.ndarray, word: str) -> None:
    if wrong.any():
        position = int(np.flatnonzero(wrong.any(axis=0))[0])
        raise SurveyError(
            f"{design.name}: column {frame.columns[position]!r} is {word} in {name_rows(wrong[:, position])}"
        )
