"""results/ro-crate-metadata.json: the run as an RO-Crate, from which other programs read what was made from what.

It follows the profile Process Run Crate: one action for each notebook that ran and one for the site, with the program,
the inputs and the files that came of it. Files of the run are data entities with checksums. Microdata, settings and
notebooks are not in results/: they are named, with checksums, as works elsewhere. Nobody is named as agent, and no
action has a time: the same run gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from disrupting_harm.config import Project
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.files.atomic import write_text
from disrupting_harm.publishing import foreign, tracing
from disrupting_harm.publishing.site.present import COMPARISON

if TYPE_CHECKING:
    from rocrate.model import Entity
    from rocrate.rocrate import ROCrate

FILE = "ro-crate-metadata.json"
_README = "README.md"
"""Lies in results/ before any run."""

_VERSION = "1.1"
"""Of RO-Crate: the one that the profile builds upon."""

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_LICENCE = "https://spdx.org/licenses/MIT"
_SITE = ("site", "site")
_UNKNOWN_DATE = "2000-01-01"
FORMATS = {
    "html": "text/html",
    "md": "text/markdown",
    "ipynb": "application/x-ipynb+json",
    "csv": "text/csv",
    "json": "application/json",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TITLE = "Disrupting Harm insights"
_ABOUT = (
    "Estimates from surveys of children aged 12-17 and their caregivers on online child sexual exploitation and abuse: "
    "executed notebooks, pages, tables and figures. Aggregates only; the microdata are not part of it. "
    "datePublished is the date of the commit that made it"
)
_MICRODATA = {
    "synthetic": f"{SYNTHETIC_DATA}: a made-up survey in the delivered layout. Not part of this crate.",
    "delivered": "Microdata as delivered. Restricted, and not part of this crate.",
}
MADE_UP = "Made by a program to show the method. No child gave these answers. Do not cite. "


def write(
    project: Project, results: Path, record: Mapping[str, Any], unwritten: Mapping[str, str] | None = None
) -> None:
    """Write the crate of everything in `results`, but for names that begin with a dot and files of other programs.

    record: what `record.collect` found. unwritten: files that will be there too, name to text.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=_VERSION)
    crate.metadata.extra_contexts.append(_TERMS)
    synthetic = any(about["data"] == "synthetic" for about in record["countries"].values())
    describe(crate, record, synthetic)
    files = {file: _entity(crate, file, content) for file, content in contents(results, unwritten or {})}
    Run(crate, project, record, files).describe()
    write_text(results / FILE, json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False) + "\n")


