"""The synthetic survey: a stand-in for restricted microdata, calibrated on published aggregates.

In:   published aggregates in resources/.
Out:  data/synthetic/: files as a fieldwork company delivers them, marked as made up.
"""

from disrupting_harm.synthetic.parameters import ParameterError, Parameters, load_parameters
from disrupting_harm.synthetic.population import population

__all__ = ["ParameterError", "Parameters", "load_parameters", "population"]
