"""Tables of indicators handed to an estimate, checked against the design."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from .design import Design
from .errors import SurveyError, name_rows, refuse

CHUNK_CELLS = 1_000_000  # numbers read at once: near the processor, 8 MB

Values = pd.DataFrame | pd.Series | Mapping[Hashable, np.ndarray]
Chunks = Iterator[tuple[slice, Sequence[np.ndarray]]]


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


def read_series(design: Design, values: pd.Series | Sequence, what: str) -> pd.Series:
    """One value for each row of the design; only what has row labels is held to the design's."""
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    unlabelled = series is not values and len(series) == design.n_rows
    check_rows(design, design.index if unlabelled else series.index, what)
    return series


def read_categories(design: Design, variable: pd.Series | Sequence, what: str) -> pd.Categorical:
    """One category for each row of the design, in the order of a Categorical, else sorted."""
    return pd.Categorical(read_series(design, variable, what))


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
    types = set(frame.dtypes)
    if len(types) == 1 and all(isinstance(one, np.dtype) and one.kind in "biuf" for one in types):
        raw = frame.to_numpy()  # looked at without a copy
    else:
        raw = np.empty(frame.shape)
        for place, name in enumerate(frame.columns):
            raw[:, place] = _convert(design, frame.iloc[:, place], name)
    numbers = raw.astype(float, order="C")
    # missing does not equal itself
    strange = (raw != 0) & (raw != 1) & (raw == raw) if binary else np.isinf(numbers)
    if strange.any():
        for word, wrong in (("infinite", np.isinf(numbers)), ("neither 0 nor 1 nor missing", strange)):
            for place in np.flatnonzero(wrong.any(axis=0)):
                refuse(wrong[:, place], f"{design.name}: column {frame.columns[place]!r} is {word}")
    return numbers


def in_chunks(design: Design, frames: Sequence[pd.DataFrame], binary: bool = False) -> Chunks:
    """Rows, and `to_numbers` of each frame in them: all rows once, few enough at a time to stay near the processor."""
    for rows in slices(design.n_rows, CHUNK_CELLS // max(frames[0].shape[1], 1)):
        try:
            yield rows, [to_numbers(design, frame.iloc[rows], binary) for frame in frames]
        except SurveyError:
            for frame in frames:  # the message counts the rows of the whole table
                for column in frame.columns:
                    to_numbers(design, frame[[column]], binary)
            raise


def slices(length: int, step: int) -> Iterator[slice]:
    """Slices that cover `length`, each of at most `step`, or of 1."""
    step = max(step, 1)
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _convert(design: Design, column: pd.Series, name: Hashable) -> np.ndarray:
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        wrong = pd.to_numeric(column, errors="coerce").isna() & column.notna()
        raise SurveyError(
            f"{design.name}: not numeric or boolean: {name}, in {name_rows(wrong.to_numpy())}"
        ) from None
