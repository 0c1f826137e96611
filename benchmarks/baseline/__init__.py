"""Conventional implementations of what the project does, as baselines for measurements."""
