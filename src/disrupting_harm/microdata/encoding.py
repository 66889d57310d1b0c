"""The encoding of a text file: told by its first bytes, strict UTF-8 over the whole file, or the likeliest old one."""

from __future__ import annotations

import codecs
from pathlib import Path

from disrupting_harm.microdata.error import UnreadableError

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
USUAL = [
    *(f"cp{page}" for page in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874)),
    *("iso8859_2", "iso8859_5", "iso8859_6", "koi8_r", "shift_jis", "gb18030", "big5", "euc_kr"),
]
"""Encodings from before UTF-8 that statistics programs and spreadsheets wrote."""
SAMPLE = 1 << 16
BLOCK = 1 << 22
SAY_IT = "Write `encoding: ...` beside `file:` in the configuration, for instance windows-1252."


def find_encoding(path: Path) -> str:
    """The encoding of a text file. Raises UnreadableError for a file that is no text."""
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return without_mark(head)
    return "utf-8" if is_utf8(path) else old_encoding(path)


def without_mark(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin letters, digits and separators is 0."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) > 0.4 * len(head) / 2 and min(first, second) < 0.1 * max(first, second):
        return "utf-16-le" if second > first else "utf-16-be"
    raise UnreadableError("is no text file", "Give it the ending of its kind, or export it as text again.")


def is_utf8(path: Path) -> bool:
    """Whether the whole file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as stream:
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def old_encoding(path: Path) -> str:
    """The likeliest old encoding, judged by the lines that hold other letters than A to Z."""
    from charset_normalizer import from_bytes

    sample = bytearray()
    with path.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                sample += line
            if len(sample) > SAMPLE:
                break
    best = from_bytes(bytes(sample[:SAMPLE]), cp_isolation=USUAL).best()
    if best is None:
        raise UnreadableError("is in an encoding that cannot be told", SAY_IT)
    return best.encoding.replace("cp125", "windows-125")
