"""Presentation: sentences, labels and figures of estimates that may be shown.

In:   suppressed, rounded rows of estimates.
Out:  findings with a sentence, a figure and a table of values. Nothing is computed here that would be a result.
"""
