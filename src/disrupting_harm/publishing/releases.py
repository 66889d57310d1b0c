"""Two releases of results: which estimates moved, appeared, vanished, changed their base or whether they are shown.

>>> changes = compare(read(Path("results_2025")), read(Path("results")))
>>> changes.count("moved")

An estimate that one release shows and the other hides carries no number here: together the two releases may reveal it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disrupting_harm.answers.indicators import WITHOUT_DATA
from disrupting_harm.config import nearest
from disrupting_harm.estimation import rounding, tidy_table
from disrupting_harm.estimation.rounding import SHARES
from disrupting_harm.files.atomic import atomic_write

COMPARISON = "comparison"
KEY = ["insight", *tidy_table.KEY]
"""The columns that identify an estimate across tables: insights may share an indicator."""

STATUSES = ("shown", "low_n", "suppressed", *WITHOUT_DATA, "not_estimable")

SAME = 1e-9
"""Relative difference up to which two estimates are the same: what writing and reading a table may cost."""

DECIMALS = 9
"""What is left of the binary form of differences is cut off."""

KINDS = {
    "moved": "moved",
    "less": "moved by less than the threshold",
    "rounding": "rounded in another way",
    "base": "same estimate on another base",
    "hidden": "shown before, hidden now",
    "shown": "hidden before, shown now",
    "status": "another status",
    "appeared": "appeared",
    "vanished": "vanished",
    "other_data": "made from another kind of data",
    "same": "unchanged",
}
"""Kinds of change, in the order in which they are reported; every estimate of either release has just one."""

COLUMNS = [*KEY, "change", "revealing", "old_status", "new_status", "old_estimate", "new_estimate", "difference",
           "points", "standard_errors", "old_n", "new_n", "old_rounded_to", "new_rounded_to", "data"]  # fmt: skip
NUMBERS = ["old_estimate", "new_estimate", "difference", "points", "standard_errors", "old_n", "new_n",
           "old_rounded_to", "new_rounded_to"]  # fmt: skip


class ReleaseError(Exception):
    """Something that is no folder of results, or two that cannot be compared."""


@dataclass(frozen=True)
class Release:
    """The estimates of one results folder, each once. `other_tables`: files that hold no estimates."""

    folder: Path
    rows: pd.DataFrame
    other_tables: tuple[str, ...] = ()

    @cached_property
    def record(self) -> dict[str, Any]:
        """What the release says it was made from; nothing where it says nothing."""
        file = self.folder / "provenance.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @property
    def inputs(self) -> dict[str, dict[str, str]]:
        """Checksums of the microdata of each country, as far as the release says them."""
        countries = self.record.get("countries", {})
        return {iso3: about["inputs"] for iso3, about in countries.items() if about["inputs"]}

    def reading(self, iso3: str) -> str:
        """Fingerprint of the settings by which a country's files were read; empty where the release does not say it."""
        return self.record.get("countries", {}).get(iso3, {}).get("reading", "")

    def counted_as(self, counted: dict[str, dict[str, str]]) -> pd.DataFrame:
        """Its estimates that were counted as some digests of indicators and breakdowns say, by their names."""
        recorded = self.record.get("counted", {})
        indicators, breakdowns = (
            [
                name
                for name in names | recorded.get(part, {})
                if recorded.get(part, {}).get(name) != names.get(name)
            ]
            for part, names in counted.items()
        )
        otherwise = self.rows["indicator"].isin(indicators) | self.rows[["by", "within"]].isin(
            breakdowns
        ).any(axis=1)
        return self.rows[~otherwise]

    @property
    def data(self) -> str:
        """Kinds of data it is made from, in words."""
        return " and ".join(sorted(self.rows["data"].unique(), reverse=True))


@dataclass(frozen=True)
class Changes:
    """How two releases differ: one row per estimate of either, columns COLUMNS, the largest changes first."""

    old: Release
    new: Release
    rows: pd.DataFrame

    def of(self, *kinds: str) -> pd.DataFrame:
        """Estimates with these kinds of change."""
        return self.rows[self.rows["change"].isin(kinds)]

    def count(self, kind: str) -> int:
        """How many estimates have this kind of change."""
        return int((self.rows["change"] == kind).sum())

    @property
    def revealing(self) -> pd.DataFrame:
        """Estimates shown in one release and suppressed in the other."""
        return self.rows[self.rows["revealing"]]

    @property
    def same_microdata(self) -> list[str]:
        """Countries that both releases have made from the same files."""
        return [iso3 for iso3, files in self.old.inputs.items() if self.new.inputs.get(iso3) == files]

    @property
    def given_away(self) -> int:
        """How many estimates one release hides and the other shows, of the same microdata: they are known."""
        return int(self.revealing["country"].isin(self.same_microdata).sum())

    @property
    def synthetic(self) -> bool:
        """Whether either release has an estimate that is made from synthetic data."""
        return any("synthetic" in release.data for release in (self.old, self.new))

    def write(self, path: Path) -> None:
        """Write every estimate that is not the same in both as a table, atomically."""
        with atomic_write(path) as unfinished:
            self.rows[self.rows["change"] != "same"].to_csv(unfinished, index=False, lineterminator="\n")


