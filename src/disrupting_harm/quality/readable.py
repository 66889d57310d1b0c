"""Remarks as tables and sentences for reading."""

from __future__ import annotations

import pandas as pd

from disrupting_harm.config.codebook import Codebook, Table
from disrupting_harm.figures.describe import number
from disrupting_harm.quality.answering import REASONS, subject
from disrupting_harm.quality.checks import CHECKS

SAMPLE = (
    *("rows_delivered", "excluded", "eligible", "analysed", "published_size", "nonresponse"),
    *("identifiers_twice", "identical_rows"),
    *("weight_mean", "weight_variation", "weight_effect", "weight_largest"),
    *("strata", "lone_psus", "psus", "psus_per_stratum", "per_psu"),
    *("household_links", "child_without_caregiver", "caregiver_without_child", "two_caregivers"),
)
"""Checks that are about the respondents and how they were drawn, not about a question."""

NO_ANSWER = "No answer"
HIDDEN, TOO_FEW = "hidden", "too few"


def of_sample(remarks: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The remarks about the sample of one table."""
    return remarks[(remarks["table"] == table) & remarks["check"].isin(SAMPLE)]


def of_questions(remarks: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The remarks about answers that are not there, by question and reason."""
    of_answers = remarks["check"].isin(["item_nonresponse", *REASONS])
    return remarks[(remarks["table"] == table) & (remarks["variable"] != "") & of_answers]


def facts(remarks: pd.DataFrame, table: Table) -> list[tuple[str, str]]:
    """Title and sentence of everything about the sample of one table."""
    return [(CHECKS[row.check].title, row.message) for row in of_sample(remarks, table).itertuples()]


def unanswered(codebook: Codebook, remarks: pd.DataFrame, table: Table) -> pd.DataFrame:
    """One row a question: how many were asked, and the shares of them without an answer, by reason."""
    part = of_questions(remarks, table)
    shares = part.set_index(["variable", "check"])["share"]
    bases = part[part["check"] == "item_nonresponse"].set_index("variable")["base"]
    variables = codebook.variables(table)
    records = []
    for name, base in bases.items():
        record = {"Question": subject(codebook, variables[str(name)]), "Asked (n)": asked(base)}
        record[NO_ANSWER] = in_cell(shares[name, "item_nonresponse"], base)
        reasons = {CHECKS[reason].title: reason for reason in REASONS}
        record |= {title: in_cell(shares.get((name, reason)), base) for title, reason in reasons.items()}
        records.append(record)
    return pd.DataFrame(records)


def asked(base: float) -> str:
    """The number of respondents asked, in a cell."""
    return f"{base:,.0f}" if pd.notna(base) else TOO_FEW


def in_cell(share: float | None, base: float) -> str:
    """A share in a narrow cell."""
    if pd.isna(base):
        return "–"
    return HIDDEN if share is None or pd.isna(share) else number(share)


def most_unanswered(codebook: Codebook, remarks: pd.DataFrame, table: Table) -> str:
    """Sentence about the questions that were left unanswered most and least often."""
    rows = remarks[(remarks["table"] == table) & (remarks["check"] == "item_nonresponse")]
    shown = rows[rows["share"].notna()].sort_values("share", ascending=False, kind="stable")
    if shown.empty:
        return "For none of the questions behind this page may the share without an answer be shown."
    variables = codebook.variables(table)
    ends = [
        f"{subject(codebook, variables[row.variable])}, {number(row.share)}" for row in shown.itertuples()
    ]
    count = f"{len(rows)} question{'s are' if len(rows) > 1 else ' is'} behind this page."
    if len(ends) == 1:
        return f"{count} Without an answer: {ends[0]} of those asked."
    return f"{count} Most often without an answer: {ends[0]} of those asked; least often: {ends[-1]}."
