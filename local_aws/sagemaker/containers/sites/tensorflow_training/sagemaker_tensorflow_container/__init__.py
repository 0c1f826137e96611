"""Stands where AWS's sagemaker-tensorflow-training stands in the TensorFlow training image."""
