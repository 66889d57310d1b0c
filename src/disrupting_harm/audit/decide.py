"""Which estimates of a country may be shown: decided once, for every insight."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from disrupting_harm import suppression
from disrupting_harm.audit.counts import Counts
from disrupting_harm.audit.protect import Cells, protect
from disrupting_harm.audit.universe import ALL, EVERYONE, Universe
from disrupting_harm.config.analysis import Suppression

HEADLINE_COST, COUNTRY_COST, FORM_COST = 5e4, 1e4, 3e3
"""An estimate of the whole country outweighs all its parts, one of a form or an answer nearly so, a headline all."""

PER_RESPONDENT = 0.01


def judged(universe: Universe, counts: Counts, rules: Suppression) -> pd.DataFrame:
    """Every estimate with its base, head counts, status by the rules for single estimates, and places of its counts.

    whole_yes, whole_no, whole_n: the same of its indicator in the whole country.
    """
    values = np.append(counts.values, 0)
    records = []
    for estimate, level in universe.rows():
        by, name = level if level != EVERYONE else (estimate.by, estimate.level)
        columns = (estimate.base, estimate.counted, *estimate.people)
        base, counted, yes, no = (universe.places.get((level, column), -1) for column in columns)
        whole = universe.whole.get(estimate.indicator, estimate)
        whole_n, whole_yes, whole_no = (
            values[universe.places[EVERYONE, column]] for column in (whole.base, *whole.people)
        )
        row = {
            "indicator": estimate.indicator,
            "by": by,
            "level": name,
            "measure": estimate.measure,
            "n": values[base],
            "positives": values[yes],
            "others": values[no],
            "status": "ok" if values[base] else "empty",
            "rule": ALL if level != EVERYONE and universe.is_national(level, estimate) else by,
        }
        status = suppression.status({**row, "by": row["rule"]}, rules)
        places = {"base": base, "counted": counted, "yes": yes, "no": no}
        wholes = {"whole_n": whole_n, "whole_yes": whole_yes, "whole_no": whole_no}
        records.append({**row, "status": status, **places, **wholes})
    return pd.DataFrame(records)


def cells_of(
    rows: pd.DataFrame, counts: Counts, rules: Suppression, headlines: Collection[str] = ()
) -> tuple[Cells, np.ndarray]:
    """The audit's cells, and which estimates are shown before it: those that show no count that may not be told."""
    enough = small_counts(rows, rules)
    targets = np.setdiff1d(np.array(sorted(enough), int), counts.nobody)
    shows = rows[["base", "counted"]].to_numpy()
    shown = (rows["status"] != "suppressed").to_numpy() & ~np.isin(shows, targets).any(axis=1)
    country = np.where(rows["indicator"].isin(headlines), HEADLINE_COST, COUNTRY_COST)
    whole = np.where(rows["rule"] == ALL, country, np.where(is_national(rows), FORM_COST, 0))
    cost = (rows["n"].to_numpy() + 1) * PER_RESPONDENT + whole
    return Cells(counts, shows, cost, targets, np.array([enough[each] for each in targets])), shown


def is_national(rows: pd.DataFrame) -> np.ndarray:
    """Estimates of the whole country, or of a form or an answer in it."""
    return rows["rule"].isin(suppression.NATIONAL).to_numpy()


def small_counts(rows: pd.DataFrame, rules: Suppression) -> dict[int, float]:
    """Counts behind hidden shares that are about fewer than k, or about nobody of a small base: how far to move.

    Below national level k_sub, but k where the whole country's own count is less than k_sub. Nobody of a part is no
    secret where the whole country shows nobody.
    """
    found: dict[int, float] = {}
    hidden = rows[(rows["status"] == "suppressed") & (rows["measure"] != "mean") & (rows["n"] > 0)]
    for row, national in zip(hidden.itertuples(), is_national(hidden), strict=True):
        shows_nobody = row.whole_n >= rules.group_disclosure_base
        least = rules.k if national else rules.k_sub
        for place, count, whole in (
            (row.yes, row.positives, row.whole_yes),
            (row.no, row.others, row.whole_no),
        ):
            nobody = count == 0 and row.n < rules.group_disclosure_base and not (whole == 0 and shows_nobody)
            if 0 < count < least or nobody:
                enough = rules.k if whole < rules.k_sub else least
                found[place] = max(found.get(place, 0.0), float(enough))
    return found


def decide(universe: Universe, rules: Suppression, headlines: Collection[str] = ()) -> pd.DataFrame:
    """indicator, by, level, shown (by all rules), alone (by the rules for single ones), coarse: no counts.

    headlines: the indicators that are hidden last.
    """
    counts = universe.counts()
    rows = judged(universe, counts, rules)
    cells, alone = cells_of(rows, counts, rules, headlines)
    return rows[["indicator", "by", "level"]].assign(shown=protect(cells, alone), alone=alone, coarse=False)
