"""Two-way tables: shares of rows, of columns and of the total, each with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .design import Design
from .domains import Domains
from .estimates import COLUMNS, proportions
from .inputs import check_confidence, read_categories
from .options import check_choice

_SHARES = ("row", "column", "total")


def shares(
    design: Design,
    row: pd.Series,
    column: pd.Series,
    of: str = "total",
    domain: np.ndarray | None = None,
    interval: str = "logit",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Weighted shares of the cells of a two-way table, one row per cell.

    row, column: one category per respondent, missing = outside the base. of: ``row`` (each row adds up to 1),
    ``column`` (each column does) or ``total``. domain: a condition; None is everyone. Categories come in the order of a
    Categorical, else sorted; a level of a Categorical that nobody has keeps its cells (status empty, or a share of 0).

    Result: columns row, column, then those of `proportions` without indicator and domain; conventions as there.

    >>> people = pd.DataFrame({"w": [1.0, 1, 2], "sex": ["girl", "boy", "girl"], "told": ["yes", "yes", "no"]})
    >>> shares(Design(people, weight="w"), people["sex"], people["told"], of="row")["estimate"].round(3).tolist()
    [0.0, 1.0, 0.667, 0.333]
    """
    check_confidence(design, confidence)
    check_choice(design.name, "shares are of", of, _SHARES)
    rows = read_categories(design, row, "row variable")
    columns = read_categories(design, column, "column variable")
    height, width = len(rows.categories), len(columns.categories)
    known = (rows.codes >= 0) & (columns.codes >= 0)
    inside = known & Domains.only(design, domain).member[0]
    cell, one = rows.codes.astype(int) * width + columns.codes, np.zeros(design.n_rows)
    counted, levels, among, groups = {
        "row": (columns.codes, width, rows.codes, height),
        "column": (rows.codes, height, columns.codes, width),
        "total": (cell, height * width, one, 1),
    }[of]
    cells = {cell: np.where(known, counted == cell, np.nan) for cell in range(levels)}
    values = pd.DataFrame(cells, index=design.index)
    domains = {group: inside & (among == group) for group in range(groups)}
    estimates = proportions(design, values, domains, interval, confidence)
    order = np.arange(levels * groups)
    if of == "row":  # cells go row by row, and here the rows are the domains
        order = order.reshape(levels, groups).T.ravel()
    table = estimates[COLUMNS[2:]].iloc[order].reset_index(drop=True)
    table.insert(0, "row", list(rows.categories.repeat(width)))
    table.insert(1, "column", list(columns.categories) * height)
    return table
