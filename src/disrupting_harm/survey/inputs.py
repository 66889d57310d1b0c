"""The one door for what is handed to an estimate: every public function reads its arguments here.

What has row labels (Series, DataFrame) is held to the design's; what has none (arrays, lists) goes by position. What
does not fit is a `SurveyError` that names the design, the argument or the columns, the rows by position, and the way
out: never another exception.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from .columns import (
    CONFUSABLE,
    as_floats,
    as_labels,
    is_plain,
    kinds_of_labels,
    label_problem,
    number_problem,
)
from .design import Design
from .errors import Problem, SurveyError, gather, name_rows, refuse_all
from .options import check_probability, is_real, named, shown

CHUNK_CELLS = 1_000_000  # numbers read at once: near the processor, 8 MB

Values = pd.DataFrame | pd.Series | Mapping[Any, Sequence[Any]] | np.ndarray | Sequence[Any]
Rows = slice | np.ndarray
Chunks = Iterator[tuple[Rows, Sequence[np.ndarray]]]
_POOLED = ("indicator", "domain", "estimate", "se", "df")  # columns that pooling reads
_BY_POSITION = (np.ndarray, ExtensionArray, pd.Index, list, tuple, range)


def check_design(design: Design) -> None:
    """Raise SurveyError unless it is a design."""
    if not isinstance(design, Design):
        raise SurveyError(
            f"the first argument is a survey.Design, not {named(design)}; "
            "make one: survey.Design(frame, weight='column of weights')"
        )


def read_values(design: Design, values: Values, what: str = "values") -> pd.DataFrame:
    """The indicators as a frame with one row for each row of the design.

    Series, tables, mappings of columns by name, arrays and lists; what has no name is named by its position.

    Raises SurveyError for another number of rows, for row labels of which the design has some in another order, and
    for repeated columns.
    """
    check_design(design)
    if isinstance(values, Mapping):
        frame = _read_mapping(design, values, what)
    elif isinstance(values, np.ndarray) and values.ndim == 2:
        _check_length(design, len(values), what)
        frame = pd.DataFrame(values, index=design.index)
    elif isinstance(values, pd.DataFrame):
        _check_rows(design, values.index, what)
        frame = values
    else:
        frame = _read_series(design, values, what).to_frame()
    if not frame.columns.is_unique:
        repeated = sorted({str(column) for column in frame.columns[frame.columns.duplicated()]})
        raise SurveyError(
            f"{design.name}: {what} have repeated columns: {', '.join(repeated)}; rename or drop them"
        )
    return frame


def _read_series(design: Design, values: pd.Series | np.ndarray | Sequence[Any], what: str) -> pd.Series:
    """One value for each row of the design; only what has row labels is held to the design's."""
    check_design(design)
    if isinstance(values, pd.Series):
        _check_rows(design, values.index, what)
        return values
    if isinstance(values, str):
        raise SurveyError(
            f"{design.name}: {what}: one value for each row is wanted, not a name; pass the column: frame[{values!r}]"
        )
    if not _is_flat(values):
        raise SurveyError(
            f"{design.name}: {what}: one value for each row is wanted, not {named(values)}; "
            "pass one column, as in frame['column'], or an array"
        )
    if len(values) != design.n_rows and len(values) and all(isinstance(value, str) for value in values):
        raise SurveyError(
            f"{design.name}: {what}: one value for each row is wanted, not {len(values)} words; "
            "where they name columns pass these, as in frame[['told', 'helped']]"
        )
    _check_length(design, len(values), what)
    return pd.Series(values, index=design.index)


def read_condition(
    design: Design, condition: np.ndarray | pd.Series | Sequence[Any], what: str
) -> np.ndarray:
    """Whether a condition is met, for each row of the design; a missing one is not."""
    if isinstance(condition, np.ndarray) and condition.dtype == bool and condition.shape == (design.n_rows,):
        return condition
    series = _read_series(design, condition, what)
    is_category = isinstance(series.dtype, pd.CategoricalDtype)
    if is_category or not pd.api.types.is_bool_dtype(series.dtype):
        raise SurveyError(
            f"{design.name}: {what} is no condition: its type is {series.dtype}, not boolean; "
            "compare: frame['column'] == value, or take column.astype('boolean')"
        )
    return series.to_numpy(dtype=bool, na_value=False)


