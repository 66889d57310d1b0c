"""Entries: what each settings file may say, one module per kind of file."""
