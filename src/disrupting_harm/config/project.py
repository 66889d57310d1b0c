"""The whole configuration, valid and worked out, and fingerprints of the parts that results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import InstanceOf

from disrupting_harm.config.entries.analysis import Analysis
from disrupting_harm.config.entries.codebook import Codebook
from disrupting_harm.config.entries.country import Country
from disrupting_harm.config.entries.questionnaire import Questionnaire
from disrupting_harm.config.entries.registry import Insight, Registry
from disrupting_harm.config.files.strict import Strict


class Project(Strict):
    """The whole configuration, valid and worked out."""

    root: Path
    codebook: InstanceOf[Codebook]
    analysis: InstanceOf[Analysis]
    questionnaires: dict[str, InstanceOf[Questionnaire]]
    countries: dict[str, InstanceOf[Country]]
    registry: InstanceOf[Registry]
    insights: dict[str, InstanceOf[Insight]]

    def path(self, file: str) -> Path:
        """A file named in the configuration as a full path."""
        return self.root / file

    @cached_property
    def codebook_digest(self) -> str:
        """Digest of the whole codebook."""
        return digest(self.codebook)

    @cached_property
    def reading_digest(self) -> str:
        """Digest of what the reading of delivered files takes from the codebook."""
        return digest(self.codebook.as_read)

    def harmonise_digest(self, iso3: str) -> str:
        """Digest of the settings that the harmonised tables of one country depend on."""
        country = self.countries[iso3]
        used = [country.children, country.caregivers, country.eligibility, iso3]
        used += [country.not_asked, country.not_usable, country.caregiver_questionnaire]
        design = country.design
        used += [design.weights_only, design.merge_strata, design.accept_round_weights]
        used += [country.accept_identical_rows]
        return digest([*used, self.reading_digest])

    def quality_digest(self, iso3: str) -> str:
        """Digest of the settings that the remarks on one country's data depend on."""
        country = self.countries[iso3]
        used = [
            country.survey,
            country.design,
            country.eligibility,
            self.codebook_digest,
            self.analysis.suppression,
        ]
        return digest([*used, iso3])

    @property
    def headlines(self) -> list[str]:
        """The headline indicators of all insights."""
        return [name for insight in self.insights.values() for name in insight.headline]

    @cached_property
    def counted_digest(self) -> str:
        """Digest of what decides, for every country, which estimates may be shown."""
        used = [self.codebook_digest, self.registry.as_counted, self.headlines, self.analysis.suppression]
        return digest(used)

    def suppression_digest(self, iso3: str) -> str:
        """Digest of the settings that decide which estimates of one country may be shown."""
        return digest([iso3, self.counted_digest])

    def country_digest(self, iso3: str) -> str:
        """Digest of all settings that the results of one country depend on: its own and those for every country."""
        choices = self.analysis.model_copy(update={"shared_files": {}})
        return digest([self.countries[iso3], self.codebook_digest, choices])

    def synthetic_digest(self, iso3s: Sequence[str]) -> str:
        """Digest of the settings that the synthetic file of these countries depends on."""
        countries = [self.countries[iso3] for iso3 in iso3s]
        files = [file for c in countries for file in (c.children, c.caregivers) if file]
        used = [[c.iso3, c.delivered_ages, c.eligibility] for c in countries]
        used += [[file.file, file.selector, file.code, file.in_file] for file in files]
        names = {c.children.questionnaire for c in countries} | {
            c.caregivers.questionnaire for c in countries if c.caregivers
        }
        asked = [self.questionnaires[name] for name in sorted(names)]
        return digest([*used, asked, self.reading_digest, self.analysis.seed])

    def sharing(self, shared_file: str) -> list[str]:
        """ISO codes of the countries in one shared file."""
        return [iso3 for iso3, country in self.countries.items() if country.shared_file == shared_file]


def digest(settings: Any) -> str:
    """A short fingerprint of settings: the same settings give the same text."""
    return hashlib.sha256(json.dumps(settings, default=plain, ensure_ascii=False).encode()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """A model, delivery or path as plainer values for a digest."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Strict):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return str(value)
