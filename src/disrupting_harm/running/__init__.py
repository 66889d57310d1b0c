"""Running: what Snakemake's rules need. The plan, notebooks and their kernel, the warm process, watching files.

In:   the project's settings and files.
Out:  executed notebooks; products that are kept or made again. Knows nothing of statistics.
"""
