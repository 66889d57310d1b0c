"""Stages of selection: which units were drawn from which stratum, and how their deviations count in a variance."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from .errors import refuse

_SELF_REPRESENTING = 1e-7  # a stratum with less than this share not drawn adds no variance (as R)


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of selection, seen from the finest units (those that the variance still distinguishes).

    unit: for each finest unit, the unit of this stage that holds it.
    stratum: for each unit of this stage, its stratum (at later stages: the unit of the stage before).
    drawn: for each stratum, the number of units drawn, counted in the whole design.
    scale: for each unit, the factor of its squared deviation from the mean of its stratum.
    counts: for each stratum, whether deviations of its units count: not where all its units were drawn.
    """

    unit: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    scale: np.ndarray
    counts: np.ndarray

    @property
    def singleton(self) -> np.ndarray:
        """For each stratum, whether it holds a single unit that stands for others."""
        return self.counts & (self.drawn == 1)


def build_stages(
    name: str, strata: np.ndarray, units: list[np.ndarray], populations: list[tuple[Hashable, np.ndarray]]
) -> tuple[Stage, ...]:
    """The stages, outer first, from each row's stratum and units (codes from 0), for the design called `name`.

    populations: finite population columns by stage, one value per row: numbers of units, or the fractions drawn. A
    stage without one counts as drawn from an infinite population.
    """
    is_fraction = not any((value > 1).any() for _, value in populations)
    _, row_of_finest = np.unique(units[-1], return_index=True)
    share = np.ones(len(strata))  # of each row's units, the share drawn at the stages before
    stages = []
    for depth, unit in enumerate(units):
        stratum = strata if depth == 0 else units[depth - 1]
        _, row_of_unit = np.unique(unit, return_index=True)
        _, row_of_stratum = np.unique(stratum, return_index=True)
        drawn = np.bincount(stratum[row_of_unit])
        fraction = np.zeros(len(drawn))
        if depth < len(populations):
            fraction = _fractions(name, *populations[depth], is_fraction, stratum, drawn)
        correction = 1 - np.where(1 - fraction < _SELF_REPRESENTING, 1, fraction)
        factor = correction * np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1)
        stages.append(
            Stage(
                unit=unit[row_of_finest],
                stratum=stratum[row_of_unit],
                drawn=drawn,
                scale=share[row_of_unit] * factor[stratum[row_of_unit]],
                counts=share[row_of_stratum] * factor > 0,
            )
        )
        share = share * fraction[stratum]
    return tuple(stages)


def _fractions(
    name: str,
    column: Hashable,
    population: np.ndarray,
    is_fraction: bool,
    stratum: np.ndarray,
    drawn: np.ndarray,
) -> np.ndarray:
    """For each stratum, the fraction of its units that was drawn."""
    hint = (
        ". Give the number of units in the population, or for all strata the fraction of them that was drawn"
    )
    refuse(~(population > 0), f"{name}: fpc column {column!r} is not positive", hint)
    stated = population[np.unique(stratum, return_index=True)[1]]
    refuse(population != stated[stratum], f"{name}: fpc column {column!r} varies within a stratum", hint)
    fraction = stated if is_fraction else drawn / stated
    refuse((fraction > 1)[stratum], f"{name}: fpc column {column!r} states fewer units than were drawn", hint)
    return fraction
