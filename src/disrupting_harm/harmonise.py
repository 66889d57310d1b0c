"""From a delivered file to the tables of the codebook: one row a respondent, codebook names, values and design columns.

Every raw value that occurs must be mapped, and every mapped value must occur or be declared optional; either stops
the run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm import microdata
from disrupting_harm.config import Country, Delivery, Project
from disrupting_harm.decode import Decoding, is_absent
from disrupting_harm.microdata import Microdata, MicrodataError

DESIGN = ("stratum", "psu")
IDENTIFIERS = {"children": "child_id", "caregivers": "caregiver_id"}


def harmonise(
    project: Project, iso3: str, children_file: Path | None = None, caregivers_file: Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children and caregivers of one country as the codebook describes them.

    The files default to those the configuration names. Without a caregivers' file the second frame is empty.
    `attrs` of both: country, data ("synthetic" | "delivered"), source (file name), source_sha256, rows_delivered,
    excluded (reason -> rows), renamed_identifiers, absent (variables whose column the file lacks).
    Raises MicrodataError, which names file and column and never an answer.
    """
    country = project.countries[iso3]
    children = Harmonising(project, country, country.children, children_file).table()
    eligible = keep_eligible_ages(children, country)
    if country.caregivers is None:
        return eligible, no_caregivers(country)
    caregivers = Harmonising(project, country, country.caregivers, caregivers_file).table()
    return eligible, keep_caregivers_of(eligible, children, caregivers, country)


def write(
    project: Project,
    iso3: str,
    children_file: Path | None,
    caregivers_file: Path | None,
    out_children: Path,
    out_caregivers: Path,
) -> None:
    """Harmonise one country and write both tables; nothing is left half-written."""
    children, caregivers = harmonise(project, iso3, children_file, caregivers_file)
    write_parquet(children, Path(out_children))
    write_parquet(caregivers, Path(out_caregivers))


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table with its `attrs`, in one step: the file is complete or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        frame.to_parquet(unfinished, index=False)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


# Whom the insights are about


def keep_eligible_ages(children: pd.DataFrame, country: Country) -> pd.DataFrame:
    """Children of the eligible ages; the others are counted under attrs["excluded"]."""
    first, last = country.eligibility.ages
    unknown = children["age"].isna()
    outside = ~unknown & ~children["age"].between(first, last)
    kept = children[~(unknown | outside)].reset_index(drop=True)
    kept["age"] = kept["age"].astype("int64")
    kept.attrs = dict(children.attrs)
    count_excluded(kept, "no age", unknown)
    count_excluded(kept, outside_ages(country), outside)
    if kept.empty:
        raise MicrodataError(
            country.children.file, f"has no child of the {outside_ages(country)[12:]} for {country.iso3}"
        )
    return kept


def outside_ages(country: Country) -> str:
    """The reason for leaving out a child by age."""
    first, last = country.eligibility.ages
    return f"outside the ages {first} to {last}"


def keep_caregivers_of(
    eligible: pd.DataFrame, children: pd.DataFrame, caregivers: pd.DataFrame, country: Country
) -> pd.DataFrame:
    """Caregivers but those whose child was left out by age; these are counted under attrs["excluded"]."""
    if "household_id" not in caregivers or "household_id" not in children:
        return caregivers
    of_others = set(children["household_id"].dropna()) - set(eligible["household_id"].dropna())
    outside = caregivers["household_id"].isin(of_others)
    kept = caregivers[~outside].reset_index(drop=True)
    kept.attrs = dict(caregivers.attrs)
    count_excluded(kept, f"child {outside_ages(country)}", outside)
    return kept


def no_caregivers(country: Country) -> pd.DataFrame:
    """The table of a country without a caregivers' file."""
    empty = pd.DataFrame()
    empty.attrs = {
        "country": country.iso3,
        "data": country.data,
        "source": "",
        "source_sha256": "",
        "rows_delivered": 0,
        "excluded": {},
        "renamed_identifiers": 0,
        "absent": [],
    }
    return empty


def count_excluded(frame: pd.DataFrame, reason: str, excluded: pd.Series | np.ndarray) -> None:
    """Note how many rows were left out for a reason, if any."""
    count = int(np.sum(excluded))
    if count:
        frame.attrs["excluded"] = {**frame.attrs["excluded"], reason: count}


# One file


