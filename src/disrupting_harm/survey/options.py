"""Options of a call: a word of several, a probability, a whole number; and how a message shows what was given."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from numbers import Integral, Real

import numpy as np
import pandas as pd

from .errors import SurveyError

_SHOWN_CHARACTERS = 80
_NOT_REAL = (bool, np.bool_, np.timedelta64)  # numbers to Python, numpy's durations too


def check_choice(name: str, what: str, value: str, choices: Iterable[str]) -> None:
    """Raise SurveyError unless an option is one of the choices. what: with its verb, "interval is"."""
    if not isinstance(value, str) or value not in choices:
        raise SurveyError(f"{name}: {what} one of {', '.join(choices)}, not {shown(value)}")


def check_member(name: str, what: str, value: Hashable, known: Collection[Hashable]) -> None:
    """Raise SurveyError unless a name is among those known. what: with its verb, "the model has variables"."""
    if not is_hashable(value) or value not in known:
        listed = ", ".join(map(repr, known))
        raise SurveyError(f"{name}: {what} {listed}, not {shown(value)}; name one of these")


def check_whole(name: str, what: str, value: int, least: int) -> None:
    """Raise SurveyError unless an option is a whole number, the least or more. what: with its verb, "nodes is"."""
    if not isinstance(value, Integral) or isinstance(value, _NOT_REAL) or value < least:
        raise SurveyError(f"{name}: {what} {least} or more, not {shown(value)}; give a whole number")


def check_flag(name: str, what: str, value: bool) -> None:
    """Raise SurveyError unless an option is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise SurveyError(f"{name}: {what} is True or False, not {shown(value)}")


def check_probability(name: str, confidence: float) -> None:
    """Raise SurveyError unless the confidence level is between 0 and 1."""
    if not is_real(confidence) or not 0 < confidence < 1:
        raise SurveyError(
            f"{name}: confidence is a probability between 0 and 1, not {shown(confidence)}; 0.95 gives 95 % intervals"
        )


def is_real(value: object) -> bool:
    """Whether it is a single number that a float can hold, and not a boolean."""
    if not isinstance(value, Real) or isinstance(value, _NOT_REAL):
        return False
    try:
        float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False
    return True


def is_hashable(value: object) -> bool:
    """Whether it can be a name; a tuple of lists cannot, and pandas' NA is missing."""
    try:
        hash(value)
    except TypeError:
        return False
    return value is not pd.NA


def named(value: object) -> str:
    """A value by its type, as in "a list"."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def shown(value: object) -> str:
    """An option as it was given; of anything but a word or a number, its type."""
    return repr(value)[:_SHOWN_CHARACTERS] if isinstance(value, (str, Real)) else named(value)
