"""Data quality of one country: who answered, what was left out, what contradicts itself, and how the sample was drawn.

`examine.examine` gives one tidy table of remarks. Every number of respondents in it has passed `gate`, so whatever is
made from the table (a report, a page, a figure) may be shown.
"""
