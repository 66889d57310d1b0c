"""What findings display while a notebook runs: of its outputs, these alone may be published.

A finding displays its sentence, figure and table through `show`, which remembers their digests in this process. After
the run `refused` names every output that is none of them: printed text, the value of an expression, a table, a picture.
An output's metadata do not count for a pass: they could be copied with the line of code that says them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS = {
    "image/svg+xml": "a picture",
    "image/png": "a picture",
    "image/jpeg": "a picture",
    "text/html": "a table, or other HTML",
    "text/markdown": "Markdown",
    "text/latex": "a formula",
    "application/json": "JSON",
    "text/plain": "plain text, as the value of an expression",
}
"""What messages call an output, the richest form first. A form that is not among them may be called by an answer."""

_EMBEDDED = re.compile(r"\bdata:\w+/", re.IGNORECASE)
"""How a text holds a picture or another file in itself."""

_digests: set[str] = set()


def show(data: Mapping[str, Any], metadata: Mapping[str, Any], *, may_stay: bool) -> None:
    """Display forms of one content. may_stay: whether it is remembered as a finding's."""
    from IPython.display import display

    if may_stay:
        _digests.add(digest(data, metadata))
    display(dict(data), raw=True, metadata=dict(metadata))


def forget() -> None:
    """Forget what has been displayed so far: another notebook begins."""
    _digests.clear()


def digest(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """Digest of an output: equal outputs have equal digests."""
    return hashlib.sha256(json.dumps([data, metadata], sort_keys=True).encode()).hexdigest()


def refused(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Cells of an executed notebook with what is not a finding in them, and its kind; never its content."""
    for cell in notebook.cells:
        kinds = [kind(output) for output in cell.get("outputs", []) if not is_known(output)]
        if cell.get("attachments") or (cell.cell_type != "code" and _EMBEDDED.search(cell.source)):
            kinds.append("a picture or another file in its text")
        for reason in dict.fromkeys(kinds):
            yield cell.id, reason


def is_known(output: NotebookNode) -> bool:
    """Whether a finding has displayed this output."""
    return output.output_type == "display_data" and digest(output.data, output.metadata) in _digests


def kind(output: NotebookNode) -> str:
    """What an output is, in words of this module alone."""
    if output.output_type == "stream":
        return "printed text"
    return next(
        (KINDS[name] for name in KINDS if name in output.get("data", {})), "an output of another kind"
    )
