"""Markdown to HTML: headings that can be linked to, formulas as MathML, tables that scroll."""

import re
import unicodedata
from dataclasses import dataclass, field
from html import escape, unescape

import mistune
from latex2mathml.converter import convert

from disrupting_harm.publishing.pages.tables import tidy_tables


@dataclass
class Outline:
    """The headings of a page, in order; gives each an identifier of its own."""

    headings: list[tuple[int, str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=lambda: {"content", "contents", "search", "results", "origin"})

    def add(self, level: int, text: str) -> str:
        """Note a heading and give its identifier."""
        plain = unescape(re.sub(r"<[^>]*>", "", text)).strip()
        folded = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "section"
        name, n = slug, 2
        while name in self.used:
            name, n = f"{slug}-{n}", n + 1
        self.used.add(name)
        self.headings.append((level, name, plain))
        return name


class _PageRenderer(mistune.HTMLRenderer):
    """Headings with identifiers, formulas as MathML; heading 1 is left out, because the page has its own."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(escape=False)
        self.outline = outline

    def heading(self, text: str, level: int, **attrs: str) -> str:  # noqa: ARG002
        """Render a heading and note it for the list of contents."""
        if level == 1:
            return ""
        name = self.outline.add(level, text)
        return f'<h{level} id="{name}">{text}<a class="anchor" href="#{name}" aria-label="Link here">#</a></h{level}>\n'


def to_html(text: str, outline: Outline) -> str:
    """Render Markdown with tables, footnotes, strikethrough and formulas between `$` or `$$`."""
    renderer = _PageRenderer(outline)
    markdown = mistune.create_markdown(
        renderer=renderer, plugins=["table", "footnotes", "strikethrough", "math", "def_list"]
    )
    renderer.register("inline_math", lambda _, formula: mathml(formula))
    renderer.register("block_math", lambda _, formula: mathml(formula, block=True))
    return tidy_tables(str(markdown(text)))


def mathml(formula: str, block: bool = False) -> str:
    """Turn a LaTeX formula into MathML; the LaTeX itself becomes the alternative text."""
    formula = unescape(formula).strip()
    element = convert(formula, display="block" if block else "inline")
    return element.replace("<math ", f'<math alttext="{escape(formula)}" ', 1)
