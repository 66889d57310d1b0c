"""Who is in the sample and how it was drawn: rows delivered, excluded and analysed, weights, strata and clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from disrupting_harm.answers.table import Harmonised
from disrupting_harm.config.entries.codebook import Table
from disrupting_harm.config.entries.country import Country
from disrupting_harm.quality.found import Apart, CheckResult, Counted, Part, Rows
from disrupting_harm.quality.remarks import Remark, Steps

_RENAMED = Steps(note=0.0, warning=0.1)
LARGEST = 5
"""Times the mean: a weight above it is a large one. Only the owner of the data learns whether there is one."""
FEWEST_UNITS, MOST_UNITS = 30, 400
"""Numbers of primary sampling units outside of which it is likely that the column or the pattern is a wrong one."""
_PER_UNIT = 1.5
"""Fewer respondents than this in a unit, on average, are about one."""
_DECIMALS = 2
"""Decimals of what is made of weights, in words and in the table: sums of weights could be worked out from more."""


def remarks(table: Table, frame: Harmonised, country: Country) -> Iterator[CheckResult]:
    """Everything about the sample of one harmonised table."""
    yield from rows(table, frame, country)
    yield from weights(table, frame)
    yield from design(table, frame, country)


# Rows


def rows(table: Table, frame: Harmonised, country: Country) -> Iterator[CheckResult]:
    """Rows delivered, left out by reason, eligible (whatever their weight), and analysed."""
    yield Rows(table, len(frame), frame.attrs["excluded"])
    says = f"{len(frame):,} are analysed: eligible, with a weight."
    yield Remark(table, "analysed", "ok", says, value=len(frame))
    yield from published(table, len(frame), country)
    subject = "Identifiers that appear twice (or are empty), made distinct"
    renamed = Part(int(frame.attrs["renamed_identifiers"]), len(frame))
    yield Counted(
        table, "identifiers_twice", subject, f"{subject}: {{count}}.", renamed, _RENAMED,
        "The phase-one file has such identifiers; elsewhere ask the supplier of the file.",
    )  # fmt: skip


def published(table: Table, analysed: int, country: Country) -> Iterator[Remark]:
    """Whether about as many are analysed as the publications say were interviewed."""
    figures = getattr(country.survey, table)
    if figures is None:
        return
    differs = abs(analysed / figures - 1) > 0.1
    yield Remark(
        table, "published_size", "warning" if differs else "ok", f"{figures:,} were interviewed, as published.",
        "Is this the complete file, and the right one?" if differs else "", value=figures,
    )  # fmt: skip


# Weights


def weights(table: Table, frame: Harmonised) -> Iterator[CheckResult]:
    """Mean, spread and effect of the weights; for the owner of the data also whether one is large."""
    weight = frame["weight"].to_numpy(float)
    spread = weight.std() / weight.mean()
    mean, varies, effect = (
        round(float(value), _DECIMALS) for value in (weight.mean(), spread, 1 + spread**2)
    )
    scaled = round(abs(mean - 1), _DECIMALS) <= 0.05
    hint = (
        "" if scaled else "This does not change shares, but it does change weighted numbers of respondents."
    )
    says = f"Weights have the mean {mean:.{_DECIMALS}f}."
    yield Remark(table, "weight_mean", "ok" if scaled else "note", says, hint, value=mean)
    says = f"Coefficient of variation of the weights: {varies:.{_DECIMALS}f}."
    yield Remark(table, "weight_variation", "ok", says, value=varies)
    level = "ok" if effect < 1.5 else "note" if effect < 2.5 else "warning"
    hint = (
        "" if level == "ok" else "Ask how the weights were made; only those who made them should trim them."
    )
    says = f"Unequal weights cost precision by the factor {effect:.{_DECIMALS}f} (Kish's design effect of weighting)."
    yield Remark(table, "weight_effect", level, says, hint, value=effect)
    large = weight.max() > LARGEST * weight.mean()
    says = f"Largest weight over {LARGEST} times the mean: {'yes' if large else 'no'}."
    level, hint = ("note", hint) if large else ("ok", "")
    yield Apart(Remark(table, "weight_largest", level, says, hint, value=float(large)))


# Strata and clusters


def design(table: Table, frame: Harmonised, country: Country) -> Iterator[CheckResult]:
    """Numbers of strata and primary sampling units, and what would stop or weaken variance estimation."""
    if "psu" not in frame:
        meant = country.design.weights_only
        says = "No clusters are used: each respondent counts as its own, and intervals may be too narrow."
        hint = "" if meant else "Map psu and stratum if the file has them, or set design.weights_only: true."
        yield Remark(table, "psus", "note" if meant else "warning", says, hint)
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
            f"{_counted_of(len(in_stratum), 'stratum', 'strata')}.",
            value=len(in_stratum),
        )
        yield lone(table, int((in_stratum == 1).sum()), country)
    else:
        yield Remark(table, "strata", "note", "No strata are used.", "Map stratum if the file has it.")
    yield units(table, len(of_psu), len(psu))
    says = f"Primary sampling units in a stratum: {in_stratum.mean():.1f} on average"
    mean = round(float(in_stratum.mean()), 1)
    yield Apart(
        Remark(table, "psus_per_stratum", "ok", f"{says}, at least {in_stratum.min()}.", value=mean),
        Remark(table, "psus_per_stratum", "ok", f"{says}.", value=mean),
    )
    yield per_psu(table, of_psu)


def units(table: Table, number: int, respondents: int) -> Remark:
    """The number of primary sampling units, and what to do where it is unusual for such a survey."""
    says = _counted_of(number, "primary sampling unit")
    start = "Check psu in the questionnaire: its column may be"
    if number < FEWEST_UNITS:
        says += f", which is few: intervals are wide and not reliable with fewer than {FEWEST_UNITS}"
        hint = f"{start} a region rather than a cluster, or `extract` may take out too little."
    elif respondents / number < _PER_UNIT:
        says += f" for {respondents:,} {table}, about one for each: such units are no clusters"
        hint = f"{start} an identifier, or `extract` may take out too much; see `inspect`."
    elif number > MOST_UNITS:
        says += f", which is many: surveys of this kind have {FEWEST_UNITS} to {MOST_UNITS}"
        hint = f"{start} a household's address, or `extract` may take out too much."
    else:
        return Remark(table, "psus", "ok", f"{says}.", value=number)
    return Remark(table, "psus", "warning", f"{says}.", hint, value=number)


def _counted_of(number: int, thing: str, things: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def lone(table: Table, number: int, country: Country) -> Apart:
    """Strata with one primary sampling unit, which give no estimate of variance. Their number is not published."""
    choice = country.design.singleton_psu
    level = "ok" if not number else "error" if choice == "fail" else "note"
    hint = "Set design.singleton_psu, or merge strata, in the country's file; estimates stop without it."
    chosen = f" design.singleton_psu says: {choice}." if level == "note" else ""

    def remark(how_many: int | str, value: int | None = None) -> Remark:
        says = f"Strata with one primary sampling unit: {how_many or 'none'}.{chosen}"
        return Remark(table, "lone_psus", level, says, hint if level == "error" else "", value=value)

    return Apart(remark(number, number), remark("some" if number else ""))


def per_psu(table: Table, sizes: np.ndarray) -> Apart:
    """Respondents in a primary sampling unit; units of one respondent each are no clusters."""
    mean = round(float(sizes.mean()), 1)
    single = mean < _PER_UNIT
    says = f"{table.capitalize()} in each primary sampling unit: {mean:.1f} on average"
    level, hint = ("warning", "Is the column of psu an identifier?") if single else ("ok", "")
    return Apart(
        Remark(table, "per_psu", level, f"{says}; smallest: {sizes.min()}.", hint, value=mean),
        Remark(table, "per_psu", level, f"{says}.", hint, value=mean),
    )
