"""A country's file by way of a mapping sheet: propose a sheet, read it again, and write into it what is to correct."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from disrupting_harm.config import Project, printable
from disrupting_harm.config.entries.codebook import TABLES, Table
from disrupting_harm.config.files.yaml_file import read as read_yaml
from disrupting_harm.delivered.formats import ReadOptions
from disrupting_harm.delivered.harmonise_file import read_options
from disrupting_harm.files.atomic import write_text
from disrupting_harm.new_country import sheet as mapping_sheet
from disrupting_harm.new_country.inspection import Inspection, inspect
from disrupting_harm.new_country.sheet import MappingSheet
from disrupting_harm.new_country.sheet.country_file import lines, to_decide
from disrupting_harm.new_country.write import (
    FOLDER,
    Draft,
    NewCountryError,
    Wishes,
    Written,
    check_code,
    draft,
    problems_of,
)

_ENDING = ".xlsx"
_ABOUT = {"ages": "delivered_ages"} | {key: key for key in ("region", "phase", "design", "microdata")}
"""What a proposed file's decisions about the country begin with, and the setting that they are about."""


@dataclass(frozen=True)
class Finding:
    """What `check` found: about a variable or a column of a table, or about the country as a whole."""

    text: str
    table: str = ""
    variable: str = ""


def propose(
    project: Project,
    iso3: str,
    path: Path,
    microdata: Path,
    caregivers: Path | None = None,
    wishes: Wishes = Wishes(),  # noqa: B008
    options: ReadOptions = ReadOptions(),  # noqa: B008
) -> Written:
    """Write a sheet with what was matched in delivered files; the country's file stays as it is.

    Raises NewCountryError or MicrodataError before anything is written.
    """
    _check_path(path, wishes.force)
    made = draft(project, iso3, microdata, caregivers, wishes, options, _content(project, iso3))
    content = yaml.safe_load("\n".join(made.lines())) or {}
    filled = mapping_sheet.fill(project, content, made.looks, _decisions(made))
    _write(project, iso3, filled, path)
    return Written(str(path), made.decisions, [], made.is_synthetic)


def _decisions(made: Draft) -> dict[str, list[str]]:
    """What a person must decide, by the setting or the variable that it is about."""
    decisions = {
        setting.name: list(setting.to_decide) for part in made.parts.values() for setting in part.settings
    }
    for decision in made.decisions:
        setting, _, what = decision.partition(": ")
        if key := _ABOUT.get(setting):
            decisions.setdefault(key, []).append(what)
    return decisions


def of_country(project: Project, iso3: str, path: Path, force: bool = False) -> Written:
    """Write the sheet of a country that has a file already: it says the same as the file.

    Raises NewCountryError for a country without one, or without delivered or synthetic data.
    """
    _check_path(path, force)
    if iso3 not in project.countries:
        hint = "Name the delivered file: --microdata data/raw/..."
        raise NewCountryError(f"{iso3} has no file in {FOLDER}, or one that has problems", hint)
    looks = _looks(project, iso3)
    filled = mapping_sheet.fill(project, _content(project, iso3), looks)
    _write(project, iso3, filled, path)
    return Written(str(path), [], [], filled.is_synthetic)


def read(project: Project, iso3: str, path: Path, force: bool = False) -> Written:
    """Write the country's file that a sheet stands for. Raises NewCountryError, or SheetError with the cells."""
    check_code(iso3)
    name = f"{FOLDER}/{iso3}.yaml"
    if (project.root / name).exists() and not force:
        hint = "To write it anew, add --force: whatever the sheet does not say is lost, comments among it."
        raise NewCountryError(f"{name} already exists; nothing was written.", hint)
    filled = mapping_sheet.read(path, project)
    content = mapping_sheet.content(project, filled)
    if content.get("iso3") != iso3:
        raise NewCountryError(
            f"{path.name} is about {content.get('iso3')}, not about {iso3}", "Nothing was written."
        )
    write_text(project.root / name, printable("\n".join(lines(content, filled, path.name))) + "\n")
    return Written(name, to_decide(filled), problems_of(project, name), filled.is_synthetic)


def with_findings(project: Project, iso3: str, path: Path, findings: Sequence[Finding]) -> Path:
    """Write a copy of a sheet with what is to correct beside each row, and give its path: srb_checked.xlsx."""
    filled = mapping_sheet.read(path, project)
    checked = path.with_name(f"{path.stem}_checked.xlsx")
    columns = [
        replace(row, finding=_about(row.table, row.variable, row.column, findings)) for row in filled.columns
    ]
    shown = {text for row in columns for text in row.finding.split("\n") if text}
    rest = [finding.text for finding in findings if finding.text not in shown]
    settings = [
        replace(row, finding="\n".join(rest) if row.setting == "iso3" else "") for row in filled.settings
    ]
    _write(project, iso3, replace(filled, columns=columns, settings=settings), checked)
    return checked


def _about(table: str, variable: str, column: str, findings: Iterable[Finding]) -> str:
    """What was found about a column: about its variable, or with its name in the text."""
    name = re.compile(rf"(?<![\w.]){re.escape(column)}(?![\w])")
    texts = [
        finding.text
        for finding in findings
        if (finding.table in ("", table))
        and (
            (variable and finding.variable == variable)
            or (not finding.variable and name.search(finding.text))
        )
    ]
    return "\n".join(dict.fromkeys(texts))


def _check_path(path: Path, force: bool) -> None:
    """Stop at another kind of file, and at one that is there already."""
    if path.suffix.lower() != _ENDING:
        hint = (
            f"Let it end in {_ENDING}. The sheet of an Excel file that holds answers is named by --worksheet."
        )
        raise NewCountryError(f"{path.name} is no name of a workbook", hint)
    if path.exists() and not force:
        hint = "Give another name, or add --force: what was written into it is lost."
        raise NewCountryError(f"{path} already exists; nothing was written.", hint)


def _content(project: Project, iso3: str) -> dict[str, Any]:
    """The settings in a country's file; none where there is no file."""
    path = project.root / FOLDER / f"{iso3}.yaml"
    return (read_yaml(path, path.name).data or {}) if path.exists() else {}


def _looks(project: Project, iso3: str) -> Mapping[Table, Inspection]:
    """What may be shown of a country's files."""
    looks: dict[Table, Inspection] = {}
    for table in TABLES:
        delivery = getattr(project.countries[iso3], table)
        if delivery is not None:
            path, options = project.root / delivery.file, read_options(delivery.source)
            looks[table] = inspect(project, path, options, str(delivery.file), table)
    return looks


def _write(project: Project, iso3: str, filled: MappingSheet, path: Path) -> None:
    """Write the workbook."""
    command = f"disrupting-harm new-country {iso3} --from-sheet {path}"
    mapping_sheet.write(filled, project.codebook, path, command)
