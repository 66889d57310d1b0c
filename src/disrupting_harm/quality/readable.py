"""Remarks as tables and sentences for reading."""

from __future__ import annotations

import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.codebook import Codebook, Table
from disrupting_harm.estimation.number_format import number
from disrupting_harm.estimation.tidy_table import records
from disrupting_harm.quality.answering import REASONS, subject
from disrupting_harm.quality.checks import CHECKS
from disrupting_harm.quality.published import least, statement
from disrupting_harm.quality.remarks import LEVELS

SAMPLE = (
    *("rows_delivered", "excluded", "eligible", "analysed", "published_size", "nonresponse"),
    *("identifiers_twice", "identical_rows"),
    *("weight_mean", "weight_variation", "weight_effect"),
    *("strata", "lone_psus", "psus", "psus_per_stratum", "per_psu"),
    *("household_links", "child_without_caregiver", "caregiver_without_child", "two_caregivers"),
)
"""Checks that are about the respondents and how they were drawn, not about a question."""

_NO_ANSWER = "No answer"
_SERIOUS = LEVELS[LEVELS.index("warning") :]
HIDDEN, TOO_FEW, NEARLY_ALL = "hidden", "too few", "nearly all"


def of_sample(remarks: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The remarks about the sample of one table."""
    return remarks[(remarks["table"] == table) & remarks["check"].isin(SAMPLE)]


def of_questions(remarks: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The remarks about answers that are not there, by question and reason."""
    of_answers = remarks["check"].isin(["item_nonresponse", *REASONS])
    return remarks[(remarks["table"] == table) & (remarks["variable"] != "") & of_answers]


def facts(remarks: pd.DataFrame, table: Table) -> list[tuple[str, str]]:
    """Title and sentence of everything about the sample of one table; with a warning also what to do about it."""
    return [
        (
            CHECKS[row["check"]].title,
            f"{row['message']} {row['hint']}" if row["level"] in _SERIOUS else row["message"],
        )
        for row in records(of_sample(remarks, table))
    ]


def unanswered(codebook: Codebook, remarks: pd.DataFrame, table: Table, rules: Suppression) -> pd.DataFrame:
    """One row per question: how many were asked, and the shares of them without an answer, by reason."""
    part = of_questions(remarks, table)
    cells = {(row["variable"], row["check"]): _in_cell(row, rules) for _, row in part.iterrows()}
    bases = part[part["check"] == "item_nonresponse"].set_index("variable")["base"]
    variables = codebook.variables(table)
    records = []
    for name, base in bases.items():
        record = {"Question": subject(codebook, variables[str(name)]), "Asked (n)": asked(base)}
        checks = {_NO_ANSWER: "item_nonresponse"} | {CHECKS[reason].title: reason for reason in REASONS}
        records.append(record | {title: cells.get((name, check), "–") for title, check in checks.items()})
    return pd.DataFrame(records)


def asked(base: float) -> str:
    """The number of respondents asked, in a cell."""
    return f"{base:,.0f}" if pd.notna(base) else TOO_FEW


def _in_cell(row: pd.Series, rules: Suppression) -> str:
    """A share in a narrow cell."""
    if pd.isna(row["base"]):
        return "–"
    if pd.notna(row["share"]):
        return number(row["share"])
    return {"few": few(rules), "nearly all": NEARLY_ALL}.get(statement(row, rules).kind, HIDDEN)


def few(rules: Suppression) -> str:
    """Fewer respondents than may be published, or none, in a narrow cell."""
    return f"<{least(rules)}"


def most_unanswered(codebook: Codebook, remarks: pd.DataFrame, table: Table, rules: Suppression) -> str:
    """Sentence about the questions that were left unanswered most often and least often."""
    rows = remarks[(remarks["table"] == table) & (remarks["check"] == "item_nonresponse")]
    count = f"{len(rows)} question{'s are' if len(rows) != 1 else ' is'} behind this page."
    kinds = [statement(row, rules).kind for _, row in rows.iterrows()]
    seldom = kinds.count("few")
    fewer = f"in {seldom} of them, fewer than {least(rules)} gave no answer" if seldom else ""
    shown = rows[rows["share"].notna()].sort_values("share", ascending=False, kind="stable")
    if seldom and seldom == len(rows):
        return f"{count} To {'each' if seldom > 1 else 'it'}, fewer than {least(rules)} gave no answer."
    if shown.empty:
        return "The share without an answer may not be shown for any of the questions behind this page."
    variables = codebook.variables(table)
    named = [f'"{subject(codebook, variables[name])}"' for name in shown["variable"]]
    shares = [number(share) for share in shown["share"]]
    if len(rows) == 1:
        return f"{count} {named[0]} has no answer from {shares[0]} of those asked."
    most = f"{named[0]} has the most missing answers: {shares[0]} of those asked"
    least_often = f"{named[-1]} the fewest: {shares[-1]}" if len(shown) > 1 else ""
    return f"{count} {'; '.join(filter(None, (most, fewer or least_often)))}."
