"""What the checks find, exactly. Nothing here leaves `data/` before `published` has made remarks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.quality.remarks import WHOLE_TABLE, Level, Remark, Steps

_Group = Literal["asked", "not asked", "reason", "link"]
"""What a count belongs to: those who were asked a question, or were not; why they gave no answer; households.

Counts of one group of a question add up with each other, and are published together or not.
"""

NO_WEIGHT = "no weight"
"""The reason of harmonise for leaving out a row that is eligible otherwise."""


@dataclass(frozen=True)
class Part:
    """`count` of `base` respondents. `total`: the respondents that the base itself is a part of, None for all rows."""

    count: int
    base: int
    total: int | None = None


@dataclass(frozen=True)
class Counted:
    """A number of respondents, exactly.

    subject: what it is about, in words; message: the sentence, in which {count} becomes what may be said.
    reason: the reason for no answer that the number is of. known: so many at least follow from numbers of respondents
    that are published anyway. everyone: all rows, of which those not to be asked are a part. level: where it is not
    worked out from the share, as it stops what comes after.
    """

    table: Table
    check: str
    subject: str
    message: str
    part: Part
    steps: Steps
    hint: str = ""
    variable: str = WHOLE_TABLE
    group: _Group = "asked"
    reason: str = ""
    known: int = 0
    everyone: int = 0
    level: Level | None = None


@dataclass(frozen=True)
class Average:
    """The mean share without an answer of several questions."""

    table: Table
    check: str
    subject: str
    questions: list[str]
    variable: str = WHOLE_TABLE


@dataclass(frozen=True)
class Rows:
    """Rows of a delivered file: those analysed, and those left out, by reason."""

    table: Table
    analysed: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def delivered(self) -> int:
        """All of them."""
        return self.analysed + sum(self.left_out.values())


@dataclass(frozen=True)
class Apart:
    """A remark for the owner of the data only, and what is published instead, if anything."""

    exact: Remark
    published: Remark | None = None


CheckResult = Remark | Counted | Average | Rows | Apart
"""What a check finds. A `Remark` may be published as it is."""