def read_conditions(
    design: Design, conditions: Mapping[Any, np.ndarray] | pd.DataFrame
) -> tuple[list[Hashable], np.ndarray]:
    """The names of the conditions, and whether each row meets each (domains x rows)."""
    check_design(design)
    if not isinstance(conditions, (Mapping, pd.DataFrame)):
        raise SurveyError(
            f"{design.name}: domains are conditions by name, not {named(conditions)}; "
            "pass {'girls': frame['sex'] == 'girl'}, or a table of boolean columns"
        )
    names = list(conditions)
    if len(set(names)) < len(names):
        raise SurveyError(f"{design.name}: domains have repeated names; rename or drop them")
    _check_names(design.name, names, "the names of domains")
    member = np.zeros((len(names), design.n_rows), dtype=bool)

    def read(position: int) -> None:
        name = names[position]
        member[position] = read_condition(design, conditions[name], f"domain {name!r}")

    gather(design.name, (partial(read, position) for position in range(len(names))))
    return names, member


def read_categories(design: Design, variable: pd.Series | Sequence[Any], what: str) -> pd.Categorical:
    """One category for each row of the design, in the order of a Categorical, else sorted."""
    return pd.Categorical(read_labels(design, variable, what))


def read_labels(design: Design, variable: pd.Series | Sequence[Any], what: str) -> pd.Series:
    """One label for each row of the design, all of one type; a label may be missing."""
    labels = as_labels(_read_series(design, variable, what))
    name = what if labels.name is None else labels.name
    refuse_all(design.name, [label_problem(labels, name, what)])
    return labels


