"""What a run consists of: countries, insights, files, the settings behind each product and the modules it begins with.

The workflow's rules ask here, so that they hold no logic; nothing here knows the workflow's engine. Cheap to import: it
is read at every start.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from disrupting_harm import config
from disrupting_harm.config.entries.country import Country
from disrupting_harm.config.entries.delivered import nearest_file
from disrupting_harm.config.load import digest
from disrupting_harm.files import private
from disrupting_harm.running import asked
from disrupting_harm.running.warm.start import ENVIRONMENT

_LONG_AGO = 1
"""In seconds since 1970. Not 0, which Snakemake takes for no time at all."""

_A_MOMENT = 60
"""Seconds that the clocks of a machine and of its files may differ."""

SETTINGS = ("country",)
"""What `--config` may say."""

ENTRIES: dict[str, tuple[str, ...]] = {
    "synthetic": ("synthetic.deliver",),
    "harmonise": ("delivered.harmonise",),
    "quality": ("quality.examine",),
    "suppression": ("protection.audit.country",),
    "audit": ("protection.audit.report",),
    "insight": ("insights.one_country", "presentation.paragraphs", "running.notebooks"),
    "comparison": (
        "insights.comparison",
        "insights.published",
        "insights.radar",
        "presentation.paragraphs",
        "running.notebooks",
    ),
    "page": ("publishing.pages",),
    "workbook": ("publishing.workbook",),
    "site": ("publishing.site", "publishing.border"),
}
"""The modules that a command or notebook begins with, for each product; what they import is behind it too."""


class StopError(Exception):
    """Nothing can be run, and the message says why and what to do; no traceback is needed."""


@dataclass(frozen=True)
class SyntheticFiles:
    """The files of one synthetic delivery, by table, or a pattern of such files with {country} in their names.

    `members`: the countries that share the files, or those that the pattern matches.
    """

    name: str
    files: dict[str, str]
    members: list[str]
    is_shared: bool
    digest: Callable[[list[str]], str]

    @property
    def log(self) -> str:
        """Where the log goes."""
        return f"logs/synthetic/{self.name if self.is_shared else '{country}'}.log"

    @property
    def only(self) -> str:
        """The countries that {country} may be, as a regular expression."""
        return "|".join(self.members)

    def countries(self, wildcards: Mapping[str, str]) -> list[str]:
        """The countries in the files."""
        return self.members if self.is_shared else [wildcards["country"]]

    def settings(self, wildcards: Mapping[str, str]) -> str:
        """Fingerprint of the settings that the files depend on."""
        return self.digest(self.countries(wildcards))


@dataclass(frozen=True)
class Plan:
    """One run."""

    project: config.Project
    countries: list[str]

    @cached_property
    def insights(self) -> list[str]:
        """The insights, in the order of pages."""
        return list(self.project.insights)

    @cached_property
    def comparisons(self) -> list[str]:
        """The comparison notebooks: one an insight, and those that are about no single one."""
        comparisons = sorted(
            path.stem for path in (self.project.root / "notebooks/comparison").glob("*.ipynb")
        )
        return [*self.insights, *(name for name in comparisons if name not in self.insights)]

    @property
    def warning_if_open(self) -> str:
        """A warning about delivered files that others may read; empty where there is none."""
        return private.warning_if_open(self.project, self.countries)

    # Files

    @cached_property
    def resources(self) -> list[str]:
        """Published figures and parameters, relative to the project's folder."""
        return self._below("resources")

    @cached_property
    def configuration(self) -> list[str]:
        """All configuration files, relative to the project's folder; templates are none."""
        files = [file for file in self._below("config") if file.endswith(".yaml")]
        return [file for file in files if not file.startswith("config/templates/")]

    @property
    def inputs(self) -> list[str]:
        """All files that a run reads and does not make, relative to the project's folder; delivered files first."""
        countries = [self.project.countries[iso3] for iso3 in self.countries]
        delivered = [
            file
            for country in countries
            if not country.children.made
            for file in self.delivered(country.iso3).values()
        ]
        notebooks = [file for file in self._below("notebooks") if file.endswith(".ipynb")]
        return list(dict.fromkeys([*delivered, *notebooks, *self.configuration, *self.resources]))

    def _below(self, folder: str) -> list[str]:
        root = self.project.root
        return sorted(str(path.relative_to(root)) for path in (root / folder).rglob("*") if path.is_file())

    def delivered(self, iso3: str) -> dict[str, str]:
        """Files that one country is read from, delivered or synthetic, by table; children_2 is joined to children."""
        country = self.project.countries[iso3]
        return {
            delivery.table if number == 1 else f"{delivery.table}_{number}": file
            for delivery in filter(None, (country.children, country.caregivers))
            for number, file in enumerate(delivery.all_files, start=1)
        }

    @cached_property
    def synthetic(self) -> list[SyntheticFiles]:
        """The synthetic files of all countries without delivered ones, whether they are in this run or not."""
        by_name: dict[str, SyntheticFiles] = {}
        for iso3, country in self.project.countries.items():
            if not country.children.made:
                continue
            files, shared = country.files, country.shared_file
            if not shared:
                files = {table: file.replace(iso3, "{country}") for table, file in files.items()}
            kinds = dict.fromkeys(Path(file).suffix[1:] for file in files.values())
            name = shared or "_".join([*files, *kinds])
            members = self.project.sharing(shared) if shared else []
            same = by_name.setdefault(
                name, SyntheticFiles(name, files, members, bool(shared), self.project.synthetic_digest)
            )
            if not shared:
                same.members.append(iso3)
        return list(by_name.values())

    # Settings

    @cached_property
    def _known(self) -> dict[tuple[str, ...], str]:
        """Fingerprints already made: each is asked for several times a job."""
        return {}

    def _once(self, make: Callable[[], str], *key: str) -> str:
        """A fingerprint, made at the first time."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def harmonise_settings(self, iso3: str) -> str:
        """Fingerprint of the settings behind one country's harmonised tables."""
        return self._once(lambda: self.project.harmonise_digest(iso3), "harmonise", iso3)

    def quality_settings(self, iso3: str) -> str:
        """Fingerprint of the settings behind the remarks on one country's data."""
        return self._once(lambda: self.project.quality_digest(iso3), "quality", iso3)

    def suppression_settings(self, iso3: str) -> str:
        """Fingerprint of the settings that decide what may be shown of one country."""
        return self._once(lambda: self.project.suppression_digest(iso3), "suppression", iso3)

    def country_settings(self, iso3: str) -> str:
        """Fingerprint of all settings behind one country's results."""
        return self._once(lambda: self.project.country_digest(iso3), "country", iso3)

    def insight_settings(self, insight: str) -> str:
        """Fingerprint of the settings behind one insight, the same for every country: what its notebook can ask for."""
        return self._once(lambda: self._asked(asked.of_insight(self.project, insight)), "insight", insight)

    def comparison_settings(self, name: str) -> str:
        """Fingerprint of the settings behind one comparison of the countries of the run."""

        def make() -> str:
            countries = [self.country_settings(iso3) for iso3 in self.countries]
            return digest([countries, self._asked(asked.of_comparison(self.project, name))])

        return self._once(make, "comparison", name)

    def _asked(self, named: asked.Names) -> str:
        """Fingerprint of all that names lead to."""
        return asked.digest_of(self.project, named)

    def run_settings(self) -> str:
        """Fingerprint of the settings behind what is about all countries and insights of the run."""
        countries = [self.country_settings(iso3) for iso3 in self.countries]
        return digest([countries, self.project.insights, self.project.registry])