@dataclass
class Harmonising:
    """One file of one country on its way to a table."""

    project: Project
    country: Country
    delivery: Delivery
    file: Path | None = None

    def table(self) -> pd.DataFrame:
        """The table without ages checked: rows without weight left out, identifiers made unique."""
        path = Path(self.file) if self.file else self.project.path(self.delivery.file)
        self.raw = self.read(path)
        self.places = np.flatnonzero(self.rows_of_country())
        decoding = Decoding(self.raw, self.delivery, self.project.codebook, self.places)
        frame = decoding.table()
        self.stop_at(decoding.findings)
        frame.attrs = self.attributes(path)
        return self.finished(frame)

    def read(self, path: Path) -> Microdata:
        """The raw columns that are mapped."""
        mapped = self.delivery.variables.values()
        wanted = [column for each in mapped for column in each.columns]
        if self.delivery.selector:
            wanted.append(self.delivery.selector)
        return microdata.read(
            path,
            list(dict.fromkeys(wanted)),
            name=self.delivery.file,
            text=[each.column for each in mapped if each.kind == "identifier"],
            may_be_absent=[column for each in mapped if each.may_be_absent for column in each.columns],
            find=self.delivery.find_columns,
            others=self.delivery.also_delivered,
        )

    def attributes(self, path: Path) -> dict[str, object]:
        """What is known about the table."""
        mapped = self.delivery.variables.values()
        return {
            "country": self.country.iso3,
            "data": self.delivery.data,
            "source": Path(self.delivery.file).name,
            "source_sha256": microdata.checksum(path),
            "rows_delivered": len(self.places),
            "excluded": {},
            "renamed_identifiers": 0,
            "absent": [each.name for each in mapped if is_absent(each, self.raw)],
        }

    def rows_of_country(self) -> np.ndarray:
        """Where the file's rows are this country's."""
        selector = self.delivery.selector
        if selector is None:
            rows = np.ones(len(self.raw.frame), dtype=bool)
        else:
            rows = microdata.codes(self.raw.frame[selector]) == self.delivery.code
        if not rows.any():
            what = f"has no row with {selector} = {self.delivery.code}" if selector else "has no respondents"
            way_out = f"Correct `code` in config/countries/{self.country.iso3}.yaml." if selector else ""
            raise MicrodataError(self.delivery.file, f"{what} ({self.country.name})", way_out)
        return rows

    def stop_at(self, findings: list[str]) -> None:
        """Raise everything that was found, in one go."""
        if findings:
            way_out = f"Correct config/questionnaires/{self.delivery.questionnaire}.yaml"
            way_out += f" or, for this country alone, config/countries/{self.country.iso3}.yaml."
            raise MicrodataError(self.delivery.file, findings, way_out)

    def finished(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows with a weight, identifiers and design columns made unique."""
        attrs = frame.attrs
        weightless = ~(frame["weight"] > 0)
        places = self.places[~weightless]
        frame = frame[~weightless].reset_index(drop=True)
        frame.attrs = attrs
        count_excluded(frame, "no weight", weightless)
        if frame.empty:
            column = self.delivery.variables["weight"].column
            raise MicrodataError(
                self.delivery.file, f"column {column} holds no weight for {self.country.name}"
            )
        identifier = IDENTIFIERS[self.delivery.table]
        frame[identifier], frame.attrs["renamed_identifiers"] = unique_identifiers(frame[identifier])
        return self.with_design(frame, places)

    def with_design(self, frame: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
        """Strata and clusters complete and unique within the country; left out where the design is weights only."""
        if self.country.design.weights_only:
            return frame.drop(columns=[name for name in DESIGN if name in frame])
        for name in DESIGN:
            if name in frame and frame[name].isna().any():
                column = self.delivery.variables[name].column
                where = self.raw.rows(places[frame[name].isna()])
                way_out = (
                    f"Complete it, or set design.weights_only: true in config/countries/{self.country.iso3}.yaml:"
                    " the estimates then say that they ignore strata and clusters."
                )
                raise MicrodataError(
                    self.delivery.file, f"column {column} ({name}) is empty in {where}", way_out
                )
        return nest(frame, self.country.iso3)


def unique_identifiers(identifiers: pd.Series) -> tuple[pd.Series, int]:
    """Identifiers, of which those that stand twice (or are empty) get new names; and how many were renamed."""
    taken = set(identifiers.dropna())
    seen: set[str] = set()
    result = []
    for place, value in enumerate(identifiers):
        name = value
        if pd.isna(value) or value in seen:
            number = 2
            stem = f"row-{place + 1}" if pd.isna(value) else value
            while (name := f"{stem}-{number}") in taken:
                number += 1
            taken.add(name)
        seen.add(name)
        result.append(name)
    renamed = sum(new != old for new, old in zip(result, identifiers, strict=True))
    return pd.Series(result, dtype="str"), renamed


def is_in_two_strata(frame: pd.DataFrame) -> bool:
    """Whether a cluster's label occurs in two strata."""
    if not {"stratum", "psu"} <= set(frame):
        return False
    return bool(frame[["stratum", "psu"]].drop_duplicates()["psu"].duplicated().any())


def nest(frame: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Strata as "ken:label"; clusters nested in them where the same label occurs in two strata."""
    result = frame.copy()
    result.attrs = frame.attrs
    if "stratum" in frame:
        result["stratum"] = f"{iso3}:" + frame["stratum"]
    if "psu" in frame:
        result["psu"] = f"{iso3}:" + frame["psu"]
    if is_in_two_strata(frame):
        result["psu"] = result["stratum"] + "/" + frame["psu"]
    return result


__all__ = ["MicrodataError", "harmonise", "write", "write_parquet"]
