"""The commands: adapters that read arguments, call the library and write files or lines; `cli` puts them together.

In:   arguments of the command line.
Out:  products, and lines that never quote an answer.
"""
