"""The site: the front page, the methods, the search and the record of what everything was made from."""

from disrupting_harm.site.build import build
from disrupting_harm.site.record import write_provenance

__all__ = ["build", "write_provenance"]
