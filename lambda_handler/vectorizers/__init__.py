"""Features of texts as scikit-learn's vectorizers make them, and linear models on them."""
