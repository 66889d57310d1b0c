"""Write the file of a new country from its delivered microdata, and list what a person must decide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from disrupting_harm import config
from disrupting_harm.config import ConfigurationError, Project, did_you_mean, printable
from disrupting_harm.config.entries.codebook import TABLES, Table
from disrupting_harm.config.entries.country import Eligibility
from disrupting_harm.config.entries.delivered import IN_CHILD_ROW
from disrupting_harm.config.files.yaml_file import read as read_yaml
from disrupting_harm.delivered.formats import MARK, ReadOptions
from disrupting_harm.files.atomic import write_text
from disrupting_harm.new_country import iso, text
from disrupting_harm.new_country.inspection import Inspection, inspect
from disrupting_harm.new_country.settings import Differences, differences

FOLDER = "config/countries"
_KEPT = ("also_called", "survey", "population", "eligibility", "not_usable", "notes")
"""Settings of a file written anew that come from elsewhere than the microdata."""
_RENAME = f"let the names of the files begin with {MARK}, so that every page made from them says so"
_PHASES = ("phase_one", "phase_two")
_PHASE_GUESSED = "phase: taken from the questionnaire"
"""What a person must decide, as long as the file says so."""


class NewCountryError(Exception):
    """A country's file cannot be written. Says why and what to do; nothing was written."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(f"{what}\n      {hint}" if hint else what)


@dataclass(frozen=True)
class Wishes:
    """What the user gave besides the files; None: detected, or left to decide."""

    name: str | None = None
    region: str | None = None
    phase: str | None = None
    questionnaire: str | None = None
    caregiver_questionnaire: str | None = None
    force: bool = False


@dataclass
class Written:
    """What was written, what a person must decide, and what keeps the configuration from loading until then."""

    file: str
    decisions: list[str]
    problems: list[str]
    is_synthetic: bool


def new_country(
    project: Project,
    iso3: str,
    microdata: Path,
    caregivers: Path | None = None,
    wishes: Wishes = Wishes(),
    options: ReadOptions = ReadOptions(),  # noqa: B008
) -> Written:
    """Write config/countries/{iso3}.yaml from delivered files.

    Raises NewCountryError or MicrodataError before anything is written: a code that is no country's, a file that is
    there already, microdata that are not below data/ or cannot be read.
    """
    kept = kept_settings(project, iso3, wishes.force)
    return write_country(project, draft(project, iso3, microdata, caregivers, wishes, options, kept))


def draft(
    project: Project,
    iso3: str,
    microdata: Path,
    caregivers: Path | None,
    wishes: Wishes,
    options: ReadOptions,
    kept: dict[str, Any],
) -> Draft:
    """The file of a country as it would be written. `kept`: settings of a file that is there already."""
    check_code(iso3)
    paths: dict[Table, Path | None] = {"children": microdata, "caregivers": caregivers}
    files = {table: _below_data(project, path, iso3) for table, path in paths.items() if path}
    _check_wishes(project, wishes)
    looks = {
        table: inspect(project, project.root / file, options, file, table) for table, file in files.items()
    }
    return Draft(project, iso3, files, looks, wishes, options, kept)


def write_country(project: Project, made: Draft) -> Written:
    """Write a country's file, and say what keeps the configuration from loading."""
    name = f"{FOLDER}/{made.iso3}.yaml"
    write_text(project.root / name, printable("\n".join(made.lines())) + "\n")
    return Written(name, made.decisions, problems_of(project, name), made.is_synthetic)


# What must hold before anything is read


def check_code(iso3: str) -> None:
    """Stop at a code that is no country's."""
    if iso3 not in iso.names():
        close = iso.guess(iso3)
        meant = f"; did you mean {close} ({iso.names()[close]})?" if close else ""
        raise NewCountryError(
            f"{iso3} is no ISO 3166 alpha-3 code of a country in lower case{meant}", "Nothing was written."
        )


def kept_settings(project: Project, iso3: str, force: bool) -> dict[str, Any]:
    """Settings of the file that is to be written anew; stop if it exists and `force` is off."""
    name = f"{FOLDER}/{iso3}.yaml"
    target = project.root / name
    if not target.exists():
        return {}
    if not force:
        raise NewCountryError(
            f"{name} already exists; nothing was written.",
            "To use delivered files with it, name them in it under `microdata`. To write it anew, add --force: name,"
            f" region, phase, {', '.join(_KEPT)} are kept, its settings of variables are not.",
        )
    return read_yaml(target, target.name).data or {}


