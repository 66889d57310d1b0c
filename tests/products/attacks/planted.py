"""A made-up survey with children who are easy to find, and releases of it: protected, and with protection turned off.

The tables are written by the code cells of the notebooks themselves, in a project of its own; only figures are left
out. What the notebooks estimate is kept before suppression, so that releases without protection cost nothing more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Rounding, Suppression
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.insights.one_country import Insight
from disrupting_harm.presentation.finding import Finding
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit import country as audited
from disrupting_harm.protection.audit import report
from disrupting_harm.protection.audit.alternatives import Proof
from disrupting_harm.protection.suppression import Decision
from disrupting_harm.quality import remarks
from disrupting_harm.quality.examine import examine

from .release import Release

COUNTRY = "ken"
OPEN = Suppression(
    not_shown_below=1, bracket_below=1, min_count=1, min_count_subgroup=1, all_or_none_base=1, small_level=0,
    rounding=Rounding(points=1e-7, base=1), coarse_rounding=Rounding(points=1e-7, base=1),
)  # fmt: skip
"""Protection turned off."""

SCALED = 5


def planted(children: pd.DataFrame) -> pd.DataFrame:
    """Children with an answer nobody else gave, without sex, age or area, and alone in a primary sampling unit.

    All three without a known sex hurt themselves; of two of them only that is known.
    """
    frame = children.assign(weight=children["weight"].round(6))  # as weights are delivered
    without_secret = np.flatnonzero(
        (frame["self_harm"] == "yes") & frame["age"].between(13, 16) & (frame["area"] == "rural")
    )
    without, other = without_secret[[1, 5]], without_secret[9]
    frame.loc[without, "sex"] = np.nan
    frame["sex"] = frame["sex"].cat.add_categories(
        [c for c in ("refused",) if c not in frame["sex"].cat.categories]
    )
    frame.loc[other, "sex"] = "refused"  # a third answer has no level of its own
    frame.loc[without_secret[[12, 15]], "age"] = np.nan
    frame.loc[without_secret[[18, 20]], "area"] = np.nan
    alone = [name for name in frame.columns if name.startswith("told_") and name.endswith("__helpline")]
    for name in alone:
        frame[name] = frame[name].where(frame[name].isna() | ~frame[name].fillna(False), False)
    only = np.flatnonzero(frame[alone[0]].notna())[3]
    frame.loc[only, alone[0]] = True
    frame["psu"] = frame["psu"].astype(object)
    frame.loc[without_secret[22], "psu"] = "P-alone"
    frame["psu"] = frame["psu"].astype("category")
    return frame


def asked_only(children: pd.DataFrame, without: Sequence[str]) -> pd.DataFrame:
    """Children who were not asked some questions, by the beginning of their columns."""
    return children.drop(columns=[name for name in children if name.startswith(tuple(without))])


def equal_weights(children: pd.DataFrame) -> pd.DataFrame:
    """The same, every child of weight 1, one alone without a sex, and one form left out but for a few."""
    frame = planted(children).assign(weight=1.0)
    lost = frame["sex"].isna() | (frame["sex"] == "refused")
    known = np.flatnonzero(lost)[1:]
    frame.loc[known, "sex"] = "girl"
    form = [name for name in frame.columns if name == "form_i" or "_i__" in name]
    for name in form:
        frame[name] = frame[name].where(np.arange(len(frame)) < 40)
    return frame


@dataclass
class Delivery:
    """A survey in a project of its own: the decision, the release, and what was estimated before suppression."""

    project: Project
    children: Harmonised
    caregivers: Harmonised
    decision: pd.DataFrame
    proof: dict[str, Proof]
    estimated: dict[str, list[pd.DataFrame]]
    release: Release
    insights: Sequence[str]
    quality: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)

    def without_protection(self, which: str = "open") -> Release:
        """The same survey with protection turned off.

        open: everything is shown, in full precision, with weighted bases; primary: hidden is what the rules for single
        estimates hide; exact: hidden is what really is, but nothing is rounded; scaled: bases are rounded, and weighted
        bases with them; digits: shares and bases are rounded, and what is worked out from them is not.
        """
        if which == "digits":
            return self.with_digits()
        full = self.rows(OPEN if which == "open" else self.project.analysis.suppression, which)
        rows = full[[name for name in tidy_table.FULL if name in full and name not in HELPERS]]
        if which == "scaled":
            rounded = rounding.to_multiple(rows["n"], SCALED)
            weighted = (rows["n_base_weighted"] * rounded / rows["n"]).round(12)
            rows = rows.assign(n=rounded, n_base_weighted=weighted)
        rules = (
            OPEN
            if which == "open"
            else self.project.analysis.suppression.model_copy(update={"rounding": OPEN.rounding})
        )
        return Release(COUNTRY, rows.reset_index(drop=True), self.quality, self.audit(which), rules)

    def with_digits(self) -> Release:
        """The real release with standard errors, limits, contrasts, numbers of children and design effects in full."""
        full = self.rows(self.project.analysis.suppression, "exact").set_index(tidy_table.KEY[1:])
        rows = self.release.rows.set_index(tidy_table.KEY[1:])
        full, is_share = (
            full.reindex(rows.index),
            rows.index.get_level_values("measure").isin(["proportion", "mean"]),
        )
        for name in ("se", "ci_low", "ci_high", "deff", "df"):
            rows[name] = full[name]
        for name in ("estimate", "n"):
            rows[name] = rows[name].where(is_share, full[name])
        population, national = (
            self.project.countries[COUNTRY].population,
            ("tfcsea_any", "all", "all", *[""] * len(tidy_table.CONTRAST), "proportion"),
        )
        if national in full.index and population.children_12_17:
            users = full.loc[national, "estimate"] * population.internet_users_percent / 100
            scaled = {
                "tfcsea_any_all_children": users,
                "tfcsea_children_affected_count": users * population.children_12_17,
            }
            names = rows.index.get_level_values("indicator")
            rows["estimate"] = names.map(scaled).to_series(rows.index).fillna(rows["estimate"])
        return Release(
            COUNTRY, rows.reset_index(), self.quality, self.audit("exact"), self.project.analysis.suppression
        )

    def rows(self, rules: Suppression, which: str) -> pd.DataFrame:
        """All rows in full precision, hidden as the variant says."""
        shown = {"open": True, "primary": self.decision["alone"]}.get(which, self.decision["shown"])
        decision = Decision.of(self.decision.assign(shown=shown, coarse=False))
        parts = [
            suppression.apply(rows, rules, decision) for parts in self.estimated.values() for rows in parts
        ]
        all_rows = pd.concat(parts, ignore_index=True).assign(
            country=COUNTRY,
            insight="",
            confidence_level=self.project.analysis.confidence_level,
            data="synthetic",
        )
        all_rows = all_rows.reindex(columns=tidy_table.FULL).fillna(dict.fromkeys(tidy_table.CONTRAST, ""))
        return all_rows.drop_duplicates(tidy_table.KEY, ignore_index=True)

    def audit(self, which: str) -> pd.DataFrame:
        """The audit's row of a variant."""
        asked = self.decision.merge(self.release.rows[["indicator", "by", "level"]].drop_duplicates())
        shown = asked["alone"] if which == "primary" else asked["shown"]
        return pd.DataFrame(
            [{"hidden_alone": (~asked["alone"]).sum(), "hidden_for_others": (asked["alone"] & ~shown).sum()}]
        )


