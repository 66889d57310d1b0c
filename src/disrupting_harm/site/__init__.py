"""The site: the front page, the methods, the search, the workbook and the record of what everything was made from."""

from disrupting_harm.site.build import build
from disrupting_harm.site.record import write_provenance
from disrupting_harm.site.workbook import write_workbook

__all__ = ["build", "write_provenance", "write_workbook"]
