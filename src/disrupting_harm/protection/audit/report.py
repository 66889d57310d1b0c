"""After the insights: whether a hidden count follows from what a country's tables really show.

It reads the tables as written and the country's answers, and knows nothing of what was decided before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.config.entries.registry import Registry
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit import decide
from disrupting_harm.protection.audit.alternatives import Alternatives, Proof
from disrupting_harm.protection.audit.counted import ALL, REST
from disrupting_harm.protection.audit.country import tables_of
from disrupting_harm.protection.audit.counts import AuditError, Table
from disrupting_harm.protection.audit.decide import judged, secrets
from disrupting_harm.protection.audit.protect import exposed
from disrupting_harm.protection.audit.questions import of_questions
from disrupting_harm.protection.audit.statements import Statements, joined
from disrupting_harm.protection.suppression import KEY, Key

COLUMNS = ["country", "estimates", "shown", "hidden_alone", "hidden_for_others", "looked_at", "open", "data"]
"""One row per country: numbers of estimates, of hidden counts behind them and of those still open; not of children."""

MOST_LISTED = 20


def look(
    project: Project,
    iso3: str,
    children: Harmonised,
    caregivers: Harmonised,
    rows: pd.DataFrame,
    remarks: pd.DataFrame,
    known: Mapping[str, Proof] | None = None,
) -> pd.DataFrame:
    """The row of the audit of one country. rows: of all its tables, as written; remarks, known: as for `attack`.

    Raises AuditError with every estimate that should not be shown, or whose count follows from others.
    """
    counts, wrong = attack(project, iso3, children, caregivers, rows, remarks, known)
    if wrong:
        raise AuditError(message(project.countries[iso3].name, wrong))
    row = {"country": iso3, **counts, "open": counts["looked_at"], "data": project.countries[iso3].data}
    return pd.DataFrame([row])[COLUMNS]


def attack(
    project: Project,
    iso3: str,
    children: Harmonised,
    caregivers: Harmonised,
    rows: pd.DataFrame,
    remarks: pd.DataFrame,
    known: Mapping[str, Proof] | None = None,
) -> tuple[dict[str, int], list[str]]:
    """Numbers of estimates, and in words each that should not be shown or whose count follows; of no children.

    remarks: its table of data quality, as written; known: by table, tables of counts that may agree with everything
    published: each is tried, none is believed.
    """
    shown = published(rows, project.registry)
    asked = {key for row in rows.to_dict("records") for key in shows(row, project.registry)}
    left, wrong = set(shown), list[str]()
    counts = dict.fromkeys(COLUMNS[1:-2], 0)
    for name, table in tables_of(project, iso3, children, caregivers):
        proof = (known or {}).get(name)
        estimates, narrow = look_at(
            table, shown, remarks, project.analysis.suppression, proof.alternatives if proof else None
        )
        too_few = estimates.index[estimates["told"] & estimates["alone"]]
        wrong += [f"{named(key)} is shown, but describes too few" for key in too_few]
        wrong += [f"{named(key)} is hidden, but can be narrowed down from what is shown" for key in narrow]
        estimates_asked = estimates[estimates.index.isin(asked)]
        counts["estimates"] += len(estimates_asked)
        counts["shown"] += int(estimates_asked["told"].sum())
        counts["hidden_alone"] += int((~estimates_asked["told"] & estimates_asked["alone"]).sum())
        counts["hidden_for_others"] += int((~estimates_asked["told"] & ~estimates_asked["alone"]).sum())
        counts["looked_at"] += int(estimates["secret"].sum())
        left -= set(estimates.index)
    return counts, wrong + [f"{named(key)} is shown, but was never examined" for key in sorted(left)]


def look_at(
    table: Table,
    shown: dict[Key, list[Printed]],
    remarks: pd.DataFrame,
    rules: Suppression,
    known: Alternatives | None,
) -> tuple[pd.DataFrame, list[Key]]:
    """Estimates of one table (shown; alone: hidden by the rules for single ones; secret), and those that follow."""
    rows = judged(table, rules)
    hidden = secrets(rows, table, remarks, rules)
    keys = list(map(Key._make, rows[KEY].itertuples(index=False, name=None)))
    follows = exposed(table.counts, as_printed(table, rows, shown, remarks, rules), hidden, known)
    is_shown = np.array([key in shown for key in keys])
    behind = rows[["place_yes", "place_no", "place_base", "place_unanswered"]].to_numpy()
    is_secret = np.isin(behind, hidden.targets)
    narrow = np.asarray(np.isin(behind, follows).any(axis=1))
    estimates = pd.DataFrame(
        {
            "told": is_shown,
            "alone": (rows["status"] == "suppressed").to_numpy(),
            "secret": is_secret.any(axis=1),
        },
        index=pd.Index(keys, tupleize_cols=False),
    )
    estimates["secret"] &= ~estimates["told"]
    return estimates[~rows["rest"].to_numpy()], [key for key, one in zip(keys, narrow, strict=True) if one]


# --- what is printed


class Printed(NamedTuple):
    """An estimate as a table prints it. step: what it is a multiple of."""

    estimate: float
    step: float
    n: float
    measure: str


def published(rows: pd.DataFrame, registry: Registry) -> dict[Key, list[Printed]]:
    """What is printed of each estimate that is shown, or that a shown contrast is about: nothing of itself then."""
    printed_by_key: dict[Key, list[Printed]] = {}
    for row in rows[tidy_table.is_shown(rows)].to_dict("records"):
        keys = list(shows(row, registry))
        is_itself = keys == [Key(row["indicator"], row["by"], row["level"])] and row["measure"] in COUNTED
        for key in keys:
            printed = Printed(row["estimate"], row["rounded_to"], row["n"], row["measure"])
            printed_by_key.setdefault(key, []).extend([printed] if is_itself else [])
    return printed_by_key


COUNTED = ("proportion", "mean")
"""Measures that say something about counts; others are made from them."""


def as_printed(
    table: Table,
    rows: pd.DataFrame,
    shown: dict[Key, list[Printed]],
    remarks: pd.DataFrame,
    rules: Suppression,
) -> Statements:
    """What the tables say, read from what they print; and what the table of data quality says about each question."""
    keys = map(Key._make, rows[KEY].itertuples(index=False, name=None))
    pairs = [(index, printed) for index, key in enumerate(keys) for printed in shown.get(key, [])]
    if not pairs:
        return of_questions(table, remarks, len(rows), rules)
    estimates = rows.iloc[[index for index, _ in pairs]]
    printed = pd.DataFrame([one for _, one in pairs], columns=Printed._fields)
    bases, shares, steps = (printed[name].to_numpy() for name in ("n", "estimate", "step"))
    values = decide.Printed(bases, shares, steps, is_coarse(estimates, printed, rules))
    return joined(
        [
            of_questions(table, remarks, len(rows), rules),
            decide.as_printed(estimates, values, table.counts, rules),
        ]
    )


def is_coarse(estimates: pd.DataFrame, printed: pd.DataFrame, rules: Suppression) -> np.ndarray:
    """Which estimates are rounded coarsely, by what they are multiples of."""
    fine = rounding.step_of(
        estimates["measure"], printed["estimate"].to_numpy(), rules, np.zeros(len(estimates), bool)
    )
    return printed["step"].to_numpy() > fine * 1.5


def shows(row: tidy_table.Row, registry: Registry) -> Iterator[Key]:
    """The estimates that a row shows: a contrast both its groups, what is derived the share it comes from."""
    if row["status"] in WITHOUT_DATA:
        return
    if registry.indicators[row["indicator"]].derived:
        yield DERIVED_FROM
    else:
        yield from suppression.keys(row)


DERIVED_FROM = Key("tfcsea_any")
"""What is scaled up to a number of children."""


def named(key: Key) -> str:
    """An estimate in words."""
    if key.by == ALL:
        return key.indicator
    if key.level == REST:
        return f"{key.indicator} of those in no level of {key.by}"
    if key.within and key.within_level == REST:
        return f"{key._replace(within='', within_level='')} of those in no level of {key.within}"
    return str(key)


def message(country: str, wrong: list[str]) -> str:
    """What is wrong, without a number, and what to do."""
    more = [f"  ... and {len(wrong) - MOST_LISTED} more"] if len(wrong) > MOST_LISTED else []
    hint = "  None of it may be published. Delete its folders in data/harmonised and results, and run again."
    return "\n".join(
        [
            f"{country}: the suppression audit failed:",
            *(f"  {line}" for line in wrong[:MOST_LISTED]),
            *more,
            hint,
        ]
    )


def read_tables(project: Project, folder: Path) -> pd.DataFrame:
    """All estimates in the tables of one country's insights."""
    return pd.concat(
        [tidy_table.read(folder / f"{name}.csv") for name in project.insights], ignore_index=True
    )


def write(row: pd.DataFrame, path: Path) -> None:
    """Write the audit of a country atomically."""
    with atomic_write(path) as unfinished:
        row.to_csv(unfinished, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read what `write` has written."""
    return pd.read_csv(path, keep_default_na=False)
