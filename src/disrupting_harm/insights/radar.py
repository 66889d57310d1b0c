"""The translation radar as a page: items of scales that stand out in a country, or in a language of the interview.

A list for people who know the language; nothing is removed because of it. What is written is what may leave: groups of
so many that no small base is near, correlations and effects to one decimal, and of missing answers and of how answers
are spread only that they stand out, as their numbers are published elsewhere or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.answers.indicators import Evaluator, NotAskedError
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import find_root, load
from disrupting_harm.config.entries.registry import Indicator
from disrupting_harm.config.load import Project
from disrupting_harm.estimation import rounding
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.presentation.figures.describe import counted
from disrupting_harm.presentation.finding import Finding
from disrupting_harm.quality import radar

HARMONISED = "data/harmonised"
LANGUAGE = "language"
"""The variable that says in which language a child was interviewed, where the codebook and the file have one."""

COLUMNS = [
    "country",
    "language",
    "indicator",
    "item",
    "correlation",
    "usual",
    "dif",
    "stands_out",
    "data",
]


class Radar:
    """Scales of children in the countries of a run, item by item."""

    def __init__(self, project: Project, rows: pd.DataFrame, scales: list[str], folder: Path) -> None:
        self.project = project
        self.rows = rows
        self.names = scales
        self.folder = folder

    @classmethod
    def open(cls, countries: list[str], figures: str) -> Radar:
        """Read the harmonised children of the countries of a run. figures: a folder below the project's."""
        project = load(find_root())
        frames = {
            iso3: Harmonised.read(project.root / HARMONISED / iso3 / "children.parquet") for iso3 in countries
        }
        kinds = {frame.attrs["data"] for frame in frames.values()}
        if len(kinds) > 1:  # delivered and synthetic data are never compared
            frames = {iso3: frame for iso3, frame in frames.items() if frame.attrs["data"] == "delivered"}
        parts = [of_scale(project, frames, indicator) for indicator in scales(project)]
        rows = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=COLUMNS)])
        data = "delivered" if "delivered" in kinds else "synthetic"
        names = [indicator.name for indicator in scales(project)]
        return cls(
            project, rows.assign(data=data)[COLUMNS].reset_index(drop=True), names, project.root / figures
        )

    # --- what notebooks call

    def examined(self) -> Finding:
        """The scales, how many items they have, and in how many countries they could be looked at."""
        records = [
            {
                "Indicator": self.project.registry.indicators[name].title,
                "Questions": str(part["item"].nunique()),
                "Countries": str(part["country"].nunique()),
            }
            for name in self.names
            if len(part := self.rows[self.rows["indicator"] == name])
        ]
        if not records:
            return self.nothing()
        verb = "is" if len(records) == 1 else "are"
        sentence = f"{counted(len(records), 'scale')} {verb} looked at, item by item."
        return Finding(sentence, None, pd.DataFrame(records), open_table=True, keys=self.keys)

    def standing_out(self, by: str = "country") -> Finding:
        """The items that stand out in a country (by="language": in a language of the interview)."""
        of_language = self.rows["language"] != ""
        part = self.rows[of_language if by == "language" else ~of_language]
        if part.empty:
            return self.nothing(by)
        odd = part[part["stands_out"] != ""]
        items: Iterable[Any] = odd.itertuples()
        records = [
            {
                "Country": self.project.countries[row.country].name,
                **({"Language": row.language} if by == "language" else {}),
                "Indicator": self.project.registry.indicators[row.indicator].title,
                "Question": self.label(row.item),
                "What was found": radar.in_words(row.stands_out),
                "Correlation": written(row.correlation),
                "Usual": written(row.usual),
                "Shift": written(row.dif),
            }
            for row in items
        ]
        sentence = f"{len(odd)} of {len(part):,} items stand out, each counted once in every {by}."
        return Finding(sentence, None, pd.DataFrame(records), open_table=True, keys=self.keys)

    def write(self, table: str) -> None:
        """Write all items of all countries and languages."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(self.project.root / table) as unfinished:
            self.rows.to_csv(unfinished, index=False, lineterminator="\n")

    # --- how

    @property
    def keys(self) -> dict[str, list[str]]:
        """The indicators behind what is shown."""
        return {"indicator": [name for name in self.names if name in set(self.rows["indicator"])]}

    def label(self, item: str) -> str:
        """An item as it is written."""
        return self.project.codebook.variables("children")[item].label

    @staticmethod
    def nothing(by: str = "country") -> Finding:
        """What is said where nothing can be compared."""
        why = "no languages are known in which enough children were interviewed" if by == "language" else ""
        reason = why or "three countries or more are needed, with three items of a scale or more"
        return Finding(
            f"Nothing can be compared in this run: {reason}.", None, pd.DataFrame(columns=COLUMNS[:1])
        )


def scales(project: Project) -> list[Indicator]:
    """Scales of children of three items or more; none whose items are all in a longer one."""
    all_scales = [
        indicator
        for indicator in project.registry.indicators.values()
        if indicator.table == "children" and indicator.mean and indicator.mean.scale
    ]
    items = {
        indicator.name: set(indicator.averaged.scale.items)
        for indicator in all_scales
        if indicator.averaged.scale
    }
    longer = [
        name
        for name, of_this in items.items()
        if len(of_this) > 2 and not any(of_this < other for other in items.values())
    ]
    return [indicator for indicator in all_scales if indicator.name in longer]


def of_scale(project: Project, frames: dict[str, Harmonised], indicator: Indicator) -> pd.DataFrame:
    """Every item of a scale in every country, and in every language of the interview."""
    rules = project.analysis.suppression
    parts = {iso3: scored(project, frame, indicator) for iso3, frame in frames.items()}
    parts = {iso3: part for iso3, part in parts.items() if part is not None}
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(parts, names=["country", "row"]).reset_index("country").reset_index(drop=True)
    scores = table.drop(columns=["country", LANGUAGE])
    asked = pd.concat([were_asked(frames[iso3], scores.columns) for iso3 in parts], ignore_index=True)
    limits = radar.Limits(least=rules.bracket_below)
    spoken = table[LANGUAGE] != ""
    results = [
        published(result, indicator.name)
        for rows, groups in (
            (spoken | True, table["country"]),
            (spoken, table["country"] + "|" + table[LANGUAGE]),
        )
        if len(result := radar.examine(scores[rows], groups[rows], asked[rows], limits))
    ]
    return pd.concat(results, ignore_index=True) if results else pd.DataFrame(columns=COLUMNS)


def scored(project: Project, frame: Harmonised, indicator: Indicator) -> pd.DataFrame | None:
    """Scores of the items that a country has, and the language of each interview, if known; None without items."""
    evaluator = Evaluator(frame, project.registry, project.codebook)
    scale = indicator.averaged.scale
    known = []
    if scale is None:
        return None
    for item in scale.items:
        try:
            known.append(evaluator.items(scale.model_copy(update={"items": [item]})))
        except NotAskedError:
            continue
    if not known:
        return None
    table = pd.concat(known, axis=1)
    language = frame[LANGUAGE] if LANGUAGE in frame.columns else pd.Series("", index=table.index)
    texts = [
        f"{value:g}" if isinstance(value, float) else str(value) for value in language.fillna("").tolist()
    ]
    return table.assign(**{LANGUAGE: texts})


def were_asked(frame: Harmonised, items: Iterable[str]) -> pd.DataFrame:
    """Who was asked each item: everyone, but of one that an early version of the questionnaire left out."""
    of_part = frame.attrs.get("asked_of_part", ())
    everyone = np.ones(len(frame), dtype=bool)
    return pd.DataFrame({item: frame.filled([item]) if item in of_part else everyone for item in items})


def published(result: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Rows of a scale as they may leave: no bases, as the audit knows none by language."""
    country, _, language = zip(*(group.partition("|") for group in result["group"]), strict=True)
    return pd.DataFrame(
        {
            "country": country,
            "language": language,
            "indicator": indicator,
            "item": result["item"],
            "correlation": rounding.to_multiple(result["correlation"], 0.1),
            "usual": rounding.to_multiple(result["correlation_elsewhere"], 0.1),
            "dif": rounding.to_multiple(result["dif"], 0.1),
            "stands_out": result["stands_out"],
        }
    )


def written(number: float) -> str:
    """A number of one decimal; nothing where there is none."""
    return "" if np.isnan(number) else f"{number:.1f}".replace("-", "−")