def _below_data(project: Project, file: Path, iso3: str) -> str:
    """A file's path from the project's folder; stop if it is not below data/."""
    path = Path(os.path.normpath(Path.cwd() / file))
    if not path.is_relative_to(project.root / "data"):
        folder = f"data/raw/{iso3}"
        raise NewCountryError(
            f"{file} is not below data/, which git ignores; nothing was written.",
            f"Put it there: mkdir -p {folder} && cp '{file}' {folder}/   Then: --microdata '{folder}/{path.name}'",
        )
    return path.relative_to(project.root).as_posix()


def _check_wishes(project: Project, wishes: Wishes) -> None:
    """Stop at a questionnaire or phase that does not exist."""
    of_table: dict[Table, list[str]] = {
        table: [name for name, q in project.questionnaires.items() if q.table == table] for table in TABLES
    }
    for option, wish, names, what in (
        (
            "questionnaire",
            wishes.questionnaire,
            of_table["children"],
            "questionnaire of children has this name",
        ),
        (
            "caregiver-questionnaire",
            wishes.caregiver_questionnaire,
            of_table["caregivers"],
            "questionnaire of caregivers has this name",
        ),
        ("phase", wishes.phase, _PHASES, "such phase"),
    ):
        if wish is not None and wish not in names:
            guess = did_you_mean(wish, names)
            raise NewCountryError(f"--{option} {wish}: no {what}{guess}", f"There are: {', '.join(names)}.")


# The file


