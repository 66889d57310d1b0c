"""Data quality of one country: who answered, what was left out, what contradicts itself, and how the sample was drawn.

The checks find exact numbers (`found`). `published` makes remarks of them that may leave, rounded and without small
numbers; `exact` makes those for the owner of the data. `examine.examine` gives the published ones as one tidy table.

In:   harmonised tables and what was found while harmonising.
Out:  results/{country}/data_quality.csv, rounded; exact numbers in data/quality/.
"""
