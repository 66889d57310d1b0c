"""Parameters of the synthetic survey and the published figures it is calibrated on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

POOLED = "ALL"
_PUBLISHED = ("published_variables.csv", "published_estimates.csv", "published_estimates_2026.csv")
"""Where two files have a figure, that of the first is met: the output of the article's code before a page about it."""

_WEIGHTED_CASES = re.compile(r"weighted cases ([0-9.]+)")


class ParameterError(ValueError):
    """A parameter or a published figure that the generator needs is not there."""


@dataclass(frozen=True)
class Parameters:
    """What the generator reads: parameters with sources, published figures and the codebook.

    `values` holds the parameter tree of resources/synthetic/parameters.yaml, `published` the rows of the files of
    published figures, `codebook` the content of config/codebook.yaml, `sizes` the numbers of children surveyed in
    countries.csv, by country.
    """

    values: dict[str, Any]
    published: pd.DataFrame
    codebook: dict[str, Any]
    sizes: dict[str, int] = field(default_factory=dict)
    _rows: dict[tuple[str, str, str], dict[Any, Any]] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str) -> Any:
        """The value of a parameter, `group.name`."""
        group, _, name = key.partition(".")
        try:
            return self.values[group][name]["value"]
        except KeyError:
            raise ParameterError(f"resources/synthetic/parameters.yaml has no value for {key}") from None

    def names(self, what: str) -> dict[str, str]:
        """Codebook value -> name in the published indicators, for `responses`, `places`, `channels`, ..."""
        return self.values["published"][what]

    @property
    def forms(self) -> dict[str, str]:
        """Letter of each form of abuse -> its name in indicators."""
        return {letter: form["name"] for letter, form in self.codebook["forms"].items()}

    def find(self, indicator: str, country: str, subgroup: str = "all") -> Mapping[str, Any] | None:
        """The first published row of an indicator, country (upper case) and subgroup; None when there is none."""
        return self._rows.get((indicator, country, subgroup))

    def share(
        self, indicator: str, country: str, subgroup: str = "all", missing: float | None = None
    ) -> float:
        """A published percentage as a proportion.

        `missing` is returned for a row that is absent or printed without a number; without it such a row is an error.
        """
        row = self.find(indicator, country, subgroup)
        if row is None or pd.isna(row["value_percent"]):
            if missing is None:
                raise ParameterError(
                    f"published_estimates.csv has no number for {indicator}, {country}, {subgroup}"
                )
            return missing
        return float(row["value_percent"]) / 100

    def sharper_share(self, indicator: str, country: str, subgroup: str = "all") -> float:
        """A published percentage of the whole sample, from the printed weighted cases where these have more digits.

        Percentages are printed with two significant digits, so "80" may be anything from 79.5 to 80.5; the printed
        number of weighted cases over the sample size is used when it agrees with that.
        """
        row = self.find(indicator, country, subgroup)
        cases = _WEIGHTED_CASES.search(str(row["note"])) if row is not None else None
        if cases is None:
            return self.share(indicator, country, subgroup)
        from_cases = float(cases.group(1)) / self.sample_size(country)
        printed = self.share(indicator, country, subgroup, missing=from_cases)
        return from_cases if abs(from_cases - printed) <= 0.0051 else printed

    def is_calibrated(self, country: str) -> bool:
        """Whether shares of the nine forms are published for a country (upper case)."""
        return self.find("tfcsea_any", country) is not None and all(
            self.find(f"tfcsea_item_{letter}_{name}", country) is not None
            for letter, name in self.forms.items()
        )

    @property
    def calibrated(self) -> list[str]:
        """Countries with published shares of the nine forms, in alphabetical order."""
        countries = sorted(set(self.published["country_iso3"]) - {POOLED})
        return [country for country in countries if self.is_calibrated(country)]

    def sample_size(self, country: str) -> int:
        """Published number of children with a weight; the general size where none is published."""
        row = self.find("child_sample_size", country)
        return int(row["n"]) if row is not None else self.sizes.get(country, self["design.sample_size"])

    def rows_without_weight(self, country: str) -> int:
        """Rows that are delivered on top of those with a weight: as many as published rows leave, else a few."""
        row = self.find("rows_in_delivered_file", country)
        few = self["design.rows_without_weight"]
        return int(row["n"]) - self.sample_size(country) if row is not None else few


def load_parameters(root: Path) -> Parameters:
    """Read the parameters, published figures and codebook below the project folder `root`."""
    with (root / "resources/synthetic/parameters.yaml").open(encoding="utf-8") as stream:
        values = yaml.safe_load(stream)
    with (root / "config/codebook.yaml").open(encoding="utf-8") as stream:
        codebook = yaml.safe_load(stream)
    files = (root / "resources/published" / name for name in _PUBLISHED)
    published = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    rows: dict[tuple[str, str, str], dict[Any, Any]] = {}
    for row in published.to_dict("records"):
        rows.setdefault((row["indicator"], row["country_iso3"], row["subgroup"]), row)
    countries = pd.read_csv(root / "resources/published/countries.csv").dropna(subset="survey_n_children")
    sizes = dict(zip(countries["iso3"], countries["survey_n_children"].astype(int).tolist(), strict=True))
    return Parameters(values, published, codebook, sizes, rows)
