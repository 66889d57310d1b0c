"""One country: all its tables, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from disrupting_harm.answers.respondents import Respondents, link
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.project import digest
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.files.fingerprints import LIBRARY, behind, fingerprint
from disrupting_harm.files.private import owner_only
from disrupting_harm.protection.audit import definitions
from disrupting_harm.protection.audit.alternatives import Proof
from disrupting_harm.protection.audit.counts import AuditError, Table
from disrupting_harm.protection.audit.decide import COLUMNS, decide
from disrupting_harm.protection.audit.definitions import Definitions, Questions

_KNOWN = Path("data", "definitions")
"""Where what holds by definition is kept, a file for each table of a questionnaire: no data are in it."""


def tables_of(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised
) -> Iterator[tuple[str, Table]]:
    """Everything that is counted of each table of a country that holds anybody."""
    settings = project.registry, project.codebook, project.countries[iso3]
    for name, respondents, other in (
        ("children", children, link(children, caregivers)),
        ("caregivers", caregivers, caregivers),
    ):
        if len(respondents):
            people = Respondents.of(respondents, *settings)
            linked = people if other is respondents else Respondents.of(other, *settings)
            yield (
                name,
                Table(
                    name,
                    people,
                    linked,
                    known(project, Questions.of(name, respondents.columns, other.columns)),
                ),
            )


def known(project: Project, questions: Questions) -> Definitions:
    """What always holds between the counts of a questionnaire: kept, or learnt and kept for the next country."""
    code = fingerprint(behind(LIBRARY, ["protection.audit.definitions"]))
    key = digest([project.registry.as_counted, project.codebook_digest, questions, code])
    file = project.root / _KNOWN / f"{questions.table}_{key}.npz"
    if not file.is_file():
        learnt = definitions.of_questionnaire(questions, project.registry, project.codebook)
        with owner_only(file):
            definitions.write({questions.table: learnt}, file)
    return definitions.read(file)[questions.table]


def decision(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised, remarks: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Proof]]:
    """Every estimate that may be asked for, whether it may be shown, and how finely: `table` and COLUMNS, no counts.

    With the proof, by table, that the decision is safe. remarks: what is published about the quality of its data.
    Raises AuditError with the country's name.
    """
    parts: list[pd.DataFrame] = []
    proofs: dict[str, Proof] = {}
    for name, table in tables_of(project, iso3, children, caregivers):
        try:
            rows, proofs[name] = decide(table, remarks, project.analysis.suppression, project.headlines)
        except AuditError as error:
            raise AuditError(f"{project.countries[iso3].name}, {name}: {error}") from None
        parts.append(rows.assign(table=name))
    return pd.concat(parts, ignore_index=True)[["table", *COLUMNS]], proofs


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a decision atomically, for its owner only."""
    with owner_only(path), atomic_write(path) as unfinished:
        rows.to_parquet(unfinished, index=False)
