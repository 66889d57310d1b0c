"""Running: what Snakemake's rules need. The plan, notebooks and what executes them, the warm process, watching files.

In:   the project's settings and files.
Out:  executed notebooks; products that are kept or made again. Knows nothing of statistics.
"""
