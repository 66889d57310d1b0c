"""Build everything that leads to the pages of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.pages import PageContext, render_markdown
from disrupting_harm.pages.markdown import Outline
from disrupting_harm.pages.render import shell
from disrupting_harm.site import crate, front, methods, protection, quality, record, suppression
from disrupting_harm.site.present import Present, look
from disrupting_harm.site.text import entry, search_script
from disrupting_harm.whole import write_text

Check = Callable[[Mapping[str, str]], None]
FRONT = "index.html"
TITLE = "Disrupting Harm insights"
SUBTITLE = (
    "What surveys of children aged 12–17 and their caregivers say about online child sexual exploitation and abuse, "
    "country by country and compared"
)


def build(
    project: Project,
    results: Path,
    countries: list[str],
    commit: str = "not known",
    check: Check | None = None,
) -> None:
    """Write the pages that are no notebook, assets/, provenance.json and the crate into `results`.

    countries: ISO codes of the run. Pages, tables and the workbook of the run must be there already;
    what is missing is shown as missing. check: called with the text of the front page when all else is there; what it
    raises leaves the site without a front page.
    """
    results = Path(results)
    present = look(project, results, countries)
    foot = {"Commit": commit, "Countries": str(len(countries)), "Details": "provenance.json"}
    data = "synthetic" if present.synthetic else "delivered"
    methods_page = PageContext("Methods and definitions", data=data, depth=0, foot=foot)
    render_markdown(methods.markdown(project), results / "methods.html", methods_page)
    protection_page = PageContext(protection.TITLE, data=data, depth=0, foot=foot)
    render_markdown(protection.markdown(project.root), results / protection.PAGE, protection_page)
    remarks = quality.tables(results, [place.iso3 for place in present.places])
    if remarks:
        quality.write_page(project, remarks, results / quality.PAGE, commit)
    audits = suppression.tables(results, [place.iso3 for place in present.places])
    if audits:
        suppression.write_page(project, audits, results / suppression.PAGE, commit)
    write_text(results / "assets/site.js", present.as_script())
    write_text(
        results / "assets/search.js", search_script(_entries(results, present), methods_page.says["data"])
    )
    found = record.collect(project, results, [place.iso3 for place in present.places], commit)
    record.write_provenance(results / "provenance.json", found)
    context = PageContext(TITLE, SUBTITLE, data=data, depth=0, foot=foot, wide=True)
    index = shell(front.body(project, results, present), Outline(), context)
    crate.write(project, results, found, {FRONT: index})
    if check:
        check({FRONT: index})
    write_text(results / FRONT, index)


def _entries(results: Path, present: Present) -> list[dict[str, str]]:
    found = [
        entry(results, f"{place.iso3}/{slug}.html", place.name)
        for place in present.places
        for slug in place.insights
    ]
    found += [
        entry(results, subject.comparison, "All countries")
        for subject in present.subjects
        if subject.comparison
    ]
    if present.quality:
        found.append(entry(results, quality.PAGE, "All countries"))
    if (results / suppression.PAGE).is_file():
        found.append(entry(results, suppression.PAGE, "All countries"))
    return [*found, *(entry(results, page, "") for page in ("methods.html", protection.PAGE))]