def read_table(design: Design, frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """A table of variables, one row for each row of the design."""
    check_design(design)
    check_table(design.name, frame, what)
    _check_rows(design, frame.index, what)
    return frame


def check_table(name: str, frame: pd.DataFrame, what: str) -> None:
    """Raise SurveyError unless it is a DataFrame."""
    if not isinstance(frame, pd.DataFrame):
        raise SurveyError(
            f"{name}: {what} is a DataFrame, not {named(frame)}; make one: pd.DataFrame(columns)"
        )


def _check_length(design: Design, length: int, what: str) -> None:
    """Raise SurveyError unless there is one row for each row of the design."""
    if length != design.n_rows:
        raise SurveyError(
            f"{design.name}: {length} rows in {what}, {design.n_rows} in the design; "
            "pass every row, and sub-groups as domains"
        )


def _check_rows(design: Design, index: pd.Index, what: str) -> None:
    """Raise SurveyError unless there is one row for each row of the design, in the design's order.

    The same labels in the same order fit, repeated ones too. Labels of which the design has none go by position. Any
    others are rows in another order, or other rows.
    """
    _check_length(design, len(index), what)
    if index is design.index or index.equals(design.index):
        return
    shared = _shared(index, design.index)
    if not shared.any():
        return
    if not (index.is_unique and design.index.is_unique):
        raise SurveyError(
            f"{design.name}: row labels of {what} repeat, and are not the design's in the same order, first in "
            f"{_first_other(index, design.index)}. Give rows labels of their own before the design is made: "
            "frame.reset_index(drop=True), or pd.concat(files, ignore_index=True)"
        )
    if shared.all():
        raise SurveyError(
            f"{design.name}: the row labels of {what} are the design's in another order, first in "
            f"{_first_other(index, design.index)}; reindex: column.reindex(design.index)"
        )
    raise SurveyError(
        f"{design.name}: the row labels of {what} are the design's only in part, not in {name_rows(~shared)}. "
        "Take the design's rows: frame.loc[design.index]. If the rows are in the design's order whatever their labels "
        "are, pass an array: column.to_numpy()"
    )


def _check_names(design_name: str, names: Sequence[Hashable], what: str) -> None:
    """Raise SurveyError for names of mixed types: 5 and "5" would be two."""
    kinds = kinds_of_labels(pd.Series(list(names), dtype=object))
    mixed = [] if kinds is None else sorted(set(kinds) & CONFUSABLE)
    if len(mixed) > 1:
        raise SurveyError(
            f"{design_name}: {what} are of mixed types: {' and '.join(mixed)}; 5 and '5' would be two. "
            "Make them one type: str(name)"
        )


def check_confidence(design: Design, confidence: float) -> None:
    """Raise SurveyError unless it is a design, and the confidence level is between 0 and 1."""
    check_design(design)
    check_probability(design.name, confidence)


def read_probabilities(design: Design, probabilities: float | Sequence[float]) -> np.ndarray:
    """Probabilities between 0 and 1, one or several."""
    given: Any = [probabilities] if is_real(probabilities) else probabilities
    given = given.to_numpy() if isinstance(given, (pd.Series, ExtensionArray)) else given
    if not _is_flat(given) or not all(is_real(one) and 0 < one < 1 for one in given):
        raise SurveyError(
            f"{design.name}: probabilities are between 0 and 1, one or a list of them, as in [0.25, 0.5]; "
            f"not {shown(probabilities)}"
        )
    return np.array(given, dtype=float)


def read_effects(
    effects: Sequence[float] | pd.Series | np.ndarray, errors: Sequence[float] | pd.Series | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Effects and their standard errors, by position, as floats."""
    given = {"effects": effects, "errors": errors}
    for what, numbers in given.items():
        if not isinstance(numbers, pd.Series) and not _is_flat(numbers):
            raise SurveyError(
                f"random_effects: {what} are a list of numbers, not {named(numbers)}; as in [0.2, 0.5]"
            )
    series = {what: pd.Series(numbers) for what, numbers in given.items()}
    refuse_all(
        "random_effects",
        (number_problem(numbers, what, f"not numeric: {what},") for what, numbers in series.items()),
    )
    one, other = (numbers.index for numbers in series.values())
    labelled = isinstance(effects, pd.Series) and isinstance(errors, pd.Series)
    if labelled and not one.equals(other) and _shared(one, other).any():
        raise SurveyError(
            "random_effects: effects and errors do not have the same labels in the same order; "
            "reindex: errors.reindex(effects.index), or pass arrays"
        )
    return as_floats(series["effects"]), as_floats(series["errors"])


def read_pooled(table: pd.DataFrame, populations: Mapping[Any, float] | None = None) -> pd.DataFrame:
    """A table of estimates of surveys, its numbers as floats; populations are checked, too."""
    check_table("pool", table, "the table of estimates")
    absent = [name for name in _POOLED if (table.columns == name).sum() != 1]
    if absent:
        raise SurveyError(
            f"pool: the table of estimates has no single column {', '.join(map(repr, absent))}; "
            "pass one as survey.proportions gives it, with a survey in each domain"
        )
    names = {name: as_labels(table[name]) for name in _POOLED[:2]}
    labels = chain.from_iterable(_name_problems(column, name) for name, column in names.items())
    read = [name for name in table.columns if name in (*_POOLED[2:], "n")]
    numbers = (number_problem(table[name], name, f"column {name!r} is not a number") for name in read)
    refuse_all("pool", chain(labels, numbers))
    if populations is not None:
        _check_populations(names["domain"], populations)
    return table.assign(**names, **{name: as_floats(table[name]) for name in read})


def to_numbers(design: Design, frame: pd.DataFrame, binary: bool = False) -> np.ndarray:
    """The columns as floats, missing as NaN (rows x columns).

    Raises SurveyError for columns that are not numeric or boolean, for infinite values, and, if binary, for anything
    but 0, 1 and missing; it names all such columns.
    """
    types = set(frame.dtypes)
    if len(types) == 1 and all(is_plain(one) for one in types):
        raw = frame.to_numpy()  # looked at without a copy
    else:
        refuse_all(design.name, _number_problems(frame))
        raw = np.empty(frame.shape)
        for index in range(frame.shape[1]):
            raw[:, index] = as_floats(frame.iloc[:, index])
    numbers = raw.astype(float, order="C")
    # missing does not equal itself
    strange = (raw != 0) & (raw != 1) & (raw == raw) if binary else np.isinf(numbers)
    if strange.any():
        refuse_all(design.name, _all_problems(frame, binary))
    return numbers


def in_chunks(
    design: Design,
    frames: Sequence[pd.DataFrame],
    binary: bool = False,
    chosen: np.ndarray | None = None,
) -> Chunks:
    """Rows, and `to_numbers` of each frame in them: all rows once, few enough at a time to stay near the processor.

    chosen: positions of the only rows to read; None: all.
    """
    length = design.n_rows if chosen is None else len(chosen)
    for part in slices(length, CHUNK_CELLS // max(frames[0].shape[1], 1)):
        rows = part if chosen is None else chosen[part]
        try:
            yield rows, [to_numbers(design, frame.iloc[rows], binary) for frame in frames]
        except SurveyError:
            # the message counts the rows of the whole table, and names all columns
            refuse_all(design.name, chain.from_iterable(_all_problems(frame, binary) for frame in frames))
            raise


def slices(length: int, step: int) -> Iterator[slice]:
    """Slices that cover `length`, each of at most `step`, or of 1."""
    step = max(step, 1)
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _read_mapping(design: Design, values: Mapping[Any, Sequence[Any]], what: str) -> pd.DataFrame:
    """Columns by name; none is aligned to another by its labels."""
    readers = (partial(_read_series, design, column, f"{what} {name!r}") for name, column in values.items())
    columns = gather(design.name, readers)
    arrays = {name: column.array for name, column in zip(values, columns, strict=True)}
    return pd.DataFrame(arrays, index=design.index)


def _name_problems(column: pd.Series, name: str) -> Iterator[Problem | None]:
    """The rows of a column of names that has to name each row, with labels of one type."""
    yield label_problem(column, name, f"column {name!r}")
    hint = "Give each row a name: it would be left out without a word."
    yield Problem(f"column {name!r} is missing", column.isna().to_numpy(), hint)


def _check_populations(names: pd.Series, populations: Mapping[Any, float]) -> None:
    if not isinstance(populations, (Mapping, pd.Series)):
        raise SurveyError(
            f"pool: populations are numbers by survey, not {named(populations)}; as in {{'Kenya': 5_000_000}}"
        )
    if isinstance(populations, pd.Series) and not populations.index.is_unique:
        repeated = populations.index[populations.index.duplicated()].unique()
        raise SurveyError(
            f"pool: populations repeat {', '.join(map(str, repeated))}; keep one row of each survey"
        )
    strange = [name for name, size in populations.items() if not is_real(size) or not isfinite(size)]
    if strange:
        raise SurveyError(
            f"pool: populations that are no finite numbers: {', '.join(map(str, strange))}; correct them"
        )
    _check_names("pool", [*names.dropna().unique(), *populations.keys()], "names of surveys")


def _is_flat(values: object) -> bool:
    """Whether it holds one value after the other, without row labels."""
    if not isinstance(values, _BY_POSITION) or isinstance(values, pd.MultiIndex):
        return False
    is_record = isinstance(values, np.ndarray) and values.dtype.kind == "V"
    return getattr(values, "ndim", 1) == 1 and not is_record


def _shared(index: pd.Index, others: pd.Index) -> np.ndarray:
    """Which labels are among the others."""
    if index.nlevels != others.nlevels:
        return np.zeros(len(index), dtype=bool)
    return index.isin(others)


def _first_other(index: pd.Index, expected: pd.Index) -> str:
    """The first row whose label is not the one expected."""
    codes = pd.factorize(index.append(expected))[0]
    differ = codes[: len(index)] != codes[len(index) :]
    return name_rows(np.arange(len(index)) == differ.argmax())


def _number_problems(frame: pd.DataFrame) -> Iterator[Problem | None]:
    """For each column, the rows that hold no numbers."""
    for index, name in enumerate(frame.columns):
        yield number_problem(frame.iloc[:, index], name, f"not numeric or boolean: {name},")


def _all_problems(frame: pd.DataFrame, binary: bool) -> Iterator[Problem]:
    """For each column, the rows that hold no numbers, or those that hold numbers that are refused."""
    for index, problem in enumerate(_number_problems(frame)):
        if problem is not None:
            yield problem
            continue
        numbers, what = as_floats(frame.iloc[:, index]), f"column {frame.columns[index]!r} is"
        yield Problem(f"{what} infinite", np.isinf(numbers), "Make such values missing, or correct them.")
        if binary:
            known = np.isin(numbers, (0, 1)) | ~np.isfinite(numbers)
            hint = "Compare with the answers that count, as in frame['column'] == 'yes'; other numbers have means()."
            yield Problem(f"{what} neither 0 nor 1 nor missing", ~known, hint)
