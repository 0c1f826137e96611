"""Train a scikit-learn pipeline: search, fit, measure, and save."""
