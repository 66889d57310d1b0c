"""Tables of indicators handed to an estimate, checked against the design."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

import numpy as np
import pandas as pd

from .design import Design
from .errors import SurveyError, name_rows

Values = pd.DataFrame | pd.Series | Mapping[Hashable, np.ndarray]


def read_values(design: Design, values: Values, what: str = "values") -> pd.DataFrame:
    """The indicators as a frame with one row for each row of the design.

    Raises SurveyError for another number of rows, for the design's row labels in another order and for repeated
    columns.
    """
    frame = values.to_frame() if isinstance(values, pd.Series) else values
    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame(dict(frame))
    check_rows(design, frame.index, what)
    if not frame.columns.is_unique:
        repeated = sorted({str(column) for column in frame.columns[frame.columns.duplicated()]})
        raise SurveyError(f"{design.name}: {what} have repeated columns: {', '.join(repeated)}")
    return frame


def check_rows(design: Design, index: pd.Index, what: str) -> None:
    """Raise SurveyError unless there is one row for each row of the design, in the design's order.

    Rows go by position. Labels are looked at only to catch the design's own labels in another order.
    """
    if len(index) != len(design.index):
        raise SurveyError(f"{design.name}: {len(index)} rows in {what}, {design.n_rows} in the design")
    if index.equals(design.index) or not (index.is_unique and design.index.is_unique):
        return
    if index.isin(design.index).all():
        raise SurveyError(
            f"{design.name}: the row labels of {what} are the design's in another order; reindex"
        )


def to_numbers(design: Design, frame: pd.DataFrame, binary: bool = False) -> np.ndarray:
    """The columns as floats, missing as NaN (rows x columns).

    Raises SurveyError for a column that is not numeric or boolean, for an infinite value, and, if binary, for
    anything but 0, 1 and missing.
    """
    try:
        raw = frame.to_numpy() if _is_plain(frame) else frame.to_numpy(dtype=float, na_value=np.nan)
        numbers = raw.astype(float, order="C")
    except (TypeError, ValueError):
        wrong = [str(column) for column in frame if not _converts(frame[column])]
        raise SurveyError(f"{design.name}: not numeric or boolean: {', '.join(wrong)}") from None
    if binary:
        strange = (raw != 0) & (raw != 1) & (raw == raw)  # missing does not equal itself
        if strange.any():
            _refuse(design, frame, np.isinf(numbers), "infinite")
            _refuse(design, frame, strange, "neither 0 nor 1 nor missing")
    else:
        _refuse(design, frame, np.isinf(numbers), "infinite")
    return numbers


def in_chunks(
    design: Design, frame: pd.DataFrame, rows: Iterator[slice]
) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows, and `to_numbers` of 0, 1 and missing in them (arrays of the caller's own)."""
    for chunk in rows:
        try:
            yield chunk, to_numbers(design, frame.iloc[chunk], binary=True)
        except SurveyError:
            for column in frame.columns:  # the message counts the rows of the whole table
                to_numbers(design, frame[[column]], binary=True)
            raise


def _is_plain(frame: pd.DataFrame) -> bool:
    """Whether all columns have one of numpy's own types of number: no copy is needed to look at them."""
    types = set(frame.dtypes)
    return len(types) == 1 and all(isinstance(one, np.dtype) and one.kind in "biuf" for one in types)


def _converts(column: pd.Series) -> bool:
    try:
        column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True


def _refuse(design: Design, frame: pd.DataFrame, wrong: np.ndarray, word: str) -> None:
    if wrong.any():
        position = int(np.flatnonzero(wrong.any(axis=0))[0])
        rows = name_rows(wrong[:, position])
        raise SurveyError(f"{design.name}: column {frame.columns[position]!r} is {word} in {rows}")
