"""Reproducible insights from the Disrupting Harm surveys."""
