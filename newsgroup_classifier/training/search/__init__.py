"""The hyperparameter search inside one training job."""
