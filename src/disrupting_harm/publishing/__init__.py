"""Publishing: pages, the site, the workbook, and the last check at everything that leaves.

In:   executed notebooks, tables of results, settings and texts.
Out:  results/: HTML pages, search, provenance, the research crate. Nothing passes that is not known (`border`).
"""
