"""The formats of delivered files, by the endings of their names."""

from __future__ import annotations

FORMATS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".sav": "SPSS",
    ".zsav": "SPSS",
    ".dta": "Stata",
    ".parquet": "Parquet",
    ".xlsx": "Excel",
    ".xls": "Excel",
    ".ods": "Excel",
}
"""Ending in lower case -> format."""
