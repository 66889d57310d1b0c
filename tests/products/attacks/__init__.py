"""Attacks on what is published: programs that hold a release and public knowledge, and no answer of a child.

release     what a folder of results prints, as bounds
relations   what holds between counts by the registry, as a reader of config/indicators.yaml would write it down
knowledge   what is known of each count and sum of weights, and the consequences of it
undo        attacks on rounding: they find more digits than are printed
linear_program attacks by linear programming over everything printed
statuses    attacks on statuses, words and the numbers of the audit
neighbours  attacks on two releases, and on a comparison of countries
suite       all attacks by name
judge       holds the answers: whether a claim is true, and what it narrows
planted     a made-up survey with children who are easy to find, and releases of it
"""
