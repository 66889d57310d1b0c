"""What may be said about a number of respondents: never one from which fewer than k of them could be told.

A number from 1 to k - 1 is "fewer than k", its complement "all but fewer than k"; per cents stand on bases of 25 and
more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from disrupting_harm.config.analysis import Suppression
from disrupting_harm.figures.describe import number

SOME = "some, too few to say how many"


@dataclass(frozen=True)
class Part:
    """`count` of `base` respondents.

    `whole`: the respondents that the base itself is a part of, if it is a part; the base is then a number to be careful
    with too. `held`: one of several numbers that add up, another of which may not be said.
    """

    count: int
    base: int
    whole: int | None = None
    held: bool = False


def is_few(count: int, rules: Suppression) -> bool:
    """Whether a number of respondents is above nought and below k."""
    return 0 < count < rules.k


def base(part: Part, rules: Suppression) -> int | None:
    """The base; None where it may not be said."""
    if part.base < rules.not_shown_below or is_few((part.whole or part.base) - part.base, rules):
        return None
    return part.base


def share(part: Part, rules: Suppression) -> float | None:
    """The share; None where it may not be said."""
    if base(part, rules) is None or part.held or reveals(part, rules):
        return None
    return part.count / part.base


def reveals(part: Part, rules: Suppression) -> bool:
    """Whether the count would tell about fewer than k respondents, or about each one of a small base."""
    everyone = part.count == part.base < rules.group_disclosure_base
    return is_few(part.count, rules) or is_few(part.base - part.count, rules) or everyone


def about(part: Part, rules: Suppression) -> float:
    """The share as far as it may be known, for levels and averages: a hidden number stands in its middle.

    Computed from what is shown alone, so that nothing hidden can be told from it.
    """
    known = share(part, rules)
    if known is not None:
        return known
    if part.count == 0 or base(part, rules) is None or part.held:
        return 0.0
    few = min(rules.k / 2 / part.base, 1.0)
    return few if is_few(part.count, rules) else 1 - few


def words(part: Part, rules: Suppression) -> str:
    """What share of how many, as far as it may be said: "5.6% of 1,014", "fewer than 5 of 1,014", "none"."""
    if part.count == 0:
        return "none"
    if base(part, rules) is None or part.held:
        return SOME
    of = f"{part.base:,}"
    if is_few(part.count, rules):
        return f"fewer than {rules.k} of {of}"
    if reveals(part, rules):
        return f"all, or all but fewer than {rules.k}, of {of}"
    if part.count == part.base:
        return f"all {of}"
    return f"{number(part.count / part.base)} of {of}"


def together(parts: Mapping[str, Part], rules: Suppression) -> dict[str, Part]:
    """Numbers that add up to one that is shown: all may be said, or those that are not nought are held back."""
    if not any(is_few(part.count, rules) for part in parts.values()):
        return dict(parts)
    return {
        name: Part(part.count, part.base, part.whole, held=part.count > 0) for name, part in parts.items()
    }


def count(number_of: int, rules: Suppression) -> str:
    """A number of respondents by itself."""
    return f"fewer than {rules.k}" if is_few(number_of, rules) else f"{number_of:,}"


def limits(known: int, added: Mapping[str, int], rules: Suppression) -> tuple[int, int]:
    """Lowest and highest of a sum of a known number and others, of which the few count as anything from 1 to k - 1."""
    exact = known + sum(each for each in added.values() if not is_few(each, rules))
    few = sum(is_few(each, rules) for each in added.values())
    return exact + few, exact + few * (rules.k - 1)


def between(low: int, high: int) -> str:
    """A number, or the limits that it lies between."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
