"""Load all configuration files at once, and report every problem of every file in one go.

To add a kind of file, write its model in a module of this package, add it to `Project` and read it in
`_ConfigurationLoader.run`; what is wrong with it goes into `_ConfigurationLoader.problems`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from os.path import realpath
from pathlib import Path
from typing import Any

from disrupting_harm.config.checks.mapping import (
    Finding,
    Mapped,
    also_delivered,
    entries_by_variable,
    override,
    resolve,
)
from disrupting_harm.config.checks.needs import delivered_nowhere
from disrupting_harm.config.checks.routing import check_codebook
from disrupting_harm.config.entries.analysis import Analysis
from disrupting_harm.config.entries.codebook import TABLES, Codebook, Table, Variable
from disrupting_harm.config.entries.country import Country, CountryEntry, Delivery, slug
from disrupting_harm.config.entries.delivered import (
    DATA_FOLDER,
    IN_CHILD_ROW,
    SYNTHETIC,
    DataFile,
    FileSettings,
    is_below_data,
)
from disrupting_harm.config.entries.questionnaire import MappingEntry, Questionnaire
from disrupting_harm.config.entries.registry import Insight, Registry, load_insights, load_registry
from disrupting_harm.config.files.problems import ConfigurationError, Problem, nearest
from disrupting_harm.config.files.root import find_root
from disrupting_harm.config.files.validation import Model, validate
from disrupting_harm.config.files.yaml_file import YamlFile, read
from disrupting_harm.config.project import Project, digest

FOLDER = "config"
HOUSEHOLD = "household_id"
_OF_THE_ROW = {"caregiver_id": "child_id", **{name: name for name in ("weight", "stratum", "psu")}}
"""What a caregiver in the child's row shares with the child: variable of the caregiver -> of the child."""


def load(root: Path | str | None = None) -> Project:
    """Load and check all configuration files below `root` (default: found from the working directory upwards).

    The last project loaded is kept, and given again while no file of its configuration has changed; links below data/
    are then not looked at once more: each run does so when it starts.
    Raises ConfigurationError with all problems of all files.
    """
    folder = find_root() if root is None else Path(root).resolve()
    return _load(folder, _state(folder / FOLDER))


def load_readable_countries(root: Path | str | None = None) -> tuple[Project, list[str]]:
    """As `load`, without the countries whose files have problems, and the names of these files.

    For looking at microdata while a country's file is half written. Raises ConfigurationError with the problems of the
    other files.
    """
    loader = _ConfigurationLoader(find_root() if root is None else Path(root).resolve())
    loader.run()
    folder = f"{FOLDER}/countries/"
    others = [problem for problem in loader.problems if not problem.file.startswith(folder)]
    if others:
        raise ConfigurationError(others)
    left_out = {problem.file for problem in loader.problems}
    named = {iso3: f"{folder}{iso3}.yaml" for iso3 in loader.countries}
    countries = {iso3: country for iso3, country in loader.countries.items() if named[iso3] not in left_out}
    return loader.project(countries), sorted(left_out)


def _state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """All files below a folder, each with the time of its last change and its size."""
    state = set()
    for path in folder.rglob("*"):
        with suppress(OSError):  # an editor's, gone again
            about = path.stat()
            state.add((str(path), about.st_mtime_ns, about.st_size))
    return frozenset(state)


@lru_cache(maxsize=1)
def _load(root: Path, _: frozenset[tuple[str, int, int]]) -> Project:
    loader = _ConfigurationLoader(root)
    loader.run()
    if loader.problems:
        raise ConfigurationError(loader.problems)
    return loader.project(loader.countries)


