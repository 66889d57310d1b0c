"""The file of a new country, written from its delivered microdata; what is not clear is left for a person to decide.

In:   a delivered file and the codebook.
Out:  config/countries/{country}.yaml, with what a person has to decide.
"""

from disrupting_harm.new_country.write import NewCountryError, Wishes, Written, new_country

__all__ = ["NewCountryError", "Wishes", "Written", "new_country"]
