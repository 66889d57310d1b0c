"""Protection: which estimates are published, how finely, and an attack on everything published.

In:   the counts behind all estimates of a country, and what is published about its data.
Out:  a decision for each estimate (shown, rounded coarsely, hidden), rounded tables, and an audit of them.
"""
