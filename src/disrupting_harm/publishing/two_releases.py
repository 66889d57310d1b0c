"""Two releases of the same microdata, attacked as one: whoever has both knows everything that either of them shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.protection.audit import report
from disrupting_harm.publishing import tracing
from disrupting_harm.publishing.releases import Changes
from disrupting_harm.quality.remarks import COLUMNS, FILE, read

_HARMONISED = "data/harmonised"


def attack_two_releases(project: Project, changes: Changes) -> tuple[list[str], list[str]]:
    """What follows from both releases together, in words; and the countries that could not be examined.

    Looked at: countries of which both releases, and the tables below data/harmonised now, come from the same files.
    """
    problems: list[str] = []
    unknown: list[str] = []
    for iso3 in changes.same_microdata:
        files = [
            project.root / _HARMONISED / iso3 / f"{table}.parquet" for table in ("children", "caregivers")
        ]
        now = tracing.microdata(project, iso3) if iso3 in project.countries else {}
        if now != changes.old.inputs[iso3] or not all(file.is_file() for file in files):
            unknown.append(iso3)
            continue
        rows = pd.concat([release.rows for release in (changes.old, changes.new)], ignore_index=True)
        rows = rows[(rows["country"] == iso3) & rows["indicator"].isin(project.registry.indicators)]
        remarks = pd.concat([_remarks_on(release.folder, iso3) for release in (changes.old, changes.new)])
        children, caregivers = map(Harmonised.read, files)
        _, wrong = report.attack(project, iso3, children, caregivers, rows, remarks)
        problems += [f"{project.countries[iso3].name}: {message}" for message in wrong]
    return problems, unknown


def _remarks_on(folder: Path, iso3: str) -> pd.DataFrame:
    """What a release says about the quality of a country's data; nothing where it says nothing."""
    file = folder / iso3 / FILE
    return read(file) if file.is_file() else pd.DataFrame(columns=COLUMNS)
