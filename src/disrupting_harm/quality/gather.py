"""Read, harmonise and examine countries without writing anything, and gather whatever is wrong with any of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from disrupting_harm.config import Country, Project
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.delivered.harmonise import harmonise
from disrupting_harm.delivered.harmonise_file import Harmoniser
from disrupting_harm.quality.examine import examine
from disrupting_harm.quality.report import Examined
from disrupting_harm.synthetic import deliver


def gather(project: Project, countries: Sequence[str]) -> Iterator[Examined]:
    """Each country examined; a synthetic survey that is not written yet is made for the moment."""
    with tempfile.TemporaryDirectory() as folder:
        for iso3 in countries:
            yield one(project, iso3, files(project, project.countries[iso3], Path(folder)))


def one(project: Project, iso3: str, where: dict[str, Path | None]) -> Examined:
    """One country: its remarks, or everything that keeps its files from being read."""
    try:
        children, caregivers = harmonise(project, iso3, where["children"], where["caregivers"])
    except MicrodataError as error:
        return Examined(iso3, problems=(str(error), *others(project, iso3, where, error)))
    return Examined(iso3, examine(project, iso3, children, caregivers))


def others(
    project: Project, iso3: str, where: dict[str, Path | None], first: MicrodataError
) -> Iterator[str]:
    """Problems of the country's other file, which is not read when the first one fails."""
    country = project.countries[iso3]
    for delivery in filter(None, (country.children, country.caregivers)):
        if first.file not in delivery.all_files:
            try:
                Harmoniser(project, country, delivery, where[delivery.table]).decoded()
            except MicrodataError as error:
                yield str(error)


def _is_current(project: Project, country: Country, file: Path | None) -> bool:
    """Whether a synthetic file is there, and no setting that it is drawn by was changed after it."""
    if file is None or not file.is_file():
        return file is None
    settings = project.root / "config"
    deliveries = filter(None, (country.children, country.caregivers))
    asked = [settings / "questionnaires" / f"{delivery.questionnaire}.yaml" for delivery in deliveries]
    drawn_by = [settings / "codebook.yaml", settings / "config.yaml", *asked]
    drawn_by.append(settings / "countries" / f"{country.iso3}.yaml")
    return all(path.stat().st_mtime <= file.stat().st_mtime for path in drawn_by)


def files(project: Project, country: Country, folder: Path) -> dict[str, Path | None]:
    """Where the country's files are; those of a synthetic survey below `folder` if missing or outdated."""
    deliveries = {"children": country.children, "caregivers": country.caregivers}
    named = {
        table: project.path(delivery.file) if delivery else None for table, delivery in deliveries.items()
    }
    if not country.children.made or all(_is_current(project, country, path) for path in named.values()):
        return named
    made = {table: folder / delivery.file if delivery else None for table, delivery in deliveries.items()}
    if not all(path is None or path.is_file() for path in made.values()):
        members = project.sharing(country.shared_file) if country.shared_file else [country.iso3]
        deliver.write(project, members, folder / country.children.file, made["caregivers"])
    return made
