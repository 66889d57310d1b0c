"""Formulas of regressions, as in R, for columns only: no part of a formula is ever run as code.

The library `formulaic` makes the design matrix; it is imported when the first model is fitted. It is handed nothing
but names of columns, ``+ : * ( )``, 0 and 1: ``C(name)`` is read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import numpy as np
import pandas as pd

from .design import Design
from .errors import SurveyError, name_rows
from .inputs import check_rows, to_numbers

TOKENS = re.compile(
    r"\s*(?:(?P<category>C\s*\(\s*(?P<inner>[^\W\d]\w*|`[^`]+`)\s*\))"
    r"|(?P<name>[^\W\d]\w*|`[^`]+`)|(?P<sign>[+:()]|\*(?!\s*\*))|(?P<number>[01](?![\w.])))"
)
LONGEST = 10_000  # characters


@dataclass(frozen=True)
class Formula:
    """A formula as it was written; outcome, terms as they are handed on, columns, those to take as categories."""

    text: str
    outcome: str
    terms: str
    columns: tuple[str, ...]
    categories: frozenset[str]


def read_formula(design: Design, frame: pd.DataFrame, text: str) -> Formula:
    """Read ``outcome ~ terms``: names of columns (in backticks where they are no plain word), + : * C() ( ) 0 1.

    Raises SurveyError for anything else, and for a name that is no column.
    """
    outcome, tilde, terms = text.partition("~")
    names = re.fullmatch(r"\s*([^\W\d]\w*|`[^`]+`)\s*", outcome)
    if not tilde or not names or len(text) > LONGEST:
        raise SurveyError(f"{design.name}: a formula reads 'outcome ~ column + column', not {text[:80]!r}")
    outcome, parts, columns, plain, categories = _bare(names[1]), [], [], set(), set()
    position, terms = 0, terms.strip()
    while position < len(terms):
        token = TOKENS.match(terms, position)
        if not token:
            raise SurveyError(
                f"{design.name}: a formula holds names of columns, + : * C() ( ) 0 and 1, "
                f"not {terms[position:].strip()[:20]!r} in {text[:200]!r}"
            )
        position = token.end()
        name = token["inner"] or token["name"]
        parts.append(f"`{_bare(name)}`" if name else token["sign"] or token["number"])
        if name:
            columns.append(_bare(name))
            (categories if token["category"] else plain).add(columns[-1])
    _check_names(design, frame, outcome, columns, plain & categories)
    return Formula(text, outcome, " ".join(parts), tuple(dict.fromkeys(columns)), frozenset(categories))


def _bare(name: str) -> str:
    return name.strip("`")


def _check_names(design: Design, frame: pd.DataFrame, outcome: str, columns: list[str], both: set) -> None:
    for name in [outcome, *columns]:
        if (frame.columns == name).sum() != 1:
            near = get_close_matches(name, [str(known) for known in frame.columns], n=1)
            hint = f"; did you mean {near[0]!r}?" if near and near[0] != name else ""
            many = "more than one column" if near and near[0] == name else "no column"
            raise SurveyError(f"{design.name}: the table of the model has {many} {name!r}{hint}")
    if outcome in columns:
        raise SurveyError(f"{design.name}: column {outcome!r} is on both sides of the formula")
    if both:
        raise SurveyError(f"{design.name}: column {min(both)!r} is both a number and C() in the formula")


@dataclass(frozen=True, eq=False)
class Variables:
    """The columns of a formula, one row for each row of the design.

    frame: covariates, numbers as floats and the rest as categories. y: the outcome (NaN: unknown). base: rows with
    the domain met, weight above zero and all columns known; categories are those of the base.
    """

    formula: Formula
    frame: pd.DataFrame
    y: np.ndarray
    base: np.ndarray

    @classmethod
    def read(cls, design: Design, frame: pd.DataFrame, text: str, member: np.ndarray) -> Variables:
        """Check the frame against the design, the formula against the frame, and find the base among the members."""
        check_rows(design, frame.index, "the table of the model")
        formula = read_formula(design, frame, text)
        y = to_numbers(design, frame[[formula.outcome]])[:, 0]
        columns = {}
        base = member & ~np.isnan(y)
        for name in formula.columns:
            as_category = name in formula.categories or not _is_number(frame[name])
            columns[name] = frame[name] if as_category else to_numbers(design, frame[[name]])[:, 0]
            base &= pd.notna(columns[name]).to_numpy() if as_category else ~np.isnan(columns[name])
        if not base.any():
            raise SurveyError(f"{design.name}: no row has all of {formula.outcome!r} and {formula.columns}")
        for name, column in columns.items():
            if isinstance(column, pd.Series):
                columns[name] = _categories(design, column, base)
        return cls(formula, pd.DataFrame(columns, index=pd.RangeIndex(len(y))), y, base)

    def check_outcome(self, design: Design, family: str) -> None:
        """Raise SurveyError for an outcome that the family cannot have, or that does not vary in the base."""
        y, outcome = self.y, self.formula.outcome
        wrong, word = np.zeros(len(y), dtype=bool), ""
        if family == "logistic":
            wrong, word = (y != 0) & (y != 1), "neither 0 nor 1"
        elif family == "log_poisson":
            wrong, word = y < 0, "negative"
        if (wrong & self.base).any():
            raise SurveyError(
                f"{design.name}: outcome {outcome!r} is {word} in {name_rows(wrong & self.base)}"
            )
        if np.ptp(y[self.base]) == 0:
            raise SurveyError(
                f"{design.name}: outcome {outcome!r} does not vary in the {self.base.sum()} rows of the base"
            )

    @cached_property
    def kinds(self) -> dict[str, list]:
        """For each covariate its levels, the reference first: categories, or 0 and 1; none for other numbers."""
        found = {}
        for name in self.formula.columns:
            column = self.frame.loc[self.base, name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                found[name] = list(column.cat.categories)
            else:
                found[name] = [0.0, 1.0] if set(column.unique()) == {0.0, 1.0} else []
        return found


def _is_number(column: pd.Series) -> bool:
    kinds = pd.api.types
    return not isinstance(column.dtype, pd.CategoricalDtype) and (
        kinds.is_numeric_dtype(column.dtype) or kinds.is_bool_dtype(column.dtype)
    )


def _categories(design: Design, column: pd.Series, base: np.ndarray) -> pd.Categorical:
    """The column as categories, in their order, only those of the base; two at least."""
    held = column.astype("category")[base].cat.remove_unused_categories().cat.categories
    if len(held) < 2:
        raise SurveyError(f"{design.name}: column {column.name!r} has one category in the base of the model")
    if len(held) >= base.sum():
        raise SurveyError(f"{design.name}: column {column.name!r} has {len(held)} categories: too many")
    return pd.Categorical(column.where(column.isin(held)), categories=held)


class Matrix:
    """The design matrix of a formula: treatment contrasts, the first category of each variable its reference.

    It has one row for each distinct row of covariates in the base; `group` says which, for each in the base.
    """

    def __init__(self, design: Design, variables: Variables) -> None:
        import formulaic

        self.design, self.variables = design, variables
        self.group, self._data = _distinct(variables.frame[variables.base])
        try:
            made = formulaic.Formula(variables.formula.terms or "1").get_model_matrix(
                self._data, context={}, output="numpy", na_action="raise"
            )
        except formulaic.errors.FormulaicError as error:
            reason = re.sub(r"\x1b\[[\d;]*m|[⧛⧚]", "", str(error)).splitlines()[0]
            raise SurveyError(f"{design.name}: formula {variables.formula.text!r}: {reason}") from None
        self.spec = made.model_spec
        #: (distinct rows x coefficients)
        self.X = np.asarray(made, dtype=float)
        #: names of the coefficients
        self.names = list(self.spec.column_names)
        if not self.names:
            raise SurveyError(f"{design.name}: formula {variables.formula.text!r} has no terms")
        #: positions of the coefficients of each term
        self.terms = {str(term): list(places) for term, places in self.spec.term_indices.items()}

    def of(self, data: pd.DataFrame) -> np.ndarray:
        """The matrix of other rows, with the same categories; covariates as in `Variables.frame`."""
        made = self.spec.get_model_matrix(data, context={}, output="numpy", na_action="raise")
        return np.asarray(made, dtype=float)

    def at(self, name: str, value: object) -> np.ndarray:
        """The matrix, had everyone this value of one covariate."""
        data, column = self._data, self._data[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            fixed = pd.Categorical([value], categories=column.cat.categories).repeat(len(data))
        else:
            fixed = np.full(len(data), float(value))
        return self.of(data.assign(**{name: fixed}))

    def rows_of(self, frame: pd.DataFrame) -> np.ndarray:
        """The matrix of new rows; raises SurveyError for a missing column or value and for an unknown category."""
        columns = {}
        for name in self.variables.formula.columns:
            if name not in frame.columns:
                raise SurveyError(f"{self.design.name}: the table of new rows has no column {name!r}")
            known = self.variables.frame[name]
            if isinstance(known.dtype, pd.CategoricalDtype):
                columns[name] = pd.Categorical(frame[name], categories=known.cat.categories)
            else:
                columns[name] = to_numbers(self.design, frame[[name]])[:, 0]
            wrong = np.asarray(pd.isna(columns[name]))
            if wrong.any():
                raise SurveyError(
                    f"{self.design.name}: column {name!r} is missing, or a category the model does not know, in "
                    f"{name_rows(wrong)} of the new rows"
                )
        return self.of(pd.DataFrame(columns, index=pd.RangeIndex(len(frame))))


def _distinct(data: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """For each row, which of the distinct rows it is; and those."""
    if data.columns.empty:
        return np.zeros(len(data), dtype=np.int64), data.iloc[:1]
    group = data.groupby(list(data.columns), sort=False, observed=True).ngroup().to_numpy()
    return group, data.iloc[np.unique(group, return_index=True)[1]]
