"""What goes into the workbook: tables of estimates by sheet, definitions, and what the numbers were made from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.estimation import tidy_table
from disrupting_harm.files import fingerprints
from disrupting_harm.publishing import tracing
from disrupting_harm.publishing.tracing import REASON, TREATMENT
from disrupting_harm.publishing.workbook.write import write_workbook

COMPARISON = "comparison"


def build(
    project: Project, results: Path, countries: list[str], path: Path, commit: str = "not known"
) -> None:
    """Write the workbook of a run whose tables are in `results`; what is missing is left out.

    countries: ISO codes of the run.
    """
    files = _by_sheet(project, results, in_order(project, countries))
    sheets = {name: read(parts) for name, parts in files.items() if name in project.insights}
    others = [name for name in files if name not in project.insights]
    sheets |= {name: _read_other(*files[name]) for name in others}
    beside = {
        "definitions": definitions(project, _code_cells(project, results, in_order(project, countries))),
        "origin": origin(project, countries, files, commit),
    }
    write_workbook(sheets, beside, path)


def in_order(project: Project, countries: Iterable[str]) -> list[str]:
    """Countries as the pages list them: by phase, region and name."""
    about = {iso3: project.countries[iso3] for iso3 in countries}
    return sorted(about, key=lambda iso3: (about[iso3].phase, about[iso3].region, about[iso3].name))


def _by_sheet(project: Project, results: Path, countries: list[str]) -> dict[str, list[Path]]:
    """The tables of each sheet: one sheet per insight, all countries and the comparison; then other comparisons."""
    folders = [results / folder for folder in (*countries, COMPARISON)]
    files = {insight: [folder / f"{insight}.csv" for folder in folders] for insight in project.insights}
    others = sorted(file for file in (results / COMPARISON).glob("*.csv") if file.stem not in files)
    files |= {file.stem: [file] for file in others}
    present = {name: [file for file in parts if file.is_file()] for name, parts in files.items()}
    return {name: parts for name, parts in present.items() if parts}


def read(files: list[Path]) -> pd.DataFrame:
    """Tidy tables below each other, read as one. Raises ValueError where their columns differ."""
    head = ""
    text: list[str] = []
    for file in files:
        first, _, rows = file.read_text(encoding="utf-8").partition("\n")
        if head and first != head:
            raise ValueError(f"{file}: other columns than {files[0]}")
        head = first
        text.append(rows)
    return tidy_table.read(io.StringIO("\n".join([head, "".join(text)])))


def _read_other(file: Path) -> pd.DataFrame:
    """A table with columns of its own."""
    return pd.read_csv(file, dtype_backend="numpy_nullable").astype(object)


def definitions(project: Project, cells: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row per indicator: name, title, definition, base, missing answers, source, where it is written, code.

    cells: the cells of notebooks that estimate each indicator.
    """
    registry = project.registry
    written = tracing.definitions(project)["indicator"]
    rows = [
        {
            "indicator": name,
            "title": indicator.title,
            "definition": indicator.definition,
            "base": registry.bases.get(indicator.base, indicator.base),
            "measure": indicator.measure,
            **{
                REASON[reason].lower().replace("'", ""): TREATMENT[getattr(indicator.missing, reason)]
                for reason in REASON
            },
            "source": registry.sources.get(indicator.source, indicator.source),
            "written_in": written[name].written_in,
            "code": (cells or {}).get(name, ""),
        }
        for name, indicator in registry.indicators.items()
    ]
    return pd.DataFrame(rows)


def _code_cells(project: Project, results: Path, countries: list[str]) -> dict[str, str]:
    """Where each indicator is estimated: notebooks and cells, as the first country's were executed."""
    cells: dict[str, list[str]] = {}
    for insight in project.insights:
        executed = (results / iso3 / f"{insight}.ipynb" for iso3 in countries)
        first = next((file for file in executed if file.is_file()), None)
        for name, cell in tracing.cells(first, f"notebooks/{insight}.ipynb").items() if first else ():
            cells.setdefault(name, []).append(cell)
    return {name: "; ".join(several) for name, several in cells.items()}


def origin(
    project: Project, countries: list[str], files: Mapping[str, list[Path]], commit: str
) -> pd.DataFrame:
    """What the tables were made from: what a row is about (a country, or everything), what it says, the value."""
    rows = [("all", "commit", commit), ("all", "seed", project.analysis.seed)]
    settings = tracing.configuration(project.root)
    rows += [("all", f"{file} (SHA-256)", checksum) for file, checksum in settings.items()]
    for iso3 in sorted(countries):
        about = tracing.of_country(project, iso3)
        rows += [(iso3, "data", about["data"]), (iso3, "settings (fingerprint)", about["settings"])]
        rows += [(iso3, f"{file} (SHA-256)", checksum) for file, checksum in about["inputs"].items()]
    read_in = sorted(file for parts in files.values() for file in parts)
    for folder in (*countries, COMPARISON):
        for file in (file for file in read_in if file.parent.name == folder):
            rows.append((folder, f"{folder}/{file.name} (SHA-256)", fingerprints.sha256(file)))
    return pd.DataFrame(rows, columns=["about", "what", "value"]).astype(str)