def read(folder: Path) -> Release:
    """The estimates in a results folder: all tables in the folders of countries and of the comparison.

    Raises ReleaseError where there is no folder, no table, or a table that is not as this project writes it.
    """
    if not folder.is_dir():
        raise ReleaseError(
            f"{folder}: {'is a file' if folder.exists() else 'there is no such folder'}.{hint(folder)}"
        )
    files = sorted(folder.glob("*/*.csv"), key=lambda file: (file.parent.name == COMPARISON, file))
    tables = {file: estimates(file) for file in files}
    parts = [rows for rows in tables.values() if rows is not None]
    if not parts:
        raise ReleaseError(f"{folder}: contains no tables of estimates (COUNTRY/INSIGHT.csv).{hint(folder)}")
    # The comparison repeats the rows of countries; theirs come first and stay.
    rows = pd.concat(parts, ignore_index=True).drop_duplicates(KEY, ignore_index=True)
    others = tuple(f"{file.parent.name}/{file.name}" for file, rows in tables.items() if rows is None)
    return Release(folder, rows, others)


def hint(folder: Path) -> str:
    """Where the results may be instead, as a sentence with a blank before it."""
    if (folder / "results").is_dir():
        return f" Did you mean {folder / 'results'}?"
    if folder.is_dir():
        return " Run the workflow first, or name the folder of another release."
    around = (
        [path.name for path in folder.parent.iterdir() if path.is_dir()] if folder.parent.is_dir() else []
    )
    close = nearest(folder.name, around)
    return f" Did you mean {folder.parent / close}?" if close else " Name a results folder of this project."


def estimates(file: Path) -> pd.DataFrame | None:
    """The estimates in a table; None for a table of something else. Raises ReleaseError."""
    try:
        columns = list(pd.read_csv(file, nrows=0, encoding="utf-8").columns)
        if not {"country", "indicator", "by", "level", "measure", "estimate", "status"} <= set(columns):
            return None
        if columns not in (tidy_table.COLUMNS, OLDER_COLUMNS):
            raise ReleaseError(
                f"{file}: does not have the columns of a table of estimates ({difference_of(columns)}). {RUN}"
            )
        rows = tidy_table.read(file) if columns == tidy_table.COLUMNS else read_older(file)
        rows = rows.assign(**{name: pd.to_numeric(rows[name]).astype(float) for name in tidy_table.NUMBERS})
    except (OSError, ValueError) as error:
        what = str(error).strip().partition("\n")[0].rstrip(".")
        raise ReleaseError(f"{file}: cannot be read as a table ({what}). {RUN}") from None
    for row, what in wrong(rows):
        raise ReleaseError(f"{file}, line {row + 2}: {what}. {RUN}")
    return rows


RUN = "Run that release again."

OLDER_COLUMNS = [name for name in tidy_table.COLUMNS if name not in tidy_table.CONTRAST]
"""Columns of a table written while `level` held what a contrast is about."""

OLDER_LEVEL = (
    r"^(?P<first>.+?) vs (?P<second>.+?)"
    r"(?:, (?:adjusted=(?P<adjusted_for>.+)|(?P<within>[^=]+)=(?P<within_level>.*)))?$"
)
"""As in "yes vs no", "yes vs no, in_person=no" and "yes vs no, adjusted=age+sex"."""


def read_older(file: Path) -> pd.DataFrame:
    """A published table written while `level` held what a contrast is about, in the columns of today."""
    rows = tidy_table.read_columns(file, OLDER_COLUMNS, tidy_table.NUMBERS)
    contrasts = rows["level"].str.extract(OLDER_LEVEL).fillna("")[tidy_table.CONTRAST]
    level = rows["level"].where(contrasts["first"] == "", "")
    return rows.assign(level=level, **{name: contrasts[name] for name in tidy_table.CONTRAST})[
        tidy_table.COLUMNS
    ]


