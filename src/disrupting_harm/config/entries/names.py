"""How variables of the harmonised tables and their columns are called."""

from __future__ import annotations

SPECIAL = ("dont_know", "refused")
"""The two answers that are possible everywhere and count as neither yes nor no."""

FORM = "{form}"
"""In a variable's name: one variable for each form of abuse."""


def option_column(variable: str, option: str) -> str:
    """Column of one option of a several-answers variable: told_a__friend."""
    return f"{variable}__{option}"


def variable_of(column: str) -> str:
    """The several-answers variable that a column of one option belongs to."""
    return column.partition("__")[0]
