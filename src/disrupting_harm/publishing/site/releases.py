"""How two releases differ, on a terminal and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from disrupting_harm.config import Project
from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.estimation import tidy_table
from disrupting_harm.estimation.number_format import number
from disrupting_harm.estimation.tidy_table import CONTRAST
from disrupting_harm.presentation.figures.describe import counted
from disrupting_harm.presentation.figures.frames import hidden_words
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.presentation.sentences import UNITS
from disrupting_harm.publishing.pages import PageContext, render_body
from disrupting_harm.publishing.releases import KINDS, Changes, Release
from disrupting_harm.publishing.site.templates import template

WIDTH = 100
MOST_LINES = 15
MOST_ROWS = 200
"""Rows of one list on the page; the table holds them all."""

TITLE = "What changed between two releases?"
WARNING = "Shown in one release, hidden in the other"
WARNING_TEXT = (
    "Whoever has both releases may work out what one of them hides. Do not give out both as they are: hide the "
    "estimate in both, or ask whoever is responsible for disclosure control."
)
MEASURES = {
    "mean": "mean",
    "risk_ratio": "risk ratio",
    "risk_difference": "difference",
    "mean_difference": "difference of means",
    "count": "number of children",
    "reliability": "reliability",
}


# On a terminal


def summary(project: Project, changes: Changes, most: int = MOST_LINES) -> str:
    """Counts, the warning and the largest changes as plain text, at most WIDTH wide."""
    parts = [[SYNTHETIC_DATA] if changes.synthetic else []]
    parts.append([line for name in ("old", "new") for line in about(name.upper(), getattr(changes, name))])
    counts = {words: changes.count(kind) for kind, words in KINDS.items()}
    parts.append(
        [f"{words:<32}  {count:>8,}" for words, count in counts.items() if count or words == "moved"]
    )
    parts.append(warned(project, changes, most))
    moved = named(project, changes.of("moved"))
    if not moved.empty:
        head = f"{'SEs':>7}  {'points':>7}  {'old':>9}  {'new':>9}  largest changes, in standard errors of the old"
        parts.append([head, *(line(row) for row in tidy_table.records(moved.head(most))), *more(moved, most)])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def about(name: str, release: Release) -> list[str]:
    """What one release holds."""
    countries = release.rows["country"].drop_duplicates().str.fullmatch("[a-z]{3}").sum()
    held = f"{len(release.rows):,} estimates, {countries} countries, {release.data}"
    lines = [cut(f"{name}  {release.folder}: {held}")]
    if release.other_tables:
        lines.append(f"     {counted(len(release.other_tables), 'table')} without estimates not compared")
    return lines


def warned(project: Project, changes: Changes, most: int) -> list[str]:
    """The estimates that only one release hides."""
    rows = named(project, changes.revealing)
    if rows.empty:
        return []
    lines = [
        f"WARNING  {WARNING}: {len(rows):,}",
        "Whoever has both releases may work out what one of them hides.",
    ]
    names = [f"  {row['where_hidden']:<14} {row['name']}" for row in tidy_table.records(rows.head(most))]
    return [*lines, *map(cut, names), *more(rows, most)]


def attacked(project: Project, changes: Changes, together: list[str], unknown: list[str]) -> str:
    """What follows from both releases of the same microdata; empty where there are none."""
    lines = []
    if changes.given_away:
        lines.append(
            f"The same microdata: what one release hides is what the other shows: {changes.given_away:,}"
        )
    if together:
        lines += ["WARNING  Taken together, the two releases reveal what is hidden:"]
        lines += [cut(f"  {message}") for message in together[:MOST_LINES]]
        lines += [f"  and {len(together) - MOST_LINES:,} more"] if len(together) > MOST_LINES else []
    if unknown:
        names = ", ".join(project.countries[iso3].name for iso3 in unknown if iso3 in project.countries)
        lines.append(
            cut(f"Not attacked together, as their files or codes are others now, or not there: {names}")
        )
    return "\n".join(["", *lines, ""]) if lines else ""


def line(row: tidy_table.Row) -> str:
    """One estimate that moved, as a line."""
    points = f"{row['points']:+.1f}" if pd.notna(row["points"]) else ""
    errors = f"{row['standard_errors']:+.1f}" if pd.notna(row["standard_errors"]) else ""
    return cut(f"{errors:>7}  {points:>7}  {row['before']:>9}  {row['now']:>9}  {row['name']}")


def more(rows: pd.DataFrame, most: int) -> list[str]:
    """How many are not listed."""
    return [f"  and {len(rows) - most:,} more: --page or --table lists all"] if len(rows) > most else []


def cut(text: str) -> str:
    """A line that fits."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


# As a page


def write_page(project: Project, changes: Changes, page: Path, commit: str = "not known") -> None:
    """Write the page of changes. Its links lead to the pages of the new release if it is in the same folder."""
    body = template("releases.html.j2").render(
        changes=changes,
        kinds=KINDS,
        countries=by_country(project, changes),
        revealing=first_in_words(named(project, changes.revealing)),
        moved=first_in_words(named(project, changes.of("moved"))),
        other=first_in_words(named(project, changes.of("hidden", "shown", "status").query("~revealing"))),
        gone={
            kind: groups(project, changes.of(kind)) for kind in ("appeared", "vanished", "other_data", "base")
        },
        most=MOST_ROWS,
        warning=WARNING,
        warning_text=WARNING_TEXT,
    )
    foot = {
        "Commit": commit,
        "Old release": described(changes.old),
        "New release": described(changes.new),
    }
    context = PageContext(
        TITLE,
        f"From {changes.old.folder.name} to {changes.new.folder.name}",
        data="synthetic" if changes.synthetic else "delivered",
        depth=depth(page, changes.new.folder),
        foot=foot,
        wide=True,
    )
    render_body(body, page, context)


