"""What belongs where in results/: files that the workflow makes, their kinds, and whether data are made up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from disrupting_harm.config import Project

_SITE = r"(?P<name>README\.md|[a-z_]+\.(?:html|csv)|estimates\.xlsx|(?:provenance|ro-crate-metadata)\.json)"
_ASSETS = r"assets/(?P<name>(?:site|search)\.js)"
COUNTRY = r"(?P<country>[a-z]{3})/(?P<name>(?P<insight>[a-z][a-z0-9_]*)\.(?:html|ipynb|csv))"
COMPARISON = r"comparison/(?P<name>[a-z][a-z0-9_]*\.(?:html|ipynb|csv))"
_FIGURES = r"comparison/figures/[a-z][a-z0-9_]*/(?P<name>[a-z][a-z0-9_]*\.(?:svg|png)|claims\.csv)"
_RECORD = r"(?P<folder>(?:assets|comparison|[a-z]{3})/)?\.[a-z][a-z0-9_]*\.json"
"""What the products beside it were made from (`records`)."""

_STAMP = r"(?:.+/)?\.snakemake_timestamp"

_PATTERNS = (_SITE, _ASSETS, COUNTRY, COMPARISON, _FIGURES)
_CRATE = "ro-crate-metadata.json"
_WITHOUT_DATA = ("README.md", "site.js")
_PROSE = ("methods.html", "data_protection.html")
"""Pages of text: their tables are examples, and not about respondents."""

_OTHER_TABLES = ("data_quality", "suppression_audit")
"""What a country's folder holds beside its insights."""


@dataclass(frozen=True)
class Location:
    """A file that the workflow makes.

    synthetic: whether it has to say so. country: ISO code, if it is about one. folder: where a record is.
    """

    kind: str
    synthetic: bool
    is_prose: bool = False
    country: str | None = None
    folder: str = ""


def is_known(file: str) -> bool:
    """Whether a name is one of those that files in results/ have."""
    return any(re.fullmatch(pattern, file) for pattern in _PATTERNS)


def is_product(location: Location, name: str) -> bool:
    """Whether a name in a record may be that of a product beside it, or of a folder of figures."""
    files = (f"{location.folder}{name}", f"{location.folder}figures/{name}/figure.svg")
    return not re.search(r"[\\/]", name) and any(map(is_known, files))


def location(project: Project, file: str, countries: Sequence[str]) -> Location | None:
    """What a file in results/ is; None for one that the workflow does not make."""
    if re.fullmatch(_STAMP, file):
        return Location("empty", False)
    if match := re.fullmatch(_RECORD, file):
        return Location("record", False, folder=match["folder"] or "")
    match = next(filter(None, (re.fullmatch(pattern, file) for pattern in _PATTERNS)), None)
    if match is None:
        return None
    name = match["name"]
    kind = "crate" if name == _CRATE else name.rpartition(".")[2]
    if "country" in match.groupdict():
        country = project.countries.get(match["country"])
        if country is None or match["insight"] not in (*project.insights, *_OTHER_TABLES):
            return None
        return Location(kind, country.data == "synthetic", country=match["country"])
    kinds = {project.countries[iso3].data for iso3 in countries}
    synthetic = "delivered" not in kinds if file.startswith("comparison/") else "synthetic" in kinds
    return Location(kind, synthetic and name not in _WITHOUT_DATA, name in _PROSE)
