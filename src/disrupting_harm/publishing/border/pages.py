"""Pages and notebooks that leave: findings alone, known headings, bases within the limits, no single respondents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from disrupting_harm.config import Project
from disrupting_harm.config.entries.analysis import Suppression
from disrupting_harm.estimation import rounding
from disrupting_harm.presentation.labels import Labels
from disrupting_harm.publishing.border import markup
from disrupting_harm.publishing.border.respondents import Respondents
from disrupting_harm.publishing.releases import KINDS

_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SENTENCE = r'<p class="finding">'
_VALUES = r"<details(?: open)?><summary>Table of values</summary>"
_FINDING = re.compile(rf"{_SENTENCE}[^<]*</p>|{_VALUES}<table\b.*?</table></details>", re.DOTALL)
"""HTML of a finding in a notebook."""

_OTHERS = {
    "printed text, or the value of an expression": re.compile(r'<pre class="plain"'),
    "a traceback": re.compile(r'<pre class="error"'),
    "the error stream": re.compile(r'<details class="messages"'),
    "a picture that is not a figure": re.compile(r"<img\b"),
    "an output that is not a finding": re.compile(rf'<div class="output">(?!{_SENTENCE}|{_VALUES})'),
}
"""What pages hold of outputs that are not findings."""

_EMBEDDED = re.compile(r"\bdata:\w+/", re.IGNORECASE)
"""How the text of a cell holds a picture or another file."""

KIND = re.compile(r"(?:application|image|text)/[a-z][a-z.+-]*")
"""What a kind of output is called; anything else may be an answer."""

_MARKER = re.compile(r"<(?:use|circle)\b")
_HEADINGS = frozenset(
    """Indicator|Breakdown|Level|Measure|Estimate|Interval|Standard error|Base (n)|Note|Country|What
    In this survey|Question|Asked (n)|No answer|Don't know|Prefer not to say|Empty|Nothing chosen|Compared|Difference
    Ratio|p, adjusted|Significant|Why|Estimates|Name in tables|Definition|Base|Missing answers|Source|Region|Phase
    Data|Largest base (n)|Countries count|Countries|Published|Computed|Within|Check|What was found|Status|Rows delivered
    Eligible|Children analysed|Caregivers analysed|Routing|Coherence|Effect of weights|Strata|PSUs|Figures|Pairs
    Within the computed interval|Mean absolute difference|Design-based / published way|Printed / published way|Claim
    Verdict|Random-effects mean|Prediction interval|tau (logit)|I²|Old release|New release|Old|New|Points|SE|Old base
    New base|Shown|Hidden for themselves|Hidden for others|Hidden numbers attacked|Stay open|Lowest mean|Highest mean
    Mean of all|Area|True (made up)|Hidden number (true)|If the rest were exact|If all were rounded finely
    As published|Analysed|12 to 17, household screening|15 to 24, ITU|Year
    Questions|Language|Correlation|Usual|Shift""".replace("\n", "|").split("|")
)
"""Headings of tables on pages. Others are unknown: add one here when a new kind of table has been reviewed."""


def tables(
    text: str, known: frozenset[str], rules: Suppression, people: Respondents, country: str | None
) -> Iterator[str]:
    """What is wrong with the tables and figures of a page or an output, about a country or across countries (None)."""
    for number, table in enumerate(markup.tables(text), 1):
        for what in of_table(table, known, rules, people):
            yield f"table {number}: {what}"
    for number, figure in enumerate(markup.drawings(text), 1):
        if len(_MARKER.findall(figure)) in people.drawn_for(country):
            yield f"figure {number}: as many marks as respondents"


def others(text: str) -> Iterator[str]:
    """What a page shows that is not a finding."""
    for what, sign in _OTHERS.items():
        if match := sign.search(text):
            yield f"line {text.count(chr(10), 0, match.start()) + 1}: {what}"


def of_table(table: str, known: frozenset[str], rules: Suppression, people: Respondents) -> Iterator[str]:
    """What is wrong with one table: headings, rows, bases."""
    rows = [cells for row in table.split("</tr>") if (cells := _CELL.findall(row))]
    if not rows:
        return
    head, body = [plain(cell) for cell in rows[0]], rows[1:]
    unknown = [title for title in head if title and title not in known]
    if unknown:
        yield f"unknown columns: {', '.join(unknown[:10])}"
        if len(body) in people.rows:
            yield f"{len(body):,} rows, as many as respondents"
    lowest = rounding.least_printed(rules.not_shown_below, rules)
    for column, title in enumerate(head):
        bases = (plain(row[column]) for row in body if len(row) > column)
        if title.endswith("(n)") and any(_is_below(lowest, base) for base in bases):
            yield f"column {title}: a base below {rules.not_shown_below}"


def plain(cell: str) -> str:
    """The words of a cell."""
    return unescape(_TAG.sub("", cell)).strip()


def _is_below(lowest: int, cell: str) -> bool:
    """Whether a cell holds a base that is too small."""
    base = cell.strip("()[]").replace(",", "")
    return base.isdecimal() and 0 < int(base) < lowest


def known_headings(project: Project) -> frozenset[str]:
    """Headings of the project's tables: those that are always the same, and what indicators and insights are called."""
    labels = Labels(project.registry, project.codebook)
    indicators = project.registry.indicators
    named = {labels.indicator(name) for name in indicators} | {
        indicator.title for indicator in indicators.values()
    }
    named |= {name.strip() for name in _HEADINGS}
    named |= {kind.capitalize() for kind in KINDS.values()}
    named |= {slug.replace("_", " ").capitalize() for slug in project.insights}
    return frozenset(named)


def notebook(
    content: dict[str, Any],
    known: frozenset[str],
    rules: Suppression,
    people: Respondents,
    country: str | None = None,
) -> Iterator[str]:
    """What is wrong with an executed notebook, of a country or across countries: tables, figures, others."""
    for cell in content.get("cells", []):
        text = "" if cell.get("cell_type") == "code" else "".join(cell.get("source", ""))
        if cell.get("attachments") or _EMBEDDED.search(text):
            yield f"cell {cell.get('id')}: a picture or another file in its text"
        for output in cell.get("outputs", []):
            for what in _of_output(output, known, rules, people, country):
                yield f"cell {cell.get('id')}: {what}"


def _of_output(
    output: dict[str, Any],
    known: frozenset[str],
    rules: Suppression,
    people: Respondents,
    country: str | None,
) -> Iterator[str]:
    """What is wrong with one output."""
    data = output.get("data", {})
    if output.get("output_type") == "error":
        yield "a traceback"
    elif output.get("name") == "stderr":
        yield "the error stream"
    elif output.get("output_type") == "stream":
        yield "printed text"
    elif output.get("output_type") != "display_data" or data.keys() <= {"text/plain"}:
        yield "the value of an expression"
    for kind, content in data.items():
        if kind not in ("text/html", "text/plain", "image/svg+xml"):
            yield f"an output of the kind {kind}" if KIND.fullmatch(kind) else "an output of another kind"
        elif kind != "text/plain":
            yield from tables("".join(content), known, rules, people, country)
    if "text/html" in data and not _FINDING.fullmatch("".join(data["text/html"])):
        yield "HTML that is not a finding"


def lists(record: Any, people: Respondents) -> Iterator[str]:
    """Whether a record holds a list with as many entries as there are respondents."""
    todo = [record]
    while todo:
        value = todo.pop()
        if isinstance(value, (list, dict)):
            if len(value) in people.rows:
                yield f"a list of {len(value):,} entries, as many as respondents"
            todo += value.values() if isinstance(value, dict) else value