class _ConfigurationLoader:
    """Reads the files one after the other and gathers what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.codebook: Codebook | None = None
        self.analysis: Analysis | None = None
        self.questionnaires: dict[str, tuple[YamlFile, Questionnaire]] = {}
        self.questionnaire_names: list[str] = []
        self.countries: dict[str, Country] = {}
        self.resolved: dict[str, dict[str, Mapped]] = {}
        self.unreadable: list[str] = []
        self.mapped: dict[Table, set[str]] = {table: set() for table in TABLES}
        self.registry: Registry | None = None
        self.insights: dict[str, Insight] | None = None

    def run(self) -> None:
        """Read everything."""
        codebook, self.codebook = self.one("codebook.yaml", Codebook)
        config, self.analysis = self.one("config.yaml", Analysis)
        if self.analysis:
            self.check_shared_files(config, self.analysis)
        entries = self.folder("countries", CountryEntry)
        asked = self.folder("questionnaires", Questionnaire)
        self.questionnaires = {Path(source.file).stem: (source, model) for source, model in asked}
        if self.codebook:
            self.problems += check_codebook(codebook, self.codebook)
            self.check_questionnaires(self.codebook)
            self.check_countries(entries)
            for source, entry in entries:
                self.add(source, entry)
            self.read_registry(self.codebook)

    def project(self, countries: dict[str, Country]) -> Project:
        """What was read, with some countries."""
        return Project(
            root=self.root,
            codebook=self.codebook,
            analysis=self.analysis,
            questionnaires={name: model for name, (_, model) in self.questionnaires.items()},
            countries=countries,
            registry=self.registry,
            insights=self.insights or {},
        )

    def read_registry(self, codebook: Codebook) -> None:
        """The indicators, and the insights that show them."""
        indicators = read(self.root / FOLDER / "indicators.yaml", f"{FOLDER}/indicators.yaml")
        self.registry = load_registry(indicators, codebook)
        self.problems += indicators.problems
        if self.registry and not self.unreadable:
            self.problems += delivered_nowhere(indicators, self.registry, codebook, self.mapped)
        insights = read(self.root / FOLDER / "insights.yaml", f"{FOLDER}/insights.yaml")
        if self.registry:
            self.insights = load_insights(insights, self.registry)
        self.problems += insights.problems

    def one(self, name: str, model: type[Model]) -> tuple[YamlFile, Model | None]:
        """One file of the configuration folder."""
        source = read(self.root / FOLDER / name, f"{FOLDER}/{name}")
        entry = validate(model, source)
        self.problems += source.problems
        return source, entry

    def folder(self, name: str, model: type[Model]) -> list[tuple[YamlFile, Model]]:
        """All files of a folder in the order of their names; those with problems are left out."""
        paths = sorted((self.root / FOLDER / name).glob("*.yaml"))
        if not paths:
            self.problems.append(Problem(f"{FOLDER}/{name}", what="holds no .yaml file"))
        for path in sorted(set((self.root / FOLDER / name).glob("*.[yY]*[mM][lL]")) - set(paths)):
            what, hint = "would not be read", f"Name it {path.stem}.yaml."
            self.problems.append(Problem(f"{FOLDER}/{name}/{path.name}", what=what, hint=hint))
        if name == "questionnaires":
            self.questionnaire_names = [path.stem for path in paths]
        entries = [self.one(f"{name}/{path.name}", model) for path in paths]
        self.unreadable += [source.file for source, entry in entries if entry is None]
        return [(source, entry) for source, entry in entries if entry is not None]

    def tell(self, source: YamlFile, finding: Finding) -> None:
        """Add a finding of the mapping to the report."""
        problem = source.problem(finding.path, finding.what, finding.nearest, finding.hint)
        if problem not in self.problems:
            self.problems.append(problem)

    # Shared files and paths

    def check_shared_files(self, source: YamlFile, analysis: Analysis) -> None:
        """Paths of shared files are below data/, and their settings fit."""
        for name, shared in analysis.shared_files.items():
            for table in TABLES:
                self.check_file(source, ("shared_files", name, table), getattr(shared, table))
                key = f"synthetic_{table}"
                synthetic = DataFile(file=getattr(shared, key))
                self.check_file(source, ("shared_files", name, key), synthetic)

    def check_file(self, source: YamlFile, key: tuple[Any, ...], file: FileSettings | None) -> None:
        """A file of respondents is below data/, which git ignores, and its settings fit its format."""
        if file and file.in_child_row and str(key[-1]).endswith("caregivers"):
            if file.model_fields_set > {"file"}:
                what = f"has settings of a file beside {IN_CHILD_ROW}"
                self.problems.append(source.problem(key, what, hint=f"Write `caregivers: {IN_CHILD_ROW}`."))
            return
        for setting, what, hint in file.findings() if file else ():
            full = (*key, setting)
            self.problems.append(source.problem(full if full in source.lines else key, what, hint=hint))
        if file and is_below_data(file.file) and _leads_out(self.root, file.file):
            hint = "Copy the file below data/, or let data/ itself be the link to where microdata are kept."
            self.problems.append(source.problem(key, "leads out of data/ by a link", hint=hint))
        for number, joined in enumerate(file.join if isinstance(file, DataFile) else ()):
            self.check_file(source, (*key, "join", number), joined)

    # Questionnaires

    def check_questionnaires(self, codebook: Codebook) -> None:
        """Each questionnaire fits the codebook."""
        for name, (source, questionnaire) in self.questionnaires.items():
            self.mapped[questionnaire.table] |= set(questionnaire.variables)
            placed, findings = entries_by_variable(
                questionnaire.variables, codebook.variables(questionnaire.table)
            )
            mapped, more = resolve(placed, questionnaire)
            self.resolved[name] = mapped
            for finding in [*findings, *more]:
                self.tell(source, finding)
            for code, value in questionnaire.special.items():
                if value not in codebook.special:
                    close = nearest(value, codebook.special)
                    self.problems.append(
                        source.problem(("special", code), f"is not a special answer: {value}", close)
                    )

    # Countries

    def check_countries(self, entries: list[tuple[YamlFile, CountryEntry]]) -> None:
        """What can only be seen by looking at all countries: names and codes used twice."""
        seen: dict[tuple[str, ...], str] = {}
        for source, entry in entries:
            names: list[tuple[str, ...]] = [("iso3", entry.iso3)] + [
                ("name", slug(name)) for name in (entry.name, *entry.also_called)
            ]
            if entry.shared_file and entry.code is not None:
                names.append(("code", entry.shared_file, entry.code))
            for name in names:
                if name in seen:
                    what = f"is the same as in {seen[name]}"
                    self.problems.append(source.problem(name[:1], what, hint="Each country has its own."))
                seen.setdefault(name, source.file)

    def add(self, source: YamlFile, entry: CountryEntry) -> None:
        """Work out one country and add it."""
        before = len(self.problems)
        if Path(source.file).stem != entry.iso3:
            hint = f"Name the file {entry.iso3}.yaml."
            self.problems.append(source.problem(("iso3",), "differs from the file's name", hint=hint))
        if entry.microdata:
            for table in TABLES:
                self.check_file(source, ("microdata", table), getattr(entry.microdata, table))
        children = self.delivery(source, entry, "children")
        caregivers = self.delivery(source, entry, "caregivers")
        if children and caregivers and caregivers.source.in_child_row:
            children, caregivers = in_one_row(children, caregivers)
        self.check_required(source, children, caregivers)
        self.check_not_asked(source, entry)
        if entry.design.merge_strata and children and "stratum" not in children.variables:
            what = "merges strata, but no column is mapped to stratum"
            self.problems.append(
                source.problem(("design", "merge_strata"), what, hint="Map one, or remove it.")
            )
        if len(self.problems) == before and children:
            fields = dict(entry.__dict__)
            self.countries[entry.iso3] = Country(**fields, children=children, caregivers=caregivers)

    def check_not_asked(self, source: YamlFile, entry: CountryEntry) -> None:
        """`not_asked` and `not_usable` name variables that may be missing, the former such as nothing else maps."""
        assert self.codebook
        known: dict[str, Variable] = {}
        for table in ("children", "caregivers"):
            for variable in self.codebook.variables(table).values():
                known |= {variable.name: variable, variable.entry: variable}
        for place_, name in enumerate(entry.not_asked):
            if name in entry.not_usable:
                what = f"names {name}, which is also listed under not_usable"
                key = ("not_asked", str(place_))
                self.problems.append(source.problem(key, what, hint="Keep one of the two."))
        listed = [("not_asked", str(place_), name) for place_, name in enumerate(entry.not_asked)]
        listed += [("not_usable", name, name) for name in entry.not_usable]
        for *path, name in listed:
            key = tuple(path)
            if name not in known:
                what = f"names {name}, which is not a variable of the codebook"
                self.problems.append(source.problem(key, what, nearest(name, known)))
            elif known[name].kind in ("identifier", "number") and known[name].required:
                self.problems.append(
                    source.problem(key, f"names {name}, without which nothing can be estimated")
                )
            elif path[0] == "not_asked" and (name in entry.variables or name in entry.caregiver_variables):
                what = f"names {name}, which this file also maps"
                self.problems.append(source.problem(key, what, hint="Keep one of the two."))

    def delivery(self, source: YamlFile, entry: CountryEntry, table: Table) -> Delivery | None:
        """The file of one table with its columns worked out; None if there is none, or if something is wrong."""
        key = "questionnaire" if table == "children" else "caregiver_questionnaire"
        name = getattr(entry, key)
        if name is None:
            return None
        if name not in self.questionnaires:
            if name not in self.questionnaire_names:
                close = nearest(name, self.questionnaire_names)
                hint = "Questionnaires are the files in config/questionnaires/."
                self.problems.append(source.problem((key,), f"names no questionnaire: {name}", close, hint))
            return None
        questionnaire = self.questionnaires[name][1]
        if questionnaire.table != table:
            self.problems.append(
                source.problem((key,), f"names {name}, which is for the table {questionnaire.table}")
            )
            return None
        in_file = self.variables(source, entry, table, name)
        asked = _but(in_file, entry.not_asked)
        usable = _but(asked, entry.not_usable)
        return self.located(
            source, entry, table, questionnaire, in_file if entry.shared_file else asked, usable
        )

    def variables(self, source: YamlFile, entry: CountryEntry, table: Table, name: str) -> dict[str, Mapped]:
        """The questionnaire's variables, with what differs in the country."""
        assert self.codebook
        key = "variables" if table == "children" else "caregiver_variables"
        overrides: dict[str, MappingEntry] = getattr(entry, key)
        self.mapped[table] |= set(overrides)
        mapped = self.resolved[name]
        if overrides:
            known = self.codebook.variables(table)
            base, _ = entries_by_variable(self.questionnaires[name][1].variables, known)
            placed, findings = entries_by_variable(overrides, known, key)
            mapped, more = resolve(override(base, placed), self.questionnaires[name][1])
            for finding in [
                *findings,
                *(finding for finding in more if finding.path[0] == key and finding.path[1] in overrides),
            ]:
                self.tell(source, finding)
        return mapped

    def check_required(self, source: YamlFile, *deliveries: Delivery | None) -> None:
        """Identifiers and numbers without which nothing can be estimated are mapped."""
        assert self.codebook
        for delivery in filter(None, deliveries):
            key = "questionnaire" if delivery.table == "children" else "caregiver_questionnaire"
            for variable in self.codebook.variables(delivery.table).values():
                needed = variable.kind in ("identifier", "number") and variable.required
                if needed and variable.name not in delivery.variables:
                    hint = "Add it to the questionnaire or to this country's variables."
                    what = f"maps no column to {variable.name}"
                    self.problems.append(source.problem((key,), what, hint=hint))

    def located(
        self,
        source: YamlFile,
        entry: CountryEntry,
        table: Table,
        questionnaire: Questionnaire,
        in_file: dict[str, Mapped],
        variables: dict[str, Mapped],
    ) -> Delivery | None:
        """Where the country's file of this table is: delivered or synthetic, shared or its own."""
        where = (
            self.shared_file(source, entry, table)
            if entry.shared_file
            else self.own_file(entry, table, questionnaire)
        )
        if where is None:
            return None
        if entry.shared_file and questionnaire.selector is None:
            what = f"names a shared file, but the questionnaire for {table} has no `selector`"
            self.problems.append(source.problem(("shared_file",), what))
        file, made = where
        name = entry.questionnaire if table == "children" else str(entry.caregiver_questionnaire)
        return Delivery(
            table=table,
            source=file,
            made=made,
            questionnaire=name,
            shared_file=entry.shared_file,
            selector=questionnaire.selector if entry.shared_file else None,
            code=entry.code,
            find_columns=questionnaire.find_columns,
            variables=variables,
            in_file=in_file,
            also_delivered=tuple(also_delivered(questionnaire, self.codebook)) if self.codebook else (),
            not_read=_not_read(variables, self.resolved[name], in_file),
        )

    def shared_file(
        self, source: YamlFile, entry: CountryEntry, table: Table
    ) -> tuple[DataFile, bool] | None:
        """The shared file of a table, and whether the project makes it."""
        if self.analysis is None:
            return None
        shared = self.analysis.shared_files.get(str(entry.shared_file))
        if shared is None:
            close = nearest(str(entry.shared_file), self.analysis.shared_files)
            hint = "Shared files are named in config/config.yaml."
            what = f"names no shared file: {entry.shared_file}"
            self.problems.append(source.problem(("shared_file",), what, close, hint))
            return None
        if shared.children is None:
            return DataFile(file=getattr(shared, f"synthetic_{table}")), True
        delivered = getattr(shared, table)
        return (delivered, False) if delivered else None

    @staticmethod
    def own_file(
        entry: CountryEntry, table: Table, questionnaire: Questionnaire
    ) -> tuple[DataFile, bool] | None:
        """The country's own file of a table, and whether the project makes it."""
        if entry.microdata is None:
            name = f"{SYNTHETIC}_{entry.iso3}_{table}.{questionnaire.delivered_as}"
            return DataFile(file=f"{DATA_FOLDER}/synthetic/{entry.iso3}/{name}"), True
        delivered = getattr(entry.microdata, table)
        return (delivered, False) if delivered else None


