"""The formats of delivered files, by the endings of their names."""

from __future__ import annotations

FORMATS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".sav": "SPSS",
    ".zsav": "SPSS",
    ".por": "SPSS portable",
    ".dta": "Stata",
    ".sas7bdat": "SAS",
    ".xpt": "SAS",
    ".parquet": "Parquet",
    ".xlsx": "Excel",
    ".xls": "Excel",
    ".ods": "Excel",
}
"""Ending in lower case -> format."""
