"""Builders: each returns an unfitted scikit-learn pipeline; one module a model family."""
