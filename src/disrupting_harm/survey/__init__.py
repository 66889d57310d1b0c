"""Design-based estimates from a sample survey, on pandas frames.

    from disrupting_harm import survey

    design = survey.Design(children, weight="weight", stratum="stratum", psu="psu", name="the survey")
    survey.proportions(design, indicators, {"girls": children["sex"] == "girl", "boys": children["sex"] == "boy"})

A sub-group is a condition (a domain), never a smaller frame: dropped rows lose clusters and make standard errors too small.
A missing value leaves the base of its indicator only, and never the design. Where no honest estimate can be made,
`SurveyError`. Conventions are those of R's package survey 4.5, against which everything here is tested.
"""

from .contrasts import contrasts
from .design import LONE_PSU_POLICIES, Design
from .errors import SurveyError
from .estimates import COLUMNS, means, proportions, ratios, totals
from .intervals import PROPORTION_INTERVALS

__all__ = [
    "COLUMNS",
    "LONE_PSU_POLICIES",
    "PROPORTION_INTERVALS",
    "Design",
    "SurveyError",
    "contrasts",
    "means",
    "proportions",
    "ratios",
    "totals",
]
