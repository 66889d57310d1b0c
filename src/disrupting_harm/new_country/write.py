"""Write the file of a new country from its delivered microdata, and list what a person must decide."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from disrupting_harm import config
from disrupting_harm.config import ConfigurationError, Project, nearest, printable
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.country import Country, Eligibility
from disrupting_harm.config.files.yaml_file import read as read_yaml
from disrupting_harm.delivered.formats import MARK, ReadOptions
from disrupting_harm.files.atomic import write_text
from disrupting_harm.new_country import iso, text
from disrupting_harm.new_country.inspection import Inspection, inspect
from disrupting_harm.new_country.settings import Differences, differences

FOLDER = "config/countries"
_KEPT = ("also_called", "survey", "population", "eligibility", "notes")
"""Settings of a file written anew that come from elsewhere than the microdata."""
_RENAME = f"let the names of the files begin with {MARK}, so that every page made from them says so"
_PHASES = ("phase_one", "phase_two")


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
    decisions: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_synthetic: bool = False


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
    _known_code(iso3)
    target = project.root / FOLDER / f"{iso3}.yaml"
    kept = _what_is_there(target, iso3, wishes)
    files: dict[Table, str] = {"children": _below_data(project, microdata, iso3)}
    if caregivers:
        files["caregivers"] = _below_data(project, caregivers, iso3)
    _check_wishes(project, wishes)
    looks = {
        table: inspect(project, project.root / file, options, file, table) for table, file in files.items()
    }
    draft = _Draft(project, iso3, files, looks, wishes, options, kept)
    write_text(target, printable("\n".join(draft.lines())) + "\n")
    return Written(
        f"{FOLDER}/{iso3}.yaml",
        draft.decisions,
        _problems_of(project, f"{FOLDER}/{iso3}.yaml"),
        any(look.is_synthetic for look in looks.values()),
    )


# What must hold before anything is read


def _known_code(iso3: str) -> None:
    """Stop at what is no ISO 3166 alpha-3 code in lower case."""
    if iso3 not in iso.names():
        close = iso.guess(iso3)
        meant = f"; did you mean {close} ({iso.names()[close]})?" if close else ""
        raise NewCountryError(
            f"{iso3} is no ISO 3166 alpha-3 code of a country in lower case{meant}", "Nothing was written."
        )


def _what_is_there(target: Path, iso3: str, wishes: Wishes) -> dict[str, Any]:
    """Settings of the file that is to be written anew; stop if it exists and `force` is off."""
    if not target.exists():
        return {}
    if not wishes.force:
        raise NewCountryError(
            f"{FOLDER}/{iso3}.yaml already exists; nothing was written.",
            "To use delivered files with it, name them in it under `microdata`. To write it anew, add --force: name,"
            f" region, phase, {', '.join(_KEPT)} are kept, its settings of variables are not.",
        )
    return read_yaml(target, target.name).data or {}


def _below_data(project: Project, file: Path, iso3: str) -> str:
    """A file's path from the project's folder; stop if it is not below data/."""
    path = Path(os.path.normpath(Path.cwd() / file))
    data = project.root / "data"
    if not path.is_relative_to(data):
        folder = f"data/raw/{iso3}"
        raise NewCountryError(
            f"{file} is not below data/, which git ignores; nothing was written.",
            f"Put it there: mkdir -p {folder} && cp '{file}' {folder}/   Then: --microdata '{folder}/{path.name}'",
        )
    return path.relative_to(project.root).as_posix()


def _check_wishes(project: Project, wishes: Wishes) -> None:
    """Stop at a questionnaire or phase that does not exist."""
    tables: dict[str, Table] = {"questionnaire": "children", "caregiver_questionnaire": "caregivers"}
    for key, table in tables.items():
        name = getattr(wishes, key)
        names = [name for name, q in project.questionnaires.items() if q.table == table]
        if name is not None and name not in names:
            option = key.replace("_", "-")
            raise NewCountryError(
                f"--{option} {name}: no questionnaire of {table} has this name" + _meant(name, names),
                f"There are: {', '.join(names)}.",
            )
    if wishes.phase is not None and wishes.phase not in _PHASES:
        raise NewCountryError(
            f"--phase {wishes.phase}: no such phase{_meant(wishes.phase, _PHASES)}",
            f"There are: {', '.join(_PHASES)}.",
        )


def _meant(word: str, known: Sequence[str]) -> str:
    """A guess at what was meant."""
    close = nearest(word, known)
    return f"; did you mean {close}?" if close else ""


# The file


class _Draft:
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
        self.children = self.nearest("children", wishes.questionnaire)
        self.caregivers = (
            self.nearest("caregivers", wishes.caregiver_questionnaire) if "caregivers" in files else None
        )

    def nearest(self, table: Table, wish: str | None) -> Differences:
        """How a file differs from the questionnaire that was chosen, or from the one that needs fewest settings."""
        look = self.looks[table]
        knowns = [known for known in look.matching.knowns if wish in (None, known.name)]
        candidates = [
            differences(look.matching, known, self.project.codebook, look.description.columns)
            for known in knowns
        ]
        return min(candidates, key=lambda candidate: candidate.size)

    def lines(self) -> list[str]:
        """The file, line by line; gathers `decisions` on the way."""
        if any(look.is_synthetic for look in self.looks.values()):
            names = (
                ""
                if all(Path(file).name.startswith(MARK) for file in self.files.values())
                else f"; {_RENAME}"
            )
            self.decisions.append(f"microdata: they are SYNTHETIC{names}")
        body = [*self.country(), *self.microdata(), *self.ages(), *self.rest()]
        for part in filter(None, (self.children, self.caregivers)):
            self.decisions += part.decisions
        return [*self.head(), *body]

    def head(self) -> Iterator[str]:
        """What the file is, and what a person must decide."""
        yield text.SCHEMA
        yield "#"
        what = (
            f"{self.name}: written by `disrupting-harm new-country` from {' and '.join(self.files.values())}. It lists"
            f" what differs from the questionnaire {self.children.questionnaire}; everything else is as there."
        )
        yield from text.comment([what], further="")
        if self.decisions:
            yield "#"
            yield "# A person must decide (take a line away when it is done):"
            yield from text.numbered(self.decisions)
        yield ""

    @property
    def before(self) -> Country | None:
        """The country as the configuration has it, if it does."""
        return self.project.countries.get(self.iso3)

    @property
    def name(self) -> str:
        """Its name."""
        return self.wishes.name or (self.before.name if self.before else iso.names()[self.iso3])

    def country(self) -> Iterator[str]:
        """What the country is."""
        yield f"iso3: {self.iso3 if text.scalar(self.iso3) == self.iso3 else text.scalar(self.iso3)}"
        yield f"name: {text.scalar(self.name)}"
        region = self.wishes.region or (self.before.region if self.before else None)
        if region:
            yield f"region: {text.scalar(region)}"
        else:
            there = sorted({country.region for country in self.project.countries.values()})
            self.decisions.append(f"region: one of those that are there ({', '.join(there)}), or another")
            yield "# region: TODO decide"
        yield f"phase: {self.phase()}"
        yield ""
        yield f"questionnaire: {text.scalar(self.children.questionnaire)}"
        if self.caregivers:
            yield f"caregiver_questionnaire: {text.scalar(self.caregivers.questionnaire)}"

    def phase(self) -> str:
        """The phase that was given, or that of the countries with this questionnaire."""
        if self.wishes.phase:
            return self.wishes.phase
        if self.before:
            return self.before.phase
        same = [
            c.phase for c in self.project.countries.values() if c.questionnaire == self.children.questionnaire
        ]
        phase = max(set(same), key=same.count) if same else _PHASES[-1]
        self.decisions.append(
            f"phase: taken from the questionnaire {self.children.questionnaire}; is it {phase}?"
        )
        return phase

    def microdata(self) -> Iterator[str]:
        """Where the delivered files are, and the reading options that were given."""
        reading = {
            key: getattr(self.options, key)
            for key in ("encoding", "separator", "decimal", "sheet")
            if getattr(self.options, key) is not None
        }
        yield ""
        yield "microdata:"
        for table, file in self.files.items():
            yield from text.block(table, {"file": file, **reading} if reading else file, "  ")
        for table, look in self.looks.items():
            if look.like != table:
                self.decisions.append(
                    f"microdata: {self.files[table]} looks like a file of {look.like}, not of {table}"
                )
        twice = len(set(self.files.values())) < len(self.files)
        if twice:
            self.decisions.append(
                "microdata: both files are the same; write each as `{file: ..., where: {COLUMN: code}}`, so that"
                " children and caregivers are distinguished"
            )
        elif self.looks["children"].also_like:
            self.decisions.append(
                "microdata: the children's file seems to hold caregivers, too; see `where` in config/README.md"
            )

    def ages(self) -> Iterator[str]:
        """Ages in the file, where they are wider than those that the insights are about."""
        look = self.looks["children"]
        match = look.matching.matches.get("age")
        if match is None:
            return
        span = look.shown[next(iter(match.columns.values()))].span
        numbers = [int(value) for value in match.codes.values.values()]
        delivered = (min(numbers), max(numbers)) if numbers else span
        if delivered is None or match.codes.undecided:
            return
        first, last = Eligibility().ages
        if delivered != (first, last):
            self.decisions.append(
                f"ages: the file has {delivered[0]} to {delivered[1]}; the insights are about {first} to {last} (see"
                " `eligibility`)"
            )
            if delivered[0] < first or delivered[1] > last:
                yield ""
                yield f"delivered_ages: [{delivered[0]}, {delivered[1]}]"

    def rest(self) -> Iterator[str]:
        """Design, what was not asked, variables, and what is kept."""
        yield from self.design()
        not_asked = self.children.not_asked | (self.caregivers.not_asked if self.caregivers else {})
        if not_asked:
            yield ""
            yield "# Not recognised in the file: take out of the list what was asked, and map it under `variables`."
            yield "not_asked:"
            yield from (f"  - {text.scalar(name)}   # {why}" for name, why in not_asked.items())
        yield from text.variables("variables", self.children.settings)
        if self.caregivers:
            yield from text.variables("caregiver_variables", self.caregivers.settings)
        for key in _KEPT:
            if self.kept.get(key):
                yield ""
                yield from text.block(key, self.kept[key])

    def design(self) -> Iterator[str]:
        """Mark a file without strata and clusters."""
        matches = self.looks["children"].matching.matches
        missing = [name for name in ("stratum", "psu") if name not in matches]
        kept = dict(self.kept.get("design") or {})
        if len(missing) == 2:
            kept["weights_only"] = True
            self.decisions.append(
                "design: neither strata nor clusters were recognised, so the estimates would rest on weights only"
            )
        if kept:
            yield ""
            yield from text.block("design", kept)


def _problems_of(project: Project, file: str) -> list[str]:
    """What keeps the configuration from loading, now that the file is there."""
    try:
        config.load(project.root)
    except ConfigurationError as error:
        return [
            line.strip() for problem in error.problems if problem.file == file for line in problem.lines()[:1]
        ]
    return []
