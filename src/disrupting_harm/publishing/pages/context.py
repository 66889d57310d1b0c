"""What a page knows about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.publishing.tracing import Trace

SYNTHETIC = "synthetic"


@dataclass(frozen=True)
class PageContext:
    """What surrounds the content of a page.

    title: the heading of the page; where it is empty, the first heading of the notebook. subtitle: one sentence below.
    country_name, iso3, insight: where the page belongs; all may be missing. data: "synthetic" or "delivered".
    depth: how many folders below results/ the page is. foot: provenance, name to value (a value, a list, or a
    mapping); no machine path, no user name, no time. content_note: whether the page is about sexual abuse of children.
    wide: no list of contents, more width for tables. trace: what is known behind the numbers of a notebook's page.
    """

    title: str
    subtitle: str = ""
    country_name: str | None = None
    iso3: str | None = None
    insight: str | None = None
    data: str = SYNTHETIC
    depth: int = 1
    foot: Mapping[str, Any] = field(default_factory=dict)
    content_note: bool = True
    wide: bool = False
    trace: Trace | None = None

    @property
    def synthetic(self) -> bool:
        """True unless the data were delivered by a survey."""
        return self.data == SYNTHETIC

    @property
    def metadata(self) -> dict[str, str]:
        """What the metadata of a notebook and of other files say about the data."""
        return {"data": SYNTHETIC_DATA if self.synthetic else self.data}

    @property
    def root(self) -> str:
        """The way from the page up to results/, empty or ending in a slash."""
        return "../" * self.depth
