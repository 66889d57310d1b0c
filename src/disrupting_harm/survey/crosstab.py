"""Two-way tables: shares of rows, of columns and of the total, each with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .design import Design
from .errors import SurveyError
from .estimates import COLUMNS, proportions
from .inputs import check_rows

SHARES = ("row", "column", "total")


def shares(
    design: Design,
    row: pd.Series,
    column: pd.Series,
    of: str = "total",
    domain: np.ndarray | None = None,
    interval: str = "logit",
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted shares of the cells of a two-way table, one row a cell.

    row, column: one category a respondent, missing = outside the base. of: ``row`` (each row adds up to 1), ``column``
    (each column does) or ``total``. domain: a condition; None is everyone. Categories come in the order of a
    Categorical, else sorted; a level of a Categorical that nobody has keeps its cells (status empty, or a share of 0).

    Result: columns row, column, then those of `proportions` without indicator and domain; conventions as there.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "sex": ["girl", "boy", "girl"], "told": ["yes", "yes", "no"]})
    >>> shares(Design(people, weight="w"), people["sex"], people["told"], of="row")["estimate"].round(3).tolist()
    [0.0, 1.0, 0.667, 0.333]
    """
    if of not in SHARES:
        raise SurveyError(f"{design.name}: shares are of one of {', '.join(SHARES)}, not {of!r}")
    for variable, what in ((row, "row variable"), (column, "column variable")):
        check_rows(design, variable.index, what)
    known = row.notna().to_numpy() & column.notna().to_numpy()
    inside = known if domain is None else known & np.asarray(domain, dtype=bool)
    rows, columns = _categories(row), _categories(column)
    is_row = {name: (row == name).fillna(False).to_numpy(bool) for name in rows}
    is_column = {name: (column == name).fillna(False).to_numpy(bool) for name in columns}
    cells = [(first, second) for first in rows for second in columns]
    if of == "row":
        counted, among = is_column, {name: member & inside for name, member in is_row.items()}
        place = {(second, first): (first, second) for first, second in cells}
    elif of == "column":
        counted, among = is_row, {name: member & inside for name, member in is_column.items()}
        place = {cell: cell for cell in cells}
    else:
        counted = {(first, second): is_row[first] & is_column[second] for first, second in cells}
        among, place = {"all": inside}, {(cell, "all"): cell for cell in cells}
    values = pd.DataFrame(
        {number: np.where(known, member, np.nan) for number, member in enumerate(counted.values())}
    )
    found = proportions(
        design, values, {str(number): member for number, member in enumerate(among.values())}, interval, level
    )
    names, groups = list(counted), list(among)
    keys = [
        place[names[one], groups[int(group)]]
        for one, group in zip(found["indicator"], found["domain"], strict=True)
    ]
    table = found[COLUMNS[2:]].assign(row=[key[0] for key in keys], column=[key[1] for key in keys])
    order = {cell: number for number, cell in enumerate(cells)}
    table = table.iloc[np.argsort([order[key] for key in keys], kind="stable")].reset_index(drop=True)
    return table[["row", "column", *COLUMNS[2:]]]


def _categories(variable: pd.Series) -> list:
    """The categories of a variable in order."""
    if isinstance(variable.dtype, pd.CategoricalDtype):
        return list(variable.cat.categories)
    return sorted(variable.dropna().unique())
