"""Which countries to run: `country=` in words."""

from __future__ import annotations

from typing import Any

from disrupting_harm.config.entries.country import slug
from disrupting_harm.config.files.problems import Problem, SelectionError, nearest
from disrupting_harm.config.project import Project

ALL = "all"


def select(project: Project, words: Any = ALL) -> list[str]:
    """ISO codes chosen by `words`, in the project's order.

    `words`: "all", an ISO code, a name, a phase, a region, or a comma list of these, in any letter case; a list works
    too. Raises SelectionError that names each unknown word and what resembles it.
    """
    parts = words if isinstance(words, (list, tuple)) else str("" if words is None else words).split(",")
    wanted = [str(part).strip() for part in parts if str(part).strip()] or [""]
    known = _vocabulary(project)
    unknown = [word for word in wanted if slug(word) not in known]
    if unknown:
        raise SelectionError(
            [_not_found(word, known, hint(project, word == unknown[-1])) for word in unknown]
        )
    chosen = {iso3 for word in wanted for iso3 in known[slug(word)]}
    return [iso3 for iso3 in project.countries if iso3 in chosen]


def _vocabulary(project: Project) -> dict[str, list[str]]:
    """Every word that chooses countries, and which."""
    known: dict[str, list[str]] = {ALL: list(project.countries)}
    for iso3, country in project.countries.items():
        for name in (country.phase, country.region):
            known.setdefault(slug(name), []).append(iso3)
    for iso3, country in project.countries.items():
        for name in (iso3, country.name, *country.also_called):
            known[slug(name)] = [iso3]
    return known


def _not_found(word: str, known: dict[str, list[str]], hint: str) -> Problem:
    """The problem with an unknown word."""
    close = nearest(slug(word), known, cutoff=0.5)
    what = "is no country, phase or region" if word else "names no country"
    return Problem("country", key=f"'{word}'", what=what, nearest=close, hint=hint)


def hint(project: Project, named: bool) -> str:
    """The words that are accepted (shown once, after the last unknown word)."""
    groups = sorted(
        {slug(name) for country in project.countries.values() for name in (country.phase, country.region)}
    )
    words = f"Use all, {', '.join(groups)}, a country's name or its code ({', '.join(project.countries)})."
    return words if named else ""
