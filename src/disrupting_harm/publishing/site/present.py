"""What a run has left in results/: which countries have which insight, and which comparisons there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.publishing.site import quality, text

COMPARISON = "comparison"


@dataclass(frozen=True)
class CountryPages:
    """A country with the insights that it has pages of."""

    iso3: str
    name: str
    region: str
    phase: str
    data: str
    insights: tuple[str, ...]
    quality: str = ""
    """Worst level of the remarks on its data; empty where they are not there, or not on the page of data quality."""


@dataclass(frozen=True)
class Subject:
    """An insight, or a comparison page that belongs to no single insight (then `insight` is false)."""

    slug: str
    title: str
    short: str
    comparison: str = ""
    insight: bool = True


@dataclass(frozen=True)
class Present:
    """The pages of a run; countries in the order of phase, region and name."""

    countries: tuple[CountryPages, ...]
    subjects: tuple[Subject, ...]

    @property
    def insights(self) -> tuple[Subject, ...]:
        """Subjects that are insights."""
        return tuple(subject for subject in self.subjects if subject.insight)

    @property
    def others(self) -> tuple[Subject, ...]:
        """Comparison pages beside the insights, such as published against computed."""
        return tuple(subject for subject in self.subjects if not subject.insight)

    @property
    def quality(self) -> bool:
        """True when there are remarks on the data, and so a page of them."""
        return any(country.quality for country in self.countries)

    @property
    def synthetic(self) -> bool:
        """True when any country's pages are made from synthetic data."""
        return any(country.data == "synthetic" for country in self.countries)

    def as_script(self) -> str:
        """Give the script that tells every page where the others are (assets/site.js)."""
        site: dict[str, Any] = {
            "quality": [country.iso3 for country in self.countries if country.quality],
            "countries": [
                {
                    "iso3": country.iso3,
                    "name": country.name,
                    "region": country.region,
                    "insights": list(country.insights),
                }
                for country in self.countries
            ],
            "insights": [
                {"slug": subject.slug, "title": subject.short, "comparison": subject.comparison}
                for subject in self.subjects
            ],
        }
        return f"window.siteMap = {json.dumps(site, ensure_ascii=False, indent=1, sort_keys=True)};\n"


def look(
    project: Project, results: Path, countries: list[str], remarks: Mapping[str, pd.DataFrame]
) -> Present:
    """Find the pages of these countries. `countries`: ISO codes of the run; remarks: on the data, by country."""
    pages = []
    levels = quality.levels(project, remarks)
    for iso3 in countries:
        country = project.countries[iso3]
        there = tuple(slug for slug in project.insights if (results / iso3 / f"{slug}.html").is_file())
        about = (iso3, country.name, country.region, country.phase, country.data)
        pages.append(CountryPages(*about, there, levels.get(iso3, "")))
    pages.sort(key=lambda country: (country.phase, country.region, country.name))
    return Present(tuple(pages), (*_insights(project, results), *_others(project, results)))


def _insights(project: Project, results: Path) -> list[Subject]:
    return [
        Subject(slug, insight.title, insight.short, _comparison(results, slug))
        for slug, insight in project.insights.items()
    ]


def _others(project: Project, results: Path) -> list[Subject]:
    pages = sorted(path.stem for path in (results / COMPARISON).glob("*.html"))
    words = {slug: _heading(results, slug) for slug in pages if slug not in project.insights}
    return [
        Subject(slug, word, word, _comparison(results, slug), insight=False) for slug, word in words.items()
    ]


def _heading(results: Path, slug: str) -> str:
    title, _ = text.words((results / COMPARISON / f"{slug}.html").read_text(encoding="utf-8"))
    return title or slug.replace("_", " ").capitalize()


def _comparison(results: Path, slug: str) -> str:
    page = f"{COMPARISON}/{slug}.html"
    return page if (results / page).is_file() else ""
