"""All remarks about one country's harmonised tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from disrupting_harm.answers.indicators import NOT_DELIVERED, NOT_USABLE, why_without_data
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.quality import answering, coherence, exact, published, sample
from disrupting_harm.quality.answering import Interview
from disrupting_harm.quality.found import CheckResult
from disrupting_harm.quality.remarks import Remark, tidy


def examine(
    project: Project, iso3: str, children: Harmonised | pd.DataFrame, caregivers: Harmonised | pd.DataFrame
) -> pd.DataFrame:
    """Every remark about a country as it is published, one row each (`remarks.COLUMNS`).

    Both tables with the `attrs` that `harmonise` gives them; that of caregivers is empty where none were delivered.
    """
    return both(project, iso3, children, caregivers)[0]


def both(
    project: Project, iso3: str, children: Harmonised | pd.DataFrame, caregivers: Harmonised | pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published remarks, and those with exact numbers, which are for the owner of the data only."""
    children, caregivers = Harmonised.of(children), Harmonised.of(caregivers)
    everything = list(findings(project, iso3, children, caregivers))
    data = children.attrs["data"]
    shown = published.remarks(everything, project.analysis.suppression)
    return tidy(shown, iso3, data), tidy(exact.remarks(everything), iso3, data)


def findings(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised
) -> Iterator[CheckResult]:
    """What the checks find in a country's tables, exactly."""
    yield from of_table(project, iso3, "children", children)
    if not len(caregivers):
        yield Remark("caregivers", "rows_delivered", "note", "No file of caregivers was delivered.")
        return
    yield from of_table(project, iso3, "caregivers", caregivers)
    yield from coherence.links(children, caregivers)


def of_table(project: Project, iso3: str, table: Table, frame: Harmonised) -> Iterator[CheckResult]:
    """What is found in one harmonised table by itself."""
    country = project.countries[iso3]
    interview = Interview(table, frame, project.registry, project.codebook)
    yield from sample.remarks(table, frame, country)
    yield from without_data(interview)
    yield from answering.remarks(interview)
    yield from coherence.remarks(interview, country)


def without_data(interview: Interview) -> Iterator[Remark]:
    """Questions of the codebook without data: not asked, not in the file, or not usable for a reason."""
    labels: dict[str, dict[str, None]] = {"not_asked": {}, NOT_DELIVERED: {}, NOT_USABLE: {}}
    for variable in interview.without_data:
        label = variable.label if not variable.form else interview.subject(variable)
        why = why_without_data(interview.frame.attrs, variable.name)
        reason = interview.frame.attrs["not_usable"][variable.name] if why == NOT_USABLE else ""
        labels[why][f"{label} ({reason})" if reason else label] = None
    heads = {"not_asked": "Not asked", NOT_DELIVERED: "Not in the delivered file", NOT_USABLE: "Not usable"}
    for why, named in labels.items():
        if named:
            says = f"{heads[why]} ({len(named)}): {'; '.join(named)}."
            yield Remark(interview.table, why, "note", says, value=len(named))
