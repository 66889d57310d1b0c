"""Estimation: design-based estimates of indicators, as tidy tables with one row per estimate.

In:   respondents with their indicators (`answers`), and the methods of `survey`.
Out:  estimates, differences between groups, adjusted differences, numbers of children affected; in full precision.
"""
