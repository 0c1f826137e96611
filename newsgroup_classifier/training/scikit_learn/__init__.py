"""Train a scikit-learn pipeline: search, fit, evaluate, and save."""
