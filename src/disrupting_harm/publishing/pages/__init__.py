"""Pages: an executed notebook (or Markdown text) becomes one HTML file that needs no network and no server."""

from disrupting_harm.publishing.pages.context import PageContext
from disrupting_harm.publishing.pages.render import render, render_body, render_markdown

__all__ = ["PageContext", "render", "render_body", "render_markdown"]
