"""Hide more, with as little loss as possible, until no hidden count can be told.

A count that may not be told is safe when tables of whole numbers fit everything shown in which it differs by `enough`
or more: then neither its value nor "from 1 to k - 1" follows. Where it is not safe, one of the counts that narrow it is
hidden: all estimates that show this count, and of these the cheapest (see `Cells.cost`). What was hidden stays hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from disrupting_harm.audit.ranges import EVERYTHING, NEAR, AuditError, Counts, Ranges

TRIES = 40
"""Programmes that move many counts at once, before counts are looked at one by one."""


@dataclass(frozen=True)
class Cells:
    """Estimates and the counts that each one shows.

    shows: estimates x 2, places of base and counted among the counts (-1: none).
    cost: what is lost when an estimate is hidden. Infinite: never hidden for the sake of others.
    targets, enough: counts that may not be told, and by how much each has to be able to differ.
    """

    counts: Counts
    shows: np.ndarray
    cost: np.ndarray
    targets: np.ndarray
    enough: np.ndarray

    def known(self, shown: np.ndarray) -> np.ndarray:
        """Counts that follow at once from the shown estimates."""
        found = np.zeros(len(self.counts.values), bool)
        used = self.shows[shown].ravel()
        found[used[used >= 0]] = True
        return found


def exposed(cells: Cells, shown: np.ndarray) -> tuple[Ranges, np.ndarray]:
    """Places among `cells.targets` of counts that what is shown leaves too narrow, and the ranges found."""
    ranges = Ranges(cells.counts, cells.known(shown))
    ranges.widen(cells.targets, cells.enough, TRIES)
    for place in np.flatnonzero(ranges.width(cells.targets) < cells.enough):
        ranges.extremes(cells.targets[place], cells.enough[place])
    return ranges, np.flatnonzero(ranges.width(cells.targets) < cells.enough)


def protect(cells: Cells, shown: np.ndarray) -> np.ndarray:
    """`shown` with as many estimates hidden as it takes for no target to be exposed."""
    shown = shown.copy()
    hide_solutions(cells, shown)
    ranges, places = exposed(cells, shown)
    while len(places):
        before = shown.sum()
        for place in places:
            hide_reasons(cells, shown, ranges, place, NEAR)
        if shown.sum() == before:
            hide_reasons(cells, shown, ranges, places[0], (EVERYTHING,))
        hide_solutions(cells, shown)
        ranges, places = exposed(cells, shown)
    return shown


def hide_reasons(cells: Cells, shown: np.ndarray, ranges: Ranges, place: int, steps: tuple[int, ...]) -> None:
    """Hide the cheapest reason why a target is narrow, within so many relations (in place)."""
    for distance in steps:
        reasons = ranges.reasons(int(cells.targets[place]), cells.enough[place], distance)
        if len(reasons):
            hide_cheapest(cells, shown, reasons)
            ranges.known = cells.known(shown)
            ranges.refresh()
            return


def hide_solutions(cells: Cells, shown: np.ndarray) -> None:
    """Hide until no target is the only unknown of an equation, nor becomes it as such equations are solved in turn."""
    links = abs(cells.counts.equal)
    targets = np.zeros(len(cells.counts.values), bool)
    targets[cells.targets] = True
    while True:
        at_once = cells.known(shown)
        known = at_once.copy()
        solved = np.zeros(0, int)
        while not len(solved):
            rows = np.flatnonzero(np.rint((links != 0).astype(int) @ (~known).astype(int)) == 1)
            if not len(rows):
                return
            alone = [int(each) for row in rows for each in links[row].indices if not known[each]]
            solved = rows[targets[alone]]
            known[alone] = True
        before = shown.sum()
        for row in solved:
            counts = links[row].indices
            if at_once[counts].any() and (cells.known(shown)[counts] == at_once[counts]).all():
                hide_cheapest(cells, shown, counts[at_once[counts]])
        if shown.sum() == before:
            return


def hide_cheapest(cells: Cells, shown: np.ndarray, candidates: np.ndarray) -> None:
    """Hide all estimates that show the cheapest of the candidate counts (in place)."""
    best, least = None, np.inf
    for count in candidates:
        showing = shown & (cells.shows == count).any(axis=1)
        loss = cells.cost[showing].sum()
        if showing.any() and loss < least:
            best, least = showing, loss
    if best is None:
        raise AuditError("A hidden count follows from estimates that are never hidden. Nothing may be shown.")
    shown[best] = False
