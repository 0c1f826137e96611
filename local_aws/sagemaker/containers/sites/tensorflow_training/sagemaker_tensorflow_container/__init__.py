"""A stand-in for AWS's sagemaker-tensorflow-training in the TensorFlow training image."""
