"""Hyperparameter tuning jobs: search spaces, strategies, limits, and their training jobs."""
