"""results/provenance.json: what everything was made from, without machine, person or time."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from disrupting_harm.config import Project
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.config.leads_to import digests_of_counts
from disrupting_harm.files.atomic import write_text
from disrupting_harm.files.records import OF_FIGURES
from disrupting_harm.publishing import provenance, tracing

_LOCK = "requirements.lock"


def write_provenance(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record as sorted JSON; the same record gives the same bytes. Keys and values must be plain."""
    write_text(Path(path), json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def collect(project: Project, results: Path, countries: list[str], commit: str) -> dict[str, Any]:
    """Collect the record of a run: commit, settings, inputs, versions, seed; the tables and figures it made."""
    kinds = {project.countries[iso3].data for iso3 in countries}
    return {
        "data": SYNTHETIC_DATA if "synthetic" in kinds else "delivered",
        "commit": commit,
        "commit_date": provenance.commit_date(project.root),
        "seed": project.analysis.seed,
        "python": platform.python_version(),
        "packages": provenance.versions(_locked(project.root)),
        "configuration": tracing.configuration(project.root),
        "counted": digests_of_counts(project),
        "notebooks": tracing.checksums(project.root, _below(project.root, ["notebooks/**/*.ipynb"])),
        "countries": {iso3: tracing.of_country(project, iso3) for iso3 in sorted(countries)},
        "tables": tracing.checksums(
            results, _below(results, [f"{folder}/*.csv" for folder in [*countries, "comparison"]])
        ),
        "figures": tracing.checksums(
            results, _below(results, [f"comparison/figures/*/*.{kind}" for kind in OF_FIGURES])
        ),
    }


def _below(folder: Path, patterns: list[str]) -> list[str]:
    return [str(path.relative_to(folder)) for pattern in patterns for path in sorted(folder.glob(pattern))]


def _locked(root: Path) -> list[str]:
    lock = root / _LOCK
    return (
        sorted(re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.M))
        if lock.is_file()
        else []
    )
