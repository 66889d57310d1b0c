"""One country: all its tables, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from disrupting_harm.audit.counts import AuditError
from disrupting_harm.audit.decide import decide
from disrupting_harm.audit.universe import Universe
from disrupting_harm.config import Project
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.private import owner_only
from disrupting_harm.respondents import Respondents, link
from disrupting_harm.whole import whole

COLUMNS = ["table", "indicator", "by", "level", "alone", "shown", "coarse"]
"""Of the decision. alone: whether the rules for single estimates would show it. coarse: how finely it is rounded."""


def universes(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised
) -> Iterator[tuple[str, Universe]]:
    """Everything that may be asked of each table of a country that holds anybody."""
    settings = project.registry, project.codebook, project.countries[iso3]
    linked = Respondents.of(link(children, caregivers), *settings)
    if len(children):
        yield "children", Universe(Respondents.of(children, *settings), "children", linked)
    if len(caregivers):
        yield "caregivers", Universe(Respondents.of(caregivers, *settings), "caregivers")


def decision(project: Project, iso3: str, children: Harmonised, caregivers: Harmonised) -> pd.DataFrame:
    """Every estimate that may be asked for and whether it may be shown; columns COLUMNS, no counts.

    Raises AuditError with the country's name.
    """
    parts = []
    headlines = project.headlines
    for table, universe in universes(project, iso3, children, caregivers):
        try:
            parts.append(decide(universe, project.analysis.suppression, headlines).assign(table=table))
        except AuditError as error:
            raise AuditError(f"{project.countries[iso3].name}, {table}: {error}") from None
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a decision for its owner alone, whole or not at all."""
    with owner_only(path), whole(path) as unfinished:
        rows.to_parquet(unfinished, index=False)
