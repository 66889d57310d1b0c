"""The design of a sample: who was drawn from which stratum, in which cluster, with which weight.

Bound once and then only read. Estimates never drop rows from it: a domain is a condition, and a respondent outside of it
contributes zero while the cluster stays counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from .errors import SurveyError, name_rows

LONE_PSU_POLICIES = ("fail", "adjust", "remove", "certainty", "average")


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of selection, seen from the finest units (those that the variance still tells apart).

    unit: for each finest unit, the unit of this stage that holds it.
    stratum: for each unit of this stage, its stratum (later stages: within the unit that holds it).
    drawn: for each stratum, the units drawn, counted in the whole design.
    scale: for each unit, the factor of its squared deviation from the stratum's mean.
    lone: for each stratum, whether it holds a single unit that stands for others.
    """

    unit: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    scale: np.ndarray
    lone: np.ndarray


class Design:
    """A stratified, clustered, weighted sample.

    Parameters
    ----------
    frame: one row a respondent. Nothing of it is kept but the design columns.
    weight: column with the weight; finite, not negative. A weight of zero leaves every domain, its PSU stays.
    stratum: column, or columns whose combination is the stratum; None: one stratum.
    psu: column with the primary sampling unit, or one column a stage, outer stage first; None: each row is its own.
    fpc: column(s), one a stage, with the number of units in the population (or, when no value exceeds 1, the sampling
        fraction). Without it only the first stage counts (sampling with replacement). A stage beyond the columns given
        counts as drawn from an infinite population.
    lone_psu: what a stratum with one PSU does, with the meaning of the R option ``survey.lonely.psu`` of survey 4.5:
        ``fail`` (default) raises; ``adjust`` centres it at the mean over all PSUs; ``remove`` and ``certainty`` let it
        contribute nothing; ``average`` lets it contribute as much as the other strata do on average.
    nest: PSU labels are unique only within stratum. Otherwise a label in two strata is an error.
    name: how errors call the design.

    Raises
    ------
    SurveyError: missing column; missing stratum, PSU or fpc; weight that is missing, infinite, negative or no number; PSU in two
        strata; lone PSU under ``fail``; fpc that varies in a stratum or is smaller than the sample.

    >>> people = pd.DataFrame({"w": [1.0, 2, 1, 2], "area": ["u", "u", "r", "r"], "cluster": [1, 2, 3, 4]})
    >>> design = Design(people, weight="w", stratum="area", psu="cluster")
    >>> design.n_psu, design.n_strata, design.df
    (4, 2, 2)
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        weight: str,
        stratum: str | Sequence[str] | None = None,
        psu: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        lone_psu: str = "fail",
        nest: bool = False,
        name: str = "survey",
    ) -> None:
        self.name = name
        self.lone_psu = lone_psu
        self.index = frame.index
        if lone_psu not in LONE_PSU_POLICIES:
            raise SurveyError(f"{name}: lone_psu is one of {', '.join(LONE_PSU_POLICIES)}, not {lone_psu!r}")
        if not len(frame):
            raise SurveyError(f"{name}: the table has no rows")
        stratum_columns, psu_columns, fpc_columns = _listed(stratum), _listed(psu), _listed(fpc)
        if len(fpc_columns) > max(len(psu_columns), 1):
            raise SurveyError(
                f"{name}: {len(fpc_columns)} fpc columns for {max(len(psu_columns), 1)} stage(s)"
            )
        self._check_columns(frame, [weight, *stratum_columns, *psu_columns, *fpc_columns])
        #: float array, one a row
        self.weight = self._weights(frame, weight)
        #: no clusters and no strata were given: outputs should say that clustering is not accounted for
        self.weights_only = not stratum_columns and not psu_columns
        strata, self.stratum_names = _combine(frame, stratum_columns)
        units = self._units(frame, strata, psu_columns, nest, staged=bool(fpc_columns))
        population = self._populations(frame, fpc_columns)
        #: for each row, its finest unit
        self.unit = units[-1]
        #: the stages of selection, outer first
        self.stages = self._stages(units, strata, population, fpc_columns)

    @property
    def n_rows(self) -> int:
        """Rows of the table, those with weight zero included."""
        return len(self.weight)

    @property
    def n_units(self) -> int:
        """Finest units the variance tells apart: PSUs, or the last stage's units when an fpc is given."""
        return len(self.stages[0].unit)

    @property
    def n_psu(self) -> int:
        """Primary sampling units."""
        return len(self.stages[0].stratum)

    @property
    def n_strata(self) -> int:
        """Strata of the first stage."""
        return len(self.stages[0].drawn)

    @property
    def df(self) -> int:
        """Degrees of freedom of the whole design: PSUs minus strata."""
        return self.n_psu - self.n_strata

    def __repr__(self) -> str:
        return (
            f"Design({self.name!r}: {self.n_rows} rows, {self.n_psu} PSUs, {self.n_strata} strata, "
            f"lone_psu={self.lone_psu!r})"
        )

    def _check_columns(self, frame: pd.DataFrame, columns: list[str]) -> None:
        for column in dict.fromkeys(columns):
            if column not in frame.columns:
                near = get_close_matches(str(column), [str(known) for known in frame.columns], n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise SurveyError(f"{self.name}: the table has no column {column!r}{hint}")
            missing = frame[column].isna().to_numpy()
            if missing.any():
                raise SurveyError(f"{self.name}: column {column!r} is missing in {name_rows(missing)}")

    def _weights(self, frame: pd.DataFrame, column: str) -> np.ndarray:
        weight = self._numbers(frame, column)
        for wrong, word in ((~np.isfinite(weight), "infinite"), (weight < 0, "negative")):
            if wrong.any():
                raise SurveyError(f"{self.name}: weight column {column!r} is {word} in {name_rows(wrong)}")
        return weight

    def _numbers(self, frame: pd.DataFrame, column: str) -> np.ndarray:
        try:
            return frame[column].to_numpy(dtype=float)
        except (TypeError, ValueError):
            wrong = pd.to_numeric(frame[column], errors="coerce").isna().to_numpy()
            raise SurveyError(
                f"{self.name}: column {column!r} is not a number in {name_rows(wrong)}"
            ) from None

    def _units(
        self, frame: pd.DataFrame, strata: np.ndarray, columns: list[str], nest: bool, staged: bool
    ) -> list[np.ndarray]:
        """For each stage that counts, the unit of each row, as codes from 0."""
        if not columns:
            return [np.arange(len(frame))]
        first = _codes(frame[columns[0]])
        if nest:
            first = _nested(strata, first)
        else:
            self._check_one_stratum(strata, first, columns[0])
        units = [first]
        for column in columns[1:] if staged else []:
            units.append(_nested(units[-1], _codes(frame[column])))
        return units

    def _check_one_stratum(self, strata: np.ndarray, unit: np.ndarray, column: str) -> None:
        _, first_row = np.unique(unit, return_index=True)
        elsewhere = strata != strata[first_row][unit]
        if elsewhere.any():
            torn = np.isin(unit, unit[elsewhere])
            raise SurveyError(
                f"{self.name}: a PSU of column {column!r} lies in two strata: {name_rows(torn)}. If its labels are unique "
                "only within a stratum, say nest=True; otherwise mend the column"
            )

    def _populations(self, frame: pd.DataFrame, columns: list[str]) -> list[np.ndarray]:
        """The fpc columns as numbers, sampling fractions as negative numbers."""
        values = [self._numbers(frame, column) for column in columns]
        for column, value in zip(columns, values, strict=True):
            if (value <= 0).any():
                raise SurveyError(
                    f"{self.name}: fpc column {column!r} is not positive in {name_rows(value <= 0)}"
                )
        sizes = any((value > 1).any() for value in values)
        return values if sizes else [-value for value in values]

    def _stages(
        self, units: list[np.ndarray], strata: np.ndarray, population: list[np.ndarray], columns: list[str]
    ) -> tuple[Stage, ...]:
        finest = units[-1]
        _, row_of_finest = np.unique(finest, return_index=True)
        stages: list[Stage] = []
        share = np.ones(len(finest))  # for each row, the share of units drawn, product over the outer stages
        for depth, unit in enumerate(units):
            stratum = strata if depth == 0 else units[depth - 1]
            _, row_of_unit = np.unique(unit, return_index=True)
            _, row_of_stratum = np.unique(stratum, return_index=True)
            drawn = np.bincount(stratum[row_of_unit], minlength=len(row_of_stratum))
            fraction = np.zeros(len(drawn))
            if depth < len(columns):
                fraction = self._fractions(population[depth], stratum, row_of_stratum, drawn, columns[depth])
            lone = (drawn == 1) & (1 - fraction > 1e-7)
            if depth == 0 and lone.any() and self.lone_psu == "fail":
                self._fail_on_lone(lone, stratum)
            if depth > 0 and lone.any() and self.lone_psu == "fail":
                raise SurveyError(
                    f"{self.name}: one unit only at stage {depth + 1} in {name_rows(lone[stratum])}, so its variance "
                    "cannot be estimated. Choose lone_psu = adjust, remove, certainty or average"
                )
            spread = (1 - fraction) * np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1)
            stages.append(
                Stage(
                    unit=unit[row_of_finest],
                    stratum=stratum[row_of_unit],
                    drawn=drawn,
                    scale=share[row_of_unit] * spread[stratum[row_of_unit]],
                    lone=lone,
                )
            )
            share = share * fraction[stratum]
        return tuple(stages)

    def _fractions(
        self,
        value: np.ndarray,
        stratum: np.ndarray,
        row_of_stratum: np.ndarray,
        drawn: np.ndarray,
        column: str,
    ) -> np.ndarray:
        """For each stratum, the share of its units that was drawn."""
        stated = value[row_of_stratum]
        varying = value != stated[stratum]
        if varying.any():
            raise SurveyError(
                f"{self.name}: fpc column {column!r} varies within a stratum: {name_rows(varying)}"
            )
        fraction = np.where(stated < 0, -stated, drawn / np.abs(stated))
        if (fraction > 1).any():
            raise SurveyError(
                f"{self.name}: fpc column {column!r} is smaller than the number of units drawn in "
                f"{name_rows(fraction[stratum] > 1)}"
            )
        return fraction

    def _fail_on_lone(self, lone: np.ndarray, stratum: np.ndarray) -> None:
        names = ", ".join(repr(self.stratum_names[code]) for code in np.flatnonzero(lone)[:5])
        more = f" and {lone.sum() - 5} more" if lone.sum() > 5 else ""
        raise SurveyError(
            f"{self.name}: stratum {names}{more} has one primary sampling unit ({name_rows(lone[stratum])}), so its "
            "variance cannot be estimated. Merge it with a like stratum, or choose lone_psu = adjust (centre it at the "
            "mean over all PSUs), remove or certainty (it adds no variance), or average (it adds what others add)"
        )


def _listed(columns: str | Sequence[str] | None) -> list[str]:
    if columns is None:
        return []
    return [columns] if isinstance(columns, str) else list(columns)


def _codes(column: pd.Series) -> np.ndarray:
    return pd.factorize(column)[0]


def _nested(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Codes from 0 of the combinations that occur."""
    return np.unique(outer.astype(np.int64) * (int(inner.max()) + 1) + inner, return_inverse=True)[1].ravel()


def _combine(frame: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, list[str]]:
    """Codes from 0 of the combined columns, and the names of the combinations."""
    if not columns:
        return np.zeros(len(frame), dtype=np.int64), ["all"]
    codes = _codes(frame[columns[0]])
    for column in columns[1:]:
        codes = _nested(codes, _codes(frame[column]))
    _, first_row = np.unique(codes, return_index=True)
    rows = frame[columns].iloc[first_row].itertuples(index=False)
    return codes, [" / ".join(str(part) for part in row) for row in rows]
