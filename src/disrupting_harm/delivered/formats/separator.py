"""The separator of a text file: named in a first line `sep=;`, or the one that parts all lines alike."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice

_SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 1 << 18
"""Characters of a file that are looked at."""


def declared_separator(sample: str) -> str | None:
    """The separator that a first line `sep=;` names, as Excel writes it."""
    first = sample.split("\n", 1)[0].strip('\r\n "')
    sign = first[4:5] if first[:4].lower() == "sep=" else ""
    return sign if sign in _SEPARATORS and "\n" in sample else None


def find_separator(sample: str) -> str:
    """The separator that parts most lines of a sample into equally many cells, and into more than one."""

    def agreement(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in records(sample, separator))
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
        return (round(rows / widths.total(), 1) if width > 1 else 0, width)

    return max(_SEPARATORS, key=agreement)


def records(sample: str, separator: str, most: int = 200) -> list[list[str]]:
    """The first rows of a sample; the last one is left out where the sample ends in the middle of it."""
    try:
        rows = list(islice(csv.reader(sample.splitlines(keepends=True), delimiter=separator), most))
    except csv.Error:
        return []
    complete = len(sample) < SAMPLE or len(rows) == most
    return [row for row in (rows if complete else rows[:-1]) if row]
