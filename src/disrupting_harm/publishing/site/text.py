"""Reading finished pages: their words for the search, their first figure for the front page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from disrupting_harm.files.cache import Cache

_WORDS = "search.json"
"""Headings and words of pages, by the checksum of a page."""

_SILENT = re.compile(
    r"<(svg|script|style|pre|math|button|nav|aside|footer|header|summary)\b"
    r'|<(details) class="trace"|<(a) class="anchor"'
)
"""Where drawings, code, menus, and what says where numbers come from begin: no words of the page."""

_HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
_BREAK = re.compile(r"</?t[dhr]\b[^<>]*>|<(?:p|h[1-4]|li|div|dt|dd|caption)\b[^<>]*>")
"""Tags that separate words; others may be inside a word."""

_OFTEN = ("</td>", "<td>", '<td class="number">')
"""Most tags of a page: replaced as they are, before the others are looked for."""

_TAG = re.compile(r"<[/!a-zA-Z][^>]*>")


def words(page: str) -> tuple[str, str]:
    """The heading of a page and the words of its main part, each in one line; code and drawings are left out."""
    _, begin, rest = page.partition("<main")
    main = begin + rest.partition("</main>")[0]
    heading = _HEADING.search(main)
    title = plain("".join(_aloud(heading[1]))) if heading else ""
    return title, plain(_HEADING.sub(" ", "".join(_aloud(main))))


def _aloud(text: str) -> Iterator[str]:
    """What is left of a text without its silent parts."""
    stop = 0
    while match := _SILENT.search(text, stop):
        yield text[stop : match.start()]
        end = f"</{match[match.lastindex or 0]}>"
        stop = text.find(end, match.end()) + len(end)
        if stop < len(end):
            return
    yield text[stop:]


def plain(text: str) -> str:
    """The words between tags, in one line."""
    for tag in _OFTEN:
        text = text.replace(tag, " ")
    return " ".join(unescape(_TAG.sub("", _BREAK.sub(" ", text))).split())


def first_drawing(page: str) -> str:
    """Give the first SVG of a page unchanged; empty when there is none."""
    begin = page.find("<svg")
    end = page.find("</svg>", begin)
    return page[begin : end + len("</svg>")] if 0 <= begin < end else ""


def search_script(entries: list[dict[str, str]], says: str) -> str:
    """Give the script that carries the words of all pages (assets/search.js). Entries: url, title, place, text.

    says: what its first line says about the data.
    """
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries)
    return f"// {says}\nwindow.searchIndex = [\n{lines}\n];\n"


class Search:
    """Reads pages for the search; a page with the same bytes is read once, also over several runs."""

    def __init__(self, results: Path, kept: Path | None) -> None:
        self.results = results
        self.cache = Cache(kept and kept / _WORDS, [Path(__file__)])

    def entry(self, url: str, section: str) -> dict[str, str]:
        """What the search knows of one page. `section`: the country's name, or what kind of page it is."""
        page = (self.results / url).read_bytes()
        checksum = hashlib.sha256(page).hexdigest()
        known = self.cache.get(checksum)
        if known is None:
            known = words(page.decode())
            self.cache.set(checksum, known)
        title, text = known
        return {"url": url, "title": title, "section": section, "text": text}
