"""All remarks about one country's harmonised tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.codebook import Table
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.quality import answering, coherence, sample
from disrupting_harm.quality.answering import Interview
from disrupting_harm.quality.remarks import Remark, tidy


def examine(
    project: Project, iso3: str, children: Harmonised | pd.DataFrame, caregivers: Harmonised | pd.DataFrame
) -> pd.DataFrame:
    """Every remark about a country, one row each (`remarks.COLUMNS`); all numbers in it may be shown.

    Both tables with the `attrs` that `harmonise` gives them; that of caregivers is empty where none were delivered.
    """
    children, caregivers = Harmonised.of(children), Harmonised.of(caregivers)
    return tidy(remarks(project, iso3, children, caregivers), iso3, children.attrs["data"])


def remarks(project: Project, iso3: str, children: Harmonised, caregivers: Harmonised) -> Iterator[Remark]:
    """The same, one after the other."""
    yield from of_table(project, iso3, "children", children)
    if not len(caregivers):
        yield Remark("caregivers", "rows_delivered", "note", "No file of caregivers was delivered.")
        return
    yield from of_table(project, iso3, "caregivers", caregivers)
    yield from coherence.links(children, caregivers, project.analysis.suppression)


def of_table(project: Project, iso3: str, table: Table, frame: Harmonised) -> Iterator[Remark]:
    """Every remark about one harmonised table by itself."""
    country, rules = project.countries[iso3], project.analysis.suppression
    interview = Interview(table, frame, project.registry, project.codebook)
    yield from sample.remarks(table, frame, country, rules)
    yield from not_asked(interview)
    yield from answering.remarks(interview, rules)
    yield from coherence.remarks(interview, country, rules)


def not_asked(interview: Interview) -> Iterator[Remark]:
    """Questions of the codebook that this country did not ask, or whose column its file lacks."""
    labels = list(dict.fromkeys(variable.label if not variable.form else interview.subject(variable)
                                for variable in interview.not_asked))  # fmt: skip
    if labels:
        says = f"Not asked, or without a column in the file ({len(labels)}): {'; '.join(labels)}."
        yield Remark(interview.table, "not_asked", "note", says, value=len(labels))
