"""Answers: the harmonised tables, read; indicators and breakdowns of their respondents.

In:   data/harmonised/{country}/*.parquet and the indicators of `config`.
Out:  respondents with a column for every indicator, what is missing and who was asked. Nothing is weighted here.
"""
