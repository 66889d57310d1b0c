"""Which texts of the configuration no figure could draw, so that `check` says it before a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disrupting_harm.config import Project
from disrupting_harm.presentation.figures import fonts


def undrawable(project: Project, countries: Sequence[str]) -> list[str]:
    """One line for each text that stands in figures and has a character that the project's fonts lack."""
    texts = (*_of_countries(project, countries), *_of_codebook(project), *_of_indicators(project))
    return [
        f'{where}: the text "{text}" has characters that the project\'s fonts lack: {names}. {fonts.HINT}'
        for where, text in dict.fromkeys(texts)
        if (names := fonts.lacking(text) or fonts.lacking(text, bold=True))
    ]


def _of_countries(project: Project, countries: Sequence[str]) -> Iterator[tuple[str, str]]:
    for iso3 in countries:
        for key in ("name", "region"):
            yield f"config/countries/{iso3}.yaml, {key}", getattr(project.countries[iso3], key)


def _of_codebook(project: Project) -> Iterator[tuple[str, str]]:
    codebook, file = project.codebook, "config/codebook.yaml"
    for table in ("children", "caregivers"):
        for variable in codebook.variables(table).values():
            for text in (variable.label, *variable.values.values(), *variable.options.values()):
                yield f"{file}, {variable.entry}", text
    yield from ((f"{file}, {letter}", form.label) for letter, form in codebook.forms.items())
    yield from ((f"{file}, special", text) for text in codebook.special.values())


def _of_indicators(project: Project) -> Iterator[tuple[str, str]]:
    registry, file = project.registry, "config/indicators.yaml"
    for name, indicator in registry.indicators.items():
        sets = indicator.levels.sets if indicator.levels else None
        for text in (indicator.title, *(labelled["label"] for labelled in (sets or {}).values())):
            yield f"{file}, {name}", text
    yield from ((f"{file}, {name}", group.title) for name, group in registry.groups.items())
    for name, breakdown in registry.breakdowns.items():
        yield from ((f"{file}, {name}", text) for text in (breakdown.title, *breakdown.labels.values()))
    for name, insight in project.insights.items():
        yield from ((f"config/insights.yaml, {name}", text) for text in (insight.title, insight.short))
