"""Train a Keras network: search, fit, evaluate, and save."""
