"""A stand-in for TensorFlow Serving's `tensorflow_model_server`, with its flags and its REST API.

It reproduces the behavior of TensorFlow Serving 2.20 and serves SavedModels with TensorFlow's
Python package, which only `savedmodels` imports.
"""