class Draft:
    """The file of one country before it is written."""

    def __init__(
        self,
        project: Project,
        iso3: str,
        files: dict[Table, str],
        looks: dict[Table, Inspection],
        wishes: Wishes,
        options: ReadOptions,
        kept: dict[str, Any],
    ) -> None:
        self.project, self.iso3, self.files, self.looks = project, iso3, files, looks
        self.wishes, self.options, self.kept = wishes, options, kept
        self.decisions: list[str] = []
        self.is_synthetic = any(look.is_synthetic for look in looks.values())
        self.before = project.countries.get(iso3)
        earlier = project.root / FOLDER / f"{iso3}.yaml"
        self.was_phase_guessed = earlier.exists() and _PHASE_GUESSED in earlier.read_text(encoding="utf-8")
        self.name = wishes.name or (self.before.name if self.before else iso.names()[iso3])
        wished = {"children": wishes.questionnaire, "caregivers": wishes.caregiver_questionnaire}
        self.parts = {table: self.nearest(table, wished[table]) for table in files}

    def nearest(self, table: Table, wish: str | None) -> Differences:
        """How a file differs from the questionnaire that was chosen, or from the one that needs fewest settings."""
        matching, columns = self.looks[table].matching, self.looks[table].description.columns
        candidates = [
            differences(matching, known, self.project.codebook, columns)
            for known in matching.knowns
            if wish in (None, known.name)
        ]
        return min(candidates, key=lambda candidate: candidate.size)

    def lines(self) -> list[str]:
        """The file, line by line; gathers `decisions` on the way."""
        if self.is_synthetic:
            are_named = all(Path(file).name.startswith(MARK) for file in self.files.values())
            self.decisions.append(f"microdata: they are SYNTHETIC{'' if are_named else f'; {_RENAME}'}")
        body = [*self.country(), *self.microdata(), *self.ages(), *self.rest()]
        for part in self.parts.values():
            self.decisions += part.decisions
        return [*self.head(), *body]

    def head(self) -> Iterator[str]:
        """What the file is, and what a person must decide."""
        yield text.SCHEMA
        yield "#"
        yield from text.comment(
            f"{self.name}: written by `disrupting-harm new-country` from {' and '.join(self.files.values())}."
            f" It lists what differs from the questionnaire {self.parts['children'].questionnaire}; everything else is"
            " as there.",
            further="",
        )
        if self.decisions:
            yield "#"
            yield "# A person must decide (take a line away when it is done):"
            for number, decision in enumerate(self.decisions, start=1):
                yield from text.comment(f"{number}. {decision}", further="   ")
        yield ""

    def country(self) -> Iterator[str]:
        """What the country is."""
        region = self.wishes.region or (self.before.region if self.before else None)
        if not region:
            regions = sorted({country.region for country in self.project.countries.values()})
            self.decisions.append(f"region: one of those that are there ({', '.join(regions)}), or another")
        yield from text.block("iso3", self.iso3)
        yield from text.block("name", self.name)
        yield from text.block("region", region) if region else ["# region: TODO decide"]
        yield f"phase: {self.phase()}"
        yield ""
        for table, key in (("children", "questionnaire"), ("caregivers", "caregiver_questionnaire")):
            if table in self.parts:
                yield from text.block(key, self.parts[table].questionnaire)

    def phase(self) -> str:
        """The phase that was given, or that of the countries with this questionnaire."""
        kept = self.before.phase if self.before and not self.was_phase_guessed else None
        if phase := self.wishes.phase or kept:
            return phase
        questionnaire = self.parts["children"].questionnaire
        same = [c.phase for c in self.project.countries.values() if c.questionnaire == questionnaire]
        phase = max(set(same), key=same.count, default=_PHASES[-1])
        self.decisions.append(f"{_PHASE_GUESSED} {questionnaire}; is it {phase}?")
        return phase

    def microdata(self) -> Iterator[str]:
        """Where the delivered files are, and the reading options that were given."""
        reading = {
            key: value
            for key in ("encoding", "separator", "decimal", "sheet")
            if (value := getattr(self.options, key)) is not None
        }
        yield ""
        yield "microdata:"
        same_file = len(set(self.files.values())) < len(self.files)
        for table, file in self.files.items():
            in_row = same_file and table == "caregivers"
            settings = {**reading, **self.looks[table].description.options.layout.settings}
            written = IN_CHILD_ROW if in_row else {"file": file, **settings} if settings else file
            yield from text.block(table, written, "  ")
            if self.looks[table].layout and not in_row:
                self.decisions.append(
                    f"microdata: {file} {self.looks[table].layout}. It was read so; is it right?"
                )
            like = self.looks[table].like
            if like != table and not in_row:
                self.decisions.append(f"microdata: {file} looks like a file of {like}, not of {table}")
        if same_file:
            self.decisions.append(
                f"microdata: both files are the same; `{IN_CHILD_ROW}` is right if each row is a child with its"
                " caregiver. If they have rows of their own, write each as `{file: ..., where: {COLUMN: code}}`"
            )
        elif self.looks["children"].also_like:
            self.decisions.append(
                "microdata: the children's file seems to hold caregivers, too; see `where` in config/README.md"
            )

    def ages(self) -> Iterator[str]:
        """Ages in the file, where they are wider than those that the insights are about."""
        look = self.looks["children"]
        match = look.matching.matches.get("age")
        if match is None or match.codes.undecided:
            return
        numbers = [int(value) for value in match.codes.values.values()]
        delivered = (min(numbers), max(numbers)) if numbers else look.shown[match.first_column].span
        first, last = Eligibility().ages
        if delivered is None or delivered == (first, last):
            return
        self.decisions.append(
            f"ages: the file has {delivered[0]} to {delivered[1]}; the insights are about {first} to {last} (see"
            " `eligibility`)"
        )
        if delivered[0] < first or delivered[1] > last:
            yield ""
            yield from text.block("delivered_ages", delivered)

    def rest(self) -> Iterator[str]:
        """Design, what was not asked, variables, and what is kept."""
        matches = self.looks["children"].matching.matches
        design = dict(self.kept.get("design") or {})
        if not {"stratum", "psu"} & (set(matches) | self.by_name()):
            design["weights_only"] = True
            self.decisions.append(
                "design: neither strata nor clusters were recognised, so the estimates would rest on weights only"
            )
        yield from self.paragraph("design", design)
        not_asked = {name: why for part in self.parts.values() for name, why in part.not_asked.items()}
        if not_asked:
            yield ""
            yield "# Not recognised in the file: take out of the list what was asked, and map it under `variables`."
            yield "not_asked:"
            yield from (f"  - {text.flow(name)}   # {why}" for name, why in not_asked.items())
        for table, key in (("children", "variables"), ("caregivers", "caregiver_variables")):
            if table in self.parts:
                yield from text.variables(key, self.parts[table].settings)
        for key in _KEPT:
            yield from self.paragraph(key, self.kept.get(key))

    def by_name(self) -> set[str]:
        """Parts of the design whose columns the file has under the questionnaire's names, whatever they hold."""
        questionnaire = self.project.questionnaires[self.parts["children"].questionnaire]
        names = {column.casefold() for column in self.looks["children"].description.columns}
        mapped = {name: questionnaire.variables.get(name) for name in ("stratum", "psu")}
        return {name for name, entry in mapped.items() if entry and (entry.column or "").casefold() in names}

    @staticmethod
    def paragraph(key: str, value: Any) -> Iterator[str]:
        """A setting after an empty line; nothing where there is none."""
        if value:
            yield ""
            yield from text.block(key, value)


def problems_of(project: Project, file: str) -> list[str]:
    """What keeps the configuration from loading, now that the file is there."""
    try:
        config.load(project.root)
    except ConfigurationError as error:
        return [problem.lines()[0].strip() for problem in error.problems if problem.file == file]
    return []
