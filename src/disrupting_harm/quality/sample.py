"""Who is in the sample and how it was drawn: rows delivered, excluded and analysed, weights, strata and clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.country import Country
from disrupting_harm.quality.found import Apart, Counted, Found, Part, Rows
from disrupting_harm.quality.remarks import Remark, Steps

RENAMED = Steps(note=0.0, warning=0.1)
LARGEST = 5
"""Times the mean: a weight above it is a large one. Whether there is one is for the owner of the data alone."""
DECIMALS = 2
"""Decimals of what is made of weights, in words and in the table: sums of weights could be worked out from more."""


def remarks(table: Table, frame: Harmonised, country: Country) -> Iterator[Found]:
    """Everything about the sample of one harmonised table."""
    yield from rows(table, frame, country)
    yield from weights(table, frame)
    yield from design(table, frame, country)


# Rows


def rows(table: Table, frame: Harmonised, country: Country) -> Iterator[Found]:
    """Rows delivered, left out by reason, eligible (whatever their weight), and analysed."""
    yield Rows(table, len(frame), frame.attrs["excluded"])
    says = f"{len(frame):,} are analysed: eligible, with a weight."
    yield Remark(table, "analysed", "ok", says, value=len(frame))
    yield from published(table, len(frame), country)
    subject = "Identifiers that stand twice (or are empty), made distinct"
    renamed = Part(int(frame.attrs["renamed_identifiers"]), len(frame))
    yield Counted(
        table, "identifiers_twice", subject, f"{subject}: {{count}}.", renamed, RENAMED,
        "The phase-one file has such identifiers; elsewhere ask the supplier of the file.",
    )  # fmt: skip


def published(table: Table, analysed: int, country: Country) -> Iterator[Remark]:
    """Whether about as many are analysed as the publications say were interviewed."""
    said = getattr(country.survey, table)
    if said is None:
        return
    differs = abs(analysed / said - 1) > 0.1
    yield Remark(
        table, "published_size", "warning" if differs else "ok", f"{said:,} were interviewed, as published.",
        "Is this the whole file, and the right one?" if differs else "", value=said,
    )  # fmt: skip


# Weights


def weights(table: Table, frame: Harmonised) -> Iterator[Found]:
    """Mean, spread and effect of the weights; for the owner of the data also whether one is large."""
    weight = frame["weight"].to_numpy(float)
    spread = weight.std() / weight.mean()
    mean, varies, effect = (round(float(each), DECIMALS) for each in (weight.mean(), spread, 1 + spread**2))
    scaled = round(abs(mean - 1), DECIMALS) <= 0.05
    way_out = "" if scaled else "Shares are not changed by it; weighted numbers of respondents are."
    says = f"Weights have the mean {mean:.{DECIMALS}f}."
    yield Remark(table, "weight_mean", "ok" if scaled else "note", says, way_out, value=mean)
    says = f"Coefficient of variation of the weights: {varies:.{DECIMALS}f}."
    yield Remark(table, "weight_variation", "ok", says, value=varies)
    level = "ok" if effect < 1.5 else "note" if effect < 2.5 else "warning"
    way_out = "" if level == "ok" else "Ask how the weights were made; trimming is for those who made them."
    says = f"Unequal weights cost precision by the factor {effect:.{DECIMALS}f} (Kish's design effect of weighting)."
    yield Remark(table, "weight_effect", level, says, way_out, value=effect)
    large = weight.max() > LARGEST * weight.mean()
    says = f"Largest weight over {LARGEST} times the mean: {'yes' if large else 'no'}."
    level, way_out = ("note", way_out) if large else ("ok", "")
    yield Apart(Remark(table, "weight_largest", level, says, way_out, value=float(large)))


# Strata and clusters


def design(table: Table, frame: Harmonised, country: Country) -> Iterator[Found]:
    """Numbers of strata and primary sampling units, and what would stop or weaken variance estimation."""
    if "psu" not in frame:
        meant = country.design.weights_only
        says = "No clusters are used: each respondent counts as its own, and intervals may be too narrow."
        way_out = (
            "" if meant else "Map psu and stratum if the file has them, or set design.weights_only: true."
        )
        yield Remark(table, "psus", "note" if meant else "warning", says, way_out)
        return
    psu = frame["psu"]
    stratum = frame["stratum"] if "stratum" in frame else pd.Series("", index=psu.index)
    in_stratum = psu.groupby(stratum).nunique().to_numpy()
    of_psu = psu.value_counts().to_numpy()
    if "stratum" in frame:
        yield Remark(
            table,
            "strata",
            "ok",
            f"{counted_of(len(in_stratum), 'stratum', 'strata')}.",
            value=len(in_stratum),
        )
        yield lone(table, int((in_stratum == 1).sum()), country)
    else:
        yield Remark(table, "strata", "note", "No strata are used.", "Map stratum if the file has it.")
    yield Remark(
        table, "psus", "ok", f"{counted_of(len(of_psu), 'primary sampling unit')}.", value=len(of_psu)
    )
    says = f"Primary sampling units in a stratum: {in_stratum.mean():.1f} on average"
    mean = round(float(in_stratum.mean()), 1)
    yield Apart(
        Remark(table, "psus_per_stratum", "ok", f"{says}, at least {in_stratum.min()}.", value=mean),
        Remark(table, "psus_per_stratum", "ok", f"{says}.", value=mean),
    )
    yield per_psu(table, of_psu)


def counted_of(number: int, thing: str, things: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def lone(table: Table, number: int, country: Country) -> Apart:
    """Strata of one primary sampling unit, from which no variance can be told. Their number is not published."""
    choice = country.design.singleton_psu
    level = "ok" if not number else "error" if choice == "fail" else "note"
    way_out = "Set design.singleton_psu, or merge strata, in the country's file; estimates stop without it."
    chosen = f" design.singleton_psu says: {choice}." if level == "note" else ""

    def remark(how_many: int | str, value: int | None = None) -> Remark:
        says = f"Strata with one primary sampling unit: {how_many or 'none'}.{chosen}"
        return Remark(table, "lone_psus", level, says, way_out if level == "error" else "", value=value)

    return Apart(remark(number, number), remark("some" if number else ""))


def per_psu(table: Table, sizes: np.ndarray) -> Apart:
    """Respondents in a primary sampling unit; units of one respondent each are no clusters."""
    mean = round(float(sizes.mean()), 1)
    single = mean < 1.5
    says = f"{table.capitalize()} in each primary sampling unit: {mean:.1f} on average"
    level, way_out = ("warning", "Is the column of psu an identifier?") if single else ("ok", "")
    return Apart(
        Remark(table, "per_psu", level, f"{says}; smallest: {sizes.min()}.", way_out, value=mean),
        Remark(table, "per_psu", level, f"{says}.", way_out, value=mean),
    )