def describe(crate: ROCrate, record: Mapping[str, Any], synthetic: bool) -> None:
    """Say what the crate is, under which licence, and which profile it follows."""
    licence = add(crate, _LICENCE, "CreativeWork", name="MIT licence", url=_LICENCE)
    profile = add(crate, _PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    crate.name = f"{SYNTHETIC_DATA}: {TITLE}" if synthetic else TITLE
    crate.description = f"{MADE_UP if synthetic else ''}{_ABOUT}, {record['commit']}."
    crate.datePublished = record["commit_date"] or _UNKNOWN_DATE
    crate.license = licence
    crate.publisher = add(crate, "#contributors", "Organization", name=f"{TITLE} contributors")
    crate.root_dataset["author"] = crate.publisher
    crate.root_dataset["conformsTo"] = profile


def contents(results: Path, unwritten: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Names and contents of all files of the crate, in the order of their names."""
    there = {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in results.rglob("*")
        if path.is_file() and not path.name.startswith(".") and not foreign.program(path)
    }
    there |= {name: text.encode() for name, text in unwritten.items()}
    return sorted((name, content) for name, content in there.items() if name != FILE)


def _entity(crate: ROCrate, file: str, content: bytes) -> Entity:
    """A file of results/, with size, format and checksum."""
    about = {
        "name": file,
        "contentSize": str(len(content)),
        "encodingFormat": FORMATS.get(file.rpartition(".")[2], "application/octet-stream"),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return crate.add_file(dest_path=file, properties=about)


def steps(files: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Files by the step that made them: a folder and the name of a notebook or table in it, or the site."""
    files_of_step: dict[tuple[str, str], list[str]] = {}
    for file in files:
        folder, _, name = file.partition("/")
        stem = name.removeprefix("figures/").partition("/")[0].partition(".")[0]
        step = (folder, stem) if name and folder != "assets" else _SITE
        if file != _README:
            files_of_step.setdefault(step, []).append(file)
    return files_of_step


@dataclass
class Run:
    """The actions of a crate, and what they refer to: files of the crate by name, and works elsewhere."""

    crate: ROCrate
    project: Project
    record: Mapping[str, Any]
    files: Mapping[str, Entity]
    works: dict[str, Entity] = field(default_factory=dict)

    def describe(self) -> None:
        """Add an action for each step of this run; files of earlier runs have none."""
        folders = (*self.record["countries"], COMPARISON, _SITE[0])
        for (folder, stem), made in steps(self.files).items():
            if folder in folders:
                action = self.action(folder, stem, [self.files[file] for file in made])
                self.crate.root_dataset.append_to("mentions", action)

    def action(self, folder: str, stem: str, made: list[Entity]) -> Entity:
        """One step: which program made which files from which."""
        program = self.notebook(folder, stem) or self.workflow
        properties = {
            "name": f"{folder}: {stem}",
            "description": f"{program['name']} made {made[0]['name']} and the files beside it.",
            "actionStatus": "http://schema.org/CompletedActionStatus",
        }
        identifier = f"#made/{folder}/{stem}"
        result = made if len(made) > 1 else made[0]
        return self.crate.add_action(program, identifier, self.read(folder, stem), result, properties)

    def notebook(self, folder: str, stem: str) -> Entity | None:
        """The notebook of a step, if it has one."""
        file = f"notebooks/{COMPARISON + '/' if folder == COMPARISON else ''}{stem}.ipynb"
        checksum = self.record["notebooks"].get(file)
        return checksum and self.work(file, checksum, "A notebook.", "SoftwareSourceCode")

    def read(self, folder: str, stem: str) -> list[Entity]:
        """What a step read: a country's microdata and settings, or tables of countries and all settings."""
        countries, settings = self.record["countries"], self.record["configuration"]
        if folder in countries:
            about, used = countries[folder], tracing.settings_files(self.project, folder)
            kind = _MICRODATA[about["data"]]
            data = [self.work(file, checksum, kind) for file, checksum in about["inputs"].items()]
        else:
            tables = [file for file in self.record["tables"] if file.partition("/")[0] in countries]
            own_tables = [file for file in tables if file.endswith(f"/{stem}.csv")]
            used, data = settings, [self.files[file] for file in own_tables or tables]
        return [*data, *(self.work(file, settings[file], "Settings.") for file in used)]

    def work(self, file: str, checksum: str, about: str, kind: str = "CreativeWork") -> Entity:
        """A file of the project that is not in results/."""
        if file not in self.works:
            is_code = kind != "CreativeWork"
            more = {"version": self.record["commit"], "license": self.crate.license} if is_code else {}
            known = {"name": file, "description": about, "sha256": checksum}
            self.works[file] = add(self.crate, f"#{quote(file)}", kind, **known, **more)
        return self.works[file]

    @cached_property
    def workflow(self) -> Entity:
        """The workflow, with the packages that it ran on."""
        packages = {"python": self.record["python"], **self.record["packages"]}
        needed = [
            add(self.crate, f"#package/{name}", "SoftwareApplication", name=name, softwareVersion=version)
            for name, version in packages.items()
        ]
        about = {"name": "Snakefile", "description": "The workflow.", "softwareRequirements": needed}
        about |= {"version": self.record["commit"], "license": self.crate.license}
        return add(self.crate, "#Snakefile", "SoftwareSourceCode", **about)


def add(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> Entity:
    """A new entity that is no file of the crate."""
    from rocrate.model import ContextEntity

    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))
