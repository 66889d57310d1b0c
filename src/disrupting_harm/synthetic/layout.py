"""What is odd about the delivered phase-one file: names with prefixes, look-alikes, addresses, an early questionnaire.

The synthetic file has the same oddities (resources/synthetic/phase_one_layout.yaml), so that reading it is a rehearsal.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from disrupting_harm.config import Country, Delivery, Mapped, Variable
from disrupting_harm.synthetic.draws import Booleans, one_answer, stream

FILE = Path("resources/synthetic/phase_one_layout.yaml")


class Layout:
    """The oddities, for files of one questionnaire that several countries share."""

    def __init__(self, root: Path) -> None:
        with (root / FILE).open(encoding="utf-8") as stream_:
            self.settings: dict[str, Any] = yaml.safe_load(stream_)

    def is_of(self, delivery: Delivery) -> bool:
        """Whether a file has these oddities."""
        return bool(delivery.shared_file) and delivery.questionnaire == self.settings["questionnaire"]

    def had_later_version(self, frame: pd.DataFrame, iso3: str, seed: int) -> Booleans:
        """Who had the later version of the questionnaire: whole sampling units, as fieldwork goes on."""
        share = self.settings["later_version"].get(iso3, 0.0)
        units, sizes = np.unique(frame["psu"], return_counts=True)
        order = stream(seed, iso3, "version").permutation(len(units))
        reached = np.cumsum(sizes[order]) <= share * len(frame)
        return frame["psu"].isin(units[order][reached]).to_numpy()

    def columns(
        self, columns: dict[str, pd.Series], frame: pd.DataFrame, iso3: str, seed: int
    ) -> dict[str, pd.Series]:
        """The columns of one country as they are delivered: names, addresses, and what nobody uses."""
        rng = stream(seed, iso3, "layout")
        made = {name: column for name, column in columns.items() if name not in self.settings["left_out"]}
        for name, (low, high) in (self.settings["unused"] | self.settings["traps"]).items():
            made[name] = pd.Series(rng.integers(low, high, len(frame), endpoint=True), dtype="Int64")
        late = self.had_later_version(frame, iso3, seed)
        for name in self.settings["only_in_later_version"]:
            made[name] = made[name].where(late)
        made |= self.background(frame, rng)
        prefixes = self.settings["prefixes"]
        return {prefixes.get(name, name): column for name, column in made.items()}

    def background(self, frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.Series]:
        """Address, start of the interview, and an area with blanks at its end."""
        size = len(frame)
        address = self.settings["address"]
        joint = rng.choice(address["joined_by"], size)
        numbers = rng.permutation(size) + 1
        units = frame["psu"].astype(str)
        minutes = rng.integers(0, 600, size)
        return {
            address["column"]: units
            + pd.Series([f"{z}{n:04d}" for z, n in zip(joint, numbers, strict=True)]),
            "intStartTime": pd.Series([f"{8 + minute // 60:02d}:{minute % 60:02d}:00" for minute in minutes]),
            "Urbanity": pd.Series(np.where(frame["area"] == "rural", "Rural     ", "Urban     ")),
        }


def without_early(frame: pd.DataFrame, asked: Iterable[Mapped], late: Booleans) -> pd.DataFrame:
    """The frame without answers of those who had the early version, to questions that it left out."""
    out = {one.name: frame[one.name].where(late) for one in asked if one.asked_of_part}
    return frame.assign(**out)


def with_void(frame: pd.DataFrame, country: Country, asked: Iterable[Variable], seed: int) -> pd.DataFrame:
    """The frame with noise in the place of one-answer questions that are void in the country: their translation was."""
    known = [variable for variable in asked if variable.kind == "answer"]
    void = country.reasons_not_usable({variable.name: variable for variable in known})
    noise: dict[str, Any] = {}
    for variable in known:
        if variable.name in void:
            rng = stream(seed, country.iso3, f"void/{variable.name}")
            codes = rng.integers(len(variable.values), size=len(frame))
            noise[variable.name] = one_answer(codes, list(variable.values))
    return frame.assign(**noise)
