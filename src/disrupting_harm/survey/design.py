"""The design of a sample: who was drawn from which stratum, in which cluster, with which weight.

Bound once and then only read. Estimates never drop rows from it: a domain is a condition, and a respondent
outside of it contributes zero while the cluster still counts.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import get_close_matches
from functools import reduce
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from .columns import as_floats, holds_numbers, label_problem, number_problem
from .errors import ALSO, Problem, SurveyError, name_rows, refuse, refuse_all
from .options import check_choice, check_flag, is_hashable, is_real, named, shown
from .replicates import Replicates, rao_wu
from .stages import build_stages

SINGLETON_PSU_POLICIES = ("fail", "adjust", "remove", "certainty", "average")
_DOMAIN_POLICIES = ("adjust", "average")  # those that treat a stratum by how many of its PSUs are in the base
_SINGLETON_PSU_HINT = (
    "so its variance cannot be estimated. Merge it with a stratum like it, or choose singleton_psu: adjust (centre it "
    "at the mean over all), remove or certainty (it adds no variance), average (it adds what others add)"
)
_SHOWN_STRATA = 5
_SHOWN_COLUMNS = 10


class Design:
    """A stratified, clustered, weighted sample.

    Parameters
    ----------
    frame: one row per respondent. Only the design columns are kept.
    weight: column with the weight; finite, not negative. With weight zero a respondent leaves every domain, and
        the PSU stays.
    stratum: column, or columns whose combination is the stratum; None: one stratum.
    psu: column with the primary sampling unit, or one column per stage, outer stage first; None: each row is its
        own.
    fpc: column, or one a stage, with the number of units in the population or, when no value exceeds 1, the
        fraction drawn. Without it only the first stage counts (as if drawn with replacement). A stage beyond the
        columns given counts as drawn from an infinite population.
    singleton_psu: what a stratum with one PSU does; the meaning is that of the option ``survey.lonely.psu`` of R's
        survey 4.5. ``fail`` (default) raises; ``adjust`` centres the PSU at the mean over all PSUs of the strata
        that have respondents in the base; ``remove`` and ``certainty`` let it add no variance; ``average`` lets it
        add what the other strata of the base do on average. With an fpc for several stages, a unit that holds a
        single unit of the next stage adds no variance of that stage under ``adjust``, ``remove`` and ``certainty``;
        under ``average`` an estimate whose base reaches it is not estimable.
    adjust_singletons_in_domains: apply singleton_psu, ``adjust`` or ``average``, also to strata of several PSUs of
        which only one has respondents in the base of an estimate (R's option ``survey.adjust.domain.lonely``). Without
        it these strata count as they are: their other PSUs contribute zero.
    nest: PSU labels are unique only within a stratum. Without it a label in two strata is an error.
    name: how errors call the design.

    Raises
    ------
    SurveyError: missing column; missing stratum, PSU, weight or fpc; infinite or negative weight; PSU in two
        strata; singleton PSU under ``fail``; adjust_singletons_in_domains with another policy than ``adjust`` or
        ``average``; fpc that varies within a stratum or is smaller than the sample.

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
        singleton_psu: str = "fail",
        nest: bool = False,
        name: str = "survey",
        adjust_singletons_in_domains: bool = False,
    ) -> None:
        self.name = name
        self.singleton_psu = singleton_psu
        self.adjust_singletons_in_domains = adjust_singletons_in_domains
        #: the row labels of the frame
        self.index = _read_index(name, frame)
        check_flag(name, "nest", nest)
        check_flag(name, "adjust_singletons_in_domains", adjust_singletons_in_domains)
        weight_column = self._read_name(weight, "weight")
        strata_columns = self._read_names(stratum, "stratum")
        psu_columns, fpc_columns = self._read_names(psu, "psu"), self._read_names(fpc, "fpc")
        self._check_call(frame, max(len(psu_columns), 1), len(fpc_columns))
        self._check_columns(frame, [weight_column, *strata_columns, *psu_columns, *fpc_columns])
        self._check_labels(frame, [*strata_columns, *psu_columns])
        self._check_numbers(frame, [weight_column, *fpc_columns])
        #: float array, one a row
        self.weight = self._read_finite(frame, [weight_column], "weight column")[:, 0]
        hint = ". Correct it; with weight 0 a respondent leaves every estimate, and the PSU stays"
        refuse(self.weight < 0, f"{name}: weight column {weight_column!r} is negative", hint)
        #: neither clusters nor strata are known: warn that clustering is not accounted for
        self.weights_only = not strata_columns and not psu_columns
        strata = _codes(frame, strata_columns)
        staged = psu_columns if fpc_columns else psu_columns[:1]
        outer = strata_columns if nest else []
        units = [_codes(frame, [*outer, *staged[: depth + 1]]) for depth in range(len(staged))]
        units = units or [np.arange(len(frame))]
        if psu_columns and not nest:
            self._check_one_stratum(strata, units[0], psu_columns[0])
        #: for each row, its finest unit (code from 0)
        self.unit = units[-1]
        populations = [(column, as_floats(frame[column])) for column in fpc_columns]
        #: the stages of selection, outer first
        self.stages = build_stages(name, strata, units, populations)
        #: where variances come from replicate weights, these
        self.replicates: Replicates | None = None
        if singleton_psu == "fail":
            self._check_singletons(frame[strata_columns], strata, units)

    @classmethod
    def from_replicates(
        cls,
        frame: pd.DataFrame,
        weight: str,
        replicates: Sequence[str],
        scale: float,
        rscales: float | Sequence[float] = 1.0,
        combined: bool = True,
        mse: bool = False,
        name: str = "survey",
    ) -> Design:
        """A design known by its replicate weights, given as columns; arguments as of R's svrepdesign.

        scale, rscales: factors of the squared deviations, of all and of each replicate. combined: the columns hold
        weights, else factors of the weight. mse: deviations from the whole sample's estimate, else from the mean of
        the replicates. df is the rank of the replicate weights minus 1. An estimate whose base is empty in a
        replicate is not estimable. A regression is fitted anew with each replicate's weights.

        >>> people = pd.DataFrame({"w": [1.0, 1, 1], "a": [0, 1.5, 1.5], "b": [1.5, 0, 1.5], "c": [1.5, 1.5, 0]})
        >>> Design.from_replicates(people, "w", ["a", "b", "c"], scale=2 / 3)  # the jackknife
        Design('survey': 3 rows, 3 replicates)
        """
        check_flag(name, "combined", combined)
        check_flag(name, "mse", mse)
        plain = cls(frame, weight=weight, name=name)
        columns = plain._read_names(replicates, "replicates")
        factors, scales = plain._read_replicates(frame, columns, scale, rscales)
        if combined:
            known = plain.weight[:, None] > 0
            factors = np.divide(factors, plain.weight[:, None], out=np.zeros_like(factors), where=known)
        alike = np.unique(factors.round(9), axis=0, return_inverse=True)[1].ravel()
        units = pd.DataFrame({"weight": plain.weight, "unit": alike}, index=frame.index)
        design = cls(units, weight="weight", psu="unit", singleton_psu="remove", name=name)
        rows = np.unique(design.unit, return_index=True)[1]
        design.replicates = Replicates(factors[rows], scales, mse)
        return design

    def bootstrap(self, replicates: int, seed: int | np.random.Generator) -> Design:
        """The same design, with variances from a rescaled bootstrap of PSUs within strata (Rao and Wu 1988).

        For one stage of selection. A singleton PSU adds no variance under ``remove`` and ``certainty``, and the
        average of the other strata under ``average``; ``adjust`` is refused.

        >>> people = pd.DataFrame({"w": [1.0, 1, 1], "told": [1, 0, 1]})
        >>> Design(people, weight="w").bootstrap(200, seed=1)
        Design('survey': 3 rows, 200 replicates)
        """
        if self.replicates is not None or len(self.stages) > 1:
            raise SurveyError(
                f"{self.name}: a bootstrap needs units drawn in one stage, and no other replicates"
            )
        if self.singleton_psu == "adjust" and self.stages[0].singleton.any():
            raise SurveyError(
                f"{self.name}: a bootstrap cannot adjust a singleton PSU; choose remove or average"
            )
        if self.adjust_singletons_in_domains:
            raise SurveyError(
                f"{self.name}: a bootstrap does not know adjust_singletons_in_domains; leave it out"
            )
        if not isinstance(replicates, Integral) or replicates < 2:
            raise SurveyError(
                f"{self.name}: a bootstrap needs two replicates or more, not {shown(replicates)}; 500, say"
            )
        try:
            random = np.random.default_rng(seed)
        except (TypeError, ValueError):
            raise SurveyError(
                f"{self.name}: a seed is a whole number not below 0, or a generator of numpy; seed=1, say"
            ) from None
        design = copy.copy(self)
        design.replicates = rao_wu(self.stages[0], replicates, random)
        return design

    @property
    def n_rows(self) -> int:
        """Rows of the frame, those with weight zero included."""
        return len(self.weight)

    @property
    def n_units(self) -> int:
        """Finest units that the variance distinguishes: PSUs, or with an fpc the units of the last stage."""
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
        """Degrees of freedom of the whole design: PSUs minus strata; of given replicate weights, their rank minus 1."""
        by_count = self.n_psu - self.n_strata
        if self.replicates is None:
            return by_count
        return int(self.replicates.df(np.array(by_count), np.ones(self.n_units, dtype=bool)))

    @property
    def treats_singletons(self) -> bool:
        """Whether what some stratum adds to a variance depends on who is in the base (see singleton_psu)."""
        if self.singleton_psu not in _DOMAIN_POLICIES:
            return False
        return self.adjust_singletons_in_domains or any(stage.singleton.any() for stage in self.stages)

    def __repr__(self) -> str:
        if self.replicates is not None:
            return f"Design({self.name!r}: {self.n_rows} rows, {len(self.replicates.scale)} replicates)"
        size = f"{self.n_rows} rows, {self.n_psu} PSUs, {self.n_strata} strata"
        return f"Design({self.name!r}: {size}, singleton_psu={self.singleton_psu!r})"

    def _check_call(self, frame: pd.DataFrame, stages: int, fpc_columns: int) -> None:
        check_choice(self.name, "singleton_psu is", self.singleton_psu, SINGLETON_PSU_POLICIES)
        if self.adjust_singletons_in_domains and self.singleton_psu not in _DOMAIN_POLICIES:
            raise SurveyError(
                f"{self.name}: adjust_singletons_in_domains goes with singleton_psu {' or '.join(_DOMAIN_POLICIES)}; "
                f"under {self.singleton_psu!r} a PSU that is the only one of its stratum in a domain counts as it is"
            )
        if fpc_columns > stages:
            raise SurveyError(
                f"{self.name}: {fpc_columns} fpc columns for {stages} stage(s) of selection; "
                "give psu one column per stage, or fpc fewer"
            )
        if not len(frame):
            raise SurveyError(f"{self.name}: the table has no rows; look at how it was read or filtered")

    def _read_name(self, column: Hashable, argument: str) -> Hashable:
        """The name of a column, as the argument gives it."""
        if is_hashable(column) and not isinstance(column, pd.Index):
            return column
        raise SurveyError(
            f"{self.name}: {argument} is the name of a column of the frame, not {named(column)}; "
            f"put it there, frame.assign({argument}=values), and say {argument}={argument!r}"
        )

    def _read_names(self, columns: Hashable | Sequence[Hashable] | None, argument: str) -> list[Hashable]:
        """The names of columns, as the argument gives them: one, a list of them, or none."""
        if columns is None:
            return []
        listed = list(columns) if isinstance(columns, (list, tuple, pd.Index)) else [columns]
        return [self._read_name(column, argument) for column in listed]

    def _check_columns(self, frame: pd.DataFrame, columns: Sequence[Hashable]) -> None:
        """Raise SurveyError for columns that are not there or there twice, and for missing cells: all of them."""
        columns = list(dict.fromkeys(columns))
        times: Counter[Hashable] = Counter(frame.columns)
        wrong = [
            f"column {column!r} more than once; rename or drop one"
            if times[column]
            else _absent(frame, column)
            for column in columns
            if times[column] != 1
        ]
        if wrong:
            raise SurveyError(f"{self.name}: the table has {ALSO.join(wrong)}")
        hint = "Complete it: respondents who stand for nobody have weight 0, and keep stratum and PSU."
        missing = ((column, frame[column].isna().to_numpy()) for column in columns)
        refuse_all(
            self.name, (Problem(f"column {column!r} is missing", rows, hint) for column, rows in missing)
        )

    def _check_labels(self, frame: pd.DataFrame, columns: Sequence[Hashable]) -> None:
        """Raise SurveyError for columns of units with labels of mixed types: 5 and "5" would be two units."""
        distinct = dict.fromkeys(columns)
        refuse_all(self.name, (label_problem(frame[name], name, f"column {name!r}") for name in distinct))

    def _check_numbers(self, frame: pd.DataFrame, columns: Sequence[Hashable]) -> None:
        distinct = dict.fromkeys(columns)
        problems = (
            number_problem(frame[name], name, f"column {name!r} is not a number") for name in distinct
        )
        refuse_all(self.name, problems)

    def _read_replicates(
        self, frame: pd.DataFrame, columns: Sequence[Hashable], scale: float, rscales: float | Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """The columns (rows x replicates), and the scale of each."""
        self._check_columns(frame, columns)
        self._check_numbers(frame, columns)
        scales = _numbers(rscales) * (scale if is_real(scale) else np.nan)
        sound = scales.size in (1, len(columns)) and (np.isfinite(scales) & (scales >= 0)).all()
        if not columns or not sound:
            raise SurveyError(
                f"{self.name}: {len(columns)} replicates need one scale not below 0 for each, or for all: "
                "give scale as a number, and rscales as one, or one a replicate"
            )
        return self._read_finite(frame, columns, "replicate weight"), np.broadcast_to(scales, len(columns))

    def _read_finite(self, frame: pd.DataFrame, columns: Sequence[Hashable], what: str) -> np.ndarray:
        """Columns of numbers (rows x columns)."""
        numbers = np.column_stack([as_floats(frame[column]) for column in columns])
        infinite = zip(columns, np.isinf(numbers).T, strict=True)
        hint = "Correct it."
        refuse_all(
            self.name, (Problem(f"{what} {column!r} is infinite", rows, hint) for column, rows in infinite)
        )
        return numbers

    def _check_one_stratum(self, strata: np.ndarray, unit: np.ndarray, column: Hashable) -> None:
        elsewhere = strata != strata[np.unique(unit, return_index=True)[1]][unit]
        if elsewhere.any():
            raise SurveyError(
                f"{self.name}: a PSU of column {column!r} is in two strata: "
                f"{name_rows(np.isin(unit, unit[elsewhere]))}. "
                "If its labels are unique only within a stratum, set nest=True; otherwise correct the column"
            )

    def _check_singletons(self, labels: pd.DataFrame, strata: np.ndarray, units: list[np.ndarray]) -> None:
        """Raise SurveyError for a stratum of any stage that holds a single unit. labels: the columns of the strata."""
        for depth, (stage, outer) in enumerate(zip(self.stages, [strata, *units], strict=False)):
            rows = stage.singleton[outer]
            if not rows.any():
                continue
            named = (
                labels[rows].drop_duplicates().astype(str).agg(" / ".join, axis=1).tolist()
                if len(labels.columns)
                else ["all"]
            )
            more = f" and {len(named) - _SHOWN_STRATA} more" if len(named) > _SHOWN_STRATA else ""
            what = (
                f"stratum {', '.join(map(repr, named[:_SHOWN_STRATA]))}{more} has one primary sampling unit"
            )
            if depth:
                what = f"a unit holds one unit of stage {depth + 1}"
            raise SurveyError(f"{self.name}: {what} ({name_rows(rows)}), {_SINGLETON_PSU_HINT}")


def _read_index(name: str, frame: pd.DataFrame) -> pd.Index:
    """The row labels of a frame; raises SurveyError for anything else."""
    if isinstance(frame, pd.DataFrame):
        return frame.index
    raise SurveyError(
        f"{name}: the frame of a design is a DataFrame, not {named(frame)}; make one: pd.DataFrame(columns)"
    )


def _absent(frame: pd.DataFrame, column: Hashable) -> str:
    """That a frame has no such column, and what it has that is like it."""
    near = get_close_matches(str(column), [str(known) for known in frame.columns], n=1)
    known = ", ".join(repr(known) for known in frame.columns[:_SHOWN_COLUMNS])
    more = ", ..." if len(frame.columns) > _SHOWN_COLUMNS else ""
    return f"no column {column!r}; " + (f"did you mean {near[0]!r}?" if near else f"it has {known}{more}")


def _numbers(values: Any) -> np.ndarray:
    """One or several numbers as floats; NaN for what is no number."""
    several = isinstance(values, (list, tuple, pd.Series)) or (
        isinstance(values, np.ndarray) and values.ndim == 1
    )
    column = pd.Series(list(values) if several else [values], dtype=object)
    return as_floats(column) if holds_numbers(column) else np.full(1, np.nan)


def _codes(frame: pd.DataFrame, columns: Sequence[Hashable]) -> np.ndarray:
    """Codes from 0 of the combinations of the columns that occur, in order of appearance."""
    codes = [pd.factorize(frame[column])[0] for column in columns] or [np.zeros(len(frame), dtype=np.int64)]
    return reduce(lambda outer, inner: pd.factorize(outer * (inner.max() + 1) + inner)[0], codes)
