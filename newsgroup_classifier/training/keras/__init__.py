"""Train a network of Keras: search, fit, measure, and save."""
