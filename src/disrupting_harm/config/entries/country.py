"""A country: one file that describes it and what differs from its questionnaire (config/countries/*.yaml)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field, InstanceOf, model_validator

from disrupting_harm.config.checks.mapping import Mapped
from disrupting_harm.config.entries.codebook import Table, Variable
from disrupting_harm.config.entries.codes import Code
from disrupting_harm.config.entries.delivered import Codes, DataFile
from disrupting_harm.config.entries.questionnaire import MappingEntry
from disrupting_harm.config.files.strict import Strict

Data = Literal["synthetic", "delivered"]
Phase = Literal["phase_one", "phase_two"]


class Microdata(Strict):
    """Delivered files of a country that has files of its own. Paths are below data/."""

    children: DataFile = Field(
        description="The delivered file of children: its path below data/, or the path with its settings.",
        examples=["data/raw/xyz/children.sav"],
    )
    caregivers: DataFile | None = Field(
        default=None,
        description="The delivered file of caregivers, if there is one; it may be the children's. `in_child_row`: each "
        "caregiver is in the row of the child, which links them, and has the child's weight, stratum and sampling "
        "unit.",
        examples=["data/raw/xyz/caregivers.sav", "in_child_row"],
    )


class Survey(Strict):
    """The fieldwork, as published. What is not known is left out."""

    children: int | None = Field(
        default=None, gt=0, description="Number of children interviewed.", examples=[1014]
    )
    caregivers: int | None = Field(
        default=None, gt=0, description="Number of caregivers interviewed.", examples=[1014]
    )
    fieldwork: str | None = Field(
        default=None,
        description="When the interviews took place, in words.",
        examples=["November 2024 to March 2025"],
    )
    languages: tuple[str, ...] = Field(
        default=(),
        description="Languages of the interviews, shown on the country's pages.",
        examples=[["Swahili", "English"]],
    )
    source: str = Field(
        default="", description="Source of these figures.", examples=["Country report, page 12"]
    )


class Population(Strict):
    """Figures for the number of children affected. What is not known is left out: nothing is then estimated."""

    children_12_17: int | None = Field(
        default=None,
        gt=0,
        description="Number of children of 12 to 17 years in the country.",
        examples=[7539254],
    )
    internet_users_percent: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="Internet users among the children of 12 to 17 years, in per cent (67.0, not 0.67).",
        examples=[67.0],
    )
    source: str = Field(
        default="",
        description="Source of these figures.",
        examples=["UN World Population Prospects 2024; household screening of the survey"],
    )

    @property
    def internet_users(self) -> float | None:
        """Number of internet-using children: children times share; None where one of the two is not known."""
        if self.children_12_17 is None or self.internet_users_percent is None:
            return None
        return self.children_12_17 * self.internet_users_percent / 100


class Design(Strict):
    """How the sample's design enters the estimates."""

    singleton_psu: Literal["fail", "certainty", "adjust", "average", "remove"] = Field(
        default="fail",
        description="What to do with a stratum that has a single primary sampling unit (PSU): stop (fail), "
        "let it add nothing to the variance (certainty), centre it at the mean of all strata "
        "(adjust), give it the average variance of the other strata (average), or leave its rows "
        "out (remove).",
        examples=["adjust"],
    )
    weights_only: bool = Field(
        default=False,
        description="The file has weights but neither strata nor clusters: each respondent is its own unit, "
        "and every page says so.",
        examples=[True],
    )
    accept_round_weights: bool = Field(
        default=False,
        description="Weights such as 999 or 5000, far above all others, are weights. Without it they stop the run, as "
        "they may be codes for respondents without a weight.",
        examples=[True],
    )
    merge_strata: dict[str, Codes] = Field(
        default={},
        description="Delivered strata that count as one, under a name of your choice: for strata with too few sampling "
        "units.",
        examples=[{"north": ["N1", "N2"]}],
    )

    @model_validator(mode="after")
    def strata_once(self) -> Design:
        """A stratum is merged once at most."""
        merged = [stratum for strata in self.merge_strata.values() for stratum in strata]
        twice = next((stratum for stratum in merged if merged.count(stratum) > 1), None)
        if twice is not None:
            raise ValueError(f"merges the stratum {twice} twice; keep one of the two")
        return self

    @property
    def merged(self) -> dict[str, str]:
        """Delivered stratum -> the name under which it is merged with others."""
        return {stratum: name for name, strata in self.merge_strata.items() for stratum in strata}