def depth(page: Path, results: Path) -> int:
    """How many folders below `results` a page is; 0 if it is elsewhere."""
    folder = page.resolve().parent
    inside = folder.is_relative_to(results.resolve())
    return len(folder.relative_to(results.resolve()).parts) if inside else 0


def described(release: Release) -> str:
    """A release in the foot of the page: the folder's name alone, no path."""
    return f"{release.folder.name}: {len(release.rows):,} estimates, {release.data} data"


def by_country(project: Project, changes: Changes) -> list[dict[str, Any]]:
    """Numbers of changes of each kind, a line for each country."""
    rows = named(project, changes.rows)
    counts = pd.crosstab(rows["country_name"], rows["change"]).reindex(columns=list(KINDS), fill_value=0)
    return [{"name": name, "counts": kinds.to_dict()} for name, kinds in counts.iterrows()]


def groups(project: Project, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Countries and indicators of several estimates, and how many each has."""
    counts = named(project, rows).groupby(["country_name", "indicator_label"], sort=True).size()
    return [
        {"country": country, "indicator": label, "count": n}
        for country, label, n in counts.reset_index().itertuples(index=False, name=None)
    ]


def first_in_words(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The first rows of a list, and in each its words."""
    return [
        {
            **row,
            "points": signed(row["points"]),
            "standard_errors": signed(row["standard_errors"]),
            "old_n": number(row["old_n"], "count") if pd.notna(row["old_n"]) else "",
            "new_n": number(row["new_n"], "count") if pd.notna(row["new_n"]) else "",
        }
        for row in tidy_table.records(rows)[:MOST_ROWS]
    ]


def signed(value: float) -> str:
    """A difference with its sign; empty where there is none."""
    return f"{value:+.1f}".replace("-", "−") if pd.notna(value) else ""


# Words for both


def named(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with names of country, indicator and level, and with their estimates as they are read."""
    words = Words(project)
    described = [words.of(row) for row in tidy_table.records(rows)]
    names = ["country_name", "indicator_label", "part", "name", "before", "now", "where_hidden"]
    return pd.concat([rows.reset_index(drop=True), pd.DataFrame(described, columns=names)], axis=1)


class Words:
    """How estimates are called; an estimate that the configuration no longer knows keeps the names of its table."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.labels = Labels(project.registry, project.codebook)

    def of(self, row: tidy_table.Row) -> dict[str, str]:
        """All words of one row."""
        country = self.project.countries.get(row["country"])
        country_name = country.name if country else row["country"].replace("_", " ").capitalize()
        indicator, part = self.indicator(row), self.part(row)
        return {
            "country_name": country_name,
            "indicator_label": indicator,
            "part": part,
            "name": f"{country_name}: {indicator}{f' · {part}' if part else ''}",
            "before": value(row["old_estimate"], row["old_status"], row["measure"], row["old_rounded_to"]),
            "now": value(row["new_estimate"], row["new_status"], row["measure"], row["new_rounded_to"]),
            "where_hidden": f"hidden in {'new' if row['new_status'] == 'suppressed' else 'old'}",
        }

    def indicator(self, row: tidy_table.Row) -> str:
        """Title of the indicator, with the measure where it is no share."""
        known = row["indicator"] in self.project.registry.indicators
        title = self.labels.indicator(row["indicator"]) if known else row["indicator"]
        measure = MEASURES.get(row["measure"], "" if row["measure"] == "proportion" else row["measure"])
        return f"{title} ({measure})" if measure else title

    def part(self, row: tidy_table.Row) -> str:
        """The part of the respondents: "Sex: Girls"; empty for all."""
        if row["by"] == "all" and row["level"] == "all":
            return ""
        try:
            return f"{self.labels.by(row['by'])}: {self.level(row)}"
        except (KeyError, AttributeError):
            return f"{row['by']}: {', '.join(filter(None, (row[name] for name in ('level', *CONTRAST))))}"

    def level(self, row: tidy_table.Row) -> str:
        """Label of the level of a breakdown, or of the groups of a contrast and of its respondents."""
        if not row["first"]:
            return self.labels.level(row["indicator"], row["by"], row["level"])
        groups = " against ".join(self.labels.groups(row))
        respondents = self.labels.respondents(row) if row["within"] or row["adjusted_for"] else ""
        return f"{groups}, {respondents[:1].lower()}{respondents[1:]}" if respondents else groups


def value(estimate: float, status: Any, measure: str, step: float) -> str:
    """An estimate as it is read; otherwise the word shown instead. step: what it is rounded to a multiple of."""
    if pd.notna(estimate):
        text = number(estimate, UNITS.get(measure, "mean"), measure != "risk_difference", step)
        return f"({text})" if status == "low_n" else text
    if pd.isna(status):
        return "–"
    return "shown" if status in ("shown", "low_n") else hidden_words(status)
