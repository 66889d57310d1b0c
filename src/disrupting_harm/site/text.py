"""Reading finished pages: their words for the search, their first figure for the front page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

SILENT = frozenset(
    {"svg", "script", "style", "pre", "math", "button", "nav", "aside", "footer", "header", "summary"}
)
BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "td", "th", "tr", "div", "dt", "dd", "caption"})

NO_WORDS = re.compile(
    r'<(svg|script|style|pre)\b.*?</\1>|<details class="trace">.*?</details>|<a class="anchor".*?</a>',
    re.DOTALL,
)
"""Drawings, code, where numbers come from, the sign that links to a heading; reading is much faster without them."""

CELLS = re.compile(r"</?t[dhr]\b[^<>]*>")
"""Where a cell or row of a table begins or ends, most of what a page consists of: read beforehand, as a blank."""


@dataclass
class Words(HTMLParser):
    """Collects the title and the readable words of a page's main part; code and drawings are left out."""

    title: str = ""
    parts: list[str] = field(default_factory=list)
    silent: int = 0
    inside: bool = False
    in_title: bool = False

    def __post_init__(self) -> None:
        """Start the parser."""
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Note where silence and the main part begin."""
        self.silent += tag in SILENT
        self.inside = self.inside or tag == "main"
        self.in_title = self.in_title or tag == "h1"
        if tag in BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Note where they end."""
        self.silent -= tag in SILENT
        if tag == "main":
            self.inside = False
        if tag == "h1":
            self.in_title = False

    def handle_data(self, data: str) -> None:
        """Collect words."""
        if not self.inside:
            return
        if self.in_title:
            self.title += data
        elif not self.silent:
            self.parts.append(data)


def words(page: str) -> tuple[str, str]:
    """Give the heading of a page and its words in one line."""
    parser = Words()
    parser.feed(CELLS.sub(" ", NO_WORDS.sub("", page)))
    return parser.title.strip(), " ".join("".join(parser.parts).split())


def first_drawing(page: str) -> str:
    """Give the first SVG of a page as it stands there; empty when there is none."""
    match = re.search(r"<svg\b.*?</svg>", page, flags=re.S)
    return match.group(0) if match else ""


def search_script(entries: list[dict[str, str]], says: str) -> str:
    """Give the script that carries the words of all pages (assets/search.js). Entries: url, title, place, text.

    says: what its first line says about the data.
    """
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries)
    return f"// {says}\nwindow.searchIndex = [\n{lines}\n];\n"


def entry(results: Path, url: str, place: str) -> dict[str, str]:
    """Read one page for the search. `place`: the country's name, or what kind of page it is."""
    title, text = words((results / url).read_text(encoding="utf-8"))
    return {"url": url, "title": title, "place": place, "text": text}