class Eligibility(Strict):
    """Whom the insights are about."""

    ages: tuple[int, int] = Field(
        default=(12, 17),
        description="First and last age that the insights are about, in completed years.",
        examples=[[12, 17]],
    )
    accept_unlinked_caregivers: bool = Field(
        default=False,
        description="The caregivers read are those of eligible children, though nothing links the two files. Without "
        "it the run stops where children were left out by age and their caregivers cannot be.",
        examples=[True],
    )

    @model_validator(mode="after")
    def in_order(self) -> Eligibility:
        """The first age is not above the last."""
        if self.ages[0] > self.ages[1]:
            raise ValueError("has a first age above the last; write [12, 17]")
        return self


class CountryEntry(Strict):
    """One country as its file describes it."""

    iso3: str = Field(
        pattern="^[a-z]{3}$",
        description="The country's ISO 3166 alpha-3 code in lower case; the file is named by it.",
        examples=["xyz"],
    )
    name: str = Field(
        pattern=r"\S", description="Name on pages and in figures.", examples=["Name of the country"]
    )
    also_called: tuple[str, ...] = Field(
        default=(),
        description="Other names that `country=` accepts.",
        examples=[["Older name", "Other spelling"]],
    )
    region: str = Field(
        pattern=r"\S", description="Region, in words; `country=` accepts it too.", examples=["Southeast Asia"]
    )
    phase: Phase = Field(
        description="Phase of the project that the survey belongs to.", examples=["phase_two"]
    )
    questionnaire: str = Field(
        description="Questionnaire of the children: the name of a file in config/questionnaires/, without "
        ".yaml.",
        examples=["phase_two"],
    )
    caregiver_questionnaire: str | None = Field(
        default=None,
        description="Questionnaire of the caregivers, if they were interviewed.",
        examples=["caregivers_phase_two"],
    )
    shared_file: str | None = Field(
        default=None,
        description="The country is in a file of several countries: its name under `shared_files` in "
        "config/config.yaml. Goes with `code`.",
        examples=["phase_one"],
    )
    code: Code | None = Field(
        default=None,
        description="The country's code in that file, in the column that the questionnaire calls `selector`.",
        examples=[2],
    )
    microdata: Microdata | None = Field(
        default=None,
        description="Delivered files of its own, instead of `shared_file` and `code`. With neither, the "
        "synthetic survey is used.",
    )
    survey: Survey = Field(
        default=Survey(), description="The fieldwork, as published. What is not known is left out."
    )
    population: Population = Field(
        default=Population(),
        description="Figures for the number of children affected. What is not known is left out; that number "
        "is then not estimated.",
    )
    design: Design = Field(default=Design(), description="How the sample's design enters the estimates.")
    eligibility: Eligibility = Field(
        default=Eligibility(),
        description="Whom the insights are about; everybody else in the file is counted and left out.",
    )
    accept_identical_rows: tuple[Table, ...] = Field(
        default=(),
        description="Tables in which more rows are identical than chance explains, and whose rows are different "
        "respondents all the same: caregivers with a row for each of several children, for instance. Without it such a "
        "file stops the run, as interviews that occur twice halve all limits of the suppression; with it the page on "
        "data quality warns.",
        examples=[["caregivers"]],
    )
    delivered_ages: tuple[int, int] | None = Field(
        default=None,
        description="First and last age in the delivered file, where they are wider than the eligible ones.",
        examples=[[9, 17]],
    )
    not_asked: tuple[str, ...] = Field(
        default=(),
        description='Codebook variables that this country did not ask: shown as "not asked", never as zero. '
        "{form} stands for all nine forms.",
        examples=[["self_harm", "platform_{form}"]],
    )
    not_usable: dict[str, str] = Field(
        default={},
        description="Codebook variables that were asked but must not be used, each with the reason, which pages show: "
        '"not usable: translation error". They count as without data. {form} stands for all nine forms.',
        examples=[{"suicidal_thoughts": "translation error"}],
    )
    variables: dict[str, MappingEntry] = Field(
        default={},
        description="Where the children's file differs from the questionnaire, variable by variable. A "
        "setting given here takes the place of the questionnaire's; the others stay.",
        examples=[{"sex": {"column": "QS01", "values": {1: "girl", 2: "boy"}}, "weight": "w_final"}],
    )
    caregiver_variables: dict[str, MappingEntry] = Field(
        default={}, description="The same for the caregivers' file.", examples=[{"caregiver_age": "QC02"}]
    )
    notes: tuple[str, ...] = Field(
        default=(),
        description="Remarks, shown on the country's pages.",
        examples=[["Fieldwork was interrupted for three weeks."]],
    )

    @model_validator(mode="after")
    def one_place(self) -> CountryEntry:
        """The data are in one place, and a shared file needs a code."""
        if self.shared_file and self.microdata:
            raise ValueError("names both shared_file and microdata; keep one")
        if bool(self.shared_file) != (self.code is not None):
            raise ValueError(
                "needs shared_file and code together: the code identifies its rows in the shared file"
            )
        return self


