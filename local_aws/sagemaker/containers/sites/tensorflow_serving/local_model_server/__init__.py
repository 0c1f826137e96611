"""What stands in for TensorFlow Serving's `tensorflow_model_server`: its flags, its REST API.

Written anew from the behaviour of TensorFlow Serving 2.20; it serves SavedModels with TensorFlow's
Python package, which is imported in `savedmodels` and nowhere else.
"""