def _but(variables: dict[str, Mapped], names: Iterable[str]) -> dict[str, Mapped]:
    """The variables but those that are named, by themselves or with all forms."""
    out = {*names}
    return {name: one for name, one in variables.items() if not {one.name, one.entry} & out}


def in_one_row(children: Delivery, caregivers: Delivery) -> tuple[Delivery, Delivery]:
    """Both tables of a file whose rows are children with their caregivers: a caregiver has the child's design."""
    own = {name: one for name, one in caregivers.variables.items() if name not in (HOUSEHOLD, *_OF_THE_ROW)}
    of_the_row = {
        name: replace(children.variables[of_child], name=name, entry=name)
        for name, of_child in _OF_THE_ROW.items()
        if of_child in children.variables
    }
    linked = {name: one for name, one in children.variables.items() if name != HOUSEHOLD}
    known = children.in_file, caregivers.in_file
    also = tuple(dict.fromkeys([*children.also_delivered, *caregivers.also_delivered]))
    by_ending = "ending" in (children.find_columns, caregivers.find_columns)
    both: dict[str, Any] = {"find_columns": "ending" if by_ending else "name", "in_child_row": True}
    asked = replace(
        children,
        variables=linked,
        not_read=(*also, *children.not_read, *_not_read(linked, *known)),
        **both,
    )
    variables = of_the_row | own
    return asked, replace(
        children,
        table="caregivers",
        questionnaire=caregivers.questionnaire,
        variables=variables,
        in_file=variables,
        also_delivered=caregivers.also_delivered,
        not_read=(*also, *children.not_read, *caregivers.not_read, *_not_read(variables, *known)),
        **both,
    )


def _not_read(read: dict[str, Mapped], *known: dict[str, Mapped]) -> tuple[str, ...]:
    """Columns of known variables that are not read: the file may have them all the same."""
    columns = {column for one in read.values() for column in one.columns}
    named = dict.fromkeys(column for names in known for one in names.values() for column in one.columns)
    return tuple(column for column in named if column not in columns)


def _leads_out(root: Path, file: str) -> bool:
    """Whether a path below data/ leads elsewhere, because a folder on the way or the file itself is a link."""
    return not Path(realpath(root / file)).is_relative_to(realpath(root / DATA_FOLDER))


__all__ = ["Project", "digest", "load"]
