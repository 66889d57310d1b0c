"""The configuration: load it, check it, and choose countries.

>>> from disrupting_harm import config
>>> project = config.load(config.find_root())
>>> countries = config.select(project, "southeast_asia")

Cheap to import: no pandas here, because the workflow imports it at every start.

In:   the files below config/.
Out:  a checked `Project`: indicators, codebook, questionnaires, countries.
"""

from disrupting_harm.config.checks.mapping import Mapped
from disrupting_harm.config.entries.analysis import Analysis
from disrupting_harm.config.entries.codebook import SPECIAL, Codebook, Variable, option_column
from disrupting_harm.config.entries.country import Country, Delivery
from disrupting_harm.config.entries.questionnaire import NOT_ASKED, Questionnaire
from disrupting_harm.config.files.problems import (
    ConfigurationError,
    Problem,
    SelectionError,
    did_you_mean,
    nearest,
    printable,
)
from disrupting_harm.config.files.root import find_root
from disrupting_harm.config.load import load, load_readable_countries
from disrupting_harm.config.project import Project
from disrupting_harm.config.select import select

__all__ = [
    "NOT_ASKED",
    "SPECIAL",
    "Analysis",
    "Codebook",
    "ConfigurationError",
    "Country",
    "Delivery",
    "Mapped",
    "Problem",
    "Project",
    "Questionnaire",
    "SelectionError",
    "Variable",
    "did_you_mean",
    "find_root",
    "load",
    "load_readable_countries",
    "nearest",
    "option_column",
    "printable",
    "select",
]
