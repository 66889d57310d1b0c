"""Who is in the sample and how it was drawn: rows delivered, excluded and analysed, weights, strata and clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm.config.analysis import Suppression
from disrupting_harm.config.codebook import Table
from disrupting_harm.config.country import Country
from disrupting_harm.harmonised import Harmonised
from disrupting_harm.quality import gate
from disrupting_harm.quality.gate import Part
from disrupting_harm.quality.remarks import Remark, Steps, counted

NO_WEIGHT = "no weight"
"""The reason of harmonise for leaving out a row that is eligible otherwise."""

LEFT_OUT = 0.1
"""Share of rows left out from which it is a warning; rows outside the eligible ages are meant to be."""
RENAMED = Steps(note=0.0, warning=0.1)
LARGEST = 5
"""Times the mean: a weight above it is a large one. How large the largest is would tell about one respondent."""


def remarks(table: Table, frame: Harmonised, country: Country, rules: Suppression) -> Iterator[Remark]:
    """Everything about the sample of one harmonised table."""
    yield from rows(table, frame, country, rules)
    yield from weights(table, frame)
    yield from design(table, frame, country, rules)


# Rows


def rows(table: Table, frame: Harmonised, country: Country, rules: Suppression) -> Iterator[Remark]:
    """Rows delivered, excluded by reason, eligible (whatever their weight), and analysed."""
    excluded: dict[str, int] = frame.attrs["excluded"]
    weightless = {reason: count for reason, count in excluded.items() if reason == NO_WEIGHT}
    delivered = gate.limits(len(frame), excluded, rules)
    yield known(table, "rows_delivered", delivered, "{number} rows were delivered.")
    for reason, count in excluded.items():
        yield left_out(table, reason, count, delivered, rules)
    yield known(table, "eligible", gate.limits(len(frame), weightless, rules), "{number} are eligible.")
    says = f"{len(frame):,} are analysed: eligible, with a weight."
    yield Remark(table, "analysed", "ok", says, value=len(frame))
    yield from published(table, len(frame), country)
    renamed = Part(int(frame.attrs["renamed_identifiers"]), len(frame))
    yield counted(
        "identifiers_twice", renamed, table=table, rules=rules, steps=RENAMED,
        says="Identifiers that stand twice (or are empty), made distinct: {count}.",
        way_out="The phase-one file has such identifiers; elsewhere ask the supplier of the file.",
    )  # fmt: skip


def left_out(table: Table, reason: str, count: int, delivered: tuple[int, int], rules: Suppression) -> Remark:
    """Rows left out for one reason; a share of the rows delivered where their number may be said."""
    meant = "outside" in reason
    exact = delivered[0] == delivered[1]
    about = rules.k / 2 if gate.is_few(count, rules) else count
    level = "note" if meant or about / delivered[1] < LEFT_OUT else "warning"
    says = f"Left out, {reason}: {gate.count(count, rules)}."
    way_out = "" if meant else "Check the column and its codes in the questionnaire's file."
    base, share = (delivered[0], count / delivered[0]) if exact else (None, None)
    return Remark(table, "excluded", level, says, way_out, reason, base, share)


def known(table: Table, check: str, limits: tuple[int, int], says: str) -> Remark:
    """A number of rows; only its limits where the number itself would tell how few were left out."""
    exact = float(limits[0]) if limits[0] == limits[1] else None
    return Remark(table, check, "ok", says.replace("{number}", gate.between(*limits)), value=exact)


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


def weights(table: Table, frame: Harmonised) -> Iterator[Remark]:
    """Mean, spread and effect of the weights, and whether one is large."""
    weight = frame["weight"].to_numpy(float)
    mean = weight.mean()
    varies = weight.std() / mean
    effect = 1 + varies**2
    scaled = abs(mean - 1) <= 0.05
    yield Remark(
        table, "weight_mean", "ok" if scaled else "note", f"Weights have the mean {mean:.3g}.",
        "" if scaled else "Shares are not changed by it; weighted numbers of respondents are.", value=mean,
    )  # fmt: skip
    yield Remark(
        table,
        "weight_variation",
        "ok",
        f"Coefficient of variation of the weights: {varies:.2f}.",
        value=varies,
    )
    level = "ok" if effect < 1.5 else "note" if effect < 2.5 else "warning"
    way_out = "" if level == "ok" else "Ask how the weights were made; trimming is for those who made them."
    says = f"Unequal weights cost precision by the factor {effect:.2f} (Kish's design effect of weighting)."
    yield Remark(table, "weight_effect", level, says, way_out, value=effect)
    large = weight.max() > LARGEST * mean
    says = f"Largest weight over {LARGEST} times the mean: {'yes' if large else 'no'}."
    yield Remark(
        table, "weight_largest", "note" if large else "ok", says, way_out if large else "", value=float(large)
    )


# Strata and clusters


def design(table: Table, frame: Harmonised, country: Country, rules: Suppression) -> Iterator[Remark]:
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
        yield from lone(table, int((in_stratum == 1).sum()), country)
    else:
        yield Remark(table, "strata", "note", "No strata are used.", "Map stratum if the file has it.")
    yield Remark(
        table, "psus", "ok", f"{counted_of(len(of_psu), 'primary sampling unit')}.", value=len(of_psu)
    )
    says = f"Primary sampling units in a stratum: {in_stratum.mean():.1f} on average, at least {in_stratum.min()}."
    yield Remark(table, "psus_per_stratum", "ok", says, value=float(in_stratum.mean()))
    yield per_psu(table, of_psu, rules)


def counted_of(number: int, thing: str, things: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def lone(table: Table, number: int, country: Country) -> Iterator[Remark]:
    """Strata of one primary sampling unit, from which no variance can be told."""
    choice = country.design.lone_psu
    level = "ok" if not number else "error" if choice == "fail" else "note"
    says = f"Strata with one primary sampling unit: {number or 'none'}."
    if level == "note":
        says += f" design.lone_psu says: {choice}."
    way_out = "Set design.lone_psu, or merge strata, in the country's file; estimates stop without it."
    yield Remark(table, "lone_psus", level, says, way_out if level == "error" else "", value=number)


def per_psu(table: Table, sizes: np.ndarray, rules: Suppression) -> Remark:
    """Respondents in a primary sampling unit; units of one respondent each are no clusters."""
    single = sizes.mean() < 1.5
    smallest = gate.count(int(sizes.min()), rules)
    says = f"{table.capitalize()} in each primary sampling unit: {sizes.mean():.1f} on average; smallest: {smallest}."
    way_out = "Is the column of psu an identifier?" if single else ""
    return Remark(table, "per_psu", "warning" if single else "ok", says, way_out, value=float(sizes.mean()))
