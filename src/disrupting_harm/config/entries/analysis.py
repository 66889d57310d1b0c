"""Choices for the whole analysis (config/config.yaml)."""

from __future__ import annotations

from pydantic import Field, model_validator

from disrupting_harm.config.entries.delivered import DataFile
from disrupting_harm.config.files.strict import Strict


class Rounding(Strict):
    """How finely published numbers are rounded."""

    points: float = Field(
        gt=0,
        le=10,
        description="Shares and their limits are rounded to multiples of this many percentage points.",
        examples=[0.1],
    )
    base: int = Field(
        ge=1, description="Numbers of respondents are rounded to the nearest multiple of this.", examples=[5]
    )


class Suppression(Strict):
    """When an estimate is shown, shown in brackets, or hidden, and how finely it is rounded."""

    not_shown_below: int = Field(
        default=25, ge=1, description="Estimates on fewer respondents are not shown.", examples=[25]
    )
    bracket_below: int = Field(
        default=50, ge=1, description="Estimates on fewer respondents are shown in brackets.", examples=[50]
    )
    min_count: int = Field(
        default=5,
        ge=1,
        description="Smallest number of respondents that a shown share may be about.",
        examples=[5],
    )
    min_count_subgroup: int = Field(
        default=10,
        ge=1,
        description="The same below national level, by sex or age for instance.",
        examples=[10],
    )
    all_or_none_base: int = Field(
        default=50,
        ge=1,
        description="Below this base, a share of nobody or of everybody is hidden: it would reveal every "
        "respondent's answer.",
        examples=[50],
    )
    rounding: Rounding = Field(
        default=Rounding(points=0.1, base=5),
        description="How everything that is published is rounded.",
        examples=[{"points": 0.1, "base": 5}],
    )
    coarse_rounding: Rounding = Field(
        default=Rounding(points=1, base=10),
        description="How estimates are rounded from which a hidden count could be worked out otherwise.",
        examples=[{"points": 1, "base": 10}],
    )
    small_level: int = Field(
        default=50,
        ge=0,
        description="A breakdown is rounded coarsely where one of its levels, or no level at all, has someone, but "
        "fewer respondents than this.",
        examples=[50],
    )

    @model_validator(mode="after")
    def coarse_is_coarser(self) -> Suppression:
        """Coarse numbers are multiples of fine ones, so that they reveal nothing beyond the fine ones."""
        fine, coarse = self.rounding, self.coarse_rounding
        ratio = coarse.points / fine.points
        if coarse.base % fine.base or abs(ratio - round(ratio)) > 1e-9 or coarse.points < fine.points:
            raise ValueError("needs coarse_rounding to be multiples of rounding, in points and in base")
        return self


class Burden(Strict):
    """How a share among internet users becomes a number of children (Ghai et al. 2026, Table 1)."""

    draws: int = Field(default=5000, ge=100, description="Number of Monte Carlo draws.", examples=[5000])
    seed: int = Field(
        default=123, description="Seed of these draws: the same seed gives the same numbers.", examples=[123]
    )
    users_se: float = Field(
        default=0.03,
        gt=0,
        lt=1,
        description="Standard error of the share of internet users, as a proportion. With 0.03 for every country the "
        "article's intervals come back.",
        examples=[0.03],
    )


class SharedFile(Strict):
    """Files that hold several countries. Without a delivered path the synthetic survey is used."""

    children: DataFile | None = Field(
        default=None,
        description="The delivered file of children: its path below data/, or the path with its "
        "settings. Left out: the synthetic survey is used.",
        examples=["data/raw/DH_12Countries.csv"],
    )
    caregivers: DataFile | None = Field(
        default=None,
        description="The delivered file of caregivers, in the same way. `in_child_row`: each caregiver is in the row "
        "of the child, which links them, and has the child's weight, stratum and sampling unit. Left out: no "
        "caregivers.",
        examples=["data/raw/caregivers.csv", "in_child_row"],
    )
    synthetic_children: str = Field(
        description="Where the synthetic file of children is written, below data/.",
        examples=["data/synthetic/SYNTHETIC_children.csv"],
    )
    synthetic_caregivers: str = Field(
        description="Where the synthetic file of caregivers is written, below data/; `in_child_row`: in the rows of "
        "the children.",
        examples=["data/synthetic/SYNTHETIC_caregivers.csv"],
    )


class Analysis(Strict):
    """Choices for the whole analysis."""

    confidence_level: float = Field(
        default=0.95,
        gt=0,
        lt=1,
        description="Level of all intervals: 0.95 for 95%. A difference is significant where its p-value, adjusted for "
        "multiple testing, is below 1 minus this.",
        examples=[0.95],
    )
    seed: int = Field(
        description="Seed of the synthetic survey: the same seed gives the same bytes.", examples=[20260121]
    )
    suppression: Suppression = Field(
        default=Suppression(),
        description="When an estimate is shown, shown in brackets, or hidden (numbers of respondents).",
    )
    burden: Burden = Field(
        default=Burden(),
        description="How a share among internet users becomes a number of children (Ghai et al. 2026, Table "
        "1).",
    )
    shared_files: dict[str, SharedFile] = Field(
        default={},
        description="Files that hold several countries, by a name of your choice. Only here is the "
        "delivered file of all of them named.",
    )

    @property
    def significance_level(self) -> float:
        """Adjusted p-values below this are significant: tests and intervals have the same level."""
        return round(1 - self.confidence_level, 10)
