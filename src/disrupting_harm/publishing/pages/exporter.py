"""What makes the cells of a notebook into HTML."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbformat import NotebookNode
from traitlets import List


class CellsExporter(HTMLExporter):
    """nbconvert's HTML exporter, without its second pass over the finished page (parsing, lower-casing SVG).

    Nor does it prepare notebooks, and check them after each step of that: they come tidied, from `notebooks`.
    """

    default_preprocessors = List([])

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Fill in the template."""
        return TemplateExporter.from_notebook_node(self, nb, resources, **options)
