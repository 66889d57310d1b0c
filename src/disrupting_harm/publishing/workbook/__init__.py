"""The workbook: all estimates in one file for spreadsheet programs, with definitions and where they come from.

Comes in: the tables of estimates in results/, the registry of indicators. Goes out: results/estimates.xlsx.
No template of a page is behind it, so that another look of the pages does not write it anew.
"""

from disrupting_harm.publishing.workbook.gather import build
from disrupting_harm.publishing.workbook.write import write_workbook

__all__ = ["build", "write_workbook"]
