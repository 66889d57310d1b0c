"""Choices for the whole analysis (config/config.yaml)."""

from __future__ import annotations

from pydantic import Field

from disrupting_harm.config.strict import Strict


class Suppression(Strict):
    """When an estimate is shown, shown in brackets, or hidden."""

    not_shown_below: int = Field(
        default=25, ge=1, description="Estimates on fewer respondents are not shown."
    )
    bracket_below: int = Field(
        default=50, ge=1, description="Estimates on fewer respondents stand in brackets."
    )
    k: int = Field(default=5, ge=1, description="Smallest number of respondents in a shown cell.")
    k_sub: int = Field(default=10, ge=1, description="The same within a sub-group of the affected children.")
    group_disclosure_base: int = Field(
        default=50,
        ge=1,
        description="Below this base, shares of (nearly) nobody or everybody tell about each one.",
    )


class Burden(Strict):
    """How a share among internet users becomes a number of children (Ghai et al. 2026, Table 1)."""

    draws: int = Field(default=5000, ge=100, description="Monte Carlo draws.")
    seed: int = Field(default=123, description="Seed of the draws.")
    users_se: float = Field(
        default=0.03, gt=0, lt=1, description="Standard error of the share of internet users."
    )


class SharedFile(Strict):
    """Files that hold several countries. Without a delivered path the synthetic survey is used."""

    children: str | None = Field(default=None, description="The delivered file of children, below data/.")
    caregivers: str | None = Field(default=None, description="The delivered file of caregivers, below data/.")
    synthetic_children: str = Field(description="Where the synthetic file of children is written.")
    synthetic_caregivers: str = Field(description="Where the synthetic file of caregivers is written.")


class Analysis(Strict):
    """Choices for the whole analysis."""

    confidence_level: float = Field(default=0.95, gt=0, lt=1, description="Level of all intervals.")
    seed: int = Field(description="Seed of the synthetic survey.")
    suppression: Suppression = Field(default=Suppression())
    burden: Burden = Field(default=Burden())
    shared_files: dict[str, SharedFile] = Field(
        default={}, description="Files that hold several countries, by name."
    )