def use_checkout(root: Path) -> None:
    """Let commands started from here use this checkout's library, this process's Python, and the same settings."""
    os.environ |= ENVIRONMENT
    for name, folder in (("PYTHONPATH", root / "src"), ("PATH", Path(sys.executable).parent)):
        before = [part for part in os.environ.get(name, "").split(os.pathsep) if part and part != str(folder)]
        os.environ[name] = os.pathsep.join([str(folder), *before])


def check_folder(root: Path) -> None:
    """Refuse a working directory that is not the project's folder: every file of a run is named from there."""
    here = Path.cwd()
    if not here.samefile(root):
        raise StopError(
            f"The project is in {root}, and this run would read and write in {here}.\n"
            f"  Run snakemake in the project's folder, or name it with `-d {root}`."
        )


def date_back(root: Path) -> None:
    """Date back what a wrong clock has dated in the future: changes of today would be older, and not be seen."""
    now = time.time()
    for folder in ("results", "data/harmonised", "data/estimates", "data/synthetic"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.stat().st_mtime > now + _A_MOMENT:
                os.utime(path, (_LONG_AGO, _LONG_AGO))


def date_inputs(plan: Plan) -> str:
    """Date as of now what a run reads and is dated in the future; one line about it, empty where there is nothing.

    A zip archive keeps the local time of where it was packed. What is made from such a file is older than the file,
    which Snakemake takes for a fault of the clock, at each run. Raises StopError where a file may not be dated.
    """
    now = time.time()
    ahead: dict[str, float] = {}
    for file in plan.inputs:
        path = plan.project.root / file
        seconds = path.stat().st_mtime - now
        if seconds > 0:
            _date_now(path, file, now)
            ahead[file] = seconds
    hours = {file: seconds / 3600 for file, seconds in ahead.items() if seconds > _A_MOMENT}
    if not hours:
        return ""
    first = next(iter(hours))
    more = f" (and {len(hours) - 1} more)" if len(hours) > 1 else ""
    return (
        f"{first}{more} was dated {hours[first]:.1f} hours ahead of this machine's clock, as can happen with a"
        " zip archive from another time zone. It is now dated today; its content is unchanged."
    )


def _date_now(path: Path, file: str, now: float) -> None:
    """Date a file as of now. Raises StopError where that is not allowed."""
    try:
        os.utime(path, (now, now))
    except OSError as error:
        raise StopError(
            f"{file} is dated in the future, and may not be dated as of now ({os.strerror(error.errno or 0)}).\n"
            "  Everything made from it would be older than it, and made again at each run. Ask its owner for: touch"
            f" '{file}'; or put a copy of your own in its place."
        ) from None


def make(root: Path, settings: Mapping[str, Any]) -> Plan:
    """Plan a run from what `--config` says. Errors: StopError, with everything that is wrong."""
    check_settings(settings)
    try:
        project = config.load(root)
        plan = Plan(project, config.select(project, settings.get("country", "all")))
    except config.ConfigurationError as error:
        raise StopError(str(error)) from None
    _check_files(plan)
    return plan


def check_settings(names: Iterable[str]) -> None:
    """Refuse a misspelt setting: it would silently run all countries."""
    unknown = [name for name in names if name not in SETTINGS]
    if unknown:
        near = config.nearest(unknown[0], SETTINGS)
        hint = f" Did you mean {near}?" if near else ""
        raise StopError(f"--config accepts {', '.join(SETTINGS)}, and not {', '.join(unknown)}.{hint}")


def named_in(country: Country) -> str:
    """The file that names a country's microdata."""
    return "config/config.yaml" if country.shared_file else f"config/countries/{country.iso3}.yaml"


def _check_files(plan: Plan) -> None:
    """Name every delivered file and notebook that is not there, before anything runs."""
    root = plan.project.root
    missing = [
        f"{file} is missing{nearest_file(root / file)}\n"
        f"  {named_in(country)} names it; data/README.md says how to place it."
        for country in (plan.project.countries[iso3] for iso3 in plan.countries)
        if not country.children.made
        for file in plan.delivered(country.iso3).values()
        if not (root / file).is_file()
    ]
    missing += [
        f"{file} is missing. config/insights.yaml lists {insight}: add the notebook or remove the entry."
        for insight in plan.insights
        for file in (f"notebooks/{insight}.ipynb", f"notebooks/comparison/{insight}.ipynb")
        if not (root / file).is_file()
    ]
    if missing:
        raise StopError("\n".join(dict.fromkeys(missing)))
