"""Design-based estimates from a sample survey, on pandas frames.

    from disrupting_harm import survey

    design = survey.Design(children, weight="weight", stratum="stratum", psu="psu", name="the survey")
    survey.proportions(design, indicators, {"girls": children["sex"] == "girl", "boys": children["sex"] == "boy"})

A sub-group is a condition (a domain), never a smaller frame: dropped rows lose clusters and make standard errors
too small. A missing value leaves the base of its own indicator, never the design. Where no honest estimate can be
made there is a status or a `SurveyError`, not a guess. Conventions are those of R's package survey 4.5, against
which the tests hold everything here.

In:   data frames, with columns for weight, stratum and primary sampling unit.
Out:  tidy tables of estimates, one row per estimate.
"""

from .association import association
from .contrasts import contrasts
from .covariances import JointMeans, joint_means
from .crosstab import shares
from .design import SINGLETON_PSU_POLICIES, Design
from .errors import SurveyError
from .estimates import COLUMNS, means, proportions, ratios, totals
from .intervals import PROPORTION_INTERVALS
from .mentions import multiple_response
from .mixed import RandomIntercept, random_intercept
from .models import Regression, regression
from .pooling import HETEROGENEITY_METHODS, KNAPP_HARTUNG, RandomEffects, leave_one_out, pool, random_effects
from .quantiles import quantiles

__all__ = [
    "COLUMNS",
    "HETEROGENEITY_METHODS",
    "KNAPP_HARTUNG",
    "PROPORTION_INTERVALS",
    "SINGLETON_PSU_POLICIES",
    "Design",
    "JointMeans",
    "RandomEffects",
    "RandomIntercept",
    "Regression",
    "SurveyError",
    "association",
    "contrasts",
    "joint_means",
    "leave_one_out",
    "means",
    "multiple_response",
    "pool",
    "proportions",
    "quantiles",
    "random_effects",
    "random_intercept",
    "ratios",
    "regression",
    "shares",
    "totals",
]
