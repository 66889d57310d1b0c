"""Compound files (OLE2), in which Excel before 2007 keeps a workbook: a small file system of sectors in chains."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

HEADER = 512
ENTRY = 128
"""Bytes of an entry of the directory."""
FREE = 0xFFFFFFFA
"""From this number on, a sector's successor is none: the end of a chain, or a sector that is not used."""
IN_HEADER = 109
"""Places of the table of sectors that are in the header."""


def stream(content: bytes, names: Sequence[str]) -> bytes:
    """The first stream of a compound file that has one of some names; empty where it has none."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    directory_start, limit, small_table = struct.unpack_from("<I4xII", content, 48)
    following = successors(content, size)
    directory = chained(content, following, directory_start, size, HEADER)
    entries = {name: (start, length) for name, start, length in entries_of(directory)}
    entry = next((entries[name] for name in names if name in entries), None)
    if entry is None:
        return b""
    start, length = entry
    if length >= limit:
        return chained(content, following, start, size, HEADER)[:length]
    inner = chained(content, following, entries["Root Entry"][0], size, HEADER)
    table = chained(content, following, small_table, size, HEADER)
    return chained(inner, struct.unpack(f"<{len(table) // 4}I", table), start, small, 0)[:length]


def successors(content: bytes, size: int) -> tuple[int, ...]:
    """Which sector follows each sector."""
    places = [*struct.unpack_from(f"<{IN_HEADER}I", content, 76)]
    more, count = struct.unpack_from("<II", content, 68)
    for _ in range(count):
        *further, more = struct.unpack_from(f"<{size // 4}I", content, HEADER + more * size)
        places += further
    table = b"".join(content[HEADER + sector * size :][:size] for sector in places if sector < FREE)
    return struct.unpack(f"<{len(table) // 4}I", table)


def chained(content: bytes, following: Sequence[int], start: int, size: int, offset: int) -> bytes:
    """The sectors of a chain, one after the other. The first sector of all is at `offset`."""
    parts, sector = [], start
    while sector < FREE and len(parts) <= len(following):
        parts.append(content[offset + sector * size :][:size])
        sector = following[sector]
    return b"".join(parts)


def entries_of(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """The entries of a directory: name, first sector, length."""
    for offset in range(0, len(directory) - ENTRY + 1, ENTRY):
        entry = directory[offset : offset + ENTRY]
        (name_length,) = struct.unpack_from("<H", entry, 64)
        start, length = struct.unpack_from("<II", entry, 116)
        yield entry[: max(name_length - 2, 0)].decode("utf-16-le", "replace"), start, length
