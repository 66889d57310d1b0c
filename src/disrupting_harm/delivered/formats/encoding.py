"""The encoding of a text file: by its first bytes, strict UTF-8 over the whole file, or the likeliest old one."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from disrupting_harm.delivered.formats.errors import UnreadableError

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_USUAL = [f"cp{page}" for page in (1252, 1250, 1251, 1256, 1254, 1253, 1255, 1257, 1258, 874)]
"""Encodings from before UTF-8 that statistics programs and spreadsheets wrote; others can be given."""
_ALPHABETS = (
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
_GREEK = "\u0370"
"""The first letter after those of Latin script."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_SAMPLE = 1 << 14
"""Bytes that an old encoding is judged by."""
HEAD = 1 << 16
BLOCK = 1 << 22
_MOST_NAMED = 3
"""Encodings that are named where several read a file."""
_SAY_IT = "Write `encoding: ...` beside `file:` in the configuration, for instance windows-1252."


def find_encoding(path: Path) -> str:
    """The encoding of a text file. Raises UnreadableError for a file that is no text."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return _without_mark(head)
    return "utf-8" if _is_utf8(path) else _old_encoding(path)


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin letters, digits and separators is 0."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) > 0.4 * len(head) / 2 and min(first, second) < 0.1 * max(first, second):
        return "utf-16-le" if second > first else "utf-16-be"
    raise UnreadableError("is no text file", "Give it the ending of its kind, or export it as text again.")


def _is_utf8(path: Path) -> bool:
    """Whether the whole file is UTF-8."""
    return is_file_in(path, "utf-8")


def is_file_in(path: Path, encoding: str) -> bool:
    """Whether the whole file is in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as stream:
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def is_in(text: bytes, encoding: str) -> bool:
    """Whether a text is in an encoding; no text is in one that Python does not know."""
    try:
        text.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _old_encoding(path: Path) -> str:
    """The likeliest old encoding, judged by the words that hold other letters than A to Z."""
    with path.open("rb") as stream:
        likeliest = _old_encodings(_words_with_other_letters(stream))
    if not likeliest:
        raise UnreadableError("is in an encoding that cannot be detected", _SAY_IT)
    return likeliest[0]


def _old_encodings(words: Sequence[bytes]) -> list[str]:
    """The old encodings that some words may be in, the likeliest first."""
    from charset_normalizer import from_bytes

    sample = b". ".join(words)
    chaos = {guess.encoding: guess.chaos for guess in from_bytes(sample, cp_isolation=_USUAL, threshold=1)}
    least = min(chaos.values(), default=0.0)
    clear = [name for name in _USUAL if name in chaos and chaos[name] <= least + 0.1]
    others = [name for name in _USUAL if name in chaos and name not in clear]
    ranked = [
        *sorted(clear, key=lambda name: -fit(sample.decode(name))),
        *sorted(others, key=chaos.__getitem__),
    ]
    return [name.replace("cp125", "windows-125") for name in ranked]


def _words_with_other_letters(lines: Iterable[bytes]) -> list[bytes]:
    """Distinct words of some lines that are not plain ASCII, until there are enough of them."""
    words: dict[bytes, None] = {}
    size = 0
    for line in lines:
        if line.isascii():
            continue
        for word in _WORD.findall(line):
            size += len(word) if word not in words else 0
            words[word] = None
        if size > _SAMPLE:
            break
    return list(words)


# Another encoding than the one that is declared


def likely(texts: Sequence[bytes]) -> list[str]:
    """Encodings that all of some texts are in, the likeliest first: UTF-8 alone where it is one."""
    if all(is_in(text, "utf-8") for text in texts):
        return ["utf-8"]
    possible = _old_encodings(_words_with_other_letters(texts))
    return [name for name in possible if all(is_in(text, name) for text in texts)]


def found_out_encoding(path: Path) -> str:
    """The encoding that is found out from a text file, if all of the file is in it; otherwise empty."""
    try:
        encoding = find_encoding(path)
    except UnreadableError:
        return ""
    return encoding if is_file_in(path, encoding) else ""


def likely_of_file(path: Path) -> list[str]:
    """Old encodings that a whole text file is in, the likeliest first: as many as are named."""
    with path.open("rb") as stream:
        possible = _old_encodings(_words_with_other_letters(stream))
    return list(islice((name for name in possible if is_file_in(path, name)), _MOST_NAMED))


def not_in_encoding(
    encoding: str, source: str, others: Sequence[str], where: str = "", instead: str = ""
) -> UnreadableError:
    """The finding about a file that is not in its declared encoding.

    `source`: who declares it; `others`: encodings that read it, the likeliest first; `where`: which texts are not in
    it; `instead`: why the file is read where `encoding` is left out; empty where it is not.
    """
    what = f"is not in the encoding {encoding}, {source}{where}"
    if instead:
        return UnreadableError(what, f"Correct `encoding`, or leave it out: {instead}.")
    if not others:
        return UnreadableError(what, "No usual encoding reads it: ask for the file again, in UTF-8.")
    first, *more = others[:_MOST_NAMED]
    also = f" {' and '.join(more)} would read it, too." if more else ""
    hint = (
        f"`encoding: {first}` beside `file:` in the configuration reads it (with `inspect` and `new-country`:"
        f" --encoding {first}). Look there first whether its letters are right.{also}"
    )
    return UnreadableError(what, hint)


def fit(text: str) -> float:
    """The largest share of a text's letters beside a to z that belong to one alphabet of its script.

    Words of Latin script hold more plain letters than others; words of other scripts hold hardly any.
    """
    letters = Counter(letter for letter in text.lower() if letter.isalpha() or not letter.isascii())
    plain = sum(count for letter, count in letters.items() if letter.isascii())
    others = letters.total() - plain
    possible = [alphabet for alphabet in _ALPHABETS if (alphabet[0] < _GREEK) == (plain >= others)]
    covered = max(sum(letters[letter] for letter in set(alphabet)) for alphabet in possible)
    return covered / max(others, 1)
