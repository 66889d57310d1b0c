"""What a release prints of one country: tables, data quality and the audit, read from their files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression

from .cells import Domain, Quantity, cell

CONTRAST = ("first", "second", "within", "within_level", "adjusted_for")
OTHERS = ("data_quality", "suppression_audit")
SHOWN = ("shown", "low_n")
SHARES = ("proportion", "mean")
EXACT = 1e-9
EDGE = 1e-6
"""A share may be rounded from a little more than half a step away, as floating point has it."""


class Bounds(NamedTuple):
    """The lowest and the highest that a number can be."""

    low: float
    high: float

    def both(self, other: Bounds) -> Bounds:
        """What agrees with both."""
        return Bounds(max(self.low, other.low), min(self.high, other.high))


class Printed(NamedTuple):
    """A shown estimate as printed. Columns that are not published are NaN; step 0: full precision.

    is_scaled: whether its weighted base may have been rounded together with its base. groups: of a contrast of all
    respondents, not adjusted, the levels of its two groups.
    """

    indicator: str
    by: str
    level: str
    measure: str
    estimate: float
    step: float
    se: float
    low: float
    high: float
    interval: str
    n: float
    base_step: int
    weighted: float
    deff: float
    df: float
    is_scaled: bool
    groups: tuple[str, ...] = ()

    @property
    def cell(self) -> tuple[Quantity, Domain]:
        """What it is of, and of whom."""
        return cell(self.indicator, self.by, self.level)

    @property
    def share(self) -> Bounds:
        """Between which numbers the exact estimate lies."""
        half = self.step * (0.5 + EDGE) + EXACT
        return Bounds(self.estimate - half, self.estimate + half)

    @property
    def base(self) -> Bounds:
        """Between which numbers that lies which the base is rounded from."""
        if self.is_scaled:
            return Bounds(self.n - SCALED_STEP + 1, self.n + SCALED_STEP - 1)
        return Bounds(self.n - self.base_step // 2, self.n + max(self.base_step - 1, 0) // 2)

    @property
    def weight(self) -> Bounds:
        """Between which numbers the weighted base lies."""
        if self.is_scaled:
            return Bounds(*(self.weighted * end / self.n for end in self.base))
        return Bounds(self.weighted * (1 - 1e-12) - 1e-7, self.weighted * (1 + 1e-12) + 1e-7)


SCALED_STEP = 5


def is_sum(number: float) -> bool:
    """Whether a number may be a sum of weights, which have six decimals."""
    return bool(abs(number * 1e6 - np.round(number * 1e6)) < 2e-4 * max(1, abs(number) / 1e3))


@dataclass
class Release:
    """One country's published tables, and the settings, which are public.

    rows: all insights' tables, as printed; quality: the table of data quality; audit: the row of the audit.
    """

    country: str
    rows: pd.DataFrame
    quality: pd.DataFrame
    audit: pd.DataFrame
    rules: Suppression

    @classmethod
    def read(cls, folder: Path, country: str, rules: Suppression) -> Release:
        """Read results/{country}."""
        files = [file for file in sorted((folder / country).glob("*.csv")) if file.stem not in OTHERS]
        rows = pd.concat([read(file) for file in files], ignore_index=True)
        rows = rows.drop_duplicates(["indicator", "by", "level", *CONTRAST, "measure"], ignore_index=True)
        others = (folder / country / f"{name}.csv" for name in OTHERS)
        quality, audit = (read(file) if file.is_file() else pd.DataFrame() for file in others)
        return cls(country, rows, quality, audit, rules)

    @cached_property
    def printed(self) -> list[Printed]:
        """Every estimate that is shown and is a share or a mean."""
        return self.of_measures(SHARES)

    def of_measures(self, measures: tuple[str, ...]) -> list[Printed]:
        """Every estimate that is shown, of some measures."""
        shown = self.rows["status"].isin(SHOWN) & self.rows["measure"].isin(measures)
        return [self.one(row) for row in self.rows[shown].to_dict("records")]

    def one(self, row: dict) -> Printed:
        """A shown row."""
        step = float(row.get("rounded_to", 0) or 0)
        return Printed(
            **{name: row[name] for name in ("indicator", "by", "level", "measure", "estimate", "se", "n")},
            step=step,
            low=row["ci_low"],
            high=row["ci_high"],
            interval=row["interval"],
            base_step=self.base_step(row["measure"], row["estimate"], step),
            weighted=row.get("n_base_weighted", np.nan),
            deff=row.get("deff", np.nan),
            df=row.get("df", np.nan),
            is_scaled=self.is_scaled(row["n"], row.get("n_base_weighted", np.nan)),
            groups=groups(row),
        )

    @cached_property
    def is_rounded(self) -> bool:
        """Whether bases are rounded: then all of them are multiples of the same number."""
        step = self.rules.rounding.base
        bases = self.rows.loc[self.rows["measure"].isin(SHARES), "n"].dropna()
        return step > 1 and bool((bases % step == 0).all())

    @cached_property
    def all_multiples(self) -> bool:
        """Whether all bases are multiples of five."""
        return bool((self.rows.loc[self.rows["measure"].isin(SHARES), "n"].dropna() % SCALED_STEP == 0).all())

    @cached_property
    def some_scaled(self) -> bool:
        """Whether some weighted bases are no sums of weights of six decimals."""
        if "n_base_weighted" not in self.rows:
            return False
        rows = self.rows[self.rows["measure"].isin(SHARES)].dropna(subset=["n", "n_base_weighted"])
        rows = rows.loc[rows["n"] % SCALED_STEP == 0, "n_base_weighted"]
        return not all(map(is_sum, rows))

    def is_scaled(self, n: float, weighted: float) -> bool:
        """Whether a weighted base may have been rounded together with its base, as some were."""
        may_be = self.all_multiples or self.some_scaled
        return may_be and not np.isnan(weighted) and n % SCALED_STEP == 0

    def base_step(self, measure: str, estimate: float, step: float) -> int:
        """What a base is rounded to a multiple of: the step of its estimate tells whether it is coarse."""
        if not self.is_rounded:
            return 0
        fine = self.rules.rounding.points / 100
        if measure not in ("proportion", "risk_difference"):
            size = np.floor(np.log10(abs(estimate))) if estimate else 0
            fine = 10.0 ** -max(2 - max(size, 0), 0)
        return self.rules.coarse_rounding.base if step > 1.5 * fine else self.rules.rounding.base

    @cached_property
    def asked(self) -> set[tuple[str, str, str]]:
        """Indicator, breakdown and level of all rows, shown or not."""
        rows = self.rows[self.rows["measure"].isin(SHARES) & (self.rows["status"] != "not_asked")]
        return set(rows[["indicator", "by", "level"]].itertuples(index=False, name=None))

    # --- data quality

    def remarks_of(self, check: str, table: str = "children") -> pd.DataFrame:
        """The remarks of one check."""
        if self.quality.empty:
            return self.quality.assign(check=[], table=[])
        return self.quality[(self.quality["check"] == check) & (self.quality["table"] == table)]

    @cached_property
    def quality_step(self) -> int:
        """What numbers of respondents are multiples of in the table of data quality."""
        step = Suppression().rounding.base
        bases = self.remarks_of("item_nonresponse")
        return step if len(bases) and (bases["base"].dropna() % step == 0).all() else 1

    def size(self, table: str = "children") -> float:
        """How many were analysed, which is printed exactly; NaN where nothing is said."""
        rows = self.remarks_of("analysed", table)
        return float(rows["value"].iloc[0]) if len(rows) else np.nan

    def around(self, number: float) -> Bounds:
        """Between which numbers that lies which a number in the table of data quality is rounded from."""
        step = self.quality_step
        return Bounds(number - step // 2, number + (step - 1) // 2)

    def of_part(self, row: pd.Series) -> tuple[Bounds, Bounds]:
        """Base and count of a remark about a part of the respondents."""
        base, count = Bounds(0, np.inf), Bounds(0, np.inf)
        if pd.notna(row["base"]):
            base = self.around(row["base"])
        if pd.notna(row["value"]):
            count = self.around(row["value"])
        elif pd.notna(row["share"]) and pd.notna(row["base"]):
            count = self.around(round(row["share"] * row["base"] / self.quality_step) * self.quality_step)
        message = str(row["message"])
        if match := re.search(r"all but fewer than (\d+)", message):
            count = Bounds(max(base.low - int(match[1]) + 1, 0), base.high)
        elif match := re.search(r"fewer than (\d+)", message):
            count = Bounds(0, int(match[1]) - 1)
        elif re.search(r"\bnone\b", message):
            count = Bounds(0, 0)
        elif "some, too few" in message:
            count = Bounds(1, np.inf)
        return base, count


def groups(row: dict) -> tuple[str, ...]:
    """The levels of the two groups of a contrast of all respondents that is not adjusted; none of another row."""
    is_plain = row.get("first") and not row["within"] and not row["adjusted_for"]
    return (row["first"], row["second"]) if is_plain else ()


def read(file: Path) -> pd.DataFrame:
    """Read a published table with all its digits."""
    text = [
        "country",
        "indicator",
        "by",
        "level",
        "measure",
        "status",
        "interval",
        "variable",
        "message",
        *CONTRAST,
    ]
    rows = pd.read_csv(file, dtype=dict.fromkeys(text, str), float_precision="round_trip")
    return rows.fillna({name: "" for name in text if name in rows})
