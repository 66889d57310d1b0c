"""Finding the wanted columns among the delivered ones: by whole name, by the ending, or the beginning (`wgt_gross*`).

Groups before a slash are passed over in any case: `sec3/Q5` is Q5.

Short names are dangerous: the phase-one file has CH6 and CH7a besides H6 and H7a. So the whole name goes first, in any
letter case; an ending counts only after a separator; and of two columns that fit none is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from disrupting_harm.config.files.problems import did_you_mean

Find = Literal["name", "ending"]
_SEPARATORS = re.compile(r"[_.\-:/ ]")
_GROUP = "/"
"""Before it, Kobo writes the groups that a question is in: sec3/Q5."""


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
    origin: Sequence[str] = (),
) -> _ColumnMatches:
    """The wanted columns among those of `header`. `others`: names that the file may have besides.

    `origin`: the file of each column, where several files are joined.
    """
    names = _Names([*wanted, *others])
    candidates = _by_whole_name(header, names)
    candidates = _by_ending(header, names, find) | candidates
    candidates |= _by_beginning(header, wanted)
    columns: dict[str, str] = {}
    findings: list[str] = []
    absent: list[str] = []
    for column in dict.fromkeys(wanted):
        matches = candidates.get(column, [])
        if len(matches) == 1 and header.count(matches[0]) == 1:
            columns[column] = matches[0]
        elif len(matches) > 1:
            findings.append(_several_columns(column, matches))
        elif matches:
            findings.append(_repeated_column(matches[0], header, origin))
        elif column in may_be_absent:
            absent.append(column)
        else:
            findings.append(_missing_column(column, header))
    return _ColumnMatches(columns, tuple(absent), tuple(findings))


def is_delivered_as(delivered: str, name: str, find: Find) -> bool:
    """Whether a column of this delivered name is found where `name` is wanted, if no other fits."""
    return find_columns([delivered], [name], set(), find).columns == {name: delivered}


def repeated_columns(header: Sequence[str]) -> dict[str, str]:
    """Names that several columns have -> the finding about them. A name that nobody wants may be repeated."""
    times = Counter(filter(None, header))
    return {name: _repeated_column(name, header) for name in times if times[name] > 1}


def _repeated_column(column: str, header: Sequence[str], origin: Sequence[str] = ()) -> str:
    """The finding about a name that several columns have."""
    files = dict.fromkeys(file for file, name in zip(origin, header, strict=False) if name == column)
    if len(files) > 1:
        return f"column {column} is in {' and in '.join(files)}: rename or remove one"
    positions = [str(position) for position, name in enumerate(header, start=1) if name == column]
    times = "twice" if len(positions) == 2 else f"{len(positions)} times"
    where = f"in the file, as its columns {' and '.join(positions)}"
    return f"column {column} appears {times} {where}: rename or remove one"


def _several_columns(column: str, matches: Sequence[str]) -> str:
    """The finding about several columns that fit one name."""
    if len({match.casefold() for match in matches}) == 1:
        return f"columns {' and '.join(matches[:4])} differ by letter case only: rename or remove one in the file"
    return f"column {column} could be {' or '.join(matches[:4])}: write the whole name in the configuration"


def _missing_column(column: str, header: Sequence[str]) -> str:
    """The finding about a missing column."""
    return f"column {column} is not in the file{did_you_mean(column, header, cutoff=0.7)}"


class _Names:
    """Names that a file may have, in any letter case."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.spellings: dict[str, list[str]] = {}
        for name in self.names:
            self.spellings.setdefault(name.casefold(), []).append(name)

    def called(self, text: str) -> str | None:
        """The name that a text is; where two names differ by letter case only, it is the one that is spelled so."""
        text = text.strip()
        names = self.spellings.get(text.casefold(), [])
        return names[0] if len(names) == 1 else text if text in names else None


def _by_whole_name(header: Sequence[str], names: _Names) -> dict[str, list[str]]:
    """Name -> the delivered columns that are called so, in any letter case."""
    matches: dict[str, list[str]] = {}
    for delivered in dict.fromkeys(header):
        name = names.called(delivered)
        if name is not None:
            matches.setdefault(name, []).append(delivered)
    return matches


def _by_beginning(header: Sequence[str], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Wanted name with a star at its end -> the delivered columns that begin so, in any letter case."""
    starts = {name: name.removesuffix("*").casefold() for name in wanted if name.endswith("*")}
    return {
        name: [delivered for delivered in header if delivered.strip().casefold().startswith(start)]
        for name, start in starts.items()
    }


def _by_ending(header: Sequence[str], names: _Names, find: Find) -> dict[str, list[str]]:
    """Name -> the delivered columns that end with it after a separator, in any letter case: `Q5_G17` for G17.

    Where whole names are to be found, only groups may stand before them: `sec3/G17`.

    A delivered column belongs to the longest name that it ends with: S3_G8_2_G4a to G8_2_G4a, not to G4a. So does one
    that is of the same question but has no name of its own: G8_4_G4a is not G4a either.
    """
    matches: dict[str, list[str]] = {}
    questions = _longer_names(names)
    for delivered in dict.fromkeys(header):
        if names.called(delivered) is not None:
            continue
        for start, ending in _endings(delivered):
            name = names.called(ending) if find == "ending" or delivered[len(start)] == _GROUP else None
            if name is not None:
                if not questions.get(name, set()) & {*_SEPARATORS.split(start.casefold())}:
                    matches.setdefault(name, []).append(delivered)
                break
    return matches


def _endings(name: str) -> Iterator[tuple[str, str]]:
    """What stands before and after each separator of a name; the longest ending first."""
    for separator in _SEPARATORS.finditer(name):
        yield name[: separator.start()], name[separator.end() :]


def _longer_names(names: _Names) -> dict[str, set[str]]:
    """Name -> how the longer names begin that end with it: G4a -> g8, g10, g13, g14."""
    beginnings: dict[str, set[str]] = {}
    for longer in names.names:
        for start, ending in _endings(longer):
            name = names.called(ending)
            if name is not None:
                beginnings.setdefault(name, set()).add(_SEPARATORS.split(start.casefold())[0])
    return beginnings
