"""A report on a delivered file that reveals nothing about anyone: columns, labels, codes and some shares."""

from disrupting_harm.new_country.inspection.look import Inspection, Shown, inspect
from disrupting_harm.new_country.inspection.report import report

__all__ = ["Inspection", "Shown", "inspect", "report"]
