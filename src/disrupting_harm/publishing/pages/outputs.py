"""Outputs of notebook cells as accessible HTML: figures, tables, sentences, plain text."""

import re
from functools import cache
from html import escape, unescape
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from disrupting_harm.publishing.pages.markdown import Outline, to_html
from disrupting_harm.publishing.pages.tables import tidy_tables

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def code(source: str, language: str = "python") -> str:
    """Give source text with its syntax marked by classes."""
    return highlight(source, get_lexer_by_name(language), _formatter()).rstrip("\n")


@cache
def _formatter() -> HtmlFormatter:
    return HtmlFormatter(nowrap=True)


def output(cell_output: dict[str, Any], outline: Outline) -> str:
    """Give the richest form of one output: SVG, HTML, Markdown, PNG, plain text, in this order."""
    kind = cell_output["output_type"]
    if kind == "stream":
        return _stream(cell_output)
    if kind == "error":
        text = _ANSI.sub("", "\n".join(cell_output.get("traceback", [])))
        return f'<pre class="error" role="group" aria-label="Error" tabindex="0">{escape(text)}</pre>\n'
    data, metadata = cell_output.get("data", {}), cell_output.get("metadata", {})
    if "image/svg+xml" in data:
        return figure(_text(data["image/svg+xml"]), metadata.get("image/svg+xml", {}).get("alt", ""))
    if "text/html" in data:
        return f'<div class="output">{_with_figures(tidy_tables(_text(data["text/html"])))}</div>\n'
    if "text/markdown" in data:
        return f'<div class="output">{to_html(_text(data["text/markdown"]), outline)}</div>\n'
    if "image/png" in data:
        return _png(data, metadata)
    return f'<pre class="plain" tabindex="0">{escape(_text(data.get("text/plain", "")))}</pre>\n'


def figure(svg: str, alt: str = "") -> str:
    """Frame an SVG: it scrolls sideways where the screen is narrow, and its description can be opened and read."""
    svg = svg[svg.index("<svg") :].strip()
    title = _element(svg, "title") or "Figure"
    alt = alt or _element(svg, "desc")
    if 'role="img"' not in svg[: svg.index(">")]:
        svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt or title)}"', 1)
    words = f"<details><summary>This figure in words</summary><p>{escape(alt)}</p></details>" if alt else ""
    return (
        f'<figure><div class="drawing" role="group" aria-label="{escape(title)}" tabindex="0">{svg}</div>'
        f"<figcaption>{words}</figcaption></figure>\n"
    )


def _with_figures(html: str) -> str:
    """Frame the drawings inside HTML that are not framed yet."""
    if "<figure" in html:
        return html
    return re.sub(r"<svg\b.*?</svg>", lambda match: figure(match.group(0)), html, flags=re.S)


def _stream(cell_output: dict[str, Any]) -> str:
    text = escape(_ANSI.sub("", _text(cell_output["text"])))
    if cell_output.get("name") == "stderr":
        return (
            f'<details class="messages"><summary>Messages</summary><pre tabindex="0">{text}</pre></details>\n'
        )
    return f'<pre class="plain" tabindex="0">{text}</pre>\n'


def _png(data: dict[str, Any], metadata: dict[str, Any]) -> str:
    alt = (
        metadata.get("image/png", {}).get("alt")
        or metadata.get("alt")
        or _text(data.get("text/plain", "Figure"))
    )
    image = re.sub(r"\s", "", _text(data["image/png"]))
    return f'<figure><img src="data:image/png;base64,{image}" alt="{escape(alt)}"></figure>\n'


def _element(svg: str, name: str) -> str:
    match = re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", svg, flags=re.S)
    return unescape(match.group(1)).strip() if match else ""


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
