"""Checks: what has to hold between entries of different files."""
