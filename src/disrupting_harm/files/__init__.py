"""Files: atomic writes, files for their owner alone, caches, and fingerprints of the code behind a product.

In:   paths and contents.
Out:  files that are whole or not there. Knows nothing of surveys.
"""
