"""From a delivered file to the tables of the codebook: one row per respondent, its names, values and design.

Every raw value that occurs must be mapped, and every mapped value must occur or be declared optional; either stops
the run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm.config import Codebook, Country, Project
from disrupting_harm.delivered.formats import MicrodataError
from disrupting_harm.delivered.harmonise_file import HOUSEHOLD, Harmoniser, count_excluded
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.private import owner_only


def harmonise(
    project: Project, iso3: str, children_file: Path | None = None, caregivers_file: Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children and caregivers of one country as the codebook describes them.

    The files default to those the configuration names. Without a caregivers' file the second frame is empty.
    `attrs` of both: country, data ("synthetic" | "delivered"), source (file name), source_sha256, rows_delivered,
    excluded (reason -> rows), renamed_identifiers, identical_rows_accepted (whether more rows are identical than chance
    explains), absent (variables whose column the file lacks).
    Raises MicrodataError, which names file and column and never an answer; also where interviews occur twice.
    """
    country = project.countries[iso3]
    files = {"children": children_file, "caregivers": caregivers_file}
    deliveries = filter(None, (country.children, country.caregivers))
    ways = {
        delivery.table: Harmoniser(project, country, delivery, files[delivery.table])
        for delivery in deliveries
    }
    for way in ways.values():
        way.check_file()
    everybody = ways["children"].decoded()
    eligible = _keep_eligible_ages(everybody, country)
    children = ways["children"].finished(eligible)
    ways["children"].stop_at_copies(children)
    if country.caregivers is None:
        return children, without_file(country, project.codebook)
    caregivers = ways["caregivers"].decoded()
    kept = _keep_caregivers_of(eligible, everybody, caregivers, country)
    caregivers = ways["caregivers"].finished(kept.reset_index(drop=True))
    ways["caregivers"].stop_at_copies(caregivers)
    if HOUSEHOLD in everybody and HOUSEHOLD in kept:
        ways["caregivers"].stop_at_two_in_a_household(kept)
    return children, caregivers


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
    """Write a table with its `attrs` for its owner alone, in one step: the file is complete or not there."""
    with owner_only(path), atomic_write(path) as unfinished:
        frame.to_parquet(unfinished, index=False)


# Whom the insights are about


def _keep_eligible_ages(children: pd.DataFrame, country: Country) -> pd.DataFrame:
    """Children of the eligible ages; the others are counted under attrs["excluded"]."""
    first, last = country.eligibility.ages
    children["age"] = np.floor(children["age"])  # completed years
    unknown = children["age"].isna()
    outside = ~unknown & ~children["age"].between(first, last)
    kept = children[~(unknown | outside)].reset_index(drop=True)
    kept["age"] = kept["age"].astype("int64")
    kept.attrs = dict(children.attrs)
    count_excluded(kept, "no age", unknown)
    count_excluded(kept, _outside_ages(country), outside)
    if kept.empty:
        column = country.children.variables["age"].column
        what = f"column {column} (age) holds no {first} to {last} for {country.name}"
        hint = (
            "It is the age in completed years: map codes to years under `values`; a year of birth or months have"
            " to be made into years first."
        )
        raise MicrodataError(country.children.file, what, hint)
    return kept


def _outside_ages(country: Country) -> str:
    """The reason for leaving out a child by age."""
    first, last = country.eligibility.ages
    return f"outside the ages {first} to {last}"


def _keep_caregivers_of(
    eligible: pd.DataFrame, everybody: pd.DataFrame, caregivers: pd.DataFrame, country: Country
) -> pd.DataFrame:
    """Caregivers but those whose child was left out by age; these are counted under attrs["excluded"].

    eligible, everybody: the children, whether they have a weight or not. Raises MicrodataError where nothing links the
    two files and some children were left out: whose caregivers these rows are is then not known.
    """
    if HOUSEHOLD not in everybody or HOUSEHOLD not in caregivers:
        if len(eligible) < len(everybody) and not country.eligibility.accept_unlinked_caregivers:
            raise _unlinked(country)
        return caregivers
    households = everybody[HOUSEHOLD]
    _check_link(households, caregivers, country)
    of_others = set(households.dropna()) - set(eligible[HOUSEHOLD].dropna())
    outside = caregivers[HOUSEHOLD].isin(of_others)
    kept = caregivers[~outside]
    kept.attrs = dict(caregivers.attrs)
    count_excluded(kept, f"child {_outside_ages(country)}", outside)
    return kept


def _unlinked(country: Country) -> MicrodataError:
    """That caregivers of children who are left out by age cannot be left out with them."""
    what = (
        f"holds children {_outside_ages(country)}, who are left out, and no {HOUSEHOLD} links children and caregivers:"
        " whose caregivers are to be left out is not known"
    )
    hint = (
        f"Map {HOUSEHOLD} in both files. Where the rows of caregivers are those of eligible children (by `where` at"
        " their file, for instance), set eligibility.accept_unlinked_caregivers: true in"
        f" config/countries/{country.iso3}.yaml."
    )
    return MicrodataError(country.children.file, what, hint)


def _check_link(households: pd.Series, caregivers: pd.DataFrame, country: Country) -> None:
    """Raise MicrodataError where no caregiver's household is a child's: the key is another, or written otherwise.

    `households`: of the children of all ages.
    """
    own_households = caregivers[HOUSEHOLD].dropna()
    delivered = country.caregivers
    if delivered and len(own_households) and not own_households.isin(households).any():
        own_column, other = (table.variables[HOUSEHOLD].column for table in (delivered, country.children))
        what = (
            f"column {own_column} ({HOUSEHOLD}) shares no value with column {other} of {country.children.file}:"
            " no caregiver can be linked to a child"
        )
        hint = (
            f"Correct {HOUSEHOLD} in the questionnaires or in config/countries/{country.iso3}.yaml, or list it under"
            " not_asked there: children and caregivers are then not linked."
        )
        raise MicrodataError(delivered.file, what, hint)


def without_file(country: Country, codebook: Codebook) -> pd.DataFrame:
    """No caregivers, of a country that names no file of theirs: what its questionnaire asks is in no file."""
    empty, known = no_caregivers(country), codebook.variables("caregivers")
    if country.caregiver_questionnaire:
        out = set(country.not_asked)
        empty.attrs["absent"] = [name for name, one in known.items() if not {name, one.entry} & out]
    empty.attrs["not_usable"] = country.reasons_not_usable(known)
    return empty


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
        "identical_rows_accepted": False,
        "absent": [],
        "not_usable": {},
        "asked_of_part": [],
    }
    return empty


__all__ = ["Harmoniser", "MicrodataError", "harmonise", "write", "write_parquet"]