def difference_of(columns: list[str]) -> str:
    """Which columns are missing, which are not known, or that the order is another."""
    missing = [name for name in tidy_table.COLUMNS if name not in columns]
    unknown = [name for name in columns if name not in tidy_table.COLUMNS]
    parts = [f"without {', '.join(missing)}"] * bool(missing) + [f"with {', '.join(unknown)}"] * bool(unknown)
    return "; ".join(parts) or "in another order"


def wrong(rows: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows that this project does not write: place and what is wrong."""
    shown = tidy_table.is_shown(rows)
    problems = {
        "has an unknown status": ~rows["status"].isin(STATUSES),
        "stands there twice": rows.duplicated(KEY),
        "is shown, but has no estimate": shown & rows["estimate"].isna(),
        "is not shown, but has numbers; do not share the table": ~shown
        & rows[tidy_table.NUMBERS].notna().any(axis=1),
    }
    for what, where in problems.items():
        for row in np.flatnonzero(where):
            yield int(row), what


def compare(old: Release, new: Release, points: float = 0.0, standard_errors: float = 0.0) -> Changes:
    """How `new` differs from `old`.

    points, standard_errors: an estimate that moved by fewer percentage points (where it is a share or a difference of
    shares), or by fewer standard errors, counts as `less`. The standard error is that of the old estimate.
    Raises ReleaseError if both are the same folder.
    """
    if old.folder.resolve() == new.folder.resolve():
        raise ReleaseError(f"{old.folder} and {new.folder} are the same folder. Name two releases.")
    rows = old.rows.merge(new.rows, on=KEY, how="outer", suffixes=("_old", "_new"), indicator="where")
    rows["change"] = kinds(rows)
    moved = rows["change"] == "moved"
    rows["difference"] = (rows["estimate_new"] - rows["estimate_old"]).where(moved).round(DECIMALS)
    rows["points"] = (rows["difference"] * 100).where(rows["measure"].isin(SHARES)).round(DECIMALS)
    errors = rows["difference"] / rows["se_old"].where(rows["se_old"] > 0)
    rows["standard_errors"] = rounding.to_digits(errors, rounding.DIGITS)
    less = (rows["points"].abs() < points) | (rows["standard_errors"].abs() < standard_errors)
    rows.loc[moved & less, "change"] = "less"
    return Changes(old, new, in_order(described(rows)))


def kinds(rows: pd.DataFrame) -> np.ndarray:
    """The kind of change of each estimate of either release."""
    before, now = (rows[f"status_{side}"].isin(["shown", "low_n"]) for side in ("old", "new"))
    far = ~np.isclose(rows["estimate_old"], rows["estimate_new"], rtol=SAME, atol=0)
    steps = rows[["rounded_to_old", "rounded_to_new"]].max(axis=1)
    near = (rows["estimate_old"] - rows["estimate_new"]).abs().round(DECIMALS) <= (steps / 2).round(DECIMALS)
    other_step = rows["rounded_to_old"] != rows["rounded_to_new"]
    conditions = {
        "appeared": rows["where"] == "right_only",
        "vanished": rows["where"] == "left_only",
        "other_data": rows["data_old"] != rows["data_new"],
        "hidden": before & ~now,
        "shown": ~before & now,
        "rounding": before & now & other_step & near,
        "moved": before & now & far,
        "base": before & now & (rows["n_old"] != rows["n_new"]),
        "status": rows["status_old"] != rows["status_new"],
    }
    return np.select(list(conditions.values()), list(conditions), default="same")


def described(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of a table of changes; without numbers where one release hides what the other shows."""
    for side in ("old", "new"):
        names = {f"{name}_{side}": f"{side}_{name}" for name in ("status", "estimate", "n", "rounded_to")}
        rows = rows.rename(columns=names)
    one_shown = rows["change"].isin(["hidden", "shown"])
    suppressed = (rows["old_status"] == "suppressed") | (rows["new_status"] == "suppressed")
    rows["revealing"] = one_shown & suppressed
    rows["data"] = rows["data_new"].where(rows["data_new"].notna(), rows["data_old"])
    rows.loc[one_shown | (rows["change"] == "other_data"), NUMBERS] = np.nan
    return rows[COLUMNS]


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The kinds in their order; within each the largest changes, in standard errors, first."""
    order = pd.DataFrame(
        {
            "kind": pd.Categorical(rows["change"], list(KINDS), ordered=True),
            "size": -rows["standard_errors"].abs(),
            "points": -rows["points"].abs(),
        }
    )
    places = order.sort_values(["kind", "size", "points"], kind="stable", na_position="last").index
    return rows.loc[places].reset_index(drop=True)
