"""From a product back to what it was made from: definitions with file and line, settings, inputs with checksums, logs.

Pages and the workbook show it in words; nothing in it is about a machine, a person or a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from disrupting_harm.config import Project
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.config.files import yaml_file
from disrupting_harm.files import fingerprints
from disrupting_harm.quality import remarks
from disrupting_harm.quality.checks import CHECKS

REGISTRY = "config/indicators.yaml"
_CHECKS_FILE = "src/disrupting_harm/quality/checks.py"
TREATMENT = {"counts_as_no": "counts as no", "leaves_base": "leaves the base"}
REASON = {"dont_know": "Don't know", "refused": "Prefer not to say", "not_asked": "Not asked"}

KEYS = "keys"
"""Where an output's metadata say which rows of the tables it shows: a column's name to the values in it."""

NAMED = ("indicator", "check")
"""Columns whose values have definitions."""


@dataclass(frozen=True)
class Definition:
    """What a number counts, among whom, what follows from missing answers, who defined it, and where it is written."""

    definition: str
    base: str
    source: str
    written_in: str
    missing: str = ""

    @property
    def frame(self) -> tuple[str, str, str, str]:
        """What several definitions may have in common."""
        return self.base, self.missing, self.source, self.written_in


@dataclass(frozen=True)
class Trace:
    """What is known behind the numbers of a notebook's page.

    titles, definitions, tables: by column (`NAMED`); the first two by name in it, tables are files beside the page.
    notebook: the file with the code. elsewhere: pages that show the same numbers, name to address.
    """

    notebook: str
    titles: Mapping[str, Mapping[str, str]]
    definitions: Mapping[str, Mapping[str, Definition]]
    tables: Mapping[str, str]
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def definitions(project: Project) -> dict[str, dict[str, Definition]]:
    """Definitions of indicators and of checks of data quality, by name."""
    about = project.path(REGISTRY).stat()
    written = _registry_file(project.path(REGISTRY), (about.st_mtime_ns, about.st_size))
    registry = project.registry
    indicators = {
        name: Definition(
            indicator.definition,
            registry.bases.get(indicator.base, indicator.base),
            registry.sources.get(indicator.source, indicator.source),
            f"{REGISTRY}, line {written.line(('indicators', indicator.entry))}",
            missing(indicator),
        )
        for name, indicator in registry.indicators.items()
    }
    about = ("respondents of the delivered file, unweighted", "convention of this project", _CHECKS_FILE)
    checks = {name: Definition(check.means, *about) for name, check in CHECKS.items()}
    return {"indicator": indicators, "check": checks}


@lru_cache(maxsize=1)
def _registry_file(path: Path, _: tuple[int, int]) -> yaml_file.YamlFile:
    """The registry as it is written, read once while it stays the same."""
    return yaml_file.read(path, REGISTRY)


def missing(indicator: Indicator) -> str:
    """What becomes of missing answers, in words."""
    treatments = {reason: TREATMENT[getattr(indicator.missing, reason)] for reason in REASON}
    if len(set(treatments.values())) == 1:
        return f"Don't know, prefer not to say, not asked: each {next(iter(treatments.values()))}"
    return "; ".join(f"{REASON[reason].lower()}: {treatment}" for reason, treatment in treatments.items())


def of_page(
    project: Project,
    notebook: str,
    table: str,
    elsewhere: dict[str, str] | None = None,
    checks: str = remarks.FILE,
) -> Trace:
    """What is known behind the numbers of a page: `table` is the file of its estimates, beside it.

    checks: where its numbers of data quality are from.
    """
    titles = {
        "indicator": {name: indicator.title for name, indicator in project.registry.indicators.items()},
        "check": {name: check.title for name, check in CHECKS.items()},
    }
    tables = {"indicator": table, "check": checks}
    return Trace(notebook, titles, definitions(project), tables, elsewhere or {})


def settings(project: Project, iso3: str) -> list[str]:
    """The files with the settings of a country, and the fingerprint of what they say."""
    return [*settings_files(project, iso3), f"fingerprint {project.country_digest(iso3)}"]


def settings_files(project: Project, iso3: str) -> list[str]:
    """The files with the settings of a country, its own first."""
    country = project.countries[iso3]
    deliveries = filter(None, (country.children, country.caregivers))
    questionnaires = [f"config/questionnaires/{delivery.questionnaire}.yaml" for delivery in deliveries]
    shared = ["config/codebook.yaml", REGISTRY, "config/insights.yaml", "config/config.yaml"]
    return list(dict.fromkeys([f"config/countries/{iso3}.yaml", *questionnaires, *shared]))


def microdata(project: Project, iso3: str) -> dict[str, str]:
    """Checksums of a country's delivered or synthetic files, as far as they are there."""
    country = project.countries[iso3]
    files = list(country.files.values())
    return checksums(project.root, files)


def of_country(project: Project, iso3: str) -> dict[str, Any]:
    """What a country's results are made from: kind of data, fingerprint of its settings, checksums of its files.

    `reading`: fingerprint of the settings by which the files are read, such as the meaning of codes.
    """
    return {
        "data": project.countries[iso3].data,
        "settings": project.country_digest(iso3),
        "reading": project.harmonise_digest(iso3),
        "inputs": microdata(project, iso3),
    }


def configuration(root: Path) -> dict[str, str]:
    """SHA-256 of all settings files, by name."""
    return checksums(
        root, [str(file.relative_to(root)) for file in sorted((root / "config").rglob("*.yaml"))]
    )


def checksums(root: Path, files: list[str]) -> dict[str, str]:
    """SHA-256 of files below `root`, as far as they are there."""
    return {file: fingerprints.sha256(root / file) for file in files if (root / file).is_file()}


def shown_in(executed: Path) -> dict[str, set[str]]:
    """The names, by column (`NAMED`), of all numbers that an executed notebook shows."""
    pages: dict[str, set[str]] = {column: set() for column in NAMED}
    for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            keys = output.get("metadata", {}).get(KEYS, {})
            for column, names in pages.items():
                names.update(keys.get(column, []))
    return pages


def cells(executed: Path, notebook: str) -> dict[str, str]:
    """The first cell of an executed notebook that shows each indicator, in words."""
    cell_of: dict[str, str] = {}
    for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            for name in output.get("metadata", {}).get(KEYS, {}).get("indicator", []):
                cell_of.setdefault(name, f"{notebook}, cell {cell['id']}")
    return cell_of
