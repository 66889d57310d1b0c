"""Strata and clusters as the estimates need them: some merged, all unique across countries, clusters within strata."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm.config import nearest
from disrupting_harm.config.entries.country import Design
from disrupting_harm.delivered import formats

DESIGN = ("stratum", "psu")


def unknown(frame: pd.DataFrame, design: Design) -> Iterator[tuple[str, str]]:
    """Strata that the country merges but that do not occur, each with the nearest one that does."""
    if "stratum" not in frame or design.weights_only:
        return
    delivered = {formats.alike(stratum): stratum for stratum in frame["stratum"].dropna().unique()}
    for stratum in design.merged:
        if formats.alike(stratum) not in delivered:
            yield stratum, nearest(stratum, delivered.values())


def merge(frame: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Strata under the names that the country merges them to."""
    names = {formats.alike(stratum): name for stratum, name in design.merged.items()}
    if "stratum" in frame and names:
        places, delivered = pd.factorize(frame["stratum"])
        into = np.array([names.get(formats.alike(stratum), stratum) for stratum in delivered], dtype=object)
        frame["stratum"] = pd.Series(into[places], dtype="str")
    return frame


def singletons(frame: pd.DataFrame, design: Design) -> np.ndarray:
    """Whether each row is in a stratum of a single cluster, once strata are merged; empty cells are in none."""
    filled = frame[[*DESIGN]].notna().all(axis=1).to_numpy()
    merged = merge(frame.loc[filled, [*DESIGN]].reset_index(drop=True), design)
    single = np.zeros(len(frame), dtype=bool)
    single[filled] = merged.groupby("stratum")["psu"].transform("nunique") == 1
    return single


def _is_in_two_strata(frame: pd.DataFrame) -> bool:
    """Whether a cluster's label occurs in two strata."""
    if not {"stratum", "psu"} <= set(frame):
        return False
    return bool(frame[["stratum", "psu"]].drop_duplicates()["psu"].duplicated().any())


def nest(frame: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Strata as "ken:label"; clusters nested in them where the same label occurs in two strata."""
    result = frame.copy(deep=False)
    result.attrs = frame.attrs
    if "stratum" in frame:
        result["stratum"] = f"{iso3}:" + frame["stratum"]
    if "psu" in frame:
        result["psu"] = f"{iso3}:" + frame["psu"]
    if _is_in_two_strata(frame):
        result["psu"] = result["stratum"] + "/" + frame["psu"]
    return result
