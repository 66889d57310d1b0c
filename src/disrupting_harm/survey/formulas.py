"""Formulas of regressions, as in R, for columns only: no part of a formula is ever run as code.

The library `formulaic` makes the design matrix; it is imported when the first model is fitted. It is handed nothing
but names of columns, ``+ : * ( )``, 0 and 1: ``C(name)`` is read here.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .columns import as_labels, holds_text, label_problem
from .design import Design
from .domains import Domains
from .errors import ALSO, Problem, SurveyError, gather, refuse, refuse_all
from .inputs import check_table, read_table, to_numbers
from .options import check_member

NAME = r"[^\W\d]\w*|`[^`]+`"
_TOKENS = re.compile(
    rf"(?P<category>C\s*\(\s*(?P<inner>{NAME})\s*\))|(?P<name>{NAME})|(?P<sign>[+:()]|\*(?!\s*\*)|[01](?![\w.]))"
)
_LONGEST = 10_000  # characters
_FORMULA_HINT = (
    "Nothing is computed in a formula: make the column before, as in frame.assign(age_squared=frame['age'] ** 2), and "
    "name it, in backticks where it is no plain word; join terms by +"
)
_REFUSED = {  # outcomes that a family cannot have
    "logistic": ("neither 0 nor 1", lambda y: (y != 0) & (y != 1)),
    "log_poisson": ("negative", lambda y: y < 0),
}


class Sample:
    """The respondents a model is fitted to, and the design matrix of their covariates.

    The base are rows with the domain met, weight above zero and all columns known. The matrix has treatment
    contrasts, the first category of each variable its reference, and one row for each distinct row of covariates.

    name: how errors call it. rows: for each row of the design, whether it is in the base. y, weight, group: for each
    in the base the outcome, the weight, and the row of X. X: (distinct rows x coefficients). names: of these. terms:
    the positions of the coefficients of each. data: the distinct rows, numbers as floats, the rest as categories.
    """

    def __init__(
        self,
        design: Design,
        frame: pd.DataFrame,
        formula: str,
        family: str,
        domain: np.ndarray | None = None,
        known: np.ndarray | bool = True,
    ) -> None:
        """Check the frame against the design, the formula against the frame, and the outcome against the family.

        known: whether what else the model needs is known, one a row.
        """
        frame = read_table(design, frame, "the table of the model")
        self.design, self.name = design, design.name
        member = Domains.only(design, domain).member[0]
        outcome, terms, columns = _read_formula(design, frame, formula)
        kinds = {name: _kind(frame[name], is_category) for name, is_category in columns.items()}
        readers = (partial(_read_column, design, frame[name], kind) for name, kind in kinds.items())
        first, *arrays = gather(design.name, (partial(_read_column, design, frame[outcome], None), *readers))
        y, data = np.asarray(first), pd.DataFrame(index=pd.RangeIndex(len(frame)))
        for name, array in zip(columns, arrays, strict=True):
            data[name] = array
        self.rows = member & known & ~np.isnan(y) & data.notna().all(axis=1).to_numpy()
        if not self.rows.any():
            raise SurveyError(
                f"{design.name}: no row has all of {outcome!r} and {tuple(columns)}, and weight in the domain; "
                "drop the column that nobody has"
            )
        self.y, self.weight = y[self.rows], design.weight[self.rows]
        self.group, self.data = _distinct(_drop_categories(design, data[self.rows]))
        self._check_outcome(outcome, y, family)
        self._make_matrix(terms, formula)

    @property
    def share(self) -> np.ndarray:
        """Weights of the distinct rows, adding up to one."""
        return self.sums(self.weight) / self.weight.sum()

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums of values of the base for each distinct row."""
        return np.bincount(self.group, values, len(self.X))

    def replicates(self) -> Iterator[Sample]:
        """The same with each replicate's weights; raises SurveyError where those of the base are all 0 or negative."""
        if self.design.replicates is None:
            return
        factors, unit = self.design.replicates.factors.T, self.design.unit[self.rows]
        for number, factor in enumerate(factors, 1):
            other = copy.copy(self)
            other.name = f"{self.name}, replicate {number} of {len(factors)}"
            other.weight = self.weight * factor[unit]
            if other.weight.min() < 0 or not other.weight.any():
                raise SurveyError(
                    f"{other.name}: the weights of the base are all 0, or one is negative; widen the domain"
                )
            yield other

    def levels(self, name: str) -> list[Any]:
        """The levels of a covariate, the reference first: categories, or 0 and 1; none for other numbers."""
        check_member(self.name, "the model has variables", name, list(self.data))
        column = self.data[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            return list(column.cat.categories)
        return [0.0, 1.0] if set(column) == {0.0, 1.0} else []

    def at(self, name: str, value: Any) -> np.ndarray:
        """The matrix, had everyone this value of one covariate."""
        fixed = pd.Series(value, self.data.index).astype(self.data[name].dtype)
        return self._matrix(self.data.assign(**{name: fixed}))

    def rows_of(self, frame: pd.DataFrame) -> np.ndarray:
        """The matrix of new rows; raises SurveyError for a missing column or value and for an unknown category."""
        check_table(self.name, frame, "the table of new rows")
        kinds = self.data.dtypes.to_dict()
        _check_names(self.design, frame, list(kinds), "the table of new rows")
        readers = (partial(_read_column, self.design, frame[name], kind) for name, kind in kinds.items())
        arrays = gather(self.name, readers)
        columns = pd.DataFrame(index=pd.RangeIndex(len(frame)))
        for name, array in zip(kinds, arrays, strict=True):
            columns[name] = array
        what = "column {!r} is missing, or a category the model does not know,"
        hint = (
            "These are positions in the new rows: give all columns, with categories of the base of the model."
        )
        missing = (Problem(what.format(name), columns[name].isna().to_numpy(), hint) for name in kinds)
        refuse_all(self.name, missing)
        return self._matrix(columns)

    def _check_outcome(self, outcome: str, y: np.ndarray, family: str) -> None:
        word, is_refused = _REFUSED.get(family, ("missing", np.isnan))
        hint = f". Choose another family, or say which answers count: frame[{outcome!r}] == answer"
        refuse(self.rows & is_refused(y), f"{self.name}: outcome {outcome!r} is {word}", hint)
        if np.ptp(self.y) == 0:
            raise SurveyError(
                f"{self.name}: outcome {outcome!r} does not vary in the {len(self.y)} rows of the base; "
                "there is nothing to explain: widen the domain, or take another outcome"
            )

    def _make_matrix(self, terms: str, formula: str) -> None:
        import formulaic

        try:
            made = formulaic.Formula(terms or "1").get_model_matrix(
                self.data, context={}, output="numpy", na_action="raise"
            )
        except formulaic.errors.FormulaicError as error:
            reason = re.sub(r"\x1b\[[\d;]*m|[⧛⧚]", "", str(error)).splitlines()[0]
            raise SurveyError(f"{self.name}: formula {formula!r}: {reason}. {_FORMULA_HINT}") from None
        self._spec, self.X = made.model_spec, np.asarray(made, dtype=float)
        self.names = list(self._spec.column_names)
        self.terms = {str(term): list(places) for term, places in self._spec.term_indices.items()}
        if not self.names:
            raise SurveyError(
                f"{self.name}: formula {formula!r} has no terms; add a column, or 1 for the mean"
            )

    def _matrix(self, data: pd.DataFrame) -> np.ndarray:
        """The matrix of other rows with the same categories."""
        return np.asarray(self._spec.get_model_matrix(data, context={}), dtype=float)


def _read_formula(design: Design, frame: pd.DataFrame, text: str) -> tuple[str, str, dict[str, bool]]:
    """Read ``outcome ~ terms``: names of columns (in backticks where they are no plain word), + : * C() ( ) 0 1.

    Returns the outcome, the terms as they are handed on, and for each column whether it is taken as categories.
    Raises SurveyError for anything else, and for a name that is no column.
    """
    if not isinstance(text, str):
        raise SurveyError(
            f"{design.name}: a formula is text, 'outcome ~ column + column', not a {type(text).__name__}"
        )
    left, tilde, rest = (part.strip() for part in text.partition("~"))
    if not tilde or not re.fullmatch(NAME, left) or len(text) > _LONGEST:
        raise SurveyError(
            f"{design.name}: a formula reads 'outcome ~ column + column', not {text[:80]!r}. {_FORMULA_HINT}"
        )
    outcome = left.strip("`")
    parts: list[str] = []
    named: list[tuple[str, bool]] = []
    while rest:
        token = _TOKENS.match(rest)
        if not token:
            raise SurveyError(
                f"{design.name}: a formula holds names of columns, + : * C() ( ) 0 and 1, "
                f"not {rest[:20]!r} in {text[:200]!r}. {_FORMULA_HINT}"
            )
        if token["sign"]:
            parts.append(token["sign"])
        else:
            named.append(((token["inner"] or token["name"]).strip("`"), bool(token["category"])))
            parts.append(f"`{named[-1][0]}`")
        rest = rest[token.end() :].lstrip()
    columns = dict(named)
    _check_names(design, frame, [outcome, *columns])
    if outcome in columns:
        raise SurveyError(
            f"{design.name}: column {outcome!r} is on both sides of the formula; take it from the right side"
        )
    for name, is_category in named:
        if columns[name] != is_category:
            raise SurveyError(
                f"{design.name}: column {name!r} is both a number and C() in the formula; write it one way"
            )
    return outcome, " ".join(parts), columns


def _check_names(
    design: Design, frame: pd.DataFrame, names: Sequence[Hashable], table: str = "the table of the model"
) -> None:
    """Raise SurveyError for names that are no column of the table, or more than one: all of them."""
    times: Counter[Hashable] = Counter(frame.columns)
    wrong = []
    for name in names:
        near = get_close_matches(str(name), [str(known) for known in times], n=1)
        if times[name] > 1:
            wrong.append(f"more than one column {name!r}; rename or drop one")
        elif not times[name]:
            wrong.append(
                f"no column {name!r}; " + (f"did you mean {near[0]!r}?" if near else "make it before")
            )
    if wrong:
        raise SurveyError(f"{design.name}: {table} has {ALSO.join(wrong)}")


def _kind(column: pd.Series, is_category: bool) -> pd.CategoricalDtype | None:
    """How a column enters the model: as categories, or as numbers (None), which dates and the like are refused as."""
    is_label = isinstance(column.dtype, pd.CategoricalDtype) or holds_text(column)
    return pd.CategoricalDtype() if is_category or is_label else None


def _read_column(
    design: Design, column: pd.Series, kind: pd.CategoricalDtype | np.dtype | None
) -> np.ndarray | pd.Categorical:
    """The column as categories of that kind (missing where it is of none), otherwise as floats."""
    if isinstance(kind, pd.CategoricalDtype):
        refuse_all(design.name, [label_problem(column, column.name, f"column {column.name!r}")])
        return as_labels(column).astype(kind).array
    return to_numbers(design, column.to_frame())[:, 0]


def _drop_categories(design: Design, data: pd.DataFrame) -> pd.DataFrame:
    """The rows of the base with the categories that occur in it: two or more, and fewer than rows."""
    for name in data.select_dtypes("category"):
        data = data.assign(**{str(name): data[name].cat.remove_unused_categories()})
        held = len(data[name].cat.categories)
        if held < 2:
            raise SurveyError(
                f"{design.name}: column {name!r} has one category in the base of the model; take it from the formula"
            )
        if held >= len(data):
            raise SurveyError(
                f"{design.name}: column {name!r} has {held} categories: too many for {len(data)} rows; merge "
                "categories, or if it holds numbers as text, convert it: pd.to_numeric"
            )
    return data


def _distinct(data: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """For each row, which of the distinct rows it is; and those."""
    if data.columns.empty:
        return np.zeros(len(data), dtype=np.int64), data.iloc[:1]
    group = data.groupby(list(data), sort=False, observed=True).ngroup().to_numpy()
    return group, data.iloc[np.unique(group, return_index=True)[1]]
