"""The file of a new country, written from its delivered microdata; what is not clear is left for a person to decide."""

from disrupting_harm.new_country.write import NewCountryError, Wishes, Written, new_country

__all__ = ["NewCountryError", "Wishes", "Written", "new_country"]
