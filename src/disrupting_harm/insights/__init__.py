"""Insights: what a notebook calls. One country, a comparison of countries, and published against computed.

In:   harmonised tables and decisions on suppression for one country; tables of estimates for comparisons.
Out:  findings: sentences, figures and tables with their estimates, already suppressed and rounded.
"""