HELPERS = (*tidy_table.SHARES, *tidy_table.BASES, *tidy_table.FLAGS)


class Recorder(Insight):
    """An insight that draws nothing, and keeps what it estimates before suppression."""

    def may_be_shown(self, rows):
        self.__dict__.setdefault("estimated", []).append(rows)
        return super().may_be_shown(rows)

    def finding(self, rows, title, draw):
        return Finding("", None, rows)

    def draw_contrasts(self, contrasts, title):
        return None


def deliver(
    project: Project, root: Path, definitions: Path, children: pd.DataFrame, insights: Sequence[str]
) -> Delivery:
    """Make a release of a survey of children alone, as the workflow does. root: an empty folder.

    definitions: where what was learnt of questionnaires is kept for others.
    """
    for name in ("config", "notebooks"):
        shutil.copytree(project.root / name, root / name)
    (root / "resources").symlink_to(project.root / "resources")
    (root / "data").mkdir()
    (root / "data" / "definitions").symlink_to(definitions)
    frames = {"children": children, "caregivers": pd.DataFrame({"weight": pd.Series(dtype=float)})}
    for name, frame in frames.items():
        frame.attrs = {"data": "synthetic", "excluded": {}, "renamed_identifiers": 0, "country": COUNTRY}
        file = root / "data" / "harmonised" / COUNTRY / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(file, index=False)
    with inside(root):
        return released(root, insights)


def released(root: Path, insights: Sequence[str]) -> Delivery:
    """Decide, write all tables, and read them as anybody can."""
    from disrupting_harm import config

    project, folder = config.load(root), root / "data" / "harmonised" / COUNTRY
    people = [Harmonised.read(folder / f"{name}.parquet") for name in ("children", "caregivers")]
    quality = examine(project, COUNTRY, *people)
    decision, proof = audited.decision(project, COUNTRY, *people, quality)
    audited.write(decision, folder / suppression.FILE)
    results = root / "results" / COUNTRY
    remarks.write(quality, results / remarks.FILE)
    estimated = {name: run(root / "notebooks" / f"{name}.ipynb") for name in insights}
    rows = pd.concat([tidy_table.read(results / f"{name}.csv") for name in insights], ignore_index=True)
    report.write(
        report.look(project, COUNTRY, *people, rows, quality, proof), results / "suppression_audit.csv"
    )
    release = Release.read(root / "results", COUNTRY, project.analysis.suppression)
    return Delivery(project, *people, decision, proof, estimated, release, insights, release.quality)


def run(notebook: Path) -> list[pd.DataFrame]:
    """Run the code cells of a notebook, all but what nothing is published of but pages."""
    name = notebook.stem
    sources = [
        "".join(cell["source"])
        for cell in json.loads(notebook.read_text())["cells"]
        if cell["cell_type"] == "code"
    ]
    paths = {f"{table}": f"data/harmonised/{COUNTRY}/{table}.parquet" for table in ("children", "caregivers")}
    insight = Recorder.open(name, COUNTRY, **paths)
    known = {"insight": insight, "country": COUNTRY, "table": f"results/{COUNTRY}/{name}.csv"}
    for source in sources[1:]:
        lines = [line for line in source.splitlines() if not line.startswith(("from ", "insight = "))]
        exec("\n".join(lines), known)
    return insight.estimated


@contextlib.contextmanager
def inside(folder: Path):
    """With a folder as the working directory."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
