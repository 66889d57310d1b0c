"""Build everything that leads to the pages of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.files.atomic import write_text
from disrupting_harm.publishing.pages import PageContext, render_markdown
from disrupting_harm.publishing.pages.markdown import Outline
from disrupting_harm.publishing.pages.render import shell
from disrupting_harm.publishing.site import crate, front, methods, protection, quality, record, suppression
from disrupting_harm.publishing.site.present import Present, look
from disrupting_harm.publishing.site.text import Search, search_script

_Check = Callable[[Mapping[str, str]], None]
_FRONT = "index.html"
SUBTITLE = (
    "What surveys of children aged 12–17 and their caregivers say about online child sexual exploitation and abuse, "
    "country by country and compared"
)


def build(
    project: Project,
    results: Path,
    countries: list[str],
    commit: str = "not known",
    check: _Check | None = None,
    kept: Path | None = None,
) -> None:
    """Write the pages that are no notebook, assets/, provenance.json and the crate into `results`.

    countries: ISO codes of the run. Pages, tables and the workbook of the run must be there already;
    what is missing is shown as missing. check: called with the text of the front page when all else is there; what it
    raises leaves the site without a front page. kept: a folder below data/ for what need not be worked out again.
    """
    results = Path(results)
    remarks = quality.tables(results, countries)
    present = look(project, results, countries, remarks)
    foot = {"Commit": commit, "Countries": str(len(countries)), "Details": "provenance.json"}
    data = "synthetic" if present.synthetic else "delivered"
    methods_page = PageContext("Methods and definitions", data=data, depth=0, foot=foot)
    render_markdown(methods.markdown(project, results), results / "methods.html", methods_page)
    protection_page = PageContext(protection.TITLE, data=data, depth=0, foot=foot)
    render_markdown(protection.markdown(project), results / protection.PAGE, protection_page)
    in_order = [country.iso3 for country in present.countries]
    if remarks:
        remarks = {iso3: remarks[iso3] for iso3 in in_order if iso3 in remarks}
        quality.write_page(project, remarks, results / quality.PAGE, commit, kept)
    audits = suppression.tables(results, in_order)
    if audits:
        suppression.write_page(project, audits, results / suppression.PAGE, commit)
    write_text(results / "assets/site.js", present.as_script())
    entries = _entries(results, present, kept)
    write_text(results / "assets/search.js", search_script(entries, methods_page.metadata["data"]))
    provenance = record.collect(project, results, in_order, commit)
    record.write_provenance(results / "provenance.json", provenance)
    context = PageContext(crate.TITLE, SUBTITLE, data=data, depth=0, foot=foot, wide=True)
    index = shell(front.body(project, results, present), Outline(), context)
    crate.write(project, results, provenance, {_FRONT: index})
    if check:
        check({_FRONT: index})
    write_text(results / _FRONT, index)


def _entries(results: Path, present: Present, kept: Path | None) -> list[dict[str, str]]:
    """What the search knows of each page."""
    everywhere = [subject.comparison for subject in present.subjects if subject.comparison]
    everywhere += [quality.PAGE] if present.quality else []
    everywhere += [suppression.PAGE] if (results / suppression.PAGE).is_file() else []
    pages = {
        f"{country.iso3}/{slug}.html": country.name
        for country in present.countries
        for slug in country.insights
    }
    pages |= dict.fromkeys(everywhere, "All countries")
    pages |= dict.fromkeys(("methods.html", protection.PAGE), "")
    search = Search(results, kept)
    entries = [search.entry(page, country) for page, country in pages.items()]
    search.cache.write()
    return entries
