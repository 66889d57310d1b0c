"""Delivered data: from the files of a fieldwork company to tables in the codebook's words.

In:   files below data/raw/ or data/synthetic/ (SPSS, Stata, CSV, Excel, Parquet) and a country's mapping.
Out:  data/harmonised/{country}/children.parquet and caregivers.parquet, for their owner alone.
"""
