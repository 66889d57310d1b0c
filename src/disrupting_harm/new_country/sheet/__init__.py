"""The mapping sheet: a workbook in which people without YAML say what each delivered column and code means.

In:   a delivered file with what was matched, or a country's file; a workbook that a person has filled in.
Out:  the workbook; the country's file that it stands for.
"""

from disrupting_harm.new_country.sheet.fill import fill
from disrupting_harm.new_country.sheet.read import SheetError, read
from disrupting_harm.new_country.sheet.rows import MappingSheet
from disrupting_harm.new_country.sheet.settings import content
from disrupting_harm.new_country.sheet.workbook import write

__all__ = ["MappingSheet", "SheetError", "content", "fill", "read", "write"]
