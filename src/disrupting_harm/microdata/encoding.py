"""The encoding of a text file: told by its first bytes, strict UTF-8 over the whole file, or the likeliest old one."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path

from disrupting_harm.microdata.error import UnreadableError

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
USUAL = [f"cp{page}" for page in (1252, 1250, 1251, 1256, 1254, 1253, 1255, 1257, 1258, 874)]
"""Encodings from before UTF-8 that statistics programs and spreadsheets wrote; others can be said."""
ALPHABETS = (
    "ãõáâàçéêíóôúºª",  # Portuguese
    "áéíóúñü¿¡ºª",  # Spanish
    "àâæçèéêëîïôœùûü«»’",  # French
    "àèéìòù’",  # Italian
    "äöüßéåæø",  # German, Nordic
    "čćđšž",  # Serbian, Croatian, Montenegrin, Slovene
    "ąćęłńóśźż",  # Polish
    "áäčďéěíĺľňóôŕřšťúůýž",  # Czech, Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "çğıöşüâ",  # Turkish
    "ąčęėįšųūžāēģīķļņõäöü",  # Baltic
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ№",  # Russian, Ukrainian, Bulgarian
    "абвгдђежзијклљмнњопрстћуфхцчџшќѓѕ",  # Serbian, Macedonian
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ",  # Greek
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ،؛؟پچژگ",  # Arabic, Persian
    "אבגדהוזחטיךכלםמןנסעףפץצקרשת",  # Hebrew
    "ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụ\u0300\u0301\u0303\u0309\u0323",  # Vietnamese
    "".join(map(chr, range(0x0E01, 0x0E5C))),  # Thai
)
"""Letters beside a to z; a text is read in the encoding that makes it fit one of these best."""
GREEK = "\u0370"
"""The first letter after those of Latin script."""
WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
SAMPLE = 1 << 14
"""Bytes that an old encoding is judged by."""
HEAD = 1 << 16
BLOCK = 1 << 22
SAY_IT = "Write `encoding: ...` beside `file:` in the configuration, for instance windows-1252."


def find_encoding(path: Path) -> str:
    """The encoding of a text file. Raises UnreadableError for a file that is no text."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
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
    """The likeliest old encoding, judged by the words that hold other letters than A to Z."""
    from charset_normalizer import from_bytes

    sample = b". ".join(words_with_other_letters(path))
    possible = list(from_bytes(sample, cp_isolation=USUAL, threshold=1))
    if not possible:
        raise UnreadableError("is in an encoding that cannot be told", SAY_IT)
    least = min(each.chaos for each in possible)
    fitting = [each.encoding for each in possible if each.chaos <= least + 0.1]
    best = max(sorted(fitting, key=USUAL.index), key=lambda name: fit(sample.decode(name)))
    return best.replace("cp125", "windows-125")


def words_with_other_letters(path: Path) -> list[bytes]:
    """Distinct words of a file that are not plain ASCII, from its whole length until there are enough of them."""
    found: dict[bytes, None] = {}
    size = 0
    with path.open("rb") as stream:
        for line in stream:
            if line.isascii():
                continue
            for word in WORD.findall(line):
                size += len(word) if word not in found else 0
                found[word] = None
            if size > SAMPLE:
                break
    return list(found)


def fit(text: str) -> float:
    """The largest share of a text's letters beside a to z that belong to one alphabet of its script.

    Words of Latin script hold more plain letters than others; words of other scripts hold hardly any.
    """
    letters = Counter(letter for letter in text.lower() if letter.isalpha() or not letter.isascii())
    plain = sum(count for letter, count in letters.items() if letter.isascii())
    others = letters.total() - plain
    possible = [each for each in ALPHABETS if (each[0] < GREEK) == (plain >= others)]
    covered = max(sum(letters[letter] for letter in set(alphabet)) for alphabet in possible)
    return covered / max(others, 1)
