"""From a share among internet users to a number of children, with the uncertainty of both shares.

Source: the article's Table 1 (Ghai et al. 2026): share among all children = prevalence among users x share of users;
number = that share x children of 12 to 17, taken as known. Monte Carlo: draws of both shares on the logit scale.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Burden
from disrupting_harm.config.entries.country import Population


def children_affected(
    share: pd.Series, population: Population, confidence: float, choices: Burden
) -> pd.DataFrame:
    """Two rows: `tfcsea_any_all_children` (a proportion) and `tfcsea_children_affected_count`.

    share: the row of `tfcsea_any`, overall, after suppression: what may not be shown is not scaled up either.
    Without the country's population figures both rows are `not_estimable`.
    """
    names = {"tfcsea_any_all_children": "proportion", "tfcsea_children_affected_count": "count"}
    rows = pd.DataFrame(
        {
            "indicator": list(names),
            "by": "all",
            "level": "all",
            "measure": list(names.values()),
            "n": share["n"],
            "status": "not_estimable",
            "interval": "",
            "n_yes": share["n"],
            "n_no": share["n"],
        }
    )
    users = population.internet_users_percent
    if share["status"] not in ("shown", "low_n") or users is None or population.children_12_17 is None:
        return rows if share["status"] in ("shown", "low_n") else rows.assign(status="ok", n=0)
    draws = np.random.default_rng(choices.seed).standard_normal((2, choices.draws))
    prevalence = logit_normal(share["estimate"], share["se"], draws[0])
    used = logit_normal(users / 100, choices.users_se, draws[1])
    low, high = np.quantile(prevalence * used, [(1 - confidence) / 2, (1 + confidence) / 2])
    best = share["estimate"] * users / 100
    spread = float((prevalence * used).std(ddof=1))
    scale = np.array([1.0, population.children_12_17])
    return rows.assign(
        estimate=best * scale,
        se=spread * scale,
        ci_low=low * scale,
        ci_high=high * scale,
        status="ok",
        interval="monte_carlo",
    )


def logit_normal(share: float, se: float, draws: np.ndarray) -> np.ndarray:
    """Draws of a share whose logit is normal; the standard error is carried over by the delta method."""
    if share in (0, 1):
        return np.full(draws.shape, share)
    logit = np.log(share / (1 - share)) + draws * se / (share * (1 - share))
    return 1 / (1 + np.exp(-logit))
