"""The country's YAML file that a mapping sheet stands for, with comments on who decided what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disrupting_harm.config.entries.codebook import FORM
from disrupting_harm.new_country import text
from disrupting_harm.new_country.settings import Setting
from disrupting_harm.new_country.sheet.fill import ELSEWHERE, VARIABLES
from disrupting_harm.new_country.sheet.rows import CODES, ColumnRow, MappingSheet, SettingRow, cell
from disrupting_harm.new_country.sheet.settings import without_column

_TOGETHER = ("name", "region", "phase", "caregiver_questionnaire")
"""Settings that follow another one without an empty line."""


def lines(content: Mapping[str, Any], sheet: MappingSheet, source: str) -> Iterator[str]:
    """The file, line by line. content: its settings; source: the name of the workbook."""
    yield text.SCHEMA
    yield "#"
    yield from text.comment(
        f"{content.get('name', content.get('iso3', ''))}: written by `disrupting-harm new-country` from the sheet"
        f" {source}. It lists what differs from the questionnaire; everything else is as there.",
        further="",
    )
    if decisions := to_decide(sheet):
        yield "#"
        yield "# A person must decide (take a line away when it is done):"
        for number, decision in enumerate(decisions, start=1):
            yield from text.comment(f"{number}. {decision}", further="   ")
    who = {row.setting: decided(row) for row in sheet.settings}
    for key, value in content.items():
        if key in ELSEWHERE:
            continue
        if key not in _TOGETHER:
            yield ""
        if who.get(key):
            yield from text.comment(who[key])
        yield from text.block(key, value)
    yield from absent(content)
    for table, key in VARIABLES.items():
        yield from text.variables(key, list(variables(table, content.get(key, {}), sheet)))


def absent(content: Mapping[str, Any]) -> Iterator[str]:
    """What was not asked, and what is not usable."""
    if names := content.get("not_asked"):
        yield from ("", "not_asked:")
        yield from (f"  - {text.flow(name)}" for name in names)
    if reasons := content.get("not_usable"):
        yield ""
        yield from text.block("not_usable", reasons)


def variables(table: str, entries: Mapping[str, Any], sheet: MappingSheet) -> Iterator[Setting]:
    """The settings of variables, each with who decided it."""
    rows = sheet.mapped(table)
    for name, mapping in entries.items():
        names = [name] if name in rows else [other for other in rows if _is_in_family(other, name)]
        notes = dict.fromkeys(filter(None, (decided(row) for other in names for row in rows[other])))
        yield Setting(name, mapping, check="; ".join(notes))


def decided(row: ColumnRow | SettingRow) -> str:
    """Who decided a row, and when."""
    by = f" by {row.decided_by}" if row.decided_by else ""
    on = f" on {row.decided_on}" if row.decided_on else ""
    return f"decided{by}{on}" if by or on else ""


def to_decide(sheet: MappingSheet) -> list[str]:
    """What nobody has decided yet: settings without a value, and codes without a meaning."""
    decisions = [
        f"{row.setting}: {row.to_decide}" for row in sheet.settings if not row.value and row.to_decide
    ]
    decisions += [f"{name}: which column of children holds it?" for name in without_column(sheet)]
    used = sheet.variable_of()
    for code in sheet.codes:
        if not code.meaning and (variable := used.get((code.table, code.column))):
            where = cell(CODES, code.row, "meaning") if code.row else f"column {code.column}"
            decisions.append(f"{variable}: what does {code.code} mean? ({where})")
    return decisions


def _is_in_family(name: str, entry: str) -> bool:
    """Whether a variable is one of a question about each form."""
    before, form, behind = entry.partition(FORM)
    return bool(form) and name.startswith(before) and name.endswith(behind)
