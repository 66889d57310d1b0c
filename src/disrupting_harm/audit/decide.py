"""Which estimates of a country may be shown: decided once, for every insight."""

from __future__ import annotations

import numpy as np
import pandas as pd

from disrupting_harm import suppression
from disrupting_harm.audit.protect import Cells, exposed, protect
from disrupting_harm.audit.ranges import Counts
from disrupting_harm.audit.universe import ALL, EVERYONE, Universe
from disrupting_harm.config.analysis import Suppression

NATIONAL_COST = 1e6
"""An estimate of the whole country outweighs all its parts: it is hidden for others only if nothing else helps."""


def judged(universe: Universe, values: np.ndarray, rules: Suppression) -> pd.DataFrame:
    """Every estimate with its base, head counts, status by the rules for single estimates, and places of its counts."""
    records = []
    for estimate, level in universe.rows():
        by, name = level if level != EVERYONE else (estimate.by, estimate.level)
        columns = (estimate.base, estimate.counted, *estimate.people)
        base, counted, yes, no = (universe.places.get((level, column), -1) for column in columns)
        row = {
            "indicator": estimate.indicator,
            "by": by,
            "level": name,
            "measure": estimate.measure,
            "n": values[base],
            "positives": values[yes],
            "others": values[no],
            "status": "ok" if values[base] else "empty",
            "rule": ALL if universe.is_national(level, estimate) else by,
        }
        status = suppression.status({**row, "by": row["rule"]}, rules)
        records.append({**row, "status": status, "base": base, "counted": counted, "yes": yes, "no": no})
    return pd.DataFrame(records)


def cells_of(rows: pd.DataFrame, counts: Counts, rules: Suppression) -> tuple[Cells, np.ndarray]:
    """The audit's cells, and which estimates are shown before it: those that show no count that may not be told."""
    national = rows["rule"].isin(suppression.NATIONAL).to_numpy()
    enough = small_counts(rows, np.where(national, rules.k, rules.k_sub), rules)
    targets = np.array(sorted(enough), int)
    shows = rows[["base", "counted"]].to_numpy()
    shown = (rows["status"] != "suppressed").to_numpy() & ~np.isin(shows, targets).any(axis=1)
    cost = rows["n"].to_numpy() + 1.0 + national * NATIONAL_COST
    return Cells(counts, shows, cost, targets, np.array([enough[each] for each in targets])), shown


def small_counts(rows: pd.DataFrame, k: np.ndarray, rules: Suppression) -> dict[int, float]:
    """Counts behind hidden shares that are about fewer than k, or about nobody of a small base: how far to move."""
    found: dict[int, float] = {}
    hidden = (rows["status"] == "suppressed") & (rows["measure"] != "mean") & (rows["n"] > 0)
    for row, least in zip(rows[hidden].itertuples(), k[hidden], strict=True):
        for place, count in ((row.yes, row.positives), (row.no, row.others)):
            if 0 < count < least or (count == 0 and row.n < rules.group_disclosure_base):
                found[place] = max(found.get(place, 0.0), float(least))
    return found


def decide(universe: Universe, rules: Suppression) -> pd.DataFrame:
    """indicator, by, level, shown (by all rules), alone (by the rules for single estimates): no counts."""
    counts = universe.counts()
    rows = judged(universe, counts.values, rules)
    cells, alone = cells_of(rows, counts, rules)
    return rows[["indicator", "by", "level"]].assign(shown=protect(cells, alone), alone=alone)


def open_to_attack(universe: Universe, shown: np.ndarray, rules: Suppression) -> tuple[pd.DataFrame, int]:
    """Estimates whose small counts follow too narrowly from those `shown` (no counts), and how many were looked at."""
    counts = universe.counts()
    rows = judged(universe, counts.values, rules)
    cells, _ = cells_of(rows, counts, rules)
    _, places = exposed(cells, shown)
    narrow = np.isin(rows[["yes", "no"]].to_numpy(), cells.targets[places]).any(axis=1) & ~shown
    return rows.loc[narrow, ["indicator", "by", "level"]], len(cells.targets)
