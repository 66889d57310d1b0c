"""From an executed notebook, or from Markdown, to a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from disrupting_harm.files.atomic import write_text
from disrupting_harm.publishing.pages import markdown, outputs
from disrupting_harm.publishing.pages.context import PageContext
from disrupting_harm.publishing.pages.markdown import Outline
from disrupting_harm.publishing.pages.trace import Traced, anchor
from disrupting_harm.publishing.tracing import Trace

if TYPE_CHECKING:
    from nbformat import NotebookNode

HERE = Path(__file__).parent


def render(notebook: Path, page: Path, context: PageContext) -> None:
    """Write the page of an executed notebook. The same notebook and context give the same bytes."""
    import nbformat

    content = nbformat.read(Path(notebook), as_version=4)
    outline = Outline()
    body = _cells(content, outline, context.trace)
    if not context.title:
        context = replace(context, title=_first_heading(content))
    write_text(page, shell(body, outline, context))


def render_markdown(text: str, page: Path, context: PageContext) -> None:
    """Write the page of a Markdown text."""
    outline = Outline()
    write_text(page, shell(markdown.to_html(text, outline), outline, context))


def render_body(body: str, page: Path, context: PageContext, outline: Outline | None = None) -> None:
    """Write a page whose content is ready-made HTML."""
    write_text(page, shell(body, outline or Outline(), context))


def shell(body: str, outline: Outline, context: PageContext) -> str:
    """Put content between the head and the foot that all pages share."""
    html = (
        _parts()
        .get_template("shell.html.j2")
        .render(
            body=body.strip(),
            contents=[heading for heading in outline.headings if heading[0] <= 3],
            page=context,
            foot=_flat(context.foot),
            style=_asset("page.css"),
            script=_asset("page.js"),
        )
    )
    return re.sub(r"[ \t]+\n", "\n", html).strip() + "\n"


def _first_heading(notebook: NotebookNode) -> str:
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    matches = (re.search(r"^# +(.+?)\s*#*$", text, flags=re.M) for text in texts)
    return next((match.group(1) for match in matches if match), "Notebook")


def _cells(notebook: NotebookNode, outline: Outline, trace: Trace | None) -> str:
    from disrupting_harm.publishing.pages.exporter import (
        CellsExporter,  # nbconvert, which other pages do without
    )

    traced = Traced(trace) if trace else None
    exporter = CellsExporter(
        template_name="cells",
        extra_template_basedirs=[str(HERE)],
        filters={
            "page_markdown": lambda source: markdown.to_html(source, outline),
            "page_code": outputs.code,
            "page_output": lambda item: outputs.output(item, outline),
            "page_trace": lambda cell: _panel(traced.cell(cell)) if traced else "",
        },
    )
    body, _ = exporter.from_notebook_node(notebook)
    return body


def _panel(about: dict[str, object] | None) -> str:
    return _parts().get_template("trace.html.j2").render(about) if about else ""


@cache
def _parts() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "parts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["anchor"] = anchor
    return environment


@cache
def _asset(name: str) -> str:
    return (HERE / "parts" / name).read_text(encoding="utf-8").strip()


def _flat(foot: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Give each entry of the foot as a name and its lines."""
    lines = []
    for name, value in foot.items():
        if isinstance(value, Mapping):
            lines.append((name, [f"{key}: {inner}" for key, inner in value.items()]))
        elif isinstance(value, (list, tuple)):
            lines.append((name, [str(item) for item in value]))
        else:
            lines.append((name, [str(value)]))
    return lines
