"""The synthetic survey: a stand-in for restricted microdata, calibrated on published aggregates."""

from disrupting_harm.synthetic.parameters import ParameterError, Parameters, load_parameters
from disrupting_harm.synthetic.population import population

__all__ = ["ParameterError", "Parameters", "load_parameters", "population"]
