"""How finely each estimate of a country is published, or whether it is hidden: decided once, for every insight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.protection import suppression
from disrupting_harm.protection.audit import statements
from disrupting_harm.protection.audit.alternatives import Proof
from disrupting_harm.protection.audit.counted import ALL, EVERYONE, NOTHING, Estimate, Level, is_rest
from disrupting_harm.protection.audit.counts import Counts, Table
from disrupting_harm.protection.audit.protect import Secrets, protect
from disrupting_harm.protection.audit.questions import of_questions, published_as_few
from disrupting_harm.protection.audit.statements import COARSE, FINE, HIDDEN, Statements
from disrupting_harm.protection.suppression import KEY, Key

HEADLINE_COST, COUNTRY_COST, FORM_COST = 1000.0, 100.0, 30.0
"""An estimate of the whole country outweighs all its parts, one of a form or an answer nearly so, a headline all."""

PER_RESPONDENT = 0.01

EDGE = 1e-6
"""A share may be rounded from a little more than half a step away, as floating point has it."""

COLUMNS = [*KEY, "alone", "shown", "coarse", "base", "counted"]
"""Of a decision."""


def judged(table: Table, rules: Suppression) -> pd.DataFrame:
    """Every estimate with its counts, its status by the rules for single estimates, and the places of its counts.

    whole_yes, whole_no, whole_n: the same of its indicator in the whole country. rest: whether it is about those in no
    level of a breakdown, which nobody asks for, and which follows where the total and all levels are known.
    place_unanswered: of those without an answer. size: respondents in its level.
    """
    return pd.DataFrame([record(table, estimate, level, rules) for estimate, level in table.rows()])


def record(table: Table, estimate: Estimate, level: Level, rules: Suppression) -> dict[str, Any]:
    """One row of `judged`."""
    values, places = table.counts.values, table.places
    key = Key(estimate.indicator, *(level if level != EVERYONE else (estimate.by, estimate.level)))
    columns = {part: getattr(estimate, part) for part in ("base", "counted", "yes", "no", "unanswered")}
    counts = {part: places.get((level, column), NOTHING) for part, column in columns.items()}
    overall = table.catalogue.overall.get(estimate.indicator, estimate)
    row = {
        **key._asdict(),
        "measure": estimate.measure,
        "n": values[counts["base"]],
        "n_yes": values[counts["yes"]],
        "n_no": values[counts["no"]],
        "n_unanswered": values[counts["unanswered"]] if counts["unanswered"] != NOTHING else 0,
        "status": "ok" if values[counts["base"]] else "empty",
        "rule": ALL if level != EVERYONE and table.is_national(level, estimate) else key.by,
        "rest": is_rest(level),
        "size": table.sizes[level],
    }
    status = "suppressed" if row["rest"] else suppression.status({**row, "by": row["rule"]}, rules)
    wholes = {
        f"whole_{what}": values[places[EVERYONE, getattr(overall, part)]]
        for what, part in (("n", "base"), ("yes", "yes"), ("no", "no"))
    }
    return {**row, "status": status, **{f"place_{part}": count for part, count in counts.items()}, **wholes}


def is_national(rows: pd.DataFrame) -> np.ndarray:
    """Estimates of the whole country, or of a form or an answer in it."""
    return rows["rule"].isin(suppression.NATIONAL).to_numpy()


# --- secrets


def secrets(rows: pd.DataFrame, table: Table, remarks: pd.DataFrame, rules: Suppression) -> Secrets:
    """The counts that may not be narrowed, and by how much each has to be able to differ.

    By k, but by one less where "fewer than k" is said: of those without an answer. Those of one level hang together.
    remarks: what is published about the quality of the data.
    """
    less = {*unanswered(rows, rules), *published_as_few(table, remarks, rules)}
    targets = np.setdiff1d(secret_places(rows, rules), table.counts.impossible)
    group = table.level_numbers[targets]
    order = np.lexsort((targets, -table.counts.values[targets], group))
    need = np.where(np.isin(targets, list(less)), rules.min_count - 1.0, rules.min_count)
    return Secrets(targets[order], need[order], group[order])


def secret_places(rows: pd.DataFrame, rules: Suppression) -> np.ndarray:
    """Places of small counts behind hidden shares, of small bases, and of few without an answer; each once, sorted."""
    few = rows[(rows["status"] == "suppressed") & rows["n"].between(1, rules.min_count - 1)]
    return np.unique(
        np.array([*small_counts(rows, rules), *few["place_base"], *unanswered(rows, rules)], int)
    )


def small_counts(rows: pd.DataFrame, rules: Suppression) -> Iterator[int]:
    """Places of counts behind hidden shares that are about fewer than k, or about nobody of a small base.

    Below national level min_count_subgroup. Nobody of a part is no secret where the whole country shows nobody.
    """
    hidden = rows[(rows["status"] == "suppressed") & (rows["measure"] != "mean") & (rows["n"] > 0)]
    judgements: Iterable[Any] = hidden.itertuples()
    for row, national in zip(judgements, is_national(hidden), strict=True):
        shows_nobody = row.whole_n >= rules.all_or_none_base
        least = rules.min_count if national else rules.min_count_subgroup
        for index, count, in_country in (
            (row.place_yes, row.n_yes, row.whole_yes),
            (row.place_no, row.n_no, row.whole_no),
        ):
            nobody = count == 0 and row.n < rules.all_or_none_base and not (in_country == 0 and shows_nobody)
            if 0 < count < least or nobody:
                yield index


def unanswered(rows: pd.DataFrame, rules: Suppression) -> list[int]:
    """Places of the counts of fewer than k without an answer."""
    few = rows["n_unanswered"].between(1, rules.min_count - 1) & (rows["place_unanswered"] != NOTHING)
    return rows.loc[few, "place_unanswered"].tolist()


# --- what is published


def published(table: Table, rows: pd.DataFrame, remarks: pd.DataFrame, rules: Suppression) -> Statements:
    """What all estimates would say that are not hidden, finely and coarsely, and what is said about each question.

    The last estimate stands for everything that is published whatever is decided.
    """
    return statements.joined(
        [of_questions(table, remarks, len(rows), rules), of_estimates(rows, table.counts, rules)]
    )


def of_estimates(rows: pd.DataFrame, counts: Counts, rules: Suppression) -> Statements:
    """What all estimates would say that are not hidden, finely and coarsely."""
    parts = []
    share = shares(rows, counts)
    for grade in (FINE, COARSE):
        coarse = np.full(len(rows), grade == COARSE)
        bases = rounding.base(
            rows["n"] + rows["n_unanswered"].where(rows["n_unanswered"] < rules.min_count, 0), rules, coarse
        )
        steps = rounding.step_of(rows["measure"], share, rules, coarse)
        parts.append(
            as_printed(
                rows, Printed(bases, rounding.to_multiple(share, steps), steps, coarse), counts, rules, grade
            )
        )
    return statements.joined(parts)


def shares(rows: pd.DataFrame, counts: Counts) -> np.ndarray:
    """Weighted shares, and means of counts; NaN where there is none."""
    counted, base = rows["place_counted"].to_numpy(), rows["place_base"].to_numpy()
    has = (counted != NOTHING) & (rows["n"] > 0).to_numpy()
    return np.divide(counts.weights[counted], counts.weights[base], out=np.full(len(rows), np.nan), where=has)


class Printed(NamedTuple):
    """What is printed of estimates: bases, shares (or means) and what they are multiples of; whether coarsely."""

    bases: np.ndarray
    shares: np.ndarray
    steps: np.ndarray
    coarse: np.ndarray

    def ends_of_bases(self, rules: Suppression) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and the largest number that each base is rounded from."""
        step = np.where(self.coarse, rules.coarse_rounding.base, rules.rounding.base)
        return self.bases - step // 2, self.bases + (step - 1) // 2

    def ends_of_shares(self) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and the largest share that each one is rounded from."""
        half = self.steps * (0.5 + EDGE)
        return self.shares - half, self.shares + half


def as_printed(
    rows: pd.DataFrame, printed: Printed, counts: Counts, rules: Suppression, grade: int = COARSE
) -> Statements:
    """What printed estimates say, in order."""
    parts = [
        of_bases(rows, printed, counts, rules, grade),
        of_shares(rows, printed, counts, grade),
        of_least_counts(rows, counts, rules),
    ]
    if counts.are_of_equal_weights:
        parts.append(of_whole_numbers(rows, printed, counts, rules, grade))
    return statements.joined(parts)


def of_bases(
    rows: pd.DataFrame, printed: Printed, counts: Counts, rules: Suppression, grade: int
) -> Statements:
    """What published bases say: which counts they are rounded from.

    Fewer than k without an answer are counted as if they had given one, and an attacker is taken to know where.
    """
    size, number = len(counts.values), np.arange(len(rows))
    few = ((rows["n_unanswered"] < rules.min_count) & (rows["place_unanswered"] != NOTHING)).to_numpy()
    unanswered_places = np.where(few, rows["place_unanswered"], NOTHING)
    places = [rows["place_base"].to_numpy(), unanswered_places]
    bases = statements.between(size, places, *printed.ends_of_bases(rules), number, np.full(len(rows), grade))
    none, most = np.full(few.sum(), -np.inf), np.full(few.sum(), rules.min_count - 1.0)
    fewer = statements.between(
        size, [unanswered_places[few]], none, most, number[few], np.full(few.sum(), COARSE)
    )
    return statements.joined([bases, fewer])


def of_shares(rows: pd.DataFrame, printed: Printed, counts: Counts, grade: int) -> Statements:
    """What published shares, and means of counts, say about sums of weights."""
    has = np.flatnonzero((rows["place_counted"] != NOTHING).to_numpy() & ~np.isnan(printed.shares))
    counted, base = (rows[name].to_numpy()[has] for name in ("place_counted", "place_base"))
    low, high = (end[has] for end in printed.ends_of_shares())
    return statements.ratios(len(counts.values), counted, base, low, high, has, np.full(len(has), grade))


def of_least_counts(rows: pd.DataFrame, counts: Counts, rules: Suppression) -> Statements:
    """What follows from an estimate being shown: somebody who is counted, or not counted, is not alone."""
    least = np.where(is_national(rows), rules.min_count, rules.min_count_subgroup)
    parts = []
    for index, number in (("place_yes", "n_yes"), ("place_no", "n_no")):
        count = rows[number].to_numpy()
        has = np.flatnonzero((rows["measure"] == "proportion") & (count >= least))
        ends = least[has].astype(float), np.full(len(has), np.inf)
        places = [rows[index].to_numpy()[has]]
        parts.append(statements.between(len(counts.values), places, *ends, has, np.full(len(has), COARSE)))
    return statements.joined(parts)


def of_whole_numbers(
    rows: pd.DataFrame, printed: Printed, counts: Counts, rules: Suppression, grade: int
) -> Statements:
    """What shares say where all weigh the same: few whole numbers counted among few whole numbers give each one."""
    has = np.flatnonzero(
        (rows["measure"] == "proportion") & (rows["place_counted"] != NOTHING) & ~np.isnan(printed.shares)
    )
    ends = np.stack([*printed.ends_of_bases(rules), *printed.ends_of_shares()], axis=1)[has]
    few = np.where(rows["n_unanswered"].to_numpy()[has] < rules.min_count, rules.min_count - 1, 0)
    ends[:, 0] -= few  # who gave no answer is in the printed base then
    bounds = np.array([fractions(*row) for row in ends]).reshape(-1, 4)
    grades, size = np.full(len(has), grade), len(counts.values)
    places = [rows[name].to_numpy()[has] for name in ("place_base", "place_counted")]
    return statements.joined(
        [
            statements.between(size, [places[0]], bounds[:, 0], bounds[:, 1], has, grades),
            statements.between(size, [places[1]], bounds[:, 2], bounds[:, 3], has, grades),
        ]
    )


def fractions(low: float, high: float, least: float, most: float) -> tuple[float, float, float, float]:
    """The smallest and the largest base from `low` to `high`, and number counted, with a share from `least` to `most`.

    >>> fractions(28, 32, 0.2895, 0.2905)
    (31.0, 31.0, 9.0, 9.0)
    """
    bases = np.arange(max(low, 1), high + 1)
    first, last = np.maximum(np.ceil(least * bases), 0), np.minimum(np.floor(most * bases), bases)
    can = first <= last
    if not can.any():
        return -np.inf, np.inf, -np.inf, np.inf
    return float(bases[can][0]), float(bases[can][-1]), float(first[can].min()), float(last[can].max())


# --- the decision


def decide(
    table: Table, remarks: pd.DataFrame, rules: Suppression, headlines: Collection[str] = ()
) -> tuple[pd.DataFrame, Proof]:
    """KEY, shown (by all rules), coarse, alone (by the rules for single estimates): no counts.

    base, counted: places of its counts in the proof that it is safe, which comes with it. remarks: what is published
    about the quality of the data; headlines: the indicators that are hidden last. Raises AuditError.
    """
    rows = judged(table, rules)
    hidden = secrets(rows, table, remarks, rules)
    alone = is_shown_alone(rows, hidden)
    grades = grades_at_first(rows, alone, rules)
    fixed = np.append(grades, FINE), np.append(costs(rows, headlines), np.inf)
    final, alternatives = protect(table.counts, published(table, rows, remarks, rules), hidden, *fixed)
    decided = rows.rename(columns={"place_base": "base", "place_counted": "counted"}).assign(
        shown=final[:-1] < HIDDEN, coarse=final[:-1] == COARSE, alone=alone
    )
    proof = Proof(table.counts.values, table.counts.weights, hidden.targets, hidden.need, alternatives)
    return decided.loc[~rows["rest"], COLUMNS].reset_index(drop=True), proof


def is_shown_alone(rows: pd.DataFrame, hidden: Secrets) -> np.ndarray:
    """Whether the rules for single estimates show each one, and it shows no count that must stay secret."""
    shows = rows[["place_base", "place_counted"]].to_numpy()
    return (rows["status"] != "suppressed").to_numpy() & ~np.isin(shows, hidden.targets).any(axis=1)


def grades_at_first(rows: pd.DataFrame, alone: np.ndarray, rules: Suppression) -> np.ndarray:
    """How finely each estimate would be published if nothing followed from it. alone: those that may be shown."""
    return np.where(alone, np.where(has_small_level(rows, rules), COARSE, FINE), HIDDEN)


def has_small_level(rows: pd.DataFrame, rules: Suppression) -> np.ndarray:
    """Estimates by a breakdown of which a level, or no level, holds someone, but few."""
    few = rows["size"].between(1, rules.small_level - 1) & ~is_national(rows)
    return (rows["by"].isin(rows["by"][few]) & ~is_national(rows)).to_numpy()


def costs(rows: pd.DataFrame, headlines: Collection[str]) -> np.ndarray:
    """What is lost when each estimate is hidden."""
    country = np.where(rows["indicator"].isin(headlines), HEADLINE_COST, COUNTRY_COST)
    national = np.where(rows["rule"] == ALL, country, np.where(is_national(rows), FORM_COST, 0))
    return 1 + rows["n"].to_numpy() * PER_RESPONDENT + national
