"""Tables of one country as insights write them, from its respondents and a decision, without any notebook."""

import numpy as np
import pandas as pd

from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit.country import tables_of
from disrupting_harm.protection.audit.decide import judged


def printed(project, iso3, frames, decision):
    """The tidy tables of a country. frames: children and caregivers; decision: with `shown` and `coarse`."""
    rules = project.analysis.suppression
    parts = [of_table(table, rules) for _, table in tables_of(project, iso3, *frames)]
    rows = pd.concat(parts, ignore_index=True).merge(decision[[*suppression.KEY, "shown", "coarse"]])
    rows = rows.assign(country=iso3, insight="caregivers", data="synthetic", confidence_level=0.95, interval="logit",
                       status=np.where(rows["shown"], "shown", "suppressed"))  # fmt: skip
    rows = rows.reindex(columns=tidy_table.FULL).fillna(dict.fromkeys(tidy_table.CONTRAST, ""))
    rows = rounding.rounded(rows, rules)[tidy_table.COLUMNS]
    return rows.assign(**{name: rows[name].where(rows["status"] == "shown") for name in tidy_table.NUMBERS})


def of_table(table, rules):
    """Weighted shares and bases of every estimate of a table, in full precision."""
    rows = judged(table, rules)
    rows = rows[~rows["rest"]]
    weights, base, counted = (
        table.counts.weights,
        rows["place_base"].to_numpy(),
        rows["place_counted"].to_numpy(),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(counted >= 0, weights[counted] / weights[base], 2.0)
    few = np.where(rows["n_unanswered"] < rules.min_count, rows["n_unanswered"], 0)
    numbers = {"se": 0.01, "ci_low": share, "ci_high": share, "df": 30.0}
    return rows[[*suppression.KEY, "measure", "n"]].assign(estimate=share, base=rows["n"] + few, **numbers)
