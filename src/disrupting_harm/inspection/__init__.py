"""What is in a delivered file, told without telling about anyone: columns, labels, codes and some shares."""

from disrupting_harm.inspection.look import Inspection, Shown, inspect
from disrupting_harm.inspection.report import report

__all__ = ["Inspection", "Shown", "inspect", "report"]