@dataclass(frozen=True)
class Delivery:
    """One file that a country reads: where it is, which rows are the country's, and how its columns are read.

    `made`: nobody names a file, and the project makes one. `variables` are those that are read; `in_file` those that
    the file has: a shared file keeps columns that one of its countries did not ask. `not_read`: columns of the
    questionnaire that the country does not read, so that none of them is taken for another one by its ending.
    `in_child_row`: the rows of the file are children with their caregivers.
    """

    table: Table
    source: DataFile
    made: bool
    questionnaire: str
    shared_file: str | None = None
    selector: str | None = None
    code: str | None = None
    find_columns: Literal["name", "ending"] = "name"
    variables: dict[str, Mapped] = field(default_factory=dict)
    in_file: dict[str, Mapped] = field(default_factory=dict)
    also_delivered: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    in_child_row: bool = False

    @property
    def data(self) -> Data:
        """Whether the file holds delivered or synthetic data."""
        return "synthetic" if self.made else self.source.data

    @property
    def file(self) -> str:
        """Where the file is, relative to the project's folder."""
        return self.source.file

    @property
    def all_files(self) -> tuple[str, ...]:
        """The file and those that are joined to it."""
        return (self.file, *(joined.file for joined in self.source.join))


class Country(CountryEntry):
    """One country with its files and their columns worked out. `caregivers` is None where no file is delivered."""

    children: InstanceOf[Delivery]
    caregivers: InstanceOf[Delivery] | None = None

    @property
    def data(self) -> Data:
        """Whether its data are "delivered" or "synthetic"."""
        return self.children.data

    def reasons_not_usable(self, variables: Mapping[str, Variable]) -> dict[str, str]:
        """Those of some variables that must not be used, each with the reason."""
        reasons = self.not_usable
        return {
            name: reasons.get(name, reasons.get(variable.entry, ""))
            for name, variable in variables.items()
            if {name, variable.entry} & set(reasons)
        }

    @property
    def files(self) -> dict[str, str]:
        """The files that the country reads, each once, by table; caregivers in the children's rows have none."""
        both = {"children": self.children_file, "caregivers": self.caregivers_file}
        files: dict[str, str] = {}
        for table, file in both.items():
            if file and file not in files.values():
                files[table] = file
        return files

    @property
    def children_file(self) -> str:
        """File of children that the country reads, relative to the project's folder."""
        return self.children.file

    @property
    def caregivers_file(self) -> str | None:
        """File of caregivers that the country reads, if there is one."""
        return self.caregivers.file if self.caregivers else None


def slug(words: str) -> str:
    """Words of any script as one lower-case word, without accents on Latin letters: "Viet Nam" -> "viet_nam"."""
    kept = ""
    for char in unicodedata.normalize("NFKD", words.casefold()):
        mark = unicodedata.category(char).startswith("M")
        if not (mark and kept[-1:].isascii()):
            kept += char if mark or char.isalnum() else " "
    return "_".join(kept.split())
