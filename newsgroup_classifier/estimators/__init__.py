"""Our own scikit-learn estimators and Keras layers."""
