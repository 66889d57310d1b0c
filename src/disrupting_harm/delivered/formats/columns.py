"""Finding the wanted columns among the delivered ones: by whole name, or by the ending of a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from disrupting_harm.config.files.problems import nearest

Find = Literal["name", "ending"]
_SEPARATORS = re.compile(r"[_.\-: ]")


@dataclass(frozen=True)
class _ColumnMatches:
    """Where wanted columns are: wanted -> delivered; those that may be absent and are; and what is wrong."""

    columns: dict[str, str]
    absent: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def find_columns(
    header: Sequence[str],
    wanted: Sequence[str],
    may_be_absent: set[str],
    find: Find = "name",
    others: Iterable[str] = (),
) -> _ColumnMatches:
    """The wanted columns among those of `header`."""
    known = set(header)
    candidates = {column: [column] for column in wanted if column in known}
    if find == "ending":
        missing = [column for column in wanted if column not in known]
        candidates |= _by_ending(header, missing, {*wanted, *others})
    columns: dict[str, str] = {}
    findings: list[str] = []
    absent: list[str] = []
    for column in dict.fromkeys(wanted):
        matches = candidates.get(column, [])
        if len(matches) == 1 and header.count(matches[0]) == 1:
            columns[column] = matches[0]
        elif len(matches) > 1:
            findings.append(
                f"column {column} could be {' or '.join(matches[:4])}: write the whole name in the configuration"
            )
        elif matches:
            findings.append(f"column {column} appears twice in the file")
        elif column in may_be_absent:
            absent.append(column)
        else:
            findings.append(_missing_column(column, header))
    return _ColumnMatches(columns, tuple(absent), tuple(findings))


def _missing_column(column: str, header: Sequence[str]) -> str:
    """The finding about a missing column."""
    close = nearest(column, header, cutoff=0.7)
    return f"column {column} is not in the file" + (f"; did you mean {close}?" if close else "")


def _by_ending(header: Sequence[str], missing: Sequence[str], wanted: set[str]) -> dict[str, list[str]]:
    """Delivered columns whose names end with a wanted name: `Q5_G17` for G17.

    A delivered column goes to the longest wanted name that it ends with (S3_G8_2_G4a to G8_2_G4a, not to G4a); a name
    after a separator goes before one in the middle of a word.
    """
    ends = tuple(missing)
    matches: dict[str, list[str]] = {}
    for delivered in header:
        if delivered in wanted or not ends or not delivered.endswith(ends):
            continue
        owner = max((column for column in wanted if delivered.endswith(column)), key=len)
        if owner in ends:
            matches.setdefault(owner, []).append(delivered)
    for column, candidates in matches.items():
        separated = [candidate for candidate in candidates if _SEPARATORS.match(candidate[-len(column) - 1])]
        matches[column] = separated or candidates
    return matches
