"""Two releases of the same microdata, attacked as one: whoever has both knows everything that either of them shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.leads_to import digests_of_counts
from disrupting_harm.protection.audit import report
from disrupting_harm.publishing import tracing
from disrupting_harm.publishing.releases import Changes, Release
from disrupting_harm.quality.remarks import COLUMNS, FILE, read

_HARMONISED = "data/harmonised"


def attack_two_releases(project: Project, changes: Changes) -> tuple[list[str], list[str]]:
    """What follows from both releases together, in words; and the countries that could not be examined.

    Looked at: countries of which both releases, and the tables below data/harmonised now, come from the same files,
    read by the same settings; and of their estimates those that both count as the settings say now: by other codes or
    another definition, the same name is about other children.
    """
    problems: list[str] = []
    unknown: list[str] = []
    both = changes.old, changes.new
    counted = digests_of_counts(project)
    comparable = pd.concat([release.counted_as(counted) for release in both], ignore_index=True)
    for iso3 in changes.same_microdata:
        files = [
            project.root / _HARMONISED / iso3 / f"{table}.parquet" for table in ("children", "caregivers")
        ]
        if not (_is_as_now(project, iso3, both) and all(file.is_file() for file in files)):
            unknown.append(iso3)
            continue
        rows = comparable[
            (comparable["country"] == iso3) & comparable["indicator"].isin(project.registry.indicators)
        ]
        remarks = pd.concat([_remarks_on(release.folder, iso3) for release in both])
        children, caregivers = map(Harmonised.read, files)
        _, wrong = report.attack(project, iso3, children, caregivers, rows, remarks)
        problems += [f"{project.countries[iso3].name}: {message}" for message in wrong]
    return problems, unknown


def _is_as_now(project: Project, iso3: str, both: tuple[Release, Release]) -> bool:
    """Whether two releases have a country from the files that are there now, read as they are read now."""
    if iso3 not in project.countries:
        return False
    files, reading = tracing.microdata(project, iso3), project.harmonise_digest(iso3)
    return all((release.inputs[iso3], release.reading(iso3)) == (files, reading) for release in both)


def _remarks_on(folder: Path, iso3: str) -> pd.DataFrame:
    """What a release says about the quality of a country's data; nothing where it says nothing."""
    file = folder / iso3 / FILE
    return read(file) if file.is_file() else pd.DataFrame(columns=COLUMNS)
