"""Rows for a figure: check the columns and make sure that a hidden row carries no number."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from disrupting_harm.presentation.figures import style

_TEXTS = ("label", "series", "panel", "group", "reason")
NUMBERS = ("estimate", "ci_low", "ci_high", "rounded_to")

Row = dict[str, Any]
"""What is drawn of one estimate: its texts, numbers and status."""


def prepare(rows: pd.DataFrame, needs: Iterable[str] = ("label", "estimate")) -> list[Row]:
    """The rows with what figures need, a status in each, and without the numbers of rows that are not shown.

    A hidden number must never reach a figure, its alternative text or its file, even if the table still holds it.
    Numbers are drawn and written as they come, so they come rounded; `rounded_to` says how many decimals they have.
    Raises `ValueError` when there is no row or a column is missing.
    """
    missing = [name for name in needs if name not in rows.columns]
    if missing:
        raise ValueError(
            f"A figure needs the column {', '.join(missing)}; there are: {', '.join(map(str, rows.columns))}"
        )
    if rows.empty:
        raise ValueError("A figure needs at least one row")
    columns: dict[str, list[Any]] = {name: rows[name].tolist() for name in needs}
    for name in _TEXTS:
        if name in rows.columns:
            columns[name] = ["" if pd.isna(text) else str(text) for text in rows[name]]
    for name in NUMBERS:
        known = name in rows.columns
        columns[name] = pd.to_numeric(rows[name]).astype(float).tolist() if known else [math.nan] * len(rows)
    statuses = rows["status"] if "status" in rows.columns else ["shown"] * len(rows)
    columns["status"] = [str(status) for status in statuses]
    prepared = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in prepared:
        if math.isnan(row["estimate"]) and not is_hidden(row):
            row["status"] = "not_estimable"
        if is_hidden(row):
            row |= dict.fromkeys(NUMBERS, math.nan)
    return prepared


def is_hidden(row: Row) -> bool:
    """Whether the estimate of a row is not shown."""
    return row["status"] not in ("shown", "low_n")


def shown(rows: Iterable[Row]) -> list[Row]:
    """The rows whose estimate is shown."""
    return [row for row in rows if not is_hidden(row)]


def has_small_base(rows: Iterable[Row]) -> bool:
    """Whether any estimate rests on a small base."""
    return any(row["status"] == "low_n" for row in rows)


def order(rows: list[Row], name: str) -> list[str]:
    """Give the texts of a column in order of first appearance; one empty word when there is no such column."""
    return list(dict.fromkeys(row.get(name, "") for row in rows))


def grouped(rows: list[Row], name: str) -> dict[str, list[Row]]:
    """The rows of each text of a column, in order of first appearance."""
    groups: dict[str, list[Row]] = {text: [] for text in order(rows, name)}
    for row in rows:
        groups[row.get(name, "")].append(row)
    return groups


def hidden_words(status: str, reason: str = "") -> str:
    """Say in words why an estimate is not shown. reason: why it is not usable."""
    words = style.HIDDEN_STATUS.get(status, status.replace("_", " "))
    return f"{words}: {reason}" if reason else words


def why_hidden(row: Row) -> str:
    """Say in words why the estimate of a row is not shown, with the reason where the row gives one."""
    return hidden_words(row["status"], row.get("reason", ""))
