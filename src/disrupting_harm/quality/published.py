"""What may be published of what was found: rounded numbers of respondents, and no small ones.

A number of respondents is published in one of four ways (`Statement.kind`):

count       The nearest multiple of `suppression.rounding.base`, in the column `value`. Where the column `base` has a
            number, rounded likewise, also as a share: one rounded number divided by the other, as a multiple of
            `suppression.rounding.points`.
few         Fewer than `suppression.min_count`. Zero is not distinguished from one: nobody learns whether
            there is anyone.
nearly all  All, or all but fewer than `suppression.min_count`.
hidden      Nothing. Without a base: fewer than `suppression.bracket_below` were asked, or nearly all those who could
            be. With a base: another number could be worked out from it.

So, with multiples of 5, there are 38 to 42 respondents behind a value of 40, and 198 to 202 behind a base of 200.
`Statement.bounds` gives what anybody can infer about a number; `statement` reads a published row. Only the number of
respondents analysed, the size of the sample, is published exactly.

Numbers that add up are decided on together. A total without an answer and its reasons are each rounded on their own;
where they would narrow a reason that is few, the reasons are hidden (`_narrows`). Of those whom a question was not to
be asked, neither base nor share is published: bases of questions could be subtracted from each other. Levels follow
from what is published and reveal nothing more. Two follow from exact numbers, as they stop a run and nothing is
published.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Literal

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.estimation import rounding
from disrupting_harm.estimation.number_format import number
from disrupting_harm.estimation.tidy_table import Row
from disrupting_harm.quality.found import NO_WEIGHT, Average, CheckResult, Counted, Part, Rows
from disrupting_harm.quality.remarks import Remark

Kind = Literal["count", "few", "nearly all", "hidden"]
Bounds = tuple[int, int]
_Totals = Mapping[tuple[Table, str], "Statement"]
"""What is published of those without an answer, by table and question."""

_TOO_FEW = "too few to show"
_NOT_SHOWN = "not shown"
_NEARLY_ALL = "all, or all but fewer than"
_LEFT_OUT = 0.1
"""Share of rows left out from which it is a warning; rows outside the eligible ages are meant to be."""


# One number


def least(rules: Suppression) -> int:
    """The smallest number of respondents that is published; a number that would be rounded to 0 is not."""
    return max(rules.min_count, math.ceil(rules.rounding.base / 2))


def rounded(count: int, rules: Suppression) -> int:
    """A number of respondents as it is published."""
    return int(rounding.base(count, rules))


def behind(published: int, rules: Suppression) -> Bounds:
    """The lowest and the highest number that is rounded to this one."""
    half = rules.rounding.base / 2
    return max(0, math.ceil(published - half)), math.ceil(published + half) - 1


@dataclass(frozen=True)
class Statement:
    """What is published of a number of respondents.

    base, count: as they are published, rounded; None where they are not. within: what anybody can infer about the base,
    where that is more than its rounding reveals: the number of all rows is published exactly.
    """

    kind: Kind
    base: int | None = None
    count: int | None = None
    within: Bounds | None = None

    def bounds_of_base(self, rules: Suppression) -> Bounds | None:
        """The lowest and the highest number that the base can be; None where nothing is published of it."""
        if self.within is not None or self.base is None:
            return self.within
        low, high = behind(self.base, rules)
        return max(low, rules.bracket_below), high

    def bounds(self, rules: Suppression) -> Bounds | None:
        """The lowest and the highest number that the count can be; None where nothing is published of it."""
        few, base = least(rules) - 1, self.bounds_of_base(rules)
        if self.kind == "few":
            return 0, few
        if self.kind == "nearly all":
            return base and (max(0, base[0] - few), base[1])
        if self.kind == "hidden" or self.count is None:
            return base and (0, base[1])
        low, high = behind(self.count, rules)
        return max(low, few + 1), min(high, base[1] - few - 1) if base else high

    def share(self, rules: Suppression) -> float | None:
        """The share of the rounded base, rounded; None where there is none."""
        if self.count is None or not self.base:
            return None
        return float(rounding.to_multiple(self.count / self.base, float(rounding.share_step(rules))))

    def about(self, rules: Suppression) -> float:
        """The share that enters a mean: for fewer than k, the middle of the possible numbers."""
        middle = (least(rules) - 1) / 2 / self.base if self.base else 0.0
        return {"few": middle, "nearly all": 1 - middle}.get(self.kind, self.share(rules) or 0.0)

    def words(self, rules: Suppression) -> str:
        """What is said: "5.6% of 1,015", "fewer than 5 of 1,015", "about 40"."""
        of = f" of {self.base:,}" if self.base is not None else ""
        if self.kind == "few":
            return f"fewer than {least(rules)}{of}"
        if self.kind == "nearly all":
            return f"{_NEARLY_ALL} {least(rules)},{of}"
        share = self.share(rules)
        return f"about {self.count:,}" if share is None else f"{number(share)}{of}"


def alone(part: Part, rules: Suppression) -> Statement:
    """What is published of a number of respondents, if nothing adds up with it."""
    few = least(rules)
    if part.base < rules.bracket_below or (part.total is not None and part.total - part.base < few):
        return Statement("hidden")
    of = Statement(
        "hidden", rounded(part.base, rules), None, (part.base,) * 2 if part.total is None else None
    )
    if part.count < few:
        return replace(of, kind="few")
    if part.base - part.count < few:
        return replace(of, kind="nearly all")
    return replace(of, kind="count", count=rounded(part.count, rules))


# Numbers that add up


def reasons(total: Statement, parts: Mapping[str, Part], rules: Suppression) -> dict[str, Statement]:
    """What is published of the reasons for no answer, beside their total: each of them, or none."""
    published = {name: alone(part, rules) for name, part in parts.items()}
    if _is_safe(total, list(published.values()), rules):
        return published
    return {name: hidden(statement) for name, statement in published.items()}


def _is_safe(total: Statement, parts: Sequence[Statement], rules: Suppression) -> bool:
    """Whether reasons may be published beside their total, however much is known otherwise of the rounded base.

    Where nearly all gave no answer, those who did are one more part that is few, and the sum of all is the base.
    """
    if total.kind == "hidden":
        return False
    if total.kind == "few" or any(part.kind == "nearly all" for part in parts):
        return True
    base = total.bounds_of_base(rules)
    if base is None:
        return False
    low, high = base
    for within in combinations_with_replacement(range(low, high + 1), 2):
        sum_of_parts, *others = (replace(statement, within=within) for statement in (total, *parts))
        if total.kind == "nearly all":
            bounds, others = within, [*others, Statement("few")]
        else:
            bounds = sum_of_parts.bounds(rules)
        if bounds is None or _narrows(bounds, others, rules):
            return False
    return True


def hidden(statement: Statement) -> Statement:
    """A hidden number: the statement reduced to its base."""
    return replace(statement, kind="hidden", count=None)


def _narrows(total: Bounds, parts: Sequence[Statement], rules: Suppression) -> bool:
    """Whether a sum and its parts narrow a part that is few to fewer than k - 1 of the numbers from 0 to k - 1.

    Whoever knows that a reason never occurs, as no code stands for it, has fewer parts to add up. So it is looked at
    with any number of the other parts that are few, each of 0 to k - 1, and the rest of them nought.
    """
    most = least(rules) - 1
    known = [bounds for part in parts if part.kind == "count" and (bounds := part.bounds(rules))]
    few = len(parts) - len(known)
    if total[0] > total[1] or any(low > high for low, high in known):
        return False  # that cannot be
    left = total[0] - sum(high for _, high in known), total[1] - sum(low for low, _ in known)
    for others in range(few):
        low, high = max(0, left[0] - others * most), min(most, left[1])
        if low <= high and high - low + 1 < most:
            return True
    return False


def not_asked(parts: Mapping[str, Part], rules: Suppression) -> dict[str, Statement]:
    """What is published of answers and of zeros of those not to be asked: no base, and no share.

    Not both, where the cells of nearly all are one or the other.
    """
    published = {check: alone(part, rules) for check, part in parts.items()}
    rest = max(part.base for part in parts.values()) - sum(part.count for part in parts.values())
    if rest < least(rules) and all(statement.kind == "count" for statement in published.values()):
        last = list(published)[-1]
        published[last] = hidden(published[last])
    return {check: replace(statement, base=None, within=None) for check, statement in published.items()}


def links(parts: Mapping[str, Part], rules: Suppression) -> dict[str, Statement]:
    """What is published of children without a caregiver, and of caregivers without a child: both, or neither.

    One follows from the other, as it is known how many children and caregivers are analysed.
    """
    published = {check: alone(part, rules) for check, part in parts.items()}
    if any(statement.kind in ("few", "hidden") for statement in published.values()):
        return {check: hidden(statement) for check, statement in published.items()}
    return published


# Everything that was found


def statements(findings: Iterable[CheckResult], rules: Suppression) -> dict[Counted, Statement]:
    """What is published of each number of respondents that was found."""
    together: dict[tuple[str, ...], list[Counted]] = {}
    for item in findings:
        if isinstance(item, Counted):
            of = ("link",) if item.group == "link" else (item.table, item.variable)
            together.setdefault(of, []).append(item)
    return {item: statement for items in together.values() for item, statement in decided(items, rules)}


def totals(published: Mapping[Counted, Statement]) -> _Totals:
    """What is published of those without an answer, by table and question."""
    return {
        (item.table, item.variable): statement
        for item, statement in published.items()
        if item.check == "item_nonresponse"
    }


def decided(items: list[Counted], rules: Suppression) -> Iterator[tuple[Counted, Statement]]:
    """What is published of the numbers of one question."""
    group = {name: [item for item in items if item.group == name] for name in {item.group for item in items}}
    for item in group.get("asked", []):
        yield item, alone(item.part, rules)
    if of_reasons := group.get("reason", []):
        total = next(item for item in items if item.check == "item_nonresponse")
        published = reasons(alone(total.part, rules), {item.reason: item.part for item in of_reasons}, rules)
        for item in of_reasons:
            yield item, published[item.reason]
    for name, decide in (("not asked", not_asked), ("link", links)):
        if group.get(name):
            published = decide({item.check: item.part for item in group[name]}, rules)
            for item in group[name]:
                yield item, published[item.check]


def remarks(findings: Iterable[CheckResult], rules: Suppression) -> Iterator[Remark]:
    """Everything that was found, as it is published."""
    findings = list(findings)
    published = statements(findings, rules)
    unanswered = totals(published)
    for item in findings:
        if isinstance(item, Counted):
            yield counted(item, published[item], unanswered, rules)
        elif isinstance(item, Average):
            yield average(item, unanswered, rules)
        elif isinstance(item, Rows):
            yield from rows(item, rules)
        elif isinstance(item, Remark):
            yield item
        elif item.published:
            yield item.published


def counted(item: Counted, statement: Statement, unanswered: _Totals, rules: Suppression) -> Remark:
    """A number of respondents as a remark, with a level that reveals no more than the number does."""
    level = item.level or item.steps.level(_seriousness(item, statement, unanswered, rules))
    if statement.kind == "hidden":
        message = f"{item.subject}: {_TOO_FEW if statement.base is None else _NOT_SHOWN}."
        if item.group == "not asked":
            message = f"{item.subject}: {_NOT_SHOWN}."
        elif item.known >= least(rules):
            message = f"{item.subject}: at least {item.known:,}; more is {_NOT_SHOWN}."
    else:
        message = item.message.replace("{count}", statement.words(rules))
    hint = item.hint if level != "ok" else ""
    base, share, count = statement.base, statement.share(rules), statement.count
    return Remark(item.table, item.check, level, message, hint, item.variable, base, share, count)


def _seriousness(item: Counted, statement: Statement, unanswered: _Totals, rules: Suppression) -> float:
    """The share that decides the level: of what is published alone."""
    if statement.kind == "nearly all":
        return 1.0
    if statement.kind == "hidden" and statement.base and item.known >= least(rules):
        return item.known / statement.base
    if statement.kind != "count":
        return 0.0
    if item.group != "not asked":
        return statement.share(rules) or 0.0
    asked = unanswered[item.table, item.variable].base or 0
    return min(1.0, (statement.count or 0) / max(1, item.everyone - asked))


def average(item: Average, unanswered: _Totals, rules: Suppression) -> Remark:
    """A mean of what is shown of each question alone, so that nothing hidden can be computed back from it."""
    shown = (unanswered[item.table, name] for name in item.questions)
    shares = [statement.about(rules) for statement in shown if statement.base is not None]
    if not shares:
        message = f"{item.subject}: too few were asked to say more."
        return Remark(item.table, item.check, "ok", message, variable=item.variable)
    mean = float(rounding.to_multiple(float(np.mean(shares)), float(rounding.share_step(rules))))
    of = f"{len(shares)} question{'s' if len(shares) > 1 else ''}"
    message = f"{item.subject}: no answer from {number(mean)} of those asked, on average over {of}."
    return Remark(item.table, item.check, "ok", message, variable=item.variable, share=mean)


def rows(item: Rows, rules: Suppression) -> Iterator[Remark]:
    """Rows delivered, left out and eligible: reasons that fewer than k rows were left out for are not named.

    Sums are made of rounded numbers, so that they reveal nothing about the few.
    """
    table, few = item.table, least(rules)
    published = {reason: rounded(count, rules) for reason, count in item.left_out.items() if count >= few}
    if not published:
        message = f"Fewer than {few} rows were left out for any one reason."
        yield Remark(table, "rows_delivered", "ok", message)
    delivered = rounded(item.analysed + sum(published.values()), rules)
    if published:
        message = f"About {delivered:,} rows were delivered."
        yield Remark(table, "rows_delivered", "ok", message, value=delivered)
    for reason, count in published.items():
        statement = Statement("count", delivered, count)
        share = statement.share(rules)
        meant = "outside" in reason
        level = "note" if meant or share is None or share < _LEFT_OUT else "warning"
        message = f"Left out, {reason}: about {count:,}."
        hint = "" if meant else "Check the column and its codes in the questionnaire's file."
        yield Remark(table, "excluded", level, message, hint, reason, delivered, share, count)
    if NO_WEIGHT in published:
        eligible = rounded(item.analysed + published[NO_WEIGHT], rules)
        yield Remark(table, "eligible", "ok", f"About {eligible:,} are eligible.", value=eligible)
    else:
        message = f"Fewer than {few} eligible rows have no weight."
        yield Remark(table, "eligible", "ok", message)


# Published rows read again


def statement(row: Row, rules: Suppression) -> Statement:
    """What a row of a published table says of a number of respondents.

    row: of a check in `checks.COUNTS`. It does not know whether the base is that of all rows (`within`).
    """
    base, count = (int(row[name]) if pd.notna(row[name]) else None for name in ("base", "value"))
    if count is not None:
        return Statement("count", base, count)
    if re.search(rf"\b{_NEARLY_ALL} {least(rules)}\b", row["message"]):
        return Statement("nearly all", base)
    if re.search(rf"\bfewer than {least(rules)}\b", row["message"]):
        return Statement("few", base)
    return Statement("hidden", base)
