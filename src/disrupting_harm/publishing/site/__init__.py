"""The site: the front page, the methods, the search and the record of what everything was made from."""

from disrupting_harm.publishing.site.build import build
from disrupting_harm.publishing.site.record import write_provenance

__all__ = ["build", "write_provenance"]
