"""Rows for a figure: check the columns and make sure that a hidden row carries no number."""

from collections.abc import Iterable

import pandas as pd

from disrupting_harm.figures import style

NUMBERS = ("estimate", "ci_low", "ci_high")


def prepare(rows: pd.DataFrame, needs: Iterable[str] = ("label", "estimate")) -> pd.DataFrame:
    """Copy the rows with a status in each, and without the numbers of rows that are not shown.

    A hidden number must never reach a figure, its alternative text or its file, even if the table still holds it.
    Raises `ValueError` when there is no row or a column is missing.
    """
    missing = [name for name in needs if name not in rows.columns]
    if missing:
        raise ValueError(
            f"A figure needs the column {', '.join(missing)}; there are: {', '.join(map(str, rows.columns))}"
        )
    if rows.empty:
        raise ValueError("A figure needs at least one row")
    rows = rows.reset_index(drop=True).copy()
    if "status" not in rows.columns:
        rows["status"] = "shown"
    rows["status"] = rows["status"].astype(str)
    for name in ("label", "series", "panel", "group"):
        if name in rows.columns:
            rows[name] = rows[name].astype(object).where(rows[name].notna(), "").astype(str)
    for name in NUMBERS:
        rows[name] = pd.to_numeric(rows[name]).astype(float) if name in rows.columns else float("nan")
    rows.loc[rows["estimate"].isna() & ~is_hidden(rows), "status"] = "not_estimable"
    rows.loc[is_hidden(rows), list(NUMBERS)] = float("nan")
    return rows


def is_hidden(rows: pd.DataFrame) -> pd.Series:
    """True for rows whose estimate is not shown."""
    return ~rows["status"].isin(["shown", "low_n"])


def order(rows: pd.DataFrame, name: str) -> list[str]:
    """Give the values of a column in order of first appearance; one empty word when there is no such column."""
    return list(dict.fromkeys(rows[name])) if name in rows.columns else [""]


def hidden_words(status: str) -> str:
    """Say in words why an estimate is not shown."""
    return style.HIDDEN_STATUS.get(status, status.replace("_", " "))
