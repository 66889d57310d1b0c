"""The results of all checks with exact numbers, for the owner of the data, who needs them to have a file corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.estimation.number_format import number
from disrupting_harm.quality.found import NO_WEIGHT, Apart, Average, CheckResult, Counted, Part, Rows
from disrupting_harm.quality.remarks import Remark

FOLDER = "data/quality"
"""Where each country's exact remarks are kept: below data/, as they may be about single respondents."""


def remarks(findings: Iterable[CheckResult]) -> Iterator[Remark]:
    """Everything that was found, with exact numbers."""
    findings = list(findings)
    shares = {
        (item.table, item.variable): item.part.count / item.part.base
        for item in findings
        if isinstance(item, Counted) and item.check == "item_nonresponse" and item.part.base
    }
    for item in findings:
        if isinstance(item, Counted):
            yield counted(item)
        elif isinstance(item, Average):
            yield average(item, shares)
        elif isinstance(item, Rows):
            yield from rows(item)
        else:
            yield item.exact if isinstance(item, Apart) else item


def counted(item: Counted) -> Remark:
    """A number of respondents; any at all is worth a note, unless the check says otherwise."""
    part = item.part
    share = part.count / part.base if part.base else None
    level = item.level or item.steps.level(share or 0.0)
    message = item.message.replace("{count}", words(part))
    hint = item.hint if level != "ok" else ""
    return Remark(item.table, item.check, level, message, hint, item.variable, part.base, share, part.count)


def words(part: Part) -> str:
    """A number of respondents, and its share."""
    share = f" ({number(part.count / part.base)})" if part.base else ""
    return f"{part.count:,} of {part.base:,}{share}"


def average(item: Average, shares: Mapping[tuple[Table, str], float]) -> Remark:
    """The mean of the shares of those questions that anyone was asked."""
    known = [shares[item.table, name] for name in item.questions if (item.table, name) in shares]
    if not known:
        return Remark(item.table, item.check, "ok", f"{item.subject}: nobody was asked.", "", item.variable)
    mean = sum(known) / len(known)
    message = f"{item.subject}: no answer from {number(mean)} of those asked, on average."
    return Remark(item.table, item.check, "ok", message, "", item.variable, share=mean)


def rows(item: Rows) -> Iterator[Remark]:
    """Rows delivered, left out by reason, and eligible (whatever their weight)."""
    table, delivered = item.table, item.delivered
    yield Remark(table, "rows_delivered", "ok", f"{delivered:,} rows were delivered.", value=delivered)
    for reason, count in item.left_out.items():
        message = f"Left out, {reason}: {words(Part(count, delivered))}."
        yield Remark(table, "excluded", "note", message, "", reason, delivered, count / delivered, count)
    eligible = item.analysed + item.left_out.get(NO_WEIGHT, 0)
    yield Remark(table, "eligible", "ok", f"{eligible:,} are eligible.", value=eligible)
