"""After the insights: whether a hidden count follows from what a country's tables really show.

It reads the tables as written and the country's answers, and knows nothing of what was decided before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm import tables
from disrupting_harm.audit.country import universes
from disrupting_harm.audit.counts import AuditError
from disrupting_harm.audit.decide import cells_of, judged
from disrupting_harm.audit.protect import exposed
from disrupting_harm.audit.universe import ALL, Universe
from disrupting_harm.config import Project
from disrupting_harm.config.registry import Registry
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.whole import whole

COLUMNS = ["country", "estimates", "shown", "hidden_alone", "hidden_for_others", "looked_at", "open", "data"]
"""One row a country: numbers of estimates, of hidden counts behind them and of those that stay open, of no children."""

MOST_TOLD = 20
Key = tuple[str, str, str]


def look(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised, rows: pd.DataFrame
) -> pd.DataFrame:
    """The row of the audit of one country. rows: of all its tables, as written.

    Raises AuditError with every estimate that should not be shown, or whose count follows from others.
    """
    found, wrong = attack(project, iso3, children, caregivers, rows)
    if wrong:
        raise AuditError(message(project.countries[iso3].name, wrong))
    row = {"country": iso3, **found, "open": found["looked_at"], "data": project.countries[iso3].data}
    return pd.DataFrame([row])[COLUMNS]


def attack(
    project: Project, iso3: str, children: Harmonised, caregivers: Harmonised, rows: pd.DataFrame
) -> tuple[dict[str, int], list[str]]:
    """Numbers of estimates, and in words each that should not be shown or whose count follows; of no children."""
    told = {
        key for row in rows[tables.is_shown(rows)].to_dict("records") for key in shows(row, project.registry)
    }
    asked = {key for row in rows.to_dict("records") for key in shows(row, project.registry)}
    wrong: list[str] = []
    found = dict.fromkeys(COLUMNS[1:-2], 0)
    for _, universe in universes(project, iso3, children, caregivers):
        known, narrow = look_at(universe, told, project)
        too_few = known.index[known["told"] & known["alone"]]
        wrong += [f"{named(key)} is shown, and tells about too few" for key in too_few]
        wrong += [f"{named(key)} is hidden, and follows from what is shown" for key in narrow]
        own = known[known.index.isin(asked)]
        found["estimates"] += len(own)
        found["shown"] += int(own["told"].sum())
        found["hidden_alone"] += int((~own["told"] & own["alone"]).sum())
        found["hidden_for_others"] += int((~own["told"] & ~own["alone"]).sum())
        found["looked_at"] += int(known["secret"].sum())
        told -= set(known.index)
    return found, wrong + [f"{named(key)} is shown, and was never looked at" for key in sorted(told)]


def look_at(universe: Universe, told: set[Key], project: Project) -> tuple[pd.DataFrame, list[Key]]:
    """Estimates of one table (told, alone: hidden by the rules for single ones, secret), and those that follow."""
    rules = project.analysis.suppression
    counts = universe.counts()
    rows = judged(universe, counts, rules)
    cells, _ = cells_of(rows, counts, rules)
    keys = list(rows[["indicator", "by", "level"]].itertuples(index=False, name=None))
    shown = np.array([key in told for key in keys])
    follows = cells.targets[exposed(cells, shown)]
    behind = rows[["yes", "no"]].to_numpy()
    narrow = np.isin(behind, follows).any(axis=1) & ~shown & (rows["status"] == "suppressed").to_numpy()
    known = pd.DataFrame(
        {
            "told": shown,
            "alone": (rows["status"] == "suppressed").to_numpy(),
            "secret": np.isin(behind, cells.targets).any(axis=1) & ~shown,
        },
        index=pd.Index(keys, tupleize_cols=False),
    )
    return known, [key for key, is_narrow in zip(keys, narrow, strict=True) if is_narrow]


def shows(row: dict[str, str], registry: Registry) -> Iterator[Key]:
    """The estimates that a row shows: a contrast both its groups, what is derived the share it comes from."""
    indicator, by, level = row["indicator"], row["by"], row["level"]
    if row["status"] == "not_asked":
        return
    if registry.indicators[indicator].derived:
        yield DERIVED_FROM, ALL, ALL
    elif " vs " in level:
        pair, _, inside = level.partition(", ")
        within = f", {inside}" if inside and not inside.startswith("adjusted=") else ""
        yield from ((indicator, by, group + within) for group in pair.split(" vs "))
    else:
        yield indicator, by, level


DERIVED_FROM = "tfcsea_any"
"""What is scaled up to a number of children."""


def named(key: Key) -> str:
    """An estimate in words."""
    indicator, by, level = key
    return indicator if by == ALL else f"{indicator} by {by} ({level})"


def message(country: str, wrong: list[str]) -> str:
    """What is wrong, without a number, and what to do."""
    more = [f"  ... and {len(wrong) - MOST_TOLD} more"] if len(wrong) > MOST_TOLD else []
    way_out = (
        "  Nothing of it may be published. Delete its folders in data/harmonised and results, and run again."
    )
    return "\n".join(
        [
            f"{country}: the suppression audit failed:",
            *(f"  {each}" for each in wrong[:MOST_TOLD]),
            *more,
            way_out,
        ]
    )


def read_tables(project: Project, folder: Path) -> pd.DataFrame:
    """All estimates in the tables of one country's insights."""
    return pd.concat([tables.read(folder / f"{name}.csv") for name in project.insights], ignore_index=True)


def write(row: pd.DataFrame, path: Path) -> None:
    """Write the audit of a country whole or not at all."""
    with whole(path) as unfinished:
        row.to_csv(unfinished, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read what `write` has written."""
    return pd.read_csv(path, keep_default_na=False)
