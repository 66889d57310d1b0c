"""What every job does once, done before the warm process forks for them: so its cost is paid once per run.

Reads the settings, which stay known as long as no settings file changes, and the library's code for its fingerprints.
Measures words, and makes a page of a small notebook, by which libraries compile what they keep: patterns, templates,
the schema of notebooks.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from nbformat import writes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from disrupting_harm.config import ConfigurationError, Project, load
from disrupting_harm.files.fingerprints import LIBRARY, behind, fingerprint
from disrupting_harm.presentation.figures.style import text_width
from disrupting_harm.publishing import pages, tracing
from disrupting_harm.running import plan


def preload() -> None:
    """Do what every job needs first. The working directory is the project's, or there are no settings to read."""
    output = new_output("execute_result", {"text/html": "<table></table>", "text/plain": "1"})
    cells = [new_markdown_cell("# A *heading*"), new_code_cell("one = 1\none", outputs=[output])]
    with TemporaryDirectory() as folder:
        notebook = Path(folder, "notebook.ipynb")
        notebook.write_text(writes(new_notebook(cells=cells)), encoding="utf-8")
        pages.render(notebook, notebook.with_suffix(".html"), pages.PageContext(title="A page"))
    for entries in plan.ENTRIES.values():
        fingerprint(behind(LIBRARY, entries))
    try:
        project = load()
    except ConfigurationError:
        return  # whoever reads it next reports the error
    tracing.definitions(project)
    _measure_words(project)


def _measure_words(project: Project) -> None:
    """Measure the words that figures will set: of titles and labels, and numbers."""
    registry, codebook = project.registry, project.codebook
    titled = [*registry.indicators.values(), *registry.groups.values(), *registry.breakdowns.values()]
    answers = {**codebook.variables("children"), **codebook.variables("caregivers")}.values()
    texts = [indicator.title for indicator in titled] + [form.label for form in codebook.forms.values()]
    texts += [label for variable in answers for label in variable.values.values()]
    texts += [f"{tenths / 10}{unit}" for tenths in range(1001) for unit in ("", "%")]
    for bold in (False, True):
        text_width(" ".join(texts), bold=bold)
