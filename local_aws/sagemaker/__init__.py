"""SageMaker: training, tuning, batch transform, hosting, and the model registry."""
