"""How much is hidden, and for what, under three ways of rounding. See README.md beside this file."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm import config
from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.protection.audit.country import tables_of
from disrupting_harm.protection.audit.counts import AuditError, Table
from disrupting_harm.protection.audit.decide import decide, is_shown_alone, judged, published, secrets
from disrupting_harm.protection.audit.protect import exposed
from disrupting_harm.protection.audit.statements import FINE as FINELY
from disrupting_harm.protection.audit.statements import HIDDEN
from disrupting_harm.quality.examine import examine

OUTPUT = Path(__file__).parents[1] / "docs" / "benchmarks" / "proportions.csv"
FINE, COARSE = Rounding(points=0.1, base=5), Rounding(points=1, base=10)
SETTINGS = {
    "not rounded": (Rounding(points=1e-4, base=1), Rounding(points=1e-4, base=1)),
    "0.1 and 5, where needed 1 and 10": (FINE, COARSE),
    "1 and 10": (COARSE, COARSE),
}
PARTS = {
    "all": "whole country",
    "form": "form or answer",
    "response": "form or answer",
    "combination": "form or answer",
}
OTHERS = {"sex": "sex", "age_group": "age group", "area": "area"}


def main() -> None:
    """Decide about all countries in each way, and write a table of countries, ways and parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="a project with data/harmonised/")
    parser.add_argument("--countries", nargs="+")
    parser.add_argument("--ways", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--attack", action="store_true", help="also without protection; takes twice the time")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    project = config.load(options.root)
    counts = [
        row
        for iso3 in options.countries or project.countries
        for way in options.ways
        for row in of_country(rounded(project, way), iso3, way, options.attack)
    ]
    pd.DataFrame(counts).to_csv(options.output, index=False, lineterminator="\n")


def rounded(project: Project, way: str) -> Project:
    """The project with one way of rounding."""
    fine, coarse = SETTINGS[way]
    rules = project.analysis.suppression.model_copy(update={"rounding": fine, "coarse_rounding": coarse})
    analysis = project.analysis.model_copy(update={"suppression": rules})
    return project.model_copy(update={"analysis": analysis})


def of_country(project: Project, iso3: str, way: str, attack: bool) -> Iterator[dict[str, object]]:
    """Numbers of estimates of one country by part: hidden for themselves, for others, rounded coarsely."""
    rules = project.analysis.suppression
    frames = [
        Harmonised.read(project.root / "data/harmonised" / iso3 / f"{table}.parquet")
        for table in ("children", "caregivers")
    ]
    remarks = examine(project, iso3, *frames)
    for name, table in tables_of(project, iso3, *frames):
        if attack:
            looked_at, narrow = narrowed(table, remarks, rules)
            yield {
                "country": iso3,
                "table": name,
                "way": way,
                "part": "secrets",
                "estimates": looked_at,
                "rule": narrow,
            }
        started = time.process_time()
        try:
            rows, _ = decide(table, remarks, rules, project.headlines)
        except AuditError as error:
            print(f"{iso3}, {name}, {way}: {error}")  # noqa: T201
            continue
        seconds = time.process_time() - started
        part = rows["by"].map({**PARTS, **OTHERS}).fillna("other breakdowns")
        counted = rows.assign(
            rule=~rows["alone"],
            others=rows["alone"] & ~rows["shown"],
            estimates=1,
            whole_percent=rows["coarse"],
        )
        for which, group in counted.groupby(part, sort=False):
            sums = group[["estimates", "rule", "others", "whole_percent"]].sum()
            yield {"country": iso3, "table": name, "way": way, "part": which, **sums.to_dict()}
        print(f"{iso3}, {name}, {way}: {seconds:.1f} s", flush=True)  # noqa: T201


def narrowed(table: Table, remarks: pd.DataFrame, rules: Suppression) -> tuple[int, int]:
    """Numbers of secrets, and of those that can be narrowed down where only the rules for single estimates hide."""
    rows = judged(table, rules)
    hidden = secrets(rows, table, remarks, rules)
    grades = np.append(np.where(is_shown_alone(rows, hidden), FINELY, HIDDEN), FINELY)
    published_now = published(table, rows, remarks, rules).made_by(grades)
    return len(hidden.targets), len(exposed(table.counts, published_now, hidden))


if __name__ == "__main__":
    main()
